#!/bin/sh
# Bytes as they are found on disks: torn, doubled, of another system, huge.
. "${0%/*}/lib.sh"

# says N TEXT [ID]: a line of a transcript
says() {
	printf '{"type":"user","sessionId":"s","uuid":"%s",' "${3-u$1}"
	printf '"timestamp":"2026-11-18T09:00:%02d.000Z",' "$1"
	printf '"message":{"role":"user","content":"%s"}}\n' "$2"
}

# texts: those that came out
texts() {
	grep '"type":"event"' | sed 's/.*"text":"\(.*\)","metadata.*/\1/'
}

# counted KEY: what the end record says
counted() {
	tail -n 1 out | grep -F -- "$1"
}

test_that 'a line that is not JSON is skipped, with its number, exit 3' '
	{ says 1 one; echo "{not json"; says 2 two; } >in
	exits 3 mem-from claude-code -v in >out 2>err
	texts <out >got
	printf "one\ntwo\n" | cmp - got
	counted "\"skipped\":1,\"skipped_reasons\":{\"line that is not JSON\":1}"
	grep "in:2: skipped: line that is not JSON" err
	grep "^mem-from: skipped: line that is not JSON: 1" err
'
test_that '-q says nothing' '
	exits 3 mem-from -q claude-code in >out 2>err
	[ ! -s err ]
'
test_that 'scalars, arrays, lines without a type are skipped' '
	printf "\"massive error\"\n42\n[1]\n{\"silly\":\"this\"}\nnull\n" >in
	says 1 one >>in
	exits 3 mem-from -q claude-code in >out
	counted "\"skipped\":5"
	texts <out | grep -x one
'
test_that 'a byte order mark and CRLF' '
	{ printf "\357\273\277"; says 1 one; says 2 two; } |
	    sed "s/\$/\r/" >in
	mem-from -q claude-code in >out
	[ "$(texts <out | wc -l)" -eq 2 ]
'
test_that 'runs of NUL, between lines and before one' '
	{ says 1 one; head -c 5000 /dev/zero; echo; head -c 300 /dev/zero
	    says 2 two; } >in
	mem-from -q claude-code in >out
	texts <out >got
	printf "one\ntwo\n" | cmp - got
	counted "\"damaged text mended\":1"
'
test_that 'torn characters, halves of pairs, escaped NULs are mended' '
	{ says 1 "a$(printf "\303")b"; says 2 "x\\ud83dy"; says 3 "p\\u0000q"
	    says 4 "\\ud83d\\ude00"; } >in
	mem-from -q claude-code in >out
	texts <out >got
	printf "a\357\277\275b\nx\357\277\275y\np\357\277\275q\n" >want
	printf "\360\237\230\200\n" >>want
	cmp want got
	counted "\"damaged text mended\":3"
'
test_that 'an unfinished last line is left, and no error' '
	{ says 1 one; says 2 two | head -c 60; } >in
	mem-from -q claude-code in >out
	[ "$(texts <out | wc -l)" -eq 1 ]
	counted "\"unfinished last line\":1"
'
test_that 'a last line that only lacks its newline is whole' '
	{ says 1 one; says 2 two | tr -d "\n"; } >in
	mem-from -q claude-code in >out
	[ "$(texts <out | wc -l)" -eq 2 ]
'
test_that 'a line of 20 MB is read, one over 64 MB is skipped' '
	{ says 1 "$(head -c 100 /dev/zero | tr "\0" a)"
	    printf "{\"type\":\"user\",\"sessionId\":\"s\",\"uuid\":\"big\","
	    printf "\"timestamp\":1790000000,\"message\":{\"content\":\""
	    head -c 20000000 /dev/zero | tr "\0" b
	    printf "\"}}\n"
	    head -c 70000000 /dev/zero | tr "\0" c
	    echo
	    says 2 two; } >in
	exits 3 mem-from -q claude-code in >out
	[ "$(grep -c "\"type\":\"event\"" out)" -eq 3 ]
	[ "$(wc -c <out)" -gt 20000000 ]
	counted "\"line over 64 MiB\":1"
	rm in out
'
test_that 'the same line twice is one event' '
	{ says 1 one; says 1 one; says 2 two; } >in
	mem-from -q claude-code in >out
	[ "$(texts <out | wc -l)" -eq 2 ]
	counted "\"copy of one that was read\":1"
'
test_that 'the same id with another text is another event' '
	{ says 1 one; says 1 other; } >in
	mem-from -q claude-code in >out
	texts <out >got
	printf "one\nother\n" | cmp - got
	grep "\"source_id\":\"u1~2" out
'
test_that 'escape codes are taken off' '
	says 1 "\\u001b[31mred\\u001b[0m" >in
	mem-from -q claude-code in | texts | grep -x red
'
test_that 'times: fractions, zones, epochs in every size' '
	for t in "\"2026-11-18T10:00:00.500+01:00\"" "\"2026-11-18 09:00:00.5\"" \
	    1794992400.5 1794992400500 1794992400500000 "\"1794992400.5\""; do
		printf "{\"type\":\"user\",\"sessionId\":\"s\",\"timestamp\":$t,"
		printf "\"message\":{\"content\":\"x\"}}\n"
	done >in
	mem-from -q claude-code in | jl timestamp | sort | uniq -c >got
	grep "6 1794992400500" got
