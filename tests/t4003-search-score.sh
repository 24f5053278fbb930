#!/bin/sh
# Scores of words alone are those of the formula in mem-search(1), as awk
# works it out.
. "${0%/*}/lib.sh"

# Texts of made-up words that have no other stems, lengths 1 to 39.
awk 'BEGIN {
	srand(7)
	for (i = 1; i <= 200; i++) {
		n = 1 + int(rand() * 39)
		t = ""
		for (k = 0; k < n; k++)
			t = t (k ? " " : "") "w" int(rand() * rand() * 60)
		printf "01HNAVQZC00000000000000%03d\t%s\n", i, t
	}
}' >texts
awk -F '\t' '{
	printf "{\"event_id\":\"%s\",\"session_id\":\"s%d\"," \
	    "\"timestamp\":%d,\"text\":\"%s\"}\n", $1, NR % 9, NR, $2
}' texts | mem-ingest >out
# The day is text, too.
sed 's/$/ 1 january 1970/' texts >dated
# Records: the title counts twice, and the id is text too.
awk -F '\t' 'NR <= 60 {
	n = split($2, w, " ")
	text = n > 20 ? w[3] " " w[4] : $2
	title = n > 1 ? w[1] " " w[2] : w[1]
	printf "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"r%d\"," \
	    "\"record_type\":\"x\",\"title\":\"%s\",\"text\":\"%s\"}\n", \
	    NR, title, text
	printf "r%d\tr%d %s %s %s\n", NR, NR, title, title, text >"records"
}' texts | mem-ingest >out

# bm25 K1 B WORDS <TEXTS: score and id of all that match, best first
bm25() {
	awk -F '\t' -v k1="$1" -v b="$2" -v query="$3" '
		{
			id[NR] = $1
			len[NR] = split($2, w, " ")
			# beyond 39 a length is rounded down to even
			if (len[NR] >= 40)
				len[NR] -= len[NR] % 2
			sum += len[NR]
			for (i in w)
				tf[NR, w[i]]++
			for (i in w)
				if (!((NR, w[i]) in seen)) {
					seen[NR, w[i]] = 1
					df[w[i]]++
				}
		}
		END {
			n = split(query, q, " ")
			avg = sum / NR
			for (d = 1; d <= NR; d++) {
				score = 0
				for (i = 1; i <= n; i++) {
					f = tf[d, q[i]]
					idf = log(1 + (NR - df[q[i]] + 0.5) / (df[q[i]] + 0.5))
					x = idf * (f * (k1 + 1) / (f + k1 * (1 - b + b * len[d] / avg)))
					# what a term adds is a multiple of 2^-24
					score += int(x * 16777216 + 0.5) / 16777216
				}
				if (score > 0)
					printf "%.9f\t%s\n", score, id[d]
			}
		}' | sort -k1,1gr -k2,2
}
# got ARGUMENT...: the same from mem-search
got() {
	mem-search --mode text -n 0 "$@" >hits
	jl id <hits >ids
	sed 's/.*"score":\([0-9.e-]*\).*/\1/' hits | awk '{ printf "%.9f\n", $1 }' |
	    paste - ids
}

for q in w3 'w1 w7 w20' 'w0 w1 w2 w3 w4 w5' 'w55 w2'; do
	test_that "events: $q" '
		bm25 0.9 0.4 "$q" <dated >want
		[ -s want ]
		got --in event "$q" >got
		cmp want got
	'
	test_that "records: $q" '
		bm25 1.2 0.75 "$q" <records >want
		[ -s want ]
		got --in kb "$q" >got
		cmp want got
	'
done
test_that 'together they are merged by score' '
	{ bm25 0.9 0.4 "w1 w7" <dated; bm25 1.2 0.75 "w1 w7" <records; } |
	    sort -k1,1gr -k2,2 >want
	got "w1 w7" >got
	cmp want got
'
test_that 'sessions: the best event, half the next, a quarter of the third' '
	bm25 0.9 0.4 "w1 w7" <dated | awk "
		{
			s = \"s\" substr(\$2, length(\$2) - 2) % 9
			if (n[s]++ < 3)
				score[s] += \$1 / 2 ^ (n[s] - 1)
		}
		END { for (s in score) printf \"%.6f\t%s\n\", score[s], s }" |
	    sort -k1,1gr -k2,2 >want
	got --in session "w1 w7" | awk "{ printf \"%.6f\t%s\n\", \$1, \$2 }" >got
	cmp want got
'
test_that '--explain adds up to the score' '
	mem-search --mode text -n 5 --in event --explain "w1 w7 w20" >hits
	while read -r hit; do
		echo "$hit" | grep -o "\"score\":[0-9.e-]*" | sed "s/.*://" | awk "
			NR == 1 { want = \$1 }
			NR > 1 { sum += \$1 }
			END { exit !(NR > 1 && sum - want < 1e-9 && want - sum < 1e-9) }"
	done <hits
	grep -c "\"formula\":\"bm25\",\"k1\":0.9[0-9]*,\"b\":0.4[0-9]*,\"texts\":200," hits | grep -x 5
	mem-search --mode text --in session -n 1 --explain w1 |
	    grep "\"why\":{\"formula\":\"best events\",\"events\":\[{\"event_id\":\"01HN"
'
test_that 'a word again in the query changes nothing' '
	got "w1 w7" >a
	got "w1 w7 w1 W7" | cmp a -
'
test_done
