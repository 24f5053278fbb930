/*
 * A session is cut again from the first segment whose end may rest on what
 * came or went, and until a segment comes out as it was behind all of that:
 * nothing after it can differ (cut.h).
 */
#include "toc/toc_work.h"

#include "base/alloc.h"
#include "store/db.h"
#include "store/store.h"
#include "toc/toc_sum.h"
#include "toc/toc_window.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_READ 64		/* turns; then as many as there are again */
#define OLD_READ 256		/* segments that are there, at a time */

/* A segment that is there. */
struct old {
	int64_t node;
	char name[TOC_NAME_MAX];
	struct place first;
	uint8_t made_of[TOC_HASH];
};

struct recut {
	struct toc_work *w;
	int64_t session, lo_ms, hi_ms;
	char *name;		/* own; of the session */
	struct toc_window win;
	struct old *old;	/* own; OLD_READ of them */
	size_t olds, next;	/* next: not met yet */
	struct place from;	/* of those to be read next */
	bool no_more;
};

/* --- what is there ----------------------------------------------------- */

/* Zeros where it has another length, which mem-admin check tells. */
static void
copy_blob(struct db_query *q, int col, uint8_t *out, size_t len)
{
	const void *p;
	size_t n;

	p = db_get_blob(q, col, &n);
	memset(out, 0, len);
	if (n == len)
		memcpy(out, p, len);
}

/* A place in columns 0 and 1; 1, or 0 there is none. */
static int
get_place(struct db_query *q, struct place *at, struct err *e)
{
	int r;

	if ((r = db_row(q, e)) == 1) {
		at->ts_ms = db_get_int(q, 0);
		copy_blob(q, 1, at->id, sizeof at->id);
	}
	db_end(q);
	return r;
}

static void
bind_place(struct db_query *q, int64_t session, const struct place *at)
{
	db_int(q, ":session", session);
	db_int(q, ":ts", at->ts_ms);
	db_blob(q, ":first", at->id, sizeof at->id);
}

/* The end of the last segment before a place; 1, or 0 there is none. */
static int
last_before(struct recut *c, const struct place *at, struct place *last,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(c->w->st->db, e, "SELECT end_ms - 1, last "
	    "FROM toc_node WHERE session = :session AND gone = 0 AND "
	    "start_ms <= :ts AND (start_ms < :ts OR first < :first) "
	    "ORDER BY start_ms DESC, first DESC LIMIT 1")) == NULL)
		return -1;
	bind_place(q, c->session, at);
	return get_place(q, last, e);
}

/* Those from c->from on take the place of those that were met. */
static int
read_old(struct recut *c, struct err *e)
{
	struct db_query *q;
	struct old *o;
	int r = 1;

	c->olds = c->next = 0;
	if (c->old == NULL)
		c->old = xcalloc(OLD_READ, sizeof *c->old);
	if ((q = db_sql(c->w->st->db, e, "SELECT id, name, start_ms, first, "
	    "made_of FROM toc_node WHERE session = :session AND gone = 0 "
	    "AND start_ms >= :ts AND (start_ms > :ts OR first >= :first) "
	    "ORDER BY start_ms, first")) == NULL)
		return -1;
	bind_place(q, c->session, &c->from);
	while (c->olds < OLD_READ && (r = db_row(q, e)) == 1) {
		o = &c->old[c->olds++];
		o->node = db_get_int(q, 0);
		snprintf(o->name, sizeof o->name, "%s", db_get_text(q, 1));
		o->first.ts_ms = db_get_int(q, 2);
		copy_blob(q, 3, o->first.id, sizeof o->first.id);
		copy_blob(q, 4, o->made_of, sizeof o->made_of);
		c->from = o->first;
	}
	db_end(q);
	c->no_more = r == 0;
	if (r == 1)
		c->olds--;	/* the next ones begin with that one */
	return r < 0 ? -1 : 0;
}

/*
 * Where to begin: at the first segment that rests on something at lo or
 * later.  What a segment rests on ends no earlier than what the one before
 * it does, so it follows the last that does not.  1 found, 0: none.
 */
static int
first_touched(struct recut *c, struct place *at, struct err *e)
{
	struct place before = { .ts_ms = INT64_MIN };
	struct db_query *q;
	int r;

	if ((q = db_sql(c->w->st->db, e, "SELECT start_ms, first "
	    "FROM toc_node WHERE session = :session AND gone = 0 AND "
	    "seen_ms < :lo ORDER BY start_ms DESC, first DESC LIMIT 1")) ==
	    NULL)
		return -1;
	db_int(q, ":session", c->session);
	db_int(q, ":lo", c->lo_ms);
	if ((r = get_place(q, &before, e)) < 0 ||
	    (q = db_sql(c->w->st->db, e, "SELECT start_ms, first "
	    "FROM toc_node WHERE session = :session AND gone = 0 AND "
	    "start_ms >= :ts AND (start_ms > :ts OR first > :first) "
	    "ORDER BY start_ms, first LIMIT 1")) == NULL)
		return -1;
	bind_place(q, c->session, &before);
	return get_place(q, at, e);
}

