#!/bin/sh
# configure: what it says, what it writes, and how --deps behaves where it
# may, where it need not, and where it cannot.  long-20-configure has more.
. "${0%/*}/lib.sh"
configure=$top/configure
unset MAKEFLAGS MFLAGS MAKELEVEL

# fake NAME SCRIPT: a command that stands before the real one
fake() {
	mkdir -p fake
	printf '#!/bin/sh\n%s\n' "$2" >"fake/$1"
	chmod +x "fake/$1"
}
# A compiler that answers what configure asks it for the second time, of the
# same source and with the same flags, as it did the first time: that takes a
# tenth.
real=$(command -v cc) && [ -z "${CC-}" ] && command -v sha256sum >/dev/null && {
	mkdir once
	cat >once/cc <<-.
	#!/bin/sh
	PATH="$PATH"
	for a; do
		case \$a in */memkit-configure.*.c) src=\$a ;; esac
	done
	[ -n "\${src-}" ] || exec "$real" "\$@"
	made=\${src%.c}
	key="$work/once/\$({ printf '%s\n' "\$*" |
	    sed "s|\${src%/*}/|/|g"; cat "\$src"; } | sha256sum | cut -c 1-64)"
	if [ -e "\$key.status" ]; then
		[ ! -e "\$key.made" ] || cp "\$key.made" "\$made"
	else
		status=0
		rm -f "\$made"
		"$real" "\$@" >"\$key.said" 2>&1 || status=\$?
		[ ! -e "\$made" ] || cp "\$made" "\$key.made"
		echo "\$status" >"\$key.status"
	fi
	cat "\$key.said"
	read -r status <"\$key.status"
	exit "\$status"
	.
	chmod +x once/cc
	PATH=$work/once:$PATH
}
# nothing is installed by it
has_all() {
	mkdir -p h
	(cd h || exit
	    fake apt-get 'echo "apt-get was run" >&2; exit 1'
	    fake sudo 'echo "sudo was run" >&2; exit 1'
	    PATH=$PWD/fake:$PATH sh "$configure" --deps >out 2>&1
	    echo $? >status
	    grep -q 'is installed' out)
}

test_that 'an unknown option exits 1 and names it' '
	exits 1 sh "$configure" --with-everything 2>err
	cat err
	grep "unknown option .--with-everything" err
'
test_that 'it writes config.mak and config.h, and builds out of the tree' '
	mkdir -p "b/a"
	cd b/a
	sh "$configure" --prefix=/opt/x CFLAGS="-O1 -DA=b" >out
	cat out
	grep "^memkit [0-9]" out
	grep "^prefix = /opt/x$" config.mak
	grep "^#define VERSION" config.h
	grep "^include .*/Makefile" Makefile
	grep "^CFLAGS = -O1 -DA=b$" config.mak
	make -n bin/mem >/dev/null
'
test_that 'make configures again with the same words when configure changed' '
	cd b/a
	touch -t 200001010000 config.mak
	make config.mak >out
	grep "^prefix = /opt/x$" config.mak
	grep "^CFLAGS = -O1 -DA=b$" config.mak
'
more &&
test_that 'without libstemmer it goes on, and says so' '
	mkdir -p nostem/fake
	cd nostem
	echo "#error not here" >fake/libstemmer.h
	sh "$configure" CPPFLAGS="-I$PWD/fake" >out
	grep "libstemmer .*no; configure --deps brings it" out
	[ "$(grep -c STEMMER config.h)" -eq 0 ]
	make obj/common/index/snowball.o >/dev/null
	fake apt-get "echo \"apt-get \$*\" >>asked; exit 1"
	fake cc "exec $(command -v cc) -I$PWD/fake \"\$@\""
	PATH=$PWD/fake:$PATH sh "$configure" --deps CC="$PWD/fake/cc" >out 2>&1 || :
	cat out
	grep "missing:.* libstemmer-dev" out
