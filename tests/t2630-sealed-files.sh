#!/bin/sh
# Working files of a sealed tenant: neither their bytes nor their paths are in
# any file of the store, at no time; damaged ones are refused; they go with
# their session's key; copies, exports and the archive have them.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

export MEM_STORE
db=$MEM_STORE/tenants/default/memory.db
every=${MEM_EVERY:-8}		# long-26-sealed-files: each
[ -z "${MEM_ALL-}" ] || every=1

# none_planted DIR...: neither words of bytes nor of paths
none_planted() {
	if LC_ALL=C grep -rlaE 'wombat|quokka|zeugma' "$@" >found; then
		cat found
		return 1
	fi
	# nor the name of a folder or a file
	if find "$@" | LC_ALL=C grep -E 'wombat|quokka|zeugma'; then
		return 1
	fi
}
# no_hash FILE DIR...: nor its SHA-256, as bytes or in hex
no_hash() {
	hash=$(sha256sum <"$1" | cut -c1-64)
	shift
	# shellcheck disable=SC2016 # of perl
	find "$@" -type f -exec perl -0777 -ne 'BEGIN { $h = shift }
		next if index($_, $h) < 0 && index($_, pack "H*", $h) < 0;
		print "$ARGV\n"; $bad = 1; END { $? = 1 if $bad }' "$hash" {} +
}
# sealed_of STORE SESSION: its files on the disk
sealed_of() {
	find "$1/tenants/default/files" -path "*/$2/sealed/*" | sort
}
sealed() {
	sealed_of "$MEM_STORE" s1
}
put() {
	mem-session put s1 "$@" >/dev/null
}
content() {
	mem-session content s1 "$@"
}

echo 'bytes of a wombat' >quokka.txt
head -c 300000 /dev/urandom >random
: >nothing
head -c 65536 random >segment
head -c 65537 random >segment-1

mem-admin init --sealed >/dev/null

test_that 'files go in and come out, of any size, by a file or a stream' '
	put inputs quokka.txt
	cat random | put artifacts - --as deep/zeugma.bin
	put cache nothing segment segment-1
	content inputs quokka.txt | cmp quokka.txt -
	content artifacts deep/zeugma.bin | cmp random -
	for f in nothing segment segment-1; do
		content cache $f | cmp $f -
	done
	none_planted "$MEM_STORE"
	no_hash quokka.txt "$MEM_STORE/tenants"
	[ "$(sealed | wc -l)" -eq 5 ]
	mem-admin check
'
test_that 'what is told is of the plain bytes' '
	mem-session files s1 --json >out
	cat out
	[ "$(wc -l <out)" -eq 5 ]
	hash=$(sha256sum <random | cut -c1-64)
	grep "\"path\":\"deep/zeugma.bin\",\"size_bytes\":300000,\"sha256\":\"$hash\"" out
	grep "\"path\":\"nothing\",\"size_bytes\":0" out
	exits 1 grep -v "\"state\":\"here\"" out
	grep "mtime" out
	chmod +x quokka.txt
	mem-session put s1 inputs quokka.txt --json | grep "\"executable\":true"
	chmod -x quokka.txt
	put inputs quokka.txt
	# in order of area and path, as of a tenant in clear
	MEM_STORE=$work/clear
	put inputs quokka.txt
	cat random | put artifacts - --as deep/zeugma.bin
	put cache nothing segment segment-1
	strip() {
		sed "s/,\"at\":[0-9]*//; s/,\"mtime\":[0-9]*//"
	}
	mem-session files s1 --json | strip >want
	strip <out | diff want -
'
test_that 'a folder goes in as it is' '
	mkdir -p tree/wombat/b
	echo one >tree/wombat/one
	echo two >tree/wombat/b/quokka
	put inputs tree --as t
	content inputs t/wombat/b/quokka | grep two
	mem-session rm s1 inputs t/wombat/one t/wombat/b/quokka >/dev/null
	none_planted "$MEM_STORE"
