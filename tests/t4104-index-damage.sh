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

# ---- pages that only some searches read ----

# repaired: a plain run makes it as it was, says so once, and keeps words
repaired() {
	ls -i "$mine"/*.seg >words
	exits 0 mem-index >out 2>err
	cat err
	grep "vectors are left out: vectors .*are damaged" err
	[ ! -e "$mine/doubt" ]
	ls -i "$mine"/*.seg >now
	cmp now words
	mem-index >out 2>err
	[ ! -s err ]
	mem-index --verify >out
	cmp good "$(ls "$mine"/*.vec)"
}
restore
MEM_MODEL=$model
mem-index -q
cp "$(ls "$mine"/*.vec)" good
rm -rf whole
cp -R "$tenant" whole

test_that 'damage deep in vectors that a search met: told, then repaired by mem-index' '
	mem-search -n 3 --explain number seven >want
	f=$(ls "$mine"/*.vec)
	at=512 met=0
	while [ $at -lt "$(wc -c <good)" ]; do
		damage "$f" $at
		mem-search -n 3 number seven >got 2>err
		[ "$(grep -c . got)" -eq 3 ]
		if [ -s err ]; then
			met=$((met + 1))
			[ -e "$mine/doubt" ]
			grep "searched without vectors: vectors .* are damaged: .*; mem-index makes them anew" err
			mem-search --mode text -n 1 number seven >got 2>err
			[ ! -s err ]
			repaired
			mem-search -n 3 --explain number seven | cmp - want
		else
			[ ! -e "$mine/doubt" ]
			cat good >"$f"
		fi
		at=$((at + 200003))
	done
	[ $met -gt 1 ]
'
test_that 'damage that --verify found is repaired by the next run, too' '
	f=$(ls "$mine"/*.vec)
	damage "$f" 600000
	mem-index >out 2>err
	[ ! -s err ]
	exits 1 mem-index --verify >out
	grep "vectors .* are damaged" out
	[ -e "$mine/doubt" ]
	repaired
'
test_that 'a doubt about what is sound costs a look, and nothing is made anew' '
	ls -i "$mine"/*.seg "$mine"/*.vec >before
	: >"$mine/doubt"
	mem-index >out 2>err
	[ ! -s err ]
	[ ! -e "$mine/doubt" ]
	ls -i "$mine"/*.seg "$mine"/*.vec | cmp - before
'
test_that 'damage deep in a segment that a search met: made anew by a plain run' '
	f=$(ls "$mine"/*.seg)
	at=4096
	until [ -e "$mine/doubt" ]; do
		cp "$f" sound
		damage "$f" $((at + 100))
		mem-search --mode text -n 0 -l number >got 2>err
		[ "$(grep -c . got)" -eq 3000 ]
		[ -e "$mine/doubt" ] || cat sound >"$f"
		at=$((at + 4096))
	done
	grep "searched without the index: .*is damaged" err
	mem-index >out 2>err
	cat err
	grep "is damaged .*; it is made anew" err
	[ ! -e "$mine/doubt" ]
	mem-index --verify >out
	cmp good "$(ls "$mine"/*.vec)"
'
test_that 'a search that lags far behind does not look through all of it' '
	: >"$mine/doubt"
	mkevents 3400 | mem-ingest -q >/dev/null
	before=$(cat "$mine/manifest")
	mem-search -n 1 number >out 2>err
	[ "$before" = "$(cat "$mine/manifest")" ]
	mem-index -q
	[ ! -e "$mine/doubt" ]
'
mem-index -q --rebuild
at=5000
while [ $at -lt "$(wc -c <"$(ls "$mine"/*.vec)")" ]; do
	damage "$(ls "$mine"/*.vec)" $at
	at=$((at + 50000))
done
if may_read; then
	test_that 'where nothing may be written a search answers all the same' '
		reader mem-search -n 3 number seven >got 2>err || { cat err; exit 1; }
		cat err
		grep "searched without vectors: vectors .* are damaged" err
		[ "$(grep -c . got)" -eq 3 ]
		[ ! -e "$mine/doubt" ]
	'
else
	skip 'where nothing may be written a search answers all the same' \
	    'nobody to be'
fi
chmod -R u+w "$MEM_STORE"
test_done
