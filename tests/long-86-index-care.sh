#!/bin/sh
# mem-index --to an engine that has only a part of what it holds, or refuses to
# write: nothing counts as told that is not there, and no index is deleted that
# another cannot take the place of.  And two that begin together.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"
. "$tests/lib-engine.sh"
need_engine "${MEM_ENGINE:-opensearch}" || { test_done; exit; }

engine_of() {
	MEM_STORE=$1 engine_set os "${2:-$engine}" "$engine_kind" >/dev/null
	MEM_STORE=$1 mem-admin config set engine.os.shards "${3:-1}" >/dev/null
}
wipe() {
	for index in $(engine_curl GET '/_cat/indices/memkit-*?h=index'); do
		engine_curl DELETE "/$index" >/dev/null
	done
}
anew() {
	wipe
	rm -rf "$MEM_STORE"
	mkevents 20 | mem-ingest -q >/dev/null
	engine_of "$MEM_STORE" "$@"
}
to() {
	timeout 120 mem-index --to os "$@"
}
more() {
	printf '{"session_id":"%s","timestamp":1790000700000,"text":"%s"}\n' \
	    "$1" "$2" | mem-ingest -q >/dev/null
}
right() {
	to --verify >verified || { grep problem verified; return 1; }
}
indices() {
	engine_curl GET '/_cat/indices/memkit-*?h=index' | LC_ALL=C sort
}
# trace WORD: is it in a document that is there?
trace() {
	engine_curl POST /memkit-default/_refresh >/dev/null
	engine_curl POST '/memkit-default/_search?size=10000' \
	    '{"query":{"bool":{"must_not":[{"term":{"gone":true}}]}}}' |
	    grep -i "$1" >/dev/null
}

test_that 'an index that is blocked ends it, and its texts come later' '
	anew
	to -q
	engine_curl PUT "/memkit-default/_settings" "{\"index.blocks.write\":true}" >/dev/null
	more s1 "while it was blocked"
	exits 2 to 2>err
	grep "refuses to write (status 403)" err
	engine_curl PUT "/memkit-default/_settings" "{\"index.blocks.write\":false}" >/dev/null
	to -q
	right
	trace "while it was blocked"
'
engine_proxy "$engine"
test_that 'so do an alias without an index to write to, and all of a batch' '
	anew "$proxy"
	to -q
	more s1 "while it was refused"
	for item in "400 1 some_new_exception" "401 1 security_exception"; do
		will proxy "_bulk items $item"
		exits 2 to 2>err
		grep "refuses to write" err
	done
	mkevents 10 5 | sed "s/text number/more of/" | mem-ingest -q >/dev/null
	will proxy "_bulk items 400 1 mapper_parsing_exception"
	exits 2 to 2>err
	grep "refuses to write" err
	will proxy
	to -q
	right
	trace "while it was refused"
'
test_that 'what not all shards answered is no answer' '
	anew "$proxy"
	to -q
	indices >was
	part="\"_shards\":{\"total\":2,\"successful\":1,\"failed\":0}"
	for how in "" "always _count 200 {\"count\":0,$part}" \
	    "_search?scroll 200 {\"_scroll_id\":\"x\",\"timed_out\":true,\"hits\":{\"total\":{\"value\":0},\"hits\":[]}}" \
	    "_search?scroll 200 {\"_scroll_id\":\"x\",$part,\"hits\":{\"total\":{\"value\":0},\"hits\":[]}}" \
	    "_search?scroll 200 {\"_scroll_id\":\"x\",\"hits\":{\"total\":{\"value\":3},\"hits\":[]}}"; do
		[ -n "$how" ] || continue
		will proxy "$how"
		exits 75 to --rebuild 2>err || exits 2 to --rebuild 2>err
		cat err
		[ "$(engine_curl GET "/_cat/aliases/memkit-*?h=index")" = "$(cat was)" ]
	done
	will proxy "_count 200 {\"count\":20,$part}"
	if to --verify; then exit 1; fi
	will proxy "_count 200 {\"count\":99}"
	if to --rebuild 2>err; then exit 1; fi
	grep "only .* can be copied" err
	will proxy
	to -q --rebuild
	right
