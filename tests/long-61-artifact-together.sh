#!/bin/sh
# Each step at which one of two processes can be held; the quick suite takes
# fewer.  With MEM_EVERY=N it is one in N.
export MEM_EVERY="${MEM_EVERY:-1}"
exec sh "${0%/*}/t6120-artifact-together.sh"
