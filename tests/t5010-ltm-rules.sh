#!/bin/sh
# bug-import: each threshold, step, cap and tag, against numbers worked out by
# hand from the published rules.
. "${0%/*}/lib.sh"
. "$tests/lib-ltm.sh"

# holds WANT DIMENSION VALUE: after a run over the rows of standard input
holds() {
	fresh_store
	mem-ingest -q >/dev/null
	mem-ltm run -q bug-import
	got=$(sure "$2" "$3")
	[ "$got" = "$1" ] || { echo "$2 $3: $got, not $1"; return 1; }
}

# number severity, others, critical ones: confidence
test_that 'module_hotspot: 3 bugs .60, 5 .70, 10 .80, a critical one .10 more' '
	while read -r n critical want; do
		{
			bugs "$((n - critical))" 1 minor parser - -
			bugs "$critical" 100 critical parser - -
		} | holds "$want" module_hotspot parser
	done <<-EOT
	2 0 none
	3 0 0.6
	4 0 0.6
	5 0 0.7
	9 0 0.7
	10 0 0.8
	30 0 0.8
	3 1 0.7
	5 2 0.8
	9 9 0.8
	10 1 0.9
	EOT
'
test_that 'cross_module_pattern: 2 modules .65, 3 .75, 5 bugs .10 more' '
	while read -r modules each want; do
		for m in 1 2 3 4 5; do
			[ "$m" -gt "$modules" ] ||
			    bugs "$each" "$((m * 10))" minor "m$m" - null_check
		done | holds "$want" cross_module_pattern null_check
	done <<-EOT
	1 4 none
	2 1 0.65
	2 2 0.65
	2 3 0.75
	3 1 0.75
	3 2 0.85
	5 1 0.85
	EOT
'
test_that 'bugs without a module are in no module' '
	{ bugs 1 1 minor m1 - x; bugs 4 10 minor - - x; } |
	    holds none cross_module_pattern x
'
test_that 'file_hotspot: 2 bugs .70, 3 .80, a critical one .10 more' '
	while read -r n critical want; do
		{
			bugs "$((n - critical))" 1 minor - a.c,b.c -
			bugs "$critical" 100 critical - a.c -
		} | holds "$want" file_hotspot a.c
	done <<-EOT
	1 0 none
	1 1 none
	2 0 0.7
	3 0 0.8
	50 0 0.8
	2 1 0.8
	3 1 0.9
	EOT
'
test_that 'recurring_root_cause: 3 bugs .60, the same words .15 more, 5 bugs .10' '
	same="null pointer not checked"
	bugs 2 1 minor - - - "$same" | holds none recurring_root_cause check+null+pointer
	bugs 3 1 minor - - - "$same" | holds 0.75 recurring_root_cause check+null+pointer
	bugs 4 1 minor - - - "$same" | holds 0.75 recurring_root_cause check+null+pointer
	bugs 5 1 minor - - - "$same" | holds 0.85 recurring_root_cause check+null+pointer
	# words that only one has are no keywords
	{ bugs 2 1 minor - - - "$same"; bugs 1 9 minor - - - "$same in foo"; } |
	    holds 0.75 recurring_root_cause check+null+pointer
	# one that three have is: the rows do not have the same any more
	other="$same, overflow"
	{ bugs 2 1 minor - - - "$same"; bugs 3 9 minor - - - "$other"; } >rows
	holds 0.7 recurring_root_cause check+null+pointer <rows
	holds 0.75 recurring_root_cause check+null+overflow+pointer <rows
	# and sets that say less are none
	[ "$(sure recurring_root_cause null+pointer)" = none ]
	[ "$(sure recurring_root_cause check+overflow)" = none ]
	[ "$(mem-ltm list --tag cause: | wc -l)" -eq 2 ]
'
test_that 'words come as their stems, whatever the language of the rest' '
	for c in "Locks were forgotten" "the lock was forgotten." "LOCKING, forgotten"; do
		n=$((${n-0} + 1))
		bug "B-$n" minor - - - "$c"
	done | holds 0.75 recurring_root_cause forgotten+lock
'
test_that 'nothing is surer than .95' '
	cat >steep.conf <<-EOT
	[processor]
		rows = bug_record
		severity = severity critical minor
	[dimension "m"]
		by = module
		least = 2
		base = 0.9
		cap = 0.95
		step = rows 2 0.1
		step = severity critical 0.25
		content = "{count} {severity}"
	EOT
	fresh_store
	bugs 2 1 critical m - - | mem-ingest -q >/dev/null
	mem-ltm run -q ./steep.conf
	[ "$(sure m m)" = 0.95 ]
	mem-ltm explain "$(id_of m m)" >out
	cat out
	for s in "{\"add\":0.9,\"why\":\"base\"}" "{\"add\":0.1,\"why\":\"2 rows, 2 or more\"}" \
	    "{\"add\":0.25,\"why\":\"2 of severity critical\"}" "{\"add\":-0.3,\"why\":\"cap\"}"; do
		grep -F "$s" out
	done
