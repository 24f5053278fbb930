#!/bin/sh
# A CI job that reviews a change with what the history of its repository tells,
# and fails where that is bad.  The log is for the code scanning of a forge
# (of GitHub: github/codeql-action/upload-sarif).  The clone must not be a
# shallow one: of GitHub's actions/checkout, with fetch-depth: 0.
# usage: ci-review.sh BASE [LEVEL]	in the repository
set -eu
mem-ltm review --repo . --format sarif "$1...HEAD" >review.sarif
format=text
[ -z "${GITHUB_ACTIONS-}" ] || format=github
mem-ltm review --repo . --format $format --fail-on "${2-error}" "$1...HEAD"
