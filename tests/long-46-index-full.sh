#!/bin/sh
# A disk that is full while an index is made, at more amounts of room.
MEM_ALL=1 exec sh "${0%/*}/t4102-index-full.sh"
