#!/bin/sh
# The life of sessions' files in a bucket: proven by what the store says of
# each object, moved to another storage class, and back; many files.
# shellcheck disable=SC2034 # of lib-s3.sh
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
folder=$MEM_STORE/tenants/default/files/tester
MEM_NOW=2031-01-10T00:00:00Z
bucket=memkit-archive

# class FILE: of the object of a file of session s
class() {
	"$obj/helper/remote" main head "default/tester/s/$1" | sed -n 's/^class //p'
}

if ! s3_have minio; then
	s3_missing minio
	test_done
	exit
fi
s3_start minio || exit 2
s3 make-bucket
mem-ingest -q >/dev/null <<'.'
{"session_id":"s","timestamp":"2026-01-05T10:00:00Z","text":"one"}
{"session_id":"many","timestamp":"2026-01-05T10:00:00Z","text":"two"}
.
mem-admin config set remote.main.url s3://$bucket/prod
mem-admin config set remote.main.endpoint "$endpoint"
head -c 12000000 /dev/urandom >big
printf 'hello\n' >small
mem-session put s inputs big small -q
mem-session put s cache small -q
mem-sync push -q >/dev/null

test_that 'cold: each object under the class, once, and the lease is given back' '
	exits 64 mem-sync retain --policy "cold after 180" 2>err
	grep "remote.main.coldClass CLASS" err
	mem-admin config set remote.main.coldClass REDUCED_REDUNDANCY
	mem-sync retain --policy "cold after 180" --dry-run >dry
	[ -z "$(class inputs/big)" ]
	mem-sync retain --policy "cold after 180" >out
	cat out
	sed "s/,\"dry_run\":true}/}/" dry | cmp - out
	for f in inputs/big inputs/small cache/small; do
		[ "$(class $f)" = REDUCED_REDUNDANCY ]
	done
	grep "\"step\":\"cold\",\"session_id\":\"s\",.*\"files\":3," out
	mem-sync retain --policy "cold after 180" >out
	[ "$(wc -l <out)" = 1 ]
	mem-sync lease show s >out
	cat out
	[ "$(jl held_ms <out)" = 0 ]
	mem-session show s --json | grep "\"cold\":{\"class\":\"REDUCED_REDUNDANCY\"}"
'
test_that 'archived by what the store says of each; what is other is refused' '
	"$obj/helper/remote" main put default/tester/s/cache/small big >/dev/null
	exits 2 mem-session archive s 2>err
	cat err
	grep "s/cache/small. is not what it must be" err
	[ -e "$folder/s/inputs/big" ]
	"$obj/helper/remote" main put default/tester/s/cache/small small >/dev/null
	mem-session archive s >out
	cat out
	[ ! -e "$folder/s/inputs/big" ]
'
test_that 'and back: the bytes, and the usual class the next time' '
	mem-session restore s >out
	cmp big "$folder/s/inputs/big"
	cmp small "$folder/s/cache/small"
	mem-session archive s --verify >out
	[ ! -e "$folder/s/inputs/big" ]
	mem-session restore s >out
'
test_that 'another node has the session: it is refused, and left as it is' '
	export MEM_STORE=$work/two
	mem-admin init >/dev/null
	cp "$work/store/config" "$MEM_STORE/config"
	mem-sync pull -q >/dev/null 2>&1
	mem-session put s inputs small --as third -q
	mem-sync push -q >/dev/null
	mem-sync lease take s --hold 600 >/dev/null
	MEM_STORE=$work/store
	mem-sync pull -q >/dev/null
	exits 3 mem-sync retain --policy "cold after 0" >out 2>err
	cat out
	grep "\"session_id\":\"s\".*\"status\":\"refused\",\"reason\":\"session .s. of .tester. is held by node" out
	MEM_STORE=$work/two mem-sync lease drop s
	mem-sync pull -q >/dev/null
'
test_that 'five thousand files: archived and back' '
	mkdir d
	i=0
	while [ $i -lt 5000 ]; do
		echo $i >d/$i
		i=$((i + 1))
	done
	mem-session put many inputs d -q
	mem-sync push -q >/dev/null
	s=$(date +%s%N)
	mem-session archive many >out
	echo "archive: $((($(date +%s%N) - s) / 1000000)) ms" >>times
	[ "$(jl files <out)" = 5000 ]
	[ -z "$(find "$folder/many" -type f ! -name ".*")" ]
	s=$(date +%s%N)
	mem-session restore many >out
	echo "restore: $((($(date +%s%N) - s) / 1000000)) ms" >>times
	diff -r d "$folder/many/inputs/d"
'
sed 's/^/# 5,000 files, /' times 2>/dev/null
test_done
