#!/bin/sh
# Contents: from the year down to the events, versions, marks.
. "${0%/*}/lib.sh"
. "$tests/lib-toc.sh"

monday() {
	say a 2026-11-16T09:00:00Z user "Why does the login fail with error 401 after a deploy?"
	say a 2026-11-16T09:02:00Z assistant "The refresh token is signed with the old key, so the gateway refuses it."
	say a 2026-11-16T09:05:00Z user "We decided to keep both keys for an hour."
	say b 2026-11-16T14:00:00Z user "Plant the tomatoes after the last frost, in May."
}
tuesday() {
	say a 2026-11-17T10:00:00Z user "The backup of the database takes too long, four hours last night."
	say a 2026-11-17T10:03:00Z assistant "The fix was to compress with zstd instead of gzip."
}

test_that 'without contents there is nothing to show, and it says so' '
	monday | mem-ingest -q >/dev/null
	exits 1 mem-toc >out 2>err
	[ ! -s out ]
	grep "mem-toc build" err
'
test_that 'build tells what it did, and the second one does nothing' '
	mem-toc build >out
	cat out
	[ "$(jl users <out)" = 1 ]
	[ "$(jl sessions <out)" = 2 ]
	[ "$(jl versions <out)" -ge 6 ]
	mem-toc build >out
	[ "$(jl sessions <out)" = 0 ]
	[ "$(jl versions <out)" = 0 ]
	mem-toc build -q >out
	[ ! -s out ]
'
test_that 'the year leads down to the segments' '
	mem-toc >out
	[ "$(of node_id <out)" = toc:year:2026 ]
	for n in month:2026-11 week:2026-w47 day:2026-11-16; do
		grep -q "\"toc:$n\"" out
		mem-toc toc:$n >out
		[ "$(of node_id <out)" = toc:$n ]
		mem-toc $n >out2
		cmp out out2
	done
	grep -o "toc:segment:2026-11-16:[0-9a-f]*" out | awk "!n[\$0]++" >segments
	[ "$(wc -l <segments)" -eq 2 ]
	mem-toc "$(head -n 1 segments)" >out
	[ "$(of level <out)" = segment ]
	[ "$(of session_id <out)" = a ]
	grep -F "keep both keys for an hour" out
	[ "$(mem-toc -d 4 | of level | sort | uniq -c | tr -s " \n" " ")" = \
	    " 1 day 1 month 2 segment 1 week 1 year " ]
'
test_that 'a period has many names' '
	mem-toc day:2026-11-16 >want
	MEM_NOW=2026-11-17T08:00:00Z mem-toc yesterday | sed "s/,\"open\":true//" >got
	cmp want got
	mem-toc 2026-11-16 >got
	cmp want got
	mem-toc week:2026-w47 >want
	for n in 2026-W47 2026-w47 week:2026-W47 "this week"; do
		mem-toc "$n" >got
		cmp want got
	done
	mem-toc month:2026-11 >want
	for n in 2026-11 "this month"; do
		mem-toc "$n" >got
		cmp want got
	done
	mem-toc 2026 >got
	mem-toc "this year" >want
	cmp want got
	exits 1 mem-toc 2025 2>err
	grep "the contents have nothing of .2025." err
	exits 64 mem-toc nonsense 2>err
	exits 1 mem-toc segment:2026-11-16:000000000000 2>err
	exits 3 mem-toc 2026 2025 2>err
'
test_that 'the period that has not ended is marked as open' '
	mem-toc 2026-W47 | grep "\"open\":true"
	MEM_NOW=2026-12-20T12:00:00Z mem-toc 2026-W47 >out
	exits 1 grep open out
	mem-toc 2026-11-16 >out
	exits 1 grep open out
