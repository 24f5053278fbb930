#!/bin/sh
# A program makes the vectors: what it is asked, and all that it may do wrong.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
embedder=$obj/helper/embedder
EMBEDDER_LOG=$work/asked
export EMBEDDER_LOG
unset MEM_MODEL

if [ ! -x "$embedder" ]; then
	skip 'a program as embedder' 'the helper was not built'
	test_done
	exit
fi
# One command that changes its mind: the same name, so the same vectors.
cat >embed.sh <<END
exec $embedder \$(cat $work/mode)
END
mode() {
	echo "$*" >"$work/mode"
	: >"$EMBEDDER_LOG"
}
configure() {
	mem-admin config set "$1" "$2" >/dev/null
}
# again [STATUS]: everything embedded anew
again() {
	exits "${1:-3}" mem-index --rebuild >out 2>err
}

mode well
mkevents 40 | mem-ingest -q >/dev/null
echo '{"session_id":"z","timestamp":5,"text":"zebra crossing"}' |
    mem-ingest -q >/dev/null
configure search.embedCommand "sh '$work/embed.sh'"
configure search.timeout 20

test_that 'its vectors are asked for in batches, as documents' '
	mem-index >out
	[ "$(jl vectors <out | head -n 1)" = 41 ]
	[ "$(grep -c . "$EMBEDDER_LOG")" -eq 7 ]
	[ "$(grep -c "\"kind\":\"document\"" "$EMBEDDER_LOG")" -eq 6 ]
	head -n 1 "$EMBEDDER_LOG" | grep "\"texts\":\[\]"
'
test_that 'nothing is asked for when there is nothing new' '
	mode well
	mem-index >out
	cat "$EMBEDDER_LOG"
	exits 1 grep document "$EMBEDDER_LOG"
'
test_that 'a query is asked for once, as a query' '
	mode well
	mem-search --explain "zebra crossing" >out 2>err
	[ "$(grep -c "\"kind\":\"query\"" "$EMBEDDER_LOG")" -eq 2 ]
	exits 1 grep document "$EMBEDDER_LOG"
	head -n 1 out | grep "\"cosine\":0.99" || head -n 1 out | grep "\"cosine\":1"
	head -n 1 out | grep "\"model\":\"words\""
	[ ! -s err ]
'
test_that 'it is asked nothing when words are enough' '
	mode well
	mem-search --mode text zebra >out
	[ ! -s "$EMBEDDER_LOG" ]
'
test_that 'what is not indexed is embedded in batches, and scored alike' '
	i=0
	while [ $i -lt 10 ]; do
		echo "{\"session_id\":\"t\",\"timestamp\":$i,\"text\":\"heron number $i\"}"
		i=$((i + 1))
	done | mem-ingest -q >out
	mode well
	mem-search -n 0 --explain heron number 4 | jl score >fresh
	[ "$(grep -c "\"kind\":\"document\"" "$EMBEDDER_LOG")" -eq 2 ]
	mem-index -q
	mem-search -n 0 --explain heron number 4 | jl score >indexed
	cmp fresh indexed
'
test_that 'another command has other vectors: they are made anew' '
	configure search.embedCommand "sh '\''$work/embed.sh'\'' # 2"
	mode well
	mem-search zebra >out 2>err
	grep "no vectors of the model .words.; mem-index makes them" err
	mem-index >out
	[ "$(jl vectors <out | head -n 1)" = 51 ]
	grep document "$EMBEDDER_LOG" >listed
	[ -s listed ]
	mem-search zebra 2>err >out
	[ ! -s err ]
	configure search.embedCommand "sh '\''$work/embed.sh'\''"
	mem-index -q
'
test_that 'another dimension, too' '
	mode well 2 24
	mem-index >out
	[ "$(jl vectors <out | head -n 1)" = 51 ]
	mode well
	mem-index >out
	[ "$(jl vectors <out | head -n 1)" = 51 ]
'

