#!/bin/sh
# The examples of the man pages work.  In a section EXAMPLES each line of a
# display (.Dl, or within .Bd -literal) that begins with "$ " is a command
# that is run, those of a page one after the other in a folder and a store
# of their own: the demo's, whose clock stands at noon of 19 November 2026.
# Each must end with 0.  A comment `.\" not run: WHY` before it leaves one
# out; so does ssh, and a program that is not installed.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

# commands PAGE: a line each, "run" or "not" in front
commands() {
	awk '
		/^\.Sh/ { in_it = $2 == "EXAMPLES" }
		!in_it { next }
		/^\.\\" not run:/ { left = 1; next }
		/^\.Bd -literal/ { block = 1 }
		/^\.Ed/ { block = 0 }
		/^\.Dl \$ / || (block && /^\$ /) {
			sub(/^(\.Dl )?\$ /, "")
			gsub(/\\\(dq/, "\"")
			gsub(/\\\(aq/, "'\''")
			gsub(/\\e/, "\\")
			gsub(/\\&/, "")
			gsub(/\\-/, "-")
			print (left || / ssh / ? "not " : "run ") $0
			left = 0
		}' "$1"
}

# files PAGE: each display after a comment `.\" file: NAME` becomes that file
files() {
	awk '
		/^\.\\" file: / { name = $3; next }
		name != "" && /^\.Bd/ { in_it = 1; next }
		/^\.Ed/ { in_it = 0; name = "" }
		in_it { gsub(/\\e/, "\\"); print >name }' "$1"
}

# What the examples speak of.
lay_out() {
	mkdir -p "$1" "$HOME/.claude" "$HOME/.codex" "$HOME/.gemini"
	cp -R "$top/share/demo/claude/projects" "$HOME/.claude/"
	cp -R "$top/share/demo/codex/sessions" "$HOME/.codex/"
	cp -R "$top/share/demo/gemini/tmp" "$HOME/.gemini/"
	cp "$top/share/demo/bugs.jsonl" "$top/share/demo/chatgpt/conversations.json" "$1"
	mkevents 5 >"$1/events.jsonl"
	{ mkevents 2; echo "{"; } >"$1/mixed.jsonl"
	rm -rf "$1/store"
	cp -R "$demo" "$1/store"
	cd "$1" || exit
	files "$page"
	if command -v git >/dev/null; then
		git init -q . && git -c user.name=maren -c user.email=m@example.org \
		    commit -q --allow-empty -m 'Drop redis, it is not needed'
	fi
	perl -MIO::Compress::Zip=zip -e 'zip "conversations.json" => "export.zip",
	    Name => "conversations.json" or exit 1' || :
}

# installed COMMAND: all the programs that it names
installed() {
	for w in jq unzip zstd less git; do
		case " $1 " in
		*" $w "* | *"($w "*) command -v $w >/dev/null || return 1 ;;
		esac
	done
}

test_that 'the demo can be kept' '
	TMPDIR=$work sh "$top/share/demo/run.sh" --keep >out
	dir=$(sed -n "s/^  export MEM_STORE=\([^ ]*\) .*/\1/p" out)
	mv "$dir" demo
'
demo=$work/demo MEM_USER=maren MEM_STORE=
MEM_NOW=2026-11-19T12:00:00Z
export MEM_USER MEM_NOW

n=0
for page in "$top"/share/man/man*/*.[157]; do
	name=${page##*/}
	commands "$page" >list
	grep -q '^run' list || continue
	n=$((n + 1))
	if command -v mandoc >/dev/null; then
		test_that "$name shows its examples as they are run" '
			mandoc -T ascii -O width=1000 "$page" | sed "s/.$(printf "\b")//g" >shown
			while read -r how cmd; do
				grep -F -e "$ $cmd" shown >hit ||
				    { echo "$cmd"; exit 1; }
			done <list
		'
	fi
	(lay_out "$work/run/$name") >lay 2>&1 || cat lay >&2
	while read -r how cmd <&3; do
		if [ "$how" = not ]; then
			continue
		elif ! installed "$cmd"; then
			skip "$name: $cmd" 'a program is not installed'
			continue
		fi
		test_that "$name: $cmd" '
			cd "$work/run/$name"
			MEM_STORE=$PWD/store
			export MEM_STORE
			timeout 20 sh -c "$cmd"
		'
	done 3<list
done
if command -v jq >/dev/null; then
	test_that 'the rules of memkit-redact(5) do what their examples say' '
		cd "$work/run/memkit-redact.5"
		sed -n "s/^match	//p" acme.rules >match
		sed -n "s/^clean	//p" acme.rules >clean
		[ -s match ] && [ -s clean ]
		sed "s/\\\\[<>]//g" match clean | jq -cR "{session_id: \"s\",
		    timestamp: 1, text: .}" >in
		mem-admin config set redact.rules acme.rules --store try2
		mem-ingest -q --tee --store try2 in |
		    jq -r "select(.type == \"event\").text" >got
		{ sed "s/\\\\<acme_.*\\\\>/[redacted:acme-token]/
		    s/\\\\<.*\\\\>/[redacted:pin]/" match; cat clean; } >want
		diff want got
		mkevents 1 | jq -c ".text = \"PASSWORD=demo-1234 PASSWORD=x9k2\"" |
		    mem-ingest --tee --store try2 |
		    grep "PASSWORD=demo-1234 PASSWORD=\[redacted:"
	'
else
	skip 'the rules of memkit-redact(5)' 'no jq'
fi
test_that 'there are such pages' '[ $n -ge 5 ]'
test_that 'the queries of mem-query(7) are taken as they are meant' '
	sed -n "/^\.Sh EXAMPLES/,\$s/^\.It Li //p" "$top/share/man/man7/mem-query.7" |
	    sed "s/\\\\(dq/\"/g" >queries
	[ -s queries ]
	MEM_STORE=$demo
	export MEM_STORE
	while IFS= read -r q; do
		mem-search -- "$q" >out 2>err || [ $? -eq 1 ] ||
		    { echo "$q"; cat err; exit 1; }
		[ ! -s err ] || { echo "$q"; cat err; exit 1; }
	done <queries
'
test_done
