#!/bin/sh
# Artifacts at every real server that can be had, in buckets that are set up in
# every way: by TLS, encrypted by the store and by its KMS, with versions, with
# locks; and a store that says nothing of encryption.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-blob.sh"
bucket=memkit-test

# all: everything that holds of any
all() {
	. "$tests/blob-s3-all.sh"
	. "$tests/artifact-s3-all.sh"
}

if s3_at versitygw tls; then
	. "$tests/lib-blob-s3.sh"
	all
	test_that 'what ignores encryption is refused, and nothing stays' '
		for how in s3 kms; do
			settle encrypt=$how
			for f in one large; do
				blob_put $K/secret.bin $f | blob_is "
				    .code == \"denied\" and
				    (.error | test(\"was asked to encrypt\"))"
				exits 3 s3 head $K/secret.bin
			done
		done
		settle encrypt=s3 preset=gateway
		blob_ask check | jq -e "select(.code == \"denied\") | .error |
		    test(\"does not encrypt\")"
		settle
	'
	test_that 'a certificate that is not trusted: nothing is sent' '
		mem-admin config unset artifact.s3.caFile
		(
			unset AWS_CA_BUNDLE
			blob_head $K/1.bin | blob_is ".code == \"net\" and
			    (.error | test(\"ertificate\"))"
		)
		settle
	'
fi
if s3_at minio tls kms; then
	. "$tests/lib-blob-s3.sh"
	all
	for how in s3 kms; do
		test_that "encrypted by the store: $how" "how=$how"'
			settle encrypt=$how
			[ $how = s3 ] || mem-admin config set artifact.s3.kmsKey test-key
			for f in one large; do
				blob_put $K/$how-$f.bin $f | blob_is ".where ==
				    \"there\""
				said=$(jq -c .said object)
				s3 head $K/$how-$f.bin >head
				cat head
				case $how in
				s3) grep -x "sse AES256" head ;;
				kms) grep -x "sse aws:kms" head ;;
				esac
				blob --get $K/$how-$f.bin --said "$said" >got
				cmp $f got
				blob_put $K/$how-$f.bin $f | blob_is ".where ==
				    \"there\""
			done
			settle
		'
	done
fi
bucket=versions versions=true
if s3_at minio; then
	s3_ask PUT '?versioning=' '<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>'
	. "$tests/lib-blob-s3.sh"
	all
	# versions_of KEY: how many are there, marks of deletions too
	versions_of() {
		s3_ask GET "?prefix=$(echo "$1" | sed "s,/,%2F,g")&versions=" \
		    >found || return 1
		grep -o "<VersionId>" found | wc -l
	}
	test_that 'with versions: what is deleted leaves none' '
		settle
		blob_put $K/v.bin one >/dev/null
		said=$(jq -c .objects[0].said answer)
		[ "$(versions_of $K/v.bin)" -eq 1 ]
		blob_delete $K/v.bin "$said" | blob_is ".where == \"absent\""
		[ "$(versions_of $K/v.bin)" -eq 0 ]
	'
	test_that 'with versions: what somebody wrote over it goes, too' '
		blob_put $K/w.bin one >/dev/null
		said=$(jq -c .objects[0].said answer)
		s3 put $K/w.bin two >/dev/null
		[ "$(versions_of $K/w.bin)" -eq 2 ]
		blob --get $K/w.bin --said "$said" | cmp one -
		blob_head $K/w.bin "$said" | blob_is ".size_bytes == 3 and
		    .said.version_id == $(echo "$said" | jq .version_id)"
		blob_delete $K/w.bin "$said" | blob_is ".where == \"absent\""
		[ "$(versions_of $K/w.bin)" -eq 0 ]
	'
	test_that 'with versions: hidden by somebody, and still ours to read' '
		blob_put $K/h.bin one >/dev/null
		said=$(jq -c .objects[0].said answer)
		s3 delete $K/h.bin
		blob --get $K/h.bin --said "$said" | cmp one -
		blob_head $K/h.bin "$said" | blob_is ".where == \"there\""
		blob_delete $K/h.bin "$said" | blob_is ".where == \"absent\""
		blob_head $K/h.bin "$said" | blob_is ".where == \"absent\""
	'
	bucket=later versions=
	s3_ask PUT
	test_that 'versions since it was put: what is deleted leaves none' '
		settle
		blob_put $K/l.bin one | blob_is ".said.version_id == null"
		said=$(jq -c .said object)
		[ "$(versions_of $K/l.bin)" -eq 1 ]
		s3_ask PUT "?versioning=" "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>"
		blob_delete $K/l.bin "$said" | blob_is ".where == \"absent\""
		[ "$(versions_of $K/l.bin)" -eq 0 ]
	'
	bucket=locks
	s3_ask PUT '' '' -H 'x-amz-bucket-object-lock-enabled: true'
	s3_ask PUT '?object-lock=' '<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention><Mode>COMPLIANCE</Mode><Days>1</Days></DefaultRetention></Rule></ObjectLockConfiguration>'
	test_that 'with locks: what may not be deleted is told, and stays' '
		settle
		blob_put $K/k.bin one >/dev/null
		said=$(jq -c .objects[0].said answer)
		blob_delete $K/k.bin "$said" | blob_is ".code == \"denied\" or
		    .code == \"input\""
		blob --get $K/k.bin --said "$said" | cmp one -
		managed
		id=$(put one)
		rc=0
		mem-artifact delete "$id" >out 2>err || rc=$?
		cat out err
		[ $rc -ne 0 ]
		mem-artifact get "$id" | jq -e ".status == \"delete_failed\""
	'
fi
bucket=memkit-test versions=
if s3_at rgw; then
	. "$tests/lib-blob-s3.sh"
	all
fi
test_done
