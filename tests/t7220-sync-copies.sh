#!/bin/sh
# Stores that were copied, restored, or are others' altogether: nobody is taken
# for somebody else, and each message has the remedy.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

# twins: A, and its copy B that does not know of it; both went on
twins() {
	rm -rf B
	cp -R A B
	say A s1 "of A"
	as A mem-session set s1 key "of A"
	say B s1 "of B"
	say B s2 "more of B"
	as B mem-session set s1 key "of B"
}
# told_double NODE: neither push nor pull goes on, and nothing is taken in
told_double() {
	shows "$1" >before
	for verb in push pull; do
		exits 2 $verb "$1" 2>err
		cat err
		grep "another copy of this store is node .*mem-sync renew" err
	done
	shows "$1" | cmp before -
}
# union NODE NODE: both push and pull until both are done, then are equal
union() {
	for turn in "$1" "$2" "$1"; do
		push "$turn" >out 2>err || { [ $? -eq 75 ]; grep pull err; }
		pull "$turn" >out
		push "$turn" >out
	done
	pull "$2" >out
	same "$1" "$2"
	sound "$1" "$2"
	remote_whole
}

test_that 'a copy (cp -r) that goes on: told, renewed, and the union is whole' '
	fresh A
	fill A
	push A >out
	twins
	push A >out
	told_double B
	as B mem-sync renew >out
	cat out
	grep "{\"type\":\"node\",\"node\":\"[0-9A-Z]*\",\"before\":" out
	union A B
	for t in "of A" "of B" "more of B"; do
		texts A | grep -x "$t"
	done
'
test_that 'the copy was the first to push: the other one is told' '
	fresh A
	fill A
	push A >out
	twins
	push B >out
	told_double A
	as A mem-sync renew >out
	union A B
	texts A | grep -x "of A"
	texts A | grep -x "more of B"
'
test_that 'copied before the first push' '
	fresh A
	fill A
	twins
	push A >out
	told_double B
	as B mem-sync renew >out
	union A B
	texts B | grep -x "of A"
	texts A | grep -x "more of B"
'
test_that 'copied before the first push, the longer one pushes first' '
	fresh A
	fill A
	twins
	push B >out
	told_double A
	as A mem-sync renew >out
	union A B
	texts B | grep -x "of A"
	texts A | grep -x "more of B"
'
test_that 'renewed before it ever pushed: what it had is sent all the same' '
	fresh A
	fill A
	as A mem-sync renew >out
	say A s1 later
	as A mem-sync status >out
	cat out
	[ "$(jl behind <out)" -gt 20 ]
	push A >out
	as A mem-sync status | grep "\"behind\":0"
	node B
	pull B >out
	same A B
	push A | grep "\"published\":false"
'
test_that 'both were renewed' '
	fresh A
	fill A
	push A >out
	twins
	as A mem-sync renew >out
	as B mem-sync renew >out
	union A B
'
test_that 'renewed again and again' '
	fresh A B
	for i in 1 2 3 4; do
		say A s1 "number $i"
		[ $i -eq 3 ] || push A >out
		as A mem-sync renew >out
		[ $i -eq 3 ] || pull A >out
	done
	push A >out
	pull B >out
	same A B
	[ "$(texts B | wc -l)" -eq 4 ]
'
test_that 'an older copy (restored with cp) is told, and renewed goes on' '
	fresh A B
	fill A
	push A >out
	cp -R A old
	say A s1 "after the copy"
	push A >out
	pull B >out
	rm -rf A
	mv old A
	for verb in push pull; do
		exits 2 $verb A 2>err
		cat err
		grep "mem-sync renew" err
	done
	say A s1 "of the older copy"
	exits 2 push A 2>err
	grep "mem-sync renew" err
	as A mem-sync renew >out
	union A B
	texts A | grep -x "after the copy"
	texts B | grep -x "of the older copy"
'
test_that 'an older copy, and its journal is lost' '
	fresh A B
	fill A
	cp -R A old
	say A s1 "after the copy"
	push A >out
	rm -rf A
	mv old A
	exits 2 push A 2>err
	cat err
	grep "mem-sync renew" err
	for i in 1 2 3; do
		say A s1 "of the older copy $i"
	done
	exits 2 push A 2>err
	cat err
	grep "mem-sync renew" err
	as A mem-sync renew >out
	pull B >out
	union A B
	[ "$(texts B | grep -c "of the older copy")" -eq 3 ]
	texts A | grep -x "after the copy"
'
test_that 'a backup that is restored is one of its own' '
	fresh A B
	fill A
	push A >out
	as A mem-admin backup file >out
	say A s1 "after the backup"
	push A >out
	rm -rf A
	as A mem-admin restore file >out
	as A mem-admin config set remote.main.url "file://$R"
	say A s1 "after it was restored"
	pull A >out
	push A >out
	pull B >out
	same A B
	texts B | grep -x "after the backup"
	texts B | grep -x "after it was restored"
'
test_that 'a journal that is lost is read again' '
	fresh A B
	fill A
	push A >out
	say A s1 more
	push A >out
	pull B >out
	say B s1 "of B"
	push B >out
	rm A/tenants/default/sync/main.db*
	push A | grep "\"number\":3,\"published\":false"
	say A s5 again
	push A | grep "\"number\":4,\"published\":true,\"changes\":1,"
	pull A >out
	rm B/tenants/default/sync/main.db*
	exits 2 push B 2>err
	grep "mem-sync pull --merge" err
	pull B --merge >out
	same A B
	push B | grep "\"published\":false"
'
test_that 'the memory of another store: refused, or taken in with --merge' '
	fresh A C
	fill A
	say C mine "of C"
	push A >out
	shows C >before
	for verb in pull push; do
		exits 2 $verb C 2>err
		cat err
		grep "has the memory of another store .*mem-sync pull --merge" err
	done
	shows C | cmp before -
	pull C --merge >out
	push C >out
	pull A >out
	same A C
	texts A | grep -x "of C"
'
test_that 'into an empty tenant without a word' '
	fresh A B
	fill A
	push A >out
	pull B >out
	say B s1 "of B"
	push B >out
	pull A >out
	same A B
'
test_done
