#!/bin/sh
# mem-index --to a real engine (MEM_ENGINE names another than OpenSearch): all
# that there is, and what changes; what is forgotten leaves no trace; an index
# made anew while others search; kills, faults, an index that is wiped; several
# copies of one store.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"
. "$tests/lib-engine.sh"
schema=$top/share/schema
need_engine "${MEM_ENGINE:-opensearch}" || { test_done; exit; }
MEM_MODEL=$model
# of nobody: from a random generator
secret=AKIAQ3EGWRTY7UZXN5M2

# engine STORE-FOLDER [URL]
engine_of() {
	MEM_STORE=$1 engine_set os "${2:-$engine}" "$engine_kind" >/dev/null
	MEM_STORE=$1 mem-admin config set engine.os.batch 64k >/dev/null
}
wipe() {
	# not all at once: Elasticsearch wants a name
	for index in $(engine_curl GET '/_cat/indices/memkit-*?h=index'); do
		engine_curl DELETE "/$index" >/dev/null
	done
}
to() {
	timeout 120 mem-index --to os "$@"
}
# right: all that is here is there, and nothing else of ours
right() {
	to --verify >verified || { grep problem verified; return 1; }
	"$obj/helper/jsonschema" "$schema" verified
	to -q
}
# there QUERY-JSON: ids of documents that are no longer, or are
there() {
	engine_curl POST /memkit-default/_refresh >/dev/null
	engine_curl POST '/memkit-default/_search?size=10000' \
	    "{\"_source\":[\"id\"],\"query\":$1}" |
	    grep -o '"_source":{"id":"[^"]*"' | sed 's/.*:"//; s/"//' |
	    LC_ALL=C sort
}
of_source() {
	there "{\"bool\":{\"filter\":[{\"term\":{\"source\":\"$1\"}}],\"must_not\":[{\"term\":{\"gone\":true}}]}}"
}
# same: events and rows by what other programs say of both sides
same() {
	{
		mem-log --json
		MEM_USER=ann mem-log --json
	} | jl event_id | LC_ALL=C sort >here
	of_source event >got
	diff here got
	sql "SELECT r.id FROM record r WHERE substr(r.type, 1, 1) <> ':' AND
	    NOT EXISTS (SELECT 1 FROM record n WHERE n.kb = r.kb AND
	    n.id = r.id AND n.version > r.version)" | LC_ALL=C sort >here
	of_source kb >got
	diff here got
}
# trace WORD: is it anywhere in the engine?
trace() {
	engine_curl POST /memkit-default/_refresh >/dev/null
	engine_curl POST '/memkit-default/_search?size=10000' \
	    '{"query":{"match_all":{}}}' | grep -i "$1" >/dev/null
}
# pages WORD...: a document of as many chunks
page() {
	for w; do
		printf '# On %s\n\n' "$w"
		i=0
		while [ $i -lt 60 ]; do
			printf 'the %s of part %s is number %s. ' "$w" "$i" "$i"
			i=$((i + 1))
		done
		printf '\n\n'
	done
}
read_pages() {
	mem-from -q docs "$work/d" | mem-ingest -q --kb handbook >/dev/null
}
filled() {
	{
		mkevents 200 5
		for i in 1 2 3 4 5; do
			echo '{"type":"record","kb":"k","record_id":"r'$i'","record_type":"note","title":"a walrus","text":"tusks of number '$i'"}'
		done
		echo '{"session_id":"s9","timestamp":1790000900000,"text":"the platypus is in s9"}'
	} | mem-ingest -q >/dev/null
	mkevents 20 | MEM_USER=ann mem-ingest -q >/dev/null
	mem-toc build -q
	mem-ltm add --key editor 'Maren edits with vi.' >/dev/null
	mem-artifact put --uri https://example.org/spec.pdf --name spec.pdf \
	    --session s1 >/dev/null
	mkdir -p "$work/d"
	page alpha beta gamma delta >"$work/d/one.md"
	page epsilon >"$work/d/two.md"
	read_pages
}
filled
engine_of "$MEM_STORE"

test_that 'all that there is, of every source and user; again, nothing' '
	to >out
	"$obj/helper/jsonschema" "$schema" out
	grep "\"engine\":\"os\",\"pushed\":[1-9].*\"failed\":{}" out
	right
	same
	for s in event kb toc grip fact artifact document; do
		grep "\"source\":\"$s\"" verified
		[ "$(of_source $s | wc -l)" -gt 0 ]
	done
	grep "\"source\":\"event\",\"user\":\"ann\",\"stored\":20,\"held\":20" verified
	to >out
	grep "\"pushed\":0,\"gone\":0,.*\"requests\":0" out
	mem-admin stats >out
	grep "\"job_name\":\"engine:os\",.*\"lag\":0" out
