/*
 * Chunks: where they are cut, what is said again, their ids.
 */
#include "told.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "docs/chunk.h"
#include "docs/markdown.h"
#include "docs/words.h"

#include <stdarg.h>

#define MOST 4000

static struct {
	char id[MOST][CHUNK_ID + 1];
	char *text[MOST];
	size_t n, words_least, words_most, bytes_most;
} got;

static int
take(void *arg, const struct chunk *c, struct err *e)
{
	size_t i, words = words_count(c->text, c->len, NULL) / 2;

	(void)arg;
	(void)e;
	if (got.n == MOST || c->facts->title == NULL || c->len == 0)
		abort();
	memcpy(got.id[got.n], c->id, sizeof c->id);
	got.text[got.n++] = xstrndup(c->text, c->len);
	if (words < got.words_least)
		got.words_least = words;
	if (words > got.words_most)
		got.words_most = words;
	if (c->len > got.bytes_most)
		got.bytes_most = c->len;
	buf_addc(&told, '[');
	for (i = 0; i < c->headings; i++)
		buf_addf(&told, "%s%s", i > 0 ? "/" : "", c->heading[i]);
	buf_addc(&told, ']');
	if (c->page > 0)
		buf_addf(&told, "p%d", (int)c->page);
	if (c->page_end != c->page)
		buf_addf(&told, "-%d", (int)c->page_end);
	if (c->section != NULL)
		buf_addf(&told, "{%s}", c->section);
	buf_addc(&told, ' ');
	told_line(c->text, c->len);
	return 0;
}

static void
forget(void)
{
	while (got.n > 0)
		free(got.text[--got.n]);
	got.words_least = SIZE_MAX;
	got.words_most = got.bytes_most = 0;
	buf_reset(&told);
}

static void
finish(struct chunker *c)
{
	struct err e;
	size_t i;

	if (chunker_end(c, &e) < 0)
		abort();
	if (chunker_count(c) != got.n)
		abort();
	for (i = 0; i < got.n; i++)
		if (strcmp(chunker_id(c, i), got.id[i]) != 0)
			abort();
}

/* Markdown in chunks of so many words; borrowed until the next one. */
static struct chunker *
chunks(const char *md, int min, int max)
{
	struct chunk_options o = { min, max, 8192 };
	static struct chunker *c;
	struct docs_sink s;
	struct docs_mem mem;
	struct docs_in in;
	struct err e;

	chunker_free(c);
	c = NULL;
	forget();
	if (md == NULL)
		return NULL;
	c = chunker_new(&o, "a/b.c.md", take, NULL);
	s = chunker_sink(c);
	docs_in_mem(&in, &mem, md, strlen(md), "t.md");
	if (docs_read_markdown(&in, &s, &told_limits, &e) < 0)
		abort();
	finish(c);
	return c;
}

static const char *
cut(const char *md, int min, int max)
{
	chunks(md, min, max);
	return told.p;
}

static void
sections(void)
{
	is_str(cut("", 200, 400), "", "nothing");
	is_str(cut("a b\n\n- c\n- d\n\ne", 200, 400), "[] a b||c|d||e\n",
	    "a text without headings");
	is_str(cut("# A\none two three\n## B\nfour five six\n## C\n"
	    "seven eight nine\n", 3, 16), "[A] one two three\n"
	    "[A/B] four five six\n[A/C] seven eight nine\n",
	    "sections that have their words");
	is_str(cut("# A\n## B\none\n## C\ntwo\n# D\nthree\n", 100, 400),
	    "[] A|B|one||C|two||D|three\n",
	    "small ones are together, with what they share");
	is_str(cut("# A\none\n## B\ntwo\n### C\nthree\n", 100, 400),
	    "[A] one||B|two||B > C|three\n", "below each other");
	is_str(cut("# A\n## B\n### C\none\n## D\n### E\ntwo\n", 100, 400),
	    "[A] B > C|one||D > E|two\n", "cousins, if they are very small");
	is_str(cut("# A\n## B\n### C\none\n# D\n## E\n## F\ntwo\n", 100, 400),
	    "[A/B/C] one\n[D] E||F|two\n", "but not far ones");
	is_str(cut("# A\n", 100, 400), "[] A\n", "a heading and no more");
	is_str(cut("# A\n## B\n# C\ntext\n", 1, 16), "[A] B\n[C] text\n",
	    "a heading that nothing stands under is text");
}

