#!/bin/sh
# Facts as a source of mem-search: those that mem-ltm list shows, to whom it
# shows them, with an index, without one, with one that lags.
. "${0%/*}/lib.sh"
. "$tests/lib-ltm.sh"
. "$tests/lib-store.sh"
index=$MEM_STORE/tenants/default/index
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema

# at DAY: of December
at() {
	MEM_NOW=2026-12-${1}T12:00:00Z
	export MEM_NOW
}
# say SESSION DAY TEXT: of a user
say() {
	printf '{"session_id":"%s","timestamp":"2026-%sT10:00:00Z","role":"user","text":"%s"}\n' "$@"
}
ask() {
	asked=0
	one --in fact --explain null pointer
	one --in fact -n 0 --mode text --explain null check
	one --in fact,kb -n 0 heartbeat timeout
	one --in event,fact,kb,session -n 30 parser
	one --in fact --recent 5 -n 7 parser
	one --in fact --since 2026-12-03 -n 0 -l source:fact
	one --in fact --tag "module:*" -n 0 -l source:fact
	one --in fact,kb kb:bugs -n 0 -l parser
	one --in fact --session s1,s2 -n 0 -l source:fact
	one --in fact "user:ann" -c
	one --in fact '"null pointer"' +parser
	one --in fact "heartb*" -- -spaces
	one --in fact -l "id:fact:*" editor
	one --in fact heartbaet
	one --in fact -q null
	MEM_SESSION=s1 one --in fact -n 0 --explain work null
	MEM_SESSION=s2 one --in fact,kb -n 0 -l source:fact
	MEM_USER=ann one --in fact -n 0 --explain null walrus
}
# shown: what is found is what mem-ltm list shows, word by word
shown() {
	whose=0
	for MEM_USER in tester ann; do
		for MEM_SESSION in "" s1 s2 s5; do
			whose=$((whose + 1))
			[ -z "$half" ] || [ $((whose % 2)) -eq "$half" ] ||
			    continue
			export MEM_SESSION
			[ -n "$MEM_SESSION" ] || unset MEM_SESSION
			mem-ltm list --json | sort >listed || :
			mem-search --in fact -n 0 --json source:fact |
			    sed "s/.*\"record\":\(.*\)}$/\1/" | sort >found
			cmp listed found || { diff listed found; return 1; }
		done
	done
	unset MEM_SESSION
}
# same: with the index as it is, brought up, made anew, and without it.  Unless
# MEM_ALL is set half of it is asked, the other half by the next, and it is
# made anew by a body's first, fourth, ... of them.
same_n=0
same() {
	[ -n "${MEM_ALL-}" ] || half=$(((test_n + same_n) % 2))
	(shown)
	(ask) >indexed
	mv "$index" aside
	(ask) >want
	mv aside "$index"
	cmp indexed want
	mem-index -q
	(ask) | cmp - want
	mem-index --verify -q
	same_n=$((same_n + 1))
	if [ -n "${MEM_ALL-}" ] || [ $((same_n % 3)) -eq 1 ]; then
		(shown)
		mem-index --rebuild -q
		(ask) | cmp - want
		mem-admin check -q
	fi
	half=''
}
some() {
	bugs 4 1 minor parser a.c,b.c null_check "null pointer not checked"
	bugs 2 5 critical lexer a.c null_check "null pointer not checked"
	bugs 3 7 minor net d.c heartbeat "heartbeat timeout ignored"
}
# a_fact WORD...: the id of the best
a_fact() {
	mem-search --in fact -l -n 1 "$@"
}

test_that 'without facts nothing is found in them, nor indexed' '
	mem-admin init >/dev/null
	exits 1 mem-search --in fact null
	some | mem-ingest -q >/dev/null
	exits 1 mem-search --in fact null
	mem-index -q
	[ ! -e "$index/fact" ]
	[ ! -e "$index/own-fact" ]
	rm -r "$index"
