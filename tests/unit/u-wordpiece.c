/*
 * WordPiece: texts and ids that are published with BERT's uncased
 * vocabulary, what its normalisation does to odd characters, and random
 * vocabularies against the obvious slow way.
 */
#include "tap.h"

#include "base/alloc.h"
#include "index/model.h"
#include "index/wordpiece.h"
#include "model-file.h"
#include "temp-dir.h"

static struct err e;

/* The ids of a text, in words. */
static const char *
ids_of(struct model *m, const char *text, size_t len)
{
	static struct buf b = BUF_INIT;
	uint32_t id[WORDPIECE_MAX];
	struct wordpiece w;
	size_t n, i;

	wordpiece_init(&w, m);
	buf_reset(&b);
	if (wordpiece_text(&w, text, len, id, &n, &e) < 0)
		buf_adds(&b, e.msg);
	else
		for (i = 0; i < n; i++)
			buf_addf(&b, "%s%" PRIu32, i > 0 ? " " : "", id[i]);
	wordpiece_release(&w);
	return b.p;
}

#define IDS(text) ids_of(m, (text), sizeof (text) - 1)

static void
published(struct model *m)
{
	is_str(IDS("Hello, world!"), "7592 1010 2088 999", "words");
	is_str(IDS("unaffable"), "14477 20961 3468", "a word in pieces");
	is_str(IDS("embeddings"), "7861 8270 4667 2015", "another");
	is_str(IDS("what did caroline buy at the market"),
	    "2054 2106 7981 4965 2012 1996 3006", "a question");
	is_str(IDS("fix a NULL pointer dereference in the resolver "
	    "(issue #1234)"), "8081 1037 19701 20884 4315 27235 24413 1999 "
	    "1996 10663 2099 1006 3277 1001 13138 2549 1007", "marks");
}

static void
odd(struct model *m)
{
	const char *hello = "7592";

	is_str(IDS(""), "", "nothing");
	is_str(IDS(" \t\r\n\xc2\xa0\xe3\x80\x80"), "", "blanks only");
	is_str(IDS("HeLLo"), hello, "capitals");
	is_str(IDS("h\xc3\xa9llo"), hello, "an accent");
	is_str(IDS("he\xcc\x81llo"), hello, "an accent that is a mark");
	is_str(IDS("H\xc3\x89LLO"), hello, "an accent on a capital");
	is_str(IDS("hel\xe2\x80\x8blo"), hello, "what cannot be seen");
	is_str(IDS("hel\0lo"), hello, "a NUL");
	is_str(IDS("hel\xff\xfelo"), hello, "bytes that are not UTF-8");
	is_str(IDS("\xef\xbb\xbfhello"), hello, "a byte order mark");
	is_str(IDS("hello\xe3\x80\x80" "hello"), "7592 7592",
	    "an ideographic blank");
	is_str(IDS("hello\xe2\x80\x94hello"), "7592 1517 7592",
	    "a dash is a word");
	is_str(IDS("$a^b"), "1002 1037 1034 1038", "so are ASCII symbols");
	is_str(IDS("hello\xcd\xbehello"), "7592 1025 7592",
	    "a Greek question mark is a semicolon");
	is_str(IDS("ah\xe5\xa4\xa7\xe5\xad\xa6zz"), "6289 1810 1817 1062 2480",
	    "each ideograph is a word");
	is_str(IDS("\xf0\x9f\xa6\x84\xf0\x9f\xa6\x84"), "100",
	    "an unknown word is one");
	is_str(IDS("$$ ^hello^ $"), "1002 1002 1034 7592 1034 1002",
	    "marks again, that were cut before");
	is_str(IDS("hel\x01l\x7fo"), hello, "controls");
}

