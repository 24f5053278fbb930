#!/bin/sh
# Every call to the system may fail while an index is written: the run works
# or says what is wrong, searches go on with what is there, the next run
# makes it good, and nothing is left behind.  long-41-index-fault.sh fails all
# of them (MEM_EVERY); here it is some.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
index=$MEM_STORE/tenants/default/index

# events FROM TO
events() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		n = split("token refresh redis jwt deploy deployed cache " \
		    "evicts happy running run getUserName src/auth/jwt.c",
		    w, " ")
		for (i = from; i <= to; i++) {
			seed = (i * 7919 + 12345) % 65536
			text = ""
			for (k = 0; k < 3 + i % 17; k++) {
				seed = (seed * 25173 + 13849) % 65536
				j = int(seed / 64) % (n + 4)
				text = text " " (j < n ? w[j + 1] : \
				    "word" (seed + i) % 200)
			}
			printf "{\"event_id\":\"01HNAVQZC0000000000%07d\"," \
			    "\"session_id\":\"s%d\",\"timestamp\":%.0f," \
			    "\"text\":\"%s\"}\n", i, i % 5,
			    1790000000000 + i * 1000, text
		}
	}'
}
# records FROM TO
records() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		for (i = from; i <= to; i++)
			printf "{\"type\":\"record\",\"kb\":\"k\"," \
			    "\"record_id\":\"R-%d\",\"record_type\":\"note\"," \
			    "\"title\":\"token %d\",\"text\":\"redis of %d\"}\n",
			    i % 30, i, to
	}'
}
grave() {
	echo "{\"type\":\"tombstone\",\"target\":\"$1\",\"id\":\"$2\"}"
}
# ask FILE: a few answers, and nothing beside them
ask() {
	{
		mem-search --explain -n 5 token refresh
		mem-search -n 0 -l '"redis jwt"' 'deplo*'
		mem-search --in kb -n 0 -l redis -- -cache
	} >"$1" 2>ask.err
	[ ! -s ask.err ]
}
# left: files of the index's folders that no manifest names
left() {
	for dir in "$index"/user/* "$index"/kb; do
		[ -d "$dir" ] || continue
		sed -n 's/^segment \([0-9]*\) .*/\1/p' "$dir/manifest" >live
		find "$dir" -type f ! -name lock ! -name manifest | sed \
		    's,.*/,,' | while read -r name; do
			grep -qx "${name%%.*}" live || echo "$dir/$name"
		done
	done
}

# Two indexes of two segments, and behind them new rows, new versions, and
# what was forgotten: an update makes segments, merges and writes again.
make_before() {
	{ events 1 300; records 1 20; } | mem-ingest -q
	mem-index -q
	{ events 301 340; records 21 22; } | mem-ingest -q
	mem-index -q
	{ events 341 390; records 23 36
	  grave event 01HNAVQZC00000000000000007; grave record k/R-3; } |
	    mem-ingest -q
	cp -R "$MEM_STORE" before
	ask want
}

# failed_well: what is left by a run that a fault has struck
failed_well() {
	case $spec:$status in
	*KILL:137 | *TEAR:137) ;;
	*:2 | *:71 | *:75) [ -s err ] || { echo "$spec: no message"; return 1; } ;;
	*:3) grep "no vectors were made: " err || return 1 ;;
	*:0) ;;		# what does not matter: a sync of a folder, an old file
	*) echo "$spec: exit $status"; cat err; return 1 ;;
	esac
	# not made anew for a call that failed: only what is damaged is (when
	# a read fails SQLite may say that of a database)
	! grep "made anew" err | grep -v memory.db ||
	    { echo "$spec"; return 1; }
	ask got || { echo "$spec: a search:"; cat ask.err; return 1; }
	cmp want got || { echo "$spec: wrong answers"; return 1; }
	MEM_MODEL=$small mem-index >again 2>&1 ||
	    { echo "$spec: again:"; cat again; return 1; }
	! grep -v '^{' again || { echo "$spec: again"; return 1; }
	[ "$(jl live <again | tr '\n' ' '
	    jl vectors <again | tr '\n' ' ')" = "$live$live" ] ||
	    { echo "$spec: not all:"; cat again; return 1; }
	left >extra
	[ ! -s extra ] || { echo "$spec: left:"; cat extra; return 1; }
	ask got || { echo "$spec: at last:"; cat ask.err; return 1; }
	cmp want got || { echo "$spec: wrong at last"; return 1; }
	mem-index --verify >again || { echo "$spec"; cat again; return 1; }
}
# searched_well: of the search that brings the index up
searched_well() {
	# a search may fail, but it does not answer wrongly
	[ "$status" -ne 0 ] || cmp found out ||
	    { echo "$spec: wrong answer of it"; cat err; return 1; }
	failed_well
}

