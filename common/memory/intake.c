/*
 * A batch goes in two steps.  First each row goes to the groups of its
 * values, and its words are counted; then the numbers of all words are known,
 * and each row goes to the groups of its words with its keywords: those of
 * the batch, and those that are in already and have a word whose weight has
 * moved.
 */
#include "memory/intake.h"

#include "base/alloc.h"
#include "memory/cue.h"
#include "memory/intake_words.h"
#include "memory/language_conf.h"
#include "memory/verdict.h"
#include "store/db.h"
#include "store/payload.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define RECORD_MAX ((size_t)64 << 20)	/* of its JSON, bytes */

/* That a row belongs to a group, and what the group is to know of it. */
struct emit {
	struct group *g;
	size_t at, len;		/* in bytes */
};

/* Words of a row for one dimension, with what their groups are to know. */
struct pending {
	size_t taken;		/* the row */
	int dim;
	size_t word, nwords;	/* in the list of words */
	size_t head_at, head_len, rest_at, rest_len;
};

struct taken {
	int64_t seq;
	int64_t *ids;		/* own; of its groups */
	size_t n, cap;
	bool gone;		/* its next version is in the batch */
	size_t pending, npending;	/* its words */
};

struct intake {
	struct store *st;
	const struct processor *p;
	struct groups *gs;
	const char *kb;
	int64_t kb_id;
	bool verdicts;		/* somebody rejected something */
	bool counting;		/* words of the row are to be counted */
	struct row row;
	struct tokens tokens;
	struct buf json;	/* of the row */
	struct emit *emits;	/* own; of the row */
	size_t nemits, cap_emits;
	struct word *words;	/* own; of the batch */
	size_t nwords, cap_words;
	struct pending *pending;	/* own; of the batch */
	size_t npending, cap_pending;
	struct taken *taken;	/* own; of the batch, in order of seq */
	size_t ntaken, cap_taken;
	struct buf bytes;	/* of the batch: what the above refer to */
	struct buf name;
};

/* --- from values to groups --------------------------------------------- */

static int
emit(struct intake *in, int dim, size_t at, struct err *e)
{
	struct emit *m;

	in->emits = xgrow(in->emits, in->nemits, &in->cap_emits,
	    sizeof *in->emits);
	m = &in->emits[in->nemits];
	m->at = at;
	m->len = in->bytes.len - at;
	if (groups_get(in->gs, dim, in->name.p, in->name.len, &m->g, e) < 0)
		return -1;
	in->nemits++;
	return 0;
}

/* "project", "a", "b": the name of a group; false: one is too long. */
static bool
make_name(struct intake *in, const char *project, const char *a,
    const char *b)
{
	buf_reset(&in->name);
	buf_adds(&in->name, project);
	buf_addc(&in->name, GROUP_SEP);
	buf_adds(&in->name, a);
	if (b != NULL) {
		buf_addc(&in->name, GROUP_SEP);
		buf_adds(&in->name, b);
	}
	return strlen(project) <= ROW_VALUE_MAX && strlen(a) <= ROW_VALUE_MAX &&
	    (b == NULL || strlen(b) <= ROW_VALUE_MAX);
}

static void
put_list(struct buf *b, const struct row_list *l)
{
	size_t i, n = 0;

	for (i = 0; i < l->n; i++)
		n += strlen(l->v[i]) <= ROW_VALUE_MAX;
	entry_put_count(b, n);
	for (i = 0; i < l->n; i++)
		if (strlen(l->v[i]) <= ROW_VALUE_MAX)
			entry_put_text(b, l->v[i], strlen(l->v[i]));
}

static void
put_head(struct intake *in, const struct dimension *d)
{
	struct entry_head h = in->row.head;

	if (d->weight >= 0 && in->row.key[d->weight].n > 0)
		h.weight = in->row.key[d->weight].n;
	entry_put_head(&in->bytes, &h);
}

