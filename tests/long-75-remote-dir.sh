#!/bin/sh
# A remote in a folder: many objects, long races, killed at every call.
MEM_ALL=1 MEM_EVERY=${MEM_EVERY:-1} exec sh "${0%/*}/t7100-remote-dir.sh"
