/*
 * A session is cut again from the first segment whose end may rest on what
 * came or went, and until a segment comes out as it was behind all of that:
 * nothing after it can differ (cut.h).
 *
 * The turns at hand are a window: some before the segment, as context, and as
 * many from its beginning as cut_next wants to see.
 */
#include "memory/toc_work.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "memory/event.h"
#include "memory/toc_body.h"
#include "store/db.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_READ 64		/* turns; then as many as there are again */
#define SUMMARY_METHOD "built-in 1"	/* another one makes other contents */

/* A segment that is there. */
struct old {
	int64_t node;
	char name[TOC_NAME_MAX];
	struct place first;
	uint8_t made_of[TOC_HASH];
};

struct window {
	struct turn *turn;	/* own, with their texts */
	struct place *at;	/* own; beside turn */
	size_t n, cap, at_cap;
	size_t begin;		/* of the segment */
	struct event_iter *it;	/* own; NULL: all was read */
};

struct recut {
	struct toc_work *w;
	int64_t session, hi_ms;
	char *name;		/* own; of the session */
	struct window win;
	struct old *old;	/* own; from the first one in question on */
	size_t olds, old_cap, next;	/* next: not met yet */
};

int
place_cmp(const struct place *a, const struct place *b)
{
	if (a->ts_ms != b->ts_ms)
		return a->ts_ms < b->ts_ms ? -1 : 1;
	return memcmp(a->id, b->id, sizeof a->id);
}

/* --- the window -------------------------------------------------------- */

static void
turn_drop(struct turn *t)
{
	turn_release(t);
	free((char *)t->text);
}

static void
window_release(struct window *win)
{
	size_t i;

	for (i = 0; i < win->n; i++)
		turn_drop(&win->turn[i]);
	event_close(win->it);
	free(win->turn);
	free(win->at);
}

/* The first n go. */
static void
window_shift(struct window *win, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		turn_drop(&win->turn[i]);
	win->n -= n;
	win->begin -= n;
	memmove(win->turn, win->turn + n, win->n * sizeof *win->turn);
	memmove(win->at, win->at + n, win->n * sizeof *win->at);
}

static void
window_add(struct recut *c, const struct event *ev)
{
	size_t len = ev->text_len < TURN_BYTES ? ev->text_len : TURN_BYTES;
	struct window *win = &c->win;
	struct turn *t;

	win->turn = xgrow(win->turn, win->n, &win->cap, sizeof *win->turn);
	win->at = xgrow(win->at, win->n, &win->at_cap, sizeof *win->at);
	t = &win->turn[win->n];
	memset(t, 0, sizeof *t);
	t->time_ms = ev->ts_ms;
	t->text = xstrndup(ev->text, len);
	t->len = len;
	t->role = ev->role;
	t->type = ev->type;
	turn_read(c->w->reader, t);
	win->at[win->n].ts_ms = ev->ts_ms;
	ulid_parse(ev->id, win->at[win->n].id);
	win->n++;
}

/* Up to n turns more. */
static int
window_read(struct recut *c, size_t n, struct err *e)
{
	const struct event *ev;
	int r = 1;

	while (c->win.it != NULL && n-- > 0 &&
	    (r = event_next(c->win.it, &ev, e)) == 1)
		window_add(c, ev);
	if (r != 1) {
		event_close(c->win.it);
		c->win.it = NULL;
	}
	return r < 0 ? -1 : 0;
}

/*
 * Turns from the first one that may be context for what comes after `before`
 * (NULL: from the beginning of the session).
 */
static int
window_open(struct recut *c, const struct place *before, struct err *e)
{
	struct event_query eq = EVENT_QUERY_INIT;
	struct window *win = &c->win;
	size_t most = c->w->cut.back_tokens;

	eq.session = c->name;
	if (before != NULL)
		eq.since_ms = before->ts_ms - c->w->cut.back_ms;
	if (event_open(&win->it, c->w->st, &eq, e) < 0)
		return -1;
	while (before != NULL && win->it != NULL) {
		if (window_read(c, 1, e) < 0)
			return -1;
		if (win->begin == win->n ||
		    place_cmp(&win->at[win->begin], before) > 0)
			break;
		/* a turn has a token or more: no more of them are needed */
		if (++win->begin > 2 * most)
			window_shift(win, most);
	}
	return 0;
}

