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
	mem-search --text --explain -n 1 "t21 t22" >got
	sed -n 2p got | grep "^ *[0-9.]*  t2[12]  weight 1, 1 times, length 1 of [0-9.]*; in 1 of 32 texts: idf [0-9.]*$"
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
test_done
