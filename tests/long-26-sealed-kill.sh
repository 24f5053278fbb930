#!/bin/sh
# SIGKILL at every step that changes a sealed tenant's disk; the quick suite
# tries one in 16.
MEM_ALL=1 exec sh "${0%/*}/t2620-sealed-kill.sh"
