#!/bin/sh
# What somebody decided on another copy of the store, as records: in any
# order, once, and before or after what it is about.
. "${0%/*}/lib.sh"
. "$tests/lib-ltm.sh"
. "$tests/lib-store.sh"

# put AT CONTENT: the fact with the key "parser" says this
put() {
	printf '{"type":"decision","what":"put","about":"fact:0e66dd3eda2f6266","at":%s,"user":"maren","value":{"body":{"content":"%s","key":"parser","tags":["t"]},"confidence":1,"scope":"user"}}\n' "$@"
}
# end AT REASON
end() {
	printf '{"type":"decision","what":"end","about":"fact:0e66dd3eda2f6266","at":%s,"user":"maren","value":{"reason":"%s"}}\n' "$@"
}
MEM_USER=maren
export MEM_USER

test_that 'versions of a fact, the last first' '
	{
		put 1791553430000 "It is yacc again."
		end 1791553420000 "it is gone"
		put 1791553410000 "It is by hand."
	} >in
	while read -r line; do
		echo "$line" | mem-ingest -q
	done <in
	mem-ltm list | grep "yacc again"
	mem-ltm history fact:0e66dd3eda2f6266 --json >backwards
	[ "$(wc -l <backwards)" -eq 3 ]
	sed -n 2p backwards | grep "\"reason\":\"it is gone\""
	[ "$(jl valid_from <backwards | tr "\n" " ")" = "1791553410000 1791553420000 1791553430000 " ]
	fresh_store
	sort -t : -k 6 in | mem-ingest -q
	mem-ltm history fact:0e66dd3eda2f6266 --json | cmp backwards -
	mem-ingest <in | tail -n 1 >out
	[ "$(jl duplicate <out)" = 3 ]
	mem-admin check
'
test_that 'what is put down here goes on from there' '
	fresh_store
	put 1791553410000 "It is by hand." | mem-ingest -q
	mem-ltm add "It is flex." --key parser >/dev/null
	mem-ltm history fact:0e66dd3eda2f6266 --json | jl content >out
	[ "$(tail -n 1 out)" = "It is flex." ]
	mem-ltm rollback fact:0e66dd3eda2f6266 1 >/dev/null
	mem-ltm list | grep "by hand"
'
test_that 'a fact from rows that is not here yet' '
	fresh_store
	bugs 3 1 minor net src/a.c crash >in
	mem-ingest -q <in
	mem-ltm run bug-import >/dev/null
	id=$(id_of module_hotspot net)
	[ -n "$id" ]
	fresh_store
	printf "{\"type\":\"decision\",\"what\":\"pin\",\"about\":\"%s\",\"at\":5,\"rest\":\"\",\"value\":{\"on\":true}}\n" "$id" |
	    mem-ingest -q
	mem-ingest -q <in
	mem-ltm run bug-import >/dev/null
	mem-ltm list --json | head -n 1 | grep -F "$id" | grep "\"pinned\":true"
	mem-admin check
'
test_that 'nobody speaks for another, and what was forgotten stays so' '
	fresh_store
	put 1791553410000 "It is by hand." | sed s/maren/ann/ | exits 3 mem-ingest >out
	grep "is not right" out
	exits 1 mem-ltm list
	printf "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s1\"}\n" | mem-ingest -q
	export MEM_SESSION=s1; exits 2 mem-ltm add "It is late." --scope session 2>err
	grep "was forgotten" err
	unset MEM_SESSION
	printf "{\"type\":\"decision\",\"what\":\"end\",\"about\":\"fact:0000000000000001\",\"session_id\":\"s1\",\"user\":\"maren\",\"at\":5,\"value\":{\"reason\":\"x\"}}\n" |
	    exits 3 mem-ingest >out
	grep forgotten out
	mem-admin check
'
test_done
