#!/bin/sh
# Zipped documents (docx, odt, epub, xlsx, pptx): made from the rules of their
# formats, and by programs that people use, where these are there.
. "${0%/*}/lib.sh"
blocks=${MEM_BIN:-$top/bin}/../obj/helper/docs-blocks
make_office=$tests/docs/make-office.py

# has FILE LINE...: these lines, in this order, whatever is between them
has() {
	file=$1
	shift
	for line; do
		printf '%s\n' "$line"
	done >want
	awk 'NR == FNR { want[++n] = $0; next }
	     $0 == want[at + 1] { at++ }
	     END { if (at < n) { print "missing: " want[at + 1]; exit 1 } }' \
	    want "$file" || { cat "$file"; return 1; }
}

if ! command -v python3 >/dev/null; then
	skip 'documents made from the rules' 'no python3'
else

test_that 'docx: headings, items, tables, pages' '
	python3 "$make_office" docx a.docx
	"$blocks" docx a.docx >got
	cat >want <<-"EOF"
	title=Torque tables
	author=Ann Author
	tag=bolts
	tag=torque
	created=2024-05-01T10:00:00.000Z
	G1 
	title=Torque tables
	H1 Torque tables
	H1 Bolts
	P All bolts are M8.
	I1 steel
	H2 Sizes
	R! size|torque
	R M8|25 Nm
	G2 
	P The next page.
	EOF
	cmp want got
'
test_that 'odt' '
	python3 "$make_office" odt a.odt
	"$blocks" odt a.odt >got
	printf "%s\n" "title=Torque tables" "H1 Bolts" "P All bolts are M8." \
	    "I1 steel" "R! size" "R M8" >want
	cmp want got
'
test_that 'epub' '
	python3 "$make_office" epub a.epub
	"$blocks" epub a.epub >got
	printf "%s\n" "title=Torque" "S Bolts" "H1 Bolts" \
	    "P All bolts are M8." >want
	cmp want got
'
test_that 'xlsx: strings, dates' '
	python3 "$make_office" xlsx a.xlsx
	"$blocks" xlsx a.xlsx >got
	has got "title=Torque tables" "S Sizes" "R! size|checked" \
	    "R M8|2024-05-01"
'
test_that 'pptx: slides in the order of the presentation' '
	python3 "$make_office" pptx a.pptx
	"$blocks" pptx a.pptx >got
	has got "G1 Torque" "H1 Torque" "I1 by hand" "G2 Sizes" "H2 Sizes" \
	    "I1 M8"
'
if [ "${MEM_SANITIZE:-no}" = yes ]; then
	skip 'a large sheet needs no memory' 'sanitizers do'
else
	test_that 'a large sheet needs no memory' '
		python3 "$make_office" big-xlsx 200000 big.xlsx
		(ulimit -v 80000; "$blocks" xlsx big.xlsx) >got
		[ "$(grep -c "^R row number" got)" -eq 200000 ]
		tail -n 1 got | grep "row number 200000 .*|1400000$"
	'
fi
fi

cat >a.md <<'EOF'
---
title: Torque tables
author: Ann Author
lang: en-GB
---

# Bolts

