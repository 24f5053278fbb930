#!/bin/sh
# Processors that are only files: review comments, incidents, changes of
# requirements, one of a user's own; and what a file may not say.
. "${0%/*}/lib.sh"
. "$tests/lib-ltm.sh"

# row TYPE ID FIELDS: FIELDS as JSON without braces
row() {
	printf '{"type":"record","kb":"rows","record_id":"%s","record_type":"%s","title":"t","timestamp":"2026-10-01T00:00:00Z","fields":{%s}}\n' \
	    "$2" "$1" "$3"
}

test_that 'review comments' '
	for i in 1 2 3 4 5; do
		a=$(echo ann bob cid ann ann | cut -d" " -f$i)
		row review_comment "C-$i" "\"topic\":\"error_handling\",\"author\":\"$a\",\"file\":\"io.c\",\"severity\":\"major\",\"text\":\"please check the return value\""
	done | mem-ingest -q >/dev/null
	row review_comment C-6 "\"topic\":\"naming\",\"author\":\"ann\",\"file\":\"io.c\",\"status\":\"dismissed\"" | mem-ingest -q >/dev/null
	mem-ltm run -q review-comments
	[ "$(sure file_comments io.c)" = 0.6 ]
	[ "$(sure topic error_handling)" = 0.6 ]
	[ "$(sure author_topic ann+error_handling)" = none ]
	[ "$(sure wording check+pleas+return+valu)" = 0.7 ]
	fact_of wording check+pleas+return+valu | grep -F "5 comments say the same: check, please, return, value, in io.c (5)."
	fact_of file_comments io.c | grep -F "\"comment_count\":5"
	fact_of file_comments io.c | grep -F "\"source_comment_ids\":[\"C-1\""
	mem-ltm run bug-import >out
	exits 1 grep fact_change out
'
test_that 'incidents, the recent ones first' '
	{ row incident I-1 "\"service\":\"auth\",\"cause\":\"dns\",\"severity\":\"sev1\",\"affected_services\":[\"auth\",\"web\"]"
	  row incident I-2 "\"service\":\"auth\",\"cause\":\"dns\",\"severity\":\"sev3\",\"affected_services\":[\"web\",\"auth\"]"
	  row incident I-3 "\"service\":\"mail\",\"cause\":\"dns\",\"severity\":\"sev4\",\"affected_services\":[\"mail\"]"
	  row incident I-4 "\"service\":\"mail\",\"cause\":\"disk\",\"status\":\"false_alarm\""; } | mem-ingest -q >/dev/null
	mem-ltm run -q incidents
	# 2 rows of the same day: .5 + .15 log2(3) + .1 (2/3 - .5)
	MEM_NOW=2026-10-01T00:00:00Z mem-ltm explain "$(id_of service auth)" >out
	[ "$(jl confidence <out)" = 0.7544 ]
	[ "$(sure cause dns)" = 0.7 ]
	[ "$(sure together auth+web)" = 0.55 ]
	fact_of together auth+web | grep -F "\"tags\":[\"incident_pattern\",\"service:auth\",\"service:web\"]"
	[ "$(sure service mail)" = none ]
'
test_that 'changes of requirements' '
	{ for i in 1 2 3; do
		row requirement_change "R-$i" "\"area\":\"billing\",\"requirement\":\"REQ-7\",\"reason\":\"law\",\"impact\":\"high\",\"requested_by\":\"legal$i\""
	  done
	  row requirement_change R-4 "\"module\":\"export\",\"requirement\":\"REQ-8\",\"reason\":\"law\",\"impact\":\"low\""; } | mem-ingest -q >/dev/null
	mem-ltm run -q requirement-changes
	[ "$(sure volatile_area billing)" = 0.65 ]
	[ "$(sure requirement REQ-7)" = 0.7 ]
	[ "$(sure reason law)" = 0.6 ]
	fact_of volatile_area billing | grep -F "The requirements of billing changed 3 times (3 high), because of law (3)"
'
test_that 'all of them run when none is named' '
	mem-ltm run >out
	cat out
	exits 1 grep fact_change out
	mem-ltm run --rebuild --dry-run >out
	[ "$(jl processor <out | sort -u | wc -l)" -ge 3 ]
