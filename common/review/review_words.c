#include "review/review_work.h"

#include "index/token.h"

#include <string.h>

#define MOST 40

static bool
is_small(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool
is_capital(char c)
{
	return c >= 'A' && c <= 'Z';
}

/* The length of the part of an identifier at p: "HTTPServerName" is "HTTP",
 * "Server", "Name", "sha256_init" is "sha256", "init".  0: none begins here. */
static size_t
part(const char *p, size_t len)
{
	size_t n = 0;

	while (n < len && is_capital(p[n]))
		n++;
	if (n > 1 && n < len && is_small(p[n]))
		return n - 1;
	while (n < len && is_small(p[n]))
		n++;
	while (n > 0 && n < len && is_digit(p[n]))
		n++;
	return n;
}

/* The next word; its length, 0 at the end. */
static size_t
next(const char **p, size_t *len, char word[MOST + 1])
{
	size_t n;

	while (*len > 0) {
		if ((n = part(*p, *len)) >= REVIEW_WORD_LEAST && n <= MOST) {
			memcpy(word, *p, n);
			word[n] = '\0';
			str_lower(word);
			*p += n;
			*len -= n;
			return n;
		}
		*p += n > 0 ? n : 1;
		*len -= n > 0 ? n : 1;
	}
	return 0;
}

void
review_words_add(struct map *m, const char *p, size_t len)
{
	char word[MOST + 1];
	int made;

	while (m->n < REVIEW_WORDS_MAX && next(&p, &len, word) > 0)
		map_put(m, word, &made);
}

void
review_words_of(struct strv *v, const char *s)
{
	size_t len = strlen(s);
	char word[MOST + 1];

	while (next(&s, &len, word) > 0)
		strv_add(v, word);
}

void
review_stems(struct review *r)
{
	char stem[TOKEN_MAX + 1];
	struct review_file *f;
	struct tokens t;
	struct token w;
	const char *word;
	size_t i, k;
	int made;

	tokens_init(&t, r->how.language);
	for (i = 0; i < r->nfiles; i++) {
		f = &r->file[i];
		for (k = 0; k < f->words.n; k++) {
			word = f->words.e[k].key;
			map_put(&r->words, word, &made);
			tokens_start(&t, word, strlen(word), 0);
			if (!token_next(&t, &w))
				continue;
			memcpy(stem, w.stem, w.stem_len);
			stem[w.stem_len] = '\0';
			map_put(&f->stems, stem, &made);
			map_put(&r->stems, stem, &made);
		}
	}
	tokens_release(&t);
}
