#!/bin/sh
# Every verb of every tool with every single right; the quick suite takes a third.
MEM_ALL=1 exec sh "${0%/*}/t2410-rights.sh"
