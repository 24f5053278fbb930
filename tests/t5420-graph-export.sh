#!/bin/sh
# What a graph is written down as: whatever stands in a name, other programs
# read it as it is.
. "${0%/*}/lib.sh"

# names with all that is quoted somewhere: rows may name anything
cat >rows <<'E'
{"type":"record","kb":"memory","record_id":"entity/1","record_type":"entity","title":"a \"quoted\" <b>&amp; name","fields":{"entityType":"person","observations":["likes 'tea'","and \\ more"]}}
{"type":"record","kb":"memory","record_id":"entity/2","record_type":"entity","title":"it's `back\\ticked` \\","fields":{"entityType":"thing","observations":[]}}
{"type":"record","kb":"memory","record_id":"entity/3","record_type":"entity","title":"ünï\tçødé 名前 \u001b[31m ]]>","fields":{"entityType":"name"}}
{"type":"record","kb":"memory","record_id":"relation/1","record_type":"relation","title":"r","fields":{"from":"a \"quoted\" <b>&amp; name","to":"it's `back\\ticked` \\","relationType":"is \"odd\" `of` <&>\\"}}
{"type":"record","kb":"memory","record_id":"relation/2","record_type":"relation","title":"r","fields":{"from":"it's `back\\ticked` \\","to":"ünï\tçødé 名前 \u001b[31m ]]>","relationType":"near"}}
E
mem-ingest -q rows >/dev/null

test_that 'records are as the rows have it' '
	mem-graph export >all; cat all
	"${MEM_BIN:-$top/bin}/../obj/helper/jsonschema" "$top/share/schema" all
	[ "$(grep -c "\"type\":\"entity\"" all)" -ge 3 ]
	grep -F "\"kind\":\"is \\\"odd\\\" \`of\` <&>\\\\\"" all
	mem-graph export --format jsonl | cmp - all
'
test_that 'memory.json comes out as it came in, and goes in again' '
	mem-graph export --format memory.json >memory.json; cat memory.json
	grep -F "{\"type\":\"entity\",\"name\":\"it" memory.json
	mem-from memory.json memory.json >again.jsonl
	grep -c "\"record_type\":\"entity\"" again.jsonl
	! grep skipped.*[1-9] again.jsonl || exit 1
	mem-ingest -q --store other <again.jsonl >/dev/null
	mem-graph export --store other --format memory.json | sort >b
	sort memory.json >a
	cut -d, -f1-2 a | uniq >a1
	cut -d, -f1-2 b | uniq >b1
	cmp a1 b1
'
test_that 'memory.json as of a time has what was said by then' '
	cat >m.json <<-"E"
	{"type":"entity","name":"Redis","entityType":"service","observations":["an old fact"]}
	{"type":"entity","name":"Etcd","entityType":"service","observations":[]}
	{"type":"relation","from":"Etcd","to":"Redis","relationType":"uses"}
	E
	mem-from memory.json m.json | mem-ingest -q --store third
	sleep 1; then=$(date +%s)000; sleep 1
	sed "s/an old/a new/" m.json >n.json
	mem-from memory.json n.json | mem-ingest -q --store third
	mem-graph export --store third --format memory.json | grep "a new fact"
	mem-graph export --store third --format memory.json --as-of "$then" >out
	cat out
	grep "an old fact" out
	! grep "a new fact" out || exit 1
