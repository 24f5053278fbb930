# shellcheck shell=sh disable=SC2154
# What holds of every remote; sourced by the tests of one that is set up as
# `main`, and empty.  RACE: keys that two processes fight for; MANY: objects
# that are put at once.

rem() {
	"$obj/helper/remote" main "$@"
}
sum() {
	sha256sum <"$1" | cut -d" " -f1
}
RACE=${RACE:-1000} MANY=${MANY:-1100}

test_that 'what is put comes back, and is compared' '
	head -c 50000 /dev/urandom >f
	rem put a/b/c f | grep -x made
	rem get a/b/c g "$(sum f)" >out
	cmp f g
	grep -x "size 50000" out
	rem verify a/b/c "$(sum f)"
	rem verify a/b/c
	rem head a/b/c >out
	cat out
	grep -x "size 50000" out
	now=$(date +%s)
	m=$(sed -n "s/^modified //p" out)
	[ $((m / 1000)) -ge $((now - 100)) ]
	[ $((m / 1000)) -le $((now + 100)) ]
'
test_that 'another SHA-256 than the one that was asked for: refused' '
	exits 2 rem verify a/b/c "$(printf x | sha256sum | cut -d" " -f1)" 2>err
	cat err
	grep "a/b/c.: .*it is not what\|a/b/c. is not what" err
'
test_that 'nothing, and one byte' '
	: >empty
	printf x >one
	rem put empty empty
	rem put one1 one
	rem get empty g "$(sum empty)"
	cmp empty g
	rem get one1 g "$(sum one)"
	cmp one g
	rem new empty2 empty | grep -x made
'
test_that 'a part of it' '
	rem part a/b/c g 100 50 >out
	tail -c +101 f | head -c 50 | cmp - g
	grep -x "size 50000" out
	rem part a/b/c g 49990 0
	tail -c 10 f | cmp - g
	rem part a/b/c g 49990 1000
	tail -c 10 f | cmp - g
	exits 2 rem part a/b/c g 50000 1
	exits 2 rem part a/b/c g 90000 0
'
test_that 'what is not there: absent' '
	exits 3 rem get nothing g 2>err
	exits 3 rem head nothing 2>err
	exits 3 rem verify a/b/nothing 2>err
	exits 3 rem verify no/such/folder 2>err
	cat err
	grep "no/such/folder" err
	rem list no/such/folder/ >out
	[ ! -s out ]
'
test_that 'once: the first stays, and each is told' '
	rem new once/a one | grep -x made
	exits 4 rem new once/a f >out 2>err
	grep -x there out
	grep "it is there already" err
	rem verify once/a "$(sum one)"
	rem new once/a one >out
	grep -x "there\|unsure" out
	exits 4 rem new a/b/c one >out 2>err
'
test_that 'otherwise the later one stays' '
	rem put over one
	rem put over f | grep -x made
	rem verify over "$(sum f)"
	rem put over one
	rem verify over "$(sum one)"
'
test_that 'keys that are none are refused before anything is done' '
	long=$(printf %0300d 0)
	for k in "" / /a a/ a//b . .. a/./b a/../b "$long" A "a/B" "a b" "a+b" \
	    "ü" "a." "a/b./c" .tmp-1 a/.tmp-x/b "$(printf "a\001")"; do
		exits 1 rem put "$k" one 2>err
		grep "is no key" err
		exits 1 rem get "$k" g 2>err
		exits 1 rem delete once/a "$k" 2>err
	done
	for k in a /a/ a//b/ ../; do
		exits 1 rem list "$k" 2>err
	done
	rem verify once/a
'
test_that 'a listing is in the order of bytes, from any key on' '
	printf "o/%s\n" a-b a.b a/b a/b-c a/b.c/d a/b0 a0 a%2fb \
	    b/.memkit/x z_z | LC_ALL=C sort >keys
	while read -r k; do
		rem put "$k" one >/dev/null
	done <keys
	rem list o/ | cut -d" " -f2- >got
	cat got
	cmp keys got
	rem list o/ | cut -d" " -f1 | sort -u | grep -x 1
	n=1
	while read -r k; do
		n=$((n + 1))
		rem list o/ "$k" | cut -d" " -f2- >got
		tail -n +$n keys >want
		cmp want got
	done <keys
	rem list o/ o/a/b/c | cut -d" " -f2- >got
	LC_ALL=C awk "\$0 > \"o/a/b/c\"" keys >want
	cmp want got
	rem list o/a/ | cut -d" " -f2- >got
	grep "^o/a/" keys | cmp - got
	rem list >got
	grep " a/b/c$" got
