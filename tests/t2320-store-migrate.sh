#!/bin/sh
# A store that an older version made is brought up to date when it is opened,
# and holds what it held.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

older() {
	rm -rf "$MEM_STORE" store
	gzip -dc "$tests/data/store/schema-$1.tar.gz" | tar -xf -
	MEM_USER=maren
	export MEM_USER
}

if command -v sqlite3 >/dev/null; then
	test_that 'schema 1: every row is there' '
		older 1
		[ "$(sql "PRAGMA user_version")" = 1 ]
		for t in event session record tombstone change audit variable user kb; do
			sqlite3 store/tenants/default/memory.db "SELECT * FROM $t" >"$t.was"
		done
		[ "$(wc -l <event.was)" -eq 7 ]
		mem-log --json >out
		[ "$(wc -l <out)" -eq 6 ]
		[ "$(sql "PRAGMA user_version")" = 3 ]
		for t in event session record tombstone change audit variable user kb; do
			sqlite3 store/tenants/default/memory.db "SELECT * FROM $t" >"$t.now"
			cmp "$t.was" "$t.now"
		done
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
			sqlite3 store/tenants/default/memory.db "SELECT * FROM $t" >"$t.was"
		done
		mem-log --json >out
		[ "$(sql "PRAGMA user_version")" = 3 ]
		for t in event session record tombstone toc_node toc_version toc_grip; do
			sqlite3 store/tenants/default/memory.db "SELECT * FROM $t" >"$t.now"
			[ -s "$t.now" ] || { echo "$t"; exit 1; }
			cmp "$t.was" "$t.now"
		done
		[ "$(sql "PRAGMA integrity_check")" = ok ]
		exits 1 mem-ltm list
		mem-ltm run bug-import >out
		[ "$(tail -n 1 out | jl inserted)" = 3 ] || { cat out; exit 1; }
		mem-admin check
	'
fi
test_done
