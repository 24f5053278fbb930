#!/bin/sh
# mem-admin forget, killed at every step; the quick suite takes fewer,
# with MEM_EVERY=N it is one in N.
MEM_EVERY=${MEM_EVERY:-1} exec sh "${0%/*}/t2400-forget.sh"