'
test_that 'each bullet has a grip, and its excerpt is in the text of its event' '
	mem-toc -d 4 | grep -o "grip:[0-9]*:[0-9a-f]*" | sort -u >grips
	[ "$(wc -l <grips)" -ge 3 ]
	while read -r g; do
		mem-toc expand "$g" >out
		[ "$(wc -l <out)" -eq 2 ]
		text=$(sed -n "1s/.*\"excerpt\":\"\([^\"]*\)\".*/\1/p" out)
		[ -n "$text" ]
		sed -n 2p out | grep -F "$text"
		[ "$(sed -n "1s/.*\"event_id_start\":\"\([^\"]*\)\".*/\1/p" out)" = \
		    "$(sed -n 2p out | jl event_id)" ]
		[ "$(sed -n 1p out | jl timestamp)" = "$(sed -n 2p out | jl timestamp)" ]
	done <grips
'
test_that 'expand shows what was said around it' '
	g=$(mem-toc -d 4 | grep -o "grip:[0-9]*:[0-9a-f]*" | sort -u | head -n 1)
	mem-toc expand "$g" -C 9 >out
	grep -c "\"type\":\"event\"" out | grep -x 3
	mem-toc expand "$(head -n 1 segments)" >out
	[ "$(jl event_type <out | wc -l)" -eq 3 ]
	echo "$g" | mem-toc expand - >one
	mem-toc expand "$g" >two
	cmp one two
	mem-toc 2026-11-16 | mem-toc expand - >out
	grep -q "\"type\":\"grip\"" out
	exits 1 mem-toc expand grip:0000000000001:000000000000 2>err
	grep "no grip" err
	exits 64 mem-toc expand 2>err
'
test_that 'hits of a search are shown where they lie' '
	mem-search --in event "keys OR tomatoes" | mem-toc - >out
	[ "$(of level <out | head -n 1)" = year ]
	[ "$(sed -n 1p out | jl hits)" = 3 ]
	[ "$(of level <out | grep -c segment)" -eq 2 ]
	mem-log -n 1 --json | jl event_id | mem-toc - | tail -n 1 >out
	[ "$(of node_id <out)" = "$(head -n 1 segments)" ]
	echo 01ARZ3NDEKTSV4RRFFQ69G5FAV | exits 1 mem-toc - 2>err
	grep "lies in no node" err
	: | exits 1 mem-toc -
'
test_that 'what is new makes new versions of what it lies in, and of nothing else' '
	mem-toc -d 4 >before
	tuesday | mem-ingest -q >/dev/null
	mem-toc build >out
	[ "$(jl sessions <out)" = 1 ]
	[ "$(mem-toc day:2026-11-17 | of version)" = 1 ]
	[ "$(mem-toc day:2026-11-16 | jl version)" = 1 ]
	for n in week:2026-w47 month:2026-11 year:2026; do
		[ "$(mem-toc $n | of version)" = 2 ]
	done
'
test_that 'history, diff and as-of know the older ones' '
	mem-toc history week:2026-w47 >out
	[ "$(jl version <out | tr "\n" " ")" = "1 2 " ]
	[ "$(jl live <out | tr "\n" " ")" = "false true " ]
	exits 1 mem-toc diff week:2026-w47 v1 v2 >out
	cat out
	grep -F "backup" out | grep "\"change\":\"added\""
	exits 1 mem-toc diff week:2026-w47 1 >out2
	cmp out out2
	exits 1 mem-toc diff week:2026-w47 >out2
	cmp out out2
	mem-toc diff day:2026-11-16 >out2 2>err
	[ ! -s out2 ]
	grep "no version before v1" err
	mem-toc diff week:2026-w47 v2 v2 >out
	[ ! -s out ]
	exits 2 mem-toc diff week:2026-w47 v1 v9 2>err
	grep "has no version 9" err
	exits 64 mem-toc diff week:2026-w47 vx 2>err
	say c 2026-11-17T20:00:00Z user "Release 2.1 is out, it was tagged this evening." | mem-ingest -q >/dev/null
	then=$(true_time)
	sleep 0.01
	# the time of a version is the true one
	MEM_NOW=2001-01-01 mem-toc build -q
	[ "$(mem-toc day:2026-11-17 | of version)" = 2 ]
	[ "$(mem-toc --as-of $then day:2026-11-17 | of version)" = 1 ]
	mem-toc --as-of $then day:2026-11-17 >out
	exits 1 grep -F "Release 2.1" out
	[ "$(mem-toc --as-of $then -d 4 | of level | grep -c segment)" -eq 3 ]
	[ "$(mem-toc -d 4 | of level | grep -c segment)" -eq 4 ]
	exits 1 mem-toc --as-of 2020-11-01 week:2026-w47 2>err
	exits 1 mem-toc --as-of 2020-11-01
