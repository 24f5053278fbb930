#!/bin/sh
# mem-admin compact, killed at every sync and write; the quick suite takes fewer,
# with MEM_EVERY=N it is one in N.
MEM_EVERY=${MEM_EVERY:-1} exec sh "${0%/*}/t2200-admin-compact.sh"
