#!/bin/sh
# mem-ltm: from rows to facts, and what somebody does with them.
. "${0%/*}/lib.sh"
. "$tests/lib-ltm.sh"
. "$tests/lib-store.sh"

some() {
	bugs 4 1 minor parser a.c,b.c null_check "null pointer not checked"
	bugs 2 5 critical lexer a.c null_check "null pointer not checked"
}

test_that 'without a store there is nothing to run, and it says so' '
	exits 2 mem-ltm run 2>err
	grep "no store" err
	[ ! -e "$MEM_STORE" ]
	exits 64 mem-ltm 2>err
	exits 2 mem-ltm list 2>err
	mem-admin init >/dev/null
	exits 64 mem-ltm list extra 2>err
	exits 64 mem-ltm explain 2>err
	exits 2 mem-ltm run --kb nothing 2>err
'
test_that 'a dry run tells what would change, and changes nothing' '
	some | mem-ingest -q >/dev/null
	mem-ltm run --dry-run bug-import >dry
	exits 1 mem-ltm list
	[ "$(sql "SELECT count(*) FROM ltm_group")" = 0 ]
	mem-ltm run bug-import >wet
	sed "s/\"dry_run\":true/\"dry_run\":false/" dry >want
	cmp want wet
	[ "$(jl change <wet | grep -c insert)" -eq 5 ]
'
test_that 'the second run finds nothing to do, and writes nothing' '
	cp "$MEM_STORE/tenants/default/memory.db" before
	mem-ltm run bug-import >out
	[ "$(jl rows <out)" = 0 ]
	cmp before "$MEM_STORE/tenants/default/memory.db"
	mem-ltm run --rebuild bug-import >out
	[ "$(jl same <out)" = 5 ]
	[ "$(jl updated <out)" = 0 ]
	[ "$(mem-ltm list | jl version | sort -u)" = 1 ]
'
test_that 'list: by tag, confidence, scope, number' '
	[ "$(mem-ltm list --tag bug_pattern | wc -l)" -eq 5 ]
	[ "$(mem-ltm list --tag module: | jl fact_id)" = "$(id_of module_hotspot parser)" ]
	[ "$(mem-ltm list --tag bug_pattern,file_hotspot | wc -l)" -eq 2 ]
	[ "$(mem-ltm list --min-confidence 0.85 | wc -l)" -eq 2 ]
	exits 64 mem-ltm list --min-confidence 1.5 2>err
	exits 64 mem-ltm list --min-confidence x 2>err
	[ "$(mem-ltm list -n 2 | wc -l)" -eq 2 ]
	[ "$(mem-ltm list --scope tenant | wc -l)" -eq 5 ]
	exits 1 mem-ltm list --scope user
	exits 1 mem-ltm list --tag nothing
'
test_that 'explain: the steps add up, the rows are there' '
	mem-ltm list | mem-ltm explain - >out
	[ "$(wc -l <out)" -eq 5 ]
	perl -MJSON::PP -ne '\''
		my $o = decode_json($_);
		my $sum = 0;
		$sum += $_->{add} for @{$o->{steps}};
		die "$o->{fact_id}: $sum, $o->{confidence}"
		    if abs($sum - $o->{confidence}) > 1e-9;
		die "rows" if @{$o->{rows}} != $o->{count};'\'' out
	mem-ltm explain "$(id_of file_hotspot a.c)" >out
	[ "$(jl count <out)" = 6 ]
	mem-ltm explain "$(id_of recurring_root_cause check+null+pointer)" >out
	[ "$(jl count <out)" = 6 ]
	exits 1 mem-ltm explain fact:0000000000000001 2>err
	grep "there is no fact" err
	exits 3 mem-ltm explain "$(id_of file_hotspot a.c)" nonsense 2>err
'
test_that 'a row is rejected: what rests on it falls, with before and after' '
	parser=$(id_of module_hotspot parser)
	mem-ltm reject B-1 >out
	grep -F "\"verdict\":\"rejected\",\"holds\":true" out
	mem-ltm reject bugs/B-2
	# whatever comes of it later
	bug B-1 major parser a.c null_check "null pointer not checked" closed | mem-ingest -q >/dev/null
	mem-ltm run bug-import >out
	cat out
	grep "\"change\":\"retract\"" out | grep -F "\"fact_id\":\"$parser\"" >one
	grep -F "\"before\":0.6,\"reason\":\"2 of 3 rows that it takes\"" one
	[ "$(sure module_hotspot parser)" = none ]
	grep -F "\"before\":0.85,\"after\":0.75" out
	mem-ltm list --gone | grep -F "$parser" | grep -F "\"gone\":true"
	mem-ltm list | grep -c verdict | grep -x 0
	mem-ltm list --tag verdict | grep -F "\"key\":\"bugs/B-1\""
	exits 1 mem-ltm reject NO-1 2>err
	exits 3 mem-ltm reject B-1 NO-1 2>err
