#!/bin/sh
# Days, weeks and years of contents, in the zone of the user.
. "${0%/*}/lib.sh"
. "$tests/lib-toc.sh"

zone() {
	mem-admin config set "$1" "$2" >/dev/null
}
# holds NODE HOURS: a period is so long, and its events lie in it
holds() {
	mem-toc "$1" >out
	start=$(of start <out) end=$(of end <out)
	[ $((end - start)) -eq $(($2 * 3600000)) ] || { cat out; return 1; }
}

test_that 'days of 23 and 25 hours' '
	mem-admin init >/dev/null
	zone core.timezone Europe/Berlin
	say a 2026-03-28T23:30:00Z user "Half past midnight of the day on which summer time begins." | mem-ingest -q >/dev/null
	say b 2026-10-24T22:30:00Z user "Half past midnight of the day on which it ends." | mem-ingest -q >/dev/null
	say c 2026-10-25T22:59:59Z user "The last second of that day, in winter time." | mem-ingest -q >/dev/null
	say d 2026-10-25T23:00:00Z user "And the first one of the next." | mem-ingest -q >/dev/null
	mem-toc build -q
	holds day:2026-03-29 23
	holds day:2026-10-25 25
	holds day:2026-10-26 24
	holds week:2026-w13 $((7 * 24 - 1))
	holds week:2026-w43 $((7 * 24 + 1))
	mem-toc day:2026-10-25 >out
	[ "$(grep -o "\"toc:segment:2026-10-25[^\"]*" out | sort -u | wc -l)" -eq 2 ]
'
test_that 'in another zone the next build moves everything' '
	contents >before
	zone toc.tester.zone UTC
	mem-toc build >out
	[ "$(jl sessions <out)" = 4 ]
	contents >got
	rm -rf other
	mem-log --json | mem-ingest -q --store other >/dev/null
	mem-toc build -q --store other
	contents --store other >want
	cmp got want
	exits 1 cmp -s before got
	mem-toc day:2026-03-28 | grep -F "Half past"
	mem-toc build >out
	[ "$(jl sessions <out)" = 0 ]
	zone toc.tester.zone Europe/Berlin
	mem-toc build -q
	contents >got
	cmp got before
	exits 64 mem-admin config set toc.tester.zone Mars/Olympus 2>err
	grep "no time zone" err
	sed -i "s,Europe/Berlin,Mars/Olympus," "$MEM_STORE/config"
	exits 64 mem-toc build 2>err
	grep "no time zone" err
'
test_that 'weeks at the turn of the year' '
	fresh_store
	say a 2023-12-31T12:00:00Z user "Sunday is the last day of week 52 of 2023." | mem-ingest -q >/dev/null
	say b 2024-01-01T12:00:00Z user "Monday begins week 1 of 2024." | mem-ingest -q >/dev/null
	say c 2024-12-30T12:00:00Z user "This Monday is of week 1 of 2025 already." | mem-ingest -q >/dev/null
	say d 2026-12-31T12:00:00Z user "The Thursday of week 53." | mem-ingest -q >/dev/null
	say e 2027-01-02T12:00:00Z user "Saturday of week 53 of the year before." | mem-ingest -q >/dev/null
	say f 2027-01-04T12:00:00Z user "Week 1 of 2027 begins." | mem-ingest -q >/dev/null
	mem-toc build -q
	below() {
		mem-toc "$1" >out
		grep -q "\"child_node_ids\":\[[^]]*\"toc:$2\"" out || { cat out; return 1; }
	}
	below week:2023-w52 day:2023-12-31
	below week:2024-w01 day:2024-01-01
	below month:2024-01 week:2024-w01
	below week:2025-w01 day:2024-12-30
	below month:2025-01 week:2025-w01
	below year:2025 month:2025-01
	below week:2026-w53 day:2026-12-31
	below week:2026-w53 day:2027-01-02
	below month:2026-12 week:2026-w53
	below year:2026 month:2026-12
	below week:2027-w01 day:2027-01-04
	below year:2027 month:2027-01
	[ "$(mem-toc | of node_id | tr "\n" " ")" = \
	    "toc:year:2023 toc:year:2024 toc:year:2025 toc:year:2026 toc:year:2027 " ]
