#include "index/rank_check.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

/* Look one term of the match up in a part. */
static int
find(struct rank *r, size_t part, size_t i, struct err *e)
{
	const struct match_term *t = &r->m->term[i];
	struct rank_terms *to = &r->terms[part];
	int found;

	if (t->kind == MATCH_PREFIX)
		return rank_prefix(r->part[part].s, t->text, t->len,
		    &to->prefix[i], e);
	found = segment_term(r->part[part].s, SEGMENT_TEXT, t->text, t->len,
	    &to->t[i], e);
	if (found == 0)
		to->t[i].docs = 0;
	return found < 0 ? -1 : 0;
}

/* Does it hold only for documents with a term that scores? */
static bool
atom_scores(struct rank *r, const struct match_atom *a)
{
	const struct match_phrase *p;
	const struct match_word *w;
	const char *stem;
	size_t n, i;
	unsigned k;

	if (a->not || a->what == MATCH_FILTER)
		return false;
	if (a->what == MATCH_TERM)
		return r->m->term[a->i].weight > 0;
	p = &r->m->phrase[a->i];
	for (k = 0; k < p->n; k++) {
		w = &r->m->word[p->at[k].word];
		word_stem(r->words, w->text, w->len, &stem, &n);
		for (i = 0; i < r->m->terms; i++)
			if (r->m->term[i].kind == MATCH_STEM &&
			    r->m->term[i].weight > 0 &&
			    r->m->term[i].len == n &&
			    memcmp(r->m->term[i].text, stem, n) == 0)
				return true;
	}
	return false;
}

/* Is there a group that holds only for such documents? */
static bool
group_scores(struct rank *r)
{
	const struct match_atom *a = r->atom;
	bool scores = false;
	size_t i;

	for (i = 0; i < r->atoms; i++) {
		if (i > 0 && a[i].group != a[i - 1].group) {
			if (scores)
				return true;
			scores = true;
		} else if (i == 0) {
			scores = true;
		}
		scores = scores && atom_scores(r, &a[i]);
	}
	return scores;
}

/* Does every document with a term that scores hold? */
static bool
scores_hold(struct rank *r)
{
	const struct match_atom *a = r->atom;
	size_t i, k, scored = 0, n = 0;

	for (k = 0; k < r->m->terms; k++)
		scored += r->m->term[k].weight > 0;
	for (i = 0; i < r->atoms; i++) {
		n += !a[i].not && a[i].what == MATCH_TERM &&
		    r->m->term[a[i].i].weight > 0;
		if (i + 1 < r->atoms && a[i + 1].group == a[i].group)
			continue;
		if (n < scored)		/* a group has an atom once */
			return false;
		n = 0;
	}
	return true;
}

/* The match's groups, and one for each of the other filters. */
static void
add_atoms(struct rank *r, size_t also)
{
	const struct match *m = r->m;
	struct match_atom *a;
	size_t i;

	r->atom = xcalloc(m->atoms + also + 1, sizeof *r->atom);
	if (m->atoms > 0)
		memcpy(r->atom, m->atom, m->atoms * sizeof *r->atom);
	r->atoms = m->atoms;
	for (i = 0; i < also; i++) {
		a = &r->atom[r->atoms++];
		a->what = MATCH_FILTER;
		a->i = (int)(r->filters + i);
		a->group = m->groups + (int)i;
	}
	r->filters += also;
}

static uint32_t
count_alive(const struct rank_part *p)
{
	uint32_t docs = segment_docs(p->s), n = docs, i;

	for (i = 0; p->dead != NULL && i * 64 < docs; i++)
		n -= bits_ones(p->dead[i]);
	return n;
}

int
rank_open(struct rank **out, const struct match *m,
    const struct rank_filter *filter, size_t filters, size_t also,
    const struct rank_part *part, size_t parts, rank_ask *ask, void *arg,
    struct err *e)
{
	struct rank *r = xcalloc(1, sizeof *r);
	size_t i, k;

