#!/bin/sh
# mem-admin check finds each kind of damage, says what to do, and finds
# nothing where there is none.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-admin.sh"

record() {
	echo '{"type":"record","kb":"k","record_id":"'"$1"'","record_type":"note","title":"'"$2"'"}'
}

# A store with all there can be: packs and single bodies, two users, ids of
# another time, metadata, versions, tombstones.
setup() {
	mem-admin init
	mktexts 200 | mem-ingest
	mktexts 120 2 7 | MEM_USER=ann mem-ingest
	mem-admin compact
	mktexts 20 3 9 | mem-ingest
	{ record 1 a; record 2 b; } | mem-ingest
	{ record 1 c; record 3 d; } | mem-ingest
	echo '{"event_id":"01HNAVQZC00000000000000000","session_id":"s0","timestamp":5,"text":"stray"}' |
	    mem-ingest
}
setup >setup.out 2>&1
cp -R "$MEM_STORE" good

# spoil SQL: the store as it was, with this done to it
spoil() {
	rm -rf "$MEM_STORE"
	cp -R good "$MEM_STORE"
	change "$1" >spoil.out
}

# finds WHAT...: check exits 1 and its problems are of these kinds
finds() {
	exits 1 mem-admin check >out 2>err || { cat out err; return 1; }
	cat out err
	[ ! -s err ] || return 1
	jl type <out | sort | uniq -c | awk '$2 == "problem" { p = 1 }
	    $2 == "check" && $1 == 1 { c = 1 } END { exit !(p && c) }' || return 1
	sed -n 's/.*"type":"problem".*"what":"\([a-z]*\)".*/\1/p' out |
	    sort -u >kinds
	printf '%s\n' "$@" | sort -u | diff - kinds || return 1
	# each says where, what, and what to do
	! grep '"type":"problem"' out |
	    grep -v '"where":".\{1,\}","detail":".\{1,\}","remedy":".\{1,\}"'
}

test_that 'a store without damage has no problems' '
	mem-admin check >out
	cat out
	[ "$(wc -l <out)" -eq 1 ]
	for want in event_count=341 record_versions=4 session_count=5 problems=0; do
		[ "$(jl "${want%=*}" <out)" = "${want#*=}" ] ||
		    { echo "$want"; exit 1; }
	done
	[ "$(jl pack_count <out)" -gt 1 ]
'
test_that 'an empty one neither' 'mem-admin init --store e; mem-admin check --store e'

# ---- bodies ----

single=$(sql 'SELECT min(seq) + 4 FROM event WHERE pack IS NULL AND seq > 320')
packed=$(sql 'SELECT min(seq) FROM event WHERE pack IS NOT NULL')
dict=$(sql "SELECT dict FROM event WHERE seq = $single")
sql "SELECT writefile('dict', data) FROM dict WHERE id = $dict" >wrote

# body TEXT: SQL that gives the single event a body made by zstd(1)
body() {
	printf '%b' "$1" >raw
	zstd -q -f --check -D dict raw -o raw.zst
	echo "UPDATE event SET body = x'$(od -An -v -tx1 raw.zst | tr -d ' \n')' WHERE seq = $single"
}

test_that 'a body that zstd made is as good as ours' '
	spoil "$(body "a text")"
	mem-admin check
	mem-log | grep "\"text\":\"a text\""
	spoil "$(body "a text\\0000{\"metadata\":{\"a\":\"b\"}}")"
	mem-admin check
	mem-log | grep "\"metadata\":{\"a\":\"b\"}"
'
test_that 'a body that is no frame' '
	spoil "UPDATE event SET body = x'\''0011'\'' WHERE seq = $single"
	finds body
	grep "\"where\":\"event [0-9A-Z]\{26\} (row $single)\"" out
'
test_that 'a body whose checksum is wrong' '
	spoil "UPDATE event SET body = CAST(substr(body, 1, length(body) - 1)
	    || x'\''00'\'' AS BLOB) WHERE seq = $single"
	finds body
