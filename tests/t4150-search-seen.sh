#!/bin/sh
# What a call sees is scored, counted, spelled and explained as if it was all
# there is: the same bytes (but for the mark of a graft, and whose it is) as in
# a store that has nothing else, indexed or not.
. "${0%/*}/lib.sh"
MEM_MODEL=$model
unset MEM_USER
full=$work/full alone=$work/alone bound=$work/bound

# corpus PREFIX N SEED SYLLABLES...: events with ids, in sessions of 25
corpus() {
	p=$1 n=$2 seed=$3
	shift 3
	awk -v p="$p" -v n="$n" -v seed="$seed" -v list="$*" '
	function roll(m) {
		seed = (seed * 69069 + 12345) % 2147483648
		return int(seed / 65536) % m
	}
	function word(i,    w) {
		w = s[1 + i % k] s[1 + int(i / k) % k]
		return i >= k * k ? w s[1 + int(i / k / 7) % k] : w
	}
	function base32(x, len,    r) {
		for (r = ""; len > 0; len--) {
			r = substr("0123456789ABCDEFGHJKMNPQRSTVWXYZ", \
			    1 + x % 32, 1) r
			x = int(x / 32)
		}
		return r
	}
	BEGIN {
		k = split(list, s, " ")
		for (i = 0; i < n; i++) {
			text = ""
			for (j = 4 + roll(16); j > 0; j--)
				text = text word(int(600 / (1 + roll(600))) + \
				    roll(30)) " "
			if (roll(4) == 0) text = text "?"
			if (roll(9) == 0) text = "the same words again"
			ms = 1790000000000 + i * 60000 + roll(50000)
			type = roll(12) ? "" : ",\"event_type\":\"tool_use\""
			printf "{\"event_id\":\"%s%s%s\",\"session_id\":" \
			    "\"%s%d\",\"timestamp\":%.0f,\"role\":\"%s\"%s," \
			    "\"text\":\"%s\"}\n", base32(ms, 10), \
			    base32(seed, 8), base32(i, 8), p, int(i / 25), \
			    ms, i % 3 ? "user" : "assistant", type, text
		}
	}'
}
more=${MEM_ALL:+250}
corpus a $((350 + more)) 1 ba ke mo ti ru sen dal >ann.in
corpus b $((360 + more)) 2 ke mo gop hux jyl vob zen >bob.in
corpus c $((250 + more)) 3 ba ti fix wek zen >carol.in

# of SESSION...: their events among all that there are
of() {
	for s in "$@"; do
		grep -h "\"session_id\":\"$s\"" ann.in bob.in carol.in
	done
}
# at N [OP]: the time of the n-th event of bob
at() {
	sed -n "$1s/.*\"timestamp\":\([0-9]*\).*/\1/p" bob.in
}
into() {
	mem-ingest -q --store "$1" --user "$2" >/dev/null
}
# graft STORE USER SESSION TO_KIND TO_NAME [KINDS [SINCE [UNTIL]]]
graft() {
	sqlite3 "$1/tenants/default/memory.db" "INSERT INTO graft (id, session,
	    to_kind, to_name, kinds, since, until, created, by)
	    SELECT randomblob(16), s.seq, $4, '$5', ${6:-63},
	    ${7:--62135596800000}, ${8:-253402300800000}, 1, 'test' FROM
	    session s JOIN user u ON u.id = s.user WHERE s.name = '$3' AND
	    u.name = '$2'"
}

cat >queries <<'END'
keba
moke tiba
sendal ruru "keba moke"
keba -moke
+keba +moke
ti*
tib* OR dal*
role:user keba
session:b* keba
"moke keba"
kebaa
sendall rumo
gopfix
huxgop vobzen
gopfax
vobzenn
fixwek
fixwekk
the same words
source:event role:assistant
since:2026-09-22 keba
END

