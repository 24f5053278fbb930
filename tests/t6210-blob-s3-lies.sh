#!/bin/sh
# A store that lies, and fails as it is told (tests/server/s3.py): nothing is
# taken for stored that is not, and no byte for right that is wrong.
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-blob.sh"
bucket=bucket tls=
s3_fake
. "$tests/lib-blob-s3.sh"
K=memkit/s/0123456789abcdef0123456789abcdef
zeros=$(printf %064d 0)

# will LINE...: what the next answers are
will() {
	: >log
	printf '%s\n' "$@" >script
}
asked() {
	[ "$(wc -l <log)" -eq "$1" ] || { cat log; return 1; }
}
# refuses CODE [OPTION...]: the object is not handed out, by that code
refuses() {
	code=$1
	shift
	rc=0
	blob --get $K/1.bin "$@" >got 2>err || rc=$?
	cat err
	[ $rc -ne 0 ]
	tail -n 1 err | grep "^blob-s3: $code: "
}
right() {
	printf '%s' "--size 300000 --sha256 $(sum some)"
}

will ok
blob_put $K/1.bin some >/dev/null
said=$(jq -c '.objects[0].said' answer)

test_that 'put: an answer that is lost is asked again, and is ours' '
	will lost
	blob_put $K/lost.bin one | blob_is ".where == \"there\" and
	    .said.etag == \"$(md5sum <one | cut -d" " -f1)\""
	asked 3
'
test_that 'put: broken off, overloaded, and right in the end' '
	will close "503 SlowDown" "500 InternalError" ok
	blob_put $K/again.bin one | blob_is ".where == \"there\""
	asked 4
'
test_that 'put: refused' '
	will "403 AccessDenied"
	blob_put $K/no.bin one | blob_is ".code == \"denied\""
	will "507 InsufficientStorage"
	blob_put $K/no.bin one | blob_is ".code != null"
	will ok ok
	blob_head $K/no.bin | blob_is ".where == \"absent\""
'
test_that 'put: a 200 that says nothing of what was stored is none' '
	echo "<Error><Code>InternalError</Code></Error>" >body
	will "file body"
	blob_put $K/body.bin one | blob_is ".code == \"input\""
	will ok ok
	blob_head $K/body.bin | blob_is ".where == \"absent\""
'
test_that 'put: another ETag than that of the object; found, and not believed' '
	will "says ETag \"0123\""
	blob_put $K/etag.bin some | blob_is ".said.etag == \"0123\""
	lie=$(jq -c .said object)
	will ok
	rc=0
	blob --get $K/etag.bin --from 1 --length 2 --said "$lie" >got 2>err ||
	    rc=$?
	cat err
	[ $rc -eq 2 ]
	grep "corrupt: .*another object" err
	[ ! -s got ]
	# all of it tells by its hash
	will ok
	# shellcheck disable=SC2046
	blob --get $K/etag.bin --said "$lie" $(right) | cmp some -
	will ok
	blob_head $K/etag.bin "$lie" | blob_is ".said.etag != \"0123\""
