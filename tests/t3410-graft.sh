#!/bin/sh
# Grafts: what others may read of a session; marked, listed, ended; never
# written through.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

# ev SESSION TIME TEXT: an event of the agent that is called as the session
ev() {
	echo "{\"session_id\":\"$1\",\"timestamp\":$2,\"text\":\"$3\",\"agent\":\"ag-$1\"}"
}
# of USER SESSION NUMBER TIME...: so many events, a second apart, from TIME on
of() {
	for i in $(seq "$3"); do
		ev "$2" $(($4 + i * 1000)) "$1 $2 $i"
	done | mem-ingest --user "$1" >/dev/null
}
# graft USER SESSION OPTION...: its id
graft() {
	u=$1
	shift
	mem-session graft --json --user "$u" "$@" | jl id
}
texts() {
	mem-log --json "$@" | jl text
}
# two users; b1, b2, b3 are of bob, a1, a2 of ann
world() {
	fresh_store
	for s in b1 b2 b3; do of bob $s 5 "${s#b}00"; done
	for s in a1 a2; do of ann $s 3 "${s#a}50"; done
	mem-session set --user bob b1 colour green
	mem-session set --user bob b2 colour red
	echo "{\"type\":\"session\",\"session_id\":\"b1\",\"title\":\"First of bob\"}" |
	    mem-ingest --user bob >/dev/null
	echo secret | mem-session put -q --user bob b1 inputs - --as d/x.txt
	echo other | mem-session put -q --user bob b2 inputs - --as y.txt
}

test_that 'without one, nothing; with it, merged by time and marked' '
	world
	mem-log --json --user ann >alone
	g=$(graft bob b1 --to user:ann)
	mem-log --json --user ann >got
	grep -v "\"graft\":" got | cmp alone -
	[ "$(grep -c "\"graft\":\"$g\"" got)" = 5 ]
	jl timestamp <got | sort -n -c
	[ "$(wc -l <got)" = 11 ]
	mem-log --json --user ann --reverse >back
	tac back | cmp got -
	mem-log --json --user bob | exits 1 grep graft
	[ "$(mem-log --json --user carol | wc -l)" = 0 ]
	store_whole
'
test_that 'its own session alone, by name, by the begin of it, by the graft' '
	world
	mem-log --json --user bob --session b1 >want
	g=$(graft bob b1 --to user:ann)
	for s in b1 "$g"; do
		mem-log --json --user ann --session $s >got
		sed "s/,\"graft\":\"$g\"//" got | cmp want -
	done
	exits 1 mem-log --user ann --session b2
	exits 1 mem-log --user ann --session nobody
	exits 1 mem-session show --user ann b2 2>err
	sed s/b2/nobody/ err >want.err
	exits 1 mem-session show --user ann nobody 2>err
	cmp want.err err
'
test_that 'selections: types, agents, times, limits, what is stored later' '
	world
	graft bob b1 --to user:ann
	graft bob b2 --to user:ann --only events
	[ "$(texts --user ann --agent ag-b2 | wc -l)" = 5 ]
	[ "$(texts --user ann --since 1970-01-01T00:00:03Z --until 1970-01-01T00:00:04Z | wc -l)" = 4 ]
	[ "$(texts --user ann -n 3 | tail -n 1)" = "bob b2 1" ]
	[ "$(texts --user ann --reverse -n 1)" = "bob b2 5" ]
	exits 1 mem-log --user ann --role tool
