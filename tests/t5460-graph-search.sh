#!/bin/sh
# mem-search --graph: what is linked to what a query names is found, too, and
# says what links it; who may not see a text is not told of its links.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema

ev() {
	echo "{\"session_id\":\"$1\",\"timestamp\":$2,\"text\":\"$3\"}"
}
said() {
	ev s1 1790000000000 "The login-api depends on auth-service."
	ev s1 1790000001000 "Somebody broke the build again"
	ev s2 1790000002000 "auth-service waits for a pool of ten connections at noon"
	ev s2 1790000003000 "Coffee is out"
	ev s3 1790000004000 "The login-api is slow today"
	ev s3 1790000005000 "billing-worker depends on Postgres"
}
q='why does the login-api time out'
found() {
	grep -F "$2" "$1" >/dev/null || { echo "no: $2"; cat "$1"; return 1; }
}
lost() {
	if grep -F "$2" "$1"; then
		echo "there is: $2"
		return 1
	fi
}

said | mem-ingest -q >/dev/null
test_that 'what is linked is a hit, and says what links it' '
	mem-search "$q" >plain
	lost plain "pool of ten"
	lost plain "\"linked\""
	mem-search --graph "$q" >out
	found out "pool of ten"
	grep "pool of ten" out >hit
	found hit "\"linked\":[{\"named\":\"login-api\",\"entity\":\"auth-service\""
	found hit "\"relation\":\"depends_on\""
	found hit "\"weight\":0.5"
	id=$(mem-log --json --session s1 | jl event_id | head -1)
	found hit "\"evidence\":[\"$id\"]"
	lost out "Coffee"
	lost out "Postgres"
	[ "$(wc -l <out)" -eq $(($(wc -l <plain) + 1)) ]
	"$helper" "$top/share/schema" out
'
test_that 'the other way round, a relation is told as it goes' '
	mem-search --graph "is the auth-service well" >out
	grep "is slow today" out | grep "\"entity\":\"login-api\".*\"inverse\":true"
'
test_that 'where nothing is linked, nothing is other than without' '
	for w in "somebody broke the build" "coffee" "+coffee" "role:user"; do
		mem-search "$w" >plain || :
		mem-search --graph "$w" | cmp - plain
	done
	exits 1 mem-search --graph "xyzzy"
	exits 1 mem-search --graph -q "xyzzy"
	# what is linked is not asked for
	mem-search --session s2 "coffee of billing-worker" >plain
	[ -s plain ]
	mem-search --graph --session s2 "coffee of billing-worker" | cmp - plain
'
test_that 'indexed, in part or not at all: the same' '
	mem-search --graph --explain "$q" >was
	mem-index -q
	mem-search --graph --explain "$q" | cmp - was
	ev s4 1790000006000 "Now auth-service is restarted at night" | mem-ingest -q
	mem-search --graph --explain "$q" >was
	found was "restarted at night"
	mem-index -q
	mem-search --graph --explain "$q" | cmp - was
	MEM_MODEL=$model mem-search --graph --mode vector "$q" >out
	found out "restarted at night"
'
test_that 'the sum of --explain is the score, its term is told' '
	mem-search --graph --explain --json "$q" >out
	sed -n "s/.*\"score\":\([0-9.]*\).*\"why\":{\"formula\":\"linked\",\"value\":\([0-9.]*\),\"parts\":\[{\"part\":\"own\",\"weight\":\([0-9.]*\),\"value\":\([0-9.e-]*\),.*{\"part\":\"linked\",\"weight\":\([0-9.]*\),\"value\":\([0-9.]*\)}.*/\1 \2 \3 \4 \5 \6/p" out >parts
	cat parts
	[ "$(wc -l <parts)" -eq "$(wc -l <out)" ]
	awk "{ d = \$1 - (\$3 * \$4 + \$5 * \$6)
	    if (\$1 != \$2 || d < -1e-9 || d > 1e-9) exit 1
	    linked += \$6 > 0 } END { exit linked < 3 }" parts
	mem-search --graph --explain --text "$q" >text
	grep " x linked 0\." text
	grep "linked: login-api -depends_on-> auth-service  0.50  01" text
