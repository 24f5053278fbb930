#!/bin/sh
# Every case of tests/t6230-artifact-s3-kill.sh.
MEM_EVERY=${MEM_EVERY:-1} exec sh "${0%/*}/t6230-artifact-s3-kill.sh"
