#!/bin/sh
# More answers of an engine that are mangled than the quick suite takes.
MEM_MANGLE=${MEM_MANGLE:-10} exec sh "${0%/*}/t8200-search-engine.sh"
