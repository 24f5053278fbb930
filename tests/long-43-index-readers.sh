#!/bin/sh
# Searches at every moment of indexing, for two minutes.
MEM_SECONDS=${MEM_SECONDS:-120} exec sh "${0%/*}/t4103-index-readers.sh"
