#!/bin/sh
# With an index, without one, with one that lags behind: mem-search prints the
# same bytes.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
index=$MEM_STORE/tenants/default/index

# more N M SEED: lines of the events N to M, text of words that look random
more() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		n = split("token refresh redis jwt deploy deployed deploying " \
		    "cache evicts happy happily running run getUserName " \
		    "get_user_name src/auth/jwt.c v1.2.3 ERR-42 the of a " \
		    "caf\303\251 \346\235\261\344\272\254\351\203\275 don'"'"'t",
		    word, " ")
		split("user assistant system tool", role, " ")
		for (i = from; i <= to; i++) {
			seed = (i * 7919 + 12345) % 65536
			text = ""
			for (k = 0; k < 3 + i % 17; k++) {
				seed = (seed * 25173 + 13849) % 65536
				w = int(seed / 64) % (n + 4)
				text = text " " (w < n ? word[w + 1] : \
				    w == n ? "rare" i % 40 : "word" seed % 50)
			}
			printf "{\"event_id\":\"01HNAVQZC0000000000%07d\"," \
			    "\"session_id\":\"%s%d\",\"timestamp\":%.0f," \
			    "\"role\":\"%s\",\"agent\":\"%s\",\"text\":\"%s\"," \
			    "\"metadata\":{\"tags\":\"t%d\"}}\n", i,
			    (i > 420 ? "u" : "s"), i % 7,
			    1790000000000 + i * 60000, role[1 + i % 4],
			    i % 3 ? "claude" : "codex", text, i % 9
		}
	}'
}
# records FROM TO [WORD]
records() {
	awk -v from="$1" -v to="$2" -v word="${3-}" 'BEGIN {
		for (i = from; i <= to; i++)
			printf "{\"type\":\"record\",\"kb\":\"kb%d\"," \
			    "\"record_id\":\"R-%d\",\"record_type\":\"%s\"," \
			    "\"title\":\"token %s number %d\",\"text\":" \
			    "\"The redis cache of refresh tokens %d %s\"," \
			    "\"author\":\"ann\",\"status\":\"%s\",\"tags\":" \
			    "[\"t%d\"],\"timestamp\":%.0f}\n", i % 2, i,
			    i % 3 ? "note" : "bug_record", word, i, i % 5,
			    word, i % 2 ? "open" : "resolved", i % 4,
			    1790000000000 + i * 70000
	}'
}
grave() {
	echo "{\"type\":\"tombstone\",\"target\":\"$1\",\"id\":\"$2\"}"
}

# ask FILE: what there is to ask, or the half of it that $half says
ask() {
	asked=0
	{
		one token redis
		one --recent 3 token redis --explain -n 4
		one -n 0 refresh token
		one --explain -n 5 happy runs cache
		one '"refresh token"'
		one '"running run"' OR '"redis jwt deploy"'
		one 'deplo*' -n 30
		one 'dep* -deployed ca*' --explain -n 7
		one token -- -redis
		one '(token OR jwt) -(cache OR "the of")'
		one getUserName
		one get_user_name v1.2.3 ERR-42 -n 3
		one 'src/auth/jwt.c'
		one 東京
		one '東*' 京都 -n 4
		one 'café' "don't"
		one role:tool token
		one --role user --agent codex -n 0 happily
		one --tag t3 refresh
		one --session s2 jwt
		one --session s2,s3 -n 0 -l
		one -s 2026-09-21T15:00:00Z -u 2026-09-21T16:30:00Z token
		one --kb kb1 --status open redis
		one --in kb token number --explain
		one --in session token jwt
		one --in event,kb,session -n 9 redis
		one -c token
		one -c --in session token
		one -q --in session token
		one -c --role user 'r*'
		one -l -n 4 rare7 rare3
		one -l -n 0 rare7
		one -C 2 -n 2 rare9
		one -q token
		one -q nosuchword
		one nosuchword
		one nosuchword token
		one -n 3 the of a
		one -n 0 -l the
		one onlynew
		one --text -n 3 redis cache
		MEM_SESSION=s4 one token
	} >"$1" 2>&1
}
# same_as_without [all]: the index that is there, and none.  Unless MEM_ALL is
# set half of it is asked, the other half by the next.
same_n=0
same_as_without() {
	half=$(((test_n + same_n) % 2)) same_n=$((same_n + 1))
	[ -z "${MEM_ALL-}${1-}" ] || half=
	ask with
	mv "$index" away
	ask without
	[ ! -e "$index" ]
	mv away "$index"
	half=
	cmp with without || { diff with without | head -n 20; return 1; }
	grep -c '^{"type":"hit"' with
}
segments() {
	find "$index" -name '*.seg' | wc -l
}

