#!/bin/sh
# A call of the system fails at each place in turn of what mem-artifact does on
# the local disk, or the disk is full: it is told, nothing is there in part,
# and reconcile settles what was left.  Here it is some of the calls, with
# MEM_EVERY=N one in N; tests/long-61-artifact-fault.sh takes all.
[ -n "${MEM_OWN_MOUNTS-}" ] || ! unshare -m true 2>/dev/null ||
    MEM_OWN_MOUNTS=1 exec unshare -m sh "$0"
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-artifact.sh"

echo small >small
echo other >other
cp small twin
head -c 200000 /dev/urandom >large
printf '%s\n' small twin large other >names
cat >put <<'.'
exec mem-artifact put --batch <names
.
cat >put-stream <<'.'
exec mem-artifact put - --name x <large
.
cat >delete <<'.'
exec mem-artifact delete - <all
.
cat >rekey <<'.'
exec mem-artifact rekey
.
cat >reconcile <<'.'
exec mem-artifact reconcile
.
before() {
	fresh_store
	"$@"
	mem-artifact list --json >all || :
	rm -rf before
	cp -R "$MEM_STORE" before
}
some() {
	managed "$@"
	mem-artifact put small large --session s -q
}
two_keys() {
	some aes_gcm
	mem-admin key new k2 >/dev/null
}
left() {
	two_keys
	for n in 30 40 50; do
		fault "step:$n:KILL" sh ./put || :
		fault "step:$n:KILL" sh ./rekey || :
	done
	fault step:4:KILL sh ./delete || :
}
# every_fault SCRIPT: of the kinds each second
every_fault() {
	kind write :ENOSPC 2 "$1"
	kind write :SHORT 3 "$1"
	kind fsync :EIO 1 "$1"
	kind step +:ENOSPC 3 "$1"
	kind step :EIO 3 "$1"
	kind open :EMFILE 4 "$1"
}
kind() {
	turn || return 0
	each_step "$@"
}

spread=1
if ! faults_work; then
	skip 'faults' 'the library does not reach these tools'
else
	test_that 'put' 'before some && every_fault put'
	test_that 'put of a stream, sealed' '
		before managed aes_gcm && every_fault put-stream'
	test_that 'delete' 'before some && every_fault delete'
	test_that 'rekey' 'before two_keys && every_fault rekey'
	test_that 'reconcile' 'before left && every_fault reconcile'
	test_that 'an object that cannot be removed is told, and goes later' '
		fresh_store
		some
		mem-artifact list --json >all
		fault unlink:1:EACCES sh ./delete
		cat err
		[ "$status" = 3 ]
		grep "reconcile tries again" err
		[ "$(mem-artifact list --status delete_failed --json | wc -l)" = 1 ]
		reconciles
		[ "$(sql "SELECT count(*) FROM artifact WHERE state <> 6")" = 0 ]
	'
	test_that 'rekey that was killed goes on by itself' '
		before two_keys
		n=1
		while rm -rf "$MEM_STORE" && cp -R before "$MEM_STORE" &&
		    fault "step:$n:KILL" mem-artifact rekey; do
			mem-artifact rekey -q 2>err || { cat err; return 1; }
			rows_whole
			n=$((n + ${MEM_EVERY:-29} / 3 + 1))
		done
		[ "$n" -gt 20 ]
	'
fi
rm -rf before

# --- a full disk

mkdir disk
if [ -z "${MEM_OWN_MOUNTS-}" ] ||
    ! mount -t tmpfs -o size=4m none disk 2>/dev/null; then
	skip 'a full disk' 'may not mount'
	test_done
	exit
fi
trap 'umount disk; cd /; rm -rf "$work"' EXIT
MEM_STORE=$work/disk/store
blobs=$MEM_STORE/tenants/default/blobs

test_that 'a full disk: exit 2, it is said, and nothing is there in part' '
	managed
	mem-artifact put small -q
	head -c 8000000 /dev/urandom >huge
	exits 2 mem-artifact put huge >out 2>err
	cat err
	grep "No space left" err
	[ ! -s out ]
	rows_whole
	no_temporary
	reconciles
	mem-admin check
'
test_that 'full from elsewhere, in a batch: what was told is there' '
	for i in 1 2 3 4 5 6; do head -c 300000 /dev/urandom >b$i; done
	head -c 2000000 /dev/zero >disk/fill
	status=0
	ls b? | mem-artifact put --batch --json >told 2>err || status=$?
	cat err
	[ "$status" -gt 0 ] && grep "No space left" err
	cat disk/fill >/dev/null
	rm disk/fill
	acknowledged told
	reconciles
	mem-artifact put b? >again
	acknowledged again
	reconciles
	mem-admin check
'
test_done
