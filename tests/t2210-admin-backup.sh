#!/bin/sh
# mem-admin backup and restore: what was there is there again, or nothing
# is; what is damaged is refused.
# Killed at some of the calls; long-28-backup.sh takes all of them, with
# MEM_EVERY=N one in N.
. "${0%/*}/lib.sh"
. "$tests/lib-store.sh"
. "$tests/lib-admin.sh"
mkbundle=$obj/helper/mkbundle

{
	mktexts 300 5 | mem-ingest
	mktexts 100 2 7 | MEM_USER=ann mem-ingest
	mem-admin compact
	mktexts 20 5 3 | mem-ingest
	echo '{"type":"record","kb":"k","record_id":"1","record_type":"note"}' | mem-ingest
} >setup.out
contents >want
mem-admin backup whole.tar >whole.json

# restored [STORE]: what is there is what was backed up, and whole
restored() {
	MEM_STORE=${1:-$PWD/new}
	contents >got
	cmp want got
	mem-admin check >checked || { cat checked; return 1; }
}

# nothing DIR: no trace of a store
nothing() {
	[ ! -e "$1" ] || { find "$1"; return 1; }
}

test_that 'a backup is told of' '
	cat whole.json
	[ "$(jl type <whole.json)" = backup ]
	[ "$(jl size_bytes <whole.json)" -eq "$(wc -c <whole.tar)" ]
	grep "\"tenant\":\"default\"" whole.json
	grep "\"event_count\":420,\"session_count\":7,\"record_count\":1" whole.json
	[ "$(stat -c %a whole.tar)" = 600 ]
	[ ! -e whole.tar.part ]
'
test_that 'restore makes the same store of it' '
	mem-admin restore whole.tar --store new >out
	cat out
	[ "$(jl type <out)" = restore ]
	restored
	cmp "$MEM_STORE/memkit" new/memkit
	[ "$(stat -c %a new new/memkit new/tenants/default/memory.db | sort -u | xargs)" = "600 700" ]
	[ ! -e new/tmp ]
'
test_that 'and it goes on: what was stored is known, what is new is stored' '
	MEM_STORE=$PWD/new
	{ mktexts 300 5; mktexts 10 5 99; } | mem-ingest >out
	[ "$(jl duplicate <out)" = 300 ]
	[ "$(jl stored <out)" = 10 ]
	mem-admin check
'
test_that 'who restored it stands in its log' '
	mem-admin audit --store new --action restore >out
	[ "$(jl who <out)" = tester ]
	[ "$(jl detail <out)" = whole.tar ]
	mem-admin audit verify --store new
'
test_that 'through a pipe, compressed, into an empty folder' '
	mkdir into
	mem-admin backup - -q | zstd -q | zstd -dcq |
	    mem-admin restore - --store into >out
	restored "$PWD/into"
'
test_that 'from a slow pipe' '
	{ head -c 700 whole.tar; sleep 0.1; tail -c +701 whole.tar; } |
	    mem-admin restore - --store slow >out
	restored "$PWD/slow"
'
if can_have_terminal; then
	test_that 'a terminal gets no tar' '
		script -qc "mem-admin backup -" /dev/null >out </dev/null
		cat out
		grep "not for a terminal" out
	'
else
	skip 'a terminal gets no tar' 'no pseudo-terminals here'
fi
test_that 'restore --dry-run only looks' '
	mem-admin restore whole.tar --store dry --dry-run >out
	grep "\"dry_run\":true" out
	nothing dry
	head -c 70000 whole.tar >cut.tar
	exits 2 mem-admin restore cut.tar --store dry --dry-run 2>err
	nothing dry
	mkdir room
	mem-admin restore whole.tar --store room --dry-run >out
	exits 2 mem-admin restore cut.tar --store room 2>err
	[ -z "$(ls -A room)" ]
'

# ---- the format ----

test_that 'tar reads it' '
	mkdir plain
	tar -xf whole.tar -C plain
	[ "$(tar -tf whole.tar | tr "\n" " ")" = \
	    "manifest.json memkit tenants/default/memory.db sha256 " ]
'
test_that 'sqlite3 reads what is in it' '
	[ "$(sqlite3 plain/tenants/default/memory.db "PRAGMA integrity_check")" = ok ]
	[ "$(sqlite3 plain/tenants/default/memory.db "SELECT count(*) FROM event")" = 420 ]