static void
long_ones(struct model *m)
{
	static char text[400000];
	uint32_t id[WORDPIECE_MAX];
	struct wordpiece w;
	size_t n, i;

	memset(text, 'a', sizeof text);
	is_str(ids_of(m, text, 101), "100", "101 letters are unknown");
	ok(strcmp(ids_of(m, text, 100), "100") != 0, "100 are not");
	is_str(ids_of(m, text, sizeof text), "100", "nor more at once");
	memcpy(text + 250, " hello", 6);
	is_str(ids_of(m, text, 256), "100 7592", "a word behind them");
	memcpy(text + 99, "\xc3\xa9" "A1", 4);
	is_str(ids_of(m, text, 103), "100", "102, one of them not ASCII");
	memset(text, 'a', 300);
	for (i = 0; i < sizeof text; i += 2)
		text[i] = '.';
	wordpiece_init(&w, m);
	is_int(wordpiece_text(&w, text, sizeof text, id, &n, &e), 0, "much");
	is_int((int64_t)n, WORDPIECE_MAX, "is cut");
	is_int(id[WORDPIECE_MAX - 1], 1037, "at the last piece");
	/* a word known by heart that has more pieces than there is room */
	for (i = 0; i < 511; i++)
		memcpy(text + 2 * i, "a ", 2);
	memcpy(text + 2 * i, "embeddings embeddings", 21);
	is_int(wordpiece_text(&w, "embeddings", 10, id, &n, &e), 0, "a word");
	is_int(wordpiece_text(&w, text, 2 * i + 21, id, &n, &e), 0, "again");
	ok(n == WORDPIECE_MAX && id[511] == 7861, "and in the last place");
	wordpiece_release(&w);
}

/* --- against the slow way ---------------------------------------------- */

static uint32_t seed = 1;

static unsigned
draw(unsigned below)
{
	seed = seed * 1103515245u + 12345u;
	return (seed >> 8) % below;
}

static void
random_word(char *out, unsigned most)
{
	unsigned n = 1 + draw(most);

	for (; n > 0; n--) {
		if (draw(6) == 0) {
			memcpy(out, "\xc3\xb8", 2);	/* no accent */
			out += 2;
		} else
			*out++ = (char)('a' + draw(3));
	}
	*out = '\0';
}

static void
slow(const char *const *piece, size_t n, const char *word, struct buf *b)
{
	const char *p = word;
	size_t start = b->len, i, best, len;
	const char *s;

	for (; *p != '\0'; p += best) {
		size_t id = 0;

		for (best = 0, i = 0; i < n; i++) {
			s = piece[i];
			if ((strncmp(s, "##", 2) == 0) != (p > word))
				continue;
			s += p > word ? 2 : 0;
			len = strlen(s);
			if (len > best && strncmp(p, s, len) == 0) {
				best = len;
				id = i;
			}
		}
		if (best == 0) {
			buf_cut(b, start);
			buf_adds(b, " 0");
			return;
		}
		buf_addf(b, " %zu", id);
	}
}

static bool
is_new(char *const *piece, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(piece[i], piece[n]) == 0)
			return false;
	return true;
}

static int
one_vocabulary(void)
{
	char *piece[60], word[64];
	struct buf file = BUF_INIT, text = BUF_INIT, want = BUF_INIT;
	size_t n = 1, i;
	struct model *m;
	int same;

	piece[0] = xstrdup("[UNK]");
	while (n < 60) {
		strcpy(word, draw(2) ? "##" : "");
		random_word(word + strlen(word), 4);
		piece[n] = xstrdup(word);
		if (is_new(piece, n))
			n++;
		else
			free(piece[n]);
	}
	small_model(&file, (const char *const *)piece, n, 0);
	put_file("small", file.p, file.len);
	for (i = 0; i < 90; i++) {
		random_word(word, 7);
		buf_addf(&text, "%s ", word);
		slow((const char *const *)piece, n, word, &want);
	}
	if (model_open(&m, "small", &e) < 0 || model_verify(m, &e) < 0)
		printf("# %s\n", e.msg);
	same = strcmp(ids_of(m, text.p, text.len), want.p + 1) == 0;
	model_close(m);
	for (i = 0; i < n; i++)
		free(piece[i]);
	buf_release(&file);
	buf_release(&text);
	buf_release(&want);
	return same;
}

static void
random_ones(void)
{
	int i, same = 0;

	for (i = 0; i < 200; i++)
		same += one_vocabulary();
	is_int(same, 200, "200 random vocabularies, as the slow way cuts");
}

int
main(void)
{
	struct model *m;

	if (model_open(&m, real_model(), &e) < 0) {
		ok(0, "the model opens: %s", e.msg);
		return done();
	}
	temp_begin();
	published(m);
	odd(m);
	long_ones(m);
	random_ones();
	model_close(m);
	return done() || temp_end();
}
