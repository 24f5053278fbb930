#!/bin/sh
# mem-admin check and stats: artifacts, what their rows say, and the bytes on
# this disk.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-admin.sh"
RAW_STORAGE_MODE=managed_blob RAW_STORAGE_PROVIDER=local_fs
export RAW_STORAGE_MODE RAW_STORAGE_PROVIDER
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema

# A pointer (row 1), a file of a session (2), twins (3, 4), a sealed one (5),
# one that was deleted (6), one of another user (7).
setup() {
	mem-admin init
	echo '{"session_id":"s1","timestamp":5,"text":"one"}' | mem-ingest
	echo '{"session_id":"s2","timestamp":5,"text":"two"}' |
	    MEM_USER=ann mem-ingest
	mem-artifact put --uri https://example.org/a.pdf --meta a=b
	echo one >one.txt
	echo two >two.txt
	mem-artifact put one.txt --session s1
	mem-artifact put two.txt
	mem-artifact put two.txt
	mem-admin key new v1
	RAW_CONTENT_CODEC=aes_gcm mem-artifact put one.txt
	echo gone >gone.txt
	mem-artifact delete "$(mem-artifact put --json gone.txt | jl artifact_id)"
	MEM_USER=ann mem-artifact put one.txt --session s2
}
setup >setup.out 2>&1
cp -R "$MEM_STORE" good

# spoil SQL: the store as it was, with this done to it
spoil() {
	rm -rf "$MEM_STORE"
	cp -R good "$MEM_STORE"
	change "$1" >spoil.out
}
# finds WHAT ROW TEXT: the only problem
finds() {
	exits 1 mem-admin check >out
	cat out
	[ "$(jl problems <out | tail -n 1)" = 1 ]
	grep "\"what\":\"$1\",\"where\":\"$2\",\"detail\":\".*$3.*\",\"remedy\":\"..*\"" out
	if [ -x "$helper" ]; then
		"$helper" "$top/share/schema" out
	fi
}
# row COLUMN VALUE ROW
row() {
	spoil "UPDATE artifact SET $1 = $2 WHERE seq = $3"
}
# object ROW: the file of it
object() {
	echo "$MEM_STORE/tenants/default/blobs/$(sql "SELECT object FROM artifact WHERE seq = $1")"
}

test_that 'there is nothing wrong with what the tool makes' '
	mem-admin check >out
	[ "$(jl problems <out)" = 0 ]
	[ "$(jl artifact_count <out)" = 7 ]
	# nor without a setting of any provider
	unset RAW_STORAGE_MODE RAW_STORAGE_PROVIDER
	mem-admin check -q
'
test_that 'stats count them by their states' '
	mem-admin stats >out
	grep "\"artifacts\":{\"stored\":6,\"deleted\":1}" out
	if [ -x "$helper" ]; then
		"$helper" "$top/share/schema" out
	fi
	mem-admin stats --format prometheus >out
	grep "^memkit_artifacts{tenant=\"default\",status=\"stored\"} 6$" out
	grep "^memkit_artifacts{tenant=\"default\",status=\"deleted\"} 1$" out
	# bytes that are elsewhere; and two states of one name
	spoil "UPDATE artifact SET here = 0 WHERE seq = 2;
	    UPDATE artifact SET state = 1 WHERE seq = 3;
	    UPDATE artifact SET state = 2 WHERE seq = 4"
	mem-admin stats | grep "\"artifacts\":{\"stored\":3,\"pending\":2,\"unavailable\":1,\"deleted\":1}"
'
test_that 'columns that hold what cannot be' '
	for what in "state 9" "provider 4" "size -2" "here 2" "hash x'\''00'\''" \
	    "object NULL"; do
		row "${what% *}" "${what#* }" 2
		exits 1 mem-admin check >out
		cat out
		grep "\"what\":\"value\",\"where\":\"artifact row 2\",\"detail\":\"its column ${what% *} " out
	done
