#!/bin/sh
# Each tool links only the libraries that it uses, and behaves at the edges
# of its streams.
. "${0%/*}/lib.sh"
bin=${MEM_BIN:-$top/bin}

needed() {
	readelf -d "$bin/$1" | sed -n 's/.*(NEEDED).*\[lib\([a-z0-9_+-]*\)\.so.*/\1/p' |
	    grep -vE '^(c|m|pthread|dl|rt|gcc_s|asan|ubsan|lsan)$' || :
}

# Libraries whose code is inside, by a function that each cannot be without
inside() {
	nm "$bin/$1" 2>/dev/null | awk '$2 ~ /^[Tt]$/ { print $3 }' | sed -n '
	    s/^sqlite3_step$/sqlite3/p; s/^json_object$/jansson/p
	    s/^ZSTD_compress2$/zstd/p; s/^ZSTD_decompressDCtx$/zstd/p
	    s/^archive_read_new$/archive/p; s/^SHA256_Init$/crypto/p
	    s/^git_libgit2_init$/git2/p
	    s/^utf8proc_decompose_char$/utf8proc/p
	    s/^XML_ParserCreate_MM$/expat/p' | sort -u
}

uses() {
	{ needed "$1"; inside "$1"; } | sort -u
}

only() {
	uses "$1" | grep -vE "^($2)$" >extra || :
	cat extra
	[ ! -s extra ]
}

if command -v readelf >/dev/null && readelf -h "$bin/mem" >/dev/null 2>&1; then
	test_that 'mem uses no library' 'only mem none'
	for t in mem-ingest mem-index mem-log mem-search mem-session; do
		test_that "$t uses neither libarchive nor expat" '
			only "$t" "sqlite3|jansson|zstd|crypto|utf8proc"
		'
	done
	# mem-ingest does: a tombstone of a document has to know the archive by name
	for t in mem-log mem-session; do
		test_that "$t does not use utf8proc" '
			only "$t" "sqlite3|jansson|zstd|crypto"
		'
	done
	test_that 'mem-from uses expat, and not libarchive' '
		uses mem-from | grep -x expat
		only mem-from "sqlite3|jansson|zstd|crypto|utf8proc|expat"
	'
	test_that 'those that seal have what seals; the others pay for none of it' '
		for t in "$bin"/mem*; do
			nm "$t" 2>/dev/null | grep " [Tt] EVP_CipherInit_ex$" >out || continue
			echo "$t"
			case ${t##*/} in
			mem-admin | mem-artifact | mem-sync) ;;
			*) exit 1 ;;
			esac
		done
	'
	test_that 'mem-admin uses libarchive' '
		uses mem-admin >got; cat got
		grep -x archive got
	'
	for t in mem-from mem-ltm; do
		test_that "$t does not use libgit2" '
			uses "$t" >got; cat got
			! grep -x git2 got
		'
	done
	test_that 'git-read uses libgit2, and nothing of a store' '
		bin=${bin%/bin}/libexec/memkit
		uses git-read >got; cat got
		grep -x git2 got
		only git-read "git2|jansson|crypto"
	'
	test_that 'docs-read uses libarchive and libxml2, and nothing of a store' '
		bin=${bin%/bin}/libexec/memkit
		uses docs-read >got; cat got
		grep -x archive got
		! grep -x sqlite3 got
	'
	test_that 'embed-http and chat-http use libcurl, and nothing of a store' '
		bin=${bin%/bin}/libexec/memkit
		for t in embed-http chat-http; do
			uses $t >got
			cat got
			grep -x curl got
			only $t "curl|jansson|crypto"
		done
	'
	test_that 'blob-s3 uses libcurl and what the settings need, no archives' '
		bin=${bin%/bin}/libexec/memkit
		uses blob-s3 >got
		cat got
		grep -x curl got
		only blob-s3 "curl|sqlite3|jansson|zstd|crypto|utf8proc|expat"
	'
	test_that 'what a tool loads it uses' '
		for t in "$bin"/mem*; do
			ldd -u "$t" 2>/dev/null >out || :
			grep -E "lib(sqlite3|jansson|zstd|crypto|utf8proc|archive|expat)" out >unused || continue
			echo "$t"; cat unused
			exit 1
		done
	'
else
	skip 'libraries of each tool' 'no readelf here'
fi

for path in "$bin"/mem*; do
	t=${path##*/}
	test_that "$t -h and --help exit 0 and say nothing on stderr" '
		exits 0 "$t" -h >a 2>err
		exits 0 "$t" --help >b 2>>err
		cmp a b
		[ -s a ]
		[ ! -s err ]
	'
	test_that "$t with an unknown option exits 64 and prints one line" '
		exits 64 "$t" --no-such-option >out 2>err
		cat err
		[ ! -s out ]
		[ "$(wc -l <err)" -eq 1 ]
		grep "^$t: unknown option .--no-such-option" err
		grep "$t -h" err
	'
	test_that "$t -h into a closed standard output exits 2" '
		exits 2 "$t" -h >&- 2>err
		grep "^$t: " err
	'
	if [ -c /dev/full ]; then
		test_that "$t -h into a full disk exits 2" '
			exits 2 "$t" -h >/dev/full 2>err
			grep "^$t: .*No space" err
		'
	fi
	test_that "$t -h with standard input and error closed works" '
		exits 0 "$t" -h <&- 2>&- | grep usage:
	'
done

echo '{"session_id":"s","timestamp":1,"text":"hello"}' >one
test_that 'a message never lands in the store: 0, 1 and 2 are closed' '
	mem-ingest one
	exits 2 mem-log >&- 2>err
	cat err
	mem-ingest one <&- >&- 2>&- || :
	mem-log | grep hello
	mem-admin check
'
test_that 'records into a full disk: exit 2, once' '
	[ -c /dev/full ] || exit 0
	exits 2 mem-log >/dev/full 2>err
	cat err
	[ "$(wc -l <err)" -eq 1 ]
'
test_that 'a reader that goes away ends a tool by SIGPIPE' '
	i=0
	while [ $i -lt 3000 ]; do
		echo "{\"session_id\":\"s\",\"timestamp\":$i,\"text\":\"a line of text that is long enough $i\"}"
		i=$((i + 1))
	done | mem-ingest >/dev/null
	{ mem-log || echo $? >status; } | head -n 1
	cat status
	[ "$(cat status)" -eq 141 ]
'
test_done
