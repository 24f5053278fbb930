#!/bin/sh
# A build that is killed, faults, and several at once.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-toc.sh"
fault=${MEM_BIN:-$top/bin}/../obj/helper/fault.so
[ -e "$fault" ] || fault=$top/obj/helper/fault.so

chats 5 60 >all
mem-ingest -q <all >/dev/null
cp -R "$MEM_STORE" empty
mem-toc build -q
contents >want
rm -rf full
cp -R "$MEM_STORE" full

# One that waits in vain for another build, while all else goes on; what became
# of it is in held.*.
held() {
	cp -R full held
	perl -e "
		use Fcntl qw(F_SETLK F_WRLCK SEEK_SET);
		open my \$f, q(+<), shift or die;
		my \$l = pack(q(s s x4 l! l! i x4), F_WRLCK, SEEK_SET, 0, 0, 0);
		fcntl \$f, F_SETLK, \$l or die;
		print qq(held\n); close STDOUT; sleep 60" \
	    held/tenants/default/toc.lock >holds &
	i=0
	until [ -s holds ] || [ $i -gt 100 ]; do
		i=$((i + 1))
		sleep 0.05
	done
	status=0
	hasty mem-toc build --store held 2>held.err || status=$?
	kill $!
	echo $status >held.status
}
held &

test_that 'killed at any moment, the next run goes on, and nothing is half done' '
	killed=0
	for ms in 001 002 004 006 008 011 014 017 020 024 028 032 040 050 070; do
		rm -rf "$MEM_STORE"
		cp -R empty "$MEM_STORE"
		mem-toc build -q &
		pid=$!
		sleep 0.$ms
		kill -9 $pid 2>/dev/null && killed=$((killed + 1))
		wait $pid || :
		mem-admin check >out || { cat out; exit 1; }
		# what is there already can be shown
		mem-toc -d 4 >out || :
		mem-toc build -q
		contents >got
		cmp got want
	done
	[ $killed -ge 3 ]
'
test_that 'killed in a rebuild, and in a roll-up of what came later' '
	say s1 2026-09-30T10:00:00Z user "Late, but not too late: the token of the gateway." >late
	rm -rf "$MEM_STORE"
	cp -R full "$MEM_STORE"
	mem-ingest -q <late >/dev/null
	mem-toc build -q
	contents >want2
	for ms in 001 003 006 010 015 020; do
		rm -rf "$MEM_STORE"
		cp -R full "$MEM_STORE"
		mem-ingest -q <late >/dev/null
		mem-toc build -q --rebuild &
		pid=$!
		sleep 0.$ms
		kill -9 $pid 2>/dev/null || :
		wait $pid || :
		mem-admin check >out || { cat out; exit 1; }
		mem-toc build -q
		contents >got
		cmp got want2
	done
'
if [ -e "$fault" ] && [ "${MEM_SANITIZE:-no}" = no ]; then
	test_that 'each write that fails leaves contents whole' '
		failed=0
		for n in 1 2 3 4 5 6 7 8; do
			rm -rf "$MEM_STORE"
			cp -R empty "$MEM_STORE"
			got=0
			LD_PRELOAD=$fault MEM_FAULT=fsync:$n mem-toc build -q 2>err || got=$?
			[ "$got" -eq 0 ] || failed=$((failed + 1))
			[ "$got" -eq 0 ] || [ "$got" -eq 2 ] || { cat err; exit 1; }
			mem-admin check >out || { cat out; exit 1; }
			mem-toc build -q
			contents >got
			cmp got want
		done
		[ $failed -ge 3 ]
		for n in 3 9 27 50 81 140 200; do
			rm -rf "$MEM_STORE"
			cp -R empty "$MEM_STORE"
			LD_PRELOAD=$fault MEM_FAULT=write:$n mem-toc build -q 2>err || :
			mem-admin check >out || { cat out; exit 1; }
			mem-toc build -q
			contents >got
			cmp got want
		done
	'
else
	skip 'faults' 'no fault.so for this build'
fi
test_that 'of two builds one waits, and finds nothing left to do' '
	rm -rf "$MEM_STORE"
	cp -R empty "$MEM_STORE"
	mem-toc build >one &
	mem-toc build >two
	wait
	cat one two
	n=$(cat one two | jl versions | awk "{ n += \$1 } END { print n }")
	[ "$n" -eq "$(wc -l <want)" ]
	contents >got
	cmp got want
'
test_that 'events, pins and forgetting go on while it builds' '
	rm -rf "$MEM_STORE"
	cp -R empty "$MEM_STORE"
	mem-toc build -q
	(for i in 1 2 3 4 5 6; do mem-toc build -q --rebuild || exit 1; done; echo done >built) &
	i=0
	while [ ! -e built ] && [ $i -lt 400 ]; do
		i=$((i + 1))
		say "new$((i % 5))" "2026-10-0$((1 + i % 8))T10:0$((i % 9)):00Z" user "Event $i came while it was built." |
		    mem-ingest -q >/dev/null
		id=$(mem-log --json -n 1 --reverse | jl event_id)
		[ $((i % 4)) -ne 0 ] || echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"$id\"}" |
		    mem-ingest -q >/dev/null
		[ $((i % 3)) -ne 0 ] || mem-toc pin 2026-09 2>err || :
		mem-toc unmark 2026-09 2>err || :
	done
	wait
	mem-toc build -q
	contents >got
	mem-log --json >left
	rm -rf other
	mem-ingest -q --store other <left >/dev/null
	mem-toc build -q --store other
	contents --store other >want3
	cmp got want3
	mem-admin check >/dev/null
'
test_that 'one that waits in vain exits 75' '
	i=0
	until [ -s held.status ] || [ $i -gt 300 ]; do
		i=$((i + 1))
		sleep 0.1
	done
	[ -s holds ]
	cat held.err
	[ "$(cat held.status)" = 75 ]
'
test_done
