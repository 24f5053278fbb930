#!/bin/sh
# A graph with what a model proposes: each is held against its text, asked for
# once, kept beside the graph, and where the model fails nothing is lost.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
dir=$MEM_STORE/tenants/default/index/graph/tester

# model BODY: a program in Perl; for each question, BODY with @turns, each a
# hash of n, id and text, says what it finds: ent(...) and rel(...)
model() {
	cat >model.pl <<-'EOT'
	use strict; use warnings; $| = 1;
	my (@e, @r, $id);
	sub obj { my %p = @_; "{" . join(",", map { "\"$_\":" . ($_ eq "n" ?
	    $p{$_} : "\"$p{$_}\"") } sort keys %p) . "}" }
	sub ent { push @e, obj(@_) }
	sub rel { push @r, obj(@_) }
	EOT
	cat >>model.pl <<-EOT
	while (my \$line = <STDIN>) {
		open my \$log, ">>", "$PWD/asked"; print \$log \$line; close \$log;
		(\$id) = \$line =~ /"id":(\\d+)/;
		@e = @r = ();
		my @turns;
		while (\$line =~ /\{"n":(\\d+),"id":"([^"]+)","role":"\\w+","text":"((?:[^"\\\\]|\\\\.)*)"\}/g) {
			push @turns, { n => \$1, id => \$2, text => \$3 };
		}
		$1
		print "{\"type\":\"relations\",\"id\":\$id,\"entities\":[" .
		    join(",", @e) . "],\"relations\":[" . join(",", @r) . "]}\n";
	}
	EOT
	mem-admin config set graph.chatCommand "perl $PWD/model.pl" >/dev/null
	rm -f asked
}
# what it finds: "X feeds Y", "a gadget called X"
good='for my $t (@turns) {
	rel(n => $t->{n}, quote => "$1 feeds $2", source => $1, target => $2,
	    source_kind => "service", target_kind => "service", kind => "calls")
	    while $t->{text} =~ /(\w+) feeds (\w+)/g;
	ent(n => $t->{n}, quote => "a gadget called $1", name => $1,
	    kind => "module") if $t->{text} =~ /a gadget called (\w+)/;
}'
relations() {
	sed -n 's/.*"type":"relation".*"kind":"\([^"]*\)","source_name":"\([^"]*\)","target_name":"\([^"]*\)".*/\2 \1 \3/p' "$@" | sort
}
# of KEY: a number of the model's sums of events, in out
of() {
	grep '"source":"event"' "${2-out}" | sed 's/.*"model"://' |
	    grep -o "\"$1\":[0-9]*" | sed 's/.*://'
}
# say SESSION DAY TEXT
say() {
	printf '{"session_id":"%s","timestamp":"2026-10-%sT10:00:00Z","role":"user","text":"%s"}\n' "$@"
}
{
	say a 01 "As I recall mixer feeds hopper in the old plant."
	say a 02 "We bought a gadget called sieve last week, see?"
	say b 03 "Redis uses Kafka, and hopper feeds Kafka as well."
	say b 04 "That Redis, or that Kafka, had nothing on this day."
	echo '{"session_id":"b","timestamp":"2026-10-05T10:00:00Z","role":"tool","text":"tool feeds nobody in this long text"}'
} >in
mem-ingest -q in >/dev/null
echo '{"type":"record","kb":"bugs","record_id":"B-1","record_type":"bug_record","title":"the boiler feeds turbine too late","fields":{"root_cause":"a gadget called valve was shut"}}' |
    mem-ingest -q >/dev/null
cp -R "$MEM_STORE" empty
afresh() {
	rm -rf "$MEM_STORE"
	cp -R empty "$MEM_STORE"
	rm -f asked
}

test_that 'without a setting nobody is asked, and nothing is kept' '
	mem-graph build >out
	exits 1 grep "\"model\"" out
	[ ! -e "$dir"/proposed.db ]
	mem-graph export >rules
	exits 1 grep -E "hopper.*proposed" rules
	relations rules | grep -x "Redis uses Kafka"
