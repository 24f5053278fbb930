#!/bin/sh
# Stores that exchange change segments come to the same, over many seeds; so do
# facts and verdicts, whatever was decided where.
. "${0%/*}/lib.sh"
same=${MEM_BIN:-$top/bin}/../obj/tests/unit/u-sync-same

test_that 'four hundred seeds' '
	SYNC_SEEDS=400 "$same" >out || { cat out; exit 1; }
	grep "^# applied" out
'
test_that 'one hundred of decisions' '
	SYNC_SEEDS=100 "${same%/*}/u-decision-same" >out || { cat out; exit 1; }
	grep "^ok" out
'
test_done
