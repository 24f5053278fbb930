# shellcheck shell=sh disable=SC2154
# What holds of snapshots on every remote; sourced by the tests of one that is
# set up as `main`, and empty.  KILLS: how often a put and a get are killed.

snap() {
	verb=$1
	shift
	"$obj/helper/snapshot" main "$verb" default/.memkit/ "$@"
}
rem() {
	"$obj/helper/remote" main "$@"
}
# noise FROM N: events whose texts do not become small
noise() {
	awk -v from="$1" -v n="$2" 'BEGIN {
		srand(from)
		for (i = from; i < from + n; i++) {
			t = ""
			while (length(t) < 1600)
				t = t sprintf("%08x", rand() * 4294967296)
			printf "{\"session_id\":\"s%d\",\"timestamp\":%.0f," \
			    "\"text\":\"%s\"}\n", i % 5, 1790000000000 + i, t
		}
	}'
}
events_of() {
	sqlite3 "$1" "SELECT count(*) || ' ' || sum(ts) FROM event"
}
KILLS=${KILLS:-5}

test_that 'a store with something in it' '
	[ -s "$MEM_STORE/tenants/default/memory.db" ] &&
	    [ "$(sql "SELECT count(*) FROM event")" -gt 0 ] ||
	    noise 1 4000 | mem-ingest -q >/dev/null
'
test_that 'a snapshot comes back as it was' '
	rm -f got got.part
	snap put >put
	cat put
	read -r name bytes n sent size <put
	[ "$n" -gt 15 ]
	[ "$n" = "$sent" ]
	snap check "$name" "$bytes" got >get
	cat get
	cmp put get
	events_of got >a
	events_of "$MEM_STORE/tenants/default/memory.db" >b
	cmp a b
	[ "$(sqlite3 got "PRAGMA integrity_check")" = ok ]
	[ ! -e got.part ]
	[ -z "$(ls "$MEM_STORE/tmp")" ]
'
test_that 'and is what its description says' '
	read -r name bytes n sent size <put
	rem get default/.memkit/snapshot/$name described "$name" >/dev/null
	[ "$(wc -c <described)" = "$bytes" ]
	[ "$(jq -r .sha256 described)" = "$(sha256sum <got | cut -c 1-64)" ]
	[ "$(jq -r .size described)" = "$(wc -c <got)" ]
	[ "$(jq ".pieces | length" described)" = "$n" ]
	jq -r ".pieces[].name" described | while read -r p; do
		rem get default/.memkit/piece/$(echo $p | cut -c 1-2)/$p \
		    piece "$p" >/dev/null
		zstd -qdc piece
	done >rebuilt
	cmp rebuilt got
'
test_that 'again sends nothing; after more, what is new' '
	read -r name bytes n sent size <put
	snap put >again
	cat again
	[ "$(cat again)" = "$name $bytes $n 0 0" ]
	noise 9000 40 | mem-ingest -q >/dev/null
	snap put >put2
	cat put2
	read -r name2 bytes2 n2 sent2 size2 <put2
	[ "$name2" != "$name" ]
	[ "$sent2" -gt 0 ]
	[ "$sent2" -le $((n2 / 2)) ]
	rm -f got2
	cp got got2.part
	snap check "$name2" "$bytes2" got2 >get2
	cat get2
	cmp put2 get2
	rm -f old
	snap check "$name" "$bytes" old >get
	cmp got old
'
test_that 'writers go on while it is made' '
	(for i in $(seq 20); do
		noise $((20000 + i * 100)) 20 | mem-ingest -q >/dev/null
	done) &
	p=$!
	for i in 1 2 3 4; do
		snap put >put3
		read -r name bytes n sent size <put3
		rm -f got3
		snap check "$name" "$bytes" got3 >/dev/null
		[ $(($(sqlite3 got3 "SELECT count(*) FROM event") % 20)) -eq 0 ]
	done
	wait $p
'
# sleeps: seconds, anew for each
kill_after() {
	sleep "$(awk -v s="$1" 'BEGIN { srand(s); print rand() * 0.25 }')"
	kill -"$2" "$3" 2>/dev/null || :
}
test_that "a put that is killed $KILLS times, and interrupted" '
	noise 50000 2000 | mem-ingest -q >/dev/null
	rem list default/.memkit/snapshot/ | wc -l >before
	for i in $(seq $KILLS); do
		"$obj/helper/snapshot" main put killed/.memkit/ >out 2>err &
		p=$!
		kill_after $i 9 $p
		wait $p || :
		"$obj/helper/snapshot" main put killed/.memkit/ >out 2>err &
		p=$!
		kill_after $((i + 100)) TERM $p
		rc=0
		wait $p || rc=$?
		case $rc in
		0) ;;
		5) grep interrupted err ;;
		143) ;;		# before it was ready for it
		*) cat err; exit 1 ;;
		esac
		# whatever is described is whole
		rem list killed/.memkit/snapshot/ | cut -d" " -f2- >described
		while read -r k; do
			rem get $k d >/dev/null
			rm -f whole
			"$obj/helper/snapshot" main check killed/.memkit/ ${k##*/} \
			    $(wc -c <d) whole || exit 1
		done <described
	done
	"$obj/helper/snapshot" main put killed/.memkit/ >last
	cat last
	read -r name bytes n sent size <last
	rm -f whole
	"$obj/helper/snapshot" main check killed/.memkit/ $name $bytes whole
	events_of whole >a
	events_of "$MEM_STORE/tenants/default/memory.db" >b
	cmp a b
	[ -z "$(ls "$MEM_STORE/tmp")" ]
'
test_that "a get that is killed $KILLS times" '
	read -r name bytes n sent size <last
	rm -f slow slow.part
	for i in $(seq $KILLS); do
		"$obj/helper/snapshot" main get killed/.memkit/ $name $bytes slow \
		    >out 2>err &
		p=$!
		kill_after $((i + 200)) 9 $p
		wait $p || :
		[ ! -e slow ] || { cmp whole slow; rm slow; }
	done
	"$obj/helper/snapshot" main check killed/.memkit/ $name $bytes slow
	cmp whole slow
'
test_that 'a piece that is gone, cut off, or another one' '
	read -r name bytes n sent size <put2
	rem get default/.memkit/snapshot/$name described >/dev/null
	piece=$(jq -r ".pieces[5].name" described)
	key=default/.memkit/piece/$(echo $piece | cut -c 1-2)/$piece
	rem get $key piece >/dev/null
	rm -f bad bad.part
	rem delete $key
	exits 3 snap get $name $bytes bad 2>err
	cat err
	grep "$piece" err
	head -c 1000 piece >cut
	rem put $key cut
	exits 2 snap get $name $bytes bad 2>err
	cat err
	grep "$piece" err
	tr "\000" "\001" <piece >other
	rem put $key other
	exits 2 snap get $name $bytes bad 2>err
	grep "$piece" err
	[ ! -e bad ]
	[ -e bad.part ]
	rem put $key piece
	snap check $name $bytes bad >got
	cat got
	read -r _ _ _ came _ <got
	[ "$came" -lt "$n" ]
	cmp bad got2
'
