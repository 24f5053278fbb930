#!/bin/sh
# Contents in an index: made anew each time that one is compared.
MEM_ALL=1 exec sh "${0%/*}/t3606-toc-search.sh"
