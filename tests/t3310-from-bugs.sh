#!/bin/sh
# Bug records: the rules, in the published form, as JSON.
. "${0%/*}/lib.sh"
. "$tests/lib-bugs.sh"

cat >one <<'EOT'
{"bug_id":"B-1","title":"Lost update","severity":"Blocker","status":"Done","module":"sync","affected_files":["/home/ann/app/src/a.c","C:\\src\\b.c","../../etc/passwd"],"language":"C","root_cause":"no lock","fix_description":"take it","reporter":"ann","assignee":"ben","project":"app","environment":"prod","url":"https://x/1","pattern_tags":["NullCheck","null-check","Race Condition"],"labels":["P0"],"created_at":"30/11/2024","resolved_at":"2024-12-01 10:00:00","description":"It is lost.","priority":"P1"}
EOT

test_that 'a record of all fields' '
	from bugs <one
	cat >want <<-"EOT"
	{"type":"record","record_id":"B-1","record_type":"bug_record","title":"Lost update","text":"It is lost.","author":"ann","status":"resolved","tags":["null_check","race_condition","P0"],"timestamp":1732924800000,"fields":{"severity":"critical","priority":"P1","module":"sync","language":"C","root_cause":"no lock","fix_description":"take it","assignee":"ben","project":"app","environment":"prod","url":"https://x/1","affected_files":["src/a.c","src/b.c"],"labels":["P0"],"resolved_at":"2024-12-01T10:00:00.000Z"}}
	EOT
	diff want out
	has "path left out: it is none below the project\":1" end
'
test_that 'an array, an object with one, one object, lines: the same' '
	sed "s/B-1/B-2/" one >two
	cat one two >lines
	{ echo "["; cat one; echo ","; cat two; echo "]"; } >array
	from bugs lines
	mv out want
	from bugs array
	cmp want out
	for key in bugs records items data; do
		{ echo "{\"version\":1,\"$key\":"; cat array; echo ",\"n\":2}"; } >object
		from bugs object
		cmp want out
		from bugs - <object
		cmp want out
	done
	head -n 1 want >first
	from bugs one
	cmp first out
'
test_that 'a record that has a list of its own is one' '
	echo "{\"bug_id\":\"L\",\"title\":\"t\",\"data\":[1,2],\"severity\":\"low\"}" |
	    exits 3 from bugs
	[ "$(jl record_id <out)" = L ]
	has "\"total\":3,\"valid\":1,\"skipped\":2,\"skipped_reasons\":{\"element that is no object\":2}" end
'
test_that 'what is refused is counted by its reason, the rest goes on' '
	cat >in <<-"EOT"
	[{"title":"t","severity":"low"}, {"bug_id":" ","title":"t","severity":"low"},
	{"bug_id":"a","severity":"low"}, {"bug_id":"b","title":"t"},
	{"bug_id":"c","title":"t","severity":"dreadful"}, 7, {"bug_id":"d",},
	{"bug_id":"e","title":"t","severity":"low"}]
	EOT
	from bugs in || [ $? -eq 3 ]
	[ "$(jl record_id <out)" = e ]
	has "\"total\":8,\"valid\":1,\"skipped\":7," end
	has "\"missing_bug_id\":2" end
	has "\"missing_title\":1" end
	has "\"invalid_severity\":2" end
	has "\"element that is no object\":1" end
	has "\"element that is not JSON\":1" end
	has "\"total_input\":8,\"truncated\":0" end
'
test_that 'of one id the last counts, in the order of the input' '
	for i in 1 2 3 1 4 2 1; do
		n=$((${n-0} + 1))
		echo "{\"bug_id\":\"B-$i\",\"title\":\"number $n\",\"severity\":\"low\"}"
	done >in
	from bugs in || [ $? -eq 3 ]
	jl title <out >got
	printf "number %d\n" 3 5 6 7 >want
	cmp want got
	has "\"total\":7,\"valid\":4,\"skipped\":3,\"skipped_reasons\":{\"duplicate\":3}" end
'
test_that 'a bad one does not take the place of a good one' '
	echo "{\"bug_id\":\"a\",\"title\":\"good\",\"severity\":\"low\"}" >in
	echo "{\"bug_id\":\"a\",\"title\":\"bad\"}" >>in
	from bugs in || [ $? -eq 3 ]
	[ "$(jl title <out)" = good ]
'
test_that 'thousands of ids, each of them twice' '
	awk "BEGIN { for (k = 0; k < 2; k++) for (i = 0; i < 4000; i++)
		printf \"{\\\"bug_id\\\":%d,\\\"title\\\":\\\"%d of it and some more words to make it longer than nothing, so that it takes a file\\\",\\\"severity\\\":\\\"low\\\",\\\"description\\\":\\\"%0200d\\\"}\\n\", i, k, i }" >in
	from bugs --max-records 8000 in || [ $? -eq 3 ]
	[ "$(wc -l <out)" -eq 4000 ]
	[ "$(grep -c "\"title\":\"1 of" out)" -eq 4000 ]
	jl record_id <out | sort -nc
	has "\"duplicate\":4000" end
'
test_that 'times that cannot be read are told, the record stays' '
	echo "{\"bug_id\":1,\"title\":\"t\",\"severity\":\"low\",\"created_at\":\"soon\",\"resolved_at\":\"13/13/2024\"}" |
	    from bugs
	[ "$(wc -l <out)" -eq 1 ]
	exits 1 grep "timestamp\|resolved_at" out
	has "\"created_at that is no time\":1,\"resolved_at that is no time\":1" end
