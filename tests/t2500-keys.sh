#!/bin/sh
# mem-admin key: keys are made, retired, carried to other stores; and their
# bytes are in no output, no message, no log and no argument.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

ring=$MEM_STORE/keys/ring
mem-admin init >setup.out
(
	umask 077
	echo 'seven words that only one has' >phrase
	echo 'seven words that nobody has!' >other-phrase
)

# ids [STORE]: "id state" of each key
ids() {
	mem-admin key list --store "${1:-$MEM_STORE}" >listed || return
	sed 's/.*"key_id":"\([^"]*\)","state":"\([a-z]*\)".*/\1 \2/' listed
}

# secrets RING...: what stands in rings in base64url, one a line
secrets() {
	sed -n 's/^secret //p; s/^key .* //p' "$@"
}

# bytes WORD: those of such a line
bytes() {
	printf '%s=' "$1" | tr '_-' '/+' | base64 -d
}

# as_lines RING: its keys as core.keyFile has them, f1, f2, ...
as_lines() {
	secrets "$1" | awk 'NR > 1 { print "f" NR - 1 ":" $0 }'
}

# ---- new, list, retire ----

test_that 'a store without keys has none, and makes no folder' '
	exits 1 mem-admin key list
	[ ! -e "$MEM_STORE/keys" ]
	exits 2 mem-admin key export --plain no 2>err
	grep "no keys of its own" err
	exits 2 mem-admin key new --store nowhere 2>err
	[ ! -e nowhere ]
'
test_that 'a new key is active, the one before it is retired' '
	mem-admin key new one >out
	[ "$(jl state <out)" = active ]
	[ "$(jl key_id <out)" = one ]
	mem-admin key new two
	printf "one retired\ntwo active\n" >want
	ids | diff want -
	mem-admin key list --text >out
	cat out
	grep "^retired .* one  store$" out
'
test_that 'without an id one is made' '
	mem-admin key new >out
	jl key_id <out | grep -E "^[0-9A-Z]{26}$"
	mem-admin key retire "$(jl key_id <out)" 2>err
	grep "no key is active now" err
	mem-admin key new four
'
test_that 'an id that is taken, or none is, is refused' '
	cp "$ring" before
	exits 2 mem-admin key new one 2>err
	grep "there is a key .one." err
	for id in "" -- ../x "a b" "a:b" "$(printf %065d 1)"; do
		exits 2 mem-admin key new -- "$id" 2>err || exits 64 mem-admin key new -- "$id" 2>err
	done
	exits 2 mem-admin key retire none 2>err
	grep "no key .none." err
	exits 64 mem-admin key retire
	exits 64 mem-admin key list one
	cmp before "$ring"
'
test_that 'a retired key stays, and can be retired again' '
	mem-admin key retire two >out
	mem-admin key retire two | cmp out -
	[ "$(secrets "$ring" | wc -l)" -eq 5 ]
	[ "$(secrets "$ring" | sort -u | wc -l)" -eq 5 ]
'
test_that 'ring and folder are closed to others, and refused if they are not' '
	[ "$(stat -c %a "$ring" "$MEM_STORE/keys" | xargs)" = "600 700" ]
	chmod 644 "$ring"
	for c in list "new x" "retire one" "export --plain no"; do
		# shellcheck disable=SC2086 # a list of words
		exits 2 mem-admin key $c >out 2>err
		grep "chmod go=" err
		[ ! -s out ]
	done
	chmod 600 "$ring"
	chmod 711 "$MEM_STORE/keys"
	exits 2 mem-admin key list 2>err
	chmod 700 "$MEM_STORE/keys"
	mv "$ring" moved
	ln -s "$PWD/moved" "$ring"
	exits 2 mem-admin key list 2>err
	grep "symbolic link" err
	exits 2 mem-admin key new x
	[ -L "$ring" ]
	mv moved "$ring"
	ids
'
test_that 'a ring that is damaged is not written over' '
	cp "$ring" before
	head -n 3 before >"$ring"
	cp "$ring" damaged
	exits 2 mem-admin key new x 2>err
	grep "cut off" err
	cmp damaged "$ring"
	cp before "$ring"
'
test_that 'two who make keys at once lose none' '
	mem-admin init --store many >out
	for i in 1 2 3 4 5 6 7 8; do
		mem-admin key new "k$i" --store many >/dev/null &
	done
	wait
	[ "$(ids many | sort | cut -d" " -f1 | xargs)" = "k1 k2 k3 k4 k5 k6 k7 k8" ]
	[ "$(ids many | grep -c active)" -eq 1 ]
	mem-admin audit --store many --action key_new | jl object | sort >got
	[ "$(wc -l <got)" -eq 8 ]
	mem-admin audit verify --store many