'
test_that 'a clock that jumps back leaves versions in order' '
	# it was an hour ahead
	hour=3600000
	sqlite3 "$MEM_STORE/tenants/default/memory.db" "UPDATE toc_version SET
	    at = at + $hour WHERE version = 2"
	say c 2026-11-17T20:05:00Z assistant "Announced: the notes of release 2.1 are on the web page now." | mem-ingest -q >/dev/null
	mem-toc build -q
	mem-toc history day:2026-11-17 | jl made_at >times
	[ "$(wc -l <times)" -eq 3 ]
	sort -n times | cmp - times
	ahead=$(tail -n 1 times)
	[ $ahead -gt $(($(true_time) + hour / 2)) ]
	[ "$(mem-toc --as-of $ahead day:2026-11-17 | of version)" = 3 ]
	[ "$(mem-toc --as-of $((ahead - 1)) day:2026-11-17 | of version)" = 1 ]
	# a move at that very time comes after it
	mem-toc rollback day:2026-11-17 v2 >/dev/null
	[ "$(mem-toc --as-of $ahead day:2026-11-17 | of version)" = 2 ]
	mem-toc rollback day:2026-11-17 v1 >/dev/null
	[ "$(mem-toc --as-of $ahead day:2026-11-17 | of version)" = 2 ]
	[ "$(mem-toc --as-of $((ahead + 1)) day:2026-11-17 | of version)" = 1 ]
	mem-toc rollback day:2026-11-17 v3 >/dev/null
'
test_that 'a rollback holds until events change' '
	say c 2026-11-17T20:06:00Z user "Thanks! Then we announce release 2.1 on the list tomorrow." | mem-ingest -q >/dev/null
	mem-toc build -q
	mem-toc history day:2026-11-17 | jl version | tail -n 1 >last
	mem-toc rollback day:2026-11-17 v1 >out
	[ "$(jl version <out)" = 1 ]
	grep "\"held\":true" out
	mem-toc build -q
	mem-toc build -q --rebuild
	mem-toc day:2026-11-17 >out
	[ "$(jl version <out)" = 1 ]
	mem-toc history day:2026-11-17 | tail -n 1 >out
	[ "$(jl version <out)" = "$(cat last)" ]
	[ "$(jl live <out)" = false ]
	# the week is made of what counts
	mem-toc week:2026-w47 >out
	exits 1 grep -F "announce" out
	say c 2026-11-17T20:09:00Z assistant "Announced: release 2.1 is on the list, with thanks to all." | mem-ingest -q >/dev/null
	mem-toc build -q
	[ "$(mem-toc day:2026-11-17 | of version)" = $(($(cat last) + 1)) ]
	mem-toc day:2026-11-17 >out
	exits 1 grep held out
	exits 2 mem-toc rollback day:2026-11-17 v77 2>err
	mem-admin check >/dev/null
