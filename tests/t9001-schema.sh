#!/bin/sh
# The contract of the records: what the tools print, the JSON Schemas, and
# memkit-json(5) say the same.
. "${0%/*}/lib.sh"
schema=$top/share/schema
page=$top/share/man/man5/memkit-json.5
demo=$top/share/demo
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema
export schema page demo helper

# valid [FILE]: every line is; says which are not
valid() {
	"$helper" "$schema" "$@"
}

# types FILE: the types in it, each once
types() {
	sed -n 's/^{"type":"\([a-z_]*\)".*/\1/p' "$@" | sort -u
}

# keys FILE: names of the properties of a schema
keys() {
	sed -n '/^	"properties"/,/^	}/s/^		"\([a-z_]*\)":.*/\1/p' "$1"
}

test_that 'the checker tells right from wrong' '
	cat >good <<-"EOT"
	{"type":"event","session_id":"s","timestamp":1,"event_type":"tool_use","role":"assistant","text":"","metadata":{"a":"b"},"new":[1]}
	{"type":"summary","in":1,"stored":0,"duplicate":0,"rejected":{"conflict":1}}
	EOT
	valid good
	while read -r line; do
		echo "$line" >bad
		exits 1 valid bad >why
		[ -s why ]
	done <<-"EOT"
	{"type":"event","session_id":"s","timestamp":1,"event_type":"tool_use","role":"assistant"}
	{"type":"event","session_id":"s","timestamp":1.5,"event_type":"tool_use","role":"assistant","text":""}
	{"type":"event","session_id":"s","timestamp":"1","event_type":"tool_use","role":"assistant","text":""}
	{"type":"event","session_id":"s","timestamp":1,"event_type":"tool_use","role":"robot","text":""}
	{"type":"event","session_id":"s","timestamp":1,"event_type":"tool_use","role":"tool","text":"","metadata":{"a":1}}
	{"type":"summary","in":-1,"stored":0,"duplicate":0,"rejected":{}}
	{"type":"record","record_id":"a","record_type":"b","tags":["x",2]}
	{"type":"nonsense"}
	{"type":"hit","id":"a","source":"event","score":1,"record":{"type":"event"}}
	["type"]
	no JSON
	EOT
	: >empty
	exits 1 valid empty
	cp -R "$schema" odd
	echo "{\"properties\":{\"none\":{\"contains\":1}}}" >odd/ack.json
	echo "{\"type\":\"ack\"}" | exits 2 "$helper" odd
'

test_that 'every schema is one that the checker understands' '
	for f in "$schema"/*.json; do
		t=${f##*/}
		echo "{\"type\":\"${t%.json}\"}" | exits 1 valid >why
		grep -q lacks why
	done
'

test_that 'every example in memkit-json(5) is valid' '
	grep "^{\"type\"" "$page" >examples
	valid examples
	[ "$(wc -l <examples)" -ge 12 ]
'