'
test_that 'the manifest has the sizes and hashes' '
	for f in memkit tenants/default/memory.db; do
		size=$(wc -c <plain/$f)
		sum=$(sha256sum plain/$f | cut -d" " -f1)
		grep -F "{\"path\":\"$f\",\"size_bytes\":$size,\"sha256\":\"$sum\"}" \
		    plain/manifest.json
	done
	grep "^{\"format\":\"memkit-bundle-1\",\"kind\":\"backup\",\"created\":1795176000000,\"store_id\":\"[0-9A-Z]\{26\}\"" plain/manifest.json
'
test_that 'its last entry has the hash of all before it' '
	[ "$(head -c -2048 whole.tar | sha256sum | cut -d" " -f1)" = \
	    "$(cat plain/sha256)" ]
'
test_that 'unpacked by tar it is a store' '
	rm plain/manifest.json plain/sha256
	chmod 700 plain
	MEM_STORE=$PWD/plain
	contents | cmp want -
	exits 1 mem-admin check >out
	[ "$(jl what <out | head -n 1)" = journal ]
	mem-admin check --repair
	mem-admin check
'
test_that 'the same store at the same time gives the same bytes' '
	cp -R "$MEM_STORE" one
	cp -R "$MEM_STORE" two
	mem-admin backup --store one one.tar
	mem-admin backup --store two two.tar
	cmp one.tar two.tar
'

# ---- what is in the way ----

test_that 'a store is not written over' '
	before=$(find new -type f -exec cksum {} + | sort)
	exits 2 mem-admin restore whole.tar --store new 2>err
	cat err
	grep "is a store; name an empty or a new folder" err
	[ "$(find new -type f -exec cksum {} + | sort)" = "$before" ]
'
test_that 'nor a folder with something in it' '
	mkdir full
	echo mine >full/file
	exits 2 mem-admin restore whole.tar --store full 2>err
	grep "holds other things" err
	[ "$(ls -A full)" = file ]
'
test_that 'nor what is not a folder' '
	echo mine >file
	exits 2 mem-admin restore whole.tar --store file 2>err
	[ "$(cat file)" = mine ]
	ln -s full link
	exits 2 mem-admin restore whole.tar --store link 2>err
	[ "$(ls -A full)" = file ]
'
test_that 'a backup replaces the one before it, when it is whole' '
	cp whole.tar old.tar
	chmod 644 old.tar
	mem-admin backup old.tar >out
	mem-admin restore old.tar --store dry --dry-run >out
	# it knows of the one before
	exits 1 cmp -s whole.tar old.tar
	cp old.tar kept.tar
	mkdir dir
	exits 2 mem-admin backup dir 2>err
	grep "is not a file" err
	ln -s old.tar sym
	exits 2 mem-admin backup sym 2>err
	[ -h sym ]
	exits 2 mem-admin backup absent/x.tar 2>err
	ln -s old.tar ln.tar.part
	exits 2 mem-admin backup ln.tar 2>err
	cmp kept.tar old.tar
'
test_that 'no such file' '
	exits 2 mem-admin restore nothing.tar --store n 2>err
	grep "cannot open .nothing.tar" err
	nothing n
'

# ---- damage ----

# refused FILE [STORE]: exit 2, one line that names the file, and no store
refused() {
	exits 2 mem-admin restore "$1" --store "${2:-bad}" 2>err || return 1
	[ "$(wc -l <err)" -eq 1 ] || { cat err; return 1; }
	grep -q "mem-admin: .*$1" err || { cat err; return 1; }
	nothing "${2:-bad}"
}

size=$(wc -c <whole.tar)
test_that 'cut off anywhere: refused' '
	for n in 1 511 512 1000 1536 2048 3000 $((size / 3)) $((size / 2)) \
	    $((size - 3000)) $((size - 2048)) $((size - 1536)) \
	    $((size - 1024)) $((size - 512)) $((size - 1)); do
		head -c "$n" whole.tar >cut.tar
		refused cut.tar || { echo "after $n of $size"; exit 1; }
	done
	: >cut.tar
	refused cut.tar
	grep "is empty" err
'
test_that 'altered anywhere: refused' '
	for n in 0 100 150 512 700 1030 1536 1600 2100 2560 3072 4096 10000 \
	    $((size / 2)) $((size - 2600)) $((size - 2047)) $((size - 1530)) \
	    $((size - 1450)) $((size - 700)) $((size - 1)); do
		{
			head -c "$n" whole.tar
			tail -c +$((n + 1)) whole.tar | head -c 1 | tr "\000-\377" "\001-\377\000"
			tail -c +$((n + 2)) whole.tar
		} >altered.tar
		[ "$(wc -c <altered.tar)" -eq "$size" ]
		refused altered.tar || { echo "at $n of $size"; exit 1; }
	done
