/*
 * Words of segments that are like a word, against a look at every word.
 */
#include "index/rank_near.h"

#include "base/alloc.h"
#include "index/segment_make.h"
#include "index/token.h"
#include "tap.h"
#include "temp-dir.h"

#include <stdio.h>
#include <stdlib.h>

#define DOCS 600
#define PARTS 3
#define WORDS_EACH 12
#define LEN 12

static struct err e;
static char text[DOCS][WORDS_EACH * (LEN + 1) + 1];
static bool gone[DOCS];
static struct rank_part part[PARTS];
static unsigned seed = 7;

static unsigned
roll(unsigned n)
{
	seed = seed * 1103515245 + 12345;
	return (seed >> 16) % n;
}

/* Few letters, so that many are alike; some with a digit, in other
 * alphabets, or such that are stemmed. */
static void
random_word(char *w)
{
	static const char *const ends[] = { "", "", "s", "ing", "ed", "y",
	    "ies", "ational", "7", "\xd0\xb6" };
	size_t n = 3 + roll(6), i;

	for (i = 0; i < n; i++)
		w[i] = "abeo"[roll(4)];
	strcpy(w + n, ends[roll(sizeof ends / sizeof *ends)]);
}

static void
make_docs(void)
{
	char w[LEN + 8];
	int i, k;

	for (i = 0; i < DOCS; i++) {
		for (k = 0; k < WORDS_EACH; k++) {
			random_word(w);
			w[LEN] = '\0';
			strcat(text[i], w);
			strcat(text[i], " ");
		}
		gone[i] = roll(5) == 0;
	}
}

static void
make_part(int p)
{
	struct segment_maker *m = segment_maker_new(0);
	struct tokens ts;
	char path[64], key[16];
	uint64_t *dead;
	uint32_t doc;
	int i;

	tokens_init(&ts, NULL);
	for (i = p; i < DOCS; i += PARTS) {
		snprintf(key, sizeof key, "%06d", i);
		if (segment_doc(m, key, 6, NULL, &e) < 0)
			abort();
		segment_doc_text(m, &ts, text[i], strlen(text[i]), 1);
		segment_doc_end(m);
	}
	tokens_release(&ts);
	snprintf(path, sizeof path, "%d.seg", p);
	if (segment_maker_write(m, path, NULL, &e) < 0 ||
	    segment_open(&part[p].s, path, NULL, &e) < 0)
		abort();
	segment_maker_free(m);
	if (p == 0)
		return;		/* all of it is alive */
	part[p].dead = dead = xcalloc(DOCS / 64 + 1, sizeof *dead);
	for (i = p; i < DOCS; i += PARTS) {
		snprintf(key, sizeof key, "%06d", i);
		if (segment_find_key(part[p].s, key, 6, &doc, &e) != 1)
			abort();
		if (gone[i])
			dead[doc / 64] |= UINT64_C(1) << (doc % 64);
	}
}

/* --- what is found ----------------------------------------------------- */

struct found {
	char word[64], stem[64];
	unsigned distance;
};
static struct found got[20000], want[20000];
static size_t got_n, want_n;
static bool unlike;

static void
put(struct found *f, size_t *n, const char *w, size_t len, const char *stem,
    size_t stem_len, unsigned distance)
{
	size_t i;

	for (i = 0; i < *n; i++)
		if (strncmp(f[i].word, w, len) == 0 && f[i].word[len] == '\0')
			return;
	snprintf(f[*n].word, sizeof f->word, "%.*s", (int)len, w);
	snprintf(f[*n].stem, sizeof f->stem, "%.*s", (int)stem_len, stem);
	f[(*n)++].distance = distance;
}

static void
take(void *arg, const char *w, size_t len, const char *stem, size_t stem_len,
    unsigned distance)
{
	(void)arg;
	put(got, &got_n, w, len, stem, stem_len, distance);
}

static int
by_word(const void *a, const void *b)
{
	return strcmp(((const struct found *)a)->word,
	    ((const struct found *)b)->word);
}

/* Does a word part from its stem before the last letter of that? */
static bool
parts_early(const struct token *t)
{
	return t->stem_len == 0 || t->len + 1 < t->stem_len ||
	    memcmp(t->text, t->stem, t->stem_len - 1) != 0;
}

