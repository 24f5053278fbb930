#!/bin/sh
# What has a row in the audit log: settings, keys and their use, exports,
# backups, what sync moves, reads; and that a row comes first, at one step in 17
# of a push; long-28-audit-rows.sh takes all of them, with MEM_EVERY=N one in N.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

# rows ACTION [NODE]: "object detail" of each
rows() {
	MEM_STORE=${2:-$MEM_STORE} mem-admin audit --action "$1" --json >log || :
	while read -r line; do
		echo "$(echo "$line" | jl object) $(echo "$line" | sed -n 's/.*"detail":"\([^"]*\)".*/\1/p')"
	done <log
}

test_that 'rows say by which tool, and how it ended' '
	mkevents 5 | mem-ingest -q >/dev/null
	[ "$(mem-admin audit --tool mem-ingest | jl outcome)" = done ]
	exits 1 mem-admin audit --tool mem-log
	exits 1 mem-admin audit --outcome denied
	mem-admin audit --outcome done | grep -c mem-ingest
	exits 64 mem-admin audit --outcome perhaps
'
test_that 'settings: their names, never their values' '
	mem-admin config set live.endpointKeyEnv SECRETNAME
	mem-admin config unset live.endpointKeyEnv
	[ "$(rows config_set)" = "live.endpointKeyEnv " ]
	[ "$(rows config_unset)" = "live.endpointKeyEnv " ]
	mem-admin audit >out
	exits 1 grep SECRETNAME out
	# what was not done has none
	exits 64 mem-admin config set audit.reads some
	[ "$(mem-admin audit --action config_set | wc -l)" -eq 1 ]
'
test_that 'a backup, an export: before the first byte, with who and where to' '
	mem-admin backup b.tar >out
	mem-admin backup - --with-keys >c.tar
	rows backup >got
	printf "b.tar \nstandard output with keys\n" | diff - got
	mem-sync export e.tar s1 >out
	rows export >got
	cat got
	grep "^e.tar user tester, sessions s1" got
	if faults_work; then
		# nothing comes out where the log cannot be written
		fault "write:1+:ENOSPC" mem-sync export - s1 || :
		[ "$status" -ne 0 ]
		[ ! -s out ]
	fi
'
test_that 'keys: their use once a process, not for a look at them' '
	node A
	as A mem-admin key new k1 >out
	as A mem-admin key list >out
	[ -z "$(rows key_use "$work/A")" ]
	as A mem-admin config set remote.main.seal true
	say A s1 one
	push A >out
	rows key_use "$work/A" >got
	cat got
	[ "$(cat got)" = "k1 " ]
	say A s1 two
	push A >out
	[ "$(rows key_use "$work/A" | wc -l)" -eq 2 ]
	as A mem-admin audit verify
'
test_that 'what opens an artifact has a row, also of a reader' '
	as A mem-admin config set artifact.mode managed_blob
	as A mem-admin config set artifact.provider local_fs
	as A mem-admin config set artifact.codec aes_gcm
	echo bytes >f
	as A mem-artifact put f >out
	id=$(jl artifact_id <out)
	n=$(rows key_use "$work/A" | wc -l)
	as A mem-artifact content "$id" | cmp - f
	[ "$(rows key_use "$work/A" | wc -l)" -eq $((n + 1)) ]
	as A mem-artifact list >out
	[ "$(rows key_use "$work/A" | wc -l)" -eq $((n + 1)) ]
'
test_that 'every object that a push and a pull move: key, size, hash' '
	fresh A B
	say A s1 hello
	echo some bytes >f
	as A mem-session put s1 inputs f >out
	push A >out
	rows object_put "$work/A" | sed "s/ main,.*//" | sort >got
	(cd "$R" && find . -type f | sed "s/^\.\///" | grep -v "/tmp/" | sort) >there
	diff there got
	sum=$(sha256sum <f | cut -c1-16)
	rows object_put "$work/A" | grep "/s1/inputs/f main, 11 bytes, sha256 $sum"
	pull B >out
	rows object_get "$work/B" | grep "/s1/inputs/f main, 11 bytes, sha256 $sum"
	as A mem-admin audit verify
	as B mem-admin audit verify
'
test_that 'files in packs have rows of their own' '
	fresh A B
	for n in A B; do as $n mem-admin config set remote.main.pack true; done
	say A s1 hello
	for i in 1 2 3; do
		echo "bytes $i" >f$i
		as A mem-session put s1 inputs f$i >out
	done
	push A >out
	[ "$(rows file_push "$work/A" | grep -c "/s1/inputs/f[123] main, in a pack, 8 bytes")" -eq 3 ]
	pull B >out
	[ "$(rows file_pull "$work/B" | grep -c "/s1/inputs/f[123] main, in a pack, 8 bytes")" -eq 3 ]
'
test_that 'what is deleted there' '
	fresh A
	say A s1 hello
	echo x >f
	as A mem-session put s1 inputs f >out
	push A >out
	as A mem-session rm s1 inputs f >out
	push A >out
	rows object_delete "$work/A" | grep "/s1/inputs/f main"
'
if faults_work; then
	test_that 'killed anywhere: the journal has nothing that the log does not tell of' '
		fresh A
		say A s1 hello
		for i in 1 2 3; do
			echo "bytes $i" >f$i
			as A mem-session put s1 inputs f$i >out
		done
		cp -R A full
		export MEM_STORE="$work/A"
		n=1
		while :; do
			rm -rf A "$R"
			cp -R full A
			mkdir "$R"
			fault "step:$n:KILL" mem-sync push || break
			push A >out
			{
				rows object_put "$work/A"
				rows object_there "$work/A"
			} | sed "s/ main,.*//" | sort -u >got
			(cd "$R" && find . -path "*/inputs/f*" -type f |
			    sed "s/^\.\///" | sort) >there
			[ -z "$(comm -23 there got)" ] || { comm -23 there got; exit 1; }
			as A mem-admin audit verify >out
			n=$((n + ${MEM_EVERY:-17}))
		done
		[ $n -gt 20 ]
	'
else
	skip 'killed anywhere' 'faults do not reach the tools here'
fi

# ---- reads ----

test_that 'reads of one'\''s own are counted, by user and tool' '
	fresh_store
	mkevents 3 | mem-ingest -q >/dev/null
	mem-log >out
	exits 1 mem-admin audit reads
	mem-admin config set audit.reads count
	rows=$(mem-admin audit | wc -l)
	for i in 1 2 3 4 5; do mem-log >out; done
	MEM_USER=ann mem-log >out || :
	mem-search words >out || :
	mem-admin audit reads >out
	cat out
	grep "\"who\":\"tester\",\"tool\":\"mem-log\",\"count\":5," out
	grep "\"who\":\"ann\",\"tool\":\"mem-log\",\"count\":1," out
	grep "\"who\":\"tester\",\"tool\":\"mem-search\",\"count\":1," out
	[ "$(mem-admin audit | wc -l)" -eq "$rows" ]
'
test_that 'a file of counts that is none is left alone, and no reader fails' '
	file=$MEM_STORE/tenants/default/reads.count
	echo nonsense >"$file"
	mem-log >out
	[ "$(cat "$file")" = nonsense ]
	exits 1 mem-admin audit reads
	rm "$file"
	ln -s "$PWD/elsewhere" "$file"
	mem-log >out
	[ ! -e elsewhere ]
	rm "$file"
'
test_that 'with audit.reads = all they are rows' '
	mem-admin config set audit.reads all
	mem-log >out
	[ "$(mem-admin audit --action read --tool mem-log --json | jl detail)" = own ]
	mem-log >out
	[ "$(mem-admin audit --action read --tool mem-log --json | wc -l)" -eq 2 ]
	mem-admin audit verify
'
if faults_work; then
	test_that 'a row that cannot be written: nothing is shown' '
		mem-log >want
		[ -s want ]
		n=1 failed=0
		while fault "write:$n:ENOSPC" mem-log; do
			n=$((n + 1))
			[ $n -lt 60 ]
			# a count is lost without a word
			[ "$status" -ne 0 ] || { cmp out want; continue; }
			[ ! -s out ] || { cat out; exit 1; }
			failed=$((failed + 1))
		done
		[ $failed -gt 2 ]
		cmp out want
		mem-admin audit verify
	'
fi
if may_read; then
	test_that 'nor to whoever may not write the log' '
		reader mem-log >out 2>err && exit 1
		[ ! -s out ]
		grep "audit log cannot be written" err
		chmod -R u+w "$MEM_STORE"
		mem-admin config unset audit.reads
		chmod -R a+rX "$MEM_STORE"
		chmod -R a-w "$MEM_STORE"
		reader mem-log >out
		cmp out want
	'
	chmod -R u+w "$MEM_STORE"
fi
if faults_work; then
	test_that 'rows of reads do not wait for the disk, all others do' '
		MEM_STORE=$PWD/power
		export MEM_STORE
		mkevents 5 | mem-ingest -q >/dev/null
		mem-session graft s1 --to user:bob >out
		mem-admin audit checkpoint points
		# a sync that fails is none that is asked for
		fault fsync:1 mem-search --user bob --mode text number && exit 1
		[ "$status" -eq 0 ]
		[ -s out ]
		mem-admin audit --action read --who bob --json >rows
		[ "$(wc -l <rows)" -eq 1 ]
		echo "{\"session_id\":\"s1\",\"timestamp\":1,\"text\":\"x\"}" >one
		fault fsync:1 mem-ingest one
		[ "$status" -ne 0 ]
		# who keeps a hash elsewhere keeps one that is on the disk
		fault fsync:1 mem-admin audit checkpoint
		[ "$status" -ne 0 ]
		fault fsync:1 mem-admin audit verify
		[ "$status" -ne 0 ]
		mem-admin audit verify
		exits 64 mem-admin config set audit.sync some
		mem-admin config set audit.sync all
		fault fsync:1+ mem-search --user bob --mode text number
		[ "$status" -ne 0 ]
		[ ! -s out ]
		mem-admin config set audit.sync writes
		fault fsync:1 mem-search --user bob --mode text number && exit 1
		[ "$status" -eq 0 ]
		mem-admin audit verify --against points
	'
fi
test_done
