#!/bin/sh
# SIGKILL before each step of indexing a sealed tenant (writes, renames, syncs
# ...), or in the middle of a write: no word is ever in a file below its
# index, searches go on, and the next run makes it good.
. "${0%/*}/lib.sh"
left_to long-47-index-sealed-kill
. "$tests/lib-store.sh"
MEM_MODEL=$model
index=$MEM_STORE/tenants/default/index
export MEM_MODEL

# events FROM TO
events() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		for (i = from; i <= to; i++)
			printf "{\"event_id\":\"01HNAVQZC0000000000%07d\"," \
			    "\"session_id\":\"quokka%d\",\"timestamp\":%.0f," \
			    "\"role\":\"user\"," \
			    "\"text\":\"zanzibarite %d of xylophones%d\"}\n",
			    i, i % 5, 1790000000000 + i * 1000, i, i * 7 % 300
	}'
}
grave() {
	echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"$1\"}"
}
# words FOLDER: files of it that have one
words() {
	LC_ALL=C grep -rlaiE 'zanzibar|xyloph|quokka|minilm|segment' "$1" || :
}
ask() {
	mem-search --explain -n 9 zanzibarite of xylophones14
	mem-search --mode text -n 0 -l xylophones21
}
back() {
	rm -rf "$MEM_STORE"
	cp -R before "$MEM_STORE"
}
# struck WHAT HOW: at each of these, as points_of has it
struck() {
	points_of "$1" 1 back mem-index
	[ "$status" -eq 0 ]
	[ "$calls" -gt 20 ]
	hits=0
	for n in $points; do
		back
		fault "$1:$n:$2" mem-index || continue
		hits=$((hits + 1))
		# 2: a write of the database, which says so
		[ "$status" -eq 137 ] || [ "$2:$status" = TEAR:2 ]
		words "$index" >found
		[ ! -s found ] || { echo "$1 $n $2"; cat found; return 1; }
		ask >got
		[ "$(grep -c . got)" -eq "$(grep -c . want)" ] ||
		    { echo "$1 $n $2"; diff want got; return 1; }
		mem-index >out 2>err
		[ ! -s err ] || { echo "$1 $n $2"; cat err; return 1; }
		words "$index" >found
		[ ! -s found ]
		ask | cmp - want
		find "$index" -name '.tmp-*' -o -name '*.new' >left
		[ ! -s left ] || { echo "$1 $n $2"; cat left; return 1; }
	done
	echo "$1: $hits at $points"
	[ "$hits" -gt 1 ]
}

spread=6
if ! faults_work; then
	skip 'a sealed index whose making is killed' \
	    'the library does not reach the tools'
	test_done
	exit
fi
mem-admin init --sealed >/dev/null
events 1 600 | mem-ingest -q >sum
mem-toc build -q
mem-index -q
events 601 640 | mem-ingest -q >sum
mem-index -q
{ events 641 900; grave 01HNAVQZC00000000000000007; } | mem-ingest -q >sum
mem-toc build -q
cp -R "$MEM_STORE" before
mem-index -q
ask >want

test_that 'a step may be the last one' 'struck step KILL'
test_that 'or a write that is not whole' 'struck write TEAR'
test_that 'what is written at all, also to files without a name' '
	strace -o trace true 2>err || exit 0
	export ASAN_OPTIONS=detect_leaks=0	# it cannot be traced
	rm -rf "$MEM_STORE"
	mem-admin init --sealed >/dev/null
	# many terms: they go by way of such files
	awk "BEGIN { for (i = 0; i < 4000; i++) {
		printf \"{\\\"session_id\\\":\\\"s\\\",\\\"timestamp\\\":%d,\\\"text\\\":\\\"zanzibarite\", i
		for (k = 0; k < 40; k++)
			printf \" xylophone%dq%d\", i, k
		print \"\\\"}\" } }" | mem-ingest -q >sum
	strace -f -s 300000 -e trace=write,pwrite64,unlinkat -o trace \
	    mem-index >out
	[ "$(grep -c "unlinkat.*tmp-" trace)" -ge 1 ]
	grep -c "write" trace
	exits 1 grep -E "zanzibar|xyloph" trace >found
'
test_done
