#!/bin/sh
# SARIF 2.1.0: what is said of a result in other places of the file.
. "${0%/*}/lib.sh"
. "$tests/lib-bugs.sh"

# The results stand before what they refer to.
cat >a.sarif <<'EOT'
{"version":"2.1.0","runs":[
{"results":[
 {"ruleId":"R1","ruleIndex":0,"message":{"id":"deref","arguments":["p"]},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"net/http%20s.c","uriBaseId":"SRC"},"region":{"startLine":7}}}]},
 {"rule":{"index":1},"message":{"text":"see [this](1)"},"locations":[{"physicalLocation":{"artifactLocation":{"index":0}}}],"partialFingerprints":{"h":"1"}},
 {"ruleId":"R1","level":"note","message":{"text":"hidden"},"suppressions":[{"kind":"inSource"}]},
 {"ruleId":"R1","message":{"text":"seen again"},"suppressions":[{"kind":"external","status":"rejected"}]},
 {"ruleId":"R1","message":{"text":"gone"},"baselineState":"absent"},
 {"ruleId":"R1","kind":"pass","message":{"text":"fine"}},
 {"ruleId":"R9","message":{"text":"outside"},"locations":[{"physicalLocation":{"artifactLocation":{"uri":"../../etc/passwd"}}}]},
 {"ruleId":"R9","correlationGuid":"11111111-1111-1111-8888-111111111111","message":{"text":"known"},"hostedViewerUri":"https://v/1","provenance":{"firstDetectionTimeUtc":"2024-11-30T17:20:00Z"}}],
 "artifacts":[{"location":{"uri":"file:///home/ann/app/src/b.c"},"sourceLanguage":"c"}],
 "originalUriBaseIds":{"REPO":{"uri":"file:///C:/app/"},"SRC":{"uri":"src/","uriBaseId":"REPO"}},
 "versionControlProvenance":[{"repositoryUri":"https://example.org/app"}],
 "invocations":[{"startTimeUtc":"2024-12-01T00:00:00Z","executionSuccessful":true}],
 "tool":{"driver":{"name":"lint","version":"3","rules":[
  {"id":"R1","name":"NullDereference","messageStrings":{"deref":{"text":"'{0}' may be NULL"}},"shortDescription":{"text":"A null pointer is followed."},"helpUri":"https://r/1","defaultConfiguration":{"level":"error"}},
  {"id":"R2","properties":{"security-severity":"9.8","tags":["security","external/cwe/cwe-079"]}}]}}},
{"tool":{"driver":{"name":"other"}},"results":null},
{"tool":{"driver":{"name":"third","rules":[{"id":"T1","defaultConfiguration":{"level":"none"}}]}},"results":[{"ruleId":"T1/sub","message":{"text":"quiet"}}]}]}
EOT

test_that 'messages, rules, places, levels' '
	from sarif a.sarif
	grep "may be NULL" out >one
	has "\"record_type\":\"bug_record\",\"title\":\"'\''p'\'' may be NULL\",\"text\":\"'\''p'\'' may be NULL\"" one
	has "\"record_id\":\"R1-" one
	has "\"severity\":\"major\"" one
	has "\"affected_files\":[\"src/net/http s.c\"]" one
	has "\"module\":\"src\"" one
	has "\"tags\":[\"null_dereference\"]" one
	has "\"root_cause\":\"A null pointer is followed.\"" one
	has "\"project\":\"https://example.org/app\",\"environment\":\"lint 3\",\"url\":\"https://r/1\"" one
	has "\"timestamp\":1733011200000" one
	grep "see this" out >one
	has "\"severity\":\"critical\"" one
	has "\"affected_files\":[\"src/b.c\"]" one
	has "\"language\":\"c\"" one
	has "\"tags\":[\"r2\",\"cwe_079\",\"security\",\"external/cwe/cwe-079\"]" one
'
test_that 'suppressions and baselines are a status' '
	status_of() { grep "\"title\":\"$1" out | jl status; }
	[ "$(status_of hidden)" = rejected ]
	[ "$(status_of seen)" = open ]
	[ "$(status_of gone)" = resolved ]
	[ "$(status_of known)" = open ]
	exits 1 grep fine out
	has "\"result of the kind pass\":1" end
