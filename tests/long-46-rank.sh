#!/bin/sh
# Ranking against the slow obvious way, by more queries than the quick suite
# asks.
bin=${MEM_BIN:-${0%/*}/../bin}
MEM_ALL=1 exec "${bin%/*}/obj/tests/unit/u-rank"
