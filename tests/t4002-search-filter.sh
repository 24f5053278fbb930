#!/bin/sh
# Filters, as options and as properties; sources; and that a filter changes
# which texts are found but no score.
. "${0%/*}/lib.sh"

cat >in <<'END'
{"event_id":"01HNAVQZC00000000000000001","session_id":"s1","timestamp":"2026-10-01T10:00:00Z","role":"user","agent":"claude","text":"word one","metadata":{"tags":"auth, db","speaker":"Ann","source_id":"x-1"}}
{"event_id":"01HNAVQZC00000000000000002","session_id":"s1","timestamp":"2026-10-02T10:00:00Z","role":"assistant","agent":"claude","text":"word word two"}
{"event_id":"01HNAVQZC00000000000000003","session_id":"s2","timestamp":"2026-11-01T10:00:00Z","role":"tool","event_type":"tool_use","agent":"codex","text":"word three and more"}
{"event_id":"01HNAVQZC00000000000000004","session_id":"s2","timestamp":"2026-11-19T10:00:00Z","role":"system","text":"word four"}
{"event_id":"01HNAVQZC00000000000000005","session_id":"Big one","timestamp":"2026-11-20T11:59:59Z","text":"word five"}
{"type":"record","kb":"bugs","record_id":"B1","record_type":"bug_record","title":"word six","author":"Ann Lee","tags":["auth","ui"],"status":"open","timestamp":"2026-11-02T00:00:00Z"}
{"type":"record","kb":"bugs","record_id":"B2","record_type":"bug_record","title":"word seven","author":"Bob","tags":["db"],"status":"resolved"}
{"type":"record","kb":"notes","record_id":"N1","record_type":"note","title":"word eight","text":"word"}
END
mem-ingest <in >out
echo '{"session_id":"s1","timestamp":1,"text":"word of another user"}' |
    MEM_USER=other mem-ingest >out

# finds LAST... -- ARGUMENT...: hits by the ends of their ids
finds() {
	: >want
	while [ "$1" != -- ]; do
		echo "$1" >>want
		shift
	done
	shift
	mem-search -n 0 -l "$@" 2>err | sed 's/^01HNAVQZC0000000000000000//' |
	    sort >got
	cmp want got || { echo "for $*:"; cat got; return 1; }
}

test_that 'everything without filters' 'finds 1 2 3 4 5 B1 B2 N1 -- word'
test_that 'sources' '
	finds 1 2 3 4 5 -- --in event word
	finds B1 B2 N1 -- --in kb word
	finds B1 B2 N1 -- word source:kb
	finds "Big one" s1 s2 -- --in session word
	finds 1 2 3 4 5 B1 B2 "Big one" N1 s1 s2 -- --in event,kb --in session word
'
test_that 'times: since is in, until is out, what has no time is neither' '
	finds 3 4 5 B1 -- --since 2026-11 word
	finds 1 2 -- --until 2026-11 word
	finds 2 -- -s 2026-10-02T10:00:00Z -u 2026-10-02T10:00:00.001Z word
	finds -- -s 2026-10-02T10:00:00.001Z -u 2026-10-03 word
	finds 4 -- word date:yesterday
	finds 4 5 -- --since yesterday word
	finds 5 -- word "since:\"2 hours ago\""
	finds 1 2 -- word date:2026-10
	finds 3 B1 -- word since:2026-11-01 until:2026-11-03
	exits 64 mem-search --since never word 2>err
'
test_that 'session, role, type, agent' '
	finds 1 2 -- --session s1 word
	finds 3 4 -- word session:s2
	finds 5 -- --session "Big one" word
	finds 5 -- "word session:\"big one\""
	finds 1 2 3 4 -- --session s1,s2 word
	finds 1 5 -- --role user word
	finds 2 3 -- --role assistant --role tool word
	finds 3 -- --type tool_use word
	finds B1 B2 -- --type bug_record word
	finds 1 4 5 N1 -- word type:note,user_message
	finds 1 2 -- --agent claude word
	finds 3 -- word agent:COD\*
	finds 1 2 3 -- word "agent:*"
