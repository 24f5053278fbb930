#!/bin/sh
# With an index and without one: all of the questions, each time.
MEM_ALL=1 exec sh "${0%/*}/t4100-index.sh"
