#!/bin/sh
# Remotes at every real server that can be had (tests/remote-all.sh), what they
# do differently, and through a proxy that does harm: a put once never lies.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
mem-admin init >/dev/null
SEEDS=${SEEDS:-60} bucket=memkit-remote

set_() {
	mem-admin config set "remote.main.$1" "$2"
}
# set_up ENDPOINT [PREFIX]: `main` is there from now on
set_up() {
	set_ url "s3://memkit-remote/${2:-prod}"
	set_ endpoint "$1"
}
# at NAME [OPTION...]: with an empty bucket
at() {
	s3_at "$@" || return
	set_up "$endpoint"
	if [ -n "$tls" ]; then
		set_ caFile "$work/tls/ca.pem"
	else
		mem-admin config unset remote.main.caFile
	fi
	return 0
}

in_buckets() {
	test_that 'metadata and storage class are kept' '
		rem put meta f mtime=12345 "who=a b" >out
		rem head meta >out
		cat out
		grep -x "meta mtime=12345" out
		grep -x "meta who=a b" out
		grep -x "sha256 $(sum f)" out
	'
	test_that 'a large one that broke off is gone on with, or swept' '
		mem-admin config set remote.main.limit 12M
		# broken FILE: its id, once it was killed in the middle
		broken() {
			"$obj/helper/remote" main large big/a "$1" >id &
			p=$!
			sleep 1.8
			kill -9 $p 2>/dev/null || :
			wait $p || :
			id=$(sed -n "s/^id //p" id)
			[ -n "$id" ]
		}
		broken large
		exits 3 rem head big/a
		start=$(date +%s%N)
		rem large big/a large "$id" | grep -x made
		ms=$((($(date +%s%N) - start) / 1000000))
		echo "$ms ms for the rest"
		rem verify big/a "$(sum large)"
		rem delete big/a
		# an id that is not known any more, and one of other bytes
		rem large big/a large "$id" | grep -x made
		head -c 40000000 /dev/zero >zeros
		rem delete big/a
		broken large
		rem large big/a zeros "$id" | grep -x made
		rem verify big/a "$(sum zeros)"
		rem delete big/a
		broken large
		rem list big/ >out
		[ ! -s out ]
		# MinIO lists the uploads of one key only: none is found
		rem sweep big/ 100000000 | grep -x 0
		rem sweep big/ -60000 | grep -x "$([ $server = minio ] &&
		    echo 0 || echo 1)"
		mem-admin config unset remote.main.limit
	'
	test_that 'prefixes are apart' '
		set_up "$endpoint" other/prefix
		rem list >got
		[ ! -s got ]
		rem put x one
		rem list | grep -x "1 x"
		set_up "$endpoint" prod
		exits 3 rem head x
		s3 list | grep "^1 other/prefix/x$"
		set_up "$endpoint" other/prefix
		rem delete x
		set_up "$endpoint" prod
	'
	test_that 'what others put there is told of, and is no object' '
		for k in "prod/f/Upper" "prod/f/sp ace" "prod/f/a"; do
			s3 put "$k" one
		done
		rem list f/ >got
		cat got
		grep "^1 f/Upper # " got
		grep "^1 f/sp ace # " got
		grep -x "1 f/a" got
		[ "$(wc -l <got)" -eq 3 ]
		s3 delete "prod/f/Upper" "prod/f/sp ace" prod/f/a
	'
	test_that 'an object that somebody else changed is refused' '
		rem put changed f
		s3 put prod/changed one
		exits 2 rem verify changed "$(sum f)" 2>err
		cat err
		grep "it is not what was asked for" err
		rem delete changed
	'
	test_that 'a wrong secret: denied, and not in the message' '
		AWS_SECRET_ACCESS_KEY=verysecretindeed exits 9 rem head a \
		    >out 2>err
		cat err
		exits 1 grep -i verysecret out err
	'
	test_that 'a bucket that is not there: absent' '
		set_ url s3://no-such-bucket-of-ours/x
		exits 3 rem list 2>err
		cat err
		exits 3 rem put a one 2>err
		set_up "$endpoint"
	'
}

for server in versitygw minio rgw; do
	if at $server; then
		. "$tests/remote-all.sh"
		in_buckets
	fi
