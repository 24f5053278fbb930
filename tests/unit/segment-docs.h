/*
 * Documents that tests of segments are made of: keys that begin each other,
 * columns of all widths, words in so many documents and so often in one that
 * every form of a list comes up.
 */
#ifndef TESTS_SEGMENT_DOCS_H
#define TESTS_SEGMENT_DOCS_H

#include "base/buf.h"
#include "index/segment_make.h"
#include "temp-dir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DOCS 1000
#define COLUMNS 4
#define FIELD_COLOUR SEGMENT_FIELD
#define FIELD_LONG (SEGMENT_FIELD + 3)

static struct err e;
static const struct blockfile_key *docs_key;	/* NULL: segments in clear */
static uint64_t seed = 88172645463325252u;

static uint32_t
below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16) % n;
}

static const char *const words[] = { "run", "runs", "running", "happy",
    "happily", "the", "deploy", "deployed", "getUserName", "get_user_name",
    "src/auth/jwt.c", "ERR-42", "v1.2.3", "dying", "die", "lying",
    "\xe6\x9d\xb1\xe4\xba\xac\xe9\x83\xbd", "\xe6\x9d\xb1", "caf\xc3\xa9",
    "C++", "don't", "x", "rare", "alpha", "beta", "gamma", "max_retries" };
#define WORDS (sizeof words / sizeof *words)
static const char *const colours[] = { "red", "green", "blue" };
/* a word of each is in as many documents */
static const uint32_t many[] = { 1, 7, 8, 127, 128, 129, 255, 256, 257, 1000 };
#define MANY (sizeof many / sizeof *many)

static struct doc {
	uint8_t key[40];
	size_t key_len;
	int64_t column[COLUMNS];
	char text[700], title[60], value[300];
	unsigned title_times;
	int colour;
	bool dead;
	int part;
} docs[DOCS], old;

static int
by_key(const void *a, const void *b)
{
	const struct doc *x = a, *y = b;
	size_t n = x->key_len < y->key_len ? x->key_len : y->key_len;
	int d = memcmp(x->key, y->key, n);

	return d != 0 ? d : (x->key_len > y->key_len) -
	    (x->key_len < y->key_len);
}

static void
random_text(char *out, size_t cap, uint32_t n)
{
	size_t len = 0;
	const char *w;

	out[0] = '\0';
	while (n-- > 0) {
		w = words[below(3) ? below(8) : below(WORDS)];
		if (len + strlen(w) + 2 > cap)
			return;
		len += (size_t)sprintf(out + len, "%s ", w);
	}
}

/* Words that are in exactly many[k] documents, all over the keys. */
static void
count_words(void)
{
	char word[24];
	uint32_t i, k, n;

	for (k = 0; k < MANY; k++)
		for (i = n = 0; i < DOCS; i++) {
			if ((uint64_t)i * many[k] / DOCS ==
			    (uint64_t)(i + 1) * many[k] / DOCS)
				continue;
			sprintf(word, " in%uq", (unsigned)many[k]);
			strcat(docs[i].text, word);
			n++;
		}
}

static void
make_docs(void)
{
	struct doc *d;
	uint32_t i, k;

	for (i = 0; i < DOCS; i++) {
		d = &docs[i];
		/* unique: its number; among them one that begins another */
		d->key_len = 4 + below(30);
		for (k = 0; k < 3; k++)
			d->key[k] = (uint8_t)below(3);
		d->key[3] = (uint8_t)(i >> 8);
		d->key[4] = (uint8_t)i;
		for (k = 5; k < sizeof d->key; k++)
			d->key[k] = i % 2 ? 0 : (uint8_t)below(256);
		if (d->key_len < 5)
			d->key_len = 5;
		random_text(d->text, sizeof d->text - 100, below(40));
		random_text(d->title, sizeof d->title, below(4));
		d->title_times = 1 + below(3);
		d->colour = (int)below(3);
		d->column[1] = (int64_t)below(1000) - 500;
		d->column[2] = i < 128 ? 7 : (int64_t)(((uint64_t)below(
		    UINT32_MAX) << 32) | below(UINT32_MAX));
		d->column[3] = INT64_C(1) << below(40);
	}
	qsort(docs, DOCS, sizeof *docs, by_key);
	for (i = 0; i < DOCS; i++)
		docs[i].column[0] = (int64_t)i * i;
	docs[700].column[2] = INT64_MIN;
	docs[701].column[2] = INT64_MAX;
	docs[300].column[3] = INT64_MIN;
	docs[500].title_times = 70000;	/* over what is counted */
	strcpy(docs[500].title, "running runs");
	strcpy(docs[501].title, "heavy");
	docs[501].title_times = 65536;
	strcpy(docs[502].title, "heavy");
	docs[502].title_times = 65535;
	memset(docs[9].value, 'v', 299);
	docs[10].text[0] = docs[10].title[0] = '\0';
	count_words();
}

static void
add_to(struct segment_maker *m, struct tokens *ts, const struct doc *d)
{
	const char *c = colours[d->colour];

	if (segment_doc(m, d->key, d->key_len, d->column, &e) < 0) {
		printf("# %s\n", e.msg);
		exit(2);
	}
	segment_doc_value(m, FIELD_COLOUR, c, strlen(c));
	segment_doc_text(m, ts, d->text, strlen(d->text), 1);
	segment_doc_value(m, FIELD_COLOUR, c, strlen(c));
	segment_doc_text(m, ts, d->title, strlen(d->title), d->title_times);
	segment_doc_value(m, FIELD_LONG, d->value, strlen(d->value));
	segment_doc_end(m);
}

/* Documents of a part (-1: all, alive only), from behind: the order of adding
 * must not matter. */
static int
make_of(const char *path, int part)
{
	struct segment_maker *m = segment_maker_new(COLUMNS);
	struct tokens ts;
	int i, r;

	tokens_init(&ts, NULL);
	for (i = DOCS - 1; i >= 0; i--)
		if (part < 0 ? !docs[i].dead : docs[i].part == part)
			add_to(m, &ts, &docs[i]);
	/* a version that was replaced: dead here, alive in another part */
	if (part == 1)
		add_to(m, &ts, &old);
	r = segment_maker_write(m, path, docs_key, &e);
	segment_maker_free(m);
	tokens_release(&ts);
	return r;
}

#endif
