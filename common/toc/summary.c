#include "toc/summary_work.h"

#include "base/alloc.h"
#include "base/buf.h"

#include <stdlib.h>
#include <string.h>

#define REQUEST 1.3		/* what the first thing asked for counts */
#define BULLETS 3		/* at least; one more for so many items: */
#define DENSE 12
#define SPARSE 40
#define PARTS 400		/* bullets that a parent is made of, at most */

void
summary_release(struct summary *s)
{
	size_t i;

	free(s->title);
	for (i = 0; i < s->bullets; i++)
		free(s->bullet[i].text);
	for (i = 0; i < s->keywords; i++)
		free(s->keyword[i]);
	memset(s, 0, sizeof *s);
}

struct summariser *
summariser_new(void)
{
	struct summariser *s = xcalloc(1, sizeof *s);

	s->reader = turn_reader_new();
	/* none of them is NULL, so that there is an end to count to */
	s->item = xgrow(NULL, 0, &s->items_cap, sizeof *s->item);
	s->term = xgrow(NULL, 0, &s->terms_cap, sizeof *s->term);
	s->place = xgrow(NULL, 0, &s->place_cap, sizeof *s->place);
	s->of = xgrow(NULL, 0, &s->of_cap, sizeof *s->of);
	s->edge = xgrow(NULL, 0, &s->edge_cap, sizeof *s->edge);
	return s;
}

static void
release_parts(struct summariser *s)
{
	while (s->parts > 0) {
		free((char *)s->part[--s->parts].text);
		turn_release(&s->part[s->parts]);
	}
}

void
summariser_free(struct summariser *s)
{
	if (s == NULL)
		return;
	release_parts(s);
	turn_reader_free(s->reader);
	free(s->part);
	free(s->item);
	free(s->term);
	free(s->place);
	free(s->of);
	free(s->edge);
	free(s->slot);
	free(s->room);
	free(s);
}

static struct summary_item *
add_item(struct summariser *s, const struct turn *t, size_t from)
{
	struct summary_item *x;

	s->item = xgrow(s->item, s->items, &s->items_cap, sizeof *s->item);
	x = &s->item[s->items++];
	memset(x, 0, sizeof *x);
	x->turn = t;
	x->from = from;
	x->factor = 1;
	return x;
}

/* --- what all summaries have ------------------------------------------- */

/*
 * How many: more for more sentences, or bullets of children.  In talk it
 * takes many sentences to say something; an agent at work wastes none.
 */
static size_t
bullets_of(const struct summariser *s)
{
	size_t n = BULLETS + s->items / (s->parent || s->served ? DENSE :
	    SPARSE);

	return n > SUMMARY_BULLETS ? SUMMARY_BULLETS : n;
}

static int
by_place(const void *va, const void *vb)
{
	size_t a = *(const size_t *)va, b = *(const size_t *)vb;

	return (a > b) - (a < b);
}

static void
give_bullets(struct summariser *s, struct summary *out)
{
	size_t pick[SUMMARY_BULLETS], n, i;
	const struct summary_item *x;
	struct summary_bullet *b;
	double best = 0;

	n = summary_pick(s, bullets_of(s), pick);
	for (i = 0; i < n; i++)
		if (s->item[pick[i]].score > best)
			best = s->item[pick[i]].score;
	qsort(pick, n, sizeof *pick, by_place);
	for (i = 0; i < n; i++) {
		x = &s->item[pick[i]];
		b = &out->bullet[out->bullets++];
		b->source.from = x->from;
		b->source.at = x->at;
		b->source.len = x->len;
		b->text = summary_clean(x->turn->text + x->at, x->len);
		b->cues = x->cues;
		b->weight = x->score / best;
	}
}

static void
sum_up(struct summariser *s, struct summary *out)
{
	summary_index(s);
	summary_rank(s);
	give_bullets(s, out);
	summary_words(s, out);
}

/* --- of turns ---------------------------------------------------------- */

static void
add_turn(struct summariser *s, const struct turn *t, size_t from, bool context)
{
	struct summary_item *x;
	size_t i;

	for (i = 0; i < t->sentences; i++) {
		x = add_item(s, t, from);
		x->at = t->sentence[i].at;
		x->len = t->sentence[i].len;
		x->word = t->sentence[i].word;
		x->words = t->sentence[i].words;
		x->cues = t->sentence[i].cues;
		x->kind = t->sentence[i].kind;
		x->group = (uint32_t)from;
		x->context = context;
	}
}

