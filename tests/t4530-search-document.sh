#!/bin/sh
# Documents and their chunks: rows of a knowledge base that are searched as
# pieces and told by document.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
db=$MEM_STORE/tenants/default/memory.db

# chunk DOCUMENT NUMBER TEXT [MEMBER...]: its line; number: two hex digits
chunk() {
	printf '{"type":"chunk","document_id":"%s","chunk_id":' "$1"
	printf '"00000000000000%s","title":"Bolts","media_type":' "$2"
	printf '"text/markdown","path":"%s","text":"%s"' "$1" "$3"
	shift 3
	[ $# -eq 0 ] || printf ',%s' "$@"
	echo '}'
}
# document ID SOURCE NUMBER...: its line
document() {
	printf '{"type":"document","document_id":"%s","source":"%s",' "$1" "$2"
	printf '"media_type":"text/markdown","path":"%s","chunks":[' "$1"
	shift 2
	sep=
	for n; do
		printf '%s"00000000000000%s"' "$sep" "$n"
		sep=,
	done
	echo ']}'
}
handbook() {
	chunk a.md 01 'The torque tolerance of the M8 bolt is 25 Nm.' \
	    '"heading":["Bolts","Torque"]' '"page":3' '"page_end":4' '"author":"quality"' \
	    '"timestamp":"2025-03-01T00:00:00Z"'
	chunk a.md 02 "${1-The warranty of a bolt ends after two years.}" \
	    '"heading":["Bolts","Warranty"]'
	chunk a.md 03 'Rust of a bolt voids every claim.'
	document a.md file:///x/a.md 01 02 03
	chunk b/c.md 01 'A bolt is not a screw.' '"tags":["terms"]' |
	    sed s,text/markdown,text/html,
	document b/c.md file:///x/c.md 01
}
put() {
	mem-ingest --kb handbook
}
ids() {
	mem-search --format ids "$@" | sort
}
# of those that hold only the words
words() {
	mem-search --mode text --in chunk --format ids "$@" | sort
}
is() {
	printf '%s\n' "$@" >want
	diff want got
}

test_that 'chunks and documents are stored once, whenever they come' '
	mem-admin init
	handbook | put >first
	grep "\"in\":6,\"stored\":6,\"duplicate\":0" first
	handbook | put >again
	grep "\"stored\":0,\"duplicate\":6" again
	mem-admin stats --json >stats
	grep "\"record_count\":0,\"document_count\":2" stats
'
test_that 'a document is told once, with its other pieces' '
	mem-search --json --in document bolt >got
	[ "$(jq -r .record.document_id got | sort | tr "\n" " ")" = \
	    "a.md b/c.md " ]
	jq -e "select(.record.document_id == \"a.md\") | .chunks_n == 2 and
	    (.chunks | length) == 2 and .source == \"document\"" got
	ids --in document --no-fold bolt >got
	[ "$(wc -l <got)" -eq 4 ]
	ids --in chunk bolt >got
	is a.md\#0000000000000001 a.md\#0000000000000002 \
	    a.md\#0000000000000003 b/c.md\#0000000000000001
	ids bolt >got
	[ "$(wc -l <got)" -eq 2 ]
	exits 1 mem-search --in kb bolt
	# a count is of pieces; a path with a comma is said in the query
	[ "$(mem-search -c --in document bolt)" -eq 4 ]
	{ chunk "d, e.md" 01 "A washer."
	document "d, e.md" file:///x/d 01; } | put
	ids "path:\"d, e.md\"" >got
	is "d, e.md#0000000000000001"
	echo "{\"type\":\"document\",\"document_id\":\"d, e.md\"," \
	    "\"status\":\"withdrawn\"}" | put
'
test_that 'a hit says where it stands, and -C what is beside it' '
	mem-search --json --in document -C 1 warranty >got
	jq -e ".record.seq == 1 and .record.heading == [\"Bolts\", \"Warranty\"]
	    and [.context[].chunk_id] == [\"0000000000000001\",
	    \"0000000000000003\"]" got
	jq -e "[.context[].seq] == [0, 2]" got
	mem-search --text --in document -C 1 warranty >got
	[ "$(wc -l <got)" -eq 3 ]
	exits 1 grep "[{}]" got
	grep "handbook/a.md  Rust of a bolt voids every claim[.]" got
	mem-log --text --kb handbook >got
	[ "$(grep -c "handbook/[ab]" got)" -eq 2 ]
	exits 1 grep "[{}]" got
	grep "handbook/b/c.md" got
	mem-search --json --in document -C 5 torque >got
	jq -e ".record.seq == 0 and .record.page == 3 and
	    .record.page_end == 4 and
	    (.context | length) == 2" got
'
filters() {
	words --media text/html bolt >got && is b/c.md\#0000000000000001
	words --media "text/*" bolt >got && [ "$(wc -l <got)" -eq 4 ]
	words --path "b/*" bolt >got && is b/c.md\#0000000000000001
	words --path b/c.md bolt >got && is b/c.md\#0000000000000001
	words --author quality bolt >got && is a.md\#0000000000000001
	words --tag terms bolt >got && is b/c.md\#0000000000000001
	words --since 2025 --until 2026 bolt >got && is a.md\#0000000000000001
	words media:text/html bolt >got && is b/c.md\#0000000000000001
	words "path:b/*" bolt >got && is b/c.md\#0000000000000001
	words --scope kb screw >got && is b/c.md\#0000000000000001
	exits 1 mem-search --in document --kb other bolt
	[ "$(mem-search --in chunk -c --kb handbook bolt)" -eq 4 ]
}
test_that 'filters, from the rows' filters
by_evidence() {
	ids "id:handbook/b/c.md#0000000000000001" >got &&
	    is b/c.md\#0000000000000001 &&
	    ids --in document "id:handbook/b/c.md" >got &&
	    is b/c.md\#0000000000000001 &&
	    exits 1 mem-search "id:other/b/c.md#0000000000000001" &&
	    [ "$(words "id:handbook/a.md" | wc -l)" -eq 3 ]
}
test_that 'an id as evidence names it, from the rows' by_evidence
test_that 'the index finds what a look at all rows found' '
	mem-search --json --in chunk --mode text bolt warranty >before
	mem-index --json >said
	jq -e "select(.source == \"document\") | .live == 4" said
	mem-search --json --in chunk --mode text bolt warranty >after
	diff before after
	mem-index --verify
'
test_that 'filters, by the index' filters
test_that 'an id as evidence names it, by the index' by_evidence
test_that 'what changed is replaced, and what it was can be read' '
	sleep 0.01
	jq -rn "now * 1000 | floor" >then
	sleep 0.01
	handbook "The warranty of a bolt ends after three years." |
	    sed "s/000000000002/000000000004/" | put >said
	grep "\"stored\":2,\"duplicate\":4" said
	for round in 1 2; do
		words years >got
		is a.md\#0000000000000004
		mem-search --in chunk three years >got
		jq -e ".record.seq == 1" got
		exits 1 mem-search --in chunk --mode text +two
		mem-index
	done
	mem-search --in chunk --as-of "$(cat then)" +years >got
	jq -e ".record.chunk_id == \"0000000000000002\" and
	    .record.seq == 1" got
	mem-admin check
'
test_that 'the time of a document alone makes no chunk another' '
	handbook "The warranty of a bolt ends after three years." |
	    sed "s/000000000002/000000000004/; s/2025-03-01/2025-03-02/" |
	    put >said
	grep "\"stored\":0,\"duplicate\":6" said
'
test_that 'a document that is withdrawn takes its chunks along' '
	echo "{\"type\":\"document\",\"document_id\":\"b/c.md\"," \
	    "\"status\":\"withdrawn\"}" | put
	exits 1 mem-search --in chunk screw
	mem-index
	exits 1 mem-search --in chunk screw
	handbook | sed -n "/c.md/p" | put >said
	grep "\"stored\":2" said
	mem-search --in chunk screw >got
	jq -e ".record.seq == 0" got
'
test_that 'copies have the same documents' '
	mkdir remote
	mem-admin config set remote.main.url "file://$work/remote"
	mem-sync push
	mem-search --json --in chunk bolt >here
	MEM_STORE=$work/other
	mem-admin config set remote.main.url "file://$work/remote"
	mem-sync pull
	mem-search --json --in chunk bolt >there
	jq -c "[.id, .record]" here | sort >a
	jq -c "[.id, .record]" there | sort >b
	diff a b
	exits 1 mem-search --in chunk --mode text +two
	mem-admin check
'
test_that 'what is forgotten is gone with all of its chunks, and stays so' '
	echo "{\"type\":\"tombstone\",\"target\":\"record\"," \
	    "\"id\":\"handbook/a.md\"}" | mem-ingest
	exits 1 mem-search --in chunk torque
	[ "$(sqlite3 "$db" "SELECT count(*) FROM record WHERE
	    id LIKE \"a.md%\"")" -eq 0 ]
	mem-index
	exits 1 mem-search --in chunk torque
	exits 3 mem-ingest --kb handbook <<-x >said
	$(handbook)
	x
	grep "\"forgotten\":4" said
	mem-search --in chunk screw
	mem-admin check
	mem-index --verify
'
test_that 'mem-admin forget knows them, and finds nothing of them' '
	{ chunk d.md 01 "zyzzyva zyzzyva and nothing else at all"
	document d.md file:///x/d.md 01; } | put
	mem-index
	mem-admin forget -y --id handbook/d.md --receipt r.json
	mem-admin forget --verify --receipt r.json -y
	exits 1 mem-search --in chunk zyzzyva
'
refused() {
	exits 3 mem-ingest --kb handbook --rejects rejects >said
	grep -q "$1" rejects
}
test_that 'what is no chunk and no document is refused, with the reason' '
	chunk e.md 01 x | sed s/0001/001/ | refused "chunk_id is not 16"
	chunk e.md 01 x | sed s/text\":/words\":/ | refused "text is missing"
	chunk e.md 01 x "\"heading\":[1]" | refused "heading is not a list"
	chunk e.md 01 x "\"page\":\"3\"" | refused "page is not a number"
	chunk e.md 01 x "\"page_end\":\"3\"" | refused "page_end is not a number"
	document e.md file:///x 01 | sed s/0001/x/ | refused "list of ids"
	document e.md file:///x | sed s/document_id/id/ |
	    refused "document_id is missing"
	document e.md file:///x | sed "s/}/,\"status\":\"new\"}/" |
	    refused "status of a document"
	echo "{\"type\":\"record\",\"record_id\":\"r\",\"record_type\":\":x\"}" |
	    refused "begins with a colon"
	echo "{\"type\":\"record\",\"record_id\":\"b/c.md\"," \
	    "\"record_type\":\"note\"}" | refused "is a document"
	exits 1 mem-search --in chunk --path e.md x
'
test_that 'a chunk that no document names is none' '
	fresh_store
	mem-admin init
	{ chunk one.md 01 "A wombat digs at night."
	document one.md file:///x/one.md
	chunk one.md 02 "A wombat digs at night."
	chunk two.md 03 "A wombat digs at night."
	document two.md file:///x/two.md 03
	chunk none.md 04 "Another wombat sleeps."; } | put
	for round in 1 2; do
		ids --in document wombat >got
		is two.md\#0000000000000003
		ids --in chunk --no-fold --mode text wombat >got
		is two.md\#0000000000000003
		mem-search -l --in chunk wombat >got
		is two.md\#0000000000000003
		mem-search --json -C 9223372036854775807 --in chunk wombat >got
		jq -e ".record.document_id == \"two.md\"" got
		mem-index
	done
'
test_that 'originals are kept by the mode, and as long as they are in use' '
	fresh_store
	mem-admin init
	mem-admin config set artifact.mode managed_blob
	mem-admin config set artifact.provider local_fs
	mkdir files
	echo "# Bolts" >"files/a b.md"
	{ chunk a.md 01 "one bolt"
	document a.md "file://$work/files/a%20b.md" 01
	document x.md "file://$work/files/a%20b.md"; } >lines
	put <lines
	put <lines >said
	grep "\"stored\":0,\"duplicate\":3" said
	mem-artifact list --json >got
	[ "$(wc -l <got)" -eq 1 ]
	jq -e ".filename == \"a b.md\" and .content_type == \"text/markdown\"
	    and .metadata == {kb: \"handbook\", document_id: \"a.md\"}" got
	id=$(jq -r .artifact_id got)
	mem-artifact content "$id" | cmp - "files/a b.md"
	exits 2 mem-artifact delete "$id" 2>err
	grep artifact_in_use err
	[ "$(sqlite3 "$db" "SELECT count(*) FROM record r WHERE
	    type = \":document\" AND status = \"available\"")" -eq 2 ]
'
test_that 'one that cannot be kept is told, and its document stays' '
	document y.md "file://$work/files/none.md" >lines
	exits 3 mem-ingest --kb handbook lines >said 2>err
	grep "\"stored\":1" said
	grep "none.md" err
	[ "$(sqlite3 "$db" "SELECT status FROM record WHERE id = \"y.md\"
	    ORDER BY version DESC LIMIT 1")" = failed ]
'
test_that 'it is kept when it is there again, and the document came again' '
	echo now >files/none.md
	mem-ingest --kb handbook lines >said
	grep "\"stored\":1" said
	mem-artifact list --json | grep "\"document_id\":\"y.md\""
'
test_that 'nor is what changed since it was read' '
	mkdir -p files/sub
	echo "# Nuts" >files/sub/n.md
	echo member >files/m.txt
	tar -cf files/m.tar -C files m.txt
	mem-from docs --kb nuts files/sub/n.md files/m.tar >lines
	[ "$(grep "type.:.document" lines | grep -c "\"hash\"")" -eq 2 ]
	echo "# Screws" >files/sub/n.md
	exits 3 mem-ingest lines >said 2>err
	grep "n.md: .*/files/sub/n.md. changed since it was read" err
	mem-log --kb nuts --json >got
	[ "$(jq -r "select(.path == \"n.md\") | .raw_status" got)" = failed ]
	# of an archive it cannot be told
	[ "$(jq -r "select(.path != \"n.md\") | .raw_status" got)" = available ]
	exits 1 grep -rl Screws "$MEM_STORE"
	sleep 0.1
	touch files/sub/n.md
	mem-from docs --kb nuts files/sub/n.md >lines
	mem-ingest lines >said
	[ "$(mem-log --kb nuts --json | jq -r .raw_status | sort -u)" = available ]
'
test_that 'mem-log --kb lists the documents of a base, in their newest versions' '
	mem-log --kb nuts --json | jq -r "[.type, .kb, .path, .version // 1] |
	    join(\" \")" >got
	is "document nuts m.tar/m.txt 2" "document nuts n.md 4"
	mem-log --kb nuts --json | jq -e "select(.path == \"n.md\") |
	    (.chunks | length) == 1 and (.hash | length) == 64 and
	    (.artifact_id | length) > 0"
	mem-log --kb nuts -n 1 --json >got
	[ "$(wc -l <got)" -eq 1 ]
	echo "{\"type\":\"document\",\"document_id\":\"n.md\"," \
	    "\"status\":\"withdrawn\"}" | mem-ingest --kb nuts
	[ "$(mem-log --kb nuts --json | jq -r "select(.path != \"m.tar/m.txt\")
	    | .status")" = withdrawn ]
	exits 1 mem-log --kb none >got
	exits 64 mem-log --kb nuts -s today
	exits 64 mem-log --kb nuts 01
'
test_that 'a source that is no regular file is not waited for' '
	mkfifo files/fifo
	document f.md "file://$work/files/fifo" >lines
	exits 3 timeout 20 mem-ingest --kb handbook lines >said 2>err
	grep "no regular file" err
	document h.md "https://example.org/h.md" >lines
	mem-ingest --kb handbook lines >said 2>err
	[ ! -s err ]
'
test_that 'what others say waits is none of ours' '
	echo zyzzogeton >files/secret
	document g.md "file://$work/files/secret" |
	    sed "s/}\$/,\"raw_status\":\"pending\"}/" >lines
	mem-ingest --no-originals --kb handbook lines
	[ "$(sql "SELECT count(*) FROM record WHERE id = \"g.md\"
	    AND status IS NULL")" -eq 1 ]
	echo "{\"type\":\"version\",\"node\":77,\"at\":1,\"user\":\"tester\"," \
	    "\"record\":$(sed s/g.md/i.md/ lines)}" |
	    sed "s/\"type\":\"document\",/&\"kb\":\"k\",/" >version
	mem-ingest version
	[ "$(sql "SELECT status FROM record WHERE id = \"i.md\"")" = pending ]
	mem-artifact reconcile
	exits 1 grep -rl zyzzogeton "$MEM_STORE"
	[ "$(sql "SELECT count(*) FROM record WHERE id = \"i.md\"")" -eq 1 ]
'
test_that 'one that was replaced while its original was put stays so' '
	document w.md "file://$work/files/a%20b.md" >lines
	RAW_STORAGE_PROVIDER=nobody exits 2 mem-ingest --kb late lines \
	    >said 2>err
	echo "{\"type\":\"document\",\"document_id\":\"w.md\"," \
	    "\"status\":\"withdrawn\"}" | mem-ingest --kb late
	mem-artifact reconcile
	[ "$(sql "SELECT status FROM record WHERE id = \"w.md\"
	    ORDER BY version DESC LIMIT 1")" = withdrawn ]
'
test_that 'those whose import was cut off are kept by reconcile' '
	document z.md "file://$work/files/a%20b.md" >lines
	RAW_STORAGE_PROVIDER=nobody exits 2 mem-ingest --kb handbook lines \
	    >said 2>err
	grep "originals wait" err
	document v.md "file://$work/files/a%20b.md" >newer
	mem-ingest --kb handbook newer
	[ "$(sqlite3 "$db" "SELECT status FROM record WHERE id = \"v.md\"
	    ORDER BY version DESC LIMIT 1")" = available ]
	# an import keeps its own alone
	[ "$(sqlite3 "$db" "SELECT status FROM record WHERE id = \"z.md\"")" \
	    = pending ]
	mem-artifact reconcile --json >said
	jq -e ".originals == 1" said
	[ "$(sqlite3 "$db" "SELECT status FROM record WHERE id = \"z.md\"
	    ORDER BY version DESC LIMIT 1")" = available ]
	mem-admin check
'
test_that 'an archive that is kept is what it is, not what was read first' '
	(
	MEM_STORE=$PWD/zipped
	export MEM_STORE
	mem-admin init >/dev/null
	mem-admin -q config set artifact.mode managed_blob
	mem-admin -q config set artifact.provider local_fs
	mkdir -p zh
	echo "bolts" >bolts.md
	tar -cf zh/s.tar bolts.md
	tar -czf zh/s.tgz bolts.md
	echo "nuts" >zh/n.md
	mem-from docs zh | mem-ingest --kb k
	mem-artifact list --json | jq -r "[.filename, .content_type] | @tsv" |
	    sort >got
	printf "%s\t%s\n" n.md text/markdown s.tar application/x-tar \
	    s.tgz application/gzip >want
	diff want got
	mem-search --in artifact --media "application/*" -l s.tar
	)
'
test_that 'pointers are kept where their scheme is allowed' '
	fresh_store
	mem-admin init
	document a.md "file://$work/a.md" | put
	[ "$(mem-artifact list | wc -l)" -eq 0 ]
	document b.md "https://example.org/b.md" | put
	mem-artifact list --json >got
	jq -e ".mode == \"pointer_only\" and
	    .uri == \"https://example.org/b.md\"" got
	mem-admin config set artifact.schemes "https,file"
	document c.md "file://$work/a.md" | put
	[ "$(mem-artifact list | wc -l)" -eq 2 ]
	document d.md "https://example.org/d.md" >lines
	mem-ingest --no-originals --kb handbook lines
	[ "$(mem-artifact list | wc -l)" -eq 2 ]
'
test_done
