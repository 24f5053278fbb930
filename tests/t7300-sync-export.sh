#!/bin/sh
# mem-sync export and import: what goes out comes in, byte for byte, and a
# file from anywhere does no harm.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
mkbundle=$obj/helper/mkbundle
db=$MEM_STORE/tenants/default/memory.db

# A store with a history: two nodes that wrote, things forgotten, users.
set_up() {
	mkdir remote
	for s in "$MEM_STORE" other; do
		mem-admin config set remote.main.url "file://$work/remote" \
		    --store "$s"
	done
	mkevents 300 5 | mem-ingest -q
	mkevents 20 2 | mem-ingest -q --user ann
	mem-ingest -q "$top/share/demo/bugs.jsonl"
	sed 's/"title":"/&again: /' "$top/share/demo/bugs.jsonl" | mem-ingest -q
	echo '{"session_id":"odd / %","timestamp":-5,"text":"\u00e9\u0007","metadata":{"a":"b"},"mood":[1.5]}
	{"type":"session","session_id":"empty"}' | mem-ingest -q
	mem-session set s1 branch main
	mem-session set s1 branch fix
	mem-session unset s1 branch
	mem-sync push
	mem-sync pull --store other -q
	# both write on, without knowing of each other
	mem-session set s2 k ours
	mem-session set s2 k theirs --store other
	mem-session set s2 k later
	mem-sync push
	mem-sync pull --store other -q
	mem-sync push --store other
	mem-sync pull -q
	echo '{"type":"tombstone","target":"record","id":"bugs/FN-101"}
	{"type":"tombstone","target":"session","id":"s3"}' | mem-ingest -q
} >/dev/null

test_that 'a store with a history' 'set_up; mem-log | wc -l'
test_that 'a tenant goes out; the record says what is in it' '
	mem-sync export a.tar --json >out
	cat out
	grep "^{\"type\":\"export\",\"tenant\":\"default\",\"sessions\":8,\"events\":261,\"variables\":6,\"files\":0,\"versions\":68,\"decisions\":0,\"artifacts\":0,\"tombstones\":2,\"with_bytes\":0,\"files_missing\":0,\"artifacts_with_bytes\":0,\"artifacts_missing\":0,\"size_bytes\":$(wc -c <a.tar),\"file\":\"a.tar\"}$" out
	[ -z "$(ls "$MEM_STORE/tmp")" ]
	[ "$(stat -c %a a.tar)" = 600 ]
'
test_that 'the same content has the same bytes, to a pipe too' '
	mem-sync export - >b.tar 2>err
	cmp a.tar b.tar
	grep "^mem-sync: 261 events, [0-9]* bytes written" err
	mem-sync export -q - >b.tar 2>err
	[ ! -s err ]
'
test_that 'the tools know it: tar, zstd, sha256sum' '
	mkdir plain
	tar -xf a.tar -C plain
	[ "$(tar -tf a.tar | tr "\n" " ")" = "manifest.json records/000001.jsonl.zst sha256 " ]
	sum=$(sha256sum <plain/records/000001.jsonl.zst | cut -c 1-64)
	grep "\"kind\":\"export\".*\"sha256\":\"$sum\"" plain/manifest.json
	zstd -qdc plain/records/000001.jsonl.zst >lines
	[ "$(wc -l <lines)" -eq 345 ]
	mem-ingest --no-redact --store by-hand lines >out
	grep "\"stored\":345" out
	mem-sync export by-hand.tar --store by-hand
	cmp a.tar by-hand.tar
'
test_that 'nothing is lost: imported and exported, the same bytes' '
	mem-sync import a.tar --store two --json 2>err >out
	cat out err
	grep "\"records\":345,\"stored\":345,\"duplicate\":0,\"conflicts\":0,\"clashes\":2,\"forgotten\":0,\"rejected\":0," out
	grep "mem-index brings" err
	mem-sync export two.tar --store two
	cmp a.tar two.tar
	mem-admin check --store two
	for t in log "session list" "session show s2"; do
		# its words
		mem $t --json >one
		mem $t --json --store two >got
		cmp one got
	done
	mem-admin audit --store two --json | grep "\"action\":\"import\",\"object\":\"a.tar\""
'
test_that 'what follows from it is the same: contents, facts, hits' '
	for s in "$MEM_STORE" two; do
		cp -R "$s" derived
		mem-toc build -q --store derived >/dev/null
		mem-ltm run -q --store derived >/dev/null
		mem-index -q --store derived >/dev/null
		{
			mem-toc export --store derived
			mem-ltm list --json --store derived
			mem-search --json --explain text --store derived
		} >follows."${s##*/}"
		rm -r derived
	done
	[ "$(wc -l <follows.two)" -gt 20 ]
	cmp follows.store follows.two
