#include "sync/chosen.h"

#include "base/alloc.h"
#include "base/str.h"
#include "file/file_row.h"
#include "file/file_scan.h"
#include "memory/stage.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/journal.h"
#include "sync/sync.h"

#include <inttypes.h>
#include <stdlib.h>

void
chosen_release(struct chosen *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		free(c->v[i].path);
	free(c->v);
	*c = (struct chosen)CHOSEN_INIT;
}

int
chosen_scan(struct store *st, const struct stage *g, bool record,
    int64_t *fresh, struct err *e)
{
	struct file_scan how = { .record = record };

	*fresh = 0;
	if (file_scan(st, g->user, g->session, &how, e) < 0)
		return -1;
	*fresh = how.n[FILE_IS_NEW] + how.n[FILE_IS_CHANGED];
	if (how.n[FILE_IS_BUSY] > 0)
		return err_set(e, ERR_BUSY, "files of session '%s' are being "
		    "written; try again when that is over", g->session);
	return 0;
}

/* --- rows -------------------------------------------------------------- */

struct gathering {
	const struct choice *which;
	struct chosen *to;
};

static int
add(void *arg, const struct file_row *f, struct err *e)
{
	struct gathering *gather = arg;
	const struct choice *which = gather->which;
	struct chosen *c = gather->to;
	unsigned bit = 1u << f->area;

	(void)e;
	if (f->removed || (which->here && f->local != FILE_HERE) ||
	    (which->areas != 0 && !(which->areas & bit)) || which->but & bit)
		return 0;
	c->v = xgrow(c->v, c->n, &c->cap, sizeof *c->v);
	c->v[c->n++] = (struct chosen_file){ f->seq, f->area,
	    xstrdup(f->path) };
	c->bytes += f->size;
	return 0;
}

int
chosen_gather(struct store *st, const struct stage *g,
    const struct choice *which, struct chosen *to, struct err *e)
{
	struct gathering gather = { which, to };

	return file_row_each(st, g->seq, add, &gather, e);
}

/* --- are they there? --------------------------------------------------- */

struct waiting {
	const struct stage *g;
	int64_t node, n;
};

static int
count(void *arg, const struct file_each *f, struct err *e)
{
	struct waiting *w = arg;

	(void)e;
	w->n += !f->row.removed && f->row.s.node == w->node &&
	    str_eq(f->session, w->g->session) && str_eq(f->user, w->g->user);
	return 0;
}

int
chosen_not_pushed(const struct sync *s, const struct stage *g, int64_t files,
    struct err *e)
{
	return err_set(e, ERR_BUSY, "session '%s' has files that are not on "
	    "'%s' yet: %" PRId64 "; mem-sync push brings them there",
	    g->session, s->name, files);
}

int
chosen_pushed(struct sync *s, const struct stage *g, struct err *e)
{
	struct waiting w = { .g = g };
	char own[ULID_LEN + 1];
	int64_t upto;

	if (node_name(s->st, own, e) < 0 ||
	    node_number(s->st, &w.node, e) < 0 ||
	    journal_upto(s->journal, own, &upto, e) < 0 ||
	    file_each(s->st, upto, count, &w, e) < 0)
		return -1;
	return w.n == 0 ? 0 : chosen_not_pushed(s, g, w.n, e);
}
