#!/bin/sh
# Any sequence of what changes a store or its index (events, records and new
# versions, facts of all kinds, what is forgotten, two users; indexing, indexing anew, merges, a
# search that brings an index up, an index deleted): mem-search prints what it
# prints for the same content without an index, and an index made in steps
# ranks as one made at once.
#
# MEM_SEED names the sequence (it is printed), MEM_ROUNDS how many of them; a
# round that fails prints its steps.
. "${0%/*}/lib.sh"

seed=${MEM_SEED:-$(date +%s)} rounds=${MEM_ROUNDS:-40}
index=$MEM_STORE/tenants/default/index
ref=$work/ref		# the same content; never an index
echo "# MEM_SEED=$seed"

# plan ROUND: the steps, a line each, into `steps`; their input, in/N.  An
# id has the step in it, so that some of those in later steps are older.
plan() {
	rm -rf in
	mkdir in
	awk -v seed="$1" '
	function r(n) { return int(rand() * n) }
	function word(  k) {
		k = r(nw + 8)
		return k < nw ? w[k + 1] : "word" r(60)
	}
	function text(  n, t) {
		for (n = 1 + r(r(6) ? 14 : 90); n > 0; n--)
			t = t (r(9) ? " " : ", ") word()
		return t
	}
	function event(file, user, again,  n, id) {
		n = again ? r(events[user]) : events[user]++
		id = sprintf("01HNAVQZC%d%06d%010d", user, (n * 7919) % 1000,
		    n)
		printf "{\"event_id\":\"%s\",\"session_id\":\"s%d\"," \
		    "\"timestamp\":%.0f,\"role\":\"%s\",\"text\":\"%s\"," \
		    "\"metadata\":{\"tags\":\"t%d\",\"n\":\"%d\"}}\n", id,
		    n % 6, 1790000000000 + (n * 37) % 1000 * 60000,
		    role[1 + n % 4], again ? "again" : text(), n % 5, n >file
		if (!again)
			given[user, n] = id
	}
	function record(file,  n) {
		n = r(40)
		printf "{\"type\":\"record\",\"kb\":\"kb%d\"," \
		    "\"record_id\":\"R-%d\",\"record_type\":\"note\"," \
		    "\"title\":\"%s\",\"text\":\"%s\",\"status\":\"%s\"}\n",
		    n % 2, n, word(), text(), r(2) ? "open" : "done" >file
	}
	function bug(file,  n) {
		n = r(30)
		printf "{\"type\":\"record\",\"kb\":\"bugs\"," \
		    "\"record_id\":\"B-%d\",\"record_type\":\"bug_record\"," \
		    "\"title\":\"t\",\"status\":\"open\",\"tags\":[\"t%d\"]," \
		    "\"fields\":{\"severity\":\"%s\",\"module\":\"m%d\"," \
		    "\"affected_files\":[\"%s.c\"],\"root_cause\":\"%s\"}}\n",
		    n, r(3), r(3) ? "minor" : "critical", r(4), "f" r(5),
		    word() " " word() >file
	}
	# said: what mem-ltm live finds, some of it of later
	function said(file, user,  n) {
		n = nsaid[user]++
		sayid[user, n] = sprintf("01M0000000%d000000000%06d", user, n)
		printf "{\"event_id\":\"%s\",\"session_id\":\"s%d\"," \
		    "\"timestamp\":%.0f,\"role\":\"user\"," \
		    "\"text\":\"My favourite %s is %s.\"}\n",
		    sayid[user, n], r(6), 1795170000000 + r(24) * 60000,
		    r(2) ? "drink" : "editor", "word" r(60) >file
	}
	# decide: a command about a new fact, or about some that there are
	function decide(file,  k, c) {
		k = r(12)
		if (k < 6) {
			c = "mem-ltm add"
			if (r(2)) c = c " --scope tenant"
			else if (r(2)) c = "MEM_SESSION=s" r(3) " " c " --scope session"
			if (r(3) == 0) c = c " --key k" r(4) " --confidence 0." r(9)
			if (r(5)) c = c " --tag t" r(5)
			else c = c " --until 2026-11-20T12:" (10 + r(30))
			print c " \"" text() "\"" >file
			return
		}
		c = "mem-ltm merge $f ${g:-$f}; g=$f"
		if (k < 8) c = "mem-ltm expire $f --reason gone"
		else if (k < 10) c = "mem-ltm rollback $f 1"
		else if (k < 11) c = "mem-ltm pin $f"
		print "for f in $(mem-ltm list | sed -n \"" (1 + r(12)) "p;" \
		    (13 + r(4)) "p\" | grep -o \"fact:[0-9a-f]*\" | sort -u); do " c " || :; done" >file
	}
	function grave(file, user,  k) {
		k = r(10)
		printf "{\"type\":\"tombstone\",\"target\":" >file
		if (r(3) == 0 && k < 5)
			printf "\"record\",\"id\":\"bugs/B-%d\"}\n",
			    r(30) >file
		else if (r(3) == 0 && nsaid[user] > 0)
			printf "\"event\",\"id\":\"%s\"}\n",
			    sayid[user, r(nsaid[user])] >file
		else if (k < 6 && events[user] > 0)
			printf "\"event\",\"id\":\"%s\"}\n",
			    given[user, r(events[user])] >file
		else if (k < 9)
			printf "\"record\",\"id\":\"kb%d/R-%d\"}\n", k % 2,
			    r(40) >file
		else
			printf "\"session\",\"id\":\"s%d\"}\n", r(6) >file
	}
	BEGIN {
		srand(seed)
		nw = split("token refresh refreshing redis jwt deploy deployed " \
		    "cache evicts happy happily running run getUserName the " \
		    "of src/auth/jwt.c v1.2.3 caf\303\251 " \
		    "\346\235\261\344\272\254", w, " ")
		split("user assistant system tool", role, " ")
		for (step = 1; step <= 24; step++) {
			user = r(4) == 0
			file = "in/" step
			k = r(100)
			if (step > 1 && r(3) == 0) {
				k = r(4)
				for (n = 1 + r(12); n > 0; n--)
					if (k == 0) bug(file)
					else if (k == 1) said(file, user)
					else decide(file)
				close(file)
				if (k < 2)
					print "both u" user, file
				how = file
				if (k < 2)
					how = k == 0 ? "run" : "live"
				print "facts u" user, how
				continue
			}
			if (step == 1 || k < 26) {
				for (n = 1 + r(r(3) ? 40 : 400); n > 0; n--)
					event(file, user, events[user] > 5 &&
					    r(30) == 0)
			} else if (k < 36) {
				for (n = 1 + r(30); n > 0; n--)
					record(file)
			} else if (k < 50) {
				for (n = 1 + r(r(4) ? 3 : 40); n > 0; n--)
					grave(file, user)
			}
			if (step == 1 || k < 50) {
				close(file)
				print "both u" user, file
			} else if (k < 78)
				print "index"
			else if (k < 82)
				print "index --user u" user
			else if (k < 86)
				print "index --rebuild"
			else if (k < 93)
				print "brought u" user
			else if (k < 95)
				print "deleted"
			else
				print "once"
		}
		print "once"
	}' >steps
}
# questions SEED: command lines
questions() {
	awk -v seed="$1" -v n="$2" '
	function r(n) { return int(rand() * n) }
	function word() {
		return r(5) ? w[1 + r(nw)] : "word" r(60)
	}
	function item(  k) {
		k = r(24)
		if (k < 12) return word()
		if (k < 14) return "\"" word() " " word() "\""
		if (k < 16) return substr(word(), 1, 3) "*"
		if (k < 18) return "-" word()
		if (k < 20) return "(" word() " OR " word() ")"
		if (k < 21) return "role:user"
		if (k < 22) return "-session:s" r(6)
		if (k < 22) return "tag:t" r(5)
		if (k < 23) return "source:fact"
		return "since:2026-09-21T1" r(10) ":30"
	}
	BEGIN {
		srand(seed + 1)
		nw = split("token refresh redis jwt deploy cache evicts happy " \
		    "running getUserName get the src/auth v1.2.3 caf\303\251 " \
		    "\346\235\261\344\272\254", w, " ")
		split("-n 3|-n 10 --explain|-n 0 -l|-c|-n 5 --in event|" \
		    "-n 0 -l --in kb|-n 4 --in session|-n 40|-q|" \
		    "-n 0 --explain --in fact|-n 0 -l --no-fold --in fact|" \
		    "-n 7 --in fact,kb,event|-c --in fact", o, "|")
		while (n-- > 0) {
			q = item()
			for (k = r(4); k > 0; k--)
				q = q " " item()
			print o[1 + r(13)] "\t" q
		}
		print "-n 0 --in fact\tsource:fact"
	}'
}
# ask FILE SEED HOW...: what both users find, and one in a session
ask() {
	file=$1
	questions "$2" 4 >queries
	shift 2
	for who in u0 u1 u1/s1; do
		MEM_USER=${who%/*}
		unset MEM_SESSION
		[ "$who" = "$MEM_USER" ] || export MEM_SESSION="${who#*/}"
		while IFS="	" read -r options q; do
			echo "== $who $* $options: $q"
			status=0
			# shellcheck disable=SC2086	# words
			printf '%s\n' "$q" | mem-search "$@" $options - 2>&1 ||
			    status=$?
			echo "= $status"
		done <queries
	done >"$file"
	unset MEM_SESSION
}
# facts USER run | live | FILE: what makes them, in both stores
facts() {
	made facts.here "$@" && MEM_STORE=$ref made facts.there "$@" || return 1
	cmp facts.here facts.there
}
made() {
	case $3 in
	run) mem-ltm run --user "$2" bug-import ;;
	live) mem-ltm live --user "$2" ;;
	*) MEM_USER=$2 sh "$3" 2>err || : ;;
	esac >"$1"
}
# both USER FILE: into the store and into the one to compare with
both() {
	status=0 other=0
	mem-ingest -q --user "$1" "$2" >sum 2>err || status=$?
	MEM_STORE=$ref mem-ingest -q --user "$1" "$2" >sum2 2>err2 || other=$?
	[ $status = $other ] || { cat err err2; return 1; }
	cmp sum sum2 || return 1
	# what was forgotten does not come back, an id is of one event
	[ $status -eq 0 ] || { [ $status -eq 3 ] &&
	    ! sed 's/.*"rejected"://; s/"\(forgotten\|conflict\)":[0-9]*//g' \
	    sum | grep '[a-z]'; } || { cat sum err; return 1; }
}
# shellcheck disable=SC2120	# called with words of a step
index() {
	mem-index -q --nice 0 "$@" 2>err || { cat err; return 1; }
	[ ! -s err ] || { cat err; return 1; }
	mem-index --verify >out || { cat out; return 1; }
}
# a search that may bring the index up
brought() {
	mem-search -q --user "$1" token || [ $? -eq 1 ]
}
deleted() {
	rm -rf "$index"
}
# In steps and at once: the same ranking, vectors and all.
once() {
	# shellcheck disable=SC2119	# it means none
	index || return 1
	ask steps.out "$at"
	rm -rf made
	cp -R "$MEM_STORE" made
	MEM_STORE=$work/made mem-index -q --nice 0 --rebuild || return 1
	MEM_STORE=$work/made ask once.out "$at"
	cmp steps.out once.out ||
	    { diff steps.out once.out | cut -c 1-300 | head; return 1; }
}
step() {
	at=$((seed + round * 100 + n))
	MEM_NOW=2026-11-20T12:$((10 + n)):00Z
	"$@" || { echo "step $n, $*: $?"; return 1; }
	ask with "$at" --mode text
	MEM_STORE=$ref ask without "$at" --mode text
	hits=$((hits + $(grep -c '^{' with)))
	cmp with without || { echo "after step $n, $*"
	    diff with without | cut -c 1-300 | head; return 1; }
}

round=0
while [ $round -lt "$rounds" ]; do
	round=$((round + 1))
	rm -rf "$MEM_STORE" "$ref"
	plan $((seed + round))
	test_that "round $round of MEM_SEED=$seed" '
		n=0 hits=0
		while read -r line; do
			n=$((n + 1))
			step $line || { cat -n steps; exit 1; }
		done <steps
		echo "$hits hits"
		[ $hits -gt 50 ]
	'
done
test_done
