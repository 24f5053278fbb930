#!/bin/sh
# 20,000 calls, each held against the model of who may see what.
MEM_ALL=1 exec sh "${0%/*}/t2450-isolation-world.sh"
