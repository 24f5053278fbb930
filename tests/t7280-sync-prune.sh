#!/bin/sh
# mem-sync prune: what nothing names any more goes when it is old, and nothing
# else.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

schema=$top/share/schema
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema

prune() {
	who=$1
	shift
	as "$who" mem-sync prune "$@"
}
# old [DAYS]: all that is there was put so long ago
old() {
	find "$R" -type f -exec touch -d "${1:-8} days ago" {} +
}
objects() {
	(cd "$R" && find . -type f | LC_ALL=C sort)
}
# keeps NODE [OPTION...]: nothing goes
keeps() {
	objects >was
	prune "$@" >out || { cat out; return 1; }
	objects | diff was - || return
	grep '"deleted":0,' out
}
write() {
	mkdir -p "$(as "$1" mem-session path s1 inputs)"
	printf '%s\n' "$3" >"$(as "$1" mem-session path s1 inputs)/$2"
}
# an object that hashes to its name: thing KIND TEXT
thing() {
	name=$(printf %s "$2" | sha256sum | cut -c 1-64)
	d=$R/default/.memkit/$1/$(echo "$name" | cut -c 1-2)
	mkdir -p "$d"
	printf %s "$2" >"$d/$name"
	echo "$d/$name"
}

test_that 'what manifests and rows name stays, however old it is' '
	fresh A B
	fill A
	write A a.txt one
	push A --snapshot >out
	pull B >out
	write B a.txt "B wrote it"
	write A a.txt "and A"
	push B --steal >out
	old 1000
	keeps B
	# who has not taken in all does not know
	objects >was
	exits 75 prune A 2>err
	grep "mem-sync pull first" err
	objects | cmp was -
	# a clash: the bytes of both stay
	pull A >out
	push A --steal >out
	pull B >out
	old 1000
	keeps A
	keeps B
	as A mem-sync verify >out
