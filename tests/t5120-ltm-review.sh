#!/bin/sh
# mem-ltm review: findings of a patch and of a range of commits, in each form.
. "${0%/*}/lib.sh"
. "$tests/lib-git.sh"
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema

# fact ID CONFIDENCE TAG [CONTENT]
fact() {
	printf '{"type":"fact","fact_id":"%s","content":"%s","confidence":%s,"tags":["bug_pattern","%s"],"scope":"tenant","metadata":{"source_bug_ids":["BUG-%s"]}}\n' \
	    "$1" "${4-about $1}" "$2" "$3" "$1"
}
# change PATH [LINE]: a patch of one file
change() {
	printf 'diff --git a/%s b/%s\n--- a/%s\n+++ b/%s\n@@ -%s +%s @@\n-old\n+new\n' \
	    "$1" "$1" "$1" "$1" "${2-7}" "${2-7}"
}
{
	fact f1 0.95 file:src/a.c
	fact f2 0.8 file:src/b.c
	fact f3 0.65 file:src/c.c
	fact f4 0.9 file:elsewhere.c
} >facts
{ change src/a.c; change src/b.c; change src/c.c; change src/d.c; } >all.patch

# A repository where a.c and a.h are fixed together, every week.
repository app
n=0
for month in 06 07 08 09 10 11; do
	for day in 01 08 15; do
		n=$((n + 1))
		echo $n >>app/a.c
		echo $n >>app/a.h
		commit app $month-$day "Fix $n"
	done
done
echo 1 >app/calm.c
commit app 11-16 'Add a file'
git -C app tag base
echo x >>app/a.c
echo 2 >>app/calm.c
commit app 11-17 'Change'

test_that 'facts of the files that a patch changes, the worst first' '
	mem-ltm review --facts facts <all.patch >out
	jq -r "[.level, .file, .line, .end_line, .confidence, .facts[0], .sources[0]] | @tsv" out >got
	{
		printf "error\tsrc/a.c\t7\t7\t0.95\tf1\tBUG-f1\n"
		printf "warning\tsrc/b.c\t7\t7\t0.8\tf2\tBUG-f2\n"
		printf "note\tsrc/c.c\t7\t7\t0.65\tf3\tBUG-f3\n"
	} | diff - got
	"$helper" "$top/share/schema" out
'
test_that 'levels and the least confidence are set by options' '
	mem-ltm review --facts facts --error-at 0.8 --warning-at 0.6 - <all.patch | jl level >got
	printf "error\nerror\nwarning\n" | diff - got
	mem-ltm review --facts facts --min-confidence 0.8 <all.patch | jl level >got
	printf "error\nwarning\n" | diff - got
	for c in x 1.1 -0.1 nan ""; do
		exits 64 mem-ltm review --error-at "$c" </dev/null 2>err
		grep "from 0 to 1" err
	done
'
test_that '--fail-on: 1 when there is one of that level or worse' '
	exits 1 mem-ltm review --facts facts --fail-on error <all.patch >out
	[ "$(wc -l <out)" -eq 3 ]
	exits 1 mem-ltm review --facts facts --fail-on note <all.patch
	change src/b.c | exits 0 mem-ltm review --facts facts --fail-on error
	change src/b.c | exits 1 mem-ltm review --facts facts --fail-on warning
	exits 0 mem-ltm review --facts facts --fail-on none <all.patch
	change none.c | exits 0 mem-ltm review --facts facts --fail-on note >out
	[ ! -s out ]
'
test_that '--max-results: the worst ones; the status is of all' '
	mem-ltm review --facts facts --max-results 1 <all.patch >out 2>err
	jl level <out | grep -x error
	grep "3 findings, the worst 1" err
	exits 1 mem-ltm review --facts facts --max-results 1 --fail-on note <all.patch
	mem-ltm review --facts facts --max-results 0 <all.patch | wc -l | grep -x 3
'
test_that 'text' '
	mem-ltm review --facts facts --text <all.patch >out
	sed -n 2p out | grep -x "src/b.c:7: warning: about f2 \[0.80 f2\]"
'
test_that 'text steers no terminal' '
	fact x 0.9 "file:x" "\\u001b[31mred\\u202e" >hostile
	change x | mem-ltm review --facts hostile --text >out
	LC_ALL=C grep -c "$(printf "\033")" out >n || :
	[ "$(cat n)" -eq 0 ]