done
if at minio; then
	test_that 'a storage class is asked for' '
		printf x >one
		set_ class REDUCED_REDUNDANCY
		rem put reduced one
		rem head reduced | grep -x "class REDUCED_REDUNDANCY"
		mem-admin config unset remote.main.class
		rem put usual one
		rem head usual | grep -x "class "
	'
fi
if at minio tls kms; then
	. "$tests/remote-all.sh"
	test_that 'encryption that is asked for is answered for' '
		set_ encrypt s3
		rem put sse f
		rem verify sse "$(sum f)"
		rem put sse-large large
		rem verify sse-large "$(sum large)"
		set_ encrypt kms
		set_ kmsKey test-key
		rem put kms f
		rem verify kms "$(sum f)"
		mem-admin config unset remote.main.kmsKey
		mem-admin config unset remote.main.encrypt
	'
fi
if at versitygw; then
	test_that 'encryption that is ignored is refused, and nothing stays' '
		set_ encrypt s3
		printf x >one
		exits 9 rem put secret one >out 2>err
		cat err
		grep -x "not made" out
		exits 3 rem head secret
		mem-admin config unset remote.main.encrypt
	'
fi

# --- through a proxy that does harm ---------------------------------------

# faulty SEED PERCENT: from now on by the proxy
faulty() {
	s3_harm "$@" || return
	set_up "http://127.0.0.1:$through"
}
right() {
	s3_no_harm
	set_up "$endpoint"
}
# Two fight for 40 keys; then what each was told is compared with what is
# there.  A process that gives up has told what it knows.
fight() {
	faulty "$1" $((10 + $1 % 4 * 15)) || return
	for who in first second; do
		timeout 120 "$obj/helper/remote" main race $who 40 "r$1/" \
		    >"said.$who" 2>>err &
		eval "p_$who=$!"
	done
	# shellcheck disable=SC2154
	{ wait "$p_first" || :; wait "$p_second" || :; }
	right
	rem show "r$1/" >there || return
	cat said.first said.second >>all
	awk -v seed="$1" '
		function wrong(why) { print "seed " seed ": " why; bad = 1 }
		FILENAME == "there" { is[$1] = $2; by[$1, $2]; next }
		{ who = substr(FILENAME, 6) }
		$1 == "made" && $2 in maker { wrong($2 " was made twice") }
		$1 == "made" { maker[$2] = who }
		$1 == "made" && !(($2, who) in by) { wrong($2 " is not " who) }
		$1 == "there" && ($2, who) in by { wrong($2 " is its own") }
		$1 == "there" && !($2 in is) { wrong($2 " is not there") }
		$1 == "not" && ($3, who) in by { wrong($3 " was made") }
		END {
			for (k in is)
				if (is[k] != "first" && is[k] != "second")
					wrong(k " is not whole: " is[k])
			exit bad
		}' there said.first said.second
}
test_that "$SEEDS seeds: two put once, no one is told wrongly" '
	: >all
	for seed in $(seq $SEEDS); do
		fight $seed || exit 1
	done
	cut -d" " -f1 all | sort | uniq -c | tee tally
	[ "$(grep -c "^made" all)" -gt $((SEEDS * 20)) ]
	grep -q "^unsure" all
'
sed 's/^/# /' tally 2>/dev/null

# push, list, delete and read again until all of it is done
again() {
	n=0
	until timeout 120 "$obj/helper/remote" main "$@" >out 2>err; do
		n=$((n + 1))
		if [ $n -gt 30 ]; then
			cat err
			return 1
		fi
	done
}
test_that 'seeds: a push that is done again until it is done is whole' '
	mkdir -p files
	for i in $(seq 60); do
		head -c $((i * 1500)) /dev/urandom >files/f$i
	done
	for seed in $(seq $((SEEDS / 6 + 1))); do
		faulty $((seed + 1000)) 40
		again push files p$seed/
		again list p$seed/
		mv out listed
		again get p$seed/f60 g "$(sum files/f60)"
		cmp files/f60 g
		right
		ls files | LC_ALL=C sort >want
		cut -d/ -f2 listed >got
		diff want got
		for f in $(cat want); do
			rem verify p$seed/$f "$(sum files/$f)" || exit 1
		done
		faulty $((seed + 2000)) 40
		sed "s/^[0-9]* //" listed | xargs -n 25 echo >lines
		while read -r line; do
			# shellcheck disable=SC2086
			again delete $line
		done <lines
		right
		rem list p$seed/ >left
		[ ! -s left ]
	done
'
test_done
