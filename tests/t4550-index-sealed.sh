#!/bin/sh
# The index of a sealed tenant: it finds what that of a tenant in clear finds,
# byte for byte, and is the same in plain; nothing that was said is in its
# files; what was altered, cut, swapped or put in from elsewhere is refused,
# told, and made anew.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
MEM_MODEL=$model
clear=$work/clear
sealed=$MEM_STORE
index=$sealed/tenants/default/index
mine=$index/user/tester
plain=$obj/helper/index-plain

# events FROM TO
events() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		n = split("token refresh redis jwt deploy deployed cache " \
		    "zanzibarite evicts happy running run getUserName " \
		    "src/auth/jwt.c", w, " ")
		for (i = from; i <= to; i++) {
			seed = (i * 7919 + 12345) % 65536
			text = ""
			for (k = 0; k < 3 + i % 17; k++) {
				seed = (seed * 25173 + 13849) % 65536
				j = int(seed / 64) % (n + 4)
				text = text " " (j < n ? w[j + 1] : \
				    "word" (seed + i) % 900)
			}
			printf "{\"event_id\":\"01HNAVQZC0000000000%07d\"," \
			    "\"session_id\":\"quokkas%d\",\"timestamp\":%.0f," \
			    "\"role\":\"user\",\"text\":\"%s\"}\n", i, i % 9,
			    1790000000000 + i * 1000, text
		}
	}'
}
# records FROM TO
records() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		for (i = from; i <= to; i++)
			printf "{\"type\":\"record\",\"kb\":\"k\"," \
			    "\"record_id\":\"R-%d\",\"record_type\":\"note\"," \
			    "\"title\":\"zanzibarite %d\",\"text\":\"redis of %d\"}\n",
			    i % 30, i, to
	}'
}
grave() {
	echo "{\"type\":\"tombstone\",\"target\":\"$1\",\"id\":\"$2\"}"
}
# both COMMAND...: in each of the two stores, with the same standard input
both() {
	cat >stdin
	MEM_STORE=$clear "$@" <stdin >out.clear 2>err.clear ||
	    { cat err.clear; return 1; }
	MEM_STORE=$sealed "$@" <stdin >out.sealed 2>err.sealed ||
	    { cat err.sealed; return 1; }
}
ask() {
	asked=0
	one --explain -n 20 token refresh
	one --mode text -n 0 -l '"redis jwt"' 'deplo*'
	one --mode vector -n 10 deployment of caches
	one -c run -- -cache
	one -n 5 zanzibarit
	one -n 0 -l session:quokkas3 redis
	one --in kb -n 0 redis zanzibarite
	one --in toc,grip -n 0 --explain redis
	one --recent 5 -n 7 token
}
# found_same: the same answers
found_same() {
	MEM_STORE=$clear ask >want
	MEM_STORE=$sealed ask >got
	cmp want got
	[ "$(grep -c '"type":"hit"' got)" -gt 30 ]
}
# scope_of FILE: as index-plain has it
scope_of() {
	case $1 in
	user/*) echo event ;;
	*) echo "${1%%/*}" ;;
	esac
}
# plain_same: each file of the index in plain is that of the other store
plain_same() {
	(cd "$index" && find . -type f -name '*.*' -o -name manifest) |
	    sed 's,^\./,,' >files
	(cd "$clear/tenants/default/index" &&
	    find . -type f -name '*.*' -o -name manifest) |
	    sed 's,^\./,,' | sort >files.clear
	sort files | cmp - files.clear
	while read -r f; do
		MEM_STORE=$sealed "$plain" "$(scope_of "$f")" "${f##*/}" >in
		cmp in "$clear/tenants/default/index/$f"
	done <files
	[ "$(grep -c . files)" -ge "$1" ]
}
# secret FOLDER: no word is in a file of it, and each is one that is sealed
secret() {
	find "$1" -type f -size +0 | while read -r f; do
		[ "$(head -c 7 "$f")" = MKBLOCK ] || echo "$f is not sealed"
	done >found
	LC_ALL=C grep -rlaiE 'zanzibar|quokka|refresh|redis|segment|minilm' "$1" >>found || :
	cat found
	[ ! -s found ]
}
both mem-admin init </dev/null
rm -rf "$sealed"
mem-admin init --sealed >/dev/null

