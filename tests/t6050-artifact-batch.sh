#!/bin/sh
# mem-artifact put --batch, ids and records on standard input, what is printed.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-artifact.sh"

managed
mkdir d
for i in 1 2 3 4 5; do
	echo "file $i" >"d/$i"
done
echo brace >'{brace'
nl=$(printf 'a\nb')
echo newline >"$nl"

# contents NAME...: what is stored under them, in their order
contents() {
	for name in "$@"; do
		mem-artifact content "$(grep -F "\"filename\":\"$name\"" out | head -n 1 | jl artifact_id)"
	done
}

test_that 'names, one a line; empty ones are passed over' '
	printf "d/1\n\nd/2\nd/3" | mem-artifact put --batch --session s1 --meta a=b --content-type text/plain >out 2>err
	valid out
	[ "$(wc -l <out)" -eq 3 ]
	[ "$(jl filename <out | tr "\n" " ")" = "1 2 3 " ]
	[ "$(grep -c "\"content_type\":\"text/plain\".*\"metadata\":{\"a\":\"b\"},\"session_id\":\"s1\"" out)" -eq 3 ]
	grep "3 stored, 0 rejected" err
	contents 1 2 3 >got
	cat d/1 d/2 d/3 | cmp - got
'
test_that 'with --nul all are names, with braces and newlines' '
	printf "d/4\\0{brace\\0%s\\0" "$nl" | mem-artifact put --batch --nul >out 2>err
	[ "$(wc -l <out)" -eq 3 ]
	contents 4 "{brace" >got
	cat d/4 "{brace" | cmp - got
	find d -type f -print0 | mem-artifact put --batch --nul -q >got
	[ ! -s got ]
	printf "d/1\\0d/2" | mem-artifact put --batch 2>err >out && exit 1
	grep "a name has a NUL in it (--nul?)" err
'
test_that 'records: files and pointers, each with what is said of it' '
	cat >in <<-"EOT"
	{"file":"d/1","filename":"one.txt","content_type":"text/x-one","session_id":"s2","metadata":{"n":"1"}}
	{"uri":"https://example.org/a","content_type":"text/html"}
	d/2
	{"type":"artifact","artifact_id":"01M812K106BKMD6HBQR1C5VKAM","uri":"ipfs://bafy","status":"failed"}
	EOT
	mem-artifact put --batch --session s3 --meta all=yes <in >out 2>err
	valid out
	[ "$(wc -l <out)" -eq 4 ]
	sed -n 1p out | grep "\"mode\":\"managed_blob\".*\"filename\":\"one.txt\",\"content_type\":\"text/x-one\".*\"metadata\":{\"n\":\"1\"},\"session_id\":\"s2\""
	sed -n 2p out | grep "\"mode\":\"pointer_only\".*\"uri\":\"https://example.org/a\",\"content_type\":\"text/html\",\"metadata\":{\"all\":\"yes\"},\"session_id\":\"s3\""
	sed -n 3p out | grep "\"filename\":\"2\",\"content_type\":\"application/octet-stream\""
	sed -n 4p out | grep "\"status\":\"stored\",\"uri\":\"ipfs://bafy\""
	exits 1 grep 01M812K106BKMD6HBQR1C5VKAM out
