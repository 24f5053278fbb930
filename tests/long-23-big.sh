#!/bin/sh
# A million events: in and out in less than 32 MB of memory; a line of
# 100 MB between others; a store that large is whole.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

million=${MEM_MILLION:-1000000}
cap_kb=32768

# peak COMMAND...: its greatest resident size in kB, in the file "peak"
peak() {
	/usr/bin/time -f '%M' -o peak "$@"
}
if ! /usr/bin/time -f %M true 2>/dev/null; then
	skip 'memory' 'no /usr/bin/time'
	test_done
	exit
fi
under() {
	echo "peak $(cat peak) kB"
	[ "${MEM_SANITIZE:-no}" != no ] || [ "$(tail -n 1 peak)" -lt $cap_kb ]
}
mkev() {
	"$obj/helper/mkevents" "$@"
}

test_that 'a part of the events is the same as that part of all' '
	mkev -n 3000 | tail -n 1000 >want
	mkev -n 3000 -f 2000 | cmp - want
'
test_that 'a million events go in' '
	mkev -n $million | peak mem-ingest >sum
	cat sum
	grep "\"in\":$million,\"stored\":$million," sum
	under
'
test_that 'and come out, by time, backwards, of a session, as text' '
	peak mem-log --json >all
	[ "$(wc -l <all)" = $million ]
	under
	peak mem-log --json --reverse >back
	tac back | cmp - all
	rm back
	under
	peak mem-log --json --session session-7 >some
	grep -c "\"session-7\"" all >n
	[ "$(wc -l <some)" = "$(cat n)" ]
	under
	peak mem-log --text >out
	under
'
test_that 'with acknowledgements, and again: all are there' '
	mkev -n $million | peak mem-ingest --ack >acks
	[ "$(grep -c "\"status\":\"duplicate\"" acks)" = $million ]
	under
'
test_that 'strictly, into another store, from the first' '
	peak mem-ingest --strict --store copy <all >sum
	cat sum
	under
	mem-log --json --store copy | cmp - all
	rm -rf copy
'
test_that 'in 100,000 sessions' '
	mkev -n $million -s 100000 -f $((million / 2)) | sed "s/session-/s-/" |
	    peak mem-ingest --store wide >sum
	under
	peak mem-session list --store wide >out
	under
	rm -rf wide
'
test_that 'ids of all, from standard input' '
	jl event_id <all | peak mem-log --json - | cmp - all || exit 1
	# each id once: they are remembered
	echo "peak $(cat peak) kB"
'
test_that 'the store is whole' 'store_whole'
test_that 'ends of a pipe that closes: no hang, no message' '
	mem-log --json | head -n 1 >one
	[ "$(wc -l <one)" = 1 ]
'
rm -f all acks out back some
fresh_store
test_that 'a line of 100 MB is refused, the others are stored, in little memory' '
	{ mkev -n 10; printf "{\"session_id\":\"s\",\"timestamp\":1,\"text\":\""
	  head -c 100000000 /dev/zero | tr "\0" x; printf "\"}\n"
	  mkev -n 20 -f 10; } >big
	exits 3 peak mem-ingest --ack --max-line 1M --rejects rej big >out 2>err
	cat err
	grep "big line 11: line is over 1 MiB" err
	sed -n 11p out | grep "\"line\":11,\"status\":\"rejected\",\"reason\":\"line too long\""
	grep "\"in\":21,\"stored\":20," out
	under
	exits 3 peak mem-ingest big >out 2>err
	grep "big line 11: line is over 32 MiB" err
	echo "peak $(cat peak) kB with the default cap"
	exits 3 mem-ingest --max-line 200M big >out 2>err
	grep "big line 11: text is over 16 MiB" err
'
test_that '100 MB of brackets, of quotes, of NULs, without a newline' '
	for c in "[" "{" "\"" "\\\\" "\\0" "1" ","; do
		head -c 100000000 /dev/zero | tr "\0" "$c" |
		    exits 3 timeout 60 mem-ingest --max-line 200M >out 2>err
		cat err
		grep "\"in\":1,\"stored\":0," out
	done
'
test_done
