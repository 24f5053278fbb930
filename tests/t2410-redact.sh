#!/bin/sh
# mem-admin redact: today's rules, on rows of yesterday.  It is killed at one step
# in 9; long-27-redact.sh takes all of them, with MEM_EVERY=N one in N.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

schema=$top/share/schema
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema
valid() {
	"$helper" "$schema" "$@"
}
# of nobody: from a random generator
secret=AKIAQ3EGWRTY7UZXN5M2
pass=hV8kq2Zr9TxLw4
export secret pass

# leaky: what was stored when nobody looked for secrets
leaky() {
	{
		mkevents 40 2
		echo "{\"session_id\":\"s1\",\"timestamp\":1790000000100,\"text\":\"the key is $secret, keep it\"}"
		echo "{\"session_id\":\"s0\",\"timestamp\":1790000000101,\"text\":\"clean\",\"metadata\":{\"password\":\"$pass\",\"a\":\"b\"}}"
		echo "{\"event_id\":\"01HNAVQZC00000000000000001\",\"session_id\":\"s1\",\"timestamp\":1790000000102,\"text\":\"again $secret\"}"
		echo "{\"type\":\"session\",\"session_id\":\"s1\",\"title\":\"With $secret\"}"
		echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"r1\",\"record_type\":\"n\",\"title\":\"a walrus $secret\"}"
		echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"r2\",\"record_type\":\"n\",\"title\":\"a walrus\"}"
	} >leaks
	mem-ingest --no-redact leaks >out
	mem-session set s0 password "$pass" 2>/dev/null || :
}
nothing_left() {
	if LC_ALL=C grep -r -a -e "$secret" -e "$pass" "${1:-$MEM_STORE}"; then return 1; fi
	mem-log --json >all
	mem-search --json --in kb walrus >>all
	mem-session show s1 --json >>all
	if grep -e "$secret" -e "$pass" all; then return 1; fi
}

test_that 'dry run: counted by kind, and nothing is changed' '
	fresh_store
	leaky
	mem-log --json >before
	mem-admin redact --dry-run >out
	valid out
	grep "\"events\":3" out
	grep "\"records\":1" out
	grep "\"redacted\":{[^}]*\"aws[^}]*:4" out
	mem-log --json | cmp - before
	store_whole
'
test_that 'rows lose their secrets, keep their ids; bytes go from the disk' '
	mem-toc build -q
	mem-index -q
	mem-log --json | jl event_id >ids
	mem-admin redact --finish --receipt r.json >out
	valid out r.json
	nothing_left
	mem-log --json | jl event_id | cmp - ids
	mem-log --json | grep "the key is \[redacted:aws[^]]*\], keep it"
	mem-session show s1 --json | grep "\"title\":\"With \[redacted:"
	[ "$(mem-search -c "keep")" = 1 ]
	exits 1 mem-search "$secret"
	[ "$(mem-search --in kb -c walrus)" = 2 ]
	store_whole
	mem-toc build -q
	mem-index -q
	nothing_left
	store_whole
	mem-admin redact >out
	grep "\"counts\":{\"events\":0,\"values\":0,\"records\":0" out
'
test_that 'what is packed, and the original again' '
	fresh_store
	leaky
	mem-admin compact --all -q >out
	mem-admin redact --finish >out
	nothing_left
	store_whole
	mem-ingest leaks >out
	cat out
	grep "\"stored\":0,\"duplicate\":46,\"rejected\":{}" out
	# and in clear, if somebody insists: not of events
	mem-ingest --no-redact leaks >out
	grep "\"stored\":2,\"duplicate\":44" out
	exits 1 mem-search --in event "$secret"
	store_whole
'
test_that 'only what is asked for' '
	fresh_store
	leaky
	mem-admin redact --session s0 >out
	grep "\"events\":1" out
	grep "\"records\":0" out
	mem-admin redact --until 2020 >out
	grep "\"events\":0" out
	mem-admin redact --user nobody >out
	grep "\"events\":0" out
	exits 2 mem-admin redact --session none 2>err
	mem-log --json | grep -q "$secret"
'
test_that 'a session on hold stays, and is named' '
	fresh_store
	leaky
	mem-session hold s1 court
	exits 3 mem-admin redact >out 2>err
	valid out
	grep "session '\''s1'\'' is on hold" err
	grep "\"on_hold\":3" out
	mem-log --json | grep -q "$secret"
	exits 1 grep "$pass" out
	store_whole
'
test_that 'another copy hears of it, whichever way' '
	fresh a b c
	export MEM_STORE=$work/a
	leaky
	push a >out
	pull b >out
	as b mem-toc build -q
	as b mem-index -q
	as a mem-admin redact --finish >out
	push a >out
	pull b >out
	cat out
	as b mem-index -q
	as b mem-admin compact -q >out
	MEM_STORE=$work/b nothing_left "$work/b/tenants"
	as b mem-admin check >out || { cat out; exit 1; }
	as a mem-log --json >la
	as b mem-log --json | cmp - la
	pull c >out
	as c mem-log --json | cmp - la
	as c mem-ingest "$work/leaks" >out || cat out
	as c mem-log --json | cmp - la
	as b mem-sync push >out
	as a mem-sync pull >out
	as a mem-log --json | cmp - la
	as a mem-admin check >out || { cat out; exit 1; }
'
test_that 'no copy can put other words in its place' '
	fresh_store
	mkevents 3 1 | mem-ingest >out
	id=$(mem-log --json -n 1 | jl event_id)
	text=$(mem-log --json -n 1 | sed "s/.*\"text\":\"\([^\"]*\)\".*/\1/")
	ts=$(mem-log --json -n 1 | jl timestamp)
	{
		echo "{\"type\":\"tombstone\",\"target\":\"redacted\",\"id\":\"$id\"}"
		echo "{\"type\":\"event\",\"event_id\":\"$id\",\"session_id\":\"s0\",\"timestamp\":$ts,\"text\":\"other words\"}"
	} | exits 3 mem-ingest >out
	mem-log --json | grep -F "\"text\":\"$text\""
	echo "{\"type\":\"event\",\"event_id\":\"$id\",\"session_id\":\"s0\",\"timestamp\":$ts,\"text\":\"text [redacted:number]\"}" | mem-ingest >out
	mem-log --json | grep -F "\"text\":\"text [redacted:number]\""
	store_whole
'
test_that 'killed anywhere' '
	if faults_work; then
		fresh_store
		leaky
		cp -R "$MEM_STORE" full
		n=1
		while fresh_store && cp -R full "$MEM_STORE" &&
		    fault "step:$n:KILL" mem-admin redact >out 2>err; do
			store_whole
			mem-admin redact --finish >out
			nothing_left
			store_whole
			n=$((n + ${MEM_EVERY:-9}))
		done
		[ $n -gt 5 ]
	fi
'
test_done