'
test_that 'again is nothing new' '
	mem-sync import - --store two --json <a.tar >out 2>err
	[ ! -s err ]
	grep "\"stored\":0,\"duplicate\":345," out
	grep "\"file\":\"standard input\"" out
'
test_that 'the log may be trimmed, and all of it packed' '
	cp -R "$MEM_STORE" small
	mem-admin compact --store small >/dev/null
	sqlite3 small/tenants/default/memory.db \
	    "DELETE FROM change WHERE seq < (SELECT max(seq) FROM change)"
	mem-sync export small.tar --store small
	cmp a.tar small.tar
	mem-sync import small.tar --store other --json >out
	cat out
	mem-sync export other.tar --store other
	cmp a.tar other.tar
'
test_that 'a user goes out alone' '
	mem-sync export ann.tar --user ann --json >out
	grep "\"user\":\"ann\",\"sessions\":2,\"events\":20,\"variables\":0,\"files\":0,\"versions\":0,\"decisions\":0,\"artifacts\":0,\"tombstones\":0," out
	mem-sync import ann.tar --store ann
	[ "$(mem-log --store ann --user ann | wc -l)" -eq 20 ] ||
	    mem-log --store ann --user ann
	mem-log --store ann --json >out || :
	[ ! -s out ]
	exits 2 mem-sync export no.tar --user nobody 2>err
	grep "nothing of user .nobody." err
	[ ! -e no.tar ]
	[ ! -e no.tar.part ]
'
test_that 'sessions go out, by the begin of their ids, each once' '
	mem-sync export s.tar "odd " s1 s1 --json >out
	grep "\"user\":\"tester\",\"session_ids\":\[\"odd / %\",\"s1\"\],\"sessions\":2,\"events\":61,\"variables\":3,\"files\":0,\"versions\":0,\"decisions\":0,\"artifacts\":0,\"tombstones\":0," out
	mem-sync import s.tar --store s
	mem-log --session s1 --json >one
	mem-log --session s1 --json --store s >got
	cmp one got
	exits 2 mem-sync export no.tar s1 nothing 2>err
	grep "no session .nothing." err
	[ ! -e no.tar ]
'
test_that 'parts that come first, and the whole after them' '
	mem-sync import ann.tar --store three
	mem-sync import s.tar --store three
	mem-sync import a.tar --store three
	mem-sync export three.tar --store three
	cmp a.tar three.tar
'
test_that 'into another tenant, beside what is there' '
	mem-sync import a.tar --tenant acme --store two
	[ "$(mem-log --json --tenant acme --store two | wc -l)" -eq 241 ]
'
test_that 'what was forgotten here stays so' '
	mkevents 10 1 | mem-ingest --store f -q
	mem-sync export f.tar --store f
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s0\"}" |
	    mem-ingest --store f -q
	mem-sync import f.tar --store f --json >out
	grep "\"stored\":0,.*\"forgotten\":1[01]," out
	exits 1 mem-log --store f || [ -z "$(mem-log --store f)" ]
'
test_that 'what was forgotten there goes here' '
	mkevents 10 1 | mem-ingest --store g -q
	mem-sync export f2.tar --store f
	mem-sync import f2.tar --store g
	[ -z "$(mem-log --store g)" ]
'
test_that 'an event that is here with other content: told, and exit 3' '
	id=01HNAVQZC00000000000000000
	for t in one two; do
		echo "{\"event_id\":\"$id\",\"session_id\":\"s\",\"timestamp\":1706540400000,\"text\":\"$t\"}" |
		    mem-ingest --store c$t -q
	done
	mem-sync export cone.tar --store cone
	exits 3 mem-sync import cone.tar --store ctwo --json >out
	grep "^{\"type\":\"clash\",\"status\":\"rejected\",\"id\":\"$id\",\"reason\":\"conflict\"" out
	grep "\"conflicts\":1," out
	mem-log --store ctwo | grep two
'
test_that 'what was imported goes on by push under the stamps that it has' '
	mem-admin config set remote.main.url "file://$work/r2" --store two
	mem-admin config set remote.main.url "file://$work/r2" --store last
	mkdir r2
	mem-sync push --store two
	mem-sync pull --store last -q
	mem-sync export last.tar --store last
	cmp a.tar last.tar
