#!/bin/sh
# mem-admin stats: what it counts, and what it warns of.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

key() {
	mem-admin stats -q | jl "$1"
}

# No warnings but those that a test asks for, wherever it runs.
calm() {
	mem-admin config set stats.maxDiskPercent 100
	mem-admin config set remote.none.url file:///none
}

mkevents 50 >in
test_that 'it counts what is there' '
	mem-ingest <in >out
	MEM_USER=ann mem-ingest <in >out
	echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"1\",\"record_type\":\"note\",\"title\":\"a\"}" | mem-ingest >out
	echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"1\",\"record_type\":\"note\",\"title\":\"b\"}" | mem-ingest >out
	calm
	mem-admin stats >out
	cat out
	[ "$(jl type <out)" = stats ]
	for want in event_count=100 session_count=6 user_count=2 \
	    record_count=1 kb_count=1 toc_node_count=0 grip_count=0 \
	    fact_count=0 file_count=0 outbox_count=0 change_count=102 last_sequence=102 \
	    first_timestamp=1790000000001 last_timestamp=1790000000050 \
	    format=1 schema=7 tenant=default pack_count=0; do
		[ "$(jl "${want%=*}" <out)" = "${want#*=}" ] ||
		    { echo "$want"; exit 1; }
	done
	[ "$(jl store_id <out)" = "$(sed "s/.* //" "$MEM_STORE/memkit")" ]
	grep "\"consumers\":\[\]" out
	grep "\"artifacts\":{}" out
	grep "\"warnings\":\[\]" out
'
test_that 'sizes are those of the files' '
	size=$(cat "$MEM_STORE"/tenants/default/memory.db \
	    "$MEM_STORE"/tenants/default/memory.db-wal | wc -c)
	[ "$(key database_bytes)" -eq "$size" ]
	[ "$(key disk_usage_bytes)" -ge "$size" ]
	bodies=$(sql "SELECT sum(length(body)) FROM event")
	free=$(sql "PRAGMA freelist_count")
	[ "$(key compaction_pending_bytes)" -eq $((bodies + 4096 * free)) ]
'
test_that 'a consumer is told of, with its lag' '
	sqlite3 "$MEM_STORE/tenants/default/memory.db" "INSERT INTO consumer
	    VALUES ('\''index'\'', 40, 1790000000040, 1790000000999)"
	mem-admin stats >out
	grep "\"consumers\":\[{\"job_name\":\"index\",\"last_processed_sequence\":40,\"last_processed_timestamp\":1790000000040,\"saved_at\":1790000000999,\"lag\":62}\]" out
	[ "$(jl outbox_count <out)" = 62 ]
'
test_that '--check exits 0 within the limits' '
	mem-admin stats --check >out
'
test_that 'more than 1000 changes outstanding is too many' '
	mkevents 1100 4 | sed "s/:\"s/:\"t/" | mem-ingest >out
	exits 1 mem-admin stats --check >out 2>err
	cat err
	grep "\"warnings\":\[{\"what\":\"outstanding\",\"value\":1162,\"limit\":1000," out
	grep "1162 changes are waiting" err
	mem-admin stats >out
	mem-admin config set stats.maxOutstanding 2k
	mem-admin stats --check >out
	grep "\"warnings\":\[\]" out
'
test_that 'a full disk is warned of' '
	mem-admin config set stats.maxDiskPercent 0
	exits 1 mem-admin stats --check >out 2>err
	grep "\"what\":\"disk\"" out
	grep "the disk is .* full" err
	used=$(df -P "$MEM_STORE" | awk "NR == 2 { sub(/%/, \"\", \$5); print \$5 }")
	told=$(jl disk_used_percent <out)
	[ $((told - used)) -le 1 ]
	[ $((used - told)) -le 1 ]
	calm
'
test_that 'much to compact is warned of' '
	mem-admin config set stats.maxCompaction 1k
	exits 1 mem-admin stats --check >out 2>err
	grep "\"what\":\"compaction\"" out
	grep "run mem-admin compact" err
	mem-admin config unset stats.maxCompaction
	mem-admin stats --check >out
'
if [ "$(stat -f -c %T /dev/shm 2>/dev/null)" = tmpfs ] && [ -w /dev/shm ]; then
	test_that 'a store that does not outlive the machine is warned of' '
		dir=$(mktemp -d /dev/shm/memkit-test.XXXXXX)
		trap "rm -rf $dir" EXIT
		mem-admin init --store "$dir" >out
		mem-admin config set stats.maxDiskPercent 100 --store "$dir"
		exits 1 mem-admin stats --check --store "$dir" >out 2>err
		cat out err
		grep "\"what\":\"fleeting\"" out
		grep "lies on tmpfs" err
		[ "$(jl disk_kind <out)" = tmpfs ]
		mem-admin config set remote.main.url file:///x --store "$dir"
		mem-admin stats --check --store "$dir" >out
	'
else
	skip 'a store that does not outlive the machine is warned of' \
	    'no tmpfs to write to'
fi
test_that '-q keeps the warnings in the record only' '
	mem-admin config set stats.maxOutstanding 1
	mem-admin stats -q >out 2>err
	grep outstanding out
	[ ! -s err ]
'
test_that 'on a terminal it is text' '
	mem-admin stats --text -q >out
	cat out
	grep "^event_count  *1200$" out
	grep "^consumers.0.job_name  *index$" out
'

# ---- Prometheus ----

test_that 'the text format of Prometheus: each metric once, with its type' '
	mem-admin init --tenant "b\"\\x" >out
	mem-admin stats -q --all-tenants --format prometheus >out
	cat out
	awk "
		/^# HELP [a-z_]+ ./ { help[\$3]++; last = \$3; next }
		/^# TYPE [a-z_]+ gauge\$/ { type[\$3]++; next }
		{ name = \$0; sub(/\\{.*/, \"\", name) }
		name != last { print \"out of order: \" \$0; bad = 1 }
		!/^[a-z_]+\\{[a-z_]+=\"[^\"\\\\]*(\\\\.[^\"\\\\]*)*\"(,[a-z_]+=\"[^\"]*\")?\\} -?[0-9.]+\$/ {
			print \"not a sample: \" \$0; bad = 1 }
		END {
			for (n in help) if (help[n] != 1 || type[n] != 1) {
				print \"twice: \" n; bad = 1 }
			exit bad
		}" out
	grep -F "memkit_events{tenant=\"default\"} 1200" out
	grep -F "memkit_events{tenant=\"b\\\"\\\\x\"} 0" out
	grep -F "memkit_consumer_lag_changes{tenant=\"default\",job_name=\"index\"} 1162" out
	grep -F "memkit_warning{tenant=\"default\",what=\"outstanding\"} 1" out
	grep -F "memkit_last_event_timestamp_seconds{tenant=\"default\"} 1790000001.100" out
'
test_that 'other formats are refused' '
	exits 64 mem-admin stats --format xml 2>err
	grep "jsonl, text or prometheus" err
'
test_that 'stats of a store that others write is of one moment' '
	fresh_store
	mem-admin init >out
	mkevents 3000 7 | mem-ingest >ingested &
	i=0
	while [ $i -lt 15 ]; do
		mem-admin stats -q >out
		[ "$(jl event_count <out)" -eq "$(jl change_count <out)" ]
		i=$((i + 1))
	done
	wait
	[ "$(key event_count)" = 3000 ]
'
test_done
