#!/bin/sh
# Files of sessions in packs: what goes into them, what does not, both layouts
# on one remote, what is damaged, and what a pack cannot do.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

# packing NODE...: from now on
packing() {
	for who; do
		as "$who" mem-admin config set remote.main.pack true
	done
}
# sealing NODE [NODE]: with a key, or with those of the other one
sealing() {
	if [ $# -eq 1 ]; then
		as "$1" mem-admin key new k1 >out
	else
		rm -f ring
		as "$2" mem-admin key export --plain ring 2>/dev/null >out
		as "$1" mem-admin key import ring >out
	fi
	as "$1" mem-admin config set remote.main.seal true
}
packs() {
	find "$R" -path '*/pack/*' -type f | LC_ALL=C sort
}
# named: the packs that the manifests name
named() {
	cat "$R"/default/.memkit/manifest/* |
	    grep -o '"name":"[0-9a-f]*","size":[0-9]*,"index"' |
	    sed 's/"name":"\([0-9a-f]*\)".*/\1/' | LC_ALL=C sort -u
}
# index PACK: its lines
index() {
	n=$(cat "$R"/default/.memkit/manifest/* |
	    sed -n 's/.*"name":"'"${1##*/}"'","size":[0-9]*,"index":\([0-9]*\).*/\1/p')
	head -c "$n" "$1" | zstd -qdc
}
# some NODE N BYTES [SESSION]: files of random bytes
some() {
	d=$(dir "$1" inputs "${4:-s1}")
	mkdir -p "$d"
	i=0
	while [ $i -lt "$2" ]; do
		i=$((i + 1))
		head -c "$3" /dev/urandom >"$d/f$i"
	done
}
# flip FILE OFFSET
flip() {
	byte=$(od -An -tu1 -j "$2" -N 1 "$1" | tr -d ' ')
	# shellcheck disable=SC2059
	printf "\\$(printf %o $((255 - byte)))" |
	    dd of="$1" bs=1 seek="$2" conv=notrunc 2>/dev/null
}

test_that 'what is no setting is refused' '
	fresh A
	as A mem-admin config set remote.main.pack perhaps
	exits 2 push A 2>err
	cat err
	grep "remote.main.pack" err
'
test_that 'small files are in packs, large ones lie by their names' '
	fresh A B
	packing A
	write A report.txt one
	write A "deep/B b ü.txt" two
	: >"$(dir A)/empty"
	mkdir -p "$(dir A artifacts)"
	printf "#!/bin/sh\n" >"$(dir A artifacts)/run.sh"
	chmod +x "$(dir A artifacts)/run.sh"
	head -c 1048575 /dev/urandom >"$(dir A)/small"
	head -c 1048576 /dev/urandom >"$(dir A)/large"
	push A >out
	cat out
	grep "\"files\":6,\"files_missing\":0," out
	[ "$(objects)" = default/tester/s1/inputs/large ]
	[ "$(packs | wc -l)" = 1 ]
	index "$(packs)" >lines
	cat lines
	head -n 1 lines | grep "^{\"type\":\"pack\",\"format\":1,\"files\":5,"
	[ "$(named)" = "$(basename "$(packs)")" ]
	remote_whole
	pull B >out
	grep "\"files\":6," out
	same_files A B
	[ -x "$(dir B artifacts)/run.sh" ]
	[ ! -x "$(dir B)/report.txt" ]
	push A | grep "\"published\":false"
	push B | grep "\"published\":false"
	as A mem-sync verify >out
	grep "\"files\":6,.*\"missing\":0,\"different\":0," out
	sound A B
'
test_that 'its index says where each is: zstd, dd, sha256sum' '
	p=$(packs)
	at=$(sed -n "s/.*\"index\":\([0-9]*\),.*/\1/p" "$R"/default/.memkit/manifest/*)
	index "$p" | sed 1d >lines
	while read -r line; do
		size=$(echo "$line" | jl size)
		sum=$(echo "$line" | jl sha256)
		[ "$size" -eq 0 ] || tail -c +$((at + 1)) "$p" | head -c "$size" >one
		[ "$size" -ne 0 ] || : >one
		[ "$(sha256sum <one | cut -d" " -f1)" = "$sum" ]
		at=$((at + size))
	done <lines
	[ "$(stat -c %s "$p")" = "$at" ]
'
test_that 'the same bytes are there once, whoever has them' '
	cp "$(dir A)/small" "$(dir A)/again"
	d=$(dir A cache s2)
	mkdir -p "$d"
	cp "$(dir A)/report.txt" "$(dir A)/small" "$d"
	push A >out
	cat out
	grep "\"files\":0," out
	[ "$(packs | wc -l)" = 1 ]
	pull B >out
	grep "\"files\":3," out
	same_files A B
	fresh A B
	packing A
	some A 3 1000
	cp "$(dir A)/f1" "$(dir A)/f4"
	push A >out
	index "$(packs)" | grep -c sha256 >lines
	[ "$(cat lines)" = 3 ]
	pull B >out
	same_files A B
'
test_that 'what changes goes into another pack, what is removed stays there' '
	packs >before
	old=$(packs)
	sha256sum "$old" >sum
	write A f1 changed
	as A mem-session rm -q s1 inputs f2 >out
	push A >out
	cat out
	[ "$(packs | wc -l)" = 2 ]
	sha256sum -c sum
	[ -z "$(objects)" ]
	# no session had to be kept for it
	exits 1 grep "\"hold_ms\":[1-9]" "$R"/default/.memkit/manifest/*
	remote_whole
	pull B >out
	grep "\"files\":1,\"files_removed\":1," out
	same_files A B
	as A mem-sync verify >out
	grep "\"files\":3,.*\"missing\":0,\"different\":0," out
'
test_that 'many files make some packs of 8 MiB; some of one come by themselves' '
	fresh A B
	packing A
	some A 50 400000
	push A >out
	grep "\"files\":50," out
	[ "$(packs | wc -l)" = 3 ]
	find "$R" -path "*/pack/*" -type f -size +8300k >large
	[ ! -s large ]
	pull B >out
	same_files A B
	# a few of what is known: not all of the pack comes
	as B mem-session archive s1 >out
	[ -z "$(find "$(dir B)" -type f)" ]
	as B mem-session restore s1 >out
	same_files A B
	rm "$(dir B)/f3" "$(dir B)/f40"
	as B mem-session restore s1 >out
	cat out
	same_files A B
'
test_that 'both layouts: what lay by its name stays, until it is changed' '
	fresh A B
	some A 6 5000
	push A >out
	objects >names
	[ "$(wc -l <names)" = 6 ]
	packing A
	write A new new
	write A f1 changed
	as A mem-session rm -q s1 inputs f2 >out
	push A >out
	cat out
	grep "\"files\":2," out
	objects >names
	cat names
	printf "default/tester/s1/inputs/f%s\n" 3 4 5 6 | cmp - names
	[ "$(packs | wc -l)" = 1 ]
	pull B >out
	grep "\"files\":6," out
	same_files A B
	as A mem-session archive s1 >out
	as A mem-session restore s1 >out
	same_files A B
	as A mem-sync verify >out
	# and the other way: B knows no packs
	write B new "newer"
	write B f3 "of B"
	push B --wait 30 --steal >out
	cat out
	objects >names
	grep -x default/tester/s1/inputs/new names
	pull A >out
	same_files A B
	[ "$(cat "$(dir A)/new")" = newer ]
	as A mem-sync verify >out
	grep "\"missing\":0,\"different\":0," out
'
test_that 'both put packs, and each takes the other one'"'"'s' '
	fresh A B
	packing A B
	some A 4 3000
	push A >out
	pull B >out
	some B 4 3000 s2
	push B >out
	some B 4 3000 s3
	push B >out
	pull A >out
	same_files A B
	[ "$(packs | wc -l)" = 3 ]
	# the bytes of another one are not sent again, once they are known
	cp "$(dir A inputs s3)/f1" "$(dir A)/copy"
	push A | grep "\"files\":0,"
	pull B >out
	same_files A B
	sound A B
'
test_that 'a snapshot that covers files names their packs' '
	fresh A B
	packing A
	some A 3 2000
	as A mem-session scan -q s1 >out
	as A mem-admin compact >out
	push A >out
	cat out
	remote_whole
	grep -h "\"covers\":\[{" "$R"/default/.memkit/manifest/* >covers
	grep "\"packs\":\[{" covers
	rm -rf B
	as B mem-admin config set remote.main.url "file://$R"
	pull B >out
	same_files A B
'
test_that 'a file in a damaged pack: told with its name, and the rest comes' '
	fresh A B
	packing A
	some A 5 2000
	push A >out
	p=$(packs)
	name=$(basename "$p")
	cp "$p" whole.pack
	flip "$p" $(($(stat -c %s "$p") - 3000))
	exits 3 pull B >out
	cat out
	grep "\"type\":\"file_missing\",.*\"path\":\"f4\",\"why\":\"missing; pack $name is not what it must be\"" out
	grep "\"files\":4,.*\"files_missing\":1," out
	exits 1 as A mem-sync verify >out
	cat out
	grep "\"id\":\"s1/inputs/f4\",\"why\":\".*$name" out
	exits 2 as A mem-session archive s1 2>err
	cat err
	grep "f4.*; pack $name is not what it must be" err
	[ -e "$(dir A)/f4" ]
	# what was repaired by hand is found again
	cp whole.pack "$p"
	as B mem-session restore s1 >out
	same_files A B
	as A mem-session archive s1 >out
	as A mem-session restore s1 >out
	same_files A B
'
test_that 'a pack that is cut off, emptied, or not there' '
	for how in cut empty gone index; do
		fresh A B
		packing A
		some A 5 2000
		push A >out
		p=$(packs)
		case $how in
		cut) truncate -s -1 "$p" ;;
		empty) : >"$p" ;;
		gone) rm "$p" ;;
		index) flip "$p" 20 ;;
		esac
		exits 3 pull B >out
		cat out
		grep "\"why\":\"missing; pack $(basename "$p") is not" out
		exits 1 as A mem-sync verify >out
		exits 2 as A mem-session archive s1 2>err
		grep "; pack $(basename "$p") is not" err
		[ "$how" != gone ] || grep "is not there" err
		[ "$(ls "$(dir A)" | wc -l)" = 5 ]
		sound A B
	done
'
test_that 'cold: a copy by its name on a second remote, and back from there' '
	fresh A
	packing A
	mkdir -p second
	as A mem-admin config set remote.second.url "file://$work/second"
	as A mem-admin config set remote.main.cold second
	echo "{\"session_id\":\"s1\",\"timestamp\":\"2020-01-01T00:00:00Z\",\"text\":\"old\"}" |
	    as A mem-ingest >out
	some A 3 2000
	push A >out
	have A >before
	MEM_NOW=2031-01-10T00:00:00Z as A mem-sync retain \
	    --policy "cold after 180" >out
	cat out
	cmp second/default/tester/s1/inputs/f2 "$(dir A)/f2"
	as A mem-session archive s1 >out
	rm "$(packs)"
	as A mem-session restore s1 >out
	cat out
	have A >after
	cmp before after
	# what was lost lies by its name now
	[ "$(objects | wc -l)" = 3 ]
'
test_that 'sealed: all is in packs, nothing by its name, and all comes back' '
	fresh A B
	sealing A
	write A report.txt "a word that tells: wombat"
	some A 3 3000
	head -c 1500000 /dev/zero >"$(dir A)/middle"
	head -c 17000000 /dev/urandom >"$(dir A)/large"
	push A >out
	cat out
	grep "\"files\":6," out
	[ -z "$(objects)" ]
	[ "$(packs | wc -l)" = 2 ]
	exits 1 grep -ra wombat "$R"
	for p in $(packs); do
		head -n 1 "$p" | grep -a "^{\"type\":\"sealed\","
		sed 1d "$p" >rest
		LC_ALL=C exits 1 grep -qaF "$(printf "\050\265\057\375")" rest
	done
	push A | grep "\"published\":false"
	sealing B A
	pull B >out
	cat out
	same_files A B
	as A mem-sync verify >out
	grep "\"files\":6,.*\"missing\":0,\"different\":0," out
	as A mem-session archive s1 >out
	as A mem-session restore s1 >out
	same_files A B
	as A mem-admin config set remote.main.cold other
	exits 64 as A mem-sync retain --policy "cold after 180" 2>err
	cat err
	grep "remote .main. is sealed: files lie there in packs" err
	sound A B
'
test_that 'sealed and damaged: the file whose bytes they are, and its pack' '
	p=$(find "$R" -path "*/pack/*" -type f -size +10000k)
	flip "$p" 9000000
	exits 1 as A mem-sync verify >out
	cat out
	grep "\"id\":\"s1/inputs/large\",\"why\":\"missing; pack $(basename "$p") is not what it must be\"" out
	grep "\"files\":5," out
	# of several only those in the segment that is damaged
	fresh A B
	sealing A
	some A 5 200000
	push A >out
	flip "$(packs)" 500000
	exits 1 as A mem-sync verify >out
	cat out
	grep "\"id\":\"s1/inputs/f3\"" out
	grep "\"files\":4,.*\"missing\":1," out
'
test_that 'what lay in clear goes when it is changed or removed under a seal' '
	fresh A B
	some A 4 3000
	push A >out
	sealing A
	write A f1 changed
	as A mem-session rm -q s1 inputs f2 >out
	push A >out
	objects >names
	printf "default/tester/s1/inputs/f%s\n" 3 4 | cmp - names
	[ -z "$(find "$R/default/.memkit/file" -type f 2>/dev/null)" ]
	sealing B A
	pull B >out
	same_files A B
'
# what is left of a push that did not come to its manifest
forget_manifests() {
	rm -r "$R/default/.memkit/manifest"
}
test_that 'a pack that is in no manifest yet: taken as it is, sealed or not' '
	for how in clear sealed; do
		fresh A B
		[ $how = clear ] && packing A || sealing A
		some A 3 3000
		push A >out
		packs >before
		cat "$(packs)" >bytes
		forget_manifests
		# under another key it would be another object of that name
		[ $how = clear ] || as A mem-admin key new k2 >out
		push A --anew >out
		cat out
		packs | cmp - before
		cmp "$(packs)" bytes
		[ $how = clear ] || [ "$(jl files <out)" = 0 ]
		[ $how = sealed ] || remote_whole
		[ $how = clear ] || sealing B A
		pull B >out
		same_files A B
		as A mem-sync verify >out
		grep "\"missing\":0,\"different\":0," out
	done
'
test_that 'one that was damaged there: put anew, or, sealed, told' '
	fresh A B
	packing A
	some A 3 3000
	push A >out
	forget_manifests
	flip "$(packs)" 5000
	push A --anew >out
	remote_whole
	pull B >out
	same_files A B
	fresh A B
	sealing A
	some A 3 3000
	push A >out
	forget_manifests
	as A mem-admin key new k2 >out
	flip "$(packs)" 400
	exits 2 push A --anew 2>err
	cat err
	grep "has a pack $(basename "$(packs)") that is not what its name says; move it away" err
	mv "$(packs)" away
	push A --anew >out
	sealing B A
	pull B >out
	same_files A B
'
test_that 'a pack that is sealed with another key since is found again' '
	fresh A B
	sealing A
	some A 3 3000
	push A >out
	sealing B A
	pull B >out
	# the same pack under a longer name of a key, out of another place
	cp -R "$R" first
	p=$(packs)
	as A mem-admin key new a-much-longer-name-of-a-key >out
	rm -r "$R"/default
	push A --anew >out
	[ "$(packs)" = "$p" ]
	cp "$p" other
	rm -r "$R"/default
	cp -R first/default "$R"
	cp other "$p"
	sealing B A
	rm "$(dir B)"/f[12]
	as B mem-session restore s1 >out
	cat out
	grep "\"files\":2," out
	same_files A B
'
test_done
