#!/bin/sh
# A sealed tenant: no word of it is in any file of the store, in whatever tool
# wrote it; all of it reads as in one that is not sealed; rows that were
# altered or moved are refused; a session whose key went is gone.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-ltm.sh"

db=$MEM_STORE/tenants/default/memory.db

# planted DIR: files that hold a word that we planted
planted() {
	LC_ALL=C grep -rlaE 'xylograph|quokka|MARZIPAN|zeugma|ocelot|palimpsest' "$1"
}

# none_planted [DIR]: and what is in no file in clear may be in a frame
none_planted() {
	if planted "${1:-$MEM_STORE/tenants}" >found; then
		cat found
		return 1
	fi
}

cat >events <<-'END'
	{"session_id":"s1","timestamp":"2026-11-18T10:00:00Z","event_type":"user_message","text":"I prefer the quokka over tabs; my favourite editor is xylograph","metadata":{"note":"MARZIPAN"},"agent":"claude"}
	{"session_id":"s1","timestamp":"2026-11-18T10:01:00Z","event_type":"assistant_message","text":"Noted: the quokka. The parser in src/parse.c fails because xylograph is not set."}
	{"session_id":"s2","timestamp":"2026-11-19T10:00:00Z","event_type":"user_message","text":"We decided that zeugma is the name of the module from now on."}
	{"session_id":"s2","timestamp":"2026-11-19T10:02:00Z","event_type":"assistant_message","text":"The decision about zeugma stands, quokka or not."}
END
{
	bugs 6 1 critical palimpsest src/ocelot.c,src/b.c leak,ocelot \
	    'the zeugma was not checked before the ocelot'
	bugs 6 7 minor parser src/parse.c quokka 'an xylograph overflowed'
	echo '{"type":"variable","session_id":"s1","name":"plan","value":"feed the quokka"}'
} >records

# write_all: what every tool writes
write_all() {
	mem-ingest events >/dev/null
	mem-ingest records >/dev/null
	mem-session set s1 diary 'seen an ocelot' >/dev/null
	mem-toc build >/dev/null
	mem-toc pin "$(mem-toc --json | jl node_id | head -n 1)" >/dev/null
	mem-ltm add 'the ocelot is fed at noon' >/dev/null
	mem-ltm run >/dev/null
	mem-ltm live >/dev/null
	mem-artifact put --uri 'https://example.org/ocelot' --session s1 \
	    --name quokka.txt --meta about=zeugma >/dev/null
	mem-index >/dev/null
}

# read_all: what they show
read_all() {
	mem-log --json
	mem-session list --json
	mem-session show s1 --json
	mem-session get s1
	mem-toc export --json
	mem-ltm list --json
	mem-artifact list --json | sed 's/"artifact_id":"[^"]*",//
	    s/"updated":[0-9]*//'
	for w in quokka zeugma ocelot palimpsest; do
		mem-search "$w" --json
	done
}

export MEM_STORE
test_that 'init --sealed makes a sealed tenant, and a key for it; twice is once' '
	mem-admin init --sealed >out
	cat out
	grep "\"sealed\":true" out
	mem-admin key list >keys
	[ "$(wc -l <keys)" -eq 1 ]
	mem-admin init --sealed >out
	grep "\"made\":false.*\"sealed\":true" out
	mem-admin key list | cmp keys -
	mem-admin init | grep "\"sealed\":true"
'
test_that 'a tenant that has rows cannot become one' '
	mem-ingest --tenant plain events >/dev/null
	exits 2 mem-admin init --sealed --tenant plain >out 2>err
	cat err
	grep "not sealed; export it" err
	[ ! -s out ]
	mem-admin init --tenant plain >out
	exits 1 grep sealed out
	rm -rf "$MEM_STORE/tenants/plain"
'
test_that 'what all tools wrote is in no file' '
	write_all
	none_planted
	sql "SELECT count(*) FROM event WHERE key = 0 UNION ALL
	    SELECT count(*) FROM record WHERE key = 0 UNION ALL
	    SELECT count(*) FROM variable WHERE key = 0 UNION ALL
	    SELECT count(*) FROM fact WHERE key = 0 UNION ALL
	    SELECT count(*) FROM decision WHERE key = 0 UNION ALL
	    SELECT count(*) FROM toc_version WHERE key = 0 AND gone = 0 UNION ALL
	    SELECT count(*) FROM artifact WHERE key = 0" >out
	cat out
	[ "$(sort -u out)" = 0 ]
	[ "$(sql "SELECT count(*) FROM fact")" -gt 0 ]
	[ "$(sql "SELECT count(*) FROM ltm_group")" -gt 0 ]
	[ "$(sql "SELECT count(*) FROM toc_version")" -gt 3 ]
	mem-admin check
'
test_that 'and reads as in one that is not sealed' '
	read_all >sealed
	MEM_STORE=$work/clear
	write_all
	read_all >in-clear
	planted "$work/clear/tenants"
	diff in-clear sealed
	[ "$(grep -c quokka sealed)" -gt 5 ]