'
at 01
test_that 'facts are found, as records that they are, where they are asked for' '
	mem-ltm run bug-import >/dev/null
	mem-ltm add "The heartbeat of the relay is 30 s." --tag net,timeouts >/dev/null
	mem-ltm add --key editor --confidence 0.5 "Maren edits with vi." >/dev/null
	mem-search --in fact,kb heartbeat timeout >out
	grep "\"source\":\"fact\".*\"record\":{\"type\":\"fact\"" out
	grep "\"source\":\"kb\"" out
	mem-search heartbeat timeout | exits 1 grep "\"source\":\"fact\""
	mem-search --in fact relay heartbeat -n 1 >out
	grep -F "\"content\":\"The heartbeat of the relay is 30 s.\",\"confidence\":1.0" out
	grep -F "\"snippet\":\"The **heartbeat** of the **relay** is 30 s.\"" out
	mem-search --in fact --text maren vi >out
	grep "2026-12-01 12:00  0.50 fact:[0-9a-f]\{16\}  \*\*Maren\*\* edits with \*\*vi\*\*" out
	mem-search --in fact --text relay | grep "1.00 fact:[0-9a-f]* net timeouts  The heartbeat"
	# tags are searched, and no part of the text
	mem-search --in fact timeouts >out
	grep relay out
	exits 1 grep "\"snippet\":\"[^\"]*\*\*timeouts" out
	mem-search --in fact -n 0 null >out
	if [ -x "$helper" ]; then
		"$helper" "$top/share/schema" out
	fi
	(shown)
'
test_that 'an index has them, and changes no answer' '
	mem-index >out
	grep "\"source\":\"fact\",\"user\":\"tester\"" out
	[ "$(grep "\"source\":\"fact\"}" out | jl live)" = "$(mem-ltm list --scope tenant | wc -l)" ]
	[ -s "$index/fact/manifest" ]
	[ -s "$index/own-fact/tester/manifest" ]
	same
	mem-index >out
	[ "$(jl added <out | sort -u)" = 0 ]
'
test_that 'with vectors, too' '
	export MEM_MODEL="$model"
	mem-index -q
	same
	mem-search --in fact --mode vector --explain "crash on a missing address" >out
	grep -q "\"source\":\"fact\".*\"part\":\"vector\"" out
	mem-ltm add "The lighthouse keeper counts ships." >/dev/null
	same
'
test_that 'ids and hits lead to mem-ltm' '
	mem-search --in fact null >hits
	mem-ltm explain - <hits >out
	[ "$(wc -l <out)" = "$(wc -l <hits)" ]
	grep "\"type\":\"explanation\".*\"rows\":\[\"B-1\"" out
	mem-search --in fact -l null | mem-ltm explain - | cmp - out
	mem-search --in fact --budget 700 null >out
	[ "$(wc -c <out)" -le 700 ]
	grep "^fact:[0-9a-f]* 2026-12-01: .*null" out
	mem-search --in fact --budget 900 --json null | grep "\"confidence\":0\.[0-9]*,\"text\":\|\"text\":.*\"confidence\":"
	mem-search --in fact --fields id,record.confidence null | grep "{\"id\":\"fact:[0-9a-f]*\",\"record\":{\"confidence\":"
	mem-search --in fact --format csv null | head -n 1 | grep "^id,source,score"
	printf "null\nnosuchthing\n" | mem-search --in fact --batch - -c >out
	[ "$(sed -n 2p out)" = 2:0 ]
	exits 64 mem-search --in fact --watch null 2>err
	grep "not of contents, facts" err
	exits 64 mem-search --in facts null 2>err
	grep "grip, fact, artifact, session" err
'
test_that 'filters' '
	[ "$(mem-search --in fact --tag "module:parser" -n 0 -l source:fact)" = "$(id_of module_hotspot parser)" ]
	[ "$(mem-search --in fact "tag:module:*" -n 0 -c)" = 2 ]
	[ "$(mem-search --in fact --type file_hotspot -c source:fact)" = "$(mem-ltm list --tag file_hotspot | wc -l)" ]
	mem-search --in fact --kb bugs -c source:fact >n
	[ "$(cat n)" = "$(mem-ltm list --tag bug_pattern | wc -l)" ]
	exits 1 mem-search --in fact --kb other source:fact
	exits 1 mem-search --in fact --status open source:fact
	mem-search --in fact,kb --status open parser | exits 1 grep "\"source\":\"fact\""
	exits 1 mem-search --in fact role:user
	exits 1 mem-search --in fact --since 2026-12-02 source:fact
	[ "$(mem-search --in fact user:tester -c)" = 3 ]
	exits 64 mem-search --in fact --level day source:fact 2>err
	mem-search --in event,kb,fact source:fact null | exits 1 grep -v "\"source\":\"fact\""
