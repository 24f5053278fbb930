#!/bin/sh
# Every format: what comes out of a small, nasty sample is what is written
# down in data/from/golden.  (MEM_GOLDEN=write writes it down anew.)
. "${0%/*}/lib.sh"
data=$tests/data/from

# from FORMAT [OPTION ...] SOURCE: records without "start", which has paths
from() {
	status=0
	mem-from -q "$@" >all || status=$?
	sed 1d all >out
}

# like NAME STATUS: out is the golden file, and mem-from exited so
like() {
	[ "$status" -eq "$2" ] || { echo "exit $status, not $2"; return 1; }
	[ "${MEM_GOLDEN-}" != write ] || cp out "$data/golden/$1.jsonl"
	diff "$data/golden/$1.jsonl" out
}

# event SOURCE_ID: the event of that part
event() {
	grep "\"source_id\":\"$1\"" out
}

test_that 'claude-code' '
	from claude-code "$data/claude"
	like claude-code 0
	grep -c "\"role\":\"user\"" out >n
	echo 4 >want
	cmp want n
	event u3 | grep "first half,.nsecond half"
	event u2 | grep "\"text\":\"ld: cannot find -lzstd.n.image.\""
	event u4 | grep "\"branch\":\"abandoned\""
	event u5 | grep "\"rewound_to\":\"a3\""
	event s1 | grep "\"session_id\":\"5e55-a/b7\""
'
test_that 'claude-code: thoughts are kept when asked for' '
	from claude-code --thinking "$data/claude"
	event a1 | grep "\"thinking\":\"true\""
	event "a1#1" | grep "I will look"
'
test_that 'codex' '
	from codex "$data/codex"
	like codex 0
	[ "$(grep -c "Rotate the refresh token" out)" -eq 1 ]
	event call_1/result | grep "\"exit_code\":\"1\",\"is_error\":\"true\""
	grep "Delete it" out | grep abandoned
	exits 1 grep "environment_context\|be brief" out
	[ "$(grep -c "\"text\":\"yes\"" out)" -eq 2 ]
'
test_that 'gemini' '
	from gemini "$data/gemini"
	like gemini 0
	[ "$(grep -c "\"event_type\":\"tool_result\"" out)" -eq 1 ]
	event m3 | grep abandoned
	event m4 | grep abandoned
	event m5 | grep "\"rewound_to\":\"m3\""
	! grep "Got it" out
'
test_that 'gemini: the lines of a chat on standard input' '
	cat "$data"/gemini/chats/*.jsonl | mem-from -q gemini >out
	event m1
	[ "$(grep -c "\"event_type\":\"tool_result\"" out)" -eq 1 ]
'
test_that 'copilot' '
	from copilot "$data/copilot"
	like copilot 0
	[ "$(grep -c "I will run it" out)" -eq 1 ]
	event k1 | grep "I will run it. It fails."
	event k2 | grep "Half of an answer."
	! grep transformed out
'
test_that 'chatgpt' '
	from chatgpt "$data/chatgpt.json"
	like chatgpt 3
	exits 1 grep "secret prompt\|A cat" out
	from chatgpt --branches "$data/chatgpt.json"
	event n3 | grep abandoned
'
test_that 'chatgpt: branches do not change what is there without them' '
	mem-from -q chatgpt "$data/chatgpt.json" | grep "\"event\"" | sort >a
	mem-from -q chatgpt --branches "$data/chatgpt.json" | sort >b
	[ "$(comm -23 a b | wc -l)" -eq 0 ]
'
test_that 'claude-export' '
	from claude-export "$data/claude-export.json"
	like claude-export 0
	exits 1 grep "In Asia" out
	from claude-export --branches "$data/claude-export.json"
	grep "In Asia" out | grep abandoned
'
test_that 'openai: conversations, an element each' '
	from openai --at 2026-01-01 "$data/openai.jsonl"
	like openai 3
	grep "\"session_id\":\"named\"" out
'
test_that 'openai: a file that is one conversation keeps its name' '
	from openai --at 2026-01-01 "$data/openai.json"
	like openai-array 0
	jl session_id <out | grep openai- | sort -u >a
	head -n 3 "$data/openai.json" | sed "s/,\$//" >shorter.json
	echo "]" >>shorter.json
	from openai --at 2026-01-01 shorter.json
	jl session_id <out | grep openai- | sort -u >b
	cmp a b
'
test_that 'sharegpt' '
	from sharegpt --at 2026-01-01 "$data/sharegpt.json"
	like sharegpt 0
'
test_that 'slack' '
	from slack "$data/slack"
	like slack 0
	grep "deploy at ci (https://ci.example.org/1) & tell @U2" out
'
test_that 'memory.json' '
	from memory.json "$data/memory.json"
	like memory-json 3
'
test_that 'jsonl by a mapping' '
	from jsonl --map "$data/irc.map" "$data/irc.jsonl"
	like jsonl 0
'
test_that 'everything that comes out is taken by mem-ingest' '
	for f in claude-code codex gemini copilot; do
		mem-from -q $f "$data/${f%-code}" | mem-ingest -q >sum
		grep "\"rejected\":{}" sum
	done
	for f in chatgpt claude-export sharegpt memory.json; do
		mem-from -q $f "$data/${f%.json}.json" >f.out || :
		mem-ingest -q f.out >sum || [ $? -eq 3 ]
		grep "\"rejected\":{}" sum
	done
'
test_that 'and the second time everything is there already' '
	for f in claude-code codex gemini copilot; do
		mem-from -q $f "$data/${f%-code}" | mem-ingest -q >sum
		grep "\"stored\":0,.*\"rejected\":{}" sum
	done
'
test_that 'a transcript that was moved gives the same events' '
	mkdir -p else/where
	cp "$data/claude/session.jsonl" else/where/other.jsonl
	mem-from -q claude-code else | mem-ingest -q >sum
	grep "\"stored\":0,.*\"rejected\":{}" sum
'
test_done