'

sarif() {
	mem-ltm review --format sarif --max-results 0 "$@"
}
# valid FILE: a SARIF log, as the published schema has it
valid() {
	"$helper" -s "$tests/data/sarif/sarif-2.1.0.json" "$1"
}
# uris: of a log, as they are; and of findings, escaped by jq
uris() {
	jq -r '.runs[0].results[].locations[0].physicalLocation.artifactLocation.uri'
}
escaped() {
	# some of jq leave what RFC 3986 had not reserved before 2005
	jq -r '.file | split("/") | map(@uri) | join("/")' |
	    sed "s/!/%21/g; s/(/%28/g; s/)/%29/g; s/[*]/%2A/g; s/'/%27/g"
}
test_that 'SARIF: one document that the published schema allows' '
	sarif --facts facts <all.patch >log
	[ "$(wc -l <log)" -eq 1 ]
	valid log
	jq -e ".runs[0] as \$r | \$r.results | length == 3 and all(
	    . as \$x | \$r.tool.driver.rules[\$x.ruleIndex].id == \$x.ruleId and
	    (\$x.message.text | length) > 0 and
	    \$x.locations[0].physicalLocation.artifactLocation.uriBaseId == \"%SRCROOT%\")" log
	jq -e "[.runs[0].tool.driver.rules[] | .id] | length == (unique | length)" log
'
test_that 'SARIF: what the schema does not allow is found' '
	while read -r break; do
		jq -c "$break" log >broken
		cmp -s log broken && exit 1
		echo "$break"
		exits 1 valid broken >why
		[ -s why ]
	done <<-"EOT"
	del(.version)
	.version = "2.0.0"
	.odd = 1
	.runs[0].odd = 1
	del(.runs[0].tool)
	.runs[0].tool.driver.name = 7
	.runs[0].columnKind = "bytes"
	.runs[0].results[0].level = "bad"
	.runs[0].results[0].ruleIndex = -2
	.runs[0].results[0].ruleIndex = 1.5
	.runs[0].results[0].message = {}
	.runs[0].results[0].message = "text"
	.runs[0].results[0].locations[0] = .runs[0].results[1].locations
	.runs[0].results[0].guid = "1"
	.runs[0].results[0].partialFingerprints.a = 1
	.runs[0].results[0].locations[0].physicalLocation.region.startLine = 0
	.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri = "a b.c"
	.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri = "::d"
	.runs[0].results[0].locations[0].physicalLocation.artifactLocation.uri = "%zz"
	.runs[0].tool.driver.rules += [.runs[0].tool.driver.rules[0]]
	.runs[0].invocations = [{"executionSuccessful": true, "startTimeUtc": "noon"}]
	EOT
	echo "{\"properties\":{\"a\":{\"contains\":1}}}" >odd
	exits 2 "$helper" -s odd log
'
test_that 'SARIF: no findings are an empty list, not none' '
	sarif </dev/null >log
	valid log
	jq -e ".runs[0].results == []" log
'
test_that 'SARIF: many findings, and those that people judged' '
	: >many
	: >p
	n=0
	while [ $n -lt 300 ]; do
		fact "f$n" "0.$((60 + n % 40))" "file:src/f$n.c" >>many
		change "src/f$n.c" $((n + 1)) >>p
		n=$((n + 1))
	done
	echo "{\"type\":\"fact\",\"tags\":[\"verdict\"],\"key\":\"f39\",\"metadata\":{\"verdict\":\"false_positive\",\"said\":[{\"by\":\"u\",\"at\":1}]}}" >>many
	sarif --facts many <p >log
	valid log
	jq -e ".runs[0].results | length == 300 and (map(select(.properties.steps)) | length == 1)" log
