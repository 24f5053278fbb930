#!/bin/sh
# Two nodes fight for one session, stopped and continued at random moments: one
# wins, the other is told, and nothing that was acknowledged is missing on
# either in the end.  Then the drill: a node dies in mid-push, another takes
# its session over and works on, the first comes back.  Of SEEDS of it (200)
# each MEM_SEED_EVERY-th (10); a tenth of them at each real server.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-sync.sh"
SEEDS=${SEEDS:-200} every=${MEM_SEED_EVERY:-10} FIRST=${FIRST:-1}

# chance N: 0 to N - 1, the same for each seed
chance() {
	dice=$(((dice * 1103515245 + 12345) % 2147483648))
	drawn=$((dice / 65536 % $1))
}
nap() {
	sleep "$(printf 0.%03d "$1")"
}
# fighter NODE STEPS: writes, pushes, pulls where it is told to; what was
# acknowledged is in acked.NODE, how each push ended in told.NODE
fighter() {
	node=$1
	for step in $(seq "$2"); do
		text="$seed of $node $step"
		if printf '{"session_id":"s1","timestamp":%d,"text":"%s"}\n' \
		    $((1790000000000 + step)) "$text" |
		    mem-ingest --ack 2>"err.$node" | grep -q '"stored"'; then
			echo "$text" >>"acked.$node"
		fi
		rc=0
		mem-sync push >>"out.$node" 2>"err.$node" || rc=$?
		echo "push $rc" >>"told.$node"
		[ $rc -ne 0 ] || continue
		if [ $rc -ne 75 ]; then
			cat "err.$node" >>wrong
			continue
		fi
		grep -q -e 'mem-sync pull' -e 'is held by' "err.$node" ||
		    cat "err.$node" >>wrong
		mem-sync pull >>"out.$node" 2>"err.$node" ||
		    cat "err.$node" >>wrong
	done
}
# pauses: the two and all that they started, stopped and continued
pauses() {
	while kill -0 "$pid_A" 2>/dev/null || kill -0 "$pid_B" 2>/dev/null; do
		for pid in $pid_A $pid_B; do
			chance 3
			[ $drawn -ne 0 ] || {
				kill -STOP -- "-$pid"
				chance 40
				nap $drawn
				kill -CONT -- "-$pid"
			} 2>/dev/null
		done
		chance 25
		nap $drawn
	done
}
seed_run() {
	dice=$((seed * 7919 + 1))
	rm -rf A B acked.* told.*
	cp -R A.new A
	cp -R B.new B
	"begin_$server" || return
	: >acked.A
	: >acked.B
	set -m		# a group of processes for each
	MEM_STORE=$work/A fighter A 5 &
	pid_A=$!
	MEM_STORE=$work/B fighter B 5 &
	pid_B=$!
	set +m
	pauses
	wait $pid_A $pid_B
	"whole_$server" || return
	# both to the end
	for who in A B A B; do
		push $who >out 2>err || [ $? -eq 75 ] || return
		pull $who >out 2>err || return
		push $who >out 2>err || [ $? -eq 75 ] || return
	done
	pull A >out 2>err && "whole_$server" && same A B && sound A B || return
	sort acked.A acked.B >want
	texts A | grep -v '^first$' >got
	diff want got || return
	cat told.A told.B >>told
	[ ! -s wrong ] || { cat wrong; return 1; }
}

# begin_, whole_: where the two meet, which is a folder
begin_folder() {
	rm -rf remote
	cp -R remote.new remote
}
whole_folder() {
	remote_whole
}
# or a server
begin_server() {
	rm -rf C
	cp -R C.new C
	for who in A B C; do
		aim "$who" "$port"
	done
	say A s1 first 1790000000000
	push A >out && pull B >out 2>err
}
for s in versitygw minio rgw; do
	eval "begin_$s() { begin_server; }; whole_$s() { server_whole; }"
done

# fights STEP: of the seeds each STEP-th
fights() {
	: >told
	: >wrong
	start=$(date +%s) n=0 seed=$FIRST
	while [ "$seed" -le "$SEEDS" ]; do
		seed_run || { echo "seed $seed"; return 1; }
		n=$((n + 1))
		seed=$((seed + $1))
	done
	{
		echo "$n seeds in $(($(date +%s) - start)) s"
		sort told | uniq -c
	} | tee tally
	# they did meet
	grep -q "push 75" told
}

server=folder
test_that "two fight for one session: of $SEEDS seeds each $every-th" '
	node A B
	say A s1 first
	push A >out
	pull B >out 2>err
	for f in A B remote; do cp -R $f $f.new; done
	fights $every
'
sed 's/^/# /' tally 2>/dev/null

bucket=memkit-sync
for server in ${SERVERS:-versitygw minio rgw}; do
	s3_at "$server" || continue
	# at Ceph more: it thinks of its own of If-Match and multipart
	step=$((every * 10))
	[ "$server" != rgw ] || step=$((every * 2))
	test_that "$server: of $SEEDS seeds each $step-th" '
		templates A B C
		fights $step
	'
	sed 's/^/# /' tally 2>/dev/null
	s3_stop
done

ms() {
	echo $(($(date +%s%N) / 1000000))
}
test_that 'a node dies in mid-push, another takes over, the first comes back' '
	fresh A B
	say A s1 first
	push A >out
	pull B >out 2>err
	MEM_STORE=$work/A mem-sync push --follow --every 1 --hold 300 >follow &
	p=$!
	said=100
	for i in 1 2 3; do say A s1 "of A $i"; done
	i=0
	until grep -q "\"published\":true" follow; do
		i=$((i + 1))
		[ $i -lt 100 ]
		sleep 0.1
	done
	# what it says last is not there yet when it dies
	mkevents 20000 1 | sed "s/s0/s1/; s/text number/last words/" |
	    as A mem-ingest >out
	sleep 0.4
	kill -9 $p
	wait $p || :
	start=$(ms)
	pull B >out 2>err
	exits 75 as B mem-sync lease take s1 2>err
	grep "is held by node" err
	say B s1 "of B later"
	push B --steal >out
	{
		echo "$(($(ms) - start)) ms to the first write of B"
	} | tee tally
	grep "\"published\":true" out
	say B s1 "of B still later"
	push B >out
	# the first one is back
	say A s1 "of A back"
	exits 75 push A 2>err
	cat err
	pull A >out 2>err
	push A >out
	pull B >out 2>err
	same A B
	sound A B
	remote_whole
	for t in "of A 3" "of B still later" "of A back" "last words 20000"; do
		texts B | grep -x "$t"
	done
	[ "$(texts A | wc -l)" -eq 20007 ]
'
sed 's/^/# /' tally 2>/dev/null
test_done
