#!/bin/sh
# mem-admin audit --access: the log of the store as a whole.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

unset MEM_USER MEM_TENANT

# by FILE COMMAND...: with that credential
by() {
	cred=$1
	shift
	MEM_CREDENTIAL_FILE=$PWD/$cred "$@"
}

test_that 'a store of its owner has none' '
	mem-admin init >out
	exits 2 mem-admin audit --access 2>err
	grep "no credentials" err
	exits 64 mem-admin audit verify --access --all-tenants
'
test_that 'what was done to credentials, and who was not let in' '
	mem-admin credential add root --rights admin --out root.cred >out
	by root.cred mem-admin credential add alice --tenant default --user alice \
	    --rights read,write,audit --out alice.cred >out
	exits 2 mem-log 2>err
	by root.cred mem-admin audit --access >out
	cat out
	grep "\"action\":\"credential add\"" out
	grep "\"outcome\":\"denied\"" out
	by root.cred mem-admin audit verify --access
'
test_that 'its checkpoints are its own' '
	by root.cred mem-admin audit checkpoint points --access
	by root.cred mem-admin audit checkpoint points
	by root.cred mem-admin audit verify --access --against points >out
	cat out
	[ "$(tail -n 1 out | jl checkpoints)" = 1 ]
	by root.cred mem-admin audit verify --against points >out
	[ "$(tail -n 1 out | jl checkpoints)" = 1 ]
	if command -v sqlite3 >/dev/null; then
		sqlite3 "$MEM_STORE/access.db" "DELETE FROM audit WHERE seq =
		    (SELECT max(seq) FROM audit)"
		by root.cred mem-admin audit verify --access
		exits 1 by root.cred mem-admin audit verify --access --against points
	fi
'
test_that 'it is not for who has rights in a tenant alone' '
	exits 2 by alice.cred mem-admin audit --access 2>err
	grep "administrator" err
	by alice.cred mem-admin audit >out
'
test_done
