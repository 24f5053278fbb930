#!/bin/sh
# Tombstones: what is forgotten is gone, bytes too, and does not come back.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

grave() {
	echo "{\"type\":\"tombstone\",\"target\":\"$1\",\"id\":\"$2\"}"
}
id_of() {
	mem-log --json | grep "\"text\":\"$1\"" | jl event_id
}
# holds HEX: are these bytes in any file of the tenant?
holds() {
	for f in "$MEM_STORE"/tenants/default/*; do
		[ ! -f "$f" ] || od -An -v -tx1 "$f" | tr -d ' \n' |
		    grep -q -i "$1" && return 0
	done
	return 1
}
body_of() {
	sql "SELECT hex(body) FROM event WHERE seq = (SELECT seq FROM event
	    ORDER BY ts LIMIT 1 OFFSET $1)"
}

test_that 'an event is gone, its session counts without it' '
	mkevents 5 1 | mem-ingest >out
	id=$(id_of "text number 5")
	grave event "$id" | mem-ingest --ack >out
	cat out
	grep "\"status\":\"stored\",\"id\":\"$id\"" out
	[ "$(mem-log | wc -l)" = 4 ]
	mem-session show s0 --json | grep "\"end\":1790000000004,\"events\":4"
	mem-session show s0 --json | grep "\"last_event_id\":\"$(id_of "text number 4")\""
	store_whole
'
test_that 'it does not come back, whoever brings it' '
	mkevents 5 1 >in
	exits 3 mem-ingest --ack in >out 2>err
	cat out
	sed -n 5p out | grep "\"rejected\".*\"reason\":\"forgotten\""
	grep "\"duplicate\":4,\"rejected\":{\"forgotten\":1}" out
	[ "$(mem-log | wc -l)" = 4 ]
'
test_that 'the same tombstone again is a duplicate' '
	sql "SELECT id FROM tombstone" >ids
	grave event "$(cat ids)" | mem-ingest | grep "\"duplicate\":1"
	grave event "evt:1790000000005:$(tr A-Z a-z <ids)" | mem-ingest |
	    grep "\"duplicate\":1"
'
test_that 'an event can be forgotten before it comes' '
	grave event 01HNAVQZC00000000000000001 | mem-ingest >out
	echo "{\"event_id\":\"01HNAVQZC00000000000000001\",\"session_id\":\"s\",\"timestamp\":1,\"text\":\"x\"}" |
	    exits 3 mem-ingest >out 2>err
	grep "event 01HNAVQZC00000000000000001 was forgotten" err
	exits 1 mem-session show s
'
test_that 'its bytes are in no file any more' '
	fresh_store
	mkevents 300 3 | mem-ingest >out
	hex=$(body_of 150)
	[ ${#hex} -gt 20 ]
	holds "$hex"
	grave event "$(mem-log --json | sed -n 151p | jl event_id)" | mem-ingest >out
	if holds "$hex"; then echo "still there"; exit 1; fi
	[ "$(mem-log | wc -l)" = 299 ]
'
test_that 'the audit log tells of it, the change log too' '
	[ "$(sql "SELECT action, object FROM audit ORDER BY seq DESC LIMIT 2" | tr "\n" " ")" = "write| delete|event " ]
	[ "$(sql "SELECT c.type, t.target FROM change c JOIN tombstone t
	    ON t.seq = c.ref ORDER BY c.seq DESC LIMIT 1")" = "4|1" ]
'
test_that 'in one batch: stored, forgotten, refused' '
	fresh_store
	mkevents 2 1 >in
	mem-ingest --store other in >out
	id=$(mem-log --store other --json -n 1 | jl event_id)
	{ cat in; grave event "$id"; cat in; } | exits 3 mem-ingest --ack >out 2>err
	[ "$(jl status <out | head -n 5 | tr "\n" " ")" = "stored stored stored rejected duplicate " ]
	mem-session show s0 --json | grep "\"start\":1790000000002,.*\"events\":1"
	store_whole
'
test_that 'a session goes with all that is in it' '
	fresh_store
	mkevents 9 3 | mem-ingest >out
	mem-session set s1 colour green
	hex=$(body_of 0)
	grave session s1 | mem-ingest --ack | grep "\"stored\",\"id\":\"s1\""
	exits 1 mem-session show s1
	exits 1 mem-log --session s1
	exits 1 mem-session get s1 colour
	[ "$(mem-log | wc -l)" = 6 ]
	[ "$(sql "SELECT count(*) FROM variable")" = 0 ]
	if holds "$hex" || holds "$(printf green | od -An -tx1 | tr -d " \n")"; then exit 1; fi
	store_whole
'
test_that 'nothing brings it back: events, a session record, a variable' '
	{ mkevents 9 3; echo "{\"type\":\"session\",\"session_id\":\"s1\",\"title\":\"t\"}"; } |
	    exits 3 mem-ingest >out 2>err
	grep "\"duplicate\":6,\"rejected\":{\"forgotten\":4}" out
	exits 2 mem-session set s1 colour green 2>err
	grep "session '\''s1'\'' was forgotten" err
	exits 1 mem-session unset s1 colour
	exits 1 mem-session show s1
'
test_that 'a row of a knowledge base goes with all its versions' '
	fresh_store
	for t in a b c; do
		echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"1/2\",\"record_type\":\"n\",\"title\":\"$t\"}"
		echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"1\",\"record_type\":\"n\",\"title\":\"$t\"}"
	done >in
	mem-ingest in >out
	grave record k/1/2 | mem-ingest >out
	[ "$(sql "SELECT group_concat(id, \" \") FROM record")" = "1 1 1" ]
	exits 3 mem-ingest in >out 2>err
	grep "\"duplicate\":2\|\"stored\":3" out
	grep "\"forgotten\":3" out
'
test_that 'of one user only, unless it is the tenant'\''s' '
	fresh_store
	mkevents 2 1 | mem-ingest >out
	mem-log --json | sed "s/,\"user\":\"tester\"//" | mem-ingest --user other >out
	id=$(id_of "text number 1")
	grave event "$id" | mem-ingest --user other >out
	[ "$(mem-log | wc -l)" = 2 ]
	[ "$(mem-log --user other | wc -l)" = 1 ]
	grave session s0 | mem-ingest --user third >out
	[ "$(mem-log | wc -l)" = 2 ]
	grave session s0 | mem-ingest --user other >out
	[ "$(mem-log | wc -l)" = 2 ]
	store_whole
'
test_that 'with --strict and a refused line everything stays' '
	{ grave session s0; echo "{"; } | exits 2 mem-ingest --strict >out 2>err
	[ "$(mem-log | wc -l)" = 2 ]
	grave session s0 | mem-ingest --strict >out
	exits 1 mem-log
	store_whole
'
test_that 'a number that was forgotten is not given again' '
	fresh_store
	mkevents 3 1 | mem-ingest >out
	last=$(sql "SELECT max(seq) FROM event")
	grave session s0 | mem-ingest >out
	echo "{\"session_id\":\"new\",\"timestamp\":1,\"text\":\"x\"}" | mem-ingest >out
	[ "$(sql "SELECT min(seq) FROM event")" -gt "$last" ]
	[ "$(sql "SELECT min(seq) FROM session")" = 2 ]
'
test_that 'killed or failed while forgetting: all of it, or nothing' '
	fresh_store
	if faults_work; then
		mkevents 50 2 | mem-ingest >out
		grave session s1 >tomb
		cp -R "$MEM_STORE" full
		for op in write:3 fsync:1; do
			n=1
			while fresh_store && cp -R full "$MEM_STORE" &&
			    fault "${op%:*}:$n:KILL" mem-ingest tomb; do
				got=$(sql "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM tombstone)")
				case $got in
				"50|0" | "25|1") ;;
				*) echo "$op $n: $got"; exit 1 ;;
				esac
				store_whole
				n=$((n + ${op#*:}))
			done
			echo "$op: $n"
			[ $n -gt 1 ]
		done
	fi
'

# packed COUNT: a store whose events lie in blocks
packed() {
	fresh_store
	mkevents "$1" 3 | mem-ingest >out
	mem-admin compact --all >compacted
	[ "$(sql "SELECT count(*) FROM event WHERE pack IS NOT NULL")" -gt 0 ]
}
test_that 'an event that was packed: its neighbours stay as they are' '
	packed 3000
	mem-log --json >before
	id=$(sed -n 250p before | jl event_id)
	grave event "$id" | mem-ingest >out
	sed 250d before >want
	mem-log --json | cmp - want
	store_whole
'
test_that 'its text is in no block any more' '
	for p in $(sql "SELECT id FROM pack"); do
		sql "SELECT writefile('\''frame'\'', data) FROM pack WHERE id = $p"
		sql "SELECT writefile('\''dict'\'', d.data) FROM pack p
		    JOIN dict d ON d.id = p.dict WHERE p.id = $p"
		zstd -q -d -D dict -c frame >>blocks
	done
	grep -a "text number 251" blocks >hit
	if grep -a "text number 250" blocks; then exit 1; fi
'
test_that 'a session whose events were packed; the last event of a block' '
	packed 1500
	grave session s1 | mem-ingest >out
	[ "$(mem-log | wc -l)" = 1000 ]
	store_whole
	{ grave session s0; grave session s2; } | mem-ingest >out
	exits 1 mem-log
	store_whole
	mem-admin compact --all >out
	store_whole
	[ "$(sql "SELECT count(*) FROM pack")" = 0 ]
'
test_that 'and it does not come back from there' '
	mkevents 1500 3 | exits 3 mem-ingest >out 2>err
	grep "\"forgotten\":1500" out
'
test_done
