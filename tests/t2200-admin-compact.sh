#!/bin/sh
# mem-admin compact: less room, the same contents, whatever happens.
# It is killed at some of the calls; long-28-compact.sh takes all of them, with
# MEM_EVERY=N one in N.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-admin.sh"

record() {
	echo '{"type":"record","kb":"k","record_id":"'"$1"'","record_type":"note","title":"a note of some length '"$1"'"}'
}

{
	mktexts 1500 5 | mem-ingest
	mktexts 400 2 7 | MEM_USER=ann mem-ingest
	for i in 1 2 3; do record $i; done | mem-ingest
} >setup.out
cp -R "$MEM_STORE" before
contents >want

again() {
	rm -rf "$MEM_STORE"
	cp -R "${1:-before}" "$MEM_STORE"
}

same() {
	contents >got
	cmp want got
	mem-admin check >checked || { cat checked; return 1; }
}

test_that 'what the tools show is the same, byte for byte' '
	[ "$(wc -l <want)" -eq 1900 ]
	mem-admin compact >out
	cat out
	same
	for want in events_to_pack=1900 changes_deleted=1902 vacuumed=true; do
		[ "$(jl "${want%=*}" <out)" = "${want#*=}" ] ||
		    { echo "$want"; exit 1; }
	done
'
test_that 'by session, around an event and by id, too' '
	mem-log --session s2 >got
	[ "$(wc -l <got)" -eq 300 ]
	id=$(sed -n 40p got | jl event_id)
	mem-log "$id" >a
	sed -n 40p got >b
	cmp a b
	mem-log -C 3 "$id" >a
	sed -n 37,43p got >b
	cmp a b
'
test_that 'it takes less room' '
	[ "$(jl bytes_after <out)" -lt "$(jl bytes_before <out)" ]
	[ "$(jl pack_bytes <out)" -lt $(($(jl content_bytes <out) / 2)) ]
	cat "$db" "$db-wal" 2>/dev/null | wc -c >size
	[ "$(cat size)" -eq "$(jl bytes_after <out)" ]
'
test_that 'packs hold the events of one user, in order of time' '
	sql "SELECT count(*) FROM event e JOIN pack p ON p.id = e.pack
	    WHERE p.user <> e.user" >n
	[ "$(cat n)" = 0 ]
	sql "SELECT count(*) FROM event a JOIN event b ON a.pack = b.pack
	    AND a.off < b.off AND a.ts > b.ts" >n
	[ "$(cat n)" = 0 ]
	sql "SELECT count(*) FROM (SELECT sum(len) AS n FROM event
	    WHERE pack IS NOT NULL GROUP BY pack) WHERE n NOT BETWEEN 16384 AND 65536" >n
	[ "$(cat n)" = 0 ]
'
test_that 'a pack can be read with zstd' '
	sql "SELECT writefile('\''p.zst'\'', pack.data), writefile('\''d'\'', d.data)
	    FROM pack JOIN dict d ON d.id = dict WHERE pack.id = 1" >wrote
	zstd -q -d -D d p.zst -o p
	sql "SELECT off, len FROM event WHERE pack = 1 ORDER BY off LIMIT 1" |
	    tr "|" " " >place
	read -r off len <place
	tail -c +$((off + 1)) p | head -c "$len" >text
	mem-log -n 1 | grep -F "\"text\":\"$(tr "\000" "\n" <text | head -n 1)\""
'
test_that 'a dictionary was made of the store'\''s own texts' '
	[ "$(jl dictionary <out)" = 2 ]
	[ "$(sql "SELECT rows > 1000 FROM dict WHERE id = 2")" = 1 ]
	sql "SELECT DISTINCT dict FROM pack" >got
	[ "$(cat got)" = 2 ]
'
test_that 'the one before it is gone, for nobody needs it' '
	[ "$(sql "SELECT group_concat(id) FROM dict")" = 2 ]
	[ "$(jl dictionaries_deleted <out)" = 1 ]
'
test_that 'what is written now is written with it' '
	mktexts 3 1 11 | mem-ingest
	[ "$(sql "SELECT DISTINCT dict FROM event WHERE seq > 1900")" = 2 ]
	mem-admin check
