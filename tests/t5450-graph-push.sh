#!/bin/sh
# What mem-graph push refuses, and what it says to a server that is none; what
# holds of a real one is in long-84-neo4j.sh.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-engine.sh"

cat >in <<'E'
{"session_id":"s1","timestamp":1790000000000,"text":"The auth-service depends on src/redis.c and TokenStore."}
{"session_id":"s1","timestamp":1790000100000,"text":"auth-service uses TokenStore"}
E
mem-ingest -q in >/dev/null

test_that 'it needs the name of an engine, and takes no others' '
	exits 64 mem-graph push 2>err
	grep -e "--to NAME" err
	exits 64 mem-graph push --to x auth-service 2>err
'
test_that 'an engine that is not set, or is no graph database, is named' '
	exits 64 mem-graph push --to nope 2>err
	cat err
	grep "engine.nope.url" err
	mem-admin config set engine.os.url http://127.0.0.1:9 >/dev/null
	exits 64 mem-graph push --to os 2>err
	cat err
	grep "engine.os.kind = neo4j" err
'
test_that 'a server that is not there' '
	engine_set down http://127.0.0.1:9 neo4j >/dev/null
	mem-admin config set engine.down.timeout 1 >/dev/null
	exits 75 hasty timeout 60 mem-graph push --to down 2>err
	cat err
	grep 127.0.0.1 err
'
test_that 'a call that is bound to a session pushes nothing' '
	exits 2 env MEM_SESSION=s1 mem-graph push --to down 2>err
	cat err
	grep "bound to one" err
'
test_that 'what others may have configured is not obeyed' '
	chmod 666 "$MEM_STORE"/config
	exits 2 mem-graph push --to down 2>err
	chmod 600 "$MEM_STORE"/config
	cat err
	grep "engine.down" err
'
command -v python3 >/dev/null ||
    { skip 'servers that lie' 'there is no python3'; test_done; exit; }
cat >server.py <<'P'
import http.server, os
class H(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with open("asked", "ab") as f:
            f.write(self.path.encode() + b" " + body + b"\n")
        n = open("asked").read().count("\n")
        lines = open("answers").read().rstrip("\n").split("\n")
        status, a = lines[min(n, len(lines)) - 1].split(" ", 1)
        self.send_response(int(status))
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(a)))
        self.end_headers()
        self.wfile.write(a.encode())
    def log_message(self, *a):
        pass
s = http.server.HTTPServer(("127.0.0.1", 0), H)
open("port.new", "w").write(str(s.server_port))
os.rename("port.new", "port")
s.serve_forever()
P
python3 server.py & fake=$!
trap 'kill $fake 2>/dev/null; engine_end; s3_stop; rm -rf "$work"' EXIT
i=0
until [ -s port ] || [ $i -gt 200 ]; do
	i=$((i + 1))
	sleep 0.05
done
engine_set fake "http://127.0.0.1:$(cat port)" neo4j >/dev/null
# answers LINE...: "STATUS BODY" of one request after the other; the last one
# is that of all that follow
answers() {
	printf '%s\n' "$@" >answers
	: >asked
}
none='{"results":[{"columns":[],"data":[]}],"errors":[]}'
# error CODE MESSAGE
error() {
	printf '{"results":[],"errors":[{"code":"%s","message":"%s"}]}' "$1" "$2"
}
# row ROW: one that is there
row() {
	printf '{"results":[{"data":[{"row":%s}]}],"errors":[]}' "$1"
}

test_that 'texts go as parameters alone, in few requests' '
	answers "200 $none"
	mem-graph push --to fake >out; cat out
	"${MEM_BIN:-$top/bin}/../obj/helper/jsonschema" "$top/share/schema" out
	grep "\"entities_put\":3" out
	grep "^/db/neo4j/tx/commit " asked
	[ "$(wc -l <asked)" = 5 ]
	sed "s/.*\"statement\":\"\([^\"]*\)\".*/\1/" asked >statements
	cat statements
	exits 1 grep -i "auth\|redis\|tester" statements
	grep -F "default/tester/entity:" asked
	grep -F "\"evidence\":[\"01" asked
'
test_that 'stores that are no copies of each other have keys of their own' '
	mem-admin config set engine.fake.index team >/dev/null
	answers "200 $none"
	mem-graph push -q --to fake
	grep -F "\"team//default/tester/entity:" asked
	exits 1 grep -F "\"default/tester/entity:" asked
	mem-admin config unset engine.fake.index >/dev/null
'
test_that 'a database has a name of its own' '
	mem-admin config set engine.fake.database other-db >/dev/null
	answers "200 $none"
	mem-graph push -q --to fake
	grep "^/db/other-db/tx/commit " asked
	mem-admin config unset engine.fake.database >/dev/null
'
test_that 'a dry run only reads' '
	answers "200 $none"
	mem-graph push --dry-run --to fake >out
	grep "\"entities_put\":3" out
	grep "\"dry_run\":true" out
	exits 1 grep -E "MERGE|DELETE|CREATE|SET" asked