'
test_that 'bad lines are told, counted, and do not stop the others' '
	before=$(mem-artifact list --all | wc -l)
	cat >in <<-"EOT"
	d/1
	nothing
	{"file":"d/2"
	{"filename":"x"}
	{"uri":"gopher://x"}
	{"uri":"https://example.org/x","metadata":{"a":1}}
	{"uri":"https://example.org/x","content_type":"none"}
	{"uri":"https://example.org/x","session_id":"\u0001"}
	d
	{"file":"d/3"}
	EOT
	exits 3 mem-artifact put --batch --json <in >out 2>err
	valid out
	cat err
	[ "$(grep -c "\"type\":\"artifact\"" out)" -eq 2 ]
	[ "$(grep -c "\"type\":\"error\"" out)" -eq 8 ]
	grep "2 stored, 8 rejected" err
	grep "\"error\":\"failed\",\"message\":\"cannot open .nothing.*\"given\":\"nothing\"" out
	grep "\"given\":\"line 3\"" out
	grep "neither .file. nor .uri.*\"given\":\"line 4\"" out
	grep "\"error\":\"invalid_pointer_uri_scheme\".*\"given\":\"gopher://x\",\"allowed\":" out
	[ "$(grep -c "\"error\":\"invalid_metadata\"" out)" -eq 2 ]
	[ "$(mem-artifact list --all | wc -l)" -eq $((before + 2)) ]
	mem-artifact put --batch </dev/null >out
	[ ! -s out ]
	echo nothing | exits 2 mem-artifact put --batch >out 2>err
	[ ! -s out ]
'
test_that 'lines that are longer than 1 MiB are told, the others are put' '
	{ echo d/1; echo; head -c 1048577 /dev/zero | tr "\\0" x; echo; echo d/2; } >in
	exits 3 mem-artifact put --batch --json <in >out 2>err
	valid out
	grep "\"message\":\"it is longer than 1 MiB\",\"given\":\"line 3\"" out
	[ "$(grep -c "\"type\":\"artifact\"" out)" -eq 2 ]
	head -c 5000000 /dev/zero | tr "\\0" x | exits 2 mem-artifact put --batch --nul --json >out 2>err
	grep "line 1" out
'
test_that 'standard input has the names, and is none of the files' '
	echo dash >./-
	printf "%s\n" - d/1 "{\"file\":\"-\"}" d/2 ./- | exits 3 mem-artifact put --batch >out 2>err
	[ "$(wc -l <out)" -eq 3 ]
	[ "$(grep -c "standard input has the names" err)" -eq 2 ]
	mem-artifact content "$(tail -n 1 out | jl artifact_id)" | grep -x dash
'
test_that 'three hundred, and each of them reads as it was put' '
	fresh_store
	managed
	mkdir many
	i=0
	while [ $i -lt 300 ]; do
		echo "number $i" >many/$i
		i=$((i + 1))
	done
	find many -type f | mem-artifact put --batch >out 2>err
	[ "$(grep -c "\"status\":\"stored\"" out)" -eq 300 ]
	[ "$(objects)" = 300 ]
	mem-artifact verify -q - <out
	sql "SELECT count(*), count(DISTINCT object) FROM artifact WHERE state = 0" | grep "^300|300$"
	nothing_to_do --scan
	mem-artifact delete - <out >gone
	[ "$(grep -c "\"status\":\"deleted\"" gone)" -eq 300 ]
	[ "$(objects)" = 0 ]
	mem-admin check
'
test_that 'what is printed is taken: records, ids, hits of a search' '
	fresh_store
	managed
	mem-artifact put d/1 d/2 >out
	jl artifact_id <out | mem-artifact get - | cmp - out
	mem-artifact get - <out | cmp - out
	echo "{\"type\":\"hit\",\"record\":$(head -n 1 out)}" | mem-artifact get - >got
	head -n 1 out | cmp - got
	echo "{\"type\":\"hit\",\"source\":\"artifact\",\"id\":\"$(head -n 1 out | jl artifact_id)\"}" | mem-artifact get - >got
	head -n 1 out | cmp - got
	echo "{\"type\":\"event\"}" | mem-artifact get - 2>err
	grep "1 line names no artifact, and is left out" err
	sort out >want
	mem-artifact list -0 | tr "\\0" "\\n" | sort | cmp - want
	mem-artifact list --text >got
	[ -s got ]
'
test_that 'errors are records with --json only, and told by one line each' '
	exits 2 mem-artifact get none >out 2>err
	[ ! -s out ]
	[ "$(wc -l <err)" -eq 1 ]
	exits 2 mem-artifact get none --format jsonl >out 2>err
	valid out
	exits 2 mem-artifact get none --json -q >out 2>err
	grep "\"error\":\"artifact_not_found\"" out
	# called wrongly: no record
	exits 64 mem-artifact get --json >out 2>err
	[ ! -s out ]
	# bytes are never mixed with a record
	id=$(put d/1)
	exits 2 mem-artifact content "$id" --range 100-200 --json >out 2>err
	valid out
	grep "\"error\":\"failed\",\"message\":\"the range begins beyond its end" out
'
test_done
