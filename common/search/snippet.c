/*
 * Of all windows that begin at a match, the one with the greatest worth
 * wins; a term counts whole the first time and a tenth when it comes again,
 * so that a window with two words beats one with the same word twice.
 */
#include "search/snippet.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define MARKS 4096		/* looked at in one piece */
#define AGAIN 0.1
#define PHRASE_WORTH 20		/* more than any word */
#define EDGE 30			/* a cut looks so far for a blank */
#define ELLIPSIS "\xe2\x80\xa6"
#define CUT "..."

/* What of a piece would be shown. */
struct window {
	double worth;
	const char *p;		/* the piece's text */
	size_t len;
	size_t bytes;		/* of it that would be shown */
	bool plain;		/* no marks */
	size_t first, last;	/* bytes from the first match to the end of
				   the last */
	struct match_mark *mark;	/* own; of the piece, by start */
	size_t marks;
};

static int
by_start(const void *va, const void *vb)
{
	const struct match_mark *a = va, *b = vb;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	if (a->end != b->end)
		return a->end > b->end ? -1 : 1;
	return a->term - b->term;
}

/* Bytes shown before the first match. */
static size_t
lead(const struct window *w)
{
	return w->bytes / 4;
}

/* The best window of x's marks, which are in order. */
static void
best_window(struct window *w, const struct match_text *x, const double *worth)
{
	const struct match_mark *m = x->mark;
	bool seen[MATCH_TERMS];
	size_t i, k, last, core = w->bytes - lead(w);
	double sum;

	for (i = 0; i < x->marks; i++) {
		memset(seen, 0, sizeof seen);
		last = m[i].end;
		sum = 0;
		for (k = i; k < x->marks && m[k].start < m[i].start + core;
		    k++) {
			if (k > i && m[k].end > m[i].start + core)
				continue;
			if (m[k].term < 0) {
				sum += PHRASE_WORTH;
			} else {
				sum += worth[m[k].term] *
				    (seen[m[k].term] ? AGAIN : 1);
				seen[m[k].term] = true;
			}
			if (m[k].end > last)
				last = m[k].end;
		}
		if (sum > w->worth) {
			w->worth = sum;
			w->first = m[i].start;
			w->last = last;
		}
	}
}

static bool
is_blank(char c)
{
	return (unsigned char)c <= ' ' || c == 0x7f;
}

static bool
is_start(char c)
{
	return ((unsigned char)c & 0xc0) != 0x80;
}

/* Where a window that must begin by `at` begins: at a word, if one begins
 * soon. */
static size_t
cut_start(const struct window *w, size_t at)
{
	size_t i;

	if (at == 0)
		return 0;
	for (i = at; i < at + EDGE && i < w->first; i++)
		if (is_blank(w->p[i - 1]) && !is_blank(w->p[i]))
			return i;
	while (at < w->len && !is_start(w->p[at]))
		at++;
	return at;
}

static size_t
cut_end(const struct window *w, size_t at)
{
	size_t i;

	if (at >= w->len)
		return w->len;
	for (i = at; i + EDGE > at && i > w->last; i--)
		if (is_blank(w->p[i]))
			return i;
	while (at > 0 && !is_start(w->p[at]))
		at--;
	return at;
}

/* Could this star be taken for one of a mark?  [from, to) is what stands
 * between two marks. */
static bool
is_mark(const struct window *w, size_t i, size_t from, size_t to)
{
	return w->p[i] == '*' && (i == from || i + 1 == to ||
	    w->p[i - 1] == '*' || w->p[i + 1] == '*');
}

/* Bytes [from, to) with each run of blanks and controls as one blank. */
static void
put(struct buf *b, const struct window *w, size_t from, size_t to, bool *gap)
{
	size_t begin = from;

	for (; from < to; from++) {
		if (!w->plain && is_mark(w, from, begin, to))
			continue;
		if (is_blank(w->p[from])) {
			*gap = true;
			continue;
		}
		if (*gap && b->len > 0)
			buf_addc(b, ' ');
		*gap = false;
		buf_addc(b, (unsigned char)w->p[from]);
	}
}

