#!/bin/sh
# mem-index: what is found, and how it scores, does not depend on the index.
. "${0%/*}/lib.sh"

index=$MEM_STORE/tenants/default/index

# events FROM TO: some words in many forms, in sessions of 22
events() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		n = split("redis token tokens refresh refreshed deploy deployed " \
		    "server cache get_user_name getUserName src/auth/jwt.c v1.2 " \
		    "happy happily the of and failed failing fail user error " \
		    "ERR-42 hash", word, " ")
		for (i = 1; i <= to; i++) {
			seed = (i * 7919) % 10007
			t = ""
			for (k = 0; k < 3 + i % 23; k++) {
				seed = (seed * 421 + 1663) % 10007
				t = t (k ? " " : "") word[1 + seed % n]
			}
			if (i < from)
				continue
			printf "{\"session_id\":\"s%d\",\"timestamp\":%.0f," \
			    "\"role\":\"%s\",\"text\":\"%s\"}\n", int(i / 22),
			    1790000000000 + (i * 7 % 1000) * 60000 + i,
			    i % 3 ? "user" : "assistant", t
		}
	}'
}

# answers FILE: of all kinds of queries
answers() {
	for q in redis 'token refresh' 'why did the deploy fail' '"the user"' \
	    'toke*' 'getUserName' 'get*' '-redis token' 'redis OR cache error' \
	    '+happy server' 'role:assistant deploy' 'session:s3' \
	    'since:2026-09-22 hash' 'date:2026-09-21 the' 'jwt.c v1.2' \
	    'ERR-42' 'nosuchword' '"no such phrase" redis' '-token' \
	    'token -"refresh token" role:user' 'error kb:bugs' 'title'; do
		echo "# $q"
		mem-search --json --explain -- "$q" 2>&1 || :
		mem-search -n 0 -l -- "$q" 2>&1 || :
		mem-search -c -- "$q" 2>&1 || :
		mem-search -n 0 -l --in session -- "$q" 2>&1 || :
		mem-search -q -- "$q" 2>&1 || echo no
		mem-search -q --in session -- "$q" 2>&1 || echo no
		mem-search -c --in session -- "$q" 2>&1 || :
	done >"$1"
}

events 1 900 | mem-ingest >out
for i in $(seq 40); do
	printf '{"type":"record","kb":"bugs","record_id":"B-%d",' "$i"
	printf '"record_type":"bug","title":"Token error %d",' "$i"
	printf '"text":"The cache failed to refresh.","status":"open"}\n'
done | mem-ingest >out
answers scanned

test_that 'a search makes no index' '[ ! -e "$index" ]'
test_that 'an index finds what a scan finds, with the same scores' '
	mem-index --json >out
	grep "\"added\":900,.*\"live\":900,.*\"source\":\"event\"" out
	grep "\"added\":40,.*\"source\":\"kb\"" out
	answers indexed
	cmp scanned indexed
'
test_that 'nothing is new: nothing is done' '
	mem-index --json >out
	[ "$(grep -c "\"added\":0,\"gone\":0,\"merged\":0" out)" -eq 2 ]
'
test_that '--verify finds it sound' '
	mem-index --verify
'
test_that '--rebuild makes the same, byte for byte' '
	cat "$index"/user/*/*.seg >a
	mem-index --rebuild -q
	cat "$index"/user/*/*.seg >b
	cmp a b
	answers rebuilt
	cmp scanned rebuilt
'
events 901 1100 | mem-ingest >out
mv "$index" "$work/index"
answers scanned
mv "$work/index" "$index"
test_that 'what came since is found, and scores as if it were indexed' '
	answers tail
	cmp scanned tail
	cmp "$index/user"/*/manifest "$index/user"/*/manifest
'
test_that 'many small steps give what one step gives' '
	mem-index -q
	n=1100
	while [ $n -lt 1160 ]; do
		events $((n + 1)) $((n + 4)) | mem-ingest >out
		mem-index -q
		n=$((n + 4))
	done
	[ "$(find "$index/user" -name "*.seg" | wc -l)" -le 4 ]
	answers steps
	mem-index --verify
	mv "$index" "$work/index"
	answers scanned
	rm -r "$work/index"
	cmp scanned steps
	mem-index -q
	answers once
	cmp scanned once
