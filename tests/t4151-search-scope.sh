#!/bin/sh
# Scopes; grafts of each kind; who is bound to a session sees it, and in every
# source the same as in a store that has no other; a search that lasts looks
# again at what it may see; mem-index builds what the call may.
. "${0%/*}/lib.sh"
MEM_MODEL=$model
unset MEM_USER
db=$MEM_STORE/tenants/default/memory.db

ev() {
	echo "{\"session_id\":\"$1\",\"timestamp\":$2,\"role\":\"${4:-user}\",\"text\":\"$3\"}"
}
# talk SESSION N WORD: what contents are made of
talk() {
	for i in 1 2 3 4 5 6; do
		ev "$1" $((1790000000000 + $2 * 86400000 + i * 60000)) \
		    "We decided that the harbour gets $3 number $i in November." user
		ev "$1" $((1790000000000 + $2 * 86400000 + i * 60000 + 9000)) \
		    "The $3 of the harbour costs 4$i thousand, which is fine." assistant
	done
}
# fill STORE SESSION...: what ann has in these
fill() {
	store=$1
	shift
	for s in "$@"; do
		n=${s#s}
		talk "$s" "$n" "crane$n" | mem-ingest -q --store "$store" --user ann >/dev/null
		MEM_SESSION=$s mem-ltm add --store "$store" --user ann --scope session \
		    "The crane of $s is at the harbour." >/dev/null
	done
	mem-ltm add --store "$store" --user ann "Ann likes the harbour." >/dev/null
	mem-ltm add --store "$store" --user ann --scope tenant "The harbour is deep." >/dev/null
	echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"1\",\"record_type\":\"n\",\"title\":\"The harbour and its crane\"}" |
	    mem-ingest -q --store "$store" --user ann >/dev/null
	mem-toc build -q --store "$store" --user ann >/dev/null
}
fill "$MEM_STORE" s1 s2 s3
MEM_SESSION=s2 mem-artifact put --user ann --uri https://example.org/crane2.txt \
    --meta at=harbour >/dev/null
mem-artifact put --user ann --uri https://example.org/harbour.txt >/dev/null
graft() {	# USER SESSION TO_KIND TO_NAME [KINDS]
	sqlite3 "$db" "INSERT INTO graft (id, session, to_kind, to_name, kinds,
	    since, until, created, by) SELECT randomblob(16), s.seq, $3, '$4',
	    ${5:-63}, -62135596800000, 253402300800000, 1, 'test' FROM session s
	    JOIN user u ON u.id = s.user WHERE s.name = '$2' AND u.name = '$1'"
}
# sources SCOPE [OPTION...]: what is found of it, by source
sources() {
	scope=$1
	shift
	mem-search --user ann --scope "$scope" -n 0 --no-fold --fields source "$@" harbour |
	    jl source | sort | uniq -c | awk '{ printf "%s%s %s", sep, $1, $2
	    sep = ", " }'
}

for how in 'not indexed' indexed; do
	[ "$how" = 'not indexed' ] || mem-index -q
	test_that "scopes: $how" '
		[ "$(sources kb)" = "1 kb" ]
		[ "$(sources tenant)" = "1 fact" ]
		sources user >got
		grep "^1 artifact, 1 fact, [0-9]* toc" got
		mem-search --user ann --scope user --in toc -n 0 harbour | jl level |
		    sort -u | grep -c . >levels
		exits 1 mem-search --user ann --scope user --in toc --level segment -q harbour
		sources session >got
		grep "^1 artifact, 36 event, 3 fact, [0-9]* grip, [0-9]* toc" got
		[ "$(sources session --in toc,fact)" = "3 fact, 3 toc" ]
		[ "$(sources session,kb --in kb,event)" = "36 event, 1 kb" ]
		[ "$(mem-search --user ann -c --in fact "harbour scope:user")" = 1 ]
		[ "$(mem-search --user ann -c --in fact "harbour -scope:session")" = 2 ]
		[ "$(mem-search --user ann -c harbour)" = 37 ]
		exits 64 mem-search --user ann --scope nowhere harbour 2>err
		grep "scopes are session, user, tenant, kb" err
		exits 64 mem-search --user ann --scope user --watch harbour 2>err
	'
done
test_that 'bound: the same as if there was nothing else, in every source' '
	cat >queries <<END
harbour crane
crane1 november
+costs +thousand
likes deep
crnae
source:event
scope:session
scope:user
END
	ask() {
		for how in "--in event,kb --explain" "--in toc --explain" \
		    "--in grip,fact --explain -n 40" "--in session --explain" \
		    "--scope session,user,tenant,kb -c" "--in event -n 3 -C 2" \
		    "--in toc,grip,fact --as-of 2026-11-01 -n 0 -l"; do
			# shellcheck disable=SC2086 # options
			MEM_SESSION=s1 mem-search --store "$1" --user ann $how \
			    --batch queries 2>err || :
			cat err
		done | grep -v "\"artifact\"" >"$2"
		grep -c "\"hit\"" "$2"
	}
	fill "$work/alone" s1
	rm -rf "$MEM_STORE/tenants/default/index"
	sqlite3 "$db" "DELETE FROM artifact WHERE session IS NULL OR session = 0"
	ask "$work/alone" want
	ask "$MEM_STORE" got
	cmp want got || { diff want got | cut -c 1-300 | head -n 10; exit 1; }
	exits 1 grep "level\":\"\(day\|year\)" got
	mem-index -q
	mem-index -q --store "$work/alone"
	ask "$work/alone" want
	ask "$MEM_STORE" got
	cmp want got || { diff want got | cut -c 1-300 | head -n 10; exit 1; }
	grep -c "\"cosine\"" want
