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
test_done
