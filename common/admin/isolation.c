#include "admin/isolation.h"

#include "admin/isolation_own.h"
#include "store/db.h"
#include "store/store.h"

#include <string.h>

int
isolation_tell(struct isolation *i, const struct isolation_hole *h,
    struct err *e)
{
	if (h->warning)
		i->sums.warnings++;
	else
		i->sums.holes++;
	return i->found(i->arg, h, e);
}

int
isolation_open(struct store **st, const struct isolation *i,
    const char *tenant, const char *user, struct err *e)
{
	struct store_where where = { .dir = i->dir, .tenant = tenant,
	    .user = user, .inside = true };

	return store_open(st, &where, STORE_READ, e);
}

/* Every user has indexes of his own. */
static int
each_index(struct isolation *i, const struct world_tenant *t, struct err *e)
{
	struct store *st;
	size_t u;
	int r = 0;

	for (u = 0; r == 0 && u < t->users; u++) {
		if (isolation_open(&st, i, t->name, t->user[u].name, e) < 0)
			return -1;
		r = isolation_indexes(i, st, e);
		store_close(st);
	}
	return r;
}

int
isolation_run(struct isolation *i, struct err *e)
{
	struct world w;
	struct store *st;
	size_t t;
	int r;

	memset(&i->sums, 0, sizeof i->sums);
	/* first what could mislead all the rest */
	if (i->whole && isolation_disk(i, e) < 0)
		return -1;
	if ((r = world_make(&w, i, e)) == 0)
		r = isolation_ask(&w, e);
	for (t = 0; r == 0 && t < i->tenants->n; t++) {
		/* a user that there is, so that none is looked for */
		if (isolation_open(&st, i, i->tenants->v[t],
		    w.tenant[t].users > 0 ? w.tenant[t].user[0].name : NULL,
		    e) < 0)
			r = -1;
		else
			r = isolation_rows(i, st, e);
		if (r == 0)
			store_close(st);
		if (r == 0)
			r = each_index(i, &w.tenant[t], e);
	}
	world_release(&w);
	return r;
}