	*out = NULL;
	r->m = m;
	r->filter = filter;
	r->part = part;
	r->parts = parts;
	r->ask = ask;
	r->arg = arg;
	r->terms = xcalloc(parts + 1, sizeof *r->terms);
	r->alive = xcalloc(parts + 1, sizeof *r->alive);
	for (i = 0; i < parts; i++)
		r->alive[i] = count_alive(&part[i]);
	if (m->phrases > 0)
		r->words = words_new(m->language);
	r->filters = filters;
	add_atoms(r, also);
	r->unscored = !group_scores(r);
	r->all_hold = scores_hold(r);
	r->scratch = xmalloc(sizeof *r->scratch);
	for (i = 0; i < parts; i++) {
		r->terms[i].t = xcalloc(m->terms + 1, sizeof *r->terms[i].t);
		r->terms[i].prefix = xcalloc(m->terms + 1,
		    sizeof *r->terms[i].prefix);
	}
	for (i = 0; i < parts; i++)
		for (k = 0; k < m->terms; k++)
			if (find(r, i, k, e) < 0) {
				rank_close(r);
				return -1;
			}
	*out = r;
	return 0;
}

void
rank_close(struct rank *r)
{
	size_t i, k;

	if (r == NULL)
		return;
	rank_checks_free(r->last);
	for (i = 0; i < r->parts; i++) {
		for (k = 0; k < r->m->terms; k++)
			doc_list_release(&r->terms[i].prefix[k]);
		free(r->terms[i].prefix);
		free(r->terms[i].t);
	}
	free(r->terms);
	free(r->alive);
	free(r->atom);
	words_free(r->words);
	free(r->scratch);
	free(r);
}

/* --- statistics -------------------------------------------------------- */

/* How many documents alive have a term: they are looked at, or its list is
 * read, whichever is less. */
static int
term_alive(struct rank_checks *c, size_t term, int64_t *df, struct err *e)
{
	const struct rank_part *p = &c->r->part[c->part];
	uint32_t docs = segment_docs(p->s), alive = c->r->alive[c->part], d;
	struct rank_list *l = xmalloc(sizeof *l);
	int r = 0;

	if (!rank_term_list(c->r, c->part, term, l)) {
		free(l);
		return 0;
	}
	if (alive < l->docs / 16) {
		for (d = 0; d < docs && r >= 0; d++) {
			if (p->dead[d / 64] == UINT64_MAX) {
				d |= 63;
				continue;
			}
			if (rank_dead(p, d))
				continue;
			r = rank_list_has(l, d, e);
			*df += r == 1;
		}
	} else for (; l->block < l->blocks && r >= 0; l->block++) {
		l->loaded = false;
		r = rank_list_load(l, e);
		for (d = 0; r == 0 && d < l->n; d++)
			*df += !rank_dead(p, l->doc[d]);
	}
	rank_list_release(l);
	free(l);
	return r < 0 ? -1 : 0;
}

/* Where there are more dead, what is alive is counted. */
static int
stats_alive(struct rank *r, size_t part, struct score_scope *s, int64_t *df,
    struct err *e)
{
	const struct rank_part *p = &r->part[part];
	uint32_t docs = segment_docs(p->s), d;
	struct rank_checks *c;
	const uint8_t *length;
	size_t k;
	int x = 0;

	if (r->alive[part] == 0)
		return 0;
	if (segment_lengths(p->s, &length, e) < 0)
		return -1;
	s->texts += r->alive[part];
	for (d = 0; d < docs; d++) {
		if (p->dead[d / 64] == UINT64_MAX)
			d |= 63;
		else if (!rank_dead(p, d))
			s->length += score_length(length[d]);
	}
	c = rank_checks(r, part);
	for (k = 0; k < r->m->terms && x == 0; k++)
		x = term_alive(c, k, &df[k], e);
	rank_checks_free(c);
	return x;
}

/* The dead are in the postings and lengths, but count no more. */
static int
stats_dead(struct rank *r, size_t part, struct score_scope *s, int64_t *df,
    struct err *e)
{
	const struct rank_part *p = &r->part[part];
	struct rank_checks *c = rank_checks(r, part);
	uint32_t docs = segment_docs(p->s), d;
	uint8_t length;
	size_t k;
	int has = 0;

