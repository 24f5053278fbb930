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
test_that 'one that is damaged anywhere fails once at most' '
	f=$MEM_STORE/tenants/default/index/graph/tester/graph.db
	mem-graph build -q --rebuild
	mem-graph export >was
	cp "$f" good.db
	failed=0
	for page in $(seq 1 $(($(wc -c <good.db) / 4096 - 1))); do
		cp good.db "$f"
		dd if=/dev/zero of="$f" bs=4096 seek="$page" count=1 \
		    conv=notrunc 2>dd.err
		mem-graph export >got 2>err || failed=$((failed + 1))
		mem-graph export | cmp - was || { echo "page $page"; exit 1; }
	done
	echo "$failed failed"
	[ "$failed" -gt 0 ]
'
said() {
	echo "{\"session_id\":\"$1\",\"timestamp\":$2,\"text\":\"$3\"}"
}
test_that 'merged to and fro is one; a split of either ends it' '
	fresh_store
	for i in 1 2 3; do
		said "s$i" 179000000000$i "We asked Redis and Kafka"
		said "s$i" 179000000001$i "We asked Valkey and Kafka"
	done | mem-ingest -q
	mem-graph merge Valkey Redis
	mem-graph merge Redis Valkey
	mem-graph show Redis | head -1 >a
	mem-graph show Valkey | head -1 | cmp - a
	grep "\"count\":6," a
	mem-graph split Valkey
	mem-graph show Redis | head -1 | grep "\"count\":3,"
	mem-graph merge Valkey Redis
	mem-graph show Redis | head -1 | grep "\"count\":6,"
	mem-graph split Redis
	mem-graph show Redis | head -1 | grep "\"count\":3,"
	mem-graph show Valkey | head -1 | grep "\"count\":3,"
'
test_that 'ends of one name that are merged into two others' '
	fresh_store
	for i in 1 2 3 4; do
		said "s$i" 179000000000$i "auth.TokenStore uses Klass$i::make_$i and Redis. TokenStore calls src/part_$i.c of Kafka. TokenStore uses Etcd"
	done | mem-ingest -q
	mem-graph merge auth.TokenStore Redis
	mem-graph merge TokenStore Kafka
	mem-graph communities >out
	for n in auth.TokenStore Redis TokenStore Kafka; do
		mem-graph show "$n" | head -1 >"is.$n"; cat "is.$n"
	done
	cmp is.auth.TokenStore is.Redis
	cmp is.TokenStore is.Kafka
	! cmp is.Redis is.Kafka || exit 1
	mem-graph export | sed -n "s/.*\"type\":\"entity\",\"entity_id\":\"\([^\"]*\).*/\1/p" >ids
	[ "$(sort ids | uniq -d)" = "" ]
'
test_that 'an end of a name that is merged: the same from all sides' '
	fresh_store
	for i in 1 2 3 4; do
		said "s$i" 179000000000$i "Kafka is here. auth.TokenStore uses Redis. TokenStore calls src/part_$i.c. Etcd calls Kafka"
	done | mem-ingest -q
	all_same() {
		for n; do
			mem-graph show "$n" >now; cat now
			[ ! -e same ] || cmp now same
			mv now same
		done
		rm same
		mem-graph export | sed -n "s/.*\"type\":\"entity\",\"entity_id\":\"\([^\"]*\).*/\1/p" >ids
		[ "$(sort ids | uniq -d)" = "" ]
	}
	mem-graph merge TokenStore Kafka
	all_same Kafka TokenStore auth.TokenStore
	mem-graph show Kafka | head -1 | grep "\"count\":12,"
	mem-graph split TokenStore
	mem-graph merge auth.TokenStore Kafka
	all_same Kafka auth.TokenStore
	fresh_store
	for i in 1 2 3 4; do
		said "s$i" 179000000000$i "Kafka is here. auth.TokenStore uses Redis. TokenStore calls src/part_$i.c"
	done | mem-ingest -q
	mem-graph merge Kafka TokenStore
	all_same auth.TokenStore Kafka TokenStore
	mem-graph show Kafka | head -1 | grep "\"count\":12,"
'
test_that 'a way of a hundred steps; of a thing that has very many links' '
	fresh_store
	for i in $(seq 0 99); do
		said "s$i" "1790000000${i}00" "mod_$i depends on mod_$((i + 1))"
	done | mem-ingest -q
	mem-graph path mod_0 mod_100 >way
	[ "$(wc -l <way)" -eq 100 ]
	head -1 way | grep "\"source_name\":\"mod_0\",\"target_name\":\"mod_1\""
	fresh_store
	for i in $(seq 100 299); do
		said "s$i" "1790000000${i}" "auth.TokenHub uses Class$i::make_$i"
	done | mem-ingest -q
	for i in 100 150 200 299; do
		mem-graph path auth.TokenHub Class$i::make_$i >there
		has there "auth.TokenHub uses Class$i::make_$i"
		mem-graph path Class$i::make_$i auth.TokenHub >back
		has back "auth.TokenHub uses Class$i::make_$i"
		[ "$(cat there back | wc -l)" -eq 2 ]
		mem-graph path Class$i::make_$i Class100::make_100 >over || [ "$i" -eq 100 ]
		[ "$i" -eq 100 ] || [ "$(wc -l <over)" -eq 2 ]
	done
	exits 1 mem-graph path auth.TokenHub TokenHub