'
at 02
test_that 'what a run changed is found as it is now, though the index lags' '
	mem-index -q
	was=$(mem-search --in fact --tag module:parser -n 1 source:fact | jl version)
	bugs 2 20 blocker parser a.c,c.c overflow "buffer too small" | mem-ingest -q >/dev/null
	mem-ltm run bug-import >/dev/null
	mem-search --in fact --tag module:parser source:fact >out
	[ "$(jl version <out)" = $((was + 1)) ]
	grep "had 6 bugs" out
	mem-search --in fact overflow | grep overflow
	same
	# fewer rows than it takes
	for i in 7 8; do bug B-$i minor other x.c other; done | mem-ingest -q >/dev/null
	mem-ltm run bug-import | grep retract
	exits 1 mem-search --in fact --tag module:net source:fact
	same
'
test_that 'an update writes what came, not all' '
	mem-ltm add "The harbour has nine cranes." >/dev/null
	mem-ltm add --key editor "Maren edits with kakoune." >/dev/null
	mem-index >out
	[ "$(grep "\"source\":\"fact\",\"user\":\"tester\"" out | jl added)" = 2 ]
	[ "$(grep "\"source\":\"fact\",\"user\":\"tester\"" out | jl gone)" = 1 ]
	[ "$(grep "\"source\":\"fact\"}" out | jl added)" = 0 ]
	exits 1 mem-search --in fact -l "+maren +vi"
	same
'
at 03
test_that 'pinned, expired, rolled back, merged, rejected' '
	f=$(id_of file_hotspot a.c)
	mem-ltm pin "$f" >/dev/null
	mem-search --in fact "id:$f" | grep "\"pinned\":true"
	same
	mem-ltm expire "$f" --reason "it was rewritten" >/dev/null
	exits 1 mem-search --in fact "id:$f"
	same
	mem-ltm rollback "$f" 1 >/dev/null
	mem-search --in fact "id:$f" | grep "\"held\":true"
	same
	a=$(mem-ltm add "The cranes are painted red." --tag colour | jl fact_id)
	b=$(mem-ltm add "The cranes are red." --tag paint | jl fact_id)
	mem-index -q
	mem-ltm merge "$a" "$b" >/dev/null
	[ "$(mem-search --in fact -l cranes painted -n 1)" = "$a" ]
	exits 1 mem-search --in fact "id:$b"
	[ "$(mem-search --in fact tag:paint -l)" = "$a" ]
	same
	mem-ltm reject B-20 >/dev/null
	exits 1 mem-search --in fact tag:verdict
	exits 1 mem-search --in fact -- +rejected
	same
	mem-ltm run bug-import >/dev/null
	same
'
at 04
test_that 'one that ends some day is found until then' '
	mem-ltm add "The ferry is cancelled." --until 2026-12-06 >/dev/null
	mem-ltm add "The ferry pier is closed." --until 2026-12-08 --scope tenant >/dev/null
	[ "$(mem-search --in fact -c ferry)" = 2 ]
	same
	at 06
	[ "$(mem-search --in fact -c ferry)" = 1 ]
	same
	at 08
	exits 1 mem-search --in fact ferry
	same
	mem-ltm add "The ferry is cancelled." >/dev/null
	[ "$(mem-search --in fact -c ferry)" = 1 ]
	same
'
at 09
test_that 'one that begins later is found from then on, and its value until then' '
	say s1 12-05 "Please remember that my favourite drink is tea." >in
	mem-ingest -q <in >/dev/null
	mem-ltm live >/dev/null
	[ "$(mem-search --in fact -l -n 0 +tea | wc -l)" = 1 ]
	mem-index -q
	say s1 12-20 "My favourite drink is zythum." | mem-ingest -q >/dev/null
	mem-ltm live >/dev/null
	exits 1 mem-search --in fact +zythum
	[ "$(mem-search --in fact -c +tea)" = 1 ]
	same
	[ "$(mem-search --in fact -c +tea)" = 1 ]
	exits 1 mem-search --in fact +zythum
	at 21
	exits 1 mem-search --in fact +tea
	[ "$(mem-search --in fact -c +zythum)" = 1 ]
	same
