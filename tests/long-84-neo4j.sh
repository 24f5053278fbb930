#!/bin/sh
# A graph in a real Neo4j: it is there as it is here, whatever names are like,
# what is no more goes, a push that is killed is made whole, and a server that
# is down, slow or full of errors is told.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-engine.sh"
need_engine neo4j || { test_done; exit; }

# cypher STATEMENT: rows, one a line, past us
cypher() {
	python3 - "$engine" "$1" <<-'E'
	import json, sys, urllib.request
	q = {"statements": [{"statement": s} for s in sys.argv[2].split(";;")]}
	r = urllib.request.Request(sys.argv[1] + "/db/neo4j/tx/commit",
	    json.dumps(q).encode(), {"Content-Type": "application/json"})
	a = json.load(urllib.request.urlopen(r))
	if a["errors"]: sys.exit(str(a["errors"]))
	for x in a["results"]:
	    for d in x["data"]: print(json.dumps(d["row"], ensure_ascii=False))
	E
}
# there USER: what the server has of it, as same() wants it
there() {
	cypher "MATCH (e:MemkitEntity {user: '$1'}) RETURN e{.*, hash: 0}" >n
	cypher "MATCH (a:MemkitEntity {user: '$1'})-[r:MEMKIT_RELATION]->(b) RETURN a.entity_id, b.entity_id, r{.*, hash: 0}" >r
}
# same USER [OPTION...]: is it what export tells?
same() {
	there "$1"
	user=$1
	shift
	mem-graph export --user "$user" "$@" >all
	python3 - "$user" all n r <<-'E'
	import json, sys
	user = sys.argv[1]
	rec = [json.loads(l) for l in open(sys.argv[2])]
	rows = lambda f: [json.loads(l) for l in open(f)]
	got = {}
	for (n,) in rows(sys.argv[3]):
	    assert n.pop("hash") == 0 and n.pop("user") == user, n
	    assert n.pop("key") == n.pop("tenant") + "/" + user + "/" + n["entity_id"], n
	    got[n["entity_id"]] = n
	want = {}
	for x in rec:
	    if x.pop("type") == "entity": want[x["entity_id"]] = x
	assert got == want, (set(got) ^ set(want), [(got[k], want[k]) for k in got if k in want and got[k] != want[k]][:3])
	got = {}
	for a, b, p in rows(sys.argv[4]):
	    assert p.pop("hash") == 0
	    assert (a, b, p["kind"]) not in got, "twice"
	    got[a, b, p["kind"]] = p
	want = {}
	for x in rec:
	    if "source" in x:
	        del x["source_name"], x["target_name"]
	        want[x.pop("source"), x.pop("target"), x["kind"]] = x
	assert got == want, (set(got) ^ set(want), [(got[k], want[k]) for k in got if k in want and got[k] != want[k]][:3])
	print(len(rec), "are the same")
	assert rec
	E
}
# of KEY: a number of out
of() {
	grep -o "\"$1\":[0-9]*" out | sed 's/.*://'
}
hostile() {
	python3 - <<-'E'
	import json
	names = ["it's `back\\ticked` \\", "a \"quoted\" <b>&amp; name", "}) DETACH DELETE (e", "$rows {key: 1}",
	    "\\u0027}) MATCH (n) DETACH DELETE n //", "'; DROP CONSTRAINT memkit_entity_key; //", "\\", "'", "\"", "`",
	    "名前 ünï çødé 🦊", "tab\there", "line\nbreak", "x" * 150, "/* comment */ //", "null", "\\\\'", "row.key",
	    "\u202e right \u2066 to left", "{{}}", "$", "entity:0000000000000000"]
	for i, n in enumerate(names):
	    print(json.dumps({"type": "record", "kb": "memory", "record_id": "entity/%d" % i, "record_type": "entity",
	        "title": n, "fields": {"entityType": "person", "observations": []}}))
	    for k, kind in enumerate(["likes", "is \"odd\" `of` <&>\\", "}]->() DELETE r //", "`", "\\u0060", "' OR 1=1", "x" * 200][i % 7:][:2]):
	        print(json.dumps({"type": "record", "kb": "memory", "record_id": "relation/%d/%d" % (i, k), "record_type": "relation",
	            "title": "r", "fields": {"from": n, "to": names[(i + 1) % len(names)], "relationType": kind}}))
	E
}
more() {
	awk -v n="$1" -v from="$2" 'BEGIN {
		for (i = from; i < from + n; i++)
			printf "{\"session_id\":\"s%d\",\"timestamp\":%d000," \
			    "\"text\":\"Module_%d uses Class::method_%d of " \
			    "src/part_%d.c, and depends on lib_%d.\"}\n", i % 9,
			    1790000000 + i, i % 37, i % 11, i % 23, i % 301
	}'
}
scope=default
mem-admin init >/dev/null 2>&1 || :
more 600 0 | mem-ingest -q >/dev/null
hostile >rows
mem-ingest -q <rows >/dev/null
engine_set neo "$engine" >/dev/null

