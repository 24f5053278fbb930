#!/bin/sh
# Bytes of artifacts: every edge of their ranges.
MEM_ALL=1 exec sh "${0%/*}/t6020-artifact-content.sh"