/* --- what is there ----------------------------------------------------- */

static int
copy_blob(struct db_query *q, int col, uint8_t *out, size_t len)
{
	const void *p;
	size_t n;

	p = db_get_blob(q, col, &n);
	if (n != len)
		return 0;
	memcpy(out, p, len);
	return 1;
}

/* The end of the last segment before a place; 1, or 0 there is none. */
static int
last_before(struct recut *c, const struct place *at, struct place *last,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(c->w->st->db, e, "SELECT end_ms - 1, last "
	    "FROM toc_node WHERE session = :session AND gone = 0 AND "
	    "(start_ms < :ts OR (start_ms = :ts AND first < :first)) "
	    "ORDER BY start_ms DESC, first DESC LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":session", c->session);
	db_int(q, ":ts", at->ts_ms);
	db_blob(q, ":first", at->id, sizeof at->id);
	if ((r = db_row(q, e)) == 1) {
		last->ts_ms = db_get_int(q, 0);
		copy_blob(q, 1, last->id, sizeof last->id);
	}
	db_end(q);
	return r;
}

static int
read_old(struct recut *c, const struct place *from, struct err *e)
{
	struct db_query *q;
	struct old *o;
	int r;

	if ((q = db_sql(c->w->st->db, e, "SELECT id, name, start_ms, first, "
	    "made_of FROM toc_node WHERE session = :session AND gone = 0 "
	    "AND start_ms >= :ts ORDER BY start_ms, first")) == NULL)
		return -1;
	db_int(q, ":session", c->session);
	db_int(q, ":ts", from->ts_ms);
	while ((r = db_row(q, e)) == 1) {
		c->old = xgrow(c->old, c->olds, &c->old_cap, sizeof *c->old);
		o = &c->old[c->olds];
		memset(o, 0, sizeof *o);
		o->node = db_get_int(q, 0);
		snprintf(o->name, sizeof o->name, "%s", db_get_text(q, 1));
		o->first.ts_ms = db_get_int(q, 2);
		copy_blob(q, 3, o->first.id, sizeof o->first.id);
		copy_blob(q, 4, o->made_of, sizeof o->made_of);
		c->olds += place_cmp(&o->first, from) >= 0;
	}
	db_end(q);
	return r;
}

/* Where to begin: at the first segment that rests on something at lo or
 * later.  1 found, 0: all of them end before it. */
static int
first_touched(struct recut *c, int64_t lo_ms, struct place *at,
    struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(c->w->st->db, e, "SELECT start_ms, first "
	    "FROM toc_node WHERE session = :session AND gone = 0 AND "
	    "seen_ms >= :lo ORDER BY start_ms, first LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":session", c->session);
	db_int(q, ":lo", lo_ms);
	if ((r = db_row(q, e)) == 1) {
		at->ts_ms = db_get_int(q, 0);
		copy_blob(q, 1, at->id, sizeof at->id);
	}
	db_end(q);
	return r;
}

static int
begin(struct recut *c, int64_t lo_ms, struct err *e)
{
	struct place at = { .ts_ms = INT64_MAX }, last;
	int r;

	if (first_touched(c, lo_ms, &at, e) < 0 ||
	    (r = last_before(c, &at, &last, e)) < 0 ||
	    read_old(c, &at, e) < 0)
		return -1;
	return window_open(c, r == 1 ? &last : NULL, e);
}

/* --- a segment --------------------------------------------------------- */

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
make_hash(const struct window *win, size_t back, size_t n,
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

static struct grip *
add_grip(struct segment_new *s, const struct place *at, size_t off,
    size_t len)
{
	struct grip *g;

	s->grip = xreallocarray(s->grip, s->grips + 1, sizeof *s->grip);
	g = &s->grip[s->grips++];
	memset(g, 0, sizeof *g);
	g->ts_ms = at->ts_ms;
	memcpy(g->event, at->id, ULID_BYTES);
	memcpy(g->first, at->id, ULID_BYTES);
	memcpy(g->last, at->id, ULID_BYTES);
	g->off = (int64_t)off;
	g->len = (int64_t)len;
	grip_make(g);
	return g;
}

static void
put_bullet(struct segment_new *s, const struct grip *g, const char *text,
    double weight, unsigned cues)
{
	char id[GRIP_ID_LEN];
	struct toc_bullet b = { .text = text, .len = strlen(text),
	    .grips = id, .weight = weight, .cues = cues };

	grip_id(g, id);
	b.grips_len = strlen(id);
	toc_body_bullet(&s->body, &b);
}

/* A bullet that somebody pinned stays, whatever is chosen now. */
static int
put_pinned(struct recut *c, struct segment_new *s, size_t n, struct err *e)
{
	const struct window *win = &c->win;
	const struct map *marks = &c->w->marks;
	char id[GRIP_ID_LEN];
	struct grip g;
	size_t i, k;
	char *text;
	int r;

	for (i = 0; i < marks->n; i++) {
		if (marks->e[i].v.i != TOC_PIN ||
		    !grip_id_read(marks->e[i].key, &g) ||
		    g.ts_ms < s->first.ts_ms || g.ts_ms > s->last.ts_ms)
			continue;
		for (k = 0; k < s->grips; k++) {
			grip_id(&s->grip[k], id);
			if (strcmp(id, marks->e[i].key) == 0)
				break;
		}
		if (k < s->grips)
			continue;
		if ((r = grip_find(c->w->st, marks->e[i].key, &g, e)) != 1) {
			if (r < 0)
				return -1;
			continue;
		}
		for (k = win->begin; k < win->begin + n; k++)
			if (memcmp(win->at[k].id, g.event, ULID_BYTES) == 0)
				break;
		if (k == win->begin + n ||
		    (uint64_t)g.off > win->turn[k].len ||
		    (uint64_t)g.len > win->turn[k].len - (uint64_t)g.off)
			continue;
		add_grip(s, &win->at[k], (size_t)g.off, (size_t)g.len);
		text = xstrndup(win->turn[k].text + g.off, (size_t)g.len);
		put_bullet(s, &g, text, 1, 0);
		free(text);
	}
	return 0;
}

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

static int
sum_up(struct recut *c, struct segment_new *s, size_t back, size_t n,
    struct err *e)
{
	struct window *win = &c->win;
	struct turn *from = win->turn + win->begin - back;
	const struct summary_bullet *b;
	struct summary sum;
	size_t i;
	int r;

	memset(&sum, 0, sizeof sum);
	s->made = summarise(c->w, from, back + n, back, &sum);
	buf_init(&s->body);
	toc_body_title(&s->body, sum.title);
	for (i = 0; i < sum.bullets; i++) {
		b = &sum.bullet[i];
		put_bullet(s, add_grip(s, &win->at[win->begin - back +
		    b->from], b->at, b->len), b->text, b->weight, b->cues);
	}
	r = c->w->marks.n > 0 ? put_pinned(c, s, n, e) : 0;
	toc_body_keywords(&s->body, sum.keyword, sum.keywords);
	summary_release(&sum);
	s->summed = true;
	c->w->report->segments++;
	c->w->report->grips += (int64_t)s->grips;
	return r;
}

/* How many turns the segment at win->begin has, and what that rests on. */
static int
find_end(struct recut *c, size_t *len, int64_t *seen_ms, struct err *e)
{
	struct window *win = &c->win;
	size_t n, seen;

	if (win->n - win->begin < FIRST_READ &&
	    window_read(c, FIRST_READ, e) < 0)
		return -1;
	for (;;) {
		n = win->n - win->begin;
		if (n == 0)
			return 0;
		*len = cut_next(&c->w->cut, win->turn + win->begin, n, &seen);
		if (seen <= n || win->it == NULL)
			break;
		if (window_read(c, n, e) < 0)
			return -1;
	}
	*seen_ms = seen > n ? INT64_MAX :
	    win->at[win->begin + seen - 1].ts_ms;
	return 1;
}

/* Old segments that begin up to here and are not this one are no more.
 * Returns the one that is, or NULL. */
static const struct old *
meet(struct recut *c, const struct segment_new *s)
{
	const struct old *o, *same = NULL;
	struct toc_todo *t;

	for (; c->next < c->olds; c->next++) {
		o = &c->old[c->next];
		if (s != NULL && place_cmp(&o->first, &s->last) > 0)
			break;
		if (s != NULL && strcmp(o->name, s->name) == 0) {
			same = o;
			continue;
		}
		t = toc_note(c->w);
		t->kind = TODO_GONE;
		t->node = o->node;
	}
	return same;
}

/* Takes s over. */
static void
note_segment(struct recut *c, const struct segment_new *s)
{
	struct toc_todo *t = toc_note(c->w);

	t->kind = TODO_SEGMENT;
	t->segment = xmemdup(s, sizeof *s);
}

/* 1 go on, 0 nothing after it differs. */
static int
one_segment(struct recut *c, size_t n, int64_t seen_ms, struct err *e)
{
	struct window *win = &c->win;
	struct segment_new s = { .session = c->session, .seen_ms = seen_ms,
	    .first = win->at[win->begin], .last = win->at[win->begin + n - 1],
	    .events = (int64_t)n, .body = BUF_INIT };
	const struct old *o;
	bool same;
	size_t back;

	back = cut_back(&c->w->cut, win->turn, win->begin, s.first.ts_ms);
	make_hash(win, back, n, s.made_of);
	make_name(&s, c->name);
	o = meet(c, &s);
	same = o != NULL && memcmp(o->made_of, s.made_of, TOC_HASH) == 0;
	if (same && s.first.ts_ms > c->hi_ms)
		return 0;
	if ((!same || c->w->how->rebuild || c->w->marks.n > 0) &&
	    sum_up(c, &s, back, n, e) < 0) {
		buf_release(&s.body);
		free(s.grip);
		return -1;
	}
	note_segment(c, &s);
	win->begin += n;
	if (win->begin > c->w->cut.back_tokens)
		window_shift(win, win->begin - c->w->cut.back_tokens);
	return 1;
}

/* 0: its end was reached, or nothing further differs; 1: enough for now. */
static int
segments(struct recut *c, int64_t lo_ms, struct err *e)
{
	const struct window *win = &c->win;
	struct toc_todo *t;
	int64_t seen_ms;
	size_t n;
	int r;

	if (begin(c, lo_ms, e) < 0)
		return -1;
	while ((r = find_end(c, &n, &seen_ms, e)) == 1 &&
	    (r = one_segment(c, n, seen_ms, e)) == 1) {
		if (!toc_full(c->w) || win->begin == win->n)
			continue;
		t = toc_note(c->w);
		t->kind = TODO_RESUME;
		t->session = c->session;
		t->lo_ms = win->at[win->begin].ts_ms;
		return 1;
	}
	if (r == 0 && win->begin == win->n)
		meet(c, NULL);
	return r;
}

static int
session_name(struct recut *c, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(c->w->st->db, e, "SELECT name FROM session "
	    "WHERE seq = :seq AND user = :user")) == NULL)
		return -1;
	db_int(q, ":seq", c->session);
	db_int(q, ":user", c->w->st->user_id);
	if ((r = db_row(q, e)) == 1)
		c->name = db_dup(q, 0);
	db_end(q);
	return r;
}

int
toc_session(struct toc_work *w, int64_t session, int64_t lo_ms, int64_t hi_ms,
    struct err *e)
{
	struct recut c = { .w = w, .session = session, .hi_ms = hi_ms };
	struct place start = { .ts_ms = INT64_MIN };
	struct toc_todo *t;
	int r;

	if ((r = session_name(&c, e)) == 1) {
		r = segments(&c, lo_ms, e);
	} else if (r == 0 && (r = read_old(&c, &start, e)) == 0) {
		meet(&c, NULL);		/* it was forgotten */
	}
	if (r == 0) {
		t = toc_note(w);
		t->kind = TODO_DONE;
		t->session = session;
	}
	window_release(&c.win);
	free(c.old);
	free(c.name);
	return r;
}
