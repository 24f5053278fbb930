# shellcheck shell=sh
# What must hold of a store at any time, and faults to try it with; sourced
# after lib.sh.

obj=$(dirname "${MEM_BIN:-$top/bin}")/obj
fault_lib=$obj/helper/fault.so

# sql QUERY: asked of the tenant's database, which is left as it is
sql() {
	db=$MEM_STORE/tenants/default/memory.db
	if [ -s "$db-journal" ]; then	# to be rolled back: not by us
		rm -rf copy
		cp -R "${db%/*}" copy
		sqlite3 copy/memory.db "$1"
	else
		sqlite3 -readonly -cmd '.timeout 10000' "$db" "$1"
	fi
}

# store_whole: pages and indexes, references, one change for each row, counts
# of sessions, a frame in each row; then what mem-admin itself finds
store_whole() {
	db=$MEM_STORE/tenants/default/memory.db
	if [ -s "$db" ]; then
		sql "PRAGMA integrity_check; PRAGMA foreign_key_check" >whole
		[ "$(cat whole)" = ok ] || { cat whole; return 1; }
	fi
	if [ -s "$db" ] && [ "$(sql 'PRAGMA user_version')" != 0 ]; then
		# once the log was trimmed, its beginning is gone
		sql "WITH c AS MATERIALIZED (SELECT type, ref, count(*) AS n
			FROM change GROUP BY type, ref),
			r AS MATERIALIZED (SELECT 1 AS type, seq FROM event
			UNION ALL SELECT 3, seq FROM record)
		    SELECT 'row without its change', r.type, r.seq FROM r
			LEFT JOIN c ON c.type = r.type AND c.ref = r.seq
			WHERE n IS NOT 1
			AND EXISTS (SELECT 1 FROM change WHERE seq = 1);
		    SELECT 'change without its event', seq FROM change
			WHERE type = 1 AND ref NOT IN (SELECT seq FROM event)
			AND NOT EXISTS (SELECT 1 FROM tombstone);
		    SELECT 'session with wrong counts', name FROM session s
			WHERE (events, start_ms, end_ms) IS NOT (SELECT
			count(*), min(ts), max(ts) FROM event
			WHERE session = s.seq);
		    SELECT 'no dictionary' WHERE NOT EXISTS
			(SELECT 1 FROM dict);" >whole
		[ ! -s whole ] || { cat whole; return 1; }
	fi
	if [ -s "$db" ] && command -v mem-admin >/dev/null; then
		mem-admin check >whole 2>&1 || { cat whole; return 1; }
	fi
}

# mkevents N [SESSIONS]: lines of as many events
mkevents() {
	awk -v n="$1" -v s="${2:-3}" 'BEGIN {
		for (i = 1; i <= n; i++)
			printf "{\"session_id\":\"s%d\",\"timestamp\":%.0f," \
			    "\"text\":\"text number %d\"}\n", i % s,
			    1790000000000 + i, i
	}'
}

# Does the library reach the tools?  Not when they are linked statically, and
# not into every sanitizer; never allocations into one.
faults_work() {
	[ -e "$fault_lib" ] || return 1
	LD_PRELOAD=$fault_lib MEM_FAULT=write:1 mem-ingest --version \
	    >/dev/null 2>&1
	[ $? -eq 2 ]
}
heap_faults_work() {
	[ "${MEM_SANITIZE:-no}" = no ] && faults_work
}

# hasty COMMAND...: where the library reaches it, its seconds are tenths
hasty() {
	if faults_work; then
		MEM_HASTE=10 LD_PRELOAD=$fault_lib "$@"
	else
		"$@"
	fi
}

# fault SPEC COMMAND...: status of the command in $status; true if the fault
# came
fault() {
	spec=$1
	shift
	rm -f fired
	status=0
	MEM_FAULT_LOG=$PWD/fired MEM_FAULT=$spec LD_PRELOAD=$fault_lib \
	    "$@" >out 2>err || status=$?
	[ -e fired ]
}

# points_of OP STEP ANEW COMMAND...: which calls of OP are to fail, in $points:
# with MEM_EVERY one in STEP * MEM_EVERY, from the first on, and the last;
# without it $spread (2), of which one is the last and the others lie elsewhere
# each time, from the first on; where that is 1 it is the first, the last, or
# between, in turn.  They are counted in a run without a fault, after ANEW:
# $calls, and $status is that of it.
spread=2 spread_at=0
points_of() {
	points_op=$1 points_step=$2
	"$3"
	shift 3
	rm -f counted
	MEM_FAULT_COUNT=$PWD/counted
	export MEM_FAULT_COUNT
	fault "$points_op:999999999" "$@" || :
	unset MEM_FAULT_COUNT
	calls=$(sort -n counted | tail -n 1)
	points=$(awk -v step="$points_step" -v k="$spread" -v last="$calls" \
	    -v every="${MEM_EVERY-}" -v at=$((spread_at + test_n)) '
		BEGIN {
			if (every == "" && k == 1 && last > 0) {
				print 1 + int((last - 1) * (at % 5) / 4)
				exit
			}
			by = every != "" ? step * every : last / (k < 2 ? 1 : k - 1)
			n = every != "" ? 1 : 1 + int(at % 4 * by / 4)
			for (; n < last; n += by)
				print int(n)
			if (last > 0)
				print last
		}')
	spread_at=$((spread_at + 1))
}

# turn [K]: one in K (2) of a test's, others in the next test; all of them for
# who wants more
turns=0
turn() {
	turns=$((turns + 1))
	more || [ $(((turns + test_n) % ${1:-2})) -eq 0 ]
}

# reader COMMAND...: as one who may write nothing; root may, so be another
reader() {
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=65534 --clear-groups "$@"
	else
		"$@"
	fi
}
# may_read: nobody may write to the store any more; can it be read then?
may_read() {
	chmod 755 "$work" && chmod -R a+rX "$MEM_STORE" &&
	    chmod -R a-w "$MEM_STORE" &&
	    reader sh -c '[ -r "$0/memkit" ] && [ ! -w "$0" ] &&
		command -v mem-search' "$MEM_STORE" >/dev/null 2>&1
}

# one ARGUMENT...: an answer of mem-search, all of it.  When $half is 0 or 1,
# only each second is asked, from $asked=0 on: the even or the odd ones.
half='' asked=0
one() {
	asked=$((asked + 1))
	[ -z "$half" ] || [ $((asked % 2)) -eq "$half" ] || return 0
	echo "== $*"
	status=0
	mem-search "$@" 2>err || status=$?
	[ ! -s err ] || cat err
	echo "= $status"
}
