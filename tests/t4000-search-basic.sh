#!/bin/sh
# mem-search: what it prints, how many, exit statuses, what it reads.
. "${0%/*}/lib.sh"

cat >in <<'END'
{"event_id":"01HNAVQZC00000000000000001","session_id":"s1","timestamp":1706540400001,"role":"user","text":"How do we rotate the refresh token?"}
{"event_id":"01HNAVQZC00000000000000002","session_id":"s1","timestamp":1706540400002,"role":"assistant","text":"Keep a hash of the refresh token and rotate the token at each use."}
{"event_id":"01HNAVQZC00000000000000003","session_id":"s1","timestamp":1706540400003,"role":"tool","text":"exit 0"}
{"event_id":"01HNAVQZC00000000000000004","session_id":"s2","timestamp":1706540400004,"role":"user","text":"Why did we drop redis?"}
{"event_id":"01HNAVQZC00000000000000005","session_id":"s2","timestamp":1706540400005,"role":"assistant","text":"Its eviction lost tokens."}
{"type":"record","kb":"bugs","record_id":"B-1","record_type":"bug_record","title":"Token lost","text":"The cache evicts it too early.","author":"ann","tags":["cache"],"status":"open","timestamp":1706540500000}
{"type":"record","kb":"bugs","record_id":"B-2","record_type":"bug_record","title":"Crash at start","text":"A file is missing.","fields":{"root_cause":"nobody looked for the redis socket"}}
END
mem-ingest <in >out

test_that 'hits have type, id, source, score, snippet and the record' '
	mem-search --in event rotate token >got
	sed -n 1p got
	sed -n 1p got | grep "^{\"type\":\"hit\",\"id\":\"01HNAVQZC00000000000000002\",\"source\":\"event\",\"score\":[0-9.]*,\"snippet\":\"Keep a hash of the refresh \*\*token\*\* and \*\*rotate\*\* the \*\*token\*\* at each use.\",\"record\":{\"type\":\"event\",\"event_id\":\"01HNAVQZC00000000000000002\",\"session_id\":\"s1\",\"timestamp\":1706540400002,.*}}$"
'
test_that 'the best come first' '
	mem-search token >got
	jl score <got >scores
	sort -rg scores | cmp - scores
	[ "$(wc -l <got)" -eq 4 ]
'
test_that 'records of knowledge bases are found, in all their texts' '
	[ "$(mem-search -l cache)" = B-1 ]
	[ "$(mem-search -l socket)" = B-2 ]
	[ "$(mem-search -l ann)" = B-1 ]
	[ "$(mem-search -l b-2)" = B-2 ]
	mem-search socket | grep "\"source\":\"kb\".*\*\*socket\*\*.*\"record\":{.*\"record_id\":\"B-2\""
'
test_that 'exit statuses are those of grep' '
	mem-search redis >out
	exits 1 mem-search nosuchword >out
	[ ! -s out ]
	exits 2 mem-search --store "$work/nowhere" redis >out
	exits 64 mem-search >out 2>err
	grep "there is no query" err
	exits 64 mem-search --role boss redis >out 2>err
	grep "unknown role .boss.; roles are user" err
	exits 64 mem-search --in facts redis >out 2>err
	grep "unknown source .facts." err
'
test_that '-n stops, 0 is all, and more than 20 need it' '
	[ "$(mem-search -n 2 token | wc -l)" -eq 2 ]
	seq 30 | sed "s/.*/{\"session_id\":\"many\",\"timestamp\":&,\"text\":\"many &\"}/" |
	    mem-ingest >out
	[ "$(mem-search many | wc -l)" -eq 20 ]
	[ "$(mem-search -n 0 many | wc -l)" -eq 30 ]
	[ "$(mem-search -n 25 many | wc -l)" -eq 25 ]
'
test_that 'equal scores are in the order of ids, whatever -n' '
	mem-search --mode text -n 0 -l many >all
	sort all | cmp - all
	for n in 1 2 7 29; do
		mem-search --mode text -n $n -l many >some
		head -n $n all | cmp - some
	done
	mem-search -n 0 -l many >all
	for n in 1 2 7 29; do
		mem-search -n $n -l many >some
		head -n $n all | cmp - some
	done