'
test_that 'and counts again' '
	mem-ltm reject --undo B-1 B-2
	mem-ltm run bug-import >out
	grep -F "\"fact_id\":\"$(id_of module_hotspot parser)\",\"change\":\"insert\"" out
	[ "$(sure module_hotspot parser)" = 0.6 ]
	mem-ltm history "$(id_of module_hotspot parser)" >out
	[ "$(jl version <out | tr "\n" " ")" = "1 2 3 " ]
	mem-ltm list --history "$(id_of module_hotspot parser)" | cmp - out
'
test_that 'a row moves to another module' '
	bug B-3 minor lexer a.c,b.c null_check "null pointer not checked" | mem-ingest -q >/dev/null
	mem-ltm run bug-import >out
	[ "$(sure module_hotspot parser)" = 0.6 ]
	[ "$(sure module_hotspot lexer)" = 0.7 ]
	mem-ltm explain "$(id_of module_hotspot lexer)" | grep -F "B-3"
	mem-ltm explain "$(id_of module_hotspot parser)" >out
	exits 1 grep -F "\"B-3\"" out
	mem-admin check >/dev/null
'
test_that 'facts as they were' '
	MEM_NOW=2026-12-01T00:00:00Z
	export MEM_NOW
	mem-ltm list --as-of 2026-11-25 >was
	bugs 1 50 minor lexer - - | mem-ingest -q >/dev/null
	mem-ltm run -q bug-import
	mem-ltm list --as-of 2026-11-25 | sed "s/,\"valid_until\":[0-9]*//" >got
	sort was >a
	sort got >b
	cmp a b
	[ "$(mem-ltm list --json | grep lexer | jl bug_count | sort -n | tail -n 1)" = 5 ] || mem-ltm list
	exits 1 mem-ltm list --as-of 2026-01-01
'
MEM_NOW=2026-12-02T00:00:00Z
test_that 'an older version counts until its rows change' '
	id=$(id_of module_hotspot lexer)
	mem-ltm rollback "$id" v1 >out
	grep -F "\"held\":true" out
	[ "$(jl bug_count <out)" = 3 ]
	mem-ltm run bug-import --rebuild >out
	[ "$(mem-ltm list | grep -F "$id" | jl bug_count)" = 3 ]
	bugs 1 60 minor lexer - - | mem-ingest -q >/dev/null
	mem-ltm run bug-import -q
	[ "$(mem-ltm list | grep -F "$id" | jl bug_count)" = 5 ]
	exits 2 mem-ltm rollback "$id" 99 2>err
	grep "mem-ltm history" err
	exits 64 mem-ltm rollback "$id" x 2>err
'
test_that 'one that is expired stays away until its rows change' '
	id=$(id_of file_hotspot b.c)
	mem-ltm expire --reason "b.c is gone" "$id" >out
	grep -F "\"reason\":\"b.c is gone\"" out
	mem-ltm run --rebuild -q bug-import
	exits 1 mem-ltm list --tag file:b.c
	bugs 1 70 minor - b.c - | mem-ingest -q >/dev/null
	mem-ltm run -q bug-import
	[ "$(sure file_hotspot b.c)" = 0.8 ]
'
test_that 'facts that somebody puts down: a new value ends the old' '
	mem-ltm add --key editor --tag preference "Maren edits with vi." >one
	id=$(jl fact_id <one)
	[ "$(jl scope <one)" = user ]
	MEM_NOW=2026-12-03T12:00:00Z mem-ltm add --key editor --tag preference "Maren edits with kakoune." >two
	[ "$(jl fact_id <two)" = "$id" ]
	[ "$(jl version <two)" = 2 ]
	mem-ltm history "$id" >out
	grep "edits with vi" out | grep -F "\"valid_until\":$(jl valid_from <two)"
	MEM_NOW=2026-12-04T12:00:00Z
	export MEM_NOW
	mem-ltm list --tag preference | grep kakoune
	mem-ltm list --tag preference --as-of 2026-12-02T18:00:00Z | grep "with vi"
	# the same again is none
	mem-ltm add --key editor --tag preference "Maren edits with kakoune." >three
	[ "$(jl version <three)" = 2 ]
	mem-ltm run -q --rebuild
	mem-ltm list --tag preference | grep kakoune
'
test_that 'users and sessions have their own, the tenant has for all' '
	mem-ltm add --scope tenant --key term:FN "FN is fieldnotes." >out
	[ "$(MEM_USER=ann mem-ltm list --tag preference | wc -l)" -eq 0 ]
	MEM_USER=ann mem-ltm list | grep "FN is fieldnotes"
	exits 64 mem-ltm add --scope session "x" 2>err
	MEM_SESSION=s1 mem-ltm add --scope session "We work on the parser." >out
	grep -F "\"session_id\":\"s1\"" out
	MEM_SESSION=s1 mem-ltm list | grep "work on the parser"
	[ "$(MEM_SESSION=s2 mem-ltm list | grep -c "work on the parser")" -eq 0 ]
	mem-ltm list --scope session | grep "work on the parser"
	MEM_USER=ann
	export MEM_USER
	exits 1 mem-ltm explain "$(jl fact_id <out)" 2>err
	exits 1 mem-ltm expire "$(jl fact_id <out)" 2>err
