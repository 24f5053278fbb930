#!/bin/sh
# Two nodes and one session, where one is held at each of its requests in turn,
# before it is done and after it, or in a folder before each name that it makes
# or takes away, while the other does all of its own: one wins, the other is
# told, and nothing that was acknowledged is lost.
# MEM_EVERY=1: each request; else (2) some, others after than before.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-sync.sh"
bucket=memkit-sync server=fake data=
every=${MEM_EVERY:-2}
s3_fake
templates A B C
echo 0 >seed
place=bucket hows="hold held"

# write NODE PATH TEXT: a file of s1
write() {
	echo "$3" >"$(as "$1" mem-session path s1 inputs "$2")"
}
# begin: A and B have what A wrote and pushed, in a folder that is new; then
# each writes
begin() {
	seed=$(($(cat seed) + 1))
	echo $seed >seed
	rm -rf A B C
	for who in A B C; do
		cp -R $who.new $who
		aim $who "$port"
	done
	[ "$place" = bucket ] || fresh A B
	say A s1 first
	write A both "at first"
	write A gone "at first"
	push A -q >out && pull B -q >out 2>err || return
	printf '%s\n' first "of A" "of B" >want
	say A s1 "of A"
	write A both "A wrote this"
	write A new "A wrote this too"
	as A mem-session rm -q s1 inputs gone
	say B s1 "of B"
	write B both "B wrote this"
	write B other "B wrote this too"
	again=
}
# held NODE WORD N COMMAND...: what NODE runs is held at its N-th request, or
# call of that name, and $pid; false: it has no so many
held() {
	if [ "$place" = folder ]; then
		stopped "$@"
		return
	fi
	who=$1
	rm -f stop
	{
		yes ok | head -n $(($3 - 1))
		echo "$2 $work/stop"
	} >script
	shift 3
	MEM_STORE=$work/$who timeout 60 "$@" >"out.$who" 2>"err.$who" &
	pid=$!
	until [ -e stop ]; do
		kill -0 $pid 2>/dev/null || return 1
		sleep 0.005
	done
}
stopped() {
	who=$1 spec=$2:$3:STOP
	shift 3
	MEM_STORE=$work/$who MEM_FAULT=$spec LD_PRELOAD=$fault_lib "$@" \
	    >"out.$who" 2>"err.$who" &
	pid=$!
	until grep -q -s "^State:.*stopped" /proc/$pid/status; do
		kill -0 $pid 2>/dev/null || return 1
		sleep 0.005
	done
}
# goes_on NODE: until it ends; its status in $rc_NODE
goes_on() {
	rm -f stop
	[ "$place" = bucket ] || kill -CONT "$pid"
	rc=0
	wait "$pid" || rc=$?
	eval "rc_$1=$rc"
}
# does NODE VERB [OPTION...]: its status in $rc_NODE
does() {
	who=$1
	shift
	rc=0
	as "$who" timeout 60 mem-sync "$@" >"out.$who" 2>"err.$who" || rc=$?
	eval "rc_$who=$rc"
}
# told NODE: it worked, or was told what to do
told() {
	eval "rc=\$rc_$1"
	case $rc in
	0) return ;;
	75) grep -q -e "mem-sync pull" -e "with --steal" "err.$1" && return ;;
	esac
	echo "$1: exit $rc"
	cat "err.$1"
	return 1
}
whole_bucket() {
	server_whole
}
whole_folder() {
	[ -n "$(manifests)" ] && remote_whole
}
# union: both to the end; all events and all bytes are on both, and on a new
# node
union() {
	: >script
	for who in A B A B; do
		does $who pull
		[ $rc -eq 0 ] || { cat "err.$who"; return 1; }
		does "$who" push --steal
		told "$who" || return
	done
	does A pull
	"whole_$place" && same A B && sound A B || return
	texts A >got
	LC_ALL=C sort want | diff - got || return
	for t in "A wrote this" "A wrote this too" "B wrote this too" \
	    "${again:-B wrote this}"; do
		grep -r -q -x -F "$t" A/tenants/default/files ||
		    { echo "'$t' is lost"; return 1; }
	done
	as A timeout 60 mem-sync verify >out 2>err || { cat out err; return 1; }
	for who in A B; do
		(cd $who/tenants/default/files/tester/s1 &&
		    find . -type f ! -path './.*' -exec sha256sum {} +) |
		    sort >files.$who
	done
	diff files.A files.B
}
# each COMMAND...: with $how and $n, until it says that there is no such request
# any more (2)
each() {
	runs=0
	for how in $hows; do
		n=1
		[ "$how" != held ] || [ "$every" -eq 1 ] || n=2
		while [ $n -le 60 ]; do
			begin || { cat out err; return 1; }
			came=0
			"$@" || came=$?
			[ $came -ne 2 ] || break
			if [ $came -ne 0 ] || ! union; then
				echo "$how $n"
				[ "$place" = folder ] || tail -n 12 log
				return 1
			fi
			runs=$((runs + 1))
			: >log
			n=$((n + every))
		done
	done
	echo "$runs runs" | tee tally
	[ $runs -ge $((6 / every)) ]
}

