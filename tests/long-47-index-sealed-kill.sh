#!/bin/sh
# A sealed tenant's index: killed before every single step, and in every
# write; the quick suite takes fewer, with MEM_EVERY=N it is one in N.
MEM_EVERY=${MEM_EVERY:-1} exec sh "${0%/*}/t4551-index-sealed-kill.sh"
