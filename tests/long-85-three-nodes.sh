#!/bin/sh
# A tenant on three machines: each writes sessions of its own, all push to one
# bucket and to one engine.  Any of them finds what it may see, wherever that
# was said, before it has been pulled; one dies, and another goes on with its
# sessions; what one forgot, another that lags does not bring back.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-engine.sh"
. "$tests/lib-sync.sh"
s3_have minio || {
	[ "${MEM_NEED_SERVERS:-0}" != 1 ] || test_that 'minio can be had' 'exit 1'
	skip 'three nodes' 'minio is not installed; MEM_NEED_SERVERS=1 builds it'
	test_done
	exit
}
need_engine opensearch || { test_done; exit; }
s3_start minio || { test_that 'minio starts' 'exit 1'; test_done; exit; }
bucket=story
curl -sf -o /dev/null -X PUT --aws-sigv4 aws:amz:us-east-1:s3 \
    --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$endpoint/$bucket"

url=s3://$bucket/prod node A B C
for n in A B C; do
	as $n mem-admin config set remote.main.endpoint "$endpoint"
	as $n mem-admin config set engine.hub.url "$engine"
done
say A a0 "the store begins"
push A >/dev/null
pull B >/dev/null
pull C >/dev/null

hub() {
	as "$1" mem-index --to hub >/dev/null
}
share() {
	for n; do
		push "$n" >/dev/null && hub "$n" || return 1
	done
}
# finds NODE WORD N: so many hits through the engine
finds() {
	got=$(as "$1" mem-search --engine hub --mode text -n 0 -l "$2" |
	    wc -l)
	[ "$got" -eq "$3" ] || { echo "$1 finds $got of '$2', not $3"; return 1; }
}
# all NODE WORD N
everybody() {
	for n in A B C; do
		[ ! -d "$work/$n" ] || finds $n "$1" "$2" || return
	done
}

test_that 'each finds what all of them said, and has pulled nothing' '
	say A a1 "the amber valve was replaced"
	say B b1 "the beryl valve leaks"
	say C c1 "the coral valve is closed"
	share A B C
	everybody valve 3
	everybody amber 1
	as A mem-log --session b1 && exit 1
	as A mem-search --engine hub --mode text beryl >out
	grep "\"session_id\":\"b1\"" out
	grep "the beryl valve leaks" out
'
test_that 'users are apart on every node' '
	MEM_USER=ann say B n1 "the diamond valve is a secret"
	share B
	everybody diamond 0
	MEM_USER=ann finds A diamond 1
	MEM_USER=ann finds C amber 0
'
test_that 'a call that is bound sees its session, wherever that was written' '
	MEM_SESSION=b1 finds C valve 1
	MEM_SESSION=b1 finds A amber 0
	MEM_SESSION=none finds A valve 0
'
test_that 'a graft holds where it has come to' '
	MEM_USER=ann as B mem-session graft --to user:tester n1 >out ||
	    { cat out; exit 1; }
	finds A diamond 0
	share B
	pull A
	finds A diamond 1
	finds C diamond 0
'
test_that 'contents, rows, documents and facts are found by all' '
	as B mem-toc build >/dev/null
	echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"r1\",\"record_type\":\"bug_record\",\"title\":\"valve of jade\"}" |
	    as C mem-ingest >/dev/null
	mkdir -p docs
	printf "# Handbook\n\nThe opal valve opens to the left.\n" >docs/h.md
	as A mem-from docs "$work/docs" | as A mem-ingest --kb hand >/dev/null
	share A B C
	everybody jade 1
	everybody opal 1
	as B mem-search --engine hub --in document --mode text opal >out
	grep "\"document_id\":\"h.md\"" out
	as C mem-search --engine hub --in toc --mode text beryl | grep toc:
'
test_that 'one dies in the middle, and another goes on with its sessions' '
	i=0
	while [ $i -lt 300 ]; do
		i=$((i + 1))
		echo "{\"session_id\":\"b2\",\"timestamp\":$((1790100000000 + i)),\"text\":\"garnet number $i\"}"
	done | as B mem-ingest >/dev/null
	push B >/dev/null
	MEM_STORE=$work/B mem-index --to hub >/dev/null 2>&1 &
	pid=$!
	sleep 0.1
	kill -9 $pid || :
	wait $pid || :
	rm -rf "${work:?}/B"
	pull C >/dev/null
	hub C
	finds A garnet 300
	finds C garnet 300
	as C mem-sync lease take --steal b2 >/dev/null
	say C b2 "garnet goes on here" 1790200000000
	share C
	finds A garnet 301
	pull A
	[ "$(as A mem-log --json --session b2 | wc -l)" -eq 301 ]
'
test_that 'what one forgot does not come back by another that lags' '
	id=$(as A mem-search --engine hub --mode text -l coral)
	pull A >/dev/null
	as A mem-admin forget --id "$id" >/dev/null
	hub A
	finds A coral 0
	finds C coral 0
	say C c1 "one more of the valve" 1790300000000
	hub C
	finds A coral 0
	as C mem-index --to hub --rebuild >/dev/null
	finds A coral 0
	push A >/dev/null
	pull C >/dev/null
	hub C
	finds C coral 0
	finds C amber 1
'
test_that 'an engine that was wiped has everything again' '
	curl -sf -X DELETE "$engine/memkit-*" >/dev/null
	as A mem-search --engine hub amber >out 2>err && exit 1
	cat err
	grep "mem-index --to hub" err
	pull A >/dev/null
	hub A
	hub C
	everybody garnet 301
	everybody amber 1
	everybody coral 0
'
test_done
