#include "toc/toc_window.h"

#include "base/alloc.h"
#include "base/utf8.h"
#include "memory/event.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

int
place_cmp(const struct place *a, const struct place *b)
{
	if (a->ts_ms != b->ts_ms)
		return a->ts_ms < b->ts_ms ? -1 : 1;
	return memcmp(a->id, b->id, sizeof a->id);
}

static void
drop(struct turn *t)
{
	turn_release(t);
	free((char *)t->text);
}

void
toc_window_release(struct toc_window *win)
{
	size_t i;

	for (i = 0; i < win->n; i++)
		drop(&win->turn[i]);
	event_close(win->it);
	free(win->turn);
	free(win->at);
}

/* The first n go. */
static void
shift(struct toc_window *win, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		drop(&win->turn[i]);
	win->n -= n;
	win->begin -= n;
	memmove(win->turn, win->turn + n, win->n * sizeof *win->turn);
	memmove(win->at, win->at + n, win->n * sizeof *win->at);
}

/* A turn has a token or more: no more of them are context. */
static size_t
most(const struct toc_window *win)
{
	return win->w->cut.back_tokens;
}

void
toc_window_go_on(struct toc_window *win, size_t n)
{
	win->begin += n;
	if (win->begin > most(win))
		shift(win, win->begin - most(win));
}

static void
add(struct toc_window *win, const struct event *ev)
{
	struct turn *t;

	win->turn = xgrow(win->turn, win->n, &win->cap, sizeof *win->turn);
	win->at = xgrow(win->at, win->n, &win->at_cap, sizeof *win->at);
	t = &win->turn[win->n];
	memset(t, 0, sizeof *t);
	t->time_ms = ev->ts_ms;
	t->len = utf8_cut(ev->text, ev->text_len, TURN_BYTES);
	t->text = xstrndup(ev->text, t->len);
	t->role = ev->role;
	t->type = ev->type;
	turn_read(win->w->reader, t);
	win->at[win->n].ts_ms = ev->ts_ms;
	ulid_parse(ev->id, win->at[win->n].id);
	win->n++;
}

int
toc_window_read(struct toc_window *win, size_t n, struct err *e)
{
	const struct event *ev;
	int r = 1;

	while (win->it != NULL && n-- > 0 &&
	    (r = event_next(win->it, &ev, e)) == 1)
		add(win, ev);
	if (r != 1) {
		event_close(win->it);
		win->it = NULL;
	}
	return r < 0 ? -1 : 0;
}

int
toc_window_open(struct toc_window *win, const char *session,
    const struct place *after, struct err *e)
{
	struct event_query eq = EVENT_QUERY_INIT;

	eq.of = win->w->st->user_id;
	eq.session = session;
	if (after != NULL)
		eq.since_ms = after->ts_ms - win->w->cut.back_ms;
	if (event_open(&win->it, win->w->st, &eq, e) < 0)
		return -1;
	while (after != NULL && win->it != NULL) {
		if (toc_window_read(win, 1, e) < 0)
			return -1;
		if (win->begin == win->n ||
		    place_cmp(&win->at[win->begin], after) > 0)
			break;
		if (++win->begin > 2 * most(win))
			shift(win, most(win));
	}
	return 0;
}
