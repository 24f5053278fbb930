#!/bin/sh
# Runs: guards, kills, two at once, many rows, rows that are forgotten, values
# that mean harm.
. "${0%/*}/lib.sh"
. "$tests/lib-ltm.sh"
. "$tests/lib-store.sh"

# many N: rows in which much comes again
many() {
	awk -v n="$1" 'BEGIN {
		split("null pointer missing check overflow lock race parser offset", w)
		split("critical major minor trivial", s)
		for (i = 1; i <= n; i++)
			printf "{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"M-%d\"," \
			    "\"record_type\":\"bug_record\",\"title\":\"t\"," \
			    "\"timestamp\":%.0f,\"tags\":[\"%s\"],\"fields\":" \
			    "{\"severity\":\"%s\",\"module\":\"m%d\"," \
			    "\"affected_files\":[\"f%d.c\",\"g%d.c\"]," \
			    "\"root_cause\":\"%s %s %s\"}}\n", i,
			    1700000000000 + i * 60000, w[i % 9 + 1],
			    s[i % 4 + 1], i % 7, i % 31, i % 13, w[i % 5 + 1],
			    w[i % 3 + 4], w[i % 4 + 2]
	}'
}
# until_done [OPTION ...]: runs until nothing is left
until_done() {
	got=3
	while [ "$got" -eq 3 ]; do
		got=0
		mem-ltm run -q bug-import "$@" 2>>err || got=$?
	done
	[ "$got" -eq 0 ]
}

many 600 >rows
mem-ingest -q <rows >/dev/null
cp -R "$MEM_STORE" empty
mem-ltm run -q --max-facts 0 bug-import
facts >want
again() {
	rm -rf "$MEM_STORE"
	cp -R empty "$MEM_STORE"
}

test_that 'a run writes so many facts and no more, the surest first' '
	[ "$(wc -l <want)" -gt 60 ]
	again
	exits 3 mem-ltm run --max-facts 10 bug-import >out 2>err
	cat err
	[ "$(grep -c fact_change out)" -eq 10 ]
	tail -n 1 out >sum
	[ "$(jl inserted <sum)" = 10 ]
	[ "$(jl left <sum)" -eq $(($(wc -l <want) - 10)) ]
	grep "left for the next run" err
	min=$(mem-ltm list | jl confidence | sort -n | head -n 1)
	[ "$(jl confidence <want | awk -v m="$min" "\$1 > m" | wc -l)" -le 10 ]
	until_done --max-facts 10
	facts >got
	cmp want got
'
test_that 'the guard of the processor itself holds' '
	again
	sed "s/maxFacts = 100/maxFacts = 7/; s/maxContent = 1000/maxContent = 60/; s/maxSources = 50/maxSources = 4/" \
	    "$top/share/processors/bug-import.conf" >few.conf
	exits 3 mem-ltm run ./few.conf >out 2>err
	[ "$(grep -c fact_change out)" -eq 7 ]
	mem-ltm list | perl -MJSON::PP -ne '\''
		my $f = decode_json($_);
		die "ids" if @{$f->{metadata}{source_bug_ids}} > 4;
		die "length" if length $f->{content} > 60;
		die "count" if $f->{metadata}{bug_count} < 5;'\''
	# the newest ones, and cut at a word
	mem-ltm list | grep -F "…" | head -n 1
'
test_that 'sources are the fifty newest' '
	again
	mem-ltm run -q --max-facts 0 bug-import
	fact_of module_hotspot m0 >one
	perl -MJSON::PP -ne '\''
		my $f = decode_json($_);
		my @ids = @{$f->{metadata}{source_bug_ids}};
		die "@ids" if @ids != 50 || $ids[0] ne "M-595" || $ids[49] ne "M-252";
		die $f->{metadata}{bug_count} if $f->{metadata}{bug_count} != 85'\'' one
	mem-ltm explain "$(jl fact_id <one)" >out
	[ "$(jl count <out)" = 85 ]
'
test_that 'killed at any moment, the next run goes on, and nothing is half done' '
	killed=0
	for ms in 001 002 004 006 008 011 014 018 023 030 040 060; do
		again
		mem-ltm run -q --max-facts 0 --nice 0 bug-import &
		pid=$!
		sleep 0.$ms
		kill -9 $pid 2>/dev/null && killed=$((killed + 1))
		wait $pid || :
		mem-admin check >out || { cat out; exit 1; }
		mem-ltm run -q --max-facts 0 bug-import
		facts >got
		cmp want got
	done
	[ $killed -ge 3 ]
