#!/bin/sh
# Artifacts on IPFS, with a node and a pinning service that do what they are
# told (tests/server/ipfs.py, pin.py): what is put, found, read, dropped.
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-ipfs.sh"
command -v python3 >/dev/null || { skip 'IPFS' 'no python3 here'; test_done; exit; }
mem-admin config set core.timezone UTC >/dev/null
server_start ipfs
config artifact.ipfs.api "http://127.0.0.1:$port"
config artifact.ipfs.timeout 3
head -c 3500000 /dev/urandom >big
printf 'hello world' >hello
: >empty

test_that 'what tells CIDs knows no network' '
	! readelf -d "$CID" | grep curl
'
test_that 'what is not set is named, and nothing is asked' '
	mem-admin config unset artifact.ipfs.api >/dev/null
	printf "{\"type\":\"blob_check\",\"id\":1}\n" | "$BLOB" --store "$MEM_STORE" >got
	refused usage "artifact.ipfs.api is not set"
	config artifact.ipfs.api "http://127.0.0.1:$port"
	config artifact.pin.url "http://127.0.0.1:1"
	printf "{\"type\":\"blob_check\",\"id\":1}\n" | "$BLOB" --store "$MEM_STORE" >got
	refused usage "artifact.pin.tokenFile is not set"
	mem-admin config unset artifact.pin.url >/dev/null
	printf "{\"type\":\"blob_check\",\"id\":1}\n" | "$BLOB" --store "$MEM_STORE" >got
	exits 1 grep error got
	asked ipfs . 0
'
test_that 'http is for this machine alone, unless it need not be' '
	config artifact.ipfs.api http://192.0.2.1:5001
	printf "{\"type\":\"blob_check\",\"id\":1}\n" | "$BLOB" --store "$MEM_STORE" >got
	refused denied "use https"
	config artifact.ipfs.insecure true
	printf "{\"type\":\"blob_check\",\"id\":1}\n" | "$BLOB" --store "$MEM_STORE" >got
	exits 1 grep error got
	config artifact.ipfs.insecure false
	config artifact.ipfs.api "http://127.0.0.1:$port"
'
test_that 'put: one CAR, pinned, read back; there' '
	will ipfs
	put A big
	is there
	asked ipfs dag/import 1
	asked ipfs pin/add 1
	grep "pin/add.*name=artifacts%2Fs%2F0123" ipfs.log
	# four leaves and the root
	asked ipfs block/get 5
	said >A.said
	grep "\"cid\":\"$("$CID" big)\"" A.said
	grep "\"size_bytes\":3500000" A.said
'
test_that 'sizes around a chunk, and bytes in the question' '
	for n in 0 1 1048575 1048576 1048577 2097152; do
		head -c $n big >f
		put S$n f
		is there
		content S$n "$(said)" >g
		cmp f g
	done
	sum=$(sha256sum <hello | cut -d" " -f1)
	ask blob_put "{\"key\":\"$prefix/M.bin\",\"bytes\":\"aGVsbG8gd29ybGQ\",\"size_bytes\":11,\"sha256\":\"$sum\",\"cid\":\"$("$CID" hello)\"}"
	is there
	content M "$(said)" | cmp - hello
'
test_that 'content whole and by range; only the blocks that are needed' '
	of=$(cat A.said)
	content A "$of" | cmp - big
	for r in "0 1" "0 1048576" "1048575 2" "1048576 1048576" "3499999 1" \
	    "2000000 0" "3499990 100" "100 2500000"; do
		set -- $r
		will ipfs
		content A "$of" --from $1 --length $2 >g
		if [ $2 -eq 0 ]; then tail -c +$(($1 + 1)) big >want
		else tail -c +$(($1 + 1)) big | head -c $2 >want; fi
		cmp g want
	done
	asked ipfs block/get 4
	will ipfs
	content A "$of" --from 3499999 --length 1 | cmp - want 2>/dev/null || :
	asked ipfs block/get 2
	exits 2 content A "$of" --from 3500001 --length 1 >g 2>err
	grep "blob-ipfs: input: there are only 3500000 bytes" err
