#!/bin/sh
# The commands of memkit-store(5) are run as they stand there: a store is
# read without memkit, and comes back from each kind of damage.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-admin.sh"
page=$top/share/man/man5/memkit-store.5
STORE=$MEM_STORE
export STORE

# commands SECTION [SUBSECTION]: what stands behind "$ ", ready for a shell
commands() {
	awk -v sh="$1" -v ss="${2-}" '
		/^\.Sh / { in_sh = substr($0, 5) == sh; in_ss = ss == "" }
		/^\.Ss / { in_ss = substr($0, 5) == ss }
		/^\.Ed/ { shown = 0 }
		in_sh && in_ss && shown {
			sub(/^\$ /, "")
			gsub(/\\e/, "\\")
			print
		}
		/^\.Bd -literal/ { shown = 1 }' "$page"
}

# run SECTION [SUBSECTION]: some of the commands find something wrong, and
# are meant to
run() {
	commands "$@" >script
	[ -s script ] || { echo "no commands of $*"; return 1; }
	sh script || :
}

record() {
	echo '{"type":"record","kb":"k","record_id":"'"$1"'","record_type":"note","title":"'"$2"'"}'
}

{
	mktexts 400 5 | mem-ingest
	mktexts 100 2 7 | MEM_USER='ann b' mem-ingest
	mem-admin compact
	mktexts 30 5 3 | mem-ingest
	{ record 1 a; record 2 b; } | mem-ingest
	{ record 1 c; record 3 d; } | mem-ingest
	mem-session set s1 branch main
} >setup.out 2>&1
all() {
	mem-log --json
	MEM_USER='ann b' mem-log --json
}
all >want
cp -R "$STORE" good

start() {
	rm -rf "$STORE" "$STORE.broken" unpacked
	cp -R good "$STORE"
	change "PRAGMA wal_checkpoint(TRUNCATE)" >checkpoint
}

# page_of TABLE N: the n-th page of a table that holds its rows
page_of() {
	sqlite3 "$db" "SELECT pageno FROM dbstat WHERE name = '$1' AND
	    pagetype = 'leaf' ORDER BY path LIMIT 1 OFFSET $2"
}

# wipe TABLE N: that page is gone
wipe() {
	p=$(page_of "$1" "$2")
	[ -n "$p" ] || { echo "$1 has no page $2"; return 1; }
	dd if=/dev/zero of="$db" bs=4096 count=1 seek=$((p - 1)) \
	    conv=notrunc 2>/dev/null
}

# came_back LEAST: so many of the events are there, as they were, no others,
# and nothing is wrong
came_back() {
	mem-admin check >checked || { cat checked; return 1; }
	all >got
	sort want >want.sorted
	# a session whose row was lost has another name
	sed 's/"session_id":"lost-[0-9]*"/"session_id":"?"/' got | sort >got.sorted
	sed 's/"session_id":"[^"]*"/"session_id":"?"/' want | sort >>want.sorted
	sort want.sorted -o want.sorted
	comm -13 want.sorted got.sorted >strange
	[ ! -s strange ] || { head -n 3 strange; return 1; }
	n=$(wc -l <got)
	echo "$n of $(wc -l <want) events"
	[ "$n" -ge "$1" ]
}

# ---- without memkit ----

test_that 'a single text, with sqlite3 and zstd' '
	start
	seq=$(sql "SELECT max(seq) FROM event WHERE pack IS NULL")
	{ commands "READING IT WITHOUT MEMKIT"
	  commands "READING IT WITHOUT MEMKIT" "A text"; } >all.sh
	sed -n "/^T=/p; /^N=1/,/^zstd -dc -D dict <frame >body/p; /^tr /p" all.sh |
	    sed "s/^N=1/N=$seq/" >one.sh
	sh one.sh | tail -n 2 >text
	cat text
	mem-log --json | grep -F "\"text\":\"$(head -n 1 text)\""
