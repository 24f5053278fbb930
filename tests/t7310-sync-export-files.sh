#!/bin/sh
# Files of sessions, and what was decided, in mem-sync export and import: what
# goes out comes in, what is here stays, and a file from anywhere does no harm.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
mkbundle=$obj/helper/mkbundle
t0=1790000000000

# dir STORE [AREA]: of the session s1
dir() {
	mem-session path s1 "${2:-inputs}" --store "$1"
}
# write STORE PATH TEXT
write() {
	d=$(dir "$1")
	mkdir -p "$d/$(dirname "$2")"
	printf '%s\n' "$3" >"$d/$2"
}
# have STORE: all files with their sums
have() {
	(cd "$1/tenants/default/files" 2>/dev/null &&
	    find . -type f ! -path '*/.index' ! -path '*/.lock' \
	    -exec sha256sum {} + | LC_ALL=C sort -k 2)
}
same_files() {
	have "$1" >files.1
	have "$2" >files.2
	[ -s files.1 ] && cmp files.1 files.2
}
# event SESSION: its line
event() {
	echo "{\"session_id\":\"$1\",\"timestamp\":$t0,\"text\":\"about yacc\"}"
}

# a, with files of two users, one changed, one removed, and decisions of all
# who are asked: a user's, a session's, the tenant's
set_up() {
	{ event s1; event "odd / %"; } | mem-ingest -q --store a
	event s1 | mem-ingest -q --store a --user ann
	long=$(printf 'ü%.0s' $(seq 120))
	write a report.txt one
	write a "deep/er/B b ü.txt" two
	write a "$long/$long/$long/x" long
	write a gone.txt "not for long"
	: >"$(dir a)/empty"
	printf '#!/bin/sh\n' >"$(dir a artifacts)/run.sh"
	chmod +x "$(dir a artifacts)/run.sh"
	head -c 3000000 /dev/urandom >"$(dir a cache)/big"
	echo odd >"$(mem-session path "odd / %" cache --store a)/.x"
	echo ann >"$(mem-session path s1 inputs --store a --user ann)/a"
	mem-session scan -q s1 --store a
	write a report.txt "one and a half"
	mem-session rm -q s1 inputs gone.txt --store a
	mem-ltm add "The parser is written by hand." --store a --json >added
	fact=$(sed 's/.*"fact_id":"\([^"]*\)".*/\1/' added)
	mem-ltm pin "$fact" --store a
	MEM_SESSION=s1 mem-ltm add "Here it is bison." --scope session --store a
	mem-ltm add "Tabs are eight wide." --scope tenant --store a
	mem-toc build -q --store a
	mem-toc pin 2026 --store a
} >/dev/null