'
test_that 'what it quotes is kept, with its evidence, and says that it was proposed' '
	afresh
	model "$good"
	mem-graph build >out; cat out
	"$helper" "$top/share/schema" out
	[ "$(of texts)" = 4 ]
	[ "$(of calls)" = 1 ]
	[ "$(of taken)" = 3 ]
	[ "$(of left)" = 0 ]
	exits 1 grep "tool feeds" asked
	mem-graph export >all
	"$helper" "$top/share/schema" all
	relations all | grep -x "mixer calls hopper"
	relations all | grep -x "hopper calls Kafka"
	relations all | grep -x "boiler calls turbine"
	id=$(mem-log --json | grep "mixer feeds" | jl event_id)
	grep "\"source_name\":\"mixer\"" all | grep calls | grep -F "\"evidence\":[\"$id\"],\"proposed\":[\"$id\"]"
	grep "boiler" all | grep calls | grep -F "\"proposed\":[\"bugs/B-1\"]"
	grep "Redis" all | grep "\"uses\"" | exits 1 grep proposed
	mem-graph show sieve | grep "\"kind\":\"module\""
	mem-graph show valve | grep "\"kind\":\"module\""
	mem-graph show --text mixer | grep "calls.*proposed"
	mem-graph export --format dot | grep dashed
	mem-graph export --format cypher | grep "r.proposed = 1,"
	mem-graph export --format graphml | grep "\"proposed\">1<"
'
test_that 'questions and answers are as memkit-json(5) has them' '
	mv asked questions
	perl model.pl <questions >answers
	[ "$(wc -l <questions)" = 2 ]
	"$helper" "$top/share/schema" questions
	"$helper" "$top/share/schema" answers
'
test_that 'a second build asks nothing; nor does one anew, nor who reads' '
	: >asked
	mem-graph build >out
	[ "$(of calls)" = 0 ]
	mem-graph build --rebuild -q
	mem-graph show mixer >/dev/null
	[ ! -s asked ]
	mem-graph export | cmp - all
	rm "$dir"/graph.db
	mem-graph export | cmp - all
	[ ! -s asked ]
	mem-graph export --as-of 2030 | cmp - all
	MEM_SESSION=a mem-graph export >bound
	relations bound | grep -x "mixer calls hopper"
	relations bound | exits 1 grep Kafka
'
test_that 'what was said since is asked about alone; what rules say is not proposed' '
	say c 06 "Today mixer feeds sieve, and mixer calls hopper too." | mem-ingest -q
	mem-graph show mixer >/dev/null
	[ ! -s asked ]
	mem-graph build >out
	[ "$(of texts)" = 1 ]
	mem-graph show mixer >got; cat got
	relations got | grep -x "mixer calls sieve"
	mem-graph export >grown
	mem-graph build -q --rebuild
	mem-graph export | cmp - grown
'
test_that 'proposed of texts that are there, or with them: the same graph' '
	afresh
	{ i=0; while [ $i -lt 60 ]; do i=$((i + 1))
	    say "s$((i % 5))" "$((10 + i % 20))" "Redis uses Kafka; pump$((i % 7)) feeds Redis, then Redis feeds tank$((i % 3)) of $i, a gadget called Kafka"
	done; } | mem-ingest -q
	model "$good"
	mem-admin config set graph.maxTexts 25 >/dev/null
	mem-graph build >out
	[ "$(of texts)" = 25 ]
	[ "$(of left)" = 39 ]
	mem-graph build >out
	[ "$(of left)" = 14 ]
	grep "\"source\":\"event\"" out | grep "\"anew\":false"
	mem-graph build >out
	[ "$(of left)" = 0 ]
	[ "$(grep -o "\"n\":[0-9]*" asked | wc -l)" = 65 ]
	mem-graph export >grown
	mem-graph communities >grown.c
	relations grown | grep -x "pump3 calls Redis"
	mem-graph build -q --rebuild
	mem-graph export | cmp - grown
	mem-graph communities | cmp - grown.c
	mem-graph show Redis | head -1 | grep "\"count\":62,"
'
test_that 'what is forgotten goes with what was proposed of it, and all else stays' '
	grep -q mixer "$dir"/proposed.db
	: >asked
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"a\"}" | mem-ingest -q
	exits 1 mem-graph show mixer
	exits 1 grep -q mixer "$dir"/proposed.db
	mem-graph show pump3 >got
	relations got | grep -x "pump3 calls Redis"
	mem-graph build -q
	[ ! -s asked ]
	mem-admin forget --session s1 >/dev/null
	exits 1 grep -rq "pump" "$MEM_STORE"/tenants/default/index/graph
'
test_that 'another model is asked again, and what it takes back is gone' '
	afresh
	model "$good"
	mem-graph build -q
	model "for my \$t (@turns) { ent(n => \$t->{n}, quote => \"mixer feeds hopper\",
	    name => \"mixer\", kind => \"service\") if \$t->{text} =~ /mixer/ } # 2"
	mem-admin config set graph.chatCommand "perl $PWD/model.pl 2" >/dev/null
	mem-graph build >out
	[ "$(of texts)" = 4 ]
	grep "\"source\":\"event\"" out | grep "\"anew\":true"
	mem-graph export >all
	relations all | exits 1 grep "mixer calls"
	mem-graph show mixer | grep "\"kind\":\"service\""
	: >asked
	mem-graph build -q
	[ ! -s asked ]