fight() {
	held A "$how" "$n" mem-sync push --wait 0 || return 2
	does B push --steal --wait 0
	goes_on A
	told A && told B || return
	[ $((rc_A + rc_B)) -eq 75 ] || { echo "A $rc_A, B $rc_B"; return 1; }
}
test_that 'A is held in its push, B pushes: one wins, the other is told' '
	each fight
'
sed 's/^/# /' tally 2>/dev/null
fight_held() {
	as A mem-sync lease take s1 --hold 100 >out || return 1
	pull B -q >out 2>err || return 1
	fight
}
test_that 'the same where A holds the session, and B steals it' '
	each fight_held
'
sed 's/^/# /' tally 2>/dev/null
takeover() {
	held A "$how" "$n" mem-sync push --wait 0 || return 2
	does B pull
	[ "$rc_B" -eq 0 ] || { cat err.B; return 1; }
	again="B wrote it again"
	write B both "$again"
	does B push --steal --wait 0
	goes_on A
	[ "$rc_B" -eq 0 ] || { cat err.B; return 1; }
	told A
}
test_that 'A is held in its push, B takes the session over, A goes on' '
	each takeover
'
sed 's/^/# /' tally 2>/dev/null
# pulled NODE: all, or it was told that bytes of a file are no more there
pulled() {
	eval "rc=\$rc_$1"
	case $rc in
	0) return ;;
	3) grep -q '"type":"file_missing"' "out.$1" && return ;;
	esac
	cat "out.$1" "err.$1"
	return 1
}
in_pull() {
	push A -q >out 2>err || return 1
	held B "$how" "$n" mem-sync pull || return 2
	say A s1 "of A meanwhile"
	echo "of A meanwhile" >>want
	write A both "A wrote this"
	write A new2 "A wrote this"
	does A push --steal --wait 0
	goes_on B
	[ "$rc_A" -eq 0 ] || { cat err.A; return 1; }
	pulled B || return
	say B s1 "of B afterwards"
	echo "of B afterwards" >>want
	does B push --wait 0
	told B
}
test_that 'B is held in its pull, A goes on' '
	each in_pull
'
sed 's/^/# /' tally 2>/dev/null
first_pull() {
	rm -rf B
	cp -R B.new B
	aim B "$port"
	held B "$how" "$n" mem-sync pull || return 2
	does A push --wait 0
	goes_on B
	[ "$rc_A" -eq 0 ] || { cat err.A; return 1; }
	pulled B || return
	say B s1 "of B"
	write B other "B wrote this too"
	write B more "B wrote this"
	does B push --wait 0
	told B
}
test_that 'B is held in its first pull, A goes on' '
	each first_pull
'
sed 's/^/# /' tally 2>/dev/null

if ! faults_work; then
	skip 'in a folder' 'the fault library does not reach the tools'
	test_done
	exit
fi
place=folder hows="rename unlink"
test_that 'a folder: A is stopped in its push, B pushes' 'each fight'
sed 's/^/# /' tally 2>/dev/null
test_that 'a folder: A is stopped in its push, B takes the session over' '
	each takeover
'
sed 's/^/# /' tally 2>/dev/null
test_that 'a folder: B is stopped in its pull, A goes on' 'each in_pull'
sed 's/^/# /' tally 2>/dev/null
test_done
