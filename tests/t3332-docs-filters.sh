#!/bin/sh
# mem-from docs: filters of the configuration, and what ends docs-read.
. "${0%/*}/lib-docs.sh"
libexec=$(cd "${MEM_BIN:-$top/bin}/../libexec/memkit" && pwd)
export libexec

# filter KEY VALUE: the only setting but for others that are named
filter() {
	mem-admin init >/dev/null
	mem-admin config set "$@"
}

test_that 'a filter makes text of what has no reader' '
	printf "%%PDF-1.4\nthe words inside\n" >d/x.pdf
	docs d
	[ $status -eq 0 ]
	has
	grep -F "\"no reader of application/pdf\":1" out
	filter filter.pdf "sed 1d"
	docs d
	[ $status -eq 0 ]
	has x.pdf
	grep "\"type\":\"chunk\"" out | grep "\"text\":\"the words inside\""
	[ "$(grep "\"type\":\"document\"" out | jl hash)" = \
	    "$(sha256sum <d/x.pdf | cut -d" " -f1)" ]
	[ "$(grep "\"type\":\"document\"" out | jl media_type)" = application/pdf ]
'
test_that 'form feeds are pages' '
	rm -rf d "$MEM_STORE"
	mkdir d
	echo x >d/x.pdf
	filter filter.pdf "printf \"one two\\n\\fthree four\\n\\ffive\\n\""
	docs d
	grep -F "\"pages\":3" out
	grep "\"type\":\"chunk\"" out | grep -F "\"page\":1,\"page_end\":3,"
'
test_that 'it may print HTML or Markdown, and be named by a media type' '
	rm -rf d "$MEM_STORE"
	mkdir d
	printf "%%PDF-1.4\n" >d/x
	mem-admin init >/dev/null
	printf "[filter \"application/pdf\"]\n\tcommand = \"echo %s\"\n\tas = html\n" \
	    "\\\"<h1>Top</h1><p>below\\\"" >"$MEM_STORE/config"
	docs d
	has x
	grep -F "\"heading\":[\"Top\"]" out
	printf "[filter]\n\tpdf = cat\n[filter \"pdf\"]\n\tas = word\n" >"$MEM_STORE/config"
	exits 2 mem-from docs d >out 2>err
	grep "filter.pdf.as. is text, markdown or html" err
'
test_that 'what it cannot do is told with its status and its words' '
	rm -rf d "$MEM_STORE"
	mkdir d
	echo x >d/x.pdf
	echo words >d/y.txt
	filter filter.pdf "echo half; echo it is all wrong >&2; exit 7"
	docs d
	[ $status -eq 3 ]
	has y.txt
	grep "x.pdf: its filter ended with status 7: it is all wrong" err
	filter filter.pdf "/nonexistent/tool -"
	docs d
	[ $status -eq 3 ]
	grep "x.pdf: its filter ended with status 127" err
'
test_that 'it is killed with its children when its time is over' '
	rm -rf d "$MEM_STORE"
	mkdir d
	echo x >d/x.pdf
	filter filter.pdf "sleep 987 & sleep 986"
	mem-admin config set docs.filterTime 1
	docs d
	[ $status -eq 3 ]
	grep "took longer than 1 s; docs.filterTime" err
	for p in /proc/[0-9]*; do
		! tr "\0" " " <"$p/cmdline" 2>/dev/null | grep -x "sleep 98[67] "
	done
'
test_that 'nor may it print without end, or take all memory' '
	rm -rf d "$MEM_STORE"
	mkdir d
	echo x >d/x.pdf
	filter filter.pdf "yes words and words"
	mem-admin config set docs.filterBytes 1M
	docs d
	[ $status -eq 3 ]
	grep "printed more than 1048576 bytes; docs.filterBytes" err
