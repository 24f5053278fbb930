#!/bin/sh
# Files, folders, streams: what is read, what is left alone.
. "${0%/*}/lib.sh"
data=$tests/data/from

says() {
	printf '{"type":"user","sessionId":"%s","uuid":"%s",' "$1" "$2"
	printf '"timestamp":"2026-11-18T09:00:00.000Z",'
	printf '"message":{"role":"user","content":"%s"}}\n' "$3"
}
texts() {
	grep '"type":"event"' | sed 's/.*"text":"\(.*\)","metadata.*/\1/'
}

test_that 'files of the format are found, in order, in folders below' '
	mkdir -p p/-home-b p/-home-a/s/subagents
	says s1 1 one >p/-home-a/1.jsonl
	says s2 2 two >p/-home-b/2.jsonl
	says s1 3 three >p/-home-a/s/subagents/agent-x.jsonl
	echo "{}" >p/-home-a/todo.json
	echo "prompt" >p/history.jsonl
	mem-from -q claude-code p | texts >got
	printf "one\nthree\ntwo\n" | cmp - got
'
test_that 'copies that other programs made are left, and counted' '
	for n in 1.jsonl.bak 1.bak.jsonl 1.jsonl.deleted.2026 1.jsonl~ \
	    checkpoint-1.jsonl; do
		says s9 9 copy >p/-home-a/$n
	done
	mem-from claude-code p 2>err >out
	texts <out | exits 1 grep copy
	grep "left out: backup copy: 5" err
	rm p/-home-a/*bak* p/-home-a/*deleted* p/-home-a/*~ p/-home-a/check*
'
test_that 'a FIFO does not stop it, links are not followed' '
	mkfifo p/-home-a/9.jsonl
	ln -s ../-home-b/2.jsonl p/-home-a/8.jsonl
	ln -s / p/root
	timeout 20 mem-from claude-code p >out 2>err
	texts <out | wc -l | grep -x 3
	grep "not a regular file: 1" err
	grep "symbolic link: 1" err
	rm p/-home-a/9.jsonl p/-home-a/8.jsonl p/root
'
test_that 'a FIFO that is named is refused, not waited for' '
	mkfifo pipe
	exits 3 timeout 20 mem-from claude-code pipe >out 2>err
	grep "is not a regular file; pipe it in" err
'
test_that 'a link that is named is followed' '
	ln -s p here
	mem-from -q claude-code here | texts | wc -l | grep -x 3
'
test_that 'what cannot be opened is told, the rest is read' '
	if [ "$(id -u)" -eq 0 ]; then
		ln -s loop loop
		exits 2 mem-from -q claude-code loop >out 2>err
		grep "cannot open .loop." err
	else
		chmod 0 p/-home-b/2.jsonl
		exits 3 mem-from -q claude-code p >out 2>err
		grep "cannot open .*2.jsonl" err
		chmod 600 p/-home-b/2.jsonl
	fi
'
test_that 'an operand that is not there fails before any record is printed' '
	exits 2 mem-from claude-code p nowhere >out 2>err
	[ "$(wc -l <out)" = 1 ]
	grep "\"type\":\"start\"" out
	grep "cannot open .nowhere.: No such file" err
'
test_that 'standard input, with and without -' '
	mem-from -q claude-code <p/-home-a/1.jsonl | texts | grep -x one
	cat p/-home-a/1.jsonl | mem-from -q claude-code - | texts | grep -x one
'
test_that 'a fork of a session is counted once: the lines are its parent'"'"'s' '
	mkdir f
	{ says a u1 first; says a u2 second; } >f/a.jsonl
	{ says b u1 first | sed "s/\"type\"/\"forkedFrom\":{\"sessionId\":\"a\",\"messageUuid\":\"u1\"},\"type\"/"
	    says b u3 third; } >f/b.jsonl
	mem-from -q claude-code f >out
	texts <out >got
	printf "first\nsecond\nthird\n" | cmp - got
	grep "\"session_id\":\"b\"" out | texts >got
	echo third | cmp - got
	# alone, it gives the same events
	mem-from -q claude-code f/b.jsonl | grep first >b
	grep first out | cmp - b
'
test_that 'older forks repeat the lines: the first that is read counts' '
	{ says b u1 first; says b u2 second; says b u3 third; } >f/b.jsonl
	mem-from -q claude-code f >out
	texts <out >got
	printf "first\nsecond\nthird\n" | cmp - got
	tail -n 1 out | grep "\"copy of one that was read\":2"
'
test_that 'codex: only rollouts; a fork of a thread is counted once' '
	mkdir -p c/sessions/2026
	echo "{\"session_id\":\"x\",\"ts\":1,\"text\":\"secret\"}" >c/history.jsonl
	cp "$data"/codex/rollout-2026*.jsonl c/sessions/2026
	r=$(ls c/sessions/2026)
	{ echo "{\"timestamp\":\"2026-11-19T10:00:00Z\",\"type\":\"session_meta\",\"payload\":{\"id\":\"fork\",\"forked_from_id\":\"0199aaaa-0000-7000-8000-000000000001\"}}"
	    sed "s/2026-11-18T/2026-11-19T/" "c/sessions/2026/$r" | head -n 14
	    echo "{\"timestamp\":\"2026-11-19T10:00:09Z\",\"type\":\"event_msg\",\"payload\":{\"type\":\"user_message\",\"message\":\"a new way\"}}"
	    echo "{\"timestamp\":\"2026-11-19T10:00:10Z\",\"type\":\"event_msg\",\"payload\":{\"type\":\"user_message\",\"message\":\"Rotate the refresh token\",\"images\":[]}}"
	} >c/sessions/2026/rollout-2026-11-19-fork.jsonl
	mem-from -q codex c >out
	exits 1 grep secret out
	grep "\"session_id\":\"fork\"" out | texts >got
	printf "a new way\nRotate the refresh token\n" | cmp - got
'
test_that 'gemini: of a chat in both forms the newer is read' '
	mkdir -p g/chats
	cp "$data"/gemini/chats/session-2026-11-18T12-00-bbbbbbbb.jsonl g/chats
	echo "{\"sessionId\":\"bbbbbbbb-2222\",\"messages\":[]}" \
	    >g/chats/session-2026-11-18T12-00-bbbbbbbb.json
	echo "{\"secret\":1}" >g/oauth_creds.json
	mem-from gemini g >out 2>err
	grep "older form of a .jsonl: 1" err
	grep "\"skipped\":0" out
'
test_that 'a folder without any is no error, but said' '
	mkdir empty
	mem-from -q copilot empty >out 2>err
	[ "$(wc -l <out)" -eq 2 ]
	grep "no file in .*/empty. is named as those of copilot are, events.jsonl; name the files themselves" err
	tail -n 1 out | grep "\"notes\":{\"folder without a file of this format\":1}"
	# who follows it waits for one
	mem-from -q copilot --follow empty >out 2>err
	[ ! -s err ]