'
test_that 'a body with one byte changed, wherever it is' '
	n=$(sql "SELECT length(body) FROM event WHERE seq = $single")
	for i in 5 8 12 $((n / 2)) $((n - 5)) $((n - 1)); do
		spoil "UPDATE event SET body = CAST(substr(body, 1, $i - 1) ||
		    CASE hex(substr(body, $i, 1)) WHEN '\''41'\'' THEN x'\''42'\'' ELSE x'\''41'\'' END ||
		    substr(body, $i + 1) AS BLOB) WHERE seq = $single"
		finds body
	done
'
test_that 'a text that is not UTF-8' '
	spoil "$(body "a \\0377 b")"
	finds body
	grep "not UTF-8" out
'
test_that 'something else than JSON after the text' '
	spoil "$(body "text\\0000nonsense")"
	finds body
	spoil "$(body "text\\0000[1]")"
	finds body
	spoil "$(body "text\\0000{}\\0000")"
	finds body
'
test_that 'a dictionary that is missing' '
	spoil "INSERT INTO dict (id, made, data) SELECT 99, made, data
	    FROM dict WHERE id = $dict;
	    UPDATE event SET dict = 99 WHERE dict = $dict;
	    UPDATE pack SET dict = 99 WHERE dict = $dict;
	    UPDATE record SET dict = 99 WHERE dict = $dict;
	    DELETE FROM dict WHERE id = 99"
	finds body reference pack record
'
test_that 'the first dictionary that is missing: it is built in' '
	spoil "DELETE FROM dict WHERE id = 1"
	finds reference
	mem-log >out
'
test_that 'a row that is sealed, in a tenant that is not' '
	spoil "UPDATE event SET key = 1, body = x'\''00'\'' WHERE seq = $single"
	finds body
'

# ---- packs ----

test_that 'a pack that is damaged' '
	spoil "UPDATE pack SET data = CAST(substr(data, 1, 100) || x'\''00'\''
	    || substr(data, 102) AS BLOB) WHERE id = 1"
	finds pack
	grep "events lie in it" out
'
test_that 'a pack that is missing' '
	spoil "DELETE FROM pack WHERE id = 1"
	finds reference
'
test_that 'a place outside of its pack' '
	for set in "off = 1000000" "len = 1000000" "off = -1" "len = -1" \
	    "off = 9223372036854775807, len = 9223372036854775807" \
	    "off = NULL"; do
		spoil "UPDATE event SET $set WHERE seq = $packed"
		finds pack
	done
'
test_that 'a place that is shorter than it was, and a row that went' '
	for set in "len = len - 1" "off = off + 1, len = len - 1"; do
		spoil "UPDATE event SET $set WHERE seq = $packed"
		finds gap
	done
	spoil "UPDATE pack SET events = events - 1 WHERE id =
	    (SELECT pack FROM event WHERE seq = $packed);
	    DELETE FROM event WHERE seq = $packed"
	finds gap session
	mem-admin check --repair || :
	finds gap
	mem-admin compact --all
	mem-admin check
'
test_that 'a place within that of another' '
	spoil "UPDATE event SET len = len + 1 WHERE seq = $packed"
	finds pack body || finds pack
	spoil "UPDATE event SET (off, len) = (SELECT off, len FROM event WHERE
	    pack = (SELECT pack FROM event WHERE seq = $packed) AND seq <> $packed
	    LIMIT 1) WHERE seq = $packed"
	finds pack
'
test_that 'a pack that says another number of events' '
	spoil "UPDATE pack SET events = events + 1 WHERE id = 1"
	finds pack
	grep "run mem-admin check --repair" out
'
test_that 'a pack that is nobody'\''s' '
	spoil "INSERT INTO pack SELECT 99, user, key, dict, events, data FROM pack WHERE id = 1"
	finds pack
'
test_that 'a pack of another user' '
	spoil "UPDATE pack SET user = 3 - user WHERE id = 1"
	finds pack
'

# ---- rows ----

test_that 'an id that does not fit its time' '
	spoil "UPDATE event SET stray = 1 WHERE seq = $packed"
	finds id
	spoil "UPDATE event SET stray = 0 WHERE stray = 1"
	finds id
	spoil "UPDATE event SET ts = ts + 1 WHERE seq = $packed"
	finds id session || finds id
