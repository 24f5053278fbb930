#!/bin/sh
# mem-from git-fixes: commits that fix something become bug records, whatever
# became of their files, and whatever the repository is.
. "${0%/*}/lib.sh"
. "$tests/lib-git.sh"
libexec=${MEM_BIN:-$top/bin}/../libexec/memkit
export libexec

# fixes [OPTION ...] DIR: out is what comes, err what is said
fixes() {
	status=0
	mem-from git-fixes "$@" >out 2>err || status=$?
	cat err
}
# titles: of the records, the newest first
titles() {
	grep '"type":"record"' out | sed 's/.*"title":"\([^"]*\)".*/\1/'
}
are() {
	titles >got
	for x; do echo "$x"; done >want
	diff want got
}
# files TITLE
files() {
	grep "\"title\":\"$1\"" out | sed 's/.*"affected_files":\[\([^]]*\)\].*/\1/'
}
# follow DIR: one run of the pipe
follow() {
	mem-from --follow git-fixes "$@" >out 2>err &&
	    mem-ingest -q --kb fixes out >sum
	cat err
}
stored() {
	cat sum
	grep "\"stored\":$1,\"duplicate\":$2,\"rejected\":{}" sum
}

repository app
mkdir -p app/src/net app/doc
lines 30 >app/src/net/a.c
lines 30 other >app/src/b.c
echo hello >app/doc/x
commit app 01-01 'Import'
echo more >>app/src/net/a.c
commit app 01-02 'Fix a crash in the reader'
echo more >>app/doc/x
commit app 01-03 'Add words'
echo more >>app/src/b.c
echo again >>app/src/net/a.c
commit app 01-04 'net: fixes #12, a wrong sign'
echo top >app/Makefile
commit app 01-05 'bug: no Makefile'

test_that 'commits that fix something are bug records' '
	fixes app
	[ "$status" -eq 0 ]
	are "bug: no Makefile" "net: fixes #12, a wrong sign" "Fix a crash in the reader"
	sed -n 1p out | grep "\"type\":\"start\",\"format\":\"git-fixes\",\"source\":\"app\""
	tail -n 1 out | grep "\"total\":5,\"valid\":3,\"skipped\":0,.*\"dropped\":2,\"dropped_reasons\":{\"commit that fixes nothing\":2}"
