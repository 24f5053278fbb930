#!/bin/sh
# mem-artifact over local_fs: bytes that several have, deleting, and what is in
# its way.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-artifact.sh"

echo same >a
echo same >b
echo other >c
managed

test_that 'the same bytes of one user lie there once' '
	one=$(put a)
	two=$(put b)
	three=$(put - <a)
	put c >/dev/null
	[ "$(objects)" = 2 ]
	[ "$(object "$one")" = "$(object "$two")" ]
	[ "$(object "$one")" = "$(object "$three")" ]
	printf "%s\n" a b a | mem-artifact put --batch -q
	[ "$(objects)" = 2 ]
	mem-artifact list | mem-artifact verify -q -
'
test_that 'in one batch, too' '
	fresh_store
	managed
	printf "%s\n" a b c a | mem-artifact put --batch >out
	[ "$(jl status <out | sort -u)" = stored ]
	[ "$(objects)" = 2 ]
	mem-artifact verify - <out >told
'
test_that 'two users, two objects, and no name tells whose' '
	MEM_USER=ann put a >/dev/null
	[ "$(objects)" = 3 ]
	[ "$(find "$blobs/memkit/s" -mindepth 1 -maxdepth 1 | wc -l)" -eq 2 ]
	find "$blobs" | sed "s|^$blobs||" >names
	exits 1 grep -e ann -e tester names
	mem-artifact put a --tenant second >out
	[ "$(find "$MEM_STORE/tenants/second/blobs" -name "*.bin" | wc -l)" -eq 1 ]
'
test_that 'the last that has it takes it away' '
	fresh_store
	managed
	one=$(put a)
	two=$(put a)
	o=$(object "$one")
	mem-artifact delete "$one" | valid
	[ "$(status "$one")" = deleted ]
	mem-artifact content "$two" | cmp - a
	[ -e "$o" ]
	three=$(put a)
	mem-artifact delete "$two" "$three" >out
	[ ! -e "$o" ]
	[ "$(objects)" = 0 ]
	mem-artifact reconcile --scan | grep "\"unknown\":0"
	# and then there is a new one
	four=$(put a)
	mem-artifact content "$four" | cmp - a
	mem-admin check
'
test_that 'one whose object was taken away by hand is no twin' '
	fresh_store
	managed
	one=$(put a)
	rm "$(object "$one")"
	two=$(put a)
	mem-artifact content "$two" | cmp - a
	exits 2 mem-artifact content "$one" 2>err
	exits 1 mem-artifact verify "$one" >out
	valid out
	grep "\"status\":\"unavailable\".*\"verified\":false,\"reason\":\"" out
	code artifact_unavailable mem-artifact content "$one"
	mem-artifact list --status unavailable | grep "$one"
	[ "$(status "$one")" = unavailable ]
	# its bytes are there again
	cp a "$(object "$one")"
	mem-artifact reconcile >out
	valid out
	grep "\"what\":\"settled\",\"artifact_id\":\"$one\",\"from\":\"unavailable\",\"status\":\"stored\"" out
	mem-artifact content "$one" | cmp - a
	mem-artifact reconcile >out
	[ "$(wc -l <out)" -eq 1 ]
'
test_that 'other bytes in its place are found' '
	id=$(put c)
	echo OTHER >"$(object "$id")"
	exits 2 mem-artifact content "$id" >got 2>err
	grep "SHA-256 is another" err
	exits 1 mem-artifact verify "$id" >out
	grep "\"verified\":false" out
	exits 1 mem-artifact verify - <out >told
	exits 1 mem-artifact verify -q - <out >told
	echo other >"$(object "$id")"
	mem-artifact verify "$id" | grep "\"status\":\"stored\".*\"verified\":true"
	echo longer >>"$(object "$id")"
	exits 1 mem-artifact reconcile --scan >out
	valid out
	grep "\"what\":\"lost\",\"artifact_id\":\"$id\"" out
	grep "\"lost\":1" out
