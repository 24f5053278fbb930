#!/bin/sh
# SIGKILL at random moments of indexing and merging, also of a search that
# brings an index up: searches meanwhile and after it print what they
# do where nobody is killed, and the next run goes on.
. "${0%/*}/lib.sh"

rounds=${MEM_KILLS:-200}
index=$MEM_STORE/tenants/default/index
ref=$work/ref		# the same content; nobody is killed there
# vectors are made, also of another model; what is compared are words
mkmodel=$(dirname "${MEM_BIN:-$top/bin}")/obj/helper/mkmodel
"$mkmodel" "[UNK]" token redis "##s" cache w o r d >small

# events FROM TO
events() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		n = split("token refresh redis jwt deploy deployed cache evicts " \
		    "happy happily running run getUserName src/auth/jwt.c", w,
		    " ")
		for (i = from; i <= to; i++) {
			seed = (i * 7919 + 12345) % 65536
			text = ""
			for (k = 0; k < 5 + i % 29; k++) {
				seed = (seed * 25173 + 13849) % 65536
				j = int(seed / 64) % (n + 6)
				text = text " " (j < n ? w[j + 1] : \
				    "word" (seed + i) % 3000)
			}
			printf "{\"event_id\":\"01HNAVQZC0000000000%07d\"," \
			    "\"session_id\":\"s%d\",\"timestamp\":%.0f," \
			    "\"text\":\"%s\"}\n", i, i % 50,
			    1790000000000 + i * 1000, text
		}
	}'
}
# records ROUND: some new, some again
records() {
	for i in "$1" $(($1 / 2)) $(($1 % 7)); do
		printf '{"type":"record","kb":"k","record_id":"R-%d",' "$i"
		printf '"record_type":"note",'
		printf '"title":"token of round %d","text":"redis"}\n' "$1"
	done
}
# ask: a few answers
ask() {
	mem-search --explain -n 10 token refresh || echo none
	mem-search -n 0 -l '"redis jwt"' 'deplo*' || echo none
	mem-search -c run -- -cache || echo none
	mem-search --in kb -n 0 -l redis || echo none
}
# both LINES: into the store and into the one to compare with
both() {
	# 3: events of a session that was forgotten do not come back
	for store in "$MEM_STORE" "$ref"; do
		status=0
		MEM_STORE=$store mem-ingest -q "$1" >sum 2>err || status=$?
		[ $status -eq 0 ] || { [ $status -eq 3 ] &&
		    grep '"rejected":{"forgotten":[0-9]*}}' sum >err; } ||
		    { cat sum err; exit 2; }
	done
	MEM_STORE=$ref mem-index -q
	MEM_STORE=$ref ask >want
}
# pause MICROSECONDS
pause() {
	sleep "$(printf '%d.%06d' $(($1 / 1000000)) $(($1 % 1000000)))"
}

events 1 2000 >in
both in
start=$(date +%s%N)
MEM_MODEL=$model mem-index -q --nice 0
rebuild=$((($(date +%s%N) - start) / 1000 + 2000))
last=2000
seed=20261120 round=0 killed=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	n=$((20 + seed / 65536 % 60)) took=$((rebuild / 3))
	by=$model
	how='mem-index -q --nice 0'
	case $((round % 8)) in
	3) how='mem-index -q --nice 0 --rebuild' took=$rebuild ;;
	5) how='mem-search -q token' n=320 ;;
	6) by=small took=$rebuild ;;
	7) by=none ;;
	esac
	{
		events $((last + 1)) $((last + n))
		records $round
		[ $((round % 3)) -ne 0 ] || printf '{"type":"tombstone",%s\n' \
		    "\"target\":\"event\",\"id\":\"01HNAVQZC0000000000$(printf \
		    %07d $((last - round)))\"}"
		[ $((round % 50)) -ne 0 ] || printf '{"type":"tombstone",%s\n' \
		    "\"target\":\"session\",\"id\":\"s$((round / 50))\"}"
	} >in
	last=$((last + n))
	both in
	us=$((seed / 1024 % took))
	MEM_MODEL=$by $how >out 2>err &
	pid=$!
	ask >during 2>during.err &
	asking=$!
	pause $us
	kill -KILL $pid 2>/dev/null
	wait $pid 2>/dev/null
	status=$?
	wait $asking
	[ $status -ne 137 ] || killed=$((killed + 1))
	test_that "round $round: $how, killed after $us us" '
		[ $status -eq 137 ] || [ $status -eq 0 ] ||
		    { echo "exit $status"; cat err; exit 1; }
		cmp want during || { diff want during | head; exit 1; }
		[ ! -s during.err ] || { cat during.err; exit 1; }
		ask >after 2>err
		cmp want after || { diff want after | head; exit 1; }
		[ ! -s err ] || { cat err; exit 1; }
		MEM_MODEL=$model mem-search -n 3 token >out 2>err
		exits 1 grep -v "has no vectors" err
		[ $((round % 10)) -ne 0 ] || mem-index --verify >out ||
		    { cat out; exit 1; }
	'
done
test_that "it was killed in a third of $rounds rounds ($killed)" '
	[ $((killed * 3)) -gt "$rounds" ]
'
test_that 'the next run goes on; nothing is left behind' '
	MEM_MODEL=$model mem-index -q
	mem-index --verify >out
	ask >after
	cmp want after
	for dir in "$index"/user/tester "$index"/kb; do
		{
			printf "%s\n" lock manifest
			sed -n "s/^segment \([0-9]*\) .*/\1.seg \1.vec/p" \
			    "$dir/manifest" | tr " " "\n"
			sed -n "s/^segment \([0-9]*\) .* dead \([1-9][0-9]*\) .*/\1.\2.df/p" \
			    "$dir/manifest"
		} | sort >live
		find "$dir" -type f | sed "s,.*/,," | sort >there
		diff live there
	done
'
test_that 'it is what a rebuilt one is' '
	for q in token "word1*" "\"refresh redis\"" "run -token"; do
		mem-search --explain -n 50 -- "$q" >a || :
		MEM_STORE=$ref mem-search --explain -n 50 -- "$q" >b || :
		cmp a b
	done
	MEM_MODEL=$model mem-search -n 50 token redis >a
	MEM_MODEL=$model mem-index -q --rebuild
	MEM_MODEL=$model mem-search -n 50 token redis | cmp a -
	ask >after
	cmp want after
'
test_done