'
test_that 'pins and hides hold through rebuilds, and change what is above' '
	g=$(mem-toc day:2026-11-16 | grep -o "{\"text\":\"Plant[^}]*" | grep -o "grip:[0-9]*:[0-9a-f]*")
	mem-toc hide "$g"
	mem-toc day:2026-11-16 >out
	exits 1 grep -F "\"Plant the" out
	mem-toc build -q
	mem-toc build -q --rebuild
	mem-toc 2026 -d 4 >out
	exits 1 grep -F "\"Plant the" out
	mem-toc pin "$g"
	mem-toc build -q
	mem-toc 2026 >out
	grep -F "{\"text\":\"Plant" out | grep "\"pinned\":true"
	mem-toc unmark "$g"
	mem-toc build -q
	mem-toc 2026 -d 4 >out
	exits 1 grep "\"pinned\"" out
	mem-toc hide 2026-11-17
	mem-toc build -q
	mem-toc 2026-W47 -d 2 >out
	exits 1 grep -F "day:2026-11-17" out
	exits 1 grep -F "backup of the" out
	mem-toc 2026-11-17 | grep -F "backup of the"
	mem-toc unmark 2026-11-17
	mem-toc build -q
	mem-toc 2026-W47 -d 2 | grep -F "backup of the"
	exits 2 mem-toc pin grip:0000000000001:000000000000 2>err
	grep "there is no" err
	mem-admin audit --json | grep "\"action\":\"hide\""
'
test_that 'a budget is kept, and what was asked for comes first' '
	for n in 60 100 200 400; do
		mem-toc --budget $n >out || :
		[ "$(wc -c <out)" -le $((4 * n)) ]
		mem-toc --text --budget $n >out || :
		[ "$(wc -c <out)" -le $((4 * n + 4)) ]
	done
	mem-toc --budget 150 --query "compress backup" >out
	grep -F zstd out
	exits 1 mem-toc --budget 100 --query xyzzy >out
	exits 64 mem-toc --query auth 2>err
'
test_that 'a user sees nothing of another, and builds are apart' '
	say a 2026-11-16T09:00:00Z user "Nobody but ann knows of the surprise party." |
	    mem-ingest -q --user ann >/dev/null
	mem-toc build --user tester >out
	[ "$(jl sessions <out)" = 0 ]
	exits 1 mem-toc --user ann 2>err
	mem-toc build -q --user ann
	mem-toc --user ann -d 4 | grep -F "surprise party"
	mem-toc -d 4 >out
	exits 1 grep -F "surprise" out
	g=$(mem-toc --user ann -d 4 | grep -o "grip:[0-9]*:[0-9a-f]*" | head -n 1)
	[ -n "$g" ]
	exits 1 mem-toc expand "$g" 2>err
	exits 2 mem-toc hide "$g" 2>err
	seg=$(mem-toc --user ann -d 4 | grep -o "toc:segment:[0-9a-f:-]*" | head -n 1)
	exits 1 mem-toc "$seg" 2>err
	[ "$(mem-toc --user ann | of node_id)" = toc:year:2026 ]
'
test_that 'what is forgotten goes out of every version; its grip says so' '
	g=$(mem-toc day:2026-11-17 -d 1 | grep -o "{\"text\":\"The fix[^}]*" | head -n 1 | grep -o "grip:[0-9]*:[0-9a-f]*")
	id=$(mem-toc expand "$g" | jl event_id_start | grep .)
	mem-log --json "$id" >gone
	echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"$id\"}" | mem-ingest -q >/dev/null
	for f in "$MEM_STORE"/tenants/default/memory.db*; do
		exits 1 grep -a "instead of gzip" "$f"
	done
	for n in day:2026-11-17 week:2026-w47 month:2026-11 year:2026; do
		for v in $(mem-toc history $n | jl version); do
			mem-toc diff $n "v$v" v1 >>all || :
			mem-toc $n >>all
		done
	done
	exits 1 grep -e zstd -e gzip all
	exits 3 mem-toc expand "$g" >out
	grep "\"excerpt\":\"\".*\"forgotten\":true" out
	mem-toc build -q
	mem-toc -d 4 >out
	exits 1 grep zstd out
	mem-admin check
