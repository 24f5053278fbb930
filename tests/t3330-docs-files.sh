#!/bin/sh
# mem-from docs: which files are read, what is told of them, and what is new
# the next time.
. "${0%/*}/lib-docs.sh"
schema=$top/share/schema
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema

# folder: one with a bit of everything
folder() {
	rm -rf d e
	mkdir -p d/sub d/.git d/CVS
	printf -- '---\ntitle: Bolts\nauthor: ann\ntags: [m8, torque]\ndate: 2024-05-01\n---\n# Bolts\n\nTighten to 25 Nm.\n' >d/b.md
	printf 'First words.\n\nAnd more.\n' >d/a.txt
	printf 'int\nmain(void)\n{\n\treturn 0;\n}\n' >d/sub/m.c
	echo no >d/.hidden.txt
	echo no >d/.git/config
	echo no >d/CVS/Root
	echo no >d/a.txt~
	touch -d 2025-01-02T03:04:05Z d/a.txt d/b.md d/sub/m.c
}

test_that 'files of a folder are documents, in the order of their names' '
	folder
	docs d
	[ $status -eq 0 ]
	has a.txt b.md sub/m.c
	sed -n 1p out | grep "\"type\":\"start\",\"format\":\"docs\",\"source\":\"d\""
	[ "$(end total)" = 3 ]
	[ "$(end valid)" = 3 ]
'
test_that 'what is told of a document is what it tells of itself' '
	folder
	docs d
	grep "^{\"type\":\"document\",\"document_id\":\"b.md\"" out >one
	[ "$(jl title <one)" = Bolts ]
	[ "$(jl author <one)" = ann ]
	grep -F "\"tags\":[\"m8\",\"torque\"]" one
	[ "$(jl media_type <one)" = text/markdown ]
	[ "$(jl timestamp <one)" = 1714521600000 ]
	[ "$(jl hash <one)" = "$(sha256sum <d/b.md | cut -d" " -f1)" ]
	[ "$(jl size_bytes <one)" = "$(wc -c <d/b.md)" ]
	[ "$(jl source <one)" = "file://$work/d/b.md" ]
	grep "^{\"type\":\"chunk\",\"document_id\":\"b.md\"" out >chunk
	[ "$(jl timestamp <chunk)" = 1714521600000 ]
	grep -F "\"heading\":[\"Bolts\"]" chunk
	grep -F "25 Nm" chunk
	grep "^{\"type\":\"document\",\"document_id\":\"a.txt\"" out |
	    jl timestamp >t
	[ "$(cat t)" = 1735787045000 ]
'
test_that 'a document names the chunks that came before it' '
	folder
	docs d
	grep "^{\"type\":\"chunk\"" out | jl chunk_id | sort >told
	grep "^{\"type\":\"document\"" out |
	    sed "s/.*\"chunks\":\[\([^]]*\)\].*/\1/" | tr -d "\"" |
	    tr , "\n" | grep . | sort >named
	[ -s told ]
	cmp told named
'
test_that 'what is printed is valid' '
	folder
	docs d
	"$helper" "$schema" out
'
test_that 'links, FIFOs and hidden things are left out; --hidden asks for them' '
	folder
	ln -s a.txt d/link.txt
	ln -s /etc d/etc
	mkfifo d/pipe
	docs d
	has a.txt b.md sub/m.c
	end dropped_reasons
	grep -F "\"symbolic link\":2,\"not a regular file\":1" out
	docs --hidden d
	has .git/config .hidden.txt CVS/Root a.txt b.md sub/m.c
'
test_that '--include and --exclude are of names and of paths' '
	folder
	docs --include "*.md,sub/*" d
	has b.md sub/m.c
	docs --exclude sub,a.txt d
	has b.md
'
test_that 'an operand may be a link, a file, or standard input' '
	folder
	ln -s d there
	docs there
	has a.txt b.md sub/m.c
	docs d/sub/m.c d/a.txt
	has m.c a.txt
	status=0
	mem-from docs - <d/b.md >out 2>err
	has -
	[ "$(grep "\"document\"" out | jl size_bytes)" = "$(wc -c <d/b.md)" ]
	exits 1 grep "\"type\":\"cursor\"" out
	cat d/b.md | mem-from docs >out
	has -
'
test_that 'two files of one name: the second one is called by its folder, too' '
	folder
	mkdir -p e
	echo others >e/a.txt
	docs d e
	[ $status -eq 0 ]
	has a.txt b.md sub/m.c e/a.txt
	grep "/e/a.txt. is called .e/a.txt.: .*/d/a.txt. has that" err
'
test_that 'so it is if they are read one after the other, and stays so' '
	folder
	fresh_store
	mkdir -p e
	echo others >e/a.txt
	docs d
	keep
	docs e
	has e/a.txt
	grep "/e/a.txt. is called .e/a.txt.: .*/d/a.txt. has that" err
	keep
	docs d
	has
	docs e
	has
	echo more >>e/a.txt
	docs e d
	has e/a.txt
	exits 1 grep "is called" err
	rm e/a.txt
	echo none >e/b.txt
	docs e
	has b.txt -e/a.txt