test_that 'it is in plain what it is in clear' '
	{ events 1 3000; records 1 20; } | both mem-ingest -q
	both mem-toc build -q </dev/null
	both mem-index -q </dev/null
	plain_same 10
	found_same
'
test_that 'so it is when segments are added, merged, and lose documents' '
	for i in 1 2 3 4 5 6; do
		{ events $((3000 + 40 * i)) $((3039 + 40 * i)); records 20 $((20 + i))
		  grave event "$(printf 01HNAVQZC0000000000%07d $((7 * i)))"; } |
		    both mem-ingest -q
		both mem-index -q </dev/null
		plain_same 10
	done
	found_same
'
test_that 'nothing that was said is in its files' '
	secret "$index"
	exits 1 secret "$clear/tenants/default/index"
'
test_that 'so it is when it is made again' '
	both mem-index -q --rebuild </dev/null
	plain_same 8
	found_same
	secret "$index"
	mem-index --verify >out
'
test_that 'the tail is searched, too, and nothing of it is kept' '
	events 7000 7050 | both mem-ingest -q
	found_same
	secret "$index"
'
test_that 'the files say no more than their sizes' '
	mem-index -q --rebuild
	cp "$mine"/*.seg before
	mem-index -q --rebuild
	set -- "$mine"/*.seg
	[ $# -eq 1 ]
	[ "$(wc -c <before)" -eq "$(wc -c <"$1")" ]
	# salt, tags, bytes: all are others
	[ "$(cmp -l before "$1" | wc -l)" -gt $(($(wc -c <before) * 9 / 10)) ]
'

# ---- what is refused ----

rm -rf whole
cp -R "$index" whole
MEM_STORE=$sealed ask >want
for half in 0 1; do
	ask >want$half
done
half='' refusals=0
# restore: the index as it was
restore() {
	rm -rf "$index"
	cp -R whole "$index"
}
# refused [SOURCE]: a search says so and finds all the same; then it is made
# anew, and finds what it found (of that a half, in turn)
refused() {
	half=$(((test_n + refusals) % 2)) refusals=$((refusals + 1))
	mem-search --mode text -n 0 -l token >out 2>err
	cat err
	grep "searched without the index: the index file .* is damaged .*; mem-index --rebuild makes it again" err
	[ "$(grep -c . out)" -eq "$(grep -c . ids)" ]
	mem-index >out 2>err
	cat err
	grep "is damaged .*; it is made anew" err
	mem-index --verify >out
	ask >got
	cmp want$half got
	half=
	secret "$index"
}
mem-search --mode text -n 0 -l token >ids
seg=$(ls "$mine"/*.seg) vec=$(ls "$mine"/*.vec)
step=$((16384 + 16)) blocks=$((($(wc -c <"$seg") - 72) / (16384 + 16)))
# block FILE N: of 16 kB and its tag
block() {
	tail -c +$((73 + $2 * step)) "$1" | head -c $step
}
# put_block FILE N: from standard input
put_block() {
	dd of="$1" bs=1 seek=$((72 + $2 * step)) conv=notrunc 2>/dev/null
}
test_that 'a byte of a header altered: refused and made anew' '
	for at in 20 50; do
		restore
		printf Z | dd of="$seg" bs=1 seek=$at conv=notrunc 2>/dev/null
		refused
	done
'
test_that 'a byte of the block that each search reads altered' '
	restore
	printf ZZ | dd of="$seg" bs=1 seek=100 conv=notrunc 2>/dev/null
	refused
'
test_that 'blocks swapped, each of them in its turn' '
	[ "$blocks" -ge 4 ]
	met=0 i=0
	while [ $i -lt $((blocks - 1)) ]; do
		restore
		block "$seg" $i >a
		block "$seg" $((i + 1)) >b
		put_block "$seg" $i <b
		put_block "$seg" $((i + 1)) <a
		mem-search --mode text -n 0 -l token >out 2>err
		[ "$(grep -c . out)" -eq "$(grep -c . ids)" ]
		exits 1 mem-index --verify >problems
		grep "is damaged (block\|is damaged (header" problems
		[ -e "$mine/doubt" ] || ! [ -s err ]
		met=$((met + 1)) i=$((i + 3))
	done
	mem-index >out 2>err
	grep "is made anew" err
	ask | cmp - want
'
test_that 'a block of an older file of the same name' '
	restore
	block "$seg" 0 >a
	rm -rf other
	cp -R "$sealed" other
	MEM_STORE=$work/other mem-index -q --rebuild
	new=$(ls other/tenants/default/index/user/tester/*.seg)
	put_block "$new" 0 <a
	cp "$new" "$seg"
	refused
'
test_that 'cut at the border of a block, and in one' '
	for n in $((72 + step)) $((72 + step + 100)) 71 0; do
		restore
		head -c $n whole/user/tester/"${seg##*/}" >"$seg"
		refused
	done