'
test_that 'users and sessions that are not there, or are another'\''s' '
	row session 99 2
	finds reference "artifact row 2" "names a row of session"
	row session "(SELECT seq FROM session WHERE name = '\''s2'\'')" 2
	finds artifact "artifact row 2" "another user"
	row user 99 3
	exits 1 mem-admin check >out
	grep "\"what\":\"reference\",\"where\":\"artifact row 3\"" out
	# of what was deleted it is no matter
	row session 99 6
	mem-admin check -q
'
test_that 'JSON that is none' '
	row body "'\''{'\''" 1
	finds artifact "artifact row 1" "not JSON"
	row body "'\''[]'\''" 2
	finds artifact "artifact row 2" "not JSON"
	row body "'\''{\"filename\":1}'\''" 2
	finds artifact "artifact row 2" "cannot be there"
	row body "'\''{\"metadata\":[]}'\''" 2
	finds artifact "artifact row 2" "cannot be there"
	row body "'\''{}'\''" 1
	finds artifact "artifact row 1" "points nowhere"
	row body "'\''{\"filename\":\"x\"}'\''" 6
	finds artifact "artifact row 6" "was deleted"
	row said "'\''nonsense'\''" 2
	finds artifact "artifact row 2" "provider said"
	row codec "'\''{}'\''" 5
	finds artifact "artifact row 5" "sealed"
	row size 1000 5
	finds artifact "artifact row 5" "sealed"
'
test_that 'objects that are no storage keys are named, and not looked for' '
	row object "'\''../../memory.db'\''" 2
	finds artifact "artifact row 2" "no storage key"
	spoil "INSERT INTO artifact_byte (artifact, provider, object, at) VALUES (0, 1, '\''/etc/passwd'\'', 5)"
	finds artifact "artifact_byte row [0-9]*" "none of ours"
'
test_that 'bytes that are gone, or of another size' '
	spoil "SELECT 1"
	rm "$(object 2)"
	finds artifact "artifact row 2" "its bytes are not there"
	# what is known to be missing is no news, nor what is elsewhere
	exits 1 mem-artifact verify "$(mem-artifact list --session s1 --json | jl artifact_id)"
	mem-admin check -q
	row here 0 2
	rm "$(object 2)"
	mem-admin check -q
	spoil "SELECT 1"
	echo more >>"$(object 5)"
	finds artifact "artifact row 5" "bytes of it, not"
	# of twins both
	spoil "SELECT 1"
	rm "$(object 3)"
	exits 1 mem-admin check >out
	[ "$(jl problems <out | tail -n 1)" = 2 ]
	# and no link is followed
	spoil "SELECT 1"
	mv "$(object 2)" aside
	ln -s "$PWD/aside" "$(object 2)"
	exits 1 mem-admin check >out
	grep "\"where\":\"artifact row 2\"" out
'
test_that 'settings that cannot be used are a problem where bytes are here' '
	spoil "SELECT 1"
	RAW_STORAGE_MODE=nonsense finds artifact settings RAW_STORAGE_MODE
	spoil "UPDATE artifact SET here = 0"
	RAW_STORAGE_MODE=nonsense mem-admin check -q
'
test_that 'a change that tells of none' '
	spoil "DELETE FROM artifact WHERE seq = 1"
	finds change "change [0-9]*" "tells of artifact row 1"
'
test_that 'many are looked at, batch by batch' '
	rm -rf "$MEM_STORE"
	mem-admin init >/dev/null
	mkdir -p many
	for i in 1 2 3 4 5 6 7; do
		for k in 0 1 2 3 4 5 6 7 8 9; do
			for m in 0 1 2 3 4 5 6 7 8 9; do
				echo "$i$k$m" >"many/$i$k$m"
			done
		done
	done
	printf "%s\n" many/* | mem-artifact put --batch -q >/dev/null
	mem-admin check -q
	rm "$(object 1)" "$(object 256)" "$(object 257)" "$(object 700)"
	exits 1 mem-admin check >out
	sed -n "s/.*\"where\":\"artifact row \([0-9]*\)\".*/\1/p" out >got
	printf "%s\n" 1 256 257 700 | cmp - got
'
test_done