'
test_that 'with something after its end: refused' '
	{ cat whole.tar; echo more; } >more.tar
	refused more.tar
	{ cat whole.tar; head -c 512 /dev/zero; } >more.tar
	refused more.tar
	cat whole.tar whole.tar >more.tar
	refused more.tar
'
test_that 'compressed, it says by what to unpack it' '
	zstd -q -c whole.tar >z.tar
	refused z.tar
	grep "zstd -dc" err
	gzip -c whole.tar >z.tar
	refused z.tar
	grep "gzip -dc" err
'
test_that 'other files are no backup' '
	for f in "$db" "$tests/lib.sh" /bin/sh; do
		cp "$f" other.file
		refused other.file
	done
	tar -cf other.tar want got
	refused other.tar
	grep "not a bundle of memkit" err
'
test_that 'made by tar again it is refused: it has no seal' '
	mkdir re
	tar -xf whole.tar -C re
	(cd re && tar -cf ../re.tar --format=ustar manifest.json memkit \
	    tenants/default/memory.db sha256)
	refused re.tar
'
test_that 'a damaged store is not backed up' '
	cp -R "$MEM_STORE" sick
	sqlite3 sick/tenants/default/memory.db "PRAGMA wal_checkpoint(TRUNCATE)"
	dd if=/dev/zero of=sick/tenants/default/memory.db bs=4096 count=3 \
	    seek=8 conv=notrunc 2>/dev/null
	exits 2 mem-admin backup sick.tar --store sick 2>err
	cat err
	grep "nothing was written" err
	[ ! -e sick.tar ]
	[ ! -e sick.tar.part ]
	[ -z "$(ls -A sick/tmp)" ]
'

# ---- hostile bundles ----

if [ -x "$mkbundle" ]; then
	tar -xf whole.tar
	d=tenants/default/memory.db
	test_that 'paths that a backup does not have: refused' '
		for p in evil tenants/x tenants/default/other \
		    tenants/default/x/memory.db tenants/UPPER/memory.db \
		    tenants/%zz/memory.db tenants/%2e%2e/x/memory.db \
		    tenants/.x/memory.db keys/a/b memory.db; do
			"$mkbundle" backup memkit=memkit $p=want >evil.tar
			refused evil.tar || { echo "$p"; exit 1; }
			grep "does not know" err
		done
	'
	test_that 'another kind of bundle: refused' '
		"$mkbundle" export memkit=memkit "$d=$d" >export.tar
		refused export.tar
		grep "not a backup" err
	'
	test_that 'without the file memkit, or with a strange one: refused' '
		"$mkbundle" backup "$d=$d" >x.tar
		refused x.tar
		echo nonsense >m
		"$mkbundle" backup memkit=m "$d=$d" >x.tar
		refused x.tar
		echo "memkit 9 01HNAVQZC00000000000000000" >m
		"$mkbundle" backup memkit=m "$d=$d" >x.tar
		refused x.tar
		grep "newer" err
	'
	test_that 'databases that are not ours: refused' '
		for sql in "PRAGMA user_version = 99" "PRAGMA user_version = 0" \
		    "PRAGMA application_id = 1" "DROP TABLE pack" \
		    "CREATE TRIGGER t AFTER INSERT ON audit BEGIN DELETE FROM event; END" \
		    "CREATE VIEW v AS SELECT * FROM event" \
		    "CREATE TABLE mine (x)" \
		    "DROP TABLE audit; CREATE VIEW audit AS SELECT 1 AS seq, 2 AS at"; do
			cp "$d" evil.db
			sqlite3 evil.db "$sql"
			"$mkbundle" backup memkit=memkit "$d=evil.db" >evil.tar
			refused evil.tar || { echo "$sql"; exit 1; }
		done
		for f in want memkit; do
			"$mkbundle" backup memkit=memkit "$d=$f" >evil.tar
			refused evil.tar
		done
	'
	test_that 'a whole bundle with a damaged database: refused' '
		cp "$d" evil.db
		dd if=/dev/zero of=evil.db bs=4096 count=3 seek=8 conv=notrunc 2>/dev/null
		"$mkbundle" backup memkit=memkit "$d=evil.db" >evil.tar
		refused evil.tar
		grep "is damaged" err
	'
	test_that 'a bundle that is right is taken' '
		"$mkbundle" backup memkit=memkit "$d=$d" >right.tar
		mem-admin restore right.tar --store right
		restored "$PWD/right"
	'
