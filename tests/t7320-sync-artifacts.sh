#!/bin/sh
# Artifacts by way of a remote: rows as others, bytes of local disks as they
# are, sealed or not; put, deleted and sealed anew on either side.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"
. "$tests/lib-sync-artifact.sh"

test_that 'what is put here is there, bytes and all' '
	node A B
	head -c 300000 /dev/urandom >big
	: >empty
	echo text >small
	i=$(keep A small --session s1 --content-type text/plain --meta a=b)
	j=$(keep A big --disclose-hash)
	k=$(keep A empty)
	l=$(keep A --uri https://example.org/x.pdf)
	push A >out
	cat out
	echo $i >id
	grep "\"artifacts\":3,\"artifacts_missing\":0," out
	[ "$(blobs | wc -l)" -eq 3 ]
	b=$(blobs | head -n 1)
	[ "$(sha256sum <"$b" | cut -d" " -f1)" = "${b##*/}" ]
	pull B >out
	cat out
	grep "\"artifacts\":3,\"artifacts_missing\":0,\"artifacts_left\":0," out
	same_rows A B
	for n in A B; do
		as $n mem-artifact get --json $i $j $k $l >got.$n
		as $n mem-artifact list --json >list.$n
	done
	cmp got.A got.B
	cmp list.A list.B
	content B $j | cmp - big
	content B $i | cmp - small
	content B $k | cmp - empty
	exits 2 content B $l 2>err
	as B mem-artifact verify -q $i $j $k
	files A >a
	files B | cmp - a
	push A | grep "\"published\":false"
	push B | grep "\"published\":false"
	pull A | grep "\"artifacts\":0,"
	settled A B
	sound A B
'
test_that 'a second push asks once, and puts nothing' '
	echo more >more
	keep A more >out
	push A | grep "\"artifacts\":1,"
	push A | grep "\"artifacts\":0,\"artifacts_missing\":0,\"sent_bytes\":0"
'
test_that 'deleted on one side is deleted on the other, with its bytes' '
	i=$(cat id)
	pull B >out
	as B mem-artifact delete -q $i
	push B >out
	content A $i | cmp - small
	pull A >out
	[ "$(status A $i)" = deleted ]
	exits 2 content A $i 2>err
	files A >lines
	exits 1 grep $i lines
	files B >lines
	exits 1 grep $i lines
	same_rows A B
	settled A B
	cat out
'
test_that 'it never comes back' '
	i=$(cat id)
	printf "{\"type\":\"artifact\",\"artifact_id\":\"%s\",\"mode\":\"pointer_only\",\"uri\":\"https://a.b/c\"}\n" $i >line
	exits 3 as A mem-ingest --ack <line >out
	cat out
	grep "\"reason\":\"forgotten\"" out
	as A mem-sync export bundle.tar >out
	as B mem-sync import bundle.tar >out
	[ "$(status B $i)" = deleted ]
'
test_that 'both delete, or one deletes what the other changes: deleted' '
	echo x >x
	echo y >y
	i=$(keep A x) j=$(keep A y)
	push A >out
	pull B >out
	as A mem-artifact delete -q $i $j
	as B mem-artifact delete -q $i
	push B >out
	push A >out
	pull B >out
	pull A >out
	same_rows A B
	settled A B
	[ "$(status B $j)" = deleted ]
'
test_that 'the bytes alone are not there: unavailable, until they come' '
	node C
	echo here >x
	i=$(keep A x)
	push A >out
	# its bytes are lost on the way
	b=$(blob_of x)
	mv "$b" saved
	exits 3 pull B >out
	cat out
	grep "\"type\":\"artifact_missing\",\"artifact_id\":\"$i\",\"why\":\"missing\"" out
	grep "\"artifacts\":0,\"artifacts_missing\":1," out
	[ "$(status B $i)" = unavailable ]
	exits 2 content B $i 2>err
	grep "artifact_unavailable: .*mem-sync pull" err
	echo damaged >"$b"
	exits 3 pull B >out
	grep "\"why\":\"different\"" out
	exits 1 as A mem-sync verify >out
	cat out
	grep "\"type\":\"difference\",\"what\":\"artifact\",.*\"id\":\"$i\",\"why\":\"different\"" out
	as A mem-sync repair >out
	cat out
	grep "\"what\":\"blob\",.*\"status\":\"put\"" out
	as A mem-sync verify >out
	grep "\"artifacts\":[1-9].*\"missing\":0,\"different\":0" out
	pull B >out
	content B $i | cmp - x
	sound A B
'
test_that 'a first pull brings all of it' '
	pull C >out
	same_rows A C
	as A mem-artifact list --json | jl artifact_id | while read -r i; do
		as C mem-artifact get --json $i | grep -q pointer_only && continue
		content A $i >want
		content C $i | cmp - want
	done
	settled C
	as A mem-sync push --snapshot >out
	rm -rf D
	node D
	rm -rf D/tenants
	pull D >out
	cat out
	grep "\"snapshot\":true" out
	same_rows A D
	as D mem-artifact list --json | jl artifact_id | while read -r i; do
		as D mem-artifact get --json $i | grep -q pointer_only && continue
		content A $i >want
		content D $i | cmp - want
	done
	[ "$(files D)" = "$(files A)" ]
	settled D A
	sound D
'
test_that 'where local_fs is no provider the bytes stay, and come later' '
	node E
	RAW_STORAGE_MODE=pointer_only pull E >out 2>err
	cat out err
	grep "\"artifacts\":0,\"artifacts_missing\":0,\"artifacts_left\":[1-9]" out
	grep "artifact.mode" err
	[ -z "$(files E)" ]
	pull E >out
	[ "$(files E)" = "$(files A)" ]
'
test_done
