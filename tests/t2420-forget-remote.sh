#!/bin/sh
# What was forgotten goes from remotes, too: segments, snapshots, packs and
# files; and it is looked for in each object.  It is killed at one step in 19;
# long-27-forget-remote.sh takes all of them, with MEM_EVERY=N one in N.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-sync.sh"

schema=$top/share/schema
helper=${MEM_BIN:-$top/bin}/../obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema
valid() {
	"$helper" "$schema" "$@"
}
# two nodes with what they wrote, sessions s0 to s2; s1 tells of a heron
heron() {
	fresh a b
	mkevents 60 3 | sed '/"s1"/s/text number/the quagmire tells of/' |
	    as a mem-ingest -q >/dev/null
	as a mem-session set s1 colour gamboges-of-quagmires
	d=$(as a mem-session path s1 inputs)
	mkdir -p "$d"
	echo "a file about quagmires and their inhabitants" >"$d/notes.txt"
	push a >/dev/null
	pull b >/dev/null
	say b s2 "something of the other node"
	push b >/dev/null
	pull a >/dev/null
}
# old [DAYS]: all that is there was put so long ago
old() {
	find "$R" -type f -exec touch -d "${1:-8} days ago" {} +
}
# what every object says, unpacked as far as zstd can
all_text() {
	find "$R" -type f | while read -r f; do
		cat "$f"
		zstd -q -d -c "$f" 2>/dev/null || :
	done
}

test_that 'segments are made again without it; what is old goes' '
	heron
	all_text | grep -a -q quagmire
	as a mem-admin forget --session s1 --receipt r.json --finish >out
	grep "\"what\":\"remote\",\"how\":\"mem-sync forget --remote main\"" out
	old
	as a mem-sync forget --receipt r.json >out
	cat out
	valid out
	grep "\"replaced\":1,\"covered\":0" out
	grep "\"remote_look\".*\"found\":0" out
	if all_text | grep -a quagmire; then exit 1; fi
	as a mem-sync verify >out
	pull b >out
	exits 1 as b mem-log --session s1
	node c
	pull c >out
	[ "$(as c mem-log | wc -l)" = 41 ]
	exits 1 as c mem-log --session s1
	as a mem-sync prune >out
	as a mem-sync repair --verify --dry-run >out
'
test_that 'what is young stays two days, and is told; --now does not wait' '
	heron
	as a mem-admin forget --session s1 --receipt r2.json --finish >out
	exits 1 as a mem-sync forget --receipt r2.json >out 2>err
	valid out
	grep "younger than two" err
	grep "\"trace\",\"what\":\"segment\"" out
	as a mem-sync forget --now --receipt r2.json >out
	grep "\"found\":0" out
	if all_text | grep -a quagmire; then exit 1; fi
	as a mem-sync verify >out
	pull b >out
'
test_that 'a snapshot, too; and where the log was trimmed a snapshot alone' '
	heron
	as a mem-sync push --snapshot >out
	as a mem-admin compact >out
	as b mem-admin compact >out
	as a mem-admin forget --session s1 --receipt r3.json --finish --verify --remote main >out || :
	as a mem-sync forget --now --receipt r3.json >out
	cat out
	grep "\"snapshot\":true" out
	grep "\"found\":0" out
	if all_text | grep -a quagmire; then exit 1; fi
	as a mem-sync verify >out
	rm -rf c
	as c mem-admin config set remote.main.url "file://$R"
	pull c >out
	[ "$(as c mem-log | wc -l)" = 41 ]
	pull b >out
	exits 1 as b mem-log --session s1
'
test_that 'of another node that has it in a segment of its own' '
	heron
	say b s1 "the quagmire of b is deeper than that of a"
	push b >out
	pull a >out
	as a mem-admin forget --session s1 --receipt r4.json --finish >out
	as a mem-sync forget --now --receipt r4.json >out
	cat out
	grep "\"covered\":1" out
	grep "\"found\":0" out
	rm -rf c
	as c mem-admin config set remote.main.url "file://$R"
	pull c >out
	exits 1 as c mem-log --session s1
	[ "$(as c mem-log | wc -l)" = 41 ]
'
test_that 'sealed, in packs: nothing of it is left either' '
	fresh a b
	as a mem-admin key new >/dev/null
	as a mem-admin config set remote.main.seal true
	as a mem-admin config set remote.main.pack true
	mkevents 60 3 | sed "/\"s1\"/s/text number/the quagmire tells of/" | as a mem-ingest -q >/dev/null
	d=$(as a mem-session path s1 inputs)
	mkdir -p "$d"
	echo "a file about quagmires and their inhabitants" >"$d/notes.txt"
	push a >out
	as a mem-admin forget --session s1 --receipt r5.json --finish >out
	as a mem-sync forget --now --receipt r5.json >out || { cat out; exit 1; }
	grep "\"found\":0" out
	grep "\"unread\":0" out
'
test_that 'a redaction goes there, too' '
	fresh a b
	secret=AKIAQ3EGWRTY7UZXN5M2
	mkevents 9 1 | sed "s/text number 5/the key is $secret/" | as a mem-ingest --no-redact -q >/dev/null
	push a >out
	all_text | grep -a -q $secret
	as a mem-admin redact --finish >out
	as a mem-sync forget --now >out
	grep "\"replaced\":1" out
	if all_text | grep -a $secret; then exit 1; fi
	pull b >out
	as b mem-log --json >lb
	as a mem-log --json | cmp - lb
'
test_that 'dry run: nothing is put and nothing deleted' '
	heron
	as a mem-admin forget --session s1 >out
	(cd "$R" && find . -type f | LC_ALL=C sort) >was
	as a mem-sync forget --dry-run >out
	valid out
	(cd "$R" && find . -type f | LC_ALL=C sort) | cmp - was
'
test_that 'killed anywhere: the next one ends it' '
	if faults_work; then
		heron
		as a mem-admin forget --session s1 --receipt r6.json --finish >out
		cp -R "$R" full
		cp -R a fulla
		n=1
		while rm -rf "$R" a && cp -R full "$R" && cp -R fulla a &&
		    as a fault "step:$n:KILL" mem-sync forget --now >out 2>err; do
			as a mem-sync forget --now --receipt r6.json >out || { cat out; exit 1; }
			grep "\"found\":0" out
			as a mem-sync verify >out || { cat out; exit 1; }
			n=$((n + ${MEM_EVERY:-19}))
		done
		[ $n -gt 11 ]
	fi
'
test_done
