#!/bin/sh
# What is shown of a hit: snippets, context, text for people.
. "${0%/*}/lib.sh"

awk 'BEGIN { for (i = 1; i <= 30; i++)
	printf "{\"event_id\":\"01HNAVQZC0000000000000%04d\",\"session_id\":\"s%d\"," \
	    "\"timestamp\":%.0f,\"role\":\"%s\",\"text\":\"t%d\"}\n",
	    i, i % 2, 1706540400000 + i, i % 4 < 2 ? "user" : "tool", i }' >in
{
	cat in
	printf '{"session_id":"long","timestamp":1706540500000,"text":"'
	seq 400 | sed 's/.*/filler&/' | tr '\n' ' '
	printf 'the needle in it '
	seq 400 | tr '\n' ' '
	printf '"}\n'
	printf '{"session_id":"odd","timestamp":1706540600000,"text":"escape \\u001b[31mred\\u001b[0m\\n\\n\\tnew\\u202eline"}\n'
} | mem-ingest >out

# The texts of a hit's context
around() {
	sed 's/.*"context"://' | awk '{ gsub(/},{/, "},\n{"); print }' |
	    jl text | tr '\n' ' '
}

test_that 'a snippet is the stretch that matched, words marked, cut at words' '
	mem-search needle | jl snippet >got
	cat got
	grep "^…filler[0-9 a-z]* the \*\*needle\*\* in it" got
	grep "[0-9]…$" got
	[ "$(wc -c <got)" -lt 260 ]
'
test_that 'a snippet is one line' '
	mem-search 31mred >got
	grep "\"snippet\":\"escape \[\*\*31mred\*\* \[0m new" got
'
test_that 'without words the beginning is the snippet' '
	mem-search --session long | jl snippet | grep "^filler1 filler2 .*…$"
'
test_that '-C: neighbours in the session, the hit itself left out' '
	mem-search -C 2 t21 >got
	around <got >texts
	cat texts
	[ "$(cat texts)" = "t17 t19 t23 t25 " ]
	[ "$(mem-search -C 2 t1 | around)" = "t3 t5 " ]
	mem-search t21 >got
	! grep context got
'
test_that 'text for people: score, time, who, snippet; then the neighbours' '
	mem-search --text -C 1 t21 >got
	cat got
	sed -n 1p got | grep "^ *[0-9.]*  2024-01-29 15:00  user *s1 *\*\*t21\*\*$"
	grep -c "t19$\|t23$" got | grep -x 2
'
test_that 'text with --explain has a line for each term' '
	mem-search --mode text --text --explain -n 1 "t21 t22" >got
	sed -n 2p got | grep "^ *[0-9.]*  t2[12]  weight 1, 1 times, length 4 of [0-9.]*; in 1 of 32 texts: idf [0-9.]*$"
	mem-search --text --in session --explain -n 1 t21 >got
	sed -n 2p got | grep "1 x event 01HNAVQZC00000000000000021"
'
test_that 'stored escapes do not reach a terminal' '
	mem-search --text escape >got
	exits 1 grep "$(printf "\033")" got
	mem-search -v --text -C 1 escape >got
	exits 1 grep "$(printf "\033")" got
	! grep "$(printf "\342\200\256")" got
'
test_that 'sessions show themselves and the snippet of their best event' '
	mem-search --in session t21 >got
	grep "^{\"type\":\"hit\",\"id\":\"s1\",\"source\":\"session\",\"score\":[0-9.]*,\"snippet\":\"\*\*t21\*\*\",\"record\":{\"type\":\"session\",\"session_id\":\"s1\",.*\"events\":15," got
'
test_that 'with -v the text is whole, not only the snippet' '
	mem-search --text -v needle | grep "filler1 filler2 .* 399 400"
'
test_that 'stars of the text are not taken for marks' '
	echo "{\"session_id\":\"stars\",\"timestamp\":1,\"text\":\"**Decision:** drop **redis** now\"}" |
	    mem-ingest >out
	mem-search redis | grep "\"snippet\":\"Decision: drop \*\*redis\*\* now\""
'

# tty COMMAND: what it sends to a terminal of 60 columns
tty() {
	script -qec "stty cols 60; $1" /dev/null </dev/null | tr -d '\r'
}
esc=$(printf '\033')
c1=$(printf '\302\233')
if can_have_terminal; then
	cat >evil <<-'.'
	{"session_id":"evil\u202eid","timestamp":1795000000000,"agent":"a\u2066b","text":"evil \u001b[31m \u009b31m \u202e \u007f \ud83d\udc1f \udb40\udc41","metadata":{"k":"\u009b1m"}}
	{"type":"record","kb":"k","record_id":"r\u202e1","record_type":"n","title":"evil \u009b"}
	{"type":"session","session_id":"evil\u202eid","title":"\u001b]0;x\u0007","variables":{"v\u202e":"\u001b[2J\u009b"}}
	.
	mem-ingest <evil >out
	id=$(mem-session list --json | grep evil | jl session_id)
	export id
	test_that 'to a terminal nothing is sent raw, in no form' '
		export NO_COLOR=1
		for c in "mem-log -s 2026" "mem-log -s 2026 -v" \
		    "mem-log -s 2026 --json" "mem-search evil" \
		    "mem-search -v evil" "mem-search --json evil" \
		    "mem-search -l evil" "mem-search -l --json evil" \
		    "mem-search --in session evil" "mem-session list" \
		    "mem-session list --json" "mem-session show \"\$id\"" \
		    "mem-session get \"\$id\"" \
		    "mem-session get --json \"\$id\"" "mem-log evil$esc[1m"; do
			tty "$c" >got
			[ -s got ]
			exits 1 grep -a "$esc\|$c1\|$(printf "\342\200\256\|\342\201\246\|\177\|\363\240")" got
		done
	'
	test_that 'JSON on a terminal is the same value' '
		tty "mem-log -s 2026 --json" >got
		grep -F "\\u009b31m \\u202e \\u007f" got
		grep -F "\\udb40\\udc41" got
		mem-ingest --store other <got >out
		mem-log -s 2026 >want
		mem-log --store other | cmp - want
	'
	test_that 'colours on a terminal, none with NO_COLOR, TERM=dumb, a pipe' '
		TERM=xterm tty "mem-search needle" | grep "$esc\[1mneedle$esc"
		for set in NO_COLOR=1 TERM=dumb TERM=; do
			export TERM=xterm
			export "$set"
			tty "mem-search needle" >got
			exits 1 grep "$esc" got
			grep "\*\*needle\*\*" got
			unset NO_COLOR
		done
		mem-search --text needle >got
		exits 1 grep "$esc" got
	'
	test_that 'text on a terminal is cut at its width' '
		printf "{\"session_id\":\"wide\",\"timestamp\":2,\"text\":\"%s\"}\n" \
		    "$(printf "漢字%.0s" $(seq 40)) breit" | mem-ingest >out
		export NO_COLOR=1
		tty "mem-log" >got
		# a wide character has three bytes and takes two columns
		LC_ALL=C awk "{ w = length; w -= gsub(/[\344-\351][\200-\277][\200-\277]/, \"\")
			w -= 2 * gsub(/\342\200\246/, \"\") }
			w > 60 { print; bad = 1 } END { exit bad }" got
		grep "\(漢字\)\{7\}漢…$" got
	'
else
	skip 'what a terminal gets' 'no pseudo-terminals'
fi
test_done
