#!/bin/sh
# As t6230-artifact-s3-kill.sh, of an artifact that goes in parts: of what is not
# stored neither an object nor a part is left.  With MEM_EVERY=N it is one in N of
# the cases (9); tests/long-66-s3-parts-kill.sh takes all.
. "${0%/*}/lib.sh"
left_to long-66-s3-parts-kill
. "$tests/lib-s3.sh"
. "$tests/lib-blob.sh"
bucket=bucket tls=
s3_fake
. "$tests/lib-blob-s3.sh"
MEM_EVERY=${MEM_EVERY:-9}
cases=0
settle timeout=10
mem-admin config set artifact.mode managed_blob
mem-admin config set artifact.provider s3
mem-admin config set artifact.maxBytes 100M

# held WHOM N FAULT WORD...: that command of mem-artifact, whose N-th request is
# held (hold: before it is done, held: after it); then one is killed.  1: it has
# no so many
held() {
	whom=$1 number=$2 fault=$3
	shift 3
	rm -f at
	{
		yes ok | head -n $((number - 1))
		echo "$fault $work/at"
	} >script
	mem-artifact "$@" >out 2>err &
	p=$!
	until [ -e at ]; do
		kill -0 $p 2>/dev/null || break
		sleep 0.02
	done
	if [ ! -e at ]; then
		: >script
		wait $p || return 2
		return 1
	fi
	case $whom in
	tool) kill -KILL $p ;;
	program) kill -KILL "$(ps -o pid= --ppid $p | head -n 1)" ;;
	esac
	# the program sees within a second that nobody waits
	[ "$whom" = program ] || sleep 1.5
	: >script
	rm at
	wait $p 2>/dev/null || :
	sleep 0.2
}
settled() {
	for i in 1 2 3; do
		mem-artifact reconcile >rec 2>&1 || { cat rec; return 1; }
	done
	# shellcheck disable=SC2094
	mem-artifact list --all --json >list || [ $? -eq 1 ]
	! jq -e "select(.status == \"pending\" or .status == \"deleting\" or
	    .status == \"delete_failed\")" list
	[ "$(sqlite3 "$MEM_STORE/tenants/default/memory.db" \
	    "SELECT count(*) FROM artifact_byte")" = 0 ]
	jq -r "select(.status == \"stored\") | .artifact_id" list >ids
	while read -r there; do
		mem-artifact verify "$there" >/dev/null
	done <ids
	blob --list memkit/ | jq -r .key | sed "s,.*/,,; s,\.bin$,," |
	    LC_ALL=C sort >keys
	LC_ALL=C sort ids | diff - keys
	s3 uploads memkit/ >left
	cat left
	[ ! -s left ]
}
# its turn?
turn() {
	cases=$((cases + 1))
	[ $((cases % MEM_EVERY)) -eq 0 ]
}

# a put: look, bucket, uploads, begin, five parts, complete; a delete: look,
# delete
for what in "put large 10" "delete large 2"; do
	# shellcheck disable=SC2086 # three words
	set -- $what
	n=1
	while [ $n -le "$3" ]; do
		for fault in hold held; do
			for whom in tool program; do
				turn || continue
				test_that "$1 $2: the $whom killed, request $n, $fault" "
					id=$2
					[ $1 = put ] || id=\$(mem-artifact put $2 | jq -r .artifact_id)
					held $whom $n $fault $1 \"\$id\"
					settled
					[ $1 = put ] || jq -se \"any(.artifact_id ==
					    \\\"\$id\\\" and .status == \\\"deleted\\\")\" list
				"
			done
		done
		n=$((n + 1))
	done
	test_that "$1 $2 has no more requests than these" "
		id=$2
		[ $1 = put ] || id=\$(mem-artifact put $2 | jq -r .artifact_id)
		exits 1 held tool $n hold $1 \"\$id\"
		settled
	"
done
test_that 'all of it is deleted' '
	mem-artifact list --json | jq -r .artifact_id >ids
	while read -r id; do
		mem-artifact delete "$id" >/dev/null
	done <ids
	settled
	[ ! -s keys ]
'
s3_stop
test_done
