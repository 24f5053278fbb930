#!/bin/sh
# mem-admin audit isolation finds what it is there for: each hole that is
# planted, in rows, indexes, files and modes, and in the tools themselves; and
# nothing in a store that has none.
. "${0%/*}/lib.sh"
obj=$(dirname "${MEM_BIN:-$top/bin}")/obj
command -v sqlite3 >/dev/null || { echo "1..0 # SKIP no sqlite3"; exit 0; }

db=$MEM_STORE/tenants/acme/memory.db
sql() {
	sqlite3 -cmd '.timeout 10000' "$db" "$1"
}
ev() {
	printf '{"session_id":"%s","timestamp":%s,"text":"%s"}\n' "$@"
}
# found LEVEL KIND HOW [DETAIL]: there is such a hole, and not a word of a text
found() {
	grep "\"level\":\"$1\",\"kind\":\"$2\",\"how\":\"$3\".*${4:-}" out >one ||
	    { cat out; return 1; }
	if grep -i "lantern\|harbour\|budget\|copper\|saddle" out; then
		return 1
	fi
}
# holes: it finds some
holes() {
	exits 1 mem-admin --json audit isolation --sample 0 "$@" >out
}
clean() {
	mem-admin --json audit isolation --sample 0 "$@" >out || { cat out; return 1; }
	grep "\"holes\":0,\"warnings\":0" out
}
# planted: a store to be harmed, as it was made
planted() {
	rm -rf "$MEM_STORE"
	cp -Rp whole "$MEM_STORE"
}

test_that 'a store with tenants, users, sessions and grafts has no hole' '
	for u in ann bob; do
		for s in s1 s2 only-$u; do
			ev $s 1790000000000 "lantern of $u in $s"
			ev $s 1790000060000 "harbour budget of $u in $s"
		done | mem-ingest -q --tenant acme --user $u
		mem-toc build -q --tenant acme --user $u
		mem-session set --tenant acme --user $u s1 k "copper of $u"
		mem-ltm add -q --tenant acme --user $u "saddle of $u" >id
		MEM_SESSION=s1 mem-ltm add -q --tenant acme --user $u \
		    --scope session "saddle of $u in s1" >id
		mem-artifact put --tenant acme --user $u --session s1 \
		    --name "copper-$u" --uri https://example.org/$u >id
		echo x >f
		mem-session put --tenant acme --user $u s1 inputs f
	done
	ev s1 1790000000000 "lantern of ann elsewhere" |
	    mem-ingest -q --tenant initech --user ann
	mem-index -q --nice 0 --tenant acme
	mem-session graft --tenant acme --user ann s1 --to user:bob
	mem-session graft --tenant acme --user bob s2 --to tenant
	clean
	grep "\"tenants\":2" out
	# asked often, and for each kind
	[ "$(jl tried <out)" -gt 500 ]
	[ "$(jl searches <out)" -gt 20 ]
	cp -Rp "$MEM_STORE" whole
'
test_that 'the log of each tenant tells of it' '
	mem-admin --tenant acme --json audit --action "audit isolation" |
	    grep "tried [0-9]*, holes 0"
	mem-admin --tenant initech audit --action "audit isolation"
	mem-admin --tenant acme audit verify
'
test_that 'what it tries is no denial in the log' '
	exits 1 mem-admin --tenant acme audit --outcome denied
	exits 1 mem-admin --tenant acme audit --action read
'
test_that 'an event in the session of another user' '
	planted
	sql "UPDATE event SET session = (SELECT seq FROM session WHERE
	    name = '\''only-bob'\'') WHERE seq = 1"
	holes
	found hole row row "an event is in a session"
'
test_that 'a fact of a session that only another has' '
	planted
	sql "UPDATE fact SET session = '\''only-bob'\'' WHERE scope = 0 AND
	    user = (SELECT id FROM user WHERE name = '\''ann'\'')"
	holes
	found hole row row "a fact is of a session"
'
test_that 'an artifact, a segment, a grip of somebody else'\''s' '
	planted
	sql "UPDATE artifact SET session = (SELECT seq FROM session WHERE
	    name = '\''only-bob'\'') WHERE user = 1;
	    UPDATE toc_node SET session = (SELECT seq FROM session WHERE
	    name = '\''only-bob'\'') WHERE user = 1 AND level = 0;
	    UPDATE toc_grip SET node = (SELECT id FROM toc_node WHERE
	    user = 2 AND level = 0) WHERE user = 1"
	holes
	found hole row row "an artifact is of a session"
	found hole row row "a segment is of a session"
	found hole row row "a grip is of a segment"