'
at 21
test_that 'what was forgotten is gone, from the files, too, and what it replaced is back' '
	id=$(mem-log --json | grep zythum | jl event_id)
	grep -rq ythum "$index/own-fact"
	echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"$id\"}" | mem-ingest -q >/dev/null
	exits 1 mem-search --in fact +zythum
	[ "$(mem-search --in fact -c +tea)" = 1 ]
	(shown)
	cp -R "$index" kept
	mem-index -q
	exits 1 grep -rq ythum "$index"
	[ "$(mem-search --in fact -c +tea)" = 1 ]
	rm -r "$index"
	mv kept "$index"
	same
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s1\"}" | mem-ingest -q >/dev/null
	exits 1 mem-search --in fact +tea
	same
	mem-index -q
	exits 1 grep -rq favourite "$index"
	[ "$(mem-admin stats --json | jl tombstone_count)" = 2 ]
'
test_that 'a forgotten record takes its facts along' '
	bugs 3 30 minor zzyzxq z.c wwqxpv "the vvkkjj broke" | mem-ingest -q >/dev/null
	mem-ltm run bug-import >/dev/null
	mem-index -q
	[ "$(mem-search --in fact -c "zzyzxq vvkkjj wwqxpv")" -ge 2 ]
	bugs 1 33 minor zzyzxq z.c wwqxpv "the vvkkjj broke" | mem-ingest -q >/dev/null
	mem-ltm run bug-import >/dev/null	# the versions before lie dead
	mem-index -q
	# terms are kept without what they share with the one before
	grep -rq "yzxq" "$index/fact"
	for i in 30 31 32 33; do
		echo "{\"type\":\"tombstone\",\"target\":\"record\",\"id\":\"bugs/B-$i\"}"
	done | mem-ingest -q >/dev/null
	exits 1 mem-search --in fact "zzyzxq vvkkjj wwqxpv"
	(shown)
	mem-ltm run bug-import >/dev/null
	exits 1 mem-search --in fact "zzyzxq vvkkjj wwqxpv"
	same
	mem-index -q
	exits 1 grep -rq "yzxq\|wqxpv\|vkkjj" "$index"
	# and it may be made again
	bugs 3 40 minor zzyzxq z.c wwqxpv "the vvkkjj broke" | mem-ingest -q >/dev/null
	mem-ltm run bug-import >/dev/null
	[ "$(mem-search --in fact -c "zzyzxq vvkkjj wwqxpv")" -ge 2 ]
	same
'
test_that 'as it was then' '
	mem-search --in fact --as-of 2026-12-01T13:00:00Z -l -n 0 maren >out 2>err
	mem-search --in fact --as-of 2026-12-01T13:00:00Z maren 2>err | grep "with vi\."
	grep "facts are searched without the index" err
	for day in 01 02 03 05 07 09 21; do
		mem-ltm list --as-of 2026-12-${day}T12:00:00Z | sort >listed
		mem-search --in fact --as-of 2026-12-${day}T12:00:00Z -n 0 --json source:fact 2>err |
		    sed "s/.*\"record\":\(.*\)}$/\1/" | sort >found
		[ -s found ]
		cmp listed found
	done
	exits 1 mem-search --in fact --as-of 2026-11-30 source:fact 2>err
	[ "$(mem-search --in fact --as-of 2026-12-05 -c ferry 2>err)" = 2 ]
	mv "$index" aside
	mem-search --in fact --as-of 2026-12-05 -c ferry 2>err
	[ ! -s err ]
	mv aside "$index"
'
test_that 'what users have is theirs, what sessions have is of who is in them' '
	mem-search --in fact --explain -n 0 null work >before || :
	MEM_USER=ann mem-ltm add "The walrus password is in the drawer." >/dev/null
	exits 1 mem-search --in fact walrus
	mem-search --in fact --explain -n 0 null work | cmp - before
	MEM_USER=ann mem-search --in fact walrus | grep drawer
	MEM_USER=nobody exits 1 mem-search --in fact walrus
	[ "$(MEM_USER=nobody mem-search --in fact -c null)" -ge 1 ]
	for i in 5 2; do
		MEM_SESSION=s$i mem-ltm add --scope session "We work on part $i of the mill." >/dev/null
	done
	same
	mem-index -q
	exits 1 grep -rq walrus "$index/fact" "$index/own-fact/tester"
	exits 1 grep -rq mill "$index/fact" "$index/own-fact/ann"
	grep -rq walrus "$index/own-fact/ann"
	exits 1 mem-search --in fact walrus
	[ "$(mem-search --in fact -c mill)" = 2 ]
	[ "$(MEM_SESSION=s5 mem-search --in fact mill | jl session_id)" = s5 ]
	[ "$(MEM_SESSION=s2 mem-search --in fact mill | jl session_id)" = s2 ]
	MEM_SESSION=s3 exits 1 mem-search --in fact mill
	MEM_SESSION=S5 exits 1 mem-search --in fact mill
	[ "$(MEM_SESSION=s3 mem-search --in fact -c null)" -ge 1 ]
	[ "$(MEM_SESSION=s3 mem-search --in fact -c +maren)" = 1 ]
	[ "$(mem-search --in fact --session s2 mill | jl session_id)" = s2 ]
	MEM_USER=ann exits 1 mem-search --in fact mill
	MEM_USER=ann MEM_SESSION=s5 exits 1 mem-search --in fact mill
	same