else
	skip 'hostile bundles' "no $mkbundle here"
fi

# ---- configuration and keys ----

test_that 'configuration and keys stay out' '
	mem-admin config set core.timezone Europe/Berlin
	mkdir "$MEM_STORE/keys"
	echo secret >"$MEM_STORE/keys/ring.1"
	mkdir "$MEM_STORE/processors" "$MEM_STORE/live"
	echo "# mine" >"$MEM_STORE/processors/mine.conf"
	echo "# mine" >"$MEM_STORE/live/mine.conf"
	echo "# old" >"$MEM_STORE/live/mine.conf~"
	mem-admin backup plain.tar
	tar -tf plain.tar | exits 1 grep -E "conf|keys"
	mem-admin restore plain.tar --store c1
	[ ! -e c1/config ]
	[ ! -e c1/processors ]
	[ ! -e c1/keys ]
'
test_that 'unless asked for, on both sides' '
	mem-admin backup full.tar --with-config --with-keys
	tar -tf full.tar | grep config
	tar -tf full.tar | grep keys/ring.1
	tar -tf full.tar | exits 1 grep conf~
	mem-admin restore full.tar --store c2 >out
	grep "\"left_out\":\[\"config\",\"live/mine.conf\",\"processors/mine.conf\",\"keys/ring.1\"\]" out
	[ ! -e c2/config ]
	[ ! -e c2/keys ]
	mem-admin restore full.tar --store c3 --with-config --with-keys
	[ "$(mem-admin config get core.timezone --store c3)" = Europe/Berlin ]
	[ "$(cat c3/keys/ring.1)" = secret ]
	cmp "$MEM_STORE/processors/mine.conf" c3/processors/mine.conf
	cmp "$MEM_STORE/live/mine.conf" c3/live/mine.conf
	[ "$(stat -c %a c3/keys/ring.1)" = 600 ]
	rm -r "$MEM_STORE/keys" "$MEM_STORE/config" "$MEM_STORE/processors" \
	    "$MEM_STORE/live"
'

# ---- tenants ----

test_that 'a store whose tenants are gone makes no empty backup' '
	mem-admin init --store bare
	rm -r bare/tenants
	exits 2 mem-admin backup bare.tar --store bare 2>err
	grep "there is nothing to back up" err
	[ ! -e bare.tar ]
'
test_that 'all tenants are in it' '
	mktexts 50 1 31 | mem-ingest --tenant "Two & a half"
	mktexts 40 1 32 | mem-ingest --tenant three
	mem-admin backup all.tar >out
	mem-admin restore all.tar --store t1
	mem-admin check --store t1 --all-tenants >out
	[ "$(jl event_count <out | xargs)" = "50 420 40" ]
'
test_that '--tenant takes one' '
	mem-admin backup one.tar --tenant three
	[ "$(tar -tf one.tar | grep -c memory.db)" = 1 ]
	mem-admin restore one.tar --store t2
	[ "$(ls t2/tenants)" = three ]
	mem-admin restore all.tar --store t3 --tenant "Two & a half" >out
	grep "left_out" out
	[ "$(ls t3/tenants)" = "%54wo%20%26%20a%20half" ]
'
test_that 'a tenant comes back into the store that lost it' '
	MEM_STORE=$PWD/t1
	rm -r t1/tenants/three
	mem-admin restore all.tar --tenant three >out
	[ "$(mem-log --tenant three | wc -l)" = 40 ]
	[ "$(mem-log | wc -l)" = 320 ]
	mem-admin check --all-tenants
	exits 2 mem-admin restore all.tar --tenant three 2>err
	grep "has a tenant .three" err
	exits 2 mem-admin restore all.tar --tenant nobody 2>err
	grep "has no tenant .nobody" err
	[ ! -e t1/tenants/nobody ]
	mem-admin check --all-tenants
'
test_that 'a tenant with a name too long for a folder is in it, too' '
	name=$(awk "BEGIN { for (i = 0; i < 200; i++) printf \"Long\" }")
	mktexts 5 | mem-ingest --store long --tenant "$name"
	mem-admin backup long.tar --store long
	mem-admin restore long.tar --store long2
	[ "$(mem-log --store long2 --tenant "$name" | wc -l)" = 5 ]
'

# ---- others at the same time ----

