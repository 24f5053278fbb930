/*
 * Whatever way documents went into segments, and these into others: what
 * comes out in the end is what is made of those alive at once, byte for byte.
 */
#include "segment-model.h"

#include "index/word.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#define PARTS 6

static char dir[] = "/tmp/memkit-u-merge.XXXXXX";
static struct err e;

static void
path_of(char out[80], const char *name, int i)
{
	snprintf(out, 80, "%s/%s%d", dir, name, i);
}

static bool
same_files(const char *a, const char *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool same;

	same = buf_read_file(&x, a, (size_t)1 << 30, &e) == 0 &&
	    buf_read_file(&y, b, (size_t)1 << 30, &e) == 0 &&
	    x.len == y.len && memcmp(x.p, y.p, x.len) == 0;
	buf_release(&x);
	buf_release(&y);
	return same;
}

struct part {
	struct doc **doc;		/* own */
	uint32_t n;
	struct segment *s;
	uint64_t *dead;			/* own */
	char path[80];
};

static void
part_add(struct part *p, struct doc *d)
{
	p->doc = xreallocarray(p->doc, p->n + 1, sizeof *p->doc);
	p->doc[p->n++] = d;
}

static void
part_open(struct part *p, const char *name, int i)
{
	path_of(p->path, name, i);
	make_segment(p->doc, p->n, p->path);
	p->s = open_segment(p->path);
	p->dead = xcalloc(p->n / 64 + 1, sizeof *p->dead);
}

static void
part_close(struct part *p)
{
	segment_close(p->s);
	unlink(p->path);
	free(p->doc);
	free(p->dead);
}

static void
kill_doc(struct part *p, const struct doc *d)
{
	uint32_t doc;

	if (segment_find_key(p->s, d->key, d->key_len, &doc, &e) != 1)
		abort();
	p->dead[doc / 64] |= UINT64_C(1) << (doc % 64);
}

static int
merge(struct segment **s, const uint64_t *const *dead, size_t n,
    const char *path)
{
	if (segment_merge(s, dead, n, path, NULL, NULL, &e) == 0)
		return 0;
	printf("# %s\n", e.msg);
	return -1;
}

/* All at once, or the first few first and then with the rest. */
static int
merge_parts(struct part *part, int n, const char *path)
{
	struct segment *s[PARTS + 1], *some = NULL;
	const uint64_t *dead[PARTS + 1];
	int i, k = (int)below((unsigned)n + 1), r;
	char temp[80];

	for (i = 0; i < n; i++) {
		s[i] = part[i].s;
		dead[i] = part[i].dead;
	}
	if (k < 2 || below(2))
		return merge(s, dead, (size_t)n, path);
	path_of(temp, "some", 0);
	if (merge(s, dead, (size_t)k, temp) < 0)
		return -1;
	some = open_segment(temp);
	if (segment_verify(some, &e) < 0)
		printf("# %s\n", e.msg);
	s[k - 1] = some;
	dead[k - 1] = NULL;
	r = merge(s + k - 1, dead + k - 1, (size_t)(n - k + 1), path);
	segment_close(some);
	unlink(temp);
	return r;
}

enum how { SCATTERED, IN_ORDER, ALL_DEAD };

/*
 * n documents over parts; some are dead, and of these some are alive with
 * another text in another part.
 */
static int
round_trip(uint32_t n, unsigned words, int parts, enum how how,
    unsigned deaths)
{
	struct doc **d = random_docs(n, words), **old, *was;
	struct part part[PARTS] = { { 0 } }, at_once = { 0 };
	char path[80];
	uint32_t i, olds = 0;
	int *where = xcalloc(n + 1, sizeof *where), p, to, r;

	if (how == IN_ORDER && n > 1)
		qsort(d, n, sizeof *d, by_key);
	old = xcalloc(n + 1, sizeof *old);
	for (i = 0; i < n; i++) {
		p = how == IN_ORDER ? (int)(i * (uint32_t)parts / n) :
		    (int)below((unsigned)parts);
		where[i] = p;
		part_add(&part[p], d[i]);
		if (how != ALL_DEAD && (deaths == 0 || below(deaths) != 0)) {
			part_add(&at_once, d[i]);
			continue;
		}
		where[i] = -1 - p;	/* dead there */
		to = (int)below((unsigned)parts);
		if (how == ALL_DEAD || to == p || below(2))
			continue;
		was = random_doc(i, words);
		memcpy(was->key, d[i]->key, d[i]->key_len);
		was->key_len = d[i]->key_len;
		old[olds++] = was;
		part_add(&part[to], was);
		part_add(&at_once, was);
	}
	for (p = 0; p < parts; p++)
		part_open(&part[p], "part", p);
	for (i = 0; i < n; i++)
		if (where[i] < 0)
			kill_doc(&part[-1 - where[i]], d[i]);
	part_open(&at_once, "once", 0);
	path_of(path, "merged", 0);
	r = merge_parts(part, parts, path) == 0 &&
	    same_files(path, at_once.path);
	unlink(path);
	for (p = 0; p < parts; p++)
		part_close(&part[p]);
	part_close(&at_once);
	docs_free(old, olds);
	docs_free(d, n);
	free(where);
	return r;
}

/* --- more than a term's usual forms ------------------------------------ */

/* A word whose stem is that of grumps. */
static void
grump(struct words *w, char out[64])
{
	static const char *const end[] = { "", "s", "'s", "ed", "ing", "ly",
	    "edly", "ingly", "er", "al", "ally", "alism", "ation",
	    "ize", "ization", "ful", "fully", "ness", "ive", "ment", "able" };
	unsigned n = sizeof end / sizeof *end;
	const char *stem;
	size_t len;

	do {
		snprintf(out, 64, "grump%s%s%s", end[below(n)], end[below(n)],
		    end[below(n)]);
		word_stem(w, out, strlen(out), &stem, &len);
	} while (len != 5);
}

