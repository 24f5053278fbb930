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
	cat err
	echo "= $status"
}
