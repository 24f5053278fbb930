#!/bin/sh
# mem-ltm review with a store: facts are found by what they are about, rows
# by the files of facts and by a search.
. "${0%/*}/lib.sh"
. "$tests/lib-ltm.sh"
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema

# change PATH [LINE]: a patch of one file, with this line added
change() {
	printf 'diff --git a/%s b/%s\n--- a/%s\n+++ b/%s\n@@ -7 +7 @@\n-old\n+%s\n' \
	    "$1" "$1" "$1" "$1" "${2-new}"
}
# told: rules, files, levels of what is said of the patch on standard input
told() {
	mem-ltm review --json "$@" >out 2>err || return
	jq -r '[.rule, .file, .level] | @tsv' out | tr '\t' ' '
}

test_that 'without a store nothing is known, and none is made' '
	change src/a.c | told >got
	[ ! -s got ]
	[ ! -e "$MEM_STORE" ]
'
test_that 'a file, its module, and the files it is fixed with' '
	fresh_store
	bugs 4 1 critical sync src/sync/a.c,src/sync/b.c null_check |
	    mem-ingest -q
	bugs 4 11 minor net src/net/c.c race_condition | mem-ingest -q
	mem-ltm run -q bug-import
	mem-ltm run -q bug-history
	change src/sync/a.c | told >got
	cat got out err
	grep -x "file-history src/sync/a.c error" got
	grep -x "module-history src/sync/a.c note" got
	grep -x "missing-partner src/sync/a.c .*" got
	grep "fixed together with src/sync/b.c" out
	change src/sync/a.c | mem-ltm review --format sarif >log
	"$helper" -s "$tests/data/sarif/sarif-2.1.0.json" log
	grep file-history out | jq -e "(.facts | length) == 2 and (.sources | sort) == [\"B-1\",\"B-2\",\"B-3\",\"B-4\"]"
	[ "$(grep -c net out)" -eq 0 ]
	{ change src/sync/a.c; change src/sync/b.c; } | told >got
	[ "$(grep -c missing-partner got)" -eq 0 ]
	change src/other.c | told >got
	[ ! -s got ]
'
test_that 'by the name before a rename' '
	printf "diff --git a/src/sync/a.c b/z.c\nsimilarity index 100%%\nrename from src/sync/a.c\nrename to z.c\n" | told >got
	grep -x "file-history z.c error" got
'
test_that 'what was retracted, rejected or expired is told no more' '
	fresh_store
	bugs 4 1 critical sync src/a.c - | mem-ingest -q
	mem-ltm run -q bug-import
	change src/a.c | told | grep file-history
	mem-ltm expire "$(id_of file_hotspot src/a.c)" >/dev/null
	change src/a.c | told >got
	[ "$(grep -c file-history got)" -eq 0 ]
	mem-ltm reject bugs/B-1 bugs/B-2 bugs/B-3 >/dev/null
	mem-ltm run -q bug-import
	change x/sync/b.c | told >got
	[ ! -s got ]
'
test_that 'a pattern of several modules, where a row near by has its tag' '
	fresh_store
	{
		bugs 3 1 major sync src/a.c null_check
		bugs 3 11 major net src/b.c null_check
		bug N-1 major net src/c.c null_check |
		    sed "s/\"title\":\"t\"/\"title\":\"null pointer in the check\"/"
	} | mem-ingest -q
	mem-ltm run -q bug-import
	change elsewhere.c "if (p == NULL) check_all(pointer);" | told >got
	cat got out
	grep -x "bug-pattern elsewhere.c warning" got
	jq -r .message out | grep "The pattern null_check"
	change elsewhere.c "check_all(pointer);" | told >got
	[ "$(grep -c bug-pattern got)" -eq 0 ]
'
test_that 'two values, the second of which only rows have' '
	fresh_store
	bugs 4 1 critical sync src/sync/a.c - |
	    sed "s/\"fields\":{/\"fields\":{\"defect_type\":\"calendar\",\"component\":\"sync\",/" | mem-ingest -q
	mem-ltm run -q bug-history
	mem-ltm list --tag defect:calendar | grep -c component_type | grep -x 1
	change src/sync/b.c | told >got
	cat got
	grep "bugs were of the kind calendar" out