'
test_that 'segments, files, pieces, descriptions that nobody names: when they are old' '
	fresh A
	fill A
	push A --snapshot >out
	thing segment "of a push that died" >dead
	thing file "of a row that went" >>dead
	thing piece "of a snapshot that died" >>dead
	name=$(printf x | sha256sum | cut -c 1-64)
	printf x >"$R/default/.memkit/snapshot/$name"
	echo "$R/default/.memkit/snapshot/$name" >>dead
	: >"$R/default/.memkit/segment/.tmp-left"
	old 6
	keeps A
	grep "\"young\":3,\"unknown\":0,\"unfinished\":0" out
	# one that was the newest until lately stays
	touch "$R"/default/.memkit/snapshot/*
	touch -d "8 days ago" "$R/default/.memkit/snapshot/$name"
	prune A --older "5 days" --dry-run >out
	cat out
	"$helper" "$schema" out
	[ "$(grep -c "\"type\":\"pruned\".*\"dry_run\":true" out)" -eq 3 ]
	while read -r f; do [ -e "$f" ]; done <dead
	old
	prune A >out
	cat out
	"$helper" "$schema" out
	[ "$(grep -c "\"type\":\"pruned\"" out)" -ge 3 ]
	grep "\"unfinished\":1" out
	[ ! -e "$R/default/.memkit/segment/.tmp-left" ]
	for f in $(grep -v snapshot dead); do [ ! -e "$f" ]; done
	remote_whole
	as A mem-sync verify >out
	as A mem-sync repair --verify >out
	keeps A
	as A mem-admin audit --json >out
	grep "\"action\":\"remote_prune\"" out
	[ -z "$(ls "$R/default/.memkit/clock" 2>/dev/null)" ]
'
test_that 'snapshots: the newest stays, and the one before it for as long' '
	fresh A
	fill A
	push A --snapshot >out
	mkevents 300 | sed "s/\"text\":\"/&again /; s/\"timestamp\":179/&1/" |
	    as A mem-ingest >out
	as A mem-index -q
	push A --snapshot >out
	say A s1 more
	push A --snapshot >out
	set -- $(ls -tr "$R/default/.memkit/snapshot")
	[ $# -eq 3 ]
	d=$R/default/.memkit/snapshot
	find "$R" -path "*/piece/*" -type f -exec touch -d "30 days ago" {} +
	touch -d "20 days ago" $d/$1
	touch -d "10 days ago" $d/$2
	touch -d "5 days ago" $d/$3
	prune A >out
	cat out
	[ ! -e $d/$1 ] && [ -e $d/$2 ] && [ -e $d/$3 ]
	for x in $2 $3; do
		for p in $(grep -o "\"name\":\"[0-9a-f]*" $d/$x | cut -d\" -f4); do
			[ -n "$(find "$R" -name $p)" ]
		done
	done
	touch -d "9 days ago" $d/$3
	prune A >out
	[ ! -e $d/$2 ] && [ -e $d/$3 ]
	as A mem-sync verify >out
	as A mem-sync repair --verify >out
	keeps A
'
test_that 'a new snapshot does not rely on pieces that may go' '
	fresh A B
	mkevents 5000 | as A mem-ingest >out
	push A --snapshot >out
	d=$R/default/.memkit
	cp "$d/snapshot/$(ls "$d/snapshot")" first
	# another node has another one, of which little is the same
	say B s9 "of its own"
	pull B --merge >out
	push B --snapshot >out
	old 20
	push A --snapshot >out
	newest=$(ls -t "$d/snapshot" | head -n 1)
	second=$(ls "$d/snapshot" | while read -r x; do
		[ "$x" = "$newest" ] || cmp -s "$d/snapshot/$x" first || echo "$x"
	done)
	again=0
	for p in $(grep -o "\"name\":\"[0-9a-f]*" "$d/snapshot/$newest" | cut -d\" -f4); do
		grep -q "$p" "$d/snapshot/$second" && continue
		[ -n "$(find "$d/piece" -name "$p" -mtime -1)" ]
		! grep -q "$p" first || again=$((again + 1))
	done
	[ $again -gt 0 ]
	pull B >out
	prune B --older "3 days" >out
	as B mem-sync repair --verify >out
	grep "\"damaged\":0" out
'
test_that 'a reader of an older snapshot hears it, and goes on' '
	fresh A
	fill A
	push A --snapshot >out
	old
	cp -R "$R" before
	mkevents 300 | sed "s/\"text\":\"/&again /; s/\"timestamp\":179/&1/" |
	    as A mem-ingest >out
	first=$(ls "$R/default/.memkit/snapshot")
	push A --snapshot >out
	old
	touch -d "10 days ago" "$R/default/.memkit/snapshot/$first"
	prune A >out
	grep "\"what\":\"piece\"" out
	# as it was when he began to read: the manifests, and no pieces
	mv remote after
	cp -R before remote
	rm -rf remote/default/.memkit/piece remote/default/.memkit/snapshot
	cp -R after/default/.memkit/piece after/default/.memkit/snapshot remote/default/.memkit/
	rm -rf C
	as C mem-admin config set remote.main.url "file://$R"
	exits 2 pull C 2>err
	cat err
	grep "default/.memkit/snapshot/$first" err
	rm -rf remote
	mv after remote
	pull C >out
	same A C
'
test_that 'what is not ours, or not known, is told and left' '
	fresh A
	fill A
	push A >out
	mkdir -p "$R/default/.memkit/later/ab"
	echo x >"$R/default/.memkit/later/ab/abc"
	echo x >"$R/default/.memkit/README"
	echo x >"$R/default/.memkit/segment/odd"
	echo x >"$R/default/.memkit/manifest/000000000002.x"
	mkdir -p "$R/other/.memkit/segment/ab"
	echo x >"$R/other/.memkit/segment/ab/ab$(printf %062d 0)"
	echo x >"$R/default/tester"
	old
	keeps A
	cat out
	"$helper" "$schema" out
	grep "\"unknown\":4" out
	[ "$(grep -c "\"what\":\"unknown\",.*\"status\":\"kept\"" out)" -eq 4 ]
'
test_that 'states: the newest two stay' '
	d=$R/default/.memkit/state
	mkdir -p "$d"
	for i in 1 2 3 4; do
		echo x >"$d/000000000${i}00"
	done
	old
	prune A >out
	[ "$(ls "$d" | tr "\n" " ")" = "000000000300 000000000400 " ]
'
test_that 'less than two days is refused, and a remote that is another one' '
	for age in "1 day" "47 hours" "1 minute"; do
		exits 64 prune A --older "$age" 2>err
		grep "2 days or more" err
	done
	rm -rf "${R:?}"/*
	exits 2 prune A 2>err
	grep "is no more there" err
'
test_that 'a push puts again what it put half a day ago' '
	fresh A
	fill A
	push A >out
	say A s1 more
	# the segment is there, the manifest fails
	exits 2 env LD_PRELOAD="$obj/helper/fault.so" MEM_FAULT=rename:2 \
	    MEM_STORE="$work/A" mem-sync push 2>err
	cat err
	db=A/tenants/default/sync/main.db
	[ "$(sqlite3 $db "SELECT count(*) FROM segment WHERE number = 0")" -eq 1 ]
	name=$(sqlite3 $db "SELECT name FROM segment WHERE number = 0")
	f=$(find "$R" -name "$name")
	touch -d "3 days ago" "$f"
	cp -R A A.was
	# believed: it is as it was
	push A >out
	[ "$(stat -c %Y "$f")" -lt $(($(date +%s) - 86400)) ]
	rm -rf A "$R/default/.memkit/manifest/000000000002"
	mv A.was A
	sqlite3 $db "UPDATE fresh SET at = at - 50000000"
	rm "$f"
	push A >out
	cat out
	[ -e "$f" ]
	remote_whole
	as A mem-sync verify >out
'
test_done
