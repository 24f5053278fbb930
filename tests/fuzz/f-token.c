/*
 * Words out of any bytes: every token lies in its bounds, leaves have
 * positions without gaps, a whole comes before the leaves it lies over, and
 * the same bytes give the same tokens.
 */
#include "fuzz.h"

#include "base/utf8.h"
#include "index/language.h"
#include "index/token.h"
#include "index/word.h"

#include <stdlib.h>
#include <string.h>

#define LANGUAGES 8
static const char *const names[LANGUAGES] = { "english", "german", "english",
    "russian", "none", "french", "finnish", "arabic" };

static uint64_t
add(uint64_t h, const void *p, size_t n)
{
	const unsigned char *b = p;

	while (n-- > 0)
		h = (h ^ *b++) * UINT64_C(1099511628211);
	return h;
}

static void
check(const struct token *t, size_t len)
{
	must(t->len > 0 && t->len <= TOKEN_MAX);
	must(utf8_check(t->text, t->len) == t->len);
	must(t->stem_len > 0 && t->stem_len <= TOKEN_MAX);
	must(t->start < t->end && t->end <= len);
	must(t->span >= 1 && t->span <= TOKEN_LEAVES);
	must(t->kind == TOKEN_WHOLE || t->span == 1);
	must(t->kind != TOKEN_WHOLE || !t->stop);
}

static uint64_t
read_all(struct tokens *ts, const char *p, size_t len)
{
	struct token t, whole = { 0 };
	uint32_t next = 7;
	uint64_t h = 1;
	size_t n = 0;

	tokens_start(ts, p, len, next);
	while (token_next(ts, &t)) {
		check(&t, len);
		must(!words_keep_first(ts->words) || *t.stem == *t.text);
		must(t.pos == next);
		next += t.kind != TOKEN_WHOLE;
		if (t.kind == TOKEN_WHOLE)
			whole = t;
		else if (whole.span > 1 && t.pos < whole.pos + whole.span)
			must(t.start >= whole.start && t.end <= whole.end);
		must(n++ <= 2 * len);
		h = add(h, t.text, t.len);
		h = add(h, t.stem, t.stem_len);
		h = add(h, &t.start, sizeof t.start);
	}
	must(ts->pos == next);
	return h;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct tokens ts[LANGUAGES];
	static const struct language *language[LANGUAGES];
	static int made;
	struct tokens fresh;
	struct err e;
	uint64_t h;
	int i;

	for (i = 0; i < LANGUAGES && made < LANGUAGES; i++, made++) {
		if (language_find(names[i], &language[i], &e) < 0)
			language[i] = NULL;	/* no libstemmer */
		tokens_init(&ts[i], language[i]);
	}
	i = len > 0 ? data[0] % LANGUAGES : 0;
	h = read_all(&ts[i], (const char *)data, len);
	/* without a memory of stems */
	tokens_init(&fresh, language[i]);
	must(read_all(&fresh, (const char *)data, len) == h);
	tokens_release(&fresh);
	return 0;
}
