#!/bin/sh
# mem-search --watch: what matches, as it is stored, and nothing else.
. "${0%/*}/lib.sh"

# put TEXT [ROLE [SESSION]]
put() {
	echo "{\"session_id\":\"${3-s}\",\"timestamp\":\"2026-11-19\",\"role\":\"${2-user}\",\"text\":\"$1\"}" |
	    mem-ingest >out
}
bug() {
	echo "{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"$1\",\"record_type\":\"n\",\"title\":\"$2\"}" |
	    mem-ingest >out
}
put 'the deploy failed, long ago'

test_that 'only what comes, if all the words are in it, in that order' '
	timeout 20 mem-search --watch --json -n 3 deploy failed >got &
	sleep 0.5
	put "deploying again"
	put "it failed"
	put "the deploy failed: one"
	put "failed deploys: two"
	put "the deploy of B failed: three"
	wait $!
	jl text <got | sed "s/.*: //" | tr "\n" " " | grep -x "one two three "
'
test_that 'hits have the shape of a search, but no score' '
	timeout 20 mem-search --watch --json -n 1 -C 1 refresh >got &
	sleep 0.5
	put "before" user w
	put "the refresh token" user w
	wait $!
	grep "^{\"type\":\"hit\",\"id\":\"[0-9A-Z]*\",\"source\":\"event\",\"snippet\":\"the \*\*refresh\*\* token\",\"record\":{\"type\":\"event\",.*},\"context\":\[.*before.*\]}$" got
'
test_that 'records come too, and their new versions' '
	timeout 20 mem-search --watch --json --in kb -n 2 cache >got &
	sleep 0.5
	put "the cache of an event"
	bug B-1 "the cache"
	sleep 0.5
	bug B-1 "the cache, changed"
	wait $!
	jl id <got | tr "\n" " " | grep -x "B-1 B-1 "
	grep "\"version\":2" got
'
test_that 'filters, phrases and minus hold; nothing is relaxed' '
	timeout 20 mem-search --watch -l -n 1 --role tool \
	    "\"refresh token\" -expired" >got 2>err &
	sleep 0.5
	put "the refresh token" user
	put "the token, refresh it" tool
	put "the refresh token expired" tool
	put "a good refresh token" tool
	wait $!
	mem-log - <got | grep "a good refresh token"
	[ ! -s err ]
'
test_that 'no words, but a property: all that has it' '
	timeout 20 mem-search --watch -n 2 --json --session mine >got &
	sleep 0.5
	put one user mine
	put two user other
	put three user mine
	wait $!
	jl text <got | tr "\n" " " | grep -x "one three "
'
test_that 'every hit is written at once, with an index as without' '
	mem-index -q
	mkfifo pipe
	timeout 20 mem-search --watch --json fresh >pipe &
	exec 3<pipe
	sleep 0.5
	put "fresh one"
	timeout 5 head -n 1 <&3 | grep "\*\*fresh\*\* one"
	mem-index -q
	put "fresh two"
	timeout 5 head -n 1 <&3 | grep "\*\*fresh\*\* two"
	kill $!
'
test_that 'somebody who has nothing yet can wait for something' '
	timeout 20 mem-search --user newcomer --watch -q hello >got &
	sleep 0.5
	put hello
	echo "{\"session_id\":\"s\",\"timestamp\":1,\"text\":\"hello\"}" |
	    mem-ingest --user newcomer >out
	wait $!
	[ ! -s got ]
'
test_that 'it ends when its reader has gone, and at a signal' '
	mkfifo gone
	timeout 20 mem-search --watch --json nothing >gone 2>err &
	exec 4<gone
	sleep 0.3
	exec 4<&-
	r=0
	wait $! || r=$?
	[ $r -eq 141 ]
	timeout 20 mem-search --watch --json nothing >out 2>err &
	sleep 0.3
	kill $!
	r=0
	wait $! || r=$?
	[ $r -eq 143 ] || [ $r -eq 124 ]
	[ ! -s err ]
'
test_that 'what makes no sense with it is refused' '
	exits 64 timeout 5 mem-search --watch --batch x 2>err
	for a in -c --explain "--budget 100" "--as-of today" "--in session"; do
		# shellcheck disable=SC2086
		exits 64 timeout 5 mem-search --watch $a word 2>err
	done
	exits 64 timeout 5 mem-search --watch 2>err
	exits 1 timeout 5 mem-search --watch "?!" 2>err
'
test_done
