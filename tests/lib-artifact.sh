# shellcheck shell=sh disable=SC2154
# Artifacts: what tests of mem-artifact share, when they are whole, and faults
# at each step; sourced after lib.sh and lib-store.sh.

schema=$top/share/schema
helper=$obj/helper/jsonschema
[ -x "$helper" ] || helper=$top/obj/helper/jsonschema
tenant=$MEM_STORE/tenants/default
blobs=$tenant/blobs
export schema helper tenant blobs
unset RAW_STORAGE_MODE RAW_STORAGE_PROVIDER RAW_STORAGE_PREFIX \
    RAW_STORAGE_LEGACY_PROVIDERS RAW_STORAGE_POINTER_URI_SCHEMES \
    RAW_CONTENT_CODEC RAW_CONTENT_CODEC_KEYS RAW_CONTENT_CODEC_ACTIVE_KEY_ID

# conf KEY VALUE ...: settings
conf() {
	while [ $# -gt 1 ]; do
		mem-admin -q config set "$1" "$2"
		shift 2
	done
}

# managed [CODEC]: a store of managed bytes on the local disk
managed() {
	mem-admin init >/dev/null
	mem-admin config set artifact.mode managed_blob 2>/dev/null
	mem-admin config set artifact.provider local_fs 2>/dev/null
	[ -z "${1-}" ] || { mem-admin key new k1 >/dev/null &&
	    mem-admin config set artifact.codec "$1" 2>/dev/null; }
}

# sealed: and sealed
sealed() {
	managed aes_gcm
}

# put ARG...: the id of what is put
put() {
	mem-artifact put --json "$@" >put.out || return
	jl artifact_id <put.out
}

# object ID: the file that has its bytes
object() {
	echo "$blobs/$(mem-artifact get "$1" | sed -n 's/.*"local-fs:\/\/\([^"]*\)".*/\1/p')"
}

# objects: how many there are
objects() {
	if [ -d "$blobs" ]; then
		find "$blobs" -name '*.bin' | wc -l | tr -d ' '
	else
		echo 0
	fi
}

# status ID
status() {
	mem-artifact get "$1" | jl status
}

# bytes N FILE: so many, the same each time
bytes() {
	openssl enc -aes-128-ctr -K 00 -iv 00 -nosalt </dev/zero 2>/dev/null |
	    head -c "$1" >"$2"
}

# code WANT COMMAND...: it fails so, exit 2, and says it in a record, too
code() {
	want_code=$1 tool=$2
	shift 2
	exits 2 "$tool" --json "$@" >code.out 2>err || return 1
	"$helper" "$schema" code.out || return 1
	grep "^mem-artifact: .*$want_code: " err >&7 &&
	    grep "\"error\":\"$want_code\"" code.out >&7 && return 0
	cat err code.out >&7
	return 1
}

# valid FILE: records as their schemas have them
valid() {
	"$helper" "$schema" "$@"
}

# ids: of the records that came whole
ids() {
	sed -n 's/^{.*"artifact_id":"\([0-9A-Z]\{26\}\)".*}$/\1/p' "$@"
}

# object_files: keys of what lies on the disk
object_files() {
	[ ! -d "$blobs" ] || (cd "$blobs" &&
	    find . -path ./tmp -prune -o -type f -print | sed 's|^\./||')
}

# rows_whole: each that is stored has its bytes, and they are those that were
# put; who has none has none, but for what another one needs
rows_whole() {
	sql "SELECT object, osize, lower(hex(sum)) FROM artifact
	    WHERE state = 0 AND provider = 1 AND here = 1" | sort -u >rows
	while IFS='|' read -r key size sum; do
		if [ ! -f "$blobs/$key" ]; then
			echo "stored, and not there: $key"
			return 1
		fi
		if [ "$(wc -c <"$blobs/$key")" -ne "$size" ] ||
		    [ "$(sha256sum <"$blobs/$key")" != "$sum  -" ]; then
			echo "other bytes: $key"
			return 1
		fi
	done <rows
}

# settled_whole: nothing is on its way or left over, either; after a reconcile
settled_whole() {
	rows_whole || return
	sql "SELECT 'state', id, state FROM (SELECT hex(id) AS id, state
		FROM artifact WHERE state NOT IN (0, 6, 8));
	    SELECT 'body of a deleted one', hex(id) FROM artifact
		WHERE state = 6 AND body <> '{}';
	    SELECT 'journal', object FROM artifact_byte" >left
	[ ! -s left ] || { cat left; return 1; }
	cut -d'|' -f1 rows | LC_ALL=C sort -u >wanted
	object_files | LC_ALL=C sort >there
	diff wanted there
}

# no_temporary: nothing in any folder for work in progress; a key that was
# being written stays beside the keys
no_temporary() {
	for d in "$blobs/tmp" "$MEM_STORE/tmp"; do
		[ -d "$d" ] || continue
		[ -z "$(ls -A "$d")" ] || { ls -lA "$d"; return 1; }
	done
}

# nothing_to_do: a reconcile says so
nothing_to_do() {
	mem-artifact reconcile "$@" >second 2>err || { cat second err; return 1; }
	if grep -v '"type":"reconcile"' second || ! grep -q '"settled":0,"waits":0,"in_flight":0,"foreign":0,"lost":0,"dropped":0,"unknown":0,"trouble":0' second; then
		cat second
		return 1
	fi
}

# reconciles: once, then there is nothing to do, and all is whole
reconciles() {
	mem-artifact reconcile >first 2>err || { cat first err; return 1; }
	nothing_to_do && nothing_to_do --scan && settled_whole
}

# acknowledged FILE: each record in it is of one that is what it says, and if
# that is stored it reads as it was put
acknowledged() {
	sed -n 's/^{.*"artifact_id":"\([^"]*\)".*"status":"\([^"]*\)".*}$/\1 \2/p' \
	    "$1" >acked
	while read -r id status; do
		mem-artifact get "$id" --json >now 2>err ||
		    { cat err; return 1; }
		is=$(jl status <now)
		[ "$is" = "$status" ] || [ "$status" = pending ] ||
		    { echo "$id was $status, is $is"; return 1; }
		[ "$status" != stored ] || mem-artifact verify "$id" -q ||
		    { echo "$id does not verify"; return 1; }
	done <acked
}

# each_step OP HOW STEP SCRIPT [MORE...]: SCRIPT is run on the store `before`
# with a fault at each call, as points_of has it; what it told must hold, and
# what it left must be settled.  Then it runs again.
each_step() {
	op=$1 how=$2 step=$3 script=$4
	shift 4
	hits=0
	points_of "$op" "$step" as_before sh "./$script"
	[ "$status" = 0 ] || { cat err; return 1; }
	for n in $points; do
		as_before
		fault "$op:$n$how" sh "./$script" || continue
		hits=$((hits + 1))
		cp out told
		cp err told.err
		after_fault "$@" || { echo "$script $op:$n$how: exit $status"
			cat told.err; return 1; }
	done
	echo "$script $op$how: $hits at $points"
	[ "$hits" -gt 0 ]
}
as_before() {
	rm -rf "$MEM_STORE"
	cp -R before "$MEM_STORE"
}
after_fault() {
	case $how:$status in
	:KILL:137 | :TEAR:137 | *:0) ;;
	*:2 | *:3 | *:75 | *:1)
		[ -s err ] || grep -q '"reason"' out ||
		    { echo 'no message'; return 1; } ;;
	*)	echo 'exit status'; return 1 ;;
	esac
	rows_whole || return
	reconciles || return
	store_whole || return
	acknowledged told || return
	sh "./$script" >again 2>err || { echo again; cat err; return 1; }
	acknowledged again || return
	echo "$n" >fresh
	mem-artifact put fresh -q && no_temporary || return
	reconciles
}