'

# ---- export, import ----

test_that 'an export is sealed, and brings all keys to another store' '
	mem-admin key export --pass-file phrase sealed >out
	[ "$(jl sealed <out)" = true ]
	[ "$(jl keys <out)" = 4 ]
	[ "$(stat -c %a sealed)" = 600 ]
	mem-admin init --store far
	mem-admin key import --dry-run --pass-file phrase sealed --store far >out
	[ "$(jl added <out)" = 4 ]
	[ ! -e far/keys/ring ]
	mem-admin key import --pass-command "cat phrase" sealed --store far >out
	[ "$(jl added <out)" = 4 ]
	[ "$(jl secret <out)" = added ]
	cmp "$ring" far/keys/ring
	mem-admin key import --pass-file phrase - --store far <sealed >out
	[ "$(jl same <out)" = 4 ]
	[ "$(jl secret <out)" = same ]
	cmp "$ring" far/keys/ring
'
# Sealed as quickly as the form allows: scrypt takes a third of a second, else.
cp "$tests/fuzz/corpus/keyring/sealed" foreign
(umask 077; printf 'a passphrase' >theirs)
test_that 'the wrong passphrase, or a byte altered, opens nothing' '
	exits 2 mem-admin key import --pass-file other-phrase sealed 2>err
	grep "sealed. does not open" err
	sed "5s/^A/B/;t;5s/^./A/" foreign >altered
	exits 1 cmp -s foreign altered
	exits 2 mem-admin key import --pass-file theirs altered 2>err
	grep "altered. does not open" err
	sed "3s/.$//" sealed >altered
	exits 2 mem-admin key import --pass-file phrase altered 2>err
	grep "no export of keys" err
'
test_that 'an export that is not ours is read: made by Python' '
	mem-admin init --store other
	mem-admin key import --pass-file theirs foreign --store other >out
	[ "$(jl added <out)" = 2 ]
	printf "one retired\ntwo active\n" >want
	ids other | diff want -
'
test_that 'a passphrase is of a closed file, a command, or the terminal' '
	chmod 644 phrase
	exits 2 mem-admin key export --pass-file phrase no 2>err
	chmod 600 phrase
	grep "chmod go=" err
	exits 64 mem-admin key export --pass-file phrase --pass-command true no
	exits 75 mem-admin key export --pass-command "exit 1" no
	exits 2 mem-admin key export --pass-command true no 2>err
	grep "passphrase is empty" err
	exits 2 mem-admin key export --pass-command "echo 1234567" no 2>err
	grep "fewer than 8" err
	exits 2 mem-admin key export --pass-command "echo a; echo b" no
	exits 2 mem-admin key export --pass-command "printf %02000d 1" no
	if command -v setsid >/dev/null; then
		exits 64 setsid mem-admin key export no 2>err
		grep "no terminal" err
	fi
	[ ! -e no ]
'
if can_have_terminal; then
	# typed COMMAND LINE...: as on a terminal of its own, each when it is
	# asked for; what is to be seen there is in out
	# shellcheck disable=SC2094	# it is looked at while it grows
	typed() {
		what=$1 asked=0
		shift
		: >out
		for l; do
			asked=$((asked + 1)) tries=0
			until [ "$(grep -o "passphrase.*:" out | wc -l)" -ge $asked ] ||
			    [ $tries -gt 200 ]; do
				tries=$((tries + 1))
				sleep 0.05
			done
			printf '%s\n' "$l"
		done | script -qec "$what" /dev/null >>out
	}
	# each passphrase takes half a second: long-25-keys
	more &&
	test_that 'at the terminal it is asked for twice, and never shown' '
		typed "mem-admin key export asked --json" \
		    "typed by hand" "typed by hand"
		cat out
		grep "passphrase again:" out
		exits 1 grep "typed by hand" out
		mem-admin key import --pass-command "echo typed by hand" asked >out
		[ "$(jl same <out)" = 4 ]
		typed "mem-admin key export differ" "typed by hand" \
		    "typed by foot" || :
		grep "differ" out
		[ ! -e differ ]
		typed "mem-admin key import asked --json" "typed by hand"
		grep "\"same\":4" out
		exits 1 grep "again" out
	'
	test_that 'keys in clear go to no terminal' '
		script -qec "mem-admin key export --plain -" /dev/null >out </dev/null || :
		cat out
		grep "not for a terminal" out
		exits 1 grep "memkit-keys" out
	'
else
	skip 'the terminal' 'no pseudo-terminals here'