'
test_that 'it is told in the audit log' '
	[ "$(mem-admin audit -n 1 --action compact | jl detail)" = \
	    "$(jl events <out) events in $(jl packs <out) packs" ]
'
again before
mem-admin compact >out
cp -R "$MEM_STORE" compacted
rows=$(sql 'SELECT count(*) FROM audit')
test_that 'a second time there is nothing to do, and nothing is done' '
	cksum <"$db" >a
	mem-admin compact >out
	cat out
	for want in events=0 packs=0 vacuumed=false changes_deleted=0; do
		[ "$(jl "${want%=*}" <out)" = "${want#*=}" ] ||
		    { echo "$want"; exit 1; }
	done
	cksum <"$db" | cmp a -
	[ "$(sql "SELECT count(*) FROM audit")" = "$rows" ]
'
test_that '--dry-run tells, and does nothing' '
	again before
	cksum <"$db" >a
	cksum <"$db-wal" >>a
	mem-admin compact --dry-run >out
	cat out
	[ "$(jl events_to_pack <out)" = 1900 ]
	[ "$(jl train <out)" = true ]
	{ cksum <"$db"; cksum <"$db-wal"; } | cmp a -
'
test_that 'what comes later is packed later; old packs are left alone' '
	again compacted
	sql "SELECT id, hex(data) FROM pack ORDER BY id" >a
	mktexts 300 5 3 | mem-ingest
	contents >want.new
	mem-admin compact >out
	[ "$(jl events <out)" -gt 150 ]
	contents | cmp want.new -
	sql "SELECT id, hex(data) FROM pack ORDER BY id" >b
	head -n "$(wc -l <a)" b | cmp a -
	mem-admin check
'
test_that 'a rest that fills no block waits' '
	again compacted
	waiting=$(sql "SELECT count(*) FROM event WHERE pack IS NULL")
	mktexts 5 5 3 | mem-ingest
	mem-admin compact >out
	[ "$(jl packs <out)" = 0 ]
	[ "$(sql "SELECT count(*) FROM event WHERE pack IS NULL")" = $((waiting + 5)) ]
'
test_that '--all packs everything anew' '
	again compacted
	mktexts 300 5 3 | mem-ingest
	contents >want.new
	max=$(sql "SELECT max(id) FROM pack")
	mem-admin compact --all >out
	cat out
	contents | cmp want.new -
	[ "$(sql "SELECT min(id) FROM pack")" -gt "$max" ]
	mem-admin check
'
test_that 'a long event has a pack of its own' '
	fresh_store
	mktexts 200 | head -n 100 >in
	awk "BEGIN { printf \"{\\\"session_id\\\":\\\"s\\\",\\\"timestamp\\\":1790000050500,\\\"text\\\":\\\"\"
	    for (i = 0; i < 30000; i++) printf \"%d \", i
	    print \"\\\"}\" }" >>in
	mktexts 200 | tail -n 100 >>in
	mem-ingest <in
	contents >want.long
	mem-admin compact
	contents | cmp want.long -
	[ "$(sql "SELECT max(n) FROM (SELECT count(*) AS n, max(len) AS big
	    FROM event WHERE pack IS NOT NULL GROUP BY pack) WHERE big > 100000")" = 1 ]
	mem-admin check
'
test_that '--no-vacuum leaves the file as large; the next run makes it small' '
	again
	mem-admin compact --no-vacuum >out
	[ "$(jl vacuumed <out)" = false ]
	same
	large=$(wc -c <"$db")
	mem-admin compact >out
	[ "$(jl vacuumed <out)" = true ]
	[ "$(wc -c <"$db")" -lt "$large" ]
	same
'

# ---- forgetting ----

test_that 'a dictionary that learned what was forgotten is replaced' '
	again
	mktexts 1500 1 5 | sed "s/\"s0\"/\"secret\"/; s/ the / xyzzyplugh /g" | mem-ingest
	mem-admin compact
	grep -q xyzzyplugh "$db"	# in the dictionary
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"secret\"}" | mem-ingest
	mem-admin check
	mem-admin compact >out
	cat out
	[ "$(jl dictionary <out)" -gt 2 ]
	cat "$db" "$db-wal" >all 2>/dev/null || :
	exits 1 grep -q xyzzyplugh all
	same
	[ "$(sql "SELECT count(*) FROM dict")" = 1 ]
	mem-admin compact >out
	[ "$(jl packs <out)" = 0 ]
