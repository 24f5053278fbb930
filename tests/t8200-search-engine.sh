#!/bin/sh
# mem-search --engine, without an engine: what is refused, and what becomes of
# one that lies (server/engine.py).  long-82 has a real one, u-engine-query what
# it is asked.
. "${0%/*}/lib.sh"
command -v python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }
# shellcheck source-path=SCRIPTDIR
. "$tests/lib-s3.sh"
trap 's3_stop; rm -rf "$work"' EXIT
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema
words=$(sed -n 's/^#define MANIFEST_WORDS //p' "$top/common/index/manifest.h")
index=memkit-default.0123abcd
docs=$work/docs

# event ID USER SESSION TS TEXT
event() {
	printf '{"type":"event","event_id":"%s","user":"%s","session_id":"%s",' \
	    "$1" "$2" "$3"
	printf '"timestamp":%s,"event_type":"user_message","role":"user",' "$4"
	printf '"text":"%s"}\n' "$5"
}
mine=01HNAVQZC00000000000000001 bobs=01HNAVQZC00000000000000002
gone=01HNAVQZC00000000000000003 beside=01HNAVQZC00000000000000004
event $mine tester s1 1706540400000 'mine of the harbour' | mem-ingest -q >/dev/null
event $beside tester s2 1706540400000 'another harbour of mine' | mem-ingest -q >/dev/null
event $bobs bob s1 1706540400000 'the harbour of bob SECRET' |
    mem-ingest -q --user bob >/dev/null
event $gone tester s1 1706540400000 'a harbour that is gone SECRET' |
    mem-ingest -q >/dev/null
echo '{"type":"tombstone","target":"event","id":"'$gone'"}' | mem-ingest -q >/dev/null

# doc SOURCE USER SESSION WITHIN ID TS RECORD [ID-OF-IT]
doc() {
	printf '{"_index":"%s","_id":"%s","_source":{"source":"%s","id":"%s"' \
	    "$index" "${8:-$1/$2/$4/$5}" "$1" "$5"
	[ -z "$2" ] || printf ',"user":"%s"' "$2"
	[ -z "$3" ] || printf ',"session":"%s"' "$3"
	[ -z "$4" ] || printf ',"within":"%s"' "$4"
	printf ',"ts":%s,"record":%s}}\n' "$6" "$7"
}
# edoc ID USER SESSION TEXT [ID-OF-IT]: an event as it should be
edoc() {
	doc event "$2" "$3" '' "$1" 1706540400000 \
	    "$(event "$1" "$2" "$3" 1706540400000 "$4")" ${5+"$5"}
}
# has_mapping [WORDS]
# shellcheck disable=SC2120 # perhaps
has_mapping() {
	printf '{"mapping":{"%s":{"mappings":{"_meta":{"memkit":{"form":1,' "$index"
	printf '"words":%s,"language":"english","generation":"0123abcd"}}}}}}\n' \
	    "${1:-$words}"
}
server_start engine "$docs"
mem-admin config set engine.os.url "http://127.0.0.1:$port" >/dev/null
find_it() {
	mem-search --engine os --json "$@" harbour >out 2>err
}
ids() {
	jl id <out | sort | tr '\n' ' '
}

test_that 'what an engine cannot tell is refused, with the reason' '
	exits 64 mem-search --engine os --as-of 2026-01-01 x 2>err
	grep "only what is now" err
	exits 64 mem-search --engine os --watch x 2>err
	grep "in the store first" err
	exits 64 mem-search --engine os -n 0 --mode vector x 2>err
	grep "the nearest" err
	exits 64 mem-search --engine nope x 2>err
	grep "engine.nope.url" err
	mem-admin config set engine.g.url http://127.0.0.1:1 >/dev/null
	mem-admin config set engine.g.kind neo4j >/dev/null
	exits 64 mem-search --engine g x 2>err
	grep "engine.g.kind" err
