#!/bin/sh
# mem-ingest: every line is counted, once; what is there is told from what
# contradicts it; exits.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

r='"type":"record","kb":"k","record_id":"7","record_type":"note"'

# counts FILE: "in stored duplicate" of its summary
counts() {
	tail -n 1 "$1" | sed 's/.*"in":\([0-9]*\),"stored":\([0-9]*\),"duplicate":\([0-9]*\),.*/\1 \2 \3/'
}

test_that 'the same event twice is stored once' '
	echo "{\"session_id\":\"s\",\"timestamp\":1,\"text\":\"hi\"}" >one
	cat one one | mem-ingest --ack | jl status >got
	printf "stored\nduplicate\n\n" >want
	diff got want
'
test_that 'a second run with it stores nothing, and exits 0' '
	mem-ingest one >out
	[ "$(counts out)" = "1 0 1" ]
	[ "$(sql "SELECT count(*) FROM event")" = 1 ]
'
test_that 'what it prints last is the summary, and only that' '
	fresh_store
	mkevents 2500 >in
	mem-ingest <in >out
	[ "$(cat out)" = "{\"type\":\"summary\",\"in\":2500,\"stored\":2500,\"duplicate\":0,\"rejected\":{}}" ]
	store_whole
'
if [ -n "${MEM_VALGRIND-}" ]; then
	skip 'batches are of 1000' 'valgrind does not come so far in 100 ms'
else
test_that 'batches are of 1000' '
	sql "SELECT detail FROM audit WHERE action = '\''write'\''" >got
	printf "stored %s, duplicate 0, rejected 0\n" 1000 1000 500 >want
	diff got want
'
fi

test_that 'an acknowledgement for each record, in order, before the summary' '
	fresh_store
	{ mkevents 3; echo nonsense; echo; mkevents 1; } >in
	exits 3 mem-ingest --ack <in >out 2>err
	jl line <out >lines
	printf "%s\n" 1 2 3 4 6 "" >want
	diff lines want
	jl status <out | head -n 5 | tr "\n" " " >got
	[ "$(cat got)" = "stored stored stored rejected duplicate " ]
	sed -n 4p out | grep "\"reason\":\"broken JSON\"}$"
	[ "$(counts out)" = "5 3 1" ]
'
test_that 'the ids acknowledged are those of the store' '
	jl id <out | grep -v "^ *$" | sort -u >acked
	mem-log --json | jl event_id | sort >there
	diff acked there
'
test_that 'in = stored + duplicate + rejected' '
	awk -F"[:,}]" "{ n = 0
		for (i = 1; i < NF; i++) if (\$i ~ /broken/) n = \$(i + 1)
		exit \$4 != \$6 + \$8 + n }" <<-. || { tail -n 1 out; exit 1; }
	$(tail -n 1 out)
	.
'
test_that '--each commits every record by itself' '
	fresh_store
	mkevents 7 | mem-ingest --each >out
	[ "$(sql "SELECT count(*) FROM audit")" = 7 ]
'
test_that 'with --each an acknowledgement comes before the next record is asked for' '
	fresh_store
	mkfifo to from
	mem-ingest --each --ack <to >from &
	exec 3>to 4<from
	mkevents 3 >lines
	while read -r line; do
		printf "%s\n" "$line" >&3
		timeout 5 head -n 1 <&4 >ack || { echo "no ack"; kill $!; exit 1; }
		grep "\"status\":\"stored\"" ack
	done <lines
	exec 3>&-
	timeout 5 cat <&4 | grep summary
	wait $!
'
test_that 'a full batch is acknowledged while the input stays open' '
	fresh_store
	rm -f to from
	mkfifo to from
	mem-ingest --ack <to >from &
	exec 3>to 4<from
	mkevents 1000 >&3
	timeout 5 head -n 1000 <&4 >acks || :
	n=$(wc -l <acks)
	exec 3>&-
	cat <&4 >rest
	wait $!
	[ "$n" -eq 1000 ] || { echo "$n acks"; exit 1; }
