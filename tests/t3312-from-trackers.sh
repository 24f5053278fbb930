#!/bin/sh
# Issues as trackers' interfaces have them, and advisories.
. "${0%/*}/lib.sh"
. "$tests/lib-bugs.sh"

cat >jira.json <<'EOT'
{"expand":"names","startAt":0,"total":4,"issues":[
{"id":"1","key":"APP-1","self":"https://jira.example.org/rest/api/2/issue/1","fields":{"summary":"Lost update","description":"Two phones.","issuetype":{"name":"Bug"},"priority":{"name":"Highest"},"status":{"name":"Done"},"resolution":{"name":"Fixed"},"components":[{"name":"sync"},{"name":"net"}],"labels":["race"],"reporter":{"displayName":"Ann"},"assignee":{"displayName":"Ben"},"project":{"key":"APP","name":"App"},"created":"2024-11-30T17:20:00.000+0100","resolutiondate":"2024-12-01T10:00:00.000+0000","customfield_1":"no lock","customfield_2":{"value":"Minor"},"customfield_3":3}},
{"id":"2","key":"APP-2","fields":{"summary":"A story","issuetype":{"name":"Story"},"priority":{"name":"Major"}}},
{"id":"3","key":"APP-3","fields":{"summary":"Not one","issuetype":{"name":"Bug"},"priority":{"name":"Minor"},"status":{"name":"Closed"},"resolution":{"name":"Cannot Reproduce"},"description":{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"Of a"},{"type":"text","text":"document."}]}]}}},
{"id":"4","key":"APP-4","fields":null}],
"names":{"customfield_1":"Root cause","customfield_2":"Severity","customfield_3":"Sprint"}}
EOT
test_that 'jira' '
	from jira jira.json || [ $? -eq 3 ]
	of APP-1 "\"title\":\"Lost update\",\"text\":\"Two phones.\",\"author\":\"Ann\",\"status\":\"resolved\"" \
	    "\"severity\":\"minor\"" "\"priority\":\"P0\"" "\"module\":\"net\"" "\"root_cause\":\"no lock\"" \
	    "\"assignee\":\"Ben\",\"project\":\"APP\"" "\"url\":\"https://jira.example.org/browse/APP-1\"" \
	    "\"timestamp\":1732983600000" "\"labels\":[\"race\"]" "\"resolved_at\":\"2024-12-01T10:00:00.000Z\""
	of APP-3 "\"text\":\"Of a\\ndocument.\"" "\"status\":\"rejected\"" "\"resolution\":\"Cannot Reproduce\""
	[ "$(wc -l <out)" -eq 2 ]
	has "\"issue that is no bug: Story\":1" end
	has "\"missing_title\":1" end
'

cat >github.json <<'EOT'
[{"number":12,"title":"Crash on start","body":"It falls.","state":"closed","state_reason":"completed","user":{"login":"ann"},"assignee":null,"assignees":[{"login":"ben"}],"labels":[{"name":"type: bug"},{"name":"priority/critical-urgent"},{"name":"area/net"},"good first issue"],"created_at":"2024-11-30T17:20:00Z","closed_at":"2024-12-01T00:00:00Z","html_url":"https://github.com/o/app/issues/12","repository_url":"https://api.github.com/repos/o/app","linked_pull_requests":[{"number":13,"files":[{"filename":"src/net/a.c"},"src/b.c"],"commits":[{"files":[{"filename":"src/c.c"}]}]}]},
{"number":13,"title":"Fix it","pull_request":{"url":"x"},"html_url":"https://github.com/o/app/pull/13"},
{"number":14,"title":"Dark mode","labels":["enhancement"],"state":"open","html_url":"https://github.com/o/app/issues/14"},
{"number":15,"title":"Hm","state":"closed","state_reason":"not_planned","labels":[],"html_url":"https://github.com/o/app/issues/15"},
{"number":16,"title":"Both","labels":["bug","enhancement","severity::2"],"state":"open"},
{"number":17,"title":"Invalid","labels":["invalid","P3"],"state":"closed"},
{"title":"no number"}]
EOT
test_that 'github: labels, changes, pull requests' '
	from github github.json || [ $? -eq 3 ]
	of "o/app#12" "\"author\":\"ann\",\"status\":\"closed\"" "\"severity\":\"critical\",\"priority\":\"P0\"" \
	    "\"module\":\"net\"" "\"assignee\":\"ben\",\"project\":\"o/app\"" "\"url\":\"https://github.com/o/app/issues/12\"" \
	    "\"affected_files\":[\"src/net/a.c\",\"src/b.c\",\"src/c.c\"]" \
	    "\"labels\":[\"type: bug\",\"priority/critical-urgent\",\"area/net\",\"good first issue\"]"
	of "o/app#15" "\"status\":\"rejected\"" "\"severity\":\"minor\""
	of "#16" "\"severity\":\"major\""
	of "#17" "\"status\":\"rejected\"" "\"severity\":\"trivial\""
	[ "$(wc -l <out)" -eq 4 ]
	has "\"pull request\":1" end
	has "\"issue that is no bug: enhancement\":1" end
	has "\"missing_bug_id\":1" end
	has "\"severity guessed\":1" end
