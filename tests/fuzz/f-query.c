/*
 * Any query (up to the first NUL) against any text (what follows): an
 * answer, in bounds; and a snippet that is UTF-8 when the text is.
 */
#include "fuzz.h"

#include "base/json.h"
#include "base/utf8.h"
#include "search/query.h"
#include "search/snippet.h"

#include <stdlib.h>
#include <string.h>

static bool
even(void *arg, int i)
{
	const struct query *q = arg;

	must(i >= 0 && (size_t)i < q->fields);
	return i % 2 == 0;
}

static void
check(const struct match *m)
{
	const struct match_atom *a;
	size_t i;

	must(m->terms <= MATCH_TERMS && m->phrases <= MATCH_PHRASES);
	for (i = 0; i < m->terms; i++)
		must(m->term[i].len > 0 && m->term[i].len <= TOKEN_MAX);
	for (i = 0; i < m->atoms; i++) {
		a = &m->atom[i];
		must(a->group < m->groups);
		must(i == 0 || a->group >= a[-1].group);
		must(a->what != MATCH_TERM || (size_t)a->i < m->terms);
		must(a->what != MATCH_PHRASE || (size_t)a->i < m->phrases);
	}
}

static void
answer(struct query *q, struct tokens *ts, const char *p, size_t len)
{
	static double worth[MATCH_TERMS];
	struct doc_piece piece = { p, len, 1, false };
	struct doc d = { .piece = &piece, .pieces = 1 };
	struct match_text x;
	struct buf b = BUF_INIT;
	size_t i;

	match_text_init(&x, &q->match);
	match_text_add(&x, ts, p, len, 1);
	match_holds(&x, even, q);
	for (i = 0; i < MATCH_TERMS; i++)
		worth[i] = 1;
	snippet_add(&b, &d, &q->match, worth, ts);
	if (utf8_check(p, len) == len)
		must(utf8_check(b.p, b.len) == b.len);
	must(b.len <= 8 * SNIPPET_BYTES);
	buf_release(&b);
	match_text_release(&x);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct tokens ts;
	static int made;
	const char *p = (const char *)data;
	const char *nul = len > 0 ? memchr(p, '\0', len) : NULL;
	size_t n = nul != NULL ? (size_t)(nul - p) : len;
	struct query q;

	if (!made++) {
		json_setup();
		tokens_init(&ts, NULL);
	}
	query_parse(&q, NULL, p, n, INT64_C(1795176000000));
	query_ready(&q);
	check(&q.match);
	answer(&q, &ts, p + n, len - n);
	if (query_relax(&q, 0)) {
		check(&q.match);
		answer(&q, &ts, p + n, len - n);
	}
	query_release(&q);
	return 0;
}