'
test_that 'an export: its conversations; or, where none are named so, what is there' '
	for f in chatgpt claude-export; do
		mkdir -p x/$f
		cp "$data/$f.json" x/$f/mine.json
		mem-from -q $f x/$f | grep -v "\"start\"" >got
		mem-from -q $f "$data/$f.json" | grep -v "\"start\"" | diff - got
		mv x/$f/mine.json x/$f/conversations-1.json
		echo "{\"users\":1}" >x/$f/users.json
		mem-from -q $f x/$f | grep -v "\"start\"" | diff got -
	done
'
test_that '--since, --until and -n' '
	mem-from -q claude-code "$data/claude" --since 2026-11-18T09:02 \
	    --until 2026-11-18T09:03 | texts | wc -l | grep -x 2
	mem-from -q claude-code "$data/claude" -n 3 >out
	texts <out | wc -l | grep -x 3
	tail -n 1 out | grep "\"end\""
'
test_that 'misuse is told' '
	exits 64 mem-from nonsense >out 2>err
	exits 64 mem-from jsonl p 2>err
	grep "needs --map" err
	exits 64 mem-from codex --map m p 2>err
	grep "goes with the format .jsonl. and .*, not with .codex." err
	exits 64 mem-from claude-code --follow 2>err
	grep "files or folders" err
	exits 64 mem-from claude-code --follow -n 3 p 2>err
'
test_done