'
test_that 'a node lies within what it is part of, and children follow in time' '
	mem-toc -d 4 | sed "s/,\"children\":.*//" |
	    awk -v RS="\n" "
		{
			match(\$0, /\"level\":\"[a-z]*/); l = substr(\$0, RSTART + 9, RLENGTH - 9)
			match(\$0, /\"start\":[0-9]*/); s = substr(\$0, RSTART + 8, RLENGTH - 8) + 0
			match(\$0, /\"end\":[0-9]*/); e = substr(\$0, RSTART + 6, RLENGTH - 6) + 0
			n = index(\"year month week day segment\", l)
			if (n > 1 && (s < ps[up[l]] || e > pe[up[l]])) { print \$0; bad = 1 }
			ps[l] = s; pe[l] = e
		}
		BEGIN { up[\"month\"] = \"year\"; up[\"week\"] = \"month\"; up[\"day\"] = \"week\"; up[\"segment\"] = \"day\" }
		END { exit bad }"
'
test_that 'a session over midnight belongs to the day on which it began' '
	fresh_store
	for i in 50 55; do
		say a 2026-11-16T23:$i:00Z user "We move the cache server to the new rack tonight, part $i."
	done >in
	for i in 00 05; do
		say a 2026-11-17T00:$i:00Z user "We move the cache server to the new rack tonight, part $i."
	done >>in
	say a 2026-11-17T08:00:00Z user "Good morning! The cache server runs in the new rack." >>in
	mem-ingest -q <in >/dev/null
	mem-toc build -q
	[ "$(mem-toc 2026-11-16 -d 1 | of level | grep -c segment)" -eq 1 ]
	mem-toc expand "$(mem-toc 2026-11-16 | grep -o "segment:2026-11-16:[0-9a-f]*" | head -n 1)" >out
	[ "$(wc -l <out)" -eq 4 ]
	[ "$(mem-toc 2026-11-17 -d 1 | of level | grep -c segment)" -eq 1 ]
'
test_that 'a user with one event, and one with events that say nothing' '
	fresh_store
	say a 2026-11-16T23:50:00Z user "Hello." | mem-ingest -q --user one >/dev/null
	echo "{\"session_id\":\"s\",\"timestamp\":5,\"event_type\":\"session_start\",\"text\":\"\"}" |
	    mem-ingest -q --user none >/dev/null
	mem-toc build -q
	[ "$(mem-toc --user one -d 9 | wc -l)" -eq 5 ]
	[ "$(mem-toc --user none -d 9 | wc -l)" -eq 5 ]
	mem-toc --user none 1970-01-01
	mem-toc --user none --text -d 9
	mem-admin check >/dev/null
'
test_that 'the ends of time' '
	fresh_store
	say a 0001-01-01T00:00:00Z user "The first moment that there is." | mem-ingest -q >/dev/null
	say b 9999-12-31T23:59:59Z user "And the last one." | mem-ingest -q >/dev/null
	say c 1969-12-31T23:59:59Z user "Just before the epoch began, in New York and in Tokyo." | mem-ingest -q >/dev/null
	for z in UTC America/New_York Asia/Tokyo Pacific/Apia; do
		zone toc.zone $z
		mem-toc build -q
		[ "$(mem-toc -d 4 | of level | grep -c segment)" -eq 3 ]
		mem-toc -d 4 | grep -o "grip:[-0-9]*:[0-9a-f]*" | sort -u >grips
		while read -r g; do
			mem-toc expand "$g" >out
			[ "$(wc -l <out)" -eq 2 ]
		done <grips
		[ "$(wc -l <grips)" -eq 3 ]
	done
	mem-admin check
'
test_that 'a day of very many events takes no more memory than a few' '
	fresh_store
	mkevents=${MEM_BIN:-$top/bin}/../obj/helper/mkevents
	[ -x "$mkevents" ] || mkevents=$top/obj/helper/mkevents
	"$mkevents" -n 40000 -b 60 -s 3 | sed "s/\"timestamp\":1700000\([0-9]\{6\}\),/\"timestamp\":1700000\1,/;
	    s/\"timestamp\":17000\([0-9]\{2\}\)\([0-9]\{3\}\)\([0-9]\{3\}\),/\"timestamp\":17000\1\2\3,/" |
	    mem-ingest -q >/dev/null
	# what looks for faults takes terabytes of addresses
	([ "${MEM_SANITIZE:-no}" != no ] || ulimit -v 300000; mem-toc build) >out
	cat out
	mem-toc -d 9 >all
	n=$(of level <all | grep -c segment)
	[ "$n" -ge 100 ]
	[ "$(mem-toc build --rebuild | jl versions)" = 0 ]
'
test_done