'
test_that 'the same again is no new row; other bytes take its place, alone' '
	n=$(sql "SELECT count(*) FROM file")
	put inputs quokka.txt
	[ "$(sql "SELECT count(*) FROM file")" -eq "$n" ]
	[ "$(sealed | wc -l)" -eq 5 ]
	echo "another wombat" >other
	put inputs other --as quokka.txt
	content inputs quokka.txt | cmp other -
	[ "$(sealed | wc -l)" -eq 5 ]
	# twice at once
	mkdir -p a b
	echo first >a/x; echo second >b/x
	put inputs a/x b/x
	content inputs x | grep second
	[ "$(sealed | wc -l)" -eq 6 ]
	mem-session rm s1 inputs x >out
	grep removed out
	[ "$(sealed | wc -l)" -eq 5 ]
	exits 1 content inputs x
	exits 1 mem-session rm s1 inputs x
	mem-session files s1 --all --json | grep "\"path\":\"x\".*\"state\":\"removed\""
	put inputs quokka.txt
	[ -z "$(ls "$MEM_STORE"/tenants/default/files/*/s1/.new)" ]
	mem-admin check
'
test_that 'folders of plain files are handed out to nobody' '
	for c in "path s1" "path s1 inputs" "path s1 inputs quokka.txt" \
	    "scan s1" scan; do
		exits 2 mem-session $c >out 2>err
		cat err
		[ ! -s out ]
		grep "sealed.*mem-session content.*mem-session put" err
	done
	exits 64 mem-session put s1 inputs - <other
	exits 3 mem-session put s1 inputs other --as a/../b 2>err ||
	    exits 64 mem-session put s1 inputs other --as a/../b 2>err
	exits 1 content inputs none 2>err
	grep "no file" err
'
test_that 'who may not read a session reads no file of it; a graft shows it' '
	exits 1 env MEM_USER=ann mem-session content s1 inputs quokka.txt >out
	[ ! -s out ]
	mem-session graft s1 --to user:ann >/dev/null
	MEM_USER=ann mem-session content s1 inputs quokka.txt | cmp quokka.txt -
	exits 2 env MEM_USER=ann mem-session path s1 inputs 2>err
	grep "mem-session content" err
'

# --- damage

