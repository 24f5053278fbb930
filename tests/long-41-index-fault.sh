#!/bin/sh
# While an index is written: every single write, sync, rename, open, removal,
# mapping fails; one allocation in 97.  The quick suite takes fewer; with
# MEM_EVERY=N it is one in N.
MEM_EVERY=${MEM_EVERY:-1} exec sh "${0%/*}/t4101-index-fault.sh"