'
test_that 'a batch does not wait for more than a moment' '
	fresh_store
	rm -f to from
	mkfifo to from
	mem-ingest --ack <to >from &
	exec 3>to 4<from
	mkevents 3 >&3
	timeout 5 head -n 3 <&4 >acks || :
	exec 3>&-
	cat <&4 >rest
	wait $!
	[ "$(wc -l <acks)" -eq 3 ]
'
test_that 'an id with the same content is a duplicate' '
	fresh_store
	printf "%s\n" >in \
	    "{\"event_id\":\"01HNAVQZC00000000000000001\",\"session_id\":\"s\",\"timestamp\":1706540400000,\"text\":\"a\"}"
	mem-ingest <in >out
	sed "s/\"text\"/\"role\":\"user\",\"text\"/; s/\"01HN/\"evt:1706540400000:01hn/" in |
	    mem-ingest >out
	[ "$(counts out)" = "1 0 1" ]
'
test_that 'the same id with another text, session, role, agent or time is a conflict' '
	sed "s/\"a\"/\"b\"/" in >other
	sed "s/\"s\"/\"t\"/" in >>other
	sed "s/\"text\"/\"role\":\"tool\",\"text\"/" in >>other
	sed "s/\"text\"/\"agent\":\"x\",\"text\"/" in >>other
	sed "s/\"text\"/\"metadata\":{\"k\":\"v\"},\"text\"/" in >>other
	sed "s/1706540400000/1706540400001/" in >>other
	exits 3 mem-ingest --ack other >out 2>err
	cat out
	[ "$(grep -c "\"reason\":\"conflict\"" out)" = 6 ]
	tail -n 1 out | grep "\"rejected\":{\"conflict\":6}"
	[ "$(mem-log --json | jl text)" = a ]
'
test_that 'a conflict leaves no session behind' '
	[ "$(mem-session list --json | jl session_id)" = s ]
'
test_that 'reasons do not quote what was refused' '
	! grep -v "^mem-ingest: other line [0-9]*: event 01HNAVQZC00000000000000001 is there with \(other content\|another time\)$" err
'
test_that 'an id whose own time is another one is kept, and found' '
	fresh_store
	id=01HNAVQZC00000000000000001
	echo "{\"event_id\":\"$id\",\"session_id\":\"s\",\"timestamp\":5,\"text\":\"a\"}" >in
	mem-ingest <in >out
	mem-ingest <in >out
	[ "$(counts out)" = "1 0 1" ]
	[ "$(mem-log --json $id | jl timestamp)" = 5 ]
	exits 3 mem-ingest <<-. >out 2>err
	{"event_id":"$id","session_id":"s","timestamp":1706540400000,"text":"a"}
	.
	grep conflict out
'
test_that 'a source_id makes the id, so that a better reading is no second event' '
	fresh_store
	m="\"metadata\":{\"source_id\":\"u1\""
	e="\"session_id\":\"s\",\"timestamp\":9,\"text\""
	echo "{$e:\"a\",$m}}" | mem-ingest >out
	echo "{$e:\"a\",$m,\"model\":\"x\"}}" | mem-ingest >out
	[ "$(counts out)" = "1 0 1" ]
	echo "{$e:\"b\",$m}}" | exits 3 mem-ingest >out 2>err
	grep conflict out
'
test_that 'events before 1970 with one text are told apart by their times' '
	fresh_store
	for t in -1 -2 -62135596800000; do
		echo "{\"session_id\":\"s\",\"timestamp\":$t,\"text\":\"ok\"}"
	done | mem-ingest >out
	[ "$(counts out)" = "3 3 0" ]
	store_whole
