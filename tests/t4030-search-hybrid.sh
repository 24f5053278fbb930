#!/bin/sh
# Ranking by all there is: words, vectors, and who stands beside whom.
. "${0%/*}/lib.sh"
MEM_MODEL=$model
export MEM_MODEL

# say SESSION NUMBER TYPE TEXT
say() {
	printf '{"event_id":"01HNAVQZC00000000000000%03d","session_id":"%s",' \
	    "$2" "$1"
	printf '"timestamp":%d,"event_type":"%s","text":"%s"}\n' \
	    $((1790000000000 + $2 * 60000)) "$3" "$4"
}
{
	say s1 1 user_message 'Which database do we take for the sessions?'
	say s1 2 tool_use 'grep database sessions sessions database'
	say s1 3 assistant_message 'Postgres, because it is there already.'
	say s1 4 user_message 'Good, do that.'
	say s2 11 user_message 'The cat sleeps on the sofa all day.'
	say s2 12 assistant_message 'A kitten is napping on the couch.'
	say s3 21 user_message 'Nothing of interest happens here.'
	say s3 22 assistant_message 'xyzzy'
	say s4 31 user_message 'The invoice of March was paid twice.'
	say s4 32 assistant_message 'I have written to accounting about it.'
} | mem-ingest >out

ids() {
	mem-search -l "$@" | sed 's/^.*\(..\)$/\1/' | tr '\n' ' '
}

test_that 'an answer is found by its question' '
	[ "$(ids "which database for the sessions")" = "02 01 03 " ]
	[ "$(ids --mode text "which database for the sessions")" = "02 01 " ]
'
test_that 'what nobody said stands beside nobody' '
	mem-search --explain "which database for the sessions" >hits
	grep "\"id\":\"01HNAVQZC00000000000000003\"" hits >three
	grep "\"part\":\"beside\",\"weight\":0.4,[^}]*\"event_id\":\"01HNAVQZC00000000000000001\"" three
	grep "\"id\":\"01HNAVQZC00000000000000002\"" hits >two
	exits 1 grep "\"part\":\"beside\"" two
'
test_that 'what means the same is found without a word of the query' '
	[ "$(mem-search --mode text -l kitten | wc -l)" -eq 1 ]
	[ "$(ids --mode vector -n 2 "kitten couch" | cut -c1-3)" = "12 " ]
	mem-search -l "kitten napping couch" >got
	grep 011 got || { mem-search --explain --mode vector "kitten napping couch"; exit 1; }
'
test_that 'nonsense finds nothing' '
	exits 1 mem-search qqqqzzzz >out
	exits 1 mem-search -q qqqqzzzz
'
test_that 'a filter holds for all, whatever stands beside' '
	mem-search --role assistant "xyzzy interest happens here" >hits
	[ "$(jl id <hits | cut -c24-26 | tr "\n" " ")" = "022 " ] || { cat hits; exit 1; }
	[ "$(ids --role user "xyzzy interest" )" = "21 " ]
	[ "$(ids -- "invoice -paid")" = "" ]
'
test_that 'scores are from 0 to 1, best first' '
	mem-search -n 0 "database sessions cat invoice" >hits
	jl score <hits >scores
	[ -s scores ]
	sort -rg scores | cmp - scores
	awk "\$1 < 0 || \$1 > 1 { exit 1 }" scores
'
test_that 'parts can be left out' '
	mem-search --explain -n 1 database >with
	mem-admin config set search.without reranker
	mem-search --explain -n 1 database >without
	grep "\"formula\":\"rerank\"" with
	exits 1 grep "\"formula\":\"rerank\"" without
	mem-admin config unset search.without
'
test_that 'with an index it is the same' '
	for q in "which database for the sessions" "kitten couch" \
	    "invoice paid" "xyzzy interest" "\"paid twice\" cat"; do
		mem-search --explain -- "$q"
		mem-search --explain --mode vector -- "$q"
		mem-search --explain --role user -- "$q"
		mem-search --explain --in session -- "$q"
	done >before 2>&1
	mem-index -q
	for q in "which database for the sessions" "kitten couch" \
	    "invoice paid" "xyzzy interest" "\"paid twice\" cat"; do
		mem-search --explain -- "$q"
		mem-search --explain --mode vector -- "$q"
		mem-search --explain --role user -- "$q"
		mem-search --explain --in session -- "$q"
	done 2>&1 | cmp before -
'
test_done
