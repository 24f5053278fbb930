#!/bin/sh
# mem-sync retain: what becomes of sessions' files with time.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

schema=$top/share/schema
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema
objects=$work/remote/default
printf 'hello\n' >f
head -c 5000 /dev/urandom >g

# fresh: two sessions of ours and one of somebody else, with files of 2026-11
fresh() {
	rm -rf store remote second-remote
	mkdir remote second-remote
	for u in tester other; do
		mem-ingest -q --user $u >/dev/null <<-.
		{"session_id":"old","timestamp":"2026-01-05T10:00:00Z","text":"one"}
		{"session_id":"new","timestamp":"2031-01-01T10:00:00Z","text":"two"}
		.
	done
	mem-session put old inputs f g -q
	mem-session put old cache f -q
	mem-session put new inputs f -q
	mem-session put new cache g -q
	mem-session put old artifacts f -q --user other
	mem-admin config set remote.main.url "$work/remote"
	mem-sync push -q >/dev/null
}
# steps FILE: "step user session area files status"
steps() {
	sed -n '/"type":"stage"/s/.*"step":"\([^"]*\)","session_id":"\([^"]*\)","user":"\([^"]*\)",\("area":"\([^"]*\)",\)\{0,1\}.*"files":\([0-9]*\),.*"status":"\([^"]*\)".*/\1 \3 \2 \5 \6 \7/p' "$1"
}
state() {
	mem-session show "$@" --json | jl state
}
here() {
	find "$work/store/tenants/default/files" -type f ! -name '.*' |
	    sed 's,.*/files/,,' | sort
}
# both POLICY: a dry run and a run, which print the same
both() {
	here >before
	mem-sync retain --policy "$1" --dry-run >dry || echo $? >>dry
	here | cmp before -
	mem-sync retain --policy "$1" >out || echo $? >>out
	cat out
	sed 's/,"dry_run":true}/}/' dry | diff - out
	"$helper" "$schema" dry
	"$helper" "$schema" out
}

MEM_NOW=2031-01-10T00:00:00Z

test_that 'without a policy, and with none, all is kept' '
	fresh
	here >was
	mem-sync retain >out
	grep "{\"type\":\"retain\",\"policy\":\"none\",\"deleted\":0,\"archived\":0,\"cold\":0,\"held\":0,\"refused\":0}" out
	[ "$(wc -l <out)" = 1 ]
	mem-sync retain --policy none >out
	here | cmp was -
'
test_that 'what is old is archived, of all users; what is not stays' '
	fresh
	both "archive after 90 days"
	steps out >got
	printf "%s\n" "archive other old  1 done" "archive tester old  3 done" | diff - got
	[ "$(here | grep -c old)" = 0 ]
	[ "$(here | grep -c new)" = 2 ]
	[ "$(state old)" = archived ]
	[ "$(state old --user other)" = archived ]
	[ "$(state new)" = active ]
	mem-admin audit --json | grep "\"action\":\"retain\".*\"detail\":\"deleted 0, archived 2, cold 0, held 0, refused 0\""
	# and on the remote, so that others know
	mem-sync status >status
	[ "$(jl behind <status)" = 0 ]
	both "archive after 90 days"
	[ -z "$(steps out)" ]
'
test_that 'a session that came back is as young as its return' '
	mem-session restore old >/dev/null
	MEM_NOW=$(date -u -d "+80 days" +%Y-%m-%dT00:00:00Z)
	export MEM_NOW
	both "archive after 90 days"
	[ -z "$(steps out)" ]
	MEM_NOW=$(date -u -d "+100 days" +%Y-%m-%dT00:00:00Z)
	both "archive after 90 days"
	[ "$(steps out)" = "archive tester old  3 done" ]
'
test_that 'delete: here, on the remote, and on other copies; the rest is archived' '
	fresh
	MEM_STORE=$work/two mem-admin init >/dev/null
	MEM_STORE=$work/two mem-admin config set remote.main.url "$work/remote"
	MEM_STORE=$work/two mem-sync pull -q >/dev/null 2>&1
	[ -f two/tenants/default/files/tester/old/cache/f ]
	both "archive after 90, delete cache after 30 days"
	steps out >got
	printf "%s\n" "archive other old  1 done" "delete tester old cache 1 done" \
	    "archive tester old  2 done" | diff - got
	[ ! -e "$objects/tester/old/cache/f" ]
	[ -e "$objects/tester/old/inputs/f" ]
	[ -e "$objects/tester/new/cache/g" ]
	MEM_STORE=$work/two mem-sync pull -q >/dev/null 2>&1
	[ ! -e two/tenants/default/files/tester/old/cache/f ]
	mem-session files old --json | jl state | sort | uniq -c | grep "2 archived"
	rm -rf two
'
test_that 'delete all, of archived ones, too' '
	mem-sync retain --policy "delete all after 1 year" >out
	steps out >got
	cat got
	printf "%s\n" "delete other old artifacts 1 done" "delete tester old inputs 2 done" | diff - got
	[ ! -e "$objects/tester/old/inputs" ]
	[ -z "$(mem-session files old)" ]
	mem-log --session old --json | grep one
	mem-admin check -q
'
test_that 'delete needs no remote; archive says what it needs' '
	fresh
	mem-admin config unset remote.main.url
	exits 64 mem-sync retain --policy "archive after 90 days" 2>err
	cat err
	grep "no remote is set up to archive to" err
	both "delete cache after 30 days"
	[ "$(steps out)" = "delete tester old cache 1 done" ]
