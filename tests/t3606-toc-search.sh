#!/bin/sh
# Nodes of the contents and grips as sources of mem-search: found as they are
# now, with an index, without one, with one that lags.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-toc.sh"
index=$MEM_STORE/tenants/default/index

# shuffle SEED: lines of standard input in another order
shuffle() {
	awk -v seed="$1" 'BEGIN { srand(seed) } { print rand(), $0 }' |
	    sort -n | cut -d" " -f2-
}

ask() {
	asked=0
	one --in toc,grip --explain token login
	one --in toc,grip -n 0 --mode text --explain refresh cookie
	one --in grip -n 0 tomato water
	one --in toc --level day,week refresh
	one --in toc level:month,year kernel
	one --in event,kb,toc,grip,session -n 30 search index
	one --in toc,grip -c token
	one --in toc,grip --recent 5 -n 7 disk
	one --in toc,grip --since 2026-10-01 --until 2026-10-10 -n 0 -l backup
	one --in toc,grip --session s3,s4 -n 0 -l fix
	one --in toc,grip "session:s1*" source:grip -n 3
	one --in toc,grip role:user token
	one --in toc,grip "user:tester" -c
	one --in toc,grip -c "kb:*"
	one --in toc,grip '"refresh session"' +token
	one --in toc,grip "kern*" -- -token
	one --in toc,grip -l id:toc:year:2026
	one --in toc,grip -l "id:grip:17*" level:day
	one --in toc,grip tokne
	one --in toc,grip --no-fold -n 5 token
	one --in toc,grip --budget 600 token
	MEM_SESSION=s2 one --in toc,grip -n 0 -l the fix error
	MEM_SESSION=s2 one --in toc,grip -n 0 -l source:toc
	MEM_SESSION=nobody one --in toc,grip,kb -n 0 -l "source:*"
	one --in toc,grip -q token
}
# same: with the index as it is, brought up, made anew, and without it.  Unless
# MEM_ALL is set half of it is asked, the other half by the next, and it is
# made anew by a body's first, fourth, ... of them.
same_n=0
same() {
	[ -n "${MEM_ALL-}" ] || half=$(((test_n + same_n) % 2))
	ask >indexed
	mv "$index" aside
	ask >want
	mv aside "$index"
	cmp indexed want
	mem-index -q
	ask | cmp - want
	mem-index --verify -q
	same_n=$((same_n + 1))
	if [ -n "${MEM_ALL-}" ] || [ $((same_n % 3)) -eq 1 ]; then
		mem-index --rebuild -q
		ask | cmp - want
		mem-admin check -q
	fi
	half=''
}
a_grip() {
	mem-search --in grip -l -n 1 "$@"
}

test_that 'without contents nothing is found in them' '
	mem-search --in toc,grip token | exits 1 grep .
	chats 4 12 >all
	head -n 60 all | mem-ingest -q >/dev/null
	exits 1 mem-search --in toc,grip token >out
	[ ! -s out ]
	mem-index -q
	[ ! -e "$index/toc" ]
	rm -r "$index"
	mem-toc build -q
	mem-search --in toc token | grep "\"source\":\"toc\".*\"record\":{\"type\":\"toc_node\""
	mem-search --in grip token | grep "\"source\":\"grip\".*\"record\":{\"type\":\"grip\""
	mem-search token | exits 1 grep -E "\"source\":\"(toc|grip)\""
'
test_that 'an index has them, and changes no answer' '
	mem-index >out
	grep "\"source\":\"toc\",\"user\":\"tester\"" out
	grep "\"source\":\"grip\",\"user\":\"tester\"" out
	[ -s "$index/toc/tester/manifest" ]
	[ -s "$index/grip/tester/manifest" ]
	[ "$(mem-toc -d 4 | of node_id | wc -l)" = "$(grep "\"source\":\"toc\"" out | jl live)" ]
	same
	exits 1 mem-search --in toc,grip "kb:*" role:user
	[ "$(mem-search --in toc,grip -n 0 -l session:s1 | grep -vc "toc:segment\|grip:")" = 0 ]
'
test_that 'with vectors, too' '
	export MEM_MODEL="$model"
	mem-index -q
	same
	mem-search --in toc,grip --mode vector --explain "password" >out
	grep -q "\"source\":\"toc\".*\"part\":\"vector\"" out
	grep -q "\"source\":\"grip\".*\"part\":\"vector\"" out
