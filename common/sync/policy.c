#include "sync/policy.h"

#include "base/str.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

static const struct {
	const char *name;
	int days;
} units[] = { { "day", 1 }, { "week", 7 }, { "month", 30 },
    { "year", 365 } };

struct reader {
	const char *all, *p;	/* where the next word begins */
	char word[16];		/* the last one; "" none, or a long one */
	const char *at;		/* where it began */
};

/* Is there a word?  A comma is one. */
static bool
next(struct reader *r)
{
	size_t n;

	while (isspace((unsigned char)*r->p))
		r->p++;
	r->at = r->p;
	n = *r->p == ',' ? 1 : strcspn(r->p, ", \t\r\n\v\f");
	r->word[0] = '\0';
	if (n < sizeof r->word) {
		memcpy(r->word, r->p, n);
		r->word[n] = '\0';
	}
	r->p += n;
	return n > 0;
}

static int
wrong(const struct reader *r, const char *wanted, struct err *e)
{
	return err_set(e, ERR_USAGE, "policy, byte %td: %s wanted, not '%.20s'",
	    r->at - r->all + 1, wanted, r->at);
}

static int
twice(const struct reader *r, struct err *e)
{
	return err_set(e, ERR_USAGE, "policy, byte %td: that was said before",
	    r->at - r->all + 1);
}

/* "after N [unit]", and what comes behind it: 1 a comma, 0 the end. */
static int
read_age(struct reader *r, int64_t *days, struct err *e)
{
	size_t i, n, len;

	if (!next(r) || !str_eq(r->word, "after"))
		return wrong(r, "'after'", e);
	if (!next(r) || !str_int(r->word, 0, POLICY_DAYS_MAX, days))
		return wrong(r, "a number up to 36500", e);
	if (!next(r))
		return 0;
	for (i = 0; i < sizeof units / sizeof *units; i++) {
		n = strlen(units[i].name);
		len = strlen(r->word);
		if (strncmp(r->word, units[i].name, n) != 0 || (len != n &&
		    !str_eq(r->word + n, "s")))
			continue;
		if (*days > POLICY_DAYS_MAX / units[i].days)
			return err_set(e, ERR_USAGE, "policy: at most %d days",
			    POLICY_DAYS_MAX);
		*days *= units[i].days;
		if (!next(r))
			return 0;
		break;
	}
	return str_eq(r->word, ",") ? 1 : wrong(r, i < sizeof units /
	    sizeof *units ? "a comma" : "days, weeks, months, years or a "
	    "comma", e);
}

static int
read_delete(struct reader *r, struct policy *p, struct err *e)
{
	int64_t days;
	int area, more, one;

	if (!next(r))
		return wrong(r, "an area, or 'all',", e);
	one = file_area_of(r->word);
	if (one < 0 && !str_eq(r->word, "all"))
		return wrong(r, "inputs, artifacts, cache or all", e);
	for (area = 0; area < FILE_AREAS; area++)
		if ((one < 0 || area == one) && p->remove[area] !=
		    POLICY_KEEP)
			return twice(r, e);
	if ((more = read_age(r, &days, e)) < 0)
		return -1;
	for (area = 0; area < FILE_AREAS; area++)
		if (one < 0 || area == one)
			p->remove[area] = days;
	return more;
}

/* 1 there are more, 0 that was the last. */
static int
read_rule(struct reader *r, struct policy *p, struct err *e)
{
	int64_t *age;

	if (!next(r))
		return wrong(r, "archive, cold or delete", e);
	if (str_eq(r->word, "delete"))
		return read_delete(r, p, e);
	if (str_eq(r->word, "archive"))
		age = &p->archive;
	else if (str_eq(r->word, "cold"))
		age = &p->cold;
	else
		return wrong(r, "archive, cold or delete", e);
	if (*age != POLICY_KEEP)
		return twice(r, e);
	return read_age(r, age, e);
}

int
policy_parse(struct policy *out, const char *text, struct err *e)
{
	struct reader rd = { .all = text, .p = text };
	struct policy p = { POLICY_KEEP, POLICY_KEEP, { POLICY_KEEP,
	    POLICY_KEEP, POLICY_KEEP } };
	int r = 1;

	if (next(&rd) && str_eq(rd.word, "none")) {
		if (next(&rd))
			return wrong(&rd, "nothing behind 'none'", e);
		r = 0;
	}
	if (r == 1)
		rd.p = text;
	while (r == 1)
		r = read_rule(&rd, &p, e);
	if (r == 0)
		*out = p;
	return r;
}
