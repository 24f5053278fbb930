#!/bin/sh
# mem-session archive, restore: files that stay on a remote alone, once each
# copy is proven; records stay.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

schema=$top/share/schema
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema
folder=$MEM_STORE/tenants/default/files/tester
objects=$work/remote/default/tester

mkdir remote
mem-ingest -q >/dev/null <<'.'
{"session_id":"s1","timestamp":"2026-11-18T10:00:00Z","text":"the report on walnuts"}
{"session_id":"s2","timestamp":"2026-11-18T10:00:00Z","text":"another one"}
.
mem-admin config set remote.main.url "$work/remote"
head -c 300000 /dev/urandom >big
printf 'hello\n' >small
printf '#!/bin/sh\n' >run
chmod +x run
mem-session put s1 inputs big small -q
mem-session put s1 cache run -q
mem-session put s2 inputs small -q

# here SESSION: how many files are on the disk
here() {
	find "$folder/$1" -type f ! -name '.*' | wc -l
}
state() {
	mem-session show "$1" --json | jl state
}
# audit: the last rows, "action object", but for objects that moved
audit() {
	mem-admin audit --json | grep -v '"action":"object_' | sed 's/.*"action":"\([^"]*\)".*"object":"\([^"]*\)".*/\1 \2/' |
	    tail -n "$1"
}

test_that 'what was not pushed is refused, with the remedy' '
	exits 75 mem-session archive s1 >out 2>err
	cat err
	[ ! -s out ]
	grep "files that are not on .main. yet: 3; mem-sync push" err
	[ "$(here s1)" = 3 ]
	[ "$(state s1)" = active ]
'
mem-sync push -q >/dev/null
test_that 'a dry run proves, prints the same, and takes nothing away' '
	mem-session archive s1 --dry-run >dry
	[ "$(here s1)" = 3 ]
	[ "$(state s1)" = active ]
	grep "\"files\":3,\"size_bytes\":300016,\"status\":\"done\",\"dry_run\":true}" dry
'
test_that 'a file that was written since is not there yet' '
	date >"$(mem-session path s1 artifacts new)"
	exits 75 mem-session archive s1 --dry-run 2>err
	cat err
	grep "yet: 1; mem-sync push" err
	exits 75 mem-session archive s1 2>err
	grep "yet: 1; mem-sync push" err
	[ "$(here s1)" = 4 ]
	mem-session rm s1 artifacts new -q
	mem-sync push -q >/dev/null
'
test_that 'a copy that is damaged or gone: nothing is taken away' '
	cp "$objects/s1/inputs/small" keep
	printf "hellO\n" >"$objects/s1/inputs/small"
	exits 2 mem-session archive s1 2>err
	cat err
	grep "does not have 1 files of session .s1. as they must be" err
	grep "default/tester/s1/inputs/small. is not what it must be" err
	rm "$objects/s1/inputs/small"
	exits 2 mem-session archive s1 2>err
	grep "default/tester/s1/inputs/small. is not there" err
	[ "$(here s1)" = 3 ]
	cp keep "$objects/s1/inputs/small"
'
test_that 'a session on hold is not archived' '
	mem-session hold s1 "case 7"
	exits 2 mem-session archive s1 2>err
	cat err
	grep "is on hold" err
	exits 2 mem-session archive s1 --dry-run 2>err
	mem-session release s1
	[ "$(here s1)" = 3 ]
'
test_that 'archived: the bytes are gone here, and only here' '
	mem-session archive s1 >out
	sed "s/}$/,\"dry_run\":true}/" out | cmp dry -
	"$helper" "$schema" out
	[ "$(here s1)" = 0 ]
	cmp big "$objects/s1/inputs/big"
	[ "$(state s1)" = archived ]
	mem-session files s1 --json | jl state | sort | uniq -c | grep "3 archived"
	mem-admin check -q
'
test_that 'every step is in the audit log' '
	audit 3 >got
	cat got
	printf "file_prove s1\nfile_trim s1\narchive s1\n" | diff - got
'
test_that 'it still answers mem-log and mem-search' '
	mem-log --session s1 --json | grep walnuts
	mem-search walnuts --json | grep "report on walnuts"
	mem-session list --json | grep "\"session_id\":\"s1\""
