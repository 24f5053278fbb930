#!/bin/sh
# SIGKILL at random moments of an ingest: every acknowledged event is there,
# once, with its change; the store is whole and goes on.
# long-20-kill.sh runs it with more rounds (MEM_KILLS).
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

rounds=${MEM_KILLS:-12}
size=3000

# events ROUND: lines of that round, at times of their own
events() {
	awk -v r="$1" -v n=$size 'BEGIN {
		for (i = 1; i <= n; i++)
			printf "{\"session_id\":\"s%d\",\"timestamp\":%.0f," \
			    "\"text\":\"round %d event %d %s\"}\n", i % 5,
			    1790000000000 + r * 100000 + i, r, i,
			    substr("abcdefghijklmnopqrstuvwxyz", 1, i % 26)
	}'
}

# how long such an ingest takes here, in milliseconds
events 0 >in
mem-ingest in >out
events 1 >in
start=$(date +%s%N)
mem-ingest --ack in >out
took=$((($(date +%s%N) - start) / 1000000 + 5))
fresh_store

# a kill comes after 0 .. $took ms, by numbers that look random
seed=20261120

# acked_are_there ROUND
acked_are_there() {
	# a line that the kill cut is not an acknowledgement
	LC_ALL=C sed -n 's/^{"type":"ack",.*"status":"stored","id":"\([^"]*\)"}$/\1/p' \
	    acks | sort >want
	mem-log --json -s $((1790000000000 + $1 * 100000)) \
	    -u $((1790000000000 + ($1 + 1) * 100000)) | jl event_id >ids || :
	sort ids >there
	comm -23 want there >lost
	[ ! -s lost ] || { echo "lost:"; cat lost; return 1; }
	[ -z "$(uniq -d there)" ] || { echo "twice"; return 1; }
}

killed=0 partly=0
round=0
# as many rounds as it takes to be killed so often
while [ $killed -lt "$rounds" ] && [ $round -lt $((rounds * 5)) ]; do
	round=$((round + 1))
	mode=
	[ $((round % 5)) -ne 3 ] || mode=--each
	[ $((round % 5)) -ne 4 ] || mode=--strict
	[ $((round % 10)) -ne 0 ] || fresh_store
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	ms=$((seed / 65536 % (took + 1)))
	events $round >in
	: >acks
	# shellcheck disable=SC2086
	mem-ingest $mode --ack in >acks 2>err &
	pid=$!
	sleep "$(printf '0.%03d' $ms)"
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	status=$?
	# machines are not as fast at all times: aim at where it is at work
	if [ $status -eq 137 ]; then
		killed=$((killed + 1))
		took=$((took + took / 8 + 1))
	else
		took=$((took - took / 4))
	fi
	n=$(grep -c '"ack"' acks)
	test_that "round $round: killed after $ms ms, $n acknowledged${mode:+ ($mode)}" '
		[ $status -eq 137 ] || [ $status -eq 0 ] ||
		    { echo "exit $status"; cat err; exit 1; }
		[ ! -e "$MEM_STORE/memkit" ] || [ ! -e "$MEM_STORE/tenants" ] ||
		    acked_are_there $round
		[ $n -eq 0 ] || [ -s there ]
		[ $((round % 4)) -ne 0 ] || store_whole
	'
	[ "$n" -eq 0 ] || [ "$n" -eq $size ] || partly=$((partly + 1))
done
test_that "it was killed $killed times, $partly of them in the middle" '
	[ $killed -eq "$rounds" ]
	[ $((partly * 10)) -ge "$rounds" ]
'
test_that 'what was not acknowledged can be brought again' '
	last=$((round / 10 * 10))
	[ $last -gt 0 ] || last=1
	for r in $(seq $last $round); do
		events $r
	done >in
	mem-ingest in >out
	cat out
	want=$(wc -l <in)
	[ "$(sql "SELECT count(*) FROM event")" = "$want" ]
	mem-log --json | jl timestamp | sort -c -n
	store_whole
'
test_done
