#!/bin/sh
# mem-admin audit verify: what was done to the log, and what checkpoints show
# that were kept elsewhere.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

command -v sqlite3 >/dev/null || {
	skip 'what was done to the log is found' 'no sqlite3'
	test_done
	exit
}

# changed SQL: a copy of the store, to which this was done
changed() {
	rm -rf copy
	cp -R "$MEM_STORE" copy
	sqlite3 copy/tenants/default/memory.db "$1"
}
# broken KIND ROW SQL: verify finds that
broken() {
	changed "$3"
	exits 1 mem-admin audit verify --store copy --json >out || return 1
	[ "$(jl whole <out) $(jl fault <out) $(jl broken_at <out)" = \
	    "false $1 $2" ] || { cat out; return 1; }
	exits 1 mem-admin check --store copy --json >out &&
	    grep -q "\"what\":\"audit\",\"where\":\"audit row $2\"" out
}
# held FILE [OPTION ...]: what is said of each checkpoint
held() {
	file=$1
	shift
	mem-admin audit verify --json --against "$file" "$@" >out || :
	sed -n 's/.*"row":"\([^"]*\)","signature":"\([^"]*\)","holds":\([a-z]*\).*/\1, \2, \3/p' out
}

test_that 'each kind of fault is told by its name' '
	for i in 1 2 3 4 5 6 7 8; do
		echo "{\"session_id\":\"s\",\"timestamp\":$i,\"text\":\"t\"}" | mem-ingest -q >/dev/null
	done
	mem-admin audit verify
	broken changed 3 "UPDATE audit SET who = '\''bob'\'' WHERE seq = 3"
	broken changed 3 "UPDATE audit SET tool = NULL, outcome = NULL WHERE seq = 3"
	broken changed 3 "UPDATE audit SET outcome = '\''denied'\'' WHERE seq = 3"
	broken dropped 3 "DELETE FROM audit WHERE seq = 3"
	broken dropped 3 "DELETE FROM audit WHERE seq = 3;
	    UPDATE audit SET seq = seq - 1 WHERE seq > 3"
	broken inserted 3 "UPDATE audit SET seq = -seq WHERE seq >= 3;
	    UPDATE audit SET seq = 1 - seq WHERE seq < 0;
	    INSERT INTO audit SELECT 3, at, who, action, object, detail, hash,
	    tool, outcome FROM audit WHERE seq = 2"
	broken reordered 3 "UPDATE audit SET seq = -1 WHERE seq = 3;
	    UPDATE audit SET seq = 3 WHERE seq = 5;
	    UPDATE audit SET seq = 5 WHERE seq = -1"
	broken untied 4 "INSERT INTO meta VALUES ('\''audit_start'\'', '\''3 '\'' ||
	    (SELECT lower(hex(hash)) FROM audit WHERE seq = 3));
	    DELETE FROM audit WHERE seq <= 3"
'
test_that 'a checkpoint holds, and goes on to' '
	mem-admin audit checkpoint points
	mem-admin audit checkpoint >>points
	mem-admin audit key >key
	[ "$(stat -c %a "$MEM_STORE/keys/audit")" = 600 ]
	[ "$(held points | sort -u)" = "there, right, true" ]
	echo "{\"session_id\":\"s\",\"timestamp\":9,\"text\":\"t\"}" | mem-ingest -q
	mem-admin audit checkpoint points
	mem-admin audit verify --against points
	mem-admin audit verify --against points --public-key key
	[ "$(held points | grep -c "there, right, true")" -eq 3 ]
'
test_that 'the key is made once, and told of in the log; its secret in nothing' '
	[ "$(mem-admin audit --action key_new --json | wc -l)" -eq 1 ]
	[ "$(jl key_id <key)" = "$(mem-admin audit --action key_new | jl object)" ]
	secret=$(sed -n 2p "$MEM_STORE/keys/audit")
	[ "${#secret}" -eq 43 ]
	{ cat points key; mem-admin audit; mem-admin audit key; } >all
	exits 1 grep -F -e "$secret" all
	exits 1 grep -r -F -q -e "$secret" "$MEM_STORE/tenants"
	chmod 644 "$MEM_STORE/keys/audit"
	exits 2 mem-admin audit checkpoint 2>err
	grep "keys/audit" err
	chmod 600 "$MEM_STORE/keys/audit"
