# shellcheck shell=sh disable=SC2154
# Copies of a store and a remote in a folder, for the tests of mem-sync;
# sourced after lib.sh and lib-store.sh.

R=$work/remote

# as NODE COMMAND...: in the store of that name
as() {
	who=$1
	shift
	MEM_STORE=$work/$who "$@"
}
# node NAME...: stores, with the remote `main`
node() {
	mkdir -p "$R"
	for who; do
		rm -rf "${work:?}/$who"
		as "$who" mem-admin init >/dev/null
		as "$who" mem-admin config set remote.main.url \
		    "${url:-file://$R}"
	done
}
# a folder and stores that are new
fresh() {
	rm -rf "${R:?}"
	node "$@"
}
push() {
	who=$1
	shift
	as "$who" mem-sync push "$@"
}
pull() {
	who=$1
	shift
	as "$who" mem-sync pull "$@"
}
# say NODE SESSION TEXT [TIME]: an event
said=0
say() {
	said=$((said + 1))
	printf '{"session_id":"%s","timestamp":%d,"text":"%s"}\n' "$2" \
	    "${4:-$((1790000000000 + said))}" "$3" |
	    as "$1" mem-ingest >/dev/null
}
# some of all that there is: events, a session, values, records, what was
# forgotten
fill() {
	{
		mkevents 20
		echo '{"type":"session","session_id":"s1","title":"First"}'
		for i in 1 2 3; do
			echo '{"type":"record","kb":"k","record_id":"r'$i'","record_type":"note","title":"a note"}'
		done
		echo '{"type":"record","kb":"k","record_id":"r1","record_type":"note","title":"a second version"}'
	} | as "$1" mem-ingest >/dev/null
	mkevents 5 | MEM_USER=ann as "$1" mem-ingest >/dev/null
	as "$1" mem-session set s1 key value
	as "$1" mem-session set s1 key 'another value'
	as "$1" mem-session set s2 gone x
	as "$1" mem-session unset s2 gone
	id=$(as "$1" mem-log --json -n 1 | jl event_id)
	echo '{"type":"tombstone","target":"event","id":"'"$id"'"}' |
	    as "$1" mem-ingest >/dev/null
}
texts() {
	as "$1" mem-log --json | jl text | LC_ALL=C sort
}
# shows NODE: all that it has, in an order that does not tell what came first;
# no events is no failure.  A session whose events are all forgotten is no more
# than a name.
shows() {
	as "$1" mem-log --json || [ $? -eq 1 ]
	MEM_USER=ann as "$1" mem-log --json || [ $? -eq 1 ]
	sqlite3 -readonly "$work/$1/tenants/default/memory.db" "
	    SELECT u.name, s.name, s.events, s.start_ms, s.end_ms
		FROM session s JOIN user u ON u.id = s.user
		WHERE s.events > 0 ORDER BY 1, 2;
	    SELECT u.name, s.name, kind, v.name, value, max(v.at)
		FROM variable v JOIN session s ON s.seq = v.session
		JOIN user u ON u.id = s.user
		GROUP BY v.session, kind, v.name ORDER BY 1, 2, 3, 4;
	    SELECT DISTINCT k.name, r.id, r.type, hex(r.hash), r.at
		FROM record r JOIN kb k ON k.id = r.kb
		ORDER BY 1, 2, r.at, 4;
	    SELECT u.name, target, t.id FROM tombstone t
		JOIN user u ON u.id = t.user ORDER BY 1, 2, 3"
}
# dir NODE [AREA [SESSION]]: of its files
dir() {
	as "$1" mem-session path "${3:-s1}" "${2:-inputs}"
}
# write NODE PATH TEXT
write() {
	d=$(dir "$1")
	mkdir -p "$d/$(dirname "$2")"
	printf '%s\n' "$3" >"$d/$2"
}
# have NODE: paths with their sums
have() {
	(cd "$(dir "$1")/../.." && find . -type f ! -name '.*' \
	    -exec sha256sum {} + | LC_ALL=C sort -k 2)
}
same_files() {
	have "$1" >files.1
	have "$2" >files.2
	[ -s files.1 ]
	cmp files.1 files.2
}
# objects: what lies under readable names
objects() {
	(cd "$R" && find default -path default/.memkit -prune -o -type f -print |
	    LC_ALL=C sort)
}
# same NODE NODE: they have the same
same() {
	for who; do
		shows "$who" >"has.$who"
	done
	diff "has.$1" "has.$2"
}
sound() {
	for who; do
		as "$who" mem-admin check >checked ||
		    { cat checked; return 1; }
	done
}
manifests() {
	find "$R" -path '*/manifest/0*' | LC_ALL=C sort
}
# remote_whole: the manifests are 1, 2, 3 ..., each has the hash of the one
# before, and all that they name is there, as long as they say, under its
# own hash
remote_whole() (
	manifests >numbered
	find "$R" -type f -exec sha256sum {} + >sums
	find "$R" -type f -exec wc -c {} + >sizes
	# shellcheck disable=SC2046
	cat /dev/null $(cat numbered) | grep -o '"size":[0-9]*,"name":"[0-9a-f]*"' |
	    sed 's/"size":\(.*\),"name":"\(.*\)"/\1 \2/' >named
	# shellcheck disable=SC2046
	cat /dev/null $(cat numbered) |
	    grep -o '"name":"[0-9a-f]*","size":[0-9]*,"index"' |
	    sed 's/"name":"\(.*\)","size":\(.*\),"index"/\2 \1/' >>named
	# shellcheck disable=SC2046
	awk '
		function name(    s) {
			s = $0
			sub(/^ *[^ ]+ +/, "", s)
			path = s
			sub(/.*\//, "", s)
			return s
		}
		FILENAME == "sums" { sum[name()] = $1; of[path] = $1; next }
		FILENAME == "sizes" { size[name()] = $1; next }
		FILENAME == "named" {
			if (size[$2] "" != $1 "" || sum[$2] != $2)
				wrong($2 " is not there as a whole")
			next
		}
		{ text[FILENAME] = text[FILENAME] $0 }
		function wrong(what) { print what; bad = 1 }
		END {
			while ((getline m <"numbered") > 0) {
				want++
				base = m
				sub(/.*\//, "", base)
				if (base != sprintf("%012d", want))
					wrong(m " is not number " want)
				if (index(text[m], "\"format\":1,\"number\":" \
				    want ",") == 0)
					wrong(text[m])
				if (want > 1 && index(text[m], \
				    "\"previous\":\"" before "\"") == 0)
					wrong(m " does not follow")
				before = of[m]
			}
			exit bad
		}' sums sizes named $(cat numbered)
)

# --- a real server: $server, $port, $bucket (lib-s3.sh)

# templates NODE...: stores NODE.new that know where to go, but for the port and
# the folder
templates() {
	for who; do
		rm -rf "$who.new"
		url=s3://$bucket/pSEED node "$who"
		as "$who" mem-admin config set remote.main.endpoint \
		    http://127.0.0.1:PORT
		as "$who" mem-admin config set remote.main.stall 2
		as "$who" mem-admin config set remote.main.timeout 20
		mv "$who" "$who.new"
	done
}
# aim NODE PORT: there from now on, in a folder for $seed
aim() {
	sed -i "s|/p[0-9SED]*\$|/p$seed|; s|127.0.0.1:[0-9PORT]*|127.0.0.1:$2|" \
	    "$1/config"
}
rem() {
	MEM_STORE=$work/C "$obj/helper/remote" main "$@"
}
# fetched: what is there, into the folder `local`; C is aimed at it
fetched() {
	rm -rf local
	mkdir -p local/manifest local/segment
	rem list default/.memkit/ >there || return
	while read -r _ key; do
		kind=${key#default/.memkit/}
		mkdir -p "local/${kind%%/*}"
		rem get "$key" "local/${kind%%/*}/${key##*/}" >/dev/null ||
		    return
	done <there
}
# server_whole: remote_whole of it, and each segment that lies there, named or
# not, is whole
server_whole() {
	R=$data/$bucket/p$seed
	if [ "$server" != versitygw ]; then	# its files are no objects
		fetched || return
		R=$work/local
	fi
	remote_whole || return
	find "$R" -path '*/segment/*' -type f -exec sha256sum {} + \
	    2>/dev/null |
	    awk '{ n = split($2, a, "/") } $1 != a[n] { print; exit 1 }'
}
