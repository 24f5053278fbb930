#!/bin/sh
# Grafts come and go, by hand and by the clock, while others read, in calls
# that are short and in one that lasts: nothing is shown by a read that began
# after a revocation was acknowledged (tests/isolation/race.py).
#
# MEM_SEED names the run; MEM_ALL=1 (long-25) goes on for a minute each.
. "${0%/*}/lib.sh"
left_to long-25-isolation-race
command -v python3 >/dev/null || { echo "1..0 # SKIP no python3"; exit 0; }

seed=${MEM_SEED:-$(date +%s)} seconds=1.5
[ -z "${MEM_ALL:-}" ] || seconds=60
echo "# MEM_SEED=$seed"

race() {
	python3 "$tests/isolation/race.py" --seed "$seed" \
	    --seconds $seconds "$@" >race.out || { cat race.out; return 1; }
}
test_that 'with credentials' 'race'
test_that 'in a store of its owner' 'race --owner'
test_done