'
test_that 'each packed text, with sqlite3 and zstd' '
	sed -n "/^T=/p" all.sh >packed.sh
	sed -n "/^zstd -dc -D dict <frame >body/,/^tr /p" all.sh | sed 1d >>packed.sh
	n=0
	for seq in 1 2 57 200 333; do
		[ "$(sql "SELECT pack IS NOT NULL FROM event WHERE seq = $seq")" = 1 ]
		N=$seq sh packed.sh | grep -v "^[0-9]*|" | head -n 1 >text
		mem-log --json | grep -F "\"text\":\"$(cat text)\""
		n=$((n + 1))
	done
	[ $n = 5 ]
'
test_that 'which events there are' '
	commands "READING IT WITHOUT MEMKIT" "A text" | sed -n "1,3p" >list.sh
	{ echo "T=$STORE/tenants/default"; cat list.sh; } | sh >out
	cat out
	[ "$(wc -l <out)" = 10 ]
'
test_that 'a backup, with tar and sqlite3' '
	mem-admin backup backup.tar
	run "READING IT WITHOUT MEMKIT" "A backup" >out
	cat out
	[ "$(sed -n 1p out | cut -d" " -f1)" = "$(sed -n 2p out)" ]
	MEM_STORE=$PWD/unpacked
	all | cmp want -
	mem-admin check
'

# ---- with a backup ----

test_that 'from a backup, and what came after it out of the broken store' '
	start
	mem-admin backup backup.tar
	mktexts 40 5 77 | mem-ingest
	mktexts 10 2 78 | mem-ingest --user "ann b"
	all >want.later
	change "UPDATE audit SET who = 1 WHERE seq = 1"
	run RECOVERY ""  >out 2>&1
	commands RECOVERY | head -n 1 >first.sh
	[ "$(cat first.sh)" = "cp -a \"\$STORE\" \"\$STORE.broken\"" ]
	[ -d "$STORE.broken" ]
	run RECOVERY "With a backup"
	mem-admin check
	all | sort >got
	sort want.later | cmp - got
	mem-admin audit --action restore
'

# ---- without one ----

without() {
	cp -a "$STORE" "$STORE.broken"
	run RECOVERY "Without a backup" >run.out 2>&1
	tail -n 3 run.out
}

test_that 'a store that is whole stays as it is' '
	start
	without
	came_back 530
	all | cmp want -
	[ "$(mem-session get s1 branch)" = main ]
'
test_that 'a page of events is gone: the others come back' '
	start
	wipe event 1
	exits 1 mem-admin check
	without
	came_back 400
'
test_that 'pages of indexes are gone: everything comes back' '
	start
	wipe event_key 0
	wipe event_session 1
	wipe session_time 0
	exits 1 mem-admin check
	without
	came_back 530
'
test_that 'a page of packs is gone: the others come back' '
	start
	wipe pack 0
	exits 1 mem-admin check
	without
	came_back 100
'
test_that 'the sessions are gone: events come back under other names' '
	start
	wipe session 0
	exits 1 mem-admin check
	without
	came_back 530
	mem-log --json | jl session_id | sort -u >ids
	cat ids
	[ "$(grep -c "^lost-" ids)" = 5 ]
'
test_that 'bodies, packs and records that cannot be read: the others stay' '
	start
	change "UPDATE event SET body = x'\''00'\'' WHERE seq = 520;
	    UPDATE event SET off = 99999 WHERE seq = 7;
	    UPDATE pack SET data = x'\''00'\'' WHERE id = 2;
	    UPDATE record SET body = x'\''00'\'' WHERE seq = 1"
	lost=$(sql "SELECT count(*) FROM event WHERE pack = 2")
	exits 1 mem-admin check
	without
	came_back $((530 - 2 - lost))
	[ "$(wc -l <got)" = $((530 - 2 - lost)) ]
	[ "$(sql "SELECT count(*) FROM record")" = 3 ]
'
test_that 'rows with values that cannot be: the others stay' '
	start
	change "UPDATE event SET role = 7 WHERE seq IN (7, 520)"
	exits 1 mem-admin check >problems
	[ "$(grep -c "\"what\":\"value\"" problems)" = 2 ]
	without
	came_back 528
	[ "$(wc -l <got)" = 528 ]
'
test_that 'and it goes on' '
	mktexts 400 5 | mem-ingest >out
	cat out
	mem-admin check
	mem-admin compact
	mem-admin check
	contents >got
	[ "$(grep -c . got)" -ge 429 ]
'
test_done