cp -R "$MEM_STORE" good
# the file of so many sealed bytes
of_size() {
	find "$MEM_STORE"/tenants/default/files/*/s1/sealed -size "$1"c
}
again() {
	rm -rf "$MEM_STORE"
	cp -R good "$MEM_STORE"
}
# flip FILE AT
flip() {
	b=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	# shellcheck disable=SC2059
	printf "\\$(printf %03o $((b ^ 1)))" |
	    dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}
# refused AREA PATH: with a reason, and check says which
refused() {
	exits 2 content "$1" "$2" >out 2>err
	cat err
	grep "file '$1/$2'.*put it again" err
	exits 1 mem-admin check >out
	cat out
	grep '"what":"sealed".*"where":"file row [0-9]*"' out
}
test_that 'one bit, anywhere' '
	for at in 0 65535 65552 200000 300079; do
		again
		flip "$(of_size 300080)" $at
		refused artifacts deep/zeugma.bin
	done
	again
	flip "$(of_size 16)" 3
	refused cache nothing
'
test_that 'what is shown before the place is what was put' '
	again
	flip "$(of_size 300080)" 200000
	exits 2 content artifacts deep/zeugma.bin >out 2>err
	[ "$(wc -c <out)" -eq 196608 ]
	head -c 196608 random | cmp out -
'
test_that 'cut at each kind of place, and made longer' '
	for n in 0 1 15 65536 65552 131104 300079; do
		again
		f=$(of_size 300080)
		head -c $n "$f" >cut
		cat cut >"$f"
		exits 2 content artifacts deep/zeugma.bin >out 2>err
		cat err
		grep "put it again" err
		exits 1 mem-admin check >out
		grep "\"what\":\"sealed\"" out
	done
	again
	f=$(of_size 300080)
	echo >>"$f"
	exits 2 content artifacts deep/zeugma.bin >out 2>err
	grep "more sealed bytes" err
	exits 1 mem-admin check >out
'
test_that 'two that were swapped, of one size, too; and one of another session' '
	again
	head -c 300000 /dev/urandom >second
	put artifacts second
	mem-session put s2 artifacts second >/dev/null
	of_size 300080 >two
	[ "$(wc -l <two)" -eq 2 ]
	a=$(head -n 1 two) b=$(tail -n 1 two)
	mv "$a" t; mv "$b" "$a"; mv t "$b"
	refused artifacts deep/zeugma.bin
	refused artifacts second
	cat "$(sealed_of "$MEM_STORE" s2)" >"$a"
	refused artifacts second || refused artifacts deep/zeugma.bin
'
test_that 'one that is gone is missing, and put again is there' '
	again
	rm "$(of_size 300080)"
	mem-session files s1 --json | grep "zeugma.*missing"
	exits 1 content artifacts deep/zeugma.bin 2>err
	exits 1 mem-admin check >out
	grep "are not there" out
	cat random | put artifacts - --as deep/zeugma.bin
	content artifacts deep/zeugma.bin | cmp random -
	mem-admin check
'
test_that 'a link, a folder in its place' '
	again
	f=$(of_size 300080)
	mv "$f" "$work/away"
	ln -s "$work/away" "$f"
	exits 2 content artifacts deep/zeugma.bin >out 2>err
	[ ! -s out ]
	rm "$f"; mkdir "$f"
	exits 2 content artifacts deep/zeugma.bin >out 2>err
	[ ! -s out ]
	# it is put again, and so are others
	put artifacts random --as deep/zeugma.bin
	content artifacts deep/zeugma.bin | cmp random -
	put inputs random --as other
	content inputs other | cmp random -
'
test_that 'no file is where another one has its folder' '
	again
	put inputs random --as x
	exits 3 mem-session put s1 inputs random --as x/y 2>err
	grep "not a folder" err
	mem-session rm s1 inputs x
	put inputs random --as x/y
'
test_that 'rows that were altered, or moved to another path' '
	for c in "size = size + 1" "exec = 1" "area = 0" "at = at + 1" \
	    "session = 2" "key = 0" \
	    "sealed = (SELECT sealed FROM file g WHERE g.seq = file.seq + 1)"; do
		again
		mem-session put s2 inputs other >/dev/null
		sqlite3 "$db" "UPDATE file SET $c WHERE seq = 2"
		exits 1 mem-admin check >out 2>err || exits 2 mem-admin check >out 2>err
		cat out err
		grep "file row 2" out || grep "does not open" err
	done
	again
	sqlite3 "$db" "UPDATE file SET path = (SELECT path FROM file g WHERE g.seq = 2)
	    WHERE seq = 1"
	content artifacts deep/zeugma.bin | cmp random -
'
test_that 'what somebody laid there in clear is told' '
	again
	mkdir -p "$MEM_STORE"/tenants/default/files/"$(id -un)"/s1/inputs
	echo "in clear" >"$MEM_STORE"/tenants/default/files/"$(id -un)"/s1/inputs/x
	exits 1 mem-admin check >out
	grep "in clear.*mem-session put" out
	mem-session files s1 | wc -l >n
	[ "$(cat n)" -eq 5 ]
'

# --- the key

hex_in() {
	for f in "$MEM_STORE"/tenants/default/memory.db*; do
		od -An -v -tx1 "$f" | tr -d ' \n' | grep -qF "$1" && return
	done
	return 1
}
test_that 'a session that is forgotten: files, rows and key are gone, from backups of the files, too' '
	again
	mem-session put s2 inputs quokka.txt >/dev/null
	cp -R "$MEM_STORE/tenants/default/files" kept
	key=$(sql "SELECT lower(hex(substr(wrapped, 25))) FROM seal_key WHERE
	    session = (SELECT seq FROM session WHERE name = '\''s1'\'')")
	hex_in "$key"
	mem-admin forget --session s1 --verify >out
	cat out
	grep "\"found\":0" out
	[ -z "$(sealed)" ]
	exits 1 hex_in "$key"
	[ "$(sql "SELECT count(*) FROM file")" -eq 1 ]
	exits 1 content inputs quokka.txt
	mem-session content s2 inputs quokka.txt | cmp quokka.txt -
	mem-admin check
	none_planted "$MEM_STORE"
	# what somebody kept of the bytes opens no more, whoever lays it back
	mem-session put s3 inputs quokka.txt >/dev/null
	old=$(find kept -path "*/s1/sealed/*" -size 34c | head -n 1)
	cat "$old" >"$(sealed_of "$MEM_STORE" s3)"
	exits 2 mem-session content s3 inputs quokka.txt >out 2>err
	[ ! -s out ]
	exits 2 mem-session put s1 inputs quokka.txt 2>err
	grep "forgotten" err
'
test_that 'a key that went alone: nothing of it is read, and check tells' '
	again
	sqlite3 "$db" "DELETE FROM seal_key WHERE session > 0"
	exits 1 mem-session files s1 >out
	[ ! -s out ]
	exits 1 content inputs quokka.txt >out
	[ ! -s out ]
	exits 1 mem-admin check >out
	grep "file row [0-9]*.*the key that it is sealed with, [0-9]*, is gone" out
'
test_that 'key rewrap leaves the bytes as they are' '
	again
	sealed | xargs sha256sum >before
	mem-admin key new fresh >out
	mem-admin key rewrap >out
	sealed | xargs sha256sum | cmp before -
	content artifacts deep/zeugma.bin | cmp random -
	mem-admin check
'
test_that 'without the ring: refused, with the remedy' '
	again
	mv "$MEM_STORE/keys/ring" ring.away
	exits 2 content inputs quokka.txt >out 2>err
	[ ! -s out ]
	grep "sealed.*mem-admin key import" err
	exits 2 mem-session put s1 inputs other 2>err
	grep "mem-admin key import" err
	[ "$(sealed | wc -l)" -eq 5 ]
'

# --- much

test_that '60 MB by a stream, in memory that is bounded, and none of it in clear' '
	again
	yes "a wombat that is long enough to be seen" | head -c 60000000 >big
	hash=$(sha256sum <big)
	if [ "${MEM_SANITIZE:-no}" = no ] && command -v /usr/bin/time; then
		/usr/bin/time -f %M -o peak mem-session put s1 inputs - \
		    --as zeugma <big >/dev/null
		/usr/bin/time -f %M -o peak2 mem-session content s1 inputs \
		    zeugma >back
		cat peak peak2
		[ "$(tail -n 1 peak)" -lt 40000 ]
		[ "$(tail -n 1 peak2)" -lt 40000 ]
	else
		put inputs - --as zeugma <big
		content inputs zeugma >back
	fi
	[ "$(sha256sum <back)" = "$hash" ]
	none_planted "$MEM_STORE"
	rm big back
	# whoever reads less is not waited for
	content inputs zeugma 2>/dev/null | head -c 10 | grep "a wombat"
'
test_that 'while it is put, too' '
	again
	mkfifo pipe
	mem-session put s1 inputs - --as zeugma <pipe >/dev/null &
	{
		yes "a wombat" | head -c 3000000
		sleep 1
		none_planted "$MEM_STORE" && echo none >seen
		echo end
	} >pipe
	wait
	grep none seen
	content inputs zeugma | tail -n 1 | grep end
'
test_that 'a full disk, a file that ends early: nothing is left of it' '
	again
	[ -r "$fault_lib" ] || exit 0
	n=$(sql "SELECT count(*) FROM file")
	for f in write:3 write:5 fsync:1 fsync:2 rename:1; do
		LD_PRELOAD=$fault_lib MEM_FAULT=$f \
		    mem-session put s1 inputs random --as new >out 2>err &&
		    content inputs new | cmp random -
		content artifacts deep/zeugma.bin | cmp random -
		mem-admin check
		content inputs new 2>err | cmp random - || exits 1 content inputs new
		mem-session rm s1 inputs new >out || :
		[ "$(sealed | wc -l)" -eq 5 ]
	done
'

test_that 'whoever reads while it is replaced has the old or the new' '
	again
	yes 1 | head -c 70000 >one
	yes 2 | head -c 70000 >two
	put inputs one --as it
	for i in 1 2 3 4; do
		put inputs two --as it
		put inputs one --as it
	done &
	n=0
	while [ $n -lt 20 ]; do
		content inputs it >got
		cmp -s got one || cmp got two
		mem-session files s1 --json >out
		exits 1 grep missing out
		n=$((n + 1))
	done
	wait
	mem-admin check
'

# --- kills

# killed COMMAND...: at steps of it, begun with the good store
killed() {
	step=1
	while :; do
		again
		got=0
		LD_PRELOAD=$fault_lib MEM_FAULT=step:$step:KILL "$@" \
		    >out 2>err || got=$?
		[ "$got" -eq 137 ] || break
		none_planted "$MEM_STORE" || { echo "step $step"; return 1; }
		mem-admin check >whole || { echo "step $step"; cat whole; return 1; }
		content artifacts deep/zeugma.bin | cmp random - || return 1
		# the next one takes away what was left
		put cache nothing --as last
		n=$(mem-session files s1 --json | wc -l)
		[ "$(sealed | wc -l)" -eq "$n" ] ||
		    { echo "step $step: $n"; sealed; return 1; }
		step=$((step + every))
	done
	[ "$got" -eq 0 ] || { cat err; return 1; }
	[ $step -gt 1 ]
}
if [ -r "$fault_lib" ]; then
	test_that 'SIGKILL while one is put: it is there or not, others are' '
		killed mem-session put s1 inputs other --as wombat
	'
	test_that 'while another takes its place: the old or the new' '
		killed mem-session put s1 inputs other --as quokka.txt
	'
	test_that 'while one is removed' '
		killed mem-session rm s1 inputs quokka.txt
	'
	test_that 'check --repair takes away what no row names' '
		again
		echo rubbish >"$(dirname "$(sealed | head -n 1)")/$(printf %064d 1)"
		mem-admin check --repair >out
		cat out
		[ "$(sealed | wc -l)" -eq 5 ]
		content artifacts deep/zeugma.bin | cmp random -
	'
else
	skip 'kills' 'no fault.so'
fi

# --- elsewhere

test_that 'a remote that is sealed gets them, and tells nothing; a copy has them' '
	again
	as A true
	rm -rf "$work/A" "$R"
	mkdir -p "$R"
	mv "$MEM_STORE" "$work/A"
	as A mem-admin key export --plain ring >/dev/null 2>&1
	head -c 12000000 /dev/urandom >large
	as A mem-session put s1 artifacts large --as zeugma-large >/dev/null
	as A mem-admin config set remote.main.url "file://$R"
	exits 2 push A >out 2>err
	grep "remote.main.seal true" err
	[ -z "$(find "$R" -type f)" ]
	as A mem-admin config set remote.main.seal true
	push A --snapshot >out
	cat out
	grep "\"files\":6" out
	none_planted "$R" "$work/A"
	no_hash quokka.txt "$R" "$work/A/tenants"
	as A mem-sync verify >out
	cat out
	grep "\"files\":6.*\"missing\":0,\"different\":0" out
	rm -rf "$work/B"
	as B mem-admin init --tenant unused >/dev/null
	rm -rf "$work/B/tenants/unused"
	as B mem-admin key import ring >/dev/null
	as B mem-admin config set remote.main.url "file://$R"
	as B mem-admin config set remote.main.seal true
	pull B >out
	cat out
	grep "\"files\":6" out
	as B mem-session content s1 artifacts zeugma-large | cmp large -
	as B mem-session content s1 artifacts deep/zeugma.bin | cmp random -
	as B mem-session content s1 cache nothing | cmp nothing -
	as B mem-admin check
	none_planted "$work/B"
	no_hash quokka.txt "$work/B/tenants"
	[ -z "$(find "$work/A/tmp" "$work/B/tmp" -type f 2>/dev/null)" ]
'
test_that 'changes travel; what two wrote is kept, both' '
	as B mem-session rm s1 cache nothing >/dev/null
	echo "B wrote a quokka" >b.txt
	as B mem-session put s1 inputs b.txt --as quokka.txt >/dev/null
	push B >out
	pull A >out
	as A mem-session content s1 inputs quokka.txt | cmp b.txt -
	exits 1 as A mem-session content s1 cache nothing
	[ "$(sealed_of "$work/A" s1 | wc -l)" -eq 5 ]
	echo "A wrote" >a.txt
	echo "B wrote again" >b.txt
	as A mem-session put s1 inputs a.txt --as quokka.txt >/dev/null
	as B mem-session put s1 inputs b.txt --as quokka.txt >/dev/null
	push A >out
	exits 75 push B >out 2>err || :
	pull B >out
	cat out
	push B >out
	pull A >out
	push A >out
	pull B >out
	sort a.txt b.txt >want
	for n in A B; do
		as $n mem-session files s1 --json | jl path | grep conflict >it
		{
			as $n mem-session content s1 inputs quokka.txt
			as $n mem-session content s1 inputs "$(cat it)"
		} | sort | cmp want -
		as $n mem-admin check
	done
	none_planted "$R" "$work/A" "$work/B"
'
test_that 'the archive takes the bytes, and gives them back' '
	as B mem-session archive s1 >out
	cat out
	[ -z "$(sealed_of "$work/B" s1)" ]
	as B mem-session files s1 --json >out
	exits 1 grep -v "\"archived\"" out
	exits 1 as B mem-session content s1 artifacts zeugma-large
	as B mem-session restore s1 >out
	as B mem-session content s1 artifacts zeugma-large | cmp large -
	as B mem-admin check
	none_planted "$work/B"
'
test_that 'a copy that is made of segments alone has them, under keys of its own' '
	mkdir -p second-remote
	rm -rf "$work/C" "$work/D"
	as D mem-admin init --sealed >/dev/null
	as D mem-admin key export --plain ring.d >/dev/null 2>&1
	as C mem-admin init --tenant unused >/dev/null
	rm -rf "$work/C/tenants/unused"
	as C mem-admin key import ring.d >/dev/null
	for n in C D; do
		as $n mem-admin config set remote.main.url \
		    "file://$work/second-remote"
		as $n mem-admin config set remote.main.seal true
	done
	as D mem-session put s1 inputs quokka.txt large nothing >/dev/null
	push D >out
	exits 1 grep "\"snapshot\":true" out
	as D mem-sync verify >out
	cat out
	grep "\"files\":3.*\"missing\":0,\"different\":0" out
	pull C >out
	cat out
	as C mem-session content s1 inputs large | cmp large -
	as C mem-session content s1 inputs quokka.txt | cmp quokka.txt -
	as C mem-session content s1 inputs nothing | cmp nothing -
	as C mem-admin check
	none_planted "$work/C" "$work/D" second-remote
'
test_that 'a file that is damaged here keeps nothing else from going' '
	echo more | as D mem-session put s1 inputs - --as more >/dev/null
	echo bad | as D mem-session put s1 inputs - --as bad >/dev/null
	f=$(find "$work/D"/tenants/*/files/*/s1/sealed -type f -newer \
	    second-remote -size -80c | xargs ls -t | head -n 1)
	flip "$f" 20
	push D >out
	cat out
	grep "\"files\":1,\"files_missing\":1" out
	exits 3 pull C >out
	{ as C mem-session content s1 inputs more ||
	    as C mem-session content s1 inputs bad; } >out
	grep -x "more\|bad" out
'
test_that 'a large one that is damaged there keeps no other from coming' '
	p=$(find second-remote -path "*pack*" -type f -size +10000k)
	flip "$p" 7000000
	rm -rf "$work/G"
	as G mem-admin init --tenant unused >/dev/null
	rm -rf "$work/G/tenants/unused"
	as G mem-admin key import ring.d >/dev/null
	as G mem-admin config set remote.main.url "file://$work/second-remote"
	as G mem-admin config set remote.main.seal true
	exits 3 pull G >out
	cat out
	grep "\"files_missing\":[12]" out
	as G mem-session content s1 inputs quokka.txt | cmp quokka.txt -
	exits 1 as G mem-session content s1 inputs large
	as G mem-admin check
'
test_that 'what a copy of a pack lost is put again by repair' '
	find "$R" -path "*pack*" -type f -delete
	as A mem-sync verify >out || :
	grep "\"missing\":[1-9]" out
	as A mem-sync repair >out 2>err || :
	cat out err
	as A mem-sync push >out
	as A mem-sync verify >out || { cat out; exit 1; }
	none_planted "$R"
'
test_that 'an export has them in clear, where that was said; an import seals them' '
	as A mem-sync export --clear all.tar >out
	cat out
	mkdir -p tar
	tar -xf all.tar -C tar
	cmp tar/files/*/s1/artifacts/zeugma-large large
	rm -rf "$work/E"
	as E mem-admin init --sealed >/dev/null
	as E mem-sync import all.tar >out
	cat out
	as E mem-session content s1 artifacts zeugma-large | cmp large -
	none_planted "$work/E"
	no_hash quokka.txt "$work/E/tenants"
	as E mem-admin check
	as E mem-sync export --clear again.tar >out
	mkdir -p tar2
	tar -xf again.tar -C tar2
	diff -r tar/files tar2/files
	rm -rf "$work/F"
	as F mem-sync import all.tar >out
	cmp large "$(as F mem-session path s1 artifacts zeugma-large)"
	# killed within: nothing of it in clear
	if [ -r "$fault_lib" ]; then
		for step in 20 40 60 80 100 120; do
			rm -rf "$work/E"
			as E mem-admin init --sealed >/dev/null
			LD_PRELOAD=$fault_lib MEM_FAULT=step:$step:KILL \
			    as E mem-sync import all.tar >out 2>err || :
			none_planted "$work/E"
		done
	fi
'
test_that 'a backup has the rows, which open, and no bytes, as of other tenants' '
	again
	mem-admin backup it.tar >out
	mkdir -p unpacked
	tar -xf it.tar -C unpacked
	none_planted unpacked
	mem-admin restore it.tar --store moved >out
	mem-admin key export --plain keys.out >out
	mem-admin key import keys.out --store moved >out
	mem-session files s1 --store moved --json | grep "zeugma.*missing"
	cp -R "$MEM_STORE/tenants/default/files" moved/tenants/default/
	mem-session content s1 artifacts deep/zeugma.bin --store moved | cmp random -
	mem-admin check --store moved
'
test_done