'
test_that 'a pattern that a row of the module has' '
	fresh_store
	{
		bugs 4 1 major sync src/a.c alpha_beta
		bugs 4 11 major sync src/b.c gamma_delta
		bugs 3 21 major sync src/c.c null_check
		bugs 3 31 major net src/d.c null_check
	} | mem-ingest -q
	mem-ltm run -q bug-import
	# the search is for the longest words
	long=$(awk "BEGIN { for (i = 0; i < 60; i++) printf \"somewhatlongword%c%c \", 97 + i / 26, 97 + i % 26 }")
	change sync/z.c "if (p == NULL) check_all($long);" | told >got
	grep -x "bug-pattern sync/z.c warning" got
'
test_that 'a root cause, by the stems of its words' '
	fresh_store
	bugs 4 1 major sync src/a.c - "ignored timezones" | mem-ingest -q
	mem-ltm run -q bug-import
	mem-ltm list --tag cause: | grep recurring_root_cause
	change elsewhere.c "ignore(timezone);" | told >got
	cat got out
	grep -x "bug-pattern elsewhere.c warning" got
	change elsewhere.c "ignore(time);" | told >got
	[ ! -s got ]
'
test_that 'a row near the lines: of the file, or with all the words of its title' '
	fresh_store
	{
		bugs 3 1 minor sync src/a.c -
		bug N-1 minor sync src/a.c - | sed "s/\"title\":\"t\"/\"title\":\"heartbeat timeout lost\"/"
		bug N-2 minor sync - - | sed "s/\"title\":\"t\"/\"title\":\"window redraw flickers\"/"
		bug N-3 minor sync - - x rejected | sed "s/\"title\":\"t\"/\"title\":\"window redraw flickers\"/"
	} | mem-ingest -q
	mem-ltm run -q bug-import
	change src/a.c "setHeartbeat(TIMEOUT);" | told >got
	jq -r .sources[] out | grep -x N-1
	change src/b.c "setHeartbeat(TIMEOUT);" | told >got
	[ ! -s got ]
	change src/b.c "flickers = window.redraw();" | told >got
	grep -x "similar-bug src/b.c note" got
	jq -r .sources[] out | grep -x N-2
	[ "$(grep -c N-3 out)" -eq 0 ]
	mem-index -q
	change src/b.c "flickers = window.redraw();" | told | grep -x "similar-bug src/b.c note"
	mem-ltm reject N-2
	change src/b.c "flickers = window.redraw();" | told >got
	[ ! -s got ]
'
test_that 'what somebody put down' '
	fresh_store
	mem-ltm add --pattern sync:lost_update "Look for writes without a version." >/dev/null
	mem-ltm add --scope tenant --confidence 0.8 --tag file:src/x.c "Ask Maren." >/dev/null
	{ change src/sync/a.c; change src/x.c; } | told >got
	cat got
	grep -x "module-history src/sync/a.c note" got
	grep -x "file-history src/x.c warning" got
'
test_that 'projects: all, or one' '
	fresh_store
	bugs 3 1 critical sync src/a.c - | sed "s/\"fields\":{/\"fields\":{\"project\":\"one\",/" | mem-ingest -q
	bugs 3 11 critical net src/b.c - | sed "s/\"fields\":{/\"fields\":{\"project\":\"two\",/" | mem-ingest -q
	bugs 3 21 critical net src/c.c - | mem-ingest -q
	mem-ltm run -q bug-import
	{ change src/a.c; change src/b.c; change src/c.c; } >p
	told <p | grep -c file-history | grep -x 3
	told --project two <p >got
	grep -x "file-history src/b.c error" got
	[ "$(grep -c file-history got)" -eq 1 ]
'
test_that 'more projects than are asked for: one has to be named' '
	fresh_store
	n=1
	while [ $n -le 65 ]; do
		bugs 2 "$n$n" major sync src/a.c - | sed "s/\"fields\":{/\"fields\":{\"project\":\"p$n\",/; s/B-/P$n-/"
		n=$((n + 1))
	done | mem-ingest -q
	mem-ltm run -q --max-facts 0 bug-import
	change src/a.c >p
	exits 2 mem-ltm review <p 2>err
	grep "more than 64 projects; name one with --project" err
	told --project p65 <p >got
	grep -x "file-history src/a.c note" got
'
test_that 'a store that cannot be read is an error, not one without facts' '
	fresh_store
	bugs 3 1 critical sync src/a.c - | mem-ingest -q
	rm -f "$MEM_STORE"/tenants/default/memory.db-*
	echo nonsense >"$MEM_STORE/tenants/default/memory.db"
	exits 2 mem-ltm review </dev/null 2>err
	cat err
'
test_done
