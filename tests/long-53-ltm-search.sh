#!/bin/sh
# Facts in an index: made anew each time that one is compared.
MEM_ALL=1 exec sh "${0%/*}/t5300-ltm-search.sh"