'
test_that 'github: the search, and what gh prints' '
	{ echo "{\"total_count\":7,\"incomplete_results\":false,\"items\":"; cat github.json; echo "}"; } >search.json
	mv out want
	from github search.json || [ $? -eq 3 ]
	cmp want out
	echo "[{\"number\":1,\"title\":\"t\",\"state\":\"CLOSED\",\"stateReason\":\"COMPLETED\",\"author\":{\"login\":\"ann\"},\"createdAt\":\"2024-11-30T17:20:00Z\",\"closedAt\":\"2024-12-01T00:00:00Z\",\"labels\":[{\"name\":\"bug\"}],\"url\":\"https://github.com/o/app/issues/1\"}]" |
	    from github
	of "o/app#1" "\"author\":\"ann\",\"status\":\"closed\"" "\"timestamp\":1732987200000" \
	    "\"severity\":\"minor\"" "\"resolved_at\":\"2024-12-01T00:00:00.000Z\""
	exits 1 grep guessed end
'

cat >gitlab.json <<'EOT'
[{"id":900,"iid":5,"title":"Leak","description":"d","state":"closed","severity":"HIGH","labels":["component::net","duplicate"],"issue_type":"incident","author":{"username":"ann"},"assignees":[{"username":"ben"}],"created_at":"2024-11-30T17:20:00.000Z","closed_at":null,"web_url":"https://gitlab.example.org/g/app/-/issues/5","references":{"full":"g/app#5"}},
{"id":901,"iid":6,"title":"Other","state":"opened","severity":"UNKNOWN","labels":["priority::1"],"issue_type":"issue","web_url":"https://gitlab.example.org/g/sub/app/-/issues/6"},
{"id":902,"iid":7,"title":"A case","issue_type":"test_case","labels":[]}]
EOT
test_that 'gitlab' '
	from gitlab gitlab.json
	of "g/app#5" "\"severity\":\"major\"" "\"status\":\"rejected\"" "\"module\":\"net\"" "\"project\":\"g/app\""
	of "g/sub/app#6" "\"status\":\"open\"" "\"severity\":\"major\",\"priority\":\"P1\""
	has "\"issue that is no bug: test_case\":1" end
'

cat >redmine.json <<'EOT'
{"issues":[{"id":4,"project":{"id":1,"name":"App"},"tracker":{"id":1,"name":"Bug"},"status":{"id":5,"name":"Erledigt","is_closed":true},"priority":{"id":7,"name":"Immediate"},"author":{"id":2,"name":"Ann"},"assigned_to":{"id":3,"name":"Ben"},"category":{"id":9,"name":"net"},"subject":"Leak","description":"d","created_on":"2024-11-30T17:20:00Z","closed_on":"2024-12-01T00:00:00Z","custom_fields":[{"id":1,"name":"Root cause","value":"no free"},{"id":2,"name":"Severity","value":"low"}]},
{"id":5,"tracker":{"name":"Feature"},"subject":"wish","status":{"name":"New"}}],"total_count":2,"offset":0,"limit":25}
EOT
test_that 'redmine' '
	from redmine redmine.json
	of 4 "\"title\":\"Leak\"" "\"author\":\"Ann\",\"status\":\"closed\"" "\"severity\":\"trivial\",\"priority\":\"P0\"" \
	    "\"module\":\"net\"" "\"root_cause\":\"no free\"" "\"project\":\"App\""
	has "\"issue that is no bug: Feature\":1" end