'
test_that 'rejected rows do not count, unheard severities do' '
	{ bugs 2 1 minor m - -; bug B-9 minor m - - "" rejected; } |
	    holds none module_hotspot m
	{ bugs 2 1 minor m - -; bug B-9 odd m - -; } | holds 0.6 module_hotspot m
	fact_of module_hotspot m >out
	grep -F "\"severity_distribution\":{\"minor\":2}" out
	grep -F "\"bug_count\":3" out
'
test_that 'projects are apart' '
	for p in p q; do
		bugs 2 1 minor m - - | sed "s/\"fields\":{/&\"project\":\"$p\",/; s/B-/$p-/"
	done | holds none module_hotspot m
	bug p-9 minor m - - | sed "s/\"fields\":{/&\"project\":\"p\",/" | mem-ingest -q >/dev/null
	mem-ltm run -q bug-import
	[ "$(sure module_hotspot m)" = 0.6 ]
	fact_of module_hotspot m | grep -F "\"project\":\"p\""
'
test_that 'tags are those that were published' '
	fresh_store
	{ bugs 2 1 minor m a.c null_check,race "null pointer"
	  bugs 2 5 major m a.c null_check,leak "null pointer"
	  bugs 1 9 major other b.c null_check,leak; } | mem-ingest -q >/dev/null
	mem-ltm run -q bug-import
	fact_of module_hotspot m | grep -F "\"tags\":[\"bug_pattern\",\"module:m\",\"pattern:null_check\",\"pattern:leak\"]"
	fact_of cross_module_pattern null_check | grep -F "\"tags\":[\"bug_pattern\",\"cross_module\",\"pattern:null_check\"]"
	fact_of file_hotspot a.c | grep -F "\"tags\":[\"bug_pattern\",\"file_hotspot\",\"file:a.c\"]"
	fact_of recurring_root_cause null+pointer | grep -F "\"tags\":[\"bug_pattern\",\"recurring_root_cause\",\"cause:null+pointer\"]"
	fact_of module_hotspot m | grep -F "m had 4 bugs (2 major, 2 minor), mostly null_check (4), leak (2), race (2)."
'
test_that 'bug-history: recent bugs count more, by the formula' '
	# 3 bugs of one file, 0, 270 and 540 days old, severity 1, .5, 0:
	# n_eff 1.75, mean .5; .40 + .11 log2(2.75) = .5605
	fresh_store
	i=0
	for t in 2026-10-01 2026-01-04 2025-04-09; do
		i=$((i + 1))
		s=$(echo critical odd trivial | cut -d" " -f$i)
		bug "H-$i" "$s" - a.c - | sed "s/2026-10-01T/${t}T/"
	done | mem-ingest -q >/dev/null
	mem-ltm run -q bug-history
	id=$(id_of file a.c)
	mem-ltm list | grep -F "\"n_eff\":1.75,"
	MEM_NOW=2026-10-01T00:00:00Z mem-ltm explain "$id" | tee out
	[ "$(jl confidence <out)" = 0.5605 ]
	# 270 days later half of it: .40 + .11 log2(1.875)
	MEM_NOW=2027-06-28T00:00:00Z mem-ltm explain "$id" >out
	[ "$(jl confidence <out)" = 0.4998 ]
	# and an idle run writes nothing
	MEM_NOW=2027-06-28T00:00:00Z mem-ltm run bug-history >out
	[ "$(jl groups <out)" = 0 ]
	[ "$(mem-ltm history "$id" | wc -l)" -eq 1 ]
'
test_that 'bug-history: partners, components, kinds of defects' '
	fresh_store
	for i in 1 2 3; do
		bug "H-$i" major - src/a.c,src/b.c,doc/x - |
		    sed "s/\"title\":\"t\"/\"title\":\"fix use after free in $i\"/"
	done | mem-ingest -q >/dev/null
	mem-ltm run -q bug-history
	mem-ltm list >out
	grep -F "\"file:src/a.c\",\"file:src/b.c\"" out
	grep -F "\"component:src\",\"defect:memory\"" out
	grep -F "\"component:doc\"" out
	# three files: each row counts 1/sqrt(3)
	fact_of file src/a.c | grep "\"n_eff\":1.73205"
'
test_done