test_that 'a search makes no index' '
	{ more 1 250; records 1 40; } | mem-ingest >out
	ask none
	[ ! -e "$index" ]
	mem-index --verify >out
	[ ! -s "$index/user/tester/manifest" ]
	rm -rf "$index"
'
test_that 'mem-index makes one: a record for each, whole after it' '
	mem-index >out
	cat out
	[ "$(jl source <out | tr "\n" " ")" = "event kb " ]
	[ "$(jl added <out | tr "\n" " ")" = "250 40 " ]
	[ "$(jl live <out | tr "\n" " ")" = "250 40 " ]
	mem-index --verify >out
	mem-index >out
	[ "$(jl added <out | tr "\n" " ")" = "0 0 " ]
	mem-index -q >out
	[ ! -s out ]
	mem-index --text | grep "^tester: 0 added, 0 gone; now 250 in 1 segment, "
'
test_that 'all answers are those without an index' '
	ask with
	cmp none with || { diff none with | head; exit 1; }
	! grep "without the index" with
'
test_that 'after more events and records came: index and tail' '
	{ more 251 400; records 41 60; } | mem-ingest >out
	same_as_without
	[ "$(segments)" -eq 2 ]
'
test_that 'after an event was forgotten, in the index and in the tail' '
	id=$(mem-search -l -n 1 rare7)
	{ grave event "$id"; grave event 01HNAVQZC00000000000000300
	  grave record kb1/R-3; } | mem-ingest >out
	same_as_without all
	exits 1 grep "$id" with
	exits 1 grep "\"record_id\":\"R-3\"" with
'
test_that 'after a session was forgotten' '
	grave session s3 | mem-ingest >out
	same_as_without all
	exits 1 grep "\"session_id\":\"s3\"" with
'
test_that 'after a record got a new version, and a forgotten session came again' '
	{ records 5 8 onlynew; records 45 46 onlynew; more 401 420; } |
	    exits 3 mem-ingest >out 2>err
	same_as_without
	[ "$(mem-search -c onlynew)" = 6 ]
'
test_that 'the next run of mem-index takes it all, and the words go' '
	mem-index >out
	cat out
	mem-index --verify >out
	same_as_without
	before=$(jl live <out | tr "\n" " ")
	mem-index --rebuild >out
	[ "$(jl live <out | tr "\n" " ")" = "$before" ]
	same_as_without
	[ "$(segments)" -eq 2 ]
'
test_that 'words that were forgotten are in no file of the index' '
	{
		echo "{\"event_id\":\"01HNAVQZC000000000000QQ001\",\"session_id\":\"q\",\"timestamp\":1,\"text\":\"xsecretqq\"}"
		echo "{\"type\":\"record\",\"kb\":\"q\",\"record_id\":\"Q1\",\"record_type\":\"note\",\"title\":\"xsecretqq\"}"
	} | mem-ingest -q >out
	mem-index -q
	[ "$(grep -rl secretqq "$index" | wc -l)" -eq 2 ]
	{ grave event 01HNAVQZC000000000000QQ001; grave record q/Q1; } |
	    mem-ingest -q >out
	exits 1 mem-search xsecretqq >out
	mem-index -q
	exits 1 grep -r secretqq "$index"
	mem-index --verify >out
'
test_that 'nor are those of a version that was replaced before' '
	q2() {
		echo "{\"type\":\"record\",\"kb\":\"q\",\"record_id\":\"Q2\",\"record_type\":\"note\",\"title\":\"$1\"}"
	}
	q2 xsecretqq | mem-ingest -q >out
	mem-index -q --rebuild
	q2 nothing | mem-ingest -q >out
	mem-index -q
	grep -rq secretqq "$index"	# dead
	grave record q/Q2 | mem-ingest -q >out
	mem-index -q
	exits 1 grep -r secretqq "$index"
