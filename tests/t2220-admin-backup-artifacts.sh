#!/bin/sh
# mem-admin backup and restore: bytes of artifacts.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"
. "$tests/lib-sync-artifact.sh"

test_that 'bytes of artifacts are in a backup, and come back' '
	fresh A
	echo one >x
	echo two >y
	: >empty
	i=$(keep A x) j=$(keep A y --session s1) k=$(keep A empty)
	as A mem-artifact delete -q "$(keep A --uri https://example.org/)"
	as A mem-admin backup a.tar --json >out
	cat out
	grep "\"artifact_bytes\":3," out
	rm -rf B
	as B mem-admin restore a.tar --json >out
	grep "\"artifact_bytes\":3," out
	content B $i | cmp - x
	content B $j | cmp - y
	content B $k | cmp - empty
	[ "$(files A)" = "$(files B)" ]
	settled B
	sound B
	[ -z "$(find B -name "*.bin" ! -perm 600)" ]
	[ -z "$(find B/tenants -type d ! -perm 700)" ]
	# it is a copy like any other
	as B mem-admin config set remote.main.url "file://$R"
	as A mem-artifact delete -q $i
	push A >out
	pull B >out
	[ "$(status B $i)" = deleted ]
	both A B
'
test_that 'without them they are unavailable, and a remote has them' '
	fresh A
	echo one >x
	i=$(keep A x)
	push A >out
	as A mem-admin backup --no-artifacts a.tar --json >out
	exits 1 grep artifact_bytes out
	tar tf a.tar >lines
	exits 1 grep blobs lines
	as A mem-admin backup b.tar --with-config --json >out
	for how in a.tar "b.tar --no-artifacts"; do
		rm -rf B
		as B mem-admin restore $how >out
		[ "$(status B $i)" = unavailable ]
		as B mem-admin config set remote.main.url "file://$R"
		pull B >out
		content B $i | cmp - x
	done
'
test_that 'one that is not there is told, and the rest is in it' '
	fresh A
	echo one >x
	echo two >y
	i=$(keep A x) j=$(keep A y)
	rm "A/tenants/default/blobs/$(files A | grep $i)"
	as A mem-admin backup a.tar --json >out
	cat out
	grep "\"artifact_bytes\":1,\"artifacts_missing\":1" out
	rm -rf B
	as B mem-admin restore a.tar >out
	[ "$(status B $i)" = unavailable ]
	content B $j | cmp - y
'
test_that 'a link in the place of an object is none' '
	fresh A
	echo one >x
	keep A x >out
	f=A/tenants/default/blobs/$(files A)
	rm "$f"
	ln -s /etc/passwd "$f"
	as A mem-admin backup a.tar --json >out
	grep "\"artifacts_missing\":1" out
	tar tf a.tar >lines
	exits 1 grep blobs lines
'
test_that 'a backup with other paths is refused' '
	fresh A
	echo one >x
	keep A x >out
	as A mem-admin backup a.tar >out
	mkdir t
	tar xf a.tar -C t
	mv t/tenants/default/blobs t/tenants/default/files
	(cd t && find tenants -type f >../list)
	sed "s|/blobs/|/files/|" t/manifest.json >m
	cmp m t/manifest.json && exit 1
	cp m t/manifest.json
	(cd t && tar cf ../b.tar manifest.json memkit $(cat ../list) sha256)
	rm -rf B
	exits 2 as B mem-admin restore b.tar 2>err
	cat err
	[ ! -e B/tenants ]
'
test_done