'
if command -v python3 >/dev/null; then
	test_that 'python reads GraphML, with the names as they were' '
		mem-graph export --format graphml >g.xml
		python3 - g.xml all <<-"E"
		import json, sys
		import xml.etree.ElementTree as T
		ns = "{http://graphml.graphdrawing.org/xmlns}"
		root = T.parse(sys.argv[1]).getroot()
		rec = [json.loads(l) for l in open(sys.argv[2])]
		clean = lambda s: "".join(" " if ord(c) < 32 or ord(c) == 127 else c for c in s)
		want = {r["entity_id"]: clean(r["name"]) for r in rec if r["type"] == "entity"}
		got = {n.get("id"): n.find(ns + "data[@key=\"name\"]").text for n in root.iter(ns + "node")}
		assert got == want, (got, want)
		edges = sorted((e.get("source"), e.get("target"), e.find(ns + "data[@key=\"kind\"]").text) for e in root.iter(ns + "edge"))
		assert edges == sorted((r["source"], r["target"], clean(r["kind"])) for r in rec if r["type"] == "relation"), edges
		assert len(edges) >= 2
		E
	'
	test_that 'strings of DOT and Cypher end where they should' '
		mem-graph export --format dot >g.dot; cat g.dot
		mem-graph export --format cypher >g.cypher; cat g.cypher
		python3 - all g.dot g.cypher <<-"E"
		import json, re, sys
		rec = [json.loads(l) for l in open(sys.argv[1])]
		clean = lambda s: "".join(" " if ord(c) < 32 or ord(c) == 127 else c for c in s)
		names = {clean(r["name"]) for r in rec if r["type"] == "entity"}
		un = lambda s: re.sub(r"\\(.)", r"\1", s)
		dot = open(sys.argv[2]).read()
		S = r"\"(?:[^\"\\]|\\.)*\""
		body = dot.split("\n")
		assert body[0] == "digraph memory {" and body[-2] == "}"
		got = set()
		for l in body[2:-2]:
		    m = re.fullmatch(r"\t(%s) \[label=(%s), tooltip=%s\];" % (S, S, S), l)
		    e = re.fullmatch(r"\t%s -> %s \[(?:label=%s|dir=none, color=gray), weight=\d+\];" % (S, S, S), l)
		    assert m or e, l
		    if m: got.add(un(m.group(2)[1:-1]))
		assert got == names, (got, names)
		Q = r"\x27(?:[^\x27\\]|\\.)*\x27"
		got = set()
		for l in open(sys.argv[3]).read().split("\n")[1:-1]:
		    m = re.fullmatch(r"MERGE \(e:Entity \{entity_id: %s\}\) SET e\.name = (%s), e\.kind = %s, e\.count = \d+, e\.first = (?:\d+|null), e\.last = (?:\d+|null);" % (Q, Q, Q), l)
		    e = re.fullmatch(r"MATCH \(a:Entity \{entity_id: %s\}\), \(b:Entity \{entity_id: %s\}\) MERGE \(a\)-\[r:`[^`\\]+`\]->\(b\) SET r\.count = \d+, r\.weight = [0-9.]+, r\.proposed = \d+, r\.first = (?:\d+|null), r\.last = (?:\d+|null);" % (Q, Q), l)
		    assert m or e, l
		    if m: got.add(un(m.group(1)[1:-1]))
		assert got == names, (got, names)
		E
	'
fi
if command -v xmllint >/dev/null; then
	test_that 'xmllint takes GraphML' '
		mem-graph export --format graphml | xmllint --nonet --noout -
	'
fi
if command -v dot >/dev/null; then
	test_that 'Graphviz takes DOT' '
		mem-graph export --format dot | dot -Tsvg >graph.svg
		grep "<svg" graph.svg
	'
fi
test_that 'what steers a terminal is not printed as text' '
	mem-graph show --text "ünï	çødé 名前 $(printf "\033")[31m ]]>" >out; cat -v out
	! grep "$(printf "\033")" out || exit 1
'
test_that 'memory.json: ends of relations are what the file says they are' '
	cat >m.json <<-.
		{"type":"relation","from":"Jane Doe","to":"build worker","relationType":"owns"}
		{"type":"entity","name":"Jane Doe","entityType":"Person","observations":["writes"]}
		{"type":"entity","name":"build worker","entityType":"service","observations":["runs"]}
		{"type":"entity","name":"Net::run","entityType":"identifier","observations":["is called"]}
		{"type":"relation","from":"Net::run","to":"build worker","relationType":"serves"}
		{"type":"relation","from":"Net::run","to":"nowhere told","relationType":"serves"}
	.
	for how in m.json -; do
		fresh_store
		mem-from memory.json $how <m.json | mem-ingest -q
		mem-graph export --format memory.json >out
		cat out
		if [ $how = m.json ]; then
			[ "$(grep -c "\"name\":\"build worker\"" out)" = 1 ]
			grep "\"name\":\"Jane Doe\",\"entityType\":\"person\"" out
		fi
		grep "\"name\":\"build worker\",\"entityType\":\"service\"" out
		[ "$(grep -c "\"name\":\"Net::run\"" out)" = 1 ]
		grep "\"name\":\"Net::run\",\"entityType\":\"identifier\"" out
		mem-graph path "Jane Doe" Net::run | grep "\"kind\":\"serves\""
	done
	mem-graph export --format memory.json >m2.json
	fresh_store
	mem-from memory.json m2.json | mem-ingest -q
	mem-graph export --format memory.json | sort >b
	sort m2.json | cmp - b
'
test_done