'
test_that 'what was built since is found, though the index lags' '
	sed 1,60d all | mem-ingest -q >/dev/null
	say s1 2026-11-19T08:00:00Z user "The xylophone of the orchestra was out of tune." |
	    mem-ingest -q >/dev/null
	exits 1 mem-search --in toc,grip xylophone >out
	mem-toc build -q
	mem-search --in toc,grip xylophone >out
	grep -q "toc:segment:2026-11-19" out
	grep -q "\"excerpt\":\"The xylophone" out
	(export MEM_MODEL="$model"; same)
	same
	mem-index >out
	[ "$(jl added <out | sort -u)" = 0 ]
'
test_that 'an update writes what was touched, not all' '
	say s1 2026-11-19T08:00:30Z assistant "Then tune the xylophone again." | mem-ingest -q >/dev/null
	mem-toc build >built
	[ "$(jl versions <built)" -ge 1 ]
	[ "$(jl versions <built)" -le 5 ]
	mem-index >out
	[ "$(grep "\"source\":\"toc\"" out | jl added)" = "$(jl versions <built)" ]
	[ "$(grep "\"source\":\"toc\"" out | jl gone)" = "$(jl versions <built)" ]
	[ "$(grep "\"source\":\"grip\"" out | jl added)" -le 3 ]
	same
'
test_that 'the level, as an option and in the query' '
	for l in segment day week month year; do
		mem-search --in toc --level $l -n 0 --json >out
		[ "$(mem-toc -d 4 | of level | grep -c "^$l$")" -eq "$(wc -l <out)" ]
		grep -o "\"level\":\"[a-z]*\"" out | sort -u | grep -x "\"level\":\"$l\""
		mem-search --in toc level:$l -n 0 | cmp out -
	done
	mem-search --in toc,grip --level day,week -n 0 -l token >out
	exits 1 grep -v "^toc:day:\|^toc:week:" out
	exits 64 mem-search --in toc --level hour token 2>err
	grep "unknown level .hour.; levels are segment, day, week, month, year" err
	exits 64 mem-search --level day token 2>err
	grep -e "--in toc" err
	mem-search --in toc level:hour token 2>err | grep -q toc
	grep "level:hour" err
	exits 64 mem-search --in contents token 2>err
	exits 64 mem-search --in toc --watch token 2>err
	grep "not of contents" err
'
test_that 'hits lead on: where in time, the events behind, a budget, columns' '
	mem-search --in toc,grip xylophone | mem-toc - >out
	[ "$(of level <out | head -n 1)" = year ]
	[ "$(of node_id <out | tail -n 1 | cut -d: -f 1-3)" = toc:segment:2026-11-19 ]
	mem-search --in toc,grip xylophone | mem-toc expand - >out
	grep "\"type\":\"event\".*xylophone" out
	mem-search --in toc,grip -l xylophone | mem-toc expand - | cmp - out
	mem-search --in toc,grip --budget 500 xylophone >out
	[ "$(wc -c <out)" -le 500 ]
	grep "^grip:.*2026-11-19: .*xylophone" out
	mem-search --in toc,grip --budget 900 --json xylophone >out
	[ "$(wc -c <out)" -le 900 ]
	grep "\"source\":\"grip\".*\"text\":\"The xylophone" out
	mem-search --in toc,grip --format csv xylophone | head -n 1 | grep "^id,source,score"
	mem-search --in toc --fields id,record.start,record.level xylophone |
	    grep "\"record\":{\"start\":[0-9]*,\"level\":\"[a-z]*\"}"
	mem-search --in toc,grip --text -n 0 --no-fold xylophone >out
	grep "2026-11-19 08:00  grip:" out
	grep "2026-11-19 08:00  toc:segment:2026-11-19" out
	exits 1 grep "\*\*[Xx]ylophone\*\*$" out
	mem-search --in toc,grip -C 2 xylophone | exits 1 grep "\"context\""
	printf "xylophone\nnosuchthing\n" | mem-search --in toc,grip --batch - -c >out
	[ "$(sed -n 2p out)" = 2:0 ]
'
test_that 'nodes whose bullets are the same are folded into the best' '
	mem-search --in toc xylophone >out
	grep "\"same\":\[\"toc:" out
	mem-search --in toc --no-fold xylophone >all.hits
	[ "$(wc -l <all.hits)" -gt "$(wc -l <out)" ]
	[ "$(mem-search --in toc -c xylophone)" = "$(wc -l <all.hits)" ]