static int
emit_values(struct intake *in, int dim, struct err *e)
{
	const struct dimension *d = &in->p->dim[dim];
	const struct row_list *a = &in->row.key[d->key[0]];
	const struct row_list *b = d->key[1] >= 0 ?
	    &in->row.key[d->key[1]] : NULL;
	const char *project = row_project(&in->row);
	size_t i, j, at = in->bytes.len;

	put_head(in, d);
	for (i = 0; i < d->nfacets; i++)
		put_list(&in->bytes, &in->row.key[d->facet[i]]);
	for (i = 0; i < a->n; i++)
		for (j = 0; j < (b != NULL ? b->n : 1); j++)
			if (make_name(in, project, a->v[i],
			    b != NULL ? b->v[j] : NULL) &&
			    emit(in, dim, at, e) < 0)
				return -1;
	return 0;
}

static int
emit_pairs(struct intake *in, int dim, struct err *e)
{
	const struct dimension *d = &in->p->dim[dim];
	const struct row_list *l = &in->row.key[d->key[0]];
	const char *project = row_project(&in->row);
	size_t i, j, at = in->bytes.len;
	int order;

	if ((int64_t)l->n > d->most)
		return 0;
	put_head(in, d);
	for (i = 0; i < d->nfacets; i++)
		put_list(&in->bytes, &in->row.key[d->facet[i]]);
	for (i = 0; i < l->n; i++)
		for (j = i + 1; j < l->n; j++) {
			order = strcmp(l->v[i], l->v[j]);
			if (make_name(in, project, l->v[order < 0 ? i : j],
			    l->v[order < 0 ? j : i]) &&
			    emit(in, dim, at, e) < 0)
				return -1;
		}
	return 0;
}

/* --- words ------------------------------------------------------------- */

static bool
tells(const struct token *t)
{
	size_t i;

	if (t->kind == TOKEN_WHOLE || t->kind == TOKEN_LAST || t->stop ||
	    t->stem_len < 2)
		return false;
	for (i = 0; i < t->len; i++)
		if (t->text[i] < '0' || t->text[i] > '9')
			return true;
	return false;
}

static int
add_word(struct intake *in, struct pending *w, const char *project,
    const struct token *t, struct err *e)
{
	struct word *v;
	size_t i;

	for (i = 0; i < w->nwords; i++) {
		v = &in->words[w->word + i];
		if (v->stem_len == t->stem_len && memcmp(in->bytes.p +
		    v->stem_at, t->stem, t->stem_len) == 0) {
			v->tf++;
			return 0;
		}
	}
	if (w->nwords == WORDS_MOST)
		return 0;
	in->words = xgrow(in->words, in->nwords, &in->cap_words,
	    sizeof *in->words);
	v = &in->words[in->nwords++];
	w->nwords++;
	v->tf = 1;
	v->stem_at = in->bytes.len;
	v->stem_len = t->stem_len;
	buf_add(&in->bytes, t->stem, t->stem_len);
	v->at = in->bytes.len;
	v->len = t->len;
	buf_add(&in->bytes, t->text, t->len);
	buf_reset(&in->name);
	buf_adds(&in->name, project);
	buf_addc(&in->name, GROUP_SEP);
	buf_add(&in->name, t->stem, t->stem_len);
	if (groups_get(in->gs, w->dim + GROUP_WORD, in->name.p, in->name.len,
	    &v->g, e) < 0)
		return -1;
	if (in->counting)
		group_count(v->g, 1);
	return 0;
}

static int
find_words(struct intake *in, int dim, struct err *e)
{
	const struct dimension *d = &in->p->dim[dim];
	const struct row_list *l = &in->row.key[d->key[0]];
	const char *project = row_project(&in->row);
	struct pending w = { .taken = in->ntaken, .dim = dim,
	    .word = in->nwords };
	struct token t;
	size_t i;

	if (l->n == 0 || strlen(project) > ROW_VALUE_MAX)
		return 0;
	w.head_at = in->bytes.len;
	put_head(in, d);
	w.head_len = in->bytes.len - w.head_at;
	w.rest_at = in->bytes.len;
	for (i = 1; i < d->nfacets; i++)
		put_list(&in->bytes, &in->row.key[d->facet[i]]);
	w.rest_len = in->bytes.len - w.rest_at;
	for (i = 0; i < l->n; i++) {
		tokens_start(&in->tokens, l->v[i], strlen(l->v[i]), 0);
		while (token_next(&in->tokens, &t) == 1)
			if (tells(&t) && add_word(in, &w, project, &t, e) < 0)
				return -1;
	}
	in->pending = xgrow(in->pending, in->npending, &in->cap_pending,
	    sizeof *in->pending);
	in->pending[in->npending++] = w;
	return 0;
}

