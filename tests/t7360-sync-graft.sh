#!/bin/sh
# Grafts travel: push and pull in any order, export and import, backups; one
# that was revoked anywhere is so everywhere, for good.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

# on NODE SESSION OPTION...: a graft of the user; its id
on() {
	n=$1
	shift
	as "$n" mem-session graft --json "$@" | jl id
}
grafts() {
	as "$1" mem-session grafts --json
}
both() {
	push A >out 2>err || { [ $? -eq 75 ]; grep pull err; }
	for turn in A B A; do
		pull $turn >out
		push $turn >out
	done
	pull B >out
}

test_that 'one that was given here is one there; what it lets read, too' '
	fresh A B
	say A s1 "one"
	say A s2 "two"
	g=$(on A s1 --to user:ann --only events --until 2030-01-01)
	on A s2 --to tenant --from 2020 --before 2100 >out
	both
	grafts A >a
	grafts B | cmp a -
	[ "$(MEM_USER=ann as B mem-log --json | jl text | sort | tr "\n" ,)" = "one,two," ]
	[ "$(MEM_USER=ann as B mem-log --json --session s1 | jl graft)" = "$g" ]
	for n in A B; do MEM_STORE=$work/$n store_whole; done
	as A mem-sync verify
	as B mem-admin audit --json | grep "\"action\":\"graft\".*$g to user:ann: events, on another copy"
'
test_that 'revoked there, it is revoked here; twice: the earlier counts' '
	g=$(grafts A | jl id | head -n 1)
	as B mem-session ungraft "$g"
	sleep 0.01
	as A mem-session ungraft "$g"
	both
	grafts A >a
	grafts B | cmp a -
	[ "$(grafts A | jl state | tr "\n" ,)" = "revoked,active," ]
	b=$(MEM_STORE=$work/B sql "SELECT revoked FROM graft ORDER BY seq LIMIT 1")
	[ "$(MEM_STORE=$work/A sql "SELECT revoked FROM graft ORDER BY seq LIMIT 1")" = "$b" ]
	MEM_USER=ann as A exits 1 mem-log --session s1
	as A mem-sync verify
'
test_that 'a session that is forgotten takes its grafts with it, everywhere' '
	on A s2 --to session:s1 >out
	say A s3 "three"
	on A s3 --to session:s2 >out
	both
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s2\"}" | as B mem-ingest >out
	both
	for n in A B; do
		MEM_USER=ann as $n exits 1 mem-log
		[ "$(grafts $n | jl state | tr "\n" ,)" = "revoked,revoked," ]
		MEM_STORE=$work/$n store_whole
	done
	grafts A >a
	grafts B | cmp a -
'
test_that 'a first pull, by a snapshot, has them' '
	fresh A
	say A s1 "one"
	g=$(on A s1 --to user:ann)
	h=$(on A s1 --to user:eve)
	as A mem-session ungraft "$h"
	as A mem-sync push --snapshot >out
	mkdir C
	as C mem-admin config set remote.main.url "file://$R" >out || node C
	pull C >out
	grafts A >a
	grafts C | cmp a -
	[ "$(MEM_USER=ann as C mem-log --json | jl graft)" = "$g" ]
	MEM_USER=eve as C exits 1 mem-log
'
test_that 'export and import of a user: his grafts go along; of a session alone not' '
	as A mem-sync export --user "$MEM_USER" u.tar >out
	cat out
	grep "\"grafts\":2" out
	as A mem-sync export s.tar s1 >out
	rm -rf D E
	as D mem-sync import u.tar >out
	grafts A >a
	grafts D | cmp a -
	as D mem-sync import u.tar >out
	grafts D | cmp a -
	as E mem-sync import s.tar >out
	as E exits 1 mem-session grafts
'
test_that 'a backup has them; what was revoked since comes back as it was then' '
	as A mem-admin backup b.tar >out
	rm -rf F
	as F mem-admin restore b.tar >out
	grafts A >a
	grafts F | cmp a -
	MEM_STORE=$work/F store_whole
'
test_done
