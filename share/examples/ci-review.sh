#!/bin/sh
# A CI job that reviews a change with what the history of its repository tells,
# and fails where that is bad.  The log is for the code scanning of a forge
# (of GitHub: github/codeql-action/upload-sarif).  The clone must not be a
# shallow one: of GitHub's actions/checkout, with fetch-depth: 0.
# FACTS, from a store elsewhere, tells of bugs, and what people said is wrong:
#	{ mem-ltm list --scope tenant; mem-ltm list --tag verdict; } >FACTS
# usage: ci-review.sh BASE [LEVEL [FACTS]]	in the repository
set -eu
range=$1...HEAD level=${2-error}
set -- --repo . ${3+--facts "$3"}
mem-ltm review "$@" --format sarif "$range" >review.sarif
format=text
[ -z "${GITHUB_ACTIONS-}" ] || format=github
mem-ltm review "$@" --format $format --fail-on "$level" "$range"
