#!/bin/sh
# mem-sync is killed, or a call of the system fails, at each place in turn;
# then it is done again: the remote is right, and what is pulled is equal.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

if ! faults_work; then
	skip 'mem-sync at each fault' 'the fault library does not reach the tools'
	test_done
	exit
fi

# A has more to push, and something there already; B was pulled before that
node A B
fill A
push A >out
pull B >out 2>err
say A s1 more
as A mem-session set s1 key third
say A new one
mkdir -p before
cp -R A B remote before
back() {
	rm -rf A B remote
	cp -R before/A before/B before/remote .
}
# told CODE...: it ended with one of these, and said why
told() {
	for c; do
		[ "$status" -ne "$c" ] || return 0
	done
	echo "$spec: exit $status"
	cat out err
	return 1
}

# each OP HOW STEP COMMAND...: COMMAND with the fault at each call, and what
# `afterwards` says then; of the kinds each second, if not all with MEM_EVERY
each() {
	op=$1 how=$2 step=$3
	shift 3
	turn || return 0
	hits=0
	points_of "$op" "$step" back "$@"
	for n in $points; do
		back
		fault "$op:$n$how" "$@" || continue
		hits=$((hits + 1))
		afterwards || { echo "$op:$n$how"; return 1; }
	done
	echo "$op: $hits"
	[ $hits -gt 0 ]
}

push_A() {
	each "$1" "$2" "$3" env MEM_STORE="$work/A" mem-sync push
}
pull_B() {
	each "$1" "$2" "$3" env MEM_STORE="$work/B" mem-sync pull
}

test_that 'push is killed at each write, sync, rename, and pushed again' '
	afterwards() {
		remote_whole || return
		push A >out 2>err || { cat err; return 1; }
		remote_whole || return
		pull B >out 2>err || { cat err; return 1; }
		same A B && sound A B
	}
	push_A write :KILL 5
	push_A fsync :KILL 1
	push_A rename :KILL 1
	push_A unlink :KILL 1
	push_A write :TEAR 13
'
test_that 'push fails at each write, sync, rename, and is pushed again' '
	afterwards() {
		[ $status -eq 0 ] || told 2 75 || return
		[ $status -eq 0 ] || [ -s err ] || return
		remote_whole || return
		push A >out 2>err || { cat err; return 1; }
		remote_whole || return
		pull B >out 2>err || { cat err; return 1; }
		same A B && sound A B
	}
	push_A write :ENOSPC 9
	push_A fsync :EIO 1
	push_A rename :EIO 1
	push_A open :EMFILE 7
	push_A mkdir :ENOSPC 1
'
test_that 'pull is killed at each write and sync, and pulled again' '
	push A >out
	rm -rf before/A before/remote
	cp -R A remote before
	afterwards() {
		sound B || return
		pull B >out 2>err || { cat err; return 1; }
		same A B && sound B
	}
	pull_B write :KILL 5
	pull_B fsync :KILL 1
	pull_B write :TEAR 11
'
test_that 'the disk is full in a pull: told, nothing harmed, then it is well' '
	afterwards() {
		[ $status -eq 0 ] || told 2 || return
		sound B || return
		[ $status -eq 0 ] || pull B >out 2>err || { cat err; return 1; }
		same A B && sound B
	}
	pull_B write :ENOSPC 7
	pull_B write +:ENOSPC 5
	pull_B read :EIO 9
	pull_B open :EMFILE 7
'
test_done
