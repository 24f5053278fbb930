#!/bin/sh
# Eight writers and four readers at once: none lost, none twice, nobody
# waits for long, every reader sees a whole past.
# long-22-together.sh runs it with more events (MEM_EACH_WRITES).
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

n=${MEM_EACH_WRITES:-300}
writers=8 readers=4

# Event i of every writer is at the same time as those of the others.
for w in $(seq $writers); do
	awk -v w="$w" -v n="$n" 'BEGIN { for (i = 1; i <= n; i++)
		printf "{\"session_id\":\"w%d\",\"timestamp\":%.0f," \
		    "\"text\":\"%d of writer %d\"}\n", w, 1790000000000 + i, i, w
	}' >"in.$w"
done

# Two of the writers commit each event by itself, one is a process for each
# of some events, as a hook is.
write_all() {
	case $1 in
	1 | 2) mem-ingest --each "in.$1" >"out.$1" 2>"err.$1" ;;
	3)	head -n 40 in.3 | while IFS= read -r line; do
			printf '%s\n' "$line" | mem-ingest || exit
		done >out.3 2>err.3 && tail -n +41 in.3 | mem-ingest >>out.3 2>>err.3 ;;
	*) mem-ingest "in.$1" >"out.$1" 2>"err.$1" ;;
	esac
	echo $? >"status.$1"
}

# In a read's output every writer's events are 1 .. k, and times do not fall.
whole_past() {
	awk -F'"' '{
		for (i = 1; i < NF; i++) {
			if ($i == "timestamp")
				t = substr($(i + 1), 2) + 0
			if ($i == "text")
				split($(i + 2), f, " ")
		}
		if (t < last) { print "time falls: " $0; bad = 1; exit }
		last = t
		if (f[1] != ++seen[f[4]]) { print "a gap: " $0; bad = 1; exit }
	} END { exit bad }' "$1"
}

# Reads one after the other while the writers are at it; a line each: ms,
# exit, events seen.
read_all() {
	i=0
	while [ ! -e written ]; do
		i=$((i + 1))
		start=$(date +%s%N)
		case $((i % 4)) in
		0) mem-session list --json >"read.$1" 2>>"rerr.$1" ;;
		1) mem-log --json -n 20 --reverse >"read.$1" 2>>"rerr.$1" ;;
		2) mem-log --json --session w5 >"read.$1" 2>>"rerr.$1" ;;
		3) mem-log --json >"read.$1" 2>>"rerr.$1" ;;
		esac
		s=$?
		ms=$((($(date +%s%N) - start) / 1000000))
		echo "$ms $s $(wc -l <"read.$1") $((i % 4))" >>"reads.$1"
		[ $((i % 4)) -lt 2 ] || whole_past "read.$1" >>"past.$1" || break
	done
}

# The first writers meet before there is a store.
pids=
for w in $(seq $writers); do
	write_all "$w" &
	pids="$pids $!"
done
i=0
while [ ! -s "$MEM_STORE/tenants/default/memory.db" ] && [ $i -lt 100 ]; do
	sleep 0.02
	i=$((i + 1))
done
rpids=
for r in $(seq $readers); do
	: >"past.$r"
	read_all "$r" &
	rpids="$rpids $!"
done
# shellcheck disable=SC2086
wait $pids
: >written
# shellcheck disable=SC2086
wait $rpids

test_that 'every writer came to its end' '
	for w in $(seq $writers); do
		[ "$(cat status.$w)" = 0 ] || { cat err.$w; exit 1; }
	done
'
test_that 'none is lost, none is there twice' '
	[ "$(sql "SELECT count(*), count(DISTINCT hex(id)) FROM event")" = "$((writers * n))|$((writers * n))" ]
	for w in $(seq $writers); do
		jl text <in.$w >want
		mem-log --json --session w$w | jl text | cmp - want
	done
	mem-log --json >all
	whole_past all
'
test_that 'the store is whole, and one' '
	store_whole
	[ "$(ls "$MEM_STORE"/tenants)" = default ]
	[ "$(find "$MEM_STORE" -name ".tmp-*" | wc -l)" = 0 ]
'
test_that 'no reader was refused or saw an error' '
	cat rerr.* >&2
	[ "$(cat rerr.* | grep -c -v "has no tenant\|no store at")" = 0 ]
	! awk "\$2 > 1" reads.* | grep .
'
# Longer than anybody waits for a lock; how long a machine takes that has other
# work is no fault.
test_that 'no read was kept waiting by the writers' '
	sort -n reads.* | tail -n 1
	! awk "\$1 >= 60000" reads.* | grep .
'
test_that 'each read saw a whole past, and never less than the one before' '
	cat past.*
	[ -z "$(cat past.*)" ]
	cat reads.* | wc -l
	for r in $(seq $readers); do
		[ "$(wc -l <reads.$r)" -ge 4 ]
		for kind in 2 3; do
			awk -v k=$kind "\$4 == k && \$3 < m { print; bad = 1 }
			    \$4 == k { m = \$3 } END { exit bad }" reads.$r
		done
	done
'
test_that 'the changes are one row of numbers' '
	[ "$(sql "SELECT count(*), min(seq), max(seq) FROM change WHERE type = 1")" = \
	    "$((writers * n))|1|$((writers * n))" ]
'
test_that 'a first writer and a first reader that meet: no store, or one' '
	for i in 1 2 3 4 5 6; do
		fresh_store
		for w in 1 2 3 4; do
			{ got=0; head -n 3 in.$w | mem-ingest >o.$w 2>e.$w || got=$?; echo $got >s.$w; } &
		done
		for r in 5 6; do
			{ got=0; mem-log >o.$r 2>e.$r || got=$?; echo $got >s.$r; } &
		done
		wait
		for w in 1 2 3 4; do
			[ "$(cat s.$w)" = 0 ] || { cat e.$w; exit 1; }
		done
		for r in 5 6; do
			case $(cat s.$r) in
			0 | 1) ;;
			2) grep "no store at\|has no tenant" e.$r || { cat e.$r; exit 1; } ;;
			*) cat e.$r; exit 1 ;;
			esac
		done
		[ "$(mem-log | wc -l)" = 12 ]
	done
	store_whole
'
test_done