# ask STORE OUT [OPTION...]: all that ann may ask, unless MEM_ALL is set half of
# it, by $odd one or the other; the state of a session is not told by each graft
odd=0
ask() {
	store=$1 out=$2 way=0
	shift 2
	for how in "--explain -n 20" "--mode text --explain -n 30" \
	    "--mode vector --explain -n 5" "--mode text --count" "--count" \
	    "--in session --explain -n 10" "--recent 30 -n 5" "--text -n 3" \
	    "-n 4 -C 2" "--budget 1500 --text" "-n 0 -l" "--no-fold -n 40" \
	    "--in event,kb,session --as-of 2026-09-22 -n 9" "-q"; do
		way=$((way + 1))
		[ -n "${MEM_ALL-}" ] || [ $((way % 2)) -eq $odd ] || continue
		echo "== $how"
		# shellcheck disable=SC2086 # options
		mem-search --store "$store" --user ann -v $how "$@" \
		    --batch queries 2>notes || echo "= $?"
		cat notes
	done | sed 's/,"graft":"[^"]*"//g; s/,"user":"[^"]*"//g
	    s/(graft [0-9A-Z]*) //; s/,"state":"active"//' >"$out"
	hits=$(grep -c "\"type\":\"hit\"" "$out")
	[ "$hits" -gt "$least" ] || { echo "$hits hits"; return 1; }
}
least=300

same_n=0
# same FULL ALONE [OPTION...]
same() {
	one=$1 two=$2 odd=$(((test_n + same_n) % 2)) same_n=$((same_n + 1))
	shift 2
	ask "$two" want "$@"
	ask "$one" got "$@"
	cmp want got || { diff want got | cut -c 1-300 | head -n 20; return 1; }
}

record() {
	echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"$1\",\"record_type\":\"n\",\"title\":\"$2\"}"
}
for s in "$full" "$alone" "$bound"; do
	{ record 1 "keba moke of the tenant"; record 2 "gopfix"; } |
	    into "$s" ann
done

