#!/bin/sh
# Searches at every moment of indexing: while events come in small lots, the
# index follows, is made anew, and is brought up by searches, what is old is
# found as a scan of the store finds it, and nothing is complained of.
# long-43-index-readers.sh goes on for longer (MEM_SECONDS).
. "${0%/*}/lib.sh"
seconds=${MEM_SECONDS:-2}

# events FROM TO: those after 3000 are of another day
events() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		n = split("token refresh redis jwt deploy deployed cache " \
		    "evicts happy running run getUserName src/auth/jwt.c",
		    w, " ")
		for (i = from; i <= to; i++) {
			seed = (i * 7919 + 12345) % 65536
			text = ""
			for (k = 0; k < 3 + i % 17; k++) {
				seed = (seed * 25173 + 13849) % 65536
				j = int(seed / 64) % (n + 4)
				text = text " " (j < n ? w[j + 1] : \
				    "word" (seed + i) % 200)
			}
			printf "{\"event_id\":\"01HNAVQZC0000000000%07d\"," \
			    "\"session_id\":\"s%d\",\"timestamp\":%.0f," \
			    "\"text\":\"%s\"}\n", i, i % 5, 1790000000000 + \
			    i * 1000 + (i > 3000) * 86400000, text
		}
	}'
}
# old QUERY: those of the first day, whatever their scores are meanwhile
old() {
	mem-search --mode text -n 0 -l -u 2026-09-22 -- "$@" 2>>"$errors" |
	    sort || :
}
ask() {
	errors=$1.err
	: >"$errors"
	{
		old token refresh
		old '"redis jwt"' 'deplo*'
		old 'run -cache session:s3'
		old 'word17*' OR getUserName
		mem-search -c -u 2026-09-22 run 2>>"$errors"
	} >"$1"
}
# until_end NAME COMMAND...: again and again; NAME.n says how often
until_end() {
	name=$1
	shift
	times=0
	while [ ! -e end ]; do
		"$@" || { echo "$name: exit $?" >>wrong; return; }
		times=$((times + 1))
	done
	echo $times >"$name.n"
}
reader() {
	ask "$1"
	cmp want "$1" >>wrong 2>&1 || return 1
	[ ! -s "$1.err" ] || { cat "$1.err" >>wrong; return 1; }
}
# lot: some more; one lot in nine is more than a tail may be
lot() {
	last=${last:-3000} lots=$((${lots:-0} + 1)) size=20
	[ $((lots % 9)) -ne 0 ] || size=400
	events $((last + 1)) $((last + size)) | mem-ingest -q >lot.out || return 1
	last=$((last + size))
	[ $((lots % 4)) -ne 0 ] || forget $((last - 7)) || return 1
	# shellcheck disable=SC2119	# it means none
	[ $((lots % 3)) -ne 0 ] || index
}
forget() {
	printf '{"type":"tombstone","target":"event","id":"%s%07d"}\n' \
	    01HNAVQZC0000000000 "$1" | mem-ingest -q >lot.out
}
# index OPTION: 75 is another that is at it
# shellcheck disable=SC2120
index() {
	status=0
	mem-index -q --nice 0 "$@" 2>index.err || status=$?
	[ $status -eq 0 ] || [ $status -eq 75 ] || {
	    cat index.err >>wrong; return 1; }
}

test_that 'what the store itself says' '
	events 1 3000 | mem-ingest -q
	ask want
	[ "$(wc -l <want)" -gt 1000 ]
	[ ! -s want.err ]
	mem-index -q
	reader first
'
until_end writer lot 2>>wrong &
until_end rebuild index --rebuild 2>>wrong &
until_end one reader one 2>>wrong &
until_end two reader two 2>>wrong &
sleep "$seconds"
: >end
wait
test_that "readers are right at any moment of $seconds s" '
	head -n 20 wrong || :
	tail -n 1 ./*.n
	[ ! -s wrong ]
	for name in writer rebuild one two; do
		[ "$(cat $name.n)" -ge 2 ]
	done
'
test_that 'and after it' '
	reader last
	mem-index -q
	reader last
	mem-index --verify >out
	mem-index --rebuild -q
	reader last
'
test_done
