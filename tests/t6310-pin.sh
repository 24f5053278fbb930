#!/bin/sh
# Artifacts on IPFS that a pinning service keeps: what it is asked, what becomes
# of a request, and a service that fails or lies (tests/server/pin.py).
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-ipfs.sh"
command -v python3 >/dev/null || { skip 'IPFS' 'no python3 here'; test_done; exit; }
mem-admin config set core.timezone UTC >/dev/null
server_start ipfs
config artifact.ipfs.api "http://127.0.0.1:$port"
config artifact.ipfs.timeout 3
service
head -c 1200000 /dev/urandom >big
printf 'hello world' >hello

check() {
	printf '{"type":"blob_check","id":1}\n' | "$BLOB" --store "$MEM_STORE" >got
}

test_that 'a token is needed, in a file of nobody else, over a line that is safe' '
	chmod 644 token
	check
	refused denied token
	chmod 600 token
	: >token
	check
	refused input "token for artifact.pin.url is empty"
	echo "two words" >token
	check
	refused input "a blank"
	echo a-token-of-the-test >token
	config artifact.pin.url http://192.0.2.1/psa
	check
	refused denied "is not sent to"
	config artifact.pin.url https://u:p@192.0.2.1/psa
	check
	refused usage
	exits 1 grep "p@" got
	config artifact.pin.url "http://127.0.0.1:$port/"
	check
	exits 1 grep error got
	asked pin . 0
'
test_that 'put: pending; queued, pinning, pinned' '
	will pin
	put A big
	is pending
	said >A.said
	grep "\"status\":\"queued\"" A.said
	grep "\"pin_name\":\"$prefix/A.bin\"" A.said
	asked pin "^POST /pins$" 1
	# where the bytes are, and who is to fetch them
	asked ipfs /id 1
	asked ipfs swarm/connect 1
	head_of A "$(cat A.said)"
	is pending
	grep "\"status\":\"pinning\"" got
	head_of A "$(cat A.said)"
	is there
	[ "$(jl size_bytes <got | head -n 1)" = 1200000 ]
	content A "$(cat A.said)" | cmp - big
'
test_that 'put again: no second request, and what is pinned is not sent' '
	will pin
	will ipfs
	put A big "$(cat A.said)"
	is there
	asked pin POST 0
	asked ipfs dag/import 0
	# by its name, when nobody kept what was said
	put A big
	is there
	head_of A
	is there
	put A hello
	refused exists
'
test_that 'one that fails says so, and is asked for again by another put' '
	will pin "POST failed"
	put B hello
	is failed
	said >B.said
	head_of B "$(cat B.said)"
	is failed
	will pin
	put B hello "$(cat B.said)"
	is pending
	asked pin "^POST /pins/r%2F" 1
	said >B.said
	head_of B "$(cat B.said)"
	head_of B "$(cat B.said)"
	is there
'
test_that 'drop: the request goes, and the pin of the node' '
	drop B "$(cat B.said)"
	is absent
	head_of B "$(cat B.said)"
	is absent
	asked ipfs pin/rm 1
	drop B "$(cat B.said)"
	is absent
	# an answer that was lost, and nothing said
	will pin "POST lost"
	put C hello
	is pending
	drop C
	is absent
	head_of C
	is absent
	will pin "DELETE lost"
	put C hello
	drop C "$(said)"
	is absent
	will pin "DELETE lost"
'
test_that 'another object with the same bytes has a request of its own' '
	put D hello
	said >D.said
	put E hello
	said >E.said
	drop D "$(cat D.said)"
	head_of E "$(cat E.said)"
	head_of E "$(cat E.said)"
	is there
	content E "$(cat E.said)" | cmp - hello
	head_of D "$(cat D.said)"
	is absent
'
test_that 'a request that is not ours is not touched' '
	put F hello
	of=$(said)
	will pin
	drop G "$of"
	is absent
	asked pin DELETE 0
	head_of F "$of"
	grep "\"there\"\|\"pending\"" got
'
test_that 'list: keys below a prefix, over pages' '
	all=
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		all=$all,$(object L$i hello)
	done
	ask blob_put "${all#,}"
	will pin
	"$BLOB" --store "$MEM_STORE" --list "$prefix/L" >list
	[ "$(grep -c "$prefix/L" list)" -eq 16 ]
	[ "$(sort -u list | wc -l)" -eq 16 ]
	asked pin "^GET" 3
	"$BLOB" --store "$MEM_STORE" --list other/ >list
	[ ! -s list ]
	# a page that is the same again and again has an end
	printf "{\"count\":9,\"results\":[{\"requestid\":\"1\",\"status\":\"pinned\",\"created\":\"2026-01-01T00:00:00Z\",\"pin\":{\"cid\":\"%s\",\"name\":\"other/x\"},\"delegates\":[]}]}" \
	    "$("$CID" hello)" >page
	will pin "always GET 200 $(cat page)"
	exits 2 "$BLOB" --store "$MEM_STORE" --list other/ >list 2>err
	grep "without an end" err
