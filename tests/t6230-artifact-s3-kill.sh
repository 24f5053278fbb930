#!/bin/sh
# mem-artifact, or the program that it asks, is killed while it puts to S3,
# deletes or seals anew, at each request: what is still on its way is left alone
# for as long as somebody is at it; then reconcile settles it, and rows and
# objects are each other's.  With MEM_EVERY=N it is one in N of the cases; here
# some, and tests/long-61-artifact-s3-kill.sh takes all.
. "${0%/*}/lib.sh"
left_to long-61-artifact-s3-kill
. "$tests/lib-s3.sh"
. "$tests/lib-artifact.sh"
command -v python3 >/dev/null || { skip 'S3' 'no python3 here'; test_done; exit; }
every=${MEM_EVERY:-13}
bucket=bucket at=$work/at
s3_fake

echo small >small
echo other >other
head -c 3000000 /dev/urandom >large

# at_s3 [CODEC]: a store whose artifacts go there, to a place of its own
at_s3() {
	managed "$@"
	echo >>"$work/stores"
	stores=$(wc -l <"$work/stores")
	mem-admin config set artifact.provider s3
	cat >>"$MEM_STORE/config" <<-EOF
	[artifact]
		prefix = p$stores
	[artifact "s3"]
		url = s3://$bucket
		endpoint = $endpoint
		timeout = 20
	EOF
}
# programs_of PID: what it asks, if that is there; one that reads is another
programs_of() {
	ps -o pid= -o comm= --ppid "$1" |
	    sed -n 's/ *\([0-9]*\) blob-s3.*/\1/p' | tr '\n' ' '
}
gone() {
	i=0
	for one; do
		while kill -0 "$one" 2>/dev/null; do
			i=$((i + 1))
			[ $i -lt 400 ] || { echo "$one does not end"; return 1; }
			sleep 0.05
		done
	done
}
# alive PID...: all of them are there, and at work
alive() {
	for one; do
		ps -o stat= -p "$one" | grep -q '^[^Z]' || return
	done
}
# held N FAULT WORD...: that call of mem-artifact up to its n-th request, which
# is held before it is done, or after it; false if it has fewer
held() {
	n=$1 fault=$2
	shift 2
	rm -f "$at"
	i=1
	while [ "$i" -lt "$n" ]; do
		echo ok
		i=$((i + 1))
	done >script
	echo "$fault $at" >>script
	mem-artifact "$@" >out 2>err &
	p=$!
	until [ -e "$at" ]; do
		if ! kill -0 $p 2>/dev/null; then
			: >script
			wait "$p" || { cat err; : >failed; }
			return 1
		fi
		sleep 0.01
	done
	programs=$(programs_of $p)
	[ -n "$programs" ]
}
on_its_way() {
	sql "SELECT count(*) FROM artifact WHERE state IN (1, 5)"
}
# For as long as the program is there, which looks each second whether somebody
# waits for it, it has what it puts.
kill_tool() {
	kill -KILL "$p"
	wait "$p" || :
	on=$(on_its_way)
	mem-artifact reconcile >first 2>err || { cat first err; return 1; }
	# shellcheck disable=SC2086
	if alive $programs; then
		[ "$(grep -c '"what":"in_flight"' first)" -ge "$on" ] ||
		    { cat first; return 1; }
		! grep '"what":"\(settled\|dropped\|trouble\)"' first || return
		[ "$on" -eq 0 ] || echo "$n" >>"$work/alone"
	fi
	rm -f "$at"
	# shellcheck disable=SC2086
	gone $programs
}
kill_program() {
	# shellcheck disable=SC2086
	kill -KILL $programs
	rm -f "$at"
	status=0
	wait "$p" || status=$?
	[ "$status" = 0 ] || [ -s err ]
}
# in_bucket: keys of what is there
in_bucket() {
	"${MEM_BIN:-$top/bin}/../libexec/memkit/blob-s3" --store "$MEM_STORE" \
	    --list "p$stores/" >listed || return
	jl key <listed | LC_ALL=C sort
}
# settled: once, and all is as it should be
settled() {
	mem-artifact reconcile >first 2>err || { cat first err; return 1; }
	nothing_to_do && nothing_to_do --scan || return
	sql "SELECT 'state', id, state FROM (SELECT hex(id) AS id, state
		FROM artifact WHERE state NOT IN (0, 6, 8));
	    SELECT 'journal', object FROM artifact_byte" >left
	[ ! -s left ] || { cat left; return 1; }
	sql "SELECT object FROM artifact WHERE state = 0" | LC_ALL=C sort >wanted
	in_bucket | diff wanted - || return
	mem-artifact list --json >now || return 0
	mem-artifact verify - -q <now
}
# each_request SET-UP WORD...: of that call, each is the one at which one dies
each_request() {
	setup=$1 found=0
	shift
	for fault in hold held; do
		for who in tool program; do
			turn || continue
			n=1
			while fresh_store && $setup && again "$@"; do
				found=$((found + 1))
				n=$((n + every))
			done
			[ ! -e failed ] || return 1
		done
	done
	echo "$found cases"
	[ "$found" -gt 0 ]
}
again() {
	words=$*
	# shellcheck disable=SC2086
	[ "$words" != 'delete all' ] || words="delete $(ids all | tr '\n' ' ')"
	# shellcheck disable=SC2086
	held $n $fault $words || return
	# the store does what was sent to it, whoever died
	"kill_$who" && sleep 0.2 && settled && acknowledged out && return
	echo "$* $who $fault $n"
	: >failed
	return 1
}
some() {
	at_s3 "$@"
	mem-artifact put small other >out
	mem-artifact list --json >all
}
two_keys() {
	some aes_gcm
	mem-admin key new k2 >/dev/null
}

test_that 'put' 'each_request at_s3 put small other'
test_that 'put of a large one' 'each_request at_s3 put large'
sealed() { at_s3 aes_gcm; }
test_that 'put, sealed' 'each_request sealed put small large'
test_that 'delete' 'each_request some delete all'
test_that 'rekey' 'each_request two_keys rekey'
test_that 'a program that was left alone was seen at work' '[ -s "$work/alone" ]'
s3_stop
test_done
