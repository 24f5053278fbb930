#!/bin/sh
# Large imports of bug records in little memory, in every kind of file.
. "${0%/*}/lib.sh"

# small COMMAND...: with 32 MB of address space (an address sanitizer
# reserves terabytes: there is nothing to limit then)
small() {
	# shellcheck disable=SC3045
	( [ "${MEM_SANITIZE:-no}" != no ] || ulimit -v 32000
	"$@")
}

# many N FORMAT: N records of 1 kB, each in the form of awk's FORMAT, of its
# number and a text
many() {
	awk -v n="$1" -v f="$2" -v sep="$3" 'BEGIN {
		s = sprintf("%0900d", 0)
		gsub("0000000000", "heartbeat ", s)
		for (i = 0; i < n; i++)
			printf "%s" f "\n", i ? sep : "", i, s
	}'
}
all='--max-records 0 --max-bytes 0'

test_that 'JSON: 36,000 records in one object' '
	{ echo "{\"bugs\":["
	    many 36000 "{\"bug_id\":%d,\"title\":\"t\",\"severity\":\"low\",\"description\":\"%s\"}" ,
	    echo "],\"n\":1}"; } >big.json
	small mem-from -q $all bugs big.json >out
	[ "$(wc -c <big.json)" -gt 33000000 ]
	[ "$(wc -l <out)" -eq 36002 ]
	small mem-from -q $all bugs - <big.json | tail -n 1 | grep "\"valid\":36000"
	rm big.json
'
test_that 'a table' '
	{ echo "id,title,severity,description"; many 36000 "%d,t,low,%s" ""; } >big.csv
	small mem-from -q $all bugs-csv big.csv | tail -n 1 >end
	grep "\"valid\":36000" end
	iconv -f UTF-8 -t GBK big.csv | sed "s/,t,/,\xd6\xd0,/" >gbk.csv
	small mem-from -q $all bugs-csv gbk.csv >out
	grep -c "\"title\":\"中\"" out | grep -x 36000
	rm big.csv gbk.csv
'
test_that 'SARIF' '
	{ echo "{\"version\":\"2.1.0\",\"runs\":[{\"results\":["
	    many 36000 "{\"ruleId\":\"r\",\"message\":{\"text\":\"%d %s\"}}" ,
	    echo "],\"tool\":{\"driver\":{\"name\":\"lint\"}}}]}"; } >big.sarif
	small mem-from -q $all sarif big.sarif | tail -n 1 >end
	grep "\"valid\":36000" end
	rm big.sarif
'
test_that 'XML' '
	{ echo "<bugzilla>"
	    many 36000 "<bug><bug_id>%d</bug_id><short_desc>t</short_desc><long_desc><thetext>%s</thetext></long_desc></bug>" ""
	    echo "</bugzilla>"; } >big.xml
	small mem-from -q $all bugzilla big.xml | tail -n 1 >end
	grep "\"valid\":36000" end
	rm big.xml
'
test_that 'a full disk is told' '
	[ -c /dev/full ] || exit 0
	many 100 "{\"bug_id\":%d,\"title\":\"t%s\",\"severity\":\"low\"}" "" >in
	exits 2 mem-from -q bugs in >/dev/full
'
test_done
