#!/bin/sh
# Every single write, sync, rename, open, mapping fails; one allocation in
# seven.  The quick suite takes fewer; with MEM_EVERY=N it is one in N.
MEM_EVERY=${MEM_EVERY:-1} exec sh "${0%/*}/t3004-ingest-fault.sh"
