#!/bin/sh
# A store that fails as it is told (tests/server/s3.py): what is tried again,
# what is put right, what is refused, and that nobody is waited for for ever.
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
bucket=bucket
tls=
s3_fake
head -c 100000 /dev/urandom >f
printf x >one

# will LINE...: what the next answers are
will() {
	: >log
	printf '%s\n' "$@" >script
}
# asked N: so many requests came
asked() {
	[ "$(wc -l <log)" -eq "$1" ] || { cat log; return 1; }
}

test_that 'put and get, signed rightly' '
	will ok
	s3 put a/f f
	s3 --sure get a/f g
	cmp f g
	asked 2
	for k in "b c" "d+e" "f%20g" "üñ" "h&i=j" "k~l"; do
		s3 put "$k" one
		s3 --sure get "$k" g
	done
'
for s in 429 500 502 503 504; do
	test_that "$s, then right: tried again" '
		will "$s SlowDown" "$s" ok
		s3 put a/f f
		asked 3
	'
done
test_that 'what a store calls of the moment is tried again' '
	for c in RequestTimeout BadDigest XAmzContentSHA256Mismatch; do
		will "400 $c" ok
		s3 put a/f f
		asked 2
	done
	will "409 OperationAborted" ok
	s3 put a/f f
	asked 2
'
test_that 'parts that changed since they were listed: looked at again, once' '
	head -c 6000000 /dev/zero >big
	echo "<ListPartsResult><IsTruncated>false</IsTruncated></ListPartsResult>" >parts
	echo "<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>" >done
	will "file parts" ok ok "400 InvalidPart" "file parts" ok ok "file done"
	# the store is none that puts parts together: it is seen at the end
	s3 --part 5M --resume id upload a/big big 2>err || :
	[ "$(grep -c "^POST" log)" -eq 2 ]
	[ "$(grep -c "^PUT" log)" -eq 4 ]
	grep "^HEAD" log
	will "file parts" ok ok "400 InvalidPart" "file parts" ok ok "400 InvalidPart"
	exits 9 s3 --part 5M --resume id upload a/big big 2>err
	grep InvalidPart err
	[ "$(grep -c "^POST" log)" -eq 2 ]
'
test_that 'what is no fault of the moment is not' '
	will "400 InvalidArgument"
	exits 9 s3 put a/f f 2>err
	asked 1
	will "403 AccessDenied"
	exits 9 s3 put a/f f 2>err
	asked 1
	grep "403 AccessDenied: so it was told" err
	will "501 NotImplemented"
	exits 9 s3 put a/f f 2>err
	asked 1
'
test_that 'it gives up after some tries' '
	will 503 503 503 503 503 503 503 503
	exits 8 s3 --tries 4 put a/f f 2>err
	cat err
	asked 4
'
test_that 'Retry-After is waited for, but not for ever' '
	will "503 SlowDown Retry-After=1" ok
	start=$(date +%s%N)
	s3 put a/f f
	ms=$((($(date +%s%N) - start) / 1000000))
	echo $ms
	[ $ms -ge 1000 ]
	will "503 SlowDown Retry-After=99999" ok
	exits 8 s3 --wait 5000 put a/f f 2>err
	will "503 SlowDown Retry-After=99999" ok
	s3_exec -v --wait 60000 put a/f f 2>err2 &
	p=$!
	sleep 1
	kill $p
	wait $p || :
	cat err2
	grep "again in 2[0-9][0-9][0-9][0-9] ms" err2
'
test_that 'a connection that breaks: tried again' '
	will close close ok
	s3 put a/f f
	asked 3
	will junk ok
	s3 put a/f f
'
test_that 'an answer that breaks off in its head is none' '
	will ok
	s3 put a/f f
	for verb in "put a/f f" "get a/f g"; do
		will head ok
		# shellcheck disable=SC2086
		s3 $verb >out
		asked 2
	done
	cmp f g
'
test_that 'a get that breaks off goes on where it was' '
	will "cut 30000" "cut 30000" ok
	s3 --sure get a/f g >out
	cat log
	cmp f g
	grep -x "size 100000" out
	will "cut 0" "cut 99999" ok
	s3 --sure get a/f g
	cmp f g
