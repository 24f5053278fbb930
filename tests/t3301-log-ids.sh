#!/bin/sh
# mem-log by id: operands, --around, -C, and what other tools print.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

awk 'BEGIN { for (i = 1; i <= 40; i++)
	printf "{\"event_id\":\"01HNAVQZC0000000000000%04d\",\"session_id\":\"s%d\"," \
	    "\"timestamp\":%.0f,\"role\":\"%s\",\"text\":\"t%d\"}\n",
	    i, i % 2, 1706540400000 + i, i % 4 < 2 ? "user" : "tool", i }' >in
mem-ingest <in >out
id() {
	printf '01HNAVQZC0000000000000%04d' "$1"
}
texts() {
	mem-log --json "$@" | jl text | tr '\n' ' '
}

test_that 'an id, bare, in lower case, or as a key' '
	[ "$(texts "$(id 5)")" = "t5 " ]
	[ "$(texts "$(id 5 | tr A-Z a-z)")" = "t5 " ]
	[ "$(texts "evt:1706540400005:$(id 5)")" = "t5 " ]
'
test_that 'several ids, in the order asked for, each once' '
	[ "$(texts "$(id 9)" "$(id 5)" "$(id 9)")" = "t9 t5 " ]
'
test_that 'an id that is not there: the others, exit 3; none at all, exit 1' '
	exits 3 mem-log --json "$(id 5)" "$(id 99)" nonsense evt: >out 2>err
	jl text <out | grep "^t5$"
	grep "no event '\''nonsense'\''" err
	exits 1 mem-log "$(id 99)" >out 2>err
	[ ! -s out ]
'
test_that '--around shows ten before and ten after in the session' '
	[ "$(texts --around "$(id 21)")" = "$(seq -f t%g 1 2 40 | tr "\n" " ")" ]
	[ "$(texts --around "$(id 30)")" = "$(seq -f t%g 10 2 40 | tr "\n" " ")" ]
'
test_that '-C gives the neighbours, and stops at the ends' '
	[ "$(texts -C 2 "$(id 21)")" = "t17 t19 t21 t23 t25 " ]
	[ "$(texts -C 2 "$(id 1)")" = "t1 t3 t5 " ]
	[ "$(texts -C 2 "$(id 40)")" = "t36 t38 t40 " ]
	[ "$(texts --around "$(id 21)" -C 1)" = "t19 t21 t23 " ]
	[ "$(texts --around "$(id 21)" -C 0)" = "t21 " ]
	[ "$(texts -C 9223372036854775807 "$(id 21)" | wc -w)" = 20 ]
'
test_that 'neighbours that overlap are shown once' '
	[ "$(texts -C 1 "$(id 21)" "$(id 23)")" = "t19 t21 t23 t25 " ]
'
test_that 'neighbours of events that bear one time are told apart by id' '
	for i in 3 1 2 5 4; do
		echo "{\"event_id\":\"01HNAVQZC000000000000ZZ00$i\",\"session_id\":\"z\",\"timestamp\":1706540400000,\"text\":\"z$i\"}"
	done | mem-ingest >out
	[ "$(texts --session z)" = "z1 z2 z3 z4 z5 " ]
	[ "$(texts -C 1 01HNAVQZC000000000000ZZ003)" = "z2 z3 z4 " ]
	[ "$(mem-session show z --json | sed "s/.*first_event_id\":\"\([^\"]*\)\",\"last_event_id\":\"\([^\"]*\)\".*/\1 \2/")" = \
	    "01HNAVQZC000000000000ZZ001 01HNAVQZC000000000000ZZ005" ]
'
test_that 'ids from standard input, one a line, blanks around them' '
	printf "%s\n  %s \r\n\n \t\n%s" "$(id 7)" "$(id 8)" "$(id 9)" >ids
	[ "$(texts - <ids 2>err)" = "t7 t8 t9 " ]
	[ ! -s err ]
