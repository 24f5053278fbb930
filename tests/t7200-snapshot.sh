#!/bin/sh
# Snapshots in a folder: what holds on every remote (tests/snapshot-all.sh),
# and what a put and a get do when the disk fails.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
for t in jq zstd sqlite3; do
	command -v $t >/dev/null || { echo "1..0 # SKIP no $t"; exit 0; }
done
mem-admin init >/dev/null
mem-admin config set remote.main.url "file://$work/remote"
mkdir "$work/remote"
. "$tests/snapshot-all.sh"

# faults OP ANEW CHECK COMMAND...: each call of OP fails once, or each so many
# (MEM_EVERY); CHECK holds after
faults() {
	op=$1 anew=$2 check=$3
	shift 3
	n=$((1 - ${MEM_EVERY:-9}))
	while n=$((n + ${MEM_EVERY:-9})) && $anew && fault "$op:$n" "$@"; do
		"$check" || { echo "$op:$n, exit $status"; cat err; return 1; }
		[ $n -le 2000 ] || return 1
	done
	echo "$op: $((n - 1))"
	[ "$status" -eq 0 ] || { cat err; return 1; }
}
no_folder() {
	rm -rf "$work/remote/f"
}
# what is described is whole, and that only when it says so
put_right() {
	ls "$work/remote/f/.memkit/snapshot" >described 2>/dev/null || :
	if [ "$status" -ne 0 ]; then
		[ -s err ] && [ -z "$(ls "$MEM_STORE/tmp" 2>/dev/null)" ]
		return
	fi
	read -r name bytes _ <out
	rm -f whole whole.part
	"$obj/helper/snapshot" main check f/.memkit/ "$name" "$bytes" whole >/dev/null
}
no_file() {
	rm -f f f.part
}
get_right() {
	if [ "$status" -eq 0 ]; then
		cmp f want
	else
		[ -s err ] && { [ ! -e f ] || cmp f want; }
	fi
}

if faults_work; then
	rm -rf "$MEM_STORE/tenants"
	test_that 'a put whose disk fails at any call says so, or is whole' '
		noise 1 400 | mem-ingest -q >/dev/null
		for op in write fsync rename open truncate; do
			faults $op no_folder put_right \
			    "$obj/helper/snapshot" main put f/.memkit/
		done
		cp out put
		read -r name bytes _ <put
		"$obj/helper/snapshot" main check f/.memkit/ $name $bytes want
	'
	test_that 'a get whose disk fails at any call leaves nothing half' '
		read -r name bytes _ <put
		for op in write fsync rename open truncate; do
			faults $op no_file get_right \
			    "$obj/helper/snapshot" main get f/.memkit/ $name $bytes f
		done
	'
	test_that 'a full disk: said, and gone on with when there is room' '
		noise 1000 4000 | mem-ingest -q >/dev/null
		"$obj/helper/snapshot" main put f/.memkit/ >put
		read -r name bytes n _ <put
		no_file
		# the index of the log takes eight
		fault write:14+:ENOSPC "$obj/helper/snapshot" main get f/.memkit/ \
		    $name $bytes f
		[ $status -ne 0 ]
		cat err
		grep "f\.part.*No space left" err
		[ ! -e f ]
		"$obj/helper/snapshot" main get f/.memkit/ $name $bytes f >out
		read -r _ _ _ came _ <out
		[ "$came" -lt "$n" ]
		[ "$came" -gt 0 ]
	'
else
	skip 'faults of the disk' 'the library does not reach the program'
fi
test_done
