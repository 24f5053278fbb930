#!/bin/sh
# An endpoint makes the vectors: what is sent to it, and all that may go wrong
# there.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
httpd=$obj/helper/httpd
http=${obj%/obj}/libexec/memkit/embed-http
HTTPD_LOG=$work/requests SECRET=sk-Very-Secret-1
export HTTPD_LOG SECRET
unset MEM_MODEL http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
# a body is a subshell: what it starts is known by a file
trap 'stop_server; rm -rf "$work"' EXIT
stop_server() {
	[ ! -s "$work/server" ] || kill "$(cat "$work/server")" 2>/dev/null || :
	rm -f "$work/server"
}

if [ ! -x "$httpd" ] || [ ! -x "$http" ]; then
	skip 'an endpoint as embedder' 'the helper was not built'
	test_done
	exit
fi

# serve ANSWER...: a new server, its address in $url
serve() {
	stop_server
	rm -f port
	: >"$HTTPD_LOG"
	"$httpd" "$work/port" "$@" >/dev/null 2>&1 &
	echo $! >"$work/server"
	i=0
	until [ -s "$work/port" ]; do
		i=$((i + 1))
		[ $i -lt 100 ] || return 1
		sleep 0.05
	done
	url=http://127.0.0.1:$(cat "$work/port")/v1
}
# ask TEXT...: one question of embed-http's own; options in $with
with=
ask() {
	q=
	for t; do
		q="$q,\"$t\""
	done
	# shellcheck disable=SC2086 # words
	echo "{\"type\":\"embed\",\"id\":7,\"kind\":\"document\",\"timeout_ms\":${limit:-20000},\"texts\":[${q#,}]}" |
	    "$http" --url "$url" --model m $with >out 2>err
}
requests() {
	grep -c . "$HTTPD_LOG"
}

test_that '-h, --version, and wrong calls' '
	"$http" -h | grep "^usage: embed-http"
	"$http" --version | grep memkit
	exits 64 "$http" </dev/null 2>err
	grep -- "--url" err
	exits 64 "$http" --url ftp://x/ </dev/null 2>err
	exits 64 "$http" --url http://user:pass@127.0.0.1/ </dev/null 2>err
	cat err
	grep "has a user in it" err
	exits 64 "$http" --url http://127.0.0.1/ operand </dev/null 2>err
'
test_that 'vectors come back in the order of the texts' '
	serve ok
	ask one two three
	cat out
	[ "$(jl id <out)" = 7 ]
	grep "\"model\":\"m\",\"dimension\":8," out
	[ "$(requests)" -eq 1 ]
	grep "\"input\":\[\"one\",\"two\",\"three\"\]" "$HTTPD_LOG"
	grep "\"model\":\"m\"" "$HTTPD_LOG"
	sed "s/.*\"vectors\"://" out >three
	ask two
	grep -F "$(sed "s/.*\"vectors\":\[\(.*\)\]}/\1/" out)" three
'
test_that 'a question without texts tells the model and the dimension' '
	serve ok
	ask
	cat out
	grep "\"model\":\"m\",\"dimension\":8,\"batch\":32,\"vectors\":\[\]" out
	with="--dimension 5" ask
	grep "\"dimension\":5," out
	[ "$(requests)" -eq 1 ]
'
test_that 'prefixes tell documents and queries apart' '
	serve ok
	with="--document-prefix=d: --query-prefix=q:"
	ask one
	grep "\"input\":\[\"d:one\"\]" "$HTTPD_LOG"
	# shellcheck disable=SC2086
	echo "{\"type\":\"embed\",\"kind\":\"query\",\"texts\":[\"one\"]}" | "$http" --url "$url" $with >out
	grep "\"input\":\[\"q:one\"\]" "$HTTPD_LOG"
	grep "\"model\":\"hash\"" out
'
test_that 'a key comes from the environment or a file, and is in no message' '
	serve ok
	with="--key-env SECRET" ask one
	grep "^Bearer $SECRET " "$HTTPD_LOG"
	echo "$SECRET" >key
	with="--key-file key" ask two
	grep "^Bearer $SECRET .*two" "$HTTPD_LOG"
	serve echo
	with="--key-env SECRET" ask one
	cat out err
	grep "refuses the key (status 401)" out
	exits 1 grep "$SECRET" out err
	SECRET="********" with="--key-env SECRET" ask one
	cat out err
	grep "refuses the key (status 401)" out
	with="--key-env NO_SUCH" exits 2 ask one
	grep "no variable .NO_SUCH." err
	with="--key-file nowhere" exits 2 ask one
	printf "two words" >key
	with="--key-file key" exits 2 ask one
	grep "holds a blank" err
'
test_that 'a key does not travel in the clear' '
	url=http://example.invalid/v1 with="--key-env SECRET" exits 2 ask one
	cat err
	grep "by http, where others can read it; use https" err
	url=http://127.example.invalid/v1 with="--key-env SECRET" exits 2 ask one
	grep "use https" err
'
test_that '429 and Retry-After: it waits as long as it is told' '
	serve 429:1 ok
	start=$(date +%s%N)
	ask one
	ms=$((($(date +%s%N) - start) / 1000000))
	echo "$ms ms"
	[ $ms -ge 1000 ]
	[ "$(jl type <out)" = vectors ]
	[ "$(requests)" -eq 2 ]
	grep "status 429; trying again in 1\.[0-9] s" err
'
test_that '429 and a Retry-After that is too far away: it says so at once' '
	serve 429:600 ok
	ask one
	cat out
	grep "it asks to wait 600 seconds: .*status 429" out
	grep "\"again\":true" out
	[ "$(requests)" -eq 1 ]
