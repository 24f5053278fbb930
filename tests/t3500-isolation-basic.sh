#!/bin/sh
# Two users of a tenant, and two tenants of a store, do not see each other,
# whatever they are called.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

ev() {
	echo "{\"session_id\":\"s\",\"timestamp\":$1,\"text\":\"$2\"}"
}

test_that 'users of one tenant: events' '
	ev 1 "of ann" | mem-ingest --user ann --ack >ack.ann
	ev 1 "of bob" | mem-ingest --user bob --ack >ack.bob
	[ "$(mem-log --json --user ann | jl text)" = "of ann" ]
	[ "$(mem-log --json --user bob | jl text)" = "of bob" ]
	[ "$(MEM_USER=bob mem-log --json | jl text)" = "of bob" ]
	exits 1 mem-log --user carol
	store_whole
'
test_that 'by id, around it, by session neither' '
	id=$(jl id <ack.ann | head -n 1)
	exits 1 mem-log --user bob "$id" 2>err
	exits 1 mem-log --user bob --around "$id" 2>err
	jl id <ack.ann | head -n 1 | exits 1 mem-log --user bob - 2>err
	[ "$(mem-log --json --user bob --session s -C 5 "$(jl id <ack.bob | head -n 1)" | jl text)" = "of bob" ]
'
test_that 'sessions of the same name are two' '
	ev 2 "two of ann" | mem-ingest --user ann >out
	mem-session set --user ann s k "of ann"
	exits 1 mem-session get --user bob s k
	mem-session show --user ann s --json | grep "\"events\":2"
	mem-session show --user bob s --json | grep "\"events\":1"
'
test_that 'the same id at both is no conflict, and tells neither of the other' '
	for u in ann bob; do
		echo "{\"event_id\":\"01HNAVQZC00000000000000001\",\"session_id\":\"x\",\"timestamp\":5,\"text\":\"$u\"}" |
		    mem-ingest --user $u --ack >ack.$u
	done
	cmp ack.ann ack.bob
	[ "$(mem-log --json --user bob 01HNAVQZC00000000000000001 | jl text)" = bob ]
'
test_that 'one follows only his own' '
	timeout 10 mem-log --json --user bob -f -n 4 >got &
	ev 6 "ann again" | mem-ingest --user ann >out
	ev 6 "bob again" | mem-ingest --user bob >out
	ev 7 "bob last" | mem-ingest --user bob >out
	wait $!
	exits 1 grep "ann" got
	[ "$(wc -l <got)" = 4 ]
'
test_that 'a search finds only his own' '
	[ "$(mem-search --json --user bob again | grep -c "\"hit\"")" = 1 ]
	exits 1 mem-search --user bob ann
	exits 1 mem-search --user carol again
'
test_that 'tenants: nothing of one is in the other' '
	ev 1 "of acme" | mem-ingest --tenant acme >out
	ev 1 "of initech" | MEM_TENANT=initech mem-ingest >out
	[ "$(mem-log --json --tenant acme | jl text)" = "of acme" ]
	[ "$(mem-log --json --tenant initech | jl text)" = "of initech" ]
	exits 1 mem-log
	exits 2 mem-log --tenant nobody 2>err
	grep "has no tenant" err
	[ ! -e "$MEM_STORE/tenants/nobody" ]
	for t in acme initech default; do
		[ -s "$MEM_STORE/tenants/$t/memory.db" ]
	done
'
test_that 'a knowledge base is its tenant'\''s, for all users of it' '
	r="{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"1\",\"record_type\":\"n\",\"title\":\"shared words\"}"
	echo "$r" | mem-ingest --user ann --tenant acme >out
	echo "$r" | mem-ingest --user bob --tenant acme --ack | grep duplicate
	echo "$r" | mem-ingest --user bob --tenant initech --ack | grep stored
	mem-search --user bob --tenant acme shared | grep shared
	exits 1 mem-search --user bob shared
