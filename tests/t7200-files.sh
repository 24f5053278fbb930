#!/bin/sh
# mem-session put, path, files, scan, rm, hold: working files of sessions.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

schema=$top/share/schema
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema
folder=$MEM_STORE/tenants/default/files/tester

# states SESSION: "state area/path" a line
states() {
	mem-session files --json "$@" |
	    sed 's/.*"area":"\([^"]*\)","path":"\([^"]*\)".*"state":"\([^"]*\)".*/\3 \1\/\2/'
}
# scan SESSION: the same of what a scan tells
scan() {
	mem-session scan "$@" >told 2>err || { [ $? = 3 ] && echo part; }
	sed 's/.*"area":"\([^"]*\)","path":"\([^"]*\)".*"state":"\([^"]*\)".*/\3 \1\/\2/' told
}
# listed LINES: what the rows say that counts
rows() {
	sql "SELECT f.area || '/' || f.path || ' ' || iif(f.sha256 IS NULL, '-', lower(hex(f.sha256)))
	    FROM file f WHERE NOT EXISTS (SELECT 1 FROM file g WHERE
	    g.session = f.session AND g.area = f.area AND g.path = f.path
	    AND (g.at, g.node) > (f.at, f.node)) ORDER BY 1"
}
sum() {
	sha256sum "$@" | cut -c 1-64
}

mkdir -p d/sub
printf 'hello\n' >d/README.md
printf '#!/bin/sh\n' >d/sub/run
chmod +x d/sub/run
printf x >'d/ü b'

test_that 'a file: its bytes, its row, its record' '
	mem-session put s1 inputs d/README.md >out
	cmp d/README.md "$folder/s1/inputs/README.md"
	"$helper" "$schema" out
	[ "$(jl sha256 <out)" = "$(sum d/README.md)" ]
	[ "$(jl size_bytes <out)" = 6 ]
	[ "$(jl state <out)" = here ]
	[ "$(rows)" = "0/README.md $(sum d/README.md)" ]
	mem-session list | grep -q "\"session_id\":\"s1\""
'
test_that 'a folder, with all that is in it; executable stays so' '
	mem-session put s1 artifacts d >out
	[ "$(wc -l <out)" -eq 3 ]
	for f in README.md sub/run "ü b"; do
		cmp "d/$f" "$folder/s1/artifacts/d/$f"
	done
	[ -x "$folder/s1/artifacts/d/sub/run" ] && [ ! -x "$folder/s1/artifacts/d/README.md" ]
	grep -c "\"executable\":true" out
	[ "$(stat -c %a "$folder/s1/artifacts/d/README.md" "$folder" "$folder/s1" |
	    tr "\n" " ")" = "600 700 700 " ]
'
test_that 'the contents of a folder; another name; what comes in a pipe' '
	(cd d/sub && mem-session put s1 cache .) >out
	grep "\"path\":\"run\"" out
	mem-session put s1 cache d --as x/y >out
	grep "\"path\":\"x/y/sub/run\"" out
	echo piped | mem-session put s1 cache - --as a/b.txt >out
	[ "$(cat "$folder/s1/cache/a/b.txt")" = piped ]
'
test_that 'the same again has no new row, other bytes have one' '
	n=$(sql "SELECT count(*) FROM file")
	mem-session put s1 inputs d/README.md >out
	[ "$(sql "SELECT count(*) FROM file")" = "$n" ]
	echo two >README.md
	mem-session put s1 inputs README.md -q >out
	[ ! -s out ]
	[ "$(sql "SELECT count(*) FROM file")" = $((n + 1)) ]
	[ "$(sql "SELECT count(*) FROM file WHERE base <> 0")" = 1 ]
	[ "$(cat "$folder/s1/inputs/README.md")" = two ]
'
test_that 'a large file, in little memory' '
	head -c 300000000 /dev/zero >large
	/usr/bin/time -f %M -o kb mem-session put big inputs large >out
	[ "$(jl sha256 <out)" = "$(sum large)" ]
	kb=$(tail -n 1 kb)
	[ "$kb" -lt 65536 ] || [ "${MEM_SANITIZE:-no}" != no ]
	rm large
	mem-session rm big inputs large >out
'
test_that 'the path of a session, of an area, of a file' '
	[ "$(mem-session path s1)" = "$(realpath "$folder/s1")" ]
	[ "$(mem-session path s1 inputs)" = "$(realpath "$folder/s1/inputs")" ]
	p=$(mem-session path "New/Ünë" artifacts a/B/c.txt)
	echo c >"$p"
	[ "$(states "New/Ünë")" = "new artifacts/a/B/c.txt" ]
	exits 64 mem-session path s1 outputs 2>err
