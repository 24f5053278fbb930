#!/bin/sh
# Pages and sources are clean.  shellcheck, which takes longest, is in
# `make lint`.
. "${0%/*}/lib.sh"

if command -v mandoc >/dev/null; then
	test_that 'mandoc has nothing to say about any page' '
		cd "$top/share/man"
		mandoc -Tlint -Wstyle man*/*.[157] >"$work/out" || :
		# the pages refer to each other before they are installed
		grep -v "referenced manual not found" "$work/out" >"$work/left" || :
		cat "$work/left"
		[ ! -s "$work/left" ]
	'
	test_that 'a page refers only to pages that there are' '
		cd "$top/share/man"
		sed -n "s/^\.Xr \(mem[a-z.-]*\) \([157]\).*/man\2\/\1.\2/p" \
		    man*/*.[157] | sort -u >"$work/refs"
		while read -r f; do
			[ -e "$f" ] || { echo "no $f"; exit 1; }
		done <"$work/refs"
	'
else
	skip 'man pages' 'no mandoc'
fi
if git -C "$top" rev-parse --git-dir >/dev/null 2>&1; then
	test_that 'nothing else lies at the top' '
		cd "$top"
		git ls-files | cut -d/ -f1 | sort -u | exits 1 grep -vxE \
		    "Makefile|README|cmd|common|completions|configure|share|tests|\..*"
	'
else
	skip 'the top folder' 'not a clone'
fi
test_that 'no line of C is wider than 80 columns, none ends with a blank' '
	cd "$top"
	exits 1 grep -nE "[ 	]$" common/*/*.[ch] cmd/*.[ch] tests/unit/*.[ch]
	awk -F"\t" "{
		n = length(\$NF)
		for (i = NF - 1; i > 0; i--)
			n += length(\$i) - length(\$i) % 8 + 8
	}
	n > 80 { print FILENAME \":\" FNR }" common/*/*.[ch] cmd/*.[ch] >"$work/wide"
	cat "$work/wide"
	[ ! -s "$work/wide" ]
'
test_that 'no test is sure of what "!" hides from set -e' '
	cd "$tests"
	# within a body only its last line may begin so, or one with "||"
	awk "FNR > 1 && prev ~ /^\t+! .*[^|&\\\\]\$/ && prev !~ /[|][|]/ &&
	    /^\t+[a-z\[!]/ &&
	    !/^\t+(fi|done|esac|then|do)\$/ { print FILENAME \":\" FNR - 1 }
	    { prev = \$0 }" t*.sh long-*.sh >"$work/hidden"
	cat "$work/hidden"
	[ ! -s "$work/hidden" ]
'
test_that 'the options of the build are in configure -h' '
	sh "$top/configure" -h >text
	for w in --prefix --deps --static --shared-libs --enable-werror \
	    --enable-sanitize CC CFLAGS; do
		grep -w -e "$w" text >/dev/null || { echo "$w"; exit 1; }
	done
'
test_done
