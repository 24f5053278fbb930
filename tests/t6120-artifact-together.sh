#!/bin/sh
# Several processes at one store, and several stores at one folder of objects:
# what one of them has in flight the others leave alone, and what is not theirs
# they do not touch.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-artifact.sh"

echo small >small
echo other >other
head -c 200000 /dev/urandom >large
cat >put <<'.'
exec mem-artifact put small other large
.

# held SPEC COMMAND...: it runs in the background until it is stopped by the
# fault; its number is in $held, "" if it came to its end
held() {
	spec=$1
	shift
	rm -f fired
	MEM_FAULT_LOG=$PWD/fired MEM_FAULT=$spec LD_PRELOAD=$fault_lib \
	    "$@" >held.out 2>held.err &
	held=$!
	while kill -0 "$held" 2>/dev/null && ! stopped "$held"; do
		sleep 0.01
	done
	stopped "$held" || { wait "$held" || :; held=; }
}
stopped() {
	[ "$(sed 's/.*) //; s/ .*//' "/proc/$1/stat" 2>/dev/null)" = T ]
}
let_go() {
	kill -CONT "$held"
	status=0
	wait "$held" || status=$?
}
# locked: does the one that is held keep others from writing to the database, or
# from opening it?  The system is asked: sqlite3 would wait for some seconds.
locked() {
	db=$MEM_STORE/tenants/default/memory.db
	[ -e "$db" ] || return 1
	awk -v pid="$held" -v inodes=" $(stat -c %i "$db" "$db-shm" 2>/dev/null |
	    tr '\n' ' ')" '
		$4 == "WRITE" && $5 == pid {
			split($6, a, ":")
			if (index(inodes, " " a[3] " "))
				found = 1
		}
		END { exit !found }' /proc/locks
}
count() {
	sql "SELECT count(*) FROM artifact WHERE state IN ($1)"
}
# while_held SCRIPT EACH: SCRIPT is stopped at each step, or one in MEM_EVERY
# (71), where it does not hold the database; then EACH, which says what was to be.
# Where it holds it, the next but one is tried: delete lets go of it for two
# steps at a time, and a wider stride passed over all of them.
while_held() {
	n=1 times=0
	while rm -rf "$MEM_STORE" && cp -R before "$MEM_STORE" &&
	    held "step:$n:STOP" sh "./$1" && [ -n "$held" ]; do
		if locked; then
			n=$((n + (${MEM_EVERY:-71} > 1 ? 2 : 1)))
			let_go
			continue
		fi
		times=$((times + 1))
		$2 || { echo "$1 step:$n"; kill -9 "$held"; return 1; }
		let_go
		[ "$status" = 0 ] || { echo "$1 step:$n: exit $status"
			cat held.err; return 1; }
		acknowledged held.out || return
		reconciles || return
		n=$((n + ${MEM_EVERY:-71}))
	done
	echo "$1: $times of $n"
	[ "$times" -gt 0 ]
}
before() {
	fresh_store
	"$@"
	mem-artifact list --json >all || :
	rm -rf before
	cp -R "$MEM_STORE" before
}

if ! faults_work || [ ! -e /proc/self/stat ] || [ ! -r /proc/locks ]; then
	skip 'processes that are held' 'the library does not reach these tools'
