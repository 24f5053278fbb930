/*
 * Segments: what goes in comes out; what is merged is what is built at once;
 * what is damaged is found.  How texts become postings is compared with the
 * slow way in u-rank.
 */
#include "index/segment_make.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "index/score.h"
#include "tap.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define DOCS 700
#define COLOUR SEGMENT_FIELD

static char dir[] = "/tmp/memkit-u-segment.XXXXXX";
static uint64_t seed = 88172645463325252u;

static unsigned
below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 33) % n;
}

static char *
path_of(const char *name)
{
	static char path[8][80];
	static int next;

	next = (next + 1) % 8;
	snprintf(path[next], sizeof path[next], "%s/%s", dir, name);
	return path[next];
}

/* Document i: its key is its number, so that keys are in its order. */
static void
add_doc(struct segment_maker *m, struct tokens *ts, int i)
{
	static const char *const word[] = { "run", "running", "the",
	    "getUserName", "happy", "\xe6\x9d\xb1\xe4\xba\xac", "deploy" };
	const int64_t column[3] = { i, i % 100 == 7 ? INT64_MIN :
	    (int64_t)i * 1000000007, i / 22 };
	char key[16], text[400] = "";
	struct err e;
	int k;

	snprintf(key, sizeof key, "%08d", i);
	if (segment_doc(m, key, strlen(key), column, &e) < 0)
		abort();
	for (k = 0; k < 1 + i % 17; k++) {
		strcat(text, word[(i * 31 + k * k * 7) % 7]);
		strcat(text, " ");
	}
	if (i % 50 == 0)
		sprintf(text + strlen(text), "rare%d", i);
	segment_doc_text(m, ts, text, strlen(text), 1 + (i % 10 == 0));
	segment_doc_value(m, COLOUR, i % 3 ? "red" : "blue", i % 3 ? 3 : 4);
	segment_doc_value(m, COLOUR, i % 3 ? "red" : "blue", i % 3 ? 3 : 4);
	segment_doc_end(m);
}

/* Those documents for which of[i] is `which`. */
static struct segment *
make(const char *name, const int *of, int which)
{
	struct segment_maker *m = segment_maker_new(3);
	struct segment *s = NULL;
	struct tokens ts;
	struct err e;
	int i;

	tokens_init(&ts);
	for (i = DOCS - 1; i >= 0; i--)
		if (of[i] == which)
			add_doc(m, &ts, i);
	tokens_release(&ts);
	if (segment_maker_write(m, path_of(name), &e) < 0 ||
	    segment_open(&s, path_of(name), &e) < 0)
		printf("# %s\n", e.msg);
	segment_maker_free(m);
	return s;
}

static int
same_file(const char *a, const char *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	struct err e;
	int same;

	same = buf_read_file(&x, path_of(a), SIZE_MAX / 2, &e) == 0 &&
	    buf_read_file(&y, path_of(b), SIZE_MAX / 2, &e) == 0 &&
	    x.len == y.len && memcmp(x.p, y.p, x.len) == 0;
	buf_release(&x);
	buf_release(&y);
	return same;
}

static void
contents(void)
{
	int of[DOCS] = { 0 }, i, good = 1, found = 0;
	struct segment *s = make("all", of, 0);
	struct segment_term t;
	struct segment_list *l = xcalloc(1, sizeof *l);
	struct buf key = BUF_INIT;
	char want[16];
	struct err e;
	uint32_t doc, b, n;
	int64_t v[3];

	is_int(segment_docs(s), DOCS, "as many documents");
	for (i = 0; i < DOCS; i++) {
		snprintf(want, sizeof want, "%08d", i);
		good &= segment_key(s, (uint32_t)i, &key, &e) == 0 &&
		    strcmp(key.p, want) == 0;
		good &= segment_find_key(s, want, 8, &doc, &e) == 1 &&
		    doc == (uint32_t)i;
		good &= segment_value(s, 0, (uint32_t)i, &v[0], &e) == 0 &&
		    segment_value(s, 1, (uint32_t)i, &v[1], &e) == 0 &&
		    segment_value(s, 2, (uint32_t)i, &v[2], &e) == 0;
		good &= v[0] == i && v[2] == i / 22 && v[1] ==
		    (i % 100 == 7 ? INT64_MIN : (int64_t)i * 1000000007);
	}
	ok(good, "keys and columns");
	ok(segment_ascending(s, 0) && !segment_ascending(s, 1) &&
	    segment_ascending(s, 2), "columns that ascend are known");
	is_int(segment_find_key(s, "00000100x", 9, &doc, &e), 0,
	    "a key that is not there");
	is_int(doc, 101, "  and the one after it");
	is_int(segment_find_key(s, "9", 1, &doc, &e), 0, "one after all");
	is_int(doc, DOCS, "  has none after it");

	ok(segment_term(s, COLOUR, "red", 3, &t, &e) == 1, "a value");
	segment_list(s, &t, l);
	for (b = n = 0, good = 1; b < l->blocks; b++) {
		good &= segment_list_load(l, b, &e) == 0;
		for (i = 0; i < (int)l->n; i++, n++)
			good &= l->doc[i] % 3 != 0;
	}
	ok(good && n == t.docs && n == DOCS - (DOCS + 2) / 3,
	    "  and its documents, each once");
	segment_list_release(l);
	for (i = 0; i < DOCS; i += 50) {
		snprintf(want, sizeof want, "rare%d", i);
		found += segment_term(s, SEGMENT_TEXT, want, strlen(want), &t,
		    &e) == 1 && t.docs == 1;
	}
	is_int(found, DOCS / 50, "words of one document");
	is_int(segment_term(s, SEGMENT_TEXT, "nosuch", 6, &t, &e), 0,
	    "a word of none");
	is_int(segment_verify(s, &e), 0, "it is sound");
	segment_close(s);
	buf_release(&key);
	free(l);
}