'
test_that 'times may be RFC 3339, with any zone; records show milliseconds' '
	fresh_store
	for t in 2024-01-29T15:00:00Z 2024-01-29T16:30:00.5+01:30 \
	    "2024-01-29 15:00:01" 1706540402 1706540403000; do
		echo "{\"session_id\":\"s\",\"timestamp\":\"$t\",\"text\":\"$t\"}"
	done | mem-ingest >out
	mem-log --json | jl timestamp >got
	printf "%s\n" 1706540400000 1706540400500 1706540401000 \
	    1706540402000 1706540403000 >want
	diff got want
'
test_that 'role and type follow from each other' '
	fresh_store
	i=0
	for m in "" "\"role\":\"assistant\"," "\"role\":\"tool\"," \
	    "\"event_type\":\"tool_use\"," "\"event_type\":\"session_end\"," \
	    "\"role\":\"system\",\"event_type\":\"tool_result\","; do
		i=$((i + 1))
		echo "{\"session_id\":\"s\",\"timestamp\":$i,$m\"text\":\"x\"}"
	done | mem-ingest >out
	mem-log --json | sed "s/.*\"event_type\":\"\([a-z_]*\)\",\"role\":\"\([a-z]*\)\".*/\1 \2/" >got
	cat >want <<-.
	user_message user
	assistant_message assistant
	tool_result tool
	tool_use assistant
	session_end system
	tool_result system
	.
	diff got want
'
test_that 'keys that nobody knows are kept' '
	fresh_store
	echo "{\"session_id\":\"s\",\"timestamp\":1,\"text\":\"x\",\"zz\":{\"b\":[1,2.5,null,true],\"a\":\"ä\"},\"n\":null}" |
	    mem-ingest >out
	mem-log --json | grep "\"zz\":{\"a\":\"ä\",\"b\":\[1,2.5,null,true\]}"
'
test_that 'several files are one input; lines are counted in each' '
	fresh_store
	mkevents 3 >a
	{ echo "{"; mkevents 4; } >b
	exits 3 mem-ingest a b >out 2>err
	[ "$(counts out)" = "8 4 3" ]
	grep "mem-ingest: b line 1: " err
'
test_that '- is standard input' '
	fresh_store
	mkevents 4 | mem-ingest a - >out
	[ "$(counts out)" = "7 4 3" ]
'
test_that 'a file that is not there: exit 2, what came before is stored' '
	fresh_store
	exits 2 mem-ingest a nothing >out 2>err
	grep "cannot open '\''nothing'\'': No such file" err
	[ "$(sql "SELECT count(*) FROM event")" = 3 ]
'
test_that 'nothing in, nothing stored: exit 0' '
	fresh_store
	mem-ingest </dev/null >out
	[ "$(counts out)" = "0 0 0" ]
	printf "\n  \n\r\n\t\n" | mem-ingest >out
	[ "$(counts out)" = "0 0 0" ]
'
test_that '--strict stores all' '
	fresh_store
	mkevents 2500 | mem-ingest --strict --ack >out
	[ "$(grep -c "\"status\":\"stored\"" out)" = 2500 ]
	[ "$(counts out)" = "2500 2500 0" ]
	[ "$(sql "SELECT count(*) FROM event")" = 2500 ]
	store_whole
'
test_that '--strict stores nothing when one line is refused' '
	fresh_store
	mkevents 5 | mem-ingest >out
	{ mkevents 2500; echo "{}"; } >in
	exits 2 mem-ingest --strict --ack <in >out 2>err
	cat out err
	[ "$(cat out)" = "{\"type\":\"summary\",\"in\":2501,\"stored\":0,\"duplicate\":5,\"rejected\":{\"type is missing\":1,\"not stored because of others\":2495}}" ]
	[ "$(sql "SELECT count(*) FROM event")" = 5 ]
	grep "line 2501: type is missing" err
	grep "nothing was stored" err
	store_whole
'
test_that '--strict names the file of a refused line' '
	fresh_store
	mkevents 2 >a
	echo "{" >b
	exits 2 mem-ingest --strict b a >out 2>err
	grep "b line 1: " err
