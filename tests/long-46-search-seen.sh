#!/bin/sh
# What a call sees is as if it was all there is, in every way of asking.
MEM_ALL=1 exec sh "${0%/*}/t4150-search-seen.sh"
