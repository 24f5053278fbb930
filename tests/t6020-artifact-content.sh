#!/bin/sh
# mem-artifact over local_fs: bytes in, and out again, whole and in parts, in
# clear and sealed.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-artifact.sh"

# range ID FILE RANGE FROM LENGTH: what tail and head say; of each sixth one, if
# not of all
range_n=0
range() {
	range_n=$((range_n + 1))
	[ -n "${MEM_ALL-}" ] || [ $(((range_n + test_n) % 6)) -eq 0 ] || return 0
	mem-artifact content "$1" --range "$3" >got || return
	tail -c +$(($4 + 1)) "$2" | head -c "$5" | cmp - got
}
# all_ranges ID FILE SIZE: every edge of it, and of segments of 64 KiB
all_ranges() {
	for at in 0 1 65535 65536 65537 131071 131072 $(($3 - 65536)) $(($3 - 1)); do
		if [ "$at" -lt 0 ] || [ "$at" -ge "$3" ]; then
			continue
		fi
		range "$1" "$2" "$at-$at" "$at" 1 || return
		range "$1" "$2" "$at-" "$at" "$3" || return
		range "$1" "$2" "0-$at" 0 $((at + 1)) || return
		range "$1" "$2" "$at-$(($3 - 1))" "$at" "$3" || return
		range "$1" "$2" "$at-$(($3 + 5))" "$at" "$3" || return
		range "$1" "$2" "$at-9223372036854775806" "$at" "$3" || return
		range "$1" "$2" "$at-$((at + 65536))" "$at" 65537 || return
		range "$1" "$2" "-$((at + 1))" $(($3 - at - 1)) $((at + 1)) || return
	done
	range "$1" "$2" "-$(($3 + 1))" 0 "$3" || return
	for none in "$3-" "$(($3 + 1))-$(($3 + 9))" -0; do
		exits 2 mem-artifact content "$1" --range="$none" >got 2>err || return
		[ ! -s got ] || return
		grep "beyond its end: it has $3 bytes" err || return
	done
}

MiB=1048576
for size in 0 1 15 16 65535 65536 65537 131072 $((MiB - 1)) $MiB $((MiB + 1)); do
	bytes "$size" "b$size"
done
for how in clear sealed; do
	test_that "$how: a store" '
		fresh_store
		if [ $how = sealed ]; then sealed; else managed; fi
	'
	for size in 0 1 15 16 65535 65536 65537 131072 $((MiB - 1)) $MiB $((MiB + 1)); do
		test_that "$how: $size bytes of a file, standard input and a pipe" '
			file=b$size
			for from in ${froms:-file stdin pipe}; do
				case $from in
				file) id=$(put $file) ;;
				stdin) id=$(put - <$file) ;;
				pipe) id=$(cat $file | put -) ;;
				esac
				valid put.out
				[ "$(jl size_bytes <put.out)" = $size ]
				[ "$(jl status <put.out)" = stored ]
				mem-artifact content "$id" | cmp - $file
				if [ $how = clear ]; then
					cmp "$(object "$id")" $file
				else
					[ "$(wc -c <"$(object "$id")")" -eq $((size +
					    16 * (size > 0 ? (size + 65535) / 65536 : 1))) ]
				fi
				mem-artifact verify "$id" | grep "\"verified\":true"
				mem-artifact head "$id" >out
				valid out
				grep "\"at_provider\":{\"state\":\"there\",\"size_bytes\":$(wc -c <"$(object "$id")")}" out
			done
		'
	done
	for size in 1 15 65536 65537 131072 $((MiB + 1)); do
		test_that "$how: ranges of $size bytes" '
			id=$(put b$size)
			all_ranges "$id" b$size $size
		'
	done
	test_that "$how: no range of nothing; ranges that are none" '
		id=$(put b0)
		for r in 0-0 0- -1 5-; do
			exits 2 mem-artifact content "$id" --range="$r" >got 2>err
			[ ! -s got ]
		done
		id=$(put b16)
		for r in "" - 3 a-b 3-2 -1-2 1-2-3 " 1-2" 1-2x -- 99999999999999999999- 0x1-2; do
			exits 64 mem-artifact content "$id" --range="$r" >got 2>err
			[ ! -s got ]
		done
	'
	test_that "$how: what is said is the size and the hash of the plain bytes" '
		id=$(put b65537 --disclose-hash)
		[ "$(jl content_hash <put.out)" = "sha256:$(sha256sum b65537 | cut -c 1-64)" ]
		put b65536 >/dev/null
		exits 1 grep content_hash put.out
		id=$(put - --disclose-hash <b0)
		[ "$(jl content_hash <put.out)" = "sha256:$(sha256sum b0 | cut -c 1-64)" ]
		cat b1048577 | put - --disclose-hash >/dev/null
		[ "$(jl content_hash <put.out)" = "sha256:$(sha256sum b1048577 | cut -c 1-64)" ]
	'
	test_that "$how: nobody else can read what lies there, and nothing is left beside" '
		find "$blobs" -type d ! -perm 700 >odd
		find "$blobs" -type f ! -perm 600 >>odd
		find "$blobs/tmp" -mindepth 1 ! -name "*.lock" >>odd
		cat odd
		[ ! -s odd ]
		mem-artifact reconcile --scan >out
		grep "\"settled\":0,\"waits\":0,\"in_flight\":0,\"foreign\":0,\"lost\":0,\"dropped\":0,\"unknown\":0,\"trouble\":0" out
		mem-admin check
	'
