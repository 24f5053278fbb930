#!/bin/sh
# Each call that can fail in push and pull; the quick suite takes fewer.
# With MEM_EVERY=N it is one in N.
MEM_EVERY=${MEM_EVERY:-1} exec sh "${0%/*}/t7210-sync-kill.sh"