'
test_that 'filters hold, and operators' '
	mem-search --graph --session s2 "$q" >out
	found out "pool of ten"
	lost out "slow today"
	mem-search --graph -- "login-api -pool" >out
	lost out "pool of ten"
	exits 1 mem-search --graph -- "+login-api +pool"
	mem-search --graph -- "coffee -login-api" >out
	lost out "\"linked\""
	mem-search --graph -- "login-api session:s2" >out
	[ "$(wc -l <out)" -eq 1 ]
	mem-search --graph --until 1790000001000 "$q" >out
	lost out "pool of ten"
	exits 1 mem-search --graph --role system "$q"
'
test_that '-n, -q, --batch, --format, --fields, --budget, -C' '
	[ "$(mem-search --graph -n 1 "$q" | wc -l)" -eq 1 ]
	mem-search --graph -q "is auth-service well" >out
	[ ! -s out ]
	# a question of which nothing has a word but what it names
	mem-search --graph -q --session s2 "login-api"
	exits 1 mem-search -q --session s2 "login-api"
	mem-search --graph --session s2 "login-api" >out
	[ "$(wc -l <out)" -eq 1 ]
	lost out "\"score\":0.0,"
	printf "%s\n" coffee "$q" >two
	mem-search --graph --batch two >out
	[ "$(grep -c "\"linked\"" out)" -ge 2 ]
	grep "pool of ten" out | grep "\"query\":2"
	mem-search --graph --format ids "$q" >ids
	[ "$(wc -l <ids)" -eq "$(mem-search --graph "$q" | wc -l)" ]
	mem-search --graph --format csv --fields id,linked "$q" | grep "auth-service"
	mem-search --graph --format csv --fields id,linked.0.entity "$q" | grep ",auth-service"
	mem-search --graph --budget 600 "$q" >out
	found out "pool of ten"
	[ "$(wc -c <out)" -le 600 ]
	mem-search --graph -C 1 "$q" | grep "pool of ten" | grep "\"context\":.*Coffee"
'
test_that 'sessions are found by what is linked' '
	mem-search --in session "$q" | jl id >plain
	lost plain s2
	mem-search --graph --in session --explain "$q" >out
	grep "\"id\":\"s2\"" out | grep "\"linked\":.*auth-service"
	grep "\"id\":\"s2\"" out | grep "\"formula\":\"linked\""
	mem-search --graph --in session,event "$q" | grep "pool of ten"
'
test_that 'what cannot be right is refused' '
	for o in -c --watch "--mode text"; do
		exits 64 mem-search --graph $o "$q" 2>err
		found err "goes with"
	done
'
test_that 'rows and documents of knowledge bases' '
	for i in 1 2; do
		echo "{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"FN-$i\",\"record_type\":\"bug_record\",\"title\":\"Pool number $i is empty\",\"fields\":{\"service\":\"auth-service\"}}"
	done | mem-ingest -q
	mem-search --graph "$q" >out
	grep "\"id\":\"FN-1\"" out | grep "\"source\":\"kb\".*\"linked\":"
	mkdir -p docs
	printf "# Night\n\nThe session-store keeps what auth-service has. Nobody looks at it by day.\n" >docs/night.md
	mem-from docs docs | mem-ingest -q --kb handbook
	mem-search --graph --in document "is auth-service well" >out
	found out "Nobody looks"
	found out "\"linked\""
	mem-index -q
	mem-search --graph --in document "is auth-service well" | cmp - out
	mem-search --graph --in kb "$q" | grep "FN-2"
	exits 1 mem-search --graph --in fact "$q"
'
test_that 'of a row that has a newer version, that one, and once' '
	mem-index -q
	echo "{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"FN-1\",\"record_type\":\"bug_record\",\"title\":\"Pool one leaks\",\"fields\":{\"service\":\"auth-service\"}}" |
	    mem-ingest -q
	mem-search --graph -n 0 "$q" | grep "\"id\":\"FN-1\"" >out
	[ "$(wc -l <out)" -eq 1 ]
	found out "Pool one leaks"
	found out "\"linked\""
'
test_that 'as of a time' '
	mem-search --graph --as-of 1790000001500 "$q" >out
	lost out "pool of ten"
	mem-search --graph --as-of 1790000002500 "$q" >out
	grep "pool of ten" out | grep "\"linked\":"
	lost out "restarted"
