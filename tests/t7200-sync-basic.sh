#!/bin/sh
# mem-sync push and pull by way of a folder: what is pulled is what was there.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

test_that 'what was pushed and pulled is equal' '
	node A B
	fill A
	push A >out
	cat out
	grep "\"number\":1,\"published\":true," out
	remote_whole
	[ "$(manifests | wc -l)" -eq 1 ]
	pull B >out
	cat out
	grep "\"number\":1,\"snapshot\":false,\"segments\":1," out
	same A B
	[ "$(wc -l <has.A)" -gt 30 ]
	sound A B
'
test_that 'with nothing new nothing is published, and nothing taken in' '
	for who in A B A; do
		push $who >out
		cat out
		grep "\"number\":1,\"published\":false,\"changes\":0," out
		grep "\"sent_bytes\":0}" out
	done
	pull B >out
	grep "\"segments\":0," out
	[ "$(manifests | wc -l)" -eq 1 ]
	exits 1 grep mem-index out
'
test_that 'what comes is published, and that alone' '
	say A s1 more
	push A --dry-run >out
	cat out
	grep "\"dry_run\":true,\"changes\":1}" out
	[ "$(manifests | wc -l)" -eq 1 ]
	push A >out
	grep "\"number\":2,\"published\":true,\"changes\":1,\"segments\":1,\"sessions\":1," out
	pull B | grep "\"segments\":1,\"records\":1,\"stored\":1,"
	same A B
'
test_that 'back again: what was pulled is not sent back' '
	as B mem-session set s1 key "of B"
	say B s9 hello
	push B >out
	grep "\"changes\":2,\"segments\":1,\"sessions\":2," out
	pull A | grep "\"stored\":2,"
	same A B
	push A | grep "\"published\":false"
	sound A B
'
test_that 'what is forgotten is forgotten elsewhere' '
	id=$(as A mem-log --json --session s9 | jl event_id)
	echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"$id\"}" |
	    as A mem-ingest >/dev/null
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s2\"}" |
	    as A mem-ingest >/dev/null
	push A >out
	pull B >out
	exits 1 as B mem-log --json --session s9
	same A B
	push A | grep "\"published\":false"
	push B | grep "\"published\":false"
	sound A B
'
test_that 'a third one, by way of both' '
	node C
	pull C >out
	same A C
	say C s1 "of C"
	push C >out
	pull A >out
	pull B >out
	same A C
	same A B
'
test_that 'many manifests: one after the other, and none twice' '
	for i in $(seq 20); do
		say A s1 "number $i"
		push A >out
	done
	remote_whole
	pull B | grep "\"segments\":20,"
	pull B | grep "\"segments\":0,"
	same A B
	node D
	pull D >out
	same A D
'
test_that 'more than one segment' '
	fresh A B
	mkevents 25000 7 | as A mem-ingest >/dev/null
	push A | grep "\"changes\":25000,\"segments\":3,\"sessions\":7,"
	remote_whole
	pull B | grep "\"segments\":3,\"records\":25000,\"stored\":25000,"
	same A B
'
test_that 'tenants are apart, and their names are escaped' '
	fresh A B
	say A s1 default
	export MEM_TENANT="Ärger/x"
	as A mem-admin init >/dev/null
	say A s1 "of the other"
	push A >out
	ls "$R"
	[ "$(ls "$R" | wc -l)" -eq 1 ]
	as B mem-admin init >/dev/null
	pull B >out
	[ "$(texts B)" = "of the other" ]
	unset MEM_TENANT
	exits 2 pull B 2>err
	cat err
	grep "there is nothing in .main. yet for tenant .default." err
	push A >out
	pull B >out
	[ "$(texts B)" = default ]
'
test_that 'status --dirty: which sessions and files are not there' '
	fresh A
	say A s1 one
	say A s2 two
	echo x | as A mem-session put s2 inputs - --as notes/x.txt >out
	as A mem-sync status --dirty >out
	cat out
	grep "{\"type\":\"dirty\",\"remote\":\"main\",\"session_id\":\"s1\",\"user\":\"[a-z]*\"}" out
	grep "\"session_id\":\"s2\",\"user\":\"[a-z]*\",\"area\":\"inputs\",\"path\":\"notes/x.txt\"}" out
	[ "$(grep -c dirty out)" -eq 3 ]
	push A >out
	as A mem-sync status --dirty >out
	[ "$(wc -l <out)" -eq 1 ]
	as A mem-session rm s2 inputs notes/x.txt >out
	as A mem-sync status --dirty --text >out
	cat out
	grep "s2 *inputs/notes/x.txt (removed)" out
	! grep s1 out
'
test_that 'status: how far behind, since when' '
	fresh A
	as A mem-sync status >out
	cat out
	grep "\"number\":0,\"behind\":0,\"ahead\":0}" out
	as A mem-sync status --check 1h >out
	grep "\"late\":false" out
	say A s1 one
	as A mem-sync status | grep "\"behind\":1,\"ahead\":0,\"since\":"
	as A mem-sync status --check 1h | grep "\"late\":false"
	sleep 2.1
	MEM_NOW=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	export MEM_NOW
	exits 1 as A mem-sync status --check 1s >out
	cat out
	grep "\"late\":true" out
	as A mem-sync status --check 1h >out
	push A >out
	as A mem-sync status --check 1s >out
	cat out
	grep "\"number\":1,\"behind\":0,\"ahead\":0,\"pushed\":[0-9]*,\"looked\":[0-9]*,\"late\":false}" out
'
test_that 'two remotes, each by itself' '
	fresh A B C
	mkdir -p second
	for who in A B; do
		as $who mem-admin config set remote.other.url "$PWD/second"
	done
	say A s1 one
	push A --remote other >out
	grep "\"remote\":\"other\"" out
	as A mem-sync status >out
	cat out
	grep "\"remote\":\"main\".*\"number\":0,\"behind\":1" out
	grep "\"remote\":\"other\".*\"number\":1,\"behind\":0" out
	push A >out
	exits 64 pull B --remote nothing 2>err
	grep "no remote is called .nothing." err
	pull B --remote other >out
	same A B
	pull C >out
	same A C
	exits 64 as C mem-sync status --remote other 2>err
	rm -r second
'
test_that 'called wrongly' '
	exits 64 push A more 2>err
	exits 64 pull A more 2>err
	exits 64 push A --follow --dry-run 2>err
	exits 64 push A --follow --every 0 2>err
	exits 64 as A mem-sync lease take 2>err
	exits 2 as A mem-sync lease take nothing 2>err
	grep "no session .nothing." err
	as A mem-admin config unset remote.main.url
	as A mem-admin config unset remote.other.url
	exits 64 push A 2>err
	cat err
	grep "no remote is set up; mem-admin config set remote.main.url URL" err
'
test_done