'
test_that 'tag, author, kb, status, ids' '
	finds 1 B1 -- --tag auth word
	finds 1 B1 B2 -- --tag db,ui word
	finds 1 -- word tag:auth tag:db
	finds B1 -- --author "ann lee" word
	finds 1 B1 -- word "author:ann*"
	finds B1 B2 -- --kb bugs word
	finds N1 -- word kb:n\*
	finds B1 -- --status open word
	finds B2 -- "word -status:open kb:bugs"
	finds 1 -- word source_id:x-1
	finds B2 -- word id:b2
'
test_that 'filters must all hold, from options and from the query' '
	finds 1 -- --session s1 --role user word
	finds 2 -- --session s1 word role:assistant
	finds -- --session s1 word session:s2
	finds -- --kb bugs --role user word
	finds 1 5 B1 B2 N1 -- word role:user OR source:kb
'
test_that 'a user sees his own events only' '
	[ "$(mem-search --user other -c --in event word)" = 1 ]
	MEM_USER=other mem-search --in event word | grep "another user"
	exits 1 mem-search --user nobody --in event word >out
	exits 1 mem-search --in event "another user:other" >out
	finds 1 2 3 4 5 B1 B2 N1 -- word user:tester OR source:kb
'
test_that 'MEM_SESSION is all there is, beside the records' '
	export MEM_SESSION=s2
	finds 3 4 B1 B2 N1 -- word
	finds 3 4 -- --session s2 word
	finds 3 4 -- --session "s*" word
	finds s2 -- --in session word
	for s in s1 nosuch S1; do
		exits 2 mem-search --session $s word 2>err.$s
		exits 2 mem-search --session s2,$s --count word
	done
	grep "bound to a session" err.s1
	cmp err.s1 err.nosuch
	unset MEM_SESSION
	[ "$(mem-admin audit --json | grep -c "\"denied\"")" = 6 ]
'
test_that 'a tenant has its own' '
	if mem-search --tenant other word >out 2>err; then exit 1; fi
	echo "{\"session_id\":\"t\",\"timestamp\":1,\"text\":\"word\"}" |
	    mem-ingest --tenant other >out
	[ "$(mem-search --tenant other -c word)" = 1 ]
'
test_that 'times are told in the zone of the store' '
	# event 3 happened on 2026-11-01T10:00:00Z, which is 23:00 there
	finds 4 5 B1 -- word since:2026-11-02
	printf "[core]\n\ttimezone = Pacific/Auckland\n" >"$MEM_STORE/config"
	finds 4 5 B1 -- word since:2026-11-02
	finds 3 4 5 B1 -- word since:2026-11-01T23:00
	finds 4 5 B1 -- word since:2026-11-01T23:01
	finds 3 -- word date:2026-11-01
	rm "$MEM_STORE/config"
'
test_that 'a filter changes no score' '
	score() {
		grep "\"id\":\"$1\"" | jl score
	}
	mem-search --mode text -n 0 word >all
	id=01HNAVQZC0000000000000000
	for f in "--role user" "--session s1" "--until 2026-10-02" "--in event" "--tag auth" "-n 1"; do
		# shellcheck disable=SC2086
		mem-search --mode text $f word >some
		for i in 1 2 5; do
			s=$(score $id$i <some)
			[ -z "$s" ] || [ "$s" = "$(score $id$i <all)" ]
		done
	done
	[ "$(mem-search --mode text --kb notes word | score N1)" = "$(score N1 <all)" ]
'
test_that 'nor does what another user has' '
	mem-search -n 0 --in event word | jl score >before
	seq 50 | sed "s/.*/{\"session_id\":\"o\",\"timestamp\":&,\"text\":\"word & long text\"}/" |
	    MEM_USER=other mem-ingest >out
	mem-search -n 0 --in event word | jl score | cmp before -
'
test_done
