#!/bin/sh
# Vectors beside the segments: made with them, merged, forgotten, made again
# when they are missing or of another model.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
index=$MEM_STORE/tenants/default/index
mine=$index/user/tester
mkmodel=$obj/helper/mkmodel
MEM_MODEL=$model

# more N M: lines of the events N to M
more() {
	awk -v from="$1" -v to="$2" 'BEGIN {
		n = split("token refresh redis jwt deploy cache evicts happy " \
		    "running getUserName src/auth/jwt.c v1.2.3 the of", w, " ")
		for (i = from; i <= to; i++) {
			text = i % 37 ? "" : "\342\200\213"
			for (k = 0; i % 37 && k < 3 + i % 17; k++)
				text = text " " w[1 + (i * 31 + k * k * 7) % n]
			printf "{\"event_id\":\"01HNAVQZC0000000000%07d\"," \
			    "\"session_id\":\"s%d\",\"timestamp\":%.0f," \
			    "\"text\":\"%s\"}\n", i, int(i / 50),
			    1790000000000 + i * 60000, text
		}
	}'
}
# record N TEXT
record() {
	printf '{"type":"record","kb":"k","record_id":"R-%d",' "$1"
	printf '"record_type":"note","title":"redis","text":"%s"}\n' "$2"
}
# has KEY VALUE: the first record, of the user's events
has() {
	got=$(head -n 1 out | jl "$1")
	[ "$got" = "$2" ] || { echo "$1: $got, not $2"; cat out; return 1; }
}
# vec: the only one of its kind
vec() {
	set -- "$mine"/*.vec
	[ $# -eq 1 ] && echo "$1"
}
# as_rebuilt: what is there is what is made at once
as_rebuilt() {
	mem-index --verify >out || { cat out; return 1; }
	cp "$(vec)" stepwise
	mem-index --rebuild >out
	cmp stepwise "$(vec)"
}
# tidy: nothing lies about
tidy() {
	for dir in "$mine" "$index/kb"; do
		! find "$dir" -type f | sed 's,.*/,,' | grep -v -x \
		    -e '[0-9]*\.seg' -e '[0-9]*\.vec' -e '[0-9]*\.[0-9]*\.df' \
		    -e manifest -e lock || return 1
	done
}

test_that 'every text has one, but what has no words' '
	more 1 100 | mem-ingest -q
	record 1 "the cache" | mem-ingest -q
	mem-index >out
	cat out
	has vectors 98
	[ "$(tail -n 1 out | jl vectors)" = 1 ]
	[ "$(wc -c <"$(vec)")" -eq "$(head -n 1 out | jl vector_bytes)" ]
	grep "^vectors 256 30522 [0-9a-f]* .*" "$mine/manifest"
	grep "^segment 1 100 vectors all dead 0" "$mine/manifest"
	mem-index --verify >out
	has vectors 98
