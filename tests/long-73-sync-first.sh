#!/bin/sh
# A first pull is killed at each place.
MEM_ALL=1 exec sh "${0%/*}/t7211-sync-first.sh"