'
test_that 'with a codec nothing is shared, and nothing tells what is the same' '
	fresh_store
	sealed
	one=$(put a)
	two=$(put a)
	[ "$(objects)" = 2 ]
	exits 1 cmp "$(object "$one")" "$(object "$two")"
	[ "$(sql "SELECT count(DISTINCT sum) FROM artifact")" = 2 ]
	mem-artifact delete "$one" >out
	mem-artifact content "$two" | cmp - a
	[ "$(objects)" = 1 ]
'
test_that 'deleting: bytes away, a tombstone, and the id never comes back' '
	fresh_store
	managed
	id=$(put c --meta very=tangerine --name tangerine --session s1 --disclose-hash)
	o=$(object "$id")
	mem-artifact delete --dry-run "$id" >out
	grep "\"status\":\"stored\"" out
	[ -e "$o" ]
	mem-artifact delete "$id" >out
	valid out
	grep "\"status\":\"deleted\",\"provider\":\"local_fs\"" out
	exits 1 grep -e tangerine -e content_hash -e "\"uri\"" out
	[ ! -e "$o" ]
	for f in "$tenant"/memory.db*; do
		exits 1 grep -a -q tangerine "$f"
	done
	for verb in content verify; do
		code artifact_not_found mem-artifact $verb "$id"
	done
	mem-artifact delete "$id" | cmp - out
	mem-artifact head "$id" | cmp - out
	exits 1 mem-artifact list
	mem-artifact list --all | grep "$id"
	mem-admin audit | grep "\"action\":\"delete\",\"object\":\"artifact $id\""
	# a row with this id would be another artifact
	exits 19 sqlite3 "$tenant/memory.db" "INSERT INTO artifact (id, user, state,
	    provider, created, at, node, body) SELECT id, user, 0, 0, 1, 1, 1,
	    body FROM artifact" 2>err