'
test_that 'only the same sentence is folded: one word makes another fact' '
	long="is what the team of the eastern harbour agreed on in the long meeting of the second week of November when all of the crane drivers and both of the pilots and the keeper of the lighthouse were there and nobody was against it at all, as the minutes of that day say on their first page"
	for w in yellow orange; do
		mem-ltm add "That the buoys become $w $long." >/dev/null
	done
	mem-search --in fact buoys harbour minutes >out
	[ "$(grep -c "buoys become" out)" = 2 ]
	exits 1 grep "\"same\"" out
	for s in s5 s2 s4; do
		MEM_SESSION=$s mem-ltm add --scope session "The bell rings at noon." >/dev/null
	done
	mem-ltm add --scope tenant "The bell rings at noon." >/dev/null
	mem-search --in fact bell >out
	[ "$(wc -l <out)" = 1 ]
	[ "$(jl same_n <out)" = 3 ]
	[ "$(mem-search --in fact --no-fold bell | wc -l)" = 4 ]
	same
'
test_that 'confidence is as of now' '
	for q in "" "--as-of 2027-03-01"; do
		export MEM_NOW=2028-12-31T00:00:00Z
		mem-ltm list $q | sort >listed
		mem-search --in fact $q -n 0 --json source:fact 2>err |
		    sed "s/.*\"record\":\(.*\)}$/\1/" | sort | cmp - listed
	done
'
test_that 'a damaged index of them is not used, and is made again' '
	(ask) >want
	for s in fact own-fact/tester; do
		f=$(ls "$index/$s/"*.seg | head -n 1)
		printf garbage | dd of="$f" bs=1 seek=40 conv=notrunc 2>dd
	done
	mem-search --in fact -l -n 0 --mode text null >out 2>err
	grep "without the index" err
	exits 1 mem-index --verify -q
	mem-index -q 2>err
	mem-index --verify -q
	(ask) | cmp - want
'
test_that 'mem-index --follow takes what was put down' '
	mem-index --follow -q & pid=$!
	sleep .3
	mem-ltm add "A bassoon answered." >/dev/null
	i=0
	until grep -rq bassoon "$index/own-fact/tester" || [ $i -ge 100 ]; do
		i=$((i + 1))
		sleep .1
	done
	kill "$pid"
	wait "$pid" || :
	grep -rq bassoon "$index/own-fact/tester"
'
test_that 'an index that lags far behind is brought up by a search' '
	i=0
	while [ $i -lt 310 ]; do
		i=$((i + 1))
		mem-ltm add --scope tenant "Lamp $i is lit." >/dev/null
	done
	n=$(mem-index --verify | grep "\"source\":\"fact\"}" | jl live)
	[ "$(mem-search --in fact -c lamp)" = 310 ]
	[ "$(mem-index --verify | grep "\"source\":\"fact\"}" | jl live)" = $((n + 310)) ]
	(shown)
'
write() {
	sqlite3 "$MEM_STORE/tenants/default/memory.db" "$1"
}
if command -v sqlite3 >/dev/null; then
	test_that 'mem-admin check finds a fact that was forgotten and is there' '
		write "INSERT INTO tombstone (user, target, id, ref, at) SELECT user, 4, 7, max(seq), 1 FROM fact"
		exits 1 mem-admin check >out
		grep "tombstone row.*fact row [0-9]* is there" out
	'
else
	skip 'mem-admin check finds a fact that was forgotten and is there' 'no sqlite3'
fi
test_done