'
test_that 'an id of another length' '
	spoil "UPDATE event SET id = x'\''00'\'' WHERE seq = $packed"
	finds database id
'
test_that 'a session with wrong sums' '
	for set in "events = events + 1" "events = 0" "start_ms = start_ms - 1" \
	    "end_ms = NULL"; do
		spoil "UPDATE session SET $set WHERE seq = 2"
		finds session
	done
'
test_that 'an event in the session of another user' '
	spoil "UPDATE event SET session = (SELECT max(seq) FROM session) WHERE seq = 1;
	    UPDATE session SET (events, start_ms, end_ms) = (SELECT count(*),
	    min(ts), max(ts) FROM event WHERE session = session.seq)"
	finds session
'
test_that 'an event without its session' '
	spoil "UPDATE event SET session = 999 WHERE seq = 1"
	finds reference session
'
test_that 'a value that the schema forbids' '
	while read -r table column value; do
		which="WHERE seq = 1"
		[ "$table" != cursor ] || which=
		spoil "INSERT INTO cursor VALUES (1, 7, 1, 7, 0, 0, NULL, 1);
		    INSERT INTO variable VALUES (1, 1, 0, 7, 7, 0, 1, 1, 0);
		    INSERT INTO tombstone VALUES (1, 1, 2, 7, 0, 1);
		    INSERT INTO file VALUES (1, 1, 0, 7, 0, NULL, 0, 1, 1, 1, 0, 0, NULL);
		    UPDATE $table SET $column = $value $which"
		exits 1 mem-admin check >out
		cat out
		grep "\"value\",\"where\":\"$table .*row 1\",\"detail\":\"its column $column " out
	done <<-.
		event type 9
		event role -1
		event stray 2
		event ts 253402300800000
		record version 0
		variable kind 2
		file area 3
		file size -1
		file sha256 zeroblob(3)
		file local 3
		tombstone target 9
		cursor off -1
	.
'
test_that 'a database of another tenant' '
	spoil "UPDATE meta SET value = 7 WHERE name = '\''tenant'\''"
	finds name
	mem-admin check --repair
	mem-admin check
	spoil "DELETE FROM meta WHERE name = '\''tenant'\''"
	mem-admin check