done
test_that 'sealed: nothing of the bytes, and none of the names, is on the disk' '
	fresh_store
	sealed
	conf redact.rules /dev/null
	printf "%s" "tangerine in the clear" >fruit.txt
	mem-artifact put fruit.txt >out
	cat fruit.txt | mem-artifact put - >out
	exits 1 grep -r -a -q tangerine "$blobs"
	find "$blobs" | sed "s|^$MEM_STORE||" >names
	exits 1 grep -e fruit -e tester -e default/blobs/.*default names
'
test_that 'names: the last part of a path, as text' '
	fresh_store
	managed
	mkdir -p d/e
	echo x >d/e/f
	ln -s d/e/f link
	named() {
		mem-artifact put "$@" >out
		valid out
		grep -F "\"filename\":\"$want\"" out
		mem-artifact content "$(jl artifact_id <out)" | grep -x x
	}
	want=f; named d/e/f
	want=f; named d/../d/./e/f
	want=f; named "$PWD/d/e/f"
	want=link; named link
	want=passwd; named d/e/f --name ../../../etc/passwd
	want=..; named d/e/f --name ..
	want=x; named d/e/f --name "/etc/x"
	nl=$(printf "a\nb")
	echo x >"$nl"
	want=$(printf "a\357\277\275b"); named "$nl"
	bad=$(printf "a\377\033b")
	echo x >"$bad"
	want=$(printf "a\357\277\275\357\277\275b"); named "$bad"
	long=$(printf %0255d 1)
	echo x >"$long"
	want=$long; named "$long"
	want=$(printf %0255d 0); named d/e/f --name "$(printf %04096d 0)"
	echo x | mem-artifact put - >out
	exits 1 grep filename out
	echo x | mem-artifact put - --name from-a-pipe | grep "\"filename\":\"from-a-pipe\""
	# 4 KB of folders
	deep=$PWD
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		mkdir "$(printf %0250d $i)"
		cd "$(printf %0250d $i)"
	done
	echo x >f
	want=f; named f
	cd "$deep"
	find "$blobs" -type f -name "*.bin" | sed "s|^$blobs/||" |
	    grep -v -E "^memkit/s/[0-9a-f]{32}/[0-9A-HJKMNP-TV-Z]{26}\.bin$" >odd || :
	cat odd
	[ ! -s odd ]
'
test_that 'files that cannot be put are told, and nothing comes of them' '
	before=$(mem-artifact list --all | wc -l)
	exits 2 mem-artifact put nothing 2>err
	grep "cannot open .nothing." err
	mkdir -p folder
	exits 2 mem-artifact put folder 2>err
	grep "is a folder" err
	exits 2 mem-artifact put "" 2>err
	if [ "$(id -u)" != 0 ]; then
		echo x >closed
		chmod 0 closed
		exits 2 mem-artifact put closed 2>err
	fi
	exits 3 mem-artifact put nothing d/e/f folder >out 2>err
	[ "$(wc -l <out)" -eq 1 ]
	[ "$(wc -l <err)" -eq 2 ]
	[ "$(mem-artifact list --all | wc -l)" -eq $((before + 1)) ]