back() {
	fresh_store
	cp -R before "$MEM_STORE"
	${prepare:+"$prepare"}
	# with vectors, but what is asked are words
	MEM_MODEL=$small
}
# each_call OP HOW [LEAST]: at calls as points_of has them, of allocations one
# in 97 of them; so many have failed at least
# shellcheck disable=SC2086	# words of $run
each_call() {
	struck=0 by=1
	[ "$1" != malloc ] || by=97
	points_of "$1" $by back $run
	[ "$status" = 0 ]
	for n in $points; do
		back
		fault "$1:$n$2" $run || continue
		MEM_MODEL=none
		$well
		struck=$((struck + 1))
	done
	echo "$1$2: $struck at $points"
	[ "$struck" -ge "${3:-1}" ]
}
# some_that WHAT BODY: a test; only each third one, $other being 0, 1 or 2, unless
# all calls are to fail
some_that() {
	some=$((some + 1))
	more || [ $((some % 3)) -eq "$other" ] || return 0
	test_that "$@"
}
# all_calls WHAT: of the command $run
all_calls() {
	some=0
	some_that "$1: any write fails" 'each_call write ""'
	some_that "$1: any write does half of it" 'each_call write :SHORT'
	some_that "$1: any sync fails" 'each_call fsync ""'
	some_that "$1: any rename fails" 'each_call rename ""'
	some_that "$1: any open fails" 'each_call open ""'
	some_that "$1: any folder cannot be read" 'each_call opendir ""'
	some_that "$1: any file cannot be removed" 'each_call unlink "" 0'
	some_that "$1: any mapping fails" 'each_call mmap ""'
	some_that "$1: any read fails" 'each_call read ""'
	! heap_faults_work ||
	    some_that "$1: any allocation fails" 'each_call malloc ""'
	some_that "$1: killed at any write" 'each_call write :KILL'
	some_that "$1: killed in any write" 'each_call write :TEAR'
	some_that "$1: killed at any sync" 'each_call fsync :KILL'
	some_that "$1: killed at any rename" 'each_call rename :KILL'
	some_that "$1: killed at any removal" 'each_call unlink :KILL 0'
	some_that "$1: the disk is full from any write on" '
		each_call write +:ENOSPC'
}

if ! faults_work; then
	skip 'faults' 'the library does not reach these tools'
	test_done
	exit
fi
small=$work/small
"$obj/helper/mkmodel" "[UNK]" token redis cache w o r d "##s" >"$small"
prepare='' well=failed_well other=0 spread=1
test_that 'what is to be indexed' make_before
run='mem-index --nice 0'
live='389 29 '
all_calls 'an update'
run='mem-index --nice 0 --rebuild' other=1
all_calls 'a rebuild'
without() {
	rm -rf "$index"
}
prepare=without run='mem-index --nice 0' other=2
all_calls 'the first index'
test_that 'the first index: any folder cannot be made' '
	each_call mkdir ""'

test_that 'many more events' '
	fresh_store
	cp -R before "$MEM_STORE"
	events 391 700 | mem-ingest -q
	rm -rf before
	cp -R "$MEM_STORE" before
	fresh_store
	cp -R before "$MEM_STORE"
	without
	ask want
	mem-search --mode text -n 30 run jwt >found
'
prepare='' well=searched_well live='699 29 ' other=''
run='mem-search --mode text -n 30 run jwt'
all_calls 'a search that brings it up'
test_done
