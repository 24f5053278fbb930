#!/bin/sh
# An import of files that is killed at each rename and sync.
MEM_ALL=1 exec sh "${0%/*}/t7310-sync-export-files.sh"
