#include "ltm/live_fill.h"

#include <stdbool.h>
#include <string.h>

void
live_fold(struct buf *b, const char *p, size_t len)
{
	static const char *const articles[] = { "the ", "a ", "an ", "my ",
	    "our " };
	size_t from = b->len, i, n;

	for (i = 0; i < len; i++) {
		char c = p[i];

		if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
			if (b->len > from && b->p[b->len - 1] != ' ')
				buf_addc(b, ' ');
		} else
			buf_addc(b, c >= 'A' && c <= 'Z' ? c + 32 : c);
	}
	if (b->len > from && b->p[b->len - 1] == ' ')
		buf_cut(b, b->len - 1);
	for (i = 0; i < sizeof articles / sizeof *articles; i++) {
		n = strlen(articles[i]);
		if (b->len - from > n &&
		    memcmp(b->p + from, articles[i], n) == 0) {
			memmove(b->p + from, b->p + from + n,
			    b->len - from - n);
			buf_cut(b, b->len - n);
			break;
		}
	}
}

static void
fill_hole(struct buf *b, const char *text, const struct live_span *s,
    bool key)
{
	if (key)
		live_fold(b, text + s->at, s->len);
	else
		buf_add(b, text + s->at, s->len);
}

/* "{value}+{other}" in a key is a pair, in the order of its bytes. */
static void
fill_pair(struct buf *b, const char *text, const struct live_match *m)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	bool swap;

	fill_hole(&one, text, &m->hole[LIVE_VALUE], true);
	fill_hole(&two, text, &m->hole[LIVE_OTHER], true);
	swap = strcmp(one.p, two.p) > 0;
	buf_addf(b, "%s+%s", swap ? two.p : one.p, swap ? one.p : two.p);
	buf_release(&one);
	buf_release(&two);
}

void
live_fill(struct buf *b, const char *form, const char *text,
    const struct live_match *m, bool key)
{
	static const char pair[] = "{value}+{other}";
	size_t n;
	int h;

	for (; *form != '\0'; form += n) {
		n = strcspn(form, "{");
		buf_add(b, form, n);
		form += n;
		n = 0;
		if (*form == '\0')
			break;
		if (key && strncmp(form, pair, sizeof pair - 1) == 0) {
			fill_pair(b, text, m);
			n = sizeof pair - 1;
			continue;
		}
		for (h = 0; h < LIVE_HOLES; h++)
			if (strncmp(form + 1, live_holes[h],
			    strlen(live_holes[h])) == 0)
				fill_hole(b, text, &m->hole[h], key);
		n = strcspn(form, "}");
		n += form[n] == '}';
	}
}