'
test_that 'compact leaves it sealed, trains nothing and packs nothing' '
	mem-admin compact --all >out
	cat out
	[ "$(sql "SELECT count(*) FROM pack")" = 0 ]
	[ "$(sql "SELECT count(*) FROM dict")" = 1 ]
	none_planted
	read_all | diff sealed -
	mem-admin check
'
test_that 'check --repair, too' '
	mem-admin check --repair
	none_planted
'

# change SQL: done to the database by another hand
cp -R "$MEM_STORE" good
change() {
	rm -rf "$MEM_STORE"
	cp -R good "$MEM_STORE"
	sqlite3 "$db" "$1" >/dev/null
}
# refused WORD COMMAND...: exit 2, nothing shown, and what is said names it
refused() {
	word=$1
	shift
	exits 2 "$@" >out 2>err
	cat err
	[ ! -s out ]
	grep -e "$word" err
	exits 1 grep -E 'quokka|zeugma|ocelot' err
	exits 1 mem-admin check >out 2>err || exits 2 mem-admin check >out 2>err
}

test_that 'bodies of two events that were swapped are refused, by name' '
	change "UPDATE event SET body = (SELECT body FROM event w WHERE
	    w.session = event.session AND w.seq <> event.seq) WHERE session = 1"
	refused "event $(head -n 1 sealed | jl event_id) cannot be read" mem-log
	grep "event.*does not open" out
'
test_that 'of two sessions, too, and with their keys' '
	change "UPDATE event SET (body, key) = (SELECT body, key FROM event
	    w WHERE w.session = 2 LIMIT 1) WHERE session = 1"
	refused "does not open" mem-log
	change "UPDATE event SET session = 2 WHERE session = 1"
	refused "does not open" mem-log
'
test_that 'so are one that says another role, time, agent, or id' '
	for c in "role = 1" "type = 3" "ts = ts + 1" "agent = NULL" \
	    "id = randomblob(16)"; do
		change "UPDATE event SET $c WHERE seq = 1"
		refused "event" mem-log
	done
'
test_that 'one bit of a body, a body that is cut, a body of nothing' '
	# another byte than the one that is there
	other="char(65 + (substr(body, 31, 1) = CAST(char(65) AS BLOB)))"
	for c in "CAST(substr(body, 1, 30) || $other || substr(body, 32) AS BLOB)" \
	    "substr(body, 1, length(body) - 1)" "substr(body, 1, 39)" \
	    "zeroblob(0)"; do
		change "UPDATE event SET body = $c WHERE seq = 1"
		refused "event" mem-log
	done
'
test_that 'one in clear, put there' '
	change "UPDATE event SET key = 0 WHERE seq = 1"
	refused "in clear" mem-log
	grep "in clear, in a tenant that is sealed" out
'
test_that 'records: another version, another id' '
	change "UPDATE record SET body = (SELECT body FROM record WHERE seq = 2)
	    WHERE seq = 1"
	refused "record.*does not open" mem-ltm run --rebuild
	grep "\"where\":\"record row 1\"" out
	change "UPDATE record SET version = 2 WHERE seq = 1"
	refused "does not open" mem-ltm run --rebuild
'
test_that 'values, facts, decisions, contents, artifacts' '
	change "UPDATE variable SET value = (SELECT value FROM variable o
	    WHERE o.key = variable.key AND o.seq > 1 LIMIT 1) WHERE seq = 1"
	refused "variable" mem-session get s1
	grep "variable row 1" out
	change "UPDATE variable SET name = \"x\" || name WHERE seq = 1"
	refused "variable" mem-session get s1
	change "UPDATE fact SET body = (SELECT body FROM fact o
	    WHERE o.key = fact.key AND o.seq > 1 LIMIT 1) WHERE seq = 1"
	refused "fact" mem-ltm list
	grep "fact row 1" out
	change "UPDATE fact SET body = body || \"A\" WHERE seq = 1"
	refused "sealed" mem-ltm list
	change "UPDATE decision SET value = (SELECT value FROM decision o
	    WHERE o.key = decision.key AND o.seq > 1 LIMIT 1) WHERE seq = 1"
	exits 1 mem-admin check >out
	grep "decision row 1" out
	change "UPDATE toc_version SET body = (SELECT body FROM toc_version o
	    WHERE o.key = toc_version.key AND o.seq <> toc_version.seq LIMIT 1)
	    WHERE seq = (SELECT max(seq) FROM toc_version)"
	refused "toc_version" mem-toc export
	grep "toc_version row [0-9]" out
	change "UPDATE artifact SET body = \"{}\" || body"
	exits 2 mem-artifact list 2>err
	exits 1 mem-admin check >out
	grep "artifact row 1" out