'
test_that 'what is hidden is not found, nor what lies in it; unmarked it is' '
	g=$(a_grip "\"orchestra was out\"")
	mem-search --in toc,grip -n 0 -l xylophone >before
	mem-toc hide "$g"
	mem-search --in toc,grip -n 0 -l "xylophone orchestra" >out || :
	exits 1 grep -x "$g" out
	exits 1 mem-search --in toc,grip "+\"orchestra was out\"" >out
	same
	mem-toc unmark "$g"
	mem-search --in toc,grip -n 0 -l xylophone | cmp - before
	same
	mem-toc hide 2026-11-19
	mem-search --in toc,grip -n 0 -l xylophone >out
	exits 1 grep -e "2026-11-19\|grip:" out
	grep toc:year:2026 out
	mem-toc build -q
	exits 1 mem-search --in toc,grip xylophone >out
	same
	mem-toc unmark 2026-11-19
	mem-toc build -q
	mem-search --in toc,grip -n 0 -l xylophone | cmp - before
	same
'
test_that 'a node that was moved back says what it said' '
	n=$(mem-search --in toc --level segment -l xylophone)
	v=$(mem-toc "$n" | jl version)
	mem-search --in grip -l "tune again" | grep .
	g=$(a_grip +again +xylophone)
	mem-toc rollback "$n" 1
	mem-search --in toc --level segment "xylophone" | grep "\"version\":1,"
	exits 1 mem-search --in grip -l "id:$g" >out
	same
	mem-toc rollback "$n" "$v"
	mem-search --in grip -l "id:$g" | grep .
	mem-toc build -q
	same
'
test_that 'as it was then' '
	say s1 2026-11-19T09:00:00Z user "A zither joined them." | mem-ingest -q >/dev/null
	before=$(true_time)
	sleep 0.01
	mem-toc build -q
	after=$(($(true_time) + 1))
	mem-index -q
	mem-search --in toc,grip -n 0 -l zither >now
	grep -q "^grip:" now
	mem-search --in toc,grip -n 0 -l --as-of $after zither 2>err >then
	cmp now then
	grep "contents are searched without the index" err
	exits 1 mem-search --in toc,grip --as-of $before zither >out 2>err
	mem-search --in toc --level year --as-of $before xylophone >out 2>err
	[ "$(jl version <out)" = "$(mem-toc --as-of $before 2026 | jl version)" ]
	[ "$(jl version <out)" -lt "$(mem-toc 2026 | jl version)" ]
	mv "$index" aside
	mem-search --in toc --level year --as-of $before xylophone | cmp - out
	mv aside "$index"
'
test_that 'as it was then, though it was cut in another way since' '
	chats 5 6 | sed "s/\"session_id\":\"/&r/" | shuffle 3 >mixed
	n=$(($(wc -l <mixed) / 2))
	head -n $n mixed | mem-ingest -q >/dev/null
	mem-toc build -q
	then=$(($(true_time) + 1))
	of_then() {
		mem-search --in "$1" -n 0 -l "source:$1" --as-of $then 2>/dev/null
		mem-search --in "$1" -n 0 --explain --json --mode text token \
		    --as-of $then 2>/dev/null |
		    sed "s/\"open\":true,\{0,1\}//; s/,}/}/"
	}
	of_then toc >toc.then
	of_then grip >grip.then
	[ "$(wc -l <grip.then)" -gt 20 ]
	sleep 0.01
	sed 1,${n}d mixed | mem-ingest -q >/dev/null
	mem-toc build -q
	of_then toc | cmp - toc.then
	of_then grip | cmp - grip.then
	mem-index -q
	of_then grip | cmp - grip.then
	same
'
test_that 'after a forgotten event nothing of it is found, nor in the files' '
	say s9 2026-11-18T10:00:00Z user "We decided to keep the zzyzxq vault locked." >one
	say s9 2026-11-18T10:01:00Z assistant "The fix was to grease the hinges of the wwqxpv." >>one
	mem-ingest -q <one >/dev/null
	mem-toc build -q
	mem-index -q --rebuild
	say s9 2026-11-18T10:02:00Z user "Error: cannot open the window of the tower." | mem-ingest -q >/dev/null
	mem-toc build -q
	mem-index -q	# what says it lies dead in segments, too
	# terms are kept without what they share with the one before
	grep -rq yzxq "$index/toc" "$index/grip"
	g=$(a_grip zzyzxq)
	id=$(mem-search --in event -l zzyzxq)
	echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"$id\"}" | mem-ingest -q >/dev/null
	exits 1 mem-search --in toc,grip -- +zzyzxq >out
	exits 1 mem-search --in grip -l "id:$g" >out
	mem-search --in toc,grip -l hinges | grep "^grip:"
	cp -R "$index" kept
	mem-index -q
	exits 1 grep -rq yzxq "$index"
	rm -r "$index"
	mv kept "$index"
	same
	mem-toc build -q
	exits 1 mem-search --in toc,grip -- +zzyzxq >out
	same
