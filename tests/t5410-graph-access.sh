#!/bin/sh
# Who sees what of a graph: its own user, unbound, all of his; a call that is
# bound to a session that session alone; by a graft what it shows; and all of
# it is told as if it was all there is.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
unset MEM_USER

ev() {
	echo "{\"session_id\":\"$1\",\"timestamp\":$2,\"text\":\"$3\"}"
}
world() {
	fresh_store
	{
		ev a1 1790000000000 "Quentin uses Redis and Zebulon"
		ev a1 1790000001000 "TokenStore depends on Redis"
		ev a2 1790000002000 "Xanthippe uses Redis and Kafka"
		ev a2 1790000003000 "Quentin likes Kafka"
	} | mem-ingest -q --user ann >/dev/null
	ev b1 1790000004000 "There Fridolin uses Redis and Etcd" |
	    mem-ingest -q --user bob >/dev/null
	echo "{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"FN-7\",\"record_type\":\"bug_record\",\"title\":\"Redis is slow\",\"fields\":{\"module\":\"cache\"}}" |
	    mem-ingest -q --user bob >/dev/null
}

test_that 'a user has his own words, and the rows of the tenant' '
	world
	mem-graph export --user ann >ann
	mem-graph export --user bob >bob
	grep Quentin ann; grep Kafka ann; grep FN-7 ann
	! grep -E "Fridolin|Etcd" ann || exit 1
	grep Fridolin bob; grep FN-7 bob
	! grep -E "Quentin|Zebulon|Kafka|TokenStore" bob || exit 1
	exits 1 mem-graph show --user bob Quentin
	# nothing of one in the file of another
	mem-graph build -q
	! grep -q uentin "$MEM_STORE"/tenants/default/index/graph/bob/* || exit 1
	! grep -rqE "uentin|ridolin" "$MEM_STORE"/tenants/default/index/graph-kb || exit 1
	[ "$(find "$MEM_STORE"/tenants/default/index/graph* -type f ! -perm 600)" = "" ]
'
test_that 'a bound call sees its session as if it was all there is' '
	world
	export MEM_SESSION=a1
	for c in export communities "show Redis" "show Quentin" "neighbours --depth 2 Redis"; do
		mem-graph $c --user ann >"bound.$(echo "$c" | tr -cd a-zA-Z)"
	done
	exits 1 mem-graph show --user ann Kafka
	exits 1 mem-graph show --user ann Xanthippe
	exits 2 mem-graph build --user ann 2>err
	grep "bound to one" err
	exits 2 mem-graph merge --user ann Redis Kafka
	unset MEM_SESSION
	# one that has that session and the rows, and nothing else
	fresh_store
	{
		ev a1 1790000000000 "Quentin uses Redis and Zebulon"
		ev a1 1790000001000 "TokenStore depends on Redis"
	} | mem-ingest -q --user ann >/dev/null
	echo "{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"FN-7\",\"record_type\":\"bug_record\",\"title\":\"Redis is slow\",\"fields\":{\"module\":\"cache\"}}" |
	    mem-ingest -q --user bob >/dev/null
	ids="s/\"01[0-9A-Z]\{24\}\"/ID/g"
	for c in export communities "show Redis" "show Quentin" "neighbours --depth 2 Redis"; do
		f=bound.$(echo "$c" | tr -cd a-zA-Z)
		[ -s "$f" ]
		mem-graph $c --user ann | sed "$ids" >alone
		sed "$ids" "$f" | cmp - alone
	done
'
test_that 'a graft shows what it covers, and ends' '
	world
	exits 1 mem-graph show --user bob Quentin
	g=$(mem-session graft --json --user ann a1 --to user:bob | jl id)
	mem-graph show --user bob Quentin >got; cat got
	head -1 got | grep "\"count\":1,"
	exits 1 mem-graph show --user bob Kafka
	mem-graph show --user bob Redis | head -1 | grep "\"count\":4,"
	! grep -q uentin "$MEM_STORE"/tenants/default/index/graph/bob/* || exit 1
	mem-session ungraft --user ann "$g"
	exits 1 mem-graph show --user bob Quentin
	mem-graph show --user bob Redis | head -1 | grep "\"count\":2,"
	mem-session graft --json --user ann a1 --only facts --to user:bob >graft
	grep "\"kinds\":\[\"facts\"\]" graft
	exits 1 mem-graph show --user bob Quentin
	# one of events beside it counts
	mem-session graft -q --user ann a1 --only events --to user:bob
	mem-graph show --user bob Quentin
'
test_that 'more grafts than are read' '
	fresh_store
	i=100
	while [ $((i += 1)) -le 166 ]; do
		ev "a$i" "1790000000$i" "Quentin uses Redis and Kafka"
	done | mem-ingest -q --user ann
	ev b1 1790000004000 "There Fridolin uses Redis and Etcd" |
	    mem-ingest -q --user bob
	echo "{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"FN-7\",\"record_type\":\"bug_record\",\"title\":\"Redis is slow\"}" |
	    mem-ingest -q --user bob
	i=100
	while [ $((i += 1)) -le 166 ]; do
		mem-session graft -q --user ann "a$i" --to user:bob
	done
	mem-graph show --user bob Redis >got; head -1 got
	head -1 got | grep "\"count\":64,"
	grep "\"source_name\":\"FN-7\"" got
'
test_that 'a decision names nothing to a bound call' '
	world
	MEM_SESSION=a1; export MEM_SESSION
	mem-graph show --user ann Zebulon >was
	unset MEM_SESSION
	mem-graph merge --user ann Zebulon Xanthippe
	mem-graph show --user ann Xanthippe | grep Zebulon
	export MEM_SESSION=a1
	exits 1 mem-graph show --user ann Xanthippe
	mem-graph show --user ann Zebulon | cmp - was
'
test_that 'credentials: of a user, bound, and one that may only read' '
	world
	for c in "ann read,write" "bob read"; do
		mem_u=${c% *}
		MEM_CREDENTIAL_FILE=${admin:-} mem-admin credential add "$mem_u" \
		    --user "$mem_u" --rights "${c#* }" --out "$mem_u.cred" >/dev/null
		[ -n "${admin:-}" ] || { mv "$MEM_STORE/admin.cred" root.cred; admin=$PWD/root.cred; }
	done
	MEM_CREDENTIAL_FILE=$admin mem-admin credential add a1 --user ann \
	    --session a1 --rights read,write --out a1.cred >/dev/null
	MEM_CREDENTIAL_FILE=ann.cred mem-graph show Kafka
	MEM_CREDENTIAL_FILE=a1.cred mem-graph show Quentin
	MEM_CREDENTIAL_FILE=a1.cred exits 1 mem-graph show Kafka
	MEM_CREDENTIAL_FILE=a1.cred exits 2 mem-graph build
	MEM_CREDENTIAL_FILE=bob.cred exits 1 mem-graph show Kafka
	MEM_CREDENTIAL_FILE=bob.cred exits 2 mem-graph show --user ann Kafka
	MEM_CREDENTIAL_FILE=bob.cred mem-graph show Fridolin
	MEM_CREDENTIAL_FILE=bob.cred exits 2 mem-graph merge Fridolin Redis
	MEM_CREDENTIAL_FILE=bob.cred exits 2 mem-graph build
	MEM_CREDENTIAL_FILE=ann.cred mem-graph build >out
	! grep bob out || exit 1
	exits 2 mem-graph show Kafka
'
test_that 'a sealed tenant: in memory, and nothing on the disk' '
	unset MEM_STORE; export MEM_STORE=$work/sealed
	mem-admin init --sealed >/dev/null
	ev a1 1790000000000 "Quentin uses Redis and Zebulon" | mem-ingest -q --user ann >/dev/null
	mem-graph show --user ann Quentin | grep "\"kind\":\"uses\""
	exits 2 mem-graph build --user ann 2>err; cat err
	grep "is sealed" err
	mem-graph merge --user ann Zebulon Redis
	mem-graph show --user ann Redis | head -1 | grep "\"aliases\":\[\"Zebulon\"\]"
	! grep -rqi "quentin\|zebulon" "$MEM_STORE" || exit 1
	[ ! -e "$MEM_STORE/tenants/default/index/graph" ]
'
test_done