'
test_that 'a long description is cut at a character, and counted' '
	awk "BEGIN { for (i = 0; i < 10001; i++) s = s \"中\"
		printf \"{\\\"bug_id\\\":1,\\\"title\\\":\\\"t\\\",\\\"severity\\\":\\\"low\\\",\\\"description\\\":\\\"%s\\\"}\\n\", s }" >in
	from bugs in
	[ "$(jl text <out | tr -d "\n" | wc -c)" -eq 30000 ]
	has "\"truncated\":1" end
'
test_that 'names that are no field are told' '
	echo "{\"bug_id\":1,\"title\":\"t\",\"severity\":\"low\",\"mood\":\"bad\",\"字段\":1}" |
	    from bugs
	has "\"no field for '\''mood'\''\":1,\"no field for '\''字段'\''\":1" end
'
test_that 'more than 5000 records: nothing goes out, and it is told what to do' '
	awk "BEGIN { for (i = 0; i < 5001; i++)
		printf \"{\\\"bug_id\\\":%d,\\\"title\\\":\\\"t\\\",\\\"severity\\\":\\\"low\\\"}\\n\", i }" >in
	exits 2 from bugs in
	[ ! -s out ]
	[ ! -s end ]
	cat err
	grep "more than 5000 records in one import.*split -l.*--max-records" err
	head -n 5000 in >fewer
	from bugs fewer
	[ "$(wc -l <out)" -eq 5000 ]
	from bugs --max-records 5001 in
	from bugs --max-records 0 in
	[ "$(wc -l <out)" -eq 5001 ]
	# all operands are one import
	exits 2 from bugs fewer one
'
test_that 'and so are too many bytes, of a file and of a stream' '
	from bugs --max-bytes 1k one
	exits 2 from bugs --max-bytes 400 one
	grep "more than 400 bytes in one import.*--max-bytes" err
	[ ! -s out ]
	exits 2 from bugs --max-bytes 400 <one
	[ ! -s out ]
'
test_that 'words of one'\''s own' '
	printf "[severity]\n\tcritical = weltuntergang\n[column]\n\tbug-id = vorgang\n" >words
	echo "{\"Vorgang\":\"V1\",\"title\":\"t\",\"severity\":\"Weltuntergang\"}" |
	    from bugs --aliases words
	has "\"record_id\":\"V1\"" out
	has "\"severity\":\"critical\"" out
	printf "[colour]\n\tred = x\n" >words
	exits 2 from bugs --aliases words one
	grep "words.*colour.red is not known" err
	exits 2 from bugs --aliases nowhere one
'
test_that 'options that go with transcripts are refused, and the other way' '
	exits 64 mem-from bugs --follow one
	exits 64 mem-from bugs -n 1 one
	exits 64 mem-from bugs --since 2024 one
	exits 64 mem-from bugs --map a=title one
	exits 64 mem-from codex --max-records 1 one
	exits 64 mem-from codex --aliases words one
'
test_that 'a folder of files' '
	mkdir -p folder/deep
	cp one folder/a.json
	cp two folder/deep/b.jsonl
	echo junk >folder/readme.txt
	from bugs folder
	[ "$(jl record_id <out | tr "\n" " ")" = "B-1 B-2 " ]
'
test_that 'what comes out goes into a knowledge base, its account with it' '
	cat one two one >in
	echo "{\"bug_id\":\"x\"}" >>in
	mem-from -q bugs in >out || [ $? -eq 3 ]
	exits 3 mem-ingest -q --kb bugs out >sum
	cat sum
	grep "\"in\":2,\"stored\":2,\"duplicate\":0,\"rejected\":{}" sum
	grep "\"skipped\":2,\"skipped_reasons\":{\"duplicate\":1,\"missing_title\":1}" sum
	grep "\"total_input\":4,\"truncated\":0" sum
	exits 3 mem-ingest -q --kb bugs out >sum
	grep "\"in\":2,\"stored\":0,\"duplicate\":2,\"rejected\":{}" sum
'
test_that 'a row of a later import is a new version' '
	sed "s/Lost update/Lost again/" one >later
	mem-from -q bugs later | mem-ingest -q --kb bugs >sum
	grep "\"stored\":1" sum
	mem-search kb:bugs lost --json >hits
	grep "Lost again" hits
	grep "\"version\":2" hits
'
test_that 'with --strict one bad row, and nothing is stored' '
	fresh_store
	{ mem-from -q bugs in || :; } | exits 2 mem-ingest -q --strict --kb bugs >sum
	grep "\"stored\":0" sum
	exits 1 mem-search kb:bugs lost
	mem-from -q bugs two | mem-ingest -q --strict --kb bugs >sum
	grep "\"stored\":1" sum
	mem-search kb:bugs lost | grep .
'
test_that 'an import over its limits stores nothing, without --strict too' '
	fresh_store
	{ mem-from bugs --max-records 1 in || :; } | exits 2 mem-ingest -q --kb bugs
	exits 1 mem-search kb:bugs lost
'
test_that 'the job for CI in share/examples' '
	fresh_store
	exits 2 "$top/share/examples/ci-import.sh" bugs bugs in >out 2>err
	grep "refused.jsonl" err
	exits 1 mem-search kb:bugs lost
	"$top/share/examples/ci-import.sh" bugs bugs two >out
	grep "\"stored\":1" out
	mem-search kb:bugs lost | grep .
'
test_that 'for people' '
	mem-from -q --text bugs one >text
	grep "^B-1  resolved  Lost update$" text
'
test_done
