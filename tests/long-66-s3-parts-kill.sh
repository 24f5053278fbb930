#!/bin/sh
# Every case of tests/t6240-artifact-s3-parts-kill.sh.
MEM_EVERY=${MEM_EVERY:-1}
export MEM_EVERY
exec sh "${0%/*}/t6240-artifact-s3-parts-kill.sh"