'
test_that 'again: nothing is left to do' '
	mem-session archive s1 >out
	grep "\"files\":0,\"size_bytes\":0,\"status\":\"done\"}" out
'
test_that 'a push leaves it as it is, and its state travels' '
	mem-sync push >out
	cat out
	[ "$(jl files <out)" = 0 ]
	[ "$(jl files_missing <out)" = 0 ]
'
test_that 'a new node has its rows, and the bytes of the others alone' '
	export MEM_STORE=$work/second
	mem-admin init
	mem-admin config set remote.main.url "$work/remote"
	mem-sync pull >out
	cat out
	[ "$(jl files <out)" = 1 ]
	[ "$(state s1)" = archived ]
	mem-session files s1 --json | jl state | sort | uniq -c | grep "3 archived"
	mem-log --session s1 --json | grep walnuts
	cmp small "$MEM_STORE/tenants/default/files/tester/s2/inputs/small"
	# and the next pull does not take them either
	mem-sync pull >out
	[ "$(jl files <out)" = 0 ]
'
test_that 'a drill reads them all the same' '
	mem-sync verify >out
	cat out
	[ "$(jl files <out)" = 4 ]
	[ "$(jl missing <out)" = 0 ]
'
test_that 'restored there: bytes, the mode, and the state' '
	export MEM_STORE=$work/second
	mem-session restore s1 --dry-run >dry
	[ "$(state s1)" = archived ]
	mem-session restore s1 >out
	cat out
	sed "s/}$/,\"dry_run\":true}/" out | cmp dry -
	"$helper" "$schema" out
	d=$MEM_STORE/tenants/default/files/tester/s1
	cmp big "$d/inputs/big"
	cmp run "$d/cache/run"
	[ -x "$d/cache/run" ]
	[ "$(state s1)" = active ]
	mem-admin audit --json | grep "\"action\":\"restore\",\"object\":\"s1\""
	mem-admin check -q
'
test_that 'and here, where they were taken away' '
	mem-session restore s1 >out
	[ "$(jl files <out)" = 3 ]
	cmp big "$folder/s1/inputs/big"
	mem-session files s1 --json | jl state | sort | uniq -c | grep "3 here"
	mem-session restore s1 >out
	[ "$(jl files <out)" = 0 ]
'
test_that 'a file that went missing comes back, too' '
	rm "$folder/s1/inputs/big"
	mem-session files s1 --json | grep "\"state\":\"missing\""
	mem-session restore s1 >out
	[ "$(jl files <out)" = 1 ]
	cmp big "$folder/s1/inputs/big"
'
test_that 'what is not on the remote is told, and the session stays archived' '
	mem-session archive s2 >/dev/null
	mv "$objects/s2/inputs/small" away
	exits 3 mem-session restore s2 >out
	cat out
	grep "\"type\":\"file_missing\",\"session_id\":\"s2\"" out
	grep "\"status\":\"part\",\"missing\":1}" out
	[ "$(state s2)" = archived ]
	mv away "$objects/s2/inputs/small"
	mem-session restore s2 >out
	[ "$(state s2)" = active ]
'
test_that 'with --verify each copy is read' '
	mem-session archive s1 --verify >out
	[ "$(here s1)" = 0 ]
	mem-session restore s1 >out
'
test_that 'what was written into an archived session stays, and goes the next time' '
	mem-session archive s1 >out
	mem-session put s1 artifacts small -q
	[ "$(state s1)" = archived ]
	mem-sync push -q >out
	[ "$(jl files <out)" = 1 ]
	[ "$(here s1)" = 1 ]
	mem-session archive s1 >out
	[ "$(jl files <out)" = 1 ]
	[ "$(here s1)" = 0 ]
	mem-session restore s1 >out
	[ "$(jl files <out)" = 4 ]
'
test_that 'no such session: exit 1; no remote: what to do' '
	exits 1 mem-session archive nobody 2>err
	grep "no session" err
	exits 64 mem-session archive s1 --remote other 2>err
	cat err
	grep "no remote is called .other." err
	exits 64 mem-session archive
	exits 64 mem-session archive a b
'
test_done