'
test_that 'deleting one, several, what is not there, and nothing' '
	rem delete o/a-b o/a-b
	rem delete o/a-b
	exits 3 rem head o/a-b
	rem delete
	rem list o/ | cut -d" " -f2- | xargs "$obj/helper/remote" main delete \
	    o/none none/none
	rem list o/ >out
	[ ! -s out ]
	rem put o/a one
	rem verify o/a
	rem delete o/a
'
test_that 'many at once, more than a page of them' '
	mkdir -p many
	[ -e many/f1 ] || for i in $(seq $MANY); do
		echo "$i" >many/f$i
	done
	rem push many many/
	rem list many/ | cut -d" " -f2- >got
	[ "$(wc -l <got)" -eq $MANY ]
	LC_ALL=C sort -c got
	rem verify many/f77 "$(sum many/f77)"
	xargs "$obj/helper/remote" main delete <got
	rem list many/ >got
	[ ! -s got ]
'
test_that "two put $RACE keys once: one wins each" '
	"$obj/helper/remote" main race first $RACE race/ >first &
	p=$!
	rem race second $RACE race/ >second
	wait $p
	cut -d" " -f1 first second | sort | uniq -c
	[ "$(cat first second | wc -l)" -eq $((2 * RACE)) ]
	exits 1 grep -v "^made\|^there" first second
	cat first second | grep -c "^made " | grep -x "$RACE"
	cat first second | sed -n "s/^made //p" | sort | uniq -d >twice
	[ ! -s twice ]
	for who in first second; do
		printf $who >w
		grep "^made" $who | tail -n 3 | while read -r _ k; do
			rem verify "$k" "$(sum w)" || exit 1
		done
	done
	rem list race/ | cut -d" " -f2- | xargs "$obj/helper/remote" main delete
'
test_that 'who reads while it is replaced gets one or the other, whole' '
	head -c 400000 /dev/zero >A
	tr "\0" x <A >B
	rem put swap A
	(for i in $(seq 20); do
		rem put swap B
		rem put swap A
	done) >/dev/null &
	p=$!
	n=0
	while kill -0 $p 2>/dev/null; do
		rc=0
		rem get swap g 2>err || rc=$?
		case $rc in
		0) cmp A g >/dev/null || cmp B g; n=$((n + 1)) ;;
		5|8) ;;		# it changed: asked again
		*) cat err; exit 1 ;;
		esac
	done
	wait $p
	echo "$n reads"
	[ $n -gt 3 ]
'
test_that 'a large one' '
	head -c 40000000 /dev/urandom >large
	rem put large/a large | grep -x made
	rem get large/a g "$(sum large)"
	cmp large g
	rem delete large/a
	rm -f g
'
test_that 'a writer that is killed leaves nothing that can be seen' '
	mem-admin config set remote.main.limit 400k
	for t in 0.1 0.3 0.6 1; do
		"$obj/helper/remote" main put killed/a A &
		p=$!
		sleep $t
		kill -9 $p 2>/dev/null || :
		wait $p || :
		rc=0
		rem head killed/a >/dev/null 2>&1 || rc=$?
		case $rc in
		0) rem verify killed/a "$(sum A)"; rem delete killed/a ;;
		3) rem list killed/ >out; [ ! -s out ] ;;
		*) exit 1 ;;
		esac
	done
	mem-admin config unset remote.main.limit
	rem sweep killed/ 0 >out
	cat out
	rem list killed/ >out
	[ ! -s out ]
'
test_that 'a limit holds, both ways' '
	mem-admin config set remote.main.limit 200k
	start=$(date +%s%N)
	rem put slow/a A
	ms=$((($(date +%s%N) - start) / 1000000))
	echo "put: $ms ms"
	[ $ms -ge 1600 ]
	start=$(date +%s%N)
	rem get slow/a g
	ms=$((($(date +%s%N) - start) / 1000000))
	echo "get: $ms ms"
	[ $ms -ge 1600 ]
	cmp A g
	mem-admin config unset remote.main.limit
'
