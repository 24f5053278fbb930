#!/bin/sh
# An archive of transcripts that are being written: `mem-from --follow |
# mem-ingest` is killed at any moment, on either side, again and again, and
# every line is there once.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

rounds=60

# write N TAG: a file grows, in pieces that do not end where lines do
write() {
	awk -v n="$1" -v t="$2" 'BEGIN {
		for (i = 1; i <= n; i++) {
			printf "{\"type\":\"user\",\"sessionId\":\"%s\"," \
			    "\"uuid\":\"%s%d\",\"timestamp\":%d,", t, t, i,
			    1790000000 + i
			fflush()
			printf "\"message\":{\"content\":\"%s %d: %s\"}}\n", t, i,
			    "some more text, so that a kill strikes in between"
			fflush()
			if (i % 40 == 0)
				system("sleep 0.01")
		}
	}' >>"t/$2.jsonl"
}

# pick N: a number below N
pick() {
	awk -v n="$1" -v s="$(od -An -N4 -tu4 /dev/urandom)" \
	    'BEGIN { srand(s); printf "%d", rand() * n }'
}

# killed_run MS: one run of the pipe, killed within so many milliseconds
killed_run() {
	after=0.$(printf '%03d' "$(pick "$1")")
	who=$(pick 3)
	: >left
	: >right
	sh -c 'echo $$ >left; exec mem-from -q claude-code --follow t' 2>>err |
	    sh -c 'echo $$ >right; exec mem-ingest -q' >>sums 2>>err &
	pipe=$!
	sleep "$after"
	case $who in
	0) kill -9 "$(cat left)" ;;
	1) kill -9 "$(cat right)" ;;
	*) kill -9 "$(cat left)" "$(cat right)" ;;
	esac
	wait $pipe
} 2>/dev/null

# There is one event for each line, and nothing else.
all_there() {
	cat t/*.jsonl | sed -n 's/.*"content":"\([^"]*\)".*/\1/p' | sort >want
	mem-log --json | sed -n 's/.*"text":"\([^"]*\)".*/\1/p' | sort >got
	[ -s want ] || return 1
	cmp want got
}

test_that "killed $rounds times while the files grow" '
	mkdir t
	write 3000 a &
	w1=$!
	write 2000 b &
	w2=$!
	: >sums
	i=0 ms=20
	set +e
	# How long a run takes depends on the machine: the time is moved to
	# where about half of them come to their end.
	while [ $i -lt $rounds ]; do
		before=$(wc -l <sums)
		killed_run $ms
		if [ "$(wc -l <sums)" -eq "$before" ]; then
			ms=$((ms < 600 ? ms * 3 / 2 : 900))
		else
			ms=$((ms > 6 ? ms * 2 / 3 : 4))
		fi
		i=$((i + 1))
	done
	set -e
	wait $w1
	wait $w2
	[ "$(wc -l <t/a.jsonl)" -eq 3000 ]
	store_whole
'
test_that "some of these runs stored something, and some came to no end" '
	grep "\"stored\":[1-9]" sums
	[ "$(wc -l <sums)" -lt $rounds ] || grep torn sums
'
test_that "what is there is in the files, once" '
	mem-log --json | jl text | sort | uniq -d >twice
	[ ! -s twice ]
'
test_that "one run that is left alone brings the rest" '
	mem-from -q claude-code --follow t >out
	mem-ingest -q out >sum
	grep "\"rejected\":{}" sum
	all_there || { wc -l want got; diff want got | head; false; }
'
test_that "and the next has nothing to do" '
	mem-from -q claude-code --follow t >out
	tail -n 1 out | grep "\"total\":0"
'
test_done