'
test_that '500, 503 and an answer that breaks off: it tries again' '
	serve 500 503 nothing cut ok
	ask one
	cat err
	[ "$(jl type <out)" = vectors ]
	[ "$(requests)" -eq 5 ]
'
test_that 'one that stays broken: an error within the time' '
	serve 500
	limit=2000 ask one
	cat out
	grep "tried [0-9]* times: .*status 500" out
	grep "\"again\":true" out
	[ "$(requests)" -ge 2 ]
'
test_that 'one that is too slow, or never ends' '
	serve slow:5000
	limit=1000 ask one
	cat out
	grep "imed out" out
	grep "\"again\":true" out
	serve drip
	limit=1000 ask one
	grep "imed out" out
'
test_that 'nobody is there' '
	url=http://127.0.0.1:1/v1 limit=1500 ask one
	cat out
	grep "cannot ask .127.0.0.1." out
	grep "\"again\":true" out
'
test_that 'no such model, no such path, no right: said once, not tried again' '
	for s in 400 403 404 422; do
		serve $s ok
		ask one
		cat out
		grep "\"type\":\"error\"" out
		grep "status $s" out
		[ "$(requests)" -eq 1 ]
	done
	grep "so it was told" out
'
test_that 'a redirect is not followed' '
	serve 302 ok
	with="--key-env SECRET" ask one
	cat out
	grep "somewhere else (status 302)" out
	[ "$(requests)" -eq 1 ]
'
test_that 'too many texts for one request go in several' '
	serve most:2
	ask a b c d e
	cat "$HTTPD_LOG"
	[ "$(jl type <out)" = vectors ]
	sed "s/.*\"vectors\"://" out >several
	serve ok
	ask a b c d e
	sed "s/.*\"vectors\"://" out | cmp several -
	with="--batch 2" ask a b c d e
	sed "s/.*\"vectors\"://" out | cmp several -
'
test_that 'a text that is too long is cut until it is taken, and that is said' '
	serve long:300
	long=$(printf "%01000d" 7)
	ask short "$long" other
	cat err
	[ "$(jl type <out)" = vectors ]
	grep "their ends are left out" err
	grep "\"input\":\[\"0\{250\}\"\]" "$HTTPD_LOG"
	serve long:3
	ask four
	grep "takes no text of 4 bytes: maximum context" out
'
for how in html fewer mixed nan index junk giant; do
	test_that "an answer that is wrong: $how" '
		serve $how
		limit=3000 ask one two
		cut -c 1-300 out
		grep "\"type\":\"error\"" out
		[ "$(wc -l <out)" -eq 1 ]
	'
done
test_that 'a question that is none' '
	serve ok
	printf "%s\n" "{" "[]" "{\"type\":\"other\"}" "{\"type\":\"embed\"}" \
	    "{\"type\":\"embed\",\"id\":\"x\",\"texts\":[1]}" \
	    "{\"type\":\"embed\",\"id\":\"x\",\"texts\":[\"\"]}" \
	    "{\"type\":\"embed\",\"id\":\"x\",\"texts\":[\"fine\"]}" |
	    "$http" --url "$url" --model m >out 2>err
	cat out
	[ "$(grep -c "\"type\":\"error\"" out)" -eq 6 ]
	[ "$(grep -c "\"type\":\"vectors\",\"id\":\"x\"" out)" -eq 1 ]
'

# --- as mem-index and mem-search use it -----------------------------------
configure() {
	mem-admin config set "$1" "$2" >/dev/null
}
endpoint() {
	serve "$@"
	configure search.endpoint "$url"
}
mkevents 40 | mem-ingest -q >/dev/null
echo '{"session_id":"z","timestamp":5,"text":"zebra crossing"}' |
    mem-ingest -q >/dev/null
endpoint ok
configure search.endpointModel hash-8
configure search.endpointKeyEnv SECRET

test_that 'an index is made with the endpoint, and searched' '
	mem-index >out 2>err
	cat err
	[ "$(jl vectors <out | head -n 1)" = 41 ]
	[ "$(requests)" -eq 3 ]
	[ "$(grep -c "^Bearer $SECRET {\"model\":\"hash-8\"" "$HTTPD_LOG")" -eq 3 ]
	mem-search --explain zebra >out 2>err
	grep "\"model\":\"hash-8\"" out
	[ ! -s err ]
	exits 1 grep -r "$SECRET" "$MEM_STORE"
'
test_that 'the key is in no list of processes' '
	serve slow:2000
	configure search.endpoint "$url"
	mem-search zebra >out 2>err &
	pid=$!
	sleep 0.5
	ps -e -o args | grep "[e]mbed-http --url" >ps
	cat ps
	kill $pid
	exits 1 grep -e "$SECRET" ps
	grep -e "--key-env=SECRET" ps
'
test_that 'an endpoint that is down: a note, and hits by words' '
	configure search.endpoint http://127.0.0.1:1/v1
	configure search.timeout 2
	mem-search zebra >out 2>err
	cat err
	grep "searched without vectors: .*cannot ask" err
	grep zebra out
	exits 3 mem-index --rebuild >out 2>err
	grep "no vectors were made: .*cannot ask" err
	[ "$(jl live <out | head -n 1)" = 41 ]
'
test_that 'a dimension that is set is asked for, and saves a question' '
	endpoint ok
	configure search.endpointDimension 8
	mem-index --rebuild >out 2>err
	[ "$(jl vectors <out | head -n 1)" = 41 ]
	[ "$(requests)" -eq 2 ]
	grep "\"dimensions\":8" "$HTTPD_LOG"
	configure search.endpointDimension 9
	exits 3 mem-index --rebuild >out 2>err
	cat err
	grep "no vectors were made" err
'
test_done
