#!/bin/sh
# mem-artifact with a codec: sealed objects that somebody tampers with, and
# other keys.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-artifact.sh"

seg=$((65536 + 16))		# a sealed segment

# flip FILE AT: one bit of it
flip() {
	perl -e 'open F, "+<", $ARGV[0] or die; seek F, $ARGV[1], 0; read F, $c, 1;
	    seek F, $ARGV[1], 0; print F chr(ord($c) ^ 1)' "$1" "$2"
}
# refused ID FILE RANGE...: nothing that was not put is printed, and none of it
# is taken for whole; a range that does not touch the damage may be read
refused() {
	victim=$1 plain=$2
	shift 2
	for range in "" "$@"; do
		exits 2 mem-artifact content "$victim" ${range:+--range "$range"} >got 2>err || return 1
		tail -c "+$((${range%%-*} + 1))" "$plain" >rest
		head -c "$(wc -c <got)" rest | cmp - got || return 1
		[ "$(wc -c <got)" -eq 0 ] || [ "$(wc -c <got)" -lt "$(wc -c <rest)" ] || return 1
	done
	exits 1 mem-artifact verify "$victim" >told || return 1
	grep '"verified":false' told >&7 || return 1
	# as it was, for what comes next
	sqlite3 "$tenant/memory.db" "UPDATE artifact SET state = 0 WHERE state = 4"
}

bytes 200000 plain		# four segments
bytes 200001 other
test_that 'a store with sealed objects' '
	sealed
	put plain >id
	put other >id2
	object "$(cat id)" >o
	object "$(cat id2)" >o2
	cp "$(cat o)" good
	cp "$(cat o2)" good2
	[ "$(wc -c <good)" -eq $((200000 + 4 * 16)) ]
'
id=$(cat id) id2=$(cat id2) o=$(cat o) o2=$(cat o2)
test_that 'a bit of each part of it: refused, by range too' '
	for at in 0 1 65535 65536 65551 $seg $((seg + 65536)) $((2 * seg)) $((3 * seg)) 200063; do
		cp good "$o"
		flip "$o" $at
		i=$((at / seg))
		from=$((i * 65536))
		refused "$id" plain "$from-$from" "$((from + 5))-$((from + 10))" "$from-"
		# what is sealed by itself can be read
		if [ $i -gt 0 ]; then
			mem-artifact content "$id" --range 0-65535 >got
			head -c 65536 plain | cmp - got
		fi
	done
	cp good "$o"
	mem-artifact content "$id" | cmp - plain
'
test_that 'cut: within a segment, at its end, all of it' '
	for n in 200063 200000 $((3 * seg)) $((3 * seg - 1)) $((2 * seg)) $seg 65536 16 1 0; do
		head -c $n good >"$o"
		refused "$id" plain 199999-199999 196608-
	done
