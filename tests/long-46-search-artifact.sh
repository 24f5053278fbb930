#!/bin/sh
# Artifacts in an index: all of the questions, and made anew each time that one
# is compared.
MEM_ALL=1 exec sh "${0%/*}/t4520-search-artifact.sh"
