#!/bin/sh
# Artifacts as a source of mem-search: those that mem-artifact list shows, to
# whom it shows them, with an index, without one, with one that lags.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
index=$MEM_STORE/tenants/default/index
db=$MEM_STORE/tenants/default/memory.db
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema
RAW_STORAGE_MODE=managed_blob RAW_STORAGE_PROVIDER=local_fs
export RAW_STORAGE_MODE RAW_STORAGE_PROVIDER

# point URI OPTION...: its id
point() {
	mem-artifact put --json --uri "$@" | jl artifact_id
}
# keep NAME OPTION...: a file of that name with bytes of its own; its id
keep() {
	mkdir -p files
	echo "bytes of $1 $(wc -l <in.log)" >"files/$1"
	echo >>in.log
	kept=files/$1
	shift
	mem-artifact put --json "$kept" "$@" | jl artifact_id
}
: >in.log
# at DAY: of December
at() {
	MEM_NOW=2026-12-${1}T12:00:00Z
	export MEM_NOW
}
find_in() {
	mem-search --in artifact "$@"
}
ask() {
	asked=0
	one --in artifact --explain report
	one --in artifact -n 0 --mode text --explain pdf solar
	one --in artifact,event,kb,session -n 30 report turbine
	one --in artifact -n 0 -l source:artifact
	one --in artifact --type "image/*,text/plain" -n 0 -l source:artifact
	one --in artifact --since 2026-12-02 -n 0 -l source:artifact
	one --in artifact --until 2026-12-02 -n 0 -l source:artifact
	one --in artifact --as-of 2026-12-02 -n 0 -l source:artifact
	one --in artifact --session s1,s9 -n 0 -l source:artifact
	one --in artifact --status stored -n 0 -l source:artifact
	one --in artifact --status pending,unavailable -n 0 -l source:artifact
	one --in artifact --tag wind,field -n 0 -l report
	one --in artifact --author maren -c report
	one --in artifact "user:ann" -c
	one --in artifact "+http server" -- -log
	one --in artifact "\"solar panels\"" -l
	one --in artifact "turb*"
	one --in artifact turbnie
	one --in artifact -q report
	MEM_SESSION=s1 one --in artifact -n 0 --explain report server
	MEM_SESSION=s9 one --in artifact -n 0 -l source:artifact
	MEM_SESSION=s1 one --in artifact --session "s2*" -n 0 -l source:artifact
	MEM_USER=ann one --in artifact -n 0 --explain report
}
# shown: what is found is what mem-artifact list shows
shown() {
	whose=0
	for MEM_USER in tester ann; do
		for MEM_SESSION in "" s1 s2 s9; do
			whose=$((whose + 1))
			[ -z "$half" ] || [ $((whose % 2)) -eq "$half" ] ||
			    continue
			export MEM_SESSION
			[ -n "$MEM_SESSION" ] || unset MEM_SESSION
			mem-artifact list --json | sort >listed || :
			find_in -n 0 --json source:artifact |
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
	diff want indexed
	mem-index -q
	(ask) | diff want -
	mem-index --verify -q
	same_n=$((same_n + 1))
	if [ -n "${MEM_ALL-}" ] || [ $((same_n % 3)) -eq 1 ]; then
		mem-index --rebuild -q
		(shown)
		(ask) | diff want -
		mem-admin check -q
	fi
	half=
}

test_that 'without artifacts nothing is found, made or looked for' '
	mem-admin init >/dev/null
	exits 1 find_in report
	printf "%s\n" "{\"session_id\":\"s1\",\"text\":\"the report of the turbine\",\"timestamp\":1790000000000}" \
	    "{\"session_id\":\"s2\",\"text\":\"a server log\",\"timestamp\":1790000001000}" |
	    mem-ingest -q >/dev/null
	mem-search report turbine >plain
	mem-index >out
	exits 1 grep "\"source\":\"artifact\"" out
	[ ! -e "$index/artifact" ]
	exits 1 find_in report
	[ ! -e "$index/artifact" ]
	rm -r "$index"