'
test_that 'extended: by a byte, a segment of its own, one of another' '
	{ cat good; printf x; } >"$o"
	exits 1 mem-artifact reconcile --scan >out
	grep "\"what\":\"lost\",\"artifact_id\":\"$id\"" out
	mem-artifact content "$id" 2>/dev/null | head -c 200000 | cmp - plain || :
	cp good "$o"
	mem-artifact reconcile >out
	[ "$(status "$id")" = stored ]
	# rows that say so, too
	for more in "$(printf %016d 1)" "$(printf %065552d 1)"; do
		{ cat good; printf %s "$more"; } >"$o"
		n=$(wc -c <"$o")
		cp "$tenant/memory.db" kept.db
		sqlite3 "$tenant/memory.db" "PRAGMA wal_checkpoint(TRUNCATE)" >out
		cp "$tenant/memory.db" kept.db
		plain_n=$((200000 + ${#more} - 16))
		sqlite3 "$tenant/memory.db" "UPDATE artifact SET osize = $n,
		    size = $plain_n, codec = json_set(codec, \"\$.encoded_size_bytes\", $n)
		    WHERE object LIKE \"%$id.bin\""
		exits 2 mem-artifact content "$id" >got 2>err
		[ ! -s got ]
		exits 2 mem-artifact content "$id" --range 0-0 >got 2>err
		[ ! -s got ]
		rm -f "$tenant"/memory.db*
		cp kept.db "$tenant/memory.db"
	done
	cp good "$o"
	mem-artifact content "$id" | cmp - plain
'
test_that 'reordered, and repeated' '
	part() {
		tail -c +$(($1 * seg + 1)) good | head -c $seg
	}
	{ part 1; part 0; part 2; part 3; } >"$o"
	refused "$id" plain 0-0 65536-65536
	{ part 0; part 2; part 1; part 3; } >"$o"
	refused "$id" plain 65536-65536 131072-131072
	{ part 0; part 1; part 1; part 3; } >"$o"
	refused "$id" plain 131072-131072
	cp good "$o"
'
test_that 'swapped: one object for another, a segment for another, an older form' '
	cp good2 "$o"
	refused "$id" plain 0-0 199999-199999
	{ head -c $seg good2; tail -c +$((seg + 1)) good; } >"$o"
	refused "$id" plain 0-0
	cp good "$o"
	# with all that is known of it
	sqlite3 "$tenant/memory.db" "PRAGMA wal_checkpoint(TRUNCATE)" >out
	cp "$tenant/memory.db" kept.db
	sqlite3 "$tenant/memory.db" "UPDATE artifact SET (codec, sum, osize, size) =
	    (SELECT codec, sum, osize, size FROM artifact WHERE object LIKE \"%$id2.bin\")
	    WHERE object LIKE \"%$id.bin\""
	cp good2 "$o"
	exits 2 mem-artifact content "$id" >got 2>err
	[ ! -s got ]
	rm -f "$tenant"/memory.db*
	cp kept.db "$tenant/memory.db"
	cp good "$o"
'
test_that 'a sidecar that says something else' '
	sqlite3 "$tenant/memory.db" "PRAGMA wal_checkpoint(TRUNCATE)" >out
	cp "$tenant/memory.db" kept.db
	salt=$(openssl rand 32 | base64 | tr "+/" "-_" | tr -d "=\n")
	while read -r change; do
		rm -f "$tenant"/memory.db*
		cp kept.db "$tenant/memory.db"
		sqlite3 "$tenant/memory.db" "UPDATE artifact SET $change
		    WHERE object LIKE \"%$id.bin\""
		exits 2 mem-artifact content "$id" >got 2>err || { echo "$change"; exit 1; }
		[ ! -s got ]
		exits 2 mem-artifact content "$id" --range 0-0 >got 2>err
		[ ! -s got ]
		mem-artifact get "$id" | valid
	done <<-EOT
	codec = json_set(codec, "\$.salt", "$salt")
	codec = json_set(codec, "\$.salt", "")
	codec = json_set(codec, "\$.salt", 7)
	codec = json_set(codec, "\$.key_id", "other")
	codec = json_set(codec, "\$.key_id", "../x")
	codec = json_set(codec, "\$.segment_bytes", 65535)
	codec = json_set(codec, "\$.segment_bytes", 0)
	codec = json_set(codec, "\$.segment_bytes", -1)
	codec = json_set(codec, "\$.encoded_size_bytes", 1)
	codec = json_set(codec, "\$.version", 2)
	codec = json_set(codec, "\$.name", "none")
	codec = json_remove(codec, "\$.name")
	codec = "[]"
	codec = "{"
	codec = ""
	size = 199999
	size = 200001
	EOT
	rm -f "$tenant"/memory.db*
	cp kept.db "$tenant/memory.db"
	mem-artifact content "$id" | cmp - plain
'
test_that 'a key that is another, or not there: its id is named, it is not' '
	cp "$MEM_STORE/keys/ring" ring
	key=$(sed -n "s/^key k1 .* //p" ring)
	sed "s/$key/$(openssl rand 32 | base64 | tr "+/" "-_" | tr -d "=\n")/" ring >wrong
	cat wrong >"$MEM_STORE/keys/ring"
	exits 2 mem-artifact content "$id" >got 2>err
	cat err
	[ ! -s got ]
	exits 1 grep -F -e "$key" err
	exits 1 mem-artifact verify "$id" >out
	cat ring >"$MEM_STORE/keys/ring"
	mem-artifact verify "$id" >out
	sed "s/^key k1 /key kx /" ring >"$MEM_STORE/keys/ring"
	exits 2 mem-artifact content "$id" >got 2>err
	grep k1 err
	[ ! -s got ]
	exits 2 mem-artifact verify "$id" 2>err
	[ "$(status "$id")" = stored ]
	cat ring >"$MEM_STORE/keys/ring"
	mem-artifact content "$id" | cmp - plain
'
test_that 'rekey: each is sealed with the active key, and reads as it did' '
	put plain --session s1 >third
	mem-admin key new k2 >out
	mem-artifact content "$id" | cmp - plain
	mem-artifact rekey --dry-run >out 2>err
	valid out
	[ "$(grep -c "\"key_id\":\"k2\",\"dry_run\":true" out)" -eq 3 ]
	cmp "$o" good
	mem-artifact rekey -n 1 >out 2>err
	[ "$(wc -l <out)" -eq 1 ]
	mem-artifact rekey >out 2>err
	valid out
	[ "$(wc -l <out)" -eq 2 ]
	[ "$(sql "SELECT DISTINCT json_extract(codec, \"\$.key_id\") FROM artifact")" = k2 ]
	[ ! -e "$o" ]
	[ "$(objects)" = 3 ]
	mem-artifact get "$id" | grep "/$id.2.bin\""
	mem-artifact content "$id" | cmp - plain
	mem-artifact content "$id" --range 65530-131080 >got
	tail -c +65531 plain | head -c 65551 | cmp - got
	mem-artifact list | mem-artifact verify -q -
	mem-artifact rekey >out
	[ ! -s out ]
	grep -v "^key k1" "$MEM_STORE/keys/ring" >ring
	cat ring >"$MEM_STORE/keys/ring"
	mem-artifact content "$id2" | cmp - other
	nothing_to_do --scan
	mem-admin key new k3 >out
	mem-artifact rekey -q
	mem-artifact get "$id" | grep "/$id.3.bin\""
	mem-artifact content "$id" | cmp - plain
	mem-artifact delete "$id" >out
	mem-admin check
'
test_that 'rekey --seal: what lies in clear, too; one that others have stays for them' '
	fresh_store
	managed
	one=$(put plain) two=$(put plain)
	mem-admin key new k1 >out
	conf artifact.codec aes_gcm
	mem-artifact rekey >out
	[ ! -s out ]
	[ "$(objects)" = 1 ]
	mem-artifact rekey --seal -n 1 >out
	first=$(jl artifact_id <out)
	[ "$(objects)" = 2 ]
	mem-artifact list | mem-artifact verify -q -
	mem-artifact rekey --seal >out
	[ "$(objects)" = 2 ]
	exits 1 cmp -s "$(object "$one")" plain
	mem-artifact list | mem-artifact verify -q -
	settled_whole
	[ -n "$first" ] && [ -n "$two" ]
'
if [ -f "$fault_lib" ]; then
	test_that 'rekey, killed between any two steps: one form counts, the other goes' '
		fresh_store
		sealed
		put plain >id
		echo small | put - >id2
		echo small >small
		mem-admin key new k2 >out
		rm -rf before
		cp -R "$MEM_STORE" before
		for op in write rename fsync unlink; do
			n=1
			while :; do
				rm -rf "$MEM_STORE" log
				cp -R before "$MEM_STORE"
				LD_PRELOAD=$fault_lib MEM_FAULT=$op:$n:KILL MEM_FAULT_LOG=$PWD/log \
				    mem-artifact rekey >out 2>err || :
				[ -s log ] || break
				mem-artifact content "$(cat id)" | cmp - plain
				mem-artifact content "$(cat id2)" | cmp - small
				reconciles
				mem-artifact rekey >out
				[ "$(sql "SELECT DISTINCT json_extract(codec, \"\$.key_id\") FROM artifact")" = k2 ]
				mem-artifact list | mem-artifact verify -q -
				settled_whole
				n=$((n + ${MEM_EVERY:-7}))
			done
			echo "$op: $n"
			[ $n -gt 1 ]
		done
	'
else
	skip 'rekey, killed' 'no fault.so'
fi
test_done
