#!/bin/sh
# mem-admin: init, config, schema, audit; what all verbs have in common.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"

test_that 'init makes a store, and says what it is' '
	mem-admin init >out
	cat out
	[ "$(jl type <out)" = store ]
	[ "$(jl tenant <out)" = default ]
	[ "$(jl made <out)" = true ]
	[ "$(cat "$MEM_STORE/memkit")" = "memkit 1 $(jl store_id <out)" ]
	[ "$(stat -c %a "$MEM_STORE")" = 700 ]
	store_whole
'
test_that 'init on a store changes nothing' '
	before=$(cat "$MEM_STORE/memkit")
	mem-admin init >out
	[ "$(jl made <out)" = false ]
	[ "$(cat "$MEM_STORE/memkit")" = "$before" ]
'
test_that 'init makes a tenant' '
	mem-admin init --tenant "Zoë & Co" >out
	[ "$(jl tenant <out)" = "Zoë & Co" ]
	[ -f "$MEM_STORE/tenants/%5ao%c3%ab%20%26%20%43o/memory.db" ]
'
test_that 'init leaves a folder with other things alone' '
	mkdir other
	echo mine >other/file
	exits 2 mem-admin init --store other 2>err
	grep "holds other things" err
	[ "$(ls -A other)" = file ]
'
test_that 'no verb makes a store by a name mistyped' '
	for v in stats check compact audit "audit verify" "config list" \
	    "config get a.b" "config unset a.b" "backup x.tar"; do
		exits 2 mem-admin $v --store nowhere 2>err || exit 1
		grep "no store at .*nowhere" err || { echo "$v"; exit 1; }
		[ ! -e nowhere ]
	done
	[ ! -e x.tar ]
	[ ! -e x.tar.part ]
'
test_that 'nor a tenant' '
	for v in stats check compact audit "backup x.tar"; do
		exits 2 mem-admin $v --tenant nobody 2>err || exit 1
		grep "no tenant .nobody" err || { echo "$v"; exit 1; }
	done
	[ ! -e "$MEM_STORE/tenants/nobody" ]
'
test_that 'operands that make no sense are misuse' '
	for v in "init x" "config get" "config set a.b" "config list x" \
	    "stats x" "check x" "compact x" "backup" "restore" "backup a b" \
	    "schema x" "audit x" "audit verify x" "config" "" "nonsense" \
	    "config get nosection" "audit --hash 00"; do
		exits 64 mem-admin $v >out 2>err || { echo "verb: $v"; exit 1; }
		[ ! -s out ]
		[ "$(wc -l <err)" -eq 1 ]
	done
'

# ---- config ----

test_that 'config set and get' '
	mem-admin config set core.timezone Europe/Berlin
	[ "$(mem-admin config get core.timezone)" = Europe/Berlin ]
	[ "$(git config -f "$MEM_STORE/config" core.timezone)" = Europe/Berlin ]
'
test_that 'what git wrote is read' '
	git config -f "$MEM_STORE/config" remote.main.url "file:///x y"
	[ "$(mem-admin config get remote.main.url)" = "file:///x y" ]
'
test_that 'config list prints every setting' '
	mem-admin config list >out
	printf "core.timezone\nremote.main.url\n" >want
	jl key <out | diff want -
	[ "$(mem-admin config list --text | head -n 1)" = \
	    "core.timezone = Europe/Berlin" ]
'
test_that 'config get of what is not set exits 1 and prints nothing' '
	exits 1 mem-admin config get core.nothing >out
	[ ! -s out ]
'
test_that 'config unset: done, then no' '
	mem-admin config unset remote.main.url
	exits 1 mem-admin config unset remote.main.url
	exits 1 mem-admin config get remote.main.url
'
test_that 'comments and the rest of the file stay' '
	printf "# mine\n[core] ; here too\n\ttimezone = UTC\n[x \"y\"]\nz = 1\n" \
	    >"$MEM_STORE/config"
	mem-admin config set core.timezone local
	printf "# mine\n[core] ; here too\n\ttimezone = local\n[x \"y\"]\nz = 1\n" >want
	diff want "$MEM_STORE/config"
'
test_that 'a value that would stop every tool is refused' '
	exits 64 mem-admin config set core.timezone Nowhere/Nothing 2>err
	cat err
	grep "core.timezone" err
	exits 64 mem-admin config set stats.maxDiskPercent 101 2>err
	exits 64 mem-admin config set stats.maxOutstanding many 2>err
	exits 64 mem-admin config set stats.maxCompaction -1 2>err ||
	    exits 64 mem-admin config set stats.maxCompaction=-1 2>err
	[ "$(mem-admin config get core.timezone)" = local ]
'
test_that 'a file is kept by its whole name' '
	: >my.rules
	mem-admin config set redact.rules my.rules
	[ "$(mem-admin config get redact.rules)" = "$PWD/my.rules" ]
	mem-admin config set redact.rules absent.rules 2>err
	grep "no file .absent.rules. yet" err
	mem-admin config unset redact.rules
'
test_that 'a bad value that somebody wrote can be mended' '
	printf "[core]\n\ttimezone = Nowhere/Nothing\n" >"$MEM_STORE/config"
	exits 64 mem-admin stats 2>err
	grep "core.timezone in .*/config" err
	[ "$(mem-admin config get core.timezone)" = Nowhere/Nothing ]
	mem-admin config set core.timezone UTC
	mem-admin stats >out