'
test_that 'a long one that breaks off again and again comes to its end' '
	head -c 16000000 /dev/urandom >long
	s3 put a/long long
	will "cut 2000000" "cut 2000000" "cut 2000000" "cut 2000000" \
	    "cut 2000000" "cut 2000000"
	s3 --tries 3 --sure get a/long g
	cmp long g
	will "cut 10" "cut 10" "cut 10" "cut 10"
	exits 8 s3 --tries 3 get a/long g
	asked 3
	s3 delete a/long
'
test_that 'a get that is damaged is read anew, and in the end refused' '
	will wrong ok
	s3 get a/f g
	cmp f g
	will wrong wrong wrong wrong
	exits 8 s3 get a/f g 2>err
	cat err
	grep "it is not what was put" err
	asked 3
'
test_that 'what changes while it is read is not mixed' '
	head -c 100000 /dev/zero >z
	will "cut 30000" "slow 2"
	s3_exec get a/f g 2>err &
	p=$!
	sleep 1
	s3 put a/f z
	rc=0
	wait $p || rc=$?
	cat err
	[ $rc -eq 5 ] || cmp z g || cmp f g
	s3 put a/f f
'
test_that 'once, and the answer was lost: it is found to be ours' '
	will lost ok
	s3 --once put once/a f
	cat log
	grep "^HEAD" log
	will lost ok
	exits 4 s3 --once put once/a one
'
test_that 'whose it is: known, or said to be unknown' '
	will
	s3 --once put whose/a f | grep -x made
	s3 put whose/a f | grep -x made
	exits 4 s3 --once put whose/a one >out 2>err
	grep -x there out
	s3 --once put whose/a f | grep -x unsure
	will lost ok
	s3 --once put whose/b f | grep -x unsure
	will lost ok
	exits 4 s3 --once put whose/b one >out 2>err
	grep -x there out
	will "403 AccessDenied"
	exits 9 s3 --once put whose/c f >out 2>err
	grep -x "not made" out
	will lost "403 AccessDenied"
	exits 9 s3 --once put whose/c f >out 2>err
	grep -x unsure out
	will close close close
	exits 8 s3 --tries 3 --once put whose/d f >out 2>err
	grep -x unsure out
	exits 1 s3 --once put ../x f >out 2>err
	grep -x "not made" out
'
test_that 'a limit holds both ways, and for all together' '
	head -c 600000 /dev/urandom >r
	will
	start=$(date +%s%N)
	s3 --limit 300k put limit/a r
	ms=$((($(date +%s%N) - start) / 1000000))
	echo "put: $ms ms"
	[ $ms -ge 1600 ]
	start=$(date +%s%N)
	s3 --limit 300k --sure get limit/a g
	ms=$((($(date +%s%N) - start) / 1000000))
	echo "get: $ms ms"
	[ $ms -ge 1600 ]
	cmp r g
	start=$(date +%s%N)
	s3 --limit 300k --at-once 16 fill 60 10000 limited/
	ms=$((($(date +%s%N) - start) / 1000000))
	echo "60 puts: $ms ms"
	[ $ms -ge 1600 ]
	start=$(date +%s%N)
	s3 --limit 300M --at-once 16 fill 60 10000 limited/
	ms=$((($(date +%s%N) - start) / 1000000))
	echo "60 puts, no limit that matters: $ms ms"
	[ $ms -lt 20000 ]
