#!/bin/sh
# Queries that nobody means well with: an answer (0 or 1), the same with an
# index and without one, in bounded time and memory.
. "${0%/*}/lib.sh"
index=$MEM_STORE/tenants/default/index

# Bounds that only something out of hand reaches; sanitizers want room.
seconds=20
[ "${MEM_SANITIZE:-no}" != no ] || memory=600000	# kB
command -v timeout >/dev/null || timeout() { shift; "$@"; }

# ask OUT OPTION...: the query on standard input
ask() {
	out=$1
	shift
	(
		# shellcheck disable=SC3045	# where there is none, none
		[ -z "${memory-}" ] || ulimit -v "$memory"
		status=0
		timeout $seconds mem-search "$@" - >"$out" 2>"$out.err" ||
		    status=$?
		echo "= $status" >>"$out"
	)
}
# answers FILE OPTION...: the query in the file
answers() {
	file=$1
	shift
	ask with "$@" <"$file"
	mv "$index" away
	ask without "$@" <"$file"
	mv away "$index"
	for way in with without; do
		tail -n 1 $way | grep -q '^= [01]$' ||
		    { echo "$way: $(tail -n 1 $way)"; head -c 600 $way.err
		    return 1; }
		! grep "without the index" $way.err || return 1
		# notes are short whatever the query was
		[ "$(wc -c <$way.err)" -lt 4000 ] ||
		    { echo "$way: $(wc -c <$way.err) bytes of notes"; return 1; }
	done
	cmp with without || { diff with without | cut -c 1-300 | head -n 5
	    return 1; }
}
# each FILE...: asked in one of two ways, in turn; with MEM_ALL in all
each() {
	turn=$test_n
	for f in "$@"; do
		turn=$((turn + 1))
		if [ -n "${MEM_ALL-}" ] || [ $((turn % 2)) -eq 0 ]; then
			answers "$f" -n 5 --explain
		fi
		if [ -n "${MEM_ALL-}" ] || [ $((turn % 2)) -eq 1 ]; then
			answers "$f" -n 0 -l --in event,kb,session
		fi
		[ -n "${MEM_ALL-}" ] || continue
		answers "$f" -n 5
		answers "$f" -c
	done
}
# many N WORD: the word n times, with a number for each @
many() {
	# shellcheck disable=SC2059	# escapes in it are meant
	word=$(printf -- "$2:" | sed 's/@/\&/g')
	seq "$1" | sed "s|.*|${word%:}|" | tr -d '\n'
	echo
}

test_that 'something to search' '
	awk "BEGIN {
		for (i = 1; i <= 600; i++) {
			printf \"{\\\"session_id\\\":\\\"s%d\\\",\", i % 7
			printf \"\\\"timestamp\\\":%.0f,\", 1790000000000 + i
			printf \"\\\"text\\\":\\\"token%s word%d w%d a%d of the\",
			    i % 3 ? \" refresh\" : \"\", i, i % 50, i
			printf \" \\\\u200btok\\\\u200den \\\\u05d0\\\\u05d1%s\\\"}\\n\",
			    i % 2 ? \" redis cache\" : \" cache redis\"
		}
		for (i = 1; i <= 40; i++)
			printf \"{\\\"type\\\":\\\"record\\\",\\\"kb\\\":\\\"k\\\",\\\"record_id\\\":\\\"R%d\\\",\\\"record_type\\\":\\\"note\\\",\\\"title\\\":\\\"token w%d\\\"}\\n\", i, i
	}" >in
	mem-ingest -q in
	mem-index -q
	head -n 300 in | sed "s/\"s[0-9]\"/\"tail\"/" | mem-ingest -q
	[ "$(mem-search -c token)" -gt 600 ]
'
test_that '100,000 words' '
	many 100000 "word@ " >q1
	many 100000 "token " >q2
	many 100000 "x@y" >q3
	each q1 q2 q3
'
test_that '100,000 groups' '
	many 100000 "token OR " >q1
	many 50000 "token OR word@ " >q2
	many 100000 "-x@ " >q3
	many 100000 "OR " >q4
	each q1 q2 q3 q4
'
test_that 'nesting' '
	{ many 100000 "(" | tr -d "\n"; echo token; } >q1
	{ many 100000 "(" | tr -d "\n"; printf token
	  many 100000 ")"; } >q2
	many 30000 "-(token OR (" >q3
	many 100000 ")" >q4
	many 20000 "(token OR -(" >q5
	{ many 5000 "(a OR " | tr -d "\n"; printf token; many 5000 " b)"; } >q6
	each q1 q2 q3 q4 q5 q6
'
test_that 'combinations that would multiply' '
	many 40 "(w@ OR a@) " >q1
	many 400 "(w@ OR -a@ OR \"token refresh\") " >q2
	{ printf -- "-("; many 100 "(w@ OR (a@ token)) " | tr -d "\n"; echo ")"; } >q3
	each q1 q2 q3
