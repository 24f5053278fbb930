# shellcheck shell=sh
# For tests of the formats of bug records; sourced after lib.sh.

# from FORMAT [ARG ...]: records in out, the end record in end
from() {
	status=0
	mem-from "$@" >all 2>err || status=$?
	sed '/"type":"start"/d; /"type":"end"/d' all >out
	grep '"type":"end"' all >end || :
	return $status
}

# has STRING FILE
has() {
	grep -qF -- "$1" "$2" || { echo "lacks $1"; cat "$2"; return 1; }
}

# record ID: its line of out
record() {
	grep -F "\"record_id\":\"$1\"" out
}

# of ID STRING ...: the record has these
of() {
	record "$1" >one || { echo "no record $1"; cat out; return 1; }
	shift
	for s; do
		has "$s" one || return 1
	done
}
