#!/bin/sh
# One revokes while others read: a call that begins after somebody was told
# that a graft is revoked shows nothing of it.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

# reader FILE COMMAND...: over and over, until `stop` is there; each time
# whether it was revoked before the call began, then how much it saw
reader() {
	f=$1
	shift
	while [ ! -e stop ]; do
		was=no
		[ ! -e revoked ] || was=yes
		echo "$was $("$@" 2>/dev/null | wc -l)" >>"$f"
		[ $was = no ] || : >"$f.after"
	done
}
turn() {
	rm -f stop revoked seen.*
	g=$(mem-session graft --json --user bob b --to user:ann | jl id)
	reader seen.log mem-log --json --user ann &
	a=$!
	reader seen.show mem-session get --user ann b k &
	b=$!
	for f in seen.log seen.show; do
		until grep -q "^no [1-9]" $f 2>/dev/null; do sleep 0.01; done
	done
	mem-session ungraft --user bob "$g"
	: >revoked
	until [ -e seen.log.after ] && [ -e seen.show.after ]; do
		sleep 0.01
	done
	: >stop
	wait $a $b
	exits 1 grep "^yes [1-9]" seen.log seen.show
	grep -q "^yes 0" seen.log
	grep -q "^yes 0" seen.show
}

test_that 'readers in a loop, one who revokes: nothing after it was told' '
	for i in $(seq 300); do
		echo "{\"session_id\":\"b\",\"timestamp\":$i,\"text\":\"event $i\"}"
	done | mem-ingest --user bob >/dev/null
	mem-session set --user bob b k v
	for n in 1 2 3 4 5 6; do turn; done
	store_whole
'
test_that 'one who was reading when it ended has seen a part of it, or all' '
	g=$(mem-session graft --json --user bob b --to user:ann | jl id)
	mkfifo pipe
	mem-log --json --user ann --session b >pipe &
	exec 8<pipe
	read -r first <&8
	mem-session ungraft --user bob "$g"
	cat <&8 >rest
	wait $!
	exec 8<&-
	[ -n "$first" ]
	[ "$(wc -l <rest)" -le 299 ]
	exits 1 mem-log --user ann --session b
'
test_that 'a credential is revoked: who follows with it ends, and says so' '
	fresh_store
	echo "{\"session_id\":\"s\",\"timestamp\":1,\"text\":\"one\"}" | mem-ingest >out
	mem-admin credential add root --rights admin --out root.cred >out
	export MEM_CREDENTIAL_FILE=$work/root.cred
	mem-admin credential add me --tenant default --user tester --rights read,write --out me.cred >out
	MEM_CREDENTIAL_FILE=$work/me.cred timeout 20 mem-log -f --json >got 2>err &
	pid=$!
	while [ "$(wc -l <got)" -lt 1 ]; do sleep 0.05; done
	mem-admin credential revoke me --tenant default >out
	st=0
	wait $pid || st=$?
	[ $st = 2 ]
	grep "expired, or was revoked" err
	[ "$(wc -l <got)" = 1 ]
'
# a call of a credential leaves how often it asked for what is not there
test_that 'what is asked by id and not to be seen is counted, the same as what is not there' '
	fresh_store
	for s in b c; do
		echo "{\"session_id\":\"$s\",\"timestamp\":1,\"text\":\"$s\"}" | mem-ingest --user bob >out
	done
	id=$(mem-log --json --user bob --session c | jl event_id)
	mem-admin credential add root --rights admin --out root2.cred >out
	export MEM_CREDENTIAL_FILE=$work/root2.cred
	mem-admin credential add ann --tenant default --user ann --rights read --out ann.cred >out
	last() {
		mem-admin audit --json --who ann | tail -n 1 |
		    sed "s/\"hash\":.*//; s/\"seq\":[0-9]*,\"timestamp\":[0-9]*//"
	}
	n=$(mem-admin audit --json | wc -l)
	MEM_USER= MEM_CREDENTIAL_FILE=$work/ann.cred exits 1 mem-log "$id" "$id" 2>err
	last >want
	cat want
	grep "asked by id, not there: 2\".*\"denied\"" want
	MEM_USER= MEM_CREDENTIAL_FILE=$work/ann.cred exits 1 mem-log 01HNAVQZC00000000000000000 01HNAVQZC00000000000000001 2>err
	last | cmp want -
	MEM_USER= MEM_CREDENTIAL_FILE=$work/ann.cred exits 1 mem-session show b 2>err
	last >want
	MEM_USER= MEM_CREDENTIAL_FILE=$work/ann.cred exits 1 mem-session show x 2>err
	last | cmp want -
	grep "not there: 1\"" want
	mem-admin audit verify
'
test_done
