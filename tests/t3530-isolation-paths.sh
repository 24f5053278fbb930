#!/bin/sh
# Names that would lead elsewhere, and links that somebody planted in a store:
# nothing outside of it is read or written.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
RAW_STORAGE_MODE=managed_blob RAW_STORAGE_PROVIDER=local_fs
MEM_MODEL=none
export RAW_STORAGE_MODE RAW_STORAGE_PROVIDER

# fill WORD: something of every kind in $MEM_STORE
fill() {
	mem-admin init && mem-admin key new
	for i in 1 2 3; do
		echo "{\"session_id\":\"s\",\"timestamp\":\"2026-11-0${i}T10:00:00Z\",\"text\":\"word $1 number $i\"}"
	done | mem-ingest
	echo "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"1\",\"record_type\":\"n\",\"title\":\"$1\"}" | mem-ingest
	echo "file of $1" >f
	mem-session put s inputs f
	mem-artifact put f --session s | jl artifact_id >art
	mem-toc build; mem-ltm add "fact of $1"; mem-index
	mkdir -p "remote.$1"
	mem-admin config set remote.r.url "file://$work/remote.$1"
	mem-sync push
}
MEM_STORE=$work/away fill zzleak >out.log 2>&1
MEM_STORE=$work/in fill plain >in.log 2>&1
MEM_STORE=$work/in; export MEM_STORE
cp -a in in.good
outside() {
	(cd away && find . -type f -exec sha256sum {} + | sort; find . -printf "%p %m %s %y %l\n" | sort)
}
outside >good

# everything that reads or writes
cat >everything <<'.'
said() {
	"$@" >>said 2>&1
}
said mem-log
said mem-search word
said mem-search zzleak
said mem-session show s
said mem-session content s inputs f
said mem-toc -d 9
said mem-ltm list
said mem-artifact content "$(cat art)"
said mem-admin key export --plain
said mem-admin backup b.tar --with-keys
echo "{\"session_id\":\"s\",\"timestamp\":\"2026-11-05T10:00:00Z\",\"text\":\"more\"}" >line
said mem-ingest line
said mem-index --nice 0
said mem-toc build --nice 0
said mem-session put s inputs f --as new
said mem-session scan s
said mem-session rm s inputs f
said mem-artifact put f
said mem-admin key new
said mem-sync push
.
# all of it, with a link at $1
with_link() {
	rm -rf in; cp -a in.good in; rm -rf "in/$1" said b.tar
	ln -s "$work/away/$1" "in/$1"
	timeout 60 sh everything </dev/null || [ $? -ne 124 ] ||
	    { echo "hangs with $1"; return 1; }
	[ ! -e b.tar ] || tar xOf b.tar >>said
	outside >now
	cmp -s good now || { echo "written through $1:"; diff good now; return 1; }
	! sed "s/zzleak.$//; s/remote.zzleak//" said | grep -a "word zzleak\|of zzleak\|\"zzleak\"" ||
	    { echo "read through $1"; return 1; }
}
test_that 'a store and another one, which links will lead to' '
	[ -s art ] && grep -q stored out.log && [ -d remote.plain ]
	find in.good -mindepth 1 -type d | wc -l
	[ "$(find in.good -mindepth 1 -type d | wc -l)" -gt 20 ]
'
# a third of them: long-24-isolation-paths takes all
test_that 'a link in place of each folder and file: nothing behind it is read or written' '
	(cd in.good && find . -mindepth 1 \( -type d -o -type f \)) | sed "s|^\./||" |
	    grep -v "^config" | sort >paths
	# of what lies in an index, that of the events stands for all
	grep -v "index/[^u].*/.*[a-z]/\|-shm$\|-wal$\|\.new$\|^lock$\|/tmp" paths >some
	n=0
	while read -r p; do
		# what has a name of its own in each is made to be there
		[ -e "away/$p" ] || continue
		n=$((n + 1))
		more || [ $((n % 3)) -eq 1 ] || continue
		with_link "$p" || touch wrong
	done <some
	[ "$(wc -l <some)" -gt 25 ]
	[ ! -e wrong ]
'
test_that 'the database of credentials, and the file of the first one' '
	rm -rf in; cp -a in.good in
	unset MEM_USER
	echo secret >target
	ln -s "$work/target" in/admin.cred
	ln -s "$work/target" out.cred
	exits 2 mem-admin credential add a --rights read --out out.cred 2>err
	[ "$(cat target)" = secret ]
	mem-admin credential add a --rights read --out a.cred >out 2>err
	[ "$(cat target)" = secret ]
	[ ! -L in/admin.cred ]
	cp in/access.db there
	rm in/access.db; ln -s "$work/there" in/access.db
	exits 2 env MEM_CREDENTIAL_FILE=a.cred mem-log 2>err
'
rm -rf in; cp -a in.good in

