# fish completion for memkit: asks the tool itself, `mem-x --complete WORD...`,
# so that it cannot go stale.  A line of the answer is "word<tab>what it is";
# one without a word says that files or folders are wanted.

function __mem_complete
    set -l words (commandline -opc)
    set -l cur (commandline -ct)
    # in front of a path that completes the value of --name=value
    set -l lead (string match -r -- '^--[^=]*=' $cur)
    for line in ($words[1] --complete $words[2..-1] "$cur" 2>/dev/null)
        switch $line
            case \tfile
                string replace -r -- '^' "$lead" \
                    (__fish_complete_path (string replace -- "$lead" '' $cur))
            case \tdir
                string replace -r -- '^' "$lead" \
                    (__fish_complete_directories \
                    (string replace -- "$lead" '' $cur) '')
            case '*'
                echo $line
        end
    end
end

for tool in mem mem-admin mem-artifact mem-from mem-graph mem-index mem-ingest mem-log mem-ltm mem-search mem-session mem-sync mem-toc
    complete -c $tool -f -a '(__mem_complete)'
end
