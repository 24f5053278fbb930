#!/bin/sh
# Bug records in XML: Bugzilla's, JUnit's; and XML that is an attack.
. "${0%/*}/lib.sh"
. "$tests/lib-bugs.sh"

cat >bz.xml <<'EOT'
<?xml version="1.0" encoding="UTF-8" standalone="yes" ?>
<!DOCTYPE bugzilla SYSTEM "https://bugzilla.example.org/page.cgi?id=bugzilla.dtd">
<bugzilla version="5.0" urlbase="https://bugzilla.example.org/">
  <bug>
    <bug_id>1001</bug_id>
    <creation_ts>2024-11-30 17:20:00 +0100</creation_ts>
    <short_desc>Leak &amp; crash in &lt;net&gt;</short_desc>
    <product>Core</product><component>Net</component><version>7</version>
    <rep_platform>All</rep_platform><op_sys>Linux</op_sys>
    <bug_status>VERIFIED</bug_status><resolution>FIXED</resolution>
    <keywords>regression, crash</keywords>
    <priority>P1</priority><bug_severity>blocker</bug_severity>
    <reporter name="Ann">ann@example.org</reporter>
    <assigned_to name="Nobody">nobody@example.org</assigned_to>
    <long_desc isprivate="0"><who name="Ann">ann</who><thetext>It leaks.
And falls.</thetext></long_desc>
    <long_desc isprivate="0"><thetext>Me too.</thetext></long_desc>
  </bug>
  <bug><bug_id>1002</bug_id><short_desc>Twice</short_desc><bug_severity>normal</bug_severity><bug_status>RESOLVED</bug_status><resolution>DUPLICATE</resolution></bug>
  <bug error="NotPermitted"><bug_id>1003</bug_id></bug>
</bugzilla>
EOT
test_that 'bugzilla, XML' '
	from bugzilla bz.xml
	of 1001 "\"title\":\"Leak & crash in <net>\",\"text\":\"It leaks.\\nAnd falls.\",\"author\":\"ann@example.org\",\"status\":\"closed\"" \
	    "\"severity\":\"critical\",\"priority\":\"P1\"" "\"module\":\"Net\"" "\"environment\":\"All Linux 7\"" \
	    "\"labels\":[\"regression\",\"crash\"]" "\"timestamp\":1732983600000"
	of 1002 "\"status\":\"rejected\"" "\"severity\":\"minor\""
	[ "$(wc -l <out)" -eq 2 ]
	has "\"bug that the server did not show: NotPermitted\":1" end
'
test_that 'in UTF-16, and from a stream' '
	mv out want
	sed "s/encoding=\"UTF-8\"/encoding=\"UTF-16\"/" bz.xml | iconv -f UTF-8 -t UTF-16 >bz16.xml
	from bugzilla bz16.xml
	cmp want out
	from bugzilla - <bz.xml
	cmp want out
'

cat >junit.xml <<'EOT'
<?xml version="1.0"?>
<testsuites name="all">
 <testsuite name="org.app.net.HttpTest" timestamp="2024-11-30T17:20:00" hostname="ci1" file="test/http.c">
  <testcase classname="org.app.net.HttpTest" name="timesOut" time="1"><failure message="expected 200 but was 500" type="java.lang.AssertionError">at HttpTest.java:7
more</failure></testcase>
  <testcase classname="org.app.net.HttpTest" name="connects"><error type="java.io.IOException"><![CDATA[refused <now>]]></error></testcase>
  <testcase classname="org.app.net.HttpTest" name="passes"/>
  <testcase classname="org.app.net.HttpTest" name="skips"><skipped/></testcase>
  <testsuite name="inner"><testcase name="alone" file="test/alone.py" line="3"><failure/></testcase></testsuite>
 </testsuite>
</testsuites>
EOT
test_that 'junit: tests that failed' '
	from junit junit.xml
	of org.app.net.HttpTest.timesOut "\"title\":\"timesOut: expected 200 but was 500\"" "\"text\":\"at HttpTest.java:7\\nmore\"" \
	    "\"severity\":\"major\"" "\"module\":\"org.app.net\"" "\"tags\":[\"assertion_error\"]" \
	    "\"affected_files\":[\"test/http.c\"]" "\"timestamp\":1732987200000" "\"environment\":\"ci1\"" "\"status\":\"open\""
	of org.app.net.HttpTest.connects "\"title\":\"connects: refused <now>\"" "\"tags\":[\"io_exception\"]"
	of inner.alone "\"title\":\"alone\"" "\"affected_files\":[\"test/alone.py\"]" "\"module\":\"inner\""
	[ "$(wc -l <out)" -eq 3 ]
	has "\"dropped\":2,\"dropped_reasons\":{\"test that passed\":1,\"test that was skipped\":1}" end
