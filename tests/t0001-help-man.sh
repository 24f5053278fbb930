#!/bin/sh
# -h, the man page and --complete of a tool are about the same options.
. "${0%/*}/lib.sh"
man=$top/share/man/man1
bin=${MEM_BIN:-$top/bin}

# Options that -h lists, one a line: -s, --since
in_help() {
	"$1" -h | sed -n 's/^  \(-.\), \(--[a-z0-9-]*\).*/\1 \2/p; t
	    s/^  \(-.\)  .*/\1/p; s/^      \(--[a-z0-9-]*\).*/\1/p' |
	    tr ' ' '\n' | sort -u
}

# Options that the DESCRIPTION of a page explains
in_man() {
	awk '/^\.Sh/ { in_it = $2 == "DESCRIPTION" }
		in_it && /^\.It .*Fl/ {
			flag = 0
			for (i = 2; i <= NF; i++)
				if ($i == "Fl")
					flag = 1
				else if ($i ~ /^[A-Z][a-z]$/)
					flag = 0
				else if (flag && $i !~ /^[,|.]$/)
					print "-" $i
		}' "$1" | sort -u
}

# Long options that --complete offers, of the tool and of every command
in_completion() {
	{
		"$1" --complete --
		synopsis "$page" | while read -r c d; do
			"$1" --complete "$c" ${d:+"$d"} --
		done
	} | sed 's/	.*//' | grep '^--' | sort -u
}

# Lines of -h that explain a command: its words, then its operands
commands() {
	"$1" -h | sed -n '/^Commands$/,/^$/s/^  \([a-z].*\)/\1/p'
}

# Commands of the SYNOPSIS: what stands behind Cm
synopsis() {
	awk '/^\.Sh/ { in_it = $2 == "SYNOPSIS" }
		in_it && /^\.Cm/ {
			line = ""
			for (i = 2; i <= NF && $i !~ /^[A-Z][a-z]$/; i++)
				line = line (i > 2 ? " " : "") $i
			print line
		}' "$1"
}

same() {
	diff "$1" "$2" || {
		echo "< $1   > $2"
		return 1
	}
}

for path in "$bin"/mem*; do
	t=${path##*/}
	page=$man/$t.1
	test_that "$t -h and its man page have the same options" '
		in_help "$t" >of-help
		[ -s of-help ]
		in_man "$page" >of-man
		same of-help of-man
	'
	test_that "$t --complete offers the same options" '
		in_help "$t" | grep "^--" >of-help
		in_completion "$t" >of-completion
		same of-help of-completion
	'
	test_that "$t has the same commands in -h, man page and completion" '
		commands "$t" >of-help
		synopsis "$page" | sort -u >of-man
		# each of the page is in -h, and -h has no other
		while read -r c; do
			grep "^$c\( .*\)\{0,1\}$" of-help || { echo "not in -h: $c"; exit 1; }
		done <of-man >seen
		sort -u seen >a
		sort -u of-help >b
		same a b
		cut -d" " -f1 of-help | sort -u >first
		if [ -s first ]; then
			"$t" --complete "" | cut -f1 | sort -u >offered
			same first offered
		fi
	'
	test_that "$t says in -h what its man page says" '
		nd=$(sed -n "s/^\.Nd //p" "$page")
		[ -n "$nd" ]
		"$t" -h | tr "\n" " " | grep -F " $nd "
	'
	test_that "$t -h fits in 80 columns" '
		"$t" -h >text
		awk "length > 80 { print; bad = 1 } END { exit bad }" text
	'
	test_that "$t --version names the tool and the version" '
		[ "$("$t" --version)" = "$t (memkit) ${MEM_VERSION:-0.1.0}" ]
	'
done

test_that 'every page of section 1 has its tool' '
	for p in "$man"/*.1; do
		t=${p##*/}
		[ -x "$bin/${t%.1}" ] || { echo "${t%.1}"; exit 1; }
	done
'
test_that 'mem lists our tools with what their pages say' '
	mem >text
	for p in "$man"/mem-*.1; do
		t=${p##*/mem-}
		grep "^  ${t%.1}  *$(sed -n "s/^\.Nd //p" "$p")$" text ||
		    { echo "$t"; exit 1; }
	done
'
test_that 'mem runs a foreign tool too, and lists it' '
	mkdir -p foreign
	printf "#!/bin/sh\necho \"\$0: \$*\"\n" >foreign/mem-foreign
	chmod +x foreign/mem-foreign
	PATH=$PATH:$PWD/foreign
	mem | grep "^  foreign"
	mem foreign -n "a b" | grep "/mem-foreign: -n a b$"
	mem --complete fore | grep "^foreign"
'
test_that 'mem x without such a tool exits 64' '
	exits 64 mem nothing 2>err
	cat err
	[ "$(cat err)" = "mem: no tool '\''mem-nothing'\''; mem -h lists them" ]
'
test_that 'mem does not leave its folders' 'exits 64 mem ../../bin/true'
test_done
