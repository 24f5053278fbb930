#!/bin/sh
# Objects at a real server that is quick to start (versitygw): what goes in
# comes out, listings, conditions, several at once.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
bucket=memkit-test

if ! s3_have versitygw; then
	s3_missing versitygw
	test_done
	exit
fi

if ! s3_start versitygw; then
	test_that 'the server starts' 'exit 1'
	test_done
	exit 1
fi
. "$tests/s3-all.sh"
test_done
