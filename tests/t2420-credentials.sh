#!/bin/sh
# Credentials: files and commands that hold one, what is wrong with one, and
# the database that knows them.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
unset MEM_USER

ev() {
	echo "{\"session_id\":\"$1\",\"timestamp\":$2,\"text\":\"$3\"}"
}
with() {
	f=$1; shift
	MEM_CREDENTIAL_FILE=$f "$@"
}
admin() {
	with "$work/root.cred" mem-admin "$@"
}
# All that was said on the way is kept, to look for tokens in the end.
refused() {
	s=0; with "$1" mem-log >out 2>err || s=$?
	cat out err >>"$work/said"
	[ $s = 2 ] && [ ! -s out ]
}

test_that 'a store is its owner'\''s until the first credential' '
	mem-admin init --tenant acme >out
	ev s 1 hi | mem-ingest --tenant acme --user ann >out
	mem-log --tenant acme --user ann | grep hi
	exits 0 mem-admin credential list
	mem-admin credential add ann --tenant acme --rights read,write >ann.cred 2>err
	cat err >>said
	grep admin.cred err
	mv "$MEM_STORE/admin.cred" root.cred
	[ "$(ls -l root.cred | cut -c 1-10)" = -rw------- ]
	[ "$(wc -l <ann.cred)" = 1 ]
	grep -qx "mkc_[0-9]*_[A-Za-z0-9_-]\{43\}" ann.cred
	chmod 600 ann.cred
	[ "$(cut -d " " -f 1-2 <"$MEM_STORE/memkit")" = "memkit 2" ]
	[ "$(ls -l "$MEM_STORE/access.db" | cut -c 1-10)" = -rw------- ]
	with ann.cred mem-log | grep hi
	with root.cred mem-log --tenant acme --user ann | grep hi
	exits 2 mem-log 2>err
	grep "needs a credential" err
'
test_that 'a file: for nobody else, no link, no folder, no pipe, and short' '
	token=$(cat ann.cred)
	for m in 644 640 604 660; do
		cp ann.cred f; chmod $m f; refused f; grep "chmod" err
	done
	chmod 400 f; with f mem-log | grep hi
	ln -s ann.cred l; refused l; grep "symbolic link" err
	mkdir d; chmod 700 d; refused d
	mkfifo p; chmod 600 p; refused p
	: >e; chmod 600 e; refused e; grep "none of this store" err
	refused nothing-there; grep "no file" err
	head -c 5000 /dev/zero | tr "\0" a >big; chmod 600 big; refused big; grep "longer than" err
	{ cat ann.cred; cat root.cred; } >two; chmod 600 two; refused two
	{ printf "%s\r\n" "$token"; } >crlf; chmod 600 crlf; with crlf mem-log | grep hi
	printf "%s" "$token" >bare; chmod 600 bare; with bare mem-log | grep hi
	exits 2 env MEM_CREDENTIAL_FILE= mem-log 2>err
	grep "needs a credential" err
'
test_that 'a command: what it prints; its failure is not a way in' '
	MEM_CREDENTIAL_COMMAND="cat ann.cred" mem-log | grep hi
	for c in false "exit 3" "cat ann.cred; exit 1" "echo junk" ":" "kill \$\$" "head -c 9000 /dev/zero"; do
		s=0; MEM_CREDENTIAL_COMMAND="$c" mem-log >out 2>err || s=$?
		# one that failed may work later
		[ $s = 2 ] || [ $s = 75 ]
		[ ! -s out ]
		cat err >>said
	done
	# a file comes first
	MEM_CREDENTIAL_COMMAND=false with ann.cred mem-log | grep hi
'
test_that 'what is wrong with it is not told, but to who holds the secret' '
	token=$(cat ann.cred)
	i=0
	for t in "mkc_99_${token#mkc_*_}" "mkc_0_${token#mkc_*_}" "mkc_-1_${token#mkc_*_}" \
	    "mkc_99999999999999999999_${token#mkc_*_}" "mkc__${token#mkc_*_}" \
	    "${token%?}" "${token}A" "MKC_${token#mkc_}" "${token#mkc_}" "junk" \
	    "$(echo "$token" | tr "A-Za-z" "B-ZAb-za")" "mkc_1_" "mkc_2_$(printf "%043d" 0)"; do
		echo "$t" >f; chmod 600 f
		refused f || { echo "$t"; exit 1; }
		[ $i = 0 ] && cp err first
		cmp err first
		i=$((i + 1))
	done
	grep "is none of this store" first
	# one bit, in the middle of the secret
	python3 - <<-X
		t = open("ann.cred").read().strip()
		a = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
		for i in range(len(t) - 43, len(t)):
		    c = a[a.index(t[i]) ^ 32]
		    open("bit%d" % i, "w").write(t[:i] + c + t[i + 1:])
	X
	chmod 600 bit*
	for f in bit*; do refused $f; cmp err first; done