'
test_that 'records, acks and hits from standard input' '
	mem-log --json "$(id 7)" >lines
	echo "{\"type\":\"hit\",\"id\":\"$(id 8)\",\"source\":\"event\",\"score\":1}" >>lines
	echo "{\"type\":\"hit\",\"id\":\"s1\",\"source\":\"session\",\"score\":1}" >>lines
	echo "{\"type\":\"ack\",\"line\":1,\"status\":\"stored\",\"id\":\"$(id 9)\"}" >>lines
	echo "{\"type\":\"summary\",\"in\":3}" >>lines
	mem-log --json - <lines >out 2>err
	[ "$(jl text <out | tr "\n" " ")" = "t7 t8 t9 " ]
	grep "2 lines name no event, and are left out" err
	mem-log -q - <lines >out 2>err
	[ ! -s err ]
	tail -n 1 lines | exits 1 mem-log - 2>err
	grep "1 line names no event, and is left out" err
'
test_that 'what mem-ingest acknowledges can be asked for at once' '
	mkevents 3 | mem-ingest --ack | mem-log --json - >out
	[ "$(wc -l <out)" = 3 ]
'
test_that 'operands and - mix, in order' '
	[ "$(id 8 | texts "$(id 9)" - "$(id 7)")" = "t9 t8 t7 " ]
'
test_that 'filters hold for ids too, and for what is around them' '
	[ "$(texts --role user "$(id 4)" "$(id 6)")" = "t4 " ]
	[ "$(texts --role user -C 3 "$(id 21)")" = "t17 t21 t25 " ]
	[ "$(texts --session s1 "$(id 4)" "$(id 5)")" = "t5 " ]
	[ "$(MEM_SESSION=s1 texts "$(id 4)" "$(id 5)")" = "t5 " ]
	[ "$(texts -u 1706540400005 "$(id 4)" "$(id 5)")" = "t4 " ]
'
test_that '-n stops' '
	[ "$(texts -n 2 "$(id 4)" "$(id 5)" "$(id 6)")" = "t4 t5 " ]
	[ "$(texts -n 2 -C 5 "$(id 21)" | wc -w)" = 2 ]
'
test_that 'a line that is too long is no event, and not the end' '
	{ head -c 40000000 /dev/zero | tr "\0" "{"; echo; id 5; } |
	    exits 3 mem-log --json - >out 2>err
	[ "$(jl text <out)" = t5 ]
	grep "standard input line 1: line is too long" err
'
test_that 'a line that is broken is told, and makes it exit 3' '
	{ id 5; echo; echo "{broken"; printf "a\0b\n"; id 6; } |
	    exits 3 mem-log --json - >out 2>err
	[ "$(jl text <out | tr "\n" " ")" = "t5 t6 " ]
	grep "standard input line 2: byte [0-9]*: not JSON" err
	grep "standard input line 3: a NUL in a name" err
	echo "{broken" | exits 1 mem-log -
'
test_that '-C without ids, --follow with them: misuse' '
	exits 64 mem-log -C 3
	exits 64 mem-log -f "$(id 5)"
	exits 64 mem-log -f --around "$(id 5)"
	exits 64 mem-log -f --reverse
	exits 64 mem-log --reverse "$(id 5)"
	exits 64 mem-log --reverse --around "$(id 5)"
'
test_that 'a call in a loop does not eat the input of the loop' '
	printf "%s\n" "$(id 1)" "$(id 2)" "$(id 3)" | while read -r i; do
		mem-log --json "$i" | jl text
		mem-log --json -n 1 --session s1 >one
		mem-session show s1 >one
		mem-session list >one
		mem-session get s1 >one || :
		mem-session set s1 k v
	done >got
	printf "t1\nt2\nt3\n" | diff got -
'
test_that 'nobody waits for what comes from standard input' '
	mkfifo fifo
	mem-log --json - <fifo >out &
	exec 3>fifo
	id 5 >&3
	echo >&3
	sleep 0.3
	# a view that is held would keep the log from being emptied
	echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"$(id 40)\"}" |
	    timeout 5 mem-ingest >sum
	[ "$(wc -c <"$MEM_STORE/tenants/default/memory.db-wal")" = 0 ]
	exec 3>&-
	wait $!
	[ "$(jl text <out)" = t5 ]
'
test_done
