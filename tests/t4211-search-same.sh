#!/bin/sh
# mem-search: hits that are nearly the same are folded into the best of them.
. "${0%/*}/lib.sh"

# event NUMBER SESSION TEXT
event() {
	printf '{"event_id":"01HNAVQZC0000000000000%04d","session_id":"%s","timestamp":%d,"text":"%s"}\n' \
	    "$1" "$2" $((1706540400000 + $1)) "$3"
}
long='the registry said no because the token of the build had expired on
 friday and nobody had renewed it so that all the machines of the second floor
 had to wait until somebody came back from lunch and made another one by hand'
long=$(echo "$long" | tr -d '\n')
{
	for i in 1 2 3; do event $i "s$i" "redis is slow"; done
	for i in 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		event $i "s$i" "$long"
	done
	event 17 s1 "$(echo "$long" | sed 's/lunch/dinner/')"
	event 18 s2 "  $(echo "$long" | tr t T) "
	for i in 21 22 23 24 25 26 27 28 29; do event $i s1 "redis number $i"; done
	echo '{"type":"record","kb":"b","record_id":"B-1","record_type":"bug_record","title":"Slow","text":"redis is slow"}'
	echo '{"type":"record","kb":"b","record_id":"B-2","record_type":"bug_record","title":"Slow","text":"redis is slow"}'
	echo '{"type":"record","kb":"b","record_id":"B-3","record_type":"bug_record","title":"Slow","text":"redis is not slow"}'
} >in
mem-ingest <in >out

each() {
	test_that "the same text in other sessions is told with the hit ($1)" '
		mem-search --in event slow >got
		[ "$(wc -l <got)" -eq 1 ]
		grep "\"same\":\[\"01HNAVQZC00000000000000002\",\"01HNAVQZC00000000000000003\"\],\"same_n\":2}" got
	'
	test_that "ten ids at most, but all are counted ($1)" '
		mem-search registry token >got
		grep "\"same_n\":13}" got
		sed -n "s/.*\"same\":\[\([^]]*\)\].*/\1/p" got |
		    tr , "\n" | grep -c . | grep -x 10
	'
	test_that "a record is like a record, not like an event ($1)" '
		mem-search --mode text slow >got
		[ "$(wc -l <got)" -eq 3 ]
		grep "\"id\":\"B-1\".*\"same\":\[\"B-2\"\],\"same_n\":1}" got
		grep "\"id\":\"B-3\"" got
	'
	test_that "-n is kept where there are others ($1)" '
		for n in 1 2 5 9; do
			mem-search --mode text --in event -n $n redis >got
			[ "$(wc -l <got)" -eq $n ]
		done
		mem-search --mode text --in event -n 100 redis >got
		[ "$(wc -l <got)" -eq 10 ]
	'
	test_that "-l prints the ids of the hits, and no others ($1)" '
		mem-search --in event slow registry >got
		jl id <got >want
		mem-search --in event -l slow registry | cmp want -
	'
	test_that "-c counts all, -n 0 and --no-fold show all ($1)" '
		[ "$(mem-search --mode text --in event -c slow)" = 3 ]
		[ "$(mem-search --mode text --in event -n 0 slow | wc -l)" -eq 3 ]
		[ "$(mem-search --mode text --in event --no-fold slow | wc -l)" -eq 3 ]
		! mem-search --mode text --in event --no-fold slow | grep same_n
	'
	test_that "only what the filters let through is told ($1)" '
		mem-search --in event --session s2,s3 slow >got
		grep "\"id\":\"01HNAVQZC00000000000000002\".*\"same\":\[\"01HNAVQZC00000000000000003\"\],\"same_n\":1}" got
	'
	test_that "sessions are not folded ($1)" '
		[ "$(mem-search --mode text --in session slow | wc -l)" -eq 3 ]
	'
	test_that "two runs are the same ($1)" '
		mem-search redis registry slow >a
		mem-search redis registry slow | cmp a -
	'
}
each 'no index'
mem-index >out
each 'indexed'

test_that 'very many of the same do not hide the others' '
	fresh_store
	{
		i=100
		while [ $i -lt 400 ]; do
			event $i s1 "alpha alpha alpha"
			i=$((i + 1))
		done
		event 500 s1 "alpha beta gamma delta"
		event 501 s1 "alpha epsilon gamma delta and more words"
	} | mem-ingest >out
	for o in "" index; do
		[ -z "$o" ] || mem-index >out
		for m in text hybrid; do
			mem-search --mode $m -n 3 -l alpha >got
			[ "$(wc -l <got)" -eq 3 ]
			mem-search --mode $m -n 20 alpha >got
			[ "$(wc -l <got)" -eq 3 ]
			grep "\"same_n\":299}" got
		done
	done
'
test_done
