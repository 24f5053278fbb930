#!/bin/sh
# The completion files load in their shells and offer what the tool says.
. "${0%/*}/lib.sh"
dir=$top/completions

# bash_complete LINE: what bash would offer at the end of it
bash_complete() {
	bash -c '
		. "$1/mem.bash"
		COMP_LINE=$2 COMP_POINT=${#2}
		# as readline splits: at blanks, "=" and ":"
		line=${2//=/ = }; line=${line//:/ : }
		read -ra COMP_WORDS <<<"$line"
		[[ $2 == *" " ]] && COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_mem_complete "${COMP_WORDS[0]}"
		printf "%s\n" "${COMPREPLY[@]}"
	' - "$dir" "$1"
}

# zsh_complete LINE TEXT: zsh completes only on a terminal; one is made, a tab
# typed into it, and its answer read until TEXT comes, for 10 s at most
zsh_complete() {
	zsh -f -c '
		zmodload zsh/zpty
		zpty z "PS1=\">\" zsh -f -i"
		z() { zpty -w z "$1" }
		z "fpath=($1 \$fpath); autoload -U compinit; compinit -u -D"
		z "zstyle \":completion:*\" list-prompt \"\""
		z "unsetopt beep; LISTMAX=1000; stty -echo; echo rea\"\"dy"
		zpty -r z text "*ready*"
		zpty -w -n z "$2"$'\''\t\t'\''
		for i in {1..100}; do
			while zpty -r -t z text; do all+=$text; done
			[[ $all == *"$3"* ]] && break
			sleep .1
		done
		print -r -- "$all"
		zpty -d z
	' - "$dir" "$1" "$2" | tr -d '\r\a'
}

fish_complete() {
	fish --no-config -c "source $dir/mem.fish; complete -C '$1'" 2>&1
}

mkdir -p folder/below
: >folder/file

if command -v bash >/dev/null; then
	test_that 'bash: options' '
		bash_complete "mem-log --sin" >got; cat got
		[ "$(cat got)" = --since ]
	'
	test_that 'bash: words of a choice' '
		[ "$(bash_complete "mem-log --format te")" = text ]
		[ "$(bash_complete "mem-log --format=te")" = text ]
	'
	test_that 'bash: folders' '
		bash_complete "mem-log --store fol" >got; cat got
		[ "$(cat got)" = folder ]
		[ "$(bash_complete "mem-log --store=folder/")" = folder/below ]
	'
	test_that 'bash: files' '
		bash_complete "mem-ingest folder/" | sort >got; cat got
		printf "folder/below\nfolder/file\n" >want
		cmp want got
	'
	test_that 'bash: mem completes tools, and then for the tool' '
		bash_complete "mem sea" >got; cat got
		[ "$(cat got)" = search ]
		[ "$(bash_complete "mem log --rever")" = --reverse ]
	'
	test_that 'bash: names of sessions, one with a colon' '
		echo "{\"session_id\":\"a:1\",\"timestamp\":1,\"text\":\"x\"}" |
		    mem-ingest
		bash_complete "mem-log --session a" >got; cat got
		[ "$(cat got)" = a:1 ]
		bash_complete "mem-log --session a:" >got; cat got
		[ "$(cat got)" = 1 ]
	'
	test_that 'bash: names of users, agents, knowledge bases, tenants' '
		echo "{\"session_id\":\"s\",\"timestamp\":1,\"text\":\"x\",\"agent\":\"codex\"}" |
		    MEM_USER=anna mem-ingest
		echo "{\"type\":\"record\",\"kb\":\"bugs\",\"record_id\":\"1\",\"record_type\":\"bug_record\",\"title\":\"t\"}" |
		    mem-ingest
		[ "$(bash_complete "mem-log --user an")" = anna ]
		[ "$(bash_complete "mem-log --agent c")" = codex ]
		[ "$(bash_complete "mem-search --kb b")" = bugs ]
		[ "$(bash_complete "mem-log --tenant d")" = default ]
		[ -z "$(bash_complete "mem-log --store nowhere --user an")" ]
		[ ! -e nowhere ]
	'
	test_that 'bash: every tool is registered' '
		bash -c ". $dir/mem.bash; complete -p" >got
		for t in "${MEM_BIN:-$top/bin}"/mem*; do
			grep " ${t##*/}$" got || { echo "not $t"; exit 1; }
		done
	'
else
	skip 'bash' 'no bash'
fi

if command -v zsh >/dev/null; then
	if can_have_terminal; then
		test_that 'zsh: options' '
			zsh_complete "mem-log --sin" --since >got; cat got
			grep -e "--since" got
		'
		test_that 'zsh: words of a choice' '
			zsh_complete "mem-log --format js" jsonl >got; cat got
			grep "jsonl" got
		'
		test_that 'zsh: folders, not files' '
			zsh_complete "mem-log --store folder/" below >got; cat got
			grep below got
			! grep file got
		'
	else
		skip 'zsh completes' 'no pseudo-terminals here'
	fi
	test_that 'zsh: every tool is registered' '
		for t in "${MEM_BIN:-$top/bin}"/mem*; do
			head -n 1 "$dir/_mem" | grep -w -e "${t##*/}" ||
			    { echo "not $t"; exit 1; }
		done
	'
else
	skip 'zsh' 'no zsh'
fi

if command -v fish >/dev/null; then
	test_that 'fish: options with what they do' '
		fish_complete "mem-log --sin" >got; cat got
		grep "^--since	" got
	'
	test_that 'fish: words of a choice' '
		fish_complete "mem-log --format=te" >got; cat got
		grep "^--format=text" got
	'
	test_that 'fish: folders, not files' '
		fish_complete "mem-log --store folder/" >got; cat got
		grep "^folder/below" got
		exits 1 grep "folder/file" got
		fish_complete "mem-log --store=folder/" >got; cat got
		grep "^--store=folder/below" got
	'
	test_that 'fish: every tool is registered' '
		fish --no-config -c "source $dir/mem.fish; complete" >got
		for t in "${MEM_BIN:-$top/bin}"/mem*; do
			grep -w -e "${t##*/}" got >/dev/null ||
			    { echo "not $t"; exit 1; }
		done
	'
else
	skip 'fish' 'no fish'
fi
test_done
