#!/bin/sh
# What goes wrong with a bucket and around it: keys that change while a push is
# under way, another bucket or region, a bucket that was emptied, a clock that is
# a day off, a lease that has run out, a disk that is full in a pull.  Each is
# told with what to do, by exit 2 or 75; what is here is whole, and then it goes
# on.  MEM_EVERY=1: a fault at each call.
real_home=$HOME
[ -n "${MEM_OWN_MOUNTS-}" ] || ! unshare -m true 2>/dev/null ||
    MEM_OWN_MOUNTS=1 exec unshare -m sh "$0"
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-sync.sh"
bucket=memkit-sync
every=${MEM_EVERY:-5}

# nodes NODE...: new, and a folder of their own in the bucket
nodes() {
	seed=$(($(cat seed 2>/dev/null || echo 0) + 1))
	echo $seed >seed
	url=s3://$bucket/p$seed node "$@"
	for who; do
		as "$who" mem-admin config set remote.main.endpoint "$endpoint"
		as "$who" mem-admin config set remote.main.timeout 20
	done
}
set_() {
	as "$1" mem-admin config set "remote.main.$2" "$3"
}
# told STATUS TEXT NODE VERB [OPTION...]: and nothing is changed here
told() {
	code=$1 text=$2 who=$3
	shift 3
	shows "$who" >was
	exits "$code" as "$who" mem-sync "$@" 2>err || return
	cat err
	grep -q -- "$text" err || { echo "not: $text"; return 1; }
	if grep -F -e "$AWS_SECRET_ACCESS_KEY" err; then
		return 1
	fi
	shows "$who" | diff was - && sound "$who"
}
write() {
	echo "$3" >"$(as "$1" mem-session path s1 inputs "$2")"
}

if s3_at minio; then
test_that 'keys are revoked at any moment of a push' '
	# keys for ten seconds more, so that they are asked for again and again
	cat >cred <<-EOF
	n=\$((\$(cat $work/asked) + 1))
	echo \$n >$work/asked
	secret=$AWS_SECRET_ACCESS_KEY
	[ \$n -le \$(cat $work/good) ] || secret=not-any-more-1234567
	printf "{\"Version\":1,\"AccessKeyId\":\"$AWS_ACCESS_KEY_ID\","
	printf "\"SessionToken\":\"\",\"SecretAccessKey\":\"\$secret\","
	date -u -d "10 seconds" "+\"Expiration\":\"%FT%TZ\"}"
	EOF
	n=1 refused=0
	while nodes A B C; do
		echo 0 >asked
		echo 1000 >good
		fill A
		write A a one
		set_ A credentialCommand "sh $work/cred"
		push A -q
		say A s1 more
		write A a two
		write A b three
		echo 0 >asked
		echo $n >good
		rc=0
		push A >out 2>err || rc=$?
		cat err
		server_whole
		sound A
		if [ $(cat asked) -le $n ]; then
			[ $rc -eq 0 ]
			break
		fi
		[ $rc -eq 2 ]
		grep "SignatureDoesNotMatch.*; give credentials that are valid" err
		exits 1 grep -F -e "$AWS_SECRET_ACCESS_KEY" -e not-any-more out err
		refused=$((refused + 1))
		echo 1000 >good
		push A >out
		pull B >out
		same A B
		as A mem-sync verify >out
		server_whole
		n=$((n + 1))
	done
	echo "$refused" | tee tally
	[ $refused -ge 4 ]
'
sed 's/^/# revoked at so many requests: /' tally 2>/dev/null
test_that 'a bucket that is not there, a region that is not allowed' '
	nodes A B
	fill A
	for verb in push pull verify; do
		set_ A url s3://no-such-bucket/x
		told 2 "NoSuchBucket.*; make the bucket, or name another one" A $verb
		set_ A url s3://$bucket/p$seed
		set_ A region eu-west-9
		set_ A regions eu-west-9
		told 2 "the bucket is in the region .us-east-1., and data may not go there" A $verb
		set_ A regions us-east-1
		told 2 "data may not go to the region .eu-west-9." A $verb
		as A mem-admin config unset remote.main.regions
		# whose name is wrong, and no more
		[ $verb != push ] || push A | grep "\"published\":true"
		as A mem-admin config unset remote.main.region
	done
	pull B >out
	same A B
'
test_that 'a storage class that is none: told, not taken for files that change' '
	nodes A
	fill A
	write A a one
	set_ A class NO_SUCH_CLASS
	told 2 "InvalidStorageClass" A push
	as A mem-admin config unset remote.main.class
	push A | grep "\"published\":true"
'
test_that 'emptied behind our back: told, and filled again with --anew' '
	nodes A B C N
	fill A
	write A a one
	push A >out
	say A s1 more
	push A >out
	pull B >out
	aim C $port
	rem list | cut -d" " -f2- | xargs env MEM_STORE="$work/C" \
	    "$obj/helper/remote" main delete
	say A s1 "not there yet"
	say B s1 "of B"
	for who in A B; do
		for verb in push pull; do
			told 2 "manifest 2, which was in .main., is no more there: it was emptied.*mem-sync push --anew" $who $verb
		done
	done
	rem list >left
	[ ! -s left ]
	# who has none of it hears that there is nothing
	told 2 "there is nothing in .main." N pull
	push A --anew >out
	grep "\"number\":1,\"published\":true" out
	pull N >out
	same A N
	exits 2 push B --anew 2>err
	pull B --merge >out
	push B --steal >out
	pull A >out
	same A B
	as A mem-sync verify >out
	cat out
	server_whole
