#!/bin/sh
# What is recent first, if it is asked for.
. "${0%/*}/lib.sh"

# MEM_NOW is 2026-11-20T12:00Z; one text a session, so that none stands beside
# another.
day=86400000 now=1795176000000
for age in 0 10 20 2000; do
	printf '{"event_id":"01HNAVQZC0000000000000%04d","session_id":"s%d","timestamp":%d,"role":"user","text":"The deploy of the token service failed"}\n' \
	    $((3000 - age)) $age $((now - age * day))
done | mem-ingest >out
printf '{"type":"record","kb":"k","record_id":"R","record_type":"x","text":"token"}\n' |
    mem-ingest >out

ids() {
	mem-search --no-fold -l --in event "$@" 'deploy token' |
	    sed 's/^.*\(....\)$/\1/' | tr '\n' ' '
}
test_that 'by default age is nothing: equal ones by id' '
	[ "$(ids)" = "1000 2980 2990 3000 " ]
	[ "$(ids --recent 0)" = "1000 2980 2990 3000 " ]
'
test_that '--recent: the newest come first' '
	[ "$(ids --recent 10)" = "3000 2990 2980 1000 " ]
	[ "$(ids --recent 10 -n 1)" = "3000 " ]
'
test_that 'what is so old counts three quarters, and none less than half' '
	mem-search --no-fold --explain --in event --recent 10 "deploy token" >hits
	sed "s/.*\"age\":\([0-9.]*\).*/\1/" hits >ages
	printf "%s\n" 1.0 0.75 0.625 0.5 | cmp - ages
'
test_that 'what has no time is as old as can be' '
	mem-search --explain --in kb --recent 10 token >hits
	grep "\"age\":0.5" hits
'
test_that 'with an index it is the same' '
	mem-search --no-fold --explain --recent 10 "deploy token" >before
	mem-index -q
	mem-search --no-fold --explain --recent 10 "deploy token" | cmp before -
'
test_that 'wrong use' '
	exits 64 mem-search --recent -1 token
	exits 64 mem-search --recent 40000 token
	exits 64 mem-search --recent 3 --mode text token
'
test_done
