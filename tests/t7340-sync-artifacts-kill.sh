#!/bin/sh
# A push, and a pull, of artifacts is killed, or a call of the system fails, at
# each place in turn; then it is done again: what rows want is on the remote,
# and here; what was deleted is nowhere; and nothing is left to settle.
. "${0%/*}/lib.sh"
left_to long-76-sync-artifacts-kill
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"
. "$tests/lib-sync-artifact.sh"

spread=1
if ! faults_work; then
	skip 'artifacts at each fault' 'the fault library does not reach the tools'
	test_done
	exit
fi

# ready: A has more to push, B has what was there before, and some of it was
# deleted, or sealed anew, since
ready() {
	fresh A B
	as A mem-admin key new k1 >out
	as A mem-admin key new k2 >out
	knows B A
	RAW_CONTENT_CODEC=aes_gcm RAW_CONTENT_CODEC_ACTIVE_KEY_ID=k1
	export RAW_CONTENT_CODEC RAW_CONTENT_CODEC_ACTIVE_KEY_ID
	[ "$setting" = none ] ||
	    as A mem-admin config set "remote.main.$setting" true
	[ "$setting" != seal ] ||
	    as B mem-admin config set remote.main.seal true
	for i in 1 2 3 4; do
		head -c 3000$i /dev/urandom >f$i
		as A mem-artifact put --json f$i >id$i
	done
	push A >out
	pull B >out
	as A mem-artifact delete -q "$(jl artifact_id <id1)"
	RAW_CONTENT_CODEC_ACTIVE_KEY_ID=k2 as A mem-artifact rekey \
	    --limit 2 >out
	for i in 5 6 7; do
		head -c 30${i}00 /dev/urandom >f$i
		as A mem-artifact put --json f$i >id$i
	done
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
# each OP HOW STEP NODE VERB: with the fault at each call, and afterwards; each
# second of them sealed, the others not, if not all with MEM_EVERY
each_n=0
each() {
	op=$1 how=$2 step=$3 who=$4 verb=$5
	each_n=$((each_n + 1))
	[ -n "${MEM_EVERY-}" ] || [ "$setting" = seal ] ||
	    [ $((each_n % 2)) -eq 1 ] || return 0
	[ -n "${MEM_EVERY-}" ] || [ "$setting" = none ] ||
	    [ $((each_n % 2)) -eq 0 ] || return 0
	hits=0
	points_of "$op" "$step" back env MEM_STORE="$work/$who" mem-sync "$verb"
	for n in $points; do
		back
		fault "$op:$n$how" env MEM_STORE="$work/$who" mem-sync \
		    "$verb" || continue
		hits=$((hits + 1))
		[ "$status" -eq 0 ] || [ "$how" = :KILL ] || told 2 3 75 ||
		    return
		afterwards || { echo "$op:$n$how"; return 1; }
	done
	echo "$verb $op: $hits"
	[ $hits -gt 0 ]
}
afterwards() {
	push A >out 2>err || { cat err; return 1; }
	pull B >out 2>err || { cat err; return 1; }
	both A B && settled A B && sound A B || return
	[ "$(files B | wc -l)" -eq 6 ] || { files B; return 1; }
	for i in 2 5 7; do
		content B "$(jl artifact_id <id$i)" | cmp - f$i || return
	done
	# whoever puts something next clears up
	as B mem-artifact put -q f1 >out
	[ -z "$(find B/tenants/default/blobs/tmp -type f)" ] ||
	    { find B/tenants/default/blobs/tmp; return 1; }
}

for setting in none seal; do
	test_that "push is killed, or fails, and pushed again: $setting" '
		ready
		each write :KILL 3 A push
		each fsync :KILL 1 A push
		each rename :KILL 1 A push
		each write :ENOSPC 7 A push
		each fsync :EIO 1 A push
	'
	test_that "pull is killed, or fails, and pulled again: $setting" '
		ready
		push A >out
		rm -rf before/A before/remote
		cp -R A remote before
		each write :KILL 5 B pull
		each fsync :KILL 1 B pull
		each rename :KILL 1 B pull
		each unlink :KILL 1 B pull
		each write :ENOSPC 9 B pull
		each fsync :EIO 1 B pull
		each rename :EIO 1 B pull
		each open :EMFILE 9 B pull
	'
done
test_done