'
test_that 'what is no path' '
	while read -r p; do
		exits 64 mem-session put s1 inputs d/README.md --as "$p" 2>err
		exits 2 mem-session path s1 inputs "$p" 2>err
		[ -s err ]
	done <<-EOT
	/etc/passwd
	../x
	a/../../x
	a//b
	a/
	./a
	$(printf "a\\177")
	$(printf "a\\377")
	$(printf "%0256d" 0)
	$(printf "a/%.0s" $(seq 1 64))b
	EOT
	exits 64 mem-session put s1 inputs d/README.md --as "" 2>err
	[ ! -e "$folder/x" ]
'
test_that 'links, FIFOs and sockets are left out of a folder, and told' '
	mkdir odd
	echo in >odd/file
	ln -s /etc/passwd odd/link
	ln -s . odd/loop
	mkfifo odd/fifo
	exits 3 mem-session put s2 inputs odd >out 2>err
	[ "$(jl path <out)" = odd/file ]
	grep "odd/link.*symbolic link" err
	grep "odd/loop" err
	grep "odd/fifo" err
	[ ! -e "$folder/s2/inputs/odd/link" ]
'
test_that 'one that is not there, and a name that is not UTF-8: told, the others are put' '
	mkdir bad
	echo 1 >bad/good
	echo 1 >"bad/$(printf "no\\377")"
	exits 3 mem-session put s2 cache bad nowhere >out 2>err
	cat err
	[ "$(jl path <out)" = bad/good ]
	grep "UTF-8" err
	grep "nowhere" err
'
test_that 'a folder or a link in the place of a file is not replaced' '
	echo x >x
	mkdir -p "$(mem-session path s3 inputs)/x" outside
	exits 3 mem-session put s3 inputs x 2>err
	grep "no file" err
	rmdir "$folder/s3/inputs/x"
	ln -s "$work/outside/target" "$folder/s3/inputs/x"
	exits 3 mem-session put s3 inputs x 2>err
	ln -s "$work/outside" "$folder/s3/inputs/out"
	exits 3 mem-session put s3 inputs x --as out/x 2>err
	exits 2 mem-session path s3 inputs out/x 2>err
	rm "$folder/s3/inputs/x" "$folder/s3/inputs/out"
	mv "$folder/s3" "$work/outside/s3"
	ln -s "$work/outside/s3" "$folder/s3"
	exits 2 mem-session put s3 inputs x 2>err
	exits 2 mem-session files s3 2>err
	[ -z "$(find outside -name "x*" -o -name target)" ]
	rm "$folder/s3"
'

# --- scan

test_that 'what somebody writes himself: new, changed, and untouched' '
	mem-session put t inputs d >out
	[ -z "$(scan t)" ]
	a=$(mem-session path t artifacts)
	mkdir -p "$a/deep/er"
	echo one >"$a/One.txt"
	echo two >"$a/deep/er/.hidden"
	echo three >"$folder/t/inputs/d/README.md"
	[ "$(states t | sort | tr "\n" ";")" = "changed inputs/d/README.md;here inputs/d/sub/run;here inputs/d/ü b;new artifacts/One.txt;new artifacts/deep/er/.hidden;" ]
	[ "$(scan t | sort | tr "\n" ";")" = "changed inputs/d/README.md;new artifacts/One.txt;new artifacts/deep/er/.hidden;" ]
	"$helper" "$schema" told
	rows | grep "1/deep/er/.hidden $(sum "$a/deep/er/.hidden")"
	[ -z "$(scan t)" ]
	[ "$(states t | cut -d" " -f1 | sort -u)" = here ]
'
test_that 'a file that is gone is missing, and nothing is removed' '
	rm "$folder/t/artifacts/One.txt"
	n=$(sql "SELECT count(*) FROM file")
	for i in 1 2; do
		[ "$(scan t)" = "missing artifacts/One.txt" ]
	done
	[ "$(sql "SELECT count(*) FROM file")" = "$n" ]
	echo one >"$folder/t/artifacts/One.txt"
	[ -z "$(scan t)" ]
	[ "$(sql "SELECT count(*) FROM file")" = "$n" ]
	rm -rf "$folder/t/artifacts"
	[ "$(scan t | wc -l)" -eq 2 ]
	exits 0 mem-session rm t artifacts One.txt deep/er/.hidden >out
	[ -z "$(scan t)" ]