'
test_that '--no-model asks nobody, and anew it is as without one' '
	afresh
	model "$good"
	mem-graph build -q --no-model
	[ ! -e asked ]
	mem-graph build -q
	mem-graph build -q --no-model
	mem-graph export | grep -F "\"proposed\""
	mem-graph build -q --no-model --rebuild
	mem-graph export | cmp - rules
	[ ! -e "$dir"/proposed.db ]
'
test_that 'what it makes up is dropped, and told by reason' '
	afresh
	model "for my \$t (grep { \$_->{text} =~ /mixer/ } @turns) {
	my @ok = (n => \$t->{n}, quote => \"mixer feeds hopper\", source => \"mixer\", target => \"hopper\", kind => \"calls\");
	rel(@ok, quote => \"mixer feeds the hopper\");
	rel(@ok, source => \"Redis\");
	rel(@ok, target => \"plant\");
	rel(@ok, source => \"mixer feeds\", target => \"xer\");
	rel(@ok, target => \"Mixer\");
	rel(@ok, kind => \"loves\");
	rel(@ok, kind => \"?calls\");
	rel(@ok, kind => \"near\");
	rel(@ok, source_kind => \"record\");
	rel(@ok, source_kind => \"planet\");
	rel(@ok, n => 99);
	rel(@ok, n => 0);
	rel(@ok, quote => \"mixer \" x 300);
	rel(@ok, source => \"m\" x 200);
	rel(n => \$t->{n}, quote => \"mixer feeds hopper\");
	ent(n => \$t->{n}, quote => \"mixer feeds hopper\", name => \"hopper\");
	rel(@ok); rel(@ok);
	rel(@ok, quote => \"MIXER feeds hopper\");
	rel(@ok, quote => \"As I recall mixer\\\\n feeds  hopper\", source => \"MIXER\", kind => \"related\");
	}"
	mem-graph build >out; cat out
	grep "\"dropped\":{\"form\":2,\"long\":2,\"kind\":5,\"text\":2,\"quote\":2,\"name\":3,\"same\":1,\"again\":1}" out
	[ "$(of proposed)" = 20 ]
	[ "$(of taken)" = 2 ]
	mem-graph show mixer >got
	relations got | grep -x "mixer calls hopper"
	relations got | grep -x "mixer related hopper"
	relations got | exits 1 grep -E "loves|Redis|plant|xer feeds"
'
test_that 'names are told as the text has them, and are one with those of rules' '
	afresh
	say d 07 "The Auth Service asks token_store, src/a.c:12 asks redis." | mem-ingest -q
	say d 08 "auth-service uses Redis in TokenStore" | mem-ingest -q
	model "for my \$t (grep { \$_->{text} =~ /asks/ } @turns) {
	rel(n => \$t->{n}, quote => \"The Auth Service asks token_store\", source => \"auth service\",
	    source_kind => \"service\", target => \"tokenStore\", target_kind => \"name\", kind => \"calls\");
	rel(n => \$t->{n}, quote => \"src/a.c:12 asks redis\", source => \"src/a.c\",
	    target => \"REDIS\", kind => \"uses\");
	}"
	mem-graph build >out; cat out
	[ "$(of taken)" = 2 ]
	mem-graph export >all
	relations all | grep -i -x "auth.service calls token_*store"
	relations all | grep -i -x "src/a.c uses redis"
	exits 1 grep -F REDIS all
'
test_that 'one that floods is cut, and 10,000 proposals cost little' '
	afresh
	model "for my \$t (@turns) { for my \$i (1 .. 2000) {
	ent(n => \$t->{n}, quote => \$t->{text}, name => (split / /, \$t->{text})[\$i % 5], kind => \"name\") } }"
	timeout 20 mem-graph build >out; cat out
	[ "$(of proposed)" = 8000 ]
	grep "\"many\":7600" out
'
test_that 'one that answers wrongly stops nothing, is asked again alone, and no more then' '
	afresh
	model "@e = (\"17\"); print \"{\\\"type\\\":\\\"relations\\\",\\\"id\\\":\$id,\\\"entities\\\":3}\\n\"; next;"
	exits 3 mem-graph build >out 2>err; cat out err
	grep "4 texts are left for the model" err
	grep "is no list" err
	[ "$(of failed)" = 1 ]
	mem-graph export | cmp - rules
	: >asked
	exits 3 mem-graph build >out 2>err
	[ "$(of failed)" = 3 ]
	[ "$(head -1 asked | grep -o "\"n\":" | wc -l)" = 1 ]
	i=0
	while [ $i -lt 4 ]; do
		i=$((i + 1))
		mem-graph build >out 2>err && break
	done
	[ "$(of left)" = 0 ]
	: >asked
	mem-graph build -q
	[ ! -s asked ]
'
test_that 'what failed is asked about again, and nothing twice' '
	afresh
	model "if (-e \"$PWD/broken\") { print \"junk\\n\"; next } $good"
	: >broken
	exits 3 mem-graph build -q 2>err
	rm broken
	mem-graph build >out
	[ "$(of texts)" = 4 ]
	[ "$(of left)" = 0 ]
	mem-graph export | grep -F "\"proposed\""
'
test_that 'slow, dead or hostile: the graph is made' '
	for how in "sleep 30" "exit" "exit(1)" "kill 9, \$\$" "print \"x\" x 3000000, \"\\n\"; next" \
	    "print \"{\\\"type\\\":\\\"error\\\",\\\"id\\\":\$id,\\\"message\\\":\\\"no\\\"}\\n\"; next" \
	    "print \"{\\\"type\\\":\\\"relations\\\",\\\"id\\\":77,\\\"entities\\\":[]}\\n\"; next" \
	    "print \"{\\\"type\\\":\\\"relations\\\",\\\"id\\\":\$id,\\\"relations\\\":[[],null,3,{}],\\\"entities\\\":\", \"[\" x 90, \"]\" x 90, \"}\\n\"; next"; do
		afresh
		model "$how;"
		mem-admin config set graph.timeout 1 >/dev/null
		exits 3 timeout 20 mem-graph build >out 2>err
		cat err
		[ "$(of left)" = 4 ]
		mem-graph export | cmp - rules
	done
	afresh
	mem-admin config set graph.chatCommand "$PWD/none" >/dev/null
	exits 3 mem-graph build -q 2>err
	mem-graph export | cmp - rules
'
test_that 'what a run may cost is bounded' '
	afresh
	model "$good"
	mem-admin config set graph.maxCalls 0 >/dev/null
	exits 3 mem-graph build >out 2>err
	grep graph.maxCalls err
	[ ! -e asked ]
	mem-admin config set graph.maxCalls 9 >/dev/null
	mem-graph build >out
	[ "$(of texts)" = 4 ]
	exits 64 mem-admin config set graph.maxTexts 20001
'
test_that 'a damaged file of proposals is made anew' '
	afresh
	model "$good"
	mem-graph build -q
	mem-graph export >all
	echo "no database at all, and some more of it" >"$dir"/proposed.db
	mem-graph export | cmp - all
	mem-graph build -q
	mem-graph export | cmp - all
'
test_that 'killed at any step: the next build makes it whole' '
	faults_work || exit 0
	for n in 5 9 14 20 27 35 44 54 65 80; do
		afresh
		model "$good"
		fault step:$n:KILL mem-graph build -q >out 2>err || :
		mem-graph build -q
		mem-graph export | cmp - all || { echo "step $n"; exit 1; }
	done
'
test_that 'a configuration that others may write is not obeyed' '
	afresh
	model "$good"
	chmod 666 "$MEM_STORE"/config
	exits 2 mem-graph build 2>err
	cat err
	grep "graph.chatCommand" err
	[ ! -e asked ]
'
httpd=${MEM_BIN:-$top/bin}/../obj/helper/httpd
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
# serve ANSWER...
serve() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || :
	rm -f port
	HTTPD_LOG=$PWD/requests "$httpd" "$PWD/port" "$@" >/dev/null 2>&1 &
	server=$!
	i=0
	until [ -s port ]; do
		i=$((i + 1))
		[ $i -lt 100 ] || return 1
		sleep 0.05
	done
	mem-admin config set graph.endpoint "http://127.0.0.1:$(cat port)/v1" >/dev/null
	mem-admin config set graph.endpointModel small >/dev/null
	mem-admin config set graph.timeout 2 >/dev/null
}
if [ -x "$httpd" ]; then
	test_that 'an endpoint' '
		afresh
		echo "{\"relations\":[{\"n\":1,\"quote\":\"mixer feeds hopper\",\"source\":\"mixer\",\"target\":\"hopper\",\"kind\":\"calls\"}]}" >said
		serve 429:1 "say:$PWD/said"
		mem-graph build >out
		cat out requests
		kill $server
		mem-graph export >got
		relations got | grep -x "mixer calls hopper"
		grep -F "\"model\":\"small\"" requests
		grep -F "which things a text names" requests
		grep -F "duplicate_of" requests
	'
	test_that 'and one that fails' '
		for bad in 500 junk cut nothing; do
			afresh
			serve $bad
			exits 3 timeout 60 mem-graph build >out 2>err
			cat err
			kill $server
			mem-graph export | cmp - rules
		done
	'
else
	skip 'endpoints' 'the helper was not built'
fi
test_done
