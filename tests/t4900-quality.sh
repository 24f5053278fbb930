#!/bin/sh
# What `make quality` prints: figures worked out by hand, and a whole run over
# a small collection.
. "${0%/*}/lib.sh"
MEM_OBJ=${MEM_BIN:-$top/bin}/../obj/tests/quality
MEM_BIN=${MEM_BIN:-$top/bin}
export MEM_BIN MEM_OBJ
q=$MEM_OBJ/q-score

# collection NAME: from docs, queries and qrels
collection() {
	mkdir -p "$work/data/$1"
	mv docs "$work/data/$1/docs.jsonl"
	mv queries "$work/data/$1/queries.jsonl"
	tr ' ' '\t' <qrels >"$work/data/$1/qrels.tsv"
}

printf '{"id":"%s","text":"text %s"}\n' a 1 b 2 c 3 d 4 >docs
printf '{"id":"%s","text":"query"}\n' q1 q2 q3 >queries
printf '%s\n' 'q1 a 1' 'q1 b 2' 'q1 d 0' 'q2 c 1' >qrels
collection records
mkdir found

test_that 'hits, recall, nDCG and MRR are those of the literature' '
printf "{\"id\":\"%s\",\"query\":%s}\n" d 1 b 1 b 1 a 1 d 3 >found/docs.hits
exits 0 "$q" data/records found NAME ROW >out
# dcg: 2 / log2(3) + 1 / log2(4); the best there is: 2 + 1 / log2(3)
grep -q "{\"collection\": \"NAME\", \"row\": \"ROW\", \"queries\": 2," out
grep -q "\"empty\": 1, \"hit@1\": 0.0000, \"hit@5\": 0.5000," out
grep -q "\"R@5\": 0.5000, \"R@10\": 0.5000, \"R@20\": 0.5000," out
grep -q "\"nDCG@10\": 0.3348, \"MRR\": 0.2500}" out
'

test_that 'only the first 5, 10 and 20 count' '
rm -f found/*
for i in 1 2 3 4 5 6 7 8 9 a x y b; do
	printf "{\"id\":\"%s\",\"query\":1}\n" $i
done >found/docs.hits
exits 0 "$q" data/records found n r >out
grep -q "\"hit@5\": 0.0000, \"R@5\": 0.0000, \"R@10\": 0.2500," out
grep -q "\"R@20\": 0.5000" out
'

test_that 'categories, each by itself' '
printf "{\"id\":\"q%s\",\"text\":\"query\",\"category\":%s}\n" 1 4 2 2 3 2 \
    >data/records/queries.jsonl
printf "{\"id\":\"%s\",\"query\":%s}\n" b 1 a 1 x 2 c 2 >found/docs.hits
exits 0 "$q" -c data/records found NAME ROW >out
[ "$(wc -l <out)" -eq 3 ]
grep -q "\"part\": \"ROW\", \"category\": 2, \"queries\": 1, \"hit@1\": 0.0000," out
grep -q "\"category\": 4, \"queries\": 1, \"hit@1\": 1.0000," out
'

turn() {
	printf '{"id":"%s","text":"%s","speaker":"%s","caption":"%s",' \
	    "$1" "$2" "$3" "$4"
	printf '"session":"%s","conv":"%s","timestamp":"%s"}\n' "$5" "$6" "$7"
}
when='1:56 pm on 8 May, 2023'
{
	turn t1 'Where shall we go on Sunday?' Ann '' s1 c1 "$when"
	turn t2 'To the old mill by the river, with a basket of bread.' Bob \
	    'a mill' s1 c1 "$when"
	turn t3 'I broke my bicycle.' Ann '' s2 c1 '12:05 am on 1 June, 2023'
	turn t4 'Nothing to say.' Eve '' s3 c2 "$when"
} >docs
{
	echo '{"id":"k1","text":"where is the mill","conv":"c1"}'
	echo '{"id":"k2","text":"what broke","conv":"c1"}'
} >queries
printf '%s\n' 'k1 t2 1' 'k1 t1 1' 'k2 t3 1' >qrels
collection turns

test_that 'turns become events, and only conversations that are asked about' '
mkdir made
exits 0 "$MEM_OBJ/q-make" data/turns made
[ "$(cat made/tenants)" = c1 ]
[ "$(wc -l <made/c1.records)" -eq 3 ]
grep -q "\"timestamp\":1683554200000,.*\"text\":\"Bob: To the .* \[a mill\]\"" \
    made/c1.records
grep -q "\"timestamp\":1685577920000," made/c1.records
exits 0 "$MEM_OBJ/q-make" -1 data/turns made
[ "$(cat made/tenants)" = all ]
'

test_that 'a session counts once; evidence is eight words in a row' '
rm -f found/*
printf "{\"id\":\"x\",\"record\":{\"metadata\":{\"source_id\":\"%s\"}},\
\"query\":%s}\n" t2 1 t3 2 >found/c1.hits
printf "{\"id\":\"%s\",\"query\":%s}\n" s2 1 s1 1 s2 2 >found/c1.sessions
{
	printf "\0011\n01H mill: the old  mill by the river,\nwith a\n"
	printf "\0012\nI broke my\n"
} >found/c1.budget
exits 0 "$q" -b 2000 data/turns found n r >out
grep -q "\"hit@1\": 1.0000, .* \"R@5\": 0.7500," out
grep -q "\"S-hit@1\": 0.5000, .* \"S-R@5\": 1.0000, .*\"S-MRR\": 0.7500," out
grep -q "\"evidence\": 0.5000}" out
exits 0 "$q" -b 30 data/turns found n r >out
grep -q "\"evidence\": 0.0000}" out
'

test_that 'a whole run' '
MEM_MODEL=$model exits 0 sh "$tests/quality/run" data >out 2>err
[ ! -s err ]
grep "\"row\":" out | jl row | LC_ALL=C sort | uniq -c | sed "s/^ *//" >rows
printf "%s\n" "1 + date" "1 + neighbours" "2 + stems" "1 + vectors" \
    "3 default" "1 files" "3 linked" "2 words" | cmp - rows
grep -c "\"type\":\"contents\".*\"questions\":2,.*\"any\":1.000," out | grep -x 2
'
test_done
