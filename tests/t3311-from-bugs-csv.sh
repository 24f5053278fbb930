#!/bin/sh
# Bug records as tables: the published one, Jira's, Defects4J's.
. "${0%/*}/lib.sh"
. "$tests/lib-bugs.sh"

test_that 'the columns of the rules, in any case' '
	cat >in.csv <<-"EOT"
	Issue Key,SUMMARY,Sev,State,Component,Files,Lang,Root-Cause,Solution,Tags,Creator,Owner,Project,Created,Closed_At,Details,Pri,Link
	A-1,Lost update,P0,fixed,sync,"src/a.c;/home/x/app/src/b.c",C,no lock,take it,"NullCheck, Race Condition",ann,ben,app,2024/11/30,2024-12-01,"It is lost.
	And ""more"".",P1,https://x/1
	EOT
	from bugs-csv in.csv
	of A-1 "\"title\":\"Lost update\",\"text\":\"It is lost.\\nAnd \\\"more\\\".\",\"author\":\"ann\",\"status\":\"resolved\"" \
	    "\"tags\":[\"null_check\",\"race_condition\"],\"timestamp\":1732924800000" \
	    "\"severity\":\"critical\",\"priority\":\"P1\",\"module\":\"sync\",\"language\":\"C\",\"root_cause\":\"no lock\",\"fix_description\":\"take it\",\"assignee\":\"ben\",\"project\":\"app\",\"url\":\"https://x/1\"" \
	    "\"affected_files\":[\"src/a.c\",\"src/b.c\"]" "\"resolved_at\":\"2024-12-01\""
	[ "$(wc -l <out)" -eq 1 ]
'
test_that 'columns in Chinese' '
	cat >cn.csv <<-"EOT"
	缺陷编号,缺陷标题,严重程度,状态,模块,涉及文件,根因,分类,报告人,创建时间
	7,丢失更新,致命,已解决,同步,src/a.c,没有加锁,空指针;竞态,王,2024年11月30日
	8,错别字,提示,重复,界面,,,,,
	EOT
	from bugs-csv cn.csv
	of 7 "\"title\":\"丢失更新\"" "\"severity\":\"critical\"" "\"status\":\"resolved\"" \
	    "\"module\":\"同步\"" "\"root_cause\":\"没有加锁\"" "\"tags\":[\"空指针\",\"竞态\"]" \
	    "\"timestamp\":1732924800000"
	of 8 "\"severity\":\"trivial\"" "\"status\":\"rejected\""
	mv out want
'
test_that 'the same with a byte order mark, and in GBK' '
	{ printf "\357\273\277"; cat cn.csv; } >bom.csv
	from bugs-csv bom.csv
	cmp want out
	iconv -f UTF-8 -t GBK cn.csv >gbk.csv
	from bugs-csv gbk.csv
	cmp want out
	has "not UTF-8, taken for GB18030" end
	from bugs-csv - <gbk.csv
	cmp want out
'
test_that 'Latin-1 is the last resort, with a warning' '
	printf "id,title,severity\n1,caf\351 x,low\n" >latin.csv
	from bugs-csv latin.csv
	of 1 "\"title\":\"café x\""
	grep "latin.csv. is not UTF-8: taken for ISO-8859-1" err
'
test_that 'other separators' '
	printf "id;title;severity\n1;a,b;low\n" >in.csv
	from bugs-csv in.csv
	of 1 "\"title\":\"a,b\""
	printf "id\ttitle\tseverity\n1\ta,b\tlow\n" >in.tsv
	from bugs-csv in.tsv
	of 1 "\"title\":\"a,b\""
'
test_that 'the first column of a field that is not empty, in the order of the aliases' '
	printf "key,id,name,title,severity,tags,labels\nK-1,,n,,low,a;b,c\nK-2,2,n,t,low,,d|e\n" >in.csv
	from bugs-csv in.csv
	of K-1 "\"title\":\"n\"" "\"tags\":[\"a\",\"b\",\"c\"]"
	of 2 "\"title\":\"t\"" "\"tags\":[\"d\",\"e\"]"
'
test_that 'columns that come again are one list' '
	printf "id,title,severity,files,files\n1,t,low,a.c,b.c\n" >in.csv
	from bugs-csv in.csv
	of 1 "\"affected_files\":[\"a.c\",\"b.c\"]"
'
test_that '--map goes before all aliases' '
	printf "id,No,title,severity,Where\n1,N-1,t,low,src/a.c\n" >in.csv
	from bugs-csv --map NO=bug_id,Where=affected_files in.csv
	of N-1 "\"affected_files\":[\"src/a.c\"]"
	from bugs-csv --map No=bug_id --map title=module in.csv || [ $? -eq 3 ]
	has "\"missing_title\":1" end
	exits 64 mem-from bugs-csv --map No=nothing in.csv
	exits 64 mem-from bugs-csv --map No in.csv
