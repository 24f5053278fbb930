#!/bin/sh
# mem-from docs: archives, good ones and those that mean ill.
. "${0%/*}/lib-docs.sh"
command -v python3 >/dev/null || {
	skip 'archives' 'no python3 to make them'
	test_done
	exit
}
mkdir "$work/a"
python3 "$tests/docs-archives.py" "$work/a" || exit 2
cd "$work/a" || exit 2
export work

# one FILE: of a store that is not there
one() {
	docs --store "$work/none" "$@"
}

test_that 'members are documents below their archive' '
	one good.zip good.tar.gz good.tar.bz2 good.tar.xz
	[ $status -eq 0 ]
	has good.zip/a.txt good.zip/b/c.md good.tar.gz/a.txt \
	    good.tar.bz2/a.txt good.tar.xz/a.txt
	grep "good.zip/b/c.md" out | grep -F "\"heading\":[\"Bolts\"]"
	grep "\"document_id\":\"good.tar.gz/a.txt\".*\"timestamp\":1700000000000" out
	grep "\"document_id\":\"good.zip/a.txt\"" out | grep "\"source\":\"file://$work/a/good.zip\""
'
test_that 'zipped documents are documents, not archives; in archives, too' '
	mkdir -p office
	for f in docx odt epub xlsx pptx; do
		python3 "$tests/docs/make-office.py" $f office/x.$f
	done
	one office
	[ $status -eq 0 ]
	has x.docx x.epub x.odt x.pptx x.xlsx
	python3 -m zipfile -c office.zip office/x.docx office/x.epub
	one office.zip
	has office.zip/x.docx office.zip/x.epub
	cp office/x.docx office/unnamed
	one office/unnamed
	grep "wordprocessingml" out
'
test_that 'so are those of archives in archives' '
	one nested.zip
	has nested.zip/in.zip/a.txt nested.zip/x.txt
	mem-from docs --store none - <nested.zip >out
	has -/in.zip/a.txt -/x.txt
	cat nested.zip | mem-from docs --store none >out
	has -/in.zip/a.txt -/x.txt
'
test_that 'hidden members are left out' '
	one hidden.zip
	[ $status -eq 0 ]
	has hidden.zip/a.txt
	one --hidden hidden.zip
	has hidden.zip/.hidden/a.txt hidden.zip/__MACOSX/a.txt hidden.zip/a.txt
'
test_that 'names that climb, links, devices and repeated names are refused' '
	one climb.tar
	[ $status -eq 3 ]
	has climb.tar/good.txt climb.tar/last.txt
	[ "$(end skipped)" -eq 10 ]
	[ "$(grep -c "climbs out of the archive" err)" -eq 3 ]
	[ "$(grep -c "begins at the root" err)" -eq 2 ]
	[ "$(grep -c "it is a link" err)" -eq 2 ]
	[ "$(grep -c "no regular file" err)" -eq 2 ]
	[ "$(grep -c "is there twice" err)" -eq 1 ]
'
test_that 'a name that is no UTF-8' '
	one bytes.tar
	has bytes.tar/b%FFd.txt
'
test_that 'a bomb ends; what came before it stands' '
	one bomb.zip
	[ $status -eq 3 ]
	has bomb.zip/ok.txt
	grep "bomb.zip/bomb.txt: it unpacks to more than 200 times" err
	one bombs.zip
	[ $status -eq 3 ]
	has
	grep "docs.maxRatio" err
'
test_that 'what nobody reads counts, if it has to be unpacked' '
	for f in unread refused; do
		one $f.tar.gz
		[ $status -eq 3 ]
		has $f.tar.gz/ok.txt
		grep "$f.tar.gz: it unpacks to more than 200 times" err
	done
	one unread.zip
	[ $status -eq 0 ]
	has unread.zip/after.txt
'
test_that 'archives in archives have an end' '
	one deep.zip
	[ $status -eq 3 ]
	[ "$(ids | wc -l)" -eq 8 ]
	grep "more than 8 deep; docs.maxDepth" err
	one chain.txt.gz
	[ $status -eq 3 ]
	has
'
test_that 'what is broken: the rest is read' '
	one cut.zip
	[ $status -eq 3 ]
	[ "$(ids | wc -l)" -ge 10 ]
	one cut.tar.gz
	[ $status -eq 3 ]
	[ "$(ids | wc -l)" -ge 5 ]
	one crc.zip
	[ $status -eq 3 ]
	has crc.zip/b.txt
	one size.zip
	[ $status -eq 3 ]
	has
	one lie.tar
	[ $status -eq 3 ]
	has lie.tar/first.txt
	one central.zip
	[ "$(end total)" -ge 1 ]
'
test_that 'the limits of the configuration hold' '
	mem-admin init
	for s in "docs.maxEntries 100" "docs.maxBytes 20" "docs.maxTotal 1k"; do
		rm -f "$MEM_STORE/config"
		# shellcheck disable=SC2086
		mem-admin config set $s
		docs many.zip good.zip
		[ $status -eq 3 ]
		grep "${s% *}" err
	done
	rm -f "$MEM_STORE/config"
	mem-admin config set docs.maxRatio 1000000
	docs --max-bytes 1M bomb.zip
	[ $status -eq 3 ]
	has bomb.zip/ok.txt bomb.zip/after.txt
	rm -f "$MEM_STORE/config"
'
test_that 'an archive that has not changed is not read; a member that is gone is withdrawn' '
	fresh_store
	mkdir -p z
	cp good.zip z/
	docs z
	keep
	docs z
	[ "$(wc -l <out)" -eq 2 ]
	cp nested.zip z/good.zip
	docs z
	has good.zip/in.zip/a.txt good.zip/x.txt -good.zip/a.txt -good.zip/b/c.md
'
test_that 'of one that cannot be read to its end nothing is withdrawn' '
	fresh_store
	rm -rf z
	mkdir z
	cp good.zip z/
	docs z
	keep
	cp cut.zip z/good.zip
	docs z
	ids >now
	exits 1 grep "^-" now
	keep
	docs z
	[ $status -eq 3 ]
	cp nested.zip z/good.zip
	docs z
	ids | grep -x -e "-good.zip/b/c.md"
'
test_done
