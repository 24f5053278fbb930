#!/bin/sh
# mem-ingest as a part of a pipe: start, cursor and end records, --tee, and
# the file of refused lines.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

start='{"type":"start","format":"jsonl","source":"x"}'
end='{"type":"end","total":2,"valid":2,"skipped":0,"skipped_reasons":{}}'
cursor() {
	echo "{\"type\":\"cursor\",\"source\":\"${2:-f}\",\"offset\":$1,\"prefix_hash\":\"ab\",\"inode\":7,\"size\":9,\"state\":{\"b\":1,\"a\":2}}"
}
mkevents 2 >two

# --- start and end

test_that 'a start and its end: exit 0; they are not counted' '
	{ echo "$start"; cat two; echo "$end"; } | mem-ingest --ack >out
	tail -n 1 out | grep "\"in\":2,\"stored\":2,\"duplicate\":0,\"rejected\":{}}"
	[ "$(jl line <out | head -n 2 | tr "\n" " ")" = "2 3 " ]
'
test_that 'a start without its end: what came is stored, exit 2, said' '
	fresh_store
	{ echo "$start"; cat two; } | exits 2 mem-ingest >out 2>err
	cat out err
	grep "\"stored\":2,.*\"torn\":true" out
	grep "the input ended without its '\''end'\'' record: what fed it was killed or failed; what came before is stored" err
	[ "$(mem-log | wc -l)" = 2 ]
'
test_that 'one of two left sides that failed is not hidden by the other' '
	fresh_store
	{ echo "$start"; cat two; echo "$start"; echo "$end"; } |
	    exits 2 mem-ingest >out 2>err
	{ echo "$start"; cat two; echo "$end"; echo "$end"; echo "$start"; } |
	    exits 2 mem-ingest >out 2>err
'
test_that 'a left side that is killed in the middle of a line' '
	fresh_store
	{ echo "$start"; cat two; printf "{\"session_id\":\"s\",\"time"; } |
	    exits 2 mem-ingest >out 2>err
	grep "\"stored\":2.*\"broken JSON\":1.*\"torn\":true" out
'
test_that '--strict and no end: nothing is stored' '
	fresh_store
	{ echo "$start"; cat two; cursor 5; } |
	    exits 2 mem-ingest --strict --tee --ack >out 2>err
	cat out err
	[ "$(wc -l <out)" = 1 ]
	grep "\"stored\":0.*\"not stored because of others\":2.*\"torn\":true" out
	grep "nothing was stored" err
	[ "$(sql "SELECT (SELECT count(*) FROM event), (SELECT count(*) FROM cursor)")" = "0|0" ]
'
test_that 'what the left side skipped: exit 3, and in the summary' '
	fresh_store
	skipped="{\"type\":\"end\",\"total\":9,\"valid\":2,\"skipped\":7,\"skipped_reasons\":{\"empty\":4,\"torn line\":3}}"
	{ echo "$start"; cat two; echo "$skipped"; } | exits 3 mem-ingest >out 2>err
	grep "\"rejected\":{},\"skipped\":7,\"skipped_reasons\":{\"empty\":4,\"torn line\":3}}" out
	{ echo "$start"; cat two; echo "$skipped"; } |
	    exits 2 mem-ingest --strict --store strict >out 2>err
	exits 1 mem-log --store strict
'
test_that 'numbers of an end that nobody can have counted' '
	fresh_store
	for n in 9223372036854775807 9223372036854775807 -5; do
		echo "{\"type\":\"end\",\"skipped\":$n,\"skipped_reasons\":{\"a\":$n}}"
	done | exits 3 mem-ingest >out 2>err
	grep "\"skipped\":9223372036854775807,\"skipped_reasons\":{\"a\":9223372036854775807}" out
	echo "{\"type\":\"end\",\"skipped\":\"many\",\"skipped_reasons\":[1]}" |
	    mem-ingest >out
'

# --- cursors

test_that 'a cursor is kept with what came before it' '
	fresh_store
	{ cat two; cursor 100; cursor 200 g; cursor 300; } | mem-ingest >out
	grep "\"in\":2," out
	sql "SELECT source, off, prefix_hash, inode, size, state FROM cursor ORDER BY source" >got
	cat >want <<-.
	f|300|ab|7|9|{"a":2,"b":1}
	g|200|ab|7|9|{"a":2,"b":1}
	.
	diff got want
'
test_that 'in the same transaction' '
	fresh_store
	{ cat two; cursor 100; } | mem-ingest >out
	if faults_work; then
		mkevents 9 >nine
		{ cat nine; cursor 900; } >in
		n=1
		while fault "fsync:$n" mem-ingest in; do
			[ "$status" != 0 ] || { n=$((n + 1)); continue; }
			got=$(sql "SELECT off, (SELECT count(*) FROM event) FROM cursor")
			case $got in
			"100|2" | "900|9") ;;
			*) echo "fsync $n: $got"; exit 1 ;;
			esac
			n=$((n + 1))
		done
		[ $n -gt 1 ]
	fi
'
test_that 'cursors are of a user' '
	cursor 55 | mem-ingest --user other >out
	[ "$(sql "SELECT count(*), count(DISTINCT user) FROM cursor")" = "2|2" ]
'
test_that 'a cursor that is none is nobody'\''s: its reader starts again' '
	fresh_store
	{ cat two; for c in "" ",\"source\":\"f\"" ",\"source\":5,\"offset\":1" \
	    ",\"source\":\"f\",\"offset\":-1" ",\"source\":\"f\",\"offset\":\"1\"" \
	    ",\"source\":\"f\",\"offset\":1,\"prefix_hash\":\"$(printf "%065d" 1)\""; do
		echo "{\"type\":\"cursor\"$c}"
	done; } | mem-ingest >out
	grep "\"in\":2," out
	[ "$(sql "SELECT count(*) FROM cursor")" = 0 ]
