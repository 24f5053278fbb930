# bash completion for memkit: asks the tool itself, `mem-x --complete WORD...`,
# so that it cannot go stale.  A line of the answer is "word<tab>what it is";
# one without a word says that files or folders are wanted.
# shellcheck shell=bash

_mem_complete() {
	local line=${COMP_LINE:0:COMP_POINT} words cur here lead word what

	# COMP_WORDS is split at "=" and ":" too; a value must stay in one
	# shellcheck disable=SC2162 # backslashes are the shell's
	read -a words <<<"$line"
	[[ $line == *[[:space:]] ]] && words+=('')
	cur=${words[${#words[@]}-1]}
	here=${COMP_WORDS[COMP_CWORD]}
	[[ $here == [=:] ]] && here=''
	lead=${cur%"$here"}

	COMPREPLY=()
	while IFS= read -r line; do
		word=${line%%$'\t'*} what=${line#*$'\t'}
		if [[ $word ]]; then
			COMPREPLY+=("$(printf %q "${word#"$lead"}")")
			continue
		fi
		compopt -o filenames 2>/dev/null
		while IFS= read -r word; do
			COMPREPLY+=("$word")
		done < <(compgen -"${what:0:1}" -- "${cur#"$lead"}")
	done < <("$1" --complete "${words[@]:1}" 2>/dev/null)
}

complete -F _mem_complete mem mem-admin mem-artifact mem-from mem-graph \
	mem-index mem-ingest mem-log mem-ltm mem-search mem-session mem-sync mem-toc