'
test_that 'one that reads nothing, and one that gets more than a pipe holds' '
	rm -rf d "$MEM_STORE"
	mkdir d
	yes "line of the document" | head -n 200000 >d/x.pdf
	filter filter.pdf "echo I know it all"
	docs d
	[ $status -eq 0 ]
	grep "I know it all" out
	[ "$(grep "\"type\":\"document\"" out | jl hash)" = \
	    "$(sha256sum <d/x.pdf | cut -d" " -f1)" ]
	filter filter.pdf "tail -n 1; wc -l"
	docs d
	[ $status -eq 0 ]
	filter filter.pdf "wc -l"
	docs d
	grep "\"text\":\"200000\"" out
'
test_that 'another filter: what was read is read again' '
	rm -rf d "$MEM_STORE"
	mkdir d
	echo x >d/x.pdf
	filter filter.pdf "echo one"
	docs d
	keep
	docs d
	has
	filter filter.pdf "echo two"
	docs d
	has x.pdf
'
test_that 'a configuration that others can write commands no filter' '
	[ "$(id -u)" -ne 0 ] || chown 65534 "$MEM_STORE/config" || exit 0
	chmod 666 "$MEM_STORE/config"
	exits 2 mem-from docs d >out 2>err
	grep "filter.pdf is not obeyed" err
	rm -f "$MEM_STORE/config"
'
test_that 'what ends docs-read costs one file' '
	rm -rf d "$MEM_STORE"
	mkdir d
	echo one >d/a.txt
	echo two >d/b.pdf
	echo three >d/c.txt
	filter filter.pdf "kill -KILL \$PPID; sleep 5"
	docs d
	[ $status -eq 3 ]
	has a.txt c.txt
	grep "b.pdf: unreadable: .docs-read. was killed by signal 9" err
	grep -F "\"skipped_reasons\":{\"unreadable\":1}" out