fi
test_that 'in clear they go into a closed file, or a pipe' '
	mem-admin key export --plain plain >out
	[ "$(jl sealed <out)" = false ]
	[ "$(stat -c %a plain)" = 600 ]
	cmp plain "$ring"
	mem-admin key export --plain - | cmp - "$ring"
	(umask 022; exits 2 mem-admin key export --plain - >open 2>err)
	[ ! -s open ]
	grep "open to others" err
	(umask 077; mem-admin key export --plain >closed)
	cmp closed "$ring"
'
test_that 'what is there is not written over, by an export' '
	cp plain before
	exits 2 mem-admin key export --plain plain 2>err
	exits 2 mem-admin key export --pass-file phrase plain 2>err
	grep "name another file" err
	cmp before plain
	: >target
	ln -s target link
	exits 2 mem-admin key export --plain link
	[ ! -s target ]
'
test_that 'keys in clear are read from a closed file only' '
	cp plain open
	chmod 640 open
	exits 2 mem-admin key import open --store far 2>err
	grep "chmod go=" err
	mem-admin key import - --store far <plain
	exits 2 mem-admin key import - --store far <open
	exits 2 mem-admin key import none --store far
'
test_that 'another key of the same id is refused, with all beside it' '
	mem-admin init --store third
	mem-admin key new four --store third
	cp third/keys/ring before
	exits 2 mem-admin key import plain --store third 2>err
	grep "key .four. is another one" err
	cmp before third/keys/ring
	exits 1 mem-admin audit --action key_import --store third
'
test_that 'another secret stays what it is: exit 3' '
	mem-admin init --store third2
	mem-admin key new five --store third2
	grep secret third2/keys/ring >before
	exits 3 mem-admin key import plain --store third2 >out 2>err
	[ "$(jl secret <out)" = kept ]
	grep "a secret of its own" err
	grep secret third2/keys/ring | cmp - before
	[ "$(ids third2 | grep -c active)" -eq 1 ]
	ids third2 | grep "five active"
'
test_that 'lines ID:KEY are imported, too' '
	mem-admin init --store lines
	{ echo "# from elsewhere"; echo "x1:$(secrets plain | tail -n 1)"; } |
	    mem-admin key import - --store lines >out
	[ "$(jl added <out)" = 1 ]
	[ "$(jl secret <out)" = none ]
	ids lines | grep "x1 active"
	exits 2 mem-admin key import - --store lines </dev/null
'
test_that 'each of it has a row in the audit log' '
	mem-admin audit >log
	for a in key_new key_retire key_export; do
		grep "\"action\":\"$a\"" log
	done
	mem-admin audit --action key_export | grep "in clear"
	mem-admin audit --action key_import --store far >log
	[ "$(wc -l <log)" -eq 1 ]
	grep "one two" log
'
test_that 'a backup takes keys only where they are asked for' '
	mem-admin backup without.tar
	tar -tf without.tar | exits 1 grep keys
	mem-admin backup with.tar --with-keys
	mem-admin restore with.tar --store restored --with-keys
	cmp restored/keys/ring "$ring"
	[ "$(ids)" = "$(ids restored)" ]
	tar -tf with.tar | exits 1 grep lock
'

# ---- kept elsewhere ----

test_that 'core.keyFile: keys of a file, of which the first is active' '
	mem-admin init --store else
	mem-admin key new own --store else
	(umask 077; as_lines plain >file)
	mem-admin config set core.keyFile file --store else
	[ "$(mem-admin config get core.keyFile --store else)" = "$PWD/file" ]
	ids else >got
	cat got
	grep "own retired" got
	[ "$(grep -c active got)" -eq 1 ]
	mem-admin key list --store else | grep "\"source\":\"file\""
	exits 64 mem-admin key new x --store else 2>err
	grep core.keyFile err
	mem-admin config set core.activeKey own --store else
	ids else | grep "own active"
	mem-admin config set core.activeKey none --store else
	exits 2 mem-admin key list --store else 2>err
	grep "core.activeKey names .none." err
	exits 2 mem-admin config set core.activeKey "a b" --store else
	mem-admin config unset core.activeKey --store else
	chmod 604 file
	exits 2 mem-admin key list --store else 2>err
	chmod 600 file
	grep "core.keyFile" err
'
test_that 'core.keyCommand: keys of a command, and what it says is not told' '
	mem-admin config unset core.keyFile --store else
	mem-admin config set core.keyCommand "cat $PWD/file" --store else
	mem-admin key list --store else | grep "\"source\":\"command\""
	mem-admin config set core.keyCommand "cat $PWD/file; false" --store else
	exits 75 mem-admin key list --store else 2>err
	mem-admin config set core.keyCommand "sed s/:/=/ $PWD/file" --store else
	exits 2 mem-admin key list --store else 2>>err
	secrets plain >bytes.txt
	exits 1 grep -F -f bytes.txt err
