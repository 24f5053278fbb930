#!/bin/sh
# Archive, restore and retain when a call to the system fails or the process is
# killed: between proof and trim, in the middle of a trim, before the mark.  At
# any moment each file is here or on the remote, whole, and comes back.
. "${0%/*}/lib.sh"
left_to long-76-archive-fault
. "$tests/lib-store.sh"

mkdir remote d
for i in 1 2 3 4; do
	head -c $((i * 1000)) /dev/urandom >d/f$i
done
folder=$MEM_STORE/tenants/default/files/tester/s
objects=$work/remote/default/tester/s
mem-ingest -q >/dev/null <<'.'
{"session_id":"s","timestamp":"2026-01-05T10:00:00Z","text":"one"}
.
mem-admin config set remote.main.url "$work/remote"
mem-session put s inputs d -q
mem-sync push -q >/dev/null
mem-sync archive s >/dev/null
cp -R "$MEM_STORE" archived
mem-sync restore s >/dev/null
cp -R "$MEM_STORE" before
cp -R remote remote-before

# Bytes that are here are whole, those that are not here are on the remote
nothing_lost() {
	for f in d/*; do
		here=$folder/inputs/$f there=$objects/inputs/$f
		[ ! -e "$here" ] || cmp "$here" "$f" || return 1
		[ -e "$here" ] || cmp "$there" "$f" || return 1
	done
	store_whole
}
failed_well() {
	case $spec:$status in
	*KILL:137 | *TEAR:137 | *:0) ;;
	*:2 | *:71 | *:75 | *:3) [ -s err ] || [ -s out ] ||
	    { echo "$spec: no message"; return 1; } ;;
	*) echo "$spec: exit $status"; cat err; return 1 ;;
	esac
	nothing_lost || { echo "$spec: lost"; return 1; }
}

back() {
	rm -rf "$MEM_STORE" remote
	cp -R "$from" "$MEM_STORE"
	cp -R remote-before remote
}
# each_call OP HOW STEP FROM COMMAND...: a fault at each call, as points_of has
# it
each_call() {
	op=$1 how=$2 step=$3 from=$4 hits=0
	shift 4
	points_of "$op" "$step" back "$@"
	[ "$status" = 0 ] || { cat err; return 1; }
	for n in $points; do
		back
		fault "$op:$n$how" "$@" || continue
		hits=$((hits + 1))
		failed_well || return 1
		# what it began is done the next time
		"$@" >again 2>&1 || { echo "$spec: again"; cat again; return 1; }
		nothing_lost || return 1
		mem-sync restore s >back 2>&1 || { echo "$spec: back"; cat back; return 1; }
		diff -r d "$folder/inputs/d" || return 1
		[ -z "$(ls "$folder/.new")" ] || { ls "$folder/.new"; return 1; }
	done
	echo "$op$how: $hits at $points"
	[ "$hits" -gt 0 ]
}

if ! faults_work; then
	skip 'faults' 'the library does not reach these tools'
	test_done
	exit
fi
for how in '' :KILL; do
	w=${how:+killed at}
	w=${w:-failing:}
	test_that "archive, $w any rename" \
	    "each_call rename '$how' 1 before mem-sync archive s"
	test_that "archive, $w any write" \
	    "each_call write '$how' 2 before mem-sync archive s"
	test_that "archive, $w any unlink" \
	    "each_call unlink '$how' 1 before mem-sync archive s"
	test_that "restore, $w any rename" \
	    "each_call rename '$how' 1 archived mem-sync restore s"
	test_that "restore, $w any write" \
	    "each_call write '$how' 3 archived mem-sync restore s"
done
test_that 'archive, killed at any sync' \
    'each_call fsync :KILL 1 before mem-sync archive s'
MEM_NOW=2031-01-10T00:00:00Z
test_that 'retain, killed at any write' \
    'each_call write :KILL 7 before mem-sync retain --policy "archive after 3"'
test_done
