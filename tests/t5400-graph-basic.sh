#!/bin/sh
# Entities and relations out of what was said: what is one, what is told, how
# a graph is brought up to date, and what of it goes when something is
# forgotten.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema

cat >said.jsonl <<'E'
{"session_id":"s1","timestamp":1790000000000,"text":"The auth service depends on Redis and Postgres. TokenStore uses max_retries from src/auth/jwt.c:12, fixed in v1.4.2."}
{"session_id":"s1","timestamp":1790000100000,"text":"We saw FN-118 again: auth.TokenStore calls refreshToken() before jwt.c is loaded. auth-service is owned by Bob Miller."}
{"session_id":"s2","timestamp":1790000200000,"text":"The payment-api does not use Redis. It talks to auth-service, see https://wiki.example.com/auth?x=1.","agent":"claude-code"}
{"session_id":"s2","timestamp":1790000300000,"text":"Redis is a key-value store. billing-worker depends on redis, payment-api and Kafka.","metadata":{"speaker":"Caroline"}}
E
cat >bugs <<'E'
{"type":"record","kb":"bugs","record_id":"FN-118","record_type":"bug_record","title":"Users are logged out","author":"support","tags":["race_condition"],"timestamp":1790000000000,"status":"resolved","fields":{"severity":"critical","module":"auth","affected_files":["src/auth/jwt.c"]}}
{"type":"record","kb":"memory","record_id":"entity/Lena","record_type":"entity","title":"Lena","fields":{"entityType":"person","observations":["plays \"the\" cello"]}}
{"type":"record","kb":"memory","record_id":"relation/Lena/likes/Kafka","record_type":"relation","title":"Lena likes Kafka","fields":{"from":"Lena","to":"Kafka","relationType":"likes"}}
E

# relations FILE: "source kind target"
relations() {
	sed -n 's/.*"type":"relation".*"kind":"\([^"]*\)","source_name":"\([^"]*\)","target_name":"\([^"]*\)".*/\2 \1 \3/p' "$@" | sort
}
has() {
	relations "$1" | grep -qxF "$2" || { echo "no: $2"; relations "$1"; return 1; }
}
hasnt() {
	! relations "$1" | grep -F "$2"
}

test_that 'nothing is asked of a store that is not there' '
	exits 2 mem-graph show x 2>err
	[ ! -e "$MEM_STORE" ]
'
mem-ingest -q said.jsonl bugs >/dev/null
test_that 'build says what it did, and again has nothing to do' '
	mem-graph build >out; cat out
	grep "\"source\":\"event\",\"added\":4,\"anew\":true,\"texts\":4" out
	grep "\"source\":\"kb\",\"added\":3" out
	mem-graph build >again; cat again
	[ "$(grep -c "\"added\":0,\"anew\":false" again)" -eq 2 ]
'
test_that 'sentences say relations; a "not" says none' '
	mem-graph export >all
	has all "auth-service depends_on Redis"
	has all "auth-service depends_on Postgres"
	has all "TokenStore uses max_retries"
	has all "TokenStore calls refreshToken"
	has all "auth-service owned_by Bob Miller"
	has all "Redis is_a key-value store"
	has all "billing-worker depends_on Redis"
	has all "billing-worker depends_on payment-api"
	has all "billing-worker depends_on Kafka"
	has all "Caroline mentions Kafka"
	hasnt all "payment-api uses"
'
test_that 'rows of knowledge bases have relations of their own' '
	has all "FN-118 part_of auth"
	has all "FN-118 affects jwt.c"
	has all "FN-118 tagged race_condition"
	has all "FN-118 written_by support"
	has all "jwt.c part_of auth"
	has all "Lena likes Kafka"
	mem-graph show FN-118 | grep "bugs/FN-118" | grep "\"kind\":\"record\""
	mem-graph show Lena | grep "\"kind\":\"person\""
'
test_that 'all of it is as memkit-json(5) has it' '
	{ cat out all; mem-graph show auth-service; mem-graph communities
	  mem-graph path FN-118 max_retries; } >every
	"$helper" "$top/share/schema" every
'
test_that 'one thing has one name: case, plural, calls, lines, services' '
	for n in redis REDIS Redis; do mem-graph show "$n" | head -1; done |
	    sort -u >out
	[ "$(wc -l <out)" -eq 1 ]
	mem-graph show "auth service" | head -1 | grep "\"name\":\"auth-service\""
	mem-graph show refreshToken >a
	mem-graph show refresh_token >b
	cmp a b
'
test_that 'a bare name is the qualified one, as long as there is one' '
	mem-graph show TokenStore >a
	mem-graph show auth::TokenStore >b
	cmp a b
	head -1 a | grep "\"count\":2"
	mem-graph show jwt.c | head -1 | grep "src/auth/jwt.c"
	echo "{\"session_id\":\"s9\",\"timestamp\":1790000400000,\"text\":\"and web.TokenStore is another\"}" |
	    mem-ingest -q
	mem-graph show TokenStore | head -1 | grep "\"count\":1,"
	mem-graph show web.TokenStore | head -1 | grep "\"count\":1,"
