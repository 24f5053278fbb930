#!/bin/sh
# Every case of tests/t6330-artifact-filecoin-kill.sh.
MEM_EVERY=${MEM_EVERY:-1}
export MEM_EVERY
exec sh "${0%/*}/t6330-artifact-filecoin-kill.sh"