'
test_that 'what changes its size while it is read is not taken for what it was' '
	mem-artifact put /proc/self/status >out
	[ "$(jl size_bytes <out)" -gt 100 ]
	mem-artifact content "$(jl artifact_id <out)" | grep -a "^Name:"
	mkfifo fifo
	cat b65537 >fifo & mem-artifact put fifo >out
	wait
	mem-artifact content "$(jl artifact_id <out)" | cmp - b65537
	{ dd bs=1 count=7 2>/dev/null >seven; mem-artifact put - >out; } <b65537
	mem-artifact content "$(jl artifact_id <out)" >got
	tail -c +8 b65537 | cmp - got
'
test_that 'metadata: 4 KiB of JSON, texts alone, no controls in names' '
	room=$(printf %04088d 1)	# {"a":"..."} are 8 more
	id=$(put b1 --meta "a=$room")
	mem-artifact get "$id" | grep "\"metadata\":{\"a\":\"$room\"}"
	code invalid_metadata mem-artifact put b1 --meta "a=1$room"
	code invalid_metadata mem-artifact put b1 --meta "a=$room" --meta b=c
	for bad in "[]" "\"a\"" "{" "{\"a\":1}" "{\"a\":null}" "{\"a\":{}}" "{\"a\":[\"b\"]}" "{\"\":\"b\"}" \
	    "{\"a\\nb\":\"c\"}" "{\"a\":\"b\",\"a\":\"c\"}" "{\"a\":\"\\u0000\"}" \
	    "$(printf "{\"a\":\"\\377\"}")" "$(printf %0100d 0 | tr 0 "[")"; do
		code invalid_metadata mem-artifact put b1 --metadata "$bad" || { echo "$bad"; exit 1; }
	done
	for bad in a =b "$(printf "a=\\377")" "$(printf "a\\001=b")"; do
		code invalid_metadata mem-artifact put b1 --meta "$bad"
	done
	id=$(put b1 --metadata "{\"a\":\"b\",\"c\":\"d\"}" --meta a=x,y --meta e=)
	grep "\"metadata\":{\"a\":\"x,y\",\"c\":\"d\",\"e\":\"\"}" put.out
	# 5,000 names
	bomb="{$(i=0; while [ $i -lt 5000 ]; do printf "\"k%d\":\"\"," $i; i=$((i + 1)); done)\"z\":\"\"}"
	code invalid_metadata mem-artifact put b1 --metadata "$bomb"
'
test_that 'content types' '
	for good in text/plain "text/plain; charset=utf-8" a/b application/vnd.x+json; do
		put b1 --content-type "$good" >/dev/null
		grep -F "\"content_type\":\"$good\"" put.out
	done
	put b1 >/dev/null
	grep "\"content_type\":\"application/octet-stream\"" put.out
	for bad in "" text /plain text/ "te xt/plain" "text;x/plain" "$(printf "a/b\\nc")" \
	    "$(printf "a/%0300d" 1)" "tüxt/plain"; do
		code invalid_metadata mem-artifact put b1 --content-type "$bad"
	done
'
test_that 'links that somebody puts among the objects lead nowhere' '
	fresh_store
	managed
	echo secret >secret
	id=$(put d/e/f)
	o=$(object "$id")
	owner=${o%/*}
	# an object
	mv "$o" kept
	ln -s "$PWD/secret" "$o"
	exits 2 mem-artifact content "$id" >got 2>err
	[ ! -s got ]
	grep "is a link" err
	exits 1 eval "mem-artifact verify $id 2>/dev/null | grep true"
	mem-artifact delete "$id" >out 2>err || :
	[ "$(cat secret)" = secret ]
	rm -f "$o"
	# the folder of an owner
	mv "$owner" owner
	mkdir trap
	ln -s "$PWD/trap" "$owner"
	echo y >y
	exits 2 mem-artifact put y 2>err
	grep "link; it is not followed" err
	[ -z "$(ls trap)" ]
	rm "$owner"
	# the folder of all of them
	mv "$blobs/memkit" all
	ln -s "$PWD/trap" "$blobs/memkit"
	exits 2 mem-artifact put y 2>err
	[ -z "$(ls trap)" ]
	rm "$blobs/memkit"
	mem-artifact put y | grep stored
	# a device, a FIFO, a folder in place of an object
	id=$(put b16)
	o=$(object "$id")
	rm "$o"
	mkfifo "$o"
	exits 2 timeout 10 mem-artifact content "$id" 2>err
	rm "$o"
	mkdir "$o"
	exits 2 mem-artifact content "$id" 2>err
	rmdir "$o"
'
test_done
