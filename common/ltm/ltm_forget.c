/*
 * Only a run knows which words its processor counts in which way; so the row
 * stays in the lists of its words, a number without a text, and its own row
 * in ltm_row, with the number turned around, tells the next run to count
 * them anew.  A word that no other row has goes at once.
 */
#include "ltm/ltm_forget.h"

#include "base/alloc.h"
#include "ltm/entry.h"
#include "ltm/fact.h"
#include "ltm/group.h"
#include "ltm/verdict.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

struct row {
	int64_t seq, job;
	struct buf groups;
};

struct rows {
	struct row *v;		/* own */
	size_t n, cap;
};

static int
find_rows(struct store *st, const char *id, struct rows *rows, struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	if ((q = db_sql(st->db, e, "SELECT l.row, l.job, l.groups "
	    "FROM record r JOIN kb k ON k.id = r.kb JOIN ltm_row l "
	    "ON l.row = r.seq WHERE k.name = substr(:id, 1, instr(:id, '/') - "
	    "1) AND r.id = substr(:id, instr(:id, '/') + 1)")) == NULL)
		return -1;
	db_text(q, ":id", id);
	while ((r = db_row(q, e)) == 1) {
		rows->v = xgrow(rows->v, rows->n, &rows->cap,
		    sizeof *rows->v);
		rows->v[rows->n].seq = db_get_int(q, 0);
		rows->v[rows->n].job = db_get_int(q, 1);
		buf_init(&rows->v[rows->n].groups);
		p = db_get_blob(q, 2, &n);
		buf_add(&rows->v[rows->n++].groups, p, n - n % 8);
	}
	db_end(q);
	return r;
}

/* --- words ------------------------------------------------------------- */

struct finding {
	int64_t row;
	struct buf entry;
};

static int
find_entry(void *arg, int64_t row, const char *p, size_t len)
{
	struct finding *f = arg;

	if (row != f->row)
		return 0;
	buf_add(&f->entry, p, len);
	return 1;
}

/* Does a fact rest on the row with this entry?  1, 0. */
static int
rests_on(struct store *st, int64_t id, const struct buf *entry,
    struct err *e)
{
	const char *p = entry->p, *end = p + entry->len, *words;
	struct entry_head h;
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT json_extract("
	    OPEN_FACT("") ", '$.metadata.extraction_dimension') "
	    "FROM fact WHERE id = :id"))
	    == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1) {
		words = db_get_text(q, 0);
		r = words == NULL || !entry_get_head(&p, end, &h) ||
		    entry_has_words(p, end, words);
	}
	db_end(q);
	return r;
}

/* The facts of a word that rest on the row go; the row stays in its list, as
 * a number. */
static int
leave_word(struct store *st, struct groups *gs, struct group *g, int64_t row,
    struct err *e)
{
	struct finding f = { row, BUF_INIT };
	struct buf kept = BUF_INIT;
	int64_t id;
	size_t i;
	int r;

	r = group_each(gs, g, find_entry, &f, e) < 0 ? -1 : 0;
	for (i = 0; r == 0 && i < g->facts.len; i += 8) {
		id = group_id_read(g->facts.p + i);
		/* none begins with the last of a row's keywords */
		if (f.entry.len == 0)
			group_id_put(&kept, id);
		else if ((r = rests_on(st, id, &f.entry, e)) == 1)
			r = fact_forget(st, id, e);
		else if (r == 0)
			group_id_put(&kept, id);
	}
	if (r == 0) {
		buf_reset(&g->facts);
		buf_add(&g->facts, kept.p, kept.len);
		group_drop(g, row, true);
		if (g->n > 0)
			r = group_add(gs, g, row, "", 0, e);
	}
	buf_wipe(&f.entry);
	buf_release(&kept);
	return r;
}

/* Out of each group; words are what it stays in. */
static int
leave(struct store *st, struct groups *gs, struct row *row, struct buf *words,
    struct err *e)
{
	struct group *g;
	int64_t id;
	size_t i;
	int r;

	for (i = 0; i < row->groups.len; i += 8) {
		id = group_id_read(row->groups.p + i);
		if ((r = groups_find(gs, id & ~GROUP_BARE, &g, e)) < 0)
			return -1;
		if (r == 0)
			continue;
		if (g->dim >= GROUP_WORD) {
			if (((id & GROUP_BARE) == 0 || g->n == 1) &&
			    leave_word(st, gs, g, row->seq, e) < 0)
				return -1;
			if (g->n > 0)
				group_id_put(words, id | GROUP_BARE);
			continue;
		}
		group_drop(g, row->seq, true);
		buf_reset(&g->facts);
		if (fact_forget(st, id, e) < 0)
			return -1;
	}
	return 0;
}

/* --- rows -------------------------------------------------------------- */

static int
turn_around(struct store *st, const struct row *row, const struct buf *words,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "DELETE FROM ltm_row WHERE row = :row AND "
	    "job = :job")) == NULL)
		return -1;
	db_int(q, ":row", row->seq);
	db_int(q, ":job", row->job);
	if (db_run(q, e) < 0)
		return -1;
	if (words->len == 0)
		return 0;
	if ((q = db_sql(st->db, e, "INSERT INTO ltm_row (row, job, groups) "
	    "VALUES (-:row, :job, :groups)")) == NULL)
		return -1;
	db_int(q, ":row", row->seq);
	db_int(q, ":job", row->job);
	db_blob(q, ":groups", words->p, words->len);
	return db_run(q, e);
}

int
ltm_leave(struct store *st, const char *id, struct err *e)
{
	struct rows rows = { NULL, 0, 0 };
	struct buf words = BUF_INIT;
	struct groups gs;
	size_t i;
	int r;

	groups_init(&gs, st, NULL, NULL, 0, false);
	r = find_rows(st, id, &rows, e);
	for (i = 0; i < rows.n; i++) {
		buf_reset(&words);
		if (r == 0 && (leave(st, &gs, &rows.v[i], &words, e) < 0 ||
		    turn_around(st, &rows.v[i], &words, e) < 0))
			r = -1;
		buf_release(&rows.v[i].groups);
	}
	if (r == 0)
		r = groups_flush(&gs, e);
	groups_release(&gs);
	buf_release(&words);
	free(rows.v);
	return r;
}

int
ltm_forget(struct store *st, const char *id, struct err *e)
{
	return ltm_leave(st, id, e) < 0 ? -1 : verdict_forget(st, id, e);
}
