/*
 * A batch goes in two steps.  First each row goes to the groups of its
 * values, and its words are counted; then the numbers of all words are known,
 * and each row goes to the groups of its words with its keywords: those of
 * the batch, and those that are in already and have a word whose weight has
 * moved.
 */
#include "ltm/intake_batch.h"

#include "base/alloc.h"
#include "ltm/verdict.h"
#include "memory/record_row.h"
#include "store/store.h"
#include "text/language_conf.h"

#include <stdlib.h>
#include <string.h>

void
intake_clear(struct intake *in)
{
	size_t i;

	for (i = 0; i < in->ntaken; i++)
		free(in->taken[i].ids);
	in->ntaken = in->nwords = in->npending = in->nemits = 0;
	buf_reset(&in->bytes);
}

static int
apply_emits(struct intake *in, struct taken *t, struct err *e)
{
	const struct emit *m;
	size_t i;

	for (i = 0; i < in->nemits; i++) {
		m = &in->emits[i];
		taken_note(t, m->g->id);
		if (group_add(in->gs, m->g, t->seq, in->bytes.p + m->at,
		    m->len, e) < 0)
			return -1;
	}
	return 0;
}

/* The row at which q stands. */
static int
take_row(struct intake *in, struct db_query *q, struct err *e)
{
	int64_t version = db_get_int(q, 2);
	struct taken *t;
	int r;

	if (version > 1 && intake_drop_before(in, db_get_text(q, 1), version,
	    e) < 0)
		return -1;
	if (strcmp(db_get_text(q, 7), in->p->rows) != 0)
		return 0;
	if ((r = intake_read(in, q, e)) < 0)
		return -1;
	in->taken = xgrow(in->taken, in->ntaken, &in->cap_taken,
	    sizeof *in->taken);
	t = &in->taken[in->ntaken];
	memset(t, 0, sizeof *t);
	t->seq = db_get_int(q, 0);
	t->pending = in->npending;
	in->nemits = 0;
	r = r == 1 ? intake_emit(in, e) : 0;
	t->npending = in->npending - t->pending;
	in->ntaken++;
	return r < 0 ? -1 : apply_emits(in, t, e);
}

static int
take_all(struct intake *in, int64_t *seq, int64_t limit, struct err *e)
{
	struct db_query *q;
	int64_t n = 0;
	int r;

	/* +: or all rows of the kb are read by its index, and sorted */
	if ((q = db_sql(in->st->db, e, INTAKE_COLUMNS "WHERE seq > :after AND "
	    "+kb = :kb AND " RECORD_PLAIN("") " ORDER BY seq LIMIT :limit")) ==
	    NULL)
		return -1;
	db_int(q, ":after", *seq);
	db_int(q, ":kb", in->kb_id);
	db_int(q, ":limit", limit);
	for (; (r = db_row(q, e)) == 1; n++) {
		*seq = db_get_int(q, 0);
		if ((r = take_row(in, q, e)) < 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : n == limit;
}

static int
put_rows(struct intake *in, struct err *e)
{
	size_t i;

	for (i = 0; i < in->ntaken; i++)
		if (!in->taken[i].gone &&
		    intake_store(in, &in->taken[i], e) < 0)
			return -1;
	return 0;
}

int
intake_rows(struct intake *in, int64_t *seq, int64_t limit, int64_t *rows,
    struct err *e)
{
	bool fresh = in->gs->fresh;
	int more, r;

	intake_clear(in);
	in->counting = true;
	if ((more = take_all(in, seq, limit, e)) < 0)
		return -1;
	in->counting = false;
	*rows = (int64_t)in->ntaken;
	/* order matters: the words that moved are told by the numbers before
	 * any row is put where it belongs now */
	r = intake_put_words(in, e);
	if (r == 0)
		r = put_rows(in, e);
	if (r == 0 && !fresh)
		r = intake_move(in, e);
	intake_clear(in);
	return r < 0 ? -1 : more;
}

int
intake_new(struct intake **out, struct store *st, const struct processor *p,
    struct groups *gs, int64_t kb_id, const char *kb, struct err *e)
{
	const struct language *language;
	struct intake *in;
	int verdicts;

	if (language_configured(st, &language, e) < 0 ||
	    (verdicts = verdict_any(st, e)) < 0)
		return -1;
	in = xcalloc(1, sizeof *in);
	in->st = st;
	in->p = p;
	in->gs = gs;
	in->kb = kb;
	in->kb_id = kb_id;
	in->verdicts = verdicts;
	row_init(&in->row, p);
	tokens_init(&in->tokens, language);
	buf_init(&in->json);
	buf_init(&in->bytes);
	buf_init(&in->name);
	*out = in;
	return 0;
}

void
intake_free(struct intake *in)
{
	if (in == NULL)
		return;
	intake_clear(in);
	row_release(&in->row);
	tokens_release(&in->tokens);
	free(in->emits);
	free(in->words);
	free(in->pending);
	free(in->taken);
	buf_release(&in->json);
	buf_release(&in->bytes);
	buf_release(&in->name);
	free(in);
}