'
test_that 'SARIF: fingerprints stay when lines move, and tell findings apart' '
	prints() {
		jq -r ".runs[0].results[].partialFingerprints[]"
	}
	sarif --facts facts <all.patch | prints >one
	sed "s/^@@ .*/@@ -90 +99 @@/" all.patch | sarif --facts facts | prints >two
	cmp one two
	[ "$(sort -u one | wc -l)" -eq 3 ]
	# the same change before and after lines came above it
	cp -R app lines
	fact f5 0.9 file:a.c >with
	sarif --facts with --repo lines HEAD~1 >log
	seq 200 | cat - lines/a.c >a && cp a lines/a.c
	commit lines 11-17 "Lines above"
	echo y >>lines/a.c
	commit lines 11-17 "Change"
	sarif --facts with --repo lines HEAD~1 >after
	line=".runs[0].results[0].locations[0].physicalLocation.region.startLine"
	[ "$(jq "$line" after)" -eq $(($(jq "$line" log) + 201)) ]
	prints <log | sort >one
	prints <after | sort | diff one -
'
test_that 'SARIF: a URI is relative and escaped' '
	p="a b/c:d%?#[$(printf "\303\244")].c"
	fact u 0.9 "file:$p" >odd
	cat >p <<-"EOT"
	diff --git "a/a b/c:d%?#[\303\244].c" "b/a b/c:d%?#[\303\244].c"
	old mode 100644
	new mode 100755
	EOT
	sarif --facts odd <p >log
	valid log
	uris <log >got
	echo "a%20b/c%3Ad%25%3F%23%5B%C3%A4%5D.c" | diff - got
	# a file as a whole has no region
	jq -e ".runs[0].results[0].locations[0].physicalLocation | has(\"region\") | not" log