'
test_that 'a long name is an id that stays the same' '
	name=$(head -c 300 /dev/zero | tr "\0" x)
	for m in one two; do
		echo "<testsuite><testcase name=\"$name\"><failure message=\"$m\"/></testcase><testcase name=\"${name}y\"><failure/></testcase></testsuite>" >long.xml
		from junit long.xml
		jl record_id <out >$m.ids
	done
	cmp one.ids two.ids
	[ "$(sort -u one.ids | wc -l)" -eq 2 ]
	awk "length != 128 { exit 1 }" one.ids
'

# refused NAME REASON: nothing comes of it, at once, and the reason is told
refused() {
	# shellcheck disable=SC3045
	( [ "${MEM_SANITIZE:-no}" != no ] || ulimit -v 200000
	exits 3 timeout 20 mem-from junit "$1" >all 2>err )
	grep -F "$2" err || { cat err; return 1; }
	exits 1 grep "\"type\":\"record\"" all
	grep "file that is no XML we take\":1" all
}

test_that 'a billion laughs' '
	{ echo "<?xml version=\"1.0\"?><!DOCTYPE lolz [<!ENTITY lol \"lol\">"
	    p=lol
	    for i in 1 2 3 4 5 6 7 8 9; do
		echo "<!ENTITY lol$i \"&$p;&$p;&$p;&$p;&$p;&$p;&$p;&$p;&$p;&$p;\">"
		p=lol$i
	    done
	    echo "]><testsuite><testcase name=\"a\"><failure>&lol9;</failure></testcase></testsuite>"; } >lol.xml
	refused lol.xml "DTD inside the file is not accepted"
'
test_that 'files and addresses as entities' '
	echo secret >secret.txt
	echo "<!DOCTYPE a [<!ENTITY x SYSTEM \"file://$PWD/secret.txt\">]><testcase name=\"a\"><failure>&x;</failure></testcase>" >x.xml
	refused x.xml "DTD inside the file is not accepted"
	echo "<!DOCTYPE a [<!ENTITY % x SYSTEM \"http://127.0.0.1:9/x\"> %x;]><testcase name=\"a\"><failure/></testcase>" >x.xml
	refused x.xml "DTD inside the file is not accepted"
	echo "<!DOCTYPE a SYSTEM \"file://$PWD/secret.txt\"><testcase name=\"a\"><failure>&x;</failure></testcase>" >x.xml
	from junit x.xml
	exits 1 grep secret out
	has "&x;" out
'
test_that 'a million levels' '
	{ head -c 3000000 /dev/zero | sed "s/\x00/<a>/g"; } >deep.xml
	refused deep.xml "nested too deeply"
'
test_that 'a tag of 100 MB' '
	{ printf "<testcase a=\""; head -c 100000000 /dev/zero | tr "\0" x; printf "\"/>"; } >tag.xml
	( [ "${MEM_SANITIZE:-no}" != no ] || ulimit -v 200000
	exits 3 timeout 60 mem-from --max-bytes 0 junit tag.xml >all 2>err )
	grep "a tag or a comment is too long" err
	rm tag.xml
'
test_that 'an element of 50 MB, and one after it' '
	{ printf "<t><testcase name=\"a\"><failure>"; head -c 40000000 /dev/zero | tr "\0" x
	    printf "</failure></testcase><testcase name=\"b\"><failure/></testcase></t>"; } >big.xml
	( [ "${MEM_SANITIZE:-no}" != no ] || ulimit -v 200000
	exits 3 mem-from -q junit big.xml >all )
	grep "\"record_id\":\"b\"" all
	grep "element over 16 MiB\":1" all
'
test_that 'what is torn keeps what came before' '
	head -c 700 junit.xml >torn.xml
	exits 3 from junit torn.xml
	of org.app.net.HttpTest.timesOut
	has "file that is no XML we take\":1" end
'
test_that 'what is no XML at all' '
	echo "{}" >not.xml
	refused not.xml "not well-formed"
'
test_done