'
test_that 'what comes is pushed, what is forgotten leaves no trace' '
	mkevents 10 2 | sed "s/text number/more of/" | mem-ingest -q >/dev/null
	trace platypus
	trace "tusks of number 3"
	first=$(mem-log --json --session s1 -n 1 | jl event_id)
	mem-admin forget -q --session s9 >/dev/null
	mem-admin forget -q --id "$first,k/r3" >/dev/null
	mem-toc build -q
	to >out
	grep "\"gone\":[1-9]" out
	if trace platypus || trace "tusks of number 3"; then exit 1; fi
	if of_source event | grep "$first"; then exit 1; fi
	right
	same
'
test_that 'what lost a secret comes without it, and an older copy does not stay' '
	echo "{\"session_id\":\"s1\",\"timestamp\":1790000800000,\"text\":\"the key is $secret, keep it\"}" |
	    mem-ingest -q --no-redact >/dev/null
	echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"leak\",\"record_type\":\"n\",\"title\":\"a walrus $secret\"}" |
	    mem-ingest -q --no-redact >/dev/null
	to -q
	trace $secret
	mem-admin redact -q >/dev/null
	to -q
	if trace $secret; then exit 1; fi
	trace "the key is .redacted"
	right
	same
'
test_that 'facts that end, nodes that are hidden, artifacts that are deleted' '
	mem-ltm add --key editor "Maren edits with kakoune." >/dev/null
	to -q
	right
	if trace "edits with vi"; then exit 1; fi
	trace kakoune
	mem-ltm expire "$(mem-ltm list --json | jl fact_id | head -n 1)" >/dev/null
	node=$(mem-search --json --in toc number | jl node_id | head -n 1)
	[ -n "$node" ]
	of_source toc | grep -F "$node"
	mem-toc hide "$node" >/dev/null
	mem-artifact delete "$(mem-artifact list --json | jl artifact_id | head -n 1)" >/dev/null
	to -q
	right
	if trace kakoune; then exit 1; fi
	if of_source toc | grep -F "$node"; then exit 1; fi
	[ "$(of_source artifact | wc -l)" -eq 0 ]
	mem-toc unmark "$node" >/dev/null
	to -q
	of_source toc | grep -F "$node"
	right
'
test_that 'a document that changes: chunks go, come, and are in other places' '
	page alpha beta gamma delta zeta >"$work/d/one.md"
	read_pages
	to -q
	right
	trace "the zeta"
	page beta alpha zeta >"$work/d/one.md"
	read_pages
	to -q
	right
	if trace "the gamma"; then exit 1; fi
	rm "$work/d/two.md"
	read_pages
	to -q
	right
	mem-search --json --in document -n 100 "number" | jl document_id | sort -u >ids
	mem-admin forget -q --id "handbook/$(head -n 1 ids)" >/dev/null
	to -q
	right
