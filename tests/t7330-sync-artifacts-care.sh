#!/bin/sh
# Artifacts by way of a sealed remote, and of packs; sealed by the codec, and
# sealed anew on either side; holds, what was forgotten, what is pruned, exports;
# rows of other providers.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"
. "$tests/lib-sync-artifact.sh"

db() {
	sqlite3 "$work/$1/tenants/default/memory.db" "$2"
}

for how in seal pack; do
	test_that "a remote that is set to $how: the same" '
		fresh A B
		if [ $how = seal ]; then
			as A mem-admin key new k1 >out
			knows B A
			as B mem-admin config set remote.main.seal true
		fi
		as A mem-admin config set remote.main.$how true
		echo "a word that tells: wombat" >x
		head -c 9000000 /dev/urandom >big
		i=$(keep A x) j=$(keep A big)
		push A >out
		cat out
		grep "\"artifacts\":2," out
		if [ $how = seal ]; then
			[ -z "$(blobs)" ]
			exits 1 grep -ra wombat "$R"
			sum=$(sha256sum <x | cut -c 1-64)
			exits 1 grep -ra "$sum" "$R"
		else
			[ "$(blobs | wc -l)" -eq 1 ]
		fi
		push A | grep "\"artifacts\":0,.*\"sent_bytes\":0"
		pull B >out
		both A B
		content B $i | cmp - x
		content B $j | cmp - big
		as B mem-sync verify >out
		cat out
		grep "\"artifacts\":2,.*\"missing\":0,\"different\":0" out
		rm -r "$R/default/.memkit/pack"
		exits 1 as B mem-sync verify >out
		[ "$(grep -c "\"what\":\"artifact\"" out)" -ge 1 ]
		as B mem-sync repair >out
		cat out
		grep "\"what\":\"blob\",.*\"status\":\"put\"" out
		as A mem-sync verify >out
		grep "\"missing\":0,\"different\":0" out
		settled A B
	'
done

# sealed NODE NODE: both have k1, and the codec; k2 is there, too
sealed() {
	fresh "$1" "$2"
	as "$1" mem-admin key new k1 >out
	as "$1" mem-admin key new k2 >out
	knows "$2" "$1"
	RAW_CONTENT_CODEC=aes_gcm RAW_CONTENT_CODEC_ACTIVE_KEY_ID=k1
	export RAW_CONTENT_CODEC RAW_CONTENT_CODEC_ACTIVE_KEY_ID
}
rekey() {
	RAW_CONTENT_CODEC_ACTIVE_KEY_ID=$2 as "$1" mem-artifact rekey --json
}

test_that 'what the codec sealed stays sealed on the way' '
	sealed A B
	echo wombat >x
	i=$(keep A x)
	push A >out
	exits 1 grep -ra wombat "$R"
	b=$(blobs)
	cmp "$b" "$work/A/tenants/default/blobs/$(files A)"
	# no key is needed to carry it
	rm -rf B/keys
	pull B >out
	both A B
	exits 2 content B $i 2>err
	knows B A
	content B $i | cmp - x