/* Cut at random into n, some documents dead: merged as if built at once. */
static void
merges(int parts, bool in_order)
{
	int of[DOCS], live[DOCS], i, p, lost = 0;
	struct segment *s[8];
	const uint64_t *dead[8];
	struct segment *all;
	uint64_t *bits;
	char name[16], key[16];
	uint32_t doc;
	struct err e;

	for (i = 0; i < DOCS; i++) {
		of[i] = in_order ? i * parts / DOCS : (int)below(
		    (unsigned)parts);
		live[i] = below(6) > 0;
		lost += !live[i];
	}
	for (p = 0; p < parts; p++) {
		snprintf(name, sizeof name, "part%d", p);
		s[p] = make(name, of, p);
		bits = xcalloc(segment_docs(s[p]) / 64 + 1, 8);
		for (i = 0; i < DOCS; i++) {
			snprintf(key, sizeof key, "%08d", i);
			if (of[i] == p && !live[i] && segment_find_key(s[p],
			    key, 8, &doc, &e) == 1)
				bits[doc / 64] |= UINT64_C(1) << doc % 64;
		}
		dead[p] = bits;
	}
	all = make("once", live, 1);
	ok(segment_merge(s, dead, (size_t)parts, path_of("merged"), NULL,
	    NULL, &e) == 0 && same_file("merged", "once"),
	    "%d segments %s, %d documents dead: merged = built at once",
	    parts, in_order ? "in a row" : "mixed", lost);
	segment_close(all);
	for (p = 0; p < parts; p++) {
		segment_close(s[p]);
		free((void *)dead[p]);
	}
}

/* --- damage ------------------------------------------------------------ */

static void
write_bytes(const char *name, const char *p, size_t n)
{
	int fd = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);

	if (fd < 0 || write(fd, p, n) != (ssize_t)n)
		abort();
	close(fd);
}

/* Is it taken for sound? */
static int
passes(const char *name)
{
	struct segment *s;
	struct err e;
	int r;

	if (segment_open(&s, path_of(name), &e) < 0)
		return 0;
	r = segment_verify(s, &e) == 0;
	segment_close(s);
	return r;
}

static void
damage(void)
{
	int of[DOCS] = { 0 }, passed = 0, cut = 0;
	struct buf b = BUF_INIT;
	struct err e;
	size_t i;

	for (i = 40; i < DOCS; i++)
		of[i] = 1;
	segment_close(make("small", of, 0));
	if (buf_read_file(&b, path_of("small"), SIZE_MAX / 2, &e) < 0)
		abort();
	ok(passes("small"), "a small segment is sound");
	for (i = 0; i < b.len; i++) {
		if (i >= 1000 && i < 4000)	/* the same zeros for long */
			continue;
		b.p[i] ^= 0x10;
		write_bytes("bad", b.p, b.len);
		passed += passes("bad");
		b.p[i] ^= 0x10;
	}
	is_int(passed, 0, "its bytes altered in turn: found");
	for (i = 0; i < b.len; i += 1 + b.len / 300) {
		write_bytes("bad", b.p, i);
		cut += passes("bad");
	}
	is_int(cut, 0, "cut short anywhere: found");
	b.p[8] = 2;
	write_bytes("bad", b.p, b.len);
	{
		struct segment *s;

		ok(segment_open(&s, path_of("bad"), &e) < 0 &&
		    e.code == ERR_VERSION, "a newer format is told");
		ok(segment_open(&s, path_of("absent"), &e) < 0 &&
		    e.code == ERR_ABSENT, "and one that is not there");
	}
	buf_release(&b);
}

int
main(void)
{
	static const char *const names[] = { "all", "once", "merged", "small",
	    "bad", "part0", "part1", "part2", "part3", "part4" };
	size_t i;
	int n;

	if (mkdtemp(dir) == NULL)
		abort();
	contents();
	for (n = 1; n <= 5; n++) {
		merges(n, true);
		merges(n, false);
	}
	damage();
	for (i = 0; i < sizeof names / sizeof *names; i++)
		unlink(path_of(names[i]));
	rmdir(dir);
	return done();
}
