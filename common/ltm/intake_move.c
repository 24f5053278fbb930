#include "ltm/intake_batch.h"

#include "base/alloc.h"
#include "store/store.h"

#include <stdlib.h>

static int
moved_rows(struct intake *in, struct rows *rows, struct err *e)
{
	struct group *g;
	int64_t least;
	size_t i;

	for (i = 0; i < in->gs->n; i++) {
		g = in->gs->v[i];
		if (g->was == 0 || g->n == g->was || g->dim < GROUP_WORD)
			continue;
		least = in->p->dim[g->dim - GROUP_WORD].least;
		if (words_rounded(g->was, least) != words_rounded(g->n, least)
		    && group_each(in->gs, g, rows_note, rows, e) < 0)
			return -1;
	}
	if (rows->n > 0)
		qsort(rows->v, rows->n, sizeof *rows->v, rows_compare);
	return 0;
}

static void
swap_id(struct taken *t, int64_t from, int64_t to)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		if (t->ids[i] == from)
			t->ids[i] = to;
}

static bool
has_id(const int64_t *v, size_t n, int64_t id)
{
	while (n > 0)
		if (v[--n] == id)
			return true;
	return false;
}

/* The row's words of one dimension: the groups of those that are, or were,
 * keywords get what there is to know now, if it is another. */
static int
move_words(struct intake *in, const struct pending *w, struct taken *t,
    struct buf *entry, struct err *e)
{
	struct word *v = in->words + w->word;
	size_t n, i, same = 0, before = 0;
	int64_t id;
	bool was;
	int r = 0;

	if (w->nwords == 0)
		return 0;
	n = words_best(v, w->nwords, &in->bytes, in->p->dim[w->dim].least);
	for (i = 0; i < w->nwords; i++) {
		was = has_id(t->ids, t->n, v[i].g->id);
		before += was;
		same += was && i < n;
	}
	if (same == n && before == n)
		return 0;
	intake_put_keywords(in, w, n, entry);
	for (i = 0; r == 0 && i < w->nwords; i++) {
		was = has_id(t->ids, t->n, v[i].g->id);
		if (!was && i >= n)
			continue;
		group_drop(v[i].g, t->seq, true);
		r = group_add(in->gs, v[i].g, t->seq, entry->p,
		    intake_begins_set(i, n) ? entry->len : 0, e);
		id = v[i].g->id;
		swap_id(t, was ? id : id | GROUP_BARE,
		    i < n ? id : id | GROUP_BARE);
	}
	return r;
}

static int
look_again(struct intake *in, int64_t row, struct err *e)
{
	struct taken t = { .seq = row };
	struct buf ids = BUF_INIT, entry = BUF_INIT;
	struct db_query *q = NULL;
	size_t i;
	int r;

	intake_clear(in);
	if ((r = intake_stored(in, row, &ids, e)) == 1 &&
	    (q = db_sql(in->st->db, e, INTAKE_COLUMNS "WHERE seq = :row")) ==
	    NULL)
		r = -1;
	for (i = 0; i < ids.len; i += 8)
		taken_note(&t, group_id_read(ids.p + i));
	if (r == 1) {
		db_int(q, ":row", row);
		if ((r = db_row(q, e)) == 1 && (r = intake_read(in, q, e)) == 1)
			r = intake_emit(in, e);
		for (i = 0; r == 0 && i < in->npending; i++)
			r = move_words(in, &in->pending[i], &t, &entry, e);
		if (r == 0)
			r = intake_store(in, &t, e);
	}
	db_end(q);
	free(t.ids);
	buf_release(&ids);
	buf_release(&entry);
	return r < 0 ? -1 : 0;
}

int
intake_move(struct intake *in, struct err *e)
{
	struct rows moved = { NULL, 0, 0 };
	int64_t *own;
	size_t i, n = in->ntaken;
	int r;

	own = xcalloc(n + 1, sizeof *own);
	for (i = 0; i < n; i++)
		own[i] = in->taken[i].seq;
	r = moved_rows(in, &moved, e);
	for (i = 0; r == 0 && i < moved.n; i++)
		if ((i == 0 || moved.v[i] != moved.v[i - 1]) &&
		    bsearch(&moved.v[i], own, n, sizeof *own, rows_compare) ==
		    NULL)
			r = look_again(in, moved.v[i], e);
	free(moved.v);
	free(own);
	return r;
}
