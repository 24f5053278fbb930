/*
 * What stands behind a fact, and what a processor would make of a sample.
 */
#include "ltm/ltm_job.h"

#include "base/alloc.h"
#include "base/json.h"
#include "ltm/entry.h"
#include "ltm/tally.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define JOB_TRY (-1)	/* of no processor; it never gets to the disk */

/* --- sources ----------------------------------------------------------- */

struct source {
	int64_t ts_ms;
	char *id;		/* own */
};

struct sources {
	struct source *v;	/* own */
	size_t n, cap;
	const char *words;	/* "a+b": rows with these keywords; or NULL */
};

static int
note_source(void *arg, int64_t row, const char *p, size_t len)
{
	struct sources *s = arg;
	const char *end = p + len;
	struct entry_head h;

	(void)row;
	if (!entry_get_head(&p, end, &h) || (s->words != NULL &&
	    !entry_has_words(p, end, s->words)))
		return 0;
	s->v = xgrow(s->v, s->n, &s->cap, sizeof *s->v);
	s->v[s->n].ts_ms = h.ts_ms;
	s->v[s->n++].id = xstrndup(h.id, h.id_len);
	return 0;
}

static int
compare_sources(const void *a, const void *b)
{
	const struct source *x = a, *y = b;

	if (x->ts_ms != y->ts_ms)
		return x->ts_ms > y->ts_ms ? -1 : 1;
	return strcmp(x->id, y->id);
}

int
ltm_sources(struct store *st, const struct fact *f, json_t *ids,
    struct err *e)
{
	struct sources s = { NULL, 0, 0, NULL };
	int64_t id = f->id;
	struct groups gs;
	struct group *g;
	size_t i;
	int r;

	/* of a set of words, the group is that of its first */
	if (get_int(f->body, "group", &id) == 1)
		s.words = get_str(json_object_get(f->body, "metadata"),
		    "extraction_dimension", NULL);
	groups_init(&gs, st, NULL, NULL, 0, false);
	if ((r = groups_find(&gs, id, &g, e)) == 1)
		r = group_each(&gs, g, note_source, &s, e);
	if (s.n > 0)
		qsort(s.v, s.n, sizeof *s.v, compare_sources);
	for (i = 0; i < s.n; i++) {
		json_array_append_new(ids, json_string(s.v[i].id));
		free(s.v[i].id);
	}
	free(s.v);
	groups_release(&gs);
	return r < 0 ? -1 : 0;
}

/* --- a sample ---------------------------------------------------------- */

struct trial {
	const struct processor *p;
	const char *kb;
	struct groups *gs;
	int (*fn)(void *, const struct ltm_sample *, struct err *);
	void *arg;
};

static int
show_result(void *arg, const struct tally_result *r, struct err *e)
{
	struct trial *w = arg;
	const struct dimension *d = r->t->d;
	struct ltm_sample s = { .dimension = d->name, .rows = r->t->n,
	    .least = d->least, .holds = r->holds,
	    .why = r->holds ? NULL : r->why };
	struct buf value = BUF_INIT;
	json_t *body = NULL;
	char *project;
	int ret;

	project = xstrndup(r->g->name, strcspn(r->g->name,
	    (char[]){ GROUP_SEP, '\0' }));
	group_value(r->g, &value);
	s.project = project;
	s.value = value.p;
	if (r->holds)
		s.body = body = tally_body(r->t, r->g, w->kb, &s.confidence);
	ret = w->fn(w->arg, &s, e);
	json_decref(body);
	free(project);
	buf_release(&value);
	return ret;
}

static int
show_group(void *arg, struct group *g, struct err *e)
{
	struct trial *w = arg;
	struct tally_ask ask = { .fn = show_result, .open = true, .arg = w };

	return tally_each(w->p, w->gs, g, &ask, e);
}

/* Where the last so many rows of the processor's type begin. */
static int
sample_start(struct store *st, const struct processor *p, int64_t kb,
    int64_t limit, int64_t *seq, struct err *e)
{
	struct db_query *q;

	*seq = 0;
	if ((q = db_sql(st->db, e, "SELECT seq FROM record WHERE kb = :kb AND "
	    "type = :type ORDER BY seq DESC LIMIT 1 OFFSET :limit")) == NULL)
		return -1;
	db_int(q, ":kb", kb);
	db_text(q, ":type", p->rows);
	db_int(q, ":limit", limit);
	return db_first(q, seq, e) < 0 ? -1 : 0;
}

static int
try_kb(struct store *st, struct trial *w, int64_t kb, int64_t limit,
    int64_t *rows, struct err *e)
{
	struct intake *in = NULL;
	int64_t seq, some;
	int more = 1, r;

	if ((r = sample_start(st, w->p, kb, limit, &seq, e)) == 0)
		r = intake_new(&in, st, w->p, w->gs, kb, w->kb, e);
	while (r == 0 && more == 1) {
		if ((more = intake_rows(in, &seq, limit, &some, e)) < 0 ||
		    groups_flush(w->gs, e) < 0)
			r = -1;
		else
			*rows += some;
	}
	intake_free(in);
	return r < 0 ? -1 : groups_largest(w->gs, show_group, w, e);
}

int
ltm_try(struct store *st, const struct processor *p, const char *kb,
    int64_t limit, int64_t *rows, int (*fn)(void *, const struct ltm_sample *,
    struct err *), void *arg, struct err *e)
{
	struct trial w = { p, kb, NULL, fn, arg };
	struct groups gs;
	struct err ignored;	/* of giving it up */
	int64_t id = 0;
	int r;

	*rows = 0;
	if (store_kb(st, kb, false, &id, e) < 0)
		return -1;
	if (id == 0)
		return err_set(e, ERR_ABSENT, "there is no knowledge base "
		    "'%s'", kb);
	if (tx_begin(st->db, e) < 0)
		return -1;
	/* the kb is left out of their ids: or they were those of a job */
	groups_init(&gs, st, p, "", JOB_TRY, false);
	w.gs = &gs;
	r = try_kb(st, &w, id, limit, rows, e);
	groups_release(&gs);
	tx_end(st->db, -1, &ignored);
	return r;
}
