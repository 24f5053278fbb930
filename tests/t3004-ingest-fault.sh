#!/bin/sh
# Every call to the system may fail: what was acknowledged is there, the
# store is whole, and the same command works once the trouble is over.
# long-21-fault.sh fails all of them (MEM_EVERY); here it is some.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

mkevents 50 >in
cat >put <<'.'
exec mem-ingest --ack in
.

# What was acknowledged is in the store, and can be read before the next
# writer comes.
acked() {
	jl id <out | grep . | sort >acked
	read=0
	mem-log --json >log 2>log.err || read=$?
	case $read in
	0 | 1) ;;
	*) grep -q 'no store at\|has no tenant' log.err ||
	    { cat log.err; return 1; } ;;
	esac
	jl event_id <log | sort | comm -23 acked - >lost
	[ ! -s lost ]
}

# failed_well SPEC: what is left by a run that a fault has struck
failed_well() {
	case $spec:$status in
	*KILL:137 | *TEAR:137) ;;
	*:2 | *:71 | *:75) [ -s err ] || { echo "$spec: no message"; return 1; } ;;
	*:0) ;;		# nothing that matters: a sync of a folder, a lock's name
	*) echo "$spec: exit $status"; cat err; return 1 ;;
	esac
	store_whole || { echo "$spec: store"; return 1; }
	acked || { echo "$spec: acknowledged and lost"; return 1; }
	sh put >again 2>&1 || { echo "$spec: again:"; cat again; return 1; }
	sql "SELECT count(*) FROM event; PRAGMA journal_mode" >there
	printf "50\nwal\n" | cmp -s - there ||
	    { echo "$spec: not 50, with a write-ahead log:"; cat there; return 1; }
	store_whole || { echo "$spec: store, again"; return 1; }
}

# each_call OP HOW STEP [TENTHS [LEAST]]: n rises by STEP and so many tenths
# of itself until no call is left to fail.  With MEM_EVERY=N it is every
# Nth call, of allocations one in 7 N.
each_call() {
	n=1 step=$3 tenths=${4:-0}
	if [ -n "${MEM_EVERY-}" ]; then
		step=$MEM_EVERY tenths=0
		[ "$1" != malloc ] || step=$((7 * step))
	fi
	while fresh_store; fault "$1:$n$2" sh put; do
		failed_well
		n=$((n + step + n * tenths / 10))
	done
	[ "$status" = 0 ]
	echo "$1$2: $n"
	[ "$n" -gt "${5:-2}" ]
}

if ! faults_work; then
	skip 'faults' 'the library does not reach these tools'
	test_done
	exit
fi
test_that 'a fault that nobody knows is said' '
	exits 99 env MEM_FAULT=wriet:1 LD_PRELOAD="$fault_lib" true
'
test_that 'any write fails while a store is made and filled' '
	each_call write "" 53
'
test_that 'any sync fails' 'each_call fsync "" 11'
test_that 'any rename fails' 'each_call rename "" 1 0 1'
test_that 'any change of a size fails' 'each_call truncate "" 1 0 1'
test_that 'any mapping fails' 'each_call mmap "" 5'
test_that 'any open fails' 'each_call open "" 23'
if heap_faults_work; then
	test_that 'any allocation fails' 'each_call malloc "" 1 59 1000'
else
	skip 'any allocation fails' 'a sanitizer has them'
fi
test_that 'killed at any write' 'each_call write :KILL 61'
test_that 'killed in the middle of any write' 'each_call write :TEAR 71'
test_that 'killed at any sync' 'each_call fsync :KILL 8'
test_that 'killed before the store has its name' 'each_call rename :KILL 1 0 1'
test_that 'the disk is full from any write on' '
	each_call write +:ENOSPC 67
'
# A store that is there, and more than its log holds: the log is emptied
# into the database at the end.
mkevents 4000 >many
test_that 'any call fails while the log is emptied' '
	fresh_store
	mem-ingest in >out
	cp -R "$MEM_STORE" before
	for how in write write:KILL fsync:KILL truncate; do
		n=1 op=${how%:KILL}
		while fresh_store; cp -R before "$MEM_STORE"
		    fault "$op:$n${how#"$op"}" mem-ingest --ack many; do
			store_whole || { echo "$how $n"; exit 1; }
			acked || { echo "$how $n: lost"; exit 1; }
			mem-ingest many >again
			[ "$(sql "SELECT count(*) FROM event")" = 4000 ] ||
			    { echo "$how $n: not all"; exit 1; }
			n=$((n + 1 + n * ${MEM_EVERY:-90} / 10))
		done
		echo "$how $n"
		[ "$status" = 0 ]
		[ $n -gt 1 ]
	done
'
test_that 'a full disk: the message says how much is needed' '
	fresh_store
	mem-ingest in >out
	fault write:5+:ENOSPC mem-ingest many
	[ "$status" = 2 ]
	cat err
	grep "no space left on device: [0-9]* KiB free, about [0-9]* KiB needed" err
'
test_done
