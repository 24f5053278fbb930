#!/bin/sh
# make install puts everything in its place, make uninstall leaves nothing.
. "${0%/*}/lib.sh"
build=$(dirname "${MEM_BIN:-$top/bin}")
dest=$work/dest
make="make"
command -v gmake >/dev/null && make="gmake"
# whatever runs these tests by make has options of its own
unset MAKEFLAGS MFLAGS MAKELEVEL

if [ ! -e "$build/config.mak" ]; then
	skip 'install' 'the tools were not built here'
	test_done
	exit
fi

quiet_make() {
	$make -s -C "$build" "$@"
}

test_that 'install works with DESTDIR and prefix' '
	quiet_make install DESTDIR="$dest" prefix=/opt/mk
	cd "$dest/opt/mk"
	find . ! -type d | sort
	for t in "$build"/bin/mem*; do
		t=${t##*/}
		[ -x "bin/$t" ]
		[ -e "share/man/man1/$t.1" ]
		[ -e "share/bash-completion/completions/$t" ]
		[ -e "share/fish/vendor_completions.d/$t.fish" ]
	done
	[ -e share/zsh/site-functions/_mem ]
	[ -x libexec/memkit/embed-http ]
	[ -x libexec/memkit/chat-http ]
	for p in "$top"/share/man/man*/*; do
		cmp "$p" "share/man/${p#"$top"/share/man/}"
	done
	[ -e share/man/man5/memkit-redact.5 ]
	[ -e share/memkit/redact.rules ]
	[ -e share/memkit/schema/event.json ]
	cmp share/memkit/model/minilm-256.model \
	    "$top/share/model/minilm-256.model"
	[ -e share/memkit/model/SOURCES.md ]
	[ -e share/doc/memkit/README ]
	[ -z "$(find . -type f -perm -g+w)" ]
'
test_that 'nothing is put beside the prefix' '
	[ "$(ls "$dest")" = opt ]
	[ "$(ls "$dest/opt")" = mk ]
'
test_that 'the installed tools work from there, without their source' '
	PATH=$dest/opt/mk/bin:/usr/bin:/bin
	echo "{\"session_id\":\"s\",\"timestamp\":1,\"text\":\"hello\"}" |
	    mem ingest >out
	cat out
	mem log | grep hello
	mem admin config set search.endpoint http://127.0.0.1:1/
	unset MEM_MODEL
	mem search hello 2>err
	cat err
	grep "embed-http" err
	mem | grep "^  search  *[a-z]"
'
test_that 'an installed completion is a file that its shell would load' '
	cd "$dest/opt/mk/share"
	bash -n bash-completion/completions/mem-log
	head -n 1 zsh/site-functions/_mem | grep "^#compdef"
'
test_that 'install twice is install once' '
	find "$dest" | sort >before
	quiet_make install DESTDIR="$dest" prefix=/opt/mk
	find "$dest" | sort | cmp before -
'
test_that 'uninstall leaves no file and no folder of ours' '
	quiet_make uninstall DESTDIR="$dest" prefix=/opt/mk
	find "$dest" -mindepth 1 >left
	cat left
	[ ! -s left ]
'
test_that 'uninstall leaves what is not ours' '
	quiet_make install DESTDIR="$dest" prefix=/opt/mk
	for d in bin share/man/man1 share/doc share/zsh/site-functions; do
		: >"$dest/opt/mk/$d/other"
	done
	quiet_make uninstall DESTDIR="$dest" prefix=/opt/mk
	find "$dest" ! -type d >left
	cat left
	[ "$(wc -l <left)" -eq 4 ]
'
if [ -e "$top/.git" ] && command -v git >/dev/null &&
    tar --version 2>/dev/null | grep -q GNU; then
	test_that 'dist gives the same bytes twice, and they build' '
		git config --global --add safe.directory "*"
		SOURCE_DATE_EPOCH=1700000000
		export SOURCE_DATE_EPOCH
		mkdir a b
		for d in a b; do
			echo "include $build/config.mak" >$d/config.mak
			case $(sed -n "s/^srcdir = //p" "$build/config.mak") in
			.) echo "srcdir = $top" >>$d/config.mak ;;
			esac
			touch $d/config.h
			(cd $d && $make -s -f "$top/Makefile" -o config.mak dist \
			    DIST_LEVEL=1)
		done
		cmp a/*.tar.gz b/*.tar.gz
		tar -xzf a/*.tar.gz
		[ -x memkit-*/configure ]
		[ -e memkit-*/share/sql/001_base.sql ]
		[ "$(date -u -r memkit-*/configure +%s)" = 1700000000 ]
	'
fi
test_done