'
test_that 'a backup keeps versions and marks' '
	mem-toc pin day:2026-11-16
	mem-toc history week:2026-w47 >want
	mem-toc -d 4 >want2
	mem-admin backup a.tar >/dev/null
	mem-admin restore a.tar --store copy >/dev/null
	mem-toc history week:2026-w47 --store copy >got
	cmp want got
	mem-toc -d 4 --store copy >got
	cmp want2 got
	[ "$(mem-toc build --store copy | jl sessions)" = 0 ]
'
test_that 'compact --keep-versions leaves the newest ones, and the live one' '
	mem-toc rollback week:2026-w47 v1 >/dev/null
	n=$(mem-toc history week:2026-w47 | wc -l)
	[ "$n" -gt 3 ]
	mem-admin compact >/dev/null
	[ "$(mem-toc history week:2026-w47 | wc -l)" -eq "$n" ]
	mem-admin compact --keep-versions 2 --dry-run | grep "\"versions_deleted\":[1-9]"
	mem-admin compact --keep-versions 2 >out
	grep "\"versions_deleted\":[1-9]" out
	mem-toc history week:2026-w47 >out
	[ "$(wc -l <out)" -eq 3 ]
	[ "$(jl version <out | head -n 1)" = 1 ]
	[ "$(mem-toc week:2026-w47 | of version)" = 1 ]
	mem-admin check >/dev/null
'
test_that 'stats counts nodes and grips, and its lag' '
	say z 2026-11-18T08:00:00Z user "One more." | mem-ingest -q >/dev/null
	mem-admin stats --json >out
	[ "$(jl toc_node_count <out)" -ge 9 ]
	[ "$(jl grip_count <out)" -ge 5 ]
	grep "\"job_name\":\"toc\",.*\"lag\":[1-9]" out
'
# grips [USER]: the ids of all
grips() {
	sqlite3 "$MEM_STORE/tenants/default/memory.db" "SELECT printf('grip:%013d:', ts) ||
	    lower(hex(suffix)) FROM toc_grip WHERE user = (SELECT id FROM user
	    WHERE name = '${1:-tester}') ORDER BY 1"
}
test_that 'with the versions go the grips that no version names, but not one that is pinned' '
	fresh_store
	say a 2026-11-16T09:00:00Z user "Nobody but ann knows of the surprise party." |
	    mem-ingest -q --user ann >/dev/null
	for text in "Rain falls." "Snow falls." "Hail falls." \
	    "We decided to mend the reactor of the Enterprise." \
	    "The error was a corrupt dilithium crystal." \
	    "Scotty found the cause: a valve of the antimatter pod."; do
		i=$((${i:-0} + 1))
		say a 2026-11-16T09:0$i:00Z user "$text" | mem-ingest -q >/dev/null
		mem-toc build -q
	done
	mem-toc -d 4 | grep -o "grip:[0-9]*:[0-9a-f]*" | sort -u >named
	grips >all
	comm -13 named all >others
	[ "$(wc -l <others)" -ge 2 ]
	pinned=$(head -n 1 others)
	mem-toc pin "$pinned"
	mem-admin compact --keep-versions 99 >/dev/null
	grips | cmp - all
	mem-admin compact --keep-versions 1 --dry-run >/dev/null
	grips | cmp - all
	mem-admin compact --keep-versions 1 >/dev/null
	{ cat named; echo "$pinned"; } | sort -u >want
	grips | cmp - want
	[ "$(grips ann | wc -l)" -eq 1 ]
	mem-toc build -q
	mem-toc 2026-11-16 | grep -o "$pinned"
	contents >incremental
	mem-toc build --rebuild -q
	contents | cmp - incremental
	mem-toc unmark "$pinned"
	mem-toc build -q
	mem-toc -d 4 >out
	exits 1 grep "$pinned" out
	mem-admin check >/dev/null
'
test_that 'a store that is not there is not made' '
	exits 2 mem-toc build --store nowhere 2>err
	[ ! -e nowhere ]
'
test_done