'
test_that 'packs of which nothing is left go' '
	again compacted
	for s in s0 s1; do
		echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"$s\"}"
	done | MEM_USER=ann mem-ingest
	mem-admin check
	mem-admin compact
	mem-admin check
	[ "$(sql "SELECT count(*) FROM pack p JOIN user u ON u.id = p.user
	    WHERE u.name = '\''ann'\''")" = 0 ]
'

# ---- others at the same time ----

test_that 'a second compaction at the same time exits 75' '
	again
	mkfifo hold
	sqlite3 "$db" "PRAGMA busy_timeout = 10000" "BEGIN IMMEDIATE" ".read hold" >held &
	exec 9>hold
	sleep 0.3
	mem-admin compact >first 2>first.err 9>&- &
	one=$!
	sleep 0.5
	exits 75 mem-admin compact 2>err 9>&- || { exec 9>&-; exit 1; }
	cat err
	grep "is locked by process" err
	exec 9>&-
	wait $one
	same
'
test_that 'writers go on, and lose nothing' '
	again
	mktexts 2000 5 21 >in
	mem-ingest --ack --each <in >acks 2>err &
	for i in 1 2 3 4 5 6; do
		mem-admin compact -q >out
	done
	wait $!
	[ "$(jl status <acks | grep -c stored)" = 2000 ]
	[ "$(mem-log | wc -l)" = 3500 ]
	mem-admin check
	mem-ingest <in >out
	[ "$(jl duplicate <out)" = 2000 ]
'
test_that 'a reader in the middle of it sees what was there' '
	again
	mkfifo slow
	mem-log --json >slow &
	exec 8<slow
	head -c 1000 <&8 >part
	mem-admin compact >out
	cat <&8 >>part
	exec 8<&-
	wait $!
	mem-log --json | cmp - part
'

# ---- kills and faults ----

kills() {
	n=1
	while :; do
		again
		fault "$1:$n:KILL" mem-admin compact --all || break
		[ "$status" -eq 137 ] || { cat err; return 1; }
		same || { echo "after $1 $n"; return 1; }
		[ $((n % $2)) -ne 0 ] || {
			mem-admin compact >again.out || return 1
			same || { echo "after $1 $n and again"; return 1; }
		}
		n=$((n + ${MEM_EVERY:-$3}))
	done
	echo "$n calls of $1"
	[ "$n" -gt 3 ]
}
if faults_work; then
	again
	mktexts 700 | head -n 500 >in
	fresh_store
	{ mem-ingest <in; mem-admin compact; mktexts 600 4 5 | mem-ingest; } >out
	rm -rf before
	cp -R "$MEM_STORE" before
	contents >want
	test_that 'killed at any sync: nothing is lost, and it can go on' \
	    'kills fsync 3 3'
	test_that 'killed at any write: nothing is lost, and it can go on' \
	    'kills write 2 49'
	test_that 'a disk that is full: exit 2 or 75, said so, and nothing lost' '
		for n in 1 4 9 16 25 40 60 90; do
			again
			fault "write:$n+:ENOSPC" mem-admin compact --all || break
			case $status in
			2|75) grep -i "no space\|full" err ;;
			3) grep "all is packed, but" err ;;
			*) echo "exit $status at $n"; cat err; exit 1 ;;
			esac
			same
			mem-admin compact >out
			same
		done
	'
else
	skip 'killed at any sync' 'faults do not reach the tools here'
	skip 'killed at any write' 'faults do not reach the tools here'
	skip 'a disk that is full' 'faults do not reach the tools here'
fi
test_that 'killed at chance moments' '
	for ms in 5 12 20 33 50 80; do
		again
		mem-admin compact --all >out 2>&1 &
		sleep "0.0$ms"
		kill -9 $! 2>/dev/null || :
		wait $! 2>/dev/null || :
		same
	done
	mem-admin compact >out
	same
'
test_done
