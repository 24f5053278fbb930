# shellcheck shell=sh
# What a test script sources: its own folder and store, a fixed clock, TAP.
# A body runs under `set -e` in a subshell; its output appears as "#" lines
# when it fails.
set -u
tests=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$tests")
PATH=${MEM_BIN:-$top/bin}:$PATH
work=$(mktemp -d "${TMPDIR:-/tmp}/memkit-test.XXXXXX") || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
cd "$work" || exit 2
HOME=$work/home MEM_STORE=$work/store MEM_USER=tester
MEM_NOW=2026-11-20T12:00:00Z TZ=UTC LC_ALL=C.UTF-8
# words alone, but for who sets MEM_MODEL=$model
MEM_MODEL=none model=$top/share/model/minilm-256.model
export PATH HOME MEM_STORE MEM_USER MEM_NOW TZ LC_ALL MEM_MODEL model tests top
unset MEM_CREDENTIAL_FILE MEM_CREDENTIAL_COMMAND
unset MEM_TENANT MEM_SESSION XDG_DATA_HOME NO_COLOR
mkdir "$HOME"
test_n=0 test_failed=0

# test_that DESCRIPTION BODY
test_that() {
	test_n=$((test_n + 1))
	(set -e; eval "$2") >"$work/.out" 2>&1 7>&1 </dev/null
	# a condition around it would switch set -e off
	# shellcheck disable=SC2181
	if [ $? -eq 0 ]; then
		echo "ok $test_n - $1"
	else
		echo "not ok $test_n - $1"
		test_failed=$((test_failed + 1))
		sed 's/^/# /' "$work/.out" | tail -n 40
	fi
}

# skip DESCRIPTION REASON
skip() {
	test_n=$((test_n + 1))
	echo "ok $test_n - $1 # SKIP $2"
}

# more: is it more than the quick suite?  MEM_MORE takes what that leaves to
# long-*.sh, but as little of it as may be.
more() {
	[ -n "${MEM_MORE-}${MEM_ALL-}${MEM_EVERY-}" ]
}
# left_to LONG: in the quick suite this script is left to that one
left_to() {
	more && return
	skip "${0##*/}" "$1 runs it"
	test_done
	exit
}

# exits STATUS COMMAND...: what is wrong goes past its own redirections (to 7)
exits() {
	want=$1
	shift
	got=0
	"$@" || got=$?
	[ "$got" -eq "$want" ] && return 0
	echo "exit $got, not $want: $*" >&7
	[ ! -s err ] || tail -n 30 err >&7
	return 1
}

# jl KEY: the value of a key in every line of standard input
jl() {
	LC_ALL=C sed -n 's/.*"'"$1"'": *"\{0,1\}\([^",}]*\).*/\1/p; t
	s/.*/ /p' | sed 's/^ $//'
}

# Some chroots and containers have no pseudo-terminals.
can_have_terminal() {
	script -qec true /dev/null >/dev/null 2>&1 </dev/null
}

fresh_store() {
	rm -rf "$MEM_STORE"
}

test_done() {
	echo "1..$test_n"
	[ "$test_failed" -eq 0 ]
}