test_that 'a store with files, and decisions' 'set_up; have a'
test_that 'files go out: rows, and the bytes of what counts' '
	mem-sync export a.tar --store a --json >out
	cat out
	grep "\"sessions\":3,\"events\":3,\"variables\":0,\"files\":11,\"versions\":0,\"decisions\":5,\"artifacts\":0,\"tombstones\":0,\"with_bytes\":8,\"files_missing\":0," out
	tar -tf a.tar >names
	cat names
	[ "$(head -n 2 names | tail -n 1)" = records/000001.jsonl.zst ]
	grep -x files/tester/s1/inputs/deep/er/%42%20b%20%c3%bc.txt names
	grep -x files/tester/odd%20%2f%20%25/cache/%2ex names
	grep "^files/tester/s1/inputs/%-[0-9a-f]\{64\}$" names || [ "$(grep -c "^files/tester/s1/inputs/.*%-[0-9a-f]\{32\}/x$" names)" -eq 1 ]
	[ "$(grep -c gone.txt names)" -eq 0 ]
	mkdir plain
	tar -xf a.tar -C plain
	[ "$(cat plain/files/tester/s1/inputs/report.txt)" = "one and a half" ]
	zstd -qdc plain/records/*.zst >lines
	[ "$(grep -c "^{\"type\":\"decision\",.*\"node\":" lines)" -eq 5 ]
	mem-sync export - --store a 2>err >b.tar
	cmp a.tar b.tar
	[ -z "$(ls a/tmp)" ]
'
test_that 'what was written since the last scan is in it' '
	cp -R a new
	write new late late
	write new report.txt again
	mem-sync export new.tar --store new --json >out
	grep "\"files\":13,.*\"with_bytes\":9,\"files_missing\":0," out
	[ "$(tar -xOf new.tar files/tester/s1/inputs/report.txt)" = again ]
'
test_that 'they come in as they were, and go out as the same bytes' '
	mem-sync import a.tar --store two --json >out 2>err
	cat out err
	grep "\"records\":22,\"stored\":22,.*\"files\":8,\"files_removed\":0,\"files_kept\":0," out
	same_files a two
	[ -x "$(dir two artifacts)/run.sh" ]
	[ ! -x "$(dir two)/report.txt" ]
	mem-session files s1 --store two --json | grep -v "\"state\":\"here\"" >other || :
	[ ! -s other ]
	mem-sync export two.tar --store two
	cmp a.tar two.tar
	mem-admin check --store two
	mem-ltm list --json --store a >one
	mem-ltm list --json --store two >got
	[ "$(wc -l <one)" -gt 1 ]
	cmp one got
	[ -z "$(ls two/tmp)" ]
'
test_that 'again is nothing new' '
	have two >before
	changes=$(sqlite3 two/tenants/default/memory.db "SELECT count(*) FROM change")
	mem-sync import a.tar --store two --json >out
	grep "\"stored\":0,\"duplicate\":22,.*\"files\":0,\"files_removed\":0,\"files_kept\":0," out
	[ "$(sqlite3 two/tenants/default/memory.db "SELECT count(*) FROM change")" -eq "$changes" ]
	have two | cmp before -
'
test_that 'what was decided goes on by push as whose it is' '
	mkdir remote
	for s in two last; do
		mem-admin config set remote.main.url "file://$work/remote" --store $s
	done
	mem-sync push --store two
	mem-sync pull --store last -q
	mem-sync export last.tar --store last
	cmp a.tar last.tar
	same_files a last
	mem-sync import a.tar --store last --json | grep "\"stored\":0,"
'
test_that 'a user, and a session, with what is theirs' '
	mem-sync export ann.tar --store a --user ann --json >out
	grep "\"files\":1,.*\"decisions\":0,.*\"with_bytes\":1," out
	[ "$(tar -tf ann.tar | grep -c ^files/)" -eq 1 ]
	mem-sync export s1.tar s1 --store a --json >out
	cat out
	grep "\"files\":9,.*\"decisions\":1,.*\"with_bytes\":6," out
	mem-sync import s1.tar --store three
	mem-sync import ann.tar --store three
	mem-sync import a.tar --store three
	mem-sync export three.tar --store three
	cmp a.tar three.tar
	same_files a three
'
test_that 'bytes that are not here: told, the rows go, exit 3' '
	cp -R a part
	rm "$(dir part cache)/big"
	sqlite3 part/tenants/default/memory.db \
	    "UPDATE file SET local = 2 WHERE size = 3000000"
	rm "$(dir part)/report.txt"
	exits 3 mem-sync export part.tar --store part --json >out
	cat out
	grep "\"type\":\"file_missing\",.*\"path\":\"big\",\"why\":\"archived\"" out
	grep "\"type\":\"file_missing\",.*\"path\":\"report.txt\",\"why\":\"missing\"" out
	grep "\"files\":11,.*\"with_bytes\":6,\"files_missing\":2," out
	exits 3 mem-sync export - --store part 2>err | cmp - part.tar
	mem-sync import part.tar --store parted --json >out
	grep "\"files\":6," out
	mem-session files s1 --store parted --json | grep "\"big\".*\"state\":\"archived\""
	# and the whole brings the rest
	mem-sync import a.tar --store parted --json >out
	grep "\"stored\":0,.*\"files\":2," out
	same_files a parted
'
test_that 'a store that may not be written: what was recorded' '
	if can_be_refused=$(reader sh -c "[ -w / ] && echo no" 2>/dev/null); [ -z "$can_be_refused" ]; then
		cp -R a ro
		rm -rf ro/tmp
		chmod 755 "$work" && chmod -R a+rwX ro
		chmod -R a-w ro/tenants/default/files
		reader mem-sync export - --store ro 2>err >ro.tar
		cmp a.tar ro.tar
	fi
'
test_that 'what is here and was written besides: kept, both' '
	event s1 | mem-ingest -q --store mine
	write mine report.txt mine
	write mine own own
	mem-sync import a.tar --store mine --json >out || [ $? -eq 3 ]
	cat out
	[ "$(cat "$(dir mine)/own")" = own ]
	cat "$(dir mine)"/report* | grep -x mine
	mem-sync import a.tar --store mine --json >out
	grep "\"files\":0," out
	cat "$(dir mine)"/report* | grep -x mine
'
test_that 'another one was here before: it is aside' '
	mem-admin init --store old >/dev/null
	write old empty "of old"
	mem-session scan -q s1 --store old >/dev/null
	sqlite3 old/tenants/default/memory.db "UPDATE file SET at = 1000"
	mem-sync import a.tar --store old --json >out
	cat out
	grep "\"type\":\"file_kept\",.*\"why\":\"kept as empty.conflict-........\"" out
	[ ! -s "$(dir old)/empty" ]
	[ "$(cat "$(dir old)"/empty.conflict-*)" = "of old" ]
'
test_that 'what cannot give way stays, is told, and exit 3' '
	event s1 | mem-ingest -q --store way
	mkdir -p "$(dir way)/report.txt/x"
	exits 3 mem-sync import a.tar --store way --json >out
	cat out
	grep "\"type\":\"file_kept\",.*\"path\":\"report.txt\"" out
	grep "\"files\":7,.*\"files_kept\":1," out
	[ -d "$(dir way)/report.txt/x" ]
	rm -r "$(dir way)/report.txt"
	mem-sync import a.tar --store way --json >out
	grep "\"files\":1,.*\"files_kept\":0," out
	same_files a way
'
test_that 'what was removed there goes here' '
	event s1 | mem-ingest -q --store b1
	write b1 f one
	mem-sync export b1.tar --store b1
	mem-sync import b1.tar --store b2
	mem-session rm -q s1 inputs f --store b1 >/dev/null
	mem-sync export b1.tar --store b1
	mem-sync import b1.tar --store b2 --json >out
	grep "\"files_removed\":1," out
	[ ! -e "$(dir b2)/f" ]
'
test_that '--dry-run checks all of it, and changes nothing' '
	mem-admin init --store empty >/dev/null
	mem-ingest --store empty -q </dev/null
	cksum empty/tenants/default/memory.db >sum
	mem-sync import a.tar --store empty --dry-run --json >out
	grep "\"stored\":22,.*\"files\":8,.*\"dry_run\":true" out
	cksum empty/tenants/default/memory.db | cmp sum -
	[ -z "$(have empty)" ]
	[ -z "$(ls empty/tmp)" ]
'

# ---- bundles of somebody who means it ----

# refused FILE WHY [OPTION]: exit 2, and the store is as it was
refused() {
	for o in --dry-run --json; do
		exits 2 mem-sync import "$1" --store two $o 2>err || return 1
		if [ "$(wc -l <err)" -ne 1 ] || ! grep -q "$2" err; then
			cat err
			return 1
		fi
	done
	[ -z "$(ls two/tmp)" ] && have two | cmp before - &&
	    mem-sync export now.tar --store two >/dev/null && cmp a.tar now.tar
}
# evil LINES MEMBER...: a whole bundle
evil() {
	zstd -qcf --content-size --stream-size="$(wc -c <"$1")" <"$1" >evil.zst
	shift
	"$mkbundle" export :records_format=1 records/000001.jsonl.zst=evil.zst \
	    "$@" >evil.tar
}
# row PATH FILE [MORE]: a line of a file that is there
row() {
	echo "{\"type\":\"file\",\"session_id\":\"s1\",\"area\":\"inputs\",\"path\":\"$1\",\"size_bytes\":$(wc -c <"$2"),\"sha256\":\"$(sha256sum <"$2" | cut -c 1-64)\",\"at\":${3:-$t0},\"node\":7,\"user\":\"tester\"}"
}
if [ -x "$mkbundle" ]; then
	have two >before
	echo evil >x
	echo other >y
	f=files/tester/s1/inputs
	test_that 'the way in which the bad ones are made makes a good one' '
		row e x >l
		evil l $f/e=x
		mem-sync import evil.tar --store good
		[ "$(cat "$(dir good)/e")" = evil ]
	'
	test_that 'an entry that no row names: refused' '
		row e x >l
		for n in $f/o $f/e/e $f files/e files/tester/s1/e \
		    files/other/s1/inputs/e files/tester/s2/inputs/e \
		    files/tester/s1/cache/e $f/%65; do
			evil l $f/e=x $n=x
			refused evil.tar "of which none of its records tells" ||
			    { echo "$n"; exit 1; }
		done
		: >l
		evil l $f/e=x
		refused evil.tar "of which none of its records tells"
	'
	test_that 'an entry with other bytes than its row says: refused' '
		row e x >l
		evil l $f/e=y
		refused evil.tar "is not what its record says"
		# the last by its stamp counts, wherever it stands
		{ row e x 2000; row e y 1000; } >l
		evil l $f/e=y
		refused evil.tar "is not what its record says"
		{ row e x; echo "{\"type\":\"file\",\"session_id\":\"s1\",\"area\":\"inputs\",\"path\":\"e\",\"at\":$((t0 + 1)),\"node\":7,\"user\":\"tester\"}"; } >l
		evil l $f/e=x
		refused evil.tar "is not what its record says"
	'
	test_that 'paths that lead elsewhere: refused' '
		for n in ../e ../../../../../x /etc/x ..; do
			row "$n" x >l
			evil l "$f/e=x"
			refused evil.tar "of which none of its records tells" ||
			    { echo "$n"; exit 1; }
		done
		row e x >l
		evil l $f/e=x
		# the same length, so that the tar is as it was
		sed "s|s1/inputs/e|../inputs/e|g" evil.tar >bad.tar
		refused bad.tar "altered"
		[ ! -e ../e ] && [ ! -e e ]
	'
	test_that 'an entry twice: refused' '
		row e x >l
		evil l $f/e=x $f/o=x
		sed "s|inputs/o|inputs/e|g" evil.tar >bad.tar
		refused bad.tar "altered"
	'
	test_that 'a file where a folder has to be: no harm, and the rest comes' '
		{ row e x; row e/e x; row z y; } >l
		evil l $f/e=x $f/e/e=x $f/z=y
		exits 3 mem-sync import evil.tar --store deep --json >out
		cat out
		grep "\"files\":2,.*\"files_kept\":1," out
		[ "$(cat "$(dir deep)/e")" = evil ]
		[ "$(cat "$(dir deep)/z")" = other ]
		mem-admin check --store deep
	'
	test_that 'links in the way are not followed' '
		mkdir outside
		event s1 | mem-ingest -q --store links
		ln -s "$work/outside" "$(dir links)/sub"
		ln -s "$work/outside/file" "$(dir links)/link"
		{ row link x; row sub/e x; row z y; } >l
		evil l $f/link=x $f/sub/e=x $f/z=y
		exits 3 mem-sync import evil.tar --store links --json >out
		cat out
		[ -z "$(ls outside)" ]
		[ "$(cat "$(dir links)/z")" = other ]
	'
	test_that 'decisions that are wrong: told, the rest is taken' '
		grep "\"type\":\"decision\"" lines | head -n 1 >one
		{ sed "s/\"node\":[0-9]*/\"node\":-1/" one
		    sed "s/\"node\":[0-9]*/\"node\":\"x\"/" one
		    cat one; } >l
		evil l
		exits 3 mem-sync import evil.tar --store wrong --json >out
		grep "\"stored\":1,.*\"rejected\":2," out
	'
