#!/bin/sh
# mem-sync push --follow goes on where the next answer may be a better one, and
# ends where it is refused; a remote that is set up no more keeps nothing; and
# who gives us credentials may say them: nobody is told.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-sync.sh"
bucket=bucket
AWS_ACCESS_KEY_ID=AKID AWS_SECRET_ACCESS_KEY=a-secret-of-the-test
export AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
: >script
: >log
s3_spawn python3 "$tests/server/s3.py" "$work/port" "$work/log" "$work/script"
until [ -s port ]; do
	sleep 0.05
done
port=$(cat port)
will() {
	printf '%s\n' "$@" >script
}
# on_server NODE: a node whose remote is that
on_server() {
	url=s3://$bucket/$1 node "$1"
	as "$1" mem-admin config set remote.main.endpoint "http://127.0.0.1:$port"
}
follower() {
	MEM_STORE=$work/$1 mem-sync push --follow --every 1 >follow.out 2>follow.err &
	p=$!
}
until_ok() {
	i=0
	until "$@"; do
		i=$((i + 1))
		[ $i -lt 150 ] || { cat follow.out follow.err; return 1; }
		sleep 0.1
	done
}
ends() {
	kill "$p"
	wait "$p"
}

test_that 'a damaged answer, one that is none, a store that is busy: it goes on' '
	on_server A
	say A s1 one
	push A >out
	echo "<ListBucketResult><no" >bad.xml
	follower A
	sleep 0.5
	will "file bad.xml 200" "file bad.xml 200"
	say A s1 two
	until_ok grep . follow.err
	until_ok grep "\"number\":2" follow.out
	cat follow.err
	will "503 SlowDown" "503 SlowDown" "503 SlowDown" "503 SlowDown" "503 SlowDown" "503 SlowDown" "junk" "close" "file bad.xml 200"
	say A s1 three
	until_ok grep "\"number\":3" follow.out
	ends
	kill -0 $p 2>/dev/null && exit 1
	push A | grep "\"published\":false"
'
test_that 'refused: it ends, and says so' '
	follower A
	sleep 0.5
	will "403 AccessDenied" "403 AccessDenied" "403 AccessDenied"
	say A s1 four
	wait $p && exit 1
	cat follow.err
	grep -i "denied\|refused" follow.err
	: >script
	push A >out
'
test_that 'a manifest in a folder that is damaged, and put right' '
	url= fresh B
	url= node B
	say B s1 one
	push B >out
	follower B
	echo "no manifest" >"$R/default/.memkit/manifest/000000000002"
	say B s1 two
	until_ok grep "manifest 2 of .main.: the manifest is damaged" follow.err
	rm "$R/default/.memkit/manifest/000000000002"
	until_ok grep "\"number\":2" follow.out
	ends
	push B | grep "\"published\":false"
'
test_that 'a remote that is set up no more does not keep the change log' '
	url= fresh A B
	fill A
	push A >out
	pull B >out
	n=$(as A mem-admin stats | jl change_count)
	as A mem-admin config set remote.second.url "file://$work/second"
	mkdir second
	mkevents 30 | sed "s/\"text\":\"/&again /; s/\"timestamp\":179/&1/" |
	    as A mem-ingest >out
	as A mem-sync push --remote second >out
	mkevents 30 | sed "s/\"text\":\"/&once more /; s/\"timestamp\":179/&2/" |
	    as A mem-ingest >out
	push A >out
	as A mem-index -q
	# the toc reads the log, too
	mem-toc --help >/dev/null 2>&1 || :
	as A mem-admin stats | grep "\"job_name\":\"sync:second\"[^}]*\"lag\":30}"
	as A mem-admin compact >out
	exits 1 grep idle out
	kept=$(as A mem-admin stats | jl change_count)
	[ "$kept" -ge 30 ]
	as A mem-admin config unset remote.second.url
	as A mem-admin stats >out
	cat out
	grep "\"job_name\":\"sync:second\"[^}]*\"lag\":30,\"idle\":true}" out
	grep "\"outbox_count\":0," out
	as A mem-admin compact >out
	cat out
	grep "\"idle\":\[\"sync:second\"\]" out
	[ "$(as A mem-admin stats | jl change_count)" -eq 1 ]
	# it comes back: a snapshot has what is gone
	as A mem-admin config set remote.second.url "file://$work/second"
	as A mem-sync push --remote second >out
	grep "\"snapshot\":true" out
	rm -rf C
	as C mem-admin config set remote.main.url "file://$work/second"
	pull C >out
	same A C
'
test_that 'a command for credentials that says its secret: nobody hears it' '
	on_server A
	unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
	say A s1 one
	for c in "set -x; : quite-a-secret; exit 1" \
	    "echo quite-a-secret >&2; exit 3" "echo quite-a-secret >&2; sleep 60" \
	    "echo quite-a-secret >&2; echo quite-a-secret" "sed 1q quite-a-secret"; do
		as A mem-admin config set remote.main.credentialCommand "$c"
		as A timeout 5 mem-sync push -v >out 2>&1 && exit 1
		cat out
		exits 1 grep quite-a-secret out
	done
	grep "ended with status [0-9]* before it answered; what it wrote to standard error may hold a secret" out
'
test_done
