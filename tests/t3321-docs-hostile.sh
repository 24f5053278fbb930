#!/bin/sh
# Zipped documents that mean harm, or are damaged: refused with the reason, in
# little time and memory; what is only odd is read.
. "${0%/*}/lib.sh"
blocks=${MEM_BIN:-$top/bin}/../obj/helper/docs-blocks
make_office=$tests/docs/make-office.py

# bounded FORMAT FILE: its exit status, within a time and, where nothing else
# wants memory, in 120 MB
bounded() {
	(
		# shellcheck disable=SC3045 # where there is none: unbounded
		[ "${MEM_SANITIZE:-no}" = yes ] || ulimit -v 120000 || :
		timeout 60 "$blocks" "$1" "$2"
	)
}

# refused KIND REASON: the one of make-office.py, with this in its message
refused() {
	python3 -W ignore "$make_office" "$1" "$1.docx"
	exits 2 bounded docx "$1.docx" >got 2>err
	grep -F -- "$2" err >found || { cat err; return 1; }
	# one line, and nothing of this machine
	[ "$(wc -l <err)" -eq 1 ]
	! grep -q root: got err
}

if ! command -v python3 >/dev/null; then
	skip 'hostile documents' 'no python3'
	test_done
	exit
fi

test_that 'entities that grow' 'refused laughs "not well-formed"'
test_that 'an external entity' 'refused external "declares entities"'
test_that 'a parameter entity' 'refused parameter "declares entities"'
test_that 'a bomb' 'refused bomb "docs.maxRatio"'
test_that 'a part that is too large for memory' \
    'refused big-part "docs.maxPart"'
test_that 'elements in elements' \
    'refused deep "let a filter (memkit.conf(5)) make text"'
test_that 'a name that leads out' 'refused climbing "leads out"'
test_that 'a name twice' 'refused twice "twice"'
test_that 'a link' 'refused link "which is no file"'
test_that 'sizes and sums that lie' '
	refused lying-small "size"
	refused lying-large "size"
	refused lying-packed "size"
	refused crc "CRC"
'
test_that 'entries that are not there, or all the same' '
	refused offsets "Truncated"
	refused overlap "names no main part"
'
test_that 'an encrypted one' '
	refused encrypted "without a password"
	refused cfb "without a password"
'
test_that 'no whole directory' '
	refused broken "no main part"
	refused no-central "cut off or damaged"
	refused cut "cut off or damaged"
'
test_that '100,001 entries' 'refused entries "docs.maxEntries"'
test_that 'documents in documents are not read' '
	python3 "$make_office" nested a.docx
	bounded docx a.docx >got
	grep -x "P The next page." got
'
test_that 'columns and rows that repeat 2^31 times' '
	python3 "$make_office" columns a.odt
	bounded odt a.odt >got
	[ "$(wc -l <got)" -eq 11 ]
	[ "$(wc -c <got)" -lt 10000 ]
'
test_that 'a document cut off anywhere, or with a byte changed, ends' '
	python3 "$make_office" docx a.docx
	size=$(wc -c <a.docx)
	at=0
	while [ $at -lt "$size" ]; do
		head -c $at a.docx >cut.docx
		exits 2 bounded docx cut.docx >got 2>err
		{ head -c $at a.docx; printf Z; tail -c +$((at + 2)) a.docx; } \
		    >changed.docx
		r=0
		bounded docx changed.docx >got 2>err || r=$?
		[ $r -eq 0 ] || [ $r -eq 2 ]
		at=$((at + 61))
	done
'
test_done