'
test_that 'a name is on one line' '
	fresh_store
	for i in 7 8; do
		printf "%s\n" "{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"FN-$i\",\"record_type\":\"bug_record\",\"title\":\"slow\",\"fields\":{\"author\":\"Ann\\n999  Mallory\"}}" |
		    mem-ingest -q
		mem-graph build -q
	done
	mem-graph show "Ann 999 Mallory" | head -1 >one; cat one
	grep "\"name\":\"Ann 999 Mallory\",\"kind\":\"person\",\"count\":2," one
'
test_that 'so much of one row is read, and no more' '
	fresh_store
	awk "BEGIN { for (i = 0; i < 9000; i++) s = s \"some words of no worth again and \"
	    printf \"{\\\"type\\\":\\\"record\\\",\\\"kb\\\":\\\"bugs\\\",\\\"record_id\\\":\\\"FN-7\\\",\\\"record_type\\\":\\\"bug_record\\\",\\\"title\\\":\\\"Quentin uses Redis\\\",\\\"fields\\\":{\\\"observations\\\":[\\\"%s\\\",\\\"Zebulon uses Etcd\\\"]}}\\n\", s }" |
	    mem-ingest -q
	mem-graph show Quentin
	exits 1 mem-graph show Zebulon
'
test_that 'what a user forgets makes no graph of the rows anew' '
	fresh_store
	mem-ingest -q said.jsonl bugs
	mem-graph build -q
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s1\"}" | mem-ingest -q
	mem-graph build >out; cat out
	grep "\"source\":\"event\".*\"anew\":true" out
	grep "\"source\":\"kb\",\"added\":0,\"anew\":false" out
'
test_that 'a document that shrank is told as it is, and once' '
	fresh_store
	mkdir -p docs
	part() {
		printf "# %s\n\n" "$1"
		for i in $(seq 60); do
			printf "The %s module uses %s in part %d of it. " "$1" "$2" "$i"
		done
		printf "\n\n"
	}
	{ part Alpha Zebulon; part Beta Quentin; } >docs/a.md
	mem-from docs docs | mem-ingest -q --kb docs
	mem-graph show Quentin
	part Alpha Zebulon >docs/a.md
	mem-from docs docs | mem-ingest -q --kb docs
	exits 1 mem-graph show Quentin
	mem-graph build >out; cat out
	grep "\"source\":\"kb\",\"added\":0,\"anew\":false" out
	# who asks finds that it has all, and does not wait for who builds
	lock=$MEM_STORE/tenants/default/index/graph-kb/lock
	if command -v python3 >/dev/null; then
		python3 - "$lock" <<-"E"
		import fcntl, subprocess, sys
		f = open(sys.argv[1], "r+")
		fcntl.lockf(f, fcntl.LOCK_EX)
		fcntl.flock(f, fcntl.LOCK_EX)
		subprocess.run(["mem-graph", "show", "Zebulon"], check=True,
		    timeout=8)
		E
	fi
	# and where withdrawing is all that came
	echo "{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"FN-9\",\"record_type\":\"bug_record\",\"title\":\"Xanthippe uses Etcd\"}" |
	    tee row | mem-ingest -q
	mem-graph show Xanthippe
	sed "s/\"title\"/\"status\":\"withdrawn\",\"title\"/" row | mem-ingest -q
	exits 1 mem-graph show Xanthippe
'
if command -v python3 >/dev/null; then
	test_that 'the journal of one who was killed is not that of a new file' '
		fresh_store
		for i in $(seq 300); do
			said "s$i" "1790000000$i" "Module_$i uses Class::method_$i of src/part_$i.c"
		done | mem-ingest -q
		mem-graph build -q
		f=$MEM_STORE/tenants/default/index/graph/tester/graph.db
		python3 - "$f" <<-"E" || :
		import os, sqlite3, sys
		c = sqlite3.connect(sys.argv[1], isolation_level=None)
		c.execute("pragma cache_size=2")
		c.execute("begin immediate")
		c.execute("update edge set body = zeroblob(length(body) + 1)")
		os._exit(9)
		E
		[ -s "$f-journal" ]
		for i in $(seq 300); do
			said "t$i" "1791000000$i" "Other_$i calls Klass::func_$i of lib/other_$i.c"
		done | mem-ingest -q
		mem-graph build -q --rebuild
		[ ! -e "$f-journal" ]
		mem-graph export >got
		rm -r "$MEM_STORE/tenants/default/index/graph"
		mem-graph export | cmp - got
	'
fi
test_that 'what is said of a word that most texts have is told from both ends' '
	fresh_store
	for i in $(seq 60); do
		printf "{\"session_id\":\"s\",\"timestamp\":%d,\"text\":\"The alpha-service depends on redis. Note %d.\"}\n" $i $i
	done | mem-ingest -q
	mem-graph path alpha-service redis >there
	mem-graph path redis alpha-service >back
	cat there back
	[ "$(jl kind <there)" = depends_on ]
	[ "$(jl kind <back)" = depends_on ]
	for end in redis alpha-service; do
		mem-graph show "$end" >got
		grep "\"kind\":\"depends_on\"" got
		mem-graph neighbours "$end" >got
		grep "\"kind\":\"depends_on\"" got
	done
	mem-graph export --format jsonl >got
	grep "\"name\":\"redis\"" got
	grep "\"kind\":\"depends_on\"" got
'
test_that 'text for people' '
	fresh_store
	mem-ingest -q said.jsonl bugs
	mem-graph show --text auth-service >out; cat out
	grep "^auth-service  service  3 texts, 2026-09-21 to " out
	grep "^  auth-service -depends_on-> Redis  0.50" out
'
test_done
