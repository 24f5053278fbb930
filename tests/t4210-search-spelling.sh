#!/bin/sh
# mem-search: words that no text has.
. "${0%/*}/lib.sh"

# Without a model every word may be a mistake, with one only those that it
# does not know: the words here are ones that it does not.
cat >in <<'END'
{"event_id":"01HNAVQZC00000000000000001","session_id":"s1","timestamp":1706540400001,"text":"We moved to kubernetes, the vault is sealed."}
{"event_id":"01HNAVQZC00000000000000002","session_id":"s1","timestamp":1706540400002,"text":"Prometheus scrapes kubernetes every minute."}
{"event_id":"01HNAVQZC00000000000000003","session_id":"s2","timestamp":1706540400003,"text":"An exporter was deployed."}
{"event_id":"01HNAVQZC00000000000000004","session_id":"s2","timestamp":1706540400004,"text":"The exporters were redeployed; zwabel, zwobel, zwobel."}
{"event_id":"01HNAVQZC00000000000000005","session_id":"s2","timestamp":1706540400005,"text":"One more zwobel."}
{"type":"record","kb":"bugs","record_id":"B-1","record_type":"bug_record","title":"Valkey eviction","text":"It evicts too early."}
END
mem-ingest <in >out

# same QUERY: the same hits and notes as in the file want
both() {
	mem-search --mode text "$@" >got 2>err || :
	mem-search --mode text "$@" 2>&1 >again | cmp - err
	cmp got again
}

each() {
	test_that "a word that no text has is repaired, and that is said ($1)" '
		both -l kuberntes
		grep -c . got | grep -x 2
		grep "no text has .kuberntes.; searched for .kubernetes." err
		[ "$(grep -c . err)" -eq 1 ]
	'
	test_that "what is shown is the word, not its stem ($1)" '
		both -l promtheus
		grep "searched for .prometheus." err
		both -l redeplyed
		grep "searched for .redeployed." err
		grep 04 got
	'
	test_that "the one that is in more texts comes first ($1)" '
		both -l zwibel
		grep "searched for .zwobel." err
	'
	test_that "records, too, where they are searched ($1)" '
		both -l valkye
		grep "searched for .valkey." err
		grep -x B-1 got
		both --in event valkye
		[ ! -s err ]
		[ ! -s got ]
	'
	test_that "other words of the query still count ($1)" '
		both -l kuberntes scrapes
		head -n 1 got | grep 02
		mem-search --mode text --explain "kuberntes scrapes" 2>err |
		    grep "\"term\":\"kubernet\""
	'
	test_that "a word that is there is not ($1)" '
		both -l zwabel
		[ ! -s err ]
		grep -c . got | grep -x 1
	'
	test_that "what is quoted, prefixed or must be there is as it is ($1)" '
		for q in "\"kuberntes\"" "+kuberntes" "kuberntes*" \
		    "tag:kuberntes" "kuberntes2" "src/kuberntes" \
		    "kuberntes +kuberntes" "xprometheusx" "exp"; do
			exits 1 mem-search --mode text -l "$q" >got 2>err
			exits 1 grep "searched for" err
		done
		mem-search --mode text -l -- "-kuberntes exporter" >got 2>err
		[ ! -s err ]
	'
	test_that "a number or a yes or no is of what was asked ($1)" '
		exits 1 mem-search -c kuberntes >got 2>err
		[ "$(cat got)" = 0 ]
		[ ! -s err ]
		exits 1 mem-search -q kuberntes
	'
}
each 'no index'
mem-index >out
each 'all indexed'

test_that 'what is not indexed yet counts the same' '
	mem-search --mode text --explain zwibel >want 2>note
	printf "%s\n" "{\"session_id\":\"s3\",\"timestamp\":1706540400009,\"text\":\"zwabel\"}" \
	    "{\"session_id\":\"s3\",\"timestamp\":1706540400010,\"text\":\"zwabel again\"}" | mem-ingest >out
	mem-search --mode text --explain zwibel >before 2>note
	grep "searched for .zwabel." note
	mem-index >out
	mem-search --mode text --explain zwibel >after 2>note
	grep "searched for .zwabel." note
	cmp before after
	! cmp want after
'
test_that 'a word that only another user has is none' '
	echo "{\"session_id\":\"o\",\"timestamp\":1,\"text\":\"quetzalcoatl\"}" |
	    mem-ingest --user other >out
	mem-index --user other >out
	exits 1 mem-search --mode text quetzlcoatl 2>err
	[ ! -s err ]
	mem-search --user other --mode text -l quetzlcoatl 2>err
	grep "searched for .quetzalcoatl." err
'
test_that 'nor is one that was forgotten' '
	echo "{\"event_id\":\"01HNAVQZC0000000000000000X\",\"session_id\":\"f\",\"timestamp\":1706540400020,\"text\":\"the xylophonist\"}" |
	    mem-ingest >out
	mem-index >out
	mem-search --mode text -l xylophnist 2>err
	grep "searched for .xylophonist." err
	echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"01HNAVQZC0000000000000000X\"}" |
	    mem-ingest >out
	cat out
	exits 1 mem-search --mode text xylophnist 2>err
	exits 1 grep xylophonist err
	mem-index >out
	exits 1 mem-search --mode text xylophnist 2>err
	exits 1 grep xylophonist err
'
test_that 'it can be turned off' '
	mem-admin config set search.spelling false
	exits 1 mem-search --mode text kuberntes 2>err
	[ ! -s err ]
	exits 64 mem-admin config set search.spelling perhaps 2>err
	grep "search.spelling wants true or false" err
	mem-admin config unset search.spelling
	mem-search --mode text -l kuberntes >got 2>err
	[ -s got ]
'
test_that 'with the vectors, too' '
	mem-search -l kuberntes >got 2>err
	grep "searched for .kubernetes." err
	mem-search -l kuberntes >again 2>err
	cmp got again
	grep 01HNAVQZC00000000000000001 got
'
test_that 'stop words and stems are told to who asks, and a name is not lost' '
	mem-search --mode text "the exporters of it" >got 2>err
	[ ! -s err ]
	mem-search --mode text -v "the exporters of it" >got 2>err
	grep "left out, because they tell nothing: the, of, it$" err
	grep "compared by their stems: exporters (export)$" err
	[ "$(grep -c . err)" -eq 2 ]
	mem-search --mode text "WHO deployed exporters" >got 2>err
	grep "WHO. is a word that tells nothing, and is left out; +WHO asks for it" err
	mem-search --mode text "WHO DEPLOYED EXPORTERS" >got 2>err
	[ ! -s err ]
'
test_done
