#include "ltm/intake_batch.h"

#include "store/store.h"

#include <stdlib.h>

/* id as in ltm_row. */
static int
drop_from(struct intake *in, int64_t row, int64_t id, struct err *e)
{
	struct group *g;
	int r;

	if ((r = groups_find(in->gs, id & ~GROUP_BARE, &g, e)) == 1)
		group_drop(g, row, (id & GROUP_BARE) == 0);
	return r < 0 ? -1 : 0;
}

static int
drop_stored(struct intake *in, int64_t row, struct err *e)
{
	struct buf ids = BUF_INIT;
	size_t i;
	int r;

	if ((r = intake_stored(in, row, &ids, e)) == 1) {
		for (i = 0, r = 0; r == 0 && i < ids.len; i += 8)
			r = drop_from(in, row, group_id_read(ids.p + i), e);
		if (r == 0)
			r = intake_unstore(in, row, e);
	}
	buf_release(&ids);
	return r < 0 ? -1 : 0;
}

static struct taken *
find_taken(struct intake *in, int64_t seq)
{
	size_t lo = 0, hi = in->ntaken, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (in->taken[mid].seq < seq)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < in->ntaken && in->taken[lo].seq == seq ? &in->taken[lo] :
	    NULL;
}

/* The version before this one is no more, wherever it is. */
int
intake_drop_before(struct intake *in, const char *id, int64_t version,
    struct err *e)
{
	const struct pending *w;
	struct taken *t;
	struct db_query *q;
	int64_t row = 0;
	size_t i, k;
	int r;

	if ((q = db_sql(in->st->db, e, "SELECT seq FROM record WHERE kb = :kb "
	    "AND id = :id AND version < :version ORDER BY version DESC "
	    "LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":kb", in->kb_id);
	db_text(q, ":id", id);
	db_int(q, ":version", version);
	if ((r = db_first(q, &row, e)) <= 0)
		return r;
	if ((t = find_taken(in, row)) == NULL)
		return drop_stored(in, row, e);
	t->gone = true;
	for (i = 0; i < t->n; i++)
		if (drop_from(in, row, t->ids[i], e) < 0)
			return -1;
	/* its words were counted, and are in no group yet */
	for (k = 0; k < t->npending; k++) {
		w = &in->pending[t->pending + k];
		for (i = 0; i < w->nwords; i++)
			group_count(in->words[w->word + i].g, -1);
	}
	return 0;
}

/* --- rows that were forgotten ------------------------------------------ */

int
intake_orphans(struct intake *in, struct err *e)
{
	struct rows rows = { NULL, 0, 0 };
	struct buf ids = BUF_INIT;
	struct db_query *q;
	size_t i, k;
	int r;

	/* their numbers were turned around (ltm_forget) */
	if ((q = db_sql(in->st->db, e, "SELECT row FROM ltm_row WHERE row < 0 "
	    "AND job = :job")) == NULL)
		return -1;
	db_int(q, ":job", in->gs->job);
	while ((r = db_row(q, e)) == 1)
		rows_note(&rows, db_get_int(q, 0), NULL, 0);
	db_end(q);
	for (i = 0; r == 0 && i < rows.n; i++) {
		buf_reset(&ids);
		if ((r = intake_stored(in, rows.v[i], &ids, e)) != 1)
			break;
		for (k = 0, r = 0; r == 0 && k < ids.len; k += 8)
			r = drop_from(in, -rows.v[i], group_id_read(ids.p +
			    k), e);
		if (r == 0)
			r = intake_unstore(in, rows.v[i], e);
	}
	free(rows.v);
	buf_release(&ids);
	return r < 0 ? -1 : 0;
}
