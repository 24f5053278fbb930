#!/bin/sh
# Artifacts on a real node of IPFS (js-ipfs), pinned by a service of ours that
# the bytes go to through it: CIDs are the node's, what we send it can read, and
# what it has we can.
real_home=$HOME
. "${0%/*}/lib.sh"
. "$tests/lib-s3.sh"
. "$tests/lib-ipfs.sh"
# seeded BYTES: of the tests of Kubo and js-ipfs-unixfs, under "v1-2025-seed"
seeded() {
	head -c "$1" /dev/zero | openssl enc -chacha20 -iv 00 -K \
	    "$(printf v1-2025-seed | sha256sum | cut -d' ' -f1)" 2>/dev/null
}
test_that 'files of 1 GiB, a byte more, a chunk more: the CIDs that Kubo publishes' '
	seeded 1073741824 | "$CID" - |
	    grep bafybeihmf37wcuvtx4hpu7he5zl5qaf2ineo2lqlfrapokkm5zzw7zyhvm
	seeded 1073741825 | "$CID" - |
	    grep bafybeibdsi225ugbkmpbdohnxioyab6jsqrmkts3twhpvfnzp77xtzpyhe
	seeded 1074790400 | "$CID" - |
	    grep bafybeihmzokxxjqwxjcryerhp5ezpcog2wcawfryb2xm64xiakgm4a5jue
'
test_that '5 GiB that are nowhere on the disk, in constant memory' '
	truncate -s 5368709120 sparse
	(ulimit -v 400000; "$CID" sparse >a)
	head -c 5368709120 /dev/zero | "$CID" - >b
	cat a
	cmp a b
	rm sparse
'
if ! ipfs_have; then
	ipfs_missing
	test_done
	exit
fi
mem-admin config set core.timezone UTC >/dev/null
if ! ipfs_start; then
	test_that 'the node starts' 'exit 1'
	test_done
	exit
fi
config artifact.ipfs.api "$api"

# added FILE: what the node calls it, added by itself
added() {
	rpc "add?cid-version=1&raw-leaves=true&chunker=size-1048576&pin=false" \
	    -F "file=@$1" | jl Hash
}
same() {
	"$CID" --same "$(added "$1")" "$("$CID" -w 174 "$1")"
}

for n in 0 1 1048575 1048576 1048577 3000000; do
	test_that "the node gives a file of $n bytes the same CID" "
		head -c $n /dev/urandom >f
		same f
	"
done
# more than 174 chunks: there the widths part
head -c 190000000 /dev/zero | openssl enc -aes-256-ctr -nosalt -K 00 -iv 00 >large 2>/dev/null
test_that 'a file of two levels: as the node has it, at its 174 links a node' '
	same large
	! "$CID" --same "$("$CID" large)" "$("$CID" -w 174 large)"
'
test_that 'a CAR of ours is whole, for the node, and one of its for us' '
	head -c 3000000 /dev/urandom >f
	"$CID" --car f >f.car
	rpc "dag/import?pin-roots=true" -F "file=@f.car" >out
	cat out
	grep "\"PinErrorMsg\":\"\"" out
	rpc "cat?arg=$("$CID" f)" | cmp - f
	rpc "dag/export?arg=$("$CID" f)" >back.car
	"$CID" --list <back.car >list
	cat list
	grep -x "root $("$CID" f)" list
	[ "$(grep -c ^block list)" -eq 4 ]
	head -c 2000000 back.car >cut.car
	exits 2 "$CID" --list <cut.car
'
test_that 'put, head, content, range, drop' '
	head -c 5000000 /dev/urandom >f
	put A f
	is there
	of=$(said)
	rpc "cat?arg=$("$CID" f)" | cmp - f
	content A "$of" | cmp - f
	content A "$of" --from 1048000 --length 2000 >g
	tail -c +1048001 f | head -c 2000 | cmp - g
	head_of A "$of"
	is there
	put A f "$of"
	is there
	drop A "$of"
	is absent
	head_of A "$of"
	is absent
	drop A "$of"
	is absent
'
test_that 'what another put has stays when the node collects its garbage' '
	head -c 2500000 /dev/urandom >f
	put B f
	put C f
	of=$(said)
	put D f
	drop D "$(said)"
	rpc repo/gc >/dev/null
	content C "$of" | cmp - f
	head_of C "$of"
	is there
'
test_that 'sizes 0 and 1, and a file of two levels through the node' '
	for n in 0 1; do
		head -c $n /dev/urandom >f
		put S$n f
		is there
		content S$n "$(said)" | cmp - f
	done
	put L large
	is there
	of=$(said)
	content L "$of" | cmp - large
	content L "$of" --from 183000000 --length 1 >g
	tail -c +183000001 large | head -c 1 | cmp - g
	drop L "$of"
'
test_that 'block by block, as a node without CARs wants it' '
	server_start proxy "$api"
	config artifact.ipfs.api "http://127.0.0.1:$port"
	will proxy "dag/import 404"
	# this node takes no more than 1 MiB with all that is around it
	head -c 1000000 /dev/urandom >f
	put E f
	is there
	asked proxy "block/put.*format=raw" 1
	asked proxy "block/put.*format=dag-pb" 1
	content E "$(said)" | cmp - f
	config artifact.ipfs.api "$api"
'
test_that 'a block that is nowhere is not waited for for ever' '
	config artifact.ipfs.timeout 2
	printf %s "$$" >f
	start=$(date +%s)
	exits 75 content F "{\"cid\":\"$("$CID" f)\"}" 2>err
	cat err
	grep "net: block .* was not found in 2 seconds" err
	[ $(($(date +%s) - start)) -le 15 ]
	config artifact.ipfs.timeout 60
'
test_that 'killed at any time in a put: there whole, or absent; again is done' '
	head -c 30000000 /dev/urandom >f
	printf "{\"type\":\"blob_put\",\"id\":1,\"objects\":[%s]}\n" \
	    "$(object K f)" >question
	for ms in 010 050 100 200 300 450 700; do
		"$BLOB" --store "$MEM_STORE" <question >got &
		p=$!
		sleep 0.$ms
		kill -KILL $p 2>/dev/null || :
		wait $p || :
		head_of K "{\"cid\":\"$("$CID" f)\"}"
		cat got
		if grep -q "\"there\"" got; then
			content K "$(said)" | cmp - f
			drop K "$(said)"
		fi
	done
	put K f
	is there
	content K "$(said)" | cmp - f
'
service
test_that 'with a service: pending, then there' '
	head -c 1500000 /dev/urandom >f
	put P f
	is pending
	of=$(said)
	head_of P "$of"
	head_of P "$of"
	is there
	content P "$of" | cmp - f
	drop P "$of"
	is absent
	head_of P "$of"
	is absent
'
test_that 'one that fails: the node has it all the same, until it is dropped' '
	will pin "POST failed"
	put Q f
	is failed
	of=$(said)
	content Q "$of" | cmp - f
	put Q f "$of"
	is pending
	drop Q "$(said)"
	is absent
'
s3_stop
test_done