'
test_that 'sealed anew on one side: the other has the new form, and no other' '
	sealed A B
	echo one >x
	i=$(keep A x) j=$(keep A --uri https://example.org/)
	push A >out
	pull B >out
	rekey B k2 >out
	cat out
	push B >out
	content A $i | cmp - x
	pull A >out
	cat out
	both A B
	[ "$(files A | wc -l)" -eq 1 ]
	files A | grep "\.2\.bin"
	content A $i | cmp - x
	settled A B
	# what it was is wanted by nobody
	push A >out
	find "$R" -type f -exec touch -d "30 days ago" {} +
	as A mem-sync prune >out
	cat out
	grep "\"what\":\"blob\"" out
	grep "\"deleted\":1," out
	as A mem-sync verify >out
	grep "\"missing\":0,\"different\":0" out
'
test_that 'sealed anew on both sides: the later counts, and is told' '
	sealed A B
	echo one >x
	i=$(keep A x)
	push A >out
	pull B >out
	rekey A k2 >out
	sleep 0.02
	rekey B k2 >out
	push A >out
	push B >out
	pull A >out
	cat out
	grep "\"type\":\"clash\"" out
	grep "\"clashes\":1," out
	pull B >out
	both A B
	content A $i | cmp - x
	content B $i | cmp - x
	settled A B
'
test_that 'sealed anew there, deleted here' '
	sealed A B
	echo one >x
	i=$(keep A x)
	push A >out
	pull B >out
	as A mem-artifact delete -q $i
	sleep 0.02
	rekey B k2 >out
	push A >out
	push B >out
	pull A >out
	pull B >out
	same_rows A B
	[ "$(status A $i)" = deleted ]
	[ -z "$(files A)" ]
	[ -z "$(files B)" ]
	settled A B
'
test_that 'the same bytes twice: deleted once, they stay for the other' '
	fresh A B
	echo one >x
	i=$(keep A x) j=$(keep A x --session s1)
	[ "$(files A | wc -l)" -eq 1 ]
	push A >out
	cat out
	[ "$(blobs | wc -l)" -eq 1 ]
	pull B >out
	both A B
	content B $j | cmp - x
	as A mem-artifact delete -q $i
	push A >out
	pull B >out
	content B $j | cmp - x
	as B mem-artifact delete -q $j
	push B >out
	pull A >out
	both A B
	[ -z "$(files A)" ]
'
test_that 'of another user it is the other user'\''s, there, too' '
	fresh A B
	echo one >x
	i=$(MEM_USER=ann keep A x)
	push A >out
	pull B >out
	exits 2 content B $i 2>err
	grep artifact_not_found err
	MEM_USER=ann content B $i | cmp - x
'
test_that 'rows of a bucket travel, and nothing else of it' '
	fresh A B
	echo one >x
	i=$(keep A x)
	db A "UPDATE artifact SET provider = 2, here = 0,
	    said = '\''{\"bucket\":\"b\",\"etag\":\"e\"}'\''"
	push A | grep "\"artifacts\":0,\"artifacts_missing\":0,"
	[ -z "$(blobs)" ]
	pull B | grep "\"artifacts\":0,\"artifacts_missing\":0,\"artifacts_left\":0,"
	same_rows A B
	as B mem-artifact get --json $i | grep "\"uri\":\"s3://b/memkit/"
'
test_that 'a session on hold keeps what was deleted elsewhere' '
	fresh A B
	echo one >x
	i=$(keep A x --session s1)
	push A >out
	pull B >out
	as B mem-session hold -q s1 court
	as A mem-artifact delete -q $i
	push A >out
	pull B >out
	[ "$(status B $i)" = deleting ]
	[ "$(files B | wc -l)" -eq 1 ]
	as B mem-artifact reconcile --json >out || :
	cat out
	grep "\"what\":\"waits\",.*hold" out
	[ "$(files B | wc -l)" -eq 1 ]
	as B mem-session release -q s1
	as B mem-artifact reconcile --json >out
	[ "$(status B $i)" = deleted ]
	[ -z "$(files B)" ]
	push B >out
	pull A >out
	same_rows A B
'
test_that 'a session that is forgotten takes its artifacts along' '
	fresh A B
	echo one >x
	echo two >y
	i=$(keep A x --session s1) j=$(keep A y)
	push A >out
	pull B >out
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s1\"}" |
	    as A mem-ingest >out
	[ "$(status A $i)" = deleted ]
	db A "SELECT * FROM artifact WHERE state = 6" >lines
	exits 1 grep -i "x\|s1" lines
	as A mem-artifact reconcile --json >out
	[ "$(files A | wc -l)" -eq 1 ]
	push A >out
	pull B >out
	[ "$(status B $i)" = deleted ]
	[ "$(files B | wc -l)" -eq 1 ]
	content B $j | cmp - y
	both A B
	settled A B
	sound A B
'
test_that 'an export has rows and bytes' '
	fresh A
	rm -rf new
	echo one >x
	echo two >y
	i=$(keep A x --session s1 --disclose-hash) j=$(keep A y)
	k=$(keep A --uri https://example.org/)
	as A mem-artifact delete -q $(keep A x)
	as A mem-sync export a.tar --json >out
	cat out
	grep "\"artifacts\":4,.*\"artifacts_with_bytes\":2,\"artifacts_missing\":0" out
	tar tf a.tar | grep blobs/
	as new mem-admin init >out
	as new mem-sync import a.tar --json >out
	cat out
	grep "\"artifacts\":2,\"artifacts_left\":0," out
	both A new
	content new $i | cmp - x
	content new $j | cmp - y
	settled new
	as new mem-sync import a.tar --json | grep "\"artifacts\":0,"
	as new mem-sync export b.tar --json >out
	cmp a.tar b.tar
	# of one session
	as A mem-sync export s.tar s1 --json >out
	grep "\"artifacts\":1,.*\"artifacts_with_bytes\":1," out
	# bytes that are not what they were are not in it
	echo damaged >"$work/A/tenants/default/blobs/$(files A | grep $i)"
	exits 3 as A mem-sync export c.tar --json >out
	grep "\"type\":\"artifact_missing\",\"artifact_id\":\"$i\"" out
	grep "\"artifacts_with_bytes\":1,\"artifacts_missing\":1" out
'
test_that 'pointers go from store to store as records' '
	fresh A B
	keep A --uri https://example.org/a --name a --meta k=v >out
	keep A --uri https://example.org/b --session s1 >out
	echo x >x
	keep A x >out
	as A mem-artifact list --json | exits 3 as B mem-ingest --ack >out 2>err
	cat out
	grep "\"stored\":2,\"duplicate\":0,\"rejected\":{\"a managed artifact comes with mem-sync, or mem-artifact put\":1}" out
	as A mem-artifact list --json | grep pointer_only | jl artifact_id uri metadata session_id timestamp >want
	as B mem-artifact list --json | jl artifact_id uri metadata session_id timestamp | cmp - want
	as A mem-artifact list --json | grep pointer_only | as B mem-ingest --ack >out
	grep "\"stored\":0,\"duplicate\":2" out
	# an id is made, the same from the same
	printf "{\"type\":\"artifact\",\"mode\":\"pointer_only\",\"timestamp\":1790000000000,\"uri\":\"https://a.b/c\"}\n" >line
	as A mem-ingest --ack <line >out
	id=$(jl id <out | head -n 1)
	grep "\"status\":\"stored\"" out
	as A mem-ingest --ack <line | grep "\"status\":\"duplicate\""
	as A mem-artifact get --json $id | grep "https://a.b/c"
	as A mem-artifact delete -q $id
	exits 3 as A mem-ingest --ack <line | grep "\"reason\":\"forgotten\""
'
test_that 'what is no pointer is refused, and why is one of few' '
	fresh A
	p="\"type\":\"artifact\",\"mode\":\"pointer_only\",\"timestamp\":1790000000000"
	{
		echo "{$p}"
		echo "{$p,\"uri\":\"ftp://a/b\"}"
		echo "{$p,\"uri\":\"https://u:pw@a/b\"}"
		echo "{$p,\"uri\":\"https://a/b\",\"metadata\":{\"a\":1}}"
		echo "{$p,\"uri\":\"https://a/b\",\"artifact_id\":\"x\"}"
		echo "{$p,\"uri\":\"https://a/b\",\"content_type\":\"x\"}"
		echo "{\"type\":\"artifact\",\"mode\":\"pointer_only\",\"uri\":\"https://a/b\"}"
		echo "{$p,\"uri\":\"https://a/?token=ghp_0123456789abcdefghijABCDEFGHIJ012345\"}"
		echo "{\"type\":\"artifact_row\",\"artifact_id\":\"01M7WD7TG0TJPACCCHBXTJ5NBV\",\"status\":\"stored\",\"timestamp\":1,\"at\":1}"
	} | exits 3 as A mem-ingest --ack 2>err >out
	cat out
	[ "$(grep -c "\"status\":\"rejected\"" out)" -eq 9 ]
	grep "\"reason\":\"invalid_pointer_uri_scheme\"" out
	grep "\"reason\":\"invalid_metadata\"" out
	grep "\"reason\":\"the URI has a secret in it\"" out
	grep "\"reason\":\"rows of artifacts come with mem-sync alone\"" out
	exits 1 grep ghp_ out err
	[ "$(db A "SELECT count(*) FROM artifact")" -eq 0 ]
'
test_done