'
test_that 'what was forgotten is gone at once, and then from the files' '
	id=$(mem-search -l -n 1 redis)
	{
		printf "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"%s\"}\n" "$id"
		echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s3\"}"
		echo "{\"type\":\"tombstone\",\"target\":\"record\",\"id\":\"bugs/B-3\"}"
	} | mem-ingest >out
	answers before
	mem-index --json >out
	grep "\"gone\":[1-9].*\"source\":\"event\"" out
	grep "\"gone\":1,.*\"source\":\"kb\"" out
	answers after
	cmp before after
	exits 1 grep "dead [1-9]" "$index"/user/*/manifest
	mv "$index" "$work/index"
	answers scanned
	mv "$work/index" "$index"
	cmp scanned after
	mem-index --verify
'
test_that 'a newer version of a record takes the place of the old one' '
	echo "{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"B-1\",\"record_type\":\"bug\",\"title\":\"Something else\",\"text\":\"zebra\",\"status\":\"closed\"}" |
	    mem-ingest >out
	answers before
	[ "$(mem-search -l zebra)" = B-1 ]
	mem-index -q
	grep "dead 1 " "$index/kb/manifest"
	answers after
	cmp before after
	[ "$(mem-search -l zebra)" = B-1 ]
	[ "$(mem-search -c status:open)" -eq 38 ]
	mem-index --verify
'
test_that 'names as long as they may be' '
	long=$(printf "%01000d" 7)
	printf "{\"type\":\"record\",\"kb\":\"k%s\",\"record_id\":\"%s\",\"record_type\":\"x\",\"text\":\"giraffe\"}\n" "$long" "$long" |
	    mem-ingest >out
	printf "{\"session_id\":\"%s\",\"timestamp\":1790000000000,\"text\":\"giraffe\"}\n" "$long" |
	    mem-ingest >out
	mem-search -n 0 -l giraffe >before
	[ "$(wc -l <before)" -eq 2 ]
	mem-index -q
	mem-search -n 0 -l giraffe | cmp before -
	[ "$(mem-search -c "giraffe session:$long")" -eq 1 ]
	[ "$(mem-search -c "giraffe session:0000*")" -eq 1 ]
'
test_that 'an index that lags far behind is brought up by a search' '
	events 1200 1600 | mem-ingest >out
	mem-search redis >out
	mem-index --json >out
	grep "\"added\":0,.*\"source\":\"event\"" out
'
answers good
test_that 'a damaged segment: told, searched without, made anew' '
	seg=$(ls "$index"/user/*/*.seg | head -n 1)
	size=$(wc -c <"$seg")
	printf "\377\376\375" | dd of="$seg" bs=1 seek=$((size / 2)) conv=notrunc 2>err
	exits 1 mem-index --verify >out
	grep "damaged" out
	mem-index 2>err
	printf "\377\376\375" | dd of="$seg" bs=1 seek=100 conv=notrunc 2>err || :
	mem-index --rebuild -q
	mem-index --verify
	answers again
	cmp good again
	printf "xx" | dd of="$index/user/$(ls "$index/user")/manifest" bs=1 seek=30 conv=notrunc 2>err
	mem-search -l redis >got 2>err
	grep "searched without the index" err
	[ -s got ]
	mem-index 2>err
	grep "made anew" err
	answers again
	cmp good again
'
test_that 'the folder may go while a search has it open' '
	mv "$index" gone
	mem-search redis >out
	mv gone "$index"
	rm -r "$index"
	answers scanned
	sed "/searched without/d" good | cmp scanned -
	mem-index -q
'
test_that 'one user sees nothing of another, nor of the statistics' '
	mem-search --json --explain redis >mine
	events 1 500 | mem-ingest --user other >out
	mem-index -q
	mem-search --json --explain redis | cmp mine -
	[ "$(mem-search --user other -c redis)" -gt 0 ]
	exits 1 mem-search --user nobody redis >out
'
test_that '--user is only that user, and the knowledge bases' '
	events 1 600 | mem-ingest --user other >out
	mem-index --user other --json >out
	[ "$(wc -l <out)" -eq 2 ]
	grep "\"user\":\"other\"" out
'
test_that '--follow indexes what comes, and ends when it is told to' '
	mem-index --follow --json >out &
	pid=$!
	events 2000 2050 | mem-ingest >in
	n=0
	until grep "\"added\":51," out; do
		n=$((n + 1))
		[ $n -lt 100 ]
		sleep 0.1
	done
	kill -TERM $pid
	wait $pid
'
test_that 'two at once: one waits for the other' '
	mem-index --rebuild -q &
	pid=$!
	mem-index --rebuild -q
	wait $pid
	mem-index --verify
'
test_that 'an index that may not be written to is used as it is' '
	[ "$(id -u)" -ne 0 ] || { echo "root may write anywhere"; exit 0; }
	chmod -R a-w "$index"
	answers readonly
	chmod -R u+w "$index"
'
test_that 'wrong use' '
	exits 64 mem-index something 2>err
	exits 64 mem-index --follow --verify 2>err
	exits 2 mem-index --store "$work/nowhere" 2>err
	exits 2 mem-index --store "$work/nowhere" --verify 2>err
	[ ! -e "$work/nowhere" ]
'
test_done