static void
form_doc(struct words *w, struct doc *d, unsigned i)
{
	char *p = d->text[0].p = xmalloc(4096), word[64];
	unsigned k;

	sprintf((char *)d->key, "%05u", i);
	d->key_len = 5;
	d->texts = 1;
	d->text[0].times = 1;
	for (k = 0; k < 30; k++) {
		grump(w, word);
		p += sprintf(p, "%s ", word);
	}
}

/* Also then, and when the documents that had most of them are dead. */
static int
many_forms(void)
{
	struct part part[2] = { { 0 } }, at_once = { 0 };
	struct doc **d = xcalloc(61, sizeof *d);
	struct words *w = words_new(NULL);
	char path[80];
	unsigned i;
	int r;

	for (i = 0; i < 60; i++) {
		d[i] = xcalloc(1, sizeof **d);
		form_doc(w, d[i], i);
		part_add(&part[i % 2], d[i]);
		if (i % 3 == 0)
			part_add(&at_once, d[i]);
	}
	part_open(&part[0], "part", 0);
	part_open(&part[1], "part", 1);
	part_open(&at_once, "once", 0);
	for (i = 0; i < 60; i++)
		if (i % 3 != 0)
			kill_doc(&part[i % 2], d[i]);
	path_of(path, "merged", 0);
	r = merge_parts(part, 2, path) == 0 &&
	    same_files(path, at_once.path);
	unlink(path);
	part_close(&part[0]);
	part_close(&part[1]);
	part_close(&at_once);
	docs_free(d, 60);
	words_free(w);
	return r;
}

/* --- what ends it ------------------------------------------------------ */

static int
refuse(void *arg, struct err *to)
{
	int *left = arg;

	return --*left > 0 ? 0 : err_set(to, ERR_BUSY, "enough");
}

static void
ends(void)
{
	struct doc **d = random_docs(3000, 8);
	struct part part[2] = { { 0 } };
	struct segment *s[2];
	char path[80];
	uint32_t i;
	int left = 2;
	const uint64_t *none[2] = { NULL, NULL };

	for (i = 0; i < 3000; i++)
		part_add(&part[i % 2], d[i]);
	part_open(&part[0], "part", 0);
	part_add(&part[1], d[0]);	/* is in both */
	part_open(&part[1], "part", 1);
	s[0] = part[0].s;
	s[1] = part[1].s;
	path_of(path, "merged", 0);
	ok(segment_merge(s, none, 2, path, NULL, NULL, &e) == -1 &&
	    e.code == ERR_EXISTS && access(path, F_OK) < 0,
	    "a document in both: %s", e.msg);
	ok(segment_merge(s, none, 1, path, refuse, &left, &e) == -1 &&
	    e.code == ERR_BUSY && access(path, F_OK) < 0,
	    "who is asked may end it: %s", e.msg);
	part_close(&part[0]);
	part_close(&part[1]);
	ok(segment_merge(NULL, NULL, 0, path, NULL, NULL, &e) == 0,
	    "of none comes an empty one");
	unlink(path);
	docs_free(d, 3000);
}

/* A disk that is full. */
static void
full(void)
{
	struct rlimit was, limit;
	struct doc **d = random_docs(4000, 10);
	struct segment_maker *m = segment_maker_new(COLUMNS);
	struct tokens ts;
	char path[80];
	uint32_t i;
	int r;

	tokens_init(&ts, NULL);
	for (i = 0; i < 4000; i++)
		if (segment_doc(m, d[i]->key, d[i]->key_len, d[i]->column,
		    &e) == 0) {
			segment_doc_text(m, &ts, d[i]->text[0].p,
			    strlen(d[i]->text[0].p), 1);
			segment_doc_end(m);
		}
	tokens_release(&ts);
	path_of(path, "full", 0);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &was);
	limit = was;
	for (limit.rlim_cur = 5000, i = 0; i < 8; limit.rlim_cur += 60000,
	    i++) {
		setrlimit(RLIMIT_FSIZE, &limit);
		r = segment_maker_write(m, path, NULL, &e);
		if (r == 0)
			break;
		if (e.code != ERR_SYS || access(path, F_OK) == 0)
			i = 99;
	}
	setrlimit(RLIMIT_FSIZE, &was);
	ok(i > 1 && i < 99, "nothing is there until there is room (%u): %s",
	    (unsigned)i, e.msg);
	unlink(path);
	segment_maker_free(m);
	docs_free(d, 4000);
}

int
main(void)
{
	int i;

	if (mkdtemp(dir) == NULL)
		return 2;
	for (i = 0; i < 40; i++)
		ok(round_trip(below(60), 20, 1 + (int)below(PARTS), SCATTERED,
		    below(2) * (2 + below(9))), "few documents, round %d", i);
	for (i = 0; i < 6; i++)
		ok(round_trip(400 + below(500), 12, 2 + (int)below(4),
		    i % 2 ? IN_ORDER : SCATTERED, i < 2 ? 0 : 2 + below(9)),
		    "many, round %d", i);
	ok(round_trip(50, 10, 3, ALL_DEAD, 1), "all are dead");
	ok(round_trip(0, 10, 2, SCATTERED, 0), "none");
	for (i = 0; i < 5; i++)
		ok(many_forms(), "more forms than are told apart");
	ends();
	full();
	ok(rmdir(dir) == 0, "no file is left");
	return done();
}
