#!/bin/sh
# mem-search --as-of: the store as it was.
. "${0%/*}/lib.sh"

bug() {
	echo "{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"$1\",\"record_type\":\"bug_record\",\"title\":\"$2\",\"status\":\"$3\"}" |
	    mem-ingest >out
}
# The time at which records are stored is the true one.
now() {
	perl -MTime::HiRes=time -e 'printf "%d\n", time * 1000'
}
tick() {
	sleep 0.01
	now
	sleep 0.01
}
cat >in <<'END'
{"event_id":"01HNAVQZC00000000000000001","session_id":"s1","timestamp":"2024-01-10","text":"redis is in"}
{"event_id":"01HNAVQZC00000000000000002","session_id":"s1","timestamp":"2024-02-10","text":"redis is slow"}
{"event_id":"01HNAVQZC00000000000000003","session_id":"s2","timestamp":"2024-03-10","text":"redis is out"}
END
mem-ingest <in >out
zero=$(tick)
bug B-1 'redis crashes' open
bug B-2 'redis leaks' open
one=$(tick)
bug B-1 'redis crashed, and is mended' closed
two=$(tick)
bug B-3 'redis again' open

check() {
	test_that "$1: events from their time on" '
		mem-search -l --in event --as-of 2024-02-10 redis | sort >got
		printf "%s\n" 01HNAVQZC00000000000000001 01HNAVQZC00000000000000002 |
		    cmp - got
		mem-search -l --in event --as-of 2024-02-09 redis >got
		echo 01HNAVQZC00000000000000001 | cmp - got
		exits 1 mem-search --in event --as-of 2023 redis >got
		[ "$(mem-search -c --in event --as-of 2024-02-10 redis)" = 2 ]
		[ "$(mem-search -l --in session --as-of 2024-02-10 redis)" = s1 ]
		exits 1 mem-search --in event --since 2024-02-11 --as-of 2024-02-28 redis >got
		[ "$(mem-search -c --in event --until 2024-02 --as-of 2024-03 redis)" = 1 ]
	'
	test_that "$1: records in the version of then" '
		exits 1 mem-search --in kb --as-of "$zero" redis >got
		mem-search --json --in kb --as-of "$one" redis >got
		jl id <got | sort | tr "\n" " " | grep -x "B-1 B-2 "
		grep "\"title\":\"redis crashes\"" got
		grep "\"snippet\":\"\*\*redis\*\* crashes\"" got
		exits 1 mem-search --as-of "$one" --in kb mended >got
		exits 1 mem-search --as-of "$one" --status closed redis >got
		mem-search --json --in kb --as-of "$two" redis >got
		jl id <got | sort | tr "\n" " " | grep -x "B-1 B-2 "
		grep "\"version\":2,\"title\":\"redis crashed, and is mended\"" got ||
		    grep "\"title\":\"redis crashed, and is mended\".*\"version\":2" got ||
		    grep "\"version\":2.*\"redis crashed, and is mended\"" got
		[ "$(mem-search -l --as-of "$two" mended)" = B-1 ]
		exits 1 mem-search --as-of "$two" --in kb again >got
		[ "$(mem-search -c --in kb redis)" = 3 ]
	'
}
check 'without an index'
mem-index -q
check 'with an index'
test_that 'that records are read one by one is said, where there is an index' '
	mem-search --as-of "$two" --in kb redis >out 2>err
	grep "records are searched without the index" err
	mem-search --as-of 2025 --in event redis >out 2>err
	[ ! -s err ]
'
test_that 'the same in a batch' '
	printf "mended\nredis\n" | mem-search --batch - --in kb --as-of "$one" \
	    -c >got 2>err
	printf "1:0\n2:2\n" | cmp - got
'
test_that 'what came later is not shown around a hit' '
	mem-search --json --as-of 2024-01-31 -C 5 redis >got
	grep "\"context\":\[\]" got
	! grep slow got
'
test_that 'what was forgotten since stays so' '
	echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"01HNAVQZC00000000000000001\"}" |
	    mem-ingest >out
	exits 1 mem-search --as-of 2024-01-31 --in event redis >got
'
test_done