# wrong MODE TEXT: indexing says so, words are indexed all the same; a search
# says so and goes on by words; the vectors come when it is well again
wrong() {
	test_that "an embedder that goes wrong: $*" "
		mode $1
		again
		cat err
		grep 'no vectors were made: .*$2' err
		[ \"\$(jl live <out | head -n 1)\" = 51 ]
		[ \"\$(jl vectors <out | head -n 1)\" = 0 ]
		mode well
		mem-index >out
		[ \"\$(jl vectors <out | head -n 1)\" = 51 ]
		mode $1
		mem-search zebra >out 2>err
		cat err
		grep 'searched without vectors: .*$2' err
		grep zebra out
	"
}
wrong short 'a vector of another dimension'
wrong nan 'not JSON'
wrong huge 'a number is out of range'
wrong large 'a component that is no number'
wrong string 'a component that is no number'
wrong fewer 'not as many .vectors. as texts'
wrong type "its .type. is neither"
wrong id 'that of another question'
wrong model 'another model or dimension'
wrong dimension 'another model or dimension'
wrong junk 'not JSON'
wrong bytes 'answered wrongly'
wrong deep 'nested deeper'
wrong giant 'answered with more than [0-9]* bytes'
wrong error 'no such tea'
wrong again 'no such tea'
wrong exit 'ended with status 3 before it answered; it said: out of order'
wrong kill "search.embedCommand"

test_that 'what it writes to standard error is told, with its name' '
	mode exit
	again
	grep "^mem-index: search.embedCommand: out of order" err
'
test_that 'one that floods standard error is in nobodys way' '
	mode noise
	again 0
	[ "$(jl vectors <out | head -n 1)" = 51 ]
	[ "$(grep -c noise err)" -le 101 ]
	grep "says more than is told" err
'
test_that 'texts that it has no vector for are found by their words' '
	mode null
	again 0
	[ "$(jl vectors <out | head -n 1)" = 0 ]
	mode zero
	mem-search zebra >out 2>err
	grep zebra out
	[ ! -s err ]
'
test_that 'one that says more than it was asked' '
	mode twice
	again
	grep "no vectors were made: .*search.embedCommand" err
'
test_that 'one that answers before it is asked' '
	mode early
	again
	cat err
	grep "no vectors were made: .*that of another question" err
'
test_that 'one that cannot be started' '
	mode well
	configure search.embedCommand "/nowhere/at/all"
	again
	cat err
	grep "no vectors were made: .*ended with status 127" err
	mem-search zebra >out 2>err
	grep "searched without vectors: .*ended with status 127" err
	grep zebra out
	configure search.embedCommand "sh '\''$work/embed.sh'\''"
'
test_that 'one that does not answer is killed in time, and all that it started' '
	configure search.timeout 1
	mode hang
	again
	grep "no vectors were made: .*did not answer in time" err
	mode well
	mem-index -q
	mode deaf
	mem-search zebra >out 2>err
	grep "searched without vectors" err
	configure search.embedCommand "sleep 987 | cat"
	mem-search zebra >out 2>err
	grep "did not answer in time" err
	sleep 0.1
	ps -e -o args >ps
	exits 1 grep -x "sleep 987" ps
	configure search.embedCommand "sh '\''$work/embed.sh'\''"
	configure search.timeout 20
'
test_that 'an indexing that is stopped does not wait for it' '
	mode hang
	start=$(date +%s)
	mem-index --rebuild >out 2>err &
	pid=$!
	sleep 0.5
	kill -TERM $pid
	wait $pid || :
	cat err
	[ $(($(date +%s) - start)) -lt 10 ]
'
test_that 'a text that is very long is cut, and never in a character' '
	mode well
	awk "BEGIN { printf \"{\\\"session_id\\\":\\\"l\\\",\\\"timestamp\\\":9,\\\"text\\\":\\\"x\"
		for (i = 0; i < 20000; i++) printf \"\303\251\"
		print \"\\\"}\" }" | mem-ingest -q >out
	mem-index -q 2>err
	cat err
	[ ! -s err ]
	n=$(tail -n 1 "$EMBEDDER_LOG" | wc -c)
	[ $n -lt 17000 ]
	iconv -f UTF-8 -t UTF-8 <"$EMBEDDER_LOG" >valid
'
test_that 'a configuration that another user may write is not obeyed' '
	mode well
	chmod g+w "$MEM_STORE/config"
	mem-search zebra >out 2>err
	cat err
	grep "searched without vectors: search.embedCommand is not obeyed: others may write" err
	[ ! -s "$EMBEDDER_LOG" ]
	chmod g-w "$MEM_STORE/config"
	if [ "$(id -u)" -eq 0 ]; then
		chown 12345 "$MEM_STORE/config"
		mem-search zebra >out 2>err
		grep "not obeyed: .*belongs to another user" err
		[ ! -s "$EMBEDDER_LOG" ]
		chown 0 "$MEM_STORE/config"
	fi
	mem-search zebra >out 2>err
	[ ! -s err ]
'
test_that 'search.model none: it is not asked' '
	mode well
	MEM_MODEL=none mem-search zebra >out 2>err
	[ ! -s err ]
	[ ! -s "$EMBEDDER_LOG" ]
'
test_that 'settings that are no numbers are refused' '
	exits 64 mem-admin config set search.timeout 0 2>err
	grep "search.timeout wants a number from 1 to 3600" err
	exits 64 mem-admin config set search.endpointBatch lots 2>err
'

# ---- what is not indexed ----

# documents: how many texts it was asked for
documents() {
	grep "\"kind\":\"document\"" "$EMBEDDER_LOG" |
	    sed 's/.*"texts"://; s/[^"]//g' | tr -d '\n' | wc -c |
	    awk '{ print $1 / 2 }'
}
mine=$MEM_STORE/tenants/default/index/user/tester
test_that 'what is not indexed is embedded once, not by every search' '
	i=0
	while [ $i -lt 20 ]; do
		echo "{\"session_id\":\"t\",\"timestamp\":$i,\"text\":\"egret number $i\"}"
		i=$((i + 1))
	done >egrets
	head -n 12 egrets | mem-ingest -q >out
	mode well
	mem-search --explain egret >first
	[ "$(documents)" = 12 ]
	mode well
	mem-search --explain egret | cmp first -
	mem-search --in event --mode vector another query >out
	printf "egret\nheron\n" | mem-search --batch - >out
	[ "$(documents)" = 0 ]
	tail -n 8 egrets | mem-ingest -q >out
	mode well
	mem-search --explain egret >second
	[ "$(documents)" = 8 ]
	mode well
	mem-search --explain egret | cmp second -
	[ "$(documents)" = 0 ]
	printf X | dd of="$mine/kept" bs=1 seek=200 conv=notrunc 2>/dev/null
	mem-search --explain egret | cmp second -
	[ "$(documents)" = 20 ]
	mem-index -q
	[ ! -e "$mine/kept" ]
	mode well
	mem-search --explain egret | cmp second -
	[ "$(documents)" = 0 ]
	[ ! -e "$mine/kept" ]
	sed s/egret/ibis/ egrets | head -n 17 | mem-ingest -q >out
	mode error 4
	mem-search ibis >out 2>err
	grep "searched without vectors" err
	[ "$(documents)" -gt 8 ]
	mode well
	mem-search ibis >out 2>err
	[ ! -s err ]
	cat "$EMBEDDER_LOG"
	[ "$(documents)" = 1 ]
	mem-index -q
'
test_that 'so it is for who never runs mem-index' '
	mode well
	for text in one two; do
		echo "{\"session_id\":\"t\",\"timestamp\":1,\"text\":\"$text\"}"
	done | mem-ingest -q --user other >out
	mem-search --user other one >out
	[ "$(documents)" = 2 ]
	mode well
	mem-search --user other one | cmp out -
	[ "$(documents)" = 0 ]
	mem-admin check
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"t\"}" |
	    mem-ingest -q --user other >out
	mem-index -q
	[ ! -e "$MEM_STORE/tenants/default/index/user/other/kept" ]
'
test_done