'
test_that 'a clock that is a day off, either way' '
	faults_work || exit 0
	off() {
		MEM_CLOCK=$by LD_PRELOAD=$fault_lib as "$@"
	}
	for by in 86400 -86400; do
		nodes A B C
		fill A
		write A a one
		off A mem-sync push >out
		grep "\"published\":true" out
		off B mem-sync pull >out
		same A B
		off A mem-sync verify >out
		off A mem-sync lease take s1 --hold 3 >out
		off A mem-session archive s1 >out
		[ ! -e "$(as A mem-session path s1 inputs a)" ]
		off A mem-session restore s1 >out
		grep -x one "$(as A mem-session path s1 inputs a)"
		# whoever waits does so by a clock that nobody sets
		pull B >out
		say B s1 "of B"
		exits 75 off B mem-sync push --wait 0 2>err
		grep "is held by node" err
		off B mem-sync push --wait 20 >out 2>err ||
		    { pull B >out; off B mem-sync push >out; }
		off A mem-sync pull >out
		off A mem-sync push --steal >out
		off B mem-sync pull >out
		same A B
		sound A B
		server_whole
	done
'
test_that 'a lease that ran out: who had it cannot publish before a pull' '
	nodes A B
	say A s1 first
	push A >out
	pull B >out
	MEM_STORE=$work/A mem-sync push --follow --every 1 --hold 2 >follow &
	p=$!
	say A s1 "while it follows"
	i=0
	until grep -q "\"published\":true" follow; do
		i=$((i + 1))
		[ $i -lt 100 ]
		sleep 0.1
	done
	kill -STOP $p
	pull B >out
	say B s1 "of B"
	push B --wait 10 >out
	grep "\"published\":true" out
	say A s1 "too late"
	kill -CONT $p
	sleep 2
	kill $p
	wait $p || :
	told 75 "written by node .* since the last pull; mem-sync pull" A push --wait 0
	pull A >out
	push A >out
	pull B >out
	same A B
	texts B | grep -x "too late"
	server_whole
'
fi
s3_stop

# --- a full disk, in a pull from a bucket

s3_fake
server=fake data=
# before: A with events and files is there, B has the first of it, N nothing
nodes A B C N
fill A
write A a one
push A -q >/dev/null
pull B -q >/dev/null 2>&1
mkdir d
for i in 1 2 3 4 5 6; do
	head -c $((i * 60000)) /dev/urandom >d/f$i
done
as A mem-session put -q s1 inputs d
write A a two
mkevents 3000 1 | sed 's/s0/s1/; s/text number/another/' | as A mem-ingest >/dev/null
push A -q --snapshot >/dev/null
mkdir before
cp -R B N before
# pulled NODE: again, and then it has all
pulled() {
	pull "$1" >out 2>err || { cat out err; return 1; }
	shows A >has.A
	shows "$1" >has.it
	cmp has.A has.it && sound "$1" || return
	diff -r "$(as A mem-session path s1 inputs)" \
	    "$(as "$1" mem-session path s1 inputs)" &&
	    [ -z "$(find "$1" -path "*/tmp/*" -o -name "*.part")" ]
}
# well: whatever became of it, the next one brings all
well() {
	case $status in
	0) ;;
	2) [ -s err ] || return ;;
	*) cat err; echo "exit $status"; return 1 ;;
	esac
	[ ! -d "$1/tenants/default" ] || sound "$1" || return
	pulled "$1"
}
# each NODE OP HOW STEP: the n-th call of it fails, for each n
each() {
	n=1 hits=0
	while rm -rf "${work:?}/$1" && cp -R "before/$1" "$1" &&
	    fault "$2:$n$3" env MEM_STORE="$work/$1" mem-sync pull; do
		hits=$((hits + 1))
		well "$1" || { echo "$2:$n$3"; return 1; }
		n=$((n + $4 * every))
	done
	echo "$1 $2$3: $hits" >>tally
	[ $hits -gt 0 ]
}
: >tally
test_that 'a pull from a bucket where a call of the disk fails' '
	faults_work || exit 0
	each B write :ENOSPC 3
	each B write +:ENOSPC 5
	each B fsync :EIO 1
	each N write :ENOSPC 5
	each N open :EMFILE 9
	each N rename :ENOSPC 1
'
sed 's/^/# /' tally
if [ -z "${MEM_OWN_MOUNTS-}" ] || ! mkdir small ||
    ! mount -t tmpfs -o size=2m none small 2>/dev/null; then
	skip 'a disk that is full' 'may not mount'
else
	trap 's3_stop; umount small; cd /; rm -rf "$work"' EXIT
	test_that 'a disk that is full in a pull: told; with room it goes on' '
		for it in small/B small/N; do
			cp -R before/${it#*/} $it
			exits 2 pull $it >out 2>err
			cat err
			grep "No space left\|disk is full" err
			[ ! -d $it/tenants/default ] || sound $it
			mount -o remount,size=64m small
			pulled $it
			rm -rf $it
			mount -o remount,size=2m small
		done
	'
fi
test_done