'
test_that 'evidence is the first, the last and a few between; the count exact' '
	awk "BEGIN { for (i = 0; i < 500; i++) printf \"{\\\"session_id\\\":\\\"m\\\",\\\"timestamp\\\":%d000,\\\"text\\\":\\\"ask Quentin number %d of Zebulon\\\"}\\n\", 1791000000 + i, i }" |
	    mem-ingest -q
	mem-graph show quentin | head -1 >one; cat one
	grep "\"count\":500,\"first\":1791000000000,\"last\":1791000499000" one
	grep "\"evidence\":\[\"$(mem-log --json --session m -n 1 | jl event_id)\"" one
	grep "\"$(mem-log --json --reverse -n 1 | jl event_id)\"\]" one
	[ "$(tr , "\n" <one | grep -c 01M)" -le 6 ]
'
test_that 'added to or made at once: the same answers' '
	mem-graph export >grown
	mem-graph communities >grown.c
	mem-graph build -q --rebuild
	mem-graph export >once
	mem-graph communities >once.c
	cmp grown once
	cmp grown.c once.c
	[ "$(wc -l <grown)" -gt 40 ]
'
test_that 'in any order, and in many steps: the same' '
	fresh_store
	tac said.jsonl | while read -r line; do
		echo "$line" | mem-ingest -q
		mem-graph build -q
	done
	mem-ingest -q bugs
	mem-graph export >steps
	mem-graph build -q --rebuild
	mem-graph export >once
	cmp steps once
'
test_that 'what is forgotten is not told, and its words leave the file' '
	echo "{\"session_id\":\"z\",\"timestamp\":1790000900000,\"text\":\"Quillfeather depends on Redis\"}" |
	    mem-ingest -q
	mem-graph show Quillfeather
	grep -q uillfeather "$MEM_STORE"/tenants/default/index/graph/tester/graph.db
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"z\"}" | mem-ingest -q
	exits 1 mem-graph show Quillfeather
	! grep -rq uillfeather "$MEM_STORE"/tenants/default/index/ || exit 1
	mem-graph show Redis >now
	mem-graph build -q --rebuild
	mem-graph show Redis | cmp - now
'
test_that 'mem-admin forget leaves nothing of it, before anybody asks' '
	echo "{\"session_id\":\"z2\",\"timestamp\":1790000900000,\"text\":\"Quillfeather depends on Redis\"}" |
	    mem-ingest -q
	mem-graph build -q
	mem-admin forget --session z2
	! grep -rq uillfeather "$MEM_STORE"/tenants/default/index/ || exit 1
	exits 1 mem-graph show Quillfeather
'
test_that 'a row with a newer version is told as it is now' '
	sed "1s/\"module\":\"auth\"/\"module\":\"login\"/;1q" bugs | mem-ingest -q
	mem-graph export >all
	has all "FN-118 part_of login"
	hasnt all "FN-118 part_of auth"
'
test_that 'as of a time: what was said before it' '
	mem-graph --as-of 1790000150000 show auth-service >then; cat then
	sed -n 1p then | grep "\"count\":2,"
	has then "auth service depends_on Redis"
	exits 1 mem-graph --as-of 1790000000000 show auth-service
'
test_that 'merge and split are kept through a rebuild, and undone' '
	mem-graph merge Postgres "PG cluster"
	mem-graph show "PG cluster" | head -1 | grep "\"name\":\"Postgres\""
	mem-graph build -q --rebuild
	mem-graph show "PG cluster" | head -1 | grep "\"name\":\"Postgres\""
	mem-graph merge Kafka Redis
	mem-graph show kafka >a
	mem-graph show redis >b
	cmp a b
	mem-graph split Kafka
	mem-graph show kafka | head -1 | grep "\"name\":\"Kafka\""
	mem-graph show jwt.c | head -1 | grep "src/auth"
	mem-graph split jwt.c
	! mem-graph show jwt.c | head -1 | grep "src/auth" || exit 1
	store_whole
'
test_that 'what was decided travels' '
	mem-sync export -q t.tar
	mem-admin init --store other
	mem-sync import --store other t.tar
	mem-graph show kafka >a
	mem-graph show --store other kafka >b
	cmp a b
	! mem-graph show --store other jwt.c | head -1 | grep "src/auth" || exit 1
'
test_that 'path and neighbours' '
	mem-graph path auth-service Kafka >way; cat way
	grep "\"distance\":1" way
	mem-graph neighbours --depth 2 --kind depends_on auth-service >out
	has out "billing-worker depends_on Redis"
	grep "\"distance\":2" out
	exits 1 mem-graph path auth-service nothing-there
	exits 64 mem-graph path one
	exits 64 mem-graph neighbours --depth 9 Redis
'
test_that 'a file that is damaged, or gone, is made anew' '
	mem-graph export >was
	f=$MEM_STORE/tenants/default/index/graph/tester/graph.db
	rm "$f"
	mem-graph export | cmp - was
	echo rubbish >"$f"
	mem-graph export | cmp - was
	rm -r "$MEM_STORE/tenants/default/index"
	mem-graph export | cmp - was
	store_whole
'
test_that 'text for people' '
	mem-graph show --text auth-service >out; cat out
	grep "^auth-service  service  3 texts, 2026-09-21 to " out
	grep "^  auth-service -depends_on-> Redis  0.50" out
'
test_done