'
test_that 'a long name that only the database had' '
	rm -rf "$MEM_STORE"
	long=$(awk "BEGIN { while (i++ < 300) printf \"x\" }")
	mem-admin init --tenant "$long"
	mem-admin backup b.tar >told
	grep "\"tenant\":\"$long\"" told
	for f in "$MEM_STORE"/tenants/*/memory.db; do
		sqlite3 "$f" "DELETE FROM meta WHERE name = '\''tenant'\''"
	done
	exits 1 mem-admin check --tenant "$long" >out
	grep "does not say which tenant" out
	mem-admin check --tenant "$long" --repair
	mem-admin check --all-tenants >out
	grep "\"tenant\":\"$long\"" out
'
test_that 'what was forgotten, and is there' '
	spoil "INSERT INTO tombstone (user, target, id, at)
	    VALUES (1, 1, '\''01HNAVQZC00000000000000000'\'', 1)"
	finds tombstone
	grep "event row 341 is there" out
	spoil "INSERT INTO tombstone (user, target, id, at)
	    VALUES (0, 3, '\''k/1'\'', 1)"
	finds tombstone
	id=$(mem-log --json | sed -n 5p | jl event_id)
	spoil "INSERT INTO tombstone (user, target, id, at)
	    VALUES (1, 1, '\''$id'\'', 1)"
	finds tombstone
'
test_that 'a name that is none' '
	spoil "UPDATE user SET name = '\''a'\'' || char(1) WHERE id = 1"
	finds name
'
test_that 'a record that is another' '
	spoil "UPDATE record SET hash = zeroblob(32) WHERE seq = 1"
	finds record
	spoil "UPDATE record SET body = x'\''00'\'' WHERE seq = 1"
	finds record
	spoil "UPDATE record SET id = '\''9'\'' WHERE seq = 2"
	finds record
	for set in "type = 7" "status = 7" "ts = 0" "ts = 7"; do
		spoil "UPDATE record SET $set WHERE seq = 2"
		finds record
	done
'
test_that 'a version that is missing' '
	spoil "DELETE FROM record WHERE version = 1 AND id = '\''1'\''"
	finds record change
'

# ---- the change log ----

test_that 'an event that went without being forgotten' '
	spoil "DELETE FROM event WHERE seq = $single"
	finds change session
	grep "\"where\":\"change [0-9]*\",\"detail\":\"it tells of event row $single, which is not there" out
'
test_that 'an event that the change log does not tell of' '
	spoil "DELETE FROM change WHERE type = 1 AND ref = $single + 3"
	finds change
	grep "\"where\":\"event row $((single + 3))\"" out
'
test_that 'a change log with a hole, or emptied' '
	spoil "DELETE FROM change WHERE seq = (SELECT max(seq) - 1 FROM change)"
	finds change
	grep "\"1 of its rows are missing\"" out
	mem-admin compact
	mem-admin check
	spoil "DELETE FROM change"
	finds change
	grep "it is empty" out
'
test_that 'a change of no known kind' '
	spoil "INSERT INTO change (type, ref, at) VALUES (77, 1, 1)"
	finds change
'
test_that 'a consumer ahead of the log' '
	spoil "INSERT INTO consumer VALUES ('\''x'\'', 999999, 0, 0)"
	finds consumer
'
test_that 'rows that were forgotten are no problem' '
	rm -rf "$MEM_STORE"; cp -R good "$MEM_STORE"
	{
		for n in 2 \$; do
			id=$(mem-log --json | sed -n "${n}p" | jl event_id)
			echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"$id\"}"
		done
		echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s1\"}"
		echo "{\"type\":\"tombstone\",\"target\":\"record\",\"id\":\"k/1\"}"
	} | mem-ingest
	mem-admin check
	mem-admin compact
	mem-admin check
'

# ---- the file ----

test_that 'tables, indexes and triggers that are not ours' '
	spoil "CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM event; END"
	finds schema
	grep "trigger t is not ours" out
	spoil "CREATE TABLE mine (x)"
	finds schema
	spoil "DROP INDEX session_time"
	finds schema
'
test_that 'statistics of ANALYZE are no problem' '
	spoil "ANALYZE"
	mem-admin check
'
test_that 'a database without its log' '
	spoil "PRAGMA journal_mode = DELETE"
	finds journal
'
test_that 'a page of an index overwritten' '
	spoil "PRAGMA wal_checkpoint(TRUNCATE)"
	page=$(sqlite3 "$db" "SELECT rootpage FROM sqlite_schema WHERE name = '\''event_session'\''")
	dd if=/dev/urandom of="$db" bs=4096 count=1 seek=$((page - 1)) \
	    conv=notrunc 2>/dev/null
	exits 1 mem-admin check >out
	cat out
	grep "\"what\":\"database\"" out
	grep "memkit-store(5)" out
'
test_that 'pages of a table overwritten: the rest is still looked at' '
	spoil "PRAGMA wal_checkpoint(TRUNCATE)"
	page=$(sqlite3 "$db" "SELECT rootpage FROM sqlite_schema WHERE name = '\''event'\''")
	dd if=/dev/zero of="$db" bs=4096 count=1 seek=$((page - 1)) \
	    conv=notrunc 2>/dev/null
	change "UPDATE audit SET who = 1 WHERE seq = 1" || :
	exits 1 mem-admin check >out
	cat out
	grep "\"what\":\"database\"" out
	grep "\"what\":\"audit\"" out
	grep "\"type\":\"check\"" out
'
test_that 'a database cut in half' '
	spoil "PRAGMA wal_checkpoint(TRUNCATE)"
	size=$(wc -c <"$db")
	dd if=/dev/null of="$db" bs=1 seek=$((size / 2)) 2>/dev/null
	exits 1 mem-admin check >out
	grep "\"what\":\"\(database\|store\)\"" out
'
test_that 'a file that is no database at all' '
	spoil "PRAGMA wal_checkpoint(TRUNCATE)"
	dd if=/dev/zero of="$db" bs=100 count=1 conv=notrunc 2>/dev/null
	exits 1 mem-admin check >out
	cat out
	[ "$(jl what <out)" = store ]
	grep "restore a backup" out
'
test_that 'a database cut off to nothing is not taken for a new one' '
	rm -rf "$MEM_STORE"; cp -R good "$MEM_STORE"
	[ -f "$db-wal" ]
	: >"$db"
	exits 1 mem-admin check >out
	cat out
	[ "$(jl what <out)" = store ]
	exits 2 mem-log
	record 4 d >one
	exits 2 mem-ingest one
	[ ! -s "$db" ]
'
test_that 'a tenant whose database is gone' '
	rm -rf "$MEM_STORE"; cp -R good "$MEM_STORE"
	mem-admin init --tenant other
	rm "$db"
	exits 1 mem-admin check >out
	cat out
	[ "$(jl what <out)" = tenant ]
	exits 1 mem-admin check --all-tenants >out
	grep "\"tenant\":\"other\",.*\"problems\":0" out
	grep "\"where\":\"default\",\"detail\":\"it has no memory.db\"" out
	mem-admin stats --all-tenants >out
	[ "$(jl tenant <out)" = other ]
'
test_that 'a newer store is refused, not called damaged' '
	spoil "PRAGMA user_version = 99"
	exits 2 mem-admin check 2>err
	grep "newer memkit" err
'
test_that 'folders that are no tenant'\''s' '
	rm -rf "$MEM_STORE"; cp -R good "$MEM_STORE"
	mkdir "$MEM_STORE/tenants/Big" "$MEM_STORE/tenants/empty"
	exits 1 mem-admin check >out
	cat out
	[ "$(jl what <out | grep -c tenant)" -eq 2 ]
	grep "\"where\":\"Big\"" out
	grep "\"where\":\"empty\"" out
'

# ---- repair ----

test_that '--repair sets right what follows from the rest' '
	spoil "UPDATE session SET events = 77, start_ms = 1 WHERE seq < 3;
	    UPDATE pack SET events = 1 WHERE id = 1;
	    INSERT INTO pack SELECT 99, user, key, dict, events, data FROM pack WHERE id = 1;
	    PRAGMA journal_mode = DELETE"
	mem-admin check --repair >out
	cat out
	[ "$(tail -n 1 out | jl problems)" -eq 5 ]
	[ "$(grep -c "\"repaired\":true" out)" -eq 5 ]
	mem-admin check
	[ "$(mem-admin audit -n 1 | jl action)" = repair ]
	contents >got
	MEM_STORE=$work/good contents >want
	cmp want got
'
test_that 'and nothing else: exit 1 while something is left' '
	spoil "UPDATE session SET events = 77 WHERE seq = 1;
	    UPDATE event SET body = x'\''00'\'' WHERE seq = $single"
	exits 1 mem-admin check --repair >out
	finds body
'
test_that 'with nothing to repair nothing is written' '
	rm -rf "$MEM_STORE"; cp -R good "$MEM_STORE"
	rows=$(sql "SELECT count(*) FROM audit")
	mem-admin check --repair
	[ "$(sql "SELECT count(*) FROM audit")" = "$rows" ]
'
test_that 'text for a terminal names what, where and what to do' '
	spoil "UPDATE event SET body = x'\''00'\'' WHERE seq = $single"
	exits 1 mem-admin check --text >out
	cat out
	grep "^body  *event [0-9A-Z]* (row $single): .*; restore a backup" out
'
test_that 'check of a store that others write finds nothing' '
	fresh_store
	mem-admin init
	mkevents 4000 7 | mem-ingest >ingested &
	i=0
	while [ $i -lt 10 ]; do
		mem-admin check
		i=$((i + 1))
	done
	wait
'
test_done
