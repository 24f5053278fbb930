#!/bin/sh
# A remote that was emptied, replaced, damaged, or cannot be written to: a
# message that names it, exit 2, and what is here is whole.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

# told TEXT VERB NODE: exit 2 with these words, and the store is sound
told() {
	exits 2 "$2" "$3" 2>err || return
	cat err
	grep -q -- "$1" err || { echo "not: $1"; return 1; }
	sound "$3"
}
# refused TEXT VERB NODE: told so, and nothing is changed here
refused() {
	shows "$3" >was
	told "$@" || return
	shows "$3" | cmp was -
}

test_that 'emptied: told, and filled again with --anew' '
	fresh A B
	fill A
	push A >out
	say A s1 more
	push A >out
	pull B >out
	rm -rf "${R:?}"/*
	for who in A B; do
		for verb in push pull; do
			refused "manifest 2, which was in .main., is no more there: it was emptied.*mem-sync push --anew" $verb $who
		done
	done
	[ "$(find "$R" -type f | wc -l)" -eq 0 ]
	push A --anew >out
	cat out
	grep "\"number\":1,\"published\":true" out
	remote_whole
	node C
	pull C >out
	same A C
	refused "manifest 2.*is no more there" pull B
	exits 2 push B --anew 2>err
	grep "mem-sync pull --merge" err
	pull B --merge >out
	same A B
	say B s1 "of B"
	push B >out
	pull A >out
	same A B
'
test_that 'the folder itself is gone: it may not be mounted' '
	fresh A
	say A s1 one
	push A >out
	rm -rf "$R"
	for verb in push pull; do
		refused "the folder .* is not there: mount it" $verb A
	done
	[ ! -e "$R" ]
'
test_that 'replaced by another memory, as long, longer, shorter' '
	for n in 2 3 1; do
		fresh A X
		for i in 1 2; do
			say A s1 "of A $i"
			push A >out
		done
		mv remote of.A
		mkdir remote
		for i in $(seq $n); do
			say X s1 "of X $i"
			push X >out
		done
		say A s1 "of A 3"
		cp -R remote of.X
		text="put another memory in its place"
		[ $n -ne 1 ] || text="is no more there"
		refused "$text" push A
		refused "$text" pull A
		diff -r remote of.X
		rm -rf remote of.X
		mv of.A remote
		push A | grep "\"number\":3,\"published\":true"
		remote_whole
	done
'
# spoilt COMMAND TEXT: with one file of the remote spoilt, told to a new node and
# to one that has a part already; then it is well
spoilt() {
	how=$1 text=$2
	for who in N B; do
		rm -rf N B remote
		cp -R before/N before/B before/remote .
		eval "$how"
		told "$text" pull $who || return
	done
	[ "$(texts B | grep -c three)" -eq 0 ] || return
	# made well again it goes on
	rm -rf remote
	cp -R before/remote .
	pull B >out && same A B
}
# those of the second push
second() {
	m=$(find before/remote -path "*/manifest/000000000002")
	m=${m#before/} d=${m%/*}
	name=$(grep -o '"name":"[0-9a-f]*' "before/$m" | cut -d\" -f4)
	f=$(find before/remote -name "$name")
	f=${f#before/}
	size=$(stat -c %s "before/$f")
	at=$((size / 2))
}
test_that 'a segment that is damaged, cut, longer, missing, another one' '
	fresh A B N
	fill A
	push A >out
	pull B >out
	say A s1 two
	push A >out
	say A s1 three
	push A >out
	mkdir before
	cp -R N B remote before
	second
	spoilt "printf XYZ | dd of=$f bs=1 seek=$at conv=notrunc 2>/dev/null" "segment $name: "
	spoilt "truncate -s $at $f" "segment $name: "
	spoilt "truncate -s 0 $f" "segment $name: "
	spoilt "echo more >>$f" "segment $name: "
	spoilt "rm $f" "segment $name: "
	other=$(find remote -path "*/segment/*" -type f ! -name $name | head -n 1)
	spoilt "cp $other $f" "segment $name: "
	spoilt "rm $f; mkdir $f" "segment $name: "
'
test_that 'a segment that was damaged stays out, what is before it is in' '
	second
	rm -rf N remote
	cp -R before/N before/remote .
	printf XYZ | dd of=$f bs=1 seek=$at conv=notrunc 2>/dev/null
	exits 2 pull N 2>err
	[ "$(texts N | grep -c "^text number")" -eq 19 ]
	[ "$(texts N | grep -c "two\|three")" -eq 0 ]
	rm -rf remote
	cp -R before/remote .
	pull N >out
	same A N
'
test_that 'a manifest that is damaged, cut, missing, another one' '
	second
	spoilt "printf X | dd of=$m bs=1 seek=40 conv=notrunc 2>/dev/null" "manifest 2 of .main.: "
	spoilt "truncate -s 100 $m" "manifest 2 of .main.: "
	spoilt "truncate -s 0 $m" "manifest 2 of .main.: "
	spoilt "cp $d/000000000003 $m" "manifest 2 of .main.: it says that it is 3"
	spoilt "rm $m" "manifest 2 of .main. is missing"
	spoilt "sed -i s/\\\"format\\\":1/\\\"format\\\":2/ $m" "upgrade memkit"
	spoilt "sed -i s/\\\"tenant\\\":\\\"default/\\\"tenant\\\":\\\"other/ $m" "it is of another tenant"
	spoilt "sed -i s/\\\"at\\\":1/\\\"at\\\":0/ $m" "manifest"
	spoilt "sed -i s/\\\"store_id\\\":\\\"01/\\\"store_id\\\":\\\"02/ $m" "manifest 2 of the remote is of another store"
'
test_that 'a manifest that was altered does not go with the next' '
	second
	rm -rf N remote
	cp -R before/N before/remote .
	sed -i "s/\"address\":\"/&x/" "$m"
	refused "manifest 3 of the remote does not follow" pull N
	rm -rf remote
	cp -R before/remote .
'
test_that 'files of others beside ours are left alone' '
	second
	rm -rf B remote
	cp -R before/B before/remote .
	echo hi >"$d/README"
	echo hi >"$d/0000000000044"
	mkdir "$d/000000000004"
	echo hi >"$R/file"
	pull B >out
	same A B
	rm -r "$d/000000000004"
	push B | grep "\"published\":false"
'
test_that 'the log was trimmed before the first push: a snapshot goes' '
	fresh A
	fill A
	as A mem-admin compact >out
	push A >out
	cat out
	grep "\"snapshot\":true," out
	as A mem-sync verify >out
	rm -rf B
	as B mem-admin config set remote.main.url "file://$R"
	pull B >out
	grep "\"snapshot\":true," out
	same A B
	# who has something already cannot take it in, and hears why
	rm -rf C
	node C
	say C s9 "of its own"
	exits 2 pull C --merge 2>err
	grep "are only in the snapshot" err
	[ "$(texts C)" = "of its own" ]
'
test_that 'a remote that is behind keeps the log' '
	fresh A B
	fill A
	push A >out
	mkevents 50 | sed "s/\"text\":\"/&again /; s/\"timestamp\":179/&1/" |
	    as A mem-ingest >out
	as A mem-admin compact >out
	push A >out
	as A mem-admin compact >out
	cat out
	[ "$(jl changes_deleted <out)" -gt 40 ]
	pull B >out
	same A B
	push A | grep "\"published\":false"
'
test_that 'a folder that may only be read: pull goes, push is told' '
	fresh A B
	fill A
	push A >out
	say A s1 more
	say B s1 x
	chmod 755 "$work"
	if [ "$(id -u)" -eq 0 ]; then
		chmod -R go+rX "$R"
		chown -R 65534 A B
	else
		chmod -R a-w "$R"
	fi
	shows A >was
	MEM_STORE=$work/A reader sh -c "command -v mem-sync" >/dev/null || exit 0
	MEM_STORE=$work/A exits 2 reader mem-sync push 2>err
	cat err
	grep -i "permission denied\|denied" err
	MEM_STORE=$work/B reader mem-sync pull --merge >out
	grep "\"segments\":1," out
	chmod -R u+w "$R"
	[ "$(id -u)" -ne 0 ] || chown -R 0 A B
	shows A | cmp was -
	push A >out
	pull B >out
	texts B | grep -x more
'
test_that 'a journal that is damaged: told; without it all is read again' '
	fresh A
	say A s1 one
	push A >out
	j=A/tenants/default/sync/main.db
	rm -f $j-*
	printf "no database at all, but long enough to be one" >$j
	exits 2 push A 2>err
	cat err
	grep "main.db" err
	rm $j*
	push A | grep "\"published\":false"
'
test_that 'one at a time for each remote' '
	say A s1 two
	rm -f out
	MEM_STORE=$work/A mem-sync push --follow --every 60 >out &
	p=$!
	i=0
	until grep -q published out; do
		i=$((i + 1))
		[ $i -lt 200 ]
		sleep 0.05
	done
	exits 75 push A 2>err
	cat err
	grep "another process works with the remote .main." err
	as A mem-sync status | jl number >was
	exits 75 push A --anew 2>err
	# who was refused has forgotten nothing
	as A mem-sync status | jl number | cmp was -
	kill $p
	wait $p
	push A | grep "\"published\":false"
'
test_done
