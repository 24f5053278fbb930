#!/bin/sh
# mem-artifact with its bytes at a real server that is quick to start.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-blob.sh"
bucket=memkit-test

if s3_at versitygw; then
	. "$tests/lib-blob-s3.sh"
	. "$tests/artifact-s3-all.sh"
fi
test_done
