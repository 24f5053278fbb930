#!/bin/sh
# Each of the queries that nobody means well with in every way of asking.
MEM_ALL=1 exec sh "${0%/*}/t4130-search-hostile.sh"
