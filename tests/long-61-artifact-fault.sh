#!/bin/sh
# Each call that can fail in put, delete, rekey and reconcile of artifacts; the
# quick suite takes fewer.  With MEM_EVERY=N it is one in N.
MEM_EVERY=${MEM_EVERY:-1} exec sh "${0%/*}/t6110-artifact-fault.sh"
