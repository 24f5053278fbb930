/*
 * For tests of stores that come to the same: chance, rows as lines, and what
 * mem-admin finds.  A test that includes it uses all of it.
 */
#ifndef TEST_SAME_H
#define TEST_SAME_H

#include "tap.h"
#include "temp-store.h"

#include "admin/check.h"
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

static struct err e;
static uint64_t state;

/* 0 to n - 1, the same for each seed in state */
static unsigned
draw(unsigned n)
{
	state = state * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)((state >> 33) % n);
}

static void
fail(const char *what)
{
	printf("Bail out! %s: %s\n", what, e.msg);
	exit(2);
}

/* The first column of each row. */
static void
dump(struct store *st, struct buf *b, const char *sql)
{
	struct db_query *q = db_prepare(st->db, sql, &e);
	int r;

	if (q == NULL)
		fail(sql);
	while ((r = db_row(q, &e)) == 1) {
		buf_adds(b, db_get_text(q, 0));
		buf_addc(b, '\n');
	}
	if (r < 0)
		fail(sql);
	db_end(q);
}

static void
show_difference(const struct buf *a, const struct buf *b)
{
	const char *p = a->p, *q = b->p, *line = q;

	while (*p != '\0' && *p == *q) {
		if (*q == '\n')
			line = q + 1;
		p++, q++;
	}
	printf("# %.*s\n", (int)strcspn(line, "\n"), line);
	p = a->p + (line - b->p);
	printf("# %.*s\n", (int)strcspn(p, "\n"), p);
}

/* And what is different, if it is. */
static int
same_bytes(const struct buf *a, const struct buf *b)
{
	int r = a->len > 0 && a->len == b->len &&
	    memcmp(a->p, b->p, a->len) == 0;

	if (!r)
		show_difference(a, b);
	return r;
}

static int
found(void *arg, const struct check_problem *p, struct err *err)
{
	(void)arg;
	(void)err;
	printf("# %s: %s: %s\n", p->what, p->where, p->detail);
	return 0;
}

/* Has mem-admin check nothing to say? */
static int
checked(struct store *st)
{
	struct check_config c = { .found = found };
	struct check_sums sums = { 0 };

	if (check_tenant(st, &c, &sums, &e) < 0)
		fail("check");
	return sums.problems == 0;
}

#endif
