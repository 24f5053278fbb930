#!/bin/sh
# Tenants on remotes: none is taken for another.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

# An administrator of each store, and the note that says where.
guard() {
	as "$1" mem-admin credential add sync --tenant "$2" --rights sync,read \
	    --out "$work/$1.cred" >/dev/null 2>&1
}
# by NODE COMMAND...: with its credential, which names user and tenant
by() {
	who=$1
	shift
	env -u MEM_USER MEM_STORE="$work/$who" \
	    MEM_CREDENTIAL_FILE="$work/$who.cred" "$@"
}
set_up() {
	node a b
	say a s1 'the falcon budget is 300' 2>/dev/null
	as a mem-session set s1 k v
	echo x >x.txt
	as a mem-session put s1 inputs x.txt
	push a --snapshot
}

test_that 'a store with a memory, pushed' 'set_up; find "$R" -type f | head'
test_that 'another tenant finds nothing there' '
	exits 2 pull b --tenant acme 2>err
	grep "there is nothing in .main. yet for tenant .acme." err
'
test_that '--as takes the memory of one tenant into another' '
	pull b --tenant acme --as default -q >out
	cat out
	as b mem-log --tenant acme --json >out
	grep falcon out
	[ "$(as b mem-admin tenant list --json | jl tenant | tail -1)" = default ]
	[ "$(as b mem-admin tenant list --json | jl tenant | head -1)" = acme ]
	as b mem-admin check --tenant acme
	[ "$(as b mem-session get s1 k --tenant acme)" = v ]
'
test_that 'again: only what is new; and what this one has stays its own' '
	say a s1 "a second thought"
	push a
	exits 2 pull b --tenant acme -q 2>err
	grep "for tenant .acme." err
	pull b --tenant acme --as default -q --merge >out
	grep "\"segments\":1,\"records\":1,\"stored\":1" out
	push b --tenant acme --snapshot >out
	[ -d "$R/acme/.memkit" ]
	exits 1 grep -rl acme "$R/default"
	pull b --tenant third --as acme -q >/dev/null
	[ "$(as b mem-log --tenant third --json | wc -l)" -eq 2 ]
'
test_that 'objects of one tenant under the name of another are refused' '
	rm -rf copy
	cp -r "$R" copy
	mv copy/acme copy/acme.away
	cp -r copy/default copy/acme
	as b mem-admin config set remote.copy.url "file://$work/copy"
	exits 2 pull b --remote copy --tenant acme 2>err
	grep "it is of another tenant" err
'
test_that 'a remote that is one tenant'\''s is none of others' '
	node c
	as c mem-admin config set remote.main.tenant acme
	exits 64 pull c 2>err
	grep "no remote is set up" err
	exits 64 pull c --remote main 2>err
	pull c --tenant acme -q >/dev/null
	[ "$(as c mem-log --tenant acme --json | wc -l)" -eq 2 ]
'
test_that '{tenant} in a url: a folder for each' '
	mkdir -p many/acme many/default
	as c mem-admin config unset remote.main.tenant
	as c mem-admin config set remote.many.url "file://$work/many/{tenant}"
	push c --remote many --tenant acme >/dev/null
	[ -d many/acme/acme/.memkit ]
	[ -z "$(ls many/default)" ]
'
test_that 'a credential of one tenant names no other' '
	node d
	as d mem-admin tenant add acme
	guard d acme
	by d mem-sync pull -q >/dev/null
	exits 2 by d mem-sync pull --as default 2>err
	grep "is of tenant .acme., and --as names another one" err
	exits 2 by d mem-sync pull --tenant default 2>err
	grep "and another one is named" err
	exits 2 by d mem-ingest </dev/null 2>err
	grep "has not the right .write." err
	sqlite3 "d/tenants/acme/memory.db" "SELECT who, action, object, \
	    outcome FROM audit WHERE outcome = \"denied\"" >out
	grep "sync|pull|default|denied" out
	exits 2 env -u MEM_USER MEM_STORE="$work/d" mem-sync status 2>err
	grep "this store needs a credential" err
'
test_that 'the administrator of the store may take one into another' '
	env -u MEM_USER MEM_STORE="$work/d" MEM_TENANT=third \
	    MEM_CREDENTIAL_FILE="$work/d/admin.cred" mem-admin tenant add third
	env -u MEM_USER MEM_STORE="$work/d" MEM_TENANT=third \
	    MEM_CREDENTIAL_FILE="$work/d/admin.cred" \
	    mem-sync pull --as default --merge -q >/dev/null
	[ "$(sqlite3 d/tenants/third/memory.db \
	    "SELECT count(*) FROM event")" -eq 2 ]
'
test_done
