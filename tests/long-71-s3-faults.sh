#!/bin/sh
# Put and get through a proxy that drops, delays, cuts, damages, doubles and
# answers for itself (tests/helper/faultproxy.c), 200 seeds: what the client
# calls done is right, what is not done says so, and nobody waits for ever.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
bucket=memkit-test
SEEDS=${SEEDS:-200}

if ! s3_have versitygw; then
	s3_missing versitygw
	test_done
	exit
fi
if ! s3_start versitygw; then
	test_that 'the server starts' 'exit 1'
	test_done
	exit
fi
s3 make-bucket
head -c 60000 /dev/urandom >small
head -c 11000000 /dev/urandom >big
direct=$endpoint

# faulty SEED PERCENT: from now on by the proxy
faulty() {
	s3_harm "$@" || return
	endpoint=http://127.0.0.1:$through
}
right() {
	endpoint=$direct
	s3_no_harm
}
# try NAME COMMAND...: done, or a clean failure; its status in $rc
try() {
	what=$1
	shift
	rc=0
	timeout 60 "$S3" --endpoint "$endpoint" --bucket "$bucket" --wait 40000 \
	    --stall 2000 "$@" >out 2>err || rc=$?
	case $rc in
	0) done_n=$((done_n + 1)) ;;
	2|5|8|9) failed_n=$((failed_n + 1)); [ -s err ] ;;
	3) failed_n=$((failed_n + 1)) ;;
	*)
		echo "seed $seed: $what ended with $rc"
		cat out err
		return 1
		;;
	esac
}
# same KEY FILE: what is stored there is that file
same() {
	if ! "$S3" --endpoint "$direct" --bucket "$bucket" --sure get "$1" g \
	    >/dev/null || ! cmp "$2" g; then
		echo "seed $seed: $1 is not $2"
		return 1
	fi
}
# whole KEY FILE: that file, or nothing
whole() {
	r=0
	"$S3" --endpoint "$direct" --bucket "$bucket" --sure get "$1" g \
	    >/dev/null 2>&1 || r=$?
	[ $r -ne 3 ] || return 0
	if [ $r -ne 0 ] || ! cmp "$2" g; then
		echo "seed $seed: a part of $1 is visible"
		return 1
	fi
}

seed_run() {
	faulty "$seed" $((20 + seed % 5 * 15)) || return
	ok=1
	try put put "s/$seed" small || ok=0
	put_rc=$rc
	try once --once put "o/$seed" small || ok=0
	once_rc=$rc
	big_rc=1
	if [ $((seed % 10)) -eq 0 ]; then
		try upload --part 5M upload "b/$seed" big || ok=0
		big_rc=$rc
	fi
	if [ $put_rc -eq 0 ]; then
		try get --sure get "s/$seed" g2 || ok=0
		[ $rc -ne 0 ] || cmp small g2 || ok=0
	fi
	right
	[ $ok -eq 1 ] || return 1
	if [ $put_rc -eq 0 ]; then same "s/$seed" small || return; fi
	if [ $once_rc -eq 0 ]; then same "o/$seed" small || return; fi
	if [ $big_rc -eq 0 ]; then same "b/$seed" big || return; fi
	whole "s/$seed" small && whole "o/$seed" small && whole "b/$seed" big
}

test_that "$SEEDS seeds: right, or a clean failure" '
	done_n=0 failed_n=0 seed=1
	while [ $seed -le $SEEDS ]; do
		seed_run
		seed=$((seed + 1))
	done
	echo "$done_n done, $failed_n failed" | tee tally
	# most of it has to work in spite of all
	[ $done_n -gt $((failed_n * 4)) ]
'
sed 's/^/# /' tally 2>/dev/null
test_done
