#!/bin/sh
# Contents as text: to be read on a screen of any width, and in a prompt.
. "${0%/*}/lib.sh"
. "$tests/lib-toc.sh"

chats 7 12 | mem-ingest -q >/dev/null
{
	say evil 2026-11-16T09:00:00Z user "We decided: \\u001b[31mred\\u001b[0m and \\u202etext are the fix of error 7."
	say long 2026-11-17T10:00:00Z user "The answer is in https://example.org/$(printf '%0120d' 7)/index.html of the server, we decided."
	say same 2026-11-18T10:00:00Z user "We decided to deploy the refresh token on Friday."
	say again 2026-11-19T10:00:00Z user "We decided to deploy the refresh token on Friday."
} | mem-ingest -q >/dev/null
mem-toc build -q

test_that 'into a pipe a bullet is one line, with its grip' '
	mem-toc --text -d 4 >out
	grep -cE "^ +[-!] .*  grip:[0-9]+:[0-9a-f]{12}\$" out >n
	mem-toc -d 4 | grep -o "{\"text\"" | wc -l >want
	cmp want n
	mem-toc --text 2026-11-18 >out
	grep -E "^  - We decided to deploy the refresh token on Friday\.  grip:" out
	head -n 1 out | grep -E "^day:2026-11-18  Wed  "
	mem-toc --text 2026-W47 >out
	head -n 1 out | grep -E "^week:2026-w47  16-22 Nov  open  "
	grep -E "^  day:2026-11-17  Tue" out
	grep -E "^  segment:2026-11-17:[0-9a-f]{12}  10:00-10:00" <<-EOT
	$(mem-toc --text 2026-11-17)
	EOT
	exits 1 grep " \$" out
'
test_that 'what follows anyway is not listed before it' '
	mem-toc --text 2026-W47 -d 1 >out
	[ "$(grep -c "day:2026-11-17" out)" -eq 1 ]
	mem-toc --text 2026-W47 >out
	[ "$(grep -c "day:2026-11-17" out)" -eq 1 ]
'
test_that '-v tells the version, who made it and the session' '
	mem-toc --text -v 2026-11-17 -d 1 >out
	[ "$(grep -cE "^ +version 1, built-in" out)" -eq 2 ]
	grep ", session long\$" out
'
test_that 'where hits lie is an outline' '
	mem-log --json -s 2026-11-18 >hits
	mem-toc --text - <hits >out
	cat out
	[ "$(wc -l <out)" -eq 7 ]
	head -n 1 out | grep -E "^year:2026  open  2 hits  "
	tail -n 1 out | grep -E "^        segment:2026-11-19:[0-9a-f]{12}  10:00-10:00  1 hit  "
	exits 1 grep grip: out
'
test_that 'hits can be expanded, and what is no name is passed over' '
	mem-toc expand - <hits >out
	[ "$(jl event_type <out | grep -c user_message)" -eq 2 ]
	echo nonsense | exits 1 mem-toc expand - 2>err
	grep "nonsense" err
	{ echo nonsense; cat hits; } | exits 3 mem-toc expand - 2>err >out
	[ "$(wc -l <out)" -eq 2 ]
	exits 64 mem-toc expand nonsense 2>err
	{ echo nonsense; echo 2026-11-17; } | exits 3 mem-toc pin - 2>err
	mem-toc 2026-11-17 | grep "\"pinned\":true"
	mem-toc unmark 2026-11-17
'
test_that 'a period without contents says what may help' '
	exits 1 mem-toc today 2>err
	exits 1 grep build err
	say new 2026-11-20T10:00:00Z user "Hello." | mem-ingest -q >/dev/null
	exits 1 mem-toc today 2>err
	grep "nothing of .today.; mem-toc build" err
	exits 1 mem-toc 2025-W01 2>err
	grep "nothing of .2025-W01." err
'
test_that 'a budget says nothing twice, and takes nodes' '
	mem-toc --text --budget 2000 >out
	[ "$(grep -c "deploy the refresh token on Friday" out)" -eq 1 ]
	grep -E "^ +[-!] " out | sed "s/  grip:.*//; s/^ *//" | sort | uniq -d >twice
	[ ! -s twice ]
	for n in 40 100 300; do
		mem-toc --text --budget $n 2026-W47 >out
		[ "$(wc -c <out)" -le $((4 * n)) ]
		grep -o "^ *[a-z]*:2[-0-9w]*" out | tr -d " " | sort -u >nodes
		exits 1 grep -e month -e w46 nodes
	done
	exits 3 mem-toc --budget 100 2026-W47 2024 >out 2>err
	exits 1 mem-toc --budget 100 2024 2>err
	exits 64 mem-toc --budget 100 nonsense 2>err
'
# screen WIDTH COMMAND: what a terminal of that width gets
screen() {
	script -qec "stty cols $1; $2" /dev/null </dev/null | tr -d '\r'
}
if can_have_terminal; then
	test_that 'on a screen no line is wider than it, and none is lost' '
		export NO_COLOR=1
		mem-toc -d 4 --json | grep -o "grip:[0-9]*:[0-9a-f]*" >want
		for w in 44 80 133; do
			screen $w "mem-toc -d 4" | sed "s/\xe2\x80\xa6/./" >out
			awk -v w=$w "length(\$0) > w { print; bad = 1 } END { exit bad }" out
			exits 1 grep -qE "^ *[-!] *\$" out
			grep -o "grip:[0-9]*:[0-9a-f]*" out >got
			cmp want got
			# in one column
			awk "{ i = index(\$0, \"grip:\") } i { print i }" out | sort -u >at
			[ "$(wc -l <at)" -eq 1 ]
		done
		screen 20 "mem-toc -d 4" >out
		exits 1 grep -P "\x1b|\x{202e}" out
	'
	test_that 'the events behind a grip are paragraphs' '
		export NO_COLOR=1
		g=$(mem-toc 2026-11-18 | grep -o "grip:[0-9]*:[0-9a-f]*" | head -n 1)
		screen 40 "mem-toc expand $g" >out
		cat out
		head -n 1 out | grep "^$g  2026-11-18 10:00  segment:2026-11-18:"
		grep -x "10:00  user       same" out
		grep -x "       We decided to deploy the" out
		exits 1 grep " \$" out
	'
	test_that 'of a budget it shows what a prompt gets' '
		mem-toc --text --budget 200 >want
		screen 60 "mem-toc --budget 200" | diff want -
	'
	test_that 'colours, but with NO_COLOR' '
		screen 80 "mem-toc" >out
		grep -qP "\x1b\[1myear:2026\x1b\[0m" out
	'
else
	skip 'on a screen' 'no terminal'
fi
test_done
