#!/bin/sh
# mem-session: sessions by time, with counts, ends and titles; variables.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

cat >in <<'.'
{"session_id":"a","timestamp":"2026-11-18T10:00:00Z","text":"1","agent":"codex"}
{"session_id":"a","timestamp":"2026-11-18T12:00:00Z","text":"2","agent":"claude-code"}
{"session_id":"a","timestamp":"2026-11-18T11:00:00Z","text":"3"}
{"session_id":"b","timestamp":"2026-11-19T10:00:00Z","text":"4"}
{"session_id":"b","timestamp":"2026-11-20T10:00:00Z","text":"5"}
{"session_id":"c d/é","timestamp":"2026-11-19T09:00:00Z","text":"6","agent":"codex"}
{"type":"session","session_id":"b","title":"Second","agent":"gemini","extra":{"z":1,"a":[true]}}
{"type":"session","session_id":"empty","title":"No events"}
.
mem-ingest in >out
ids() {
	mem-session list --json "$@" | jl session_id | tr '\n' ' '
}

# --- list and show

test_that 'sessions come by their start, those without events first' '
	[ "$(ids)" = "empty a c d/é b " ]
	[ "$(ids --reverse)" = "b c d/é a empty " ]
	[ "$(ids -n 2)" = "empty a " ]
'
test_that 'with counts, first and last event, agent and title' '
	mem-session show a --json >got
	first=$(mem-log --json --session a -n 1 | jl event_id)
	last=$(mem-log --json --session a -n 1 --reverse | jl event_id)
	cat >want <<-.
	{"type":"session","session_id":"a","user":"tester","agent":"claude-code","start":1794996000000,"end":1795003200000,"events":3,"state":"active","first_event_id":"$first","last_event_id":"$last"}
	.
	diff got want
'
test_that 'what was set about it wins, further keys are kept' '
	mem-session show b --json | grep "\"agent\":\"gemini\",\"title\":\"Second\",.*\"extra\":{\"a\":\[true\],\"z\":1}"
'
test_that 'a session without events has no start and no end' '
	mem-session show empty --json >got
	grep "\"title\":\"No events\",\"events\":0,\"state\":\"active\"}" got
'
test_that 'those that overlap [since, until)' '
	[ "$(ids -s 2026-11-18T12:00:00Z -u 2026-11-18T12:00:00.001Z)" = "empty a " ]
	[ "$(ids -s 2026-11-18T12:00:00.001Z -u 2026-11-19T09:00:00Z)" = "empty " ]
	[ "$(ids -s 2026-11-19T12:00:00Z -u 2026-11-19T13:00:00Z)" = "empty b " ]
	[ "$(ids -s yesterday -u today)" = "empty c d/é b " ]
'
test_that 'of one agent' '
	[ "$(ids --agent codex)" = "c d/é " ]
	[ "$(ids --agent gemini)" = "b " ]
	exits 1 mem-session list --agent nobody
'
test_that 'none: exit 1' '
	exits 1 mem-session list --user nobody >out
	[ ! -s out ]
	exits 2 mem-session list --store nothing 2>err
	grep "no store at" err
'
test_that 'show: several, in the order asked for; one that is not there' '
	mem-session show b a --json | jl session_id | tr "\n" " " | grep "^b a $"
	exits 3 mem-session show b nothing a >out 2>err
	[ "$(wc -l <out)" = 2 ]
	grep "no session '\''nothing'\''" err
	exits 1 mem-session show nothing 2>err
	exits 64 mem-session show
	[ "$(MEM_SESSION=a mem-session show --json | jl session_id)" = a ]