'
test_that 'a compiler that does not work is told from one that is missing' '
	mkdir -p c
	cd c
	fake badcc "exit 1"
	exits 1 sh "$configure" CC="$PWD/fake/badcc" >out 2>&1
	grep "cannot make a program" out
	[ -s config.log ]
	[ ! -e config.mak ]
'
test_that 'a library that is missing is named, with the remedy' '
	mkdir -p d
	cd d
	fake pkg-config "case \"\$*\" in *jansson*) exit 1 ;; esac; exec $(command -v pkg-config) \"\$@\""
	exits 1 sh "$configure" PKG_CONFIG="$PWD/fake/pkg-config" >out 2>&1
	grep "missing or too old: jansson; configure --deps" out
	[ ! -e config.mak ]
'
test_that '--deps without apt names the packages and exits 1' '
	mkdir -p e
	cd e
	fake pkg-config "case \"\$*\" in *jansson*) exit 1 ;; esac; exec $(command -v pkg-config) \"\$@\""
	mkdir path
	for c in cc gcc make cat sed sort tr uname mktemp rm dirname head id awk ls as ld grep cmp; do
		p=$(command -v $c) && ln -s "$p" path/$c
	done
	PATH=$PWD/path exits 1 /bin/sh "$configure" --deps PKG_CONFIG="$PWD/fake/pkg-config" >out 2>&1
	cat out
	grep "libjansson-dev" out
'
test_that '--deps without the right prints the exact command and exits 1' '
	mkdir -p f
	cd f
	fake pkg-config "case \"\$*\" in *jansson*) exit 1 ;; esac; exec $(command -v pkg-config) \"\$@\""
	fake apt-get "echo \"apt-get was run\" >&2; exit 0"
	fake id "echo 1000"
	fake sudo "exit 1"
	PATH=$PWD/fake:$PATH exits 1 sh "$configure" --deps PKG_CONFIG="$PWD/fake/pkg-config" >out 2>&1
	cat out
	grep "^  apt-get update && apt-get install -y --no-install-recommends .*libjansson-dev" out
	! grep "was run" out
'
test_that '--deps as root updates once and installs what is missing only' '
	mkdir -p g
	cd g
	fake pkg-config "case \"\$*\" in *jansson*) [ -e $PWD/installed ] || exit 1 ;; esac; exec $(command -v pkg-config) \"\$@\""
	fake apt-get "echo \"\$DEBIAN_FRONTEND \$*\" >>$PWD/apt.log; case \"\$*\" in *install*) : >$PWD/installed ;; esac"
	fake apt-cache "exit 1"
	fake id "echo 0"
	PATH=$PWD/fake:$PATH exits 0 sh "$configure" --deps PKG_CONFIG="$PWD/fake/pkg-config" >out 2>&1
	cat out apt.log
	[ "$(wc -l <apt.log)" -eq 2 ]
	grep "^noninteractive update$" apt.log
	grep "^noninteractive .*install -y --no-install-recommends .*libjansson-dev" apt.log
	[ -e config.mak ]
	! grep sqlite apt.log
'
if has_all; then
	test_that '--deps installs nothing where all is there' '
		cd h
		cat out
		[ "$(cat status)" = 0 ]
		exits 1 grep "was run" out
		[ -e config.mak ]
	'
else
	skip '--deps installs nothing where all is there' 'not all is there'
fi
more &&
test_that '--shared-libs, --enable-werror and --enable-sanitize reach the build' '
	mkdir -p i
	cd i
	sh "$configure" --shared-libs --enable-werror >out
	grep "^LIB_jansson = .*-ljansson" config.mak
	grep "^CFLAGS_FOUND = .*-Werror" config.mak
	if sh "$configure" --enable-sanitize >out 2>&1; then
		grep "^CFLAGS_FOUND = .*-fsanitize=address,undefined" config.mak
		grep "^SANITIZE = yes" config.mak
	else
		grep "no sanitizers" out
	fi
'
more &&
test_that '--enable-sanitize is not kept when configure runs without it' '
	cd i
	sh "$configure" >out
	! grep fsanitize config.mak
'
test_done
