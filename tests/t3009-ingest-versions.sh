#!/bin/sh
# Stores of a newer memkit are refused and left alone; half-made ones are
# brought up; damaged ones are named.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

db=$MEM_STORE/tenants/default/memory.db
write_db() {
	sqlite3 "$db" "$1" >out
}
new_store() {
	fresh_store
	mkevents 3 | mem-ingest >out
}
# Every tool that opens a store.
each_tool() {
	mkevents 4 | exits "$1" mem-ingest >out 2>err && "$2" &&
	    exits "$1" mem-log >out 2>err && "$2" &&
	    exits "$1" mem-session list >out 2>err && "$2" &&
	    exits "$1" mem-session set s k v >out 2>err && "$2"
}

# A writer that waits in vain for another one, while all else goes on; what
# became of it is in held.*.
mkevents 4 >held.in
mkfifo release
held() {
	export MEM_STORE="$work/held"
	mkevents 3 | mem-ingest >held.sum
	{ echo "BEGIN IMMEDIATE;"; echo ".shell : >holds"; read -r go; echo "$go"
	} <release | sqlite3 "$MEM_STORE/tenants/default/memory.db" &
	exec 9>release
	until [ -e holds ]; do sleep 0.05; done
	status=0
	hasty mem-ingest held.in >held.out 2>held.err || status=$?
	echo "ROLLBACK;" >&9
	wait $!
	echo $status >held.status
}
if command -v sqlite3 >/dev/null; then
	held &
fi

version=$(new_store; sql 'PRAGMA user_version')

newer_database() {
	grep "was made by a newer memkit (schema 99, this is $version); upgrade memkit" err
}
test_that 'a database of a newer schema is refused, with the versions' '
	new_store
	write_db "PRAGMA user_version = 99"
	each_tool 2 newer_database
'
test_that 'and not touched' '
	[ "$(sql "PRAGMA user_version")" = 99 ]
	[ "$(sql "SELECT count(*) FROM event")" = 3 ]
	[ "$(sql "SELECT count(*) FROM session")" = 3 ]
'
newer_store() {
	grep "was made by a newer memkit (format 9, this is 2); upgrade memkit" err
}
test_that 'a store of a newer format, too' '
	new_store
	sed "s/memkit 1/memkit 9/" "$MEM_STORE/memkit" >marker
	cp marker "$MEM_STORE/memkit"
	each_tool 2 newer_store
	cmp marker "$MEM_STORE/memkit"
'
damaged() {
	grep "memkit'.* is damaged; restore it from a backup\|does not say that" err
}
test_that 'a marker that is none is named' '
	for text in "" "memkit 1" "memkit 1 nonsense" "something else" \
	    "memkit -1 01HNAVQZC00000000000000000"; do
		new_store
		echo "$text" >"$MEM_STORE/memkit"
		each_tool 2 damaged
	done
'
other_database() {
	grep "is not a memkit database" err
}
test_that 'a database of another program' '
	new_store
	write_db "PRAGMA application_id = 7"
	each_tool 2 other_database
'
not_database() {
	grep "memory.db'.* is damaged" err && grep "run mem-admin check" err
}
test_that 'a file that is no database' '
	new_store
	rm "$db"*
	head -c 8192 /dev/urandom >"$db"
	each_tool 2 not_database
'
test_that 'an empty file left by a killed first writer is brought up' '
	new_store
	for tool in "mem-log" "mem-session list" "mem-session set s k v"; do
		rm "$db"*
		: >"$db"
		$tool >out 2>err || [ $? -eq 1 ] || { cat err; exit 1; }
		[ "$(sql "PRAGMA user_version")" = "$version" ]
		[ "$(sql "PRAGMA journal_mode")" = wal ]
		mkevents 3 | mem-ingest | grep "\"stored\":3"
		store_whole
	done
'
test_that 'a folder without its database, a tenant without its folder' '
	new_store
	rm "$db"*
	exits 2 mem-log 2>err
	grep "has no tenant" err
	mkevents 3 | mem-ingest | grep "\"stored\":3"
	rm -r "$MEM_STORE/tenants"
	mkevents 3 | mem-ingest | grep "\"stored\":3"
	store_whole
'
test_that 'a temporary marker and a lock are all there is' '
	fresh_store
	mkdir -m 700 "$MEM_STORE"
	: >"$MEM_STORE/lock"
	echo "memkit 1" >"$MEM_STORE/.tmp-123-0011223344556677"
	mkevents 3 | mem-ingest | grep "\"stored\":3"
'
test_that 'a file system of its own has a lost+found' '
	fresh_store
	mkdir -p "$MEM_STORE/lost+found"
	mkevents 3 | mem-ingest | grep "\"stored\":3"
'
test_that 'the store may be named through a link; nothing in it is one' '
	fresh_store
	mkdir real
	ln -s real link
	mkevents 3 | mem-ingest --store link >out
	[ -e real/memkit ]
	[ "$(mem-log --store link | wc -l)" = 3 ]
	mv real/tenants/default real/moved
	ln -s ../moved real/tenants/default
	exits 2 mem-ingest --store link </dev/null 2>err
	cat err
	rm real/tenants/default
	mv real/moved real/tenants/default
	mv real/tenants/default/memory.db real/moved.db
	ln -s ../../moved.db real/tenants/default/memory.db
	exits 2 mem-log --store link 2>err
	cat err
'
test_that 'a body that was damaged is found when it is read, and named' '
	new_store
	write_db "UPDATE event SET body = CAST(substr(body, 1, length(body) - 1) ||
	    CASE WHEN substr(body, -1) = x'\''00'\'' THEN x'\''01'\'' ELSE x'\''00'\'' END AS BLOB)
	    WHERE seq = 2"
	exits 2 mem-log >out 2>err
	cat err
	grep "event [0-9A-Z]\{26\} cannot be read (run mem-admin check): a zstd frame is damaged" err
'
test_that 'a store that somebody else is writing to: exit 75, and what to do' '
	i=0
	until [ -s held.status ] || [ $i -gt 300 ]; do
		i=$((i + 1))
		sleep 0.1
	done
	cat held.err
	[ "$(cat held.status)" = 75 ]
	grep "memory.db.* is busy: another process has been writing for 1[0-9]* ms; try again" held.err
	mem-ingest --store held held.in | grep "\"stored\":1,\"duplicate\":3"
'
test_done
