#!/bin/sh
# A CI job that imports what a bug tracker exported, all of it or nothing:
# it fails when one row is refused, or the export is torn, and says which.
# FORMAT is one of mem-from(1): bugs, jira-csv, github, gitlab, bugzilla ...
# usage: ci-import.sh KB FORMAT FILE ...
set -eu
kb=$1
shift
mem-from "$@" | mem-ingest --strict --kb "$kb" --rejects refused.jsonl || {
	status=$?
	echo "refused rows are in refused.jsonl" >&2
	exit $status
}
# What these rows come to; 3: more facts than one run writes.
mem-ltm run -q --kb "$kb" || [ $? -eq 3 ]