n1024=$(printf "%01024d" 7)
names() {
	printf "%s\n" ".." "../../x" "a/../b" "%2e%2e" "%2e%2e%2fx" "/etc" "./x" \
	    "a\\..\\b" "CON" "con" "aux.txt" "NUL" "Ann" "ANN" "ann." "ann " ".ann" \
	    "~" "-rf" "*" "\$(id)" "memory.db" "..%2f" "a//b" "tmp" "lock" "$n1024"
}
# each BEFORE AFTER: a line of JSON with each of the names
each() {
	sed "s/[\\\\\"]/\\\\&/g; s|.*|$1&$2|" names
}
# as UTF-8: a newline, a NUL is no argument, right-to-left override
bad() {
	printf "a\nb" >bad.1; printf "a\033[2J" >bad.2; printf "a\302\205" >bad.3; printf "a\377" >bad.4
	printf "%s8" "$n1024" >bad.5
}
test_that 'tenants, users and sessions of credentials: each its own, and none outside' '
	mem-admin init --store t >out
	names >names
	mem-admin credential add root --rights admin --store t --out root.cred >out
	unset MEM_USER
	export MEM_STORE=$work/t MEM_CREDENTIAL_FILE=$work/root.cred
	each "{\"session_id\":\"" "\"}" >sessions
	i=0
	exec 3<sessions
	while IFS= read -r n; do
		i=$((i + 1))
		IFS= read -r line <&3
		mem-admin tenant add -- "$n" >out
		mem-admin credential add --tenant="$n" --user="$n" --session="$n" --rights read,write --out $i.cred -- "$n" >out
		printf "%s,\"timestamp\":%d,\"text\":\"number %d\"}\n" "${line%\}}" $i $i |
		    MEM_CREDENTIAL_FILE=$i.cred mem-ingest >out || { cat out; exit 1; }
	done <names
	i=0
	while IFS= read -r n; do
		i=$((i + 1))
		MEM_CREDENTIAL_FILE=$i.cred mem-log --json >got
		[ "$(jl text <got)" = "number $i" ] || { echo "$n:"; cat got; exit 1; }
		MEM_CREDENTIAL_FILE=$i.cred mem-session path -- "$n" inputs >p
		case $(realpath -- "$(cat p)") in "$work/t/tenants/"*) ;; *) cat p; exit 1 ;; esac
	done <names
	[ "$(ls -A t/tenants | wc -l)" = $((i + 1)) ]
	[ "$(ls -A t/tenants | tr A-Z a-z | sort -u | wc -l)" = $((i + 1)) ]
	[ ! -e "$work/x" ] && [ ! -e "$work/t/x" ]
'
test_that 'names that are none are misuse' '
	bad
	export MEM_STORE=$work/t MEM_CREDENTIAL_FILE=$work/root.cred
	unset MEM_USER
	for f in bad.1 bad.2 bad.3 bad.4 bad.5; do
		n=$(cat $f)
		exits 64 mem-admin tenant add -- "$n" 2>err
		exits 64 mem-admin credential add --rights read --tenant .. -- "$n" 2>err
		exits 64 mem-admin credential add x --rights read --tenant="$n" 2>err
		exits 64 mem-admin credential add x --rights read --tenant .. --user="$n" 2>err
		exits 64 mem-admin credential add x --rights read --tenant .. --session="$n" 2>err
		for o in tenant user; do
			exits 64 mem-log --$o="$n" 2>err
		done
		exits 64 env MEM_SESSION="$n" mem-log 2>err
	done
'
test_that 'what a file is called in a session: nothing above it' '
	for n in ".." "../x" "../../../x" "a/../../../../x" "/x" "a/../../x" "a//../../.." ; do
		mem-session put s inputs f --as "$n" >out 2>err && { echo "$n was taken"; exit 1; }
		mem-session content s inputs "$n" >out 2>err && { echo "$n"; exit 1; }
		mem-session rm s inputs "$n" >out 2>err || :
	done
	[ -s in/tenants/default/files/tester/s/.index ] || [ -e in/tenants/default/files/tester/s ]
	[ ! -e "$work/x" ]
	[ ! -e in/x ] && [ ! -e in/tenants/x ] && [ ! -e in/tenants/default/x ] && [ ! -e in/tenants/default/files/x ]
	mem-session content s inputs f | grep plain
'
test_that 'knowledge bases of any name are rows, and no folders' '
	each "{\"type\":\"record\",\"kb\":\"" \
	    "\",\"record_id\":\"1\",\"record_type\":\"n\",\"title\":\"t\"}" >rows
	[ "$(wc -l <rows)" -gt 25 ]
	exits 3 mem-ingest <rows >out 2>err
	grep "\"rejected\":{\"kb holds a slash\":5}" out
	mem-index >out
	[ ! -e "$work/x" ]
'
test_done
