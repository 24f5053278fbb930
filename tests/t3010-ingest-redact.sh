#!/bin/sh
# No way into the store, or past it, leaves a secret as it is.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

# of nobody: from a random generator
key=ghp_ZthU0IoUgB7Vli80h7Y7Uc8f6Sr""W47tPJgiJ
# leaks FILE...: is one of the secrets in it?
leaks() {
	grep -a -n -e "$key" -e hunter2 -e 123456 "$@"
}

cat >in <<.
{"type":"start","format":"$key","source":"https://u:$key@h"}
{"type":"session","session_id":"s","title":"t $key","agent":"$key","variables":{"a":"$key","password":"hunter2","$key":"x"}}
{"session_id":"$key","timestamp":1,"text":"x $key"}
{"session_id":"s","timestamp":2,"text":"<private>hunter2</private>","agent":"$key","metadata":{"$key":"$key","password":"hunter2","input":"{\"cmd\":\"mysql -phunter2\",\"password\":123456}"}}
{"type":"record","kb":"$key","record_id":"r $key","record_type":"bug_record","title":"$key","author":"$key","tags":["$key"],"status":"$key","fields":{"$key":"$key","n":{"password":123456,"l":["--password","hunter2"]},"argv":["mysql","-u","x","-phunter2"],"key":[["$key"]]},"extra":"$key"}
{"session_id":"s","timestamp":"$key","text":"x $key"}
{"session_id":"s","timestamp":3,"text":"x","role":"$key"}
{"event_id":"$key","session_id":"s","timestamp":3,"text":"x"}
{"session_id":"s","timestamp":3,"text":"x","metadata":{"a":{"$key":"$key"}}}
{"type":"$key","text":"x"}
{"session_id":"s","text":"$key" "$key"}
{"session_id":"s","text":$key}
$key
{"session_id":"s","$key":"a","$key":"$key","timestamp":1}
{"type":"tombstone","target":"$key","id":"$key"}
{"type":"ack","line":1,"status":"$key"}
{"type":"hit","snippet":"$key"}
{"type":"end","total":1,"skipped":1,"skipped_reasons":{"$key":1}}
.
test_that 'what is stored, passed on, refused and told is without it' '
	exits 3 mem-ingest -v --ack --tee --rejects rej in >out 2>err
	cat err
	grep "\"stored\":4" out
	[ "$(wc -l <rej)" = 11 ]
	! leaks out err rej || exit 1
	! leaks "$MEM_STORE"/tenants/default/* || exit 1
	mem-log --json >log
	mem-session list --json >>log
	mem-search "x OR t" --json >>log
	mem-admin audit >>log
	! leaks log || exit 1
	grep redacted:github-token log >hits
	store_whole
'
test_that '--strict that stores nothing tells nothing of it either' '
	fresh_store
	TMPDIR=$PWD
	export TMPDIR
	exits 2 mem-ingest --strict --ack --tee --rejects rej in >out 2>err
	! leaks out err rej "$MEM_STORE"/tenants/default/* || exit 1
'
test_that 'a list of words is seen as the command that it is' '
	fresh_store
	cat >in2 <<-.
	{"type":"record","kb":"k","record_id":"1","record_type":"t","fields":{"a":["curl","-u","bob:hunter2","https://example.org"]}}
	{"type":"record","kb":"k","record_id":"2","record_type":"t","fields":{"a":["x","--db-password","hunter2"],"password":["hunter2"]}}
	{"type":"record","kb":"k","record_id":"3","record_type":"t","fields":{"a":["Bearer","authentication"],"max_password":123456}}
	.
	mem-ingest --tee in2 >out
	cat out
	[ "$(leaks out | wc -l)" = 1 ]
	grep "\"a\":\[\"curl\",\"-u\",\"bob:\[redacted:password\]\",\"https:" out
	grep "\"--db-password\",\"\[redacted:password\]\"\]" out
'
test_that 'a secret longer than any pattern goes as a whole' '
	fresh_store
	long=$(mkevents 1000 | cksum | tr -d " ")
	while [ ${#long} -lt 12000 ]; do long=$long$long; done
	echo "{\"session_id\":\"s\",\"timestamp\":1,\"text\":\"API_TOKEN=Ab$long end\"}" |
	    mem-ingest --tee | grep "\"text\":\"API_TOKEN=\[redacted:token\] end\""
'
test_that 'code, hashes, UUIDs and ids are no secrets' '
	fresh_store
	hex() { printf %s "$1" | sha256sum | cut -c "1-$2"; }
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		a=$(hex "$i" 40) b=$(hex "b$i" 32) c=$(hex "c$i" 64)
		u=$(hex "u$i" 32 | sed "s/\(.\{8\}\)\(....\)\(....\)\(....\)/\1-\2-\3-\4-/")
		q=$(printf %s "$c" | base64 | tr -d "\n")
		cat <<-.
		commit $a
		$b  file-$i.tar.gz
		sha256:$c
		"integrity": "sha512-$q"
		{"id": "$u", "session_id": "$u", "key": "$a", "parentUuid": "$u"}
		  key: $b, cache_key=$c, primary_key: $u, token_count=$i, etag: "$b"
		https://example.org/$a/$u?v=$b#$c
		index ${a%"${a#???????}"}..${b%"${b#???????}"} 100644
		checksum = "$c"
		.
	done >text
	jq -cRs "{session_id: \"s\", timestamp: 1, text: .}" text >in3
	find "$top/common" "$top/cmd" -name "*.[ch]" ! -name "redact*" \
	    -exec awk "FNR == 1 && NR > 1 { printf \"\\f\" } 1" {} + |
	    jq -cRs "split(\"\\f\")[] |
		{session_id: \"s\", timestamp: 2, text: .}" >>in3
	mem-ingest --tee in3 >out
	! grep -o ".\{60\}\[redacted:" out || exit 1
	[ "$(grep -c "\"type\":\"event\"" out)" -gt 50 ]
'
test_that 'mem-session set stores no secret, unless it is told to' '
	fresh_store
	mem-session set s a "$key" 2>err
	grep "a secret is not stored; --no-redact stores it" err
	mem-session set s password hunter2
	mem-session set s plain value 2>err
	[ ! -s err ]
	mem-session get s >got
	printf "a=[redacted:github-token]\npassword=[redacted:password]\nplain=value\n" >want
	diff got want
	! leaks "$MEM_STORE"/tenants/default/* || exit 1
	mem-session set --no-redact s password hunter2
	[ "$(mem-session get s password)" = hunter2 ]
'
test_that 'mem-session set knows the rules of the store, or refuses' '
	printf "rule pin\nnocase\nform\tassign\nliteral\tpin\nmin\t4\n" >own
	mem-admin config set redact.rules own
	mem-session set s pin 4711
	[ "$(mem-session get s pin)" = "[redacted:pin]" ]
	echo "rule" >own
	exits 2 mem-session set s pin 4712 2>err
	cat err
	grep "own. line 1: " err
'
test_done
