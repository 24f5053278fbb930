/*
 * GitHub's workflow commands.  What is escaped is what its runner unescapes
 * (actions/toolkit, core/src/command.ts): "%", CR and LF in the message, and
 * ":" and "," in properties, too.  Without that a file name could end the
 * command and begin one of its own.
 */
#include "cmd/ltm_review.h"

#include "base/uri.h"

#include <string.h>

static void
escape(struct buf *b, const char *s, bool property)
{
	uri_escape_only(b, s, strlen(s), property ? "%\r\n:," : "%\r\n");
}

size_t
ltm_github(struct buf *b, const struct review_finding *f, size_t n)
{
	static const char *const commands[] = { "notice", "warning",
	    "error" };
	size_t shown[REVIEW_LEVELS] = { 0 }, left = 0, i;

	for (i = 0; i < n; i++) {
		if (++shown[f[i].level] > LTM_GITHUB_MAX) {
			left++;
			continue;
		}
		buf_addf(b, "::%s file=", commands[f[i].level]);
		escape(b, f[i].path, true);
		if (f[i].line > 0)
			buf_addf(b, ",line=%lld,endLine=%lld",
			    (long long)f[i].line, (long long)f[i].end_line);
		buf_addf(b, ",title=memkit %s::", review_rules[f[i].rule]);
		escape(b, f[i].message, false);
		buf_addc(b, '\n');
	}
	return left;
}
