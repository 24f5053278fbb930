#!/bin/sh
# mem-search --engine against a real engine: each form of a query finds
# what the store finds by words; hybrid finds what says the same in other words;
# bound calls, grafts and users; what is not pushed, and what was forgotten.
# MEM_ENGINE=elasticsearch: that one.
real_home=$HOME
. "${0%/*}/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$tests/lib-engine.sh"
need_engine "${MEM_ENGINE:-opensearch}" || { test_done; exit; }
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema
all=event,kb,document,chunk,toc,grip,fact,artifact
demo=$top/share/demo
unset MEM_NOW

# push: and it can be found
push() {
	mem-index --to os -q && engine_curl POST /_refresh >/dev/null
}
fill() {
	for f in claude codex copilot gemini chatgpt; do
		mem-from $f "$demo/$f" | mem-ingest -q
	done
	mem-ingest -q --kb bugs "$demo/bugs.jsonl"
	mem-from docs "$top/share/doc" 2>/dev/null | mem-ingest -q --kb handbook
	printf '%s\n' '{"session_id":"cjk","timestamp":1794000000000,"role":"user","text":"東京都の天気 token"}' \
	    '{"session_id":"cjk","timestamp":1794000000000,"role":"user","text":"C++ und C# im Café getUserName"}' \
	    '{"session_id":"cjk","timestamp":1794000000000,"role":"user","text":"the of and"}' |
	    mem-ingest -q
	mem-toc build -q
	mem-ltm add 'the build uses gcc twelve'
	mem-ltm add --scope tenant 'releases are on tuesdays'
	mem-artifact put --uri https://example.org/token-refresh.pdf \
	    --content-type application/pdf
	mem-index -q
} >/dev/null 2>&1
MEM_MODEL=$model
fill
engine_set os "$engine" >/dev/null

# here QUERY, there QUERY: ids of all that it finds
here() {
	mem-search --engine '' --mode text -l -n 0 --no-fold --in "$in" -- "$1" \
	    2>/dev/null | sort
}
there() {
	mem-search --engine os --mode text -l -n 0 --no-fold --in "$in" -- "$1" \
	    2>err | sort
}
queries() {
	cat <<'END'
token refresh
"refresh token"
refresh*
tok*
token -refresh
token OR family
+token +family
restic "pg_dump"
"refresh token" "grace period"
"a second time" OR "grace period"
role:user token
agent:codex
type:tool_use
kb:bugs
kb:bugs status:resolved
status:open OR severity
since:2026-10-01 token
until:2026-10-15 token
date:2026-11-11
-date:2026-11-11
author:support
author:s*
-author:*
tag:race_condition
id:FN-118
id:fn-1*
source:event token
source:fact
scope:tenant
scope:session token
level:segment
level:day
user:TESTER token
user:nobody
source_id:1ebf5f82-278e-4081-af10-cad2eb8b9369
path:*.md
path:* token
media:text/*
the of and
"to the"
+the token
"the of"
internal/auth/refresh.go
refresh.go
"internal auth refresh"
getUserName
"get user name"
C++
C#
cafe
Café
東京
京
"東京都"
都の天気
-token
-role:user agent:claude
session:cjk
session:CJ*
tuesdays
gcc
zzzznothing
END
}
push
test_that 'each form of a query finds the same texts, and as many' '
	n=0
	queries >q
	while IFS= read -r q; do
		for in in event,kb "$all" session; do
			here "$q" >a
			there "$q" >b
			cmp a b || { echo "$in: $q"; cat err; diff a b | head -5
			    exit 1; }
			a=$(mem-search --engine "" -c --in "$in" -- "$q") || :
			b=$(mem-search --engine os -c --in "$in" -- "$q") || :
			[ "$a" = "$b" ] || { echo "$in: $q: $a, $b"; exit 1; }
			n=$((n + 1))
		done
	done <q
	[ $n -gt 150 ]
'
test_that 'the hits are those of the store in kind and form' '
	for in in event kb chunk toc grip fact artifact session; do
		mem-search --engine os --json -n 0 --no-fold --mode text --in $in \
		    "source:* OR the" >out
		[ -s out ]
		"$helper" "$top/share/schema" <out
		mem-search --engine "" --json -n 0 --no-fold --mode text \
		    --in $in "source:* OR the" >own
		for f in own out; do
			python3 -c "
import json, sys
for o in map(json.loads, sys.stdin):
    print(o[\"source\"], o[\"id\"], sorted(o), json.dumps(o[\"record\"],
          sort_keys=True) if o[\"source\"] != \"session\" else \"\")" \
			    <$f | sort >$f.same
		done
		cmp own.same out.same || { diff own.same out.same | head; exit 1; }
	done
'
test_that 'what is quoted comes first, and the rest follows, where there is little' '
	mem-search --engine os -l "\"grace period\" nothingatall token" >a 2>err
	mem-search --engine os -l "\"no such words\" token" >b 2>err
	[ -s a ] && [ -s b ]
	grep "nothing holds all that is quoted" err
	[ "$(sort b | uniq -d | wc -l)" -eq 0 ]
'
test_that 'vectors find what says the same in other words' '
	printf "%s\n" "{\"event_id\":\"01HNAVQZC00000000000000099\",\"session_id\":\"v\",\"timestamp\":1706540400000,
	    \"role\":\"user\",\"text\":\"my dog ran away from the vet\"}" |
	    tr -d "\n\t" | mem-ingest -q >/dev/null
	push
	mem-search --engine os -l "a puppy fled the animal doctor" >out
	head -n 3 out | grep 01HNAVQZC00000000000000099
	exits 1 mem-search --engine os -l --mode text --in event \
	    --session v "puppy fled animal doctor"
	mem-search --engine os --mode vector -l --session v puppy >out
	grep 01HNAVQZC00000000000000099 out
	mem-search --engine os --explain --json -n 1 "dog vet" >out
	grep "\"part\":\"vector\"" out
	mem-search --engine os --explain --text -n 1 "dog vet" | grep "0.6 x text"
'
test_that 'neighbours, budget, batch, recent, formats' '
	mem-search --engine os --json -C 1 -n 1 --in event "grace period" >out
	grep "\"context\":\[{" out
	mem-search --engine os --json -C 1 -n 5 --in document warranty OR token >out
	grep "\"context\":\[{" out
	[ "$(mem-search --engine os --budget 500 token | wc -c)" -le 500 ]
	printf "token\nrestic\n" | mem-search --engine os --batch - --json -n 2 >out
	[ "$(jl query <out | tr "\n" " ")" = "1 1 2 2 " ]
	mem-search --engine os --recent 10 -l token >out
	[ -s out ]
	mem-search --engine os --format csv -n 2 token | head -n 1 | grep "^id,"
	mem-search --engine os -q token
	exits 1 mem-search --engine os -q zzzznothing
'
test_that 'of a document the best piece is a hit, and nearly the same is told once' '
	mem-search --engine os --json --in document -n 50 token >out
	[ "$(jl id <out | sed "s/#.*//" | sort | uniq -d | wc -l)" -eq 0 ]
	grep "\"chunks_n\"" out
	for i in 1 2 3; do
		printf "{\"session_id\":\"same\",\"timestamp\":179400000000$i,\"role\":\"user\",\"text\":\"%s\"}\n" \
		    "the very same words about a wombat$i" \
		    "again and again the identical sentence on marsupials"
	done | mem-ingest -q >/dev/null
	push
	mem-search --engine os --json --mode text --session same \
	    "identical sentence marsupials" >out
	[ "$(grep -c . out)" -eq 1 ]
	grep "\"same_n\":2" out