'
if faults_work; then
	test_that 'each write that fails leaves all as it was' '
		failed=0
		for n in 1 2 3 5 8 13 21 34 55 89 144; do
			again
			fault write:$n mem-ltm run -q --max-facts 0 bug-import || continue
			[ "$status" -eq 2 ] || { cat err; exit 1; }
			failed=$((failed + 1))
			mem-admin check >out || { cat out; exit 1; }
			mem-ltm run -q --max-facts 0 bug-import
			facts >got
			cmp want got
		done
		[ $failed -ge 2 ]
	'
else
	skip 'faults' 'no fault.so for this build'
fi
test_that 'of two runs one waits, and finds nothing left to do' '
	again
	mem-ltm run --max-facts 0 bug-import >one &
	mem-ltm run --max-facts 0 bug-import >two
	wait
	n=$(cat one two | grep -c fact_change)
	[ "$n" -eq "$(wc -l <want)" ]
	facts >got
	cmp want got
'
test_that 'rows that come while it runs are there in the end' '
	again
	many 700 >more
	tail -n 300 more | mem-ingest -q --each >/dev/null &
	for i in 1 2 3 4 5; do
		mem-ltm run -q --max-facts 0 bug-import
	done
	wait
	mem-ltm run -q --max-facts 0 bug-import
	facts >got
	mem-ltm run -q --max-facts 0 --rebuild bug-import
	facts >rebuilt
	cmp got rebuilt
	rm -rf other
	mem-ingest -q --store other <more >/dev/null
	mem-ltm run -q --max-facts 0 --store other bug-import
	facts --store other | sed "s/,\"job\":[0-9]*//" >fresh
	cmp got fresh
'
test_that '5,001 rows' '
	rm -rf big
	many 5001 | mem-ingest -q --store big >/dev/null
	mem-ltm run --max-facts 0 --store big bug-import | tail -n 1 >out
	[ "$(jl rows <out)" = 5001 ]
	mem-ltm list --store big --json | grep "\"bug_count\":5001," && exit 1
	mem-ltm list --store big --json | jl bug_count | sort -n | tail -n 1
	mem-admin check --store big >/dev/null
'
test_that 'the same rows in two imports count once, in another order too' '
	again
	mem-ingest -q <rows >/dev/null
	sort -r rows | mem-ingest -q >/dev/null
	mem-ltm run -q --max-facts 0 bug-import
	facts >got
	cmp want got
	rm -rf other
	sort -r rows | mem-ingest -q --store other >/dev/null
	mem-ltm run -q --max-facts 0 --store other bug-import
	facts --store other >got
	cmp want got
'
test_that 'two knowledge bases are two jobs' '
	again
	sed "s/\"kb\":\"bugs\"/\"kb\":\"old\"/" rows | mem-ingest -q >/dev/null
	mem-ltm run --max-facts 0 bug-import >out
	[ "$(grep ltm_run out | jl kb | tr "\n" " ")" = "bugs old " ]
	[ "$(mem-ltm list | wc -l)" -eq $((2 * $(wc -l <want))) ]
	bugs 3 1 minor odd - - | sed "s/\"kb\":\"bugs\"/\"kb\":\"old\"/" | mem-ingest -q >/dev/null
	mem-ltm run --kb old bug-import >out
	[ "$(jl kb <out | tail -n 1)" = old ]
	[ "$(jl inserted <out | tail -n 1)" = 1 ]
