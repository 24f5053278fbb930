#!/bin/sh
# mem-log by time: half-open ranges, zones, filters, order, limits, exits.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

# at TIME [KEYS]: an event then, whose text is the time
at() {
	echo "{\"session_id\":\"s\",\"timestamp\":\"$1\",\"text\":\"$1\"${2-}}"
}

texts() {
	mem-log --json "$@" | jl text
}

for t in 2026-11-18T23:59:59.999Z 2026-11-19T00:00:00Z 2026-11-19T12:00:00Z \
    2026-11-19T23:59:59.999Z 2026-11-20T00:00:00Z 2026-11-20T11:59:59.999Z; do
	at $t
done >in
mem-ingest <in >out

test_that 'since is the first that counts, until the first that does not' '
	texts -s 2026-11-19 -u 2026-11-20 >got
	sed -n 2,4p in | jl text | diff got -
'
test_that 'a millisecond on either side' '
	[ "$(texts -s 2026-11-19T00:00:00.001Z -u 2026-11-19T23:59:59.999Z)" = 2026-11-19T12:00:00Z ]
	texts -s 1795046400000 -u 1795046400001 >got || :
	[ "$(texts -s 2026-11-19T12:00:00Z -u 2026-11-19T12:00:00.001Z)" = 2026-11-19T12:00:00Z ]
'
test_that 'neighbouring ranges have every event once' '
	for d in 18 19 20; do
		texts -s 2026-11-$d -u 2026-11-$((d + 1))
	done >got
	jl text <in | diff got -
'
test_that 'an empty range and an inverted one: nothing, exit 1' '
	exits 1 mem-log -s 2026-11-20 -u 2026-11-20 >out
	exits 1 mem-log -s 2026-11-21 -u 2026-11-19 >out
	[ ! -s out ]
'
test_that 'words: yesterday ends where today begins' '
	texts -s yesterday -u today >got
	sed -n 2,4p in | jl text | diff got -
	[ "$(texts -s today | wc -l)" = 2 ]
	[ "$(texts -s "12 hours ago" | wc -l)" = 2 ]
	[ "$(texts -s 2026-W47 -u now | wc -l)" = 6 ]
'
test_that 'the zone of the store decides what a day is' '
	printf "[core]\n\ttimezone = America/New_York\n" >"$MEM_STORE/config"
	# midnight there is 05:00 UTC
	texts -s 2026-11-19 -u 2026-11-20 >got
	sed -n 3,5p in | jl text | diff got -
	# and an instant stays one
	[ "$(texts -s 2026-11-20T00:00:00Z | wc -l)" = 2 ]
	[ "$(mem-log --text -s 2026-11-20T00:00:00Z -n 1 | head -n 1)" = "2026-11-19 Thursday" ]
	printf "[core]\n\ttimezone = Nowhere/At_All\n" >"$MEM_STORE/config"
	exits 64 mem-log 2>err || exits 2 mem-log 2>err
	grep "core.timezone" err
	rm "$MEM_STORE/config"
'
test_that 'a day of 25 hours has all of its events' '
	printf "[core]\n\ttimezone = Europe/Berlin\n" >"$MEM_STORE/config"
	for h in 21:59:59.999 22:00:00 22:59:59 23:00:00; do
		at 2026-10-24T${h}Z
		at 2026-10-25T${h}Z
	done | mem-ingest >out
	texts -s 2026-10-25 -u 2026-10-26 >got
	cat >want <<-.
	2026-10-24T22:00:00Z
	2026-10-24T22:59:59Z
	2026-10-24T23:00:00Z
	2026-10-25T21:59:59.999Z
	2026-10-25T22:00:00Z
	2026-10-25T22:59:59Z
	.
	diff got want
	rm "$MEM_STORE/config"
'
test_that 'yesterday has 25 hours, or 23, when the clocks were changed' '
	fresh_store
	for d in 2026-03-28 2026-03-29 2026-03-30 2026-10-24 2026-10-25 2026-10-26; do
		for h in 00 01 02 03 04 05 06 07 08 09 10 11 12 13 14 15 16 \
		    17 18 19 20 21 22 23; do
			at ${d}T$h:30:00Z
		done
	done | mem-ingest >out
	mem-admin config set core.timezone Europe/Berlin
	for now in 2026-10-25T23:00:00Z 2026-10-26T22:59:59Z; do
		MEM_NOW=$now texts -s yesterday -u today >got
		[ "$(wc -l <got)" = 25 ]
		[ "$(head -n 1 got)" = 2026-10-24T22:30:00Z ]
	done
	for now in 2026-03-29T22:00:00Z 2026-03-30T21:59:59Z; do
		MEM_NOW=$now texts -s yesterday -u today >got
		[ "$(wc -l <got)" = 23 ]
		[ "$(head -n 1 got)" = 2026-03-28T23:30:00Z ]
	done
	# a zone of its own wins over that of the store
	texts -s 2026-10-25T00:00:00-05:00 -u 2026-10-25T06:00:00Z >got
	[ "$(cat got)" = 2026-10-25T05:30:00Z ]
