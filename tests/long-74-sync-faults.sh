#!/bin/sh
# mem-sync and a real server, with a proxy that drops, delays, cuts, damages,
# doubles and answers for itself between them (tests/helper/faultproxy.c): push,
# kill at a random moment, push again, pull elsewhere.  What was pulled is what
# there was; what a manifest names is there after every kill; no object is
# there in part.  Three of seven are sealed.  Of SEEDS of them (1,000) each
# MEM_SEED_EVERY-th (10): all take half an hour.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-sync.sh"
bucket=memkit-sync
SEEDS=${SEEDS:-1000} every=${MEM_SEED_EVERY:-10} FIRST=${FIRST:-1}

# some events, a value and a record, by the seed and the round
more() {
	awk -v seed="$seed" -v round="$1" 'BEGIN {
		srand(seed * 10 + round)
		n = 1 + int(rand() * rand() * 60)
		for (i = 1; i <= n; i++)
			printf "{\"session_id\":\"s%d\",\"timestamp\":%.0f,\"text\":\"%d %d %d %.9f\"}\n",
			    i % 3, 1790000000000 + round * 1000 + i, seed, round,
			    i, rand()
		printf "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"r%d\",\"record_type\":\"note\",\"title\":\"%d %d\"}\n",
		    seed % 3, seed, round
	}' | as A mem-ingest >/dev/null
	as A mem-session set s0 key "$seed $1"
}
# until_done NODE VERB: again and again, by the proxy
until_done() {
	tries=0
	while :; do
		rc=0
		as "$1" timeout 60 mem-sync "$2" >out 2>err || rc=$?
		echo "$2 $rc" >>codes
		[ $rc -ne 0 ] || return 0
		tries=$((tries + 1))
		case $rc in
		75) ;;
		2) cat err >>two ;;
		*) cat err; return 1 ;;
		esac
		if [ ! -s err ] || [ $tries -ge 40 ]; then
			cat err
			return 1
		fi
	done
}
# seal: A and B do, from now on, with one key
seal() {
	as A mem-admin key new k >/dev/null
	rm -f ring
	as A mem-admin key export --plain ring >/dev/null 2>&1
	as B mem-admin key import ring >/dev/null
	for who in A B; do
		as $who mem-admin config set remote.main.seal true
	done
}
# sealed_whole: each object that lies there is sealed, and says its name
sealed_whole() {
	fetched || return
	find local -type f | while read -r f; do
		salt=$(head -n 1 "$f" | jl salt)
		case $f in
		*/manifest/*) [ -n "$salt" ] ;;
		*) [ "$salt" = "${f##*/}" ] ;;
		esac || { echo "$f"; exit 1; }
	done
}
# whole: what is there is, in clear or sealed
whole() {
	if [ "$sealed" -eq 1 ]; then
		sealed_whole
	else
		server_whole && [ -f named ]
	fi
}
seed_run() {
	rm -rf A B C
	cp -R A.new A
	cp -R B.new B
	cp -R C.new C
	sealed=$((seed % 7 < 3))
	[ "$sealed" -eq 0 ] || seal
	aim C "$port"
	s3_harm "$seed" $((20 + seed % 5 * 19)) || return
	aim A "$through"
	aim B "$through"
	ok=0
	for round in 1 2 3; do
		more $round
		MEM_STORE=$work/A mem-sync push >out 2>err &
		p=$!
		sleep "$(awk -v s="$seed$round" 'BEGIN { srand(s);
			printf "%.3f", rand() * rand() * 0.15 }')"
		if kill -9 $p 2>/dev/null; then
			echo "push killed" >>codes
		fi
		wait $p 2>/dev/null
		whole || { ok=1; break; }
	done
	[ $ok -ne 0 ] || { until_done A push && until_done B pull; } || ok=1
	s3_no_harm
	[ $ok -eq 0 ] || return 1
	whole && same A B && sound A B || return
	[ "$sealed" -eq 1 ] || [ -s named ] || return
	# what is said to be there is all there
	aim A "$port"
	as A mem-sync push | grep -q '"published":false' &&
	    as A mem-sync verify >out
}

for server in ${SERVERS:-versitygw minio rgw}; do
	s3_at "$server" || continue
	# a tenth of them at the others
	step=$every
	[ "$server" = versitygw ] || step=$((every * 10))
	test_that "$server: of $SEEDS seeds each $step-th" '
		templates A B C
		: >codes
		: >two
		start=$(date +%s) n=0 seed=$FIRST
		while [ $seed -le $SEEDS ]; do
			seed_run || { echo "seed $seed"; exit 1; }
			n=$((n + 1))
			seed=$((seed + step))
		done
		{
			echo "$n seeds in $(($(date +%s) - start)) s"
			sort codes | uniq -c
			sed "s/[0-9a-f]\{64\}/HASH/g; s/[0-9]\{4,\}/N/g" two |
			    sort | uniq -c | sort -rn | head -n 8
		} | tee tally
		[ $n -gt 0 ]
	'
	sed 's/^/# /' tally 2>/dev/null
done
test_done
