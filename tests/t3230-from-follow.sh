#!/bin/sh
# mem-from --follow: on from where the last run stopped, whatever became of
# the file meanwhile.
. "${0%/*}/lib.sh"
data=$tests/data/from

# says N TEXT [SESSION]
says() {
	printf '{"type":"user","sessionId":"%s","uuid":"u%s",' "${3-s}" "$1"
	printf '"timestamp":"2026-11-18T09:00:%02d.000Z",' "$1"
	printf '"message":{"role":"user","content":"%s"}}\n' "$2"
}
texts() {
	grep '"type":"event"' | sed 's/.*"text":"\(.*\)","metadata.*/\1/'
}
# follow [FORMAT] SOURCE: one run of the pipe; out is what went through it
follow() {
	mem-from --follow "$@" >out 2>err && mem-ingest -q out >sum
}
# new LINE ...: what came through
new() {
	texts <out >got
	for x; do echo "$x"; done >want
	diff want got
}
stored() {
	grep "\"stored\":$1,\"duplicate\":$2,\"rejected\":{}" sum
}

test_that 'the first run takes all, before there is a store' '
	mkdir p
	{ says 1 one; says 2 two; } >p/a.jsonl
	follow claude-code p
	new one two
	stored 3 0
	grep "\"type\":\"cursor\",\"source\":\"$PWD/p/a.jsonl\",\"offset\":$(wc -c <p/a.jsonl)," out
	tail -n 1 out | grep "\"end\""
'
test_that 'the hash of the cursor is that of the bytes before it' '
	grep "\"prefix_hash\":\"$(sha256sum <p/a.jsonl | cut -d" " -f1)\"" out
'
test_that 'the second run has nothing to say' '
	follow claude-code p
	new
	! grep cursor out
'
test_that 'the next takes what was added' '
	says 3 three >>p/a.jsonl
	follow claude-code p
	new three
	stored 1 0
'
test_that 'a line that is being written is taken when it is whole' '
	says 4 four >line
	head -c 50 line >>p/a.jsonl
	follow claude-code p
	new
	tail -c +51 line >>p/a.jsonl
	follow claude-code p
	new four
	stored 1 0
'
test_that 'a file with nothing but the beginning of a line is read again' '
	head -c 50 line >p/b.jsonl
	follow claude-code p
	new
	says 5 five >p/b.jsonl
	follow claude-code p
	new five
'
test_that 'a file that shrank is another file' '
	says 6 six >p/b.jsonl
	: >p/a.jsonl
	says 7 seven >p/a.jsonl
	follow claude-code p
	new seven six
	grep "file shrank, read again" err
'
test_that 'and one that grew again, too: the hash tells' '
	{ says 8 eight; says 9 nine; says 10 ten; } >p/a.jsonl
	follow claude-code p
	new eight nine ten
	grep "file was replaced, read again" err
'
test_that 'a file that was moved is read again, and stored once' '
	mv p/a.jsonl p/c.jsonl
	follow claude-code p
	new eight nine ten
	stored 0 4
	grep "source gone, kept: 1" err
'
test_that 'a copy over the file does not make it new' '
	cp -p p/c.jsonl x
	cp -p x p/c.jsonl.tmp
	mv p/c.jsonl.tmp p/c.jsonl
	says 11 eleven >>p/c.jsonl
	follow claude-code p
	new eleven
'
test_that 'a folder that is gone is not an error' '
	mv p q
	follow claude-code p
	new
	grep "source gone, kept: p" err
	[ "$(mem-log | wc -l)" -gt 9 ]
	mv q p
'
test_that 'but one that never was there is' '
	exits 2 mem-from claude-code --follow nowhere
'
test_that 'a file of whole values is read again only when it changed' '
	cp "$data/chatgpt.json" conversations.json
	mem-from -q chatgpt --follow conversations.json >out || [ $? -eq 3 ]
	mem-ingest -q out >sum || [ $? -eq 3 ]
	[ "$(texts <out | wc -l)" -gt 2 ]
	follow chatgpt conversations.json
	new
	touch conversations.json
	follow chatgpt conversations.json
	new
	sed "s/What is on it/What is in it/" "$data/chatgpt.json" >conversations.json
	mem-from -q chatgpt --follow conversations.json >out || [ $? -eq 3 ]
	texts <out | grep "What is in it"