'
test_that 'the index of one user in the place of another'\''s' '
	planted
	cd "$MEM_STORE/tenants/acme/index/user"
	cp ann/*.seg ann/manifest bob/
	cd "$work"
	holes
	found hole index index "tenants/acme/index/user/bob/.*another user"
'
test_that 'facts of a user in the index of the tenant'\''s' '
	planted
	cd "$MEM_STORE/tenants/acme/index"
	mkdir -p fact
	cp own-fact/ann/*.seg own-fact/ann/manifest fact/
	cd "$work"
	holes
	found hole index index "tenants/acme/index/fact/"
'
test_that 'a graft that no log tells of is a warning' '
	planted
	sql "INSERT INTO graft (id, session, to_kind, to_name, kinds, since,
	    until, created, by) SELECT randomblob(16), seq, 2, '\'''\'', 63,
	    -62135596800000, 253402300800000, 1, '\''ann'\'' FROM session
	    WHERE name = '\''only-ann'\''"
	mem-admin --json audit isolation --sample 0 >out
	found warning graft row "no row of the audit log"
	grep "\"holes\":0,\"warnings\":1" out
'
test_that 'modes that let others read, or write' '
	planted
	chmod 644 "$db"
	chmod 770 "$MEM_STORE/tenants"
	holes
	found hole mode disk "others may read it"
	grep "\"id\":\"tenants/acme/memory.db\"" one
	found hole mode disk "others may write to it"
	planted
	chmod 755 "$MEM_STORE"
	holes
	found hole mode disk
	grep "\"id\":\"[.]\"" one
'
test_that 'links, symbolic and hard' '
	planted
	mkdir elsewhere
	ln -s "$work/elsewhere" "$MEM_STORE/tenants/acme/index/user/mallory"
	ln "$MEM_STORE/tenants/initech/memory.db" second
	holes
	found hole link disk
	grep "index/user/mallory" out
	grep "tenants/initech/memory.db.*another name" out
'
test_that 'a tenant that is another one under a second name' '
	planted
	rm -rf "$MEM_STORE/tenants/initech"
	cp -Rp "$MEM_STORE/tenants/acme" "$MEM_STORE/tenants/initech"
	holes
	found hole tenant row "the database is another tenant"
'
test_that 'what a session keeps among its files has the modes it wants' '
	planted
	chmod 755 "$MEM_STORE/tenants/acme/files/ann/s1/inputs/f"
	clean
'
# leak NAME: mem-admin whose module NAME does not ask
leak() {
	status=0
	"$obj/helper/leak-$1" --json audit isolation --sample 0 >out || status=$?
	[ $status -eq 1 ]
}
if [ -x "$obj/helper/leak-event_read" ]; then
	test_that 'a reader of events that does not ask' '
		planted
		leak event_read
		found hole event id
	'
	test_that 'a search that does not ask' '
		planted
		rm -rf "$MEM_STORE/tenants/acme/index"
		leak seen
		found hole contents search
	'
	test_that 'contents that do not ask' '
		leak toc_see
		found hole contents id
		found hole grip id
	'
	test_that 'artifacts that do not ask' '
		leak artifact_row
		found hole artifact id
	'
else
	skip 'readers that do not ask' 'they are not built: make tests'
fi

test_that 'with credentials, a store has no more holes' '
	planted
	mem-admin --tenant acme credential add ann --rights read,write,audit \
	    --out ann.cred >out
	export MEM_CREDENTIAL_FILE=$MEM_STORE/admin.cred
	mem-admin --tenant acme credential add boss --rights admin \
	    --out boss.cred >out
	clean
'
test_that 'not without the right, nor bound to a session' '
	export MEM_CREDENTIAL_FILE=$work/ann.cred
	exits 2 mem-admin audit isolation >out 2>err
	grep "has not the right" err
	export MEM_CREDENTIAL_FILE=$MEM_STORE/admin.cred MEM_SESSION=s1
	exits 2 mem-admin audit isolation >out 2>err
	grep "bound to a session" err
	unset MEM_CREDENTIAL_FILE
	exits 2 mem-admin audit isolation >out 2>err
	grep "needs a credential" err
'
test_that 'the administrator of a tenant: that alone' '
	export MEM_CREDENTIAL_FILE=$work/boss.cred
	clean
	grep "\"tenants\":1" out
	exits 1 grep initech out
'
test_that 'the administrator of the store: all, or the one that he names' '
	export MEM_CREDENTIAL_FILE=$MEM_STORE/admin.cred
	clean
	grep "\"tenants\":2" out
	clean --tenant initech
	grep "\"tenants\":1" out
'
test_that 'two credentials of one secret' '
	sqlite3 "$MEM_STORE/access.db" "INSERT INTO credential (name, tenant,
	    user, rights, hash, created, by) SELECT '\''twin'\'', '\''acme'\'',
	    '\''bob'\'', 1, hash, created, by FROM credential
	    WHERE name = '\''ann'\''"
	export MEM_CREDENTIAL_FILE=$MEM_STORE/admin.cred
	holes
	found hole credential row "the same secret"
	grep "\"id\":\"twin\"" out
'
test_that 'a sample is said to be one' '
	planted
	mem-admin --json audit isolation --sample 1 >out 2>err
	grep "\"sampled\":true" out
	grep "not all was tried" err
	exits 64 mem-admin audit isolation --sample -1 2>err
'
test_done
