#!/bin/sh
# Who writes a session: two nodes in turn, at the same moment, holding and
# stealing.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

# A and B, with a session s1 that A wrote and B has
both() {
	fresh A B
	say A s1 first
	push A >out
	pull B >out 2>err
}
# lease NODE KEY: of s1
lease() {
	as "$1" mem-sync lease show s1 | jl "$2"
}

test_that 'two write a session in turn: who has not pulled is told' '
	both
	for i in 1 2 3 4; do
		say A s1 "of A $i"
		push A >out
		say B s1 "of B $i"
		exits 75 push B --wait 0 2>err
		cat err
		grep "session .s1. of .tester. was written by node .* since the last pull; mem-sync pull takes that in, then push again" err
		pull B >out
		push B | grep "\"published\":true"
		exits 75 push A 2>err || { say A s1 x; exits 75 push A 2>err; }
		pull A >out
		push A >out
	done
	pull B >out
	same A B
	sound A B
	remote_whole
'
test_that 'what was refused is kept, and goes with the next push' '
	both
	say A s1 "of A"
	push A >out
	say B s1 "of B"
	say B s2 "of another session"
	exits 75 push B --wait 0 2>err
	as B mem-sync status | grep "\"behind\":2"
	[ "$(manifests | wc -l)" -eq 2 ]
	pull B >out
	push B | grep "\"changes\":2,\"segments\":1,\"sessions\":2"
	pull A >out
	same A B
'
test_that 'two push at the same moment: both win, in turn' '
	both
	for i in 1 2 3 4 5 6 7 8; do
		say A a$i "of A $i"
		say B b$i "of B $i"
		push A >out.A 2>err.A &
		p=$!
		push B >out.B 2>err.B || { cat err.B; exit 1; }
		wait $p || { cat err.A; exit 1; }
		cat out.A out.B
		grep "\"published\":true" out.A
		grep "\"published\":true" out.B
	done
	remote_whole
	[ "$(manifests | wc -l)" -eq 17 ]
	pull A >out
	pull B >out
	same A B
'
test_that 'ten nodes push at the same moment' '
	fresh A
	say A s1 first
	push A >out
	for i in 0 1 2 3 4 5 6 7 8 9; do
		node n$i
		pull n$i >out 2>err
		say n$i s$i.own "of $i"
	done
	for i in 0 1 2 3 4 5 6 7 8 9; do
		push n$i >out.$i 2>err.$i &
	done
	wait
	cat err.[0-9]
	[ "$(cat out.[0-9] | grep -c "\"published\":true")" -eq 10 ]
	remote_whole
	[ "$(manifests | wc -l)" -eq 11 ]
	pull A | grep "\"segments\":10,"
'
test_that 'a session that is held: others wait, or steal it' '
	both
	as A mem-sync lease take s1 --hold 100 >out
	[ "$(lease A own)" = true ]
	[ "$(lease A epoch)" -eq 1 ]
	[ "$(lease A held_ms)" -gt 90000 ]
	pull B >out
	[ "$(lease B own)" = false ]
	[ "$(lease B held_ms)" -gt 90000 ]
	say B s1 "of B"
	exits 75 push B --wait 0 2>err
	cat err
	grep "session .s1. of .tester. is held by node .* for [0-9]* s more; wait, or take it with --steal" err
	exits 75 as B mem-sync lease take s1 2>err
	exits 1 as B mem-sync lease drop s1
	push B --steal | grep "\"published\":true"
	[ "$(lease B own)" = true ]
	[ "$(lease B epoch)" -eq 2 ]
	say A s1 "of A"
	exits 75 push A 2>err
	grep "written by node .* since the last pull" err
	pull A >out
	push A >out
	[ "$(lease A epoch)" -eq 3 ]
	pull B >out
	same A B
'
test_that 'it is free when its time is over, by the clock of who waits' '
	both
	as A mem-sync lease take s1 --hold 4 >out
	pull B >out
	say B s1 "of B"
	# what is done here takes less than its time, on a busy machine, too
	exits 75 push B --wait 0 2>err
	# clocks of the day are not looked at
	! faults_work || MEM_CLOCK=86400 LD_PRELOAD=$fault_lib \
	    exits 75 push B --wait 0 2>err
	sleep 4.2
	push B | grep "\"published\":true"
	[ "$(lease B epoch)" -eq 2 ]
