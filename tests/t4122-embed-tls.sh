#!/bin/sh
# An endpoint by TLS: a real server with certificates of its own.  What is
# not certified gets neither a text nor the key.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
http=${obj%/obj}/libexec/memkit/embed-http
SECRET=sk-Very-Secret-1
export SECRET
unset MEM_MODEL http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY
unset SSL_CERT_FILE SSL_CERT_DIR
server=
trap 'kill $server 2>/dev/null; rm -rf "$work"' EXIT

if ! command -v openssl >/dev/null || ! python3 -c 'import ssl' 2>/dev/null; then
	skip 'an endpoint by TLS' 'openssl or python3 is missing'
	test_done
	exit
fi

# ca NAME: NAME.pem signs others
ca() {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$1.key" -out "$1.pem" -days 2 -subj "/CN=$1"
}
# certificate NAME CA DAYS SUBJECT-ALT-NAME
certificate() {
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout "$1.key" -out "$1.csr" -subj "/CN=$1"
	echo "subjectAltName=$4" >"$1.ext"
	openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" \
	    -CAcreateserial -days "$3" -extfile "$1.ext" -out "$1.pem"
}
{
	ca mine
	ca others
	certificate good mine 1 DNS:localhost,IP:127.0.0.1
	certificate expired mine -1 DNS:localhost,IP:127.0.0.1
	certificate elsewhere mine 1 DNS:vectors.example
	certificate foreign others 1 DNS:localhost,IP:127.0.0.1
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
	    -keyout self.key -out self.pem -days 1 -subj /CN=localhost \
	    -addext subjectAltName=DNS:localhost,IP:127.0.0.1
} >openssl.log 2>&1 || sed 's/^/# /' openssl.log

# serve CERTIFICATE: a new server, its address in $url
serve() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || :
	rm -f port
	: >requests
	python3 "$tests/server/tls.py" "$work/port" "$work/requests" \
	    "$1.pem" "$1.key" >server.log 2>&1 &
	server=$!
	i=0
	until [ -s port ]; do
		i=$((i + 1))
		if [ $i -eq 200 ] || ! kill -0 $server; then
			cat server.log
			return 1
		fi
		sleep 0.05
	done
	port=$(cat port)
	url=https://localhost:$port/v1
}
# ask OPTION...: one question; the key is in the environment
ask() {
	echo '{"type":"embed","id":1,"kind":"query","timeout_ms":20000,"texts":["a secret text"]}' |
	    "$http" --url "$url" --key-env SECRET "$@" >out 2>err
	cat out err
}
# refused WHY OPTION...: told why, at once, and nothing was sent
refused() {
	why=$1
	shift
	ask "$@"
	grep "\"type\":\"error\".*cannot ask .\(localhost\|127.0.0.1\).*$why" out
	[ "$(grep -c "trying again" err)" -eq 0 ]
	[ ! -s requests ]
	[ "$(grep -c "$SECRET" out err | grep -vc ":0")" -eq 0 ]
}

serve good
test_that 'a certificate of a CA that is trusted: vectors, by the key' '
	ask --ca-file mine.pem
	grep "\"type\":\"vectors\".*\"dimension\":3" out
	grep -x "Bearer $SECRET .*a secret text.*" requests
	url=https://127.0.0.1:$port/v1
	ask --ca-file mine.pem
	grep "\"type\":\"vectors\"" out
'
: >requests
test_that 'without the CA: refused' '
	refused "certificate"
'
test_that 'with another CA: refused' '
	refused "certificate" --ca-file others.pem
'
test_that 'the CA file is trusted instead of the certificates of the system' '
	command -v strace >/dev/null || exit 0
	[ "${MEM_SANITIZE:-no}" = no ] || exit 0	# traced, it fails
	strace -f -qq -e trace=%file -o trace true || exit 0
	echo "{\"type\":\"embed\",\"id\":1,\"texts\":[\"a\"]}" |
	    strace -f -qq -e trace=%file -o trace \
	    "$http" --url "$url" --ca-file others.pem >out
	grep "\"type\":\"error\"" out
	grep others.pem trace
	grep "/certs" trace >system || :
	cat system
	[ ! -s system ]
'
test_that 'a CA file that is not there, or is none: told, and nothing sent' '
	refused "nowhere.pem" --ca-file nowhere.pem
	echo rubbish >rubbish.pem
	refused "rubbish.pem" --ca-file rubbish.pem
'
test_that 'no TLS where it was asked for, TLS where it was not' '
	url=http://localhost:$port/v1
	ask
	grep "\"type\":\"error\"" out
	[ ! -s requests ]
'
test_that 'a search and mem-index by TLS' '
	printf "%s\n" "{\"session_id\":\"a\",\"timestamp\":1,\"text\":\"one\"}" \
	    "{\"session_id\":\"a\",\"timestamp\":2,\"text\":\"and two\"}" |
	    mem-ingest -q >/dev/null
	mem-admin config set search.endpoint "$url"
	mem-admin config set search.endpointKeyEnv SECRET
	mem-admin config set search.endpointCaFile mine.pem
	mem-index >out
	[ "$(jl vectors <out | head -n 1)" = 2 ]
	mem-search --mode vector two >out 2>err
	cat err
	[ ! -s err ]
	[ "$(wc -l <out)" -eq 2 ]
	mem-admin config set search.endpointCaFile others.pem
	: >requests
	mem-search two >out 2>err
	cat err
	grep "searched without vectors: .*certificate" err
	grep "and two" out
	exits 3 mem-index --rebuild >out 2>err
	grep "no vectors were made: .*certificate" err
	[ ! -s requests ]
'

serve expired
test_that 'one that has expired: refused' '
	refused "expired" --ca-file mine.pem
'
serve elsewhere
test_that 'one for another host: refused' '
	refused "\(host\|name\|match\)" --ca-file mine.pem
	url=https://127.0.0.1:$port/v1
	refused "\(host\|name\|match\)" --ca-file mine.pem
'
serve foreign
test_that 'one of a CA that is not trusted: refused' '
	refused "certificate" --ca-file mine.pem
'
serve self
test_that 'one that signed itself: refused, unless it is the one that is trusted' '
	refused "certificate" --ca-file mine.pem
	ask --ca-file self.pem
	grep "\"type\":\"vectors\"" out
'
test_done
