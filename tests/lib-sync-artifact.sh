# shellcheck shell=sh disable=SC2154
# Artifacts on copies of a store; sourced after lib-sync.sh.

RAW_STORAGE_MODE=managed_blob RAW_STORAGE_PROVIDER=local_fs
export RAW_STORAGE_MODE RAW_STORAGE_PROVIDER

# keep NODE FILE [OPTION...]: put; its id
keep() {
	who=$1
	shift
	as "$who" mem-artifact put --json "$@" | jl artifact_id
}
content() {
	as "$1" mem-artifact content "$2"
}
status() {
	as "$1" mem-artifact get --json "$2" | jl status
}
# rows NODE: all that travels of them
rows() {
	sqlite3 -readonly "$work/$1/tenants/default/memory.db" "
	    SELECT hex(a.id), u.name, s.name, iif(a.state <> 4, a.state,
		iif(a.provider = 3, 3, 0)), a.provider, a.created,
		iif(a.state = 6, 0, a.at), iif(a.state = 6, 0, a.node),
		iif(a.state = 6, 0, a.size), iif(a.state = 6, '', a.object),
		iif(a.state = 6, '', hex(a.sum)), hex(a.hash),
		iif(a.state = 6, '', a.codec), iif(a.state = 6, '', a.said),
		a.body FROM artifact a JOIN user u ON u.id = a.user
		LEFT JOIN session s ON s.seq = a.session
		WHERE a.state NOT IN (1, 5, 7) ORDER BY 1"
}
same_rows() {
	rows "$1" >rows.1
	rows "$2" >rows.2
	[ -s rows.1 ]
	diff rows.1 rows.2
}
# files NODE: of its disk
files() {
	(cd "$work/$1/tenants/default/blobs" 2>/dev/null &&
	    find . -path ./tmp -prune -o -type f -print | LC_ALL=C sort)
}
blobs() {
	find "$R" -path '*/.memkit/blob/*' -type f
}
# blob_of FILE: where these bytes are there
blob_of() {
	find "$R" -name "$(sha256sum <"$1" | cut -d' ' -f1)"
}
# settled NODE...: nothing is left to do, and the second time neither
settled() {
	for who; do
		as "$who" mem-artifact reconcile --scan --json >settled || {
			cat settled
			return 1
		}
		! grep '"type":"reconciled"' settled || return
	done
}
# both NODE NODE: rows, and what disks have
both() {
	same_rows "$1" "$2" || return
	files "$1" >files.1
	files "$2" >files.2
	diff files.1 files.2
}
# knows NODE NODE: the first gets the keys of the other one
knows() {
	rm -f ring
	as "$2" mem-admin key export --plain ring 2>/dev/null >out
	as "$1" mem-admin key import ring >out
}
