#!/bin/sh
# What leaves a sealed tenant, and what it keeps beside its rows: artifacts,
# files, remotes, exports.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

# sealed_node NAME: a store with a sealed tenant, whose keys are in ring
sealed_node() {
	node "$1"
	rm -rf "${work:?}/$1" ring
	as "$1" mem-admin init --sealed >/dev/null
	as "$1" mem-admin key export --plain ring >/dev/null 2>&1
	as "$1" mem-admin config set remote.main.url "file://$R"
	as "$1" mem-admin config set remote.main.seal true
}
# newcomer NAME: a folder with the keys and the remote, and no tenant
newcomer() {
	rm -rf "${work:?}/$1"
	as "$1" mem-admin init --tenant unused >/dev/null
	rm -rf "$work/$1/tenants/unused"
	as "$1" mem-admin key import ring >/dev/null
	as "$1" mem-admin config set remote.main.url "file://$R"
	as "$1" mem-admin config set remote.main.seal true
}
none_planted() {
	if LC_ALL=C grep -rlaE 'wombat|xylograph|second version' "$@" >found; then
		cat found
		return 1
	fi
}
shown() {
	as "$1" mem-log --json
	as "$1" mem-session show s1 --json | sed 's/"updated":[0-9]*//'
	as "$1" mem-session get s1
}

test_that 'a remote that is not sealed gets nothing, and gives nothing' '
	rm -rf "$R"
	sealed_node A
	fill A
	say A s-1 "a word that tells: wombat"
	as A mem-admin config unset remote.main.seal
	for v in push pull "push --snapshot" verify; do
		exits 2 as A mem-sync $v >out 2>err
		cat err
		[ ! -s out ]
		grep "remote.main.seal true" err
	done
	[ -z "$(find "$R" -type f)" ]
	as A mem-admin config set remote.main.seal true
'
test_that 'to a sealed one: nothing of it is there, nor in what push noted' '
	push A --snapshot >out
	cat out
	none_planted "$R" "$work/A/tenants"
	find "$work/A" -name "*.db" | grep -q sync
'
test_that 'verify restores it elsewhere, opens it, and finds nothing missing' '
	as A mem-sync verify >out
	cat out
	grep "\"type\":\"verify\"" out
	exits 1 grep -E "\"(missing|different)\":[1-9]" out
	none_planted "$work/A/tenants"
	[ -z "$(find "$work/A/tmp" -type f)" ]
'
test_that 'a copy that is made of a snapshot is sealed, and opens' '
	newcomer B
	pull B >out
	cat out
	none_planted "$work/B/tenants"
	shown A >a
	shown B >b
	diff a b
	as B mem-admin init | grep "\"sealed\":true"
	say B s-2 "xylograph from B"
	none_planted "$work/B/tenants"
	push B >out
	pull A >out
	as A mem-log --json >out
	grep xylograph out
	none_planted "$R" "$work/A/tenants"
	as A mem-admin check
	as B mem-admin check
'
test_that 'so is one that is made of segments alone' '
	rm -rf "$R"
	sealed_node A
	fill A
	say A s-1 "a word that tells: wombat"
	push A >out
	exits 1 grep "\"snapshot\":true" out
	newcomer C
	pull C >out
	cat out
	as C mem-admin init | grep "\"sealed\":true"
	none_planted "$work/C/tenants"
	shown A >a
	shown C >c
	diff a c
	as C mem-admin check
'
test_that 'its changes go into no tenant that is not' '
	newcomer D
	as D mem-admin init >/dev/null
	say D mine "what was here"
	exits 2 as D mem-sync pull --merge >out 2>err
	cat err
	grep "sealed tenant" err
	as D mem-log --json >out
	[ "$(wc -l <out)" -eq 1 ]
'
test_that 'an export is in clear, and only where that was said' '
	exits 2 as A mem-sync export a.tar >out 2>err
	cat err
	grep "say --clear" err
	[ ! -e a.tar ] && [ ! -s out ]
	as A mem-sync export --clear a.tar >out
	rm -rf "$work/E"
	as E mem-admin init --sealed >/dev/null
	as E mem-sync import a.tar >out
	none_planted "$work/E"
	shown A >a
	shown E >e
	diff a e
	as E mem-admin check
'
test_that 'working files are sealed; their folders are handed out to nobody' '
	echo "a wombat" >w.txt
	as A mem-session put s1 inputs w.txt >/dev/null
	none_planted "$work/A"
	for c in "path s1 inputs" "path s1" "scan s1"; do
		exits 2 as A mem-session $c >out 2>err
		cat err
		grep "sealed.*mem-session content" err
	done
	as A mem-session rm s1 inputs w.txt >/dev/null
'
test_that 'artifacts are sealed, whatever the settings say' '
	as A mem-admin config set artifact.mode managed_blob 2>/dev/null
	as A mem-admin config set artifact.provider local_fs 2>/dev/null
	as A mem-artifact put w.txt --session s1 --meta about=wombat >out
	id=$(jl artifact_id <out)
	none_planted "$work/A"
	as A mem-artifact content "$id" | cmp w.txt -
	as A mem-artifact verify "$id"
	as A mem-artifact get "$id" | grep wombat
	as A mem-admin check
	# what would have to lie on the disk first
	yes wombat | head -c 34000000 >"$work/big"
	as A mem-admin config set artifact.maxBytes 40000000
	exits 2 as A sh -c "cat \"$work/big\" | mem-artifact put -" >out 2>err
	cat err
	grep "name a file" err
	none_planted "$work/A"
	as A mem-artifact put "$work/big" >out
	none_planted "$work/A"
	rm "$work/big"
'
test_done