'
if command -v openssl >/dev/null &&
    openssl genpkey -algorithm ed25519 -out /dev/null 2>/dev/null; then
	test_that 'what openssl makes of a signature' '
		bytes() { perl -e "print pack(q(H*), shift)" "$1"; }
		be8() { bytes "$(printf "%016x" "$1")"; }
		text() { be8 "${#1}"; printf %s "$1"; }
		unbase() {
			perl -MMIME::Base64=decode_base64url -e \
			    "print decode_base64url(shift)" -- "$1"
		}
		head -n 1 points >p
		{
			printf "memkit audit checkpoint 1\0"
			text "$(jl store_id <p)"
			text "$(jl tenant <p)"
			text "$(jl key_id <p)"
			be8 "$(jl seq <p)"
			be8 "$(jl timestamp <p)"
			bytes "$(jl hash <p)"
		} >signed
		unbase "$(jl signature <p)" >sig
		{
			printf "\060\052\060\005\006\003\053\145\160\003\041\000"
			unbase "$(jl public_key <key)"
		} >pub.der
		openssl pkeyutl -verify -pubin -keyform DER -inkey pub.der \
		    -rawin -in signed -sigfile sig
	'
else
	skip 'what openssl makes of a signature' 'it has no Ed25519'
fi
test_that 'the end cut off: only the checkpoints tell' '
	changed "DELETE FROM audit WHERE seq > 5"
	mem-admin audit verify --store copy
	[ "$(held points --store copy | sort -u)" = "cut off, right, false" ]
	exits 1 mem-admin audit verify --store copy --against points >out
'
test_that 'all of it written anew by the tools themselves: found' '
	changed "DELETE FROM audit"
	for i in 21 22 23 24 25 26 27 28 29 30 31 32; do
		echo "{\"session_id\":\"s\",\"timestamp\":$i,\"text\":\"t\"}" | mem-ingest -q --store copy
	done
	mem-admin audit verify --store copy
	[ "$(held points --store copy | sort -u)" = "another one, right, false" ]
	# also by who makes checkpoints of his own with another key
	rm copy/keys/audit
	mem-admin audit checkpoint forged --store copy
	mem-admin audit verify --against forged --store copy
	[ "$(held forged --public-key key --store copy)" = "there, by another key, false" ]
	[ "$(held points --store copy | sort -u)" = "another one, by another key, false" ]
	exits 1 mem-admin audit verify --against forged --public-key key --store copy
'
test_that 'a checkpoint that was altered in any part' '
	for s in "s/\"seq\":[0-9]*/\"seq\":2/" "s/\"hash\":\"./\"hash\":\"0/" \
	    "s/\"timestamp\":[0-9]*/\"timestamp\":1/" \
	    "s/\"signature\":\"..../\"signature\":\"AAAA/"; do
		head -n 1 points | sed "$s" >altered
		if cmp -s altered p; then continue; fi
		case $(held altered) in
		*" wrong, false") ;;
		*) echo "$s"; cat out; exit 1 ;;
		esac
	done
'
test_that 'none of this log is not enough; what is none is named' '
	sed "s/\"tenant\":\"default\"/\"tenant\":\"other\"/" points >other
	exits 1 mem-admin audit verify --against other >out
	[ "$(jl checkpoints <out)" = 0 ]
	: >none
	exits 1 mem-admin audit verify --against none
	{ head -n 1 points; echo nonsense; } >bad
	exits 2 mem-admin audit verify --against bad 2>err
	grep "'\''bad'\'' line 2" err
	exits 2 mem-admin audit verify --against absent
	echo nonsense >bad
	exits 2 mem-admin audit verify --against points --public-key bad 2>err
	grep "no public key" err
	exits 64 mem-admin audit verify --public-key key
'
test_that 'a backup takes the chain along; the restored one goes on' '
	mem-admin backup b.tar --with-keys >out
	mem-admin restore b.tar --store back --with-keys >out
	mem-admin audit verify --store back --against points
	[ "$(mem-admin audit --store back -n 1 | jl action)" = restore ]
'
test_done