'
test_that 'in parts: a 200 with an error in it is tried again, then none' '
	echo "<InitiateMultipartUploadResult><UploadId>id</UploadId></InitiateMultipartUploadResult>" >began
	echo "<ListMultipartUploadsResult></ListMultipartUploadsResult>" >none
	echo "<Error><Code>InternalError</Code><Message>no</Message></Error>" >bad
	# look, is the bucket there, what was left, begin, five parts, complete
	will "404 NoSuchKey" ok "file none" "file began" ok ok ok ok ok \
	    "file bad" "404 NoSuchKey" ok
	blob_put $K/parts.bin large | blob_is ".code == \"net\" and
	    (.error | test(\"InternalError\"))"
	cat log
	# it is looked whether it is there all the same, and taken away
	[ "$(tail -n 2 log | cut -d" " -f1 | tr "\n" " ")" = "HEAD DELETE " ]
'
test_that 'in parts: what is there already is not sent' '
	will "says x-amz-meta-sha256 $(sum large)"
	blob_put $K/1.bin large | blob_is ".code == \"exists\""
	asked 1
	will "says Content-Length 40000000"
	blob_put $K/1.bin large | blob_is ".code == \"exists\""
	asked 1
'
test_that 'head: lies of length and of hash come to light, or are errors' '
	will "says Content-Length 12"
	blob_head $K/1.bin "$said" | blob_is ".size_bytes == 12"
	will "says x-amz-meta-sha256 $zeros"
	blob_head $K/1.bin "$said" | blob_is ".sha256 == \"$zeros\""
	will "says x-amz-meta-sha256 nonsense"
	blob_head $K/1.bin "$said" | blob_is ".where == \"there\" and
	    .sha256 == null"
	lie="says Content-Length -5"
	will "$lie" "$lie" "$lie" "$lie" "$lie" "$lie"
	blob_head $K/1.bin "$said" | blob_is ".code != null"
	will "says x-amz-meta-sha256 x"
	other=$(echo "$said" | jq -c ".etag = \"0123\"")
	blob_head $K/1.bin "$other" | blob_is ".code == \"corrupt\""
'
test_that 'get: bytes that were changed are refused, however often' '
	will wrong wrong wrong
	# shellcheck disable=SC2046
	refuses "\\(net\\|corrupt\\)" --said "$said" $(right)
	will wrong wrong wrong
	refuses "\\(net\\|corrupt\\)"
'
test_that 'get: fewer bytes, as if that were all' '
	will "few 299999"
	# shellcheck disable=SC2046
	refuses "\\(net\\|corrupt\\)" --said "$said" $(right)
	will "few 5"
	refuses corrupt --said "$said" --from 10 --length 20
	will "few 5"
	# shellcheck disable=SC2046
	refuses corrupt --said "$said" $(right) --from 299980
'
test_that 'get: another part than was asked for, and all of it' '
	will "says Content-Range bytes 11-30/300000"
	refuses corrupt --said "$said" --from 10 --length 20
	[ ! -s got ]
	will "says Content-Range bytes nothing"
	refuses corrupt --said "$said" --from 10 --length 20
	will "says Content-Range bytes 10-29/20000000"
	# shellcheck disable=SC2046
	refuses corrupt --said "$said" $(right) --from 10 --length 20
	cp some body
	will "file body"
	refuses corrupt --said "$said" --from 10 --length 20
	[ ! -s got ]
'
test_that 'get: a 200 with an error as its body' '
	echo "<Error><Code>InternalError</Code></Error>" >body
	will "file body" "file body" "file body"
	# shellcheck disable=SC2046
	refuses "\\(net\\|corrupt\\)" --said "$said" $(right)
	will "file body"
	refuses corrupt --said "$said"
'
test_that 'get: one that breaks off goes on, or says so' '
	will "cut 1000" "cut 0" ok
	# shellcheck disable=SC2046
	blob --get $K/1.bin --said "$said" $(right) | cmp some -
	asked 3
	will "cut 1000" "says ETag \"other\""
	refuses "\\(busy\\|corrupt\\)" --said "$said"
'
test_that 'get: no body without end' '
	settle timeout=2
	will drip
	refuses net
	settle
'
test_that 'list: another object than what is asked for' '
	echo "<ListBucketResult><Contents><Key>elsewhere/1</Key><Size>1</Size></Contents></ListBucketResult>" >body
	will "file body"
	exits 2 blob --list memkit/ >got 2>err
	cat err
	grep "^blob-s3: input: " err
	echo "<html>so?</html>" >body
	will "file body"
	exits 2 blob --list memkit/ >got 2>err
	will "403 AccessDenied"
	exits 2 blob --list memkit/ >got 2>err
	grep "^blob-s3: denied: " err
'
test_that 'delete: refused, lost, and what is there again and again' '
	will ok "403 AccessDenied"
	blob_delete $K/1.bin "$said" | blob_is ".code == \"denied\""
	will ok close ok
	blob_delete $K/lost.bin "$said" >/dev/null || :
	will ok ok
	blob_put $K/v.bin one >/dev/null
	v=$(jq -c ".objects[0].said | .version_id = \"v1\"" answer)
	: >log
	i=0
	while [ $i -lt 40 ]; do
		echo "says x-amz-version-id v$i"
		echo "200"
		i=$((i + 1))
	done >script
	blob_delete $K/v.bin "$v" | blob_is ".code == \"busy\""
	grep "^DELETE .*versionId=v0" log
	[ "$(grep -c ^DELETE log)" -eq 16 ]
'
test_that 'what a store echoes is not told' '
	echo "<Error><Code>AccessDenied</Code><Message>StringToSign a-secret-of-the-test Authorization: AWS4-HMAC-SHA256 Credential=AKID/x, Signature=0123456789abcdef</Message></Error>" >body
	for s in 403 500 500 500 500 500 500; do
		echo "file body $s"
	done >script
	blob_head $K/1.bin >head
	will "file body 403"
	blob_put $K/z.bin one >put
	will "file body 403"
	refuses denied --said "$said"
	cat put head err
	exits 1 grep -e a-secret -e AKID -e 0123456789abcdef$ -e "Signature=0" \
	    put head err
'
test_that 'who asked died: nothing more is put' '
	will "slow 3" ok "file none" "file began" ok ok ok ok ok "file body"
	printf "{\"type\":\"blob_put\",\"id\":1,\"objects\":[%s]}\n" \
	    "$(blob_object $K/dead.bin large)" >question
	mkfifo in
	# held open: it is no end of the input that it is told by
	sleep 20 >in &
	holds=$!
	sh -c "\"$blob_program\" --store \"$MEM_STORE\" <in >late 2>err &
	    echo \$! >pid; cat question >in; sleep 0.5"
	p=$(cat pid)
	i=0
	while kill -0 "$p" 2>/dev/null; do
		i=$((i + 1))
		[ $i -lt 150 ] || { cat log; exit 1; }
		sleep 0.1
	done
	kill $holds
	cat log
	grep "^HEAD" log
	! grep "^P" log
'
test_done
