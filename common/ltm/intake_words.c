#include "ltm/intake_batch.h"

#include "base/alloc.h"
#include "ltm/entry.h"
#include "text/cue.h"

#include <stdlib.h>
#include <string.h>

#define LOG_ROWS 21

/* --- words of a row ---------------------------------------------------- */

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

int
intake_find_words(struct intake *in, int dim, struct err *e)
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
	intake_put_head(in, d);
	w.head_len = in->bytes.len - w.head_at;
	w.rest_at = in->bytes.len;
	for (i = 1; i < d->nfacets; i++)
		intake_put_list(&in->bytes, &in->row.key[d->facet[i]]);
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
void
intake_put_keywords(struct intake *in, const struct pending *w, size_t n,
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

/* --- keywords ---------------------------------------------------------- */

int64_t
words_rounded(int64_t n, int64_t least)
{
	int64_t r = 1;

	if (n < least)
		return 0;
	while (r <= n / 2)
		r *= 2;
	return r;
}

static unsigned
weight(const struct word *w, int64_t least)
{
	int64_t n = words_rounded(w->g->n, least);
	unsigned log = 0;

	if (n == 0)
		return 0;
	for (; n > 1; n /= 2)
		log++;
	return w->tf * (log < LOG_ROWS ? LOG_ROWS - log : 1);
}

static int
compare(const char *a, size_t alen, const char *b, size_t blen)
{
	int r = memcmp(a, b, alen < blen ? alen : blen);

	return r != 0 ? r : alen < blen ? -1 : alen > blen;
}

static int
compare_stems(const struct word *a, const struct word *b,
    const struct buf *bytes)
{
	return compare(bytes->p + a->stem_at, a->stem_len,
	    bytes->p + b->stem_at, b->stem_len);
}

/* There are few: an insertion sort needs no memory of its own. */
size_t
words_best(struct word *v, size_t n, const struct buf *bytes, int64_t least)
{
	size_t i, j, best = 0;
	struct word w;

	for (i = 0; i < n; i++) {
		v[i].weight = weight(&v[i], least);
		w = v[i];
		for (j = i; j > 0 && (w.weight > v[j - 1].weight ||
		    (w.weight == v[j - 1].weight &&
		    compare_stems(&w, &v[j - 1], bytes) < 0)); j--)
			v[j] = v[j - 1];
		v[j] = w;
	}
	while (best < n && best < WORDS_BEST && v[best].weight > 0)
		best++;
	for (i = 1; i < best; i++) {
		w = v[i];
		for (j = i; j > 0 && compare_stems(&w, &v[j - 1], bytes) < 0;
		    j--)
			v[j] = v[j - 1];
		v[j] = w;
	}
	return best;
}

/* Sets are found in the group of their first word, so that of the last of n
 * keywords needs to know nothing. */
bool
intake_begins_set(size_t i, size_t n)
{
	return i + 1 < n;
}

/* Words to their groups, now that all are counted. */
int
intake_put_words(struct intake *in, struct err *e)
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
		intake_put_keywords(in, w, n, &entry);
		for (i = 0; r == 0 && i < w->nwords; i++) {
			taken_note(t, i < n ? v[i].g->id :
			    v[i].g->id | GROUP_BARE);
			r = group_put(in->gs, v[i].g, t->seq, entry.p,
			    intake_begins_set(i, n) ? entry.len : 0, e);
		}
	}
	buf_release(&entry);
	return r;
}
