#!/bin/sh
# mem-admin forget: what is named goes, all that follows from it too, and it is
# looked for afterwards.  It is killed at one step in 29; long-27-forget.sh takes
# all of them, with MEM_EVERY=N one in N.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

schema=$top/share/schema
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema
valid() {
	"$helper" "$schema" "$@"
}
forget() {
	mem-admin forget "$@"
}
# secrets: a store with contents, an index, packs, where session s1 has words of
# its own
secrets() {
	fresh_store
	mkevents 600 3 | sed "/\"s1\"/s/text number/the heron of quagmire tells/" >in
	mem-ingest in >out
	mem-session set s1 colour "the gamboge of quagmires is rare"
	mem-toc build -q
	mem-index -q
	mem-admin compact -q >out
}

test_that 'a session: the counts before, the counts after, the receipt' '
	secrets
	forget --session s1 --dry-run >out
	valid out
	grep "\"dry_run\":true" out
	grep "\"counts\":{\"sessions\":1,\"events\":200,\"values\":1" out
	[ "$(mem-log --session s1 | wc -l)" = 200 ]
	[ "$(sql "SELECT count(*) FROM tombstone")" = 0 ]
	forget --session s1 --receipt r.json >out
	valid out r.json
	grep "\"state\":\"done\"" r.json
	grep "\"counts\":{\"sessions\":1,\"events\":200,\"values\":1" r.json
	[ "$(stat -c %a r.json)" = 600 ]
	if grep -i "heron\|quagmire" r.json; then exit 1; fi
	[ "$(jl audit <r.json)" = "$(sql "SELECT lower(hex(hash)) FROM audit WHERE action = '\''forget'\''")" ]
	exits 1 mem-log --session s1
	exits 1 mem-search heron
	exits 1 mem-session show s1
	store_whole
'
test_that 'the look at it finds what is left, and then nothing' '
	exits 1 forget --receipt r.json --verify >out
	valid out
	grep "\"trace\",\"what\":\"index\"" out
	forget --finish >out
	grep "\"left\":\[\]" out
	forget --receipt r.json --verify >out
	valid out
	grep "\"found\":0" out
	if LC_ALL=C grep -r -a -i "quagmire\|gamboge" "$MEM_STORE"; then exit 1; fi
	store_whole
'
test_that 'it does not come back by itself; a receipt is applied to a restored store' '
	exits 3 mem-ingest in >out
	grep "\"forgotten\":200" out
	secrets
	mem-admin backup b.tar >/dev/null
	forget --session s1 --receipt r2.json >out
	fresh_store
	rm -rf "$MEM_STORE"
	mem-admin restore b.tar >/dev/null
	[ "$(mem-log --session s1 | wc -l)" = 200 ]
	exits 1 forget --receipt r2.json --verify >out
	forget --receipt r2.json --again --finish --verify >out
	valid out
	grep "\"found\":0" out
	exits 1 mem-log --session s1
	exits 3 mem-ingest in >out
'
test_that 'events by id, from standard input; a row of a knowledge base' '
	secrets
	echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"r1\",\"record_type\":\"n\",\"title\":\"a very quaint archipelago\"}" | mem-ingest >out
	id=$(mem-log --json --session s1 | head -n 1 | jl event_id)
	forget --id "$id,k/r1" --finish --verify >out
	grep "\"counts\":{\"events\":1,\"records\":1" out
	[ "$(mem-log --session s1 | wc -l)" = 199 ]
	exits 1 mem-search --in kb archipelago
	mem-log --json --session s1 | head -n 50 | forget - --receipt r3.json --finish --verify >out
	grep "\"forgotten\":50" out
	[ "$(mem-log --session s1 | wc -l)" = 149 ]
	[ "$(grep -o "\"target\":\"event\"" r3.json | wc -l)" = 50 ]
	exits 64 forget --id nonsense 2>err
	echo "{nonsense" | exits 2 forget - 2>err
	store_whole
'
test_that 'what a query finds, which has to be meant' '
	secrets
	exits 64 forget --query heron 2>err
	grep -e "-y" err
	forget --query "heron 400" --dry-run >out
	grep "\"counts\":{\"events\":1" out
	forget --query "heron" -y --finish --verify >out
	grep "\"events\":200" out
	exits 1 mem-search heron
	store_whole
