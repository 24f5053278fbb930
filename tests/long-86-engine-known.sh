#!/bin/sh
# mem-search --engine between a change of the store and the push that tells the
# engine of it: what was redacted, forgotten or taken back here is not shown.
real_home=$HOME
. "${0%/*}/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$tests/lib-engine.sh"
need_engine opensearch || { test_done; exit; }
unset MEM_NOW
key=ghp_Zk3vT9q2LmX8sRw4YbN7cHd1FgJ5pA6uE0tV

# ev SESSION MS TEXT
ev() {
	printf '{"session_id":"%s","timestamp":%s,"role":"user","text":"%s"}\n' \
	    "$@"
}
# own NAME: a store of its own, and an index
own() {
	MEM_STORE=$work/$1
	export MEM_STORE
	mem-admin init
	engine_set os "$engine"
	mem-admin config set engine.os.index "$1"
} >/dev/null 2>&1
push() {
	mem-index --to os -q && engine_curl POST /_refresh >/dev/null
}
find_it() {
	mem-search --engine os --mode text --json -n 0 --no-fold "$@" >out 2>err
}

test_that 'a secret that was redacted here is not shown before the next push' '
	own redact
	ev s1 1790000000000 "the amber key is $key" |
	    mem-ingest -q --no-redact >/dev/null
	ev s1 1790000001000 "amber without any" | mem-ingest -q >/dev/null
	mem-toc build -q
	push
	find_it --in event,toc,grip amber
	grep "$key" out
	mem-admin redact -q >/dev/null
	find_it --in event,toc,grip amber
	if grep "$key" out; then exit 1; fi
	grep "amber without any" out
	exits 1 find_it "$key"
	exits 1 find_it --in session "$key"
	mem-toc build -q
	find_it --in event,toc,grip amber
	if grep "$key" out; then exit 1; fi
	push
	find_it --in event amber
	[ "$(wc -l <out)" = 2 ]
	grep "redacted:" out
'
test_that 'a row that was redacted here neither' '
	own redactrow
	printf "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"r%s\",\"record_type\":\"n\",\"title\":\"amber %s\"}\n" \
	    1 "$key" 2 none | mem-ingest -q --no-redact >/dev/null
	push
	find_it --in kb amber
	grep "$key" out
	mem-admin redact -q >/dev/null
	find_it --in kb amber
	if grep "$key" out; then exit 1; fi
	grep "amber none" out
	push
	find_it --in kb amber
	[ "$(wc -l <out)" = 2 ]
'
test_that 'of a user who was forgotten here nothing is shown' '
	own user
	MEM_USER=ann
	ev s1 1790000000000 "amber valve secret one" | mem-ingest -q >/dev/null
	ev s1 1790000001000 "amber valve answer two" | mem-ingest -q >/dev/null
	mem-ltm add "the amber safe code is 4711" >/dev/null
	mem-toc build -q
	MEM_USER=tester push
	find_it --in event,toc,grip,fact,session amber
	grep 4711 out
	grep toc:day out
	MEM_USER=tester mem-admin forget --user ann -y -q >/dev/null
	exits 1 find_it --in event,toc,grip,fact,session amber
	# and who comes again is seen
	sleep 0.1
	mem-ltm add "a new amber fact" >/dev/null
	push
	find_it --in event,toc,grip,fact,session amber
	[ "$(wc -l <out)" = 1 ]
'
test_that 'a fact that was rolled back here, or has ended, is not shown' '
	own fact
	b=$(mem-ltm add --key b "amber two" | jl fact_id)
	mem-ltm add --key b "amber three" >/dev/null
	c=$(mem-ltm add "amber four" | jl fact_id)
	mem-ltm add "amber five" >/dev/null
	push
	find_it --in fact amber
	[ "$(wc -l <out)" = 3 ]
	grep "amber three" out
	mem-ltm rollback "$b" 1 >/dev/null
	mem-ltm expire "$c" >/dev/null
	find_it --in fact amber
	if grep "three\|four" out; then exit 1; fi
	grep "amber five" out
	push
	find_it --in fact amber
	[ "$(wc -l <out)" = 2 ]
	grep "amber two" out
'
# ann_grafts NAME FORMAT: 400 sessions of two texts each, 0.1 s apart, seen for
# a time that ends at the minute and second that printf puts into FORMAT
ann_grafts() {
	own "$1"
	i=0
	while [ $i -lt 400 ]; do
		ev s$i $((1790000000000 + i * 1000)) "amber $i one"
		ev s$i $((1790000000100 + i * 1000)) "amber $i two"
		i=$((i + 1))
	done | mem-ingest -q --user ann >/dev/null
	ev mine 1790000000000 "amber of mine" | mem-ingest -q >/dev/null
	i=0
	while [ $i -lt 400 ]; do
		# shellcheck disable=SC2059 # a format
		mem-session graft --user ann --to user:tester --from 2026-09-01 \
		    --before "$(printf "$2" $(((800 + i) / 60)) \
		    $(((800 + i) % 60)))" s$i >/dev/null
		i=$((i + 1))
	done
	push
}
both() {
	mem-search --engine "" --mode text -l -n 0 --no-fold amber | sort >own
	mem-search --engine os --mode text -l -n 0 --no-fold amber 2>err |
	    sort >out
	cmp own out
}
test_that 'grafts of one time, however many, are told to the engine' '
	ann_grafts grafts "2026-12-01"
	both
	[ "$(wc -l <out)" = 801 ]
	if grep "hits may be missing" err; then exit 1; fi
	[ "$(mem-search --engine os -c amber)" = 801 ]
'
test_that 'of too many times what comes is looked at, and nothing is counted' '
	ann_grafts times "2026-09-21T14:%02d:%02d.050Z"
	both
	[ "$(wc -l <out)" = 401 ]
	grep "hits may be missing" err
	exits 64 mem-search --engine os -c amber 2>err
	grep "engine .. counts" err
	if mem-search --engine os -l -n 0 --no-fold two; then exit 1; fi
'
test_done