static void
slow(const struct ruler *of)
{
	struct ruler r = *of;
	struct tokens ts;
	struct token t;
	unsigned d;
	int i;

	tokens_init(&ts, NULL);
	want_n = 0;
	for (i = 0; i < DOCS; i++) {
		if (gone[i] && i % PARTS != 0)
			continue;
		tokens_start(&ts, text[i], strlen(text[i]), 0);
		while (token_next(&ts, &t)) {
			d = ruler_measure(&r, t.text, t.len);
			if (d <= r.max && (unlike || !parts_early(&t)))
				put(want, &want_n, t.text, t.len, t.stem,
				    t.stem_len, d);
		}
	}
	tokens_release(&ts);
}

static bool
same(void)
{
	size_t i;

	qsort(got, got_n, sizeof *got, by_word);
	qsort(want, want_n, sizeof *want, by_word);
	for (i = 0; i < got_n || i < want_n; i++)
		if (i == got_n || i == want_n ||
		    strcmp(got[i].word, want[i].word) != 0 ||
		    strcmp(got[i].stem, want[i].stem) != 0 ||
		    got[i].distance != want[i].distance) {
			printf("# got %s, want %s\n", i < got_n ?
			    got[i].word : "-", i < want_n ? want[i].word :
			    "-");
			return false;
		}
	return true;
}

static void
near(void)
{
	char w[LEN + 8];
	struct ruler r;
	size_t all = 0;
	int i, bad = 0;

	for (i = 0; i < 400; i++) {
		random_word(w);
		if (!ruler_init(&r, w, strlen(w)))
			continue;
		got_n = 0;
		if (rank_near(part, PARTS, &r, unlike, take, NULL, &e) < 0)
			bad++;
		slow(&r);
		all += want_n;
		if (!same()) {
			printf("# for %s\n", w);
			bad++;
		}
	}
	ok(bad == 0, "the words that a look at every word finds%s", unlike ?
	    ", also those that are unlike their stems" : "");
	ok(all > 2000, "there were many");
}

static void
frequency(void)
{
	struct tokens ts;
	struct token t;
	int64_t df, have;
	int i, k, bad = 0;
	char w[LEN + 8], stem[64];
	bool in;

	tokens_init(&ts, NULL);
	for (i = 0; i < 200; i++) {
		random_word(w);
		tokens_start(&ts, w, strlen(w), 0);
		if (!token_next(&ts, &t))
			continue;
		snprintf(stem, sizeof stem, "%.*s", (int)t.stem_len, t.stem);
		for (have = k = 0; k < DOCS; k++) {
			if (gone[k] && k % PARTS != 0)
				continue;
			in = false;
			tokens_start(&ts, text[k], strlen(text[k]), 0);
			while (token_next(&ts, &t))
				in |= t.stem_len == strlen(stem) &&
				    memcmp(t.stem, stem, t.stem_len) == 0;
			have += in;
		}
		df = 0;
		if (rank_near_df(part, PARTS, stem, strlen(stem), INT64_MAX,
		    &df, &e) < 0 || df != have)
			bad++;
		df = 0;
		if (rank_near_df(part, PARTS, stem, strlen(stem), 1, &df,
		    &e) < 0 || df != (have > 0))
			bad++;
	}
	ok(bad == 0, "as many documents alive as there are");
	tokens_release(&ts);
}

/* Going on from a text is as walking up to it. */
static void
walk_to(void)
{
	struct segment_walk a, b;
	char w[LEN + 8];
	int i, k, r, bad = 0;

	for (i = 0; i < 300; i++) {
		if (segment_walk(part[0].s, SEGMENT_TEXT, "", 0, &a, &e) < 0 ||
		    segment_walk(part[0].s, SEGMENT_TEXT, "", 0, &b, &e) < 0)
			abort();
		for (k = 0; k < 4; k++) {
			random_word(w);
			r = segment_walk_to(&a, w, strlen(w), &e);
			while (segment_walk_next(&b, &e) == 1)
				if (strcmp((b.text[b.len] = '\0', b.text),
				    w) >= 0)
					break;
			if (r == 1 && (a.len != b.len ||
			    memcmp(a.text, b.text, a.len) != 0))
				bad++;
			if (r != 1)
				break;
		}
	}
	ok(bad == 0, "a walk goes on where it should");
	segment_walk(part[0].s, SEGMENT_TEXT, "", 0, &a, &e);
	ok(segment_walk_to(&a, "zzzz", 4, &e) == 0 &&
	    segment_walk_to(&a, "a", 1, &e) == 0, "and ends");
}

int
main(void)
{
	int p;

	temp_begin();
	make_docs();
	for (p = 0; p < PARTS; p++)
		make_part(p);
	near();
	unlike = true;
	near();
	frequency();
	walk_to();
	for (p = 0; p < PARTS; p++) {
		segment_close(part[p].s);
		free((void *)part[p].dead);
	}
	return done() | temp_end();
}