if command -v sqlite3 >/dev/null; then
	test_that 'what is restored is a copy with a name of its own, and knows what it was' '
		fresh_store
		mkevents 5 | mem-ingest >out
		mem-admin backup named.tar >out
		mem-admin restore named.tar --store named >out
		was=$(sql "SELECT value FROM meta WHERE name = '\''node'\''")
		MEM_STORE=$PWD/named
		[ "$(sql "SELECT value FROM meta WHERE name = '\''node'\''")" != "$was" ]
		[ "$(sql "SELECT max(upto) FROM origin WHERE node = '\''$was'\''")" = 5 ]
		mem-admin check
	'
else
	skip 'what is restored is a copy with a name of its own' 'no sqlite3'
fi
test_that 'a backup while writers write is of one moment, and misses nothing' '
	fresh_store
	mem-admin init
	mktexts 1000 9 41 >in
	mem-ingest --each <in >out &
	one=$!
	mktexts 1000 9 42 | MEM_USER=ann mem-ingest >out &
	two=$!
	n=0
	while [ $n -lt 5 ]; do
		n=$((n + 1))
		least=$(sql "SELECT count(*) FROM event")
		mem-admin backup w$n.tar
		most=$(sql "SELECT count(*) FROM event")
		mem-admin restore w$n.tar --store w$n >told
		mem-admin check --store w$n >checked || { cat checked; exit 1; }
		have=$(jl event_count <checked)
		echo "$least $have $most"
		[ "$have" -ge "$least" ]
		[ "$have" -le "$most" ]
		# and one that ends what it has of the store that it was
		[ "$(jl change_count <checked)" -eq $((have + (have > 0))) ]
	done
	wait $one
	wait $two
	mem-ingest --store w1 <in >out
	[ "$(mem-log --store w1 | wc -l)" = 1000 ]
'

# ---- kills and faults ----

if faults_work; then
	fresh_store
	{ mktexts 60 | mem-ingest; mktexts 9 2 7 | MEM_USER=ann mem-ingest; } >out
	contents >want
	rm -f whole.tar
	mem-admin backup whole.tar >out
	# each OP STEP COMMAND...: killed at each call, until it comes through
	each() {
		op=$1 step=${MEM_EVERY:-$2} n=1
		shift 2
		while fault "$op:$n:KILL" "$@"; do
			[ "$status" -eq 137 ] || { cat err; return 1; }
			after || { echo "killed at $op $n"; return 1; }
			n=$((n + step))
		done
		echo "$n calls of $op"
		[ "$n" -gt 1 ] || return 1
	}
	test_that 'a backup killed anywhere leaves the one before it' '
		cp whole.tar b.tar
		# shellcheck disable=SC2317
		after() {
			{ cmp -s whole.tar b.tar || mem-admin restore b.tar \
			    --store dry --dry-run >/dev/null; } &&
			    restored "$MEM_STORE"
		}
		each write 13 mem-admin backup b.tar
		each fsync 1 mem-admin backup b.tar
		each rename 1 mem-admin backup b.tar
		mem-admin backup b.tar
		mem-admin restore b.tar --store dry --dry-run >out
		[ ! -e b.tar.part ]
		[ -z "$(ls -A "$MEM_STORE/tmp")" ]
	'
	test_that 'a restore killed anywhere leaves no store, or all of it' '
		# shellcheck disable=SC2317
		after() {
			if [ -e k/memkit ]; then
				(restored "$PWD/k") && rm -rf k
				return
			fi
			[ "$(mem-log --store k 2>&1 | grep -c "no store")" = 1 ] || return 1
			if ! mem-admin restore whole.tar --store k >out 2>err; then
				# between the moves: it says so
				grep "restore left that was killed" err || return 1
				rm -rf k
				return
			fi
			[ ! -e k/tmp ] || return 1
			(restored "$PWD/k") && rm -rf k
		}
		rm -rf k
		each write 19 mem-admin restore whole.tar --store k
		rm -rf k
		each fsync 3 mem-admin restore whole.tar --store k
		rm -rf k
		each rename 1 mem-admin restore whole.tar --store k
	'
	test_that 'a full disk: said so, and nothing half done' '
		for n in 1 2 4 8 16 30 60; do
			fault "write:$n+:ENOSPC" mem-admin backup f.tar || break
			[ "$status" -eq 2 ] || { cat err; exit 1; }
			[ ! -e f.tar ]
			[ ! -e f.tar.part ]
		done
		for n in 1 2 4 8 16 30 60; do
			fault "write:$n+:ENOSPC" mem-admin restore whole.tar --store f ||
			    break
			[ "$status" -eq 2 ] || { cat err; exit 1; }
			nothing f
			rm -rf f
		done
	'
else
	skip 'killed and out of room' 'faults do not reach the tools here'
fi
test_done