'
test_that 'no time, year 1, a time that is none: the one before it' '
	{ says 1 one; says 2 two | sed "s/2026-11-18T09:00:02.000Z/0001-01-01T00:00:00Z/"
	    says 3 three | sed "s/\"timestamp\":[^,]*,//"
	    says 4 four | sed "s/2026-11-18T09:00:04.000Z/soon/"; } >in
	mem-from -q claude-code in >out
	grep "\"event\"" out | jl timestamp | sort -u >got
	echo 1794992401000 | cmp - got
	[ "$(grep -c "\"time\":\"guessed\"" out)" -eq 3 ]
	counted "\"time guessed\":3"
'
test_that 'messages of one time stay in order' '
	mem-ingest -q out >sum
	mem-log --json | texts >got
	printf "one\ntwo\nthree\nfour\n" | cmp - got
'
test_that 'no time at all: the file is asked, or --at' '
	echo "[{\"role\":\"user\",\"content\":\"hi\"}]" >in
	touch -d 2026-11-01T00:00:00Z in
	mem-from -q openai in | grep "\"timestamp\":1793491200000"
	mem-from -q openai --at 2026-10-01 in | grep "\"timestamp\":1790812800000"
'
test_that 'and a file touched later gives the same ids, not new events' '
	fresh_store
	mem-from -q openai in | mem-ingest -q >sum
	touch in
	mem-from -q openai in | exits 3 mem-ingest -q >sum
	grep "\"stored\":0" sum
'
test_that 'a clock in the future is kept and told' '
	says 1 one | sed "s/2026-11-18/2027-01-01/" >in
	mem-from claude-code in >out 2>err
	texts <out | grep one
	grep "note: time in the future: 1" err
'
test_that 'an element that is torn does not take the next with it' '
	printf "%s\n" "{\"messages\":[{\"role\":\"user\",\"content\":\"torn" \
	    "{\"messages\":[{\"role\":\"user\",\"content\":\"whole\"}]}" >in
	exits 3 mem-from -q openai in >out
	texts <out | grep -x whole
'
test_that 'a file that ends within its array gives what is there' '
	printf "[{\"uuid\":\"c\",\"chat_messages\":[{\"uuid\":\"m\",\"sender\":" >in
	printf "\"human\",\"text\":\"x\",\"created_at\":\"2026-11-18\"}]},{\"a" >>in
	exits 3 mem-from -q claude-export in >out
	texts <out | grep -x x
	counted "\"file that ends too early\":1"
'
test_that 'the wrong format is no success' '
	says 1 one >in
	exits 3 mem-from chatgpt in >out 2>err
	counted "\"valid\":0"
	grep "nothing of it could be read as chatgpt; mem-from -h lists the formats" err
'
test_that 'what is compressed is told, and no success' '
	says 1 one >plain
	gzip -c plain >in.gz
	printf "PK\003\004\024\000" >in.zip
	for f in in.gz in.zip; do
		for format in claude-code chatgpt; do
			exits 3 mem-from -q $format $f >out
			counted "compressed; unpack it first, with unzip -p, zcat or zstdcat"
			exits 3 mem-from -q $format <$f >out
			counted "compressed; unpack it first"
		done
	done
	zcat in.gz | mem-from -q claude-code | texts | grep -x one
'
test_that 'UTF-16 is told, not mended into something' '
	for code in UTF-16 UTF-16LE UTF-16BE; do
		{ says 1 one; says 2 two; } | iconv -t $code >in
		exits 3 mem-from -q claude-code in >out
		counted "UTF-16; convert it with iconv -t UTF-8"
		counted "\"valid\":0"
		exits 1 grep mended out
		echo "[{\"uuid\":\"c\",\"chat_messages\":[]}]" | iconv -t $code >in
		exits 3 mem-from -q claude-export in >out
		counted "UTF-16; convert it with iconv -t UTF-8"
	done
'
test_that 'nothing at all is nothing' '
	: >in
	mem-from -q claude-code in >out
	[ "$(wc -l <out)" -eq 2 ]
	counted "\"total\":0"
'
test_that 'the reasons are few, whatever the file says' '
	i=0
	while [ $i -lt 200 ]; do
		echo "{\"type\":\"t$i\"}"
		i=$((i + 1))
	done >in
	echo "{\"type\":\"a b\\u001b[31m\"}" >>in
	mem-from -q claude-code in >out
	[ "$(tail -n 1 out | tr , "\n" | grep -c "line of type")" -le 64 ]
	counted "\"other reasons\""
	! grep "u001b" out
'
test_that 'a closed output is a failure without an end' '
	i=0
	while [ $i -lt 2000 ]; do
		says 1 "$i" "i$i"
		i=$((i + 1))
	done >in
	{ mem-from -q claude-code in && echo yes >exited ||
	    echo "$?" >exited; } | head -n 1 >out
	grep -x "141\|2" exited
	! grep "\"end\"" out
'
test_done
