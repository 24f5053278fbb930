#!/bin/sh
# mem-ltm mark: what reviewers say of findings, and what reviews make of it.
. "${0%/*}/lib.sh"
. "$tests/lib-ltm.sh"
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema
export MEM_USER=maren

# change PATH [LINE]: a patch of one file, with this line added
change() {
	printf 'diff --git a/%s b/%s\n--- a/%s\n+++ b/%s\n@@ -7 +7 @@\n-old\n+%s\n' \
	    "$1" "$1" "$1" "$1" "${2-new}"
}
# told: rule, level, confidence of what is said of standard input
told() {
	mem-ltm review --json "$@" >out 2>err || return
	jq -r '[.rule, .level, .confidence] | @tsv' out | tr '\t' ' '
}
# store: five bugs of a file, its module, and one that is near a line
store() {
	fresh_store
	{
		bugs 4 1 critical sync sync/a.c null_check
		bug N-1 minor sync sync/a.c - |
		    sed 's/"title":"t"/"title":"heartbeat timeout lost"/'
	} | mem-ingest -q
	mem-ltm run -q bug-import
	file=$(id_of file_hotspot sync/a.c) module=$(id_of module_hotspot sync)
}

test_that 'a finding that is wrong falls, and shows why' '
	store
	change sync/a.c >p
	told <p | grep -x "file-history error 0.9"
	mem-ltm mark --file sync/a.c --reason "it is generated" "$file" false_positive >said
	"$helper" "$top/share/schema" said
	jq -e ".verdict == \"false_positive\" and .fact_id == \"$file\" and .file == \"sync/a.c\" and .by == \"maren\" and .reason == \"it is generated\" and .holds" said
	told <p | grep -x "file-history note 0.65"
	"$helper" "$top/share/schema" out
	grep file-history out | jq -e ".steps == [{why: \"found\", add: 0.9},
	    {why: \"verdict: false_positive, maren, in sync/a.c: it is generated\", add: -0.25}]"
	grep module-history out >one
	jq -e "has(\"steps\") | not" one
	mem-ltm review --text <p | grep "\[0.65 = 0.90 -0.25 $file\]"
	mem-ltm review --format sarif <p | jq -e "[.runs[0].results[].properties.steps // empty | length] == [2]"
'
test_that 'the same word twice is one; another person makes it none' '
	store
	change sync/a.c >p
	mem-ltm mark "$file" false_positive
	mem-ltm mark "$file" false_positive
	mem-ltm list --tag verdict >facts
	[ "$(wc -l <facts)" -eq 1 ]
	[ "$(jl version <facts)" = 1 ]
	told <p | grep -x "file-history note 0.65"
	MEM_USER=jonas mem-ltm mark "$file" false_positive
	told <p >got
	[ "$(grep -c file-history got)" -eq 0 ]
	mem-ltm review --min-confidence 0.1 <p | grep file-history | jq -e ".confidence == 0.4 and (.steps | length) == 3"
	# who is no finding fails no gate
	mem-ltm review --fail-on error <p
	mem-ltm mark --undo "$file" false_positive | jq -e ".holds == false"
	told <p | grep -x "file-history note 0.65"
	grep -c "verdict: false_positive, jonas" out
	MEM_USER=jonas mem-ltm mark --undo "$file" false_positive
	MEM_USER=priya mem-ltm mark --undo "$file" false_positive
	told <p | grep -x "file-history error 0.9"
	exits 1 mem-ltm list --tag verdict
	mem-ltm list --gone --tag verdict | jq -e ".version == 4 and .gone"
'
test_that 'a file is one file; its new name in the change is the same' '
	store
	mem-ltm mark --file src/b.c "$file" false_positive
	change sync/a.c | told | grep -x "file-history error 0.9"
	mem-ltm mark --file sync/a.c "$file" false_positive
	printf "diff --git a/sync/a.c b/z.c\nsimilarity index 100%%\nrename from sync/a.c\nrename to z.c\n" | told | grep -x "file-history note 0.65"
'
test_that 'a folder: told of another file of it' '
	store
	mem-ltm mark --file sync/x.c "$module" false_positive
	change sync/x.c >p
	told <p >got
	[ ! -s got ]
	told --min-confidence 0.5 <p | grep -x "module-history note 0.55"
	change sync/y.c >>p
	told <p | grep -x "module-history warning 0.8"
	jl file <out | grep -x sync/y.c
'
test_that 'what was missed is raised, and found where nothing else tells it' '
	store
	change lib/z.c >z
	told <z >got
	[ ! -s got ]
	mem-ltm mark --file lib/z.c N-1 missed_issue >said
	"$helper" "$top/share/schema" said
	jq -e ".kb == \"bugs\" and .record_id == \"N-1\" and (has(\"fact_id\") | not)" said
	told <z | grep -x "similar-bug warning 0.75"
	jq -e ".records == [\"bugs/N-1\"] and (.steps | map(.add)) == [0.6, 0.15]" out
	mem-ltm mark --file lib/z.c "$module" missed_issue
	told <z | grep -x "bug-pattern error 0.95"
	# everywhere: raises what is told, and finds nothing by itself
	change sync/a.c >p
	mem-ltm mark "$file" missed_issue
	told <p | grep -x "file-history error 0.95"
	change other.c | told >got
	[ ! -s got ]
	mem-ltm reject N-1
	told <z >got
	[ "$(grep -c similar-bug got)" -eq 0 ]
	mem-ltm expire "$module"
	told <z >got
	[ ! -s got ]
'
test_that 'who says the opposite has changed his mind' '
	store
	change sync/a.c >p
	mem-ltm mark --file sync/a.c "$file" missed_issue
	mem-ltm mark --file sync/a.c "$file" false_positive
	told <p | grep -x "file-history note 0.65"
	[ "$(mem-ltm list --tag verdict | wc -l)" -eq 1 ]
'
test_that 'the findings of a review, from its output' '
	store
	change sync/a.c "heartbeat timeout lost" >p
	told <p >got
	[ "$(wc -l <got)" -eq 3 ]
	mem-ltm review --json <p | mem-ltm mark --reason "all of it" - false_positive >said
	jq -r "[.fact_id // .record_id, .file] | @tsv" said | sort >got
	printf "%s\tsync/a.c\n" "$file" "$module" N-1 | sort | diff - got
	told <p >got
	echo "file-history note 0.65" | diff - got
	mem-ltm review --json <p | mem-ltm mark --undo - false_positive
	told <p | grep -x "file-history error 0.9"
	# facts, records, bare ids; what has neither is left out
	{ mem-ltm list --tag module:; echo bugs/N-1; echo "{\"type\":\"event\"}"
	    echo "{\"type\":\"finding\",\"file\":\"h.c\",\"facts\":[],\"sources\":[]}"
	} | mem-ltm mark --file q.c - false_positive >said 2>err
	jl file <said | sort | uniq -c | grep -x " *2 q.c"
	grep "2 lines name no fact or record" err
'
test_that 'a fact in more than one finding; history is lowered with it' '
	store
	change sync/a.c >p
	before=$(mem-ltm list --tag file: | jl confidence)
	mem-ltm mark "$file" false_positive
	[ "$(mem-ltm list --tag file: | jl confidence)" = "$before" ]
'
test_that 'runs make what they made' '
	store
	facts >before
	mem-ltm mark "$file" "$module" N-1 B-1 false_positive >said
	[ "$(wc -l <said)" -eq 4 ]
	mem-ltm run bug-import >out
	jq -e "select(.type == \"ltm_run\") | .rows == 0 and .updated == 0" out
	mem-ltm run -q --rebuild bug-import
	facts | diff before -
'
test_that 'explain, history, the audit log' '
	store
	mem-ltm mark --file sync/a.c --reason why "$file" false_positive
	MEM_USER=jonas mem-ltm mark "$file" missed_issue
	mem-ltm explain "$file" >out
	"$helper" "$top/share/schema" out
	jq -e "([.steps[].add] | add) as \$sum | .confidence - \$sum < 0.001 and
	    (.verdicts | map([.verdict, .by, .file, .reason, .add])) ==
	    [[\"false_positive\", \"maren\", \"sync/a.c\", \"why\", -0.25], [\"missed_issue\", \"jonas\", null, null, 0.15]]" out
	mem-ltm explain --text "$file" | grep -- "-0.2500 in reviews: false_positive, maren, in sync/a.c"
	mem-admin audit --json | tail -n 2 | jq -r "[.who, .action, .object, .detail // \"all\"] | @tsv" >got
	printf "maren\tfalse_positive\t%s\tsync/a.c\njonas\tmissed_issue\t%s\tall\n" "$file" "$file" | diff - got
	mem-ltm mark --file sync/a.c --undo "$file" false_positive
	verdict=$(mem-ltm list --gone --tag verdict --tag false_positive | jl fact_id)
	mem-ltm history "$verdict" | jl version | grep -c . | grep -x 2
	mem-admin check
'
test_that 'expire takes the word of all back' '
	store
	mem-ltm mark "$file" false_positive
	MEM_USER=jonas mem-ltm mark "$file" false_positive
	mem-ltm expire "$(mem-ltm list --tag verdict | jl fact_id)"
	change sync/a.c | told | grep -x "file-history error 0.9"
'
test_that 'forgetting a record takes the verdicts on it' '
	store
	mem-ltm mark --file src/z.c --reason "a secret word" N-1 missed_issue
	echo "{\"type\":\"tombstone\",\"target\":\"record\",\"id\":\"bugs/N-1\"}" | mem-ingest -q
	exits 1 mem-ltm list --gone --tag verdict
	change src/z.c | told >got
	[ ! -s got ]
	mem-admin check
'
test_that 'facts and verdicts of a file' '
	store
	mem-ltm mark "$file" false_positive
	{ mem-ltm list; mem-ltm list --tag verdict; } >book
	change sync/a.c | mem-ltm review --facts book | grep file-history | jq -e ".confidence == 0.65"
'
test_that 'what is wrong' '
	store
	exits 64 mem-ltm mark 2>err
	exits 64 mem-ltm mark "$file" 2>err
	grep "false_positive or missed_issue" err
	exits 64 mem-ltm mark "$file" wrong 2>err
	for f in /etc/passwd ../x a/../b ""; do
		exits 64 mem-ltm mark --file "$f" "$file" false_positive 2>err
		grep "from the top of the repository" err
	done
	exits 64 mem-ltm mark --reason "$(printf "\377")" "$file" false_positive 2>err
	exits 64 mem-ltm mark --reason "$(printf "%01001d" 0)" "$file" false_positive
	exits 1 mem-ltm mark NO-1 false_positive 2>err
	grep "no fact or record .NO-1." err
	exits 1 mem-ltm mark fact:0123456789abcdef false_positive
	exits 3 mem-ltm mark NO-1 B-1 false_positive
	bug B-1 minor x y - | sed "s/\"kb\":\"bugs\"/\"kb\":\"more\"/" | mem-ingest -q
	exits 64 mem-ltm mark B-1 false_positive 2>err
	grep "name one with --kb" err
	mem-ltm mark --kb more B-1 false_positive | jl kb | grep -x more
	mem-ltm mark more/B-1 false_positive | jl kb | grep -x more
	exits 2 mem-ltm --store none mark "$file" false_positive 2>err
'
test_that 'a verdict that nobody finds is damage, and mended as memkit-store(5) tells' '
	store
	db=$MEM_STORE/tenants/default/memory.db
	mem-ltm mark --file sync/a.c "$file" false_positive
	mem-ltm reject B-1
	change sync/a.c >p
	told <p | grep -x "file-history note 0.65"
	sqlite3 "$db" "SELECT * FROM verdict ORDER BY about" >rows
	[ "$(wc -l <rows)" -eq 2 ]
	sqlite3 "$db" "DELETE FROM verdict; INSERT INTO verdict VALUES (1, 2, 3)"
	exits 1 mem-admin check >out
	grep "a verdict that is not found" out
	grep "there is no such fact" out
	sqlite3 "$db" "DELETE FROM verdict;
	    $(sed -n "/INSERT INTO verdict/,/;/p" "$top/share/man/man5/memkit-store.5")"
	mem-admin check
	sqlite3 "$db" "SELECT * FROM verdict ORDER BY about" | diff rows -
	told <p | grep -x "file-history note 0.65"
'
# A review asks for those on what it found and in its files, an index probe
# each: ten thousand others cost it nothing.
test_that 'many verdicts on other things are not read' '
	store
	change sync/a.c >p
	mem-ltm mark "$file" false_positive
	sqlite3 "$MEM_STORE/tenants/default/memory.db" "
	    INSERT INTO fact (id, version, scope, job, valid_from, confidence, body)
	    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 10000)
	    SELECT i, 1, 2, -1, 1, 1, char(123) || \"no JSON\" FROM n;
	    INSERT INTO verdict SELECT \"fact:\" || id, \"other.c\", id FROM fact WHERE id <= 10000"
	told <p | grep -x "file-history note 0.65"
	change other.c >q
	exits 2 mem-ltm review <q
'
test_done
