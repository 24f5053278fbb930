#!/bin/sh
# mem-admin backup and restore, killed at every write, sync and rename; the quick suite takes fewer,
# with MEM_EVERY=N it is one in N.
MEM_EVERY=${MEM_EVERY:-1} exec sh "${0%/*}/t2210-admin-backup.sh"
