#!/bin/sh
# mem-search --budget: the best hits cut to fit.
. "${0%/*}/lib.sh"

{
	awk 'BEGIN {
		role[0] = "assistant"; role[1] = "user"
		for (i = 1; i <= 40; i++)
			printf "{\"session_id\":\"s%d\",\"timestamp\":%.0f,\"role\":\"%s\",\"text\":\"turn %d says that the refresh token %d is turned at each use\"}\n", i % 3, 1706540400000 + i * 60000, role[i % 2], i, i
		printf "{\"session_id\":\"long\",\"timestamp\":1706540400000,\"role\":\"tool\",\"text\":\"refresh token: "
		for (i = 0; i < 3000; i++)
			printf "filler %d ", i
		print "here is the heart of it: refresh the expired token when the clock is wrong "
		for (i = 0; i < 3000; i++)
			printf "filler %d ", i
		print "\"}"
	}' | tr -d '\n' | sed 's/}{/}\n{/g'
	echo
	printf '%s\n' '{"type":"record","kb":"bugs","record_id":"B-1","record_type":"bug_record","title":"Token lost","text":"The expired refresh token\nis not \"refreshed\".","timestamp":1706540500000}'
} >in
mem-ingest <in >out

test_that 'never more than so many bytes, in text and in JSON' '
	for n in 1 30 60 100 101 150 333 500 1000 2000 5000 20000 100000; do
		for f in --text --json "--text -0"; do
			# shellcheck disable=SC2086
			mem-search $f --budget $n -v expired refresh token >got 2>err
			[ "$(wc -c <got)" -le $n ] ||
			    { echo "$f $n: $(wc -c <got)"; exit 1; }
		done
	done
'
test_that 'a line for each: id, day, role and text' '
	mem-search --budget 2k expired refresh token >got
	cat got
	grep "^01[0-9A-Z]* 2024-01-29 user: turn [0-9]* says that the refresh token [0-9]* is turned at each use$" got
	grep "^bugs/B-1 2024-01-29: Token lost: The expired refresh token is not \"refreshed\".$" got
	[ "$(wc -l <got)" -ge 10 ]
	[ "$(wc -c <got)" -ge 1800 ]
'
test_that 'of a long one the part around the match, cut at words' '
	mem-search --budget 2k expired refresh token >got
	grep " tool: \.\.\..*refresh the expired token.*\.\.\.$" got
	grep " tool: " got | sed "s/.*: \.\.\.//; s/\.\.\.$//; s/ .*//" >first
	grep " $(cat first) " in
	mem-search --budget 200k --in event expired refresh token >got
	grep " tool: refresh token: filler 0 .*filler 2999 $" got ||
	    grep " tool: refresh token: filler 0 .*filler 2999$" got
	! grep -F "..." got
'
test_that 'in the order of rank, and -n holds' '
	mem-search --json --budget 2k refresh token | jl id >got
	mem-search -l -n "$(wc -l <got)" refresh token | cmp - got
	mem-search --json --budget 2k -n 3 refresh token | jl id >got
	mem-search -l -n 3 refresh token | cmp - got
'
test_that 'JSON: the text in place of the record' '
	mem-search --json --budget 2k --in event turn 7 says >got
	sed -n 1p got | grep "^{\"type\":\"hit\",\"id\":\"[0-9A-Z]*\",\"source\":\"event\",\"score\":[0-9.]*,\"session_id\":\"s1\",\"timestamp\":[0-9]*,\"role\":\"user\",\"text\":\"turn 7 says that the refresh token 7 is turned at each use\"}$"
	mem-search --json --budget 2k --fields id,text token >got
	[ "$(wc -c <got)" -le 2048 ]
	grep "^{\"id\":\"[^\"]*\",\"text\":\"[^\"]*\"}$" got
'
test_that 'sessions, too: what their best event says' '
	mem-search --budget 1000 --in session expired refresh token >got
	grep "^long 2024-01-29: .*refresh the expired token" got
'
test_that 'each query of a batch has so many, its heading among them' '
	printf "refresh token\nnosuchword\nexpired\n" >queries
	mem-search --batch queries --budget 500 >got
	awk "/^[0-9]+: /{ if (n > 500) exit 1; n = 0 } { n += length + 1 }
	    END { exit n > 500 }" got
	grep -x "1: refresh token" got
	grep -x "3: expired" got
'
test_that 'nothing fits, nothing is found' '
	mem-search --budget 20 token >got 2>err
	[ ! -s got ]
	grep "20 bytes hold no hit" err
	exits 1 mem-search --budget 2000 nosuchword >got 2>err
	[ ! -s got ] && [ ! -s err ]
	for a in -c -l "-C 1" --explain "--format csv"; do
		# shellcheck disable=SC2086
		exits 64 mem-search --budget 100 $a token 2>err
	done
'
test_done