test_that 'memkit-json(5) has an example of every type, and every key' '
	grep "^{\"type\"" "$page" >examples
	types examples >have
	for f in "$schema"/*.json; do
		t=${f##*/}
		echo "${t%.json}"
	done | sort >want
	cmp want have
	for f in "$schema"/*.json; do
		for k in $(keys "$f"); do
			grep -qE "^\.(It|Li).*[^a-z_]$k([^a-z_]|\$)" "$page" ||
			    [ "$k" = type ] || { echo "$f: $k"; exit 1; }
		done
	done
'

test_that 'the id of an event is made as memkit-json(5) says' '
	echo "{\"session_id\":\"s1\",\"timestamp\":1791553380000,\"text\":\"x\",\"metadata\":{\"source_id\":\"msg-7#1\"}}" >one
	echo "{\"session_id\":\"s1\",\"timestamp\":1791553380000,\"text\":\"caf\\u00e9\"}" >>one
	mem-ingest --ack --user maren one | jl id | grep . >got
	perl -CA -MDigest::SHA=sha256 -e '\''
		use utf8;
		my @digits = split //, "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
		sub id {
			my ($ms, $part, @fields) = @_;
			my $sum = sha256(join "", map { utf8::encode($_);
			    pack("Q>", length) . $_ } @fields);
			my $bits = "00" . unpack "B*",
			    substr(pack("Q>", $ms), 2) . pack("n", $part) .
			    substr $sum, 0, 8;
			print join("", map { $digits[oct "0b" .
			    substr $bits, 5 * $_, 5] } 0 .. 25), "\n";
		}
		id(1791553380000, 1, "memkit-event-1", "maren", "s1", "user",
		    "source", "msg-7#1");
		id(1791553380000, 0, "memkit-event-1", "maren", "s1", "user",
		    "text", "caf\x{e9}");
	'\'' >want
	cat got
	cmp want got
	grep -q "$(sed -n 1p want)" "$page"
'

test_that 'mem-from prints valid records, in every format of the demo' '
	mem-from claude-code "$demo/claude/projects" >c
	mem-from codex "$demo/codex/sessions" >x
	mem-from gemini "$demo/gemini/tmp" >g
	mem-from copilot "$demo/copilot/session-state" >p
	mem-from chatgpt "$demo/chatgpt/conversations.json" >h
	for f in c x g p h; do
		valid "$f"
		types "$f" >have
		printf "end\nevent\nsession\nstart\n" >want
		cmp want have
	done
	cat c x g p h >records
'

test_that 'cursors of --follow are valid' '
	mem-admin init
	mem-from --follow --store "$MEM_STORE" claude-code \
	    "$demo/claude/projects" >follow
	valid follow
	types follow | grep -qx cursor
'

test_that 'mem-ingest prints valid records, and keeps valid refusals' '
	fresh_store
	{ cat records; echo "{\"type\":\"fact\"}"; echo nonsense; } |
	    exits 3 mem-ingest --ack --tee --rejects no >out
	valid out no
	types out >have
	printf "ack\nend\nevent\nsession\nstart\nsummary\n" >want
	cmp want have
	[ "$(wc -l <no)" -eq 2 ]
	mem-ingest "$demo/bugs.jsonl" >out
	valid out
	echo "{\"type\":\"tombstone\",\"target\":\"record\",\"id\":\"bugs/FN-101\"}" |
	    mem-ingest --tee >out
	valid out
'

test_that 'in = stored + duplicate + rejected' '
	{ cat records; echo "{\"type\":\"fact\"}"; echo nonsense; } |
	    exits 3 mem-ingest >out
	sed "s/.*\"in\":\([0-9]*\),\"stored\":\([0-9]*\),\"duplicate\":\([0-9]*\),.*/\1 \2 \3/" out >n
	read -r in stored duplicate <n
	[ "$in" -eq $((stored + duplicate + 2)) ]
	[ "$stored" -eq 0 ]
'

test_that 'mem-log and mem-session print valid records' '
	mem-log --json >out
	valid out
	[ "$(wc -l <out)" -gt 300 ]
	types out | grep -qx event
	mem-session list --json >out
	valid out
	[ "$(wc -l <out)" -ge 18 ]
	id=$(jl session_id <out | head -n 1)
	mem-session set "$id" branch main
	mem-session show --json "$id" >out
	valid out
	grep -q "\"variables\":{.*\"branch\":\"main\"" out
'

test_that 'mem-search prints valid hits, and the records in them are valid' '
	for q in redis "\"refresh token\"" kb:bugs role:user; do
		mem-search --json -n 5 "$q" >out
		valid out
		types out | grep -qx hit
		mem-search --json --budget 900 "$q" >out
		valid out
		echo "$q" | mem-search --json --batch - >out
		valid out
		mem-search --json --explain -n 5 "$q" >out
		valid out
	done
'

test_that 'mem-index prints valid records' '
	mem-index --json >out
	valid out
	types out | grep -qx index
	mem-index --verify --json >out
	valid out
	rm -r "$MEM_STORE/tenants/default/index"
'

test_that 'a hit with its context is valid, too' '
	mem-search --json -n 3 -C 1 redis >out
	valid out
'

test_that 'mem-toc prints valid records' '
	mem-toc build >out
	mem-toc -d 4 >>out
	mem-toc --budget 800 >>out
	mem-search --json redis | mem-toc - >>out
	mem-toc 2026-11-18 | mem-toc expand -C 1 - >>out
	mem-toc pin 2026-11-18
	mem-toc hide "$(mem-toc 2026-11 | grep -o "grip:[0-9]*:[0-9a-f]*" | head -n 1)"
	mem-toc build >>out
	mem-toc rollback month:2026-11 v1 >>out
	mem-toc history month:2026-11 >>out
	exits 1 mem-toc diff month:2026-11 v1 v2 >>out
	mem-toc export >>out
	valid out
	types out >have
	printf "%s\n" event grip toc_build toc_change toc_node toc_version >want
	cmp want have
	# the names that other systems know
	for k in node_id level version title start end bullets keywords child_node_ids; do
		mem-toc 2026-11 | grep -q "\"$k\":"
	done
	mem-toc 2026-11 | grep -q "\"bullets\":\[{\"text\":\"[^\"]*\",\"grip_ids\":\[\"grip:"
	mem-toc 2026-11-18 | mem-toc expand - | head -n 1 >out
	for k in grip_id excerpt event_id_start event_id_end timestamp source toc_node_id; do
		grep -q "\"$k\":" out
	done
'

