#!/bin/sh
# SIGKILL at the steps by which tools change the disk, in a sealed tenant: no
# word that came in is in any file then, nor after the next call; the tenant is
# whole.  MEM_EVERY=N tries one in N of the steps.
. "${0%/*}/lib.sh"
left_to long-26-sealed-kill
. "$tests/lib-store.sh"

every=${MEM_EVERY:-16}
[ -z "${MEM_ALL-}" ] || every=1

none_planted() {
	if LC_ALL=C grep -rlaE 'wombat|xylograph' "$MEM_STORE" >found
	then
		cat found
		return 1
	fi
}

i=1
while [ $i -le 40 ]; do
	echo "{\"session_id\":\"s$((i % 4))\",\"timestamp\":$((1790000000000 + i * 60000)),\"event_type\":\"user_message\",\"text\":\"I prefer the wombat $i over xylograph $i from now on\"}"
	i=$((i + 1))
done >events
echo '{"type":"record","kb":"k","record_id":"r","record_type":"note","title":"a wombat"}' >>events
echo 'bytes of a wombat' >bytes

mem-admin init --sealed >/dev/null
mem-admin config set artifact.mode managed_blob 2>/dev/null
mem-admin config set artifact.provider local_fs 2>/dev/null
cp -R "$MEM_STORE" empty
mem-ingest events >/dev/null
cp -R "$MEM_STORE" filled

# killed FROM COMMAND...: at every step of it, begun with that store
killed() {
	from=$1 step=1
	shift
	while :; do
		rm -rf "$MEM_STORE"
		cp -R "$from" "$MEM_STORE"
		got=0
		LD_PRELOAD=$fault_lib MEM_FAULT=step:$step:KILL "$@" \
		    >out 2>err || got=$?
		[ "$got" -eq 137 ] || break
		none_planted || { echo "step $step of $*"; return 1; }
		mem-log --json >/dev/null 2>err || [ "$(sql \
		    "SELECT count(*) FROM event")" = 0 ] || { cat err; return 1; }
		mem-admin check >whole || { cat whole; return 1; }
		step=$((step + every))
	done
	[ "$got" -eq 0 ] || { cat err; return 1; }
	[ $step -gt 1 ]
	none_planted
}

if [ ! -r "$fault_lib" ]; then
	skip 'kills' 'no fault.so'
	test_done
	exit
fi
test_that 'mem-ingest' 'killed empty mem-ingest events'
test_that 'mem-ingest --each' '
	head -n 4 events >few
	killed empty mem-ingest --each few
'
test_that 'mem-session set' 'killed filled mem-session set s1 pet wombat'
test_that 'mem-toc build' 'every=$((every * 3)); killed filled mem-toc build'
test_that 'mem-ltm live' 'every=$((every * 3)); killed filled mem-ltm live'
test_that 'mem-artifact put' 'killed filled mem-artifact put bytes --meta of=wombat'
test_that 'mem-admin compact' 'killed filled mem-admin compact --all'
test_that 'init --sealed: it is sealed, or it is none, or made again' '
	mkdir nothing
	step=1
	while :; do
		rm -rf "$MEM_STORE"
		got=0
		LD_PRELOAD=$fault_lib MEM_FAULT=step:$step:KILL \
		    mem-admin init --sealed >out 2>err || got=$?
		[ "$got" -eq 137 ] || break
		mem-admin init --sealed >out
		grep "\"sealed\":true" out
		mem-ingest events >out
		none_planted
		mem-admin check >whole || { cat whole; exit 1; }
		step=$((step + every))
	done
	[ "$got" -eq 0 ]
	[ $step -gt 1 ]
'
test_that 'key rewrap: with the old key, or the new one, all of them' '
	rm -rf "$MEM_STORE"
	cp -R filled "$MEM_STORE"
	mem-admin key new fresh >out
	rm -rf two
	cp -R "$MEM_STORE" two
	step=1
	while :; do
		rm -rf "$MEM_STORE"
		cp -R two "$MEM_STORE"
		got=0
		LD_PRELOAD=$fault_lib MEM_FAULT=step:$step:KILL \
		    mem-admin key rewrap >out 2>err || got=$?
		[ "$got" -eq 137 ] || break
		[ "$(sql "SELECT count(DISTINCT ring) FROM seal_key")" = 1 ]
		mem-log --json >out
		[ "$(wc -l <out)" -eq 40 ]
		mem-admin check >whole || { cat whole; exit 1; }
		step=$((step + every))
	done
	[ "$got" -eq 0 ]
	[ "$(sql "SELECT DISTINCT ring FROM seal_key")" = fresh ]
'
test_done
