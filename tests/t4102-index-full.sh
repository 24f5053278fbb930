#!/bin/sh
# A disk that is full while an index is made, made anew, merged, or brought
# up by a search: exit 2 and a message, the answers stay right, and with room
# again the next run goes on.  Without the right to mount a small file
# system, t4101-index-fault.sh is what there is.
[ -n "${MEM_OWN_MOUNTS-}" ] || ! unshare -m true 2>/dev/null ||
    MEM_OWN_MOUNTS=1 exec unshare -m sh "$0"
. "${0%/*}/lib.sh"
left_to long-46-index-full

mkdir small
if [ -z "${MEM_OWN_MOUNTS-}" ] ||
    ! mount -t tmpfs -o size=40m none small 2>/dev/null; then
	skip 'a full disk' 'may not mount'
	test_done
	exit
fi
trap 'umount small; cd /; rm -rf "$work"' EXIT
MEM_STORE=$work/small/store
index=$MEM_STORE/tenants/default/index

# events FROM TO: every text has words that no other has
events() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		for (i = from; i <= to; i++) {
			t = "token " (i % 3 ? "refresh" : "redis")
			for (j = 0; j < 20; j++)
				t = t sprintf(" w%dx%d", i, (i * 31 + j) % 997)
			printf "{\"event_id\":\"01HNAVQZC0000000000%07d\"," \
			    "\"session_id\":\"s%d\",\"timestamp\":%.0f," \
			    "\"text\":\"%s\"}\n", i, i % 5,
			    1790000000000 + i, t
		}
	}'
}
ask() {
	mem-search -n 3 --explain token redis
	mem-search -c '"token refresh"'
	mem-search -n 0 -l 'w7x*' OR 'w1990x*'
}
# answers: right, from the index or from the store itself
answers() {
	ask >got 2>got.err || { cat got.err; return 1; }
	cmp want got || { diff want got | head; return 1; }
	[ ! -s got.err ] || { cat got.err; return 1; }
}
left() {
	for dir in "$index"/user/* "$index"/kb; do
		[ -e "$dir/manifest" ] || continue
		find "$dir" -type f ! -name lock ! -name manifest |
		    sed 's,.*/\([^.]*\).*,\1,' | sort -u >there
		sed -n 's/^segment \([0-9]*\) .*/\1/p' "$dir/manifest" | sort |
		    comm -3 - there
	done
}
# room KIB: so much of it
room() {
	have=$(df -Pk small | awk 'NR == 2 { print $4 }')
	[ "$have" -le "$1" ] || head -c $(((have - $1) * 1024)) /dev/zero \
	    >small/ballast
}
amounts='0 100 320 1500 4000'
[ -z "${MEM_ALL-}" ] ||
    amounts='0 4 12 40 100 200 320 500 700 1000 1500 2200 4000 8000'
# with_room COMMAND...: at any amount of it
with_room() {
	failed=0 worked=0
	for kb in $amounts; do
		rm -rf small/store
		cp -R before small/store
		room "$kb"
		status=0
		"$@" >out 2>err || status=$?
		case $status in
		0) worked=$((worked + 1)) ;;
		2)	failed=$((failed + 1))
			grep -i "no space left on device\|disk is full" err ||
			    { echo "$kb KiB:"; cat err; exit 1; } ;;
		*) echo "exit $status with $kb KiB"; cat err; exit 1 ;;
		esac
		answers || { echo "with $kb KiB, status $status"; exit 1; }
		rm small/ballast
		mem-index -q 2>err
		[ ! -s err ] || { cat err; exit 1; }
		answers
		[ -z "$(left)" ] || { left; exit 1; }
		mem-index --verify >out
	done
	echo "$failed failed, $worked worked"
	[ $worked -gt 0 ] && [ $failed -ge "${least:-2}" ]
}

test_that 'the first index, at any amount of room' '
	events 1 2000 | mem-ingest -q
	cp -R small/store before
	ask >want
	with_room mem-index --nice 0
'
test_that 'an index made anew' '
	mem-index -q
	rm -rf before
	cp -R small/store before
	with_room mem-index --rebuild --nice 0
'
test_that 'segments that are merged, and forgotten events that go' '
	events 2001 2900 | mem-ingest -q
	mem-index -q
	events 2901 3200 | mem-ingest -q
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s4\"}" |
	    mem-ingest -q
	rm -rf before
	cp -R small/store before
	ask >want
	with_room mem-index --nice 0
'
test_that 'a search that would bring the index up does without' '
	rm -rf small/store
	cp -R before small/store
	events 3201 3700 | exits 3 mem-ingest -q
	rm -rf before
	cp -R small/store before
	ask >want
	least=0
	with_room mem-search -q token
	[ $failed -eq 0 ]
'
test_done