'
test_that 'a file that is only touched, or has another inode, is the same' '
	touch "$folder/t/inputs/d/README.md"
	cp "$folder/t/inputs/d/sub/run" new; chmod +x new
	mv new "$folder/t/inputs/d/sub/run"
	n=$(sql "SELECT count(*) FROM file")
	[ -z "$(scan t)" ]
	[ "$(sql "SELECT count(*) FROM file")" = "$n" ]
	chmod -x "$folder/t/inputs/d/sub/run"
	[ "$(scan t)" = "changed inputs/d/sub/run" ]
'
test_that 'the same size, the same mtime, written within one tick: seen' '
	f=$folder/t/inputs/race
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		printf "%02d" "$i" >"$f"
		touch -d "2026-01-01" "$f"
		mem-session scan t >out
		[ "$(sql "SELECT lower(hex(sha256)) FROM file WHERE path = '\''race'\'' ORDER BY seq DESC LIMIT 1")" = "$(sum "$f")" ] ||
		    { echo "$i"; exit 1; }
	done
'
test_that 'a lost or broken index costs reading, no more' '
	for how in "rm -f" "truncate -s 40" "dd if=/dev/urandom bs=100 count=1 conv=notrunc seek=1 of="; do
		case $how in
		*of=) $how"$folder/t/.index" 2>/dev/null ;;
		*) $how "$folder/t/.index" ;;
		esac
		[ -z "$(scan t)" ]
		cmp -s "$folder/t/.index" index || cp "$folder/t/.index" index
	done
	rm "$folder/t/.index"
	ln -s "$work/elsewhere" "$folder/t/.index"
	[ -z "$(scan t)" ]
	[ ! -e elsewhere ] && [ ! -L "$folder/t/.index" ]
'
test_that 'links, FIFOs, and names that are no text: told each time, not taken' '
	a=$(mem-session path u inputs)
	ln -s /etc/passwd "$a/link"
	mkfifo "$a/fifo"
	echo x >"$a/$(printf "no\\377")"
	echo x >"$a/yes"
	[ "$(scan u | sort | tr "\n" ";")" = "new inputs/yes;part;refused inputs/fifo;refused inputs/link;refused inputs/no�;" ]
	"$helper" "$schema" told
	[ "$(scan u | grep -c refused)" = 3 ]
	[ "$(rows | grep -c "^0/yes")" = 1 ]
	rm "$a/yes"
	mkfifo "$a/yes"
	scan u | grep "refused inputs/yes"
'
test_that 'all sessions, when none is named' '
	echo a >"$(mem-session path v1 cache v)"
	echo b >"$(mem-session path v2 cache b)"
	scan >out
	grep "new cache/v" out && grep "new cache/b" out
	exits 1 mem-session scan nobody 2>err
	exits 1 mem-session files nobody
'
test_that 'a file that is written all the time is never recorded torn' '
	f=$(mem-session path w inputs log)
	: >"$f"
	(i=0; while [ -e "$f" ]; do i=$((i + 1)); printf "%0100000d" "$i" >>"$f"; done 2>/dev/null) &
	for i in 1 2 3; do
		mem-session scan w >>torn 2>/dev/null || :
		sql "SELECT lower(hex(sha256)) || '\'' '\'' || size FROM file WHERE path = '\''log'\'' ORDER BY seq DESC LIMIT 1" >last
		if [ -s last ]; then
			read -r hash size <last
			[ "$(head -c "$size" "$f" | sum)" = "$hash" ] || exit 1
		fi
	done
	cp "$f" whole
	rm "$f"
	wait
'

# --- taken away

test_that 'rm: the bytes go, the removal is recorded; folders that are empty go' '
	mem-session put x inputs d >out
	mem-session rm x inputs d/sub/run --dry-run >out
	grep "\"state\":\"removed\"" out
	[ -e "$folder/x/inputs/d/sub/run" ]
	mem-session rm x inputs d/sub/run >out
	[ ! -e "$folder/x/inputs/d/sub" ] && [ -e "$folder/x/inputs/d" ]
	[ -z "$(states x | grep run)" ]
	[ "$(states x --all | grep run)" = "removed inputs/d/sub/run" ]
	rows | grep "0/d/sub/run -"
	exits 1 mem-session rm x inputs d/sub/run 2>err
	exits 3 mem-session rm x inputs d/README.md nothing >out 2>err
	exits 2 mem-session rm x inputs d 2>err
	grep "is a folder" err
	mem-session put x inputs d/sub/run --as d/sub/run >out
	[ "$(states x | grep run)" = "here inputs/d/sub/run" ]
