#!/bin/sh
# Bad input: each bad line is refused with its number and a reason, and
# every good one between them is stored.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

# deep N: brackets
deep() {
	printf '%*s' "$1" '' | tr ' ' '['
	printf '%*s' "$1" '' | tr ' ' ']'
}
long() {
	printf '%*s' "$1" '' | tr ' ' x
}
d64=$(deep 62) d65=$(deep 65) x1024=$(long 1024) x1025=$(long 1025)

# REASON, a tab, LINE; E stands for the keys that make it an event
cat >table <<.
broken JSON	{
broken JSON	{"session_id":"s","timestamp":1,"text":"cut
broken JSON	{E}}
broken JSON	{E}{E}
broken JSON	{E,}
broken JSON	{'session_id':'s'}
broken JSON	[{E}]
broken JSON	"session_id"
broken JSON	5
broken JSON	null
broken JSON	session_id,timestamp,text
broken JSON	s,1706540400000,"a CSV given as JSON"
broken JSON	-----BEGIN nothing-----
broken JSON	{E,"text":"a key twice"}
broken JSON	{E,"x":{"a":1,"a":1}}
broken JSON	{E,"x":"\u0000"}
broken JSON	{E,"x\u0000":""}
broken JSON	{E,"x":"\ud800"}
broken JSON	{E,"x":"\udc00\ud800"}
broken JSON	{E,"x":"\q"}
broken JSON	{E,"x":"a	tab"}
broken JSON	{E,"x":$d65}
broken JSON	{E,"x":1e400}
broken JSON	{E,"x":-1e400}
broken JSON	{E,"x":9223372036854775808}
broken JSON	{E,"x":-9223372036854775809}
broken JSON	{E,"x":NaN}
broken JSON	{E,"x":0x10}
broken JSON	{E,"x":01}
broken JSON	{E,"x":.5}
type is missing	{}
type is missing	{"timestamp":1,"text":"x"}
type is not a string	{"type":5,E}
type is not a string	{"type":["event"],E}
unknown type	{"type":"Event",E}
unknown type	{"type":"",E}
session_id is missing	{"type":"event","timestamp":1,"text":"x"}
session_id is missing	{"session_id":null,"type":"event","timestamp":1,"text":"x"}
session_id is not a string	{"session_id":5,"timestamp":1,"text":"x"}
session_id is empty	{"session_id":"","timestamp":1,"text":"x"}
session_id is longer than 1024 bytes	{"session_id":"$x1025","timestamp":1,"text":"x"}
session_id holds a control character	{"session_id":"a\u0001b","timestamp":1,"text":"x"}
session_id holds a control character	{"session_id":"a\u0085b","timestamp":1,"text":"x"}
user is empty	{E,"user":""}
user is not a string	{E,"user":["a"]}
agent holds a control character	{E,"agent":"a\nb"}
agent is not a string	{E,"agent":1}
text is not a string	{"session_id":"s","timestamp":1,"text":5}
text is not a string	{"session_id":"s","timestamp":1,"text":["x"]}
timestamp is missing	{"session_id":"s","text":"x"}
timestamp is missing	{"session_id":"s","timestamp":null,"text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":1.5,"text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":1e3,"text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":-0.0,"text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":true,"text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":{},"text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":"","text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":"soon","text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":"yesterday","text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":"2026-02-30T00:00:00Z","text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":"2026-13-01T00:00:00Z","text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":"2026-11-20T25:00:00Z","text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":"0000-12-31T23:59:59Z","text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":"0001-01-01T00:00:00+01:00","text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":"10000-01-01T00:00:00Z","text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":"9999-12-31T23:59:59-00:01","text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":"1e400","text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":"99999999999999999999","text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":253402300800000,"text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":-62135596800001,"text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":9223372036854775807,"text":"x"}
timestamp is not a time, or out of range	{"session_id":"s","timestamp":-9223372036854775808,"text":"x"}
unknown role	{E,"role":"boss"}
unknown role	{E,"role":"User"}
role is not a string	{E,"role":1}
unknown event_type	{E,"event_type":"thought"}
event_type is not a string	{E,"event_type":1}
metadata is not an object	{E,"metadata":[]}
metadata is not an object	{E,"metadata":"a"}
a value of metadata is not a string	{E,"metadata":{"a":"b","n":1}}
a value of metadata is not a string	{E,"metadata":{"a":{}}}
event_id is not a ULID	{E,"event_id":"x"}
event_id is not a ULID	{E,"event_id":""}
event_id is not a ULID	{E,"event_id":"evt:"}
event_id is not a ULID	{E,"event_id":"evt:1706540400000:"}
event_id is not a ULID	{E,"event_id":"01HNAVQZC0000000000000000"}
event_id is not a ULID	{E,"event_id":"01HNAVQZC000000000000000011"}
event_id is not a ULID	{E,"event_id":"81HNAVQZC00000000000000001"}
event_id is not a ULID	{E,"event_id":"01HNAVQZC0000000000000000U"}
event_id is not a ULID	{E,"event_id":"8c1e7d1a-5a0e-4e9c-9a52-0d9a5b3f2f10"}
event_id is not a string	{E,"event_id":5}
session_id is missing	{"type":"session"}
session_id is empty	{"type":"session","session_id":""}
title is not a string	{"type":"session","session_id":"t","title":5}
user is not a string	{"type":"session","session_id":"t","user":5}
unknown state	{"type":"session","session_id":"t","state":"gone"}
variables is not an object	{"type":"session","session_id":"t","variables":["a"]}
a variable is not a string	{"type":"session","session_id":"t","variables":{"a":1}}
a variable's name is empty	{"type":"session","session_id":"t","variables":{"":"1"}}
kb is missing; name one with --kb	{"type":"record","record_id":"1","record_type":"n"}
kb is not a string	{"type":"record","kb":1,"record_id":"1","record_type":"n"}
kb holds a control character	{"type":"record","kb":"\u0007","record_id":"1","record_type":"n"}
record_id is missing	{"type":"record","kb":"k","record_type":"n"}
record_id is not a string	{"type":"record","kb":"k","record_id":1,"record_type":"n"}
record_id is longer than 1024 bytes	{"type":"record","kb":"k","record_id":"$x1025","record_type":"n"}
record_type is missing	{"type":"record","kb":"k","record_id":"1"}
timestamp is not a time	{"type":"record","kb":"k","record_id":"1","record_type":"n","timestamp":"x"}
a tombstone needs target and id	{"type":"tombstone","target":"event"}
a tombstone needs target and id	{"type":"tombstone","id":"x"}
unknown target of a tombstone	{"type":"tombstone","target":"world","id":"x"}
id is not a ULID	{"type":"tombstone","target":"event","id":"x"}
the id of a record is KB/RECORD_ID	{"type":"tombstone","target":"record","id":"x"}
.
e='"session_id":"s","timestamp":1706540400000,"text":"x"'
cut -f2- table | sed "s/\([{,]\)E\([,}]\)/\1$e\2/g" |
    awk '{ print; printf "{\"session_id\":\"good\",\"timestamp\":%d," \
	"\"text\":\"between\"}\n", NR }' >in
bad=$(wc -l <table)

test_that 'each bad line is refused with its number and reason, exit 3' '
	exits 3 mem-ingest -v --ack in >out 2>err
	grep rejected out | head -n "$bad" >acks
	jl line <acks >got
	awk "{ print 2 * NR - 1 }" table | diff got -
	sed "s/.*\"reason\":\"\([^\"]*\)\".*/\1/" acks >got
	cut -f1 table | diff got -
	grep -c "^mem-ingest: in line [0-9]*: " err | grep -x "$bad"
'
test_that 'the good ones between them are stored' '
	[ "$(mem-log --session good | wc -l)" = "$bad" ]
	[ "$(mem-log | wc -l)" = "$bad" ]
	store_whole
'
test_that 'nothing else is: no session, no row, no knowledge base' '
	[ "$(sql "SELECT (SELECT count(*) FROM session), (SELECT count(*)
	    FROM record), (SELECT count(*) FROM kb), (SELECT count(*) FROM
	    tombstone), (SELECT count(*) FROM user)")" = "1|0|0|0|1" ]
'
test_that 'reasons name no value' '
	exits 1 grep -e boss -e CSV -e nothing -e thought err
	! jl reason <out | grep -e boss -e CSV -e nothing
'
test_that 'in the summary each reason has its count' '
	tail -n 1 out | grep "\"broken JSON\":30,.*\"timestamp is not a time, or out of range\":[0-9]*[,}]"
	cut -f1 table | sort | uniq -c | while read -r n reason; do
		tail -n 1 out | grep -F "\"$reason\":$n" >hit ||
		    { echo "$reason: $n"; tail -n 1 out; exit 1; }
	done
'
test_that '--strict stores none of it' '
	fresh_store
	exits 2 mem-ingest -q --strict in >out
	[ "$(sql "SELECT count(*) FROM event")" = 0 ]
'

# bytes NAME BYTES...: a line of raw bytes between two good ones, refused
bytes() {
	test_that "$1" '
		fresh_store
		{ head -n 2 in | tail -n 1; printf '\'"$2"\''
		  printf "\n"; sed -n 4p in; } >raw
		exits 3 mem-ingest --rejects rej --ack raw >out 2>err
		cat out
		[ "$(jl status <out | head -n 3 | tr "\n" " ")" = "stored rejected stored " ]
		grep "raw line 2: byte [0-9]*: " err
		[ "$(wc -l <rej)" = 1 ]
		iconv -f UTF-8 -t UTF-8 rej >same
		cmp same rej
	'
}
bytes 'a NUL in the line' '{"session_id":"s","timestamp":1,"text":"a\000b"}'
bytes 'a NUL behind the value' '{"session_id":"s","timestamp":1,"text":"ab"}\000'
bytes 'a line of NULs' '\000\000\000\000\000\000'
bytes 'a byte that UTF-8 has not' '{"session_id":"s","timestamp":1,"text":"a\377b"}'
bytes 'an overlong form' '{"session_id":"s","timestamp":1,"text":"a\300\257b"}'
bytes 'a surrogate' '{"session_id":"s","timestamp":1,"text":"a\355\240\200b"}'
bytes 'over U+10FFFF' '{"session_id":"s","timestamp":1,"text":"a\364\220\200\200b"}'
bytes 'a character cut off' '{"session_id":"s","timestamp":1,"text":"a\342\202'
bytes 'Latin-1 in a key' '{"session_id":"s","timestamp":1,"text":"a","\344":1}'
bytes 'UTF-16' '{\000"\000s\000"\000:\0001\000}\000'
bytes 'an escape code' '{"session_id":"s","timestamp":1,"text":"\033[2J"}'
bytes 'binary' '\001\002\003\177\200\376\377'

test_that 'a mark of byte order, ends of lines as DOS writes them, blank lines' '
	fresh_store
	printf "\357\273\277{%s}\r\n\r\n  \r\n\n{%s}" "$e" "$e" | mem-ingest >out
	grep "\"in\":2,\"stored\":1,\"duplicate\":1" out
'
test_that 'a last line that no newline ends, whole and torn' '
	fresh_store
	printf "{%s}" "$e" | mem-ingest >out
	grep "\"stored\":1" out
	printf "{%s}\n{%s" "$e" "$e" | exits 3 mem-ingest >out 2>err
	grep "line 2: byte [0-9]*: the end comes too early" err
'
test_that 'just deep enough, just long enough, odd but right' '
	fresh_store
	cat >ok <<-.
	{$e,"x":$d64}
	{"session_id":"$x1024","timestamp":0,"text":"x"}
	{"session_id":"s","timestamp":-0,"text":"minus nought"}
	{"session_id":"s","timestamp":"0001-01-01T00:00:00Z","text":"year 1"}
	{"session_id":"s","timestamp":"9999-12-31T23:59:59.999Z","text":"year 9999"}
	{"session_id":"s","timestamp":-62135596800000,"text":"year 1 too"}
	{"session_id":"s","timestamp":253402300799999,"text":"year 9999 too"}
	{"session_id":"s","timestamp":1,"x":[9223372036854775807,-9223372036854775808,1e308]}
	{"session_id":"s","timestamp":2,"event_id":"O1HNAVQZCOOOOOOOOOOOOOOOIL","text":"letters for digits"}
	  {  "session_id" : "s" , "timestamp" : 3 , "text" : "blanks" }  
	{"session_id":"s","timestamp":4,"text":null,"agent":null,"metadata":null,"role":null,"type":null}
	{"session_id":"s","timestamp":5,"text":"\ud83d\udc1f \u00e4","":"an empty key"}
	.
	mem-ingest --ack ok >out
	[ "$(grep -c "\"stored\"," out)" = 12 ]
	[ "$(mem-log | wc -l)" = 12 ]
	mem-log --json 01HNAVQZC00000000000000011 | grep "letters for digits"
'
test_that 'a line over the cap is skipped to its end, and the next one read' '
	fresh_store
	{ printf "{%s}\n" "$e"; long 5000; echo; sed -n 2p in; long 2000; echo; } |
	    exits 3 mem-ingest --ack --max-line 2k --rejects rej >out 2>err
	cat out err
	[ "$(jl status <out | head -n 4 | tr "\n" " ")" = "stored rejected stored rejected " ]
	grep "line 2: line is over 2048 bytes" err
	grep "line 4: byte [0-9]*: not JSON" err
	grep "\"line too long\":1" out
'
test_that 'a text of 16 MiB is refused, one just below is stored' '
	fresh_store
	for n in 16777216 16777215; do
		printf "{\"session_id\":\"s\",\"timestamp\":1,\"text\":\""
		long $n
		printf "\"}\n"
	done >big
	exits 3 mem-ingest --ack big >out 2>err
	cat out
	grep "\"line\":1,\"status\":\"rejected\",\"reason\":\"text is over 16 MiB\"" out
	grep "\"line\":2,\"status\":\"stored\"" out
	[ "$(mem-log --json | wc -c)" -gt 16777215 ]
	mem-log --json | mem-ingest >out
	grep "\"duplicate\":1" out
'
test_that 'UTF-16, in either order, with its mark or without: what to do is said' '
	for code in UTF-16 UTF-16LE UTF-16BE; do
		echo "{$e}" | iconv -t $code >wide
		exits 3 mem-ingest wide >out 2>err
		grep "wide line 1: byte 1: UTF-16; convert it with iconv -t UTF-8" err
	done
'
test_that 'what is no record at all: the tool for it is named' '
	hint="no line is a record of memkit; mem-from reads the formats of others"
	echo "{\"type\":\"user\",\"sessionId\":\"s\",\"message\":{}}" >foreign
	printf "id,text\n1,a CSV\n" >csv
	for f in foreign csv wide; do
		exits 3 mem-ingest $f >out 2>err
		grep -x "mem-ingest: $hint" err
	done
	# but not where one was
	echo "{$e}" | cat - csv | exits 3 mem-ingest >out 2>err
	exits 1 grep "$hint" err
	echo "{\"type\":\"grip\"}" | exits 3 mem-ingest >out 2>err
	exits 1 grep "$hint" err
	exits 64 mem-ingest --max-line 0 csv
'
test_that 'a folder, a socket, a device as input: said, exit 2 or 3' '
	mkdir folder
	exits 2 mem-ingest folder >out 2>err
	grep "'\''folder'\'' is a folder; name the files in it, or let mem-from read it" err
	exits 2 mem-ingest - <folder >out 2>err
	grep "cannot read" err
'
test_done
