#!/bin/sh
# mem-ltm review: findings of a patch and of a range of commits, in each form.
. "${0%/*}/lib.sh"
. "$tests/lib-git.sh"

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
	helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
	[ -x "$helper" ] || helper=$top/obj/helper/jsonschema
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
	mem-ltm review --format sarif "$@"
}
test_that 'SARIF: what the schema asks for' '
	sarif --facts facts <all.patch >log
	[ "$(wc -l <log)" -eq 1 ]
	jq -e ".version == \"2.1.0\" and (.\"\$schema\" | test(\"sarif-2.1.0\")) and (.runs | length) == 1" log
	jq -e ".runs[0].tool.driver | .name == \"memkit\" and (.version | type) == \"string\" and
	    (.rules | all(.id != \"\" and (.shortDescription.text | length) > 0)) and
	    ([.rules[].id] | length == (unique | length))" log
	jq -e ".runs[0] as \$r | \$r.results | length == 3 and all(
	    . as \$x | \$r.tool.driver.rules[\$x.ruleIndex].id == \$x.ruleId and
	    ([\$x.level] | inside([\"none\", \"note\", \"warning\", \"error\"])) and
	    (\$x.message.text | length) > 0 and
	    (\$x.locations | length) == 1 and
	    (\$x.partialFingerprints | to_entries | length > 0 and all(.value | type == \"string\")) and
	    (\$x.locations[0].physicalLocation | .artifactLocation.uriBaseId == \"%SRCROOT%\" and
	    .region.startLine >= 1 and .region.endLine >= .region.startLine))" log
	# objects have only what the schema knows
	jq -e "([.runs[] | keys[]] - [\"tool\", \"columnKind\", \"results\"]) == [] and
	    ([.runs[].results[] | keys[]] | unique) - [\"ruleId\", \"ruleIndex\", \"level\", \"message\", \"locations\", \"partialFingerprints\", \"properties\"] == []" log
'
test_that 'SARIF: no findings are an empty list, not none' '
	sarif </dev/null | jq -e ".runs[0].results == []"
'
test_that 'SARIF: fingerprints stay when lines move, and tell findings apart' '
	sarif --facts facts <all.patch | jq -r ".runs[0].results[].partialFingerprints[]" >one
	sed "s/^@@ .*/@@ -90 +99 @@/" all.patch | sarif --facts facts | jq -r ".runs[0].results[].partialFingerprints[]" >two
	cmp one two
	[ "$(sort -u one | wc -l)" -eq 3 ]
'
test_that 'SARIF: a URI is relative and escaped' '
	p="a b/c:d%?#[$(printf "\303\244")].c"
	fact u 0.9 "file:$p" >odd
	cat >p <<-"EOT"
	diff --git "a/a b/c:d%?#[\303\244].c" "b/a b/c:d%?#[\303\244].c"
	old mode 100644
	new mode 100755
	EOT
	sarif --facts odd <p | jq -r ".runs[0].results[].locations[0].physicalLocation.artifactLocation.uri" >got
	echo "a%20b/c%3Ad%25%3F%23%5B%C3%A4%5D.c" | diff - got
	sarif --facts odd <p | jq -e ".runs[0].results[0].locations[0].physicalLocation | has(\"region\") | not"
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
	rm review.sarif out
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
'
test_done