test_that 'a dry run tells, and changes nothing' '
	mem-graph push --to neo --dry-run >out; cat out
	[ "$(of entities_put)" -gt 300 ]
	grep "\"dry_run\":true" out
	[ "$(cypher "MATCH (n) RETURN count(n)")" = "[0]" ]
	[ -z "$(cypher "SHOW CONSTRAINTS")" ]
'
test_that 'a push puts all of it there, hostile names as they are' '
	mem-graph push --to neo >out; cat out
	same tester
	[ "$(of entities_put)" = "$(of entities)" ]
	cypher "SHOW CONSTRAINTS YIELD name, type RETURN name, type" | grep -F "[\"memkit_entity_key\", \"UNIQUENESS\"]"
	cypher "CALL db.labels()" >labels; cat labels
	[ "$(cat labels)" = "[\"MemkitEntity\"]" ]
	[ "$(cypher "CALL db.relationshipTypes()")" = "[\"MEMKIT_RELATION\"]" ]
'
test_that 'again: nothing is put; what others set stays' '
	cypher "MATCH (e:MemkitEntity) SET e.mine = 1"
	cypher "CREATE (:MemkitEntity {key: \"other/x/entity:1\", user: \"x\"})-[:KNOWS]->(:Mine)"
	mem-graph push --to neo >out; cat out
	[ "$(of entities_put)$(of relations_put)$(of entities_deleted)$(of relations_deleted)" = 0000 ]
	echo "{\"session_id\":\"new\",\"timestamp\":1795000000000,\"text\":\"Module_1 uses Class::method_1 again\"}" | mem-ingest -q
	mem-graph push --to neo >out; cat out
	[ "$(of entities_put)" -lt 20 ]
	[ "$(of entities_put)" -gt 1 ]
	[ "$(cypher "MATCH (e:MemkitEntity) WHERE e.mine IS NULL RETURN count(e)")" = "[1]" ]
	[ "$(cypher "MATCH (:MemkitEntity)-[:KNOWS]->(:Mine) RETURN 1")" = "[1]" ]
	cypher "MATCH (e:MemkitEntity) REMOVE e.mine"
	same tester
'
test_that 'what is no more goes, and of others nothing' '
	echo "{\"session_id\":\"u\",\"timestamp\":1795000000000,\"user\":\"other\",\"text\":\"src/x.c uses src/y.c\"}" | mem-ingest -q --user other
	mem-graph push -q --to neo --user other
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s3\"}" | mem-ingest -q
	mem-graph push --to neo >out; cat out
	[ "$(of relations_deleted)" -gt 0 ]
	[ "$(of entities_deleted)" -gt 0 ]
	same tester
	same other
'
test_that 'as of a time, and back to now' '
	mem-graph push --to neo --as-of 2026-09-21T14:20:00Z >out; cat out
	[ "$(of entities_deleted)" -gt 0 ]
	same tester --as-of 2026-09-21T14:20:00Z
	mem-graph push -q --to neo
	same tester
'
test_that 'two names that are one now are one node' '
	mem-graph merge Module_5 Module_6
	mem-graph push --to neo >out; cat out
	[ "$(of entities_deleted)" = 1 ]
	same tester
	mem-graph split Module_5
	mem-graph push -q --to neo
	same tester
