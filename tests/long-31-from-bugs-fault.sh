#!/bin/sh
# An import of bug records that fails at more of its calls.
MEM_ALL=1 exec sh "${0%/*}/t3316-from-bugs-fault.sh"