static int
begin(struct recut *c, struct err *e)
{
	struct place at = { .ts_ms = INT64_MAX }, last;
	int r;

	if (c->w->resume.session == c->session)
		at = c->w->resume.at;
	else if (first_touched(c, &at, e) < 0)
		return -1;
	c->from = at;
	if ((r = last_before(c, &at, &last, e)) < 0 || read_old(c, e) < 0)
		return -1;
	return toc_window_open(&c->win, c->name, r == 1 ? &last : NULL, e);
}

/* --- a segment --------------------------------------------------------- */

/* How many turns the segment at win->begin has, and what that rests on. */
static int
find_end(struct recut *c, size_t *len, int64_t *seen_ms, struct err *e)
{
	struct toc_window *win = &c->win;
	size_t n, seen;

	if (win->n - win->begin < FIRST_READ &&
	    toc_window_read(win, FIRST_READ, e) < 0)
		return -1;
	for (;;) {
		n = win->n - win->begin;
		if (n == 0)
			return 0;
		*len = cut_next(&c->w->cut, win->turn + win->begin, n, &seen);
		if (seen <= n || win->it == NULL)
			break;
		if (toc_window_read(win, n, e) < 0)
			return -1;
	}
	*seen_ms = seen > n ? INT64_MAX :
	    win->at[win->begin + seen - 1].ts_ms;
	return 1;
}

/*
 * Old segments that begin up to here (s NULL: all) and are not this one are
 * no more.  Tells whether this one is there, made of the same.
 */
static int
meet(struct recut *c, const struct segment_new *s, bool *same, struct err *e)
{
	const struct old *o;
	struct toc_todo *t;

	for (*same = false;; c->next++) {
		if (c->next == c->olds && !c->no_more && read_old(c, e) < 0)
			return -1;
		if (c->next == c->olds)
			return 0;
		o = &c->old[c->next];
		if (s != NULL && place_cmp(&o->first, &s->last) > 0)
			return 0;
		if (s != NULL && strcmp(o->name, s->name) == 0) {
			*same = memcmp(o->made_of, s->made_of,
			    TOC_HASH) == 0;
			continue;
		}
		t = toc_note(c->w);
		t->kind = TODO_GONE;
		t->node = o->node;
	}
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
	struct toc_window *win = &c->win;
	struct segment_new s;
	size_t back;
	bool same;

	back = cut_back(&c->w->cut, win->turn, win->begin,
	    win->at[win->begin].ts_ms);
	toc_sum_begin(win, c->name, back, n, seen_ms, &s);
	s.session = c->session;
	if (meet(c, &s, &same, e) < 0)
		return -1;
	if (same && s.first.ts_ms > c->hi_ms)
		return 0;
	if ((!same || c->w->how->rebuild) &&
	    toc_sum_up(win, back, n, &s, e) < 0) {
		segment_new_release(&s);
		return -1;
	}
	note_segment(c, &s);
	toc_window_go_on(win, n);
	return 1;
}

/* This run goes on at win->begin; another one, if this is killed, from the
 * segment before, which hides none that are no more. */
static void
note_resume(struct recut *c)
{
	const struct toc_window *win = &c->win;
	struct toc_todo *t = toc_note(c->w);

	t->kind = TODO_RESUME;
	t->session = c->session;
	t->lo_ms = win->at[win->begin - 1].ts_ms;
	c->w->resume.session = c->session;
	c->w->resume.at = win->at[win->begin];
}

/* 0: its end was reached, or nothing further differs; 1: enough for now. */
static int
segments(struct recut *c, struct err *e)
{
	const struct toc_window *win = &c->win;
	int64_t seen_ms;
	bool same;
	size_t n;
	int r;

	if (begin(c, e) < 0)
		return -1;
	while ((r = find_end(c, &n, &seen_ms, e)) == 1 &&
	    (r = one_segment(c, n, seen_ms, e)) == 1) {
		if (!toc_full(c->w) || win->begin == win->n)
			continue;
		note_resume(c);
		return 1;
	}
	if (r == 0 && win->begin == win->n)
		r = meet(c, NULL, &same, e);
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
	struct recut c = { .w = w, .session = session, .lo_ms = lo_ms,
	    .hi_ms = hi_ms, .win = TOC_WINDOW_INIT(w),
	    .from = { .ts_ms = INT64_MIN } };
	struct toc_todo *t;
	bool same;
	int r;

	if ((r = session_name(&c, e)) == 1)
		r = segments(&c, e);
	else if (r == 0)
		r = meet(&c, NULL, &same, e);	/* it was forgotten */
	if (r == 0) {
		t = toc_note(w);
		t->kind = TODO_DONE;
		t->session = session;
		w->resume.session = 0;
	}
	toc_window_release(&c.win);
	free(c.old);
	free(c.name);
	return r;
}
