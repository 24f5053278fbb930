#include "toc/toc_sum.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "toc/summary_work.h"
#include "toc/toc_body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SUMMARY_METHOD "built-in 1"	/* another one makes other contents */

void
segment_new_release(struct segment_new *s)
{
	buf_release(&s->body);
	free(s->grip);
}

/* --- what it is made of ------------------------------------------------ */

static void
hash_number(struct hash *h, uint64_t v)
{
	uint8_t b[8];
	int i;

	for (i = 0; i < 8; i++)
		b[i] = (uint8_t)(v >> 8 * i);
	hash_add(h, b, sizeof b);
}

/* Of which events a segment is made, and of which context. */
static void
make_hash(const struct toc_window *win, size_t back, size_t n,
    uint8_t out[TOC_HASH])
{
	uint8_t all[HASH_LEN];
	struct hash h;
	size_t i;

	hash_init(&h);
	hash_add_field(&h, SUMMARY_METHOD);
	hash_number(&h, back);
	for (i = win->begin - back; i < win->begin + n; i++)
		hash_add(&h, win->at[i].id, sizeof win->at[i].id);
	hash_end(&h, all);
	memcpy(out, all, TOC_HASH);
}

/* Its id follows from its session and its first event. */
static void
make_name(struct segment_new *s, const char *session)
{
	char suffix[2 * 6 + 1];
	uint8_t all[HASH_LEN];
	struct hash h;

	hash_init(&h);
	hash_add_field(&h, session);
	hash_add(&h, s->first.id, sizeof s->first.id);
	hash_end(&h, all);
	hex_encode(suffix, all, 6);
	toc_period_of(TOC_DAY, s->first.ts_ms, &s->day);
	snprintf(s->name, sizeof s->name, "segment:%.16s:%s",
	    s->day.name + 4, suffix);
}

void
toc_sum_begin(const struct toc_window *win, const char *session, size_t back,
    size_t n, int64_t seen_ms, struct segment_new *s)
{
	memset(s, 0, sizeof *s);
	buf_init(&s->body);
	s->first = win->at[win->begin];
	s->last = win->at[win->begin + n - 1];
	s->seen_ms = seen_ms;
	s->events = (int64_t)n;
	make_hash(win, back, n, s->made_of);
	make_name(s, session);
}

/* --- grips ------------------------------------------------------------- */

static void
make_grip(struct grip *g, const struct place *at, size_t off, size_t len)
{
	memset(g, 0, sizeof *g);
	g->ts_ms = at->ts_ms;
	memcpy(g->event, at->id, ULID_BYTES);
	memcpy(g->first, at->id, ULID_BYTES);
	memcpy(g->last, at->id, ULID_BYTES);
	g->off = (int64_t)off;
	g->len = (int64_t)len;
	grip_make(g);
}

static bool
same_grip(const struct grip *a, const struct grip *b)
{
	return a->ts_ms == b->ts_ms &&
	    memcmp(a->suffix, b->suffix, GRIP_SUFFIX) == 0;
}

static bool
has_grip(const struct segment_new *s, const struct grip *g)
{
	size_t i;

	for (i = 0; i < s->grips; i++)
		if (same_grip(&s->grip[i], g))
			return true;
	return false;
}

/* For the bullet to come: its id goes to the end of a list. */
static void
add_grip(struct segment_new *s, const struct grip *g, struct buf *ids)
{
	char id[GRIP_ID_LEN];

	if (!has_grip(s, g)) {
		s->grip = xreallocarray(s->grip, s->grips + 1,
		    sizeof *s->grip);
		s->grip[s->grips++] = *g;
	}
	grip_id(g, id);
	buf_addf(ids, "%s%s", ids->len > 0 ? "," : "", id);
}

static void
put_bullet(struct segment_new *s, const struct buf *ids, const char *text,
    double weight, unsigned cues)
{
	struct toc_bullet b = { .text = text, .len = strlen(text),
	    .grips = ids->p, .grips_len = ids->len, .weight = weight,
	    .cues = cues };

	toc_body_bullet(&s->body, &b);
}