A first paragraph with a [link](https://example.org/).[^1]

[^1]: A footnote about it.

- one
    - deeper

## Sizes

| size | torque |
|------|--------|
| M8   | 25 Nm  |
EOF
cat >a.html <<'EOF'
<html lang="en"><head><title>Torque</title></head><body><h1>Bolts</h1>
<p>One &amp; two</p><table border="1"><tr><td>size</td><td>torque</td></tr>
<tr><td>M8</td><td>25 Nm</td></tr></table>
<p style="page-break-before: always">Second page</p>
<ul><li>one<ul><li>deeper</li></ul></li></ul>
<pre>if (x)
    y();</pre></body></html>
EOF
printf 'name,amount,when\nbolt,1234.5,2024-05-01\n"nut, long",7,2024-05-02\n' \
    >s.csv

if ! command -v pandoc >/dev/null; then
	skip 'documents of pandoc' 'no pandoc'
else

for format in docx odt; do
test_that "$format of pandoc" '
	pandoc -o p.'"$format"' a.md
	"$blocks" '"$format"' p.'"$format"' >got
	has got "title=Torque tables" "H1 Torque tables" "H1 Bolts" \
	    "P A first paragraph with a link." "P A footnote about it." \
	    "I1 one" "I2 deeper" "H2 Sizes" "R! size|torque" "R M8|25 Nm"
	has got "author=Ann Author"
'
done
for format in epub2 epub3; do
test_that "$format of pandoc" '
	pandoc -t '"$format"' -o p.epub a.md
	"$blocks" epub p.epub >got
	has got "title=Torque tables" "language=en-GB" "author=Ann Author" \
	    "S Bolts" "H1 Bolts" "I1 one" "I2 deeper" "H2 Sizes" \
	    "R! size|torque" "R M8|25 Nm"
'
done
test_that 'pptx of pandoc' '
	pandoc -o p.pptx a.md
	"$blocks" pptx p.pptx >got
	has got "G1 Torque tables" "H1 Torque tables" "G2 Bolts" "H2 Bolts" \
	    "I1 one" "I2 deeper" "R! size|torque" "R M8|25 Nm"
'
test_that 'a slide that is a title goes with the next, others are alone' '
	rm -rf deck
	mkdir deck
	words="one two three four five six seven eight nine ten eleven"
	printf "# %s\n\n## %s\n\n$words $words\n\n" One Two Three Four |
	    pandoc -t pptx -o deck/p.pptx
	mem-from docs deck >deck.out
	grep "\"type\":\"chunk\"" deck.out |
	    grep -o "\"page\":[0-9]*\(,\"page_end\":[0-9]*\)*" >got
	printf "%s\n" "\"page\":1,\"page_end\":2" \
	    "\"page\":3,\"page_end\":4" >want
	diff want got
'
fi

office=$(command -v soffice || command -v libreoffice) || office=
if [ -z "$office" ] && [ "${MEM_NEED_SERVERS:-0}" = 1 ]; then
	test_that 'LibreOffice is there' 'echo "configure --deps=servers"; false'
elif ! more && [ "${MEM_NEED_SERVERS:-0}" != 1 ]; then
	skip 'documents of LibreOffice' 'five seconds; long-33-docs-office has them'
elif [ -z "$office" ]; then
	skip 'documents of LibreOffice' 'no LibreOffice; configure --deps=servers brings it'
else

# convert FORMAT FILE [OPTION]
convert() {
	timeout 120 "$office" --headless "-env:UserInstallation=file://$work/lo" \
	    ${3:+"$3"} --convert-to "$1" --outdir out "$2" >convert.log 2>&1 || :
	[ -s "out/$(basename "${2%.*}").${1%%:*}" ] && return
	cat convert.log
	return 1
}

test_that 'odt of LibreOffice' '
	convert odt a.html "--infilter=HTML (StarWriter)"
	"$blocks" odt out/a.odt >got
	has got "title=Torque" "H1 Bolts" "P One & two" "R size|torque" \
	    "R M8|25 Nm" "G2 " "P Second page" "I1 one" "I2 deeper" \
	    "C if (x)/    y();"
'
test_that 'docx of LibreOffice' '
	convert odt a.html "--infilter=HTML (StarWriter)"
	convert "docx:MS Word 2007 XML" out/a.odt
	"$blocks" docx out/a.docx >got
	has got "title=Torque" "H1 Bolts" "P One & two" "R M8|25 Nm" "G2 " \
	    "P Second page" "I1 one" "I2 deeper" "C if (x)/    y();"
'
test_that 'xlsx of LibreOffice' '
	convert xlsx s.csv
	"$blocks" xlsx out/s.xlsx >got
	has got "S s" "R! name|amount|when" "R bolt|1234.5|2024-05-01" \
	    "R nut, long|7|2024-05-02"
'
if command -v pandoc >/dev/null; then
test_that 'pptx of LibreOffice' '
	pandoc -o p.pptx a.md
	convert pptx p.pptx
	"$blocks" pptx out/p.pptx >got
	has got "G1 Torque tables" "G2 Bolts" "H2 Bolts" "R M8|25 Nm"
'
fi
fi
test_done
