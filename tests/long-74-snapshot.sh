#!/bin/sh
# Snapshots at every real server that can be had (tests/snapshot-all.sh), and
# through a proxy that does harm.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
mem-admin init >/dev/null
SEEDS=${SEEDS:-20} KILLS=${KILLS:-15} bucket=memkit-snapshot

set_up() {
	mem-admin config set remote.main.url "s3://memkit-snapshot/prod"
	mem-admin config set remote.main.endpoint "$1"
}
# faulty SEED PERCENT: from now on by the proxy
faulty() {
	s3_harm "$@" || return
	set_up "http://127.0.0.1:$through"
}
right() {
	s3_no_harm
	set_up "$endpoint"
}
# again COMMAND...: until it is done; what fails says why, and is no misuse
again() {
	n=0
	until timeout 120 "$obj/helper/snapshot" main "$@" >out 2>err; do
		n=$((n + 1)) tries=$((tries + 1))
		if [ ! -s err ] || [ $n -gt 40 ]; then
			cat err
			return 1
		fi
	done
}

through_proxy() {
	test_that "$SEEDS seeds: put and get again until they are done" '
		tries=0
		for seed in $(seq $SEEDS); do
			faulty $seed $((10 + seed % 4 * 10))
			again put p$seed/.memkit/
			read -r name bytes _ <out
			rm -f seen seen.part
			again check p$seed/.memkit/ $name $bytes seen
			right
			events_of seen >a
			events_of "$MEM_STORE/tenants/default/memory.db" >b
			cmp a b
			"$obj/helper/snapshot" main put p$seed/.memkit/ >out
			read -r same _ _ sent _ <out
			[ "$same" = "$name" ] && [ "$sent" -eq 0 ]
		done
		echo "$tries times again" >&7
	'
}

for server in versitygw minio rgw; do
	if s3_at $server; then
		set_up "$endpoint"
		rm -rf "$MEM_STORE/tenants"
		. "$tests/snapshot-all.sh"
		[ $server = rgw ] || through_proxy
	fi
done
test_done