'
test_that 'a hold: neither rm nor forgetting, until it is released' '
	mem-session hold x "case 7"
	mem-session show x | grep "\"hold\":\"case 7\""
	exits 2 mem-session rm x inputs d/sub/run 2>err
	grep "on hold.*release" err
	echo "{\"type\":\"event\",\"session_id\":\"x\",\"timestamp\":5,\"text\":\"e\"}" | mem-ingest >out
	id=$(mem-log --session x --json | jl event_id)
	for t in "session\",\"id\":\"x" "event\",\"id\":\"$id"; do
		echo "{\"type\":\"tombstone\",\"target\":\"$t\"}" | exits 3 mem-ingest >out 2>err
		grep "on hold" out
	done
	[ -e "$folder/x/inputs/d/sub/run" ]
	mem-session release x
	exits 1 mem-session release x
	exits 2 mem-session hold nobody 2>err
	mem-session rm x inputs d/sub/run >out
	mem-admin audit | jl action | sort | uniq >actions
	for a in file_put file_remove file_scan hold release; do
		grep -x "$a" actions
	done
'
test_that 'a session that is forgotten: rows and bytes go, and stay away' '
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"x\"}" | mem-ingest >out
	[ ! -e "$folder/x" ] && [ -e "$folder/t" ]
	[ "$(sql "SELECT count(*) FROM file WHERE session NOT IN (SELECT seq FROM session)")" = 0 ]
	exits 2 mem-session put x inputs d 2>err
	exits 2 mem-session path x inputs 2>err
	grep forgotten err
	[ ! -e "$folder/x" ]
	mem-admin check
	# whoever forgot it was killed in between
	mkdir -p "$folder/x/inputs"
	echo left >"$folder/x/inputs/f"
	exits 1 mem-admin check >out
	grep "files of that session" out
	mem-admin check --repair >out
	[ ! -e "$folder/x" ]
	mem-admin check
'

# --- what others recorded

test_that 'a file record: it is known, and its bytes are elsewhere' '
	hash=$(sum d/README.md)
	echo "{\"type\":\"file\",\"session_id\":\"y\",\"area\":\"inputs\",\"path\":\"a\",\"size_bytes\":6,\"sha256\":\"$hash\",\"at\":1000}" >in
	mem-ingest in >out
	[ "$(states y)" = "archived inputs/a" ]
	[ -z "$(scan y | grep -v archived)" ]
	mem-ingest in | grep "\"duplicate\":1"
	# it comes back by itself
	cp d/README.md "$(mem-session path y inputs a)"
	[ -z "$(scan y)" ]
	[ "$(states y)" = "here inputs/a" ]
'
test_that 'one that another wrote since is behind, and stays as it is' '
	echo "{\"type\":\"file\",\"session_id\":\"y\",\"area\":\"inputs\",\"path\":\"a\",\"size_bytes\":1,\"sha256\":\"$(echo | sum)\",\"at\":2000,\"base\":1000}" | mem-ingest >out
	n=$(sql "SELECT count(*) FROM file")
	for i in 1 2; do
		[ "$(scan y)" = "behind inputs/a" ]
	done
	[ "$(sql "SELECT count(*) FROM file")" = "$n" ]
	cmp d/README.md "$folder/y/inputs/a"
'
test_that 'written here, too, before that was known: both are kept, and it is said' '
	echo mine >"$folder/y/inputs/a"
	mem-session scan y >out 2>err
	grep "another copy" err
	[ "$(sql "SELECT base FROM file WHERE path = '\''a'\'' ORDER BY at DESC LIMIT 1")" = 1000 ]
	[ "$(states y)" = "here inputs/a" ]
	[ "$(sql "SELECT count(*) FROM file WHERE path = '\''a'\''")" = 3 ]
'
test_that 'records that are none' '
	while IFS= read -r line; do
		echo "{\"type\":\"file\",\"session_id\":\"z\",$line}" | exits 3 mem-ingest >out 2>err
		grep "\"rejected\":{\"" out
	done <<-"EOT"
	"area":"inputs"
	"area":"outputs","path":"a"
	"area":"inputs","path":"../a"
	"area":"inputs","path":"/a"
	"area":"inputs","path":"a","sha256":"00","size_bytes":1
	"area":"inputs","path":"a","sha256":"0000000000000000000000000000000000000000000000000000000000000000"
	"area":"inputs","path":"a","sha256":"0000000000000000000000000000000000000000000000000000000000000000","size_bytes":-1
	"area":"inputs","path":1
	"area":"inputs","path":"a","at":"no time"
	EOT
'
test_that 'the store is whole' 'store_whole'
test_done