/* --- what somebody pinned ---------------------------------------------- */

/* Which of the n turns of the segment an excerpt is of; n: none. */
static size_t
turn_of(const struct toc_window *win, size_t n, const struct grip *g)
{
	const struct turn *t = win->turn + win->begin;
	size_t i;

	for (i = 0; i < n; i++)
		if (memcmp(win->at[win->begin + i].id, g->event,
		    ULID_BYTES) == 0)
			break;
	return i < n && (uint64_t)g->off <= t[i].len &&
	    (uint64_t)g->len <= t[i].len - (uint64_t)g->off ? i : n;
}

/* The grip of that id, unless the segment has it already: 1, or 0. */
static int
missing(const struct toc_window *win, const struct segment_new *s,
    const char *id, struct grip *g, struct err *e)
{
	if (!grip_id_read(id, g) || g->ts_ms < s->first.ts_ms ||
	    g->ts_ms > s->last.ts_ms || has_grip(s, g))
		return 0;
	return grip_find(win->w->st, id, g, e);
}

/* A bullet that somebody pinned stays, whatever is chosen now. */
static int
put_pinned(const struct toc_window *win, struct segment_new *s, size_t n,
    struct err *e)
{
	const struct map *marks = &win->w->marks;
	struct buf ids = BUF_INIT;
	struct grip g;
	size_t i, k;
	char *text;
	int r = 0;

	for (i = 0; i < marks->n && r >= 0; i++) {
		if (marks->e[i].v.i != TOC_PIN ||
		    (r = missing(win, s, marks->e[i].key, &g, e)) != 1 ||
		    (k = turn_of(win, n, &g)) == n)
			continue;
		buf_reset(&ids);
		add_grip(s, &g, &ids);
		text = summary_clean(win->turn[win->begin + k].text + g.off,
		    (size_t)g.len);
		put_bullet(s, &ids, text, 1, 0);
		free(text);
	}
	buf_release(&ids);
	return r < 0 ? -1 : 0;
}

/* --- what it says ------------------------------------------------------ */

/* By the model, if there is one and it can. */
static enum toc_made
summarise(struct toc_work *w, const struct turn *turn, size_t n,
    size_t context, struct summary *sum)
{
	struct err why;

	if (w->chat != NULL) {
		if (chat_turns(w->chat, turn, n, context, sum, &why) == 0)
			return TOC_PROGRAM;
		toc_trouble(w, &why);
	}
	summary_turns(w->summariser, turn, n, context, sum);
	return w->chat != NULL ? TOC_FALLBACK : TOC_BUILT_IN;
}

static void
add_source(struct segment_new *s, const struct place *at,
    const struct summary_source *x, struct buf *ids)
{
	struct grip g;

	make_grip(&g, &at[x->from], x->at, x->len);
	add_grip(s, &g, ids);
}

int
toc_sum_up(const struct toc_window *win, size_t back, size_t n,
    struct segment_new *s, struct err *e)
{
	const struct place *at = win->at + win->begin - back;
	const struct summary_bullet *b;
	struct buf ids = BUF_INIT;
	struct summary sum = { 0 };
	size_t i, k;
	int r;

	s->made = summarise(win->w, win->turn + win->begin - back, back + n,
	    back, &sum);
	toc_body_title(&s->body, sum.title);
	for (i = 0; i < sum.bullets; i++) {
		b = &sum.bullet[i];
		buf_reset(&ids);
		add_source(s, at, &b->source, &ids);
		for (k = 0; k < b->mores; k++)
			add_source(s, at, &b->more[k], &ids);
		put_bullet(s, &ids, b->text, b->weight, b->cues);
	}
	r = win->w->marks.n > 0 ? put_pinned(win, s, n, e) : 0;
	toc_body_keywords(&s->body, sum.keyword, sum.keywords);
	summary_release(&sum);
	buf_release(&ids);
	s->summed = true;
	win->w->report->segments++;
	win->w->report->grips += (int64_t)s->grips;
	return r;
}