'
test_that 'by id, its neighbours: what the graft shows, and as many of it' '
	world
	mem-log --json --user bob --session b1 | jl event_id >ids
	graft bob b1 --to user:ann --from 1970-01-01T00:00:02Z --before 1970-01-01T00:00:05Z
	set -- $(cat ids)
	[ "$(texts --user ann "$3")" = "bob b1 3" ]
	exits 1 mem-log --user ann "$1" 2>err
	exits 1 mem-log --user ann "$5" 2>>err
	exits 1 mem-log --user ann 01HNAVQZC00000000000000000 2>>err
	[ "$(sed "s/'\''[0-9A-Z]*'\''//" err | sort -u | wc -l)" = 1 ]
	[ "$(texts --user ann --around "$3" | tr "\n" ,)" = "bob b1 2,bob b1 3,bob b1 4," ]
	[ "$(texts --user ann -C 1 "$2" | tr "\n" ,)" = "bob b1 2,bob b1 3," ]
	# two ranges with a gap: the neighbour is behind the gap
	graft bob b1 --to tenant --from 1970-01-01T00:00:05Z --only events
	[ "$(texts --user ann -C 1 "$4" | tr "\n" ,)" = "bob b1 3,bob b1 4,bob b1 5," ]
	graft bob b1 --to tenant --before 1970-01-01T00:00:02Z
	[ "$(texts --user ann --around "$3" | wc -l)" = 5 ]
'
test_that 'a session that is seen tells of what is seen, and no more' '
	world
	g=$(graft bob b1 --to user:ann)
	mem-session show --user bob --json b1 >want
	mem-session show --user ann --json b1 >got
	sed "s/,\"graft\":\"$g\"//" got | cmp want -
	mem-session ungraft --user bob "$g"
	graft bob b1 --to user:ann --from 1970-01-01T00:00:02Z --before 1970-01-01T00:00:04Z
	mem-session show --user ann --json b1 >got
	cat got
	grep "\"start\":2100,\"end\":3100,\"events\":2," got
	grep "\"agent\":\"ag-b1\"" got
	exits 1 grep "title\|variables\|state\|colour" got
	graft bob b2 --to user:ann --only variables
	mem-session show --user ann --json b2 >got
	cat got
	exits 1 grep "start\|\"events\"\|event_id\|ag-b2" got
	grep "\"colour\":\"red\"" got
	exits 1 mem-log --user ann --session b2
	graft bob b3 --to user:ann --only facts
	mem-session show --user ann --json b3 >got
	[ "$(cat got)" = "$(printf %s "$(cat got)" | grep "^{\"type\":\"session\",\"session_id\":\"b3\",\"user\":\"bob\",\"graft\":\"[0-9A-Z]*\"}$")" ]
'
test_that 'lists: ones own and those, in the order of what is seen of them' '
	world
	graft bob b3 --to tenant --from 1970-01-01T00:00:01Z --before 1970-01-01T00:00:02Z
	graft bob b2 --to user:ann --only files
	mem-session list --user ann --json | jl session_id | tr "\n" , >got
	[ "$(cat got)" = "b2,a1,a2,b3," ]
	mem-session list --user ann --json --reverse | jl session_id | tr "\n" , >got
	[ "$(cat got)" = "b3,a2,a1,b2," ]
	[ "$(mem-session list --user ann --json --agent ag-b3 | jl session_id)" = b3 ]
	exits 1 mem-session list --user ann --agent ag-b2
	[ "$(mem-session list --user ann --json -n 2 | wc -l)" = 2 ]
	[ "$(mem-session list --user carol --json | jl session_id)" = b3 ]
'
test_that 'variables and files are read, where they are covered' '
	world
	g=$(graft bob b1 --to user:ann --only variables)
	[ "$(mem-session get --user ann b1 colour)" = green ]
	[ "$(mem-session get --user ann b1)" = colour=green ]
	exits 1 mem-session get --user ann b2 colour
	exits 1 mem-session files --user ann b1
	exits 1 mem-session content --user ann b1 inputs d/x.txt
	f=$(graft bob b1 --to user:ann --only files)
	mem-session files --user ann --json b1 >got
	grep "\"path\":\"d/x.txt\".*\"user\":\"bob\",\"graft\":\"$f\"" got
	[ "$(mem-session content --user ann b1 inputs d/x.txt)" = secret ]
	[ "$(cat "$(mem-session path --user ann b1 inputs d/x.txt)")" = secret ]
	exits 1 mem-session content --user ann b1 inputs nothing
	exits 1 mem-session content --user ann b2 inputs y.txt
	exits 2 mem-session content --user ann b1 inputs ../../b2/inputs/y.txt 2>err
	exits 2 mem-session content --user ann b1 inputs d/../../../b2/inputs/y.txt 2>err
	# a link in the folder leads nowhere
	p=$MEM_STORE/tenants/default/files/bob
	ln -s ../../b2/inputs/y.txt "$p/b1/inputs/l"
	exits 2 mem-session content --user ann b1 inputs l 2>err
	ln -s ../../b2/inputs "$p/b1/inputs/ld"
	exits 2 mem-session content --user ann b1 inputs ld/y.txt 2>err
	mkfifo "$p/b1/inputs/fifo"
	exits 2 timeout 5 mem-session content --user ann b1 inputs fifo 2>err
'
test_that 'nobody writes through it' '
	world
	graft bob b1 --to user:ann
	mem-session show --user bob --json b1 >before
	mem-admin audit --json | wc -l >rows
	exits 2 mem-session set --user ann b1 colour blue 2>err
	grep "another user.s" err
	exits 2 mem-session unset --user ann b1 colour 2>err
	exits 2 mem-session rm --user ann b1 inputs d/x.txt 2>err
	echo x | exits 2 mem-session put --user ann b1 inputs - --as d/x.txt 2>err
	exits 2 mem-session scan --user ann b1 2>err
	exits 2 mem-session hold --user ann b1 2>err
	exits 2 mem-session graft --user ann b1 --to user:carol 2>err
	mem-session show --user bob --json b1 | cmp before -
	[ "$(mem-session content --user bob b1 inputs d/x.txt)" = secret ]
	# an import makes a session of her own, of that name, which is hers
	ev b1 99000 "mine" | mem-ingest --user ann >out
	mem-session show --user bob --json b1 | cmp before -
	[ "$(texts --user ann --session b1)" = mine ]
	store_whole
'
test_that 'to one session of the same user' '
	world
	g=$(graft bob b1 --to session:b2)
	[ "$(texts --user ann | wc -l)" = 6 ]
	[ "$(MEM_SESSION=b2 texts --user bob | sort -u | wc -l)" = 5 ]
	[ "$(MEM_SESSION=b2 texts --user bob --session b1 | wc -l)" = 5 ]
	MEM_SESSION=b3 exits 2 mem-log --user bob --session b1 2>err
	MEM_SESSION=b3 exits 2 mem-log --user bob --session nobody 2>err2
	cmp err err2
	mem-log --user bob --json | exits 1 grep graft
	[ "$(MEM_SESSION=b2 mem-session list --user bob --json | jl session_id | tr "\n" ,)" = "b1,b2," ]
	[ "$(MEM_SESSION=b3 mem-session list --user bob --json | jl session_id)" = b3 ]
	MEM_SESSION=b2 exits 2 mem-session set --user bob b1 colour x 2>err
	MEM_SESSION=b2 exits 2 mem-session set --user bob b9 colour x 2>err2
	cmp err err2
	MEM_SESSION=b2 mem-session set --user bob b2 colour x
	[ "$(MEM_SESSION=b2 mem-session get --user bob b1 colour)" = green ]
	id=$(mem-log --json --user bob --session b3 -n 1 | jl event_id)
	MEM_SESSION=b2 exits 1 mem-log --user bob "$id" 2>err
	id=$(mem-log --json --user bob --session b1 -n 1 | jl event_id)
	[ "$(MEM_SESSION=b2 mem-log --json --user bob "$id" | jl graft)" = "$g" ]
'
test_that 'lists of grafts: given, received; nobody else sees them' '
	world
	g=$(graft bob b1 --to user:ann --only events,files --until 2027-12-31)
	h=$(graft bob b2 --to tenant --from 1970-01-01)
	mem-session grafts --user bob --json >bobs
	cat bobs
	[ "$(jl id <bobs | tr "\n" ,)" = "$g,$h," ]
	grep "\"to\":\"user:ann\",\"rights\":\[\"read\"\],\"kinds\":\[\"events\",\"files\"\],\"expires\":1830211200000,\"created\":[0-9]*,\"state\":\"active\",\"by\":\"bob\"}" bobs
	grep "\"to\":\"tenant\",\"rights\":\[\"read\"\],\"kinds\":\[\"events\",\"contents\"\],\"since\":0," bobs
	mem-session grafts --user ann --json | cmp bobs -
	[ "$(mem-session grafts --user carol --json | jl id)" = "$h" ]
	exits 1 mem-session grafts --user bob --in
	exits 1 mem-session grafts --user ann --out
	[ "$(mem-session grafts --user ann --in b2 --json | jl id)" = "$h" ]
	exits 1 mem-session grafts --user carol b1
	exits 1 mem-session ungraft --user ann "$g" 2>err
	sed "s/$g/01HNAVQZC00000000000000000/" err >want
	exits 1 mem-session ungraft --user ann 01HNAVQZC00000000000000000 2>err
	cmp want err
	# who is bound knows of no other session
	mem-session graft --user bob b1 --to session:b3 >out
	[ "$(MEM_SESSION=b1 mem-session grafts --user bob --json | jl id | tr "\n" ,)" = "$g,$h," ]
	mem-session ungraft --user bob "$(jl id <out)"
	mem-session ungraft --user bob "$g"
	mem-session ungraft --user bob "$g"
	[ "$(mem-session grafts --user bob --json | jl state | tr "\n" ,)" = "revoked,active,revoked," ]
	[ "$(mem-session grafts --user ann --json | jl id)" = "$h" ]
	[ "$(mem-admin audit --json --who bob | grep -c "\"action\":\"graft\"\|\"action\":\"ungraft\"")" = 5 ]
	mem-admin audit verify
'
test_that 'what cannot be given' '
	world
	exits 64 mem-session graft --user bob b1 2>err
	for to in bob user: "user:" everybody session:b1 user:bob; do
		exits 64 mem-session graft --user bob b1 --to "$to" 2>err
	done
	exits 64 mem-session graft --user bob b1 --to user:ann --only everything 2>err
	exits 64 mem-session graft --user bob b1 --to user:ann --rights write 2>err
	exits 64 mem-session graft --user bob b1 --to user:ann --only files --from 2020 2>err
	exits 64 mem-session graft --user bob b1 --to user:ann --until 2020-01-01 2>err
	exits 64 mem-session graft --user bob b1 --to user:ann --from 2020 --before 2020 2>err
	exits 1 mem-session graft --user bob b9 --to user:ann 2>err
	exits 1 mem-session graft --user ann b2 --to user:carol 2>err
	MEM_SESSION=b1 exits 2 mem-session graft --user bob b1 --to user:ann 2>err
	exits 1 mem-session grafts --user bob
	mem-session graft --user ann a1 --to user:bob --json >rec
	mem-ingest --user carol <rec >out --rejects rej || [ $? -eq 3 ]
	grep "made by mem-session graft" rej
	exits 1 mem-session grafts --user carol
'
test_that 'it expires, and is gone with its session' '
	world
	g=$(graft bob b1 --to user:ann --until "$(date -u -d "+2 seconds" +%Y-%m-%dT%H:%M:%SZ)")
	h=$(graft bob b2 --to user:ann)
	[ "$(texts --user ann | wc -l)" = 16 ]
	sleep 2.1
	[ "$(texts --user ann | wc -l)" = 11 ]
	exits 1 mem-log --user ann --session b1
	[ "$(mem-session grafts --user bob --json | jl state | tr "\n" ,)" = "expired,active," ]
	[ "$(mem-session grafts --user ann --json | jl id)" = "$h" ]
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"b2\"}" | mem-ingest --user bob >out
	[ "$(texts --user ann | wc -l)" = 6 ]
	exits 1 mem-session grafts --user ann
	[ "$(mem-session grafts --user bob --json | jl id)" = "$g" ]
	of bob b4 3 700
	[ "$(texts --user ann | wc -l)" = 6 ]
	store_whole
'
test_that 'one that follows is told no more when it ends' '
	world
	g=$(graft bob b1 --to user:ann)
	timeout 20 mem-log -f --json --user ann --session b1 >got 2>err &
	pid=$!
	while [ "$(wc -l <got)" -lt 5 ]; do sleep 0.05; done
	of bob b1 1 60000
	while [ "$(wc -l <got)" -lt 6 ]; do sleep 0.05; done
	mem-session ungraft --user bob "$g"
	of bob b1 1 70000
	st=0
	wait $pid || st=$?
	[ $st = 2 ]
	grep "revoked" err
	[ "$(wc -l <got)" = 6 ]
	# it expires meanwhile
	g=$(graft bob b1 --to user:ann --until "$(date -u -d "+2 seconds" +%Y-%m-%dT%H:%M:%SZ)")
	exits 2 timeout 20 mem-log -f --json --user ann --session b1 >got 2>err
	grep "expired" err
	[ "$(wc -l <got)" = 7 ]
	# of all of hers: it goes on, without them
	g=$(graft bob b1 --to user:ann)
	timeout 20 mem-log -f --json --user ann -n 17 >got 2>err &
	pid=$!
	while [ "$(wc -l <got)" -lt 13 ]; do sleep 0.05; done
	mem-session ungraft --user bob "$g"
	of bob b1 2 80000
	of ann a1 4 80000
	wait $pid
	[ "$(tail -n 4 got | jl text | sort | tr "\n" ,)" = "ann a1 1,ann a1 2,ann a1 3,ann a1 4," ]
'
test_that 'most of a user, few of a user, several users: the same order' '
	fresh_store
	for u in u1 u2 u3; do
		for s in 1 2 3 4 5 6 7 8 9; do
			of $u $u-$s 7 $((s * 37))
		done
	done
	of me mine 7 11
	for s in 1 2 3 4 5 6 7 8; do
		mem-session graft -q --user u1 u1-$s --to user:me >out
	done
	mem-session graft --user u2 u2-5 --to user:me >out
	mem-session graft --user u3 u3-2 --to tenant --from 1970-01-01T00:00:02Z >out
	mem-session graft --user u3 u3-3 --to tenant >out
	mem-log --json --user me >got
	[ "$(wc -l <got)" = $((7 + 56 + 7 + 6 + 7)) ]
	for u in u1 u2 u3 me; do mem-log --json --user $u; done | grep -v graft |
	    grep "\"session_id\":\"\(mine\|u1-[1-8]\|u2-5\|u3-3\|u3-2\)\"" |
	    grep -v "u3-2 1" |
	    awk -F"\"timestamp\":" "{ split(\$2, t, \",\"); split(\$1, i, \"\\\"\"); print t[1], i[8], \$0 }" |
	    sort -k1,1n -k2,2 | cut -d" " -f 3- >want
	sed "s/,\"graft\":\"[0-9A-Z]*\"//" got | cmp want -
	mem-log --json --user me --reverse >back
	tac back | cmp got -
	[ "$(mem-log --json --user me -n 1 --reverse --type user_message | wc -l)" = 1 ]
'
test_that 'completion names what is seen' '
	world
	graft bob b2 --to user:ann
	MEM_USER=ann mem-log --complete 3 mem-log --session "" >got
	cat got
	grep -x "b2" got
	grep -x "a1" got
	exits 1 grep -x "b1" got
	MEM_USER=ann MEM_SESSION=a1 mem-log --complete 3 mem-log --agent "" >got
	[ "$(sort got | tr "\n" ,)" = "ag-a1,ag-b2," ]
	MEM_USER=ann MEM_SESSION=a1 mem-log --complete 3 mem-log --user "" >got
	[ "$(cat got)" = ann ]
'
test_done