'
test_that 'many small steps, one step, a search that brings it up: all the same' '
	for i in 0 1 2 3 4 5 6 7 8 9; do
		more $((421 + i * 30)) $((450 + i * 30)) | mem-ingest -q >out
		mem-index -q
	done
	[ "$(segments)" -le 8 ]
	mem-index --verify >out
	ask steps
	mem-index --rebuild -q
	ask rebuilt
	cmp steps rebuilt
	more 721 1100 | mem-ingest -q >out
	mem-search -q token
	mem-index >out
	[ "$(jl added <out | head -n 1)" = 0 ]
	same_as_without
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
test_that 'the index is deleted while it is being used' '
	mem-index --rebuild -q
	mem-search -n 0 -l token >want
	i=0
	while [ $i -lt 6 ]; do
		mem-index --rebuild -q &
		pid=$!
		for k in 1 2 3 4 5; do
			mem-search -n 0 -l token 2>err | cmp want -
		done
		rm -rf "$index" || :	# mem-index may be quicker
		wait $pid || :
		mem-search -n 0 -l token 2>err | cmp want -
		i=$((i + 1))
	done
	rm -rf "$index"
	mem-index -q
	mem-index --verify >out
'

test_that 'an index of another format is not read, and made anew' '
	mem-search -n 0 -l token >want
	for m in $(find "$index" -name manifest); do
		perl -e '\''undef $/; $_ = <>; s/^crc32c .*\n//m;
		    s/^words .*/words 1/m; $c = 0xffffffff;
		    for $x (unpack "C*", $_) {
			$c ^= $x;
			$c = $c >> 1 ^ ($c & 1 ? 0x82f63b78 : 0) for 1 .. 8;
		    }
		    printf "%scrc32c %08x\n", $_, $c ^ 0xffffffff'\'' \
		    "$m" >changed
		mv changed "$m"
	done
	for s in $(find "$index" -name "*.seg"); do
		echo "other bytes" >"$s"
	done
	mem-search -n 0 -l token 2>err | cmp want -
	exits 1 grep damaged err
	mem-index -q
	mem-index --verify >out
	mem-search -n 0 -l token 2>err | cmp want -
'