'
test_that 'what is not pushed yet is told, and what was forgotten is not shown' '
	printf "%s" "{\"event_id\":\"01HNAVQZC00000000000000098\",\"session_id\":\"f\",\"timestamp\":1706540400000,
	    \"role\":\"user\",\"text\":\"quokka\"}" | tr -d "\n\t" |
	    mem-ingest -q >/dev/null
	exits 1 mem-search --engine os quokka 2>err
	grep "changes of this store are not in .os. yet" err
	push
	mem-search --engine os -l quokka 2>err
	[ ! -s err ]
	echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"01HNAVQZC00000000000000098\"}" |
	    mem-ingest -q >/dev/null
	exits 1 mem-search --engine os -l quokka 2>err
	push
	exits 1 mem-search --engine os -l quokka 2>err
	[ "$(mem-search --engine os -c quokka)" = 0 ]
'
test_that 'users, bound calls and grafts: what is seen, and the audit log' '
	printf "%s\n" "{\"session_id\":\"b1\",\"timestamp\":1794000000000,\"role\":\"user\",\"text\":\"numbat one\"}" \
	    "{\"session_id\":\"b2\",\"timestamp\":1794000000000,\"role\":\"user\",\"text\":\"numbat two\"}" |
	    mem-ingest -q --user bob >/dev/null
	printf "%s\n" "{\"session_id\":\"t1\",\"timestamp\":1794000000000,\"role\":\"user\",\"text\":\"numbat of mine\"}" |
	    mem-ingest -q >/dev/null
	push
	[ "$(mem-search --engine os -c numbat)" = 1 ]
	[ "$(mem-search --engine os -c --user bob numbat)" = 2 ]
	[ "$(MEM_SESSION=b1 mem-search --engine os -c --user bob numbat)" = 1 ]
	id=$(mem-session graft b2 --to user:tester --user bob --json | jl id)
	mem-search --engine os --json --mode text numbat >out
	[ "$(grep -c . out)" -eq 2 ]
	grep "numbat two" out | grep "\"graft\":\"$id\"" | grep "\"user\":\"bob\""
	"$helper" "$top/share/schema" <out
	[ "$(mem-search --engine os -c numbat)" = 2 ]
	mem-admin audit --json | grep "graft $id" | grep "session b2 of bob"
	mem-session ungraft "$id" --user bob >/dev/null
	[ "$(mem-search --engine os -c numbat)" = 1 ]
'
test_that 'more than a page, and more than an answer holds' '
	awk "BEGIN { for (i = 0; i < 11500; i++)
		printf \"{\\\"session_id\\\":\\\"n%d\\\",\\\"timestamp\\\":%.0f,\\\"role\\\":\\\"user\\\",\\\"text\\\":\\\"bandicoot number %d\\\"}\\n\", i % 1500, 1794000000000 + i, i }" |
	    mem-ingest -q >/dev/null
	push
	[ "$(mem-search --engine os -c bandicoot)" = 11500 ]
	[ "$(mem-search --engine os -c --in session bandicoot)" = 1500 ]
	mem-search --engine os -l -n 0 --no-fold bandicoot | sort -u >out
	[ "$(grep -c . out)" = 11500 ]
	[ "$(mem-search --engine os -l -n 10500 --no-fold bandicoot | sort -u |
	    grep -c .)" = 10500 ]
'
test_that 'another language, and another model, are told' '
	mem-admin config set index.language german >/dev/null
	exits 2 mem-search --engine os token 2>err
	grep "mem-index --to os --rebuild" err
	mem-admin config unset index.language >/dev/null
	MEM_MODEL=none mem-search --engine os -l token 2>err >out
	[ -s out ]
'
test_that 'an engine that is down is an error that says so' '
	engine_down || :
	exits 75 mem-search --engine os token 2>err >out
	[ -s err ] && [ ! -s out ]
'
test_done