# Ann reads b2, b3 and c1 whole, of b5 a part, of b7 what is no event; what
# was granted to others, or is over, tells her nothing.
split -l 150 ann.in part.ann. && split -l 130 bob.in part.bob.
split -l 120 carol.in part.carol.
for part in part.*; do
	user=${part#part.}
	into "$full" "${user%.*}" <"$part"
done
graft "$full" bob b2 1 ann
graft "$full" bob b3 2 ""
graft "$full" bob b5 1 ann 1 "$(at 131)" "$(at 140)"
graft "$full" bob b7 1 ann 62
graft "$full" bob b8 1 carol
graft "$full" bob b9 0 b1
graft "$full" carol c1 1 ann 1
graft "$full" carol c2 1 ann
graft "$full" carol c3 1 ann
sqlite3 "$full/tenants/default/memory.db" "UPDATE graft SET revoked = 5 WHERE
    session = (SELECT seq FROM session WHERE name = 'c2');
    UPDATE graft SET expires = 5 WHERE
    session = (SELECT seq FROM session WHERE name = 'c3')"
{ cat ann.in; of b2 b3 c1 c4; of b5 | sed -n 6,14p; } >seen.in
into "$alone" ann <seen.in
graft "$full" ann a4 0 a3
graft "$full" bob b2 0 a3		# of a session of his own
graft "$full" carol c4 1 ann

test_that 'there is more than is seen' '
	[ "$(mem-search --store "$full" --user bob --mode text -c huxgop)" -gt 5 ]
	[ "$(mem-search --store "$full" --user ann -c "source:event")" = \
	    "$(mem-search --store "$alone" --user ann -c "source:event")" ]
	[ "$(mem-search --store "$full" --user ann -c "session:b*")" = 59 ]
'
test_that 'not indexed' 'same "$full" "$alone"'
test_that 'indexed, with vectors' '
	for s in "$full" "$alone"; do
		mem-index -q --store "$s"
	done
	same "$full" "$alone"
	cosines=$(grep -c "\"cosine\"" want) || :
	same "$full" "$alone"
	[ $((cosines + $(grep -c "\"cosine\"" want || :))) -gt 100 ]
'
test_that 'only some of them are indexed' '
	of=tenants/default/index/user
	mv "$full/$of/bob" aside
	same "$full" "$alone"
	mv "$full/$of/ann" aside2
	mv aside "$full/$of/bob"
	same "$full" "$alone"
	mv aside2 "$full/$of/ann"
'
test_that 'some is in the tail, some forgotten' '
	corpus a 40 11 ba ke mo | sed "s/\"a0\"/\"a4\"/; s/17900/17910/" >ann.more
	corpus x 60 12 fix gop hux ba | sed "s/17900/17910/" >bob.more
	corpus b 30 13 jyl ke | sed "s/\"b[01]\"/\"b2\"/; s/17900/17912/" >b2.more
	cat ann.more b2.more | into "$alone" ann
	into "$full" ann <ann.more
	cat bob.more b2.more | into "$full" bob
	for e in $(of b2 a7 b3 | sed -n "s/.*event_id\":\"\([^\"]*\).*/\1/p" | sed -n "3p; 7p; 30p; 52p"); do
		echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"$e\"}"
	done >gone
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"b3\"}" >>gone
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"a9\"}" >>gone
	into "$alone" ann <gone
	into "$full" ann <gone
	into "$full" bob <gone
	same "$full" "$alone"
'
test_that 'and after mem-index, of one or both' '
	mem-index -q --store "$full" --user bob
	same "$full" "$alone"
	mem-index -q --store "$full"
	mem-index -q --store "$alone"
	same "$full" "$alone"
	mem-index -q --rebuild --store "$full" --user bob
	mem-index --verify --store "$full" >out
	same "$full" "$alone"
'
test_that 'a graft that ends is over at once' '
	sqlite3 "$full/tenants/default/memory.db" "UPDATE graft SET revoked = 9
	    WHERE session = (SELECT seq FROM session WHERE name = '\''c4'\'')"
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"c4\"}" |
	    into "$alone" ann
	mem-index -q --store "$alone"
	same "$full" "$alone"
'
# Who is bound to a3 sees it, a4, and what ann was granted; in a store that has
# only that, if grafts say so.
{ of a3 a4 b2 c1; of b5 | sed -n 6,14p; grep "a4" ann.more
cat b2.more; } | into "$bound" ann
into "$bound" ann <gone
for s in a4 b2 b5 c1; do
	graft "$bound" ann $s 0 a3
done
test_that 'bound to a session: not indexed' '
	least=100
	mv "$full/tenants/default/index" aside
	MEM_SESSION=a3 ask "$full" got
	ask "$bound" want
	cmp want got
	MEM_SESSION=a3 ask "$bound" got
	cmp want got
	mv aside "$full/tenants/default/index"
'
test_that 'indexed' '
	least=100 odd=1
	mem-index -q --store "$bound"
	ask "$bound" want
	MEM_SESSION=a3 ask "$bound" got
	cmp want got
	MEM_SESSION=a3 ask "$full" got
	cmp want got
	[ "$(grep -c "\"cosine\"" want)" -gt 100 ]
	same_n=1 # the other half
	MEM_SESSION=a3 same "$full" "$bound"
	grep "huxgop" queries
'
test_that 'a session that is not there sees nothing but records' '
	[ "$(MEM_SESSION=nobody mem-search --store "$full" --user dora -n 0 -l \
	    "source:*" | wc -l)" = "$(of b3 | wc -l)" ] || :
	[ "$(MEM_SESSION=nobody mem-search --store "$full" --user dora --in kb -c "source:*")" = 2 ]
	exits 1 mem-search --store "$full" --user dora --in event "source:*"
'
# What another user writes changes no byte of what one reads.
test_that 'writes of others change nothing' '
	for odd in 0 1; do
		ask "$full" want$odd
	done
	for i in 1 2 3; do
		corpus x 40 2$i ba ke mo ti gop hux fix | sed "s/17900/1791$i/" |
		    into "$full" bob
		corpus y 40 3$i ba ke mo ti gop hux fix | into "$full" carol
		[ $i = 1 ] || mem-index -q --store "$full" --user bob
		echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"b1$i\"}" |
		    into "$full" bob
		MEM_SESSION=b8 mem-ltm add --store "$full" --user bob --scope session "keba moke $i" >/dev/null
		odd=$((i % 2))
		ask "$full" got
		cmp want$odd got
	done
	mem-toc build --store "$full" --user bob -q
	mem-index -q --store "$full"
	for odd in 0 1; do
		ask "$full" got
		cmp want$odd got
	done
'
test_done