'
test_that 'a user who is forgotten is gone, and may come back' '
	mem-admin forget -q --user ann -y >/dev/null
	to -q
	[ "$(there "{\"bool\":{\"filter\":[{\"term\":{\"user\":\"ann\"}}],\"must_not\":[{\"term\":{\"gone\":true}}]}}" | wc -l)" -eq 0 ]
	right
	echo "{\"session_id\":\"new\",\"timestamp\":4102444800000,\"text\":\"ann is back\"}" |
	    MEM_USER=ann mem-ingest -q >/dev/null
	to -q
	trace "ann is back"
	right
'
test_that 'without its marks all is pushed again, and nothing is doubled' '
	rm "$MEM_STORE/tenants/default/index/engine/os"
	to >out
	grep "\"pushed\":[1-9]" out
	right
	same
	echo junk >"$MEM_STORE/tenants/default/index/engine/os"
	to >out 2>err
	grep "cannot be read" err
	right
'
test_that 'an index that was wiped is made again, which is said' '
	wipe
	exits 2 to --verify 2>err
	grep "has no index" err
	to >out 2>err
	grep "nothing of this tenant any more" err
	right
	same
'
test_that 'made anew, while somebody searches, who never sees less' '
	n=$(there "{\"match_all\":{}}" | wc -l)
	engine_curl POST /memkit-default/_refresh >/dev/null
	engine_curl GET /_cat/aliases >was
	(
		while [ ! -e stop ]; do
			engine_curl POST /memkit-default/_count "{\"query\":{\"bool\":{\"must_not\":[{\"term\":{\"gone\":true}}]}}}" >>seen
			echo >>seen
		done
	) &
	all=$(engine_curl POST /memkit-default/_count "{\"query\":{\"bool\":{\"must_not\":[{\"term\":{\"gone\":true}}]}}}" | jl count)
	to --rebuild >out || r=$?
	to --rebuild >out || r=$?
	touch stop
	wait
	[ -z "${r-}" ]
	engine_curl GET /_cat/aliases >is
	exits 1 cmp was is
	[ "$(grep -c "\"count\"" seen)" -gt 3 ]
	[ "$(grep -c . seen)" -eq "$(grep -c "\"count\":$all[,}]" seen)" ] ||
	    { sort seen | uniq -c; exit 1; }
	# the ones before are gone
	[ "$(engine_curl GET "/_cat/indices/memkit-default*" | wc -l)" -eq 1 ]
	right
	same
'
test_that 'another model makes it refuse, and --rebuild takes it' '
	exits 2 env MEM_MODEL=none mem-index --to os 2>err
	grep "vectors.*--rebuild" err
	MEM_MODEL=none to --rebuild -q
	MEM_MODEL=none right
	to --rebuild -q
	right
'
test_that 'what is changed there by another hand, --verify finds' '
	engine_curl POST /memkit-default/_refresh >/dev/null
	id=$(engine_curl POST /memkit-default/_search "{\"size\":1,\"query\":{\"bool\":{\"filter\":[{\"term\":{\"source\":\"kb\"}}],\"must_not\":[{\"term\":{\"gone\":true}}]}}}" | sed "s/.*\"_id\":\"\([^\"]*\)\".*/\1/")
	engine_curl POST "/memkit-default/_bulk?refresh=true" "{\"delete\":{\"_id\":\"$id\"}}
" >/dev/null
	exits 1 to --verify >out
	grep "\"type\":\"problem\",\"what\":\"engine\",\"where\":\"kb in engine os\"" out
	"$obj/helper/jsonschema" "$schema" out
	to --rebuild -q
	right
'

# --- faults ---------------------------------------------------------------

engine_proxy "$engine"
through() {
	rm -rf "$MEM_STORE" "$work/d"
	wipe
	filled
	engine_of "$MEM_STORE" "$proxy"
}

test_that 'items that are refused are sent again, and no others' '
	through
	will proxy "_bulk items 429 3 es_rejected_execution_exception" "_bulk items 503 2 unavailable_shards_exception" "_bulk items 429 1 circuit_breaking_exception"
	to >out
	grep "\"failed\":{},\"again\":[1-9]" out
	will proxy
	right
	same
'
test_that 'what it will never take is counted and told, and keeps nothing' '
	through
	will proxy "_bulk items 400 9 mapper_parsing_exception"
	exits 3 to >out 2>err
	grep "\"failed\":{\"mapper_parsing_exception\":[1-9]" out
	"$obj/helper/jsonschema" "$schema" out
	grep "was not taken: mapper_parsing_exception: as it was told" err
	will proxy
	exits 1 to --verify >out
	to --rebuild -q
	right
'
test_that 'answers that are lost, cut, slow, refused, too large' '
	through
	will proxy "_bulk lost" "_bulk cut" "_bulk 429 -" "_bulk slow 2" "_bulk 503 -" "_bulk 413 -" "_bulk half" "_bulk 413 -" "_bulk close"
	to >out
	grep "\"failed\":{}" out
	will proxy
	right
	same
'
test_that 'an engine that is down is told, and nothing is lost' '
	through
	s3_stop 2>/dev/null || :
	exits 75 to 2>err || exits 2 to 2>err
	cat err
	engine_proxy "$engine"
	engine_of "$MEM_STORE" "$proxy"
	to -q
	right
'
test_that '--follow goes on as the store grows, and over an engine that is down' '
	through
	engine_of "$MEM_STORE"
	mem-index --to os --follow >followed 2>err &
	follower=$!
	i=0
	until [ -s followed ] || [ $i -gt 300 ]; do sleep 0.1; i=$((i + 1)); done
	engine_down || :
	echo "{\"session_id\":\"s1\",\"timestamp\":1790000700000,\"text\":\"while it was down\"}" |
	    mem-ingest -q >/dev/null
	i=0
	until grep "asked again" err || [ $i -gt 600 ]; do sleep 0.1; i=$((i + 1)); done
	grep "asked again" err
	engine_up
	i=0
	until trace "while it was down" || [ $i -gt 600 ]; do sleep 0.2; i=$((i + 1)); done
	kill $follower
	wait $follower || :
	trace "while it was down"
	right
'
test_that 'killed at any moment it loses nothing and doubles nothing' '
	through
	engine_of "$MEM_STORE"
	mkevents 3000 20 | mem-ingest -q >/dev/null
	i=0
	while [ $i -lt 12 ]; do
		i=$((i + 1))
		how=
		[ $((i % 4)) -ne 0 ] || how=--rebuild
		mem-index --to os $how >/dev/null 2>&1 &
		sleep "$(awk -v s=$i$$ "BEGIN { srand(s); print rand() * 1.5 }")"
		kill -9 $! 2>/dev/null || :
		wait $! 2>/dev/null || :
		mkevents 20 3 | sed "s/text number/round $i of/" | mem-ingest -q >/dev/null
		first=$(mem-log --json -n 1 | jl event_id)
		mem-admin forget -q --id "$first" >/dev/null
	done
	to -q
	right
	same
	to --rebuild -q
	right
	same
	[ "$(engine_curl GET "/_cat/indices/memkit-default*" | wc -l)" -eq 1 ]
	mem-admin check >/dev/null
'

# --- several copies -------------------------------------------------------

test_that 'two copies push into one index: each its own, and none brings back' '
	wipe
	fresh A B
	for w in A B; do engine_of "$work/$w"; done
	mkevents 30 | sed "s/text number/of A number/" | as A mem-ingest -q >/dev/null
	say A s1 "the platypus of A" 1790000500000
	push A >/dev/null
	pull B >/dev/null
	mkevents 10 5 | sed "s/text number/of B number/" | as B mem-ingest -q >/dev/null
	as A mem-index -q --to os
	as B mem-index -q --to os
	trace "the platypus of A"
	trace "of B number"
	# A forgets, and B does not know
	as A mem-admin forget -q --id "$(as A mem-search --json platypus | jl event_id | head -n 1)" >/dev/null
	as A mem-index -q --to os
	if trace "the platypus of A"; then exit 1; fi
	rm "$work/B/tenants/default/index/engine/os"
	as B mem-index --to os >out
	grep "\"newer\":[1-9]" out
	if trace "the platypus of A"; then exit 1; fi
	# one makes it anew: what the other has stays
	as A mem-index -q --to os --rebuild
	trace "of B number"
	if trace "the platypus of A"; then exit 1; fi
	as B mem-index --to os >out 2>err
	grep "another than it was" err
	as B mem-index --to os --verify >out || :
	push A >/dev/null
	pull B >/dev/null
	push B >/dev/null
	pull A >/dev/null
	for w in A B; do as $w mem-index -q --to os; done
	for w in A B; do as $w mem-index -q --to os --verify; done
	as A mem-log --json | jl event_id | LC_ALL=C sort >here
	of_source event >got
	diff here got
'
test_that 'a copy that lags with a row does not bring its older version' '
	wipe
	fresh A B
	for w in A B; do engine_of "$work/$w"; done
	echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"r\",\"record_type\":\"n\",\"title\":\"first version\"}" | as A mem-ingest -q >/dev/null
	push A >/dev/null
	pull B >/dev/null
	echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"r\",\"record_type\":\"n\",\"title\":\"second version\"}" | MEM_NOW=2026-11-21T12:00:00Z as A mem-ingest -q >/dev/null
	as A mem-index -q --to os
	as B mem-index --to os >out
	grep "\"newer\":1" out
	trace "second version"
	if trace "first version"; then exit 1; fi
'
test_that 'a sealed tenant: only where it is set, and marks are sealed' '
	wipe
	rm -rf "$MEM_STORE"
	mem-admin init --sealed >/dev/null
	mkevents 20 | mem-ingest -q >/dev/null
	engine_of "$MEM_STORE"
	exits 2 to 2>err
	grep "engine.os.sealed" err
	mem-admin config set engine.os.sealed true >/dev/null
	to -q
	right
	if grep -a generation "$MEM_STORE/tenants/default/index/engine/os"; then exit 1; fi
'
test_done
