# shellcheck shell=sh disable=SC2154
# A store whose artifacts go to a server that is started ($endpoint, $bucket,
# $tls), and files to put there; sourced after lib-blob.sh.  $versions: the
# bucket keeps them.

sum() {
	sha256sum <"$1" | cut -d' ' -f1
}
# settle NAME=VALUE...: the settings, anew
settle() {
	rm -rf "$MEM_STORE"
	mem-admin init >/dev/null
	set -- "url=s3://$bucket" "endpoint=$endpoint" timeout=60 \
	    ${tls:+"caFile=$work/tls/ca.pem"} "$@"
	for s; do
		mem-admin config set "artifact.s3.${s%%=*}" "${s#*=}"
	done
}
# begun KEY: an upload of it in parts that was killed
begun() {
	rm -f log
	s3_exec --keep --part 5M upload "$1" large >log &
	p=$!
	i=0
	until grep -qs "^sent" log || [ $i -gt 600 ]; do
		i=$((i + 1))
		sleep 0.01
	done
	kill -9 $p 2>/dev/null || :
	wait $p || :
	s3 uploads "$1" | grep -F " $1"
}

settle
printf one >one
printf two >two
: >empty
head -c 300000 /dev/urandom >some
head -c 40000000 /dev/urandom >large
