#!/bin/sh
# mem-sync repair: what was lost or damaged on the remote is put again, as far
# as it can be made; verify tells it before, and is clean after.  With MEM_ALL
# each is lost, cut and flipped, else it is one or two of these.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

schema=$top/share/schema
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema

repair() {
	who=$1
	shift
	as "$who" mem-sync repair "$@"
}
# spoil HOW FILE
spoil() {
	case $1 in
	lost) rm "$2" ;;
	cut) truncate -s $(($(stat -c %s "$2") / 2)) "$2" ;;
	flipped)
		at=$(($(stat -c %s "$2") / 2))
		was=$(od -An -tu1 -j$at -N1 "$2")
		printf '%b' "\\0$(printf %o $((was ^ 1)))" |
		    dd of="$2" bs=1 seek=$at conv=notrunc 2>/dev/null
		;;
	esac
}
# clean NODE: a restore has all, and a repair finds nothing
clean() {
	as "$1" mem-sync verify >out || { cat out; return 1; }
	repair "$1" --verify >out || { cat out; return 1; }
	cat out
	grep -q '"damaged":0,"broken":0' out
}
segment() {
	find "$R" -path '*/segment/*' -type f | LC_ALL=C sort | sed -n "${1:-1}p"
}
write() {
	mkdir -p "$(as "$1" mem-session path s1 inputs)"
	printf '%s\n' "$3" >"$(as "$1" mem-session path s1 inputs)/$2"
}

test_that 'where all is there nothing is done' '
	fresh A B
	fill A
	write A a.txt one
	push A >out
	clean A
	grep "\"segments\":1,\"pieces\":0,\"files\":1," out
	[ "$(manifests | wc -l)" -eq 1 ]
	[ "$(as A mem-admin audit --json | grep -c remote_repair)" -eq 0 ]
'
hows=${MEM_ALL:+lost cut flipped} hows=${hows:-lost flipped}
test_that 'a segment of this node: lost, cut, flipped' '
	for how in $hows; do
		f=$(segment)
		sha256sum "$f" >sum
		spoil $how "$f"
		exits 2 as A mem-sync verify >out 2>err
		exits 1 repair A --dry-run >out
		grep "\"what\":\"segment\",.*\"status\":\"put\",.*\"dry_run\":true" out
		if [ -e "$f" ]; then ! sha256sum --quiet -c sum 2>/dev/null; fi
		repair A >out
		cat out
		"$helper" "$schema" out
		grep "\"damaged\":1,\"broken\":0" out
		sha256sum -c sum
		clean A
	done
	[ "$(as A mem-admin audit --json | grep -c remote_repair)" -eq "$(echo $hows | wc -w)" ]
	pull B >out
	same A B
'
test_that 'another node cannot make it: told who could; with all of it here a snapshot has it' '
	fresh A B C
	fill A
	push A >out
	pull B >out
	say A s1 more
	push A >out
	# B has the first, not the second
	rm $(find "$R" -path "*/segment/*" -type f)
	node=$(jl node <"$(manifests | head -n 1)")
	exits 2 repair B >out 2>err
	cat out err
	"$helper" "$schema" out
	grep "\"status\":\"covered\",\"node\":\"$node\"" out
	grep "\"status\":\"broken\",\"node\":\"$node\",\"address\":\"$(uname -n)\"" out
	grep "\"damaged\":2,\"broken\":1" out
	grep "cannot be made here" err
	# what is covered is not told again; a new node still lacks the other
	exits 2 repair B >out 2>err
	grep "\"damaged\":1,\"broken\":1" out
	exits 2 pull C 2>err
	repair A >out
	grep "\"status\":\"put\"" out
	clean A
	rm -rf C
	as C mem-admin config set remote.main.url "file://$R"
	pull C >out
	same A C
	# who is behind the hole hears why
	rm -rf C
	node C
	say C s9 own
	exits 2 pull C --merge 2>err
	grep "only in the snapshot" err
'
test_that 'what was forgotten in between: another one in its place, and all may go on' '
	fresh A B
	fill A
	say A s7 "to be forgotten"
	push A >out
	pull B >out
	say A s7 "and more"
	push A >out
	id=$(as A mem-log --json --session s7 -n 1 | jl event_id)
	echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"$id\"}" | as A mem-ingest >out
	push A >out
	for f in $(find "$R" -path "*/segment/*" -type f); do rm "$f"; done
	repair A >out
	cat out
	[ "$(grep -c "\"status\":\"replaced\"" out)" -ge 1 ]
	grep "\"damaged\":3,\"broken\":0" out
	clean A
	pull B >out
	same A B
	rm -rf C
	as C mem-admin config set remote.main.url "file://$R"
	pull C >out
	same A C