'
test_that '-c counts all hits, -l prints ids, -q nothing' '
	[ "$(mem-search -c token)" = 4 ]
	[ "$(mem-search -c -n 1 many)" = 30 ]
	exits 1 mem-search -c nosuchword >out
	[ "$(cat out)" = 0 ]
	[ "$(mem-search --mode text -l drop)" = 01HNAVQZC00000000000000004 ]
	[ "$(mem-search -l drop | cut -c26 | tr -d "\n")" = 45 ]	# what was answered
	mem-search --mode text -l -0 drop | od -c | grep "4 *.0$"
	mem-search -q token >out
	exits 1 mem-search -q nosuchword foo:bar >>out 2>&1
	[ ! -s out ]
'
test_that 'exit statuses with -q, -c and -l, alone and together' '
	for o in -q -c -l "-q -c" "-q -l" "-c -l" "-l -0"; do
		# shellcheck disable=SC2086
		mem-search $o redis >out
		# shellcheck disable=SC2086
		exits 1 mem-search $o nosuchword >out
		# shellcheck disable=SC2086
		exits 2 mem-search $o --store "$work/nowhere" redis >out 2>err
		grep "no store at" err
		# shellcheck disable=SC2086
		exits 64 mem-search $o --role boss redis >out 2>err
	done
	[ "$(mem-search -c -l token)" = 4 ]
'
test_that 'an answer that cannot be written is a failure' '
	for c in "mem-search redis" "mem-search -l redis" "mem-search -c redis" \
	    "mem-log" "mem-log -h" "mem-session list" "mem" "mem -h"; do
		exits 2 $c >/dev/full 2>err
		grep "cannot write .*standard output.*No space" err
		exits 2 $c >&- 2>err
		grep "cannot write .*standard output" err
	done
	mem-search -q redis >/dev/full
	mem-search -n 0 token | head -n 1 >out 2>err
	[ ! -s err ]
'
test_that 'a record in a hit has its type and its ids first' '
	mem-search --kb bugs evicts |
	    grep "\"record\":{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"B-1\",\"record_type\":\"bug_record\","
'
test_that 'the query may come as words, as one word, or from standard input' '
	mem-search refresh token >a
	mem-search "refresh token" >b
	cmp a b
	printf "refresh token\nignored\n" | mem-search - >c
	cmp a c
	printf "refresh token" | mem-search - | cmp a -
	exits 1 mem-search - </dev/null
	mem-search -- "-token redis" | jl id >got
	grep -c . got | grep -x 2
'
test_that 'no query, but a property: all that have it' '
	[ "$(mem-search -l --session s2)" = "$(printf "%s\n" \
	    01HNAVQZC00000000000000004 01HNAVQZC00000000000000005)" ]
	[ "$(mem-search -c role:tool)" = 1 ]
	exits 1 mem-search "" >out
	exits 1 mem-search "?!" >out 2>err
	grep "the query has no words" err
'
test_that 'mem-search reads standard input only when asked to' '
	echo token | (mem-search redis >out; cat) >rest
	[ "$(cat rest)" = token ]
'
test_that 'hits are what mem-log reads' '
	mem-search --in event "drop redis" | mem-log -C 1 - | jl event_id >got
	printf "%s\n" 01HNAVQZC00000000000000004 01HNAVQZC00000000000000005 |
	    cmp - got
	mem-search -l --in event "drop redis" | mem-log - | jl text |
	    grep "Why did we drop redis"
'
test_that 'what was just stored is found' '
	for i in 1 2 3; do
		echo "{\"session_id\":\"now\",\"timestamp\":$i,\"text\":\"fresh$i\"}" |
		    mem-ingest >out
		[ "$(mem-search -c fresh$i)" = 1 ]
	done
'
test_that 'a record that was changed is found as it is now' '
	echo "{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"B-9\",\"record_type\":\"bug_record\",\"title\":\"oldword\"}" |
	    mem-ingest >out
	echo "{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"B-9\",\"record_type\":\"bug_record\",\"title\":\"newword\"}" |
	    mem-ingest >out
	exits 1 mem-search oldword >out
	[ "$(mem-search -l newword)" = B-9 ]
'
test_that 'two runs print the same bytes' '
	mem-search --explain -C 2 --in event,kb,session token many >a
	mem-search --explain -C 2 --in event,kb,session token many | cmp a -
'
test_done