'
test_that 'one of a user: a file, or a name where the store has it' '
	cat >authors.conf <<-EOT
	; two keys, a rule, a prefix
	[processor]
		rows = bug_record
		tag = mine
	[key "where"]
		prefix = affected_files 2
	[key "kind"]
		rule = memory: title leak* use-after-free
		rule = other: title fix
	[dimension "place"]
		by = where kind
		least = 2
		base = 0.25
		content = "{value.1} / {value.2}: {count}[, {project}]"
		tag = {value.1}
		tag = none:{project}
	[key "project"]
		from = nothing
	EOT
	for t in "Leaking handles" "use after free!" "unfree; fix it"; do
		n=$((${n-0} + 1))
		bug "P-$n" minor - src/a/x.c,src/a/y.c,top.c - | sed "s/\"title\":\"t\"/\"title\":\"$t\"/"
	done | mem-ingest -q >/dev/null
	mem-ltm run ./authors.conf >out
	fact_of place src/a+memory >one
	grep -F "\"content\":\"src/a / memory: 2\"" one
	grep -F "\"tags\":[\"mine\",\"src/a\"]" one
	mkdir "$MEM_STORE/processors"
	cp authors.conf "$MEM_STORE/processors/"
	mem-ltm run authors >out
	[ "$(jl groups <out | sort -u)" = 0 ]
	exits 2 mem-ltm run nobody 2>err
	grep "there are authors, bug-history, bug-import," err
'
# wrong PLACE WORDS: what check says of the file on standard input
wrong() {
	cat >w.conf
	exits 2 mem-ltm check w.conf 2>err
	grep -F "w.conf:$1: " err | grep -F "$2"
}
test_that 'what is not known is an error, with its place' '
	good="[processor]
	rows = x
[dimension \"d\"]
	by = k
	least = 2
	content = c"
	echo "$good" >w.conf
	mem-ltm check w.conf
	echo "$good
	colour = red" | wrong 7:2 "colour"
	echo "[procesor]
	rows = x" | wrong 2:2 "no such section"
	echo "[processor]
	row = x" | wrong 2:2 "row"
	echo "[key \"a\"]
	form = x" | wrong 2:2 "form"
	echo "$good
	step = rows many 0.1" | wrong 7:9 "many"
	echo "$good
	step = rows 3 2.5" | wrong 7:9 "2.5"
	echo "$good
	step = sometimes 3" | wrong 7:9 "a step is one of"
	echo "$good
	step = severity bad 0.1" | wrong 7:9 "bad"
	echo "$good
	least = none" | wrong 7:10 "number"
	echo "$good
	pairs = k" | wrong 7:2 "one of by, pairs and words"
	echo "$good
	content = \"{nothing}\"" | wrong 7:12 "{nothing}"
	echo "$good
	content = \"{value\"" | wrong 7:12 "brace"
	echo "$good
	step = log 0.1" | wrong 6:12 "halfLife"
	echo "[processor]
	rows = x
[dimension \"d\"]
	by = k
	content = c" | wrong 5:12 "least"
	echo "[processor]
	maxFacts = 0" | wrong 2:13 "number"
	echo "[dimension" | { cat >w.conf; exits 2 mem-ltm check w.conf 2>err; cat err; }
	exits 2 mem-ltm check absent.conf 2>err
	exits 2 mem-ltm check "$(head -c 80 /dev/zero | tr "\0" x).cfg" 2>err
	exits 64 mem-ltm check 2>err
'
test_that 'check shows groups and facts, and leaves nothing' '
	fresh_store
	mem-ltm check bug-import 2>err
	grep "4 dimensions" err
	[ ! -e "$MEM_STORE" ]
	bugs 4 1 minor parser a.c - | mem-ingest -q >/dev/null
	mem-ltm check bug-import >out
	[ "$(wc -l <out)" -eq 2 ]
	grep -F "\"dimension\":\"module_hotspot\",\"value\":\"parser\",\"count\":4,\"least\":3,\"fact\":true" out
	mem-ltm check -n 1 bug-import >out
	grep -F "\"reason\":\"1 of 3 rows that it takes\"" out
	exits 1 mem-ltm list
	mem-admin check
'
test_done