'
test_that 'a row that is forgotten takes along what rests on it' '
	fresh_store
	{ bugs 2 1 minor parser secret.c - "null pointer unchecked"
	  bug KEEP-1 minor parser a.c - "null pointer unchecked"
	  bug KEEP-2 minor parser a.c - "null pointer unchecked"; } | mem-ingest -q >/dev/null
	mem-ltm run -q bug-import
	[ "$(mem-ltm list | wc -l)" -eq 4 ]
	for i in 1 2; do
		echo "{\"type\":\"tombstone\",\"target\":\"record\",\"id\":\"bugs/B-$i\"}"
	done | mem-ingest -q >/dev/null
	# before any run
	[ "$(mem-ltm list | jl extraction_dimension)" = a.c ]
	mem-admin check
	cat "$MEM_STORE"/tenants/default/memory.db* >bytes
	exits 1 grep -a -q "secret.c" bytes
	[ "$(sql "SELECT count(*) FROM ltm_group WHERE instr(hex(tail), hex(\"B-1\"))")" = 0 ]
	mem-ltm run bug-import >out
	[ "$(mem-ltm list | jl extraction_dimension)" = a.c ]
	bug KEEP-3 minor parser - - "null pointer unchecked" | mem-ingest -q >/dev/null
	mem-ltm run -q bug-import
	[ "$(sure module_hotspot parser)" = 0.6 ]
	[ "$(sure recurring_root_cause null+pointer+uncheck)" = 0.75 ]
	mem-ltm explain "$(id_of recurring_root_cause null+pointer+uncheck)" >out
	grep -F "\"count\":3" out
	exits 1 grep -F "B-1" out
'
test_that 'values that mean harm stay values' '
	fresh_store
	perl -MJSON::PP -e '\''
		my @evil = ("{count}", "[x]", "a\x1fb", "\e[31mred", "%s%n", "..\x00x",
		    "\x{202e}evil", "x" x 600, "\"quoted\\", "é" x 240, "</script>",
		    "{value.1}{project}");
		my $j = JSON::PP->new->utf8->canonical;
		my $n = 0;
		for my $v (@evil) {
			$v =~ s/\x00//;
			for (1 .. 3) {
				print $j->encode({ type => "record", kb => "bugs",
				    record_id => "E-" . ++$n, record_type => "bug_record",
				    title => "t", tags => [$v, "x"], fields => {
				    severity => "major", module => $v,
				    affected_files => [$v, "$v/f"], project => $v,
				    root_cause => "$v $v null pointer" } }), "\n";
			}
		}'\'' | mem-ingest -q >/dev/null
	mem-ltm run -q --max-facts 0
	mem-ltm list >out
	perl -MJSON::PP -ne '\''
		my $f = decode_json($_);
		die if $f->{content} =~ /[\x00-\x1f]/;
		die length $f->{content} if length $f->{content} > 1000;
		die if grep { length > 300 } @{$f->{tags}};'\'' out
	grep -F "Module {count} had 3 bugs" out
	grep -F "\"module:{value.1}{project}\"" out
	mem-ltm list --text >text
	exits 1 grep -F "$(printf "\033[31m")" text
	mem-admin check
	mem-ltm run -q --max-facts 0 --rebuild
	mem-ltm list >again
	cmp out again
'
test_that 'a processor that changes is run over all rows again' '
	again
	sed "s/least = 3/least = 80/" "$top/share/processors/bug-import.conf" >mine.conf
	mkdir -p "$MEM_STORE/processors"
	mem-ltm run -q --max-facts 0 bug-import
	cp mine.conf "$MEM_STORE/processors/bug-import.conf"
	mem-ltm run --max-facts 0 bug-import >out
	[ "$(tail -n 1 out | jl rows)" = 600 ]
	[ "$(tail -n 1 out | jl retracted)" -gt 0 ]
	facts >got
	rm -rf other
	mem-ingest -q --store other <rows >/dev/null
	mkdir other/processors
	cp mine.conf other/processors/bug-import.conf
	mem-ltm run -q --max-facts 0 --store other bug-import
	facts --store other >fresh
	cmp got fresh
'
test_that 'sets of words whose rows are the same are left as they are' '
	rm -rf "$MEM_STORE"
	a="handle leak lock" b="handle race timer"
	more() {
		bugs 1 "$1" minor - - - "$2" | mem-ingest -q >/dev/null
		mem-ltm run -q bug-import
	}
	bugs 3 1 minor - - - "$a" | mem-ingest -q >/dev/null
	more 4 "$b"
	more 5 "$b"
	more 6 "$b"
	id=$(id_of recurring_root_cause handl+leak+lock)
	[ -n "$id" ] || mem-ltm list
	[ "$(sql "SELECT length(facts) || \" \" || length(known) FROM ltm_group WHERE name LIKE \"%handl\"")" = "16 32" ]
	[ "$(mem-ltm history "$id" | wc -l)" -eq 1 ]
	# whatever somebody decides holds until their rows change
	mem-ltm expire --reason "it is not so" "$id" >/dev/null
	more 7 "$b"
	exits 1 mem-ltm list --tag cause:handl+leak+lock
	more 8 "$a"
	[ "$(mem-ltm list --tag cause:handl+leak+lock | jl bug_count)" = 4 ]
	mem-ltm rollback "$id" v1 >/dev/null
	more 9 "$b"
	[ "$(mem-ltm list --tag cause:handl+leak+lock | jl bug_count)" = 3 ]
	more 10 "$a"
	[ "$(mem-ltm list --tag cause:handl+leak+lock | jl bug_count)" = 5 ]
	# and all of it is what comes of the rows at once
	facts >got
	mem-ltm run -q --rebuild bug-import
	facts >want
	cmp want got
	mem-admin check >/dev/null
'
test_done
