#!/bin/sh
# mem-admin forget --expired: ages for each scope, by the settings.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

schema=$top/share/schema
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema
day=86400000
# at DAYS: so long ago
at() {
	echo $(( ($(date +%s) * 1000) - $1 * day ))
}
old() {
	fresh_store
	{
		echo "{\"session_id\":\"old\",\"timestamp\":$(at 100),\"text\":\"long ago\"}"
		echo "{\"session_id\":\"mid\",\"timestamp\":$(at 40),\"text\":\"a while ago\"}"
		echo "{\"session_id\":\"new\",\"timestamp\":$(at 1),\"text\":\"lately\"}"
		echo "{\"session_id\":\"held\",\"timestamp\":$(at 100),\"text\":\"evidence\"}"
	} | mem-ingest >out
	echo "{\"session_id\":\"hers\",\"timestamp\":$(at 100),\"text\":\"long ago\"}" | mem-ingest --user ann >out
	mem-session hold held court
	# of these the age is when they came
	sql_write "UPDATE variable SET at = $(at 100)"
}
sql_write() {
	sqlite3 "$MEM_STORE/tenants/default/memory.db" "$1"
}

test_that 'nothing without a setting' '
	old
	mem-admin forget --expired >out
	grep "\"forgotten\":0" out
	[ "$(mem-session list | wc -l)" -ge 4 ]
	exits 64 mem-admin config set retain.session "90 days" 2>err
	exits 64 mem-admin config set retain.session 0 2>err
'
test_that 'sessions by their last event; of all users; what is held stays' '
	old
	mem-admin config set retain.session 90
	exits 3 mem-admin forget --expired --dry-run >out 2>err
	"$helper" "$schema" out
	grep "\"by\":\"age\"" out
	grep "\"counts\":{\"sessions\":2,\"events\":2" out
	[ "$(mem-log | wc -l)" = 4 ]
	exits 3 mem-admin forget --expired --receipt r.json --finish --verify >out 2>err
	"$helper" "$schema" out r.json
	grep "held" err
	grep "\"found\":0" out
	grep "\"id\":\"hers\",\"user\":\"ann\"" r.json
	[ "$(mem-log | wc -l)" = 3 ]
	exits 1 mem-log --user ann
	exits 1 mem-session show old
	mem-session show held >out
	mem-admin config set retain.session 30
	exits 3 mem-admin forget --expired >out 2>err
	[ "$(mem-log | wc -l)" = 2 ]
	store_whole
'
test_that 'records by their newest version' '
	fresh_store
	for i in 1 2; do
		echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"r$i\",\"record_type\":\"n\",\"title\":\"t$i\"}"
	done | mem-ingest >out
	sql_write "UPDATE record SET at = $(at 60) WHERE id = '\''r1'\''"
	mem-admin config set retain.kb 49
	mem-admin forget --expired >out
	grep "\"records\":1" out
	[ "$(sql "SELECT group_concat(id) FROM record")" = r2 ]
	echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"r1\",\"record_type\":\"n\",\"title\":\"t1\"}" | exits 3 mem-ingest >out
	store_whole
'
test_that 'facts and artifacts of a user, facts of the tenant' '
	fresh_store
	mkevents 1 1 | mem-ingest >out
	mem-ltm put --scope user "the gate is vermilion" >out 2>&1 || mem-ltm add --scope user "the gate is vermilion" >out 2>&1 || { mem-ltm -h; exit 0; }
	sql_write "UPDATE fact SET valid_from = $(at 60)"
	mem-admin config set retain.tenant 49
	mem-admin forget --expired >out
	grep "\"forgotten\":0" out
	mem-admin config set retain.user 49
	mem-admin forget --expired >out
	grep "\"facts\":1" out
	[ "$(sql "SELECT (SELECT count(*) FROM fact), (SELECT count(*) FROM decision)")" = "0|0" ]
	store_whole
'
test_done