'
test_that 'a name of another file that is not of this run: nothing is withdrawn' '
	folder
	fresh_store
	mkdir -p e
	echo others >e/b.txt
	docs d
	keep
	docs e
	keep
	mv d/a.txt e/
	docs e
	has a.txt
	keep
	docs d
	has
	grep "document .a.txt. is kept: .*/e/a.txt. has one of that name" err
	keep
	docs d
	grep "document .a.txt. is kept" err
	docs e d
	has
	keep
	docs d
	exits 1 grep "is kept" err
'
test_that 'a knowledge base that is named has cursors of its own' '
	folder
	fresh_store
	docs --kb "one: 1" d
	has a.txt b.md sub/m.c
	grep -E "^\{\"type\":\"(chunk|document)\"" out >lines
	exits 1 grep -v "\"kb\":\"one: 1\"}$" lines
	grep "\"source\":\"kb:one%3A%201:$PWD/d/a.txt\"" out
	mem-ingest -q <out >/dev/null
	docs d
	has a.txt b.md sub/m.c
	mem-ingest -q --kb two <out >/dev/null
	docs --kb three d
	has a.txt b.md sub/m.c
	mem-ingest -q --kb two <out >/dev/null
	for kb in "one: 1" three; do
		docs --kb "$kb" d
		has
		mem-search --in document --kb "$kb" -c word >n || :
	done
	docs d
	has
	exits 64 mem-from docs --kb a/b d
'
test_that 'and is the only one that what is gone is withdrawn from' '
	rm d/a.txt
	docs --kb three d
	has -a.txt
	grep "\"status\":\"withdrawn\".*\"kb\":\"three\"" out
	mem-ingest -q <out >/dev/null
	docs --kb three d
	has
	docs --kb "one: 1" d
	has -a.txt
	exits 1 grep "is kept" err
	docs d
	has -a.txt
'
test_that 'of one base that is named two files of one name leave it to the one' '
	folder
	fresh_store
	mkdir -p e
	echo others >e/b.txt
	docs --kb k d
	mem-ingest -q <out >/dev/null
	docs --kb k e
	mem-ingest -q <out >/dev/null
	mv d/a.txt e/
	docs --kb k e
	has a.txt
	mem-ingest -q <out >/dev/null
	docs --kb k d
	has
	exits 1 grep "is kept" err
	mem-ingest -q <out >/dev/null
	docs --kb k e d
	has
