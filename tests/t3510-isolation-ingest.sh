#!/bin/sh
# What a call may bring in: its own; of others nothing, whatever a record says.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

ev() {
	echo "{\"session_id\":\"$1\",\"timestamp\":$2,\"text\":\"$3\"${4:+,$4}}"
}
rec() {
	echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"$1\",\"record_type\":\"n\",\"title\":\"${2:-t}\"}"
}
# denied N: so many lines of the last import were, and nothing else was wrong
denied() {
	[ "$(grep -c "\"status\":\"rejected\"" ack)" = "$1" ]
	[ "$(grep -c "\"reason\":\"denied\"" ack)" = "$1" ]
}
cred() {
	MEM_CREDENTIAL_FILE=$work/root.cred mem-admin credential add "$@" >/dev/null
}

test_that 'MEM_SESSION: what is of another session is refused' '
	{ ev s1 1 a; ev s2 2 b; ev s1 3 c "\"user\":\"bob\""; } >in
	MEM_SESSION=s1 exits 3 mem-ingest --ack --rejects rej in >ack
	denied 2
	[ "$(mem-log --json | jl text)" = a ]
	[ "$(wc -l <rej)" = 2 ]
	grep "\"denied\"" rej
	mem-admin audit --outcome denied --action write | grep "2 records"
	mem-ingest --ack rej >ack
	[ "$(grep -c "\"status\":\"stored\"" ack)" = 2 ]
'
test_that 'each kind that names a session' '
	cat >in <<-X
	{"type":"session","session_id":"s2","title":"x"}
	{"type":"variable","session_id":"s2","name":"k","value":"v","at":5}
	{"type":"artifact","uri":"https://example.org/a","timestamp":5,"session_id":"s2"}
	{"type":"tombstone","target":"session","id":"s2"}
	{"type":"tombstone","target":"event","id":"$(mem-log --session s2 --json | jl event_id)"}
	{"type":"tombstone","target":"event","id":"01HNAVQZC00000000000000001"}
	{"type":"decision","what":"mark","about":"toc:day:2026-01-01","user":"tester","at":5,"value":{"mark":"hide"}}
	X
	MEM_SESSION=s1 exits 3 mem-ingest --ack in >ack
	denied 7
	sed "s/s2/s1/; s/01HNAVQZC00000000000000001/$(mem-log --session s1 --json | jl event_id | head -n 1)/" in |
	    sed "/decision/d; /\"session\",\"id\"/d; 5d" >in1
	echo "{\"type\":\"artifact\",\"uri\":\"https://example.org/b\",\"timestamp\":5}" >>in1
	MEM_SESSION=s1 mem-ingest --ack in1 >ack || { cat ack; exit 1; }
	mem-log --session s2 --json | grep "\"b\""
	exits 1 mem-log --session s1
'
test_that 'a cursor is not moved past what was refused' '
	{ ev s2 9 d; echo "{\"type\":\"cursor\",\"source\":\"/a\",\"offset\":10}"; } >in
	MEM_SESSION=s1 exits 3 mem-ingest in >out
	[ "$(sqlite3 "$MEM_STORE/tenants/default/memory.db" "SELECT count(*) FROM cursor")" = 0 ]
	mem-ingest in >out
	[ "$(sqlite3 "$MEM_STORE/tenants/default/memory.db" "SELECT count(*) FROM cursor")" = 1 ]
'
test_that 'without it an owner brings in what he likes' '
	fresh_store
	{ ev s1 1 a "\"user\":\"bob\""; ev s2 2 b "\"tenant\":\"other\""; rec 1; } | mem-ingest --ack >ack
	[ "$(grep -c "\"status\":\"stored\"" ack)" = 3 ]
	[ "$(mem-log --user bob --json | jl text)" = a ]
'
test_that 'credentials: user and tenant of a record are those of the call' '
	fresh_store
	unset MEM_USER
	mem-admin init --tenant acme >out
	mem-admin credential add root --rights admin --out root.cred >out
	cred ann --tenant acme --rights read,write --out ann.cred
	cred boss --tenant acme --rights admin --out boss.cred
	cred tw --tenant acme --user ann --rights read,write,tenant-write --out tw.cred
	{ ev s1 1 own; ev s1 2 mine "\"user\":\"ann\""; ev s1 3 his "\"user\":\"bob\"";
	    ev s1 4 ours "\"tenant\":\"acme\""; ev s1 5 theirs "\"tenant\":\"other\""; } >in
	MEM_CREDENTIAL_FILE=ann.cred exits 3 mem-ingest --ack in >ack
	denied 2
	[ "$(MEM_CREDENTIAL_FILE=ann.cred mem-log --json | jl text | tr "\n" " ")" = "own mine ours " ]
	MEM_CREDENTIAL_FILE=boss.cred exits 3 mem-ingest --ack in >ack
	denied 1
	[ "$(MEM_CREDENTIAL_FILE=boss.cred mem-log --user bob --json | jl text)" = his ]
	MEM_CREDENTIAL_FILE=boss.cred mem-admin audit --outcome denied >rows
	grep "\"who\":\"ann\"" rows | grep "2 records"
	grep "\"who\":\"boss\"" rows | grep "1 records"