/* What was asked for first is what the segment is about. */
static void
prefer_request(struct summariser *s)
{
	const struct turn *first = NULL;
	struct summary_item *x, *end = s->item + s->items;

	for (x = s->item; x < end; x++) {
		if (x->context || x->turn->role != ROLE_USER)
			continue;
		if (first == NULL)
			first = x->turn;
		if (x->turn == first)
			x->factor *= REQUEST;
	}
}

void
summary_turns(struct summariser *s, const struct turn *t, size_t n,
    size_t context, struct summary *out)
{
	size_t i;

	memset(out, 0, sizeof *out);
	release_parts(s);
	s->items = 0;
	s->parent = s->served = false;
	for (i = 0; i < n; i++) {
		add_turn(s, &t[i], i, i < context);
		s->served |= t[i].role == ROLE_ASSISTANT;
	}
	if (s->served)
		prefer_request(s);
	sum_up(s, out);
}

/* --- of children ------------------------------------------------------- */

/* How many of its brothers are better. */
struct standing {
	const struct summary_part *part;
	size_t i, place;
};

static int
by_standing(const void *va, const void *vb)
{
	const struct standing *a = va, *b = vb;

	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	if (a->part->weight != b->part->weight)
		return a->part->weight > b->part->weight ? -1 : 1;
	return (a->i > b->i) - (a->i < b->i);
}

static int
by_number(const void *va, const void *vb)
{
	const struct standing *a = va, *b = vb;

	return (a->i > b->i) - (a->i < b->i);
}

/* Which of too many parts are looked at: of each child the best, then the
 * second best ones. */
static struct standing *
best_parts(const struct summary_part *p, size_t parts, size_t *n)
{
	struct standing *of = xcalloc(parts + 1, sizeof *of);
	size_t i, k, first = 0;

	for (i = 0; i < parts; i++) {
		of[i].part = &p[i];
		of[i].i = i;
		if (i > 0 && p[i].child != p[i - 1].child)
			first = i;
		for (k = first; k < i; k++)
			if (p[k].weight >= p[i].weight)
				of[i].place++;
			else
				of[k].place++;
	}
	*n = parts;
	if (parts > PARTS) {
		qsort(of, parts, sizeof *of, by_standing);
		*n = PARTS;
		qsort(of, *n, sizeof *of, by_number);
	}
	return of;
}

static struct turn *
add_part(struct summariser *s, const char *text, size_t len)
{
	struct turn *t = &s->part[s->parts++];

	memset(t, 0, sizeof *t);
	t->text = xstrndup(text, len);
	t->len = len;
	t->type = EVENT_USER_MESSAGE;
	turn_read(s->reader, t);
	return t;
}

static void
set_child(struct summariser *s, struct summary_item *x, size_t child)
{
	x->group = (uint32_t)child;
	if (s->children <= child)
		s->children = (uint32_t)child + 1;
}

/* A bullet is an item as a whole. */
static void
add_bullet(struct summariser *s, const struct summary_part *p, size_t from)
{
	const struct turn *t = add_part(s, p->text, p->len);
	struct summary_item *x = add_item(s, t, from);

	x->len = (uint32_t)t->len;
	x->words = t->words;
	x->cues = p->cues;
	x->factor = p->weight;
	set_child(s, x, p->child);
}

/* A child's keywords are an item that tells what matters. */
static size_t
add_words(struct summariser *s, const struct summary_word *w, size_t n)
{
	struct buf list = BUF_INIT;
	struct summary_item *x;
	struct turn *t;
	size_t k;

	for (k = 0; k < n && w[k].child == w[0].child; k++)
		buf_addf(&list, "%s%s", k > 0 ? ", " : "", w[k].text);
	t = add_part(s, list.p, list.len);
	x = add_item(s, t, 0);
	x->len = (uint32_t)t->len;
	x->words = t->words;
	x->context = true;
	set_child(s, x, w->child);
	buf_release(&list);
	return k;
}

void
summary_parent(struct summariser *s, const struct summary_part *p, size_t parts,
    const struct summary_word *w, size_t words, struct summary *out)
{
	struct standing *of;
	size_t i, n;

	memset(out, 0, sizeof *out);
	release_parts(s);
	s->items = 0;
	s->parent = true;
	s->served = false;
	of = best_parts(p, parts, &n);
	if (words > SUMMARY_KEYWORDS * PARTS)
		words = SUMMARY_KEYWORDS * PARTS;
	if (n + words > s->parts_cap) {
		s->part = xreallocarray(s->part, n + words, sizeof *s->part);
		s->parts_cap = n + words;
	}
	s->children = 0;
	for (i = 0; i < n; i++)
		add_bullet(s, of[i].part, of[i].i);
	for (i = 0; i < words; )
		i += add_words(s, w + i, words - i);
	sum_up(s, out);
	free(of);
}
