#!/bin/sh
# 20,000 searches through an engine, each held against the model of who may see
# what (t2450 has the world, isolation/engine.py the calls), a fifth of them
# through a liar that takes the filters out of them.
#
# MEM_SEED names the run (it is printed); MEM_EVERY=N takes one query in N.
real_home=$HOME
. "${0%/*}/lib.sh"
# shellcheck source-path=SCRIPTDIR
. "$tests/lib-engine.sh"
command -v python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }
seed=${MEM_SEED:-$(date +%s)} n=$((10000 / ${MEM_EVERY:-1}))
echo "# MEM_SEED=$seed"
need_engine opensearch || { test_done; exit; }

# drive OPTION...: what it says stays in the report of this script
drive() {
	python3 "$tests/isolation/engine.py" --engine "$engine" --ops "$n" \
	    "$@" >drive.out || { cat drive.out; return 1; }
	grep " checks" drive.out
}

test_that 'a store with credentials' 'drive --seed $((seed + 1))'
test_that 'one of its owner, and MEM_SESSION' '
	drive --seed $((seed + 2)) --owner
'
echo "# CPU of the engine: $(engine_cpu) ms"
test_done