'
test_that 'a database that was emptied, or changed behind our back, is filled again' '
	cypher "MATCH (e:MemkitEntity) WITH e LIMIT 50 DETACH DELETE e"
	cypher "MATCH ()-[r:MEMKIT_RELATION]->() WITH r LIMIT 50 DELETE r"
	cypher "MATCH (e:MemkitEntity {user: \"tester\"}) WITH e LIMIT 5 SET e.hash = null"
	cypher "MATCH (a:MemkitEntity {user: \"tester\"}), (b:MemkitEntity {user: \"tester\"}) WITH a, b LIMIT 5 CREATE (a)-[:MEMKIT_RELATION {kind: \"zz\"}]->(b)"
	mem-graph push --to neo >out; cat out
	same tester
	cypher "MATCH (n) DETACH DELETE n"
	mem-graph push -q --to neo
	same tester
'
test_that 'more than a page that is no more goes, page by page, and is counted' '
	for i in 0 g; do
		cypher "UNWIND range(1, 12000) AS i CREATE (:MemkitEntity {key: \"$scope/tester/entity:$i\" + i, user: \"tester\"})"
	done
	cypher "MATCH (a:MemkitEntity {key: \"$scope/tester/entity:01\"}), (b:MemkitEntity {key: \"$scope/tester/entity:g1\"}) UNWIND range(1, 50) AS i CREATE (a)-[:MEMKIT_RELATION {kind: \"k\" + i}]->(b)"
	cypher "MATCH (a:MemkitEntity {user: \"tester\"}) WHERE a.name IS NOT NULL WITH a LIMIT 300 UNWIND range(1, 40) AS i CREATE (a)-[:MEMKIT_RELATION {kind: \"many\" + i}]->(a)"
	mem-graph push --dry-run --to neo >out; cat out
	would=$(of entities_deleted)-$(of relations_deleted)
	mem-graph push --to neo >out; cat out
	[ "$(of entities_deleted)-$(of relations_deleted)" = "$would" ]
	[ "$(of entities_deleted)" = 24000 ]
	[ "$(of relations_deleted)" = 12050 ]
	same tester
'
test_that 'killed at any time: the next one makes it whole' '
	mem-admin config set engine.neo.batch 65536 >/dev/null
	for ms in 0.02 0.05 0.1 0.15 0.2 0.3 0.4 0.6; do
		cypher "MATCH (n) DETACH DELETE n"
		mem-graph push -q --to neo & pid=$!
		sleep $ms
		kill -9 $pid 2>/dev/null || :
		wait $pid || :
		cypher "MATCH (n) RETURN count(n)"
		mem-graph push -q --to neo
		same tester
	done
	mem-admin config unset engine.neo.batch >/dev/null
'
test_that 'two at once: one graph' '
	cypher "MATCH (n) DETACH DELETE n"
	mem-graph push -q --to neo & a=$!
	mem-graph push -q --to neo & b=$!
	wait $a
	wait $b
	same tester
'
engine_proxy "$engine"
test_that 'errors, pauses and lost answers on the way' '
	engine_set faulty "$proxy" neo4j >/dev/null
	mem-admin config set engine.faulty.batch 65536 >/dev/null
	cypher "MATCH (n) DETACH DELETE n"
	will proxy "status 503 2" "status 429 1" "pass 3" "status 500 1"
	mem-graph push --to faulty >out || { cat "$work/proxy.log"; exit 1; }
	same tester
'
test_that 'a database that is not there, and a credential that is none' '
	engine_set nodb "$engine" neo4j >/dev/null
	mem-admin config set engine.nodb.database nosuch >/dev/null
	exits 2 mem-graph push --to nodb 2>err
	cat err
	grep -i "nosuch\|not found\|does not exist" err
