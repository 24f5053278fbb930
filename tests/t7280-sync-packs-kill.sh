#!/bin/sh
# A push and a pull of packs are killed, or a call of the system fails, at each
# place in turn; then it is done again: what manifests name is there, and all
# files come.
. "${0%/*}/lib.sh"
left_to long-76-sync-packs-kill
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

spread=1
if ! faults_work; then
	skip 'packs at each fault' 'the fault library does not reach the tools'
	test_done
	exit
fi

# some NODE FROM TO: files of 30 kB
some() {
	mkdir -p "$(dir "$1")"
	i=$2
	while [ "$i" -le "$3" ]; do
		head -c 30000 /dev/urandom >"$(dir "$1")/f$i"
		i=$((i + 1))
	done
}
# ready: A has more to push, B has pulled what was there before
ready() {
	fresh A B
	if [ "$sealed" = yes ]; then
		as A mem-admin key new k1 >out
		rm -f ring
		as A mem-admin key export --plain ring 2>/dev/null >out
		as B mem-admin key import ring >out
		as B mem-admin config set remote.main.seal true
	fi
	as A mem-admin config set "remote.main.$setting" true
	some A 1 4
	push A >out
	pull B >out
	some A 3 7
	for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
		head -c 700000 /dev/urandom >"$(dir A)/part$i"
	done
	[ "$sealed" = no ] || head -c 9000000 /dev/urandom >"$(dir A)/large"
	as A mem-session scan -q s1 >out
	as A mem-session rm -q s1 inputs f1 >out
	rm -rf before
	mkdir before
	cp -R A B remote before
}
back() {
	rm -rf A B remote
	cp -R before/A before/B before/remote .
}
told() {
	for c; do
		[ "$status" -ne "$c" ] || return 0
	done
	echo "$spec: exit $status"
	cat out err
	return 1
}
# each OP HOW STEP COMMAND...: with the fault at each call, and afterwards; a
# third of them, sealed another third, if not all with MEM_EVERY
each() {
	op=$1 how=$2 step=$3
	shift 3
	turn 3 || return 0
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
# all is well after another push, and another pull
again() {
	[ "$sealed" = yes ] || remote_whole || return
	push A >out 2>err || { cat err; return 1; }
	grep -q '"files_missing":0' out || { cat out; return 1; }
	[ "$sealed" = yes ] || remote_whole || return
	pull B >out 2>err || { cat err; return 1; }
	same_files A B && sound A B || return
	push A | grep -q '"published":false'
}

for setting in pack seal; do
	sealed=no
	[ $setting = pack ] || sealed=yes turns=1
	test_that "$setting: a push is killed at each write and sync" '
		ready
		afterwards() {
			again
		}
		push_A write :KILL 3
		push_A fsync :KILL 1
		push_A unlink :KILL 1
		push_A write :TEAR 7
	'
	test_that "$setting: a push fails at each write, sync, open" '
		afterwards() {
			[ $status -eq 0 ] || told 2 75 || return
			[ $status -eq 0 ] || [ -s err ] || return
			again
		}
		push_A write :ENOSPC 5
		push_A fsync :EIO 1
		push_A open :EMFILE 7
		push_A read :EIO 9
		push_A mkdir :ENOSPC 1
	'
	test_that "$setting: a pull is killed, or fails, at each write and sync" '
		back
		push A >out
		rm -rf before/A before/remote
		cp -R A remote before
		afterwards() {
			sound B || return
			pull B >out 2>err || { cat err; return 1; }
			same_files A B
		}
		pull_B write :KILL 11
		pull_B fsync :KILL 3
		afterwards() {
			[ $status -eq 0 ] || told 2 3 75 || return
			sound B || return
			pull B >out 2>err || { cat err; return 1; }
			same_files A B
		}
		pull_B write :ENOSPC 13
		pull_B read :EIO 17
		pull_B open :EMFILE 13
	'
done
test_done
