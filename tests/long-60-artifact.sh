#!/bin/sh
# mem-artifact: files that are large, and all the steps of a rekey.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-artifact.sh"

GiB=$((1 << 30))

# peak COMMAND...: what it took of memory at most, in KiB, into the file peak
peak() {
	if [ -x /usr/bin/time ]; then
		/usr/bin/time -f %M -o peak "$@"
	else
		echo 0 >peak
		"$@"
	fi
}

# sparse FILE: 5 GiB with a word at its beginning, in its midst, at its end
truncate -s $((5 * GiB)) sparse
printf start | dd of=sparse conv=notrunc status=none
printf middle | dd of=sparse bs=1 seek=$((3 * GiB - 2)) conv=notrunc status=none
printf finish | dd of=sparse bs=1 seek=$((5 * GiB - 6)) conv=notrunc status=none
sum=$(sha256sum sparse | cut -c 1-64)
export sum

for how in clear sealed; do
	test_that "$how: 5 GiB, in 64 MiB of memory, and parts of it" '
		fresh_store
		if [ $how = sealed ]; then sealed; else managed; fi
		conf artifact.maxBytes $((5 * GiB))
		peak mem-artifact put sparse --disclose-hash >out
		cat peak
		[ "$(cat peak)" -lt 65536 ]
		grep "\"size_bytes\":$((5 * GiB)).*\"content_hash\":\"sha256:$sum\"" out
		id=$(jl artifact_id <out)
		peak mem-artifact content "$id" >copy
		cat peak
		[ "$(cat peak)" -lt 65536 ]
		cmp sparse copy
		rm copy
		[ "$(mem-artifact content "$id" --range 0-4)" = start ]
		[ "$(mem-artifact content "$id" --range $((3 * GiB - 2))-$((3 * GiB + 3)))" = middle ]
		[ "$(mem-artifact content "$id" --range=-6)" = finish ]
		[ "$(mem-artifact content "$id" --range $((5 * GiB - 6))-)" = finish ]
		mem-artifact content "$id" --range $((4 * GiB - 1))-$((4 * GiB)) | od -An -tx1 | grep "00 00"
		peak mem-artifact verify "$id" >out
		[ "$(cat peak)" -lt 65536 ]
		mem-artifact delete "$id" >out
		[ "$(objects)" = 0 ]
	'
	test_that "$how: 1 GiB from a pipe, and a byte more than may be" '
		conf artifact.maxBytes $GiB
		truncate -s $GiB part
		sum=$(sha256sum part | cut -c 1-64)
		cat part | peak mem-artifact put - --disclose-hash >out
		cat peak
		[ "$(cat peak)" -lt 131072 ]
		grep "\"content_hash\":\"sha256:$sum\"" out
		mem-artifact verify - <out | grep "\"verified\":true"
		mem-artifact delete - <out >gone
		printf x >>part
		code artifact_too_large mem-artifact put part
		code artifact_too_large mem-artifact put - <part
		cat part | code artifact_too_large mem-artifact put -
		[ "$(objects)" = 0 ]
		settled_whole
	'
done
test_that 'sealed: 1 GiB with another key' '
	fresh_store
	sealed
	conf artifact.maxBytes $GiB
	truncate -s $GiB part
	printf finish | dd of=part bs=1 seek=$((GiB - 6)) conv=notrunc status=none
	id=$(put part)
	mem-admin key new k2 >out
	peak mem-artifact rekey >out
	cat peak
	[ "$(cat peak)" -lt 65536 ]
	[ "$(mem-artifact content "$id" --range=-6)" = finish ]
	[ "$(objects)" = 1 ]
	mem-artifact verify "$id" | grep "\"verified\":true"
'
rm -rf "$MEM_STORE" sparse part
test_done