'
test_that 'what is on hold stays: refused by name, left out of a query' '
	secrets
	mem-session hold s1 "the court"
	exits 2 forget --session s1 2>err
	grep "on hold" err
	id=$(mem-log --json --session s1 | head -n 1 | jl event_id)
	exits 2 forget --id "$id" 2>err
	exits 2 forget --user tester -y 2>err
	[ "$(mem-log | wc -l)" = 600 ]
	exits 3 forget --query "number OR heron" -y >out 2>err
	valid out
	grep "\"on_hold\":200" out
	grep "is on hold, and stays" err
	[ "$(mem-log | wc -l)" = 200 ]
	mem-session release s1
	forget --session s1 >out
	exits 1 mem-log
	store_whole
'
test_that 'all of a user; he may come back, what he had may not' '
	secrets
	mkevents 4 1 | sed "s/text number/another man/" | mem-ingest --user ann >out
	mem-session --user ann set s0 k v
	mem-ltm add --user ann --scope user "the vermilion gate is locked" >out 2>&1 || cat out
	MEM_USER=ann mem-toc build -q
	MEM_USER=ann mem-index -q
	mem-admin config set audit.reads count
	mem-log --user ann >out
	mem-admin audit reads --json >out
	grep "\"ann\"" out
	exits 64 forget --user ann 2>err
	exits 64 forget --user ann --receipt r4.json --verify 2>err
	forget --user ann --dry-run >out
	mem-admin audit reads --json >out
	grep "\"ann\"" out
	forget --user ann -y --receipt r4.json --finish --verify >out
	valid out
	mem-admin audit reads --json >out
	exits 1 grep "\"ann\"" out
	mem-admin config unset audit.reads
	# to look deletes nothing, so nothing is asked
	before=$(sql "SELECT count(*) FROM tombstone")
	forget --user ann --receipt r4.json --verify >out
	exits 64 forget --user ann --receipt r4.json --verify --finish 2>err
	[ "$(sql "SELECT count(*) FROM tombstone")" = "$before" ]
	grep "\"found\":0" out
	exits 1 mem-log --user ann
	[ "$(sql "SELECT (SELECT count(*) FROM toc_node n JOIN user u ON u.id = n.user WHERE u.name = '\''ann'\''), (SELECT count(*) FROM fact)")" = "0|0" ]
	mkevents 5 1 | exits 3 mem-ingest --user ann >out
	grep "\"forgotten\":5" out
	echo "{\"session_id\":\"s9\",\"timestamp\":1,\"text\":\"old\"}" | exits 3 mem-ingest --user ann >out
	echo "{\"type\":\"session\",\"session_id\":\"s8\",\"title\":\"old\"}" | exits 3 mem-ingest --user ann >out
	now=$(( ($(date +%s) + 60) * 1000 ))
	echo "{\"session_id\":\"s9\",\"timestamp\":$now,\"text\":\"new\"}" | mem-ingest --user ann >out
	[ "$(mem-log --user ann | wc -l)" = 1 ]
	[ "$(mem-log | wc -l)" = 600 ]
	store_whole
'
test_that 'a large session is shown no more at once, and goes in steps' '
	fresh_store
	mkevents 14000 1 >in
	mkevents 10 1 | sed "s/\"s0\"/\"other\"/;s/text number/stays/" >>in
	mem-ingest in >out
	mem-admin compact --all -q >out
	mem-index -q
	forget --session s0 >out 2>err
	grep "\"what\":\"events\",\"how\":\"mem-admin forget --finish\",\"n\":4000" out
	exits 1 mem-log --session s0
	[ "$(mem-log | wc -l)" = 10 ]
	exits 1 mem-search number
	[ "$(mem-search -c stays)" = 10 ]
	mem-admin check >out
	mem-admin stats | grep "\"event_count\":10,"
	mem-admin backup b.tar >/dev/null
	mem-admin compact >out
	[ "$(sql "SELECT count(*) FROM event")" = 10 ]
	[ "$(sql "SELECT count(*) FROM forgetting")" = 0 ]
	store_whole
'
test_that 'an answer that is not known, and one receipt over another' '
	fresh_store
	mkevents 3 1 | mem-ingest >out
	exits 64 forget 2>err
	exits 64 forget --session s0 --query x 2>err
	exits 64 forget --again 2>err
	exits 64 forget somewhat 2>err
	echo x >there
	exits 2 forget --session s0 --receipt there 2>err
	[ "$(mem-log | wc -l)" = 3 ]
	exits 2 forget --receipt there --verify 2>err
	forget --session none --receipt n.json >out
	grep "\"absent\":1" out
	echo "{\"session_id\":\"none\",\"timestamp\":1,\"text\":\"x\"}" | exits 3 mem-ingest >out
