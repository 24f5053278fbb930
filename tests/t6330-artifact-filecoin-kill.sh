#!/bin/sh
# mem-artifact, or the program that it asks, is killed while it puts to IPFS, or
# deletes, at each request of it: then reconcile settles it; what it called
# available can be read, of all else neither a pin nor a request is left.  With
# MEM_EVERY=N it is one in N of the cases (9); tests/long-65-filecoin-kill.sh
# takes all.
. "${0%/*}/lib.sh"
left_to long-65-filecoin-kill
. "$tests/lib-s3.sh"
. "$tests/lib-ipfs.sh"
command -v python3 >/dev/null || { skip 'IPFS' 'no python3 here'; test_done; exit; }
MEM_EVERY=${MEM_EVERY:-9}
cases=0
mem-admin init >/dev/null
server_start ipfs
config artifact.ipfs.api "http://127.0.0.1:$port"
config artifact.ipfs.timeout 3
config artifact.mode managed_blob
config artifact.provider filecoin
head -c 1500000 /dev/urandom >big

# held WHOM SERVER COMMAND FAULT WORD...: that command of mem-artifact, whose
# request is held (hold: before it is done, held: after it); then one is killed
held() {
	whom=$1 server=$2 request=$3 fault=$4
	shift 4
	will ipfs
	[ "$server" = ipfs ] || will pin
	rm -f at
	will "$server" "$request $fault $work/at"
	mem-artifact "$@" >out 2>err &
	p=$!
	i=0
	until [ -e at ]; do
		i=$((i + 1))
		[ $i -lt 500 ] || { cat out err; return 1; }
		sleep 0.02
	done
	case $whom in
	tool) kill -KILL $p ;;
	program) kill -KILL "$(ps -o pid= --ppid $p | head -n 1)" ;;
	esac
	# the program sees within a second that nobody waits
	[ "$whom" = program ] || sleep 1.5
	rm at
	wait $p || :
}
settled() {
	for i in 1 2 3 4; do
		mem-artifact reconcile >rec || { cat rec; return 1; }
	done
	# shellcheck disable=SC2094
	mem-artifact list --all --json >list || [ $? -eq 1 ]
	jq -se "all(.status != \"pending\" and .status != \"deleting\")" list
	[ "$(sqlite3 "$MEM_STORE/tenants/default/memory.db" \
	    "SELECT count(*) FROM artifact_byte")" = 0 ]
	# what is available is whole; nothing else has a pin
	jq -r "select(.status == \"available\" or .status == \"stored\")
	    | .artifact_id" list >ids
	while read -r there; do
		mem-artifact content "$there" | cmp - big
	done <ids
	"$BLOB" --store "$MEM_STORE" --list "" >keys
	[ "$(wc -l <keys)" -eq "$(wc -l <ids)" ]
}

# its turn?
turn() {
	cases=$((cases + 1))
	[ $((cases % MEM_EVERY)) -eq 0 ]
}

for pins in without with; do
	steps='ipfs:dag/import ipfs:pin/add ipfs:block/get'
	if [ $pins = with ]; then
		service
		steps='pin:GET ipfs:dag/import ipfs:pin/add ipfs:/id pin:POST ipfs:swarm'
	fi
	for step in $steps; do
		for fault in hold held; do
			for whom in tool program; do
				turn || continue
				test_that "put, $pins a service, $whom killed, $step $fault" "
					held $whom ${step%%:*} ${step#*:} $fault put --public big
					settled
				"
			done
		done
	done
	steps='ipfs:pin/rm'
	[ $pins = without ] || steps='pin:DELETE ipfs:pin/rm'
	for step in $steps; do
		for fault in hold held; do
			for whom in tool program; do
				turn || continue
				test_that "delete, $pins a service, $whom killed, $step $fault" "
					mem-artifact put --public big >made
					id=\$(jq -r .artifact_id made)
					held $whom ${step%%:*} ${step#*:} $fault delete \"\$id\"
					settled
					jq -se \"any(.artifact_id == \\\"\$id\\\" and .status == \\\"deleted\\\")\" list
				"
			done
		done
	done
	test_that "all of it is deleted, $pins a service" '
		mem-artifact list --json >all || :
		jq -r .artifact_id all >ids
		while read -r id; do
			mem-artifact delete "$id" >/dev/null
		done <ids
		settled
		[ ! -s keys ]
	'
done
s3_stop
test_done
