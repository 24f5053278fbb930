#!/bin/sh
# mem-from docs: what a document is called by names of bytes that no id may
# hold, what is refused leaves no chunk, what operands and dates mean.
. "${0%/*}/lib-docs.sh"
. "$tests/lib-store.sh"

# import [ARG ...]: d, as it is, into k
import() {
	mem-from docs --kb k "$@" d 2>err | mem-ingest 2>err2 || status=$?
}

test_that 'control characters in names of files stand as %XX' '
	fresh_store
	rm -rf d
	mkdir d
	for c in "\t" "\n" "\033" "\177" "\302\205"; do
		# the dot keeps the newline
		n=$(printf "a${c}b.md.")
		printf "# x\nword\n" >"d/${n%.}" || exit 0
	done
	mkdir "d/$(printf "f\tg")"
	echo word >"d/$(printf "f\tg")/h.md"
	docs --kb k d
	[ $status -eq 0 ]
	has a%09b.md a%0Ab.md a%1Bb.md a%7Fb.md a%C2%85b.md f%09g/h.md
	grep "\"source\":\"file://$work/d/a%0Ab.md\",\"path\":\"a%0Ab.md\"" out
	mem-ingest <out >told
	grep "\"rejected\":{}" told
	[ "$(sql "SELECT count(*) FROM record WHERE type = \":document\"")" -eq 6 ]
	docs --kb k d
	has
	rm -r d/f*
	docs --kb k d
	has -f%09g/h.md
'
test_that 'a cursor of a name that no store takes counts for nothing' '
	fresh_store
	rm -rf d
	mkdir d
	echo word >"d/$(printf "a\tb.md")"
	docs --kb k d
	# as it was printed before
	sed -n "/\"type\":\"cursor\"/s/a%09b/a\\\\tb/gp" out >old
	grep -F "a\\tb.md" old
	mem-ingest -q <old
	docs --kb k d
	has a%09b.md
'
test_that 'two that are called the same by that are told apart' '
	fresh_store
	rm -rf d
	mkdir d
	echo one >"d/$(printf "a\tb.md")"
	echo two >d/a%09b.md
	docs d
	has a%09b.md d/a%09b.md
	grep "is called .d/a%09b.md." err
'
command -v python3 >/dev/null && test_that 'what is refused leaves no chunk' '
	fresh_store
	rm -rf d
	mkdir d
	mem-admin config set docs.maxRatio 20
	python3 - <<E2