'
test_that 'a forgotten session is gone from them' '
	mem-search --in toc,grip -l -n 0 hinges | grep -q "^grip:"
	grep -rq qxpv "$index/toc"
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s9\"}" | mem-ingest -q >/dev/null
	exits 1 mem-search --in toc,grip -- +hinges >out
	mem-index -q
	exits 1 grep -rq qxpv "$index"
	same
	mem-toc build -q
	exits 1 mem-search --in toc,grip -- +hinges >out
	exits 1 mem-search --in toc,grip session:s9 >out
	same
'
test_that 'a grip that two segments name is found once' '
	say t 2026-11-18T20:00:00Z user "The harpsichord is out of tune." >one
	say t 2026-11-18T20:20:00Z user "Nobody knows why, says the organist." >>one
	say t 2026-11-18T20:40:00Z user "We decided to sell the clavichord instead." >>one
	mem-ingest -q <one >/dev/null
	mem-toc build -q
	g=$(a_grip clavichord)
	a=$(mem-search --in grip clavichord | jl toc_node_id)
	id=$(mem-search --in event -l organist)
	echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"$id\"}" | mem-ingest -q >/dev/null
	mem-toc build -q	# a pause of 40 minutes now
	b=$(mem-search --in grip clavichord | jl toc_node_id)
	[ "$a" != "$b" ]
	mem-index -q
	mem-toc rollback "$a" 1
	[ "$(mem-search --in grip -l -n 0 clavichord)" = "$g" ]
	[ "$(mem-search --in grip clavichord | jl toc_node_id)" = "$a" ]
	same
	say t 2026-11-18T20:41:00Z user "The organist decided to keep it." | mem-ingest -q >/dev/null
	mem-toc build -q
	[ "$(mem-search --in grip -l -n 0 clavichord)" = "$g" ]
	[ "$(mem-search --in grip clavichord | jl toc_node_id)" = "$b" ]
	same
'
test_that 'users never mix' '
	say x 2026-11-18T10:00:00Z user "The walrus password is in the login drawer." >one
	MEM_USER=ann mem-ingest -q <one >/dev/null
	mem-search --in toc,grip --explain -n 0 token login >before
	MEM_USER=ann mem-toc build -q
	exits 1 mem-search --in toc,grip walrus >out
	mem-search --in toc,grip --explain -n 0 token login | cmp - before
	[ "$(MEM_USER=ann mem-search --in toc,grip -c walrus)" = 6 ]
	mem-index -q
	exits 1 mem-search --in toc,grip walrus >out
	mem-search --in toc,grip --explain -n 0 token login | cmp - before
	[ "$(MEM_USER=ann mem-search --in toc,grip -c walrus)" = 6 ]
	MEM_USER=ann exits 1 mem-search --in toc,grip xylophone >out
	exits 1 grep -rq walrus "$index/toc/tester" "$index/grip/tester"
	MEM_USER=ann mem-search --in grip "id:$(mem-search --in grip -l -n 1 token)" |
	    exits 1 grep .
'
test_that 'a damaged index of them is not used, and is made again' '
	ask >want
	for s in toc grip; do
		f=$(ls "$index/$s/tester/"*.seg | head -n 1)
		printf garbage | dd of="$f" bs=1 seek=40 conv=notrunc 2>dd
	done
	mem-search --in toc,grip -l -n 0 --mode text refresh cookie >out 2>err
	grep "without the index" err
	exits 1 mem-index --verify -q
	mem-index -q 2>err
	mem-index --verify -q
	ask | cmp - want
'
test_that 'mem-index --follow takes what was built' '
	mem-index --follow -q & pid=$!
	say s1 2026-11-19T08:01:00Z user "A bassoon answered." | mem-ingest -q >/dev/null
	mem-toc build -q
	i=0
	until grep -rq bassoon "$index/toc/tester" "$index/grip/tester" || [ $i -ge 100 ]; do
		i=$((i + 1))
		sleep .1
	done
	kill "$pid"
	wait "$pid" || :
	grep -rq bassoon "$index/grip/tester"
'
write() {
	sqlite3 "$MEM_STORE/tenants/default/memory.db" "$1"
}
if command -v sqlite3 >/dev/null; then
	test_that 'mem-admin check finds numbers that an index would miss' '
		write "UPDATE toc_node SET touched = 0 WHERE name = '"'year:2026'"'"
		exits 1 mem-admin check >out
		grep "toc_node row" out
		write "UPDATE toc_node SET touched = 1 WHERE name = '"'year:2026'"'"
		mem-admin check -q
		write "UPDATE toc_user SET touched = 1"
		exits 1 mem-admin check >out
		grep "toc_node row" out
	'
else
	skip 'mem-admin check finds numbers that an index would miss' 'no sqlite3'
fi
test_done