'
test_that 'an engine that has nothing, and one that has something else' '
	: >"$docs"
	exits 2 find_it
	grep "nothing of tenant .default.; mem-index --to os" err
	echo "{\"mapping\":{\"$index\":{\"mappings\":{}}}}" >"$docs"
	exits 2 find_it
	grep "engine.os.index" err
	has_mapping 1 >"$docs"
	exits 2 find_it
	grep "mem-index --to os --rebuild" err
'
{
	has_mapping
	edoc $mine tester s1 'mine of the harbour'
	edoc $beside tester s2 'another harbour of mine'
} >"$work/honest"
test_that 'what may be seen is a hit as another one is' '
	cp "$work/honest" "$docs"
	find_it
	[ "$(ids)" = "$mine $beside " ]
	[ ! -s err ]
	"$helper" "$top/share/schema" <out
	head -n 1 out | grep "\"snippet\":\"mine of the \*\*harbour\*\*\""
'
test_that 'a bound call sees its session alone' '
	cp "$work/honest" "$docs"
	MEM_SESSION=s2 find_it
	[ "$(ids)" = "$beside " ]
	grep "1 documents" err
	MEM_SESSION=s9 exits 1 find_it
'
test_that 'of an event that no copy here has the session counts, too' '
	{
		has_mapping
		edoc 01HNAVQZC0000000000000000A tester s7 "harbour"
		edoc 01HNAVQZC0000000000000000B carol s7 "harbour SECRET"
	} >"$docs"
	find_it
	[ "$(ids)" = "01HNAVQZC0000000000000000A " ]
	MEM_SESSION=s1 exits 1 find_it
	MEM_SESSION=s7 find_it
'
test_that 'who sends what is of others, or forges whose it is, shows nothing of it' '
	{
		cat "$work/honest"
		edoc $bobs bob s1 "the harbour of bob SECRET"
		# as if it was ours
		edoc $bobs tester s1 "the harbour of bob SECRET"
		# under a name of ours
		edoc $bobs bob s1 "SECRET" event/tester//$mine
		# ours, with what is not
		doc event tester s1 "" $mine 1706540400000 \
		    "$(event $bobs bob s1 1706540400000 "harbour SECRET")"
		# forgotten here
		edoc $gone tester s1 "a harbour that is gone SECRET"
		# of another session than it says
		edoc $beside tester s1 "SECRET"
		# of another index
		edoc 01HNAVQZC0000000000000000C tester s1 "harbour SECRET" |
		    sed "s/memkit-default/memkit-other/"
		edoc 01HNAVQZC0000000000000000D tester s1 "harbour SECRET" |
		    sed "s/\.0123abcd/-x.0123abcd/"
	} >"$docs"
	for how in --json --text "--format csv" "-l --no-fold" --explain "-n 0" \
	    "-C 2" "--in session" "--budget 2000"; do
		# shellcheck disable=SC2086
		mem-search --engine os $how harbour >out 2>err
		if grep -i "secret\|$bobs\|$gone\|00C\|00D" out err; then exit 1; fi
	done
	find_it
	grep "left out" err
	MEM_SESSION=s1 exits 1 find_it -n 0 --no-fold || :
	if grep "SECRET\|another" out; then exit 1; fi
'
test_that 'rows, facts, contents and artifacts of others neither' '
	{
		has_mapping
		doc kb "" "" notes R1 1 "{\"type\":\"record\",\"kb\":\"notes\",
		    \"record_id\":\"R1\",\"record_type\":\"n\",\"title\":\"harbour\"}"
		doc kb bob "" notes R2 1 "{\"type\":\"record\",\"kb\":\"notes\",
		    \"record_id\":\"R2\",\"record_type\":\"n\",\"title\":\"SECRET\"}"
		doc kb "" "" notes R3 1 "{\"type\":\"record\",\"kb\":\"x\",
		    \"record_id\":\"R3\",\"record_type\":\"n\",\"title\":\"SECRET\"}"
		doc fact bob "" 1 fact:00000000000000aa 1 "{\"type\":\"fact\",
		    \"fact_id\":\"fact:00000000000000aa\",\"content\":\"SECRET\"}"
		doc artifact bob s1 "" $bobs 1 "{\"type\":\"artifact\",
		    \"artifact_id\":\"$bobs\",\"filename\":\"SECRET\"}"
		doc toc bob "" "" toc:day:2026-01-01 1 "{\"type\":\"toc_node\",
		    \"node_id\":\"toc:day:2026-01-01\",\"title\":\"SECRET\"}"
		doc grip bob s1 "" grip:1:aaaaaaaaaaaa 1 "{\"type\":\"grip\",
		    \"grip_id\":\"grip:1:aaaaaaaaaaaa\",\"excerpt\":\"SECRET\"}"
	} >"$docs"
	tr -d "\n\t" <"$docs" | sed "s/}{\"_index/}\n{\"_index/g" >x
	cp x "$docs"
	find_it --in event,kb,toc,grip,fact,artifact
	[ "$(ids)" = "R1 " ]
	if grep SECRET out err; then exit 1; fi
