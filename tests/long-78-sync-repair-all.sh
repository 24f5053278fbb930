#!/bin/sh
# mem-sync repair: all that may be lost, in every way.
MEM_ALL=1 exec sh "${0%/*}/t7260-sync-repair.sh"
