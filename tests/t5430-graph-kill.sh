#!/bin/sh
# A build that is killed, or whose disk fails, at any step: the next command
# answers as if there had been none.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
faults_work || { skip 'killed at each step' 'no faults here'; test_done; exit; }

# more N: so many events that name each other
more() {
	awk -v n="$1" -v from="$2" 'BEGIN {
		for (i = from; i < from + n; i++)
			printf "{\"session_id\":\"s%d\",\"timestamp\":%d000," \
			    "\"text\":\"Module_%d uses Class::method_%d of " \
			    "src/part_%d.c\"}\n", i % 9, 1790000000 + i,
			    i % 37, i % 11, i % 23
	}'
}
more 400 0 | mem-ingest -q >/dev/null
mem-graph build -q
cp -R "$MEM_STORE" base
more 200 400 | mem-ingest -q >/dev/null
mem-graph build -q --rebuild
mem-graph export >want

for how in "" --rebuild; do
	for what in KILL fail; do
		test_that "build $how, each step a $what" '
			steps=0
			for n in 1 2 3 5 8 12 17 23 30 38 50 70 100 150; do
				rm -rf "$MEM_STORE"
				cp -R base "$MEM_STORE"
				more 200 400 | mem-ingest -q >/dev/null
				case $what in
				KILL) spec=step:$n:KILL ;;
				*) spec=write:$n ;;
				esac
				came=0
				# shellcheck disable=SC2086
				fault "$spec" mem-graph build -q $how >out 2>err &&
				    came=1
				steps=$((steps + came))
				mem-graph export >got
				cmp got want || { echo "$spec"; cat err; exit 1; }
				[ ! -e "$MEM_STORE"/tenants/default/index/graph/tester/graph.db.new ] ||
				    { mem-graph build -q --rebuild
				    [ ! -e "$MEM_STORE"/tenants/default/index/graph/tester/graph.db.new ]; }
			done
			echo "$steps faults came"
			[ "$steps" -ge 3 ]
		'
	done
done
test_that 'two at once: one builds, the other waits' '
	rm -rf "$MEM_STORE"/tenants/default/index
	mem-graph build -q & a=$!
	mem-graph export >got
	wait $a
	cmp got want
	mem-graph export | cmp - want
'
test_done
