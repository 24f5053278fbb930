#!/bin/sh
# Objects at every real server that can be had: all that tests/s3-all.sh says,
# and what only some of them do (TLS, encryption, certificates of clients).
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
bucket=memkit-test

# at NAME [OPTION...]: start it and say which one comes
at() {
	s3_stop
	echo "# $*"
	if ! s3_have "$1"; then
		s3_missing "$1"
		return 1
	fi
	if ! s3_start "$@"; then
		test_that "$* starts" 'exit 1'
		return 1
	fi
}

if at versitygw tls; then
	. "$tests/s3-all.sh"
	test_that 'what ignores encryption is refused, and nothing stays' '
		for how in --sse "--kms --kms-key k"; do
			exits 9 s3 $how put secret one 2>err
			cat err
			grep "was asked to encrypt.*nothing is kept there" err
			exits 3 s3 head secret
			big
			exits 9 s3 $how --part 5M upload secret big >out 2>err
			cat err
			grep "was asked to encrypt" err
			exits 3 s3 head secret
		done
		exits 9 s3 --preset gateway --sse put secret one 2>err
		grep "does not encrypt" err
	'
	test_that 'a CA that is another: refused' '
		mkdir -p other
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 \
		    -nodes -keyout other/key -out other/ca.pem -days 1 \
		    -subj /CN=other 2>/dev/null
		exits 8 "$S3" --endpoint "$endpoint" --bucket "$bucket" \
		    --ca other/ca.pem head one 2>err
		cat err
		grep -i certificate err
		exits 8 "$S3" --endpoint "$endpoint" --bucket "$bucket" \
		    head one 2>err
	'
fi

if at minio; then
	. "$tests/s3-all.sh"
	test_that 'without a KMS: encryption is refused by the server' '
		rc=0
		s3 --sse put secret one 2>err || rc=$?
		cat err
		[ $rc -ne 0 ]
		exits 3 s3 head secret
	'
fi

if at minio tls kms; then
	. "$tests/s3-all.sh"
	test_that 'SSE-S3: the object says that it is encrypted' '
		s3 --sse put sse one
		s3 --sure get sse g >out
		cat out
		cmp one g
		grep -x "sse AES256" out
		big
		s3 --sse --part 5M upload sse-big big
		s3 --sure get sse-big g >out
		cmp big g
		grep -x "sse AES256" out
	'
	test_that 'SSE-KMS: with the key that was named' '
		s3 --kms --kms-key test-key put kms one
		s3 --sure get kms g >out
		cat out
		cmp one g
		grep -x "sse aws:kms" out
		big
		s3 --kms --kms-key test-key --part 5M upload kms-big big
		s3 --sure get kms-big g
		cmp big g
		s3 --kms put kms2 one
	'
	test_that 'SSE-KMS: a key that is not there' '
		rc=0
		s3 --kms --kms-key no-such-key put nokey one 2>err || rc=$?
		cat err
		[ $rc -ne 0 ]
		exits 3 s3 head nokey
	'
fi

if at rgw; then
	. "$tests/s3-all.sh"
	test_that 'SSE-KMS with a key that was named' '
		s3 --kms --kms-key test-key put kms one
		s3 --sure get kms g >out
		cat out
		cmp one g
	'
fi

test_done