'

cat >bugzilla.json <<'EOT'
{"bugs":[{"id":1001,"summary":"Leak","severity":"S2","priority":"P1","status":"RESOLVED","resolution":"FIXED","product":"Core","component":"Net","creator":"ann@example.org","assigned_to":"nobody@mozilla.org","creation_time":"2024-11-30T17:20:00Z","cf_last_resolved":"2024-12-01T00:00:00Z","keywords":["regression"],"platform":"All","op_sys":"Linux","version":"7","type":"defect","url":""},
{"id":1002,"summary":"Wish","severity":"enhancement","status":"NEW","resolution":"","keywords":[]},
{"id":1003,"summary":"Twice","severity":"normal","status":"RESOLVED","resolution":"DUPLICATE","type":"defect","keywords":[]}]}
EOT
test_that 'bugzilla, JSON' '
	from bugzilla bugzilla.json
	of 1001 "\"author\":\"ann@example.org\",\"status\":\"resolved\"" "\"severity\":\"major\",\"priority\":\"P1\"" \
	    "\"module\":\"Net\"" "\"project\":\"Core\",\"environment\":\"All Linux 7\"" "\"labels\":[\"regression\"]"
	exits 1 grep nobody out
	of 1003 "\"status\":\"rejected\""
	has "\"issue that is no bug: enhancement\":1" end
'

cat >osv.json <<'EOT'
{"schema_version":"1.6.0","id":"GHSA-1","aliases":["CVE-2024-1"],"published":"2024-11-30T17:20:00Z","modified":"2024-12-01T00:00:00Z","summary":"Prototype pollution","details":"Long.","severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}],"affected":[{"package":{"ecosystem":"npm","name":"mixin"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"},{"fixed":"1.3.2"}]}]}],"database_specific":{"cwe_ids":["CWE-1321"]},"references":[{"type":"WEB","url":"https://w"},{"type":"ADVISORY","url":"https://a"}]}
EOT
cat >osv2.json <<'EOT'
{"vulns":[{"id":"GO-1","details":"# Head\nMore.","withdrawn":"2024-12-02T00:00:00Z","affected":[{"package":{"ecosystem":"Debian:11","name":"x"}}]},
{"id":"PY-1","summary":"s","database_specific":{"severity":"MODERATE"},"severity":[{"type":"CVSS_V3","score":"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"}]}]}
EOT
test_that 'osv' '
	from osv osv.json osv2.json
	of GHSA-1 "\"title\":\"Prototype pollution\",\"text\":\"Long.\"" "\"status\":\"resolved\"" "\"severity\":\"critical\"" \
	    "\"module\":\"mixin\",\"language\":\"JavaScript\"" "\"fix_description\":\"fixed in 1.3.2\"" \
	    "\"tags\":[\"cwe_1321\",\"CVE-2024-1\"]" "\"url\":\"https://a\"" "\"environment\":\"npm\""
	of GO-1 "\"title\":\"Head\"" "\"status\":\"rejected\"" "\"severity\":\"minor\""
	of PY-1 "\"severity\":\"minor\""
	has "\"severity guessed\":1" end
'
test_that 'one tracker'\''s export read as another'\''s says so' '
	exits 3 from sarif github.json
	[ ! -s out ]
	has "\"missing_title\":7" end
	exits 3 from bugzilla gitlab.json
	[ ! -s out ]
	grep "nothing of it could be read as bugzilla" err
	printf "PK\003\004zip" >zip.json
	from github zip.json || [ $? -eq 3 ]
	grep compressed end
'
test_that 'every format goes into a store' '
	for f in jira github gitlab redmine bugzilla osv; do
		{ mem-from -q $f $f.json || :; } | mem-ingest -q --kb $f >sum || [ $? -eq 3 ]
		grep "\"rejected\":{}" sum
		exits 1 grep "\"stored\":0" sum
	done
	mem-search kb:github crash
'
test_done
