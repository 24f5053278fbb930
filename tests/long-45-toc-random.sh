#!/bin/sh
# Contents that change at random, searched with an index that lags at random:
# what is found is what is found without one.  SEED, ROUNDS and LENGTH say
# which runs, and how long each is.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-toc.sh"
: "${SEED:=1}" "${ROUNDS:=${MEM_ROUNDS:-6}}" "${LENGTH:=40}"
index=$MEM_STORE/tenants/default/index

ask() {
	for q in "token login" "refresh -token" "kern* disk" "\"the fix\"" \
	    "level:week" "source:grip since:2026-10" "session:s1,s2 error" \
	    "water +soil" "tokne"; do
		echo "== $q"
		mem-search --in toc,grip --explain -n 12 "$q" 2>&1 || :
		mem-search --in toc,grip -n 0 -l --mode text "$q" 2>&1 || :
	done
	mem-search --in grip -n 0 -l source:grip | sort | uniq -d >twice
	if [ -s twice ]; then
		echo "found twice:"
		cat twice
		return 1
	fi
}

# step NUMBER WHAT ARGUMENT...
step() {
	shift
	case $1 in
	more)	head -n "$2" left | mem-ingest -q >/dev/null
		sed "1,$2d" left >rest
		mv rest left ;;
	grow)	step 0 more "$2"
		mem-toc build -q ;;
	build)	mem-toc build -q ;;
	index)	mem-index -q ;;
	forget)	mem-log --json | awk -v n="$2" "NR % 97 == n % 97" | head -n 2 | jl event_id |
		    sed "s/.*/{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"&\"}/" |
		    mem-ingest -q >/dev/null ;;
	hide|unmark|pin)
		n=$(mem-search --in toc,grip -n 0 -l --no-fold "error fix token" |
		    awk -v n="$2" "NR == n")
		[ -z "$n" ] || mem-toc "$1" "$n" ;;
	bare)	sqlite3 -readonly "$MEM_STORE/tenants/default/memory.db" \
		    "SELECT name FROM toc_mark" | mem-toc unmark - || : ;;
	back)	n=$(sqlite3 -readonly "$MEM_STORE/tenants/default/memory.db" \
		    "SELECT n.name, min(v.version) FROM toc_node n JOIN toc_version v
		    ON v.node = n.id GROUP BY n.id HAVING count(*) > 1
		    ORDER BY n.id * 7919 % 1009 LIMIT 1 OFFSET $(($2 % 5))" | tr "|" " ")
		# shellcheck disable=SC2086
		[ -z "$n" ] || mem-toc rollback -q $n >/dev/null || : ;;
	prune)	mem-admin compact --keep-versions 2 -q >/dev/null ;;
	esac
}

round() {
	fresh_store
	chats "$1" 14 | awk -v seed="$1" "BEGIN { srand(seed) } { print rand(), \$0 }" |
	    sort -n | cut -d" " -f2- >left
	head -n 40 left | mem-ingest -q >/dev/null
	sed 1,40d left >rest
	mv rest left
	mem-toc build -q
	mem-index -q
	awk -v seed="$1" -v n="$LENGTH" "BEGIN {
		srand(seed * 31)
		k = split(\"more grow grow grow grow build index index forget hide unmark back back back pin bare prune\", what, \" \")
		for (i = 1; i <= n; i++)
			print i, what[1 + int(rand() * k)], 1 + int(rand() * 12)
	}" >steps
	# shellcheck disable=SC2094 # it is only read
	while read -r i what n; do
		step "$i" "$what" "$n" </dev/null
		ask >got </dev/null
		mv "$index" aside
		ask >want </dev/null
		mv aside "$index"
		cmp got want || {
			echo "seed $1, after step $i: $what $n"
			cat steps
			diff got want | cut -c 1-200 | head -n 20
			return 1
		}
	done <steps
	mem-admin check -q
	mem-index -q
	mem-index --verify -q
	ask | cmp - want
}

if command -v sqlite3 >/dev/null; then
	for seed in $(seq "$SEED" $((SEED + ROUNDS - 1))); do
		test_that "what changes at random is found ($seed)" "round $seed"
	done
else
	skip 'what changes at random is found' 'no sqlite3'
fi
test_done