'
test_that 'show -: ids, and the records of other tools' '
	printf "a\n  c d/é \n\n" | mem-session show --json - | jl session_id >got
	printf "a\nc d/é\n" | diff got -
	mem-log --json -n 1 | mem-session show --json - | jl session_id | grep "^a$"
	mem-session list --json | mem-session show --json - >got
	mem-session list --json | diff got -
	echo "{\"type\":\"hit\",\"id\":\"x\",\"source\":\"event\",\"record\":{\"session_id\":\"b\"}}" |
	    mem-session show --json - | jl session_id | grep "^b$"
	echo "{\"type\":\"hit\",\"id\":\"b\",\"source\":\"session\",\"score\":1}" |
	    mem-session show --json - | jl session_id | grep "^b$"
	echo "{\"type\":\"summary\"}" | exits 1 mem-session show - 2>err
	grep "1 line names no session, and is left out" err
	printf "%s\n" "{broken" a nothing | exits 3 mem-session show --json - >got 2>err
	[ "$(jl session_id <got)" = a ]
	grep "standard input line 1: byte [0-9]*: not JSON" err
	grep "no session .nothing." err
'
test_that 'text: a line each' '
	mem-session list --text >got
	[ "$(wc -l <got)" = 4 ]
	grep "^2026-11-18 10:00 .* 3  a  " got
'
test_that 'it grows as events come, and by nothing else' '
	echo "{\"session_id\":\"a\",\"timestamp\":\"2026-11-18T09:00:00Z\",\"text\":\"0\"}" |
	    mem-ingest >out
	mem-session show a --json | grep "\"start\":1794992400000,\"end\":1795003200000,\"events\":4,"
	mem-ingest in >out
	mem-session show a --json | grep "\"events\":4,"
'

test_that 'the beginning of an id will do where a person types it, if it is the only one' '
	for s in abcdef abcxyz longer-1; do
		mem-session set $s k $s
	done
	mem-session show long --json | jl session_id | grep "^longer-1$"
	mem-session show abcd --json | jl session_id | grep "^abcdef$"
	exits 1 mem-session show lon 2>err
	mem-session set abcx new 1
	[ "$(mem-session show abcx --json | jl session_id)" = abcx ]
	mem-session set abcxyw k 1
	exits 64 mem-session show abcxy 2>err
	grep "several sessions begin with '\''abcxy'\''; give more of the id" err
'
test_that 'but not where a program gives it, nor where it binds a call' '
	echo long | exits 1 mem-session show - 2>err
	echo "{\"session_id\":\"long\"}" | exits 1 mem-session show - 2>err
	MEM_SESSION=long exits 1 mem-session show 2>err
	echo "{\"session_id\":\"longer-1\",\"timestamp\":1,\"text\":\"x\"}" |
	    mem-ingest >out
	mem-log --session long | grep "\"x\""
	MEM_SESSION=long exits 1 mem-log
	mem-session set longe k v
	exits 1 mem-session get longe other
	for s in abcdef abcx abcxyz abcxyw longer-1 longe; do
		echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"$s\"}"
	done | mem-ingest >out
'

# --- records

test_that 'a record that says nothing new is a duplicate' '
	n=$(sql "SELECT count(*) FROM change WHERE type IN (2, 5)")
	echo "{\"type\":\"session\",\"session_id\":\"b\",\"title\":\"Second\",\"agent\":null,\"events\":99,\"start\":1}" |
	    mem-ingest --ack | grep "duplicate"
	echo "{\"type\":\"session\",\"session_id\":\"b\",\"title\":\"Third\"}" |
	    mem-ingest --ack | grep "stored"
	mem-session show b --json | grep "\"title\":\"Third\""
	[ "$(sql "SELECT count(*) FROM change WHERE type IN (2, 5)")" = $((n + 1)) ]
'
test_that 'a list of sessions goes into another store' '
	mem-session list --json | mem-ingest --store copy >out
	mem-log --json | mem-ingest --store copy >out
	mem-session list --json >got
	mem-session list --json --store copy | diff got -
'
test_that 'a state is active or archived' '
	echo "{\"type\":\"session\",\"session_id\":\"b\",\"state\":\"archived\"}" |
	    mem-ingest >out
	mem-session show b --json | grep "\"state\":\"archived\""
'

# --- variables