'
test_that 'hostile names of files, in each form' '
	mkdir -p "names/sp ace/$(printf "c\001\033[31mo\tn\ntrol")" names/scheme:
	for f in "sp ace/100%.c" "sp ace/%41.c" "sp ace/$(printf "c\001\033[31mo\tn\ntrol")/x.c" \
	    "$(printf "\345\220\215\345\211\215.c")" "$(printf "e\314\201\342\200\256.c")" \
	    "$(printf "bad\377utf8.c")" "scheme:/x.c" "a,b:c;d=e.c" "quote\"back\\slash.c" \
	    "#?[]@!\$&()*+.c" "-rf" "~" "::error::x.c" "%0Ax.c"; do
		echo old >"names/$f"
	done
	repository names
	git -C names add -A
	commit names 11-01 "Add"
	for f in names/* names/sp*/* names/sp*/*/* names/scheme:/*; do
		[ ! -f "$f" ] || echo new >>"$f"
	done
	commit names 11-02 "Change"
	git -C names diff HEAD~1 >p
	# a byte that is not UTF-8 is told as %FF
	git -C names diff --name-only -z HEAD~1 | LC_ALL=C sed "s/bad\o377/bad%FF/" |
	    jq -cRs "split(\"\u0000\")[] | select(length > 0) |
		{type: \"fact\", fact_id: \"f\", content: \"c\", confidence: 0.9, tags: [\"file:\" + .]}" >known
	mem-ltm review --facts known --max-results 0 <p >out
	[ "$(wc -l <out)" -eq 14 ]
	"$helper" "$top/share/schema" out
	sarif --facts known <p >log
	valid log
	uris <log >got
	escaped <out | diff - got
	[ "$(LC_ALL=C grep -c "[^-A-Za-z0-9._~/%]" got)" -eq 0 ]
	mem-ltm review --repo names --facts known --max-results 0 HEAD~1 | jl file | sort >range
	jl file <out | sort | diff - range
	mem-ltm review --facts known --text <p >text
	[ "$(LC_ALL=C grep -c "[$(printf "\001\033")]" text)" -eq 0 ]
	mem-ltm review --facts known --format github --max-results 0 <p 2>err >gh
	[ "$(grep -c "^::error file=[^:,]*,line=2,endLine=2,title=memkit file-history::c\$" gh)" -eq 10 ]
	[ "$(wc -l <gh)" -eq 10 ]
'
test_that 'SARIF: a partner that is missing, and a file without lines' '
	printf "%s\n" "{\"type\":\"fact\",\"fact_id\":\"p\",\"content\":\"x\",\"confidence\":0.8,\"tags\":[\"file:a.c\",\"file:b b.c\"]}" >with
	printf "diff --git a/a.c b/a.c\nold mode 100644\nnew mode 100755\n" >p
	sarif --facts with <p >log
	valid log
	jq -e ".runs[0].results | length == 1 and .[0].ruleId == \"missing-partner\" and
	    (.[0].locations[0].physicalLocation | has(\"region\") | not)" log
	git -C app diff base HEAD | sarif --repo app >log
	valid log
	jq -e "[.runs[0].results[].ruleId] == [\"file-history\", \"missing-partner\"]" log
'
test_that 'renames, copies, binaries, deletions, modes: a diff of git' '
	repository kinds
	for f in moved edited gone mode copied; do
		seq 50 | sed "s/^/$f /" >kinds/$f.c
	done
	printf "\000\001binary" >kinds/bin.c
	commit kinds 11-01 "Add"
	git -C kinds mv moved.c to.c
	git -C kinds mv edited.c "with edit.c"
	echo more >>"kinds/with edit.c"
	git -C kinds rm -q gone.c
	chmod +x kinds/mode.c
	printf "\000\002binary" >kinds/bin.c
	{ cat kinds/copied.c; echo x; } >kinds/copy.c
	echo y >>kinds/copied.c
	commit kinds 11-02 "Change"
	for f in moved edited gone mode bin copied; do
		fact "$f" 0.9 "file:$f.c"
	done >known
	git -C kinds diff -M -C --find-copies-harder HEAD~1 >p
	mem-ltm review --facts known <p | jq -r "[.file, .facts[0], .line // \"-\"] | @tsv" | sort >got
	{
		printf "bin.c\tbin\t-\ncopied.c\tcopied\t51\ncopy.c\tcopied\t51\n"
		printf "mode.c\tmode\t-\nto.c\tmoved\t-\nwith edit.c\tedited\t51\n"
	} | diff - got
	sarif --facts known <p >log
	valid log
	mem-ltm review --facts known --repo kinds HEAD~1 | jq -r "[.file, .facts[0]] | @tsv" | sort -u >range
	[ "$(grep -c gone range)" -eq 0 ]
	for f in bin.c mode.c to.c "with edit.c"; do
		grep "^$f	" range
	done
'
test_that 'annotations of GitHub: escaped, ten of each level' '
	fact g 0.9 "file:a,b:c%.c" "100% of\\n::error::lies" >odd
	change "a,b:c%.c" | mem-ltm review --facts odd --format github >out
	echo "::error file=a%2Cb%3Ac%25.c,line=7,endLine=7,title=memkit file-history::100%25 of%0A::error::lies" | diff - out
	: >many
	: >p
	for n in 01 02 03 04 05 06 07 08 09 10 11 12; do
		fact "w$n" 0.8 "file:w$n.c" >>many
		fact "n$n" 0.7 "file:n$n.c" >>many
		change "w$n.c" >>p
		change "n$n.c" >>p
	done
	mem-ltm review --facts many --format github <p >out 2>err
	[ "$(grep -c "^::warning " out)" -eq 10 ]
	[ "$(grep -c "^::notice " out)" -eq 10 ]
	[ "$(wc -l <out)" -eq 20 ]
	grep "4 more" err
	mem-ltm review --format github </dev/null >out
	[ ! -s out ]
	# what its runner unescapes comes out as it was
	printf "%s\n" "{\"type\":\"fact\",\"fact_id\":\"r\",\"content\":\"a\\r\\nb%0A\",\"confidence\":0.9,\"tags\":[\"file:r\\rn\\n.c\"]}" >odd
	printf "%s\n" "diff --git \"a/r\\rn\\n.c\" \"b/r\\rn\\n.c\"" "old mode 100644" "new mode 100755" |
	    mem-ltm review --facts odd --format github >out
	echo "::error file=r%0Dn%0A.c,title=memkit file-history::a%0D%0Ab%250A" | diff - out
'

test_that '--repo: the history of each file, and the partner that is missing' '
	git -C app diff base HEAD | mem-ltm review --repo app >out
	jq -r "[.rule, .file, .line] | @tsv" out >got
	printf "file-history\ta.c\t19\nmissing-partner\ta.c\t19\n" | diff - got
	grep "missing-partner" out | grep "usually fixed together with a.h (18 times), which is not in this change"
	grep "\"file-history\"" out | grep "changes since 2026-06, 18 of them fixes, the last on 2026-11-15"
'
test_that 'a range of commits: only what was before it counts' '
	mem-ltm review --repo app base..HEAD >got
	grep "18 changes since" got
	grep "19 changes since" out
	mem-ltm review --repo app base | diff - got
	cd app
	mem-ltm review base...HEAD | diff - ../got
	mem-ltm review --repo . base~3..base | jq -r .file | sort -u >files
	printf "a.c\na.h\n" | diff - files
'
test_that 'a rename in the change keeps its history' '
	cp -R app moved
	git -C moved mv a.c z.c
	git -C moved commit -q -m "Move"
	mem-ltm review --repo moved HEAD~1 | jq -r "select(.rule == \"file-history\").file" | grep -x z.c
'
test_that 'what there is not' '
	exits 2 mem-ltm review --repo app nowhere..HEAD 2>err
	cat err
	grep "nowhere" err
	exits 2 mem-ltm review --repo none </dev/null 2>err
	exits 2 mem-ltm review --facts none </dev/null 2>err
	grep "cannot open .none" err
	exits 64 mem-ltm review --repo app a b 2>err
	echo "no JSON" >bad
	exits 2 mem-ltm review --facts bad </dev/null 2>err
	grep "bad.: line 1" err
'
test_that 'shallow, bare, empty repositories' '
	git clone -q --depth 3 "file://$PWD/app" shallow
	mem-ltm review --repo shallow HEAD~1..HEAD >got
	git clone -q --bare app bare.git
	mem-ltm review --repo bare.git base..HEAD | cmp - out || mem-ltm review --repo bare.git base..HEAD | jq -e .rule
	repository empty
	mem-ltm review --repo empty <all.patch >got
	[ ! -s got ]
'
test_that 'the job for CI in share/examples' '
	cd app
	exits 1 "$top/share/examples/ci-review.sh" base error >out
	grep "^a.c:19: error: " out
	jq -e ".runs[0].results | length == 2" review.sarif
	GITHUB_ACTIONS=true exits 0 "$top/share/examples/ci-review.sh" base none >out
	grep "^::error file=a.c,line=19," out
	{
		fact m 0.9 file:calm.c
		echo "{\"type\":\"fact\",\"tags\":[\"verdict\"],\"key\":\"m\",\"metadata\":{\"verdict\":\"false_positive\",\"file\":\"calm.c\",\"said\":[{\"by\":\"u\",\"at\":1}]}}"
	} >known
	exits 0 "$top/share/examples/ci-review.sh" base none known >out
	grep "^calm.c:2: note: about m.* \[0.65 = 0.90 -0.25 m\]" out
	valid review.sarif
	rm review.sarif out known
'
test_that 'a patch that is none, or is torn' '
	echo "hello" | mem-ltm review >got
	[ ! -s got ]
	head -n 5 all.patch | exits 2 mem-ltm review --facts facts 2>err
	cat err
	grep "line [0-9]* of the patch" err
	printf -- "--- a/../../etc/passwd\n+++ b/../../etc/passwd\n@@ -1 +1 @@\n-a\n+b\n" | mem-ltm review --facts facts 2>err
	grep "1 files of the patch have paths that no repository has" err
'
test_that '100 MB in constant memory' '
	awk "BEGIN {
		print \"diff --git a/big.c b/big.c\n--- a/big.c\n+++ b/big.c\n@@ -0,0 +1,1000000 @@\"
		for (i = 0; i < 1000000; i++)
			printf \"+int function_%d_of_this_file(const char *argument, int other%d) { return %d; } /* and more of it */\n\", i, i * 7, i
	}" >big
	[ "$(wc -c <big)" -ge 100000000 ]
	cat facts >with
	fact big 0.9 file:big.c >>with
	limit=
	[ "${MEM_SANITIZE-no}" = yes ] || limit="ulimit -v 65536;"
	sh -c "$limit mem-ltm review --facts with <big" >got
	jl end_line <got | grep -x 1000000
	# and in one line
	{
		printf "diff --git a/big.c b/big.c\n--- a/big.c\n+++ b/big.c\n@@ -0,0 +1 @@\n+"
		head -c 100000000 /dev/zero | tr "\0" x
		echo
	} | sh -c "$limit mem-ltm review --facts with" | jl line | grep -x 1
'
test_done
