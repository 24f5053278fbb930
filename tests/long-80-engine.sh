#!/bin/sh
# Real engines, asked as the tools ask them: what they refuse, bulk requests of
# which a part fails, restarts, TLS and a password before one, faults on the way.
# shellcheck disable=SC2034 # of lib-s3.sh
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-engine.sh"
mkdir -p bin libexec
cp "$obj/helper/engine" bin/
ln -s "${obj%/obj}/libexec/memkit" libexec/memkit
echo '{"session_id":"s","timestamp":1,"text":"t"}' | mem-ingest >/dev/null
nd=application/x-ndjson

# ask METHOD PATH [TYPE [WAIT_MS [TRIES]]]: `status`, `got` and `err`
ask() {
	timeout 200 bin/engine "$MEM_STORE" e "$@" >out 2>err || :
	sed -n 1p out >status
	sed 1d out >got
}
# answers STATUS: the last one
answers() {
	grep "^$1 " status || { cat status got err; return 1; }
}
# bulk N FIRST: so many documents, each with a version, from that number on
bulk() {
	awk -v n="$1" -v at="$2" 'BEGIN {
		for (i = at; i < at + n; i++)
			printf "{\"index\":{\"_id\":\"d%d\",\"version\":5," \
			    "\"version_type\":\"external_gte\"}}\n" \
			    "{\"s\":\"text number %d\"}\n", i, i
	}'
}
count() {
	ask POST /t/_refresh
	ask GET /t/_count
	[ "$(jl count <got)" -eq "$1" ] || { cat got; return 1; }
}

for kind in opensearch elasticsearch; do
	need_engine $kind || continue
	engine_set e "$engine"
	test_that "$kind: an index is made; twice is told" '
		printf "{\"settings\":{\"number_of_replicas\":0},\"mappings\":
		    {\"dynamic\":false,\"properties\":{\"s\":{\"type\":\"text\"}}}}" >make
		ask PUT /t application/json <make
		answers 200
		ask PUT /t application/json <make
		answers 400
		grep "^engine: 2 engine .e. refuses the request.*already exists" err
		ask GET /nothing/_doc/1
		answers 404
		ask HEAD /t
		answers 200
		[ ! -s got ]
	'
	test_that "$kind: a bulk request of 5 MB, and the same again" '
		bulk 60000 1 >five
		[ "$(wc -c <five)" -gt 5000000 ]
		ask POST /t/_bulk $nd <five
		answers 200
		grep "\"errors\":false" got >/dev/null
		ask POST /t/_bulk $nd <five
		grep "\"errors\":false" got >/dev/null
		count 60000
	'
	test_that "$kind: an older version is told with its item" '
		bulk 2 1 | sed "s/\"version\":5/\"version\":4/" |
		    ask POST /t/_bulk $nd
		answers 200
		grep "\"errors\":true" got >/dev/null
		[ "$(grep -o "\"status\":409" got | wc -l)" -eq 2 ]
	'
	engine_proxy "$engine"
	engine_set e "$proxy"
	test_that "$kind: some items are refused, and were not done" '
		will proxy "_bulk items 429 3 es_rejected_execution_exception"
		bulk 9 60001 | ask POST /t/_bulk $nd
		answers 200
		[ "$(grep -o "\"status\": 429" got | wc -l)" -eq 3 ]
		[ "$(grep -o "\"status\": 201" got | wc -l)" -eq 6 ]
		count 60006
		bulk 9 60001 | ask POST /t/_bulk $nd
		grep "\"errors\":false" got >/dev/null
		count 60009
	'
	test_that "$kind: busy, then not; done, and the answer lost" '
		will proxy "_bulk 503" "_bulk 429 - Retry-After=1"
		bulk 9 60010 | ask POST /t/_bulk $nd 0 5
		answers 200
		asked proxy _bulk 3
		will proxy "_bulk lost" "_bulk cut" "_bulk half"
		bulk 9 60019 | ask POST /t/_bulk $nd 0 5
		answers 200
		asked proxy _bulk 4
		count 60027
	'
	test_that "$kind: goes down and comes back" '
		engine_set e "$engine"
		rm -f to
		mkfifo to
		bin/engine "$MEM_STORE" e - <to >many 2>err &
		pid=$!
		exec 8>to
		echo "GET /t/_count" >&8
		lines_of many 1
		engine_down KILL
		echo "GET /t/_count" >&8
		lines_of many 2
		engine_up
		echo "GET /t/_count" >&8
		exec 8>&-
		wait $pid
		[ "$(cut -d" " -f1 many | tr "\n" " ")" = "200 -1 200 " ] ||
		    { cat many err; exit 1; }
		count 60027
	'
	test_that "$kind: a request that it finds too large is refused, not lost" '
		dd if=/dev/zero bs=1M count=60 2>/dev/null | tr "\000" x >huge
		ask POST /t/_doc application/json <huge
		answers "4.."
		echo "{\"s\":\"x\"}" | ask POST /t/_doc application/json
		answers 201
		rm huge
	'
	s3_stop
	s3_certificate
	(umask 077; printf 'a secret\n' >pw)
	FAULTS_TLS=$work/tls
	FAULTS_AUTH="Basic $(printf 'me:a secret' | base64)"
	export FAULTS_TLS FAULTS_AUTH
	engine_proxy "$engine"
	unset FAULTS_TLS FAULTS_AUTH
	engine_set e "https://${proxy#http*://}"
	test_that "$kind: by TLS and with a password" '
		ask GET /t/_count "" 0 1
		grep "^engine: 8 .*set its caFile" err
		mem-admin config set engine.e.caFile "$work/tls/ca.pem"
		ask GET /t/_count
		answers 401
		mem-admin config set engine.e.user me
		mem-admin config set engine.e.passwordFile "$work/pw"
		ask GET /t/_count
		answers 200
		bulk 60000 1 | ask POST /t/_bulk $nd
		answers 200
	'
	for s in caFile user passwordFile; do
		mem-admin config unset engine.e.$s
	done
	s3_stop
	engine_down
done

if need_engine neo4j; then
	engine_set e "$engine"
	engine_proxy "$engine"
	# commit STATEMENT-JSON...
	commit() {
		printf '{"statements":[%s]}' "$1" |
		    ask POST /db/neo4j/tx/commit application/json
	}
	test_that 'neo4j: statements with parameters, and what is wrong with one' '
		commit "{\"statement\":\"UNWIND \$r AS r MERGE (n:T {id: r.id}) SET n.text = r.text\",
		    \"parameters\":{\"r\":[{\"id\":1,
		    \"text\":\"a\"},{\"id\":2,\"text\":\"}) RETURN 1 //\"}]}}"
		answers 200
		grep "\"errors\":\[\]" got
		commit "{\"statement\":\"MATCH (n:T) RETURN count(n) AS n\"}"
		grep "\"row\":\[2\]" got
		commit "{\"statement\":\"MATHC (n)\"}"
		answers 200
		grep "Neo.ClientError.Statement.SyntaxError" got
		ask POST /db/nothing/tx/commit application/json </dev/null
		answers "4.."
	'
	engine_set e "$proxy"
	test_that 'neo4j: the answer lost, and the same again' '
		will proxy "commit lost" "commit 503"
		printf "{\"statements\":[{\"statement\":\"MERGE (n:T {id: 3})\"}]}" |
		    ask POST /db/neo4j/tx/commit application/json 0 5
		answers 200
		asked proxy commit 3
		commit "{\"statement\":\"MATCH (n:T) RETURN count(n) AS n\"}"
		grep "\"row\":\[3\]" got
	'
	engine_down
fi
test_done