'
test_that 'a session on hold is left as it is' '
	fresh
	mem-session hold old "case 7"
	both "archive after 90 days, delete cache after 30 days"
	steps out >got
	printf "%s\n" "archive other old  1 done" "delete tester old cache 1 held" \
	    "archive tester old  0 held" | diff - got
	[ "$(here | grep -c tester/old)" = 3 ]
	[ -e "$objects/tester/old/cache/f" ]
'
test_that 'what is not on the remote is refused; the others go on' '
	fresh
	mem-session put old artifacts g -q
	exits 3 mem-sync retain --policy "archive after 90 days" >out
	steps out >got
	printf "%s\n" "archive other old  1 done" "archive tester old  4 refused" | diff - got
	grep "yet: 1; mem-sync push" out
	[ "$(here | grep -c tester/old)" = 4 ]
'
test_that 'a file that no row knows yet: the session is in use' '
	fresh
	cp f "$(mem-session path old inputs later)"
	both "delete all after 30 days"
	[ "$(steps out)" = "delete other old artifacts 1 done" ]
	[ "$(here | grep -c tester/old)" = 4 ]
'
test_that 'what another node wrote since: it may be younger than it looks' '
	fresh
	MEM_STORE=$work/two mem-admin init >/dev/null
	MEM_STORE=$work/two mem-admin config set remote.main.url "$work/remote"
	MEM_STORE=$work/two mem-sync pull -q >/dev/null 2>&1
	echo "{\"session_id\":\"old\",\"timestamp\":\"2031-01-09T10:00:00Z\",\"text\":\"at work\"}" |
	    MEM_STORE=$work/two mem-ingest -q >/dev/null
	MEM_STORE=$work/two mem-sync push -q >/dev/null
	exits 3 mem-sync retain --policy "delete all after 90 days, archive after 90" >out
	steps out >got
	cat out
	printf "%s\n" "delete other old artifacts 1 done" "delete tester old inputs 2 refused" \
	    "delete tester old cache 1 refused" "archive tester old  0 refused" | diff - got
	grep "written it since the last pull; mem-sync pull" out
	mem-sync pull -q >/dev/null
	both "delete all after 90 days, archive after 90"
	[ -z "$(steps out)" ]
	[ "$(here | grep -c tester/old)" = 3 ]
	rm -rf two
'
test_that 'the policy of the configuration' '
	fresh
	mem-admin config set retain.policy "archive after 3 months" 2>err
	cat err
	[ ! -s err ]
	exits 64 mem-admin config set retain.policy "archive at once" 2>err
	grep "retain.policy: policy, byte 9: .after. wanted" err
	mem-sync retain >out
	[ "$(jl archived <out | tail -n 1)" = 2 ]
'
test_that 'a policy that is none: exit 64, and where' '
	exits 64 mem-sync retain --policy "keep after 3 days" 2>err
	cat err
	grep "policy, byte 1: archive, cold or delete wanted, not .keep after" err
	for p in "" "archive" "archive after" "archive after x" "archive after -1" \
	    "archive after 1 day," "archive after 1 day cold after 2" "none, none" \
	    "delete after 3" "archive after 2, archive after 3" \
	    "delete all after 1, delete cache after 2" "cold after 36501" \
	    "cold after 101 years"; do
		exits 64 mem-sync retain --policy "$p"
	done
'
test_that 'cold: a copy on a second remote, once' '
	fresh
	mem-admin config set remote.shelf.url "$work/second-remote"
	exits 64 mem-sync retain --policy "cold after 180 days" 2>err
	cat err
	grep "remote.main.cold NAME" err
	mem-admin config set remote.main.cold shelf
	both "archive after 90 days, cold after 180"
	steps out >got
	printf "%s\n" "archive other old  1 done" "cold other old  1 done" \
	    "archive tester old  3 done" "cold tester old  3 done" | diff - got
	cmp g second-remote/default/tester/old/inputs/g
	cmp f second-remote/default/tester/old/cache/f
	[ ! -e second-remote/default/tester/new ]
	mem-session show old --json | grep "\"cold\":{\"remote\":\"shelf\"}"
	both "archive after 90 days, cold after 180"
	[ -z "$(steps out)" ]
	mem-admin audit --json | grep "\"action\":\"cold\",\"object\":\"old\""
'
test_that 'a new node leaves what is cold where it is' '
	MEM_STORE=$work/two mem-admin init >/dev/null
	MEM_STORE=$work/two mem-admin config set remote.main.url "$work/remote"
	MEM_STORE=$work/two mem-sync pull -q >pulled 2>&1
	cat pulled
	[ ! -e two/tenants/default/files/tester/old/inputs/g ]
	[ -e two/tenants/default/files/tester/new/cache/g ]
	rm -rf two
'
test_that 'what the first remote lost comes from the second, and is put back' '
	rm -r "$objects/tester/old"
	mem-session restore old >out
	cat out
	grep "\"files\":3,.*\"status\":\"done\"}" out
	cmp g "$objects/tester/old/inputs/g"
	cmp g store/tenants/default/files/tester/old/inputs/g
	[ "$(state old)" = active ]
	[ "$(mem-session show old --json | grep -c cold)" = 0 ]
	mem-sync push -q >/dev/null
	mem-sync verify >out
	[ "$(jl missing <out)" = 0 ]
'
test_done
