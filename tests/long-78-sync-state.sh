#!/bin/sh
# States of a remote: the second hundred of manifests, too.
MEM_ALL=1 exec sh "${0%/*}/t7270-sync-state.sh"
