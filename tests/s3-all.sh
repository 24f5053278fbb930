# shellcheck shell=sh disable=SC2154
# What holds of every server; sourced by the tests of one that is started.

big() {
	[ -s big ] || head -c 13000000 /dev/urandom >big
}

test_that 'a bucket is made, and is there' '
	s3 there | grep -x no
	s3 make-bucket
	s3 make-bucket
	s3 there | grep -x yes
'
test_that 'what is put comes back, with its sums' '
	head -c 50000 /dev/urandom >f
	s3 put a/b/c f >out
	cat out
	grep " $(sha256sum <f | cut -d" " -f1)\$" out
	grep "^$(md5sum <f | cut -d" " -f1) " out
	s3 --sure get a/b/c g >out
	cmp f g
	grep -x "size 50000" out
	grep -x "sha256 $(sha256sum <f | cut -d" " -f1)" out
'
test_that 'nothing, and one byte' '
	: >empty
	printf x >one
	s3 put empty empty
	s3 put one one
	s3 --sure get empty g
	cmp empty g
	s3 --sure get one g
	cmp one g
'
test_that 'a part of it' '
	s3 --from 100 --len 50 get a/b/c g >out
	cat out
	tail -c +101 f | head -c 50 | cmp - g
	grep -x "size 50000" out
	s3 --from 49990 get a/b/c g
	tail -c 10 f | cmp - g
'
test_that 'metadata and tags' '
	s3 --tag "k 1=v/+=:" put meta one name=value other="a b  c" >out
	s3 head meta >out
	cat out
	grep -x "meta name=value" out
	grep "^meta other=a b *c$" out
	s3 tags meta >out
	cat out
	grep -x "k 1=v/+=:" out
	s3 tag meta new=1 "two=a b@c"
	s3 tags meta | sort >out
	cat out
	printf "new=1\ntwo=a b@c\n" | cmp - out
'
test_that 'what is not there: absent' '
	exits 3 s3 get nothing g 2>err
	cat err
	grep "cannot get .nothing.: .*404 NoSuchKey" err
	exits 3 s3 head nothing 2>err
	exits 3 "$S3" --endpoint "$endpoint" --bucket no-such-bucket \
	    ${tls:+--ca "$work/tls/ca.pem"} get x g 2>err
	grep NoSuchBucket err
'
test_that 'once: the second one is refused, and the first stays' '
	s3 --once put once one
	exits 4 s3 --once put once f 2>err
	cat err
	grep "it is there already" err
	s3 get once g
	cmp one g
'
test_that 'keys of all kinds are put, listed and got' '
	printf "%s\n" "k/sp a" "k/pl+us" "k/eq=al" "k/am&p?q#h" "k/üñï/€" \
	    "k/100%" "k/lit%20eral" "k/tilde~!*'\''()" "k/col:on;,@$" \
	    "k/quo\"te<>" "k/dot.s/.x" |
	    LC_ALL=C sort >want
	while read -r k; do
		printf "%s" "$k" >f1
		s3 put "$k" f1 >/dev/null || { echo "put $k"; exit 1; }
		s3 get "$k" g >/dev/null || { echo "get $k"; exit 1; }
		cmp f1 g
	done <want
	s3 list k/ | cut -d" " -f2- | LC_ALL=C sort >got
	diff want got
'
test_that 'keys that are refused, before anything is sent' '
	long=$(printf %0300d 0)
	for k in "" / /a a/ a//b . .. a/./b a/../b "$long" "a/$long" \
	    "$(printf "a\001")" "$(printf "\377")"; do
		exits 1 s3 put "$k" one 2>err
		grep "no name of an object" err
	done
'
test_that 'a listing in pages, from a key on, folded' '
	s3 fill 25 1 p/ 
	s3 --page 7 list p/ >out
	[ "$(wc -l <out)" -eq 25 ]
	[ "$(sort -u out | wc -l)" -eq 25 ]
	s3 --page 7 --after p/000019 list p/ >out
	cat out
	[ "$(wc -l <out)" -eq 5 ]
	s3 --delimiter / list >out
	cat out
	grep -x "folder p/" out
	exits 1 grep "p/0" out
'
test_that 'deleting one, several, and what is not there' '
	s3 delete p/000001 p/000001
	exits 3 s3 head p/000001
	s3 list p/ | cut -d" " -f2- | xargs "$S3" --endpoint "$endpoint" \
	    --bucket "$bucket" ${tls:+--ca "$work/tls/ca.pem"} delete-all p/none
	s3 list p/ >out
	[ ! -s out ]
	s3 put "am&p<" one
	s3 delete-all "am&p<"
	exits 3 s3 head "am&p<"