'
test_that 'a second run leaves them alone' '
	ls -i "$mine"/*.vec >a
	mem-index -q
	ls -i "$mine"/*.vec | cmp a -
'
test_that 'merged is what is made at once' '
	more 101 180 | mem-ingest -q
	mem-index >out
	has vectors 176
	has segments 1
	more 181 300 | mem-ingest -q
	mem-index >out
	has segments 1
	has vectors 292
	as_rebuilt
	tidy
'
test_that 'what was forgotten is in no vector' '
	echo "{\"type\":\"tombstone\",\"target\":\"event\",\"id\":\"01HNAVQZC00000000000000005\"}" |
	    mem-ingest -q
	echo "{\"type\":\"tombstone\",\"target\":\"session\",\"id\":\"s3\"}" |
	    mem-ingest -q
	mem-index >out
	has live 249
	has vectors 242
	as_rebuilt
	tidy
'
test_that 'a record that was replaced: its frequencies go, its row stays' '
	i=2
	while [ $i -lt 40 ]; do
		record $i "redis and the cache number $i"
		i=$((i + 1))
	done | mem-ingest -q
	mem-index -q --rebuild
	record 7 "something else" | mem-ingest -q
	mem-index >out
	[ "$(tail -n 1 out | jl vectors)" = 39 ]
	ls "$index/kb"
	ls "$index"/kb/*.1.df
	mem-index --verify >out
	[ "$(tail -n 1 out | jl vectors)" = 39 ]
	record 9 "another thing" | mem-ingest -q
	mem-index >out
	ls "$index"/kb/*.2.df
	exits 2 ls "$index"/kb/*.1.df
	mem-index --verify >out
	tidy
'
test_that 'frequencies that are damaged or gone' '
	f=$(ls "$index"/kb/*.2.df)
	printf "\\001" | dd of="$f" bs=1 seek=9000 conv=notrunc 2>err
	exits 1 mem-index --verify >out
	grep "frequencies" out
	for how in "rm \$f" "truncate -s 5000 \$f" "cp other \$f"; do
		echo x >other
		eval "$how"
		exits 1 mem-index --verify >out
		mem-index >out 2>err
		[ ! -s err ]
		mem-index --verify >out
	done
'
test_that 'no model: words are indexed, vectors that are there stay' '
	cp "$(vec)" before
	more 301 310 | mem-ingest -q
	MEM_MODEL=none mem-index >out 2>err
	[ ! -s err ]
	has vectors 242
	grep "^segment .* 10 dead 0" "$mine/manifest"
	MEM_MODEL=none mem-index --verify >out
	more 311 700 | mem-ingest -q
	MEM_MODEL=$work/nowhere mem-index >out 2>err
	[ ! -s err ]
	has segments 1
	has vectors 242
	grep "vectors some" "$mine/manifest"
	MEM_MODEL=none mem-index --verify >out
'
test_that 'the next run with a model makes those that are missing' '
	f=$(ls "$mine"/*.seg)
	cp "$f" words
	mem-index >out
	has added 0
	has vectors 632
	cmp words "$f"
	grep "vectors all" "$mine/manifest"
	as_rebuilt
	tidy
'
test_that 'a rebuild without a model has none' '
	MEM_MODEL=none mem-index --rebuild >out
	has vectors 0
	has vector_bytes 0
	exits 1 grep vectors "$mine/manifest"
	exits 2 ls "$mine"/*.vec
	mem-index >out
	has vectors 632
	as_rebuilt
'
test_that 'another model: all of them anew, and the words left alone' '
	"$mkmodel" "[UNK]" token redis "##s" cache the a v 1 2 3 . >small
	f=$(ls "$mine"/*.seg)
	cp "$f" words
	MEM_MODEL=small mem-index >out
	cmp words "$f"
	has added 0
	has vectors 632
	grep "^vectors 64 12 " "$mine/manifest"
	MEM_MODEL=small mem-index --verify >out
	cp "$(vec)" stepwise
	MEM_MODEL=small mem-index --rebuild -q
	cmp stepwise "$(vec)"
	mem-index -q
	as_rebuilt
'
test_that 'the setting names it; the environment is stronger' '
	mem-admin config set search.model small 2>err
	[ "$(mem-admin config get search.model)" = "$work/small" ]
	unset MEM_MODEL
	mem-index -q
	grep "^vectors 64 12 " "$mine/manifest"
	MEM_MODEL=$model mem-index -q
	grep "^vectors 256 30522 " "$mine/manifest"
	mem-admin config set search.model none
	more 701 705 | mem-ingest -q
	mem-index >out
	has live 654
	has vectors 632
	mem-admin config unset search.model
'
test_that 'a model that is damaged: words are indexed, and it is said' '
	cp small bad
	printf "\\001" | dd of=bad bs=1 seek=20 conv=notrunc 2>err
	more 706 708 | mem-ingest -q
	MEM_MODEL=bad exits 3 mem-index >out 2>err
	cat err
	grep "no vectors were made: model .*bad. is damaged" err
	has live 657
	cp small bad
	printf "\\001" | dd of=bad bs=1 seek=4100 conv=notrunc 2>err
	MEM_MODEL=bad exits 3 mem-index --rebuild >out 2>err
	cat err
	has live 657
	has vectors 0
	MEM_MODEL=bad exits 3 mem-index >out 2>err
	mem-index >out
	has vectors 639
	as_rebuilt
'
# anew: it is found by a run, and made again
anew() {
	mem-index >out 2>err || { cat err; return 1; }
	cat err
	grep "vectors are left out: " err
	has vectors 639
	cmp good "$(vec)"
	mem-index >out 2>err
	[ ! -s err ]
	mem-index --verify >out
	tidy
}
test_that 'a file of vectors that is cut off, gone, of something else' '
	f=$(vec)
	cp "$f" good
	head -c 60000 good >"$f"
	exits 1 mem-index --verify >out
	anew
	rm "$f"
	exits 1 mem-index --verify >out
	anew
	cp small "$f"
	anew
	printf "\\377" | dd of="$f" bs=1 seek=100 conv=notrunc 2>err
	anew
'
test_that 'damage within is found by --verify; a merge makes them anew' '
	f=$(vec)
	at=512 size=$(wc -c <good)
	while [ $at -lt "$size" ]; do
		printf "\\333\\024" | dd of="$f" bs=1 seek=$at conv=notrunc 2>err
		# what lies between two sections means nothing
		cmp -s good "$f" || mem-index --verify >out || grep vectors out
		cat good >"$f"
		at=$((at + 9973))
	done
	printf "\\333\\024" | dd of="$f" bs=1 seek=100000 conv=notrunc 2>err
	exits 1 mem-index --verify >out
	more 709 1500 | mem-ingest -q
	mem-index >out 2>err
	cat err
	grep "vectors are left out: .*damaged" err
	has segments 1
	as_rebuilt
'

# prog: MODE of the file "mode", from the question on that it says
cat >prog <<-EOF
	#!/bin/sh
	exec "$obj/helper/embedder" \$(cat "$work/mode")
EOF
chmod +x prog
test_that 'a program makes them; what it could not make it makes later' '
	MEM_MODEL=
	mem-admin config set search.embedCommand "$work/prog"
	echo well >mode
	mem-index >out
	has vectors 1410
	grep "^vectors 16 0 " "$mine/manifest"
	mem-index --verify >out
	cp "$(vec)" all
	mem-index --rebuild >out
	has vectors 1410
	cmp all "$(vec)"
	MEM_MODEL=none mem-index -q --rebuild
	echo error 20 >mode
	exits 3 mem-index >out 2>err
	grep "no vectors were made: .*no such tea" err
	grep "vectors some" "$mine/manifest"
	mem-index --verify >out
	some=$(head -n 1 out | jl vectors)
	[ "$some" -gt 100 ]
	echo error 1 >mode
	exits 3 mem-index >out 2>err
	has vectors "$some"
	echo well >mode
	mem-index >out
	has vectors 1410
	cmp all "$(vec)"
	more 1501 1510 | mem-ingest -q
	echo error 1 >mode
	exits 3 mem-index >out 2>err
	has added 10
	has vectors 1410
	echo well >mode
	mem-index >out
	has vectors 1420
	mem-index --verify >out
	tidy
	mem-admin config unset search.embedCommand
'
test_done