'
test_that 'vectors: altered ones are left out and made again' '
	at=80
	while [ $at -lt "$(wc -c <"$vec")" ]; do
		restore
		printf ZZZ | dd of="$vec" bs=1 seek=$at conv=notrunc 2>/dev/null
		exits 1 mem-index --verify >problems
		cat problems
		grep "damaged" problems
		mem-index >out 2>err
		grep "vectors are left out: .* damaged" err
		at=$((at + 800009))
	done
	ask | cmp - want
'
test_that 'the manifest: altered, cut, or one in clear' '
	restore
	printf Z | dd of="$mine/manifest" bs=1 seek=90 conv=notrunc 2>/dev/null
	refused
	restore
	head -c 80 whole/user/tester/manifest >"$mine/manifest"
	refused
	restore
	"$plain" event manifest >text
	cp text "$mine/manifest"
	refused
'
test_that 'segments in clear in the place of sealed ones' '
	restore
	"$plain" event "${seg##*/}" >text
	cp text "$seg"
	refused
'
test_that 'the files of another scope, user or tenant' '
	for from in kb toc/tester; do
		restore
		cp whole/$from/*.seg "$seg"
		refused
	done
	restore
	{ MEM_USER=bob mem-ingest -q; MEM_USER=bob mem-index -q; } <stdin
	rm -r "$mine"
	cp -R "$index/user/bob" "$mine"
	refused
'
test_that 'vectors of a program, kept from search to search, are sealed, too' '
	[ -x "$obj/helper/embedder" ] || exit 0
	unset MEM_MODEL
	EMBEDDER_LOG=$work/asked
	export EMBEDDER_LOG
	rm -rf program
	MEM_STORE=$work/program
	index=$MEM_STORE/tenants/default/index
	mem-admin init --sealed >/dev/null
	mem-admin config set search.embedCommand "$obj/helper/embedder" >/dev/null
	events 1 40 | mem-ingest -q >sum
	mem-index -q
	[ -n "$(ls "$index"/user/tester/*.vec)" ]
	events 41 49 | mem-ingest -q >sum
	mem-search -n 30 token redis >first
	[ -s "$index/user/tester/kept" ]
	: >"$EMBEDDER_LOG"
	mem-search -n 30 token redis | cmp - first
	[ "$(grep -c "\"kind\":\"document\"" "$EMBEDDER_LOG")" -eq 0 ]
	LC_ALL=C grep -rlai MEMKEPT "$index" && exit 1
	secret "$index"
'
restore

# ---- keys ----

test_that 'without the ring nothing is shown, and the index stays as it is' '
	mv "$sealed/keys" away
	for c in "mem-search token" mem-index "mem-index --rebuild" \
	    "mem-index --verify"; do
		exits 2 $c >out 2>err
		cat out err
		[ ! -s out ]
		grep "tenant .default. is sealed" err
	done
	mv away "$sealed/keys"
	diff -r whole "$index"
	ask | cmp - want
'
test_that 'with another ring, too' '
	mem-admin init --store "$work/third" --sealed >/dev/null
	mv "$sealed/keys" away
	cp -R "$work/third/keys" "$sealed/keys"
	for c in "mem-search token" mem-index; do
		exits 2 $c >out 2>err
		cat out err
		[ ! -s out ]
	done
	rm -r "$sealed/keys"
	mv away "$sealed/keys"
	diff -r whole "$index"
'
test_that 'keys that are wrapped anew open it all the same' '
	mem-admin key new >/dev/null
	mem-admin key rewrap >/dev/null
	ask | cmp - want
	diff -r whole "$index"
'
test_that 'a tenant in clear loads nothing that opens' '
	LD_DEBUG=libs MEM_STORE=$clear mem-search -n 3 token >out 2>libs
	[ "$(grep -c "libcrypto.*so" libs)" -eq 0 ]
	[ "$(grep -c . out)" -eq 3 ]
'
test_done