/* The blanks before a mark stand before its stars. */
static void
put_stars(struct buf *b, bool *gap)
{
	if (*gap && b->len > 0)
		buf_addc(b, ' ');
	*gap = false;
	buf_adds(b, "**");
}

static void
render(struct buf *out, const struct window *w)
{
	struct buf b = BUF_INIT;
	size_t from, to, at, i, start, end;
	bool gap = false;

	from = w->first > lead(w) ? w->first - lead(w) : 0;
	if (from + w->bytes > w->len)	/* as much as there is */
		from = w->len > w->bytes ? w->len - w->bytes : 0;
	from = cut_start(w, from);
	to = cut_end(w, from + w->bytes);
	if (from > 0)
		buf_adds(&b, w->plain ? CUT : ELLIPSIS);
	for (at = from, i = 0; !w->plain && i < w->marks; ) {
		start = w->mark[i].start;
		end = w->mark[i].end;
		for (i++; i < w->marks && w->mark[i].start <= end; i++)
			if (w->mark[i].end > end)
				end = w->mark[i].end;
		if (end > to)
			end = to;
		if (start < at || start >= end)
			continue;
		put(&b, w, at, start, &gap);
		put_stars(&b, &gap);
		put(&b, w, start, end, &gap);
		buf_adds(&b, "**");
		at = end;
	}
	put(&b, w, at, to, &gap);
	if (to < w->len)
		buf_adds(&b, w->plain ? CUT : ELLIPSIS);
	buf_add(out, b.p, b.len);
	buf_release(&b);
}

/* Look at a piece; if it has something better, it becomes the window. */
static void
try_piece(struct window *w, const struct doc_piece *p, struct match_text *x,
    const double *worth, struct tokens *t)
{
	struct window here = { .p = p->text, .len = p->len,
	    .bytes = w->bytes, .plain = w->plain };

	match_text_reset(x);
	match_text_add(x, t, p->text, p->len, 1);
	if (x->marks == 0)
		return;
	qsort(x->mark, x->marks, sizeof *x->mark, by_start);
	best_window(&here, x, worth);
	if (here.worth <= w->worth)
		return;
	free(w->mark);
	*w = here;
	w->mark = x->mark;	/* taken over */
	w->marks = x->marks;
	x->mark = NULL;
	x->marks = x->marks_cap = 0;
}

void
snippet_add(struct buf *b, const struct doc *d, const struct match *m,
    const double *worth, struct tokens *t)
{
	struct window w = { .bytes = SNIPPET_BYTES };
	struct match_text x;
	size_t i;

	if (d->pieces == 0 || d->piece[0].aside)
		return;
	match_text_init(&x, m);
	x.marks_max = MARKS;
	for (i = 0; i < d->pieces; i++)
		if (!d->piece[i].aside)
			try_piece(&w, &d->piece[i], &x, worth, t);
	match_text_release(&x);
	if (w.p == NULL) {
		w.p = d->piece[0].text;
		w.len = d->piece[0].len;
	}
	render(b, &w);
	free(w.mark);
}

int
snippet_cut(struct buf *b, const char *text, size_t len, size_t bytes,
    const struct match *m, const double *worth, struct tokens *t)
{
	struct window w = { .p = text, .len = len, .bytes = len,
	    .plain = true };
	struct buf all = BUF_INIT;
	struct doc_piece piece;
	struct match_text x;
	bool gap = false, whole;

	put(&all, &w, 0, len, &gap);
	piece = (struct doc_piece){ .text = all.p, .len = all.len };
	if (all.len <= bytes) {
		buf_add(b, all.p, all.len);
	} else if (bytes > 2 * strlen(CUT)) {
		w = (struct window){ .p = all.p, .len = all.len,
		    .bytes = bytes - 2 * strlen(CUT), .plain = true };
		match_text_init(&x, m);
		x.marks_max = MARKS;
		try_piece(&w, &piece, &x, worth, t);
		match_text_release(&x);
		render(b, &w);
		free(w.mark);
	}
	whole = all.len <= bytes;
	buf_release(&all);
	return whole;
}