'

# Names as people and programs give them; each is a tenant and a user.
n300=$(printf '%0300d' 7)
m300=$(printf '%0299d8' 7)
long=$(printf '%01024d' 7)
names() {
	printf '%s\n' '../x' '../../x' '/etc/passwd' '.' '..' '.hidden' 'a/b' \
	    'a\b' 'CON' 'con' 'Con' 'nul.txt' 'com1' 'Ä' 'ä' 'a' 'A' 'a.' 'a ' \
	    ' a' 'x%2f' '%' '%2e' '-rf' '*' '~' '$(id)' 'a;b' "a'b" 'a"b' \
	    'default' 'Default' '漢字' "$n300" "$m300" "$long"
}
test_that 'names of any kind: each tenant has its own' '
	fresh_store
	names >names
	i=0
	while IFS= read -r name; do
		i=$((i + 1))
		ev $i "number $i" | mem-ingest --tenant="$name" >out
	done <names
	i=0
	while IFS= read -r name; do
		i=$((i + 1))
		mem-log --json --tenant="$name" >got
		[ "$(jl text <got)" = "number $i" ] || { echo "$name:"; cat got; exit 1; }
	done <names
	[ "$(ls -A "$MEM_STORE/tenants" | wc -l)" = $i ]
'
test_that 'nothing is outside of the folder of tenants' '
	find "$work" -newer names -name "*.db" | grep -v "^$MEM_STORE/tenants/[^/]*/memory.db$" && exit 1
	ls -A "$MEM_STORE" | sort | tr "\n" " " | grep "^lock memkit tenants $"
	[ ! -e "$MEM_STORE/x" ]
	[ ! -e "$work/x" ]
'
test_that 'folders differ also on a disk that ignores case, and suit DOS' '
	ls -A "$MEM_STORE/tenants" >folders
	[ -z "$(tr A-Z a-z <folders | sort | uniq -d)" ]
	exits 1 grep "[^a-z0-9._%-]" folders
	exits 1 grep "^\.\|\.$" folders
	exits 1 grep -i "^\(con\|prn\|aux\|nul\|com[0-9]\|lpt[0-9]\)\(\..*\)\{0,1\}$" folders
	awk "length > 255 { bad = 1 } END { exit bad }" folders
'
test_that 'all tenants can be told again, long names too' '
	mem-admin stats --all-tenants --json >stats
	[ "$(wc -l <stats)" = "$(wc -l <names)" ]
	mem-admin check --all-tenants >out
	mem-log --complete --tenant "" >offered
	sort names >want
	sort offered | diff - want
'
test_that 'the same names as users of one tenant' '
	fresh_store
	i=0
	while IFS= read -r name; do
		i=$((i + 1))
		ev $i "number $i" | mem-ingest --user="$name" >out
	done <names
	i=0
	while IFS= read -r name; do
		i=$((i + 1))
		[ "$(MEM_USER=$name mem-log --json | jl text)" = "number $i" ]
	done <names
	store_whole
'
test_that 'and as sessions of one user' '
	fresh_store
	i=0
	while IFS= read -r name; do
		i=$((i + 1))
		mem-session set -- "$name" k "number $i"
	done <names
	i=0
	while IFS= read -r name; do
		i=$((i + 1))
		[ "$(mem-session get -- "$name" k)" = "number $i" ]
	done <names
	[ "$(mem-session list | wc -l)" = $i ]
'
test_that 'names that are none are misuse, and make nothing' '
	fresh_store
	for name in "" "$(printf "a\nb")" "$(printf "a\001")" \
	    "$(printf "\177")" "$(printf "\302\205")" "$(printf "a\377")" \
	    "$(printf "%01025d" 7)"; do
		exits 64 mem-ingest --tenant="$name" </dev/null
		exits 64 mem-ingest --user="$name" </dev/null
	done 2>err
	[ ! -e "$MEM_STORE" ]
'
test_done