/* What the groups of its keywords are to know of a row; the first n words
 * are these. */
static void
put_keywords(struct intake *in, const struct pending *w, size_t n,
    struct buf *out)
{
	const char *p = in->bytes.p;
	const struct word *v = &in->words[w->word];
	size_t i, at;

	buf_reset(out);
	buf_add(out, p + w->head_at, w->head_len);
	at = out->len;
	entry_put_count(out, n);
	for (i = 0; i < n; i++)
		entry_put_keyword(out, p + v[i].stem_at, v[i].stem_len,
		    p + v[i].at, v[i].len);
	entry_mix(out->p, cue_hash(out->p + at, out->len - at));
	buf_add(out, p + w->rest_at, w->rest_len);
}

/* --- a row ------------------------------------------------------------- */

/* Groups of its values, and its words. */
static int
emit_row(struct intake *in, struct err *e)
{
	const struct processor *p = in->p;
	size_t i;
	int r = 0;

	in->nemits = 0;
	for (i = 0; r == 0 && i < p->ndims; i++)
		r = p->dim[i].kind == DIM_WORDS ? find_words(in, (int)i, e) :
		    p->dim[i].kind == DIM_PAIRS ? emit_pairs(in, (int)i, e) :
		    emit_values(in, (int)i, e);
	return r;
}

static void
note_id(struct taken *t, int64_t id)
{
	t->ids = xgrow(t->ids, t->n, &t->cap, sizeof *t->ids);
	t->ids[t->n++] = id;
}

static int
apply_emits(struct intake *in, struct taken *t, struct err *e)
{
	const struct emit *m;
	size_t i;

	for (i = 0; i < in->nemits; i++) {
		m = &in->emits[i];
		note_id(t, m->g->id);
		if (group_add(in->gs, m->g, t->seq, in->bytes.p + m->at,
		    m->len, e) < 0)
			return -1;
	}
	return 0;
}

#define ROW_COLUMNS "SELECT seq, id, version, ts, hash, dict, body, type " \
	"FROM record "

/* 1: the row at which q stands counts. */
static int
read_row(struct intake *in, struct db_query *q, struct err *e)
{
	struct entry_head *h = &in->row.head;
	struct buf what = BUF_INIT;
	const uint8_t *hash;
	const void *body;
	size_t n, i;
	int r;

	body = db_get_blob(q, 6, &n);
	buf_reset(&in->json);
	if (store_unpack(in->st, &in->json, body, n, db_get_int(q, 5),
	    RECORD_MAX, e) < 0 || (r = row_take(&in->row, in->json.p,
	    in->json.len, e)) < 0)
		return err_add(e, "record %s of %s: ", db_get_text(q, 1),
		    in->kb);
	h->id = db_get_text(q, 1);
	h->id_len = strlen(h->id);
	h->ts_ms = db_is_null(q, 3) ? ENTRY_NO_TIME : db_get_int(q, 3);
	hash = db_get_blob(q, 4, &n);
	h->hash = 0;
	for (i = 0; i < 8 && i < n; i++)
		h->hash = h->hash << 8 | hash[i];
	if (r == 1 && in->verdicts) {
		buf_addf(&what, "%s/%s", in->kb, h->id);
		r = verdict_get(in->st, "rejected", what.p, e);
		r = r < 0 ? -1 : !r;
		buf_release(&what);
	}
	return r;
}

/* --- rows that go ------------------------------------------------------ */

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

/* The groups of a row that was taken in by an earlier batch, appended. */
static int
stored_ids(struct intake *in, int64_t row, struct buf *ids, struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	if ((q = db_sql(in->st->db, e, "SELECT groups FROM ltm_row "
	    "WHERE row = :row AND job = :job")) == NULL)
		return -1;
	db_int(q, ":row", row);
	db_int(q, ":job", in->gs->job);
	if ((r = db_row(q, e)) == 1) {
		p = db_get_blob(q, 0, &n);
		buf_add(ids, p, n - n % 8);
	}
	db_end(q);
	return r;
}