'
test_that 'expired, revoked: told to who has it' '
	admin credential add short --tenant acme --user ann --rights read --until "$(python3 -c "import time; print(time.strftime(\"%Y-%m-%dT%H:%M:%SZ\", time.gmtime(time.time() + 2)))")" --out short.cred >out
	with short.cred mem-log | grep hi
	admin credential add gone --tenant acme --user ann --rights read --out gone.cred >out
	with gone.cred mem-log | grep hi
	admin credential revoke gone --tenant acme
	refused gone.cred; grep "was revoked" err
	exits 1 admin credential revoke gone --tenant acme
	exits 2 admin credential revoke never --tenant acme 2>err
	sleep 2.2
	refused short.cred; grep "expired" err
	admin credential list >list
	grep "\"gone\"" list | grep "\"state\":\"revoked\""
	grep "\"short\"" list | grep "\"state\":\"expired\""
	exits 64 admin credential add past --tenant acme --rights read --until 2001-01-01
	# a name is free again; the old token is not
	admin credential add gone --tenant acme --user ann --rights read --out gone2.cred >out
	with gone2.cred mem-log | grep hi
	refused gone.cred
'
test_that 'one of a tenant, of a user, of a session names no other' '
	admin tenant add initech >out
	admin credential add ben --tenant initech --rights read,write --out ben.cred >out
	admin credential add b --tenant acme --user ann --session s --rights read,write --out b.cred >out
	for a in "--tenant initech" "--tenant nowhere" "--user bob" "--user nobody"; do
		exits 2 with ann.cred mem-log $a 2>err
		grep "another one is named" err
	done
	for v in MEM_TENANT=initech MEM_USER=bob; do
		exits 2 with ann.cred env $v mem-log 2>err
	done
	exits 2 with b.cred env MEM_SESSION=t mem-log 2>err
	with b.cred mem-log | grep hi
	with ann.cred mem-log --tenant acme --user ann | grep hi
	# it does not depend on what there is
	with ann.cred mem-log --tenant initech 2>a || :
	with ann.cred mem-log --tenant nowhere 2>b || :
	cmp a b
	exits 1 with ben.cred mem-log
	exits 2 with root.cred mem-log --tenant nowhere 2>err
	[ ! -e "$MEM_STORE/tenants/nowhere" ]
	admin audit --tenant acme >/dev/null
'
test_that 'an administrator of a tenant: every user of it, and nothing else' '
	admin credential add boss --tenant acme --rights admin --out boss.cred >out
	with boss.cred mem-log --user ann | grep hi
	exits 2 with boss.cred mem-log --tenant initech --user ben 2>err
	with boss.cred mem-admin credential list >list
	exits 1 grep "initech\|\"admin\",\"rights\"" list
	[ "$(with boss.cred mem-admin tenant list | jl tenant)" = acme ]
	[ "$(with boss.cred mem-admin stats --all-tenants | jl tenant)" = acme ]
	with boss.cred mem-admin check --all-tenants >out
	exits 1 grep initech out
	exits 2 with boss.cred mem-admin credential add x --tenant initech --rights read 2>err
	exits 2 with boss.cred mem-admin credential revoke ben --tenant initech 2>err
	with boss.cred mem-admin credential add x --rights read --out x.cred >out
	grep "\"tenant\":\"acme\"" out
	exits 2 with boss.cred mem-admin tenant add third 2>err
	exits 2 with boss.cred mem-admin config set core.timezone UTC 2>err
	exits 2 with boss.cred mem-admin key list 2>err
	exits 2 with boss.cred mem-admin backup --with-keys t.tar 2>err
	with boss.cred mem-admin backup t.tar >out
	tar tf t.tar >names
	exits 1 grep "initech\|access.db" names
	grep acme names
	with ben.cred mem-log --complete --tenant "" >offered
	exits 1 grep acme offered
'
test_that 'revoked while it follows: it ends, and says why' '
	admin credential add fol --tenant acme --user ann --rights read --out fol.cred >out
	with fol.cred timeout 20 mem-log --json -f >got 2>err &
	pid=$!
	i=0; until grep -q hi got || [ $i = 100 ]; do i=$((i + 1)); sleep 0.05; done
	admin credential revoke fol --tenant acme
	ev s 2 later | with ann.cred mem-ingest >out
	s=0; wait $pid || s=$?
	[ $s = 2 ]
	grep "revoked" err
	exits 1 grep later got
'
test_that 'access.db: missing, damaged, newer, in use' '
	cp -r "$MEM_STORE" copy
	with ann.cred mem-log --store copy | grep hi
	mv copy/access.db away
	exits 2 with ann.cred mem-log --store copy 2>err
	grep "is missing" err
	exits 2 mem-log --store copy --tenant acme --user ann 2>err
	exits 2 with root.cred mem-admin config list --store copy 2>err
	cp away copy/access.db
	sqlite3 copy/access.db "PRAGMA user_version = 99"
	exits 2 with ann.cred mem-log --store copy 2>err
	grep "newer memkit" err
	head -c 2000 /dev/urandom >copy/access.db
	exits 2 with ann.cred mem-log --store copy 2>err
	: >copy/access.db
	exits 2 with ann.cred mem-log --store copy 2>err
	rm copy/access.db; mkdir copy/access.db
	exits 2 with ann.cred mem-log --store copy 2>err
	rmdir copy/access.db; ln -s ../away copy/access.db
	exits 2 with ann.cred mem-log --store copy 2>err
	grep -i "link" err
	rm copy/access.db; cp away copy/access.db
	with ann.cred mem-log --store copy | grep hi
	sed "s/memkit 2/memkit 3/" copy/memkit >m; cp m copy/memkit
	exits 2 with ann.cred mem-log --store copy 2>err
	grep "upgrade memkit" err
	rm -r copy
'
test_that 'two first credentials at once: one is, with its administrator' '
	for n in 1 2 3 4 5; do
		rm -rf race; mem-admin init --store race >out
		for i in a b; do
			mem-admin credential add $i --store race --rights read >cred.$i 2>err.$i &
		done
		wait
		[ "$(cat cred.a cred.b | wc -l)" -ge 1 ]
		[ "$(sqlite3 race/access.db "SELECT count(*) FROM credential WHERE name = '\''admin'\''")" = 1 ]
		MEM_CREDENTIAL_FILE=race/admin.cred mem-admin credential list --store race >list
		[ "$(wc -l <list)" = $(($(cat cred.a cred.b | wc -l) + 1)) ]
	done
'
test_that 'a backup has them as hashes; what is restored asks for them' '
	admin backup b.tar >out
	mem-admin restore b.tar --store again >out
	[ "$(cut -d " " -f 1-2 <again/memkit)" = "memkit 2" ]
	with ann.cred mem-log --store again | grep hi
	exits 2 mem-log --store again 2>err
	refused gone.cred
	with root.cred mem-admin audit --store again --tenant acme | grep "\"restore\""
	[ "$(sqlite3 again/access.db "SELECT count(*) FROM audit WHERE action = '\''restore'\''")" = 1 ]
	[ "$(ls -l again/access.db | cut -c 1-10)" = -rw------- ]
	# one whose database was made by a stranger
	mkdir t; tar xf b.tar -C t
	sqlite3 t/access.db "CREATE TRIGGER x AFTER INSERT ON audit BEGIN DELETE FROM credential; END"
	admin backup --tenant acme one.tar >out
	tar tf one.tar >names
	exits 1 grep access.db names
	mem-admin restore one.tar --store one >out
	mem-log --store one --tenant acme --user ann | grep hi
'
test_that 'no token is anywhere but in its file' '
	cat *.cred | sed "s/^mkc_[0-9]*_//" | sort -u >secrets
	[ "$(wc -l <secrets)" -ge 8 ]
	admin audit --all-tenants >rows
	admin credential list >>rows
	exits 1 grep -rFf secrets "$MEM_STORE" again race one rows said b.tar
	sqlite3 "$MEM_STORE/access.db" .dump >dump
	exits 1 grep -Ff secrets dump
	# nor in what others see of a process
	if [ -d /proc/self/task ]; then
	with ann.cred timeout 20 mem-log -f >got 2>&1 &
	pid=$!
	sleep 0.3
	tr "\0" "\n" </proc/$pid/cmdline >line
	for p in /proc/$pid/task/*/children; do
		for c in $(cat $p); do tr "\0" "\n" </proc/$c/cmdline >>line; done
	done
	kill $pid; wait $pid || :
	exits 1 grep -Ff secrets line
	fi
	echo "use $(cat ann.cred) for it" | sed "s/.*/{\"session_id\":\"s\",\"timestamp\":9,\"text\":\"&\"}/" |
	    with ann.cred mem-ingest >out
	exits 1 grep -rFf secrets "$MEM_STORE"
	with ann.cred mem-log --json -n 1 --reverse | grep -v mkc_
'
test_done