'
at 01
test_that 'they are found by what is said of them, where they are asked for' '
	pdf=$(point https://example.org/spec/q3_report-final.pdf --content-type application/pdf \
	    --meta topic="solar panels" --meta author=Maren)
	src=$(keep HTTPServer.c --session s1 --content-type text/x-c --meta tags="wind field")
	find_in report >out
	[ "$(jl id <out)" = "$pdf" ]
	grep "\"source\":\"artifact\",\"score\":1.0,\"snippet\":\"https://example.org/spec/q3_\*\*report\*\*-final.pdf\",\"record\":{\"type\":\"artifact\"" out
	if [ -x "$helper" ]; then
		"$helper" "$top/share/schema" out
	fi
	# whole and in parts, name, type, URI, names and values of metadata
	for q in HTTPServer.c httpserver server http; do
		[ "$(find_in -l "$q")" = "$src" ]
	done
	for q in q3_report-final.pdf example.org spec application pdf topic panels; do
		[ "$(find_in -l "$q")" = "$pdf" ]
	done
	# where bytes lie at a provider is no text
	exits 1 find_in memkit
	exits 1 find_in "local-fs"
	# type and names count, and are no part of the text
	find_in topic >out
	exits 1 grep "topic\*\*" out
	mem-search report turbine >out
	cmp plain out
	mem-search --in event,artifact report | grep "\"source\":\"artifact\""
	find_in --text server >out
	grep "2026-12-01 12:00  $src  HTTP\*\*Server\*\*.c" out
	find_in --text --budget 300 solar >out
	grep "^$pdf 2026-12-01: solar panels" out
	find_in --budget 300 server | grep "^$src 2026-12-01: HTTPServer.c$"
	find_in report | mem-artifact get - | grep "\"artifact_id\":\"$pdf\""
	find_in -l report | mem-artifact get - | grep "\"artifact_id\":\"$pdf\""
	exits 64 find_in --watch report 2>err
	exits 64 mem-search --in artifacts report 2>err
	grep "fact, artifact, session" err
	(shown)
'
test_that 'an index has them, and changes no answer' '
	mem-index >out
	grep "\"live\":2,.*\"source\":\"artifact\",\"user\":\"tester\"" out
	[ -s "$index/artifact/tester/manifest" ]
	same
	mem-index >out
	[ "$(jl added <out | sort -u)" = 0 ]
	mem-search report turbine >out
	cmp plain out
'
at 02
test_that 'what came since is found, though the index lags' '
	point https://example.org/turbine.jpg --content-type image/jpeg --meta caption="the report of the wind turbine" >/dev/null
	[ "$(find_in -c caption)" = 1 ]
	keep notes.txt --session s2 --content-type text/plain --meta status=stored >/dev/null
	MEM_USER=ann point https://example.org/report-of-ann.pdf >/dev/null
	same
	# what one user has others do not find
	[ "$(MEM_USER=ann find_in -c report)" = 1 ]
	MEM_USER=ann exits 1 find_in solar
	MEM_USER=eve exits 1 find_in report
'
test_that 'two of one name are two' '
	a=$(keep twins.log) b=$(keep twins.log)
	[ "$a" != "$b" ]
	find_in twins.log >out
	[ "$(wc -l <out)" = 2 ]
	exits 1 grep same_n out
	same
'
test_that 'filters' '
	find_in -l --type "text/*" source:artifact | sort >out
	[ "$(wc -l <out)" = 2 ]
	[ "$(find_in -c --type APPLICATION/PDF source:artifact)" = 1 ]
	[ "$(find_in -c --tag wind source:artifact)" = 1 ]
	[ "$(find_in -c --author maren source:artifact)" = 1 ]
	[ "$(find_in -c --session s1 source:artifact)" = 1 ]
	[ "$(find_in -c --since 2026-12-02 source:artifact)" = 4 ]
	[ "$(find_in -c --as-of 2026-12-01T18:00:00Z source:artifact)" = 2 ]
	exits 1 find_in --kb bugs source:artifact
	exits 1 find_in role:user source:artifact
	id=$(find_in -l turbine.jpg -n 1)
	[ "$(find_in -l "id:$id")" = "$id" ]
	# who is bound to a session sees what is of it, or of none
	MEM_SESSION=s1 exits 1 find_in notes.txt
	[ "$(MEM_SESSION=s2 find_in -c notes.txt)" = 1 ]
	[ "$(MEM_SESSION=s9 find_in -c source:artifact)" = 4 ]
	MEM_SESSION=s1 exits 2 find_in --session s2 source:artifact 2>/dev/null
	MEM_SESSION=s1 exits 1 find_in --session "s2*" source:artifact
'
test_that 'a state is that of now, whatever the index has' '
	mem-index -q
	id=$(find_in -l notes.txt)
	rm -r files
	rm "$(find "$MEM_STORE" -name "$id.bin")"
	exits 1 mem-artifact verify "$id" >/dev/null
	[ "$(find_in -l --status unavailable source:artifact)" = "$id" ]
	find_in notes.txt | grep "\"status\":\"unavailable\""
	same
	for state in 1 2 3 0; do
		sqlite3 "$db" "UPDATE artifact SET state = $state WHERE seq = 4"
		[ "$(find_in -c notes.txt)" = 1 ]
		exits 1 find_in --status unavailable source:artifact
		[ $state = 1 ] || [ $state = 2 ] || continue
		[ "$(find_in -l --status pending source:artifact)" = "$id" ]
	done
	sqlite3 "$db" "UPDATE artifact SET state = 4 WHERE seq = 4"
