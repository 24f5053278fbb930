#!/bin/sh
# A day of a million events in one session, and of fewer in many: contents in
# little memory.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-toc.sh"

million=${MEM_MILLION:-1000000}
cap_kb=32768

if ! /usr/bin/time -f %M true 2>/dev/null; then
	skip 'memory' 'no /usr/bin/time'
	test_done
	exit
fi
# peak COMMAND...: its greatest resident size in kB, in the file "peak"
peak() {
	/usr/bin/time -f '%M' -o peak "$@"
	echo "peak $(cat peak) kB"
	[ "${MEM_SANITIZE:-no}" != no ] || [ "$(tail -n 1 peak)" -lt $cap_kb ]
}
# a_day COUNT SESSIONS: all of them on 15 November 2023, but for its last second
a_day() {
	"$obj/helper/mkevents" -n "$1" -s "$2" | perl -pe '
		BEGIN { $n = shift }
		s/(?<="timestamp":)\d+/1700006400000 + int($. * 86399000 \/ $n)/e' "$1"
}
# last_second COUNT SESSIONS
last_second() {
	a_day "$1" "$2" | perl -pe 's/(?<="timestamp":)\d+/1700092799000 + $./e'
}

for sessions in 1 50; do
	n=$((sessions > 1 ? million / 5 : million))
	test_that "$n events of a day in $sessions sessions" '
		fresh_store
		a_day $n $sessions | mem-ingest -q >/dev/null
		peak mem-toc build >out
		cat out
		[ "$(jl sessions <out)" = $sessions ]
		[ "$(jl segments <out)" -gt $((n / 200)) ]
		[ "$(mem-toc -d 3 | of level | tr "\n" " ")" = "year month week day " ]
	'
	test_that 'a rebuild finds nothing else, in as little' '
		peak mem-toc build --rebuild >out
		cat out
		[ "$(jl versions <out)" = 0 ]
	'
	test_that 'two hundred more cost little' '
		last_second 200 $sessions | sed "s/\"text\":\"/&again /" | mem-ingest -q >/dev/null
		peak mem-toc build >out
		cat out
		[ "$(jl segments <out)" -le $((2 * sessions + 10)) ]
	'
done
test_that 'the store is whole' 'mem-admin check >out || { tail out; exit 1; }'
test_done
