# shellcheck shell=sh disable=SC2154,SC2119,SC2120
# A provider's program by its lines; sourced after lib.sh.
blob_program=${MEM_BIN:-$top/bin}/../libexec/memkit/${blob_name:-blob-s3}

# blob [OPTION...]: the program; stdin as given
blob() {
	"$blob_program" --store "$MEM_STORE" "$@"
}
# blob_object KEY FILE: as it is put
blob_object() {
	printf '{"key":"%s","file":"%s","size_bytes":%d,"sha256":"%s"}' "$1" \
	    "$PWD/$2" "$(wc -c <"$2")" "$(sha256sum <"$2" | cut -d' ' -f1)"
}
# blob_ask put|head|delete OBJECT...: one question; its answer on stdout
blob_ask() {
	what=$1
	shift
	(IFS=,; printf '{"type":"blob_%s","id":7,"objects":[%s]}\n' "$what" \
	    "$*") | blob
}
# blob_put KEY FILE, blob_head KEY [SAID], blob_delete KEY [SAID]: the object
# of the answer
blob_put() {
	blob_ask put "$(blob_object "$1" "$2")" >answer
	jq -ce '.objects[0]' answer || { cat answer; return 1; }
}
blob_head() {
	blob_ask head "{\"key\":\"$1\"${2:+,\"said\":$2}}" >answer
	jq -ce '.objects[0]' answer || { cat answer; return 1; }
}
blob_delete() {
	blob_ask delete "{\"key\":\"$1\"${2:+,\"said\":$2}}" >answer
	jq -ce '.objects[0]' answer || { cat answer; return 1; }
}
# blob_is EXPRESSION: holds of the object on stdin; shows it if not
blob_is() {
	cat >object
	jq -e "$1" object >/dev/null || { echo "not $1:"; cat object; return 1; }
}