'
test_that 'quotes' '
	many 100001 "\"" >q1
	many 30000 "\"token refresh\" " >q2
	many 100000 "\"a" >q3
	{ printf "\""; many 1000 "token refresh " | tr -d "\n"; echo "\""; } >q4
	{ printf "\""; many 1000 "word@ " | tr -d "\n"; echo "\" token"; } >q5
	{ printf "\""; many 1000 "the of " | tr -d "\n"; echo "\""; } >q6
	many 1000 "\"word@ w@ a@\" OR " >q7
	each q1 q2 q3 q4 q5 q6 q7
'
test_that 'prefixes' '
	many 5000 "a@* " >q1
	many 5000 "w* " >q2
	many 3000 "a* OR w* " >q3
	many 10000 "*" >q4
	{ many 9000 "a" | tr -d "\n"; echo "*"; } >q5
	many 2000 "-a@* " >q6
	each q1 q2 q3 q4 q5 q6
'
test_that 'fields' '
	many 5000 "session:s@ " >q1
	many 5000 "session:s@ OR tag:t@ OR " >q2
	many 20000 "-role:user " >q3
	many 3000 "since:2026-01-@ " >q4
	many 20000 "nosuch:x@ " >q5
	{ printf "session:"; many 100000 "s"; } >q6
	many 50000 ": " >q7
	many 3000 "kb:* type:n* id:@ " >q8
	many 20000 "(session:s1 OR " >q9
	each q1 q2 q3 q4 q5 q6 q7 q8 q9
'
test_that 'nothing to look for' '
	many 10000 "the of a in " >q1
	many 20000 ". , ; ! ? -- ... " >q2
	printf "\n" >q3
	: >q4
	many 20000 " 	 " >q5
	printf "the" >q6
	printf -- "-" >q7
	printf "OR" >q8
	printf "()" >q9
	each q1 q2 q3 q4 q5 q6 q7 q8 q9
'
test_that 'bytes that are no text' '
	printf "token \377\376\200 refresh" >q1
	head -c 60000 /dev/zero | tr "\0" "\377" >q2
	printf "\355\240\200\355\260\200 token \364\220\200\200 \300\257" >q3
	printf "to\000ken redis\000\000 refresh" >q4
	head -c 100000 /dev/zero >q5
	awk "BEGIN { srand(7); for (i = 0; i < 60000; i++)
		printf \"%c\", 1 + int(rand() * 255) }" </dev/null |
	    tr -d "\n" >q6
	printf "token\033[31m\007\010 redis\r" >q7
	printf "\303" >q8
	LC_ALL=C each q1 q2 q3 q4 q5 q6 q7 q8
'
test_that 'right to left, zero width, marks, other scripts' '
	printf "\327\220\327\221 \342\200\256nekot\342\200\254 token" >q1
	many 20000 "\342\200\213\342\200\215\342\200\256\342\200\217" >q2
	printf "to\342\200\213ken \357\273\277redis" >q3
	{ printf e; many 30000 "\314\201"; } >q4
	many 20000 "\346\235\261\344\272\254" >q5
	{ many 20000 "\346\235\261" | tr -d "\n"; echo "*"; } >q6
	many 5000 "\360\237\221\250\342\200\215\360\237\221\251" >q7
	many 10000 "\357\267\272 " >q8	# NFKC makes 18 letters of one
	printf "\342\201\246\342\201\247\342\201\250\342\201\251 token" >q9
	each q1 q2 q3 q4 q5 q6 q7 q8 q9
'
test_that 'a very long word' '
	head -c 900000 /dev/zero | tr "\0" a >q1
	{ head -c 300000 /dev/zero | tr "\0" a; printf " token"; } >q2
	many 100000 "aB" >q3
	many 100000 "a_b/c." >q4
	many 100000 "1." >q5
	many 100000 "-" >q6
	each q1 q2 q3 q4 q5 q6
'
test_that 'over 1 MiB is said to be too long' '
	head -c 1200000 /dev/zero | tr "\0" a >q1
	exits 2 mem-search - <q1 >out 2>err
	grep "over 1048576 bytes" err
'
test_that 'as arguments, too' '
	mem-search -n 1 -- $(many 20000 "w@ ") >out 2>err
	exits 1 mem-search "$(many 60000 "((")" >out 2>err || exits 0 true
	for q in "" " " "\"" "(" ")" "-" "*" ":" "OR" "OR OR" "- -" "-()" "\"\"" \
	    "(\"" "a:" ":a" "*:*" "-*" "\\" "--" "session:" "-session:" \
	    "since:" "since:x" "NOT" "token AND" "~1" "token~2" "token^9" \
	    "[a TO b]" "{" "/token/" "%00" "\$(id)" "a\tb"; do
		status=0
		mem-search -n 1 -- "$q" >out 2>err || status=$?
		[ $status -le 1 ] || [ $status -eq 64 ] ||
		    { echo "\"$q\": $status"; cat err; exit 1; }
	done
'
test_done