'
test_that 'errors with status 200 are errors; one that may pass is tried again' '
	answers "200 $(error Neo.ClientError.Statement.SyntaxError "bad thing")"
	exits 2 mem-graph push --to fake 2>err
	cat err
	grep "bad thing" err
	[ "$(wc -l <asked)" = 1 ]
	answers "200 $(error Neo.TransientError.Transaction.DeadlockDetected locked)" "200 $none"
	mem-graph push -q --to fake
	[ "$(wc -l <asked)" = 6 ]
	answers "200 $(error Neo.TransientError.General.OutOfMemoryError "no room")"
	exits 75 hasty mem-graph push --to fake 2>err
	grep "no room" err
	[ "$(wc -l <asked)" = 6 ]
	answers "401 $(error Neo.ClientError.Security.Unauthorized "who are you")"
	exits 2 mem-graph push --to fake 2>err
	cat err
	grep "engine.fake" err
'
test_that 'what is no answer is told, and nothing is deleted for it' '
	for a in "200 {}" "200 []" "200 nonsense" "200 " "200 $(row 3)" \
	    "200 $(row "[null,4]")" "200 $(row "[]")" "404 {}" "302 x"; do
		answers "200 $none" "$a"
		exits 2 mem-graph push --to fake >out 2>err ||
		    { echo "taken: $a"; exit 1; }
		cat err
		grep fake err
		exits 1 grep DELETE asked
	done
'
test_that 'what is there and no more here goes, by its key' '
	answers "200 $none" "200 $(row "[\"default/tester/entity:00\",\"x\"]")" "200 $none"
	mem-graph push --to fake >out
	grep "\"entities_deleted\":1" out
	grep -F "DETACH DELETE" asked | grep -F "\"rows\":[\"default/tester/entity:00\"]"
	# of a user whose name is the beginning of another'\''s, too
	grep -F "\"after\":\"default/tester/\",\"to\":\"default/tester/f\"" asked
'
test_that 'a page that is full is no end: it goes on behind its last key' '
	page=$(awk "BEGIN { for (i = 0; i < 5000; i++) printf \"%s{\\\"row\\\":[\\\"default/tester/entity:%05d\\\",\\\"x\\\"]}\", i ? \",\" : \"\", i }")
	page="{\"results\":[{\"data\":[$page]}],\"errors\":[]}"
	answers "200 $none" "200 $page" "200 $(row "[\"default/tester/entity:05000\",\"x\"]")" "200 $none"
	mem-graph push --to fake >out
	grep "\"entities_deleted\":5001" out
	grep -F "\"after\":\"default/tester/entity:04999\",\"to\":\"default/tester/f\",\"most\":5000" asked
	# one that tells the same page for ever
	answers "200 $none" "200 $page"
	exits 2 timeout 20 mem-graph push --dry-run --to fake 2>err
	cat err
'
test_that 'a key that is not asked for is not touched' '
	answers "200 $none" "200 $(row "[\"default/other/entity:00\",\"x\"]")" "200 $none"
	exits 2 mem-graph push --to fake >out 2>err
	exits 1 grep DELETE asked
'
test_that 'batches have the size of the configuration' '
	i=0
	while [ $i -lt 200 ]; do
		i=$((i + 1))
		echo "{\"session_id\":\"b\",\"timestamp\":1790000${i}000,\"text\":\"src/f$i.c uses src/g$i.c\"}"
	done | mem-ingest -q
	answers "200 $none"
	mem-graph push --to fake >out
	[ "$(wc -l <asked)" = 5 ]
	[ "$(wc -c <asked)" -gt 140000 ]
	mem-admin config set engine.fake.batch 65536 >/dev/null
	answers "200 $none"
	mem-graph push -q --to fake
	n=$(wc -l <asked)
	[ "$n" -gt 6 ]
	[ "$(awk "length > 66500" asked | wc -l)" = 0 ]
	mem-admin config unset engine.fake.batch >/dev/null
'
test_that 'of a graph that has nothing left all goes' '
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s1\"}" | mem-ingest -q
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"b\"}" | mem-ingest -q
	answers "200 $none" "200 $(row "[\"default/tester/entity:00\",\"x\"]")" "200 $none"
	mem-graph push --to fake >out; cat out
	grep "\"entities\":0,.*\"entities_deleted\":1" out
	grep -F "\"after\":\"default/tester/\",\"to\":\"default/tester/f\"" asked
'
test_that 'a sealed tenant sends nothing, unless it may' '
	url=http://127.0.0.1:$(cat port)
	unset MEM_STORE
	export MEM_STORE=$work/sealed
	mem-admin init --sealed >/dev/null
	mem-ingest -q in >/dev/null
	engine_set fake "$url" neo4j >/dev/null
	answers "200 $none"
	exits 2 mem-graph push --to fake 2>err
	cat err
	grep "engine.fake.sealed" err
	[ ! -s asked ]
	mem-admin config set engine.fake.sealed true >/dev/null
	mem-graph push --to fake >out
	grep "\"entities_put\":3" out
	[ ! -d "$MEM_STORE"/tenants/default/index/graph ]
'
test_done
