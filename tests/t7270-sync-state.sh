#!/bin/sh
# A state, what follows from the first hundred manifests: a new node that begins
# with it knows what one knows that read all of them.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

state=$R/default/.memkit/state

# knows NODE: all that its journal has of the manifests
knows() {
	for db in "$work/$1"/tenants/*/sync/main.db; do
		sqlite3 "$db" "
		    SELECT number, hash, at, store, snapshot, snapshot_size,
			snapshot_number FROM head;
		    SELECT * FROM node ORDER BY 1;
		    SELECT node, first, last, number, size, name FROM segment
			WHERE number > 0 ORDER BY 1, 3;
		    SELECT user, session, node, address, epoch, hold, since,
			number FROM lease ORDER BY 1, 2"
	done
}
# anew NODE: a store that knows nothing but where the remote is
anew() {
	rm -rf "${work:?}/$1"
	as "$1" mem-admin config set remote.main.url "file://$R"
}
# both NODE NODE: they pulled, the second from all manifests (it stays as it is,
# where these are the same), and know the same
both() {
	anew "$1"
	pull "$1" >out
	manifests >are
	if ! cmp -s are were; then
		anew "$2"
		mv "$state" aside
		pull "$2" >out
		mv aside "$state"
		mv are were
	fi
	knows "$1" >knows.1
	knows "$2" >knows.2
	[ "$(wc -l <knows.1)" -gt 10 ] || return
	cmp knows.1 knows.2 && same "$1" "$2"
}

test_that 'the hundredth manifest has one' '
	fresh A B
	fill A
	push A --snapshot >out
	pull B >out
	say B b0 "a session of B"
	push B >out
	while [ "$(manifests | wc -l)" -lt 93 ]; do
		say A "a$(manifests | wc -l)" one
		push A >out
		for i in 1 2 3 4; do
			as A mem-sync lease take s1 --hold 60 >out
		done
		as B mem-sync lease take b0 >out
	done
	pull B >out
	say B s1 "of B"
	push B --steal >out
	[ ! -e "$state" ]
	until [ "$(manifests | wc -l)" -eq 100 ]; do
		as A mem-sync lease take s2 >out
	done
	[ "$(ls "$state")" = 000000000100 ]
	for i in 1 2 3; do
		as B mem-sync lease take b0 >out
	done
	[ "$(ls "$state")" = 000000000100 ]
'
test_that 'its form: a head, lines in their order, and their hash' '
	f=$state/000000000100
	head -n 1 "$f"
	[ "$(head -n 1 "$f" | jl hash)" = "$(sha256sum <"$R/default/.memkit/manifest/000000000100" | cut -c 1-64)" ]
	[ "$(tail -n 1 "$f" | jl sha256)" = "$(sed \$d "$f" | sha256sum | cut -c 1-64)" ]
	[ "$(tail -n 1 "$f" | jl lines)" -eq $(($(wc -l <"$f") - 2)) ]
	[ "$(grep -c state_node "$f")" -eq 2 ]
	# as many segments as the manifests have, and the snapshot
	cat $(manifests | head -n 100) | grep -o "\"size\":[0-9]*,\"name\":\"[0-9a-f]*\"" |
	    LC_ALL=C sort >named
	grep -o "\"size\":[0-9]*,\"name\":\"[0-9a-f]*\"" "$f" | LC_ALL=C sort >has
	[ -s has ]
	cmp named has
	head -n 1 "$f" | grep "\"name\":\"$(ls "$R/default/.memkit/snapshot")\""
'
test_that 'a journal from it is that from all manifests' '
	both C D
'
test_that 'what it stands for is not read' '
	cp "$R/default/.memkit/manifest/000000000050" was
	echo "no manifest" >"$R/default/.memkit/manifest/000000000050"
	rm -rf C
	as C mem-admin config set remote.main.url "file://$R"
	pull C >out
	same B C
	exits 2 as A mem-sync verify >out 2>err
	grep "manifest 50 of .main." err
	exits 2 as A mem-sync repair >out 2>err
	grep "\"what\":\"manifest\",.*manifest 50 of .main..*\"status\":\"broken\"" out
	cp was "$R/default/.memkit/manifest/000000000050"
	as A mem-sync verify >out
'
test_that 'one that is cut, altered, of other manifests, none: all manifests are read' '
	f=$state/000000000100
	cp "$f" whole
	for how in "truncate -s 500 $f" "sed -i 3s/[0-9]/x/ $f" "sed -i s/\\\"tenant\\\":\\\"default/\\\"tenant\\\":\\\"other/ $f" \
	    ": >$f" "sed -i s/\\\"state_lease\\\"/\\\"state_pack\\\"/ $f"; do
		cp whole "$f"
		eval "$how"
		if cmp -s whole "$f"; then echo "$how"; exit 1; fi
		both C D
	done
	# whole, but not what the manifests say
	sed "1s/\"hash\":\"../\"hash\":\"00/; \$d" whole >"$f"
	n=$(($(wc -l <"$f") - 1))
	sum=$(sha256sum <"$f" | cut -c 1-64)
	echo "{\"type\":\"state_end\",\"lines\":$n,\"sha256\":\"$sum\"}" >>"$f"
	both C D
	cp whole "$f"
'
test_that 'verify tells one that is not what the manifests say, repair puts it right' '
	f=$state/000000000100
	sed "s/\"epoch\":1,/\"epoch\":2,/; \$d" whole >"$f"
	n=$(($(wc -l <"$f") - 1))
	sum=$(sha256sum <"$f" | cut -c 1-64)
	echo "{\"type\":\"state_end\",\"lines\":$n,\"sha256\":\"$sum\"}" >>"$f"
	exits 1 as B mem-sync verify >out
	cat out
	grep "\"what\":\"state\",.*\"id\":\"000000000100\",\"why\":\"different\"" out
	as B mem-sync repair >out
	cat out
	grep "\"what\":\"state\",.*\"status\":\"put\"" out
	cmp whole "$f"
	rm "$f"
	as A mem-sync verify >out
	as A mem-sync repair >out
	cmp whole "$f"
'
test_that 'another copy of a node hears it by a state, too' '
	pull A >out
	cp -R A A2
	say A s1 "of A"
	push A --steal >out
	rm A2/tenants/default/sync/main.db*
	# it knows no push, and the store knows less than is there
	as A2 mem-sync status >out
	sqlite3 A2/tenants/default/memory.db "UPDATE consumer SET seq = 1 WHERE name LIKE '\''sync:%'\''"
	exits 2 push A2 2>err
	cat err
	grep "mem-sync renew" err
'
[ -z "${MEM_ALL-}" ] ||
test_that 'the next hundred, with a hole and a replacement' '
	pull A >out
	pull B >out
	rm "$R/default/.memkit/segment/"*/"$(grep state_segment whole | head -n 1 | jl name)"
	as B mem-sync repair >out || cat out
	grep "\"status\":\"\(covered\|put\)\"" out
	for i in $(seq 1 100); do
		as A mem-sync lease take s1 --steal >out
	done
	ls "$state"
	[ "$(ls "$state" | wc -l)" -eq 2 ]
	both C D
	as A mem-sync verify >out
'
test_done