'
test_that 'a thousand at once' '
	s3 fill 1000 500 many/ 
	[ "$(s3 --page 333 list many/ | wc -l)" -eq 1000 ]
'
test_that 'an upload in parts' '
	big
	s3 --part 5M upload parts/big big >out
	cat out
	grep -x "parts 3" out
	grep "^[0-9a-f]*-3 " out
	s3 --sure get parts/big g >out
	cmp big g
	grep -x "size 13000000" out
'
# broken_off DELAY: an upload that is killed so long after its first part went;
# 0: parts of it were kept, 1: the store had none yet, 2: it was too fast
broken_off() {
	rm -f log
	s3_exec --keep --part 5M upload parts/again big >log &
	p=$!
	i=0
	until grep -qs sent log || [ $i -gt 600 ]; do
		i=$((i + 1))
		sleep 0.01
	done
	sleep "$1"
	kill -9 $p 2>/dev/null || :
	wait $p || :
	cat log
	id=$(sed -n "s/^id //p" log)
	! s3 head parts/again >/dev/null 2>&1 || return 2
	s3 --resume "$id" --part 5M upload parts/again big >out || return 1
	cat out
	s3 --sure get parts/again g && cmp big g || exit 1
	s3 delete parts/again
	[ "$(sed -n "s/^kept //p" out)" -ge 1 ]
}
test_that 'one that broke off is gone on with' '
	big
	for delay in 0 .1 .3 1; do
		r=0
		broken_off $delay || r=$?
		[ $r -eq 1 ] || break
	done
	[ $r -ne 1 ]
'
test_that 'gone on with other bytes: refused' '
	big
	head -c 13000000 /dev/urandom >big2
	rm -f log
	s3_exec --keep --part 5M upload parts/other big >log &
	p=$!
	i=0
	until grep -qs "^id" log || [ $i -gt 600 ]; do
		i=$((i + 1))
		sleep 0.01
	done
	kill -9 $p 2>/dev/null || :
	wait $p || :
	id=$(sed -n "s/^id //p" log)
	if s3 head parts/other >/dev/null 2>&1; then
		exit 0
	fi
	exits 5 s3 --resume "$id" --part 5M upload parts/other big2 >out 2>err
	cat err
	grep "something else; put it again" err
	s3 --part 5M upload parts/other big2 >out
	s3 --sure get parts/other g
	cmp big2 g
'
test_that 'uploads that are not completed are listed, and aborted' '
	big
	rm -f log
	s3_exec --keep --part 5M upload parts/left big >log &
	p=$!
	i=0
	until grep -qs "^id" log || [ $i -gt 600 ]; do
		i=$((i + 1))
		sleep 0.01
	done
	kill -9 $p 2>/dev/null || :
	wait $p || :
	id=$(sed -n "s/^id //p" log)
	if s3 head parts/left >/dev/null 2>&1; then
		exit 0
	fi
	s3 uploads parts/left >out
	cat out
	grep -F "$id parts/left" out
	s3 abort parts/left "$id"
	s3 abort parts/left "$id"
	s3 uploads parts/left >out
	[ ! -s out ]
'
test_that 'by host instead of by path' '
	"$S3" --endpoint "http${tls:+s}://s3.localhost:$port" --bucket "$bucket" \
	    ${tls:+--ca "$work/tls/ca.pem"} --host-style get a/b/c g
	cmp f g
'
test_that 'a URL for anybody' '
	s3 url a/b/c >url
	python3 -c "import ssl, sys, urllib.request as r
c = ssl._create_unverified_context()
sys.stdout.buffer.write(r.urlopen(open(\"url\").read().strip(), context=c).read())" >g
	cmp f g
'
test_that 'a clock that is a day off is put right, once' '
	faults_work || exit 0
	for by in 86400 -86400; do
		export MEM_CLOCK=$by
		LD_PRELOAD=$fault_lib s3 get a/b/c g
		cmp f g
		LD_PRELOAD=$fault_lib s3 head a/b/c
	done
'
test_that 'a wrong secret: denied, told, and nowhere in it' '
	AWS_SECRET_ACCESS_KEY=verysecretindeed exits 9 s3 get a/b/c g >out 2>err
	cat err
	grep "status 403" err
	exits 1 grep -i "verysecret" err out
'
