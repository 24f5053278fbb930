#!/bin/sh
# A disk that is full: exit 2 and how much is needed; the store is whole,
# can be read, and goes on once there is room.  Without the right to mount
# a small file system, t3004-ingest-fault.sh is what there is.
[ -n "${MEM_OWN_MOUNTS-}" ] || ! unshare -m true 2>/dev/null ||
    MEM_OWN_MOUNTS=1 exec unshare -m sh "$0"
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

mkdir small
if [ -z "${MEM_OWN_MOUNTS-}" ] ||
    ! mount -t tmpfs -o size=3m none small 2>/dev/null; then
	skip 'a full disk' 'may not mount'
	test_done
	exit
fi
trap 'umount small; cd /; rm -rf "$work"' EXIT
MEM_STORE=$work/small/store

# Lines that do not shrink: random digits.
noise() {
	awk -v n="$1" -v from="${2:-0}" 'BEGIN {
		srand(from)
		for (i = 1; i <= n; i++) {
			t = ""
			for (j = 0; j < 60; j++)
				t = t sprintf("%08x", int(rand() * 2147483647))
			printf "{\"session_id\":\"s\",\"timestamp\":%.0f," \
			    "\"text\":\"%s\"}\n", 1790000000000 + from + i, t
		}
	}'
}
noise 8000 >in
needed='no space left on device: [0-9]* KiB free, about [0-9]* KiB needed'
# Looking at it takes room, too: at a copy elsewhere.
copy_whole() {
	rm -rf elsewhere
	[ ! -e "$MEM_STORE" ] || cp -R "$MEM_STORE" elsewhere
	MEM_STORE=$work/elsewhere store_whole
}
acked_are_there() {
	jl id <out | grep . | sort >acked
	mem-log --json | jl event_id | sort >there
	[ -z "$(comm -23 acked there)" ]
}

test_that 'it fills up: exit 2, and the message says how much is needed' '
	exits 2 mem-ingest --ack in >out 2>err
	cat err
	grep "^mem-ingest: cannot write .*: $needed; nothing of this batch was stored" err
	free=$(sed "s/.*: \([0-9]*\) KiB free.*/\1/" err)
	need=$(sed "s/.*about \([0-9]*\) KiB needed.*/\1/" err)
	[ "$free" -lt "$need" ]
	[ "$(grep -c "\"stored\"" out)" -ge 1000 ]
'
test_that 'what was acknowledged is there, and can be read' '
	acked_are_there
	[ -s acked ]
	mem-session show s >show
'
test_that 'the store is whole' 'copy_whole; store_whole'
test_that 'again, and one by one, and strictly: the same answer' '
	for mode in "" --each --strict; do
		exits 2 mem-ingest $mode --ack in >out 2>err
		grep "$needed" err
		acked_are_there
		copy_whole
	done
'
test_that 'a file of refused lines on the full disk: said' '
	yes "{broken" | head -n 100000 >broken
	exits 2 mem-ingest -q --rejects small/rejects broken >out 2>err
	cat err
	grep "small/rejects.*No space left on device" err
	rm small/rejects
'
test_that 'with room again the same command stores the rest' '
	mount -o remount,size=40m small
	mem-ingest --ack in >out 2>err
	tail -n 1 out
	tail -n 1 out | grep "\"in\":8000,.*\"rejected\":{}"
	[ "$(mem-log | wc -l)" = 8000 ]
	acked_are_there
	store_whole
'
test_that 'a store that cannot be made: at any amount of room' '
	for kb in 0 4 8 12 16 24 32 48 64 96 128 192 256 400 500 600; do
		umount small
		mount -t tmpfs -o size=3m none small
		head -c $((3145728 - kb * 1024)) /dev/zero >small/ballast 2>err || :
		status=0
		head -n 20 in | mem-ingest --ack >out 2>err || status=$?
		case $status in
		0) ;;
		2)	grep "$needed" err ||
			    { echo "$kb KiB"; cat err; exit 1; }
			acked=$(grep -c "\"stored\"," out || :)
			[ "$acked" = 0 ] || acked_are_there
			copy_whole ;;
		*) echo "exit $status with $kb KiB"; cat err; exit 1 ;;
		esac
		rm small/ballast
		head -n 20 in | mem-ingest >out
		[ "$(mem-log | wc -l)" = 20 ]
		store_whole
	done
	[ $status = 0 ]
'
test_that 'no room even for a word: the store stays as it is' '
	mem-session set s k before
	cat /dev/zero >small/ballast 2>err || :
	i=0
	while [ $i -lt 2000 ]; do
		i=$((i + 1))
		mem-session set s k "$(printf "%0900d" $i)" 2>err || break
	done
	cat err
	grep "$needed" err
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s\"}" |
	    exits 2 mem-ingest >out 2>err
	grep "$needed" err
	copy_whole
	[ "$(mem-log | wc -l)" = 20 ]
	rm small/ballast
	mem-session set s k after
	[ "$(mem-session get s k)" = after ]
	store_whole
'
test_done
