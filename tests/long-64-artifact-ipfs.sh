#!/bin/sh
# mem-artifact at a real node of IPFS, pinned by a service.
# shellcheck disable=SC2034 # real_home: of lib-s3.sh
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-ipfs.sh"
mem-admin init >/dev/null
if ipfs_have && ipfs_start; then
	config artifact.ipfs.api "$api"
	service
	. "$tests/artifact-filecoin-all.sh"
else
	ipfs_missing
fi
test_done
