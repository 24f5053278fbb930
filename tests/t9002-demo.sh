#!/bin/sh
# What `make demo` runs: it works, it hides nothing when a step fails, and
# the questions in its README are worth asking.
. "${0%/*}/lib.sh"
demo=$top/share/demo
MEM_DEMO_BIN=${MEM_BIN:-$top/bin}
export demo MEM_DEMO_BIN

test_that 'the demo runs to its end and leaves nothing behind' '
	mkdir tmp
	TMPDIR=$work/tmp sh "$demo/run.sh" >out
	[ -z "$(ls tmp)" ]
	grep -q "^\$ mem-search" out
	grep -q "^\$ mem-admin restore" out
'

if can_have_terminal; then
	test_that 'on a terminal it runs to its end, too' '
		TMPDIR=$work/tmp script -qec "sh $demo/run.sh" /dev/null </dev/null >screen ||
		    { tail -n 5 screen; exit 1; }
		grep -q "^\$ mem-toc export" screen
	'
else
	skip 'on a terminal it runs to its end, too' 'no terminal'
fi

test_that 'no planted secret is shown' '
	grep -v "^[\$] " out >shown
	exits 1 grep -e AKIA -e wJalrXUtnFEMI -e not-a-real-password \
	    -e "7946 0018" shown
	grep -q "redacted:" shown
'

# demo_fails TOOL: the demo ends in a failure when this tool does as $work/bad
demo_fails() {
	rm -rf fake
	mkdir fake
	for t in "$MEM_DEMO_BIN"/mem*; do
		ln -s "$t" fake/
	done
	rm "fake/$1"
	cp bad "fake/$1"
	! MEM_BIN=$work/fake sh "$demo/run.sh" >out2 2>&1
}

test_that 'a step that fails ends it' '
	printf "#!/bin/sh\necho broken >&2\nexit 2\n" >bad
	chmod +x bad
	for t in mem-from mem-ingest mem-log mem-search mem-session mem-admin \
	    mem-toc; do
		demo_fails $t || { echo "$t: not noticed"; exit 1; }
	done
'

test_that 'a search that finds nothing ends it' '
	printf "#!/bin/sh\nexit 1\n" >bad
	chmod +x bad
	demo_fails mem-search || exit 1
'

test_that '--keep leaves the store, and says where' '
	TMPDIR=$work/tmp sh "$demo/run.sh" --keep >out
	dir=$(sed -n "s/^  export MEM_STORE=\([^ ]*\) .*/\1/p" out)
	[ -d "$dir" ]
	mem-admin check --store "$dir" >/dev/null
	mv "${dir%/store}" kept
'

test_that 'every question in the README finds something' '
	grep "^	mem-" "$demo/README" | sed "s/^	//; s/	.*//" >questions
	[ "$(wc -l <questions)" -ge 12 ]
	MEM_STORE=$work/kept/store MEM_USER=maren
	export MEM_STORE MEM_USER
	while read -r q; do
		eval "$q" </dev/null >out || { echo "$q: nothing"; exit 1; }
		[ -s out ] || { echo "$q: nothing"; exit 1; }
	done <questions
'

test_that 'the speakers in a search are those of the demo' '
	MEM_STORE=$work/kept/store MEM_USER=maren
	export MEM_STORE MEM_USER
	for a in claude-code codex gemini copilot chatgpt; do
		mem-log --agent $a --role user -n 1 --json >out
		[ "$(wc -l <out)" -eq 1 ]
	done
'

test_done
