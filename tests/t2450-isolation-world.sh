#!/bin/sh
# A world of tenants, users and sessions with random grafts, expiries and
# revocations, random calls of every tool that prints anything, and a model
# that knows who may see what (tests/isolation): never one thing too many, never
# one too few, and another's ids are answered as nobody's.
#
# MEM_SEED names the run (it is printed); MEM_ALL=1 tries 20,000 calls, of which
# MEM_EVERY=N takes one in N.
. "${0%/*}/lib.sh"
command -v python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }

if [ -n "${MEM_ALL:-}" ]; then
	seed=${MEM_SEED:-$(date +%s)} size='' n=$((5000 / ${MEM_EVERY:-1}))
	rounds='1 2'
else
	seed=${MEM_SEED:-24} size=--small n=100 rounds=1
fi
echo "# MEM_SEED=$seed"

# drive OPTION...: what it says stays in the report of this script
drive() {
	# shellcheck disable=SC2086	# perhaps none
	python3 "$tests/isolation/drive.py" --ops "$n" $size "$@" >drive.out ||
	    { cat drive.out; return 1; }
}

for round in $rounds; do
	test_that "round $round: a store with credentials" '
		drive --seed $((seed + round))
	'
	test_that "round $round: one of its owner, and MEM_SESSION" '
		drive --seed $((seed + round)) --owner
	'
done
test_done
