#!/bin/sh
# Who may include whom.  A file sees its own layer and those below it, and
# only the files named here see a library.
. "${0%/*}/lib.sh"
cd "$top" || exit 2

layers='base docs store index text history blob memory toc ltm file artifact'
layers="$layers ingest search review admin graph engine from net sync cmd"

# upward FILE...: each #include of ours that leads to a higher layer
upward() {
	awk -v layers="$layers" '
	BEGIN {
		n = split(layers, l, " ")
		for (i = 1; i <= n; i++)
			height[l[i]] = i
	}
	FNR == 1 {
		n = split(FILENAME, part, "/")
		here = height[n > 2 ? part[2] : part[1]]
	}
	/^[ \t]*#[ \t]*include[ \t]*"[^"]*"/ {
		split($0, quoted, "\"")
		inc = quoted[2]
		if (inc == "config.h" || inc == "mem-about.h")
			next
		if (inc !~ /\//)
			print FILENAME ": \47" inc "\47 is not named by its layer"
		split(inc, part, "/")
		if (!(part[1] in height))
			print FILENAME ": \47" inc "\47 is of no layer"
		else if (height[part[1]] > here)
			print FILENAME " includes " inc
	}' "$@"
}

# others HEADER-PATTERN FILE-PATTERN: files that include it and may not
others() {
	grep -lE "^[[:space:]]*#[[:space:]]*include[[:space:]]*<$1" \
	    common/*/*.[ch] cmd/*.[ch] | grep -vE "^($2)$" || :
}

none() {
	"$@" >"$work/found" || return 1
	cat "$work/found"
	[ ! -s "$work/found" ]
}

test_that 'the test sees a wrong direction and an unnamed layer' '
	mkdir -p "$work/common/base"
	echo "#include \"store/db.h\"" >"$work/common/base/x.c"
	echo "#  include \"err.h\"" >>"$work/common/base/x.c"
	cd "$work"
	upward common/base/x.c >got
	grep "x.c includes store/db.h" got
	grep "err.h. is not named" got
'
test_that 'no file includes a higher layer' \
    'none upward common/*/*.[ch] cmd/*.[ch]'
test_that 'every file of common/ is in a layer' '
	for d in common/*/; do
		d=${d#common/}
		case " $layers " in
		*" ${d%/} "*) ;;
		*) echo "$d"; exit 1 ;;
		esac
	done
'
test_that 'sqlite is seen by store/ only' \
    'none others sqlite3 "common/store/.*"'
test_that 'zstd is seen by base/zip.c only' \
    'none others "(zstd|zdict)" "common/base/zip\.c"'
test_that 'libarchive is seen by store/bundle*.c and the archives of docs/ only' \
    'none others "archive" \
    "common/(store/bundle[a-z_]*|docs/(archive[a-z_]*|parts))\.c"'
test_that 'libxml2 is seen by docs/ markup and html only' \
    'none others "libxml/" "common/docs/(markup|html)\.c"'
test_that 'libcrypto is seen by hash, sign, crypto and seal_passphrase of base/ only' \
    'none others "openssl/" "common/base/((hash|sign|seal_passphrase)\.c|crypto\.[ch])"'
test_that 'utf8proc is seen by index/ token and fold only' \
    'none others "utf8proc" "common/index/(token|fold|word|run)\.c"'
test_that 'libcurl is seen by net/http*.c only' \
    'none others "curl" "common/net/http[a-z_]*\.[ch]"'
test_that 'libstemmer is seen by index/snowball.c only, which loads it' \
    'none others "libstemmer" "common/index/snowball\.c"'
test_that 'libraries are loaded by it and by base/crypto.c only' \
    'none others "dlfcn" "common/(index/snowball|base/crypto)\.c"'
test_that 'expat is seen by base/xml.c only' \
    'none others "expat" "common/base/xml\.c"'
test_that 'libgit2 is seen by history/gitlog.c, gitlog_walk and diff.c only' \
    'none others "git2" "common/history/(gitlog\.c|gitlog_walk\.[ch]|diff\.c)"'
test_that 'no other library is seen' '
	none others "(openssl/ssl|pthread)" "none"
'
test_that 'main never knows SQL' '
	none grep -nE "\"(SELECT|INSERT|UPDATE|DELETE) " cmd/*.c || [ ! -s "$work/found" ]
'
test_that 'common/ never reads arguments or prints' '
	none grep -nE "[^a-z_](printf|puts|putchar|fprintf|perror) *\(" \
	    common/*/*.c || [ ! -s "$work/found" ]
'
test_that 'the environment is read in few places' '
	none sh -c "grep -lE \"[^a-z_](secure_)?getenv *\\(\" common/*/*.c cmd/*.c |
	    grep -vE \"^(common/store/(store_where|credential)|common/base/(conf|date|term|zone)|common/artifact/artifact_(conf|uri)|common/net/s3_cred|cmd/(mem|endpoint))\\.c$\" || :"
'
test_done
