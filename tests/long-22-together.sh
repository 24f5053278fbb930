#!/bin/sh
# Eight writers and four readers, 20,000 events each; the quick suite does
# it with 300.
MEM_EACH_WRITES=${MEM_EACH_WRITES:-20000} exec sh "${0%/*}/t3006-ingest-together.sh"
