# shellcheck shell=sh
# For tests of contents.

# say SESSION TIME ROLE TEXT: an event
say() {
	printf '{"session_id":"%s","timestamp":"%s","role":"%s","text":"%s"}\n' \
	    "$1" "$2" "$3" "$4"
}

# of KEY: its value in each node on standard input
of() {
	sed 's/,"children":.*//' | jl "$1"
}

# contents [OPTION...]: all that is live, but for the numbers of versions
contents() {
	mem-toc -d 4 --json "$@" | sed 's/"version":[0-9]*,//; s/,"open":true//'
}

# true_time: in milliseconds, whatever MEM_NOW says
true_time() {
	perl -MTime::HiRes=time -e 'printf "%d\n", time * 1000'
}

# chats SEED SESSIONS: events of some subjects, with pauses, in the order of
# their times; the same seed gives the same
chats() {
	awk -v seed="$1" -v sessions="$2" '
	function draw(n) { x = (x * 69069 + 1) % 4294967296; return int(x / 65536) % n }
	BEGIN {
		x = seed * 7919 + 17
		n = split("auth token login password refresh session cookie;" \
		    "search index query ranking words postings segment;" \
		    "deploy kernel disk mount backup restore volume;" \
		    "garden tomato soil water seed compost harvest", subject, ";")
		split("We decided to use;Why does it fail with;The fix was to change;" \
		    "Error: cannot open;Let us look at;How do we test", lead, ";")
		for (s = 1; s <= sessions; s++) {
			t = 1790000000 + draw(40 * 86400)
			m = 1 + draw(30)
			topic = 1 + draw(n)
			for (i = 1; i <= m; i++) {
				if (draw(8) == 0) topic = 1 + draw(n)
				w = split(subject[topic], word, " ")
				text = lead[1 + draw(6)]
				for (k = 0; k < 4 + draw(6); k++)
					text = text " " word[1 + draw(w)]
				printf "%d {\"session_id\":\"s%d\",\"timestamp\":%d000,\"role\":\"%s\",\"text\":\"%s %d.\"}\n", \
				    t, s, t, i % 2 ? "user" : "assistant", text, i
				t += 1 + draw(draw(6) == 0 ? 4000 : 120)
			}
		}
	}' | sort -n -k1,1 | sed 's/^[0-9]* //'
}

# all_versions: what every version says that there is, of every node
all_versions() {
	rm -rf versions
	cp -R "$MEM_STORE" versions
	sqlite3 versions/tenants/default/memory.db \
	    "SELECT name, version FROM toc_version v JOIN toc_node n ON n.id = v.node
	    WHERE v.gone = 0 ORDER BY v.node, version" | while IFS='|' read -r node v; do
		mem-toc rollback "$node" "v$v" --store versions >/dev/null
		mem-toc "$node" --store versions
	done
}

# model BODY: a program that answers each question with what BODY prints
model() {
	printf '%s\n' '#!/bin/sh' 'while IFS= read -r line; do' \
	    '	printf "%s\n" "$line" >>"'"$PWD"'/asked"' \
	    '	id=$(printf "%s" "$line" | sed "s/.*\"id\":\([0-9]*\),.*/\1/")' \
	    "$1" 'done' >model.sh
	chmod +x model.sh
	rm -f asked
	mem-admin config set toc.chatCommand "$PWD/model.sh" >/dev/null
}