test_that 'mem-admin prints valid records' '
	{
		mem-admin init --store fresh --json
		mem-admin config set core.timezone Europe/Lisbon --store fresh
		mem-admin config list --store fresh --json
		mem-admin key new k1 --json
		mem-admin key list --json
		mem-admin key export k1.keys --plain --json
		mem-admin key import k1.keys --store fresh --json
		mem-admin stats --json
		mem-admin check --json
		mem-admin audit --json
		mem-admin audit checkpoint points
		mem-admin audit checkpoint --json
		mem-admin audit key --json
		mem-admin audit verify --json
		chmod 644 $MEM_STORE/memkit
		exits 1 mem-admin audit isolation --json
		chmod 600 $MEM_STORE/memkit
		mem-admin audit verify --against points --json
		mem-admin config set audit.reads count
		mem-log >read
		mem-admin audit reads --json
		mem-admin audit rotate --before 2100-01-01 --to rotated --json
		cat rotated
		mem-admin compact --dry-run --json
		mem-admin compact --json
		mem-admin backup a.tar --json
		mem-admin restore a.tar --store b --dry-run --json
		mem-admin restore a.tar --store b --json
	} >out
	valid out
	types out >have
	printf "%s\n" audit audit_checkpoint audit_held audit_key audit_rotate \
	    audit_rotated audit_verify backup check compact isolation \
	    isolation_hole key key_export key_import reads restore setting \
	    stats store >want
	cmp want have
'

if command -v sqlite3 >/dev/null; then
	test_that 'what mem-admin check finds is told in valid records' '
		sqlite3 b/tenants/default/memory.db \
		    "UPDATE record SET body = zeroblob(9) WHERE seq =
		    (SELECT max(seq) FROM record)"
		exits 1 mem-admin check --store b --json >out
		valid out
		types out >have
		printf "check\nproblem\n" >want
		cmp want have
	'
else
	skip 'problems' 'no sqlite3'
fi

test_that 'mem-sync prints valid records, and puts valid manifests' '
	mkdir remote
	for s in here there; do
		mem-admin config set remote.main.url "$PWD/remote" --store $s
	done
	mem-ingest -q --store here records
	{
		mem-sync status --store here
		mem-sync push --dry-run --store here
		mem-sync push --store here
		mem-sync push --store here
		mem-sync pull --store there
		echo a >f
		mem-session put s9 inputs f --store here
		mem-sync push --store here
		mem-sync verify --store here
		rm remote/default/*/s9/inputs/f
		exits 1 mem-sync verify --store here
		exits 3 mem-sync pull --store there
		mem-session rm s9 inputs f --store here
		id=$(mem-session list --store here | jl session_id | head -n 1)
		mem-session set "$id" k 1 --store here
		mem-session set "$id" k 2 --store there
		mem-sync push --store here
		mem-sync pull --store there
		mem-sync lease take "$id" --store here
		mem-sync lease show --store here
		exits 1 mem-sync status --check 2100-01-01 --store there
		mem-sync renew --store there
		mem-sync export a.tar --store here
		mem-sync export b.tar "$id" --store here
		mem-sync import --dry-run a.tar --store there
		mem-sync import a.tar --store new
		f=$(mem-session path "$id" inputs --store here)/f
		echo x >"$f"
		mem-sync export a.tar --store here
		mkdir -p "$(mem-session path "$id" inputs --store new)/f"
		exits 3 mem-sync import a.tar --store new
		rm "$f"
		exits 3 mem-sync export a.tar --store here
	} >out 2>err
	valid out || { cat out; exit 1; }
	types out >have
	printf "%s\n" clash difference export file file_kept file_missing import \
	    lease node pull push remote verify >want
	cmp want have
	cat remote/default/.memkit/manifest/* >manifests
	valid manifests
	zstd -qdc remote/default/.memkit/segment/*/* | grep "^{\"type\":\"[svt]" >lines
	valid lines
'

test_that 'what mem-log prints goes into another store as it is' '
	mem-log --json >one
	mem-ingest --store other <one >summary
	grep -q "\"duplicate\":0,\"rejected\":{}" summary
	mem-log --json --store other >two
	cmp one two
'

test_that 'unknown keys are kept, unknown types are refused' '
	echo "{\"type\":\"event\",\"session_id\":\"new\",\"timestamp\":5,\"text\":\"t\",\"mood\":{\"of\":[1,2.5,true]}}" |
	    mem-ingest >out
	mem-log --json --session new >out
	grep -qF "\"mood\":{\"of\":[1,2.5,true]}" out
	valid out
	echo "{\"type\":\"dream\",\"id\":1}" | exits 3 mem-ingest >out
	grep -qF "\"rejected\":{\"unknown type\":1}" out
'

test_done