'
test_that 'killed anywhere: what was begun is gone on with' '
	if faults_work; then
		fresh_store
		mkevents 2600 1 | sed "s/text number/the heron of quagmire/" >in
		mkevents 10 1 | sed "s/\"s0\"/\"other\"/" >>in
		mem-ingest in >out
		mem-session set s0 colour gamboge
		cp -R "$MEM_STORE" full
		n=1
		while fresh_store && cp -R full "$MEM_STORE" && rm -f k.json &&
		    fault "step:$n:KILL" mem-admin forget --session s0 --receipt k.json --finish >out 2>err; do
			mem-admin check >out || { cat out; exit 1; }
			got=$(mem-log | wc -l)
			case $got in 10 | 2610) ;; *) echo "$n: $got"; exit 1 ;; esac
			if [ -s k.json ]; then
				mem-admin forget --receipt k.json --again --finish --verify >out || { cat out; exit 1; }
			else
				mem-admin forget --session s0 --finish --verify >out || { cat out; exit 1; }
			fi
			[ "$(mem-log | wc -l)" = 10 ]
			store_whole
			n=$((n + ${MEM_EVERY:-29}))
		done
		echo "steps: $n"
		[ $n -gt 10 ]
	fi
'
test_that 'a session: its artifacts, and their bytes; those that stay are told of' '
	. "$tests/lib-artifact.sh"
	fresh_store
	managed
	mkevents 2 2 | mem-ingest >out
	echo "the gamboge heron" >f
	put f --session s0
	echo "another one" >f
	put f --session s1
	[ "$(objects)" = 2 ]
	forget --session s0 --finish --verify >out
	grep "\"artifacts\":1" out
	grep "\"left\":\[\]" out
	[ "$(objects)" = 1 ]
	exits 1 grep -r -a gamboge "$MEM_STORE"
	chmod 0 "$MEM_STORE"/tenants/default/blobs || :
	if [ "$(id -u)" != 0 ]; then
		exits 3 forget --session s1 --finish >out 2>err
		grep "bytes of artifacts are left" err
	fi
	chmod 700 "$MEM_STORE"/tenants/default/blobs
	store_whole
'
test_that 'a document: its original goes, and that of all that was in its archive' '
	. "$tests/lib-artifact.sh"
	fresh_store
	managed
	mkdir -p h/sub two
	echo "the secretword is quagmire" >h/a.md
	echo "what stays" >h/b.md
	mkdir -p z && echo "the gamboge of rubber" >z/bolts.md && echo "nuts" >z/nuts.md
	(cd z && tar -cf ../h/sub/s.tar bolts.md nuts.md)
	mem-from docs h >docs
	mem-ingest --kb k docs >out
	a=$(mem-log --kb k --json | sed -n "/\"document_id\":\"a.md\"/s/.*\"artifact_id\":\"\([^\"]*\)\".*/\1/p")
	z=$(mem-log --kb k --json | sed -n "/\"document_id\":\"sub.s.tar.nuts.md\"/s/.*\"artifact_id\":\"\([^\"]*\)\".*/\1/p")
	mem-artifact content "$a" | grep secretword
	grep -r -a gamboge "$blobs"
	[ "$(objects)" = 3 ]
	forget --id k/a.md --dry-run >out
	grep "\"records\":3,.*\"artifacts\":1" out
	mem-artifact content "$a" >out
	forget --id k/a.md --receipt r9.json --finish --verify >out
	valid out
	grep "\"artifacts\":1" r9.json
	grep "\"found\":0" out
	exits 2 mem-artifact content "$a" 2>err
	[ "$(objects)" = 2 ]
	exits 1 grep -r -a "secretword" "$MEM_STORE"
	forget --id k/sub/s.tar/bolts.md --finish --verify >out
	grep "\"found\":0" out
	[ "$(objects)" = 1 ]
	exits 1 grep -r -a "gamboge" "$MEM_STORE"
	[ "$(status "$z")" = deleted ]
	mem-search --in document nuts | grep nuts.md
	mem-log --kb k --json >out
	grep "\"document_id\":\"sub/s.tar/nuts.md\".*\"raw_status\":\"failed\"" out
	exits 1 grep "\"document_id\":\"sub/s.tar/nuts.md\".*\"artifact_id\"" out
	store_whole
	reconciles
	# their bytes do not come back with the others, nor with new ones
	exits 3 mem-ingest --kb k docs >out 2>err
	grep "was forgotten" err
	echo new >z/new.md
	(cd z && tar -cf ../h/sub/s.tar bolts.md nuts.md new.md)
	mem-from docs h | exits 3 mem-ingest --kb k >out 2>err
	mem-log --kb k --json >out
	grep "\"document_id\":\"sub/s.tar/new.md\".*\"raw_status\":\"failed\"" out
	[ "$(objects)" = 1 ]
	exits 1 grep -r -a "gamboge" "$MEM_STORE"
	[ -f h/a.md ] && [ -f h/sub/s.tar ]