'
test_that 'of an archive one member' '
	command -v python3 >/dev/null || exit 0
	rm -f z.zip d/*
	echo one >a.txt
	echo two >b.pdf
	echo three >c.txt
	echo four >d.txt
	echo five >e.pdf
	python3 -m zipfile -c in.zip c.txt b.pdf d.txt
	python3 -m zipfile -c last.zip b.pdf
	python3 -m zipfile -c d/z.zip a.txt b.pdf c.txt in.zip last.zip \
	    e.pdf d.txt
	docs d
	[ $status -eq 3 ]
	has z.zip/a.txt z.zip/c.txt z.zip/in.zip/c.txt z.zip/in.zip/d.txt \
	    z.zip/d.txt
	for m in b.pdf in.zip/b.pdf last.zip/b.pdf e.pdf; do
		grep "z.zip/$m: unreadable: .docs-read. was killed by signal 9" \
		    err
	done
	[ "$(grep -c "by signal 9" err)" -eq 4 ]
	[ "$(end skipped)" -eq 4 ]
	grep "\"type\":\"cursor\"" out | grep part
'
test_that 'but not without end' '
	command -v python3 >/dev/null || exit 0
	python3 -c "
import zipfile
z = zipfile.ZipFile(\"d/z.zip\", \"w\")
for i in range(40):
	z.writestr(\"%02d.pdf\" % i, \"x\")
z.writestr(\"z.txt\", \"x\")
z.close()"
	echo more >d/zz.txt
	docs d
	[ $status -eq 3 ]
	has zz.txt
	[ "$(grep -c "by signal 9" err)" -eq 16 ]
	grep "z.zip: what comes after that is not read" err
'
test_that 'settings are obeyed before there is a database' '
	rm -rf d "$MEM_STORE"
	mkdir -p d "$MEM_STORE"
	echo x >d/x.pdf
	yes "these are five words more" | head -n 20000 >d/y.txt
	printf "[filter]\n\tpdf = cat\n[docs]\n\tmaxBytes = 100k\n" \
	    >"$MEM_STORE/config"
	docs d
	[ $status -eq 3 ]
	has x.pdf
	grep "docs.maxBytes" err
	# one of which the first look takes all
	echo "twenty-four bytes it has" >d/y.txt
	docs --max-bytes 24 d
	[ $status -eq 3 ]
	has x.pdf
	grep "y.txt: is larger than 24 bytes; docs.maxBytes" err
	docs --max-bytes 25 d
	has x.pdf y.txt
	chmod 666 "$MEM_STORE/config"
	exits 2 mem-from docs d >out 2>err
	grep "filter.pdf is not obeyed" err
	chmod 600 "$MEM_STORE/config"
	echo "[docs" >"$MEM_STORE/config"
	exits 2 mem-from docs d >out 2>err
	grep config err
	rm "$MEM_STORE/config"
'
test_that 'the limit of a part can be set' '
	command -v python3 >/dev/null || exit 0
	rm -rf d "$MEM_STORE"
	mkdir d
	python3 "$tests/docs/make-office.py" xlsx d/x.xlsx
	filter docs.maxPart 8
	docs d
	[ $status -eq 3 ]
	grep "docs.maxPart" err
	mem-admin config set docs.maxPart 1M
	docs d
	[ $status -eq 0 ]
	has x.xlsx
'
test_that 'docs-read takes no more memory than it may' '
	rm -rf d "$MEM_STORE"
	mkdir d
	echo one >d/a.txt
	filter docs.maxMemory 64M
	docs d
	[ $status -eq 0 ]
	has a.txt
	exits 2 mem-admin config set docs.maxMemory 1M 2>err || :
'
# says LINE: mem-from, with a docs-read that says this of d/a.txt
says() {
	mkdir -p p/bin p/libexec/memkit
	cp "$(command -v mem-from)" p/bin/
	printf "%s\n" "$1" >p/line
	printf "#!/bin/sh\nread -r o\nread -r q\ncat \"%s\"\n%s\nread -r q\n" \
	    "$PWD/p/line" "echo \"{\\\"type\\\":\\\"done\\\"}\"" \
	    >p/libexec/memkit/docs-read
	chmod 755 p/libexec/memkit/docs-read
	status=0
	p/bin/mem-from docs --store none d/a.txt >out 2>err || status=$?
}
test_that 'docs-read can say nothing of another file' '
	rm -rf d
	mkdir d
	echo one >d/a.txt
	doc="{\"type\":\"document\",\"document_id\":"
	says "$doc\"a.txt\",\"path\":\"a.txt\"}"
	[ $status -eq 0 ]
	has a.txt
	says "$doc\"a.txt/b\",\"path\":\"a.txt/b\"}"
	[ $status -eq 0 ]
	has a.txt/b
	for l in "\"a.txt2\",\"path\":\"a.txt2\"" \
	    "\"b.txt\",\"path\":\"a.txt\"" \
	    "\"a.txt\",\"path\":\"a.txt\",\"document_id\":\"b\"" \
	    "\"a.txt\",\"path\":\"a.txt\",\"kb\":\"other\""; do
		says "$doc$l}"
		[ $status -eq 3 ]
		has
		says "$(echo "$doc$l}" | sed s/document/chunk/)"
		[ $status -eq 3 ]
		exits 1 grep chunk out
	done
'
test_that 'docs-read alone: questions and answers are lines' '
	printf "hello\n" >h.txt
	printf "{\"type\":\"read\",\"name\":\"h.txt\",\"source\":\"file:///h\",\"path\":\"%s\"}\n" \
	    "$(printf "%s/h.txt" "$PWD" | od -An -v -tx1 | tr -d " \n")" |
	    "$libexec/docs-read" >out
	has h.txt
	tail -n 1 out | grep "^{\"type\":\"done\",\"hash\":\"5891b5"
	exits 2 "$libexec/docs-read" <h.txt >out 2>err
	echo "{\"type\":\"what\"}" | exits 2 "$libexec/docs-read" 2>err
	exits 0 "$libexec/docs-read" --version >out
'
test_done
