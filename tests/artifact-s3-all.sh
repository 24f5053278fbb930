# shellcheck shell=sh disable=SC2154,SC2016
# What holds of mem-artifact with its bytes in a bucket, at every server; after
# lib-blob-s3.sh.

# managed [NAME=VALUE...]: a store whose artifacts go there
managed() {
	settle
	mem-admin config set artifact.mode managed_blob
	mem-admin config set artifact.provider s3
	for s; do
		mem-admin config set "artifact.${s%%=*}" "${s#*=}"
	done
}
put() {
	mem-artifact put "$@" >record || { cat record; return 1; }
	jq -r .artifact_id record
}
# object ID: its key in the bucket
object() {
	sqlite3 "$MEM_STORE/tenants/default/memory.db" "SELECT object FROM
	    artifact WHERE object LIKE '%/$1.bin'"
}
in_bucket() {
	s3 list memkit/ | cut -d' ' -f2- >listed
	grep -qx -F "$1" listed
}

managed
test_that 'what is put comes back' '
	id=$(put some)
	jq -e "select(.status == \"stored\" and .provider == \"s3\")" record ||
	    { cat record; exit 1; }
	in_bucket "$(object "$id")"
	mem-artifact content "$id" | cmp some -
	mem-artifact content "$id" --range 10-99 >got
	tail -c +11 some | head -c 90 | cmp - got
	mem-artifact verify "$id"
	mem-artifact head "$id" >head
	cat head
	exits 1 grep -F "$AWS_ACCESS_KEY_ID" head
'
test_that 'sealed' '
	managed codec=aes_gcm
	mem-admin key new k1 >/dev/null
	for f in empty one some large; do
		[ "$f" != large ] || mem-admin config set artifact.maxBytes 100M
		id=$(put "$f")
		mem-artifact content "$id" | cmp "$f" -
		mem-artifact verify "$id"
	done
	mem-artifact content "$id" --range 39999990- >got
	tail -c 10 large | cmp - got
	mem-artifact content "$id" --range 65530-65600 >got
	tail -c +65531 large | head -c 71 | cmp - got
	s3 get "$(object "$id")" raw >/dev/null
	[ "$(wc -c <raw)" -gt 40000000 ]
	managed
'
test_that 'a batch of three hundred' '
	mkdir -p many
	i=0
	while [ $i -lt 300 ]; do
		echo "number $i" >many/$i
		i=$((i + 1))
	done
	find many -type f | mem-artifact put --batch >records
	[ "$(jq -r "select(.status == \"stored\").artifact_id" records |
	    sort -u | wc -l)" -eq 300 ]
	id=$(jq -r "select(.filename == \"137\").artifact_id" records)
	mem-artifact content "$id" | grep -x "number 137"
	rm -r many
'
test_that 'what is deleted is gone from the bucket, and stays gone' '
	id=$(put two)
	key=$(object "$id")
	in_bucket "$key"
	mem-artifact delete "$id"
	! in_bucket "$key"
	exits 2 mem-artifact content "$id" 2>err
	grep artifact_not_found err
	mem-artifact delete "$id"
'
test_that 'bytes that somebody took away: told, and found by verify' '
	id=$(put two)
	s3 delete "$(object "$id")"
	if [ "${versions:-false}" = true ]; then
		# it is only hidden
		mem-artifact verify "$id"
		exit 0
	fi
	exits 1 mem-artifact verify "$id" >out 2>err || { cat out err; exit 1; }
	mem-artifact get "$id" | jq -e ".status == \"unavailable\""
'
test_that 'bytes that somebody changed are refused' '
	id=$(put some)
	key=$(object "$id")
	head -c 300000 /dev/urandom >changed
	s3 put "$key" changed >/dev/null
	rc=0
	mem-artifact content "$id" >got 2>err || rc=$?
	cat err
	if [ "${versions:-false}" = true ]; then
		# ours is still there, as the version that we know
		[ $rc -eq 0 ]
		cmp some got
	else
		[ $rc -eq 2 ]
		exits 2 mem-artifact content "$id" --range 5-9 >got 2>err
		[ ! -s got ]
		exits 1 mem-artifact verify "$id"
	fi
'
test_that 'the reconciler: nothing to do, and what a put left that failed' '
	managed
	id=$(put one)
	mem-artifact reconcile --scan >out
	cat out
	mem-artifact get "$id" | jq -e ".status == \"stored\""
	id=$(put two)
	key=$(object "$id")
	# as if the put had been killed before its row was settled
	sqlite3 "$MEM_STORE/tenants/default/memory.db" "UPDATE artifact SET
	    state = 1, said = NULL WHERE object = '\''$key'\''"
	mem-artifact reconcile >out
	cat out
	mem-artifact get "$id" | jq -e ".status == \"stored\""
	mem-artifact content "$id" | cmp two -
	# and before its bytes came there
	id=$(put two)
	key=$(object "$id")
	sqlite3 "$MEM_STORE/tenants/default/memory.db" "UPDATE artifact SET
	    state = 1, said = NULL WHERE object = '\''$key'\''"
	s3 delete "$key"
	mem-artifact reconcile >out
	cat out
	mem-artifact get "$id" | jq -e ".status == \"failed\""
'
test_that 'a provider that is unreachable, and one without settings' '
	managed
	id=$(put one)
	mem-admin config set artifact.s3.endpoint "http://127.0.0.1:1"
	mem-admin config set artifact.s3.timeout 2
	exits 75 mem-artifact content "$id" 2>err
	cat err
	exits 75 mem-artifact put two >out 2>err || { cat out err; exit 1; }
	mem-admin config unset artifact.s3.url
	exits 2 mem-artifact content "$id" 2>err
	cat err
	grep "artifact.s3.url is not set" err
	managed
'