'
test_that 'of an index that lost a shard nothing is made anew, nor deleted' '
	wipe
	fresh A B
	for w in A B; do engine_of "$work/$w" "$engine" 2; done
	mkevents 20 5 | as A mem-ingest -q >/dev/null
	mkevents 20 5 | sed "s/text number/of B number/" | as B mem-ingest -q >/dev/null
	as A mem-index -q --to os
	as B mem-index -q --to os
	name=$(indices)
	engine_curl POST "/$name/_flush" >/dev/null
	uuid=$(engine_curl GET "/_cat/indices/$name?h=uuid")
	engine_down
	rm -f "$(find "$work/engine-$engine_kind" -type d -name "$uuid")"/1/index/segments_*
	# it is red for good
	engine_ready() {
		engine_curl GET "/_cat/shards/$name?h=state" 2>/dev/null | grep STARTED
	}
	engine_up
	# a refresh waits for the shard
	as A mem-admin config set engine.os.timeout 3 >/dev/null
	if as A mem-index --to os --rebuild 2>err; then exit 1; fi
	cat err
	[ "$(engine_curl GET "/_cat/aliases/memkit-*?h=index")" = "$name" ]
	indices | grep -x "$name"
	wipe
'
test_that 'what was forgotten here goes of what others pushed, when made anew' '
	wipe
	fresh A B
	for w in A B; do engine_of "$work/$w"; done
	say A secret "the platypus of A" 1790000500000
	say A keep "the walrus of A" 1790000600000
	push A >/dev/null
	pull B >/dev/null
	as A mem-index -q --to os
	as B mem-index -q --to os
	as A mem-admin forget -q --session secret >/dev/null
	as A mem-index -q --to os --rebuild
	trace walrus
	if trace platypus; then exit 1; fi
'
test_that 'a fact that another pushed last goes with its version' '
	wipe
	fresh A B
	for w in A B; do engine_of "$work/$w"; done
	as A mem-ltm add "Maren has a lamp." >/dev/null
	push A >/dev/null
	pull B >/dev/null
	as B mem-ltm add "Vera has a gecko." >/dev/null
	say A s1 "My name is Wombat." 1790000500000
	as A mem-ltm -q live >/dev/null
	as A mem-ltm list --json | grep Wombat
	push A >/dev/null
	pull B >/dev/null
	as A mem-index -q --to os
	as B mem-ltm -q live >/dev/null
	as B mem-index -q --to os
	trace wombat
	as A mem-admin forget -q --id "$(as A mem-log --json | jl event_id)" >/dev/null
	as A mem-index -q --to os
	if trace wombat; then exit 1; fi
	trace gecko
'
test_that 'of two that begin together one makes the index, and both fill it' '
	for i in 1 2 3; do
		wipe
		fresh A B
		for w in A B; do engine_of "$work/$w"; done
		say A s1 "the platypus of A" 1790000500000
		say B s2 "the walrus of B" 1790000500000
		as A mem-index -q --to os &
		as B mem-index -q --to os
		wait $!
		[ "$(indices | wc -l)" -eq 1 ]
		for w in A B; do as $w mem-index -q --to os; done
		trace platypus
		trace walrus
	done
'
test_that 'an alias of several is one again with --rebuild' '
	old=$(indices)
	engine_curl PUT "/$old/_alias/memkit-default" >/dev/null
	new=memkit-default.0123abcd
	map=$(engine_curl GET "/$old/_mapping" | python3 -c "
import json, sys
m = list(json.load(sys.stdin).values())[0][\"mappings\"][\"_meta\"]
m[\"memkit\"][\"generation\"] = \"0123abcd\"
print(json.dumps({\"mappings\": {\"_meta\": m}}))")
	engine_curl PUT "/$new" "$map" >/dev/null
	engine_curl POST /_aliases "{\"actions\":[{\"add\":{\"index\":\"$new\",\"alias\":\"memkit-default\"}}]}" >/dev/null
	if as A mem-index --to os 2>err; then exit 1; fi
	grep "several indexes.*--rebuild" err
	as A mem-index -q --to os --rebuild
	[ "$(indices | wc -l)" -eq 1 ]
	trace platypus
	trace walrus
	as B mem-index -q --to os
'
test_that 'an index that was not finished does not stay' '
	anew "$proxy"
	to -q
	indices >was
	will proxy "always _aliases 400 {}"
	for i in 1 2; do
		if to --rebuild 2>err; then exit 1; fi
	done
	will proxy
	indices | diff was -
	to -q --rebuild
	right
	[ "$(indices | wc -l)" -eq 1 ]
'
test_done
