#!/bin/sh
# A first pull, into a store with nothing in it, is killed at each fourth
# place, with MEM_ALL at each: the next one goes on.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

test_that 'a first pull that is killed is gone on with' '
	faults_work || exit 0
	node A N
	mkevents 12000 | as A mem-ingest >out
	push A >out
	shows A >has.A
	cp -R N before
	n=0 half=0 step=4
	[ -z "${MEM_ALL-}" ] || step=1
	while n=$((n + step)); rm -rf N; cp -R before N;
	    MEM_STORE=$work/N fault fsync:$n:KILL mem-sync pull; do
		got=$(as N mem-log --json | wc -l)
		[ "$got" -eq 0 ] || [ "$got" -eq 12000 ] || half=$((half + 1))
		pull N >out 2>err || { cat err; exit 1; }
		shows N >has.N
		cmp has.A has.N
	done
	echo "$n, $half with a part"
	[ $half -gt 0 ]
	sound N
'
test_done
