#!/bin/sh
# Which right each verb takes: memkit(7) has the table, and verbs of every tool
# are tried with every single right: each third, with MEM_ALL=1 all of them
# (long-24-rights).
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

# one "RIGHT TOOL VERB" a line, from the page
table() {
	awk '/^\.Ss Rights/ { on = 1 }
	    /^\.El/ && on { exit }
	    on && /^\.It Cm/ { right = $3; next }
	    on && right != "" && !/^\./ {
		gsub(";", "")
		n = split($0, part, ", *")
		tool = part[1]; sub(" .*", "", tool)
		sub("^[^ ]* *", "", part[1])
		for (i = 1; i <= n; i++)
			print right, tool, part[i]
	    }' "$top/share/man/man7/memkit.7" | sed 's/ *$//'
}

# every verb there is, of every tool, as the tools tell
verbs() {
	mem --complete '' | cut -f1 | while read -r t; do
		case $t in
		from) echo "mem-from"; echo "mem-from --follow" ;;
		index) echo "mem-index --verify"; echo "mem-index" ;;
		*)	[ "$t" != toc ] || echo "mem-toc"
			"mem-$t" --complete '' 2>/dev/null | cut -f1 |
			    grep -v '^$' | grep -v ' ' >words || :
			[ "$t" != ingest ] || : >words
			[ -s words ] || echo "mem-$t"
			while read -r v; do
				"mem-$t" --complete "$v" '' 2>/dev/null |
				    cut -f1 >second
				if [ "$t$v" = synclease ] || { [ "$t" = admin ] &&
				    grep -qx 'list\|verify' second; }
				then
					[ "$v" != audit ] || echo "mem-admin audit"
					sed "s/^/mem-$t $v /" second
				else
					echo "mem-$t $v"
				fi
			done <words ;;
		esac
	done
}

mem-admin init >out
echo '{"type":"record","kb":"k","record_id":"1","record_type":"n","title":"a"}' |
    mem-ingest --tenant acme >out
echo '{"session_id":"s","timestamp":1,"text":"hi"}' |
    mem-ingest --tenant acme --user ann >out
: >empty
git init -q .
git -c user.name=a -c user.email=a@b commit -q --allow-empty -m a

test_that 'the page has every verb once, and no other' '
	verbs | sort >there
	table | cut -d " " -f 2- | sort >told
	grep -v "^mem-index$" there >want
	diff want told
	[ "$(wc -l <told)" -gt 80 ]
	[ -z "$(sort told | uniq -d)" ]
'
test_that 'a credential for each right' '
	mem-admin credential add root --rights admin --out root.cred >out
	MEM_CREDENTIAL_FILE=$work/root.cred; export MEM_CREDENTIAL_FILE
	mem-admin tenant add acme >out
	for r in read write tenant-write ltm sync audit admin; do
		mem-admin credential add c-$r --tenant acme --user ann --rights $r --out $r.cred >out
	done
	mv root.cred store.cred
'

# arguments that get it as far as the store
args() {
	case $1 in
	"mem-admin config get") echo core.timezone ;;
	"mem-admin config set") echo core.timezone UTC ;;
	"mem-admin config unset") echo core.timezone ;;
	"mem-admin backup") echo "$work/b.tar" ;;
	"mem-admin forget") echo --session none --dry-run ;;
	"mem-admin redact") echo --dry-run ;;
	"mem-admin restore") echo "$work/empty" ;;
	"mem-admin key retire") echo none ;;
	"mem-admin key export") echo --plain "$work/k" ;;
	"mem-admin key import") echo "$work/empty" ;;
	"mem-admin tenant add") echo acme ;;
	"mem-admin credential add") echo again --tenant acme --rights read --out "$work/again.$$" ;;
	"mem-admin credential revoke") echo nobody ;;
	"mem-admin audit rotate") echo --before 1970-01-02 --to "$work/rotated" ;;
	"mem-artifact put") echo --uri https://example.org/a ;;
	mem-artifact\ [ghcvd]*) [ "$1" = "mem-artifact capabilities" ] || echo 01HNAVQZC00000000000000001 ;;
	"mem-from --follow") echo claude-code "$work/none" ;;
	mem-from) echo claude-code "$work/none" ;;
	mem-ingest) echo "$work/empty" ;;
	"mem-ltm check") echo "$work/empty" ;;
	"mem-ltm add") echo words ;;
	"mem-ltm mark") echo fact:0000000000000001 false_positive ;;
	"mem-ltm rollback") echo fact:0000000000000001 1 ;;
	"mem-ltm merge") echo fact:0000000000000001 fact:0000000000000002 ;;
	"mem-ltm review") echo - ;;
	"mem-ltm "[ehpur]*) case $1 in *" run") ;; *) echo fact:0000000000000001 ;; esac ;;
	"mem-session get") echo s ;;
	"mem-session set") echo s k v ;;
	"mem-session unset") echo s k ;;
	"mem-session put") echo s inputs "$work/empty" ;;
	"mem-session rm") echo s inputs none ;;
	"mem-session list"|"mem-session scan") ;;
	"mem-session archive"|"mem-session restore") echo s ;;
	"mem-session "*) echo s ;;
	"mem-sync export") echo "$work/x.tar" ;;
	"mem-sync import") echo "$work/empty" ;;
	"mem-sync archive"|"mem-sync restore") echo s ;;
	"mem-sync lease "*) echo s ;;
	"mem-toc rollback") echo day:2026-11-22 1 ;;
	"mem-toc "[ehdpu]*) [ "$1" = "mem-toc export" ] || echo day:2026-11-22 ;;
	mem-search) echo hi ;;
	esac
}

# tried WORD...: a verb and its arguments with the credential of each right;
# those that got in
cat >tried <<'.'
denied() {
	while IFS= read -r line; do
		case $line in
		*'has not the right'* | *'of the whole store'*) return 0 ;;
		esac
	done <err
	return 1
}
for r in read write tenant-write ltm sync audit admin store; do
	MEM_CREDENTIAL_FILE=$r.cred "$@" </dev/null >out 2>err ||
	    ! denied || continue
	echo $r
done
.

unset MEM_USER
test_that 'each verb takes its right, and no other right will do' '
	table >table
	n=0
	while read -r right verb; do
		n=$((n + 1))
		more || [ $((n % 3)) -eq 0 ] || continue
		for r in read write tenant-write ltm sync audit admin store; do
			[ $r = $right ] || [ $right = none ] || [ $r = store ] ||
			    { [ $r = admin ] && [ $right != store ]; } || continue
			echo $r
		done >want
		timeout 60 sh tried $verb $(args "$verb") >got || echo "exit $?" >>got
		diff want got || { echo "$verb"; cat err; touch wrong; }
	done <table
	[ ! -e wrong ]
'
test_that 'and none goes without a credential, but what asks no store' '
	unset MEM_CREDENTIAL_FILE
	while read -r right verb; do
		[ $right != none ] || continue
		timeout 20 $verb $(args "$verb") </dev/null >out 2>err && { echo "$verb"; exit 1; }
		grep -q "needs a credential" err || { echo "$verb"; cat err; exit 1; }
	done <table
	[ ! -e b.tar ] || [ -s b.tar ]
'
test_done
