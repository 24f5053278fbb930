#!/bin/sh
# The main job on the demo corpus: transcripts of five agents and a list of
# bugs go into a new store, and come out by time, by session, by a query, and as
# contents; the bugs become patterns, and those review a change.
# usage: run.sh [--keep]    (--keep leaves the store, and says where it is)
set -eu

case ${1-} in
'') keep=no ;;
--keep) keep=yes ;;
*) echo 'usage: run.sh [--keep]' >&2; exit 64 ;;
esac
cd "$(dirname "$0")"
PATH=${MEM_BIN:-$PWD/../../bin}:$PATH
tmp=$(mktemp -d "${TMPDIR:-/tmp}/memkit-demo.XXXXXX")
MEM_STORE=$tmp/store MEM_USER=maren MEM_NOW=2026-11-19T12:00:00Z TZ=UTC
export PATH MEM_STORE MEM_USER MEM_NOW TZ
unset MEM_TENANT MEM_SESSION
printf '$ export MEM_STORE=%s MEM_USER=%s\n' "$MEM_STORE" "$MEM_USER"

finish() {
	status=$?
	if [ $keep = yes ]; then
		echo
		echo "The store is $MEM_STORE; to go on with it:"
		echo "  export MEM_STORE=$MEM_STORE MEM_USER=$MEM_USER"
	else
		rm -rf "$tmp"
	fi
	[ $status -eq 0 ] || echo "run.sh: a step failed" >&2
	exit $status
}
trap finish EXIT
trap 'exit 130' INT TERM

# Into a pipe the tools print JSON Lines; this is to be read by people.
text=
[ -t 1 ] || text=' --text'

title() {
	printf '\n# %s\n' "$*"
}

# run COMMAND: show it as a terminal would, and do it.  A failure ends this.
run() {
	printf '\n$ %s\n' "$1"
	eval "$1" || exit 1	# "!" is no failure to set -e
}

# finds N COMMAND: its answer must have N records or more, which are lines
# into a pipe, but for --text.
finds() {
	run "$2"
	found=$(eval "$(echo "$2" | sed 's/ --text//')" | wc -l)
	[ "$found" -ge "$1" ] || {
		echo "run.sh: $found records, $1 or more expected" >&2
		exit 1
	}
}

title 'What agents wrote, each in its own format, becomes memory'
run "mem-from claude-code claude/projects | mem-ingest$text"
run "mem-from codex codex/sessions | mem-ingest$text"
run "mem-from gemini gemini/tmp | mem-ingest$text"
run "mem-from copilot copilot/session-state | mem-ingest$text"
run "mem-from chatgpt chatgpt/conversations.json | mem-ingest$text"
run "mem-ingest bugs.jsonl$text"

title 'The same again stores nothing twice'
run "mem-from claude-code claude/projects | mem-ingest$text"

title 'What is there now'
run "mem-admin stats$text"
finds 15 "mem-session list$text"

title 'An hour of 4 November'
finds 8 "mem-log --since 2026-11-04T14:30 --until 2026-11-04T15:30 -n 8$text"

title 'Why is there no redis?'
finds 1 "mem-search 'why did we drop redis' -n 3$text"

title 'What was the trouble with tokens?'
finds 1 "mem-search 'jwt \"refresh token\" rotation' --role user -n 3$text"

title 'Bugs are rows of a knowledge base'
finds 1 "mem-search 'kb:bugs tag:race_condition' -n 3$text"

title 'What keeps going wrong? Patterns out of the bugs'
run "mem-ltm run bug-import$text | tail -n 12"
finds 4 "mem-ltm list --tag bug_pattern -n 4$text"
fact=$(mem-ltm list --json --tag file:internal/auth/refresh.go -n 1 |
    grep -o 'fact:[0-9a-f]*' | head -n 1)
finds 1 "mem-ltm explain $fact$text"
finds 2 "mem-search --in fact,kb 'race condition' -n 3$text"

title 'A change to such a file, held against all that'
run 'cat change.diff'
finds 2 "mem-ltm review$text - <change.diff"
run "! mem-ltm review --fail-on warning - <change.diff >/dev/null"

title 'One of these bugs was none: what is said of it changes'
run "mem-ltm reject FN-118$text"
run "mem-ltm run bug-import$text"

title 'What does Maren want to be kept?'
run "mem-ltm live$text"

title 'A hit in its context: what was said around it'
finds 3 "mem-search 'post-mortem of the failed deploy' --role user -n 1 --json | mem-log -C 2 -$text"

title 'The transcripts hold keys and a password; the store does not'
run "grep -rlE 'AKIA|not-a-real-password' claude | wc -l"
run "! mem-search AKIAIOSFODNN7EXAMPLE$text"
run "! mem-log --json | grep -E 'AKIA|wJalrXUtnFEMI|not-a-real-password|7946 0018'"
finds 1 "mem-log --json | grep -o 'AWS[A-Z_]*=.redacted:[a-z_-]*.' | sort -u"

title 'Backup, restore, compare'
# shellcheck disable=SC2016 # to be shown as it is
{
run 'mem-admin backup "$tmp/demo.tar"'"$text"
run 'mem-admin restore "$tmp/demo.tar" --store "$tmp/copy"'"$text"
run 'mem-admin check --store "$tmp/copy"'"$text"
run 'mem-log --json >"$tmp/one"'
run 'mem-log --json --store "$tmp/copy" >"$tmp/two"'
run 'cmp "$tmp/one" "$tmp/two" && wc -l <"$tmp/two"'
}

title 'What was it all about? Contents, from the year down to what was said'
run "mem-toc build$text"
finds 1 "mem-toc$text"
finds 1 "mem-toc 2026-W41$text"
finds 1 "mem-toc 2026-10-09$text"

title 'What was said there, word by word'
grip=$(mem-toc 2026-10-09 --json | grep -o 'grip:[0-9]*:[0-9a-f]*' | tail -n 1)
finds 2 "mem-toc expand $grip$text"

title 'Where in time does a search lead?'
finds 9 "mem-search --json --in event redis | mem-toc -$text"

title 'What a new agent should know, in 300 tokens'
finds 1 "mem-toc --budget 300$text"

title 'And for people: one page, to be opened in any browser'
# shellcheck disable=SC2016 # to be shown as it is
run 'mem-toc export --format html >"$tmp/memory.html" && wc -c <"$tmp/memory.html"'