'
test_that 'a record has what the rules say' '
	id=$(git -C app log --format=%H --grep="Fix a crash")
	grep "\"record_id\":\"$id\",\"record_type\":\"bug_record\",\"title\":\"Fix a crash in the reader\",\"status\":\"resolved\",\"timestamp\":1767348000000" out
	grep "$id" out | grep "\"severity\":\"major\",\"module\":\"src\",\"project\":\"app\",\"affected_files\":\[\"src/net/a.c\"\],\"resolved_at\":\"2026-01-02T12:00:00.000Z\""
	[ "$(files "net: fixes #12, a wrong sign")" = "\"src/b.c\",\"src/net/a.c\"" ]
	grep "no Makefile" out >top
	! grep module top
'
test_that 'a clone gives the same, bare or from below' '
	fixes app
	grep "\"record\"" out >want
	git clone -q --bare app bare.git
	git clone -q app clone
	git -C bare.git remote set-url origin https://example.org/team/app.git
	fixes bare.git
	grep "\"record\"" out | cmp - want
	fixes clone/src/net
	grep "\"record\"" out | cmp - want
'
test_that 'files bear the names that they have today' '
	cp -R app moved
	cd moved
	git mv src/net/a.c src/reader.c
	commit . 02-01 "Move"
	echo x >>src/reader.c
	commit . 02-02 "Fix the reader again"
	echo new >src/net.c
	mkdir -p src/net
	echo new >src/net/a.c
	commit . 02-03 "Add another file of the old name"
	echo new >>src/net/a.c
	commit . 02-04 "Fix the new one"
	cd ..
	fixes moved
	[ "$(files "Fix a crash in the reader")" = "\"src/reader.c\"" ]
	[ "$(files "Fix the reader again")" = "\"src/reader.c\"" ]
	[ "$(files "Fix the new one")" = "\"src/net/a.c\"" ]
'
test_that 'a file that was changed when it moved is followed' '
	cp -R app changed
	cd changed
	git mv src/b.c src/c.c
	echo x >>src/c.c
	commit . 02-01 "Move and change"
	cd ..
	fixes changed
	[ "$(files "net: fixes #12, a wrong sign")" = "\"src/c.c\",\"src/net/a.c\"" ]
'
test_that 'what git says of each commit is what is read' '
	git clone -q app many
	cd many
	for n in 1 2 3 4 5 6 7 8; do
		lines $((n * 7)) "w$n" >f$n.c
		[ $n -lt 4 ] || git mv f$((n - 2)).c "d $n.c"
		[ $n -lt 6 ] || echo x >>"d $((n - 1)).c"
		[ $n -ne 7 ] || git rm -q "d 4.c"
		commit . 03-0$n "Fix $n"
	done
	cd ..
	"$libexec/git-read" log many >log
	git -C many log -M --no-renames --format="%H" --no-merges | wc -l >n
	[ "$(grep -c "\"type\":\"commit\"" log)" -eq "$(cat n)" ]
	git -C many log -M --name-status --format="c %H" | sed "/^$/d; s/^R[0-9]*/R/" | tr "\t" " " >want
	sed -n "s/.*\"commit\":\"\([^\"]*\)\".*\"files\":\[\(.*\)\]}$/c \1 \2/p" log |
	    sed "s/ \[/\n[/; s/\],\[/]\n[/g" |
	    sed "s/^\[\"\([AMD]\)\",\"\(.*\)\"\]$/\1 \2/; s/^\[\"R\",\"\(.*\)\",\"\(.*\)\"\]$/R \2 \1/; s/ $//" >got
	diff want got
'
test_that 'merges are left out; what they brought is not' '
	git clone -q app merged
	cd merged
	git checkout -q -b side HEAD~1
	echo s >>doc/x
	commit . 02-01 "Fix on the side"
	git checkout -q main
	git merge -q --no-ff -m "Merge a fix" side
	cd ..
	fixes merged
	titles | grep "Fix on the side"
	exits 1 grep "Merge a fix" out
	tail -n 1 out | grep "\"merge\":1"
'
test_that '--rules: words of ones own' '
	printf "[fix]\n\tword = words\n\tseverity = trivial\n" >rules
	fixes --rules rules app
	are "Add words"
	grep "\"severity\":\"trivial\"" out
	exits 64 mem-from --rules rules codex app 2>err
	grep "git-fixes" err
'
test_that '--since, --until and -n' '
	fixes --since 2026-01-03 app
	are "bug: no Makefile" "net: fixes #12, a wrong sign"
	fixes --until 2026-01-03 app
	are "Fix a crash in the reader"
	fixes -n 1 app
	are "bug: no Makefile"
'

test_that '--follow: the first run takes all' '
	follow app
	stored 3 0
	grep "\"type\":\"cursor\",\"source\":\"$PWD/app\",\"offset\":5" out
'
test_that '... the second nothing' '
	follow app
	stored 0 0
	! grep "cursor\|\"record\"" out
'
test_that '... the next what is new' '
	echo y >>app/src/b.c
	commit app 03-01 "Fix b"
	follow app
	are "Fix b"
	stored 1 0
	grep "\"offset\":6" out
'
test_that '... after a rename what changed by it, as one run would give it' '
	git -C app mv src/b.c src/renamed.c
	commit app 03-02 "Rename"
	follow app
	grep "renamed, all is told again" err
	stored 2 2
	fixes app
	[ "$(files "Fix b")" = "\"src/renamed.c\"" ]
	sed -n "s/.*\"record_id\":\"\([^\"]*\)\".*/\1/p" out | sort >want
	mem-ingest -q --kb other out >/dev/null
	mem-ingest --kb fixes out | grep "\"stored\":0,\"duplicate\":4"
'
test_that '... and when history was rewritten what it is now' '
	git -C app reset -q --hard HEAD~1
	echo z >>app/src/b.c
	commit app 03-03 "Fix b otherwise"
	git -C app reflog expire --expire=now --all
	git -C app gc -q --prune=now
	follow app
	titles | grep "Fix b otherwise"
'
test_that '... what a merge brings, though it is older' '
	git clone -q clone branches
	git -C branches checkout -q -b side HEAD~1
	follow branches
	git -C branches checkout -q main
	echo x >>branches/Makefile
	commit branches 02-20 "Fix on main"
	follow branches
	git -C branches checkout -q side
	echo x >>branches/src/b.c
	commit branches 02-10 "Fix on the side, earlier"
	git -C branches checkout -q main
	git -C branches merge -q --no-ff -m "Merge" side
	follow branches
	are "Fix on the side, earlier"
'
test_that '--follow takes folders, no standard input' '
	exits 64 mem-from --follow git-fixes - 2>err
	exits 64 mem-from git-fixes 2>err
	grep "needs the folder of a repository" err
'

test_that 'a shallow clone: what is there, and no more' '
	git clone -q --depth 2 "file://$PWD/clone" shallow
	fixes shallow
	[ "$status" -eq 0 ]
	are "bug: no Makefile"
	tail -n 1 out | grep "fix whose files are not in a shallow clone\":1"
	tail -n 1 out | grep "shallow clone: older fixes are not there"
'
test_that 'a partial clone, and a sparse one' '
	git -C clone config uploadpack.allowFilter true
	git clone -q --filter=blob:none --no-checkout "file://$PWD/clone" partial
	git -C partial sparse-checkout set doc
	fixes partial
	[ "$status" -eq 0 ]
	are "bug: no Makefile" "net: fixes #12, a wrong sign" "Fix a crash in the reader"
'
test_that 'a repository without a commit' '
	repository empty
	fixes empty
	[ "$status" -eq 0 ]
	tail -n 1 out | grep "\"total\":0,\"valid\":0"
'
test_that 'what is no repository is skipped, and the others are read' '
	mkdir none
	fixes none app
	[ "$status" -eq 3 ]
	grep "cannot open the repository .*none" err
	titles | grep "Fix a crash"
	exits 2 mem-from git-fixes nowhere >out 2>err
	grep "cannot open .nowhere" err
	[ "$(wc -l <out)" -eq 1 ]
'
test_that 'a damaged object: what was read before it, and exit 3' '
	git clone -q --no-local app damaged
	cd damaged
	git unpack-objects -q <"$(ls .git/objects/pack/*.pack)" || :
	mkdir ../packs
	mv .git/objects/pack/* ../packs
	for p in ../packs/*.pack; do git unpack-objects -q <"$p"; done
	tree=$(git rev-parse HEAD~3^{tree})
	f=.git/objects/$(echo "$tree" | cut -c1-2)/$(echo "$tree" | cut -c3-)
	chmod u+w "$f"
	rm "$f"
	cd ..
	fixes damaged
	[ "$status" -eq 3 ]
	grep "the folder .\.. of a commit is missing; git fsck" err
	titles | grep "Fix b otherwise"
'
test_that 'hostile names of files' '
	repository odd
	cd odd
	name=$(printf "new\nline \"quoted\" \\\\ \033[31m\t")
	latin=$(printf "caf\351")
	mkdir -- "-d" "$latin"
	echo 1 >"$name"
	echo 1 >"-d/--help"
	echo 1 >"$latin/x"
	echo 1 >"%E9"
	echo 1 >"\$(touch oops)"
	commit . 01-01 "Fix names"
	cd ..
	fixes odd
	[ "$status" -eq 0 ]
	jq -r "select(.type==\"record\").fields.affected_files[]|@json" <out | sort >got
	{
		printf "%s\n" "\"\$(touch oops)\"" "\"%25E9\"" "\"-d/--help\"" "\"caf%E9/x\""
		printf "%s\n" "\"new\\nline \\\"quoted\\\" \\\\ \\u001b[31m\\t\""
	} | sort >want
	diff want got
	[ ! -e oops ] && [ ! -e odd/oops ]
'
test_that 'hostile subjects, times and trees' '
	repository bad
	cd bad
	blob=$(echo x | git hash-object -w --stdin)
	raw=$(printf "%s" "$blob" | sed "s/../\\\\x&/g")
	python3 -c "
import sys
b = bytes.fromhex(sys.argv[1])
sys.stdout.buffer.write(b\"\".join(b\"100644 \" + n + b\"\\0\" + b
    for n in (b\"..\", b\"../../x\", b\"ok\")))" "$blob" >tree
	tree=$(git hash-object -w -t tree --literally tree)
	printf "tree %s\nauthor A <a> 99999999999999999 +0000\ncommitter C <c> -5 +9999\n\nFix \377\033[31m\nmore\n" "$tree" >c
	id=$(git hash-object -w -t commit --literally c)
	git update-ref refs/heads/main "$id"
	cd ..
	fixes bad
	jq -c "select(.type==\"record\").fields.affected_files" <out >got
	echo "[\"ok\"]" | cmp - got
	LC_ALL=C grep -c "$(printf "\033")" out >n || :
	[ "$(cat n)" -eq 0 ]
'
test_that 'a tree that unpacks to 70 MB is not unpacked' '
	repository bomb
	cd bomb
	tree=$(head -c 70000000 /dev/zero | git hash-object -w -t tree --literally --stdin)
	printf "tree %s\nauthor A <a> 1 +0000\ncommitter C <c> 1 +0000\n\nFix\n" "$tree" >c
	git update-ref refs/heads/main "$(git hash-object -w -t commit --literally c)"
	cd ..
	fixes bomb
	[ "$status" -eq 3 ]
	grep "the folder .\.. of a commit is missing" err
'
test_that 'a submodule is no file' '
	repository sub
	git -C sub update-index --add --cacheinfo "160000,$(git -C app rev-parse HEAD),lib"
	GIT_AUTHOR_DATE="2026-01-01T00:00:00Z" git -C sub commit -q -m "Fix the library"
	fixes sub
	tail -n 1 out | grep "\"fix of no file\":1"
'
test_that 'a repository of another user is only read' '
	mkdir -p own
	cp -R app own/app
	printf "[core]\n\tfsmonitor = touch %s/ran\n\tsshCommand = touch %s/ran\n" "$PWD" "$PWD" >>own/app/.git/config
	[ "$(id -u)" -ne 0 ] || chown -R 12345 own/app
	fixes own/app
	[ "$status" -eq 0 ]
	[ ! -e ran ]
'
test_done