'
test_that 'with the rows of another tenant, sealed with the same ring' '
	change "SELECT 1"
	mem-admin init --sealed --tenant other >out
	mem-ingest --tenant other events >out
	o=$MEM_STORE/tenants/other/memory.db
	sqlite3 "$db" "ATTACH \"$o\" AS o; UPDATE event SET body =
	    (SELECT body FROM o.event w WHERE w.id = event.id) WHERE seq = 1" >out
	refused "does not open" mem-log
	change "SELECT 1"
	mem-admin init --sealed --tenant other >out
	mem-ingest --tenant other events >out
	sqlite3 "$db" "ATTACH \"$o\" AS o; UPDATE seal_key SET (ring, wrapped) =
	    (SELECT ring, wrapped FROM o.seal_key w WHERE w.id = seal_key.id)
	    WHERE id = 2" >out
	refused "another than that" mem-log
'

# hex_in: is this anywhere in the tenant's files?
hex_in() {
	for f in "$MEM_STORE"/tenants/default/memory.db*; do
		od -An -v -tx1 "$f" | tr -d ' \n' | grep -qF "$1" && return
	done
	return 1
}
wrapped() {
	sql "SELECT lower(hex(substr(wrapped, 25))) FROM seal_key WHERE $1"
}

test_that 'a ring that lacks the key: refused, with the remedy, and nothing is written' '
	change "SELECT 1"
	mv "$MEM_STORE/keys/ring" ring.away
	for c in mem-log "mem-session get s1" "mem-ltm list" "mem-toc export" \
	    "mem-artifact list"; do
		exits 2 $c >out 2>err
		cat err
		[ ! -s out ]
		grep "sealed.*mem-admin key import" err
	done
	sql "SELECT count(*) FROM event" >before
	echo "{\"session_id\":\"s9\",\"timestamp\":9,\"text\":\"no quokka\"}" >one
	exits 2 mem-ingest one >out 2>err
	cat err
	grep "sealed" err
	sql "SELECT count(*) FROM event" | cmp before -
	exits 2 mem-admin check >out 2>err
	grep "key import" err
	mv ring.away "$MEM_STORE/keys/ring"
	chmod 600 "$MEM_STORE/keys/ring"
	read_all | diff sealed -
'
test_that 'a ring with another key of that name' '
	change "SELECT 1"
	id=$(mem-admin key list | jl key_id)
	rm -rf "$MEM_STORE/keys"
	mem-admin key new "$id" >out
	for c in mem-log "mem-ltm list"; do
		exits 2 $c >out 2>err
		cat err
		[ ! -s out ]
		grep "another than that which it was sealed with" err
	done
'
test_that 'key rewrap: all with the active key, once, and the old one is not needed' '
	change "SELECT 1"
	old=$(mem-admin key list | jl key_id)
	key=$(wrapped "session = 1")
	hex_in "$key"
	mem-admin key new fresh >out
	mem-admin key rewrap >out
	cat out
	[ "$(jl wrapped <out)" -ge 4 ]
	[ "$(sql "SELECT DISTINCT ring FROM seal_key")" = fresh ]
	exits 1 hex_in "$key"
	mem-admin key rewrap | grep "\"wrapped\":0"
	grep -v "$old" "$MEM_STORE/keys/ring" >ring
	cat ring >"$MEM_STORE/keys/ring"
	read_all | diff sealed -
	mem-admin check
	mem-admin audit --action key_rewrap | grep "keys"
	exits 2 mem-admin key rewrap --tenant none 2>err
'
test_that 'a session that is forgotten: its key goes, and nothing of it is read' '
	change "SELECT 1"
	key=$(wrapped "session = 1")
	hex_in "$key"
	n=$(sql "SELECT count(*) FROM seal_key WHERE session > 0")
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s1\"}" |
	    mem-ingest >out
	cat out
	[ "$(sql "SELECT count(*) FROM seal_key WHERE session > 0")" -eq $((n - 1)) ]
	exits 1 hex_in "$key"
	mem-log --json >out
	[ "$(wc -l <out)" -eq 2 ]
	mem-toc export >/dev/null
	mem-admin check
	mem-toc build >/dev/null
	mem-admin check
'
test_that 'a key that went alone: its rows read as absent, and check tells' '
	change "DELETE FROM seal_key WHERE session = 1"
	mem-log --json >out
	[ "$(wc -l <out)" -eq 2 ]
	exits 1 mem-log --json --session s1 >out || [ ! -s out ]
	mem-session show s1 --json >out
	exits 1 grep -E "quokka|ocelot" out
	exits 1 mem-admin check >out
	grep "the key that it is sealed with, 2, is gone" out
'
test_that 'a backup has the rows as they are, and opens where the ring is' '
	change "SELECT 1"
	mem-admin backup it.tar >out
	mkdir -p unpacked
	tar -xf it.tar -C unpacked
	none_planted unpacked
	exits 1 grep -ra "^key " unpacked
	mem-admin restore it.tar --store moved >out
	exits 2 mem-log --store moved >out 2>err
	cat err
	grep "sealed.*key import" err
	mem-admin key export --plain keys.out >out
	mem-admin key import keys.out --store moved >out
	MEM_STORE=$work/moved
	read_all | diff sealed -
	mem-admin check
'
test_done