'
test_that 'each question of a batch sees what was stored before it' '
	fresh_store
	said | mem-ingest -q
	for bound in "" s9; do
		ev s9 1790000000500 "The login-api depends on auth-service." | mem-ingest -q
		rm -f got
		{
			echo "$q"
			until grep -q . got 2>/dev/null; do sleep 0.05; done
			ev s9 179000001000${#bound} "auth-service fell over ${bound:-all}" | mem-ingest -q >&2
			timeout 5 mem-graph build -q >&2
			echo "$q"
		} | MEM_SESSION=$bound timeout 20 mem-search --graph --batch - >got
		grep "fell over ${bound:-all}" got | grep "\"linked\".*\"query\":2"
		! grep "fell over ${bound:-all}" got | grep "\"query\":1" || exit 1
	done
'
test_that 'what is forgotten links nothing, and is told by nothing' '
	id=$(mem-search --graph --session s2 "$q" | grep "pool of ten" | jl id)
	mem-search --graph "is the auth-service well" >was
	found was "$id"
	echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"$id\"}" | mem-ingest -q
	mem-search --graph "is the auth-service well" >out
	lost out "$id"
	lost out "pool of ten"
'
test_that 'a graph that is damaged, or gone, is no reason not to find' '
	mem-search --graph "$q" >was
	f=$MEM_STORE/tenants/default/index/graph/tester/graph.db
	rm "$f"
	mem-search --graph "$q" | cmp - was
	cp "$f" good.db
	for page in $(seq 1 $(($(wc -c <good.db) / 4096 - 1))); do
		cp good.db "$f"
		dd if=/dev/zero of="$f" bs=4096 seek="$page" count=1 \
		    conv=notrunc 2>dd.err
		mem-search --graph "$q" >got 2>err || cat err
		mem-search --graph "$q" | cmp - was || { echo "page $page"; exit 1; }
	done
	store_whole
'

unset MEM_USER
world() {
	fresh_store
	{
		ev a1 1790000000000 "The login-api depends on auth-service"
		ev a2 1790000001000 "auth-service waits for Quentin"
		ev a2 1790000002000 "The login-api depends on Zebulon"
		ev a2 1790000003000 "Zebulon has a pool of ten"
	} | mem-ingest -q --user ann
	{
		ev b1 1790000004000 "The login-api is slow"
		ev b1 1790000004500 "Zebulon is away"
	} | mem-ingest -q --user bob
}
test_that 'a user is told nothing of the memory of another' '
	world
	mem-search --graph --user bob "$q" >out
	found out "is slow"
	lost out Zebulon
	lost out auth-service
	mem-search --graph --user ann "$q" >out
	found out "pool of ten"
'
test_that 'a bound call: as if its session was all there is' '
	world
	MEM_SESSION=a1 mem-search --graph --user ann --explain "$q" >out
	found out auth-service
	lost out Zebulon
	lost out Quentin
	MEM_SESSION=a1 mem-search --graph --user ann --explain "auth-service" >out2
	fresh_store
	ev a1 1790000000000 "The login-api depends on auth-service" | mem-ingest -q --user ann
	ids="s/\"01[0-9A-Z]\{24\}\"/ID/g"
	sed "$ids" out >want
	mem-search --graph --user ann --explain "$q" | sed "$ids" | cmp - want
	sed "$ids" out2 >want
	mem-search --graph --user ann --explain "auth-service" | sed "$ids" | cmp - want
'
test_that 'a graft shows what it covers, and its links; and ends' '
	world
	g=$(mem-session graft --json --user ann a1 --to user:bob | jl id)
	mem-search --graph --user bob "$q" >out
	grep "depends on auth-service" out | grep "\"graft\":\"$g\""
	lost out Zebulon
	mem-session graft -q --user ann a2 --to user:bob
	mem-search --graph --user bob "$q" >out
	grep "pool of ten" out | grep "\"linked\":.*Zebulon"
	grep "Zebulon is away" out | grep "\"linked\":"
	mem-session ungraft --user ann "$g"
	mem-session graft -q --user ann a2 --only facts --to user:bob
	mem-search --graph --user bob "$q" >out
	lost out auth-service
'
test_that 'a sealed tenant: in memory, and nothing on the disk' '
	export MEM_STORE=$work/sealed
	mem-admin init --sealed >/dev/null
	said | mem-ingest -q --user ann
	mem-index -q --user ann
	mem-search --graph --user ann "$q" | grep "pool of ten" | grep "\"linked\":"
	[ ! -e "$MEM_STORE/tenants/default/index/graph" ]
	! grep -rqi "auth-service" "$MEM_STORE" || exit 1
'
test_done