	for (d = 0; d < docs && has >= 0; d++) {
		if (p->dead[d / 64] == 0) {
			d |= 63;
			continue;
		}
		if (!rank_dead(p, d))
			continue;
		if ((has = segment_length_of(p->s, d, &length, e)) < 0)
			break;
		s->texts--;
		s->length -= score_length(length);
		for (k = 0; k < r->m->terms && has >= 0; k++) {
			has = rank_has_term(c, k, d, NULL, e);
			df[k] -= has == 1;
		}
	}
	rank_checks_free(c);
	return has < 0 ? -1 : 0;
}

int
rank_stats(struct rank *r, struct score_scope *s, int64_t *df, struct err *e)
{
	size_t i, k;

	for (i = 0; i < r->parts; i++) {
		if (r->alive[i] < segment_docs(r->part[i].s) / 8 * 7) {
			if (stats_alive(r, i, s, df, e) < 0)
				return -1;
			continue;
		}
		s->texts += segment_docs(r->part[i].s);
		s->length += (int64_t)segment_length(r->part[i].s);
		for (k = 0; k < r->m->terms; k++)
			df[k] += r->m->term[k].kind == MATCH_PREFIX ?
			    r->terms[i].prefix[k].n : r->terms[i].t[k].docs;
		if (r->alive[i] < segment_docs(r->part[i].s) &&
		    stats_dead(r, i, s, df, e) < 0)
			return -1;
	}
	return 0;
}

/* --- one document ------------------------------------------------------ */

/* Lists move forward only. */
static void
look_at(struct rank *r, uint32_t part, uint32_t doc)
{
	if (r->last == NULL || r->last_part != part || r->last_doc > doc) {
		rank_checks_free(r->last);
		r->last = rank_checks(r, part);
	}
	r->last_part = part;
	r->last_doc = doc;
}

int
rank_allows(struct rank *r, int group, uint32_t part, uint32_t doc,
    struct err *e)
{
	look_at(r, part, doc);
	return rank_holds_but(r->last, group, doc, e);
}

int
rank_positions(struct rank *r, uint32_t part, uint32_t doc, size_t term,
    const uint32_t **pos, uint32_t *n, struct err *e)
{
	const uint8_t *form;
	struct rank_list *l;
	int has;

	look_at(r, part, doc);
	*n = 0;
	has = rank_has_term(r->last, term, doc, NULL, e);
	if (has != 1 || r->m->term[term].kind == MATCH_PREFIX)
		return has < 0 ? -1 : 0;
	l = r->last->term[term];
	return segment_positions(&l->disk, l->at, pos, &form, n, e);
}

int
rank_terms(struct rank *r, uint32_t part, uint32_t doc, uint32_t *tf,
    uint8_t *length, struct err *e)
{
	size_t k;

	look_at(r, part, doc);
	for (k = 0; k < r->m->terms; k++) {
		tf[k] = 0;
		if (rank_has_term(r->last, k, doc, &tf[k], e) < 0)
			return -1;
	}
	return segment_length_of(r->part[part].s, doc, length, e);
}

/* --- counting ---------------------------------------------------------- */

static int
count_part(struct rank *r, size_t part, int64_t most, int64_t *n,
    struct err *e)
{
	struct rank_checks *c = rank_checks(r, part);
	uint32_t docs = segment_docs(r->part[part].s), d;
	size_t words = docs / 64 + 1;
	uint64_t *bits = xcalloc(words, sizeof *bits);
	int holds;

	holds = rank_suspects(c, bits, e);
	for (d = 0; d < docs && holds >= 0 && (most == 0 || *n < most); d++) {
		if (bits[d / 64] == 0) {
			d |= 63;
			continue;
		}
		if (!(bits[d / 64] >> (d % 64) & 1) ||
		    rank_dead(&r->part[part], d))
			continue;
		if ((holds = rank_holds(c, d, e)) == 1)
			++*n;
	}
	free(bits);
	rank_checks_free(c);
	return holds < 0 ? -1 : 0;
}

int
rank_count(struct rank *r, int64_t most, int64_t *n, struct err *e)
{
	size_t i;

	*n = 0;
	for (i = 0; i < r->parts; i++)
		if (count_part(r, i, most, n, e) < 0)
			return -1;
	return 0;
}
