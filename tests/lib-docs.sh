# shellcheck shell=sh
# What the tests of mem-from docs share.
. "${0%/*}/lib.sh"
# MEM_NOW is of no use to stat
mkdir "$work/d"

# docs [ARG ...]: status in $status, records in out, messages in err
docs() {
	status=0
	mem-from docs "$@" >out 2>err || status=$?
}

# keep: the cursors of what was read are in the store
keep() {
	grep -E '^\{"type":"(start|cursor|end)"' out |
	    mem-ingest -q >/dev/null || [ $? -eq 3 ]
}

# ids: of the documents that were told, withdrawn ones with a minus
ids() {
	sed -n 's/^{"type":"document","document_id":"\([^"]*\)".*"status":"withdrawn".*/-\1/p; t
	s/^{"type":"document","document_id":"\([^"]*\)".*/\1/p' out
}

# has LINE ...: these ids and no others, in this order
has() {
	ids >got
	for i; do
		echo "$i"
	done >want
	diff want got
}

# end KEY: the value in the end record
end() {
	tail -n 1 out | jl "$1"
}