# damage FILE OFFSET: four bytes
damage() {
	printf "\\377\\000\\125\\252" |
	    dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
# noticed: the search goes on without it and says so; it is made anew
noticed() {
	mem-search -n 0 -l token 2>err >got
	cat err
	cmp want got
	grep "without the index: .*damaged.*mem-index --rebuild" err
	mem-search -q token 2>err
	[ ! -s err ]
	exits 1 mem-index --verify >out
	grep "\"type\":\"problem\"" out
	mem-index >out 2>err
	grep "it is made anew" err
	mem-index --verify >out
	mem-search -n 0 -l token 2>err | cmp want -
	[ ! -s err ]
}
test_that 'a header that is damaged' '
	mem-search -n 0 -l token >want
	damage "$(ls "$index"/user/tester/*.seg)" 20
	noticed
'
test_that 'a manifest that is damaged' '
	damage "$index/user/tester/manifest" 30
	noticed
'
test_that 'a segment that is cut off' '
	f=$(ls "$index"/user/tester/*.seg)
	head -c 9000 "$f" >cut
	cat cut >"$f"
	noticed
'
test_that 'a segment that is gone' '
	rm "$index"/user/tester/*.seg
	mem-search -n 0 -l token 2>err >got
	cmp want got
	grep "without the index" err
	exits 1 mem-index --verify >out
	mem-index -q 2>err
	mem-index --verify >out
'
test_that 'a page that only some searches look at is damaged' '
	f=$(ls "$index"/user/tester/*.seg)
	size=$(wc -c <"$f")
	bad=0 at=4096 said=0
	cp "$f" whole.seg
	while [ $at -lt $size ]; do
		damage "$f" $((at + 100))
		mem-search -n 0 -l token 2>err >got || bad=1
		cmp want got || bad=1
		[ ! -s err ] || said=1
		mem-search --explain -n 5 "\"refresh token\"" "r*" 2>err >got ||
		    bad=1
		exits 1 mem-index --verify >out
		cat whole.seg >"$f"
		at=$((at + 4096))
	done
	[ $bad -eq 0 ]
	[ $said -eq 1 ]
	mem-index --verify >out
	damage "$f" 4200
	damage "$f" $((size / 2))
	exits 1 mem-index --verify >out
	mem-index 2>err >out
	grep "it is made anew" err
	mem-index --verify >out
'
test_that '--follow indexes what comes, and SIGTERM ends it' '
	mem-index --follow --json >follow.out 2>follow.err &
	pid=$!
	more 1101 1110 | mem-ingest -q
	i=0
	until grep "\"added\":10," follow.out; do
		i=$((i + 1))
		[ $i -lt 100 ] || { cat follow.out follow.err; exit 1; }
		sleep 0.1
	done
	kill -TERM $pid
	exits 0 wait $pid
	mem-index >out
	[ "$(jl added <out | head -n 1)" = 0 ]
'
test_that 'two at once: one waits, or gives up' '
	mem-index --rebuild >a 2>a.err &
	one=$!
	mem-index --rebuild >b 2>b.err &
	two=$!
	x=0 y=0
	wait $one || x=$?
	wait $two || y=$?
	[ $x -eq 0 ] || [ $x -eq 75 ]
	[ $y -eq 0 ] || [ $y -eq 75 ]
	[ $x -eq 0 ] || [ $y -eq 0 ]
	mem-index --verify >out
	same_as_without
'
test_that 'wrong calls' '
	exits 64 mem-index operand >out 2>err
	exits 64 mem-index --follow --verify >out 2>err
	exits 2 mem-index --store "$work/nowhere" >out 2>err
	[ ! -e nowhere ]
	exits 2 mem-index --tenant nobody >out 2>err
	[ ! -e "$MEM_STORE/tenants/nobody" ]
'
test_that 'users have indexes of their own; nothing tells of the others' '
	more 1 50 | sed "s/0000000000000/00000000000AB/" |
	    mem-ingest --user ann -q >out
	echo "{\"session_id\":\"x\",\"timestamp\":1,\"text\":\"token\"}" |
	    mem-ingest --user "Bob / Q" -q
	MEM_USER=ann mem-search --in event --explain token >ann.before
	mem-index --user ann >out
	[ "$(jl added <out | head -n 1)" = 50 ]
	[ "$(ls "$index/user" | wc -l)" -eq 2 ]
	mem-index >out
	[ "$(ls "$index/user" | wc -l)" -eq 3 ]
	MEM_USER=ann mem-search --in event --explain token | cmp ann.before -
	more 2000 2300 | mem-ingest -q
	mem-index -q
	MEM_USER=ann mem-search --in event --explain token | cmp ann.before -
	[ "$(mem-search --user "Bob / Q" --in event -c token)" = 1 ]
	mem-index --user carol >out
	[ ! -e "$index/user/carol" ]
	MEM_USER=ann same_as_without
	same_as_without
'
test_that 'the mark of an index goes past what others stored' '
	mark() {
		sed -n "s/^events //p" "$index/user/ann/manifest"
	}
	before=$(mark)
	more 880 890 | sed s/01HNAVQZC0/01HNAVQZD0/ |
	    mem-ingest --user "Bob / Q" -q
	mem-index -q >out
	[ "$(mark)" -ge $((before + 11)) ]
	[ "$(sed -n "s/^events //p" "$index"/user/*/manifest | sort -u |
	    wc -l)" -eq 1 ]
'
test_that 'another tenant' '
	more 1 30 | MEM_TENANT=two mem-ingest -q
	MEM_TENANT=two mem-search --explain token >before
	MEM_TENANT=two mem-index >out
	[ "$(jl added <out | head -n 1)" = 30 ]
	MEM_TENANT=two mem-search --explain token | cmp before -
	[ -d "$MEM_STORE/tenants/two/index/user/tester" ]
	mem-index >out
	[ "$(jl added <out | head -n 1)" = 0 ]
'

if may_read; then
	test_that 'a store that may only be read is searched, with its index' '
		mem-search -n 0 -l token >want
		reader mem-search -n 0 -l token >got 2>err || { cat err; exit 1; }
		cat err
		cmp want got
	'
else
	skip 'a store that may only be read is searched' 'nobody to be'
fi
chmod -R u+w "$MEM_STORE"
test_done
