#!/bin/sh
# What is forgotten is in no version of any node, whatever came before.
. "${0%/*}/lib.sh"
. "$tests/lib-toc.sh"

# forget TEXT: the event that says so
forget() {
	id=$(mem-log --json | grep -F "$1" | jl event_id)
	[ -n "$id" ] || return 1
	echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"$id\"}" |
	    mem-ingest -q >/dev/null
}
# no WORD...: none of them is in any version
no() {
	all_versions >versions.out
	[ -s versions.out ] || return 1
	for w; do
		exits 1 grep -io "[^\"]*${w}[^\"]*" versions.out || return 1
	done
}
answer() {
	echo "echo \"{\\\"type\\\":\\\"contents\\\",\\\"id\\\":\$id,\\\"title\\\":\\\"$1\\\",\\\"bullets\\\":[\\\"$2\\\"],\\\"keywords\\\":[]}\""
}

test_that 'a title that ends within a word does not keep its beginning' '
	long=$(printf %0100d 0 | tr 0 q)
	say a 2026-11-16T09:00:00Z user "The gateway refuses the combination." | mem-ingest -q >/dev/null
	say a 2026-11-16T09:01:00Z user "The combination is $long." | mem-ingest -q >/dev/null
	model "$(answer "The gateway refuses the combination, $long" "The gateway refuses the combination")"
	mem-toc build -q
	mem-toc -d 9 | grep ", qqq"
	forget qqq
	no qqq
'
test_that 'what a mark of Markdown parts, and a bullet does not' '
	fresh_store
	long=$(printf %070d 0 | tr 0 z)
	say a 2026-11-16T09:00:00Z user "\`zz\`$long" | mem-ingest -q >/dev/null
	mem-toc build -q
	mem-toc -d 9 | grep zzz
	forget zz
	no zzz
'
test_that 'what lay in a segment that was cut otherwise, whose versions were pruned' '
	fresh_store
	say a 2026-11-16T23:20:00Z user "The tape robot of the archive is stuck again." >1
	say a 2026-11-16T23:45:00Z user "Maintenance opens the hatch of the tape robot." >2
	say a 2026-11-17T00:10:00Z user "Xylophone is the password of the tape robot." >3
	cat 1 2 3 | mem-ingest -q >/dev/null
	mem-toc build -q
	mem-toc 2026-11-16 | grep Xylophone
	forget Maintenance
	mem-toc build -q
	mem-toc 2026-11-17 | grep Xylophone
	mem-toc 2026-11-16 | grep -v Xylophone
	# of the segment only: the day keeps what it said
	sqlite3 "$MEM_STORE/tenants/default/memory.db" "DELETE FROM toc_version
	    WHERE node IN (SELECT id FROM toc_node WHERE level = 0) AND
	    version < (SELECT live FROM toc_node n WHERE n.id = node)"
	all_versions | grep Xylophone
	forget Xylophone
	no xylophone
	mem-toc build -q
	no xylophone
	mem-admin check >/dev/null
'
test_that 'a pin changes the day in which the bullet lies now' '
	fresh_store
	cat 1 2 3 | mem-ingest -q >/dev/null
	mem-toc build -q
	forget Maintenance
	mem-toc build -q
	g=$(mem-toc 2026-11-17 | grep -o "{\"text\":\"Xylophone[^}]*" | grep -o "grip:[0-9]*:[0-9a-f]*")
	mem-toc pin "$g"
	mem-toc build -q
	mem-toc 2026-11-17 | grep -F "\"pinned\":true"
	mem-toc hide "$g"
	mem-toc build -q
	mem-toc 2026-W47 >out
	exits 1 grep Xylophone out
'

test_that 'of a bullet by a model: each turn that supports it' '
	fresh_store
	say a 2026-11-16T09:00:00Z user "The gateway refuses the refresh token." >in
	say a 2026-11-16T09:01:00Z user "The combination of the safe is zanzibar." >>in
	say a 2026-11-16T09:02:00Z user "The captain is called mauritius." >>in
	say a 2026-11-16T09:03:00Z user "The harbour is madagascar." >>in
	mem-ingest -q <in >/dev/null
	model "$(answer "Gateway, zanzibar" "The gateway refuses the refresh token of the captain mauritius, zanzibar")"
	mem-toc build -q
	mem-toc -d 9 >out
	grep "captain mauritius, zanzibar" out
	[ "$(mem-toc year:2026 | grep -o "grip:[0-9]*" | sort -u | wc -l)" -eq 3 ]
	forget zanzibar
	no zanzibar
'
test_that 'and one that supports it beside these, or was context' '
	fresh_store
	mem-ingest -q <in >/dev/null
	model "$(answer "Gateway" "The gateway refuses the refresh token of the captain mauritius, combination zanzibar, madagascar")"
	mem-toc build -q
	mem-toc -d 9 | grep madagascar
	forget madagascar
	no madagascar
'
test_that 'while a build is on its way that has read it' '
	fresh_store
	mem-ingest -q <in >/dev/null
	model "sleep 1; echo none"
	mem-toc build -q 2>err &
	until [ -s asked ]; do sleep 0.05; done
	forget zanzibar
	wait
	no zanzibar
	mem-admin check >/dev/null
'
test_done
