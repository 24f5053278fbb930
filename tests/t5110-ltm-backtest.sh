#!/bin/sh
# mem-ltm backtest: the table, what it rests on, and histories that are too
# short to tell.
. "${0%/*}/lib.sh"
. "$tests/lib-git.sh"

# A file that is fixed every week, with a partner, and one that is not.
repository app
n=0
for month in 01 02 03 04 05 06 07 08 09 10 11; do
	for day in 01 08 15 22; do
		n=$((n + 1))
		echo $n >>app/bad.c
		case $((n % 3)) in
		0) echo $n >>app/good.c; commit app $month-$day "Change $n" ;;
		*) echo $n >>app/bad.h; commit app $month-$day "Fix $n" ;;
		esac
	done
done

test_that 'the table, for people' '
	mem-ltm backtest --text --repo app >out
	cat out
	grep "^app: 44 commits, 30 fixes; [0-9]* scored, another fix followed 0\." out
	for m in random churn bugspots decayed-fixes bug-history; do
		grep "^$m  *[01]\.[0-9]*  *[01]\.[0-9]*$" out
	done
	grep "^flagged from 0.60: [0-9]*, right " out
	grep "^partners: [0-9]* asked, one of 5 was there 1.000$" out
'
test_that 'a pattern that is there is found' '
	mem-ltm backtest --days 40 --repo app >out
	jq -e ".methods | map({(.name): .auc}) | add |
	    .[\"bug-history\"] == 1 and .bugspots == 1 and .random > 0.1 and .random < 0.9" out
	jq -e ".flags.precision == 1 and .flags.count > 10" out
	jq -e "([.calibration[].count] | add) == .scored" out
'
test_that 'the record is one of its schema' '
	helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
	[ -x "$helper" ] || helper=$top/obj/helper/jsonschema
	"$helper" "$top/share/schema" out
'
test_that 'the same twice' '
	mem-ltm backtest --days 40 --repo app | cmp - out
'
test_that 'it may be run in the repository' '
	cd app
	mem-ltm backtest --days 40 | cmp - ../out
'
test_that '--until: each file once, on that day' '
	mem-ltm backtest --until 2026-05-03 --repo app >once
	jq -e ".scored == 3 and .commits == 44" once
	mem-ltm backtest --until 2026-05-03 --days 1 --repo app >one 2>err || :
	grep "too short to tell: of 3 touches 0" err
	exits 2 mem-ltm backtest --until 2030 --repo app 2>err
	grep "ends before that day" err
'
test_that '--rules: other words' '
	printf "[fix]\n\tword = change\n" >rules
	mem-ltm backtest --rules rules --repo app | jq -e ".fixes == 14"
	printf "[fix]\n\twrods = x\n" >rules
	exits 2 mem-ltm backtest --rules rules --repo app 2>err
	grep "fix.wrods" err
'
test_that 'wrong use, and what is no repository' '
	exits 64 mem-ltm backtest app 2>err
	grep -- "--repo" err
	exits 64 mem-ltm backtest --days 0 --repo app 2>err
	mkdir none
	exits 2 mem-ltm backtest --repo none 2>err
	cat err
	[ "$(wc -l <err)" -eq 1 ]
	grep "cannot open the repository .none" err
	repository empty
	exits 2 mem-ltm backtest --repo empty 2>err
	grep "too short to tell" err
'
test_done