'
test_that '--dry-run checks all of it, and changes nothing' '
	cp -R two before
	mem-sync import s.tar --store two --dry-run --json 2>err >out
	[ ! -s err ]
	grep "\"stored\":0,\"duplicate\":66,.*\"dry_run\":true" out
	mem-sync export one.tar --store "$MEM_STORE" s2
	mem-admin init --store empty >/dev/null
	mem-ingest --store empty -q </dev/null
	cksum empty/tenants/default/memory.db >sum
	mem-sync import a.tar --store empty --dry-run --json >out
	grep "\"stored\":345," out
	cksum empty/tenants/default/memory.db | cmp sum -
	[ -z "$(mem-log --store empty)" ]
	head -c 5000 a.tar >cut.tar
	exits 2 mem-sync import cut.tar --store empty --dry-run 2>err
	exits 2 mem-sync import a.tar --store absent --dry-run 2>err
	grep "no store" err
	[ ! -e absent ]
	exits 2 mem-sync import a.tar --store empty --tenant t --dry-run 2>err
	[ ! -e empty/tenants/t ]
'
test_that 'a file whose name is no UTF-8' '
	f=$(printf "x\\377.tar")
	mem-sync export "$f" --json >out
	mem-sync import "$f" --json --store two >>out
	[ "$(grep -c "\"file\":\"x\(\\\\ufffd\|$(printf "\\357\\277\\275")\).tar\"" out)" -eq 2 ] || { cat out; exit 1; }
'
test_that 'called wrongly' '
	exits 64 mem-sync export 2>err
	exits 64 mem-sync import 2>err
	exits 64 mem-sync import a.tar b.tar 2>err
	exits 2 mem-sync import nothing.tar 2>err
	grep "cannot open .nothing.tar." err
	mkdir dir
	exits 2 mem-sync export dir 2>err
	grep "is not a file" err
'
if can_have_terminal; then
	test_that 'not to a terminal' '
		script -qec "mem-sync export -" /dev/null >out || :
		grep "not for a terminal" out
	'
else
	skip 'not to a terminal' 'no pseudo-terminals here'
fi

# ---- damage, and bundles of somebody who means it ----

# audits: rows of the audit log, but for what leaves the store
audits() {
	sql "SELECT count(*) FROM audit WHERE action NOT IN
	    ('backup', 'export')"
}
# refused FILE: exit 2, one line that names it, and the store is as it was
refused() {
	exits 2 mem-sync import "$1" 2>err || return 1
	[ "$(wc -l <err)" -eq 1 ] || { cat err; return 1; }
	grep -q "mem-sync: .*$1" err || { cat err; return 1; }
	[ -z "$(ls "$MEM_STORE/tmp")" ] || return 1
	mem-sync export now.tar >/dev/null && cmp a.tar now.tar &&
	    [ "$(audits)" -eq "$before" ]
}

size=$(wc -c <a.tar)
before=$(audits)
test_that 'cut off anywhere: refused' '
	for n in 0 1 511 512 1000 1536 2048 3000 $((size / 2)) \
	    $((size - 3000)) $((size - 2048)) $((size - 1536)) \
	    $((size - 1024)) $((size - 512)) $((size - 1)); do
		head -c "$n" a.tar >cut.tar
		refused cut.tar || { echo "after $n of $size"; exit 1; }
	done
'
test_that 'altered anywhere: refused' '
	for n in 0 100 512 700 1030 1536 2048 2100 2560 3072 4096 \
	    $((size / 2)) $((size - 2600)) $((size - 2047)) $((size - 1530)) \
	    $((size - 700)) $((size - 1)); do
		{
			head -c "$n" a.tar
			tail -c +$((n + 1)) a.tar | head -c 1 | tr "\000-\377" "\001-\377\000"
			tail -c +$((n + 2)) a.tar
		} >altered.tar
		refused altered.tar || { echo "at $n of $size"; exit 1; }
	done
'
test_that 'other files are no export' '
	for f in "$db" "$tests/lib.sh" /bin/sh; do
		cp "$f" other.file
		refused other.file
	done
	mem-admin backup backup.tar >/dev/null
	refused backup.tar
	grep "not an export (mem-admin restore takes a backup)" err
	zstd -qf a.tar -o z.tar
	refused z.tar
	grep "zstd -dc" err
