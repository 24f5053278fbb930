#!/bin/sh
# A remote that is sealed, with packs, is looked after as one in clear: verify
# tells what is lost or damaged, repair puts it again, sealed, prune deletes
# what nothing names, and a new node begins with a state.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

M=$R/default/.memkit

# knows NODE NODE: the first gets the keys of the other one, and seals
knows() {
	rm -f ring
	as "$2" mem-admin key export --plain ring >exported 2>&1
	as "$1" mem-admin key import ring >imported
	as "$1" mem-admin config set remote.main.seal true
}
write() {
	mkdir -p "$(as "$1" mem-session path s1 inputs)"
	printf '%s\n' "$3" >"$(as "$1" mem-session path s1 inputs)/$2"
}
# spoil HOW FILE
spoil() {
	case $1 in
	lost) rm "$2" ;;
	cut) truncate -s $(($(stat -c %s "$2") / 2)) "$2" ;;
	flipped)
		at=$(($(stat -c %s "$2") - 20))
		was=$(od -An -tu1 -j$at -N1 "$2")
		printf '%b' "\\0$(printf %o $((was ^ 1)))" |
		    dd of="$2" bs=1 seek=$at conv=notrunc 2>/dev/null
		;;
	esac
}
clean() {
	as "$1" mem-sync verify >out || { cat out; return 1; }
	as "$1" mem-sync repair --verify >out || { cat out; return 1; }
	cat out
	grep -q '"damaged":0,"broken":0' out
}
# all_sealed: nothing lies there in clear
all_sealed() {
	find "$R" -type f >lies
	while read -r f; do
		head -c 16 "$f" | grep -q '^{"type":"sealed"' ||
		    { echo "$f is in clear"; return 1; }
	done <lies
}
one() {
	find "$M" -path "*/$1/*" -type f | LC_ALL=C sort | head -n 1
}

test_that 'whole: nothing is done' '
	fresh A
	as A mem-admin key new k >out
	as A mem-admin config set remote.main.seal true
	fill A
	write A a.txt "a file of a session"
	push A --snapshot >out
	write A b.txt "a second one"
	push A >out
	clean A
	all_sealed
	for what in manifest segment snapshot piece pack; do
		[ -n "$(one $what)" ] || { echo "no $what"; exit 1; }
	done
'
# Each is lost, cut and flipped with MEM_ALL, else one or two of these.
for each in segment:lost snapshot:cut piece:flipped pack:lost,flipped; do
	what=${each%:*} hows=$(echo "${each#*:}" | tr , " ")
	[ -z "${MEM_ALL-}" ] || hows="lost cut flipped"
	test_that "a $what that is lost, cut or flipped" '
		for how in $hows; do
			case '"$what"' in
			snapshot | piece)	# older ones nobody would miss
				rm -rf "$M/snapshot" "$M/piece"
				as A mem-sync repair >out
				;;
			esac
			spoil $how "$(one '"$what"')"
			# a segment that the snapshot has is no need of a restore
			status=0
			as A mem-sync verify >out 2>err || status=$?
			[ $status -ne 0 ] || [ '"$what"' = segment ] ||
			    { echo "$how: verify saw nothing"; exit 1; }
			exits 1 as A mem-sync repair --verify --dry-run >out
			as A mem-sync repair --verify >out 2>err ||
			    { echo "$how"; cat out err; exit 1; }
			all_sealed
			rm -rf C
			as C mem-admin config set remote.main.url "file://$R"
			knows C A
			pull C >out 2>err || { echo "$how"; cat out err; exit 1; }
			same A C
			[ "$(cat "$(as C mem-session path s1 inputs)/a.txt")" = "a file of a session" ]
			[ "$(cat "$(as C mem-session path s1 inputs)/b.txt")" = "a second one" ]
		done
	'
done
test_that 'packs in clear, too' '
	fresh A
	as A mem-admin config set remote.main.pack true
	fill A
	write A a.txt "a file of a session"
	push A >out
	for how in lost cut flipped; do
		spoil $how "$(one pack)"
		exits 1 as A mem-sync verify >out
		as A mem-sync repair --verify >out
		cat out
		grep "\"what\":\"file\",.*\"status\":\"put\"" out
		clean A
	done
	[ -z "$(find "$R" -name a.txt)" ]
'
test_that 'a pack that no manifest names goes when it is old, and no other' '
	fresh A
	as A mem-admin config set remote.main.pack true
	write A a.txt "a file of a session"
	push A >out
	named=$(one pack)
	other=$(dirname "$named")/$(printf "%s" "$named" | sed "s|.*/||; s/^\(..\).*/\1/")$(printf %062d 7)
	cp "$named" "$other"
	find "$R" -type f -exec touch -d "8 days ago" {} +
	as A mem-sync prune >out
	cat out
	grep "\"what\":\"pack\"" out
	[ ! -e "$other" ] && [ -e "$named" ]
	clean A
'
test_that 'what was put long ago and never named is put again' '
	write A e.txt "slow"
	MEM_STORE=$work/A
	db=$work/A/tenants/default/sync/main.db
	sqlite3 "$db" "INSERT INTO pack (name, number, size, bytes_index, files, bytes, known) VALUES (printf(\"%064d\", 1), 0, 10, 5, 1, 5, 1)"
	sqlite3 "$db" "INSERT INTO fresh VALUES (printf(\"%064d\", 1), 1)"
	push A >out
	clean A
	! grep -rq "$(printf %064d 1)" "$M/manifest"
'
# a hundred pushes, which long-78-sync-sealed-care waits for
more &&
test_that 'a new node begins with a state, which is sealed, and with no other' '
	fresh A
	as A mem-admin key new k >out
	as A mem-admin config set remote.main.seal true
	fill A
	write A a.txt "a file of a session"
	push A >out
	while [ "$(manifests | wc -l)" -lt 101 ]; do
		as A mem-sync lease take s1 --hold 1 >out
	done
	s=$(one state)
	[ "${s##*/}" = 000000000100 ]
	all_sealed
	rm -rf C D
	for who in C D; do
		as $who mem-admin config set remote.main.url "file://$R"
		knows $who A
	done
	cp "$M/manifest/000000000050" whole
	echo "no manifest" >"$M/manifest/000000000050"
	pull C >out
	cp whole "$M/manifest/000000000050"
	same A C
	[ "$(cat "$(as C mem-session path s1 inputs)/a.txt")" = "a file of a session" ]
'
# a hundred manifests once more
[ -z "${MEM_ALL-}" ] ||
test_that 'one in clear, from before, is not believed once it is sealed' '
	fresh A
	fill A
	push A >out
	while [ "$(manifests | wc -l)" -lt 100 ]; do
		as A mem-sync lease take s1 --hold 1 >out
	done
	[ -n "$(one state)" ]
	as A mem-admin key new k >out
	as A mem-admin config set remote.main.seal true
	say A s1 "sealed from here on"
	push A >out
	cp "$M/manifest/000000000050" whole
	echo "no manifest" >"$M/manifest/000000000050"
	for seal in true false; do
		rm -rf D
		as D mem-admin config set remote.main.url "file://$R"
		knows D A
		as D mem-admin config set remote.main.seal $seal
		exits 2 pull D 2>err
		grep "manifest 50" err
		cp whole "$M/manifest/000000000050"
		pull D >out
		same A D
		echo "no manifest" >"$M/manifest/000000000050"
	done
'
test_done