else
	skip 'hostile bundles' 'no mkbundle'
fi
test_that 'killed at any time, and done again' '
	event s1 | mem-ingest -q --store big
	d=$(dir big)
	for i in $(seq 600); do
		echo "$i" >"$d/$i"
	done
	mem-sync export big.tar --store big
	for t in 0.01 0.03 0.06 0.1 0.2; do
		# not timeout: it may be gone before what it kills is
		mem-sync import big.tar --store torn >/dev/null 2>&1 &
		sleep $t
		kill -9 $! 2>/dev/null || :
		wait $! 2>/dev/null || :
	done
	mem-sync import big.tar --store torn
	[ "$(ls torn/tmp | wc -l)" -eq 0 ]
	same_files big torn
	mem-sync export torn.tar --store torn
	cmp big.tar torn.tar
	mem-admin check --store torn
'
if faults_work; then
	step=5
	[ -z "${MEM_ALL-}" ] || step=1
	for op in rename fsync; do
		test_that "killed at any $op, and done again: it is whole" "
			op=$op"'
			n=1
			while MEM_STORE=$work/$op$n fault $op:$n:KILL mem-sync import s1.tar; do
				mem-sync import s1.tar --store $op$n >/dev/null
				mem-sync export fault.tar s1 --store $op$n >/dev/null
				cmp s1.tar fault.tar
				n=$((n + step))
			done
			[ $n -gt 3 ]
		'
	done
else
	skip 'a disk that fails' 'faults do not reach the tools'
fi
test_done