'
test_that 'names are composed, as everywhere' '
	rm -rf d
	mkdir -p d/u
	fresh_store
	nfd=$(printf "re\314\201sume\314\201.txt")
	nfc=$(printf "r\303\251sum\303\251.txt")
	echo one >"d/$nfd"
	[ ! -e "d/$nfc" ] || exit 0
	docs d
	has "$nfc"
	keep
	docs d
	has
	mv "d/$nfd" "d/$nfc"
	docs d
	has "$nfc"
	keep
	rm d/*.txt
	echo two >"d/u/$nfd"
	docs d
	has "u/$nfc" "-$nfc"
	# two that differ in nothing else
	echo three >"d/u/$nfc"
	docs d
	[ "$(ids | grep -c "^[^-]")" -eq 2 ]
	grep "is called .d/u/$nfc.:" err
'
test_that 'names that are no UTF-8 have %XX, and long ones a hash' '
	rm -rf d
	mkdir d
	echo one >"d/$(printf "x\377y.txt")" || exit 0
	n=$(printf "%0100d" 7)
	mkdir -p "d/$n/$n/$n"
	echo two >"d/$n/$n/$n/a.txt"
	docs d
	[ $status -eq 0 ]
	ids | grep -x "x%FFy.txt"
	ids | grep -E "^0{99}7/.*%-[0-9a-f]{16}$" >long
	[ "$(wc -c <long)" -eq 256 ]
	grep -c "\"path\":\"$n/$n/$n/a.txt\"" out
'
test_that 'the second time nothing is printed, and nothing is opened' '
	folder
	fresh_store
	docs d
	keep
	chmod 0 d/a.txt
	docs d
	[ $status -eq 0 ]
	has
	[ "$(wc -l <out)" -eq 2 ]
	grep -F "\"dropped_reasons\":{\"unchanged\":3}" out
	chmod 644 d/a.txt
'
test_that 'touched, but the same: a cursor; changed: a document' '
	folder
	fresh_store
	docs d
	keep
	touch d/a.txt
	docs d
	has
	[ "$(grep -c "\"type\":\"cursor\"" out)" -eq 1 ]
	keep
	docs d
	[ "$(wc -l <out)" -eq 2 ]
	echo "More words." >>d/a.txt
	docs d
	has a.txt
	[ "$(grep -c "\"type\":\"cursor\"" out)" -eq 1 ]
'
test_that 'a paragraph that is put in changes no chunk of another section' '
	rm -rf d
	mkdir d
	for i in 1 2 3 4 5 6; do
		echo "## Section $i"
		echo
		for k in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
			echo "Of section $i the words number $k are these and others, so that there are enough."
		done
		echo
	done >d/long.md
	docs d
	grep "\"type\":\"chunk\"" out | jl chunk_id | sort >one
	sed -i "s/^## Section 3$/&\n\nA paragraph more./" d/long.md
	docs d
	grep "\"type\":\"chunk\"" out | jl chunk_id | sort >two
	[ "$(wc -l <one)" -ge 6 ]
	[ "$(comm -12 one two | wc -l)" -ge $(($(wc -l <one) - 2)) ]
'
test_that 'other options: all is read again; --all asks for it' '
	folder
	fresh_store
	docs d
	keep
	docs --words 30-60 d
	has a.txt b.md sub/m.c
	docs --all d
	has a.txt b.md sub/m.c
	docs d
	has
'
test_that 'a file that is gone: its document is withdrawn, once' '
	folder
	fresh_store
	docs d
	keep
	rm d/sub/m.c
	docs --gone keep d
	has
	grep "source gone, kept" out
	docs d
	has -sub/m.c
	"$helper" "$schema" out
	keep
	docs d
	has
	echo "int x;" >d/sub/m.c
	docs d
	has sub/m.c
'
test_that 'not when all files of a folder are gone: a disk may not be there' '
	folder
	fresh_store
	docs d
	keep
	mv d away
	mkdir d
	docs d
	[ $status -eq 0 ]
	has
	grep "documents of it are kept" err
	rmdir d
	docs d
	has
	mv away d
	docs d
	has
	[ "$(wc -l <out)" -eq 2 ]
'
test_that 'a name that another file has by now is not withdrawn' '
	folder
	fresh_store
	mkdir -p e
	cp d/a.txt e/
	docs d
	keep
	rm d/a.txt
	docs e d
	has a.txt
'
test_that 'a file without its documents withdraws them' '
	folder
	fresh_store
	docs d
	keep
	printf "\211PNG\r\n\032\n\0\0\0\15IHDR" >d/a.txt
	docs d
	has -a.txt
	[ $status -eq 0 ]
	grep -F "\"no reader of image/png\":1" out
'
test_that 'nearly the same document: said, within a run and after it' '
	rm -rf d
	mkdir d
	seq -f "The line number %.0f has these words in it." 1 200 >d/a.txt
	sed "100s/words/changes/" d/a.txt >d/b.txt
	seq -f "Row %.0f is quite another thing to read about." 1 200 >d/c.txt
	fresh_store
	docs d
	grep "\"document_id\":\"b.txt\".*\"near\":\"a.txt\"" out
	[ "$(grep -c "\"near\":" out)" -eq 1 ]
	grep -F "\"notes\":{\"document that says nearly what another one says\":1}" out
	keep
	cp d/b.txt d/d.txt
	docs d
	has d.txt
	grep "\"near\":\"[ab].txt\"" out
	mv d/c.txt d/e.txt
	docs d
	grep "\"document_id\":\"e.txt\"" out >one
	! grep "\"near\"" one
'
test_that 'a file that is there is not withdrawn, whatever its name' '
	rm -rf d
	mkdir d
	echo one >"d/$(printf "x\377y.txt")" || exit 0
	echo two >d/b.txt
	echo three >"d/%FF.txt"
	fresh_store
	docs d
	has %25FF.txt b.txt x%FFy.txt
	keep
	docs --include b.txt d
	has
	rm d/x*
	docs d
	has -x%FFy.txt
	grep "\"source\":\"file://$work/d/x%FFy.txt\"" out
'
test_that 'a byte that is no UTF-8 is not the text that stands for it' '
	rm -rf d
	mkdir d
	echo one >"d/$(printf "a\377.md")" || exit 0
	echo two >d/a%FF.md
	echo three >d/b%C3%A9.md
	echo four >d/c%20d.md
	fresh_store
	docs d
	has a%25FF.md a%FF.md b%25C3%25A9.md c%20d.md
	keep
	docs d
	has
	rm d/a%FF.md d/b*
	docs d
	has -a%25FF.md -b%25C3%25A9.md
	grep "\"source\":\"file://$work/d/b%25C3%25A9.md\"" out
'
test_that 'misuse' '
	folder
	for o in "--words 5-10" "--words 300" "--words 400-200" "--follow" \
	    "-n 3" "--gone never"; do
		# shellcheck disable=SC2086
		exits 64 mem-from docs $o d >out 2>err
	done
	exits 2 mem-from docs none >out 2>err
	! grep "\"type\":\"end\"" out
'
test_done