'
test_that 'head: there, with what is said, and without' '
	head_of A "$(cat A.said)"
	is there
	[ "$(jl size_bytes <got | head -n 1)" = 3500000 ]
	head_of A
	is there
	said | cmp - A.said
	head_of NONE
	is absent
	content A "" | cmp - big
	exits 2 content NONE "" 2>err
	grep "absent: there is no such object" err
'
test_that 'the same again is done; another under that name is refused' '
	put A big "$(cat A.said)"
	is there
	put A hello "$(cat A.said)"
	refused exists
	head_of A
	is there
'
test_that 'what the node has pinned under that name is not sent again' '
	will ipfs
	put A big
	is there
	asked ipfs dag/import 0
	asked ipfs pin/add 0
'
test_that 'the CID and the size are enough to find it again' '
	of="{\"cid\":\"$("$CID" big)\",\"size_bytes\":3500000}"
	will ipfs
	head_of A "$of"
	is there
	said | cmp - A.said
	head_of NONE "$of"
	is absent
	asked ipfs stream=true 0
	put A2 big
	drop A2 "$of"
	head_of A2
	is absent
'
test_that 'two keep the same bytes: one that goes takes nothing from the other' '
	put B big
	is there
	said >B.said
	drop A "$(cat A.said)"
	is absent
	head_of A "$(cat A.said)"
	is absent
	head_of B "$(cat B.said)"
	is there
	content B "$(cat B.said)" | cmp - big
	drop A "$(cat A.said)"
	is absent
	# without what was said
	drop B
	is absent
	head_of B
	is absent
'
test_that 'list: keys below a prefix' '
	put C hello
	put D empty
	"$BLOB" --store "$MEM_STORE" --list "$prefix/" >list
	cat list
	grep "$prefix/C.bin" list
	grep "$prefix/D.bin" list
	"$BLOB" --store "$MEM_STORE" --list "artifacts/s/other/" >list
	[ ! -s list ]
'
test_that 'several at once: each has its own answer' '
	ask blob_put "$(object E hello),$(object F empty | sed s/bafkreih/bafkreig/),$(object G big)"
	cat got
	[ "$(grep -o "\"where\":\"there\"" got | wc -l)" -eq 2 ]
	[ "$(grep -o "\"code\":\"input\"" got | wc -l)" -eq 1 ]
	head_of F
	is absent
'
test_that 'bytes that are not those of the CID are not pinned' '
	will ipfs
	ask blob_put "$(object H big | sed "s/\"cid\":\"[a-z0-9]*\"/\"cid\":\"$("$CID" hello)\"/")"
	refused input "not those of the CID"
	asked ipfs pin/add 0
	ask blob_put "$(object H big | sed "s/,\"cid\":\"[a-z0-9]*\"//")"
	refused input "needs its"
	ask blob_put "$(object H big | sed "s/\"cid\":\"[a-z0-9]*\"/\"cid\":\"bafkqaaa\"/")"
	refused input
'
test_that 'a node that knows nothing of CARs gets one block after the other' '
	for c in 404 405 501; do
		will ipfs "dag/import $c"
		put I$c big
		is there
		asked ipfs block/put 6
		content I$c "$(said)" | cmp - big
	done
'
test_that 'a node that lies is not believed' '
	will ipfs "pin/add other-cid"
	put J1 hello
	refused input "another CID"
	will ipfs "dag/import 404" "block/put other-cid"
	put J2 hello
	refused input "another CID"
	will ipfs "dag/import 200 {\"Root\":{\"Cid\":{\"/\":\"$("$CID" empty)\"}}}"
	put J3 hello
	refused input "another CID"
	will ipfs "dag/import 200 {\"Message\":\"disk full\"}"
	put J4 hello
	refused net "disk full"
	will ipfs "dag/import 200 nonsense"
	put J5 hello
	refused input "no JSON"
	will ipfs "dag/import 200 {}"
	put J6 big
	refused net "could not find"
	for w in wrong longer "200 -" "200 {\"Message\":\"ok\"}"; do
		will ipfs "block/get $w"
		put "J$((i = ${i:-10} + 1))" hello
		refused input
	done
	will ipfs "dag/import trailer no space left"
	put JT hello
	refused input "breaks off: no space left"
	asked ipfs pin/add 0
	will ipfs "stream=true trailer it broke"
	exits 2 "$BLOB" --store "$MEM_STORE" --list "" 2>err
	grep "breaks off: it broke" err
	put J8 hello
	will ipfs "pin/ls other-cid"
	head_of J8 "$(said)"
	refused input "another one"
