#!/bin/sh
# Working files when a call to the system fails, the process is killed, or the
# disk is full: each file is there whole or not at all, and nothing that was
# recorded is lost.
[ -n "${MEM_OWN_MOUNTS-}" ] || ! unshare -m true 2>/dev/null ||
    MEM_OWN_MOUNTS=1 exec unshare -m sh "$0"
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

mkdir -p d/e old
for i in 1 2 3 4 5 6; do
	head -c $((i * 1000)) /dev/urandom >d/e/f$i
	echo "old $i" >old/f$i
done
echo x >d/x
folder=$MEM_STORE/tenants/default/files/tester/s

# What is there in place of f1: the old bytes or the new ones, and no others;
# what a row says is there, or is told to be missing; nothing else is.
whole_files() {
	for f in "$folder"/inputs/e/f*; do
		[ -e "$f" ] || continue
		cmp -s "$f" "d/e/${f##*/}" || cmp -s "$f" "old/${f##*/}" ||
		    { echo "torn: $f"; return 1; }
	done
	mem-session files s --json >states 2>states.err
	! jl state <states | grep -v "here\|new\|changed\|missing" ||
	    { cat states; return 1; }
	[ "${1-}" = rm ] || ! jl state <states | grep missing ||
	    { cat states; return 1; }
}
failed_well() {
	case $spec:$status in
	*KILL:137 | *TEAR:137 | *:0) ;;
	*:2 | *:71 | *:75 | *:3) [ -s err ] || { echo "$spec: no message"; return 1; } ;;
	*) echo "$spec: exit $status"; cat err; return 1 ;;
	esac
	store_whole || { echo "$spec: store"; return 1; }
	whole_files "$@" || { echo "$spec: files"; return 1; }
}

mem-session put s inputs old --as e -q
cp -R "$MEM_STORE" before

back() {
	rm -rf "$MEM_STORE"
	cp -R before "$MEM_STORE"
}
# each_call OP HOW STEP VERB: a fault at each call, as points_of has it
each_call() {
	hits=0
	points_of "$1" "$3" back sh "$4"
	[ "$status" = 0 ] || { cat err; return 1; }
	for n in $points; do
		back
		fault "$1:$n$2" sh "$4" || continue
		hits=$((hits + 1))
		failed_well "$4" || return 1
		sh "$4" >again 2>&1 || [ "$4" = rm ] ||
		    { echo "$spec: again"; cat again; return 1; }
		mem-session scan s >/dev/null 2>&1 || :
		failed_well "$4" || return 1
		[ "$4" != put ] || diff -r d/e "$folder/inputs/e" || return 1
		[ -z "$(ls "$folder/.new")" ] || { ls "$folder/.new"; return 1; }
	done
	echo "$1$2: $hits at $points"
	[ "$hits" -gt 0 ]
}
cat >put <<'.'
exec mem-session put s inputs d/e -q
.
cat >./rm <<'.'
exec mem-session rm s inputs e/f1 e/f2 e/f3 -q
.
cat >scan <<'.'
LD_PRELOAD= cp d/e/* "$MEM_STORE/tenants/default/files/tester/s/inputs/e/"
exec mem-session scan s
.

if ! faults_work; then
	skip 'faults' 'the library does not reach these tools'
else
	for verb in put rm; do
		test_that "$verb: any write fails" "each_call write '' 1 $verb"
		test_that "$verb: killed at any write" "each_call write :KILL 1 $verb"
		test_that "$verb: any sync fails" "each_call fsync '' 1 $verb"
		test_that "$verb: killed at any sync" "each_call fsync :KILL 1 $verb"
		test_that "$verb: any open fails" "each_call open '' 2 $verb"
		test_that "$verb: any rename fails" "each_call rename '' 1 $verb"
		test_that "$verb: killed at any rename" "each_call rename :KILL 1 $verb"
	done
	test_that 'scan: any write fails' 'each_call write "" 1 scan'
	test_that 'scan: killed at any write' 'each_call write :KILL 1 scan'
fi
rm -rf before

# --- a full disk

mkdir small
if [ -z "${MEM_OWN_MOUNTS-}" ] ||
    ! mount -t tmpfs -o size=4m none small 2>/dev/null; then
	skip 'a full disk' 'may not mount'
	test_done
	exit
fi
trap 'umount small; cd /; rm -rf "$work"' EXIT
MEM_STORE=$work/small/store
folder=$MEM_STORE/tenants/default/files/tester/s

test_that 'a full disk: exit 2, it is said, and nothing half is there' '
	mem-session put s inputs d/x -q
	head -c 8000000 /dev/urandom >large
	exits 2 mem-session put s inputs large >out 2>err
	cat err
	grep "^mem-session: cannot write .*No space left" err
	[ ! -s out ] && [ ! -e "$folder/inputs/large" ]
	exits 2 mem-session put s inputs large --as x >out 2>err
	cmp d/x "$folder/inputs/x"
	[ "$(mem-session files s | jl state)" = here ]
'
test_that 'the room comes back by itself' '
	head -c 1500000 /dev/urandom >fits
	mem-session put s inputs fits >out
	cmp fits "$folder/inputs/fits"
	mem-admin check
'
test_done