import zipfile
with zipfile.ZipFile("d/z.zip", "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("a.md", "# A\n\nordinary words\n")
    z.writestr("bomb.md", "# Bomb\n\n" + "zebraword and more.\n\n" * 150000)
    z.writestr("c.md", "# C\n\nnever read\n")
E2
	docs --kb k d
	[ $status -eq 3 ]
	has z.zip/a.md
	grep "20 times its size" err
	[ "$(grep -c "^{\"type\":\"chunk\"" out)" -eq 1 ]
	mem-ingest -q <out || [ $? -eq 3 ]
	[ "$(sql "SELECT count(*) FROM record WHERE type = \":chunk\"")" -eq 1 ]
'
test_that 'nor does what ends its reader in the middle of it' '
	rm -rf d p
	mkdir -p d p/bin p/libexec/memkit
	echo one >d/a.txt
	echo two >d/b.txt
	cp "$(command -v mem-from)" p/bin/
	cat >p/libexec/memkit/docs-read <<-"E2"
	#!/bin/sh
	read -r o
	while read -r q; do
		case $q in
		*"\"name\":\"a.txt\""*)
			echo "{\"type\":\"chunk\",\"document_id\":\"a.txt\",\"chunk_id\":\"8110e69934add84a\",\"text\":\"zebraword\",\"path\":\"a.txt\"}"
			kill -KILL $$ ;;
		esac
		echo "{\"type\":\"document\",\"document_id\":\"b.txt\",\"path\":\"b.txt\",\"chunks\":[]}"
		echo "{\"type\":\"done\"}"
	done
	E2
	chmod 755 p/libexec/memkit/docs-read
	status=0
	p/bin/mem-from docs --store none d >out 2>err || status=$?
	[ $status -eq 3 ]
	has b.txt
	grep "a.txt: unreadable" err
	exits 1 grep zebraword out
'
test_that 'a long document comes whole' '
	fresh_store
	rm -rf d
	mkdir d
	awk "BEGIN { for (i = 0; i < 100000; i++)
		print \"A word \" i \" of a long text.\\n\" }" >d/long.txt
	echo short >d/short.txt
	docs --kb k d
	[ $status -eq 0 ]
	has long.txt short.txt
	[ "$(grep -c "^{\"type\":\"chunk\"" out)" -gt 1000 ]
	grep "^{\"type\":\"chunk\"" out | jl chunk_id >told
	grep "^{\"type\":\"document\"" out |
	    sed "s/.*\"chunks\":\[\([^]]*\)\].*/\1/" | tr -d "\"" |
	    tr , "\n" | grep . >named
	sort -u told >t
	sort -u named >n
	cmp t n
'
test_that 'a file of which a record was rejected is read again' '
	fresh_store
	rm -rf d
	mkdir d
	echo one >d/a.txt
	echo two >d/b.txt
	docs --kb k d
	sed "/\"type\":\"chunk\",\"document_id\":\"a.txt\"/s/\"text\"/\"test\"/" \
	    out >hurt
	mem-ingest -q <hurt || [ $? -eq 3 ]
	docs --kb k d
	has a.txt
	mem-ingest -q <out
	docs --kb k d
	has
	# what was stored of one that never came whole goes with it
	echo three >d/c.txt
	docs --kb k d
	sed "/\"type\":\"chunk\"/s/\"text\"/\"test\"/" out >hurt
	mem-ingest -q <hurt || [ $? -eq 3 ]
	rm d/c.txt
	docs --kb k d
	has -c.txt
'
test_that 'an empty operand is no folder' '
	fresh_store
	rm -rf d
	mkdir d
	echo one >d/a.txt
	echo two >d/b.txt
	docs d
	keep
	for o in "" "$work/none"; do
		docs "$o"
		[ $status -eq 2 ]
		exits 1 grep "\"type\":\"end\"" out
	done
	docs ""
	grep "an operand is empty" err
	docs d ""
	[ $status -eq 2 ]
	has
'
test_that 'what a filter prints is known when that is set' '
	fresh_store
	mem-admin init >/dev/null
	exits 2 mem-admin config set filter.htmx.as nope 2>err
	grep "filter.htmx.as. is text, markdown or html, not .nope" err
	exits 2 mem-admin config set filter.htmx "" 2>err
	grep "name a command" err
	exits 1 mem-admin config get filter.htmx.as
	mem-admin config set filter.htmx cat
	mem-admin config set filter.htmx.as html
	mem-admin config set filter.tar.z.command cat
	rm -rf d
	mkdir d
	echo "<p>one" >d/a.htmx
	docs d
	[ $status -eq 0 ]
	has a.htmx
'
# dated NAME: the day that this document is of
dated() {
	grep "\"type\":\"document\",\"document_id\":\"$1\"" out |
	    sed "s/.*\"timestamp\":\([0-9]*\)...,.*/\1/" >ms
	date -u -d "@$(cat ms)" +%F
}
test_that 'the date that a document gives itself is its date' '
	rm -rf d
	mkdir d
	m="<meta name=\"dcterms.modified\" content=\"2026-01-02\">"
	for n in date dc.date dcterms.date dcterms.issued; do
		echo "<html><head>$m" \
		    "<meta name=\"$n\" content=\"2025-03-04\">" \
		    "</head><body><p>one" >d/$n.html
	done
	echo "<html><head>$m</head><body><p>one" >d/m.html
	printf -- "---\nupdated: 2026-01-02\ndate: 2025-03-04\n---\none\n" >d/f.md
	docs --store none d
	for n in date.html dc.date.html dcterms.date.html \
	    dcterms.issued.html f.md; do
		[ "$(dated $n)" = 2025-03-04 ]
	done
	[ "$(dated m.html)" = 2026-01-02 ]
'
command -v python3 >/dev/null &&
test_that 'so of books; of office files it is the last change' '
	rm -rf d
	mkdir d
	python3 "$tests/docs/make-office.py" docx x.docx
	python3 - <<E2
import zipfile
with zipfile.ZipFile("x.docx") as i, zipfile.ZipFile("d/x.docx", "w") as z:
    for n in i.namelist():
        z.writestr(n, i.read(n).replace(b"</dcterms:created>",
            b"</dcterms:created><dcterms:modified>2026-01-02T00:00:00Z"
            b"</dcterms:modified>"))
with zipfile.ZipFile("d/b.epub", "w") as z:
    z.writestr("mimetype", "application/epub+zip")
    z.writestr("META-INF/container.xml", """<container version="1.0"
xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles><rootfile
full-path="o.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>""")
    z.writestr("o.opf", """<package xmlns="http://www.idpf.org/2007/opf"
version="3.0"><metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<meta property="dcterms:modified">2026-01-02T00:00:00Z</meta>
<dc:title>T</dc:title><dc:date>2025-03-04</dc:date></metadata><manifest>
<item id="c" href="c.xhtml" media-type="application/xhtml+xml"/></manifest>
<spine><itemref idref="c"/></spine></package>""")
    z.writestr("c.xhtml", """<html xmlns="http://www.w3.org/1999/xhtml"><body>
<p>one</p></body></html>""")
E2
	docs --store none d
	[ "$(dated b.epub)" = 2025-03-04 ]
	[ "$(dated x.docx)" = 2026-01-02 ]
'
test_done
