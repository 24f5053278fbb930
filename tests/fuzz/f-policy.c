/*
 * Policies of anybody: what is read says the same when it is written down and
 * read again.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "sync/policy.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void
add_rule(struct buf *b, const char *verb, int64_t days)
{
	must(days >= POLICY_KEEP && days <= POLICY_DAYS_MAX);
	if (days != POLICY_KEEP)
		buf_addf(b, "%s%s after %" PRId64, b->len > 0 ? "," : "",
		    verb, days);
}

static void
round_trip(const struct policy *p)
{
	struct buf b = BUF_INIT, verb = BUF_INIT;
	struct policy again;
	struct err e;
	int area;

	add_rule(&b, "archive", p->archive);
	add_rule(&b, "cold", p->cold);
	for (area = 0; area < FILE_AREAS; area++) {
		buf_reset(&verb);
		buf_addf(&verb, "delete %s", file_areas[area]);
		add_rule(&b, verb.p, p->remove[area]);
	}
	if (b.len == 0)
		buf_adds(&b, "none");
	must(policy_parse(&again, b.p, &e) == 0);
	must(again.archive == p->archive && again.cold == p->cold);
	for (area = 0; area < FILE_AREAS; area++)
		must(again.remove[area] == p->remove[area]);
	buf_release(&b);
	buf_release(&verb);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct policy p;
	struct err e;
	char *s;

	if ((s = malloc(len + 1)) == NULL)
		exit(71);
	memcpy(s, data, len);
	s[len] = '\0';
	if (policy_parse(&p, s, &e) == 0)
		round_trip(&p);
	else
		must(e.code == ERR_USAGE && e.msg[0] != '\0');
	free(s);
	return 0;
}