'
test_that 'exported Cypher is taken by the server, and makes the same' '
	cypher "MATCH (n) DETACH DELETE n"
	fresh_store
	more 20 0 | mem-ingest -q >/dev/null
	mem-ingest -q <rows >/dev/null
	mem-graph export >all
	mem-graph export --format cypher >g.cypher
	wc -l g.cypher
	for i in 1 2; do
		python3 - "$engine" g.cypher <<-"E"
		import json, sys, urllib.request
		all = [s for s in open(sys.argv[2]).read().split("\n") if s]
		for i in [0] + list(range(1, len(all), 300)):
		    part = all[:1] if i == 0 else all[i:i + 300]
		    q = {"statements": [{"statement": s} for s in part]}
		    r = urllib.request.Request(sys.argv[1] + "/db/neo4j/tx/commit",
		        json.dumps(q).encode(), {"Content-Type": "application/json"})
		    a = json.load(urllib.request.urlopen(r))
		    assert not a["errors"], (a["errors"], part[len(a["results"])])
		E
	done
	cypher "MATCH (e:Entity) RETURN e" >n
	cypher "MATCH (a:Entity)-[r]->(b:Entity) RETURN a.entity_id, b.entity_id, type(r), r" >r
	python3 - all n r <<-"E"
	import json, sys
	rec = [json.loads(l) for l in open(sys.argv[1])]
	clean = lambda s: "".join(" " if ord(c) < 32 or ord(c) == 127 else c for c in s)
	rows = lambda f: [json.loads(l) for l in open(f)]
	got = {n["entity_id"]: n for (n,) in rows(sys.argv[2])}
	want = {}
	for x in rec:
	    if x["type"] == "entity":
	        want[x["entity_id"]] = {k: clean(x[k]) if k == "name" else x[k] for k in ("entity_id", "name", "kind", "count", "first", "last") if k in x}
	assert got == want, [(got.get(k), want[k]) for k in want if got.get(k) != want[k]][:5]
	got = sorted((a, b, r["count"]) for a, b, t, r in rows(sys.argv[3]))
	want = sorted((x["source"], x["target"], x["count"]) for x in rec if x["type"] == "relation")
	assert got == want, (len(got), len(want), set(got) ^ set(want))
	assert len(want) > 100
	E
'
test_that 'the server is down: it is told, and when it is up again all is well' '
	engine_set neo "$engine" >/dev/null
	engine_down || :
	exits 75 timeout 300 mem-graph push --to neo 2>err
	cat err
	grep "cannot ask" err
	engine_up
	mem-graph push -q --to neo
	same tester
'
test_that 'the graph of 100,000 events' '
	fresh_store
	engine_set neo "$engine" >/dev/null
	cypher "MATCH (n) DETACH DELETE n"
	python3 - <<-"E" >many.jsonl
	import random
	r = random.Random(7)
	for i in range(100000):
	    a, b, c = (int(r.paretovariate(0.8)) % 20000 for _ in range(3))
	    print("{\"session_id\":\"s%d\",\"timestamp\":%d000,\"text\":\"Module_%d uses Class%d::call_%d, see src/part_%d.c and FN-%d; nothing else was said on that day of it.\"}" % (i % 99, 1790000000 + i, a, b, c, a % 3001, i % 5003))
	E
	mem-ingest -q many.jsonl >/dev/null
	mem-graph build -q
	for n in 1 2; do
		was=$(engine_cpu)
		python3 - >>figures <<-"E"
		import resource, subprocess, time
		t = time.time()
		print(subprocess.run(["mem-graph", "push", "--nice", "0", "--to", "neo"], check=True, capture_output=True, text=True).stdout, end="", file=open("out", "w"))
		r = resource.getrusage(resource.RUSAGE_CHILDREN)
		print(open("out").read(), end="")
		print("%.1f s of CPU, %d KiB, after %.1f s" % (r.ru_utime + r.ru_stime, r.ru_maxrss, time.time() - t))
		E
		now=$(engine_cpu)
		echo "the server: $(awk -v a="$was" -v b="$now" "BEGIN { print (b - a) / 1000 }") s of CPU" >>figures
	done
	[ "$(of relations_put)" = 0 ]
	[ "$(cypher "MATCH (e:MemkitEntity) RETURN count(e)")" = "[$(of entities)]" ]
	[ "$(cypher "MATCH ()-[r:MEMKIT_RELATION]->() RETURN count(r)")" = "[$(of relations)]" ]
'
[ ! -s figures ] || sed 's/^/# /' figures
test_done
