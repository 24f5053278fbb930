#!/bin/sh
# mem-log -f: what is there, then what comes; nothing twice, nothing lost.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

# lines N FILE: wait until it has so many
lines() {
	i=0
	: >>"$2"
	while [ "$(wc -l <"$2")" -lt "$1" ] && [ $i -lt 100 ]; do
		i=$((i + 1))
		sleep 0.1
	done
	[ "$(wc -l <"$2")" -eq "$1" ]
}

mkevents 600 >in
test_that 'events that are stored while it runs appear once, in their order' '
	head -n 100 in | mem-ingest >out
	mem-log --json -f >got &
	lines 100 got
	sed -n 101,300p in | mem-ingest >out
	sed -n 301,302p in | mem-ingest --each >out
	lines 302 got
	kill $!
	head -n 302 in | jl text >want
	jl text <got | diff - want
'
test_that 'each is written as it comes, also into a pipe' '
	mkfifo pipe
	mem-log --json -f -s 2100 >pipe &
	exec 3<pipe
	echo "{\"session_id\":\"f\",\"timestamp\":\"2100-01-01\",\"text\":\"new\"}" |
	    mem-ingest >out
	timeout 5 head -n 1 <&3 | grep "\"new\""
	kill $!
'
test_that '-n ends it' '
	timeout 10 mem-log --json -f -s 2100 -n 3 >got &
	sleep 0.3
	for t in 1 2 3; do
		echo "{\"session_id\":\"f\",\"timestamp\":\"2100-01-02\",\"text\":\"n$t\"}"
	done | mem-ingest >out
	wait $!
	jl text <got | tr "\n" " " | grep "^new n1 n2 $"
'
test_that 'filters hold for what comes' '
	timeout 10 mem-log --json -f --session g --role tool -n 2 >got &
	for r in user tool user tool; do
		echo "{\"session_id\":\"g\",\"timestamp\":1,\"role\":\"$r\",\"text\":\"$r\"}"
		echo "{\"session_id\":\"h\",\"timestamp\":1,\"role\":\"$r\",\"text\":\"$r 2\"}"
		echo "{\"session_id\":\"g\",\"timestamp\":2,\"role\":\"$r\",\"text\":\"$r 3\"}"
	done | mem-ingest >out
	wait $!
	[ "$(jl text <got | sort | tr "\n" " ")" = "tool tool 3 " ]
'
test_that 'an event of the past that comes late is shown too' '
	timeout 10 mem-log --json -f -s 2099 -n 5 >got &
	sleep 0.3
	echo "{\"session_id\":\"f\",\"timestamp\":\"2099-01-01\",\"text\":\"late\"}" |
	    mem-ingest >out
	wait $!
	tail -n 1 got | grep late
'
test_that 'a user who has nothing yet can be followed' '
	timeout 10 mem-log --json -f --user newcomer -n 1 >got &
	sleep 0.3
	head -n 1 in | mem-ingest --user newcomer >out
	wait $!
	grep "text number 1" got
'
test_that 'what comes after an event was forgotten is shown' '
	timeout 10 mem-log --json -f -s 2200 -n 2 >got &
	event() {
		echo "{\"session_id\":\"x\",\"timestamp\":\"2200-01-01\",\"text\":\"$1\"}"
	}
	event one | mem-ingest --ack >acks
	lines 1 got
	echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"$(jl id <acks | head -n 1)\"}" |
	    mem-ingest >out
	event two | mem-ingest >out
	wait $!
	[ "$(jl text <got | tr "\n" " ")" = "one two " ]
'
test_that 'an interrupt ends it, and so does a reader that leaves' '
	mem-log --json >all
	for s in INT:130 TERM:143; do
		: >got
		# a shell ignores INT for what it starts in the background
		perl -e "\$SIG{INT} = \"DEFAULT\"; exec @ARGV" -- \
		    mem-log --json -f -n 0 >got 2>err &
		lines "$(wc -l <all)" got
		kill -s "${s%:*}" $!
		r=0
		wait $! || r=$?
		[ $r -eq "${s#*:}" ]
		[ ! -s err ]
	done
	mkfifo gone
	timeout 10 mem-log --json -f >gone 2>err &
	head -n 1 <gone >out
	head -n 1 in | sed "s/text number/after/" | mem-ingest >out
	r=0
	wait $! || r=$?
	[ $r -eq 141 ]
	[ ! -s err ]
	store_whole
'
test_done
