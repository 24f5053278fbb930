#!/bin/sh
# Contents made bit by bit are those made at once: events that come in any
# order, in pieces, are forgotten, and a rebuild.
. "${0%/*}/lib.sh"
. "$tests/lib-toc.sh"

# shuffle SEED: lines of standard input in another order
shuffle() {
	awk -v seed="$1" 'BEGIN { srand(seed) } { print rand(), $0 }' |
	    sort -n | cut -d' ' -f2-
}

# at_once FILE: the contents of its events, stored and built in one go
at_once() {
	rm -rf other
	mem-ingest -q --store other <"$1" >/dev/null
	mem-toc build -q --store other
	contents --store other
}

for seed in 1 2 3; do
	test_that "in order, piece by piece ($seed)" "
		chats $seed 12 >all
		split -l 17 all part.
		for f in part.*; do
			mem-ingest -q <\$f >/dev/null
			mem-toc build -q
		done
		contents >got
		[ \$(wc -l <got) -gt 20 ]
		at_once all >want
		cmp got want
		rm part.*
	"
	test_that "in any order, piece by piece ($seed)" "
		fresh_store
		shuffle $seed <all >mixed
		split -l 23 mixed part.
		for f in part.*; do
			mem-ingest -q <\$f >/dev/null
			mem-toc build -q
		done
		contents >got
		cmp got want
		rm part.*
	"
	test_that "after a rebuild, which writes no version ($seed)" '
		mem-toc build --rebuild >report
		cat report
		[ "$(jl versions <report)" = 0 ]
		contents >got
		cmp got want
	'
	test_that "after some was forgotten ($seed)" '
		mem-log --json | awk "NR % 5 == 2" >gone
		jl event_id <gone | sed "s/.*/{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"&\"}/" |
		    mem-ingest -q >/dev/null
		echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s4\"}" |
		    mem-ingest -q >/dev/null
		mem-toc build -q
		contents >got
		mem-log --json >left
		[ "$(wc -l <left)" -lt "$(wc -l <all)" ]
		at_once left >want
		cmp got want
		mem-admin check >/dev/null
	'
	fresh_store
done

test_that 'with a pause of exactly 30 minutes, filled later' '
	say a 2026-11-02T10:00:00Z user "The cache is stale after a deploy." >1
	say a 2026-11-02T10:30:00Z user "We clear the cache in the release script." >2
	say a 2026-11-02T10:15:00Z assistant "Which cache do you mean, the one of the proxy?" >3
	cat 1 2 | mem-ingest -q >/dev/null
	mem-toc build -q
	mem-ingest -q <3 >/dev/null
	mem-toc build -q
	contents >got
	cat 1 2 3 >all
	at_once all >want
	cmp got want
'
test_done
