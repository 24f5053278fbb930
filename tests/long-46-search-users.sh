#!/bin/sh
# Each query of two users in every way of asking.
MEM_ALL=1 exec sh "${0%/*}/t4140-search-users.sh"