'
test_that 'weeks are those of ISO 8601, in the zone of the store' '
	for t in 2026-12-27T22:59:59Z 2026-12-27T23:00:00Z 2027-01-03T22:59:59Z \
	    2027-01-03T23:00:00Z 2027-01-10T22:59:59Z 2027-01-10T23:00:00Z; do
		at $t
	done | mem-ingest >out
	[ "$(texts -s 2026-W53 -u 2027-W01 | tr "\n" " ")" = \
	    "2026-12-27T23:00:00Z 2027-01-03T22:59:59Z " ]
	[ "$(texts -s 2027-W01 -u 2027-W02 | tr "\n" " ")" = \
	    "2027-01-03T23:00:00Z 2027-01-10T22:59:59Z " ]
	exits 64 mem-log -s 2027-W53
	rm "$MEM_STORE/config"
'
test_that 'a time that is none is misuse, and named' '
	exits 64 mem-log --since "the day before" 2>err
	grep -e "--since" err
'
test_that 'year 1 and year 9999 are in range, by default too' '
	fresh_store
	{ at 0001-01-01T00:00:00Z; at 9999-12-31T23:59:59.999Z; } | mem-ingest >out
	[ "$(texts | wc -l)" = 2 ]
	[ "$(texts -u 0001-01-02)" = 0001-01-01T00:00:00Z ]
	[ "$(mem-log --json | head -n 1 | jl timestamp)" = -62135596800000 ]
'
test_that 'filters: as a slow version finds them' '
	fresh_store
	awk "BEGIN {
		split(\"user assistant system tool\", r)
		split(\"a b\", g)
		for (i = 0; i < 400; i++) {
			printf \"{\\\"session_id\\\":\\\"s%d\\\",\\\"timestamp\\\":%.0f,\", i % 7, 1790000000000 + int(i / 3) * 1000
			printf \"\\\"role\\\":\\\"%s\\\",\", r[i % 4 + 1]
			if (i % 3) printf \"\\\"agent\\\":\\\"%s\\\",\", g[i % 3]
			printf \"\\\"text\\\":\\\"t%d\\\"}\\n\", i
		}
	}" | mem-ingest >out
	mem-log --json >all
	[ "$(wc -l <all)" = 400 ]
	for f in "session=s3|\"session_id\":\"s3\"" "role=tool|\"role\":\"tool\"" \
	    "agent=b|\"agent\":\"b\"" "type=user_message|\"event_type\":\"user_message\""; do
		mem-log --json --"${f%%|*}" >got
		grep "${f#*|}" all >want
		diff got want
	done
	mem-log --json --role user,tool --agent a --session s1 >got
	grep "\"role\":\"\(user\|tool\)\"" all | grep "\"agent\":\"a\"" |
	    grep "\"s1\"" >want
	[ -s want ]
	diff got want
	mem-log --json --role user --role tool --agent a --session s1 | diff - want
'
test_that 'by timestamp, and within one by id; --reverse is the reverse of it' '
	sed "s/.*event_id\":\"\([^\"]*\)\".*timestamp\":\([0-9]*\).*/\2 \1/" all >keys
	sort -c keys
	tac all >want
	mem-log --json --reverse | diff - want
	mem-log --json --session s1 >got
	grep "\"s1\"" all | diff got -
	mem-log --json --session s1 --reverse >got
	grep "\"s1\"" want | diff got -
'
test_that '-n: the first ones; with --reverse the last' '
	mem-log --json -n 7 >got
	head -n 7 all | diff got -
	mem-log --json -n 7 --reverse >got
	tac all | head -n 7 | diff got -
	mem-log --json -n 0 | diff - all
'
test_that 'a session, an agent that there is not: exit 1' '
	exits 1 mem-log --session nobody
	exits 1 mem-log --agent nobody
'
test_that 'a role or a type that there is not is misuse, and named' '
	exits 64 mem-log --role boss 2>err
	grep "unknown role '\''boss'\''" err
	exits 64 mem-log --type user,thought 2>err
	grep "unknown type '\''user'\''" err
'
test_that 'MEM_SESSION is the session where none is named' '
	MEM_SESSION=s2 mem-log --json >got
	grep "\"s2\"" all | diff got -
	MEM_SESSION=s2 exits 2 mem-log --json --session s4 >got 2>err
	[ ! -s got ]
	grep "bound to a session" err
	MEM_SESSION=s2 exits 2 mem-log --json --session nobody 2>err2
	cmp err err2
'
test_that 'no store: exit 2, with what to do' '
	exits 2 mem-log --store nothing 2>err
	cat err
	grep "no store at .*; make one with mem-admin init" err
	[ ! -e nothing ]
	exits 2 mem-log --tenant other 2>err
	grep "has no tenant '\''other'\''" err
'
test_that 'text for people: a line each, a heading for a day' '
	fresh_store
	{ at 2026-11-19T23:59:00Z; at 2026-11-20T00:00:00Z; } | mem-ingest >out
	mem-log --text >got
	cat >want <<-.
	2026-11-19 Thursday
	23:59  user       s         2026-11-19T23:59:00Z

	2026-11-20 Friday
	00:00  user       s         2026-11-20T00:00:00Z
	.
	diff got want
'
test_that 'what an event holds does not steer the terminal' '
	fresh_store
	printf "%s\n" "{\"session_id\":\"s\",\"timestamp\":1,\"text\":\"a\\u001b[2Jb\\u202ec\\u0007\"}" |
	    mem-ingest >out
	mem-log --text >got
	exits 1 grep "$(printf "[\033\007]")" got
	mem-log -v --text >got
	exits 1 grep "$(printf "[\033\007]")" got
	mem-log --json | grep "a.u001b\[2Jb.*c.u0007"
'
test_that '-0 ends each with NUL' '
	mem-log --json -0 | tr "\0" "\n" >got
	mem-log --json | diff got -
'
test_done
