#!/bin/sh
# What leaves sealed: nothing of it can be read on the remote, another node
# reads it with the keys and without them hears which are missing, and nothing
# in clear is taken for sealed.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

# sealed NODE: with a key, k1, that it makes
sealed() {
	as "$1" mem-admin key new k1 >out
	as "$1" mem-admin config set remote.main.seal true
}
# knows NODE NODE: the first gets the keys of the other one
knows() {
	rm -f ring
	as "$2" mem-admin key export --plain ring 2>/dev/null >out
	as "$1" mem-admin key import ring >out
}
# heads: the first line of each object
heads() {
	find "$R" -type f -exec head -n 1 {} \; | LC_ALL=C grep -a .
}
# latest: the newest manifest
latest() {
	manifests | tail -n 1
}

test_that 'no word of a memory is on the remote' '
	fresh A B
	fill A
	say A s-secret "a word that tells: wombat"
	as A mem-session set s1 wombat wombat
	sealed A
	push A --snapshot >out
	[ "$(find "$R" -type f | wc -l)" -ge 4 ]
	! grep -raE "wombat|s-secret|a note|second version|segment_end|pieces" "$R"
	# zstd would hide it, too
	find "$R" -type f >files
	while read -r f; do
		head -n 1 "$f" | grep -a "^{\"type\":\"sealed\",\"format\":1,\"key\":\"k1\",\"salt\":\"[0-9a-f]\{64\}\",\"size\":[0-9]*}\$" ||
		    { echo "$f"; exit 1; }
		if sed 1d "$f" | LC_ALL=C grep -qaF "$(printf "\050\265\057\375")"; then
			echo "$f has a frame of zstd"
			exit 1
		fi
	done <files
'
test_that 'with the keys another node has all of it' '
	sealed B
	rm -rf B/keys
	knows B A
	pull B >out
	same A B
	sound A B
	push B >out
	as A mem-sync verify >out
	cat out
	grep "\"missing\":0,\"different\":0,\"behind\":0" out
'
test_that 'a new store has all of it, out of the snapshot, with the keys' '
	rm -rf C
	as C mem-admin config set remote.main.url "file://$R"
	knows C A
	pull C >out
	same A C
	as C mem-admin config get remote.main.seal || [ $? -eq 1 ]
'
test_that 'and adds nothing in clear to it' '
	say C s9 "in clear?"
	find "$R" -type f | sort >all
	exits 64 push C 2>err
	grep "is sealed; .*remote.main.seal true" err
	find "$R" -type f | sort | diff all -
	exits 64 as C mem-sync repair 2>err
	find "$R" -type f | sort | diff all -
	as C mem-admin config set remote.main.seal true
	push C >out
	pull A >out
	texts A | grep "in clear?"
	! grep -ra "in clear" "$R"
'
test_that 'without the keys it is told which one is missing, and nothing comes' '
	rm -rf D
	as D mem-admin config set remote.main.url "file://$R"
	exits 2 pull D 2>err
	cat err
	grep "sealed.*no key .k1.; bring it with mem-admin key import" err
	[ ! -e D/tenants/default/memory.db ]
	# what it is told has no key in it
	for k in $(sed -n "s/^secret //p; s/^key .* //p" A/keys/ring); do
		! grep -F -e "$k" err out
	done
'
test_that 'with another key of that id it does not open, and nothing comes' '
	rm -rf X
	as X mem-admin init >out
	as X mem-admin key new k1 >out
	knows D X
	exits 2 pull D 2>err
	cat err
	grep "do not open" err
	grep "k1" err
	[ ! -e D/tenants/default/memory.db ]
'
test_that 'sealing without a key is told at once' '
	fresh E
	fill E
	as E mem-admin config set remote.main.seal true
	exits 2 push E 2>err
	cat err
	grep "remote.main.seal is set.*no key is active; make one with mem-admin key new" err
	[ -z "$(find "$R" -type f)" ]
	as E mem-admin config set remote.main.seal maybe || :
	exits 2 push E 2>err
