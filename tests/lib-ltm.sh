# shellcheck shell=sh
# Bug records and facts; sourced after lib.sh.

# bug ID SEVERITY MODULE FILES TAGS [CAUSE [STATUS]]: a record; files and tags
# with commas between them, "-" is none
bug() {
	awk -v id="$1" -v sev="$2" -v mod="$3" -v files="$4" -v tags="$5" \
	    -v cause="${6-}" -v status="${7-open}" 'function list(s, n, v, i, r) {
			if (s == "-")
				return "[]"
			n = split(s, v, ",")
			for (i = 1; i <= n; i++)
				r = r (i > 1 ? "," : "") "\"" v[i] "\""
			return "[" r "]"
		}
		BEGIN {
			mod = mod == "-" ? "" : ",\"module\":\"" mod "\""
			cause = cause == "" ? "" : ",\"root_cause\":\"" cause "\""
			printf "{\"type\":\"record\",\"kb\":\"bugs\"," \
			    "\"record_id\":\"%s\",\"record_type\":" \
			    "\"bug_record\",\"title\":\"t\",\"status\":\"%s\"," \
			    "\"timestamp\":\"2026-10-01T00:00:00Z\",\"tags\":" \
			    "%s,\"fields\":{\"severity\":\"%s\"%s," \
			    "\"affected_files\":%s%s}}\n", id, status,
			    list(tags), sev, mod, list(files), cause
		}'
}

# bugs N FROM SEVERITY MODULE FILES TAGS [CAUSE]: so many, with ids of their own
bugs() {
	n=$1 from=$2
	shift 2
	while [ "$n" -gt 0 ]; do
		bug "B-$from" "$@"
		n=$((n - 1)) from=$((from + 1))
	done
}

# fact_of DIMENSION VALUE: the one that there is
fact_of() {
	mem-ltm list --json | grep -F "\"extraction_type\":\"$1\"" |
	    grep -F "\"extraction_dimension\":\"$2\"" || :
}
# sure DIMENSION VALUE: its confidence, "none" without one
sure() {
	fact_of "$1" "$2" >one
	if [ -s one ]; then jl confidence <one; else echo none; fi
}
# id_of DIMENSION VALUE
id_of() {
	fact_of "$1" "$2" | jl fact_id
}
# facts [OPTION ...]: all that holds, but for what tells of versions and times
facts() {
	mem-ltm list --json "$@" | sed 's/"version":[0-9]*,//
	    s/"valid_from":[0-9]*,*//; s/,*"ltm_extracted_at":[0-9]*//' | sort
}
