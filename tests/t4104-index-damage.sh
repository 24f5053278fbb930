#!/bin/sh
# What is damaged is told from what can be made again: an index is made anew,
# of a database mem-index says what can be done, and leaves the index alone.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
tenant=$MEM_STORE/tenants/default
index=$tenant/index
mine=$index/user/tester

# damage FILE AT: 64 bytes of it
damage() {
	head -c 64 /dev/zero | tr '\0' 'Z' |
	    dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
mkevents 3000 | mem-ingest -q >/dev/null
sqlite3 "$tenant/memory.db" 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null
mem-index -q
rm -f "$tenant"/memory.db-*
cp -R "$tenant" whole

restore() {
	rm -rf "$tenant"
	cp -R whole "$tenant"
}

# page NAME: the root page of a table or index of the database
page() {
	sqlite3 whole/memory.db \
	    "SELECT rootpage FROM sqlite_schema WHERE name = '$1'"
}
size=$(sqlite3 whole/memory.db 'PRAGMA page_size')

test_that 'the schema of the database is damaged' '
	damage "$tenant/memory.db" 100
	for t in mem-index "mem-index --rebuild" "mem-search text"; do
		exits 2 $t >out 2>err
		cat err
		grep "memory.db. is damaged (.*); run mem-admin check" err
		[ "$(grep -c . err)" -eq 1 ]
	done
	diff -r whole/index "$index"
'
test_that 'a table that mem-index reads is damaged' '
	restore
	mkevents 10 | sed s/number/more/ | mem-ingest -q >/dev/null
	sqlite3 "$tenant/memory.db" "PRAGMA wal_checkpoint(TRUNCATE)" >/dev/null
	rm -f "$tenant"/memory.db-*
	at=$((($(page event) - 1) * size))
	damage "$tenant/memory.db" $at
	exits 2 mem-index >out 2>err
	cat err
	grep "memory.db. is damaged (.*); run mem-admin check" err
	[ "$(grep -c anew err)" -eq 0 ]
	[ "$(grep -c . err)" -eq 1 ]
	diff -r whole/index "$index"
	exits 2 mem-search text >out 2>err
	cat err
	grep "memory.db. is damaged" err
	[ "$(grep -c "without the index" err)" -eq 0 ]
	exits 1 mem-admin check >out
	cat out
	grep "restore a backup" out
'
test_that 'a text that cannot be unpacked is damage of the store, too' '
	restore
	echo "{\"session_id\":\"s\",\"timestamp\":1,\"text\":\"the last one\"}" |
	    mem-ingest -q >/dev/null
	sqlite3 "$tenant/memory.db" "UPDATE event SET body = x'"'"'28b52ffd00'"'"'
	    WHERE seq = (SELECT max(seq) FROM event)"
	exits 2 mem-index >out 2>err
	cat err
	grep "cannot be read (run mem-admin check)" err
	[ "$(grep -c anew err)" -eq 0 ]
	diff -r whole/index "$index"
'
test_that 'a damaged index beside a sound database is made anew' '
	restore
	damage "$(ls "$mine"/*.seg)" 20
	mem-index >out 2>err
	cat err
	grep "is damaged .*; it is made anew" err
	mem-index --verify >out
'
test_that 'both are damaged: the index is not made anew in vain' '
	restore
	damage "$tenant/memory.db" $((($(page event) - 1) * size))
	damage "$(ls "$mine"/*.seg)" 20
	exits 2 mem-index >out 2>err
	cat err
	grep "memory.db. is damaged" err
	[ -s "$mine/manifest" ]
'
test_done
