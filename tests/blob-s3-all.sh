# shellcheck shell=sh disable=SC2154,SC2016
# What holds of blob-s3 at every server; after lib-blob-s3.sh.

K=memkit/s/0123456789abcdef0123456789abcdef

test_that 'the settings are complete, or what is missing is named' '
	blob_ask check >answer
	jq -e "select(.type == \"blob\" and .id == 7)" answer
	mem-admin config unset artifact.s3.url
	blob_ask check >answer
	cat answer
	jq -e "select(.type == \"error\" and .code == \"usage\")
	    | .error | test(\"artifact.s3.url is not set\")" answer
	settle url=http://x
	blob_ask check | jq -e ".error | test(\"s3://BUCKET\")"
	settle encrypt=all
	blob_ask check | jq -e ".error | test(\"artifact.s3.encrypt is none\")"
	settle
	(
		unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
		blob_ask check | jq -e ".code == \"absent\""
	)
'
test_that 'what is put comes back, whole and by range' '
	blob_put $K/1.bin some | blob_is ".where == \"there\" and
	    .size_bytes == 300000 and .sha256 == \"$(sum some)\" and
	    .said.bucket == \"$bucket\" and
	    .said.uri == \"s3://$bucket/$K/1.bin\" and
	    (.said.etag | length) > 0 and
	    (.said.version_id != null) == ${versions:-false}"
	said=$(jq -c .said object)
	blob --get $K/1.bin >got
	cmp some got
	blob --get $K/1.bin --said "$said" --size 300000 \
	    --sha256 "$(sum some)" >got
	cmp some got
	blob --get $K/1.bin --from 1000 --length 5 --said "$said" >got
	tail -c +1001 some | head -c 5 | cmp - got
	blob --get $K/1.bin --from 299990 --length 500 --said "$said" \
	    --size 300000 --sha256 "$(sum some)" >got
	tail -c 10 some | cmp - got
	blob --get $K/1.bin --from 7 --said "$said" >got
	tail -c +8 some | cmp - got
'
test_that 'it is looked at' '
	blob_head $K/1.bin | blob_is ".where == \"there\" and
	    .size_bytes == 300000 and .sha256 == \"$(sum some)\""
	blob_head $K/1.bin "$(jq -c .said object)" | blob_is ".where ==
	    \"there\""
	blob_head $K/none.bin | blob_is ". == {\"key\": \"$K/none.bin\",
	    \"where\": \"absent\"}"
'
test_that 'put again: the same bytes are done, others are refused' '
	blob_put $K/1.bin some | blob_is ".where == \"there\" and
	    (.said.etag | length) > 0"
	blob_put $K/1.bin one | blob_is ".code == \"exists\""
	blob --get $K/1.bin >got
	cmp some got
'
test_that 'nothing at all' '
	blob_put $K/0.bin empty | blob_is ".where == \"there\" and
	    .size_bytes == 0"
	blob --get $K/0.bin --size 0 --sha256 "$(sum empty)" >got
	[ ! -s got ]
	blob_head $K/0.bin | blob_is ".size_bytes == 0"
'
test_that 'bytes in the question itself' '
	inside="s/\"file\":\"[^\"]*\"/\"bytes\":\"b25l\"/"
	blob_ask put "$(blob_object $K/m.bin one | sed "$inside")" >answer
	cat answer
	jq -e ".objects[0].where == \"there\"" answer
	blob --get $K/m.bin | cmp one -
	blob_ask put "$(blob_object $K/n.bin two | sed "$inside")" >answer
	jq -e "select(.type == \"error\" and .code == \"input\")" answer
	blob_head $K/n.bin | blob_is ".where == \"absent\""
'
test_that 'several at once; each has its own end' '
	ln -sf one link
	blob_ask put "$(blob_object $K/a.bin one)" \
	    "$(blob_object $K/1.bin two)" "$(blob_object $K/b.bin two)" \
	    "$(blob_object $K/c.bin link)" \
	    "$(blob_object $K/d.bin one | sed "s/:3,/:4,/")" >answer
	jq -ce ".objects[]" answer
	jq -e "[.objects[] | .code // .where] == [\"there\", \"exists\",
	    \"there\", \"sys\", \"input\"]" answer
	blob --get $K/b.bin | cmp two -
'
test_that 'sixty-four of them, and they are listed, and deleted' '
	objects="" i=0
	while [ $i -lt 64 ]; do
		objects="$objects,$(blob_object "$K/many/$i.bin" one)"
		i=$((i + 1))
	done
	blob_ask put "${objects#,}" | jq -e "[.objects[] |
	    select(.where == \"there\")] | length == 64"
	blob --list $K/many/ >list
	[ "$(jq -r .key list | sort -u | wc -l)" -eq 64 ]
	jq -e "select(.size_bytes != 3 or (.timestamp | type) != \"number\")" \
	    list && exit 1
	objects=$(jq -c "{key}" list | tr "\n" ,)
	blob_ask delete "${objects%,}" | jq -e "[.objects[] |
	    select(.where == \"absent\")] | length == 64"
	blob --list $K/many/ >list
	[ ! -s list ]
	blob --list nothing/ >list
	[ ! -s list ]
'
test_that 'deleted; deleted again' '
	blob_put $K/del.bin some >/dev/null
	said=$(jq -c .objects[0].said answer)
	blob_delete $K/del.bin "$said" | blob_is ".where == \"absent\""
	exits 2 blob --get $K/del.bin --said "$said" 2>err
	tail -n 1 err | grep "^blob-s3: absent: "
	blob_delete $K/del.bin "$said" | blob_is ".where == \"absent\""
	blob_delete $K/del.bin | blob_is ".where == \"absent\""
	blob_head $K/del.bin "$said" | blob_is ".where == \"absent\""
'
test_that 'a large one goes in parts' '
	blob_put $K/large.bin large | blob_is ".where == \"there\" and
	    .sha256 == \"$(sum large)\" and
	    (.said.version_id != null) == ${versions:-false}"
	said=$(jq -c .said object)
	s3 head $K/large.bin | grep -x "sha256 $(sum large)"
	s3 uploads $K/large.bin >left
	[ ! -s left ]
	blob --get $K/large.bin --said "$said" --size 40000000 \
	    --sha256 "$(sum large)" >got
	cmp large got
	blob --get $K/large.bin --from 39999000 --length 77 >got
	tail -c 1000 large | head -c 77 | cmp - got
	blob_put $K/large.bin large | blob_is ".where == \"there\" and
	    (.said.etag | length) > 0"
	cp large other
	printf x >>other
	blob_put $K/large.bin other | blob_is ".code == \"exists\""
	rm other
'
test_that 'what a killed upload left goes with the next put, and by delete' '
	begun $K/left.bin
	blob_put $K/left.bin large | blob_is ".where == \"there\""
	s3 uploads $K/left.bin >left
	[ ! -s left ]
	begun $K/gone.bin
	blob_head $K/gone.bin | blob_is ".where == \"absent\""
	blob_delete $K/gone.bin | blob_is ".where == \"absent\""
	s3 uploads $K/gone.bin >left
	[ ! -s left ]
	blob_delete $K/left.bin | blob_is ".where == \"absent\""
'
test_that 'below a prefix of the settings, which is not in the keys' '
	settle url=s3://$bucket/below/it
	blob_put $K/p.bin one | blob_is ".said.uri ==
	    \"s3://$bucket/below/it/$K/p.bin\""
	said=$(jq -c .said object)
	blob --list memkit/ | jq -e "select(.key == \"$K/p.bin\")"
	s3 head below/it/$K/p.bin
	blob --get $K/p.bin --said "$said" | cmp one -
	settle
	blob_head $K/p.bin "$said" | blob_is ".code == \"usage\" and
	    (.error | test(\"is not where artifact.s3.url leads now\"))"
	blob_delete $K/p.bin "$said" | blob_is ".code == \"usage\""
	s3 head below/it/$K/p.bin
'
test_that 'a bucket that is not there is no proof that an object is not' '
	settle url=s3://no-such-bucket-here
	blob_head $K/1.bin >/dev/null || :
	cat answer
	jq -e "select(.code == \"usage\") | .error |
	    test(\"no bucket .no-such-bucket-here\")" answer
	blob_delete $K/1.bin >/dev/null || :
	jq -e ".code == \"usage\"" answer
	exits 64 blob --get $K/1.bin 2>err
	tail -n 1 err | grep "^blob-s3: usage: "
	settle
'
test_that 'another key is refused, and is in no message' '
	(
		AWS_SECRET_ACCESS_KEY=verysecretthatmustnotbeseen
		blob_head $K/1.bin | blob_is ".code == \"denied\""
		blob_put $K/x.bin one | blob_is ".code == \"denied\""
		exits 2 blob --get $K/1.bin 2>err
		cat err answer
		tail -n 1 err | grep "^blob-s3: denied: "
		exits 1 grep -e verysecret -e Signature= -e AWS4 err answer
		exits 1 grep -F "$AWS_ACCESS_KEY_ID" err answer
	)
'
test_that 'what is asked wrongly is told, and the next one answered' '
	printf "%s\n" nonsense "{\"type\":\"blob_head\",\"id\":3}" \
	    "{\"type\":\"blob_head\",\"id\":4,\"objects\":[]}" | blob >answer
	cat answer
	[ "$(jq -c "[.type, .id]" answer | tr "\n" " ")" = \
	    "[\"error\",0] [\"error\",3] [\"blob\",4] " ]
	exits 64 blob --get ../x 2>err
	exits 64 blob --get x --size 3 2>err
	exits 2 blob --get x --said "[1" 2>err
	exits 64 blob x 2>err
	exits 64 blob --get x --list y 2>err
	exits 2 "$blob_program" --store "$work/no-store" --get x 2>err
	grep "no store at" err
	[ ! -e "$work/no-store" ]
'
test_that 'settings that others may write are not obeyed' '
	chmod 666 "$MEM_STORE/config"
	blob_ask check | jq -e "select(.code == \"denied\") | .error |
	    test(\"is not obeyed\")"
	chmod 600 "$MEM_STORE/config"
'