'
test_that 'a key that nobody knows is kept, with a note' '
	mem-admin config set core.timezoen UTC 2>err
	grep "knows no setting .core.timezoen" err
	mem-admin config set -q core.timezoen x 2>err
	[ ! -s err ]
	mem-admin config unset core.timezoen
'
test_that 'a remote is known, and a file of rules that is still to come' '
	mem-admin config set remote.nas.url file:///mnt 2>err
	[ ! -s err ]
	mem-admin config set redact.rules later/rules 2>err
	grep "there is no file" err
	[ "$(mem-admin config get redact.rules)" = "$(pwd -P)/later/rules" ]
	mem-admin config unset redact.rules
	mem-admin config unset remote.nas.url
'
test_that 'config set makes the store' '
	mem-admin config set core.timezone UTC --store new
	[ -f new/memkit ]
	[ ! -e new/tenants ]
	exits 2 mem-admin check --store new 2>err
	grep "has no tenant .default., the first write makes it" err
	mem-admin init --store new >out
	mem-admin check --store new >out
'
test_that 'config completes the keys that are known' '
	mem-admin --complete config set core. >out
	cat out
	grep -x core.timezone out
	grep -x core.host out
	[ "$(wc -l <out)" -eq 5 ]
'

# ---- schema ----

test_that 'folders are 0700 and files 0600, whatever the umask' '
	(umask 0; mem-admin init --store open; mem-admin config set a.b c --store open
	    mem-admin compact --store open; mem-admin backup --store open open.tar)
	[ -z "$(find open open.tar -type d ! -perm 700 -o -type f ! -perm 600)" ]
'
test_that 'no link in a store is gone through' '
	mem-admin init --store st
	mkdir elsewhere
	ln -s "$PWD/elsewhere" st/tenants/t
	exits 2 mem-admin init --store st --tenant t
	mv st/tenants/default moved
	ln -s "$PWD/moved" st/tenants/default
	exits 2 mem-log --store st 2>err
	grep "memory.db. is a symbolic link, or lies behind one" err
	exits 2 mem-admin backup --store st b.tar
	rm st/tenants/default
	mv moved st/tenants/default
	for f in lock tmp tenants/default/compact.lock; do
		rm -rf "st/$f"
		ln -s "$PWD/elsewhere/x" "st/$f"
	done
	exits 2 mem-admin init --store st --tenant u
	exits 2 mem-admin backup --store st b.tar
	exits 2 mem-admin compact --store st
	ln -s "$PWD/elsewhere/x" st/config
	exits 2 mem-admin config set a.b c --store st
	rm -f st/lock st/tmp
	mv st/tenants moved
	ln -s "$PWD/elsewhere" st/tenants
	exits 2 mem-admin init --store st
	[ -z "$(ls -A elsewhere)" ]
'
test_that 'schema is what the database holds' '
	mem-admin schema | sqlite3 fresh.db
	sqlite3 fresh.db "SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2" >want
	sql "SELECT type, name, sql FROM sqlite_schema ORDER BY 1, 2" >got
	diff want got
	[ -s got ]
'

# ---- audit ----

echo '{"session_id":"s","timestamp":1,"text":"hello"}' >one

test_that 'audit tells of what was done' '
	fresh_store
	mem-admin init >out
	MEM_USER=ann mem-ingest one >out
	mem-admin audit >out
	cat out
	jl action <out >got
	printf "init\nwrite\n" | diff - got
	[ "$(mem-admin audit --who ann | jl action)" = write ]
	[ "$(mem-admin audit --action init | jl who)" = tester ]
	exits 1 mem-admin audit --who bob
	exits 1 mem-admin audit --until 2001-01-01
	[ "$(mem-admin audit -n 1 | jl action)" = write ]
'
test_that 'audit verify walks the chain' '
	mem-admin audit verify >out
	cat out
	[ "$(jl whole <out)" = true ]
	[ "$(jl rows <out)" = 2 ]
	[ "$(jl last_hash <out)" = "$(mem-admin audit -n 1 | jl hash)" ]
'
test_that 'a hash that was noted shows that the end was cut off' '
	hash=$(jl last_hash <out)
	mem-admin audit verify --hash "$hash" >got
	cp -R "$MEM_STORE" cut
	sqlite3 cut/tenants/default/memory.db "DELETE FROM audit WHERE seq = 2"
	mem-admin audit verify --store cut >got
	exits 1 mem-admin audit verify --store cut --hash "$hash" >got
	[ "$(jl whole <got)" = false ]
'
test_that 'a row that was changed breaks it' '
	cp -R "$MEM_STORE" changed
	sqlite3 changed/tenants/default/memory.db \
	    "UPDATE audit SET who = '\''nobody'\'' WHERE seq = 1"
	exits 1 mem-admin audit verify --store changed >got
	[ "$(jl broken_at <got)" = 1 ]
	exits 1 mem-admin check --store changed >got
	[ "$(head -n 1 got | jl what)" = audit ]
'
test_that '--all-tenants visits each one' '
	mem-admin init --tenant b >out
	mem-admin audit verify --all-tenants >out
	printf "b\ndefault\n" >want
	jl tenant <out | diff want -
	mem-admin stats --all-tenants | jl tenant | diff want -
	mem-admin check --all-tenants | jl tenant | diff want -
	mem-admin compact --all-tenants | jl tenant | diff want -
'
test_done
