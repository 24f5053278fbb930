#!/bin/sh
# What README shows is what the tools print, and what it names is there.
. "${0%/*}/lib.sh"
readme=$top/README
mkdir "$HOME/.claude"
cp -R "$top/share/demo/claude/projects" "$HOME/.claude/"
cp "$top/share/demo/bugs.jsonl" .
# as a new user: the store is where it is when nobody says anything
unset MEM_STORE
MEM_USER=maren
TERM=xterm
export MEM_USER TERM

# part TITLE: the indented lines below this title
part() {
	awk -v title="$1" '
		/^---/ { in_it = last == title }
		{ last = $0 }
		in_it && sub(/^    /, "")' "$readme"
}

# The first block of README: commands after "$ ", and what they print.
awk '/^    / { for (; gap > 0; gap--) print ""; sub(/^    /, ""); print; n++; next }
    n && /^$/ { gap++; next }
    n { exit }' "$readme" >session

# on_terminal COMMAND: as it looks on one of 76 columns, which README indents
on_terminal() {
	script -qec "stty cols 76; $1" /dev/null </dev/null |
	    sed "s/$(printf '\033')\[[0-9;]*m//g" | tr -d '\r' | sed 's/ *$//'
}

if can_have_terminal; then
	test_that 'the session of the first screen is what a terminal shows' '
		[ "$(grep -c "^\\$ mem-" session)" -ge 5 ]
		sed -n "s/^\\$ //p" session >commands
		while read -r cmd <&3; do
			echo "$ $cmd"
			on_terminal "$cmd"
		done 3<commands >got
		diff session got
	'
else
	skip 'the session of the first screen' 'no pseudo-terminals here'
	mem-from -q claude-code "$HOME/.claude/projects" | mem-ingest -q
fi
test_that 'what is said of every day works' '
	part "Every day" | grep "^mem-" | grep -v "|$" >commands
	[ "$(wc -l <commands)" -eq 8 ]
	mkdir -p "$HOME/handbook"
	echo "# Doors" >"$HOME/handbook/doors.md"
	MEM_NOW=2026-11-05T12:00:00Z
	export MEM_NOW
	while read -r cmd <&3; do
		sh -c "$cmd" >out 2>err || { echo "$cmd"; cat err; exit 1; }
		case $cmd in *" -q"*|*" >"*) ;; *) [ -s out ] ;; esac
	done 3<commands
'
test_that 'what cron runs of documents is silent where nothing is wrong' '
	mkdir -p "$HOME/handbook"
	echo "# Doors, again" >"$HOME/handbook/windows.md"
	cp "$HOME/handbook/windows.md" "$HOME/handbook/more.md"
	part "Every day" | grep "mem-from docs" >line
	HOME=$HOME sh ./line >said 2>&1
	[ ! -s said ] || { cat said; exit 1; }
	mem-log --kb handbook | grep windows
'
test_that 'a backup through a pipe is a store again' '
	mem-admin backup - | zstd -q | zstd -dq |
	    mem-admin restore - --store there
	mem-log --json >one
	mem-log --json --store there | cmp one -
'
test_that 'the tools and the formats are those that there are' '
	part "The tools" | sed -n "s/^\(mem[-a-z]*\) .*/\1/p" | sort >named
	ls "${MEM_BIN:-$top/bin}" | sort | diff named -
	mem-from -h | sed -n "/^Commands/,/^$/s/^  \([a-z][a-z.-]*\) .*/\1/p" |
	    sort >formats
	[ "$(wc -l <formats)" -ge 11 ]
	part "The tools" | sed -n "/^mem-from/,/^mem-ingest/p" >said
	while read -r f; do
		grep -qw -e "$f" said || { echo "$f is not in it"; exit 1; }
	done <formats
	part "The tools" | sed -n "/^mem-admin/,/^mem /s/^mem-admin\|^  */ /p" |
	    tr -s " " "\n" | grep . | sort >named
	mem-admin -h | sed -n "/^Commands/,/^$/s/^  \([a-z]*\).*/\1/p" |
	    grep . | sort -u | diff named -
'
test_that 'the least versions are those of configure' '
	sed -n "/^libraries=/,/[a-z]'\''$/p" "$top/configure" |
	    sed "s/^libraries=.//; s/[^a-z]\$//" | while read -r lib least pkg; do
		[ -n "$pkg" ]
		[ "$lib" = sqlite3 ] || [ "$lib" = libarchive ] ||
		    [ "$lib" = libcrypto ] || lib=${lib#lib}
		tr "\n" " " <"$readme" | grep -qF "$lib $least" ||
		    { echo "$lib $least"; exit 1; }
	done
'
test_that 'targets, pages and files that it names are there' '
	for w in demo check install help; do
		grep -q "make $w" "$readme"
		grep -q "^$w:" "$top/Makefile"
	done
	grep -o "mem[a-z.-]*([157])" "$readme" | sort -u >pages
	[ "$(wc -l <pages)" -ge 6 ]
	tr -d ")" <pages | while IFS="(" read -r p n; do
		[ -e "$top/share/man/man$n/$p.$n" ] || { echo "$p"; exit 1; }
	done
	for w in $(part Documents | sed -n "s/^share.doc *//p"); do
		[ -e "$top/share/doc/$w" ] || [ -e "$top/share/doc/$w.md" ] ||
		    { echo "$w"; exit 1; }
	done
	for w in $(grep -oE "[ (]share/[a-z][a-zA-Z/]*" "$readme" | tr -d " ("); do
		[ -e "$top/$w" ] || { echo "$w"; exit 1; }
	done
'
test_that 'the messages that it explains are messages' '
	exits 2 mem-log --store nowhere 2>err
	grep "no store at" err
	mem-from -q claude-code "$HOME/.claude/projects" | sed "\$d" |
	    exits 2 mem-ingest >out 2>err
	grep "the input ended without its .end. record" err
'
test_that 'no line is wider than 80 columns' '
	exits 1 grep -n "	" "$readme"
	! LC_ALL=C.UTF-8 grep -nE "^.{81}" "$readme"
'
test_done
