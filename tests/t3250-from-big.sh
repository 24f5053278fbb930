#!/bin/sh
# Large inputs in little memory.
. "${0%/*}/lib.sh"

# small COMMAND...: with 48 MB of address space (an address sanitizer
# reserves terabytes: there is nothing to limit then)
small() {
	# shellcheck disable=SC3045
	( [ "${MEM_SANITIZE:-no}" != no ] || ulimit -v 48000
	"$@")
}

test_that 'an array of 65 MB, as one file' '
	awk "BEGIN {
		s = \"0123456789abcdefghijklmnopqrstuvwxyz\"
		for (i = 0; i < 7; i++)
			s = s s
		printf \"[\"
		for (i = 0; i < 4700; i++) {
			printf \"%s{\\\"uuid\\\":\\\"c%d\\\",\\\"chat_messages\\\":[\", i ? \",\" : \"\", i
			for (j = 0; j < 3; j++)
				printf \"%s{\\\"uuid\\\":\\\"m%d\\\",\\\"sender\\\":\\\"human\\\",\\\"created_at\\\":1790000000,\\\"text\\\":\\\"%s\\\"}\", j ? \",\" : \"\", j, s
			printf \"]}\"
		}
		printf \"]\"
	}" >big.json
	[ "$(wc -c <big.json)" -gt 60000000 ]
	small mem-from -q claude-export big.json >out
	[ "$(grep -c "\"type\":\"event\"" out)" -eq 14100 ]
	rm big.json out
'
test_that '100,000 lines' '
	awk "BEGIN {
		for (i = 0; i < 100000; i++)
			printf \"{\\\"type\\\":\\\"user\\\",\\\"sessionId\\\":\\\"s%d\\\",\\\"uuid\\\":\\\"u%d\\\",\\\"parentUuid\\\":\\\"u%d\\\",\\\"timestamp\\\":%d,\\\"message\\\":{\\\"content\\\":\\\"number %d\\\"}}\\n\", i / 100, i, i - 1, 1790000000 + i, i
	}" >big.jsonl
	small mem-from -q claude-code --follow big.jsonl >out
	[ "$(grep -c "\"type\":\"event\"" out)" -eq 100000 ]
'
test_done
