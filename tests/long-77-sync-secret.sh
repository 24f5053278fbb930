#!/bin/sh
# What mem-sync needs to be let in is in no output, no file of the store, no
# list of processes: with keys of each kind, with -v, and when it fails.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-sync.sh"
bucket=memkit-sync

if s3_have minio; then
	server=minio
elif s3_have versitygw; then
	server=versitygw
else
	s3_missing minio
	test_done
	exit
fi
if ! s3_start $server; then
	test_that "$server starts" 'exit 1'
	test_done
	exit
fi
s3 make-bucket
url=s3://$bucket/prod
node A B
mkdir seen
for who in A B; do
	as $who mem-admin config set remote.main.endpoint "$endpoint"
	as $who mem-admin config set remote.main.timeout 5
done

# secret WORD...: to be looked for, as it is and as it is in a URL
secret() {
	for s; do
		printf '%s\n' "$s"
		printf '%s\n' "$s" | sed 's/%/%25/g; s/+/%2[Bb]/g; s,/,%2[Ff],g
		    s/=/%3[Dd]/g' | grep -v -F -x "$s"
	done >>secrets || :
}
secret "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY"

# watched COMMAND...: what all processes were called with meanwhile
watched() {
	rm -f stop
	while [ ! -e stop ]; do
		cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' >>seen/called
	done &
	w=$!
	"$@"
	got=$?
	: >stop
	wait $w
	return $got
}
runs=0
# run STATUS NODE WORD...: what it prints is kept, with -v and without; several
# statuses are one of them
run() {
	code=$1 who=$2
	shift 2
	for v in '' -v; do
		runs=$((runs + 1)) rc=0
		say "$who" s1 "text $runs"
		MEM_STORE=$work/$who watched mem-sync "$@" $v \
		    >seen/out.$runs 2>seen/err.$runs || rc=$?
		cat seen/err.$runs
		case " $code " in
		*" $rc "*) ;;
		*) echo "exit $rc: $*"; return 1 ;;
		esac
	done
}
# silent: none of them is anywhere
silent() {
	grep -q mem-sync seen/called || { echo "nobody was watched"; return 1; }
	if grep -r -a -F -l -f secrets seen A B; then
		return 1
	fi
}

test_that 'keys of the environment' '
	run 0 A push
	run 0 B pull --merge
	run 0 A status
	run 0 A lease take s1
	run 0 A lease show
	grep "\"published\":true" seen/out.1
	silent
'
test_that 'the test finds one that is there' '
	cp -R seen kept
	tail -n 1 secrets >seen/planted
	exits 1 silent
	rm -r seen
	mv kept seen
'
test_that 'keys of a file, of a profile, and what a command prints' '
	printf "[default]\naws_access_key_id = %s\naws_secret_access_key = %s\n" \
	    "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" >keys
	chmod 600 keys
	mkdir -p "$HOME/.aws"
	cp keys "$HOME/.aws/credentials"
	printf "{\"Version\":1,\"AccessKeyId\":\"%s\",\"SecretAccessKey\":\"%s\"}\n" \
	    "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" >keys.json
	unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
	run 0 A push
	as A mem-admin config set remote.main.profile default
	run 0 A push
	as A mem-admin config unset remote.main.profile
	as A mem-admin config set remote.main.credentialFile "$work/keys"
	run 0 A push
	chmod 644 keys
	run 2 A push
	as A mem-admin config unset remote.main.credentialFile
	as A mem-admin config set remote.main.credentialCommand "cat $work/keys.json"
	run 0 A push
	# keys, and then it fails; half of them; something else
	for c in "cat $work/keys.json; exit 1" "head -c 90 $work/keys.json" \
	    "cat $work/keys"; do
		as A mem-admin config set remote.main.credentialCommand "$c"
		run "2 75" A push
	done
	as A mem-admin config unset remote.main.credentialCommand
	rm -r "$HOME/.aws"
	silent
'
test_that 'a session token' '
	[ $server = minio ] || exit 0
	printf "user = \"%s:%s\"\n" "$AWS_ACCESS_KEY_ID" \
	    "$AWS_SECRET_ACCESS_KEY" >curl.conf
	curl -s -K curl.conf --aws-sigv4 aws:amz:us-east-1:sts \
	    -d "Action=AssumeRole&Version=2011-06-15&DurationSeconds=900" \
	    "$endpoint" >sts
	part() {
		sed -n "s,.*<$1>\(.*\)</$1>.*,\1,p" sts
	}
	AWS_ACCESS_KEY_ID=$(part AccessKeyId)
	AWS_SECRET_ACCESS_KEY=$(part SecretAccessKey)
	AWS_SESSION_TOKEN=$(part SessionToken)
	export AWS_SESSION_TOKEN
	[ ${#AWS_SESSION_TOKEN} -gt 50 ]
	secret "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" \
	    "$AWS_SESSION_TOKEN"
	run 0 A push
	silent
	AWS_SESSION_TOKEN=${AWS_SESSION_TOKEN}x
	run 2 A push
	silent
'
test_that 'refused: a wrong key, a wrong secret' '
	good=$AWS_SECRET_ACCESS_KEY
	AWS_SECRET_ACCESS_KEY=verysecretindeed0123456789
	secret "$AWS_SECRET_ACCESS_KEY"
	run 2 A push
	run 2 B pull
	AWS_SECRET_ACCESS_KEY=$good AWS_ACCESS_KEY_ID=AKNOBODYATALL
	secret "$AWS_ACCESS_KEY_ID"
	run 2 A push
	silent
	sound A B
'
test_that 'a wrong bucket, a wrong place, a server that is gone' '
	as A mem-admin config set remote.main.url s3://no-such-bucket/x
	run 2 A push
	as A mem-admin config set remote.main.url $url
	as A mem-admin config set remote.main.endpoint "http://127.0.0.1:$(free_port)"
	run 75 A push
	as A mem-admin config set remote.main.endpoint "https://127.0.0.1:$port"
	run "2 75" A push
	as A mem-admin config set remote.main.endpoint "$endpoint"
	run 0 A push
	silent
	sound A
'
test_that 'a clock that is a day off' '
	faults_work || exit 0
	for by in 86400 -86400; do
		say A s1 "text at $by"
		MEM_CLOCK=$by LD_PRELOAD=$fault_lib as A mem-sync push -v \
		    >seen/out.$by 2>seen/err.$by
		grep "\"published\":true" seen/out.$by
	done
	silent
'
s3_stop
old_id=$AWS_ACCESS_KEY_ID old_key=$AWS_SECRET_ACCESS_KEY
s3_start $server || test_that "$server starts again" 'exit 1'
secret "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY"
test_that 'revoked keys: told, nothing lost, and with new ones it goes on' '
	for who in A B; do
		as $who mem-admin config set remote.main.endpoint "$endpoint"
	done
	new_id=$AWS_ACCESS_KEY_ID new_key=$AWS_SECRET_ACCESS_KEY
	AWS_ACCESS_KEY_ID=$old_id AWS_SECRET_ACCESS_KEY=$old_key
	run 2 A push
	AWS_ACCESS_KEY_ID=$new_id AWS_SECRET_ACCESS_KEY=$new_key
	run 0 A push
	pull B >out
	texts A | grep -v "^text [0-9]*$" >want || :
	texts A >want
	texts B >got
	comm -23 want got >missing
	[ ! -s missing ]
	silent
'
test_done
