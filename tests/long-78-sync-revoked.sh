#!/bin/sh
# Credentials that are revoked, a bucket that is emptied or taken away, while
# a push or a pull is under way: told, with what to do and without a secret;
# what is here is whole, nobody sees a half, and with what is right it goes on.
# MEM_EVERY=1: at each request.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-sync.sh"
bucket=memkit-sync server=fake data=
every=${MEM_EVERY:-2}
s3_fake
templates A B C
echo 0 >seed

# write NODE PATH TEXT: a file of s1
write() {
	echo "$3" >"$(as "$1" mem-session path s1 inputs "$2")"
}
# begin: A has pushed once, and has more of each kind; B has what was pushed
begin() {
	seed=$(($(cat seed) + 1))
	echo $seed >seed
	: >script
	rm -rf A B C
	for who in A B C; do
		cp -R $who.new $who
		aim $who "$port"
	done
	fill A
	write A both "at first"
	write A gone "at first"
	push A -q >out 2>err && pull B -q >out 2>err || return
	say A s1 "of A"
	write A both "A wrote this"
	write A new "A wrote this too"
	as A mem-session rm -q s1 inputs gone
}
# after N WORD...: the answer to each request behind the N-th
after() {
	{
		yes ok | head -n "$1"
		shift
		echo "always $*"
	} >script
}
# silent FILE...: no secret is in them
silent() {
	if grep -a -F -e "$AWS_ACCESS_KEY_ID" -e "$AWS_SECRET_ACCESS_KEY" "$@"
	then
		return 1
	fi
}
# denied N NODE VERB [OPTION...]: true; 2: there are no so many requests
denied() {
	n=$1 verb=$3
	[ "$verb" != pull ] || push A -q >out 2>err || { cat err; return 1; }
	who=$2
	shift 2
	after "$n" "$answer"
	shows "$who" >was
	: >log
	rc=0
	as "$who" timeout 60 mem-sync "$@" >out 2>err || rc=$?
	: >script
	[ "$(wc -l <log)" -gt "$n" ] || return 2
	cat err
	# what came before stays: it is no harm
	[ "$verb" = pull ] || shows "$who" | diff was - || return
	silent out err && sound "$who" && server_whole || return
	case $rc in
	0) echo "it did not hear of it"; return 1 ;;
	2) grep -q "$remedy" err || { echo "no remedy"; return 1; } ;;
	*) echo "exit $rc"; return 1 ;;
	esac
}
# goes_on: with what is right it does
goes_on() {
	if ! { push A && as A timeout 60 mem-sync verify && pull B; } >out 2>err
	then
		cat out err
		return 1
	fi
	server_whole && same A B && sound A B
}
# each NODE VERB [OPTION...]: denied from the n-th request on, for each n
each() {
	runs=0 n=0
	while begin || { cat out err; return 1; }; do
		came=0
		denied $n "$@" || came=$?
		[ $came -ne 2 ] || break
		if [ $came -ne 0 ] || ! goes_on; then
			echo "request $n"
			return 1
		fi
		runs=$((runs + 1))
		n=$((n + every))
	done
	echo "$runs runs" | tee -a tally
	[ $runs -ge $((4 / every)) ]
}

test_that 'a push is denied from any request on' '
	answer="403 InvalidAccessKeyId" remedy="; give credentials that are valid"
	each A push --snapshot
'
test_that 'a token expires at any request, and there is no new one' '
	answer="400 ExpiredToken" remedy="; give credentials that are valid"
	each A push
'
test_that 'a bucket is taken away at any request' '
	answer="404 NoSuchBucket" remedy="; make the bucket\|was put there, and is not"
	each A push
'
test_that 'a pull is denied from any request on' '
	answer="403 AccessDenied" remedy="; give credentials that are valid"
	each B pull
'
sed 's/^/# /' tally 2>/dev/null
test_done
