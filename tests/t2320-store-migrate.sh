#!/bin/sh
# A store that an older version made is brought up to date when it is opened,
# and holds what it held.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-ltm.sh"

older() {
	rm -rf "$MEM_STORE" store
	gzip -dc "$tests/data/store/schema-$1.tar.gz" | tar -xf -
	MEM_USER=maren
	export MEM_USER
}

# rows TABLE: as a store of schema 1 to 3 has them
rows() {
	case $1 in
	variable) what='seq, session, kind, name, value, key, at FROM variable' ;;
	record) what='seq, kb, id, version, user, type, status, ts, key, at,
	    hash, dict, body FROM record' ;;
	change) what='* FROM change WHERE type < 5' ;;
	audit) what='seq, at, who, action, object, detail, hash FROM audit' ;;
	*) what="* FROM $1" ;;
	esac
	sqlite3 store/tenants/default/memory.db "SELECT $what"
}

# older_6: the store as schema 6 had it
older_6() {
	sqlite3 store/tenants/default/memory.db "
	    ALTER TABLE file DROP COLUMN key;
	    ALTER TABLE file DROP COLUMN sealed;
	    PRAGMA user_version = 6"
}
# older_5: the store as schema 5 had it; rows of the audit log had another
# hash
older_5() {
	older_6
	sqlite3 store/tenants/default/memory.db "
	    DROP TABLE graft; DROP TABLE seal_key; DROP TABLE forgetting;
	    DELETE FROM audit;
	    ALTER TABLE audit DROP COLUMN tool;
	    ALTER TABLE audit DROP COLUMN outcome;
	    ALTER TABLE fact DROP COLUMN key;
	    PRAGMA user_version = 5"
}
# older_4: as schema 4 had it, without artifacts
older_4() {
	older_5
	sqlite3 store/tenants/default/memory.db "
	    DROP TABLE artifact_use; DROP TABLE artifact_byte;
	    DROP TABLE artifact; DROP TABLE artifact_turn;
	    PRAGMA user_version = 4"
}
# older_3: as schema 3 had it, before anything had a node
older_3() {
	older_4
	sqlite3 store/tenants/default/memory.db "
	    DROP TABLE origin; DROP TABLE decision; DROP TABLE file;
	    ALTER TABLE fact DROP COLUMN decision;
	    ALTER TABLE variable DROP COLUMN node;
	    ALTER TABLE variable DROP COLUMN base;
	    ALTER TABLE record DROP COLUMN node;
	    ALTER TABLE record DROP COLUMN base;
	    DELETE FROM change WHERE type >= 5;
	    DELETE FROM meta WHERE name = 'node';
	    PRAGMA user_version = 3"
}
# shown: all that somebody decided
shown() {
	for f in $(sql "SELECT DISTINCT format('fact:%016x', id) FROM fact
	    ORDER BY id"); do
		mem-ltm history "$f" --json
	done
	mem-ltm list --json --tag verdict
	sql "SELECT user, name, kind FROM toc_mark ORDER BY name"
}

if command -v sqlite3 >/dev/null; then
	test_that 'schema 1: every row is there' '
		older 1
		[ "$(sql "PRAGMA user_version")" = 1 ]
		for t in event session record tombstone change audit variable user kb; do
			rows $t >"$t.was"
		done
		[ "$(wc -l <event.was)" -eq 7 ]
		mem-log --json >out
		[ "$(wc -l <out)" -eq 6 ]
		[ "$(sql "PRAGMA user_version")" = 7 ]
		for t in event session record tombstone change audit variable user kb; do
			rows $t >"$t.now"
			cmp "$t.was" "$t.now"
		done
	'
	test_that 'schema 1: what sessions were told is written to the change log, too' '
		older 1
		[ "$(sql "SELECT count(*) FROM variable")" -gt 0 ]
		mem-log --json >out
		sql "SELECT seq FROM variable ORDER BY seq" >was
		sql "SELECT ref FROM change WHERE type = 5 ORDER BY seq" >now
		cmp was now
		sql "SELECT count(*) FROM variable WHERE node = 0" >none
		sql "SELECT count(*) FROM record WHERE node = 0" >>none
		[ "$(sort -u none)" = 0 ]
		[ "$(sql "SELECT length(value) FROM meta WHERE name = '\''node'\''")" = 26 ]
	'
else
	skip 'schema 1: every row is there' 'no sqlite3'
fi
test_that 'schema 1: it is whole, and goes on' '
	older 1
	mem-admin check >out || { cat out; exit 1; }
	[ "$(jl event_count <out)" = 7 ]
	[ "$(mem-session get s1 k)" = v ]
	mem-search "signing key" | grep -q "gateway"
	mem-log --user ann --json | grep -q "Happy new year"
	mem-toc build >out
	[ "$(jl sessions <out)" = 3 ]
	mem-toc 2026-11-18 -d 1 | grep -q "LNK2019"
	echo "{\"session_id\":\"s3\",\"timestamp\":5,\"text\":\"x\"}" | exits 3 mem-ingest >out
	grep -q forgotten out
	mem-admin check
'
test_that 'schema 1: a backup made of it then is restored' '
	older 1
	mem-admin backup a.tar >/dev/null
	mem-admin restore a.tar --store copy >/dev/null
	mem-admin check --store copy
'
test_that 'schema 1: several that open it first are not in the way of each other' '
	older 1
	for i in 1 2 3 4 5 6; do
		mem-log --json >"out.$i" 2>"err.$i" &
	done
	wait
	cat err.?
	for i in 1 2 3 4 5 6; do
		[ "$(wc -l <"out.$i")" -eq 6 ]
	done
	mem-admin check
'
if command -v sqlite3 >/dev/null; then
	test_that 'schema 2: contents and rows are there, and facts are made of them' '
		older 2
		[ "$(sql "PRAGMA user_version")" = 2 ]
		sqlite3 store/tenants/default/memory.db "INSERT INTO tombstone VALUES (7, 1, 2, '\''gone'\'', 3, 5)"
		for t in event session record tombstone toc_node toc_version toc_grip; do
			rows $t >"$t.was"
		done
		mem-log --json >out
		[ "$(sql "PRAGMA user_version")" = 7 ]
		for t in event session record tombstone toc_node toc_version toc_grip; do
			rows $t >"$t.now"
			[ -s "$t.now" ] || { echo "$t"; exit 1; }
			cmp "$t.was" "$t.now"
		done
		[ "$(sql "PRAGMA integrity_check")" = ok ]
		exits 1 mem-ltm list
		mem-ltm run bug-import >out
		[ "$(tail -n 1 out | jl inserted)" = 3 ] || { cat out; exit 1; }
		mem-admin check
	'
	test_that 'schema 3: what somebody decided is in the change log, and shows what it showed' '
		older 2
		mem-ltm add "It is vim." --key editor --tag t >/dev/null
		mem-ltm add "It is ed." --key editor --confidence 0.7 >/dev/null
		MEM_SESSION=s1 mem-ltm add "Now it is ed." --scope session --until 2030-01-01 >/dev/null
		mem-ltm add "Tabs." --key tabs --scope tenant >/dev/null
		mem-ltm add "Tabs of 8." --key width >/dev/null
		mem-ltm run bug-import >/dev/null
		id=$(mem-ltm list --json | grep -F "It is ed" | jl fact_id)
		mem-ltm pin "$id" >/dev/null
		derived=$(mem-ltm list --json | grep -F extraction_type | jl fact_id)
		set -- $derived
		mem-ltm pin "$1" >/dev/null
		mem-ltm expire --reason "known" "$2" >/dev/null
		mem-ltm expire --reason "no more" "$(mem-ltm list --json | grep -F "Tabs of 8" | jl fact_id)" >/dev/null
		mem-ltm mark "$1" false_positive --file a.c --reason "it is made" >/dev/null
		MEM_USER=ann mem-ltm mark "$1" false_positive --file a.c >/dev/null
		mem-toc build >/dev/null
		mem-toc pin 2026-11-18 >/dev/null
		mem-toc hide 2026 >/dev/null
		shown >was
		older_3
		shown >now
		cmp was now
		[ "$(sql "PRAGMA user_version")" = 7 ]
		sql "SELECT what, count(*) FROM decision GROUP BY what" >out
		cat out
		[ "$(cat out | tr "\n" " ")" = "1|5 2|2 4|2 5|2 6|2 " ]
		sql "SELECT seq FROM decision ORDER BY seq" >rows
		sql "SELECT ref FROM change WHERE type = 8 ORDER BY seq" | cmp rows -
		[ "$(sql "SELECT count(*) FROM decision WHERE node = 0 OR base >= at")" = 0 ]
		mem-admin check
		# and what is decided next finds it all in its place
		mem-ltm unpin "$id" >/dev/null
		mem-ltm pin "$id" >/dev/null
		mem-ltm unpin "$1" >/dev/null
		mem-ltm pin "$1" >/dev/null
		mem-ltm run bug-import >/dev/null
		shown >now
		cmp was now
		mem-ltm mark --undo "$1" false_positive --file a.c >/dev/null
		mem-ltm list --json --tag verdict | grep -F "\"by\":\"ann\""
		mem-admin check
	'
	test_that 'schema 4: all is as it was, and there may be artifacts' '
		older 2
		mem-log >/dev/null
		older_4
		# the table of tombstones is made anew, with its rows
		rows() {
			sqlite3 store/tenants/default/memory.db .dump |
			    sed "/^CREATE TABLE.*tombstone/,/STRICT;\$/d;s/\"tombstone\"/tombstone/" |
			    LC_ALL=C sort
		}
		rows >was
		mem-log >/dev/null
		[ "$(sql "PRAGMA user_version")" = 7 ]
		rows >now
		exits 1 diff was now >changed
		# a column more stands in the text of its table
		exits 1 grep "^< INSERT" changed
		mem-artifact put --uri https://example.org/a | grep stored
		mem-artifact list | grep https://example.org/a
		mem-admin check
	'
fi
test_done
