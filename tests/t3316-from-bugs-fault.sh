#!/bin/sh
# An import of bug records that fails or is killed anywhere: it has no end
# record, says why, and the store has all of it or nothing.
. "${0%/*}/lib.sh"
fault=${MEM_BIN:-$top/bin}/../obj/helper/fault.so

awk 'BEGIN {
	s = sprintf("%0900d", 0)
	for (i = 0; i < 3000; i++)
		printf "{\"bug_id\":%d,\"title\":\"t\",\"severity\":\"low\",\"description\":\"%s\"}\n", i, s
}' >in.jsonl
mem-from -q bugs - <in.jsonl >want

# faults OP STEP: fail the 1st, 1+STEPth ... call of it, until none is left;
# with MEM_ALL three times as many
faults() {
	n=1 step=$2
	[ -z "${MEM_ALL-}" ] || step=$(((step + 2) / 3))
	while :; do
		rm -f hit
		status=0
		MEM_FAULT=$1:$n MEM_FAULT_LOG=$PWD/hit LD_PRELOAD=$fault \
		    mem-from -q bugs - <in.jsonl >out 2>err || status=$?
		[ -e hit ] || break
		case $status in
		0) cmp want out ;;
		2 | 71) [ -s err ]
		    exits 1 grep "\"type\":\"end\"" out ;;
		3) exits 1 cmp -s want out
		    grep "\"skipped\":[1-9]" out ;;
		*) echo "$1:$n: exit $status"; cat err; return 1 ;;
		esac || { echo "$1:$n: exit $status"; cat err; return 1; }
		n=$((n + step))
	done
	[ "$n" -gt 1 ]
}

if [ -e "$fault" ] && [ "${MEM_SANITIZE:-no}" = no ]; then
	test_that 'every write may fail' 'faults write 3'
	test_that 'every read may fail' 'faults read 9'
	test_that 'memory may end anywhere' 'faults malloc 6007'
else
	skip 'faults' 'nothing to make them with here'
fi
test_that 'killed while it reads: nothing is stored' '
	mkfifo pipe
	mem-from -q bugs - <pipe >out &
	pid=$!
	exec 3>pipe
	head -n 2000 in.jsonl >&3
	kill -9 $pid
	exec 3>&-
	wait $pid || :
	exits 2 mem-ingest --kb bugs out >sum 2>err
	grep "without its .end. record" err
	grep "\"stored\":0" sum
'
test_that 'killed while it prints: with --strict nothing is stored, and the next time all' '
	head -n 1500 want >out
	exits 2 mem-ingest -q --strict --kb bugs out >sum
	grep "\"stored\":0" sum
	exits 2 mem-ingest -q --kb bugs out >sum
	grep "\"stored\":1499" sum
	mem-ingest -q --kb bugs want >sum
	grep "\"stored\":1501,\"duplicate\":1499" sum
'
test_done