'
test_that 'a file that is in two knowledge bases is kept for the other one; a pointer has no bytes' '
	. "$tests/lib-artifact.sh"
	fresh_store
	managed
	rm -rf h && mkdir h && echo "the secretword is quagmire" >h/a.md
	mem-from docs h --kb k >docs
	{ cat docs; sed "s/\"kb\":\"k\"/\"kb\":\"l\"/" docs; } |
	    grep -v "\"type\":\"\(start\|end\|cursor\)\"" >both
	grep -c "\"kb\":\"l\"" both
	mem-ingest both >out
	[ "$(objects)" = 1 ]
	forget --id k/a.md >out
	[ "$(objects)" = 1 ]
	mem-log --kb l --json >out
	grep "\"raw_status\":\"available\"" out
	forget --id l/a.md >out
	[ "$(objects)" = 0 ]
	fresh_store
	mem-admin config set artifact.schemes file 2>err
	mem-ingest docs >out
	a=$(mem-log --kb k --json | jl artifact_id)
	[ -n "$a" ]
	forget --id k/a.md >out
	grep "\"artifacts\":1" out
	[ "$(cat h/a.md)" = "the secretword is quagmire" ]
'
test_that 'a document, killed anywhere: no original is left' '
	if faults_work; then
		. "$tests/lib-artifact.sh"
		fresh_store
		managed
		rm -rf h full && mkdir h && echo "the secretword is quagmire" >h/a.md
		mem-from docs h | mem-ingest --kb k >out
		cp -R "$MEM_STORE" full
		n=1
		while rm -rf "$MEM_STORE" && cp -R full "$MEM_STORE" &&
		    fault "step:$n:KILL" mem-admin forget --id k/a.md --finish >out 2>err; do
			mem-admin forget --id k/a.md --finish --verify >out || { cat out; exit 1; }
			[ "$(objects)" = 0 ]
			exits 1 grep -r -a "secretword" "$MEM_STORE"
			store_whole
			n=$((n + ${MEM_EVERY:-29}))
		done
		echo "steps: $n"
		[ $n -gt 10 ]
		# whoever is killed as it is put leaves none, either
		n=1
		while fresh_store && managed &&
		    mem-from docs h >docs &&
		    fault "step:$n:KILL" mem-ingest --kb k docs >out 2>err; do
			mem-ingest --kb k docs >out 2>err
			mem-artifact reconcile >out
			mem-admin forget --id k/a.md --finish --verify >out || { cat out; exit 1; }
			[ "$(objects)" = 0 ] || { echo "$n"; mem-artifact list; exit 1; }
			n=$((n + ${MEM_EVERY:-29}))
		done
		echo "steps: $n"
		[ $n -gt 10 ]
	fi
'
test_that 'two at once, and one who writes' '
	fresh_store
	mkevents 9000 3 | mem-ingest >out
	forget --session s0 --finish >out0 & a=$!
	forget --session s1 --finish >out1 & b=$!
	mkevents 30 1 | sed "s/\"s0\"/\"new\"/;s/text/late/" | mem-ingest >out2 & c=$!
	wait $a $b $c || :
	forget --finish >out
	[ "$(mem-log --session s2 | wc -l)" = 3000 ]
	exits 1 mem-log --session s0
	exits 1 mem-log --session s1
	[ "$(mem-log --session new | wc -l)" = 30 ]
	store_whole
'
test_done