'
test_that 'another region: followed once, and only where data may go' '
	will "301 PermanentRedirect x-amz-bucket-region=eu-west-1" ok
	s3 put a/f f
	asked 2
	will "400 AuthorizationHeaderMalformed x-amz-bucket-region=eu-west-1" ok
	s3 head a/f
	asked 2
	will "301 PermanentRedirect x-amz-bucket-region=eu-west-1" \
	    "301 PermanentRedirect x-amz-bucket-region=eu-west-2"
	rc=0
	s3 put a/f f 2>err || rc=$?
	[ $rc -ne 0 ]
	asked 2
	will "301 PermanentRedirect x-amz-bucket-region=eu-west-1" ok
	exits 9 s3 --allow us-east-1 --allow us-west-2 put a/f f 2>err
	cat err
	grep "eu-west-1.*may not go there" err
	asked 1
	will "301 PermanentRedirect x-amz-bucket-region=eu-west-1" ok
	s3 --allow us-east-1 --allow eu-west-1 put a/f f
	will ok
	exits 9 s3 --region eu-west-3 --allow us-east-1 put a/f f 2>err
	grep "eu-west-3" err
	asked 0
	will "307 TemporaryRedirect Location=http://127.0.0.1:1/x"
	rc=0
	s3 put a/f f 2>err || rc=$?
	[ $rc -ne 0 ]
	asked 1
	will "301 PermanentRedirect x-amz-bucket-region=../evil.example/"
	rc=0
	s3 put a/f f 2>err || rc=$?
	cat err
	[ $rc -ne 0 ]
'
test_that 'many at once: all follow, and credentials are got anew once' '
	will "always region eu-west-1"
	s3 --allow us-east-1 --allow eu-west-1 --at-once 16 fill 40 100 many/
	cat >cred <<-EOF
	echo asked >>cred.log
	t=old
	[ "\$(wc -l <cred.log)" -eq 1 ] || t=new
	echo "{\"Version\":1,\"AccessKeyId\":\"AKID\",\"SessionToken\":\"\$t\","
	echo "\"SecretAccessKey\":\"a-secret-of-the-test\"}"
	EOF
	rm -f cred.log
	will "always token new"
	s3 --cred-command "sh cred" --at-once 16 fill 40 100 many/
	cat cred.log
	[ "$(wc -l <cred.log)" -eq 2 ]
'
test_that 'a clock that is off is put right from the answer, once' '
	will "403 RequestTimeTooSkewed" ok
	s3 put a/f f
	asked 2
	will "403 RequestTimeTooSkewed" "403 RequestTimeTooSkewed"
	exits 9 s3 put a/f f 2>err
	asked 2
'
test_that 'credentials that have expired are got anew, once' '
	rm -f cred.log
	cat >cred <<-EOF
	echo asked >>cred.log
	echo "{\"Version\":1,\"AccessKeyId\":\"AKID\","
	echo "\"SecretAccessKey\":\"a-secret-of-the-test\"}"
	EOF
	will "400 ExpiredToken" ok
	s3 --cred-command "sh cred" put a/f f
	[ "$(wc -l <cred.log)" -eq 2 ]
	will "400 ExpiredToken" "400 ExpiredToken"
	exits 9 s3 --cred-command "sh cred" put a/f f
	[ "$(wc -l <cred.log)" -eq 4 ]
'
test_that 'a token that expires soon is got anew before it is used' '
	cat >cred <<-EOF
	echo asked >>cred.log
	echo "{\"Version\":1,\"AccessKeyId\":\"AKID\",\"SessionToken\":\"t\","
	echo "\"Expiration\":\"$(date -u -d "30 seconds" +%FT%TZ)\","
	echo "\"SecretAccessKey\":\"a-secret-of-the-test\"}"
	EOF
	: >cred.log
	will ok
	s3 --cred-command "sh cred" put a/f f
	[ "$(wc -l <cred.log)" -eq 2 ]
'
test_that 'answers without end are not waited for' '
	will endless
	exits 2 s3 list 2>err
	cat err
	grep "more than" err
	will "endless 403"
	exits 2 s3 list 2>err
	cat err
	will headers
	exits 2 s3 list 2>err
	grep "headers" err
	will continues
	exits 2 s3 list 2>err
	grep "headers" err
	will drip drip drip
	exits 8 s3 --wait 3000 list 2>err
	cat err
	will drip drip drip
	start=$(date +%s)
	exits 8 s3 --stall 1000 --tries 2 list 2>err
	[ $(($(date +%s) - start)) -lt 20 ]