'
if [ -x "$mkbundle" ]; then
	p=records/000001.jsonl.zst
	f=plain/$p
	test_that 'names that an export does not have: refused' '
		for n in evil records/x records/000002.jsonl.zst \
		    records/000001.jsonl records/1.jsonl.zst file/s1/a; do
			"$mkbundle" export :records_format=1 $n=$f >evil.tar
			refused evil.tar || { echo "$n"; exit 1; }
			grep "holds .$n., which this memkit does not know" err
		done
		"$mkbundle" export :records_format=1 $p=$f files/a=$f >evil.tar
		refused evil.tar
	'
	test_that 'no form, or one of the future: refused' '
		"$mkbundle" export $p=$f >evil.tar
		refused evil.tar
		grep "does not say what form" err
		for v in 0 -1 \"1\" 1.5 null; do
			"$mkbundle" export ":records_format=$v" $p=$f >evil.tar
			refused evil.tar
		done
		"$mkbundle" export :records_format=2 $p=$f >evil.tar
		refused evil.tar
		grep "upgrade memkit" err
	'
	# evil: standard input as the lines of a whole bundle
	evil() {
		zstd -qcf --content-size --stream-size="$(wc -c <"$1")" <"$1" >evil.zst
		"$mkbundle" export :records_format=1 "$p=evil.zst" >evil.tar
	}
	test_that 'lines that are no records: refused before any is taken in' '
		good="{\"type\":\"event\",\"session_id\":\"new\",\"timestamp\":1,\"text\":\"x\"}"
		for bad in "{}" "nonsense" "{\"type\":\"segment\"}" \
		    "{\"type\":\"dream\"}" "{\"type\":\"start\"}" ""; do
			printf "%s\n%s\n" "$good" "$bad" >l
			evil l
			refused evil.tar || { echo "$bad"; exit 1; }
		done
		printf "%s" "$good" >l
		evil l
		refused evil.tar
	'
	test_that 'no frame of zstd, or another behind it: refused' '
		echo nonsense >x
		"$mkbundle" export :records_format=1 $p=x >evil.tar
		refused evil.tar
		cat $f $f >x
		"$mkbundle" export :records_format=1 $p=x >evil.tar
		refused evil.tar
		: >x
		"$mkbundle" export :records_format=1 $p=x >evil.tar
		refused evil.tar
	'
	test_that 'a part that unpacks to more than there can be: refused' '
		head -c 300000000 /dev/zero | zstd -q --stream-size=300000000 >bomb
		"$mkbundle" export :records_format=1 $p=bomb >evil.tar
		refused evil.tar
		cat err
	'
	test_that 'records that are wrong: told, the rest is taken, exit 3' '
		cat >l <<-\EOT
		{"type":"event","session_id":"new","timestamp":1,"text":"good"}
		{"type":"event","session_id":"","timestamp":1,"text":"x"}
		{"type":"event" broken
		{"type":"variable","session_id":"new","name":"a","value":"b","at":1,"node":-1}
		{"type":"variable","session_id":"new","name":"a","value":"b","at":1,"node":"x"}
		{"type":"version","at":1,"node":1.5,"record":{"kb":"k","record_id":"r","record_type":"t"}}
		{"type":"version","at":"soon","record":{"kb":"k","record_id":"r","record_type":"t"}}
		{"type":"tombstone","target":"world","id":"1"}
		EOT
		evil l
		exits 3 mem-sync import evil.tar --store evil --json >out
		cat out
		[ "$(grep -c "^{\"type\":\"clash\",\"status\":\"rejected\"" out)" -eq 7 ]
		grep "\"records\":8,\"stored\":1,.*\"rejected\":7," out
		mem-log --store evil | grep good
		mem-admin check --store evil
	'
else
	skip 'hostile bundles' 'no mkbundle'
fi
test_that 'killed at any time, and done again' '
	mkevents 3000 7 | mem-ingest --store big -q
	mem-sync export big.tar --store big
	for t in 0.005 0.01 0.02 0.04 0.06; do
		# not timeout: it may be gone before what it kills is
		mem-sync import big.tar --store torn >/dev/null 2>&1 &
		sleep $t
		kill -9 $! 2>/dev/null || :
		wait $! 2>/dev/null || :
	done
	mem-sync import big.tar --store torn
	[ "$(ls torn/tmp | wc -l)" -eq 0 ]
	mem-sync export torn.tar --store torn
	cmp big.tar torn.tar
	mem-admin check --store torn
'
if faults_work; then
	test_that 'a disk that fails under an export leaves no file' '
		cp a.tar kept.tar
		n=1
		while fault write:$n:ENOSPC mem-sync export kept.tar; do
			# not every write matters: who holds a lock is told others
			cmp a.tar kept.tar
			[ ! -e kept.tar.part ]
			n=$((n + 1))
		done
		[ "$status" -eq 0 ]
		[ $n -gt 3 ]
	'
else
	skip 'a disk that fails' 'faults do not reach the tools'
fi
test_done
