#!/bin/sh
# Two users with thousands of events each: no number in an answer to one tells
# of the other.  Scores, counts, spelling and explanations are the same bytes
# with and without the other's events, indexed or not.
. "${0%/*}/lib.sh"
MEM_MODEL=$model
unset MEM_USER
both=$work/both alone=$work/alone

# corpus N SEED SYLLABLES...: events of words that are made of these; frequent
# words are so by Zipf
corpus() {
	n=$1 seed=$2
	shift 2
	awk -v n="$n" -v seed="$seed" -v list="$*" '
	function roll(m) {
		seed = (seed * 69069 + 12345) % 2147483648
		return int(seed / 65536) % m
	}
	function word(i,    w) {
		w = s[1 + i % k] s[1 + int(i / k) % k]
		return i >= k * k ? w s[1 + int(i / k / 7) % k] : w
	}
	BEGIN {
		k = split(list, s, " ")
		for (i = 1; i <= n; i++) {
			text = ""
			for (j = 5 + roll(20); j > 0; j--)
				text = text word(int(1200 / (1 + roll(1200)))  \
				    + roll(40)) " "
			printf "{\"session_id\":\"%s%d\",\"timestamp\":%.0f," \
			    "\"role\":\"%s\",\"text\":\"%s\"}\n", s[1], \
			    int(i / 25), 1790000000000 + i * 60000, \
			    i % 3 ? "user" : "assistant", text
		}
	}'
}
size=${MEM_ALL:+3000} size=${size:-1500}
corpus "$size" 1 ba ke mo ti ru sen dal >ann.in
corpus $((size * 4 / 3)) 2 fix gop hux jyl vob zen >bob.in
# the same words in the same sessions, too: they count for nobody else
corpus "$size" 7 ba ke mo ti ru sen dal >>bob.in

ingest() {
	mem-ingest -q --store "$1" --user "$2" >/dev/null
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
"moke keba"
kebaa
sendall rumo
gopfix
huxgop fixfix
gopfax
vobzenn
END

# ask STORE OUT: everything that ann may ask; without MEM_ALL a third of it,
# each query in other ways than the one before
ask() {
	n=0
	while read -r q; do
		n=$((n + 1)) i=0
		for how in "--explain -n 20" "--mode text --explain -n 20" \
		    "--mode vector --explain -n 5" "--mode text --count" \
		    "--in session -n 10" "--recent 30 -n 5" "--text -n 3" \
		    "--budget 1500"; do
			i=$((i + 1))
			[ -n "${MEM_ALL-}" ] || [ $(((n + i) % 3)) -eq 0 ] ||
			    continue
			echo "== $how $q"
			# shellcheck disable=SC2086 # options
			mem-search --store "$1" --user ann -v $how -- "$q" \
			    2>&1 || :
		done
	done <queries >"$2"
	mem-search --store "$1" --user ann --batch queries >>"$2" 2>&1 || :
}

ingest "$alone" ann <ann.in
# one after the other would leave the rows of each together
split -l 500 ann.in part.ann. && split -l 1000 bob.in part.bob.
for part in part.bob.*; do
	other=part.ann.${part##*.}
	[ ! -e "$other" ] || ingest "$both" ann <"$other"
	ingest "$both" bob <"$part"
done

same() {
	ask "$alone" want
	ask "$both" got
	cmp want got || { diff want got | cut -c 1-200 | head -n 20; return 1; }
	grep -c "\"type\":\"hit\"" want
}

test_that 'there is something to tell of' '
	for u in ann bob; do
		mem-search --store "$both" --user $u --mode text --count keba
	done >counts
	cat counts
	[ "$(sort -u counts | wc -l)" -eq 2 ]
	[ "$(head -n 1 counts)" -gt 100 ]
'
test_that 'not indexed' same
test_that 'indexed, with vectors' '
	mem-index --store "$alone" >out
	[ "$(jl vectors <out | head -n 1)" = $size ]
	mem-index --store "$both" >out
	[ "$(jl vectors <out | head -n 1)" = $size ]
	same
	mem-search --store "$both" --user bob -l gopfax 2>err | grep -c .
	grep "searched for .gopfix" err
	[ "$(grep -c "searched for .kebaa\{0,1\}\|no text has .kebaa" want)" -gt 0 ]
	[ "$(grep -c "searched for .*\(gop\|vob\|hux\)" want)" -eq 0 ]
	[ "$(grep -c "\"cosine\"" want)" -gt 100 ]
'
test_that 'the vectors of one are the same, byte for byte' '
	of=tenants/default/index/user/ann
	cmp "$(ls "$alone/$of"/*.vec)" "$(ls "$both/$of"/*.vec)"
'
test_that 'some of it in the tail, some of it forgotten, by both' '
	corpus 200 11 ba ke mo ti ru sen dal | sed "s/17900/17910/" >more
	ingest "$alone" ann <more
	ingest "$both" ann <more
	corpus 250 12 fix gop hux ba ke | sed "s/17900/17910/" | ingest "$both" bob
	for n in 3 50; do
		echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"ba$n\"}"
	done >gone
	ingest "$alone" ann <gone
	ingest "$both" ann <gone
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"ba4\"}" |
	    ingest "$both" bob
	same
'
test_that 'and after mem-index' '
	mem-index -q --store "$alone"
	mem-index -q --store "$both"
	same
	mem-index --verify --store "$both" >out
'
test_that 'the other, too: with all of the first gone' '
	mem-search --store "$both" --user bob --explain "gopfix keba" >want
	i=0
	while [ $i -le 140 ]; do
		echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"ba$i\"}"
		i=$((i + 1))
	done | ingest "$both" ann
	mem-search --store "$both" --user bob --explain "gopfix keba" | cmp want -
	mem-index -q --store "$both"
	mem-search --store "$both" --user bob --explain "gopfix keba" | cmp want -
	[ -s want ]
	mem-search --store "$both" --user ann keba >out || :
	[ ! -s out ]
'
test_done