'
test_that 'one that is deleted is found by nobody, and goes from the files' '
	id=$(point https://example.org/zzyzxq.pdf --meta word=wwqxpv)
	find_in -l zzyzxq | grep "$id"
	mem-index -q
	grep -rq yzxq "$index/artifact"
	mem-artifact delete "$id" >/dev/null
	exits 1 find_in zzyzxq
	exits 1 find_in "id:$id"
	(shown)
	cp -R "$index" kept
	mem-index >out
	[ "$(grep "\"source\":\"artifact\",\"user\":\"tester\"" out | jl gone)" = 1 ]
	exits 1 grep -rq "yzxq\|wqxpv" "$index"
	rm -r "$index"
	mv kept "$index"
	same
	# before it was ever indexed
	id=$(point https://example.org/vvkkjj.pdf)
	mem-artifact delete "$id" >/dev/null
	exits 1 find_in vvkkjj
	same
'
test_that 'one that failed, or is on its way out, neither; and it may come back' '
	id=$(keep harbour.txt)
	mem-index -q
	for state in 5 7 8; do
		[ "$(find_in -l harbour)" = "$id" ]
		sqlite3 "$db" "UPDATE artifact SET state = $state WHERE seq = (SELECT max(seq) FROM artifact)"
		exits 1 find_in harbour
		# an index that went on without it
		[ $state != 7 ] || mem-index -q
		sqlite3 "$db" "UPDATE artifact SET state = 0 WHERE seq = (SELECT max(seq) FROM artifact)"
		same
	done
	sql "SELECT count(*) FROM artifact_turn" >out
	cat out
	[ "$(cat out)" = 8 ]
'
test_that 'one of which a copy that counts more says something else' '
	keep ferry.txt >/dev/null
	mem-index -q
	sqlite3 "$db" "UPDATE artifact SET body = replace(body, '\''ferry'\'', '\''barge'\'') WHERE seq = (SELECT max(seq) FROM artifact)"
	exits 1 find_in ferry
	[ "$(find_in -c barge)" = 1 ]
	same
	sqlite3 "$db" "UPDATE artifact SET session = (SELECT seq FROM session WHERE name = '\''s1'\'') WHERE seq = (SELECT max(seq) FROM artifact)"
	[ "$(find_in -c --session s1 barge)" = 1 ]
	MEM_SESSION=s2 exits 1 find_in barge
	same
'
test_that 'with vectors, too' '
	export MEM_MODEL="$model"
	mem-index -q
	same
	find_in --mode vector --explain "a photo of a windmill" >out
	grep -q "\"source\":\"artifact\".*\"part\":\"vector\"" out
	point https://example.org/lighthouse.png --meta caption="a lighthouse" >/dev/null
	same
	# vectors of what was indexed before there was a model
	mem-admin config set index.model none
	MEM_MODEL=none mem-index --rebuild -q
	mem-index -q
	same
'
test_that 'an update writes what came, not all; many are brought up by a search' '
	mem-index -q
	point https://example.org/crane.png >/dev/null
	mem-index >out
	[ "$(grep "\"source\":\"artifact\",\"user\":\"tester\"" out | jl added)" = 1 ]
	for i in 0 1 2 3 4 5 6 7 8 9; do
		for k in 0 1 2 3 4 5 6 7 8 9; do
			for m in 1 2 3 4; do
				echo "{\"uri\":\"https://example.org/many/$i$k$m-pier.png\"}"
			done
		done
	done | mem-artifact put --batch >put.out
	[ "$(wc -l <put.out)" = 400 ]
	was=$(cksum <"$index/artifact/tester/manifest")
	[ "$(find_in -c pier)" = 400 ]
	[ "$(cksum <"$index/artifact/tester/manifest")" != "$was" ]
	# and many that are no more
	jl artifact_id <put.out | mem-artifact delete - >/dev/null
	was=$(cksum <"$index/artifact/tester/manifest")
	exits 1 find_in pier
	[ "$(cksum <"$index/artifact/tester/manifest")" != "$was" ]
	exits 1 grep -rq "pier" "$index/artifact/tester"
	same
'
test_that 'mem-index --follow takes them in' '
	mem-index -q -f >/dev/null &
	pid=$!
	id=$(point https://example.org/follow-me.png)
	n=0
	until [ "$(sed -n "s/^artifacts //p" "$index/artifact/tester/manifest")" = "$(sql "SELECT max(seq) FROM artifact")" ]; do
		n=$((n + 1))
		[ $n -lt 100 ]
		sleep 0.1
	done
	mem-artifact delete "$id" >/dev/null
	until [ "$(sed -n "s/^tombstones //p" "$index/artifact/tester/manifest")" = "$(sql "SELECT max(seq) FROM artifact_turn")" ]; do
		n=$((n + 1))
		[ $n -lt 200 ]
		sleep 0.1
	done
	kill $pid
	wait $pid || :
	same
'
test_done
