#!/bin/sh
# SIGKILL at 200 random moments of indexing and merging, a search during each:
# the index is always sound, and in the end finds what a scan finds.
. "${0%/*}/lib.sh"

index=$MEM_STORE/tenants/default/index
rounds=200

# events FROM TO
events() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		for (i = from; i <= to; i++)
			printf "{\"session_id\":\"s%d\",\"timestamp\":%.0f," \
			    "\"text\":\"event %d of the deploy %s %s\"}\n", i % 9,
			    1790000000000 + (i * 7919 % 100003) * 1000, i,
			    i % 2 ? "failed" : "happily", i % 3 ? "redis" : "token"
	}'
}

killed=0 round=0 n=3000 took=30 seed=20261121
events 1 $n | mem-ingest >out
mem-index -q
while [ $killed -lt $rounds ] && [ $round -lt $((rounds * 5)) ]; do
	round=$((round + 1))
	step=$((round % 10 == 0 ? 700 : 30))
	events $((n + 1)) $((n + step)) | mem-ingest >out
	n=$((n + step))
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	ms=$((seed / 65536 % (took + 1)))
	again=
	[ $((round % 25)) -ne 0 ] || again=--rebuild
	# shellcheck disable=SC2086
	mem-index -q $again 2>err &
	pid=$!
	sleep "$(printf '0.%03d' $ms)"
	mem-search -c token >found 2>err || :
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	status=$?
	if [ $status -eq 137 ]; then
		killed=$((killed + 1))
		took=$((took + took / 8 + 1))
	else
		took=$((took - took / 4))
	fi
	test_that "round $round: killed after $ms ms${again:+ of a rebuild}" '
		[ $status -eq 137 ] || [ $status -eq 0 ]
		[ "$(cat found)" -eq $((n / 3)) ]
		[ $((round % 10)) -ne 0 ] || mem-index --verify -q
	'
done
test_that "it was killed $killed times" '[ $killed -eq $rounds ]'
test_that 'in the end it finds what a scan finds, and nothing is left over' '
	mem-index -q
	mem-index --verify
	for q in redis "\"deploy failed\"" "happ* token" "session:s3 event"; do
		mem-search -n 0 --json --explain "$q" >one
		mv "$index" away
		mem-search -n 0 --json --explain "$q" >two
		mv away "$index"
		cmp one two
	done
	[ "$(find "$index" -name "*.seg*" | wc -l)" -le 4 ]
'
test_done