'
test_that '--kb names the knowledge base of records that name none' '
	fresh_store
	cat >in <<-.
	{"type":"record","record_id":"1","record_type":"note","title":"a"}
	{"type":"record","kb":"own","record_id":"1","record_type":"note","title":"a"}
	.
	exits 3 mem-ingest --ack in >out 2>err
	grep "kb is missing; name one with --kb" err
	mem-ingest --kb notes --ack in >out
	cat out
	jl status <out | head -n 2 | tr "\n" " " | grep "^stored duplicate "
	sql "SELECT name FROM kb ORDER BY name" >got
	printf "notes\nown\n" >want
	diff got want
'
test_that 'a row with new content is its next version, with its old one a version again' '
	for title in a b b a; do
		echo "{$r,\"title\":\"$title\"}"
	done | mem-ingest --ack >out
	jl status <out | head -n 4 | tr "\n" " " >got
	[ "$(cat got)" = "stored stored duplicate stored " ]
	[ "$(sql "SELECT max(version) FROM record WHERE id = 7")" = 3 ]
	store_whole
'
test_that 'the order of keys is not content' '
	echo "{\"title\":\"a\",$r}" | mem-ingest --ack | grep duplicate
'
test_that 'a version of its own is not lost in ours' '
	echo "{$r,\"version\":\"2.1\"}" | exits 3 mem-ingest --ack >out 2>err
	cat out
	grep "rejected.*version is not a number; put your own into fields" out
'
test_that 'a knowledge base is not named with a slash: ids are KB/RECORD_ID' '
	echo "{$r}" | sed "s/\"k\"/\"k\/l\"/" | exits 3 mem-ingest --ack >out 2>err
	grep "rejected.*kb holds a slash" out
'
test_that 'what no tool stores yet is refused with that reason' '
	for t in toc_node grip fact entity relation \
	    hit finding stats nonsense; do
		echo "{\"type\":\"$t\",\"id\":\"x\"}"
	done >in
	exits 3 mem-ingest --ack in >out 2>err
	[ "$(grep -c "this version stores no records of this type" out)" = 4 ]
	[ "$(grep -c "an answer of a tool, not a record to store" out)" = 6 ]
	[ "$(grep -c "unknown type" out)" = 2 ]
'
test_that 'a conversation reaches the store through a terminal of records' '
	fresh_store
	mkevents 2 | mem-ingest --text >out
	grep "^stored *2$" out
'
test_that 'twenty refusals are told, the rest is counted; -v tells all, -q none' '
	fresh_store
	{ mkevents 1; yes "{" | head -n 30; } >in
	exits 3 mem-ingest in >out 2>err
	[ "$(wc -l <err)" = 21 ]
	tail -n 1 err | grep "further refusals are only counted"
	exits 3 mem-ingest -v in >out 2>err
	[ "$(wc -l <err)" = 30 ]
	exits 3 mem-ingest -q in >out 2>err
	[ ! -s err ]
'
test_that 'misuse exits 64 and makes no store' '
	fresh_store
	exits 64 mem-ingest --nonsense </dev/null
	exits 64 mem-ingest --tenant "" </dev/null
	exits 64 env MEM_USER="$(printf "a\tb")" mem-ingest </dev/null
	[ ! -e "$MEM_STORE" ]
'
test_that 'output that cannot be written is a failure, what is stored stays' '
	fresh_store
	mkevents 3 >in
	if [ -e /dev/full ]; then
		exits 2 mem-ingest in >/dev/full 2>err
		grep "standard output" err
		[ "$(sql "SELECT count(*) FROM event")" = 3 ]
	fi
	exits 2 mem-ingest in >&- 2>err
'
test_that 'a folder with other things in it does not become a store' '
	mkdir others
	echo x >others/file
	exits 2 mem-ingest --store others a >out 2>err
	grep "other things" err
	[ "$(ls others)" = file ]
'
test_that 'files of the store are for their owner only' '
	find "$MEM_STORE" -perm /077 | grep . && exit 1
	[ -e "$MEM_STORE/tenants/default/memory.db" ]
'
test_done