'
test_that 'a service that lies is not believed' '
	for w in other-cid other-name; do
		will pin "POST $w"
		put M$w hello
		refused input "another CID, or name"
	done
	will pin
	put N hello
	of=$(said)
	for w in "other-id" "status done" "200 {\"ok\":true}" "200 -" \
	    "200 {\"error\":{\"reason\":\"X\"}}" "200 [1]" "endless"; do
		will pin "GET $w"
		head_of N "$of"
		refused input
	done
	will pin "GET other-cid"
	head_of N "$of"
	refused exists
	will pin "GET 200 {\"error\":{\"reason\":\"X\"}}"
	put O hello
	refused input "no list of pins"
	will pin "POST 200 {\"error\":{\"reason\":\"X\"}}"
	put O hello
	refused input
'
test_that '401, 403, 409: what is wrong, without the token' '
	echo another-token >token
	head_of N
	refused denied "does not let us in (status 401): not with Bearer \*\*\*"
	put P hello
	refused denied
	exits 1 grep another-token got err
	echo a-token-of-the-test >token
	will pin "POST 403 {\"error\":{\"reason\":\"FORBIDDEN\"}}"
	put P hello
	refused denied FORBIDDEN
	will pin "POST 409 {\"error\":{\"reason\":\"INSUFFICIENT_FUNDS\",\"details\":\"send\\tmoney\"}}"
	put P hello
	refused input "status 409): send money"
	will pin "POST 301 - Location=http://192.0.2.1/"
	put P hello
	refused input "no redirect is followed"
'
test_that 'what may be better the next time is tried again' '
	for w in "429 - Retry-After=1" 503 500 close junk; do
		will pin "GET $w"
		head_of N
		grep "\"there\"\|\"pending\"" got
	done
	will pin "always GET 429 - Retry-After=9999"
	head_of N
	refused net "status 429"
	asked pin GET 1
	will pin "always GET 500"
	head_of N
	refused net "tried 3 times"
	will pin "GET slow 1"
	head_of N
	grep "\"there\"\|\"pending\"" got
'
test_that 'killed in the middle of a put: nothing is there before it was asked for' '
	for f in GET POST; do
		will pin "$f hold $work/at"
		printf "{\"type\":\"blob_put\",\"id\":1,\"objects\":[%s]}\n" \
		    "$(object Q$f hello)" >question
		"$BLOB" --store "$MEM_STORE" <question >got &
		p=$!
		until [ -e at ]; do sleep 0.02; done
		kill -KILL $p
		wait $p || :
		rm at
		sleep 0.2
		head_of Q$f
		exits 1 grep "\"there\"" got
		put Q$f hello
		grep "\"there\"\|\"pending\"" got
		drop Q$f
		is absent
		"$BLOB" --store "$MEM_STORE" --list "$prefix/Q" >list
		[ ! -s list ]
	done
'
test_that 'a key that is too long for a name' '
	long=$(printf "%0250d" 0)
	ask blob_head "{\"key\":\"p/$long/x.bin\"}"
	refused input "shorter artifact.prefix"
'
if command -v openssl >/dev/null && s3_certificate; then
	plain=$s3_pid
	FAULTS_TLS=$work/tls
	export FAULTS_TLS
	server_start pin
	unset FAULTS_TLS
	config artifact.pin.url "https://127.0.0.1:$port"
	test_that 'https: whose certificate nobody vouches for gets no token' '
		put T hello
		refused net caFile
		asked pin . 0
		config artifact.pin.caFile "$work/tls/ca.pem"
		put T hello
		is pending
		config artifact.pin.caFile /nowhere.pem
		head_of T
		refused net
	'
	kill "$s3_pid"
	wait "$s3_pid" 2>/dev/null
	s3_pid=$plain
	mem-admin config unset artifact.pin.caFile >/dev/null
fi
test_that 'a service that is not there' '
	kill $s3_pid
	wait $s3_pid 2>/dev/null || :
	put R hello
	refused net
	head_of N
	refused net
'
s3_stop
test_done
