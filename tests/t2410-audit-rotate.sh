#!/bin/sh
# mem-admin audit rotate: old rows in a file, and the chain goes on.  It is killed and
# fails at one call in 3; long-28-audit-rotate.sh takes all of them, with
# MEM_EVERY=N one in N.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

later=2100-01-01
rows() {
	for i in 1 2 3 4 5; do
		echo "{\"session_id\":\"s\",\"timestamp\":$1$i,\"text\":\"t\"}" |
		    mem-ingest -q >/dev/null
	done
}

test_that 'rows go, and the chain stays whole' '
	rows 1
	mem-admin audit checkpoint points
	mem-admin audit >all
	n=$(wc -l <all)
	mem-admin audit rotate --before "$later" --dry-run >out
	[ "$(jl rows <out)" -eq "$n" ]
	[ "$(mem-admin audit | wc -l)" -eq "$n" ]
	mem-admin audit rotate --before "$later" --to one.jsonl >out
	cat out
	[ "$(jl rows <out)" -eq "$n" ]
	[ "$(stat -c %a one.jsonl)" = 600 ]
	tail -n +2 one.jsonl | cmp - all
	mem-admin audit >now
	[ "$(jl action <now)" = rotate ]
	[ "$(jl seq <now)" -eq $((n + 1)) ]
	mem-admin audit verify
	mem-admin check
	mem-admin audit verify --with one.jsonl >out
	[ "$(jl rows <out)" -eq $((n + 1)) ]
'
test_that 'a checkpoint of a row that is in the file holds with it' '
	mem-admin audit verify --against points --with one.jsonl
	echo "{\"session_id\":\"s\",\"timestamp\":99,\"text\":\"t\"}" | mem-ingest -q
	rows 2
	mem-admin audit rotate --before "$later" --to two.jsonl >out
	exits 1 mem-admin audit verify --against points >out
	[ "$(head -n 1 out | jl row)" = "rotated away" ]
'
test_that 'several files are one' '
	cat one.jsonl two.jsonl >both
	mem-admin audit verify --with both --against points >out
	[ "$(tail -n 1 out | jl first)" = 1 ]
	mem-admin audit verify --with two.jsonl
	# the first alone does not lead here, nor do they the other way round
	exits 1 mem-admin audit verify --with one.jsonl >out
	[ "$(jl fault <out)" = untied ]
	cat two.jsonl one.jsonl >wrong
	exits 1 mem-admin audit verify --with wrong >out
	[ "$(jl fault <out)" = untied ]
'
# wrong KIND ROW COMMAND...: of both, changed so
wrong() {
	kind=$1 row=$2
	shift 2
	"$@" <both >file
	exits 1 mem-admin audit verify --with file >out || return 1
	if [ "$(jl fault <out) $(jl broken_at <out)" != "$kind $row" ]; then
		cat out
		return 1
	fi
}
test_that 'a file that somebody wrote into' '
	wrong changed 3 sed "4s/\"who\":\"/&x/"
	wrong dropped 3 sed 4d
	wrong reordered 3 sed "4{h;d;};5G"
	wrong inserted 3 sed 4p
	wrong dropped 4 sed 5,6d
	last=$(($(wc -l <both)))
	wrong dropped $((last - 2)) sed "\$d"
	echo "{}" >file
	exits 2 mem-admin audit verify --with file 2>err
	grep "file. line 1" err
	: >file
	exits 2 mem-admin audit verify --with file 2>err
	grep "no rows of an audit log" err
'
test_that 'nothing is old enough: 1; a file that is there stays' '
	exits 1 mem-admin audit rotate --before 2001-01-01 --to three
	[ ! -e three ]
	echo mine >three
	exits 2 mem-admin audit rotate --before "$later" --to three
	[ "$(cat three)" = mine ]
	exits 64 mem-admin audit rotate --to four
	exits 64 mem-admin audit rotate --before "$later"
	mem-admin audit verify --with both
'
test_that 'a backup, and a copy that is pulled, go on from there' '
	mem-admin backup b.tar >out
	mem-admin restore b.tar --store back >out
	mem-admin audit verify --store back
	# whose key is not in the backup
	mem-admin audit key >key
	exits 1 mem-admin audit verify --store back --with both --against points
	mem-admin audit verify --store back --with both --against points \
	    --public-key key
	cp -R "$MEM_STORE" "$work/A"
	mkdir -p "$R"
	for n in A B; do
		as $n mem-admin config set remote.main.url "file://$R"
	done
	push A --snapshot >out
	pull B >out
	as B mem-admin audit verify --with both
	as B mem-admin check
'
if command -v sqlite3 >/dev/null; then
	test_that 'a log that is broken is not rotated' '
		cp -R "$MEM_STORE" copy
		echo "{\"session_id\":\"s\",\"timestamp\":199,\"text\":\"t\"}" | mem-ingest -q --store copy
		sqlite3 copy/tenants/default/memory.db \
		    "UPDATE audit SET who = '\''bob'\'' WHERE seq = (SELECT max(seq) FROM audit)"
		n=$(mem-admin audit --store copy | wc -l)
		exits 2 mem-admin audit rotate --store copy --before "$later" --to five 2>err
		grep "is broken at row" err
		[ ! -e five ]
		[ "$(mem-admin audit --store copy | wc -l)" -eq "$n" ]
	'
fi
if faults_work; then
	# each FAULT: until it comes no more; after it nothing is lost
	each() {
		was=$(mem-admin audit verify | jl first)
		i=1
		while :; do
			rm -rf k f.jsonl
			cp -R more k
			fault "$1:$i$2" mem-admin audit rotate --store k \
			    --before "$later" --to f.jsonl || break
			mem-admin audit verify --store k >out || { cat out; return 1; }
			first=$(jl first <out)
			if [ "$first" -gt "$was" ]; then
				mem-admin audit verify --store k --with f.jsonl >out
			else
				[ "$(jl rows <out)" -ge 4 ]
			fi || { echo "after $1:$i$2"; cat out; return 1; }
			i=$((i + ${MEM_EVERY:-3}))
		done
		[ $i -gt 1 ] && [ "$status" -eq 0 ] &&
		    mem-admin audit verify --store k --with f.jsonl
	}
	test_that 'killed, or a disk that fails: the rows are in the store or in the file' '
		cp -R "$MEM_STORE" more
		for j in 1 2 3 4; do
			echo "{\"session_id\":\"s\",\"timestamp\":30$j,\"text\":\"t\"}" |
			    mem-ingest -q --store more >/dev/null
		done
		each step :KILL
		each write ""
		each fsync ""
	'
else
	skip 'killed, or a disk that fails' 'faults do not reach the tools here'
fi
test_done
