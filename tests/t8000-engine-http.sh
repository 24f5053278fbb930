#!/bin/sh
# How engines are spoken to: credentials, TLS, faults, sizes, and a program
# that lies.  What answers is tests/server/proxy.py by itself.
. "${0%/*}/lib.sh"
. "$tests/lib-engine.sh"
http=${obj%/obj}/libexec/memkit/engine-http
unset SSL_CERT_FILE SSL_CERT_DIR
# the program is found beside the one that asks
mkdir -p bin libexec/memkit
cp "$obj/helper/engine" bin/
ln -s "$http" libexec/memkit/engine-http

if ! command -v openssl >/dev/null || ! python3 -c 'import ssl' 2>/dev/null; then
	skip 'engines' 'openssl or python3 is missing'
	test_done
	exit
fi
SECRET='pass wörd:1"'
BASIC="Basic $(printf '%s' "somebody:$SECRET" | base64)"

# proxy_of [AUTHORIZATION]: another one
proxy_of() {
	s3_stop
	unset FAULTS_AUTH
	[ $# -eq 0 ] || export FAULTS_AUTH="$1"
	engine_proxy
}
# engine_of [URL]: engine.e.* as it is by default
# shellcheck disable=SC2120
engine_of() {
	rm -rf "$MEM_STORE"
	mem-session new s >/dev/null 2>&1 || echo '{"session_id":"s","timestamp":1,"text":"t"}' |
	    mem-ingest >/dev/null
	config engine.e.url "${1:-$proxy}"
}
config() {
	mem-admin config set "$1" "$2" >/dev/null
}
# private FILE TEXT
private() {
	rm -f "$1"
	(umask 077; printf '%s' "$2" >"$1")
}
# ask METHOD PATH [TYPE [WAIT_MS [TRIES]]]: `got` and `err`
ask() {
	timeout 100 bin/engine "$MEM_STORE" e "$@" >got 2>err
}
# fails CODE PATTERN: the last one did
fails() {
	grep "^engine: $1 .*$2" err >/dev/null || { cat got err; return 1; }
}
status() {
	[ "$(sed -n '1s/ .*//p' got)" = "$1" ] || { cat got err; return 1; }
}
no_secret() {
	! grep -F -e "$SECRET" -e "${BASIC#Basic }" -e a-secret-key got err
}
engine_proxy
# shellcheck disable=SC2119
engine_of

test_that 'it is asked, by every method, with what was given' '
	ask GET /a/_search?q=1
	status 200
	grep "\"method\": \"GET\", \"path\": \"/a/_search?q=1\", \"type\": null, \"size\": 0" got
	for m in POST PUT DELETE; do
		printf "{\"a\":1}" | ask $m /a/_doc/1 application/x-ndjson
		status 200
		grep "\"method\": \"$m\".*x-ndjson.*\"size\": 7, \"body\": \"{..a..:1}\"" got
	done
	ask HEAD /a
	status 200
	[ "$(wc -l <got)" -eq 1 ] && [ "$(wc -c <got)" -eq 6 ]
	printf "" | ask POST /a/_refresh application/json
	status 200
'
test_that 'a large body, and a large answer; one that is larger is refused' '
	dd if=/dev/zero bs=1M count=40 2>/dev/null | tr "\000" x >big
	ask POST /big application/json <big
	status 200
	grep "\"size\": 41943040" got
	will proxy "* endless"
	exits 1 ask GET /
	fails 2 "more than 67108864 bytes"
	will proxy
	dd if=/dev/zero bs=1M count=65 2>/dev/null >big
	exits 1 ask POST /big application/json <big
	fails 1 "its .size. is too large"
	rm big
'
test_that 'many questions go over one connection' '
	i=0
	while [ $i -lt 50 ]; do
		echo "GET /$i"
		i=$((i + 1))
	done | bin/engine "$MEM_STORE" e - >got
	[ "$(grep -c "^200 " got)" -eq 50 ]
'
test_that 'what an engine refuses is told by what it means' '
	for s in 401:9 403:9 404:3 400:2 409:2 302:2 429:8 503:8; do
		will proxy "* ${s%:*} {\"error\":{\"root_cause\":[{\"reason\":\"so it is\"}]}}"
		exits 1 ask POST / application/json </dev/null
		status ${s%:*}
		fails ${s#*:} "status ${s%:*}"
		[ "${s%:*}" = 302 ] || grep "so it is" err
	done
	will proxy "* 400 {\"errors\":[{\"code\":\"Neo\",\"message\":\"no word\"}]}"
	exits 1 ask GET /
	fails 2 ": no word"
	will proxy "* 400 {\"error\":\"only\\u001btext\"}"
	exits 1 ask GET /
	fails 2 ": only text"
'
test_that 'no redirect is followed' '
	will proxy "* 302 - Location=$proxy/elsewhere"
	exits 1 ask GET /x
	fails 2 "no redirect is followed; set engine.e.url"
	! grep elsewhere proxy.log || exit 1
'

# --- credentials ---

proxy_of "$BASIC"
test_that 'a password, from a file, with blanks and letters of all kinds' '
	private pw "$SECRET
"
	engine_of
	config engine.e.user somebody
	config engine.e.passwordFile "$work/pw"
	ask GET /x
	status 200
'
test_that 'the same, by a command' '
	engine_of
	config engine.e.user somebody
	config engine.e.passwordCommand "echo asked >>$work/asked; cat $work/pw"
	printf "GET /1\nGET /2\n" | bin/engine "$MEM_STORE" e - >got
	[ "$(grep -c ^200 got)" -eq 2 ]
	[ "$(wc -l <asked)" -eq 1 ]
'
test_that 'what the engine sends back of it is hidden' '
	engine_of
	private pw2 "wrong-$SECRET"
	config engine.e.user somebody
	config engine.e.passwordFile "$work/pw2"
	exits 1 ask GET /x
	status 401
	fails 9 "see its credentials, engine.e"
	grep "not with Basic \*\*\*\*" err
	no_secret
	! grep -F "$(printf "%s" "somebody:wrong-$SECRET" | base64)" got err || exit 1
'
for k in ApiKey:apiKey Bearer:token; do
	proxy_of "${k%:*} a-secret-key"
	test_that "as ${k%:*}" '
		engine_of
		exits 1 ask GET /
		status 401
		private key a-secret-key
		config engine.e.${k#*:}File "$work/key"
		ask GET /
		status 200
		engine_of
		config engine.e.${k#*:}Command "printf a-secret-key"
		ask GET /
		status 200
	'
done
test_that 'one that is not private, or is none, is not used' '
	engine_of
	config engine.e.tokenFile "$work/key"
	chmod 640 key
	exits 1 ask GET /
	fails 9 "engine.e.tokenFile.*chmod go="
	rm -f link
	ln -s key link
	chmod 600 key
	config engine.e.tokenFile "$work/link"
	exits 1 ask GET /
	fails 9 "symbolic link"
	config engine.e.tokenFile "$work/nothing"
	exits 1 ask GET /
	fails 3 "there is no file"
	for bad in "" "x y" "two
lines"; do
		private bad "$bad"
		config engine.e.tokenFile "$work/bad"
		exits 1 ask GET /
		grep "^engine: 2 .*token" err
		! grep -F "x y" err || exit 1
	done
	mem-admin config unset engine.e.tokenFile
	config engine.e.tokenCommand "echo a-secret-key >&2; exit 3"
	exits 1 ask GET /
	fails 8 "engine.e.tokenCommand.*may hold a secret"
	no_secret
'
test_that 'settings that do not go together' '
	engine_of
	config engine.e.user somebody
	exits 1 ask GET /
	fails 1 "has no password; set engine.e.passwordFile"
	mem-admin config unset engine.e.user
	config engine.e.passwordFile /x
	exits 1 ask GET /
	fails 1 "engine.e.user is not set"
	config engine.e.apiKeyFile /y
	exits 1 ask GET /
	fails 1 "more than one of password, apiKey and token"
	exits 1 bin/engine "$MEM_STORE" f GET / 2>err
	fails 1 "engine.f.url is not set"
	exits 1 bin/engine "$MEM_STORE" "../f" GET / 2>err
	fails 1 "is no name of an engine"
'
test_that 'mem-admin knows the settings, and what they may be' '
	for bad in "kind solr" "index Abc" "index -a" "database a/b" \
	    "timeout 0" "batch 10" "insecure perhaps" "caFile x" "user a:b" \
	    "shards 0" "replicas -1"; do
		# shellcheck disable=SC2086 # two words
		exits 64 mem-admin config set engine.e.${bad} 2>err
	done
	mem-admin config set engine.e.kind Neo4j 2>err && exit 1
	mem-admin config set engine.e.replicas 0 2>err
	[ ! -s err ]
	mem-admin config set engine.e.passwd x 2>err
	grep "knows no setting" err
	exits 64 mem-admin config set engine.a/b.url x 2>err
'

# --- who may hear it ---

proxy_of
test_that 'another machine is not asked by http; a secret does not go there at all' '
	engine_of http://192.0.2.1:9200
	exits 1 ask GET /
	fails 9 "another machine.*use https"
	config engine.e.insecure true
	private key a-secret-key
	config engine.e.tokenFile "$work/key"
	exits 1 ask GET /
	fails 9 "a token is not sent.*use https"
	no_secret
	engine_of http://somebody:a-secret-key@localhost:9200
	exits 1 ask GET /
	fails 1 "has a user in it"
	no_secret
'
test_that 'settings that others can write are not obeyed' '
	engine_of
	chmod g+w "$MEM_STORE/config"
	exits 1 ask GET /
	fails 9 "engine.e.url"
	printf "{\"method\":\"GET\",\"path\":\"/\",\"size\":0}\n" |
	    "$http" --store "$MEM_STORE" --name e >got
	grep "\"error\":.*\"code\":\"denied\"" got
'
test_that 'what is sealed stays here unless the setting says otherwise' '
	rm -rf "$MEM_STORE"
	mem-admin init --sealed >/dev/null
	config engine.e.url "$proxy"
	will proxy
	exits 1 ask GET /
	fails 9 "is sealed.*engine.e.sealed = true"
	[ ! -s proxy.log ]
	config engine.e.sealed true
	ask GET /
	status 200
'
s3_certificate
export FAULTS_TLS="$work/tls"
proxy_of
test_that 'by TLS with a CA of its own; and not without' '
	engine_of
	private key a-secret-key
	config engine.e.tokenFile "$work/key"
	exits 1 ask GET / "" 0 1
	fails 8 "set its caFile"
	[ ! -s proxy.log ]
	config engine.e.caFile "$work/tls/ca.pem"
	ask GET /
	status 200
	config engine.e.url "https://other.s3.localhost.invalid:${proxy##*:}"
	exits 1 ask GET / "" 3000 1
	fails 8 "cannot ask"
	config engine.e.url "https://[::1]:${proxy##*:}"
	exits 1 ask GET / "" 3000 1
	fails 8 "cannot ask"
'
unset FAULTS_TLS
proxy_of

# --- faults ---

test_that 'what may be asked again is, when the engine says' '
	engine_of
	will proxy "* 429 - Retry-After=1" "* 503"
	began=$(date +%s)
	ask GET /
	status 200
	asked proxy GET 3
	grep "engine-http: .*status 429.*; trying again in 1" err
	[ $(($(date +%s) - began)) -ge 1 ]
	will proxy "* 429" "* 429" "* 200 {}"
	printf "{}" | ask POST /a/_bulk application/json 0 3
	status 200
	asked proxy POST 3
'
test_that 'what may not is asked once, and the answer handed on' '
	will proxy "* 429 {} Retry-After=7"
	exits 1 ask POST /a/_bulk application/json </dev/null
	[ "$(head -n 1 got)" = "429 7000" ]
	asked proxy POST 1
	will proxy "* lost"
	exits 1 ask POST /a application/json </dev/null
	fails 8 "cannot ask"
	asked proxy POST 1
	will proxy "always * 503 {\"error\":\"busy\"}"
	exits 1 ask GET /
	status 503
	fails 8 "(status 503): busy"
	asked proxy GET 3
	will proxy "* 429 {} Retry-After=3000"
	exits 1 ask GET /
	[ "$(head -n 1 got)" = "429 3000000" ]
	asked proxy GET 1
'
test_that 'answers that break off, or are none' '
	for f in cut close junk lost; do
		will proxy "* $f" "* 200 good"
		ask GET /
		grep good got
		will proxy "always * $f"
		exits 1 ask GET / "" 0 2
		fails 8 "tried 2 times"
	done
	will proxy "* half"
	exits 1 ask POST / application/json <"$top/Makefile"
	fails 8 "cannot ask"
'
test_that 'an answer with another one behind it is not that of the next question' '
	will proxy "* more"
	printf "GET /1\nGET /2\nGET /3\n" | bin/engine "$MEM_STORE" e - >got
	[ "$(grep -c "^200 4\$" got)" -eq 0 ]
	[ "$(grep -c "^200 " got)" -eq 3 ]
'
test_that 'nobody is waited for longer than was said' '
	will proxy "* slow 20"
	exits 1 ask GET / "" 300 1
	fails 8 "cannot ask"
	will proxy "* drip"
	exits 1 ask GET / "" 700 1
	fails 8 "cannot ask"
	config engine.e.timeout 1
	will proxy "* slow 20"
	exits 1 ask POST / application/json </dev/null
	fails 8 "cannot ask"
'
test_that 'nobody is there' '
	engine_of "http://127.0.0.1:$(free_port)"
	exits 1 ask GET / "" 0 1
	fails 8 "cannot ask"
	engine_of
'

# --- the program ---

test_that 'a question that is none ends it, with the reason' '
	for q in "" "{" "[]" "{}" "{\"method\":\"GET\"}" \
	    "{\"method\":\"TRACE\",\"path\":\"/\"}" \
	    "{\"method\":\"GET\",\"path\":\"x\"}" \
	    "{\"method\":\"GET\",\"path\":\"/a b\"}" \
	    "{\"method\":\"GET\",\"path\":\"/\\u000a\"}" \
	    "{\"method\":\"GET\",\"path\":\"/\\u0000\"}" \
	    "{\"method\":\"GET\",\"path\":\"/\",\"size\":-1}" \
	    "{\"method\":\"GET\",\"path\":\"/\",\"size\":67108865}" \
	    "{\"method\":\"GET\",\"path\":\"/\",\"size\":1}" \
	    "{\"method\":\"GET\",\"path\":\"/\",\"type\":\"a\\u000d\\u000ab\"}" \
	    "{\"method\":\"GET\",\"path\":\"/\",\"tries\":21}"; do
		printf "%s\n" "$q" >q
		exits 2 "$http" --store "$MEM_STORE" --name e <q >got 2>err
		grep "^{\"error\":\"the question.*\"code\":\"input\"}$" got
		grep "^engine-http: input: the question" err
	done
	printf "{\"method\":\"POST\",\"path\":\"/\",\"type\":\"a/b\",\"size\":9}\n12345" >q
	exits 2 "$http" --store "$MEM_STORE" --name e <q >got 2>err
	grep "ends 4 bytes too early" err
	head -c 20000 /dev/zero | tr "\000" x >q
	exits 2 "$http" --store "$MEM_STORE" --name e <q >got 2>err
	grep "longer than 16384 bytes" err
	exits 64 "$http" --store "$MEM_STORE" 2>err
	grep "needs --name" err
	"$http" -h | grep -e --name
	"$http" --version | grep "engine-http (memkit)"
'
test_that 'after one that was killed the next question starts another' '
	mkfifo to
	bin/engine "$MEM_STORE" e - <to >got 2>err &
	pid=$!
	exec 8>to
	echo "GET /1" >&8
	lines_of got 1
	kill -9 "$(pgrep -P $pid)"
	echo "GET /2" >&8
	echo "GET /3" >&8
	exec 8>&-
	wait $pid
	[ "$(sed -n 1p got | cut -c1-4)" = "200 " ]
	grep "^-1 8 .engine-http. was killed by signal 9" got
	[ "$(sed -n 3p got | cut -c1-4)" = "200 " ]
'
test_that 'a secret of asterisks alone is hidden, and that ends' '
	for s in "*" "**" "***"; do
		private pw "$s"
		engine_of
		config engine.e.user somebody
		config engine.e.passwordFile "$work/pw"
		will proxy "* 403 {\"error\":\"role * is ** a **** miss\"}"
		got=0
		timeout 10 bin/engine "$MEM_STORE" e GET / >got 2>err || got=$?
		[ $got = 1 ]
		status 403
	done
	will proxy
'
test_that 'it ends when who started it is gone, whatever it is at' '
	mkfifo in
	exec 6<>in
	timeout 20 sh -c "\"$http\" --store \"$MEM_STORE\" --name e <in \
	    >out 2>&1 & echo \$! >pid; sleep 1"
	i=0
	while kill -0 "$(cat pid)" 2>/dev/null; do
		i=$((i + 1))
		[ $i -lt 50 ] || { kill -9 "$(cat pid)"; exit 1; }
		sleep 0.1
	done
	exec 6>&-
'
# lies TEXT CODE PATTERN: a program that answers so
lies() {
	printf "#!/bin/sh\nread -r q\n%s\n" "$1" >libexec/memkit/engine-http
	chmod +x libexec/memkit/engine-http
	exits 1 ask GET /
	fails "$2" "$3"
}
rm libexec/memkit/engine-http
test_that 'a program that lies is not believed' '
	lies "echo no" 2 "answered wrongly"
	lies "echo {}" 2 "no .status."
	lies "echo {\\\"status\\\":99}" 2 "no .status."
	lies "echo {\\\"status\\\":200,\\\"size\\\":67108865}; sleep 9" 2 "out of range"
	lies "echo {\\\"status\\\":200,\\\"size\\\":-1}" 2 "out of range"
	lies "echo {\\\"status\\\":200,\\\"size\\\":100}; echo short" 8 "ended"
	lies "printf \"{\\\"status\\\":200,\\\"size\\\":1}\\nmore\"; sleep 9" 2 \
	    "more than it was asked"
	lies "echo {\\\"error\\\":\\\"why\\\"}" 2 "why"
	lies "echo {\\\"error\\\":\\\"why\\\",\\\"code\\\":\\\"denied\\\"}" 9 "why"
	lies "head -c 20000 /dev/zero; sleep 9" 2 "more than 16384 bytes"
	lies "exit 3" 8 "ended with status 3"
	rm libexec/memkit/engine-http
	exits 1 ask GET /
	grep "^engine: 6 cannot run" err
'
test_done
