#!/bin/sh
# mem-artifact is killed between any two steps of what it does on the local
# disk: then reconcile settles it, once, into a state that can be; what was
# acknowledged is there, nothing else is left.  Here it is some of the steps, with
# MEM_EVERY=N one in N; tests/long-61-artifact-kill.sh takes all.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-artifact.sh"

if ! faults_work; then
	skip 'kills' 'the library does not reach these tools'
	test_done
	exit
fi

echo small >small
echo other >other
cp small twin
cp other other.twin
head -c 200000 /dev/urandom >large
cp large large.twin


# Only the tool is hit: no other program of these lines changes anything.
cat >put-small <<'.'
exec mem-artifact put small --session s
.
cat >put-large <<'.'
exec mem-artifact put large
.
cat >put-stream <<'.'
exec mem-artifact put - --name x <large
.
printf '%s\n' small twin large other large.twin other.twin >names
cat >put-batch <<'.'
exec mem-artifact put --batch <names
.
cat >delete <<'.'
exec mem-artifact delete - <all
.
cat >rekey <<'.'
exec mem-artifact rekey
.
cat >rekey-seal <<'.'
exec mem-artifact rekey --seal
.
cat >reconcile <<'.'
exec mem-artifact reconcile
.

# before COMMAND...: the store that is tried, from what these make
before() {
	fresh_store
	"$@"
	mem-artifact list --json >all || :
	rm -rf before
	cp -R "$MEM_STORE" before
}
some() {
	managed "$@"
	mem-artifact put small large --session s -q
}
twins() {
	managed
	mem-artifact put small twin other -q
}
two_keys() {
	some aes_gcm
	mem-admin key new k2 >/dev/null
}
# what lies in clear, one of it twice, is to be sealed
to_seal() {
	managed
	mem-artifact put small twin large -q
	mem-admin key new k2 >/dev/null
	mem-admin config set artifact.codec aes_gcm
}
# all that a kill can leave, in one store
wreck() {
	two_keys
	for script in put-batch rekey delete; do
		mem-artifact list --json >all
		n=1
		while fault "step:$n:KILL" sh "./$script"; do
			n=$((n + 1 + ${MEM_EVERY:-29} / 2))
		done
		[ "$script" = delete ] ||
		    mem-artifact put small large other -q
	done
	mem-admin key new k3 >/dev/null
	mem-artifact put other -q
	for n in 30 35 40 45 50; do
		fault "step:$n:KILL" sh ./put-batch || :
		fault "step:$n:KILL" sh ./rekey || :
		mem-artifact put small -q
		mem-artifact list --reverse -n 1 --json >all
		fault "step:$((n / 5 + 2)):KILL" sh ./delete || :
	done
	sql "SELECT state, count(*) FROM artifact GROUP BY state;
	    SELECT 'journal', count(*) FROM artifact_byte"
}

test_that 'put of a small file' '
	before managed && each_step step :KILL 1 put-small'
test_that 'put of a large one' '
	before managed && each_step step :KILL 1 put-large'
test_that 'put of a stream' '
	before managed && each_step step :KILL 1 put-stream'
test_that 'put of many, with twins among them and before' '
	before some && each_step step :KILL 2 put-batch'
test_that 'sealed: put of a small file, a large one, a stream' '
	before managed aes_gcm
	each_step step :KILL 2 put-small
	each_step step :KILL 2 put-large
	each_step step :KILL 2 put-stream'
test_that 'sealed: put of many' '
	before some aes_gcm && each_step step :KILL 3 put-batch'
test_that 'delete' 'before some && each_step step :KILL 1 delete'
test_that 'delete of twins' 'before twins && each_step step :KILL 1 delete'
test_that 'rekey' 'before two_keys && each_step step :KILL 2 rekey'
test_that 'rekey that seals twins' '
	before to_seal && each_step step :KILL 2 rekey-seal'
test_that 'reconcile of all that a kill can leave' '
	before wreck && each_step step :KILL 3 reconcile'
test_done