'
test_that 'ids: of the tool, or made of the place' '
	of 11111111-1111-1111-8888-111111111111 "\"url\":\"https://v/1\"" "\"timestamp\":1732987200000"
	jl record_id <out | sort >ids
	[ "$(uniq <ids | wc -l)" -eq 8 ]
	# the same in a file of another form
	sed "s/^ *//" a.sarif | tr -d "\n" >b.json
	from sarif b.json
	jl record_id <out | sort | cmp ids -
	from sarif - <a.sarif
	jl record_id <out | sort | cmp ids -
'
test_that 'each result with the rules of its own run' '
	grep quiet out >one
	has "\"severity\":\"trivial\"" one
	has "\"environment\":\"third\"" one
'
test_that 'a path that leads out is left out' '
	grep outside out >one
	exits 1 grep affected_files one
	has "path left out: it is none below the project\":1" end
'
test_that 'what is no 2.1.0 is told' '
	sed "s/2.1.0/2.0.0/" a.sarif >old.sarif
	from sarif old.sarif
	has "SARIF of another version than 2.1.0" end
'
test_that 'broken in all kinds of ways' '
	echo "{\"version\":\"2.1.0\",\"runs\":[{\"results\":[1,{},{\"message\":7,\"ruleIndex\":-4,\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"index\":99}}}]},{\"ruleId\":\"x\",\"rule\":{\"toolComponent\":{\"index\":5}},\"message\":{\"text\":\"{0}{1}{{\"}}]},{\"results\":[{\"message\":{\"text\":\"a\"}}]" >bad.sarif
	exits 3 from sarif bad.sarif
	cat end
	has "\"missing_title\":2" end
	has "\"element that is no object\":1" end
	has "\"file that ends too early\":1" end
	[ "$(wc -l <out)" -eq 2 ]
	for n in 20 200 700 1500 2500; do
		head -c $n a.sarif >torn.sarif
		from sarif torn.sarif || [ $? -eq 3 ]
		[ -s end ]
	done
'
test_that 'a run that is broken around its results' '
	echo "{\"version\":\"2.1.0\",\"runs\":[{\"results\":[{\"ruleId\":\"a\",\"message\":{\"text\":\"one\"}}],\"tool\":{]},{\"results\":[{\"ruleId\":\"a\",\"message\":{\"text\":\"two\"}}]}]}" >bad.sarif
	from sarif bad.sarif || [ $? -eq 3 ]
	[ "$(jl title <out | tr "\n" " ")" = "one two " ]
	has "what is around the results cannot be read" end
'
test_that 'bases in a circle, links in thousands' '
	awk "BEGIN { for (i = 0; i < 20000; i++) s = s \"[\"
		printf \"{\\\"version\\\":\\\"2.1.0\\\",\\\"runs\\\":[{\\\"originalUriBaseIds\\\":{\\\"A\\\":{\\\"uri\\\":\\\"a/\\\",\\\"uriBaseId\\\":\\\"B\\\"},\\\"B\\\":{\\\"uri\\\":\\\"b/\\\",\\\"uriBaseId\\\":\\\"A\\\"}},\\\"results\\\":[{\\\"ruleId\\\":\\\"r\\\",\\\"message\\\":{\\\"text\\\":\\\"%sx](1)\\\"},\\\"locations\\\":[{\\\"physicalLocation\\\":{\\\"artifactLocation\\\":{\\\"uri\\\":\\\"x.c\\\",\\\"uriBaseId\\\":\\\"A\\\"}}}]}]}]}\", s }" >c.sarif
	timeout 20 mem-from -q sarif c.sarif >out
	has "b/a/x.c" out
'
test_that 'it goes into a store and is found by its file' '
	{ mem-from -q sarif a.sarif || :; } | mem-ingest -q --kb lint >sum || [ $? -eq 3 ]
	grep "\"stored\":8" sum
	{ mem-from -q sarif a.sarif || :; } | mem-ingest -q --kb lint >sum || [ $? -eq 3 ]
	grep "\"duplicate\":8" sum
'
test_done
