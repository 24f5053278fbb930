#!/bin/sh
# Artifacts against a model, over many seeds: the quick suite takes some.  With
# MEM_SEED_EVERY=N it is one in N.
. "${0%/*}/lib.sh"
states=${MEM_BIN:-$top/bin}/../obj/tests/unit/u-artifact-states

test_that 'each of many sequences is as the model has it' '
	ARTIFACT_SEED=1000 ARTIFACT_SEEDS=$((20000 / ${MEM_SEED_EVERY:-1})) \
	    "$states"'
test_done
