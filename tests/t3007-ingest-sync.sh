#!/bin/sh
# A trace of the system's calls: an acknowledgement is written only after
# the log that holds its batch was synced, and one event costs two syncs at
# most.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

if ! strace -o trace true 2>/dev/null; then
	skip 'acknowledgements come after the sync' 'no strace that may trace'
	test_done
	exit
fi

# the leak checker of a sanitized build cannot run under a tracer
export ASAN_OPTIONS=detect_leaks=0

# traced COMMAND...: writes and syncs, with the names of the files
traced() {
	strace -f -y -s 4000 -o trace -e trace=write,writev,pwrite64,fsync,fdatasync,ftruncate \
	    "$@"
}

# Every "stored" that goes to standard output is of an event whose batch was
# in the log before a sync that came back, with no write to the log between.
# A batch is told by its last write: state 1 the log is written, 2 synced.
in_order() {
	awk '
		/memory\.db-wal>/ && /pwrite64\(|write\(/ { state = 1 }
		/fdatasync\(.*memory\.db-wal>|fsync\(.*memory\.db-wal>/ {
			if ($NF != 0) { print "failed sync: " $0; exit bad = 1 }
			if (state == 1) { state = 2; synced++ }
		}
		/ write\(1</ && /stored/ {
			if (state != 2) { print "too early: " substr($0, 1, 200); bad = 1 }
			told++
		}
		END {
			print told " writes of acknowledgements, " synced " syncs"
			exit bad || told < least || synced < least
		}' least="$1" trace
}

test_that 'the store is made and filled: the sync comes first' '
	mkevents 2500 >in
	traced mem-ingest --ack in >out
	[ "$(grep -c "\"stored\"" out)" = 2501 ]
	in_order 3
'
test_that 'in a store that is there' '
	mkevents 5000 | tail -n 2500 >in
	traced mem-ingest --ack in >out
	in_order 3
'
test_that 'with --each' '
	fresh_store
	mkevents 20 >in
	traced mem-ingest --each --ack in >out
	in_order 20
'
test_that 'with --strict' '
	fresh_store
	traced mem-ingest --strict --ack --tee in >out
	in_order 1
'
test_that 'what is passed on was synced, too' '
	fresh_store
	mkevents 2500 >in
	traced mem-ingest --tee in >out
	sed "s/\\\\\"event_id\\\\\"/stored/" trace >t
	mv t trace
	in_order 3
'
test_that 'a tombstone: the log is synced, then emptied' '
	mem-log --json -n 1 >one
	echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"$(jl event_id <one)\"}" |
	    traced mem-ingest --ack >out
	grep "fdatasync(.*memory.db>)" trace
	grep "ftruncate(.*memory.db-wal>, 0)" trace
'
test_that 'a first store: its folders and its marker are on the disk' '
	fresh_store
	mkevents 1 | traced mem-ingest >out
	dirs=$(realpath "$MEM_STORE")
	for d in "${dirs%/*}" "$dirs" "$dirs/tenants" "$dirs/tenants/default"; do
		grep "sync([0-9]*<$d>) *= 0" trace || { echo "$d"; exit 1; }
	done
	grep "fsync([0-9]*<$dirs/.tmp-.*) *= 0" trace
'
test_that 'one event costs two syncs at most' '
	for i in 1 2 3 4 5; do
		mkevents 9 | sed -n ${i}p | sed "s/s[0-9]/t/" >one
		traced mem-ingest one >out
		grep "\"stored\":1" out
		n=$(grep -c "sync(" trace)
		[ "$n" -le 2 ] || { grep "sync(" trace; exit 1; }
	done
'
test_that 'a variable, too' '
	mem-session set s k 0
	traced mem-session set s k 1
	[ "$(grep -c "sync(" trace)" -le 2 ]
'
test_that 'reading syncs nothing and writes nothing but its output' '
	traced mem-log >out
	exits 1 grep "sync(" trace
	! grep "write.*memory.db" trace | grep -v "memory.db-shm"
'
test_done