'
test_that 'a block that is wrong, gone, or too long breaks a read off' '
	put K big
	of=$(said)
	for w in wrong longer; do
		will ipfs "block/get $w"
		exits 2 content K "$of" >g 2>err
		grep "blob-ipfs: input: " err
	done
	will ipfs "block/get endless"
	exits 2 content K "$of" >g 2>err
	grep "more than 2097152 bytes" err
	will ipfs "block/get forget"
	exits 2 content K "$of" >g 2>err
	grep "blob-ipfs: absent: block" err
'
test_that 'nobody is waited for for ever' '
	start=$(date +%s)
	config artifact.ipfs.timeout 1
	for f in "slow 9" drip; do
		will ipfs "always block/get $f"
		exits 75 content C "{\"cid\":\"$("$CID" hello)\"}" >g 2>err
		grep "net: " err
	done
	config artifact.ipfs.timeout 3
	[ $(($(date +%s) - start)) -lt 20 ]
'
test_that 'what may be better the next time is tried again' '
	for f in 503 close junk "429 - Retry-After=1"; do
		will ipfs "dag/import $f" "block/get $f"
		put "L${f%% *}" hello
		is there
		asked ipfs dag/import 2
		asked ipfs block/get 2
	done
	will ipfs "block/get cut"
	content L503 "$(said)" | cmp - hello
	asked ipfs block/get 2
	will ipfs "always dag/import 503"
	put M1 hello
	refused net "status 503"
	asked ipfs dag/import 3
	will ipfs "dag/import 503 - Retry-After=9999"
	put M1 hello
	refused net
	asked ipfs dag/import 1
'
test_that 'an answer that was lost: again is done' '
	for f in dag/import pin/add; do
		will ipfs "$f lost"
		put N hello
		is there
		drop N "$(said)"
	done
	put N hello
	will ipfs "pin/rm lost"
	drop N "$(said)"
	is absent
'
test_that 'killed in the middle of a put: nothing is there, again is done' '
	for f in dag/import pin/add; do
		drop O
		will ipfs "$f hold $work/at"
		printf "{\"type\":\"blob_put\",\"id\":1,\"objects\":[%s]}\n" \
		    "$(object O big)" >question
		"$BLOB" --store "$MEM_STORE" <question >got &
		p=$!
		until [ -e at ]; do sleep 0.02; done
		kill -KILL $p
		wait $p || :
		rm at
		sleep 0.2
		head_of O
		# a pin that the node was asked for it makes: of all, or not
		if [ $f = pin/add ] && grep -q "\"there\"" got; then
			content O "$(said)" | cmp - big
		else
			is absent
		fi
	done
	put O big
	is there
'
s3_stop
server_start ipfs js
config artifact.ipfs.api "http://127.0.0.1:$port"
test_that 'a node with other ways: CIDs in base 58, codecs by another name' '
	will ipfs "dag/import 404"
	put P big
	is there
	asked ipfs format=raw 4
	asked ipfs format=dag-pb 2
	of=$(said)
	content P "$of" | cmp - big
	head_of P "$of"
	is there
	drop P "$of"
	is absent
	head_of P "$of"
	is absent
	put P big
	is there
'
s3_stop
test_that 'a node that is not there' '
	put Q hello
	refused net
	exits 75 content Q "{\"cid\":\"$("$CID" hello)\"}" 2>err
'
test_done
