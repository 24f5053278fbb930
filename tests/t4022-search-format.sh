#!/bin/sh
# mem-search --format and --fields: JSON Lines, text, CSV, ids.
. "${0%/*}/lib.sh"

cat >in <<'END'
{"event_id":"01HNAVQZC00000000000000001","session_id":"s1","timestamp":1706540400001,"role":"user","text":"redis, \"quoted\"\nand a second line"}
{"event_id":"01HNAVQZC00000000000000002","session_id":"s1","timestamp":1706540400002,"role":"tool","text":"redis = plain","metadata":{"tags":"a, b"}}
{"type":"record","kb":"bugs","record_id":"B-1","record_type":"bug_record","title":"redis","text":"It is gone.","tags":["x","y"]}
END
mem-ingest <in >out

test_that '--fields picks members, in this order, and keeps their place' '
	mem-search --json --role user --fields score,id,record.session_id redis >got
	grep "^{\"score\":[0-9.e-]*,\"id\":\"01HNAVQZC00000000000000001\",\"record\":{\"session_id\":\"s1\"}}$" got
	mem-search --json --kb bugs --fields record.tags.1,record.record_id redis >got
	cat got
	[ "$(cat got)" = "{\"record\":{\"tags\":{\"1\":\"y\"},\"record_id\":\"B-1\"}}" ]
	mem-search --json --kb bugs --fields record,record.title --fields id redis >got
	grep "^{\"record\":{\"type\":\"record\",.*},\"id\":\"B-1\"}$" got
'
test_that 'what a hit does not have is left out, what none has is said' '
	mem-search --json --fields id,record.role,no.such redis >got 2>err
	[ "$(grep -c "\"role\"" got)" -eq 2 ]
	grep -x "{\"id\":\"B-1\"}" got
	[ "$(cat err)" = "mem-search: no hit has '\''no.such'\''" ]
	mem-search -q --fields no.such redis 2>err
	[ ! -s err ]
	exits 1 mem-search --fields no.such nosuchword 2>err
	[ ! -s err ]
'
test_that 'fields mean JSON, also where text is the default' '
	exits 64 mem-search --text --fields id redis 2>err
	grep -e "--fields goes with" err
	exits 64 mem-search --format text --fields id redis 2>err
	exits 64 mem-search -l --fields id redis 2>err
	exits 64 mem-search --format ids --fields id redis 2>err
'
test_that 'csv: names first, then rows, as RFC 4180 has them' '
	mem-search --format csv --in event --fields \
	    id,record.text,record.metadata,record.metadata.tags,nothing redis \
	    >got 2>err
	sort got >sorted
	{
		printf "id,record.text,record.metadata,record.metadata.tags,nothing\r\n"
		printf "01HNAVQZC00000000000000001,\"redis, \"\"quoted\"\"\nand a second line\",,,\r\n"
		printf "01HNAVQZC00000000000000002,redis = plain,\"{\"\"tags\"\":\"\"a, b\"\"}\",\"a, b\",\r\n"
	} | sort | cmp - sorted
'
test_that 'csv without --fields, and with a batch' '
	mem-search --format csv redis >got
	sed -n 1p got | grep -x "id,source,score,record.timestamp,snippet."
	printf "redis\nplain\n" | mem-search --format csv --batch - >got
	sed -n 1p got | grep -x "query,id,source,score,record.timestamp,snippet."
	grep "^2,01HNAVQZC00000000000000002,event,[0-9.e-]*,1706540400002,redis = \*\*plain\*\*.$" got
	[ "$(grep -c "^query," got)" -eq 1 ]
	exits 1 mem-search --format csv nosuchword >got
	[ ! -s got ]
'
if command -v python3 >/dev/null; then
	test_that 'csv is what another reader takes it for' '
		mem-search --format csv --fields id,record.text redis >got
		python3 -c "
import csv
rows = list(csv.reader(open(\"got\", newline=\"\"), strict=True))
assert rows[0] == [\"id\", \"record.text\"], rows
assert len(rows) == 4 and all(len(r) == 2 for r in rows), rows
assert dict(rows[1:])[\"01HNAVQZC00000000000000001\"] == \"redis, \\\"quoted\\\"\\nand a second line\", rows
"
	'
else
	skip 'csv is what another reader takes it for' 'no python3'
fi
test_that '--format ids is -l, and --json undoes neither' '
	mem-search -l redis >a
	mem-search --format ids redis | cmp a -
	mem-search --json -l redis | cmp a -
	mem-search --format ids -0 redis | tr "\0" "\n" | cmp a -
	mem-search --format ids --in event redis | mem-log - | grep -c . |
	    grep -x 2
	exits 64 mem-search --format xml redis 2>err
	grep "csv" err
'
test_done