'
test_that 'columns that are no field are told' '
	printf "id,title,severity,Sprint\n1,t,low,7\n2,t,low,8\n3,t,low,\n" >in.csv
	from bugs-csv in.csv
	has "no field for '\''Sprint'\''\":2" end
'
test_that 'rows that are broken are counted, the rest goes on' '
	printf "id,title,severity\n1,a,low,what,is,this\n2\n,,\n\n3,b,low\n4,\"open,low\n5,x,low\n" >in.csv
	from bugs-csv in.csv || [ $? -eq 3 ]
	[ "$(jl record_id <out | tr "\n" " ")" = "1 3 " ]
	has "\"total\":5,\"valid\":2,\"skipped\":2" end
	has "\"missing_title\":1" end
	has "\"row whose quote is never closed\":1" end
	grep "in.csv. line 7: a quote is opened and never closed" err
	has "\"dropped_reasons\":{\"empty row\":1}" end
	has "\"cell without a column\":3" end
'
test_that 'a table of 20 MB in one cell, and one of 5000 columns' '
	{ printf "id,title,severity\n1,\""; head -c 20000000 /dev/zero | tr "\0" x
	    printf "\",low\n2,t,low\n3"; head -c 5000 /dev/zero | tr "\0" ,
	    printf "\n4,t,low\n"; } >big.csv
	from bugs-csv big.csv || [ $? -eq 3 ]
	[ "$(jl record_id <out | tr "\n" " ")" = "2 4 " ]
	has "\"row over 16 MiB or 4096 cells\":2" end
'
test_that 'NULs and bytes of all kinds' '
	printf "id,title,severity\n1,a\000b,low\n" >in.csv
	from bugs-csv in.csv
	of 1 "\"title\":\"ab\""
	printf "id,title,severity\n1,a\377\376b,low\n" >in.csv
	from bugs-csv in.csv
	of 1 "\"severity\":\"trivial\""
'
test_that 'an empty file, and a header alone' '
	: >in.csv
	from bugs-csv in.csv
	printf "id,title,severity\n" >in.csv
	from bugs-csv in.csv
	has "\"total\":0" end
'

cat >jira.csv <<'EOT'
Summary,Issue key,Issue id,Issue Type,Status,Project key,Priority,Resolution,Assignee,Reporter,Created,Resolved,Component/s,Component/s,Labels,Labels,Description,Environment,Custom field (Root Cause),Custom field (Severity),Sprint
Lost update,APP-7,101,Bug,Closed,APP,Blocker,Fixed,ben,ann,30/Sep/21 5:20 PM,01/Oct/21 09:05,sync,net,good-first-issue,regression,"Two phones,
one note",Debian,no lock,,S1
A wish,APP-8,102,New Feature,Open,APP,Major,,,ann,30/Sep/21 17:20,,,,,,,,,,
Not one,APP-9,103,Bug,Resolved,APP,Minor,Won't Fix,,ann,30/Sep/21 17:20,,web,,,,,,,Low,
Odd,APP-10,104,Bug,Open,APP,Sometime,,,,,,,,,,,,,,
EOT
test_that 'jira-csv' '
	from jira-csv jira.csv
	of APP-7 "\"text\":\"Two phones,\\none note\"" "\"author\":\"ann\",\"status\":\"closed\"" \
	    "\"timestamp\":1633022400000" "\"severity\":\"critical\",\"priority\":\"P0\"" \
	    "\"module\":\"sync\"" "\"root_cause\":\"no lock\"" "\"project\":\"APP\"" \
	    "\"resolution\":\"Fixed\"" "\"labels\":[\"good-first-issue\",\"regression\"]" \
	    "\"resolved_at\":\"2021-10-01T09:05:00.000Z\""
	of APP-9 "\"status\":\"rejected\"" "\"severity\":\"trivial\""
	of APP-10 "\"severity\":\"minor\""
	[ "$(wc -l <out)" -eq 3 ]
	has "\"issue that is no bug: New Feature\":1" end
	has "\"no field for '\''Sprint'\''\":1" end
'
test_that 'defects4j' '
	mkdir -p d4j
	cat >d4j/Chart.active-bugs.csv <<-"EOT"
	bug.id,revision.id.buggy,revision.id.fixed,report.id,report.url
	1,2264,2266,983,https://sourceforge.net/p/jfreechart/bugs/983
	2,2240,2242,UNKNOWN,UNKNOWN
	EOT
	from defects4j d4j
	of Chart-1 "\"title\":\"Chart-1 (983)\",\"status\":\"resolved\"" "\"project\":\"Chart\"" \
	    "\"fix_description\":\"revision 2266\"" "bugs/983"
	of Chart-2 "\"title\":\"Chart-2\""
	exits 1 grep UNKNOWN out
	has "\"severity guessed\":2" end
	from defects4j - <d4j/Chart.active-bugs.csv
	of 1 "\"title\":\"1 (983)\""
'
test_done