'
test_that 'the log was trimmed since: a snapshot has it' '
	fresh A B
	fill A
	push A >out
	mkevents 50 | sed "s/\"text\":\"/&again /; s/\"timestamp\":179/&1/" |
	    as A mem-ingest >out
	push A >out
	as A mem-admin compact >out
	rm "$(segment 1)"
	repair A >out
	cat out
	grep "\"status\":\"covered\"" out
	clean A
	rm -rf C
	as C mem-admin config set remote.main.url "file://$R"
	pull C >out
	grep "\"snapshot\":true" out
	same A C
	# nobody puts a snapshot over it who has not got that
	exits 2 pull B 2>err
	grep "only in the snapshot" err
	say B s9 x
	exits 2 push B --snapshot 2>err
	cat err
	grep "none that is made of it may take its place" err
'
# of the newest snapshot
description() {
	name=$(manifests | xargs cat | grep -o '"snapshot":{"name":"[0-9a-f]*' |
	    tail -n 1 | cut -d\" -f6)
	echo "$R/default/.memkit/snapshot/$name"
}
piece() {
	name=$(grep -o '"name":"[0-9a-f]*' "$(description)" | head -n 1 |
	    cut -d\" -f4)
	find "$R/default/.memkit/piece" -name "$name"
}
hows=${MEM_ALL:+lost cut flipped} hows=${hows:-cut}
test_that 'a snapshot: its description, pieces' '
	fresh A
	fill A
	push A --snapshot >out
	for how in $hows; do
		spoil $how "$(description)"
		exits 2 as A mem-sync verify >out 2>err
		exits 1 repair A --dry-run >out
		repair A >out
		grep "\"what\":\"snapshot\",.*\"status\":\"replaced\"" out
		clean A
		spoil $how "$(piece)"
		exits 2 as A mem-sync verify >out 2>err
		repair A >out
		cat out
		grep "\"what\":\"piece\",.*\"status\":\"replaced\"" out
		clean A
	done
	# nobody knows which pieces there were
	p=$(piece)
	rm "$(description)"
	spoil cut "$p"
	repair A >out
	cat out
	clean A
'
hows=${MEM_ALL:+lost cut flipped} hows=${hows:-lost flipped}
test_that 'files: lost, cut, flipped; under its name again' '
	fresh A B
	write A a.txt "some text of a file"
	push A >out
	f=$R/default/tester/s1/inputs/a.txt
	for how in $hows; do
		spoil $how "$f"
		exits 1 as A mem-sync verify >out
		grep "\"what\":\"file\",.*\"id\":\"s1/inputs/a.txt\"" out
		exits 1 repair A --dry-run >out
		grep "\"what\":\"file\",.*\"status\":\"put\"" out
		exits 1 as A mem-sync verify >out
		repair A >out
		cat out
		"$helper" "$schema" out
		[ "$(cat "$f")" = "some text of a file" ]
		[ -z "$(find "$R/default/.memkit/file" -type f)" ]
		clean A
	done
	# who has not got it tells who could
	pull B >out
	rm "$f" "$(as B mem-session path s1 inputs)/a.txt"
	exits 2 repair B >out 2>err
	cat out
	grep "\"what\":\"file\",.*\"status\":\"broken\",\"node\":\"$(jl node <"$(manifests | head -n 1)")\",\"address\":" out
	repair A >out
	clean B
'
test_that 'a file of another node, whose session that is: under its hash, its name left alone' '
	write B a.txt "B has it now"
	push B --steal >out
	pull A >out
	f=$R/default/tester/s1/inputs/a.txt
	echo other >"$f"
	repair A >out
	grep "\"status\":\"put\"" out
	[ "$(cat "$f")" = other ]
	[ "$(find "$R/default/.memkit/file" -type f | wc -l)" -eq 1 ]
	clean A
	repair B >out
	clean B
'
test_that 'rows that were pushed without their bytes: put when they come' '
	fresh A B
	write A a.txt "came late"
	d=$(as A mem-session path s1 inputs)
	as A mem-session scan s1 >out
	mv "$d/a.txt" .
	push A >out
	grep "\"files\":0,\"files_missing\":1" out
	exits 2 repair A >out 2>err
	grep "\"what\":\"file\",.*\"status\":\"broken\"" out
	mv a.txt "$d"
	repair A >out
	cat out
	grep "\"status\":\"put\"" out
	clean A
	pull B >out
	[ "$(cat "$(as B mem-session path s1 inputs)/a.txt")" = "came late" ]
'
test_that 'what is not pushed yet is not missed' '
	write A b.txt new
	as A mem-session scan s1 >out
	clean A
'
test_that 'a manifest that is damaged: told, and nothing made up' '
	fresh A
	for i in 1 2 3; do
		say A s1 "$i"
		push A >out
	done
	m=$R/default/.memkit/manifest/000000000002
	cp "$m" was
	spoil flipped "$m"
	exits 2 repair A >out 2>err
	cat out
	grep "\"what\":\"manifest\",.*manifest [23] of .*\"status\":\"broken\"" out
	rm "$m"
	exits 2 repair A >out 2>err
	grep "manifest 2 of .main. is missing" out
	cp was "$m"
	clean A
'
test_done
