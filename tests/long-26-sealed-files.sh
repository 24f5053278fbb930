#!/bin/sh
# SIGKILL at every step that puts or removes a sealed file; the quick suite
# tries one in 8.
MEM_ALL=1 exec sh "${0%/*}/t2630-sealed-files.sh"
