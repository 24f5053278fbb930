#!/bin/sh
# mem-log | mem-ingest into another store: the same events, byte for byte.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

cat >in <<'.'
{"session_id":"s","timestamp":1,"text":"plain"}
{"session_id":"s","timestamp":1,"text":"plain","role":"assistant","agent":"codex"}
{"session_id":"Ä/../x","timestamp":"2026-11-20T09:30:00+01:00","text":"ümläut 漢字 🐟","metadata":{"z":"1","a":"","source_id":"m#2"}}
{"session_id":"s","timestamp":-5,"text":"before 1970"}
{"session_id":"s","timestamp":-62135596800000,"text":"year 1"}
{"session_id":"s","timestamp":253402300799999,"text":"year 9999"}
{"session_id":"s","timestamp":2,"text":"controls \u0001\t\r\n\u001f\u007f\u0085\u2028\ufffd \"\\/"}
{"session_id":"s","timestamp":3,"text":""}
{"session_id":"s","timestamp":3,"event_type":"session_end"}
{"session_id":"s","timestamp":4,"text":"numbers","n":[0,-0,1.0,1e300,0.1,9007199254740993,-1e-7,123456789012345678],"deep":{"b":{"y":[],"x":{}},"a":null,"t":true}}
{"event_id":"7ZZZZZZZZZZZZZZZZZZZZZZZZZ","session_id":"s","timestamp":4,"text":"the greatest id"}
{"event_id":"00000000000000000000000000","session_id":"s","timestamp":0,"text":"the least id"}
{"event_id":"01HNAVQZC00000000000000001","session_id":"s","timestamp":9,"text":"an id of another time"}
{"session_id":"s","timestamp":4,"user":"other","text":"of another user"}
{"session_id":"t","timestamp":4,"text":"same time b","metadata":{"source_id":"m#1"}}
{"session_id":"t","timestamp":4,"text":"same time a","metadata":{"source_id":"m#0"}}
.

test_that 'a copy says the same, byte for byte' '
	mem-ingest in >out
	cat out
	mem-log --json >first
	[ "$(wc -l <first)" = 15 ]
	mem-log --json | mem-ingest --store copy >out
	mem-log --json --store copy >second
	cmp first second
'
test_that 'and so does a copy of the copy, in another order' '
	tac second | mem-ingest --store again >out
	mem-log --json --store again | cmp - first
	for s in s t "Ä/../x"; do
		mem-log --json --session "$s" >a
		mem-log --json --session "$s" --store again | cmp - a
	done
'
test_that 'with --strict and --each, too' '
	mem-ingest --strict --store strict <first >out
	mem-log --json --store strict | cmp - first
	mem-ingest --each --store each <first >out
	mem-log --json --store each | cmp - first
'
test_that 'into the same store: duplicates only' '
	mem-log --json | mem-ingest >out
	grep "\"in\":15,\"stored\":0,\"duplicate\":15" out
'
test_that 'events keep their user' '
	mem-log --json --user other >other
	[ "$(wc -l <other)" = 1 ]
	mem-ingest --store copy <other >out
	mem-log --json --store copy --user other | cmp - other
'
test_that '--tee passes on what mem-log shows' '
	mem-ingest --tee --store tee in | grep -v "\"summary\"" | sort >got
	cat first other | sort | cmp - got
'
test_that 'sessions keep their user, title and variables' '
	echo "{\"type\":\"session\",\"session_id\":\"t\",\"title\":\"A title\",\"variables\":{\"k\":\"v\"},\"extra\":{\"b\":1,\"a\":[2]}}" |
	    mem-ingest >out
	for u in tester other; do
		mem-session list --json --user $u >$u.1
		mem-ingest --user somebody --store copy <$u.1 >out
		mem-session list --json --user $u --store copy | cmp - $u.1
	done
'
test_that 'a corpus of 5000 goes through a pipe of four stores' '
	mkevents 5000 40 | mem-ingest --store s1 >out
	mem-log --store s1 | mem-ingest --tee --store s2 |
	    mem-ingest --tee --store s3 | mem-ingest --store s4 >out
	cat out
	grep "\"in\":5000,\"stored\":5000" out
	mem-log --store s1 | sha256sum >1
	mem-log --store s4 | sha256sum | cmp - 1
'
test_done