'
test_that 'another key from now on; what the old one sealed opens still' '
	fresh A B
	fill A
	sealed A
	push A >out
	as A mem-admin key new k2 >out
	say A s1 "of the second key"
	push A >out
	heads | sed -n "s/.*\"key\":\"\([^\"]*\)\".*/\1/p" | sort | uniq -c >keys
	cat keys
	[ "$(wc -l <keys)" -eq 2 ]
	knows B A
	pull B >out
	same A B
'
test_that 'the same is put under the same name, and is the same' '
	cp "$(latest)" m2
	cp -R remote there
	find "$R" -path "*/segment/*" -type f -exec sha256sum {} + >sums
	rm -rf A/tenants/default/sync "$(latest)"
	push A >out
	sha256sum -c --quiet sums
	! cmp "$(latest)" m2
'
test_that 'a manifest in clear after one that is sealed is refused' '
	fresh A B X
	say A s1 "first"
	sealed A
	push A >out
	knows B A
	pull B >out
	# somebody who can write there, and has no key
	printf "{\"type\":\"manifest\",\"format\":1,\"number\":2,\"push\":\"01HNAVQZC00000000000000009\",\"at\":1,\"node\":\"01HNAVQZC00000000000000008\",\"store_id\":\"%s\",\"tenant\":\"default\",\"previous\":\"%s\",\"segments\":[],\"leases\":[]}\n" \
	    "$(as A mem-admin stats | jl store_id)" \
	    "$(sha256sum <"$(latest)" | cut -d" " -f1)" >forged
	cp forged "$(dirname "$(latest)")/000000000002"
	for who in A B; do
		exits 2 pull $who 2>err
		cat err
		grep "manifest 2 .*is in clear, and those before it are sealed" err
	done
'
test_that 'a remote that is all in clear is not taken in where sealing is set' '
	fresh A B
	say A s1 "anybody says so"
	push A >out
	sealed B
	exits 2 pull B 2>err
	cat err
	grep "is in clear, and remote.main.seal is set" err
	[ -z "$(texts B || :)" ]
	# a push of who has it seals what follows
	sealed A
	say A s1 "and more"
	push A >out
	rm -rf B/keys
	knows B A
	pull B >out
	same A B
	! grep -ra "and more" "$R"
'
test_that 'each bit of what is there counts' '
	fresh A
	say A s1 "one"
	sealed A
	push A >out
	find "$R" -type f | sort >files
	while read -r f; do
		cp "$f" whole
		n=$(wc -c <"$f")
		for at in 0 10 40 60 130 $((n / 2)) $((n - 17)) $((n - 1)); do
			cp whole "$f"
			b=$(dd if=whole bs=1 skip=$at count=1 2>/dev/null | od -An -tu1)
			printf "\\$(printf %o $((b ^ 1)))" |
			    dd of="$f" bs=1 seek=$at conv=notrunc 2>/dev/null
			rm -rf D
			as D mem-admin config set remote.main.url "file://$R"
			knows D A
			status=0
			pull D >out 2>err || status=$?
			[ $status -eq 2 ] && [ -s err ] ||
			    { echo "$f: byte $at, exit $status"; cat out; exit 1; }
			[ ! -e D/tenants/default/memory.db ]
		done
		head -c $((n - 1)) whole >"$f"
		rm -rf D/tenants
		exits 2 pull D 2>err
		cp whole "$f"
	done <files || exit 1
	pull D >out
	same A D
'
test_that 'an object in the place of another one does not open' '
	say A s1 "two"
	push A >out
	find "$R" -path "*/segment/*" -type f | sort >files
	a=$(sed -n 1p files) b=$(sed -n 2p files)
	cp "$a" one && cp "$b" "$a" && cp one "$b"
	rm -rf D/tenants
	exits 2 pull D 2>err
	cat err
	grep "segment [0-9a-f]*: " err
'
test_done