'
test_that 'who looks late waits from then on' '
	both
	as A mem-sync lease take s1 --hold 2 >out
	sleep 2.2
	say B s1 "of B"
	exits 75 push B --wait 0 2>err
	cat err
	grep "held by node" err
	sleep 2.2
	push B >out || { pull B >out; push B >out; }
	[ "$(lease B own)" = true ]
'
test_that 'held longer, then given back' '
	both
	as A mem-sync lease take s1 --hold 1 >out
	as A mem-sync lease take s1 --hold 100 >out
	sleep 1.2
	pull B >out
	exits 75 as B mem-sync lease take s1 2>err
	as A mem-sync lease drop s1
	exits 1 as A mem-sync lease drop s1
	[ "$(lease A held_ms)" -eq 0 ]
	exits 75 as B mem-sync lease take s1 2>err
	grep "mem-sync pull" err
	pull B >out
	as B mem-sync lease take s1 --hold 5
	[ "$(lease B own)" = true ]
	exits 1 as A mem-sync lease drop s1
'
test_that 'stolen from who holds it, without its changes: not before a pull' '
	both
	as A mem-sync lease take s1 --hold 100 >out
	say A s1 "more of A"
	push A >out
	say B s1 "of B"
	exits 75 push B --wait 0 --steal 2>err
	cat err
	grep "since the last pull; mem-sync pull" err
	pull B >out
	push B --steal >out
	[ "$(texts B | wc -l)" -eq 3 ]
'
test_that 'a value that both wrote: both are told of it, one counts on both' '
	both
	as A mem-session set s1 key a
	as B mem-session set s1 key b
	push A >out
	exits 75 push B --wait 0 2>err
	pull B >out
	cat out
	grep "\"type\":\"clash\"" out
	grep "\"clashes\":1" out
	push B >out
	pull A >out
	cat out
	grep "\"clashes\":1" out
	same A B
	[ "$(as A mem-session get s1 key)" = "$(as B mem-session get s1 key)" ]
'
# follower NODE [OPTION...]: pid in $p
follower() {
	MEM_STORE=$work/$1
	export MEM_STORE
	shift
	mem-sync push --follow --every 1 "$@" >follow.out 2>follow.err &
	p=$!
	MEM_STORE=$work/store
}
# until_ok COMMAND...: within ten seconds
until_ok() {
	i=0
	until "$@"; do
		i=$((i + 1))
		[ $i -lt 100 ] || return 1
		sleep 0.1
	done
}
test_that '--follow: what comes is pushed, held, and given back at the end' '
	both
	follower A --hold 60
	say A s1 "while it follows"
	until_ok grep "\"published\":true" follow.out
	pull B >out
	texts B | grep -x "while it follows"
	[ "$(lease B held_ms)" -gt 30000 ]
	say A s2 "another"
	until_ok grep "\"number\":3" follow.out
	exits 75 as B mem-sync lease take s1 2>err
	kill $p
	wait $p
	pull B >out
	[ "$(lease B held_ms)" -eq 0 ]
	as B mem-sync lease show | jl held_ms >out
	sort -u out | grep -x 0
	say B s1 "of B"
	push B | grep "\"published\":true"
'
test_that '--follow goes on when it is told to wait' '
	both
	as B mem-sync lease take s1 --hold 2
	say A s1 "of A"
	follower A --hold 1
	until_ok grep "is held by node" follow.err
	until_ok grep -e "\"published\":true" -e "since the last pull" follow.out follow.err
	kill $p
	wait $p
	pull A >out
	push A >out
	pull B >out
	same A B
'
test_that 'lease show: nobody, one, all' '
	fresh A
	exits 1 as A mem-sync lease show
	say A s1 one
	exits 1 as A mem-sync lease show s1
	push A >out
	as A mem-sync lease show s1 >out
	cat out
	grep "{\"type\":\"lease\",\"session_id\":\"s1\",\"user\":\"tester\",\"node\":\"[0-9A-Z]*\",.*\"own\":true,\"epoch\":1,\"since\":[0-9]*,\"held_ms\":0}" out
	say A s2 two
	push A >out
	[ "$(as A mem-sync lease show | wc -l)" -eq 2 ]
	exits 1 as A mem-sync lease show nothing
	exits 1 as A mem-sync lease show --user nobody
'
test_done