'
test_that 'a reviewer adds a pattern' '
	mem-ltm add --pattern sync:lost_update "Look for writes without a version." >out
	grep -F "\"key\":\"bug_pattern:sync:lost_update\"" out
	grep -F "\"tags\":[\"bug_pattern\",\"source:review\",\"module:sync\",\"pattern:lost_update\"]" out
	[ "$(jl confidence <out)" = 0.7 ]
	[ "$(jl scope <out)" = tenant ]
	exits 64 mem-ltm add --pattern sync x 2>err
'
test_that 'pinned facts come first, and stay pinned' '
	id=$(id_of file_hotspot a.c)
	mem-ltm pin "$id" | grep -F "\"pinned\":true"
	[ "$(mem-ltm list -n 1 | jl fact_id)" = "$id" ]
	bugs 1 80 minor - a.c - | mem-ingest -q >/dev/null
	mem-ltm run -q bug-import
	[ "$(mem-ltm list -n 1 | jl fact_id)" = "$id" ]
	mem-ltm unpin "$id" >/dev/null
	[ "$(mem-ltm list | grep -c pinned)" = 0 ]
'
test_that 'merge: the first stands for all' '
	a=$(mem-ltm add --tag x "Tea is green." | jl fact_id)
	b=$(mem-ltm add --tag y "Tea is drunk." | jl fact_id)
	mem-ltm merge "$a" "$b" >out
	grep -F "\"tags\":[\"x\",\"y\"]" out
	exits 1 mem-ltm list --tag y,z
	[ "$(mem-ltm list --tag y | jl fact_id)" = "$a" ]
	mem-ltm history "$b" | tail -n 1 | grep -F "merged into $a"
	exits 64 mem-ltm merge "$a" "$(id_of file_hotspot a.c)" 2>err
	grep "follows from rows" err
'
test_that 'what is put down is checked' '
	exits 64 mem-ltm add "" 2>err
	exits 64 mem-ltm add --confidence 2 x 2>err
	exits 64 mem-ltm add --scope all x 2>err
	exits 64 mem-ltm add "$(printf "\377")" 2>err
	exits 64 mem-ltm add "$(head -c 1001 /dev/zero | tr "\0" x)" 2>err
	grep "at most 1000" err
	mem-ltm add "$(head -c 1000 /dev/zero | tr "\0" x)" >/dev/null
	mem-ltm add --until 2026-12-03 "It holds for a day." >/dev/null
	mem-ltm list | grep "for a day"
	[ "$(MEM_NOW=2026-12-04 mem-ltm list | grep -c "for a day")" = 0 ]
'
test_that 'stats and check know of facts; a backup has them' '
	[ "$(mem-admin stats --json | jl fact_count)" -ge 8 ]
	mem-admin check
	mem-ltm list >was
	mem-admin backup a.tar >/dev/null
	mem-admin restore a.tar --store other >/dev/null
	mem-ltm list --store other | cmp - was
	mem-ltm run --store other bug-import >out
	[ "$(jl groups <out)" = 0 ]
'
if command -v sqlite3 >/dev/null; then
	test_that 'check finds groups that were tampered with, a rebuild mends them' '
		db=$MEM_STORE/tenants/default/memory.db
		sqlite3 "$db" "UPDATE ltm_group SET n = n + 1 WHERE rowid IN (SELECT rowid FROM ltm_group WHERE n > 3 LIMIT 1)"
		exits 1 mem-admin check >out
		grep -F "\"what\":\"group\"" out
		mem-ltm run --rebuild -q
		mem-admin check
		sqlite3 "$db" "UPDATE ltm_group SET tail = zeroblob(9), dirty = 1 WHERE n > 3"
		exits 2 mem-ltm run bug-import 2>err
		grep "rebuild" err
		mem-ltm run --rebuild -q
		mem-admin check
	'
	test_that 'what RECOVERY in memkit-store(5) leaves is enough' '
		mem-ltm list >was
		sqlite3 "$MEM_STORE/tenants/default/memory.db" "
		    DELETE FROM ltm_group; DELETE FROM ltm_member; DELETE FROM ltm_row;
		    UPDATE meta SET value = substr(value, 1, instr(value, char(32))) ||
			\"0 -\" WHERE name LIKE \"ltm/%\""
		mem-ltm run bug-import >out
		[ "$(jl same <out)" -ge 4 ]
		mem-ltm list | cmp - was
		mem-admin check
	'
fi
test_done
