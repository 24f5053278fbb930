#!/bin/sh
# Packs on real servers: many files, ranges of them, what the store says of a
# pack, sealed ones, pushes that are killed at random moments, and memory.
# shellcheck disable=SC2034 # of lib-s3.sh
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-sync.sh"
bucket=memkit-packs

rem() {
	as A "$obj/helper/remote" main "$@"
}
# at SETTING: stores A and B with a place of their own there
at() {
	n=$(($(cat places 2>/dev/null || echo 0) + 1))
	echo $n >places
	url=s3://$bucket/p$n node A B
	for who in A B; do
		as $who mem-admin config set remote.main.endpoint "$endpoint"
	done
	if [ "$1" = seal ]; then
		as A mem-admin key new k1 >out
		rm -f ring
		as A mem-admin key export --plain ring 2>/dev/null >out
		as B mem-admin key import ring >out
		as B mem-admin config set remote.main.seal true
	fi
	as A mem-admin config set "remote.main.$1" true
}
# some N BYTES NAME
some() {
	mkdir -p "$(dir A)"
	head -c $(($1 * $2)) /dev/urandom |
	    (cd "$(dir A)" && split -b "$2" -a 4 - "$3")
}
packs() {
	rem list default/.memkit/pack/ | sed 's/.* //'
}

# all SETTING
all() {
	test_that "$server, $1: many files, as they are" '
		at '"$1"'
		some 700 30000 a
		some 3 3000000 b
		mkdir -p "$(dir A cache)"
		: >"$(dir A cache)/empty"
		push A >out
		cat out
		grep "\"files\":704,\"files_missing\":0," out
		push A | grep "\"published\":false"
		pull B >out
		grep "\"files\":704,.*\"files_missing\":0," out
		same_files A B
		as A mem-sync verify >out
		cat out
		grep "\"missing\":0,\"different\":0," out
	'
	test_that "$server, $1: archived by what the store says, and back in part" '
		as A mem-session archive s1 >out
		[ ! -e "$(dir A)/aaaab" ]
		as A mem-session restore s1 >out
		same_files A B
		rm "$(dir B)"/aaa[ab]x "$(dir B)/baaab"
		as B mem-session restore s1 >out
		cat out
		grep "\"files\":3," out
		same_files A B
		as A mem-session archive s1 --verify >out
		as A mem-session restore s1 >out
	'
	test_that "$server, $1: a pack that is another one: told with its name" '
		p=$(packs | tail -n 1)
		rem get "$p" whole >out
		head -c 1000 whole >other
		rem put "$p" other >out
		exits 2 as A mem-session archive s1 2>err
		cat err
		grep "; pack ${p##*/} is not what it must be" err
		exits 1 as A mem-sync verify >out
		grep "${p##*/}" out >said
		rem put "$p" whole >out
		as A mem-session archive s1 >out
		as A mem-session restore s1 >out
		same_files A B
	'
	test_that "$server, $1: killed at random moments, and pushed again" '
		at '"$1"'
		i=0
		while [ $i -lt 12 ]; do
			i=$((i + 1))
			some 400 20000 "c$i"
			[ $((i % 4)) -ne 0 ] || some 1 12000000 "d$i"
			MEM_STORE=$work/A mem-sync push >out 2>err &
			pid=$!
			sleep "0.$((i * 7 % 10))$i"
			kill -9 $pid 2>/dev/null || :
			wait $pid || :
			[ $((i % 3)) -eq 0 ] || continue
			push A >out
			pull B >out
			same_files A B
		done
		sound A B
		as A mem-sync verify >out
		grep "\"missing\":0,\"different\":0," out
	'
	test_that "$server, $1: memory is bounded" '
		at '"$1"'
		some 3000 50000 m
		head -c 100000000 /dev/urandom >"$(dir A)/large"
		for what in push pull; do
			who=A
			[ $what = push ] || who=B
			MEM_STORE=$work/$who /usr/bin/time -f %M -o rss \
			    mem-sync $what >out 2>err
			cat rss
			[ "$(tail -n 1 rss)" -lt 65536 ]
		done
		same_files A B
	'
}

for server in versitygw minio; do
	if ! s3_have $server; then
		s3_missing $server
		continue
	fi
	s3_start $server || exit 2
	s3 make-bucket
	for setting in pack seal; do
		all $setting
	done
	s3_stop
done
test_done
