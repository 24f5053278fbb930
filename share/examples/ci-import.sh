#!/bin/sh
# A CI job that imports bug records and fails when one row is refused.
# usage: ci-import.sh RECORDS.jsonl KB
set -eu
mem-ingest --strict --kb "$2" --rejects refused.jsonl "$1" || {
	status=$?
	echo "refused rows are in refused.jsonl" >&2
	exit $status
}