'
test_that 'grafts of contents, facts and artifacts' '
	graft ann s1 1 bob 2
	graft ann s2 1 bob 36
	graft ann s3 2 "" 1
	for i in 1 2; do
		for in in event toc grip fact artifact session; do
			mem-search --user bob --in $in -n 0 --no-fold harbour >out || :
			[ "$(grep -c "\"graft\":\"" out)" = "$(grep -vc "deep" out)" ]
			exits 1 grep "likes" out
			echo "$in: $(grep -o "crane[123]\|\(day\|year\|month\):" out | sort -u | xargs)"
		done >found
		cat >want <<END
event: crane3
toc: crane1
grip: crane1
fact: 
artifact: crane2
session: crane3
END
		diff want found
		[ "$(mem-search --user bob --in fact -n 0 "crane harbour" | grep -c "crane of s2")" = 1 ]
		[ "$(mem-search --user bob --in event -c user:ann)" = 12 ]
		[ "$(mem-search --user bob --in fact,event,artifact -c user:bob)" = 0 ]
		mem-search --user bob --text crane3 | grep "(graft [0-9A-Z]*) "
		mem-index -q --rebuild
	done
'
test_that 'watch and batch look again at what they may see' '
	mem-search --user bob --watch --json harbour >seen &
	pid=$!
	sleep 0.6
	ev s3 1795000000000 "the harbour one" | mem-ingest -q --user ann >/dev/null
	ev s2 1795000000001 "the harbour of nobody" | mem-ingest -q --user ann >/dev/null
	ev b 1795000000002 "the harbour of bob" | mem-ingest -q --user bob >/dev/null
	for i in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(wc -l <seen)" = 2 ] || sleep 0.3
	done
	mkfifo ask
	mem-search --user bob --json --batch ask >batch &
	exec 4>ask
	echo "crane3" >&4
	for i in 1 2 3 4 5 6 7 8 9 10; do
		[ -s batch ] || sleep 0.3
	done
	sqlite3 "$db" "UPDATE graft SET revoked = 7"
	cp batch before
	echo "crane3 harbour" >&4
	ev s3 1795000000003 "the harbour again" | mem-ingest -q --user ann >/dev/null
	ev b 1795000000004 "the harbour last" | mem-ingest -q --user bob >/dev/null
	exec 4>&-
	for i in 1 2 3 4 5 6 7 8 9 10; do
		[ "$(wc -l <seen)" -ge 3 ] || sleep 0.3
	done
	kill $pid
	[ "$(jl text <seen | sed "s/the harbour //" | xargs)" = "one of bob last" ]
	[ "$(grep -c "\"graft\"" seen)" = 1 ]
	wait
	grep -c "crane3" before
	tail -n +"$(($(wc -l <before) + 1))" batch >after
	grep -c "\"query\":2" after
	exits 1 grep "crane3\|graft" after
'
test_that 'with credentials: an index of one'\''s own; who is over is told no more' '
	unset MEM_SESSION
	mem-admin credential add root --rights admin --out root.cred >/dev/null 2>&1 ||
	    mem-admin credential add root --rights admin --out root.cred
	export MEM_CREDENTIAL_FILE=root.cred
	for u in ann bob; do
		mem-admin credential add $u --user $u --tenant default --rights read,write --out $u.cred
	done
	mem-admin credential add one --user ann --tenant default --session s1 --rights read,write --out one.cred
	rm -rf "$MEM_STORE/tenants/default/index"
	MEM_CREDENTIAL_FILE=bob.cred mem-index --json >out
	exits 1 grep ann out
	[ ! -e "$MEM_STORE/tenants/default/index/user/ann" ]
	[ -e "$MEM_STORE/tenants/default/index/user/bob" ]
	MEM_CREDENTIAL_FILE=one.cred mem-index --json >out
	exits 1 grep "\"user\"" out
	MEM_CREDENTIAL_FILE=one.cred mem-index --verify --json >out
	exits 1 grep "\"user\"" out
	[ -e "$MEM_STORE/tenants/default/index/user/ann" ]
	[ "$(MEM_CREDENTIAL_FILE=ann.cred mem-search --in event -c source:event)" = 39 ]
	[ "$(MEM_CREDENTIAL_FILE=one.cred mem-search --in event -c source:event)" = 12 ]
	mem-index --user ann --verify --json | grep "\"ann\""
	mkfifo ask2
	(status=0; MEM_CREDENTIAL_FILE=bob.cred mem-search --json --batch ask2 >batch 2>err || status=$?; echo $status >status) &
	exec 4>ask2
	echo harbour >&4
	for i in 1 2 3 4 5 6 7 8 9 10; do
		[ -s batch ] || sleep 0.3
	done
	cp batch before
	MEM_CREDENTIAL_FILE=bob.cred mem-search --watch harbour >watched 2>err.watch &
	sleep 0.6
	mem-admin credential revoke bob --tenant default
	echo harbour >&4
	exec 4>&-
	wait
	cmp batch before
	[ "$(cat status)" = 2 ]
	grep "expired, or was revoked" err
	grep "expired, or was revoked" err.watch
'
test_done