'

# ---- nothing of a key ----

# everything that a call puts out, into all.out
quiet_calls() {
	: >all.out
	mem-admin init --store q
	for c in "new q1" "new q2" "list" "list --text" "list -v" "retire q1" \
	    "new q1" "retire nobody" "export --plain q.plain" \
	    "export --pass-file phrase q.sealed" "export --plain q.plain" \
	    "import q.plain" "import q.plain -v --text" \
	    "import --pass-file phrase q.sealed" \
	    "import --pass-file other-phrase q.sealed"; do
		# shellcheck disable=SC2086 # a list of words
		mem-admin key $c --store q >>all.out 2>&1 || :
	done
	# what is not of the form
	sed "s/key q1/kex q1/" q.plain >q.bad1
	sed "s/ retired / retired  /" q.plain >q.bad2
	sed "s/^secret /secret_/" q.plain >q.bad3
	sed "s/\$/x/" q.plain >q.bad4
	sed -n "s/^key [^ ]* [^ ]* [^ ]* //p" q.plain >q.bad5
	sed -n "s/^key \([^ ]*\) [^ ]* [^ ]* \(.*\)/\2:\1/p" q.plain >q.bad6
	sed "s/^key q1 /key q2 /" q.plain >q.bad7
	for f in q.bad?; do
		chmod 600 "$f"
		mem-admin key import "$f" --store q >>all.out 2>&1 && return 1
		cp q/keys/ring q.ring
		cp "$f" q/keys/ring
		mem-admin key list --store q >>all.out 2>&1 && return 1
		cp q.ring q/keys/ring
	done
	for c in audit stats check "config list"; do
		# shellcheck disable=SC2086 # a word, or two
		mem-admin $c --store q >>all.out
	done
}

# found FILE...: a key's bytes, as they are, in hex or in base64
found() {
	secrets q/keys/ring >words
	while read -r w; do
		bytes "$w" | od -An -v -tx1 | tr -d ' \n'
		echo
		bytes "$w" | base64 | cut -c1-42
		echo "$w" | cut -c1-20
		echo "$w" | cut -c22-41
	done <words >needles
	cat words >>needles
	cat phrase other-phrase >>needles
	[ "$(wc -l <needles)" -ge 15 ]
	grep -F -i -f needles "$@" && return 0
	while read -r w; do
		bytes "$w" | perl -0777 -e '$k = <STDIN>; for (@ARGV) {
			open F, "<", $_; binmode F; local $/; $t = <F>;
			exit 7 if index($t, $k) >= 0 }' "$@" || return 0
	done <words
	return 1
}

test_that 'no byte of a key is in any output, message or log' '
	quiet_calls
	[ "$(wc -l <all.out)" -gt 30 ]
	cat q/tenants/default/memory.db* >database
	exits 1 found all.out database
	# the test sees one where there is one
	found q.plain
	bytes "$(secrets q/keys/ring | head -n 1)" >raw
	found raw >/dev/null
'
if command -v strace >/dev/null && strace -o /dev/null true 2>/dev/null; then
	test_that 'nor in an argument or the environment of a program' '
		export ASAN_OPTIONS=detect_leaks=0	# it cannot be traced
		strace -f -v -s 4096 -e trace=execve,open,openat -o calls \
		    env OPENSSL_CONF=evil.cnf \
		    mem-admin key import --pass-command "cat phrase" q.sealed --store q
		grep execve calls >execs
		grep "\"cat phrase\"" execs
		exits 1 found execs
	'
	test_that 'nor is openssl.cnf read, which could load a library' '
		grep "open.*\"phrase\"" calls
		grep "open" calls | grep -v "execve(" >opens
		exits 1 grep -E "openssl.cnf|evil.cnf|ossl-modules" opens
	'
else
	skip 'arguments' 'no strace here'
fi
if faults_work; then
	test_that 'a write that fails leaves the ring as it was, or changes it' '
		n=1
		while cp q/keys/ring q.ring && fault "write:$n" mem-admin \
		    key new "f$n" --store q; do
			mem-admin key list --store q >listed
			if cmp -s q.ring q/keys/ring; then
				[ "$status" -ne 0 ]
			else
				grep "\"f$n\"" listed
			fi
			[ -z "$(ls q/keys/.tmp-* 2>/dev/null)" ]
			n=$((n + 1))
		done
		[ "$n" -gt 3 ]
		mem-admin audit verify --store q
		exits 1 found out err
	'
else
	skip 'faults' 'they do not reach the tools here'
fi
test_done
