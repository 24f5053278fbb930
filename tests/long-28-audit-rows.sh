#!/bin/sh
# A push, killed at every step: no object without its row in the audit log; the quick suite takes fewer,
# with MEM_EVERY=N it is one in N.
MEM_EVERY=${MEM_EVERY:-1} exec sh "${0%/*}/t2420-audit-rows.sh"