'
test_that 'a fact of the tenant that is somebody'"'"'s here is not shown' '
	id=$(mem-ltm add --user bob --json "harbour SECRET" | jl fact_id)
	{
		has_mapping
		doc fact "" "" 1 "$id" 1 "{\"type\":\"fact\",\"fact_id\":\"$id\",
		    \"content\":\"harbour SECRET\",\"scope\":\"tenant\",\"confidence\":1,\"tags\":[],\"valid_from\":1}" | tr -d "\n\t"
		echo
	} >"$docs"
	exits 1 find_it --in fact
	if grep SECRET out err; then exit 1; fi
'
test_that 'answers that are cut, endless, deep, or none: an error, and no more' '
	cp "$work/honest" "$docs"
	for how in cut junk close "200 {" "200 []" "200 {\"responses\":7}" \
	    "200 {\"responses\":[{}]}" "200 -" "500 no" "403 no"; do
		will engine "always _msearch $how"
		got=0
		find_it || got=$?
		[ "$got" -ge 2 ] && [ "$got" -lt 128 ] && [ -s err ] ||
		    { echo "$how: $got"; cat err; exit 1; }
		[ ! -s out ]
	done
	will engine "always _msearch 200 $(printf "%0100000d" 0 | tr 0 "[")"
	got=0
	find_it || got=$?
	[ "$got" -ge 2 ] && [ "$got" -lt 128 ]
	will engine
'
# answers MEMBERS TOTAL: one answer without hits
answers() {
	will engine "always _msearch 200 {\"responses\":[{\"status\":200,$1\"hits\":{\"total\":{\"value\":$2},\"hits\":[]}}]}"
}
test_that 'an answer of a part of the shards, or of a part of the time, is an error' '
	cp "$work/honest" "$docs"
	for how in "" -c "-n 0" "--mode text"; do
		answers "\"timed_out\":false,\"_shards\":{\"total\":2,\"failed\":0}," 0
		# shellcheck disable=SC2086
		exits 1 find_it --in event $how
		answers "\"timed_out\":false,\"_shards\":{\"total\":2,\"failed\":1}," 0
		# shellcheck disable=SC2086
		exits 75 find_it --in event $how
		grep "shards of it fail" err
		answers "\"timed_out\":true," 0
		# shellcheck disable=SC2086
		exits 75 find_it --in event $how
		grep "in its time" err
	done
	will engine "always _search 200 {\"timed_out\":true,\"hits\":{\"hits\":[]}}"
	exits 75 find_it --in event
	will engine
'
test_that 'numbers that cannot be are no numbers of hits' '
	answers "" 9223372036854775807
	find_it -c --in event
	[ "$(cat out)" = 9007199254740992 ]
	answers "" -1
	got=0
	find_it -c --in event || got=$?
	[ $got -ge 2 ] && [ ! -s out ]
	will engine
'
test_that 'who is busy for a moment is asked again' '
	for how in "-n 5" "-n 0"; do
		will engine "_search 429 -" "_msearch 429 -"
		# shellcheck disable=SC2086
		find_it $how
		[ "$(wc -l <out)" -eq 2 ]
	done
'
test_that 'records are asked for as many as are wanted, and fewer where they are large' '
	{
		has_mapping
		i=10
		while [ $i -lt 40 ]; do
			edoc 01HNAVQZC0000000000000$i"AA" tester s7 "harbour $i"
			i=$((i + 1))
		done
	} >"$docs"
	will engine "always _search large 10"
	find_it -n 3 --no-fold
	[ "$(wc -l <out)" -eq 3 ]
	[ "$(grep asked "$work/engine.log")" = "asked 3" ]
	# 30 of 5 MB are more than one answer may have
	will engine "always _search large 5000000"
	find_it -n 30 --no-fold -l
	[ "$(wc -l <out)" -eq 30 ]
	grep "asked 7" "$work/engine.log"
	[ "$(grep -c "asked" "$work/engine.log")" -le 8 ]
	# one that is too large by itself
	will engine "always _search large 70000000"
	exits 2 find_it -n 2 --no-fold
	grep "more than" err
	will engine
'
test_that 'values that are others: nothing of it is shown, and nothing dies' '
	{
		cat "$work/honest"
		edoc $bobs bob s1 "the harbour of bob SECRET"
		doc toc tester s1 "" toc:segment:1:aa 1 "{\"type\":\"toc_node\",\"node_id\":\"toc:segment:1:aa\",\"level\":\"segment\",\"title\":\"t\",\"start\":1,\"end\":9,\"bullets\":[{\"text\":\"b\",\"grip_ids\":[\"g\"]}],\"keywords\":[\"k\"]}" |
		    sed "s/\"ts\":1/\"ts\":1,\"end\":9,\"at\":9999999999999/"
		doc fact tester "" 1 fact:00000000000000ab 1 "{\"type\":\"fact\",\"fact_id\":\"fact:00000000000000ab\",\"content\":\"harbour\",\"scope\":\"user\",\"valid_from\":1,\"tags\":[\"t\"],\"confidence\":0.5,\"metadata\":{\"source_event_ids\":[\"$mine\"]}}"
		doc artifact tester s1 "" 01HNAVQZC0000000000000000F 1 "{\"type\":\"artifact\",\"artifact_id\":\"01HNAVQZC0000000000000000F\",\"filename\":\"harbour.txt\",\"mode\":\"pointer_only\",\"status\":\"stored\",\"timestamp\":1,\"metadata\":{\"a\":\"b\"}}"
		doc document "" "" kb "d#0123456789abcdef" 1 "{\"type\":\"chunk\",\"kb\":\"kb\",\"document_id\":\"d\",\"chunk_id\":\"0123456789abcdef\",\"title\":\"harbour\",\"text\":\"x\",\"heading\":[\"h\"],\"section\":\"s\"}" \
		    "document///d#0123456789abcdef" | sed "s,document///,document//kb/,"
	} >"$docs"
	find_it --in event,kb,document,toc,fact,artifact
	[ "$(wc -l <out)" -ge 6 ]
	# long-82-search-mangled takes more of them
	seed=0
	while [ $seed -lt ${MEM_MANGLE:-3} ]; do
		seed=$((seed + 1))
		for where in _search _msearch; do
			will engine "always $where mangle $seed"
			for how in --json --text "--format csv" "--explain" "-C 1"; do
				[ $((seed % 5)) != "$(printf %s "$how" | wc -c |
				    tr -d " ")" ] || continue
				got=0
				# shellcheck disable=SC2086
				timeout 20 mem-search --engine os $how --in \
				    event,kb,document,toc,fact,artifact,session \
				    harbour >out 2>err || got=$?
				[ "$got" -lt 124 ] || { echo "$seed $how: $got"
				    cat err; exit 1; }
				if grep SECRET out err; then exit 1; fi
			done
		done
	done
	will engine
'
test_that 'search.engine is the engine of who names none; an empty name is none' '
	cp "$work/honest" "$docs"
	mem-admin config set search.engine os >/dev/null
	will engine
	mem-search -l harbour >out
	grep _msearch "$work/engine.log"
	will engine
	mem-search --engine "" -l harbour >out
	mem-search --as-of 2026-01-01 -l harbour >out
	[ ! -s "$work/engine.log" ]
	mem-admin config unset search.engine >/dev/null
'
test_done
