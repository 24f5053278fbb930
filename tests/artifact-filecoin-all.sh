# shellcheck shell=sh disable=SC2154,SC2016
# What holds of mem-artifact with its bytes at IPFS, pinned by a service, at
# every node; after lib-ipfs.sh, with artifact.ipfs.api set and `service`
# called.
config artifact.mode managed_blob
config artifact.provider filecoin
head -c 2500000 /dev/urandom >big
printf 'hello world' >hello
state() {
	jq -r .status got
}
settle() {
	mem-artifact reconcile >rec && mem-artifact reconcile >rec
	cat rec
}

test_that 'what anybody can read is put only where that is said' '
	exits 2 mem-artifact put hello 2>err
	grep "^mem-artifact: .*--public" err
	mem-artifact list >got || [ $? -eq 1 ]
	[ ! -s got ]
'
test_that 'pending, then available: as the service says' '
	mem-artifact put --public hello >got
	[ "$(state)" = pending ]
	id=$(jq -r .artifact_id got)
	[ "$(jq -r .provider_metadata.cid got)" = "$("$CID" hello)" ]
	[ "$(jq -r .uri got)" = "ipfs://$("$CID" hello)" ]
	jq -e "[.provider_metadata | keys[]] - [\"cid\", \"root_cid\",
	    \"status\"] == []" got
	exits 2 mem-artifact content "$id" 2>err
	grep "^mem-artifact: artifact_not_ready" err
	settle
	mem-artifact get "$id" >got
	[ "$(state)" = available ]
	mem-artifact content "$id" | cmp - hello
	[ "$(mem-artifact content "$id" --range 6-)" = world ]
	mem-artifact verify "$id" | jq -e .verified
'
test_that 'sealed needs no --public, and its CID is that of the sealed bytes' '
	mem-admin key new v1 >/dev/null
	config artifact.codec aes_gcm
	mem-artifact put big >got
	id=$(jq -r .artifact_id got)
	[ "$(jq -r .provider_metadata.cid got)" != "$("$CID" big)" ]
	settle
	mem-artifact content "$id" | cmp - big
	mem-artifact content "$id" --range 1048570-1048590 >r
	tail -c +1048571 big | head -c 21 | cmp - r
'
test_that 'sealed anew it is another object; the old pin goes' '
	id=$(mem-artifact list --json | jq -r "select(.filename == \"big\") | .artifact_id")
	old=$(mem-artifact get "$id" --json | jq -r .provider_metadata.cid)
	mem-admin key new v2 >/dev/null
	mem-artifact rekey >out
	[ "$(wc -l <out)" -eq 1 ]
	mem-artifact get "$id" --json >got
	[ "$(state)" = available ]
	[ "$(jq -r .provider_metadata.cid got)" != "$old" ]
	mem-artifact content "$id" | cmp - big
	[ "$(sqlite3 "$MEM_STORE/tenants/default/memory.db" \
	    "SELECT count(*) FROM artifact_byte")" = 0 ]
'
test_that 'deleted: the request goes, a tombstone stays' '
	id=$(mem-artifact list --json | jq -r "select(.filename == \"big\") | .artifact_id")
	mem-artifact delete "$id" >got
	[ "$(state)" = deleted ]
	exits 2 mem-artifact content "$id" 2>err
	mem-artifact list --all --json | jq -se "any(.artifact_id == \"$id\" and
	    .status == \"deleted\")"
	mem-artifact capabilities | jq -e ".delete_semantics == \"tombstone\" and
	    .addressing == \"content\" and .supports.direct_upload"
'
