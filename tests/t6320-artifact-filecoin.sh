#!/bin/sh
# mem-artifact at a node of IPFS and a pinning service that do what they are
# told: what holds everywhere, and what the service comes to.
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-ipfs.sh"
command -v python3 >/dev/null || { skip 'IPFS' 'no python3 here'; test_done; exit; }
mem-admin init >/dev/null
server_start ipfs
config artifact.ipfs.api "http://127.0.0.1:$port"
config artifact.ipfs.timeout 3
service
. "$tests/artifact-filecoin-all.sh"

test_that 'a request that fails: so does the artifact, and what is left goes' '
	mem-artifact put big >got
	[ "$(state)" = pending ]
	will pin "* failed"
	mem-artifact reconcile >rec
	mem-artifact reconcile >rec
	mem-artifact list --all --json | jq -se "any(.status == \"failed\")"
	mem-artifact list --json | jq -se "all(.status != \"pending\")"
	[ "$(sqlite3 "$MEM_STORE/tenants/default/memory.db" \
	    "SELECT count(*) FROM artifact_byte")" = 0 ]
'
test_that 'sealed anew: until the service has the new form the old one counts' '
	mem-artifact put hello --name kept >got
	id=$(jq -r .artifact_id got)
	settle
	mem-artifact get "$id" --json >was
	mem-admin key new v3 >/dev/null
	exits 3 mem-artifact rekey --wait 0 >out 2>err
	grep "stays as it was" err
	mem-artifact get "$id" --json | diff was -
	mem-artifact content "$id" | cmp - hello
	[ "$(sqlite3 "$MEM_STORE/tenants/default/memory.db" \
	    "SELECT count(*) FROM artifact_byte")" = 0 ]
	mem-artifact rekey >out
	mem-artifact content "$id" | cmp - hello
	mem-artifact get "$id" --json >now
	[ "$(jq -r .uri was)" != "$(jq -r .uri now)" ]
'
test_that 'the setting that is missing is named, and nothing else is taken' '
	mem-admin config unset artifact.ipfs.api >/dev/null
	exits 2 mem-artifact list 2>err
	grep "artifact.ipfs.api is not set" err
'
test_done