static void
facts(void)
{
	const struct chunk_facts *f;
	struct chunker *c;

	f = chunker_facts(chunks("---\ntitle: T\ntags: [a, b, a]\n"
	    "author: Ann\ndate: 2024-05-01\nlang: en\n---\n# H\nx\n", 1, 16));
	is_str(f->title, "T", "the title that is told");
	is_str(f->author, "Ann", "author");
	is_str(f->language, "en", "language");
	is_str(f->created, "2024-05-01T00:00:00.000Z", "date");
	is_int((int64_t)f->tags.n, 2, "tags, each once");
	f = chunker_facts(chunks("x\n\n# H *i*\n\n# G\n", 1, 16));
	is_str(f->title, "H i", "else the first heading");
	f = chunker_facts(chunks("x\n", 1, 16));
	is_str(f->title, "b.c", "else the name's stem");
	c = chunks("", 1, 16);
	is_str(chunker_facts(c)->title, "b.c", "of an empty one, too");
	is_int(chunker_pages(c), 0, "no pages");
}

static void
sentences(void)
{
	is_str(cut("One two three four. Five six seven eight. Nine ten "
	    "eleven twelve. A b c d. E f g h. I j k l. M n o p.", 8, 16),
	    "[] One two three four. Five six seven eight.\n"
	    "[] Nine ten eleven twelve. A b c d. E f g h. I j k l. "
	    "M n o p.\n",
	    "a long paragraph, between sentences");
	is_str(cut("One two three four. Five six seven eight. Nine ten "
	    "eleven twelve. A b c d. E f g h. I j k l.", 8, 16),
	    "[] One two three four. Five six seven eight. Nine ten "
	    "eleven twelve. A b c d. E f g h. I j k l.\n",
	    "but not one of half as many words again");
	is_int((int64_t)words_sentence("Mr. A. Smith e.g. here. Next", 28), 24,
	    "a point that ends nothing");
	is_int((int64_t)words_sentence("\xe4\xb8\xad\xe3\x80\x82\xe4\xb8\xad",
	    9), 6, "ends without a blank");
	is_int((int64_t)words_count("a bb, c-d", 9, NULL), 6, "words");
	is_int((int64_t)words_count("\xe4\xb8\xad\xe4\xb8\xad x", 8, NULL), 4,
	    "two characters are a word");
}

/* All but the last have from least to most words, it may have half as many
 * again. */
static void
sizes(size_t least, size_t most, const char *what)
{
	size_t i, n, bad = 0;

	for (i = 0; i < got.n; i++) {
		n = words_count(got.text[i], strlen(got.text[i]), NULL);
		bad += n < 2 * least ||
		    n > (i + 1 < got.n ? 2 * most : 3 * most);
	}
	ok(bad == 0, "%s: %zu of %zu chunks have not %zu to %zu words", what,
	    bad, got.n, least, most);
}

static void
rows(void)
{
	struct buf b = BUF_INIT;
	size_t i, with = 0;
	int k;

	buf_adds(&b, "# T\n\n| Name | Value |\n|---|---|\n");
	for (k = 0; k < 200; k++)
		buf_addf(&b, "| row %d | value %d of it |\n", k, k);
	buf_adds(&b, "\nAfter.\n");
	chunks(b.p, 40, 80);
	for (i = 0; i < got.n; i++)
		with += strncmp(got.text[i], "Name\tValue\nrow ", 15) == 0;
	is_int((int64_t)with, (int64_t)got.n, "each chunk of a table has the "
	    "names of its columns");
	ok(got.n >= 16 && got.n <= 40, "%zu chunks", got.n);
	sizes(40, 80, "a table");
	for (k = 0; k < 200; k++) {
		char row[40];

		snprintf(row, sizeof row, "row %d\tvalue %d of it", k, k);
		for (i = 0, with = 0; i < got.n; i++)
			with += strstr(got.text[i], row) != NULL;
		if (with == 0)
			break;
	}
	is_int(k, 200, "and each row is in one");
	buf_release(&b);
}