'

# --- tee

test_that '--tee passes on what was stored, in order, and the control records' '
	fresh_store
	head -n 1 two | mem-ingest >out
	{ echo "$start"; cat two; echo "{"; cursor 5; mkevents 3 | tail -n 1; echo "$end"; } >in
	exits 3 mem-ingest --tee in >out 2>err
	sed "s/{\"type\":\"\([a-z]*\)\".*/\1/" out | tr "\n" " " >got
	[ "$(cat got)" = "start event cursor event end summary " ]
	jl text <out | grep . | tr "\n" " " | grep -x "text number 2 text number 3 "
	head -n 1 out | grep -F "$start"
	mem-ingest --store second <out >got
	[ "$(mem-log --store second | wc -l)" = 2 ]
	[ "$(sql "SELECT off FROM cursor")" = 5 ]
'
test_that '--tee shows an event as mem-log does' '
	fresh_store
	echo "{\"timestamp\":\"2026-11-20T09:30:00+01:00\",\"session_id\":\"s\",\"text\":\"x\",\"zz\":1,\"metadata\":{}}" |
	    mem-ingest --tee | head -n 1 >got
	mem-log --json | cmp - got
'
test_that '--tee with --ack: each record, then its acknowledgement' '
	fresh_store
	mem-ingest --tee --ack two | sed "s/{\"type\":\"\([a-z]*\)\".*/\1/" |
	    tr "\n" " " | grep -x "event ack event ack summary "
'
test_that 'with --strict both come once it is on the disk, and all of them' '
	fresh_store
	mkevents 4000 >in
	mem-ingest --strict --tee --ack in >out
	[ "$(wc -l <out)" = 8001 ]
	grep "\"event\"" out | cmp - <<-. || { echo differ; exit 1; }
	$(mem-log --json)
	.
	jl line <out | grep . >got
	seq 4000 | diff got -
'
test_that 'a row of a knowledge base gets the one it was stored in' '
	echo "{\"type\":\"record\",\"record_id\":\"1\",\"record_type\":\"n\",\"timestamp\":\"2026-11-20T00:00:00Z\"}" |
	    mem-ingest --kb notes --tee | head -n 1 >got
	grep "\"kb\":\"notes\"" got
	grep "\"timestamp\":1795132800000" got
'

# --- the file of refused lines

secret=AKIAIOSFODNN7EXAMPLE
bad() {
	echo "{\"session_id\":\"s\",\"text\":\"key $secret\"}"
	echo "{\"session_id\":\"s\",\"timestamp\":1,\"text\":\"$secret"
	echo "{\"type\":\"nonsense\",\"deep\":[{\"x\":\"$secret\"}]}"
	echo "{\"type\":\"tombstone\",\"target\":\"$secret\",\"id\":\"$secret\"}"
}
test_that '--rejects keeps the lines with their reasons, for the owner only' '
	fresh_store
	umask 022
	{ bad; cat two; } >in
	exits 3 mem-ingest --rejects rej in >out 2>err
	[ "$(wc -l <rej)" = 4 ]
	[ "$(stat -c %a rej)" = 600 ]
	jl line <rej | tr "\n" " " | grep -x "1 2 3 4 "
	jl input <rej | sort -u | grep -x in
	sed -n 1p rej | grep "\"record\":{\"session_id\":\"s\""
	sed -n 2p rej | grep "\"text\":\"{.\"session_id"
	sed -n 2p rej | grep "\"reason\":\"broken JSON\",\"detail\":\"byte [0-9]*: "
'
test_that 'they are redacted like the store' '
	exits 1 grep "$secret" rej err out
	[ "$(grep -c "\[redacted:" rej)" = 4 ]
	exits 3 mem-ingest --no-redact --rejects rej in >out 2>err
	[ "$(grep -c "$secret" rej)" = 4 ]
	! grep "$secret" err out
'
test_that 'a file that was there is emptied, and nobody else reads it' '
	echo old >rej
	chmod 644 rej
	exits 3 mem-ingest --rejects rej in >out 2>err
	[ "$(wc -l <rej)" = 4 ]
	[ "$(stat -c %a rej)" = 600 ]
'
test_that 'no refusals: an empty file' '
	mem-ingest --rejects rej two >out
	[ -e rej ]
	[ ! -s rej ]
'
test_that 'it is not written through a link' '
	echo mine >target
	ln -s target link
	exits 2 mem-ingest --rejects link in >out 2>err
	[ "$(cat target)" = mine ]
'
test_that 'it is never the input: nothing is emptied' '
	cp in same
	ln same other
	for f in same other ./same; do
		exits 64 mem-ingest --rejects $f same >out 2>err
	done
	exits 64 mem-ingest --rejects same <same >out 2>err
	exits 64 mem-ingest --rejects same two - <same >out 2>err
	cmp in same
	grep "'\''same'\'' is read, and cannot be the file of refused lines too" err
'
test_that 'a device or a pipe may take them' '
	exits 3 mem-ingest --rejects /dev/null in >out 2>err
'
test_that 'an input whose name is no text' '
	name=$(printf "in\377put")
	cp in "$name"
	exits 3 mem-ingest --rejects rej "$name" >out 2>err
	[ "$(wc -l <rej)" = 4 ]
	jl input <rej | sort -u
	iconv -f UTF-8 -t UTF-8 rej >same
'
test_that '--strict tells and keeps refusals, too' '
	fresh_store
	exits 2 mem-ingest --strict --rejects rej in >out 2>err
	[ "$(wc -l <rej)" = 4 ]
	grep "in line 1: timestamp is missing" err
'
test_done