'
test_that 'an answer that is no XML, or none that was asked for' '
	echo "<html>Please log in</html>" >page
	will "file $work/page"
	exits 2 s3 list 2>err
	cat err
	grep "answered something else" err
	printf "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY x \"xx\">]><ListBucketResult>&x;</ListBucketResult>" >page
	will "file $work/page"
	exits 2 s3 list 2>err
	grep DTD err
	echo "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken></ListBucketResult>" >page
	will "file $work/page" "file $work/page" "file $work/page"
	exits 2 s3 list 2>err
	cat err
	grep "the same again and again" err
	printf "<ListBucketResult><Contents><Key>../x</Key><Size>1</Size></Contents><Contents><Key>/etc/passwd</Key><Size>1</Size></Contents></ListBucketResult>" >page
	will "file $work/page"
	s3 list >out
	cat out
	[ "$(grep -c " # " out)" -eq 2 ]
'
test_that 'a proxy is asked, but not for this machine' '
	will ok ok
	s3 --proxy http://127.0.0.1:1 head a/f
	exits 9 "$S3" --insecure --proxy "http://127.0.0.1:$port" \
	    --endpoint http://192.0.2.1:9 --bucket "$bucket" head x 2>err
	cat log
	grep -x "HEAD http://192.0.2.1:9/bucket/x" log
	will ok
	http_proxy=http://127.0.0.1:$port exits 9 "$S3" --insecure \
	    --endpoint http://192.0.2.1:9 --bucket "$bucket" head x 2>err
	asked 1
	will
	http_proxy=http://127.0.0.1:$port exits 8 "$S3" --insecure --proxy "" \
	    --connect 300 --tries 1 --endpoint http://192.0.2.1:9 \
	    --bucket "$bucket" head x 2>err
	asked 0
'
test_that 'no http to elsewhere, unless it is insecure' '
	exits 9 "$S3" --endpoint http://192.0.2.1:9 --bucket "$bucket" \
	    head x 2>err
	cat err
	grep "use https" err
	exits 8 "$S3" --insecure --connect 300 --tries 1 \
	    --endpoint http://192.0.2.1:9 --bucket "$bucket" head x 2>err
	exits 1 "$S3" --endpoint https://me:pass@x --bucket "$bucket" head x 2>err
	exits 1 grep pass err
'
test_that 'nowhere is the secret: not in errors, arguments or core' '
	AWS_SECRET_ACCESS_KEY=another-secret-of-it AWS_SESSION_TOKEN=tok-tok-tok
	export AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN
	echo "<Error><Code>X</Code><Message>you sent another-secret-of-it and tok-tok-tok and AKID</Message></Error>" >page
	will "file $work/page 403"
	exits 9 s3 put a/f f >out 2>err
	cat err
	grep "you sent \*\*\*" err
	exits 1 grep -E "another-secret|tok-tok" out err log
	will "slow 2"
	s3_exec put a/f f &
	p=$!
	sleep 0.5
	[ ! -r /proc/$p/cmdline ] || tr "\0" " " </proc/$p/cmdline >args
	wait $p || :
	[ -s args ] || exit 0
	exits 1 grep -E "another-secret|tok-tok" args
'

# A server that wants to know who comes.
{
	s3_certificate
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout me.key -out me.csr -subj /CN=me
	openssl x509 -req -in me.csr -CA tls/ca.pem -CAkey tls/ca.key \
	    -CAcreateserial -days 1 -out me.pem
	cat me.pem me.key >both.pem
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout other.key -out other.pem -days 1 -subj /CN=other
} >>openssl.log 2>&1
s3_fake tls/public.crt tls/private.key tls/ca.pem
tls=1
test_that 'TLS with a certificate of ours' '
	will ok
	s3 --cert me.pem --key me.key put a/f f
	s3 --cert both.pem --sure get a/f g
	cmp f g
'
test_that 'without one, with another, or with one that is not there: refused' '
	will
	exits 8 s3 --tries 2 put a/f f 2>err
	cat err
	exits 8 s3 --tries 2 --cert other.pem --key other.key put a/f f 2>err
	exits 8 s3 --cert nowhere.pem put a/f f 2>err
	cat err
	grep nowhere.pem err
	asked 0
'
test_done