/* So many paragraphs, the one at less left out. */
static void
prose(struct buf *b, int n, int less)
{
	uint32_t x = 7;
	int i, k, words;

	buf_reset(b);
	buf_adds(b, "# Long\n\n");
	for (i = 0; i < n; i++) {
		words = 20 + i * 37 % 60;
		for (k = 0; k < words; k++) {
			x = x * 1664525 + 1013904223;
			if (i != less)
				buf_addf(b, "W%x%s", (unsigned)(x >> 20),
				    k % 11 == 10 || k == words - 1 ? ". " :
				    " ");
		}
		if (i != less)
			buf_adds(b, "\n\n");
	}
}

static void
stays(void)
{
	static char old[MOST][CHUNK_ID + 1];
	struct buf b = BUF_INIT;
	size_t i, k, olds, same = 0;
	const char *again;

	prose(&b, 600, -1);
	chunks(b.p, 200, 400);
	ok(got.bytes_most <= 8192, "%zu chunks have at most %zu bytes", got.n,
	    got.bytes_most);
	sizes(200, 400, "prose");
	for (i = 1, k = 0; i < got.n; i++) {
		again = strstr(got.text[i], "\n\n");
		k += again != NULL && again - got.text[i] < 200 &&
		    strncmp(got.text[i - 1] + strlen(got.text[i - 1]) -
		    (size_t)(again - got.text[i]), got.text[i],
		    (size_t)(again - got.text[i])) == 0;
	}
	is_int((int64_t)k, (int64_t)got.n - 1,
	    "each begins with the last sentence before it");
	olds = got.n;
	memcpy(old, got.id, sizeof old);
	prose(&b, 600, 3);
	chunks(b.p, 200, 400);
	for (i = 0; i < got.n; i++)
		for (k = 0; k < olds; k++)
			if (strcmp(got.id[i], old[k]) == 0) {
				same++;
				break;
			}
	ok(got.n - same <= 12, "a paragraph less at the front: %zu of %zu "
	    "chunks are others", got.n - same, got.n);
	buf_release(&b);
}

static void
ids(void)
{
	char one[CHUNK_ID + 1];

	chunks("# A\none two\n# B\none two\n# A\none two\n# A\none two\n", 1,
	    16);
	is_int((int64_t)got.n, 4, "four chunks");
	ok(hex_is(got.id[0], CHUNK_ID), "an id is hexadecimal");
	ok(strcmp(got.id[0], got.id[1]) != 0, "of other headings");
	ok(strcmp(got.id[0], got.id[2]) != 0 && strcmp(got.id[0], got.id[3]) !=
	    0 && strcmp(got.id[2], got.id[3]) != 0, "of equal ones");
	memcpy(one, got.id[0], sizeof one);
	chunks("---\ntitle: A\n---\n# C\nx y\n# A\none two\n", 1, 16);
	is_str(got.id[1], one, "the place does not count, the title does");
	chunks("---\ntitle: B\n---\n# A\none two\n", 1, 16);
	ok(strcmp(got.id[0], one) != 0, "so another one has another");
}

static int
tell(struct chunker *c, enum docs_kind kind, int64_t number, const char *text)
{
	struct docs_sink s = chunker_sink(c);
	struct err e;

	return docs_tell(&s, kind, number, text, strlen(text), &e);
}

static void
pages(void)
{
	struct chunk_options o = { 4, 16, 8192 };
	struct chunker *c = chunker_new(&o, "x", take, NULL);

	forget();
	tell(c, DOCS_PAGE, 1, "");
	tell(c, DOCS_HEADING, 1, "A");
	tell(c, DOCS_PARAGRAPH, 0, "one two three");
	tell(c, DOCS_PAGE, 2, "");
	tell(c, DOCS_PARAGRAPH, 0, "four five six");
	tell(c, DOCS_PAGE, 3, "");
	tell(c, DOCS_PARAGRAPH, 0, "seven");
	tell(c, DOCS_SECTION, 0, "S");
	tell(c, DOCS_ROW, 1, "a\tb");
	tell(c, DOCS_ROW, 0, "c\td");
	tell(c, DOCS_SECTION, 0, "");
	tell(c, DOCS_CODE, 1, "int f a b;");
	tell(c, DOCS_CODE, 1, "int g;");
	finish(c);
	is_str(told.p, "[A]p1-2 one two three||four five six\n[A]p3 seven\n"
	    "[]p3{S} a\tb|c\td\n[]p3 int f a b;\n[]p3 int g;\n",
	    "pages where they begin and end, sections, functions");
	is_int(chunker_pages(c), 3, "three pages");
	chunker_free(c);
}

