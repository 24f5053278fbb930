#!/bin/sh
# Makes event.dict again from general.txt and the demo corpus; the README
# beside this file says why these and how good it is.
# usage: make.sh [FILE]    (default: event.dict beside this script)
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:-$here/event.dict}
LC_ALL=C
export LC_ALL
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# One sample a file: what stands between two lines of "%" ...
awk -v to="$tmp/g" '
	BEGIN { name = sprintf("%s%05d", to, n = 1) }
	/^%$/ { close(name); name = sprintf("%s%05d", to, ++n); next }
	{ print > name }' "$here/general.txt"

# ... and every JSON string of the demo that is a text: 24 characters or
# more with a space in them, each once, keys left out.
find "$here/../demo" -name '*.json' -o -name '*.jsonl' | sort |
xargs cat | awk -v to="$tmp/d" '
	{
		line = $0
		while (match(line, /"([^"\\]|\\.)*"/)) {
			s = substr(line, RSTART + 1, RLENGTH - 2)
			line = substr(line, RSTART + RLENGTH)
			if (length(s) < 24 || s !~ / / || s in seen ||
			    line ~ /^:/)
				continue
			seen[s] = 1
			gsub(/\\\\/, "\001", s)
			gsub(/\\n/, "\n", s)
			gsub(/\\t/, "\t", s)
			gsub(/\\"/, "\"", s)
			gsub(/\001/, "\\", s)
			name = sprintf("%s%05d", to, ++n)
			printf "%s", s > name
			close(name)
		}
	}'

# k and d: 16 to 200 and 6, 8 were tried.  Frames do not hold the id.
zstd -q -f --train-cover=k=100,d=6,split=100 --maxdict=32768 --dictID=1 \
    "$tmp"/* -o "$out" 2>"$tmp.log" || { cat "$tmp.log" >&2; exit 2; }
rm -f "$tmp.log"
