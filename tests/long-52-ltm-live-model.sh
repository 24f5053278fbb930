#!/bin/sh
# mem-ltm live is killed at more moments than in the quick suite.
MEM_ALL=1 exec sh "${0%/*}/t5210-ltm-live-model.sh"