'
test_that 'what is on hold stays' '
	id=$(put a --session held)
	ptr=$(put --uri https://example.org/x --session held)
	mem-session hold held "case 7" >/dev/null
	for verb in delete "delete --dry-run"; do
		code artifact_in_use mem-artifact $verb "$id"
		code artifact_in_use mem-artifact $verb "$ptr"
	done
	grep "mem-session release" err
	[ "$(status "$id")" = stored ]
	mem-artifact content "$id" | cmp - a
	mem-session release held >/dev/null
	mem-artifact delete "$id" "$ptr" >out
	[ "$(jl status <out | sort -u)" = deleted ]
'
test_that 'what a record of a knowledge base refers to stays, while it does' '
	id=$(put a)
	record() {
		echo "{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"$1\",\"record_type\":\"bug_record\",\"title\":\"$2\"${3-}}" |
		    mem-ingest -q
	}
	record 1 one ",\"artifact_id\":\"$id\""
	code artifact_in_use mem-artifact delete "$id"
	grep "record bugs/1 refers to" err
	code artifact_in_use mem-artifact delete --dry-run "$id"
	record 1 two
	record 2 two ",\"artifact_id\":\"$id\""
	code artifact_in_use mem-artifact delete "$id"
	grep "record bugs/2 refers to" err
	echo "{\"type\":\"tombstone\",\"target\":\"record\",\"id\":\"bugs/2\"}" | mem-ingest -q
	[ "$(sql "SELECT count(*) FROM artifact_use")" = 1 ]
	record 3 three ",\"artifact_id\":\"none\""
	record 4 four ",\"artifact_id\":7"
	mem-artifact delete "$id" | grep deleted
	mem-admin check
'
if command -v python3 >/dev/null; then
	test_that 'what another process is at work on is left alone' '
		fresh_store
		managed
		id=$(put a)
		seq=$(sql "SELECT seq FROM artifact")
		cat >hold.py <<-"EOT"
		import fcntl, os, sys, time
		f = open(sys.argv[1], "r+b")
		fcntl.lockf(f, fcntl.LOCK_EX, 1, int(sys.argv[2]))
		open("held", "w").write("x")
		while not os.path.exists("free"):
		    time.sleep(.02)
		EOT
		python3 hold.py "$tenant/artifact.lock" "$seq" & holder=$!
		trap "kill $holder" EXIT
		while [ ! -s held ]; do sleep .05; done
		code delete_in_flight mem-artifact delete "$id"
		sqlite3 "$tenant/memory.db" "UPDATE artifact SET state = 1"
		code artifact_not_ready mem-artifact delete "$id"
		code artifact_not_ready mem-artifact content "$id"
		code artifact_not_ready mem-artifact verify "$id"
		[ "$(status "$id")" = pending ]
		mem-artifact reconcile >out
		valid out
		grep "\"what\":\"in_flight\",\"artifact_id\":\"$id\"" out
		[ "$(status "$id")" = pending ]
		sqlite3 "$tenant/memory.db" "UPDATE artifact SET state = 5"
		code delete_in_flight mem-artifact content "$id"
		: >free
		wait $holder
		trap - EXIT
		# nobody is at it: deleting goes on
		mem-artifact reconcile --dry-run >out
		grep "\"from\":\"deleting\",\"status\":\"deleted\"" out
		grep "\"dry_run\":true" out
		[ "$(objects)" = 1 ]
		mem-artifact reconcile >out
		[ "$(status "$id")" = deleted ]
		[ "$(objects)" = 0 ]
	'
else
	skip 'what another process is at work on' 'no python3'
fi
test_that 'bytes that will not go: delete_failed, and again later' '
	fresh_store
	managed
	id=$(put a)
	o=$(object "$id")
	rm "$o"
	mkdir "$o"
	exits 2 mem-artifact delete "$id" 2>err
	grep "mem-artifact reconcile tries again" err
	[ "$(status "$id")" = delete_failed ]
	code artifact_unavailable mem-artifact content "$id"
	mem-artifact list --status delete_failed | grep "$id"
	exits 1 mem-artifact reconcile >out
	valid out
	grep "\"what\":\"trouble\",\"artifact_id\":\"$id\"" out
	[ "$(status "$id")" = delete_failed ]
	rmdir "$o"
	mem-artifact delete "$id" | grep "\"status\":\"deleted\""
'
test_that 'what no row names is listed, and not touched' '
	id=$(put c)
	owner=$(dirname "$(object "$id")")
	echo foreign >"$owner/01M812K106BKMD6HBQR1C5VKAM.bin"
	echo foreign >"$owner/readme"
	mem-artifact reconcile --scan >out
	valid out
	[ "$(grep -c "\"what\":\"unknown\"" out)" -eq 2 ]
	grep "\"storage_key\":\"memkit/s/.*/01M812K106BKMD6HBQR1C5VKAM.bin\",\"size_bytes\":8,\"provider\":\"local_fs\"" out
	mem-artifact reconcile >out
	[ "$(wc -l <out)" -eq 1 ]
	[ "$(cat "$owner/readme")" = foreign ]
	[ -e "$owner/01M812K106BKMD6HBQR1C5VKAM.bin" ]
'
test_that 'several at once: each is told, and how it ended' '
	one=$(put a) two=$(put c)
	exits 3 mem-artifact delete "$one" none "$two" --json >out 2>err
	valid out
	[ "$(wc -l <out)" -eq 3 ]
	grep "\"error\":\"artifact_not_found\",.*\"given\":\"none\"" out
	exits 2 mem-artifact delete none nothing 2>err
	[ "$(wc -l <err)" -eq 2 ]
	exits 3 mem-artifact verify none "$(put a)" >out 2>err
	exits 2 mem-artifact verify none nothing >out 2>err
'
test_that 'bytes that rotted under their key are not taken for the same' '
	fresh_store
	managed
	echo same >f
	a=$(put f)
	echo rott >"$(find "$MEM_STORE" -name "$a.bin")"
	b=$(put f)
	mem-artifact content "$b" | cmp - f
	[ "$(objects)" = 2 ]
'
test_done