static int
forget_row(struct intake *in, int64_t row, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(in->st->db, e, "DELETE FROM ltm_row WHERE row = :row "
	    "AND job = :job")) == NULL)
		return -1;
	db_int(q, ":row", row);
	db_int(q, ":job", in->gs->job);
	return db_run(q, e);
}

static int
drop_stored(struct intake *in, int64_t row, struct err *e)
{
	struct buf ids = BUF_INIT;
	size_t i;
	int r;

	if ((r = stored_ids(in, row, &ids, e)) == 1) {
		for (i = 0, r = 0; r == 0 && i < ids.len; i += 8)
			r = drop_from(in, row, group_id_read(ids.p + i), e);
		if (r == 0)
			r = forget_row(in, row, e);
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
static int
drop_before(struct intake *in, const char *id, int64_t version,
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
	if ((r = db_row(q, e)) == 1)
		row = db_get_int(q, 0);
	db_end(q);
	if (r <= 0)
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

/* --- a batch ----------------------------------------------------------- */

static void
batch_clear(struct intake *in)
{
	size_t i;

	for (i = 0; i < in->ntaken; i++)
		free(in->taken[i].ids);
	in->ntaken = in->nwords = in->npending = in->nemits = 0;
	buf_reset(&in->bytes);
}

/* The row at which q stands. */
static int
take_row(struct intake *in, struct db_query *q, struct err *e)
{
	int64_t version = db_get_int(q, 2);
	struct taken *t;
	int r;

	if (version > 1 && drop_before(in, db_get_text(q, 1), version, e) < 0)
		return -1;
	if (strcmp(db_get_text(q, 7), in->p->rows) != 0)
		return 0;
	if ((r = read_row(in, q, e)) < 0)
		return -1;
	in->taken = xgrow(in->taken, in->ntaken, &in->cap_taken,
	    sizeof *in->taken);
	t = &in->taken[in->ntaken];
	memset(t, 0, sizeof *t);
	t->seq = db_get_int(q, 0);
	t->pending = in->npending;
	in->nemits = 0;
	r = r == 1 ? emit_row(in, e) : 0;
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

	if ((q = db_sql(in->st->db, e, ROW_COLUMNS "WHERE seq > :after AND "
	    "+kb = :kb ORDER BY seq LIMIT :limit")) == NULL)
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
put_row(struct intake *in, const struct taken *t, struct err *e)
{
	struct db_query *q;
	size_t i;

	buf_reset(&in->name);
	for (i = 0; i < t->n; i++)
		group_id_put(&in->name, t->ids[i]);
	if ((q = db_sql(in->st->db, e, "INSERT INTO ltm_row (row, job, "
	    "groups) VALUES (:row, :job, :groups) ON CONFLICT (row, job) "
	    "DO UPDATE SET groups = :groups")) == NULL)
		return -1;
	db_int(q, ":row", t->seq);
	db_int(q, ":job", in->gs->job);
	db_blob(q, ":groups", in->name.p, in->name.len);
	return db_run(q, e);
}

static int
put_rows(struct intake *in, struct err *e)
{
	size_t i;

	for (i = 0; i < in->ntaken; i++)
		if (!in->taken[i].gone && put_row(in, &in->taken[i], e) < 0)
			return -1;
	return 0;
}

/* Sets are found in the group of their first word, so that of the last of n
 * keywords needs to know nothing. */
static bool
begins_set(size_t i, size_t n)
{
	return i + 1 < n;
}

/* Words to their groups, now that all are counted. */
static int
put_words(struct intake *in, struct err *e)
{
	const struct pending *w;
	struct buf entry = BUF_INIT;
	struct taken *t;
	struct word *v;
	size_t i, k, n;
	int r = 0;

	for (k = 0; r == 0 && k < in->npending; k++) {
		w = &in->pending[k];
		t = &in->taken[w->taken];
		if (t->gone || w->nwords == 0)
			continue;
		v = &in->words[w->word];
		n = words_best(v, w->nwords, &in->bytes,
		    in->p->dim[w->dim].least);
		put_keywords(in, w, n, &entry);
		for (i = 0; r == 0 && i < w->nwords; i++) {
			note_id(t, i < n ? v[i].g->id :
			    v[i].g->id | GROUP_BARE);
			r = group_put(in->gs, v[i].g, t->seq, entry.p,
			    begins_set(i, n) ? entry.len : 0, e);
		}
	}
	buf_release(&entry);
	return r;
}

/* --- rows whose keywords may have changed ------------------------------ */

struct rows {
	int64_t *v;		/* own */
	size_t n, cap;
};

static int
note_row(void *arg, int64_t row, const char *entry, size_t len)
{
	struct rows *rows = arg;

	(void)entry;
	(void)len;
	rows->v = xgrow(rows->v, rows->n, &rows->cap, sizeof *rows->v);
	rows->v[rows->n++] = row;
	return 0;
}

static int
compare_rows(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

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
		    && group_each(in->gs, g, note_row, rows, e) < 0)
			return -1;
	}
	if (rows->n > 0)
		qsort(rows->v, rows->n, sizeof *rows->v, compare_rows);
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
	put_keywords(in, w, n, entry);
	for (i = 0; r == 0 && i < w->nwords; i++) {
		was = has_id(t->ids, t->n, v[i].g->id);
		if (!was && i >= n)
			continue;
		group_drop(v[i].g, t->seq, true);
		r = group_add(in->gs, v[i].g, t->seq, entry->p,
		    begins_set(i, n) ? entry->len : 0, e);
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

	batch_clear(in);
	if ((r = stored_ids(in, row, &ids, e)) == 1 &&
	    (q = db_sql(in->st->db, e, ROW_COLUMNS "WHERE seq = :row")) ==
	    NULL)
		r = -1;
	for (i = 0; i < ids.len; i += 8)
		note_id(&t, group_id_read(ids.p + i));
	if (r == 1) {
		db_int(q, ":row", row);
		if ((r = db_row(q, e)) == 1 && (r = read_row(in, q, e)) == 1)
			r = emit_row(in, e);
		for (i = 0; r == 0 && i < in->npending; i++)
			r = move_words(in, &in->pending[i], &t, &entry, e);
		if (r == 0)
			r = put_row(in, &t, e);
	}
	db_end(q);
	free(t.ids);
	buf_release(&ids);
	buf_release(&entry);
	return r < 0 ? -1 : 0;
}

int
intake_rows(struct intake *in, int64_t *seq, int64_t limit, int64_t *rows,
    struct err *e)
{
	bool fresh = in->gs->fresh;
	struct rows moved = { NULL, 0, 0 };
	int64_t *own = NULL;
	size_t i, n = 0;
	int more, r;

	batch_clear(in);
	in->counting = true;
	if ((more = take_all(in, seq, limit, e)) < 0)
		return -1;
	in->counting = false;
	*rows = (int64_t)in->ntaken;
	/* order matters: the words that moved are told by the numbers before
	 * any row is put where it belongs now */
	r = put_words(in, e);
	if (r == 0)
		r = put_rows(in, e);
	if (r == 0 && !fresh)
		r = moved_rows(in, &moved, e);
	if (r == 0 && moved.n > 0) {
		n = in->ntaken;
		own = xcalloc(n + 1, sizeof *own);
		for (i = 0; i < n; i++)
			own[i] = in->taken[i].seq;
	}
	for (i = 0; r == 0 && i < moved.n; i++)
		if ((i == 0 || moved.v[i] != moved.v[i - 1]) &&
		    bsearch(&moved.v[i], own, n, sizeof *own, compare_rows) ==
		    NULL)
			r = look_again(in, moved.v[i], e);
	batch_clear(in);
	free(moved.v);
	free(own);
	return r < 0 ? -1 : more;
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
		note_row(&rows, db_get_int(q, 0), NULL, 0);
	db_end(q);
	for (i = 0; r == 0 && i < rows.n; i++) {
		buf_reset(&ids);
		if ((r = stored_ids(in, rows.v[i], &ids, e)) != 1)
			break;
		for (k = 0, r = 0; r == 0 && k < ids.len; k += 8)
			r = drop_from(in, -rows.v[i], group_id_read(ids.p +
			    k), e);
		if (r == 0)
			r = forget_row(in, rows.v[i], e);
	}
	free(rows.v);
	buf_release(&ids);
	return r < 0 ? -1 : 0;
}

/* --- the whole --------------------------------------------------------- */

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
	batch_clear(in);
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