/* A page each; "# " begins a heading, the other paragraphs are parted by
 * '|'. */
static const char *
paged(int min, int max, int n, ...)
{
	struct chunk_options o = { min, max, 8192 };
	struct chunker *c = chunker_new(&o, "x", take, NULL);
	char *s, *p, *next;
	va_list ap;
	int i;

	forget();
	va_start(ap, n);
	for (i = 1; i <= n; i++) {
		tell(c, DOCS_PAGE, i, "");
		s = xstrdup(va_arg(ap, const char *));
		for (p = s; p != NULL; p = next) {
			if ((next = strchr(p, '|')) != NULL)
				*next++ = '\0';
			if (strncmp(p, "# ", 2) == 0)
				tell(c, DOCS_HEADING, 2, p + 2);
			else
				tell(c, DOCS_PARAGRAPH, 0, p);
		}
		free(s);
	}
	va_end(ap);
	finish(c);
	chunker_free(c);
	return told.p;
}

static void
over_pages(void)
{
	char one[CHUNK_ID + 1];

	is_str(paged(4, 16, 3, "# A|a b c d e", "# B", "# C|f g h i j"),
	    "[A]p1 a b c d e\n[]p2 B\n[C]p3 f g h i j\n",
	    "a slide with a title only is on its own page");
	is_str(paged(32, 64, 4, "# A|a b c d e", "# B", "# C|f g i", "# D|h"),
	    "[A]p1 a b c d e\n[]p2-3 B||C|f g i\n[D]p4 h\n",
	    "and a tiny one goes with the next");
	is_str(paged(8, 16, 4, "A b c d.", "E f g h i j k l m n. O p.",
	    "Q r s t u.", "F g."),
	    "[]p1-2 A b c d.||E f g h i j k l m n. O p.\n"
	    "[]p3-4 Q r s t u.||F g.\n",
	    "text that goes on");
	is_str(paged(8, 16, 2, "A b c d e f.",
	    "Kk ll mm nn oo pp. Qq rr.|S t u v w x y z.|A b c d e f."),
	    "[]p1-2 A b c d e f.||Kk ll mm nn oo pp. Qq rr.\n"
	    "[]p2 Qq rr.||S t u v w x y z.||A b c d e f.\n",
	    "cut on a page: what is said again does not count");
	paged(4, 16, 2, "a b", "c d");
	memcpy(one, got.id[0], sizeof one);
	paged(4, 16, 1, "a b|c d");
	ok(strcmp(got.id[0], one) != 0, "the page of its end is in the id");
}

static void
extremes(void)
{
	struct buf b = BUF_INIT;
	int i;

	for (i = 0; i < 300000; i++)
		buf_addc(&b, 'x');
	chunks(b.p, 200, 400);
	ok(got.bytes_most <= 8192 && got.n >= 36, "a word of 300 kB");
	buf_reset(&b);
	for (i = 0; i < 20000; i++)
		buf_adds(&b, "\xe4\xb8\xad");
	chunks(b.p, 200, 400);
	ok(got.n >= 25, "20,000 characters of Chinese: %zu chunks", got.n);
	sizes(200, 400, "Chinese");
	buf_reset(&b);
	for (i = 0; i < 5000; i++)
		buf_adds(&b, "- \xe2\x80\xa6\n");
	chunks(b.p, 200, 400);
	ok(got.n > 5 && got.bytes_most <= 8192, "items of signs");
	buf_reset(&b);
	for (i = 0; i < 5000; i++)
		buf_addf(&b, "%.*s %d\n\n", i % 7, "#######", i);
	chunks(b.p, 200, 400);
	ok(got.n > 10 && got.words_most <= 420, "thousands of headings");
	buf_release(&b);
}

int
main(void)
{
	sections();
	facts();
	sentences();
	rows();
	stays();
	ids();
	pages();
	over_pages();
	extremes();
	chunks(NULL, 1, 1);
	buf_release(&told);
	return done();
}
