#!/bin/sh
# mem-search --batch: a query on each line, one after the other.
. "${0%/*}/lib.sh"

cat >in <<'END'
{"event_id":"01HNAVQZC00000000000000001","session_id":"s1","timestamp":1706540400001,"role":"user","text":"How do we rotate the refresh token?"}
{"event_id":"01HNAVQZC00000000000000002","session_id":"s1","timestamp":1706540400002,"role":"assistant","text":"Keep a hash of the refresh token and rotate it."}
{"event_id":"01HNAVQZC00000000000000003","session_id":"s2","timestamp":1706540400003,"role":"user","text":"Why did we drop redis?"}
{"event_id":"01HNAVQZC00000000000000004","session_id":"s2","timestamp":1706540400004,"role":"tool","text":"exit 0"}
{"type":"record","kb":"bugs","record_id":"B-1","record_type":"bug_record","title":"Token lost","text":"The cache evicts it too early.","status":"open"}
END
mem-ingest <in >out
printf 'refresh token\n\nnosuchword\n   \n+redis -cache\nrole:tool\n' >queries

# one N: what the query on that line of queries answers by itself
one() {
	sed -n "$1p" queries | mem-search --json -n 3 - |
	    sed "s/}\$/,\"query\":$1}/"
}

test_that 'each query answers as by itself, and says its number' '
	mem-search --batch queries --json -n 3 >got
	for n in 1 3 5 6; do one $n || :; done >want
	[ -s want ]
	diff want got
	jl query <got | sort -u | tr "\n" " " | grep -x "1 5 6 "
'
test_that 'a file, standard input, with and without a newline at the end' '
	mem-search --batch queries >a
	mem-search --batch - <queries | cmp a -
	mem-search --batch=- <queries | cmp a -
	printf %s "$(cat queries)" | mem-search --batch - | cmp a -
	sed "s/\$/$(printf "\r")/" queries | mem-search --batch - | cmp a -
'
test_that 'also with an index, and one that lags' '
	mem-search --batch queries >a
	mem-index -q
	mem-search --batch queries | cmp a -
	printf "%s\n" "{\"event_id\":\"01HNAVQZC00000000000000009\",\"session_id\":\"s9\",\"timestamp\":1706540400009,\"text\":\"late redis\"}" |
	    mem-ingest >out
	mem-search --batch queries --json -n 3 >got
	for n in 1 3 5 6; do one $n || :; done | diff - got
	grep late got
'
test_that 'options hold for every query' '
	mem-search --batch queries --session s1 | jl session_id | sort -u |
	    grep -x s1
	mem-search --batch queries -n 1 | jl query | tr "\n" " " |
	    grep -x "1 5 6 "
	mem-search --batch queries --explain | grep -c "\"why\":" | grep -vx 0
'
test_that '-c: the number of the query and how many hits' '
	mem-search --batch queries -c >got
	for n in 1 3 5 6; do
		echo "$n:$(sed -n ${n}p queries | mem-search -c -)"
	done | diff - got
	grep -x "3:0" got
'
test_that 'text: a heading for each query; ids: nothing but them' '
	mem-search --batch queries --text -n 1 >got
	grep -x "1: refresh token" got
	grep -x "3: nosuchword" got
	grep -x "5: +redis -cache" got
	[ "$(grep -c "^$" got)" -eq 3 ]
	sed -n 1p got | grep "^1:"
	mem-search --batch queries -l -n 1 >got
	grep -cx "[0-9A-Z-]*" got | grep -x 3
'
test_that 'the exit status: 0 when any query hit, 1 when none did' '
	printf "nosuchword\nredis\n" | mem-search --batch - >out
	printf "redis\nnosuchword\n" | mem-search --batch - >out
	printf "nosuchword\n\nneither\n" | exits 1 mem-search --batch - >out
	exits 1 mem-search --batch - </dev/null >out
	printf "\n\n" | exits 1 mem-search --batch - >out
	[ ! -s out ]
	exits 64 mem-search --batch - redis >out 2>err </dev/null
	grep "takes queries from a file" err
	exits 2 mem-search --batch nowhere >out 2>err
	grep "cannot open .nowhere." err
	exits 64 mem-search --batch queries --role boss >out 2>err
	exits 2 mem-search --batch queries --store "$work/nowhere" >out 2>err
'
test_that '-q: the first hit is enough' '
	{ echo nosuchword; echo redis; sleep 20; } |
	    timeout 10 mem-search -q --batch - >out
	[ ! -s out ]
	exits 1 mem-search -q --batch - <<-EOT
	nosuchword
	EOT
'
test_that 'notes say which query they are about' '
	printf "token\nfoo:bar token\n" | mem-search --batch - >out 2>err
	grep "^mem-search: query 2: unknown field .foo.;" err
	[ "$(wc -l <err)" -eq 1 ]
'
test_that 'a line that is too long is left out, the rest goes on' '
	{
		echo redis
		awk "BEGIN { for (i = 0; i < 200000; i++) printf \"token \" }"
		echo; echo redis
	} >long
	exits 3 mem-search --batch long -n 1 >out 2>err
	jl query <out | tr "\n" " " | grep -x "1 3 "
	grep "query 2: it is over 1048576 bytes" err
'
test_that 'what is written between two queries is found by the second' '
	mkfifo ask tell
	timeout 20 mem-search --batch ask --json --fields query,id >tell 2>err &
	exec 3<>ask 4<tell
	echo redis >&3
	read -r line <&4
	echo "$line" | grep "^{\"query\":1,\"id\":"
	echo "{\"session_id\":\"n\",\"timestamp\":1,\"text\":\"brandnew\"}" |
	    mem-ingest >out
	read -r line <&4	# there are two of redis
	echo brandnew >&3
	read -r line <&4
	echo "$line" | grep "^{\"query\":2,\"id\":"
	mem-index -q
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"n\"}" |
	    mem-ingest >out
	echo brandnew >&3
	echo "exit 0" >&3
	read -r line <&4
	echo "$line" | grep "^{\"query\":4,\"id\":"
	exec 3>&-
	wait $!
	[ ! -s err ]
'
test_that 'another user sees nothing of it' '
	exits 1 mem-search --user nobody --in event --batch queries >out
	[ ! -s out ]
'
test_done
