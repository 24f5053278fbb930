#!/bin/sh
# mem-index --to: what it refuses, and what a hostile or unhappy engine makes of
# it; tests/long-81-index-to.sh has a real one.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-engine.sh"

mkevents 20 | mem-ingest -q >/dev/null
none='{"error":"no such index"}'
# answers: what a proxy says that has nothing behind it
meta() {
	echo '{"'"$1"'":{"mappings":{"_meta":{"memkit":{"form":1,"words":4,"generation":"0123abcd","language":"'"${2:-english}"'"}}}}}'
}
to() {
	timeout 60 mem-index --to e "$@"
}
state=$MEM_STORE/tenants/default/index/engine/e

test_that 'what it cannot be: no engine, a graph, one session, one user anew' '
	exits 64 to 2>err
	grep "engine.e.url is not set" err
	mem-admin config set engine.e.url http://127.0.0.1:9 >/dev/null
	mem-admin config set engine.e.kind neo4j >/dev/null
	exits 64 to 2>err
	grep "mem-graph push" err
	mem-admin config set engine.e.kind opensearch >/dev/null
	exits 2 to --user tester --rebuild 2>err
	grep "takes all of its users" err
	exits 2 env MEM_SESSION=s1 mem-index --to e 2>err
	grep "bound to a session" err
	exits 64 to --verify --follow 2>err
	[ ! -e "$state" ]
'
test_that 'one that cannot be reached is told, and nothing is marked' '
	exits 75 to 2>err
	grep "127.0.0.1 port 9" err
	[ ! -e "$state" ]
'
if ! command -v python3 >/dev/null; then
	skip 'engines that answer' 'python3 is missing'
	test_done
	exit
fi
engine_proxy
mem-admin config set engine.e.url "$proxy" >/dev/null

test_that 'an index is made, texts are written, marks move with the answer' '
	ok=$(awk "BEGIN { for (i = 0; i < 20; i++) printf \"%s{\\\"index\\\":{\\\"status\\\":201}}\", i ? \",\" : \"\" }")
	will proxy "_mapping 404 $none" "_bulk 200 {\"errors\":false,\"items\":[$ok]}"
	to >out
	grep "{\"type\":\"engine_push\",\"engine\":\"e\",\"pushed\":20,\"gone\":0,\"newer\":0,\"failed\":{},\"again\":0,\"requests\":1," out
	grep "^PUT /memkit-default\.[0-9a-f]*$" "$work/proxy.log"
	grep "^POST /_aliases" "$work/proxy.log"
	grep "^POST /memkit-default/_bulk.*require_alias=true" "$work/proxy.log"
	grep "\"events\":20" "$state"
	generation=$(jl generation <"$state")
	# nothing new: nothing is written
	will proxy "_mapping 200 $(meta memkit-default.x | sed "s/0123abcd/$generation/")"
	to >out
	grep "\"pushed\":0.*\"requests\":0" out
	exits 1 grep _bulk "$work/proxy.log"
'
test_that 'an answer that is none moves no mark' '
	generation=$(jl generation <"$state")
	mkevents 2 | sed "s/text number/more/" | mem-ingest -q >/dev/null
	for a in "[]" "{}" "{\"items\":[]}" "{\"items\":[1,2]}" "{\"items\":[{},{}]}" \
	    "{\"items\":[{\"index\":{\"status\":\"201\"}},{\"index\":{}}]}" \
	    "{\"items\":[{\"index\":{\"status\":201}}]}" junk; do
		will proxy "_mapping 200 $(meta memkit-default.x | sed "s/0123abcd/$generation/")" "_bulk 200 $a"
		exits 2 to 2>err
		grep "\"events\":20" "$state"
	done
	will proxy "_mapping 200 $(meta memkit-default.x | sed "s/0123abcd/$generation/")" "_bulk 403 {\"error\":\"no\"}"
	exits 2 to 2>err
	grep "refuses" err
	grep "\"events\":20" "$state"
'
test_that 'some are refused for good: told, counted, and the rest is done' '
	generation=$(jl generation <"$state")
	will proxy "_mapping 200 $(meta memkit-default.x | sed "s/0123abcd/$generation/")" "_bulk 200 {\"items\":[{\"index\":{\"status\":201}},{\"index\":{\"status\":400,\"error\":{\"type\":\"mapper_parsing_exception\",\"reason\":\"why\"}}}]}"
	exits 3 to >out 2>err
	grep "\"pushed\":1,.*\"failed\":{\"mapper_parsing_exception\":1}" out
	grep "event/tester//[0-9A-Z]* was not taken: mapper_parsing_exception: why" err
	grep "\"events\":22" "$state"
'
test_that 'an index of somebody else, or with other words, is left alone' '
	will proxy "_mapping 200 {\"memkit-default\":{\"mappings\":{}}}"
	exits 2 to 2>err
	grep "none of memkit.s; set engine.e.index" err
	two=$(meta memkit-default.x)
	will proxy "_mapping 200 ${two%?},$(meta memkit-default.y | cut -c 2-)"
	exits 2 to 2>err
	cat err
	grep "several indexes" err
	will proxy "_mapping 200 $(meta memkit-default.x german)"
	exits 2 to 2>err
	grep "german.*--rebuild" err
	will proxy "_mapping 200 $(meta memkit-default.x)"
	exits 2 env MEM_MODEL="$model" mem-index --to e 2>err
	grep "vectors in engine .e. are of the model .none.*--rebuild" err
	exits 1 grep -E "^(PUT|DELETE|POST)" "$work/proxy.log"
'
test_that '--verify of an engine that has no index' '
	will proxy "_mapping 404 $none"
	exits 2 to --verify 2>err
	grep "has no index .memkit-default.; run mem-index --to e" err
'
test_that 'a tenant has a name of its own, whatever it is' '
	MEM_TENANT=A_b-C mem-admin init >/dev/null
	mkevents 1 | MEM_TENANT=A_b-C mem-ingest -q >/dev/null
	will proxy "_mapping 404 $none" "_bulk 200 {\"items\":[{\"index\":{\"status\":201}}]}"
	MEM_TENANT=A_b-C to >out
	grep "^POST /memkit-_41_5fb_2d_43/_bulk" "$work/proxy.log"
'
test_that 'a sealed tenant is refused before anything is asked' '
	MEM_TENANT=shut mem-admin init --sealed >/dev/null
	will proxy
	exits 2 env MEM_TENANT=shut mem-index --to e 2>err
	grep "engine.e.sealed" err
	[ ! -s "$work/proxy.log" ]
'
test_that 'who forgets is told that the engine still has it' '
	echo "{\"session_id\":\"late\",\"timestamp\":1,\"text\":\"t\"}" | mem-ingest -q >/dev/null
	mem-admin forget --session late >out
	grep "{\"what\":\"engine\",\"how\":\"mem-index --to e\"}" out
'
test_that 'a folder of marks that leads elsewhere is not followed' '
	mv "$MEM_STORE/tenants/default/index/engine" elsewhere
	ln -s "$PWD/elsewhere" "$MEM_STORE/tenants/default/index/engine"
	exits 2 to 2>err
	grep "symbolic link" err
	rm "$MEM_STORE/tenants/default/index/engine"
	mv elsewhere "$MEM_STORE/tenants/default/index/engine"
'
test_that 'a store whose engine is no more is not behind for ever' '
	mem-admin stats | grep "engine:e"
	mkevents 3 | sed "s/text number/yet/" | mem-ingest -q >/dev/null
	mem-admin config unset engine.e.url >/dev/null
	mem-admin stats >out
	grep "\"outbox_count\":0" out
'
test_done