else
	test_that 'put is held anywhere: reconcile leaves it alone' '
		leaves_alone() {
			on=$(count 1)
			mem-artifact reconcile --scan >got 2>err ||
			    { cat got err; return 1; }
			[ "$(grep -c "\"what\":\"in_flight\"" got)" = "$on" ] &&
			    ! grep "\"what\":\"\(settled\|dropped\|unknown\|lost\)\"" got
		}
		before managed
		while_held put leaves_alone
	'
	test_that 'put is held anywhere: what it puts cannot be deleted yet' '
		cannot() {
			sql "SELECT 1 FROM artifact WHERE state = 1" >on
			[ -s on ] || return 0
			mem-artifact list --status pending --json >ids
			mem-artifact delete - <ids >got 2>err && return 1
			cat err
			[ "$(grep -c artifact_not_ready err)" = "$(wc -l <ids)" ]
		}
		before managed
		while_held put cannot
	'
	test_that 'put is held anywhere, and the same bytes are put besides' '
		besides() {
			mem-artifact put other large small >got 2>err ||
			    { cat err; return 1; }
			acknowledged got
		}
		echo first >first
		with_secret() { managed && mem-artifact put first -q; }
		before with_secret
		while_held put besides
	'
	cat >delete <<-'.'
		exec mem-artifact delete - <all
	.
	test_that 'delete is held anywhere: another one is told, or it is done' '
		twice() {
			mem-artifact delete - <all >got 2>err || :
			cat err
			[ "$(grep -c delete_in_flight err)" = "$(count 5)" ] &&
			    [ "$(count 0)" = 0 ]
		}
		put_some() { managed; sh ./put >out; }
		before put_some
		while_held delete twice
		[ "$(count 6)" = 3 ]
	'
	test_that 'delete is held anywhere: reconcile leaves it alone' '
		left() {
			on=$(count 5)
			mem-artifact reconcile >got 2>err ||
			    { cat got err; return 1; }
			[ "$(grep -c "\"what\":\"in_flight\"" got)" = "$on" ]
		}
		put_some() { managed; sh ./put >out; }
		before put_some
		while_held delete left
	'
	two_keys() {
		managed aes_gcm
		sh ./put >out
		mem-admin key new k2 >/dev/null
	}
	cat >rekey <<-'.'
		exec mem-artifact rekey
	.
	test_that 'rekey is held anywhere: all is read, verified and scanned' '
		reads() {
			mem-artifact verify - <all >got 2>err ||
			    { cat got err; return 1; }
			mem-artifact reconcile --scan >got 2>err ||
			    { cat got err; return 1; }
			! grep "\"what\":\"\(settled\|lost\|unknown\)\"" got
		}
		before two_keys
		while_held rekey reads
		[ "$(sql "SELECT count(*) FROM artifact
		    WHERE json_extract(codec, \"\$.key_id\") = \"k2\"")" = 3 ]
	'
	test_that 'delete is held anywhere: rekey passes over what goes' '
		passes() {
			mem-artifact rekey -q >got 2>err || [ $? -eq 3 ] ||
			    { cat err; return 1; }
			rows_whole
		}
		before two_keys
		while_held delete passes
	'
	test_that 'reconcile is held anywhere, and another one runs' '
		other() {
			mem-artifact reconcile >got 2>err ||
			    { cat got err; return 1; }
			! grep "\"what\":\"trouble\"" got
		}
		cat >reconcile <<-.
			exec mem-artifact reconcile
		.
		wreck() {
			two_keys
			fault step:40:KILL sh ./put || :
			fault step:50:KILL sh ./put || :
			fault step:30:KILL sh ./rekey || :
			mem-artifact list --json >all
			fault step:5:KILL sh ./delete || :
			# where that is depends on how long it took
			n=36
			while [ "$(count 1,5)" -eq 0 ] && [ $n -lt 90 ]; do
				fault step:$n:KILL sh ./put || :
				n=$((n + 2))
			done
			[ "$(count 1,5)" -gt 0 ]
		}
		before wreck
		while_held reconcile other
	'
fi

test_that 'many at once: puts, deletions, rekey, reconcile, verify' '
	fresh_store
	managed aes_gcm
	for i in 1 2 3; do
		{ for n in 1 2 3 4 5 6 7 8; do
			echo "$i $n" | mem-artifact put - --name "$i.$n" ||
			    exit 1
		done >put.$i 2>err.$i; } &
	done
	{ for n in 1 2 3 4 5; do
		mem-admin key new "r$n" -q >/dev/null || exit 1
		mem-artifact rekey -q 2>err.rekey || [ $? -eq 3 ] || exit 1
	done; } &
	for n in 1 2 3 4 5 6; do
		mem-artifact list --json >list.now || :
		head -n 2 list.now >some
		[ ! -s some ] || mem-artifact verify - <some >got 2>err ||
		    [ $? -ne 1 ] || { cat got; exit 1; }
		mem-artifact reconcile --scan >got 2>err || { cat got err; exit 1; }
	done
	wait
	cat err.? err.rekey 2>/dev/null
	[ "$(cat put.? | wc -l)" = 24 ]
	cat put.? >told
	acknowledged told
	mem-artifact rekey -q
	acknowledged told
	reconciles
	mem-admin check
'

# --- two stores, one folder

a=$work/a b=$work/b
in_a() { MEM_STORE=$a "$@"; }
in_b() { MEM_STORE=$b "$@"; }
shared() {
	for s in "$a" "$b"; do
		rm -rf "$s"
		MEM_STORE=$s managed
		MEM_STORE=$s mem-admin config set artifact.localFs.dir \
		    "$work/shared" 2>/dev/null
	done
}
lies() {
	(cd shared && find . -type f -path '*/s/*' -exec sha256sum {} + |
	    LC_ALL=C sort)
}
test_that 'two stores, one folder: nothing of the other is touched' '
	shared
	in_a mem-artifact put small large -q
	in_b mem-artifact put small other -q
	lies >was
	[ "$(wc -l <was)" = 4 ]
	for s in "$a" "$b"; do
		MEM_STORE=$s mem-artifact reconcile --scan >got
		cat got
		[ "$(grep -c "\"what\":\"unknown\"" got)" = 2 ]
		MEM_STORE=$s mem-artifact reconcile >got
		! grep "\"what\"" got
	done
	lies | cmp - was
'
test_that 'one of them died at it, the other one does not mend it' '
	fault step:60:KILL in_a mem-artifact put other || :
	lies >was
	in_b mem-artifact reconcile --scan --adopt >got
	lies | cmp - was
	in_a mem-artifact reconcile >got
	in_a nothing_to_do
'
test_that 'one is a copy that is behind: it touches nothing that came since' '
	rm -rf shared
	shared
	in_a mem-artifact put small -q
	rm -rf "$b"
	cp -R "$a" "$b"
	in_a mem-artifact put large other -q
	lies >was
	in_b mem-artifact reconcile --scan >got
	[ "$(grep -c "\"what\":\"unknown\"" got)" = 2 ]
	lies | cmp - was
	in_b mem-artifact put large >new
	[ "$(lies | wc -l)" = 4 ]
	in_b mem-artifact delete "$(ids new)" -q
	lies | cmp - was
'
test_done