'
test_that 'what was read as one format is read anew as another' '
	says 1 one >f.jsonl
	follow claude-code f.jsonl
	mem-from -q codex --follow f.jsonl >out
	tail -n 1 out | grep -v "\"total\":0"
'
test_that 'the thread of a rollout is remembered, and what was told' '
	fresh_store
	mkdir r
	r=r/rollout-1.jsonl
	all=$data/codex/rollout-2026-11-18T10-00-00-0199aaaa-0000-7000-8000-000000000001.jsonl
	i=0
	: >$r
	while IFS= read -r l; do
		printf "%s\n" "$l" >>$r
		mem-from -q codex --follow r >out
		mem-ingest -q out >sum
		stored "[0-9]*" 0 || grep "\"in\":0" sum
	done <"$all"
	mem-log --json | texts >got
	mem-from -q codex "$all" | texts >want
	cmp want got
'
test_that 'so it is with transcripts of Claude Code' '
	fresh_store
	mkdir k
	: >k/s.jsonl
	while IFS= read -r l; do
		printf "%s\n" "$l" >>k/s.jsonl
		mem-from -q claude-code --follow k >out
		mem-ingest -q out >sum
	done <"$data/claude/session.jsonl"
	mem-log --json | texts >got
	mem-from -q claude-code "$data/claude/session.jsonl" | texts >want
	cmp want got
'
test_that 'an answer in pieces is not cut: it waits for its end' '
	fresh_store
	mkdir -p c/id
	head -n 6 "$data"/copilot/*/events.jsonl >c/id/events.jsonl
	touch c/id/events.jsonl
	follow copilot c
	exits 1 grep "I will" out
	cat "$data"/copilot/*/events.jsonl >c/id/events.jsonl
	follow copilot c
	new "bash {\\\"command\\\":\\\"ctest\\\"}" "1 test failed" "I will run it. It fails."
	touch -d "1 hour ago" c/id/events.jsonl
	follow copilot c
	texts <out | tail -n 1 | grep "Half of an answer"
'
test_that 'a message that is written again, with its result, is told once' '
	fresh_store
	mkdir g
	g=g/session-1.jsonl
	: >$g
	while IFS= read -r l; do
		printf "%s\n" "$l" >>$g
		mem-from -q gemini --follow g >out
		mem-ingest -q out >sum
	done <"$data/gemini/chats/session-2026-11-18T12-00-bbbbbbbb.jsonl"
	touch -d "1 hour ago" $g
	follow gemini g
	mem-log --json | texts >got
	mem-from -q gemini $g | texts >want
	cmp want got
'
test_that 'a fork that appears later is known as one' '
	fresh_store
	mkdir w
	{ echo "{\"type\":\"file-history-snapshot\"}"; says 1 one a; says 2 two a; } >w/a.jsonl
	follow claude-code w
	{ says 1 one 0; says 2 two 0; says 3 three 0; } >w/0.jsonl
	follow claude-code w
	new three
'
test_that 'two users have cursors of their own' '
	MEM_USER=other follow claude-code w
	[ "$(texts <out | wc -l)" -eq 3 ]
'
test_that 'big files have cursors on the way' '
	awk "BEGIN { for (i = 0; i < 60000; i++) printf \"{\\\"type\\\":\\\"user\\\",\\\"sessionId\\\":\\\"big\\\",\\\"uuid\\\":\\\"u%d\\\",\\\"timestamp\\\":%d,\\\"message\\\":{\\\"content\\\":\\\"number %d, and some more text to fill the line with something\\\"}}\\n\", i, 1790000000 + i, i }" >big.jsonl
	mem-from -q claude-code --follow big.jsonl >out
	[ "$(grep -c "\"type\":\"cursor\"" out)" -gt 1 ]
	# cut off behind a cursor: the rest, and no more, comes next
	n=$(grep -n "\"type\":\"cursor\"" out | head -n 1 | cut -d: -f1)
	head -n "$n" out | exits 2 mem-ingest -q >sum
	mem-from -q claude-code --follow big.jsonl | mem-ingest -q >sum
	stored "[0-9]*" 0
	[ "$(mem-log --session big | wc -l)" -eq 60000 ]
'
test_done