'
unset MEM_USER
test_that 'of the tenant: records, their versions and tombstones, decisions' '
	cat >in <<-X
	$(rec 1)
	{"type":"version","at":7,"record":$(rec 2)}
	{"type":"tombstone","target":"record","id":"k/1"}
	{"type":"decision","what":"say","about":"fact:0123456789abcdef","at":5,"value":{"verdict":"rejected","about":"k/1","on":true,"by":"ann"}}
	{"type":"decision","what":"end","about":"fact:0123456789abcdef","user":"ann","rest":"00","at":5,"value":{"reason":"x"}}
	X
	MEM_CREDENTIAL_FILE=ann.cred exits 3 mem-ingest --ack in >ack
	denied 5
	grep -v decision in >in2
	MEM_CREDENTIAL_FILE=tw.cred mem-ingest --ack in2 >ack || [ $? = 3 ]
	[ "$(grep -c denied ack)" = 0 ]
'
test_that 'of a user: whatever the type, that of another is refused' '
	for t in "\"type\":\"session\",\"session_id\":\"s1\"" \
	    "\"type\":\"variable\",\"session_id\":\"s1\",\"name\":\"k\",\"value\":\"v\",\"at\":5" \
	    "\"type\":\"artifact\",\"uri\":\"https://example.org/a\",\"timestamp\":5" \
	    "\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s1\"" \
	    "\"type\":\"file\",\"session_id\":\"s1\",\"area\":\"inputs\",\"path\":\"a\",\"at\":5" \
	    "\"type\":\"decision\",\"what\":\"mark\",\"about\":\"toc:day:2026-01-01\",\"at\":5,\"value\":{\"mark\":\"hide\"}"; do
		echo "{$t,\"user\":\"bob\"}" | MEM_CREDENTIAL_FILE=ann.cred exits 3 mem-ingest --ack >ack || { echo "$t"; exit 1; }
		denied 1 || { echo "$t"; cat ack; exit 1; }
	done
	[ "$(MEM_CREDENTIAL_FILE=boss.cred mem-log --user bob --json | jl text)" = his ]
'
test_that 'strict: one that is denied keeps all out, and is in the audit log' '
	{ ev s9 1 x; ev s9 2 y "\"user\":\"bob\""; } >in
	MEM_CREDENTIAL_FILE=ann.cred exits 2 mem-ingest --strict in >out 2>err
	MEM_CREDENTIAL_FILE=ann.cred exits 1 mem-log --session s9
	MEM_CREDENTIAL_FILE=boss.cred mem-admin audit --outcome denied -n 1 | grep "1 records"
'
test_that 'what is denied is told without its secrets, also where ids stay' '
	{ ev s1 1 "my key is AKIAIOSFODNN7EXAMPLF" "\"user\":\"bob\""
	    echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"AKIAIOSFODNN7EXAMPLF\",\"user\":\"bob\"}"; } |
	    MEM_CREDENTIAL_FILE=ann.cred exits 3 mem-ingest --rejects rej --ack >ack
	[ "$(wc -l <rej)" = 2 ]
	exits 1 grep AKIAIOSFODNN7 rej ack
'
test_that 'bound by its credential: that session, and no other name for it' '
	cred b1 --tenant acme --user ann --session s1 --rights read,write --out b1.cred
	{ ev s1 11 in; ev s2 12 out; } >in
	MEM_CREDENTIAL_FILE=b1.cred exits 3 mem-ingest --ack in >ack
	denied 1
	MEM_CREDENTIAL_FILE=b1.cred MEM_SESSION=s2 exits 2 mem-ingest in 2>err
	grep "credential .b1. is of session .s1." err
'
test_that 'a credential that is revoked ends the import: what was told stays' '
	cred late --tenant acme --user ann --rights read,write --out late.cred
	mkfifo pipe
	MEM_CREDENTIAL_FILE=late.cred mem-ingest --each --ack <pipe >ack 2>err &
	pid=$!
	exec 3>pipe
	ev s7 1 first >&3
	i=0; until grep -q stored ack || [ $i = 100 ]; do i=$((i + 1)); sleep 0.05; done
	MEM_CREDENTIAL_FILE=root.cred mem-admin credential revoke late --tenant acme
	ev s7 2 second >&3
	exec 3>&-
	s=0; wait $pid || s=$?
	[ $s = 2 ]
	grep "expired, or was revoked" err
	grep "\"status\":\"rejected\"" ack | grep denied
	grep "\"stored\":1" ack
	grep "\"denied\":1" ack
	[ "$(MEM_CREDENTIAL_FILE=ann.cred mem-log --session s7 --json | jl text)" = first ]
	MEM_CREDENTIAL_FILE=late.cred exits 2 mem-ingest in 2>err
	grep "was revoked" err
'
test_done
