# shellcheck shell=sh
# Small repositories, the same wherever they are made.
GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1
GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@x GIT_COMMITTER_NAME=C
GIT_COMMITTER_EMAIL=c@x
export GIT_CONFIG_GLOBAL GIT_CONFIG_NOSYSTEM GIT_AUTHOR_NAME GIT_AUTHOR_EMAIL \
    GIT_COMMITTER_NAME GIT_COMMITTER_EMAIL
unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE

# repository DIR
repository() {
	git init -q -b main "$1"
}

# commit DIR DAY SUBJECT: all that changed, on a day of 2026 (MM-DD)
commit() {
	GIT_AUTHOR_DATE="2026-$2T10:00:00Z" GIT_COMMITTER_DATE="2026-$2T12:00:00Z"
	export GIT_AUTHOR_DATE GIT_COMMITTER_DATE
	git -C "$1" add -A
	git -C "$1" commit -q --allow-empty -m "$3"
}

# lines N [WORD]: so many different lines
lines() {
	i=0
	while [ $i -lt "$1" ]; do
		echo "${2-line} $i of ${2-line}"
		i=$((i + 1))
	done
}