test_that 'set, get, set again, unset' '
	mem-session set a colour green
	[ "$(mem-session get a colour)" = green ]
	mem-session set a colour "dark green"
	[ "$(mem-session get a colour)" = "dark green" ]
	mem-session unset a colour
	exits 1 mem-session get a colour
	exits 1 mem-session unset a colour
'
test_that 'to set it to what it is stores nothing' '
	mem-session set a k v
	n=$(sql "SELECT (SELECT max(seq) FROM variable), (SELECT max(seq) FROM change)")
	mem-session set a k v
	[ "$(sql "SELECT (SELECT max(seq) FROM variable), (SELECT max(seq) FROM change)")" = "$n" ]
'
test_that 'get without a key: all of them, by name' '
	mem-session set a b 2
	mem-session set a "ä key" "x=y"
	mem-session set a empty ""
	mem-session get a >got
	printf "%s\n" b=2 empty= k=v "ä key=x=y" | diff got -
	mem-session show a --json | grep "\"variables\":{\"b\":\"2\",\"empty\":\"\",\"k\":\"v\",\"ä key\":\"x=y\"}"
	exits 1 mem-session get b
	exits 1 mem-session get nothing
	exits 1 mem-session get nothing k
'
test_that 'values of more than one line, and with any text' '
	v=$(printf "one\ntwo\t\033[2J \"\\\\")
	mem-session set a odd "$v"
	[ "$(mem-session get a odd)" = "$v" ]
	mem-session get -0 a | tr "\0" "@" | grep -a "odd=one"
	mem-session unset a odd
'
test_that 'a session that is not there is made by set, not by unset or get' '
	mem-session set new k v
	[ "$(mem-session get new k)" = v ]
	exits 1 mem-session unset newer k
	exits 1 mem-session show newer
	mem-session set --user friend a k theirs
	[ "$(mem-session get a k)" = v ]
	[ "$(mem-session get --user friend a k)" = theirs ]
'
test_that 'names and values that are none: misuse' '
	exits 64 mem-session set "" k v
	exits 64 mem-session set a "" v
	exits 64 mem-session set a "$(printf "k\001")" v
	exits 64 mem-session set a "$(printf "%01025d" 1)" v
	exits 64 mem-session set a k "$(printf "\377")" 2>err
	grep "the value is not UTF-8" err
	exits 64 mem-session set a k
	exits 64 mem-session set a k v w
	exits 64 mem-session unset a
	exits 64 mem-session get
	exits 64 mem-session get a b c
	exits 64 mem-session list a
	exits 64 mem-session
	exits 64 mem-session frobnicate a
'
test_that 'a value that begins with a dash' '
	mem-session set a dash -- -x
	[ "$(mem-session get a dash)" = -x ]
'
test_that 'variables come with a session record, and go on from there' '
	echo "{\"type\":\"session\",\"session_id\":\"v\",\"variables\":{\"x\":\"1\",\"y\":\"2\",\"z\":null}}" |
	    mem-ingest >out
	echo "{\"type\":\"session\",\"session_id\":\"v\",\"variables\":{\"y\":\"3\"}}" |
	    mem-ingest >out
	mem-session get v >got
	printf "x=1\ny=3\n" | diff got -
'
test_that 'what one process sets the next one sees, also many at once' '
	for i in 1 2 3 4 5 6 7 8; do
		mem-session set m k$i $i &
	done
	wait
	[ "$(mem-session get m | wc -l)" = 8 ]
	store_whole
'
test_that 'any call to the system may fail: set is done, or it is not' '
	if faults_work; then
		ops="write fsync open mmap"
		! heap_faults_work || ops="$ops malloc"
		for op in $ops; do
			n=1
			while fault "$op:$n" mem-session set m fault "$op $n"; do
				got=$(mem-session get m fault || :)
				case $status in
				0) [ "$got" = "$op $n" ] ;;
				2 | 71) [ -s err ] ;;
				*) echo "$op:$n: exit $status"; exit 1 ;;
				esac
				n=$((n + 1 + n / 4))
			done
			[ "$(mem-session get m fault)" = "$op $n" ]
			[ $n -gt 1 ]
		done
		store_whole
	fi
'
test_done
