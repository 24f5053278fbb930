/*
 * Segments, vectors and a manifest that are sealed: in plain they are those
 * in clear, byte for byte, also when they are merged, and a search of theirs
 * finds the same.  Where a block is damaged that is told, or nothing that is
 * read is another thing.
 */
#include "index/blockfile.h"
#include "index/manifest.h"
#include "index/vector_make.h"
#include "segment-docs.h"
#include "tap.h"

#include <sys/stat.h>

#define MOST ((size_t)16 << 20)
#define PARTS 3
#define DIM 70
#define ROWS 1500
#define PIECES 3000

static struct blockfile_key key = { .sealed = true, .key = { 1, 2, 3 } };

/* The plain bytes of two files. */
static bool
same(const char *clear, const char *sealed)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	bool r;

	r = blockfile_get(&a, clear, MOST, NULL, &e) == 0 &&
	    blockfile_get(&b, sealed, MOST, &key, &e) == 0 &&
	    a.len == b.len && memcmp(a.p, b.p, a.len) == 0;
	if (!r)
		printf("# %zu bytes, %zu: %s\n", a.len, b.len, e.msg);
	buf_release(&a);
	buf_release(&b);
	return r;
}

/* --- segments ---------------------------------------------------------- */

static bool
sound(const char *path, const struct blockfile_key *k)
{
	struct segment *s;
	int r = segment_open(&s, path, k, &e);

	if (r == 0) {
		r = segment_verify(s, &e);
		segment_close(s);
	}
	if (r < 0)
		printf("# %s\n", e.msg);
	return r == 0;
}

/* Of the parts, without the dead, one. */
static int
merge(const char *folder, const struct blockfile_key *k)
{
	struct segment *s[PARTS];
	uint64_t *dead[PARTS];
	char path[40];
	uint32_t d, n;
	int i, r = 0;

	for (i = 0; i < PARTS; i++) {
		snprintf(path, sizeof path, "%s/%d.seg", folder, i);
		if (segment_open(&s[i], path, k, &e) < 0)
			exit(2);
		n = segment_docs(s[i]);
		dead[i] = calloc(n / 64 + 1, 8);
		for (d = 0; d < n; d += 7)
			dead[i][d / 64] |= UINT64_C(1) << (d % 64);
	}
	snprintf(path, sizeof path, "%s/merged.seg", folder);
	r = segment_merge(s, (const uint64_t *const *)dead, PARTS, path, NULL,
	    NULL, &e);
	for (i = 0; i < PARTS; i++) {
		segment_close(s[i]);
		free(dead[i]);
	}
	return r;
}

static void
test_segments(void)
{
	char path[2][40];
	size_t wrong = 0;
	int i;

	make_docs();
	for (i = 0; i < DOCS; i++)
		docs[i].part = i % PARTS;
	old = docs[5];
	memset(old.key, 9, sizeof old.key);
	for (i = 0; i < PARTS; i++) {
		snprintf(path[0], sizeof path[0], "clear/%d.seg", i);
		snprintf(path[1], sizeof path[1], "sealed/%d.seg", i);
		docs_key = NULL;
		wrong += make_of(path[0], i) < 0;
		docs_key = &key;
		wrong += make_of(path[1], i) < 0;
		wrong += !same(path[0], path[1]) || !sound(path[1], &key);
	}
	is_int(wrong, 0, "segments are the same in plain, and sound");
	ok(merge("clear", NULL) == 0 && merge("sealed", &key) == 0 &&
	    same("clear/merged.seg", "sealed/merged.seg") &&
	    sound("sealed/merged.seg", &key), "merged, too");
}

/* Large enough that the streams go to files without a name. */
static void
test_large(void)
{
	struct segment_maker *m;
	int64_t column[1] = { 0 };
	struct tokens ts;
	char word[40];
	int i, k, pass;

	for (pass = 0; pass < 2; pass++) {
		m = segment_maker_new(1);
		tokens_init(&ts, NULL);
		for (i = 0; i < 4000; i++) {
			snprintf(word, sizeof word, "k%06d", i);
			column[0] = i;
			if (segment_doc(m, word, strlen(word), column, &e) < 0)
				exit(2);
			for (k = 0; k < 30; k++) {
				snprintf(word, sizeof word, "w%dx%d", i, k);
				segment_doc_text(m, &ts, word, strlen(word),
				    1);
			}
			segment_doc_end(m);
		}
		if (segment_maker_write(m, pass ? "sealed/large.seg" :
		    "clear/large.seg", pass ? &key : NULL, &e) < 0)
			printf("# %s\n", e.msg);
		segment_maker_free(m);
		tokens_release(&ts);
	}
	ok(same("clear/large.seg", "sealed/large.seg") &&
	    sound("sealed/large.seg", &key), "one of 120000 terms");
}

/* Everything that can be asked for of a document, and some terms. */
static int
read_doc(struct segment *s, uint32_t d, struct buf *out)
{
	struct segment_term t;
	struct segment_list l;
	struct buf k = BUF_INIT;
	const char *w = words[d % WORDS];
	int64_t v;
	uint8_t len;
	int r;

	r = segment_key(s, d, &k, &e);
	buf_add(out, k.p, k.len);
	buf_release(&k);
	if (r < 0 || segment_value(s, 2, d, &v, &e) < 0 ||
	    segment_length_of(s, d, &len, &e) < 0)
		return -1;
	buf_addf(out, " %" PRId64 " %u", v, len);
	if ((r = segment_term(s, SEGMENT_TEXT, w, strlen(w), &t, &e)) != 1)
		return r;
	segment_list(s, &t, &l);
	if ((r = segment_list_load(&l, 0, &e)) == 0 &&
	    (r = segment_list_tf(&l, &e)) == 0)
		buf_addf(out, " %u %u", (unsigned)l.doc[0], (unsigned)l.tf[0]);
	segment_list_release(&l);
	return r;
}

static void
test_damage(void)
{
	struct buf good = BUF_INIT, a = BUF_INIT, b = BUF_INIT;
	size_t at, wrong = 0, refused = 0, read = 0;
	struct segment *s, *t;
	uint32_t d;
	int r;

	if (segment_open(&s, "clear/merged.seg", NULL, &e) < 0 ||
	    buf_read_file(&good, "sealed/merged.seg", MOST, &e) < 0)
		exit(2);
	for (at = 60; at < good.len; at += 1500) {
		good.p[at] ^= 4;
		file_replace("sealed/merged.seg", good.p, good.len, &e);
		good.p[at] ^= 4;
		if (segment_open(&t, "sealed/merged.seg", &key, &e) < 0) {
			wrong += e.code != ERR_INDEX;
			refused++;
			continue;
		}
		for (d = 0; d < segment_docs(s); d += 50) {
			buf_reset(&a);
			buf_reset(&b);
			r = read_doc(t, d, &b);
			if (r < 0) {
				wrong += e.code != ERR_INDEX;
				refused++;
			} else {
				read++;
				wrong += read_doc(s, d, &a) < 0 ||
				    a.len != b.len ||
				    memcmp(a.p, b.p, a.len) != 0;
			}
		}
		wrong += segment_verify(t, &e) == 0 || e.code != ERR_INDEX;
		segment_close(t);
	}
	ok(wrong == 0 && refused > 20 && read > 20, "damaged blocks are "
	    "refused (%zu), others are read (%zu)", refused, read);
	segment_close(s);
	buf_release(&good);
	buf_release(&a);
	buf_release(&b);
}

/* --- vectors ----------------------------------------------------------- */

static const struct vector_model model = { "small", DIM, PIECES, { 7 } };

static void
make_vectors(const char *path, int from, const struct blockfile_key *k)
{
	struct vector_maker *m = vector_maker_new(&model);
	uint32_t piece[3];
	float v[DIM];
	int i, c;

	for (i = from; i < ROWS; i += 2) {
		for (c = 0; c < DIM; c++)
			v[c] = (float)((i * 37 + c * 11) % 101 - 50);
		piece[0] = (uint32_t)i;
		piece[1] = (uint32_t)i + 700;
		piece[2] = PIECES - 1;
		vector_maker_add(m, i % 9 == 4 ? NULL : v, piece,
		    (size_t)i % 4);
	}
	if (vector_maker_write(m, NULL, path, k, &e) < 0)
		printf("# %s\n", e.msg);
	vector_maker_free(m);
}

static int
next_row(void *arg, uint32_t *source, uint32_t *row, struct err *err)
{
	int *i = arg;

	(void)err;
	if (*i == ROWS)
		return 0;
	*source = (uint32_t)*i % 2;
	*row = (uint32_t)*i / 2;
	++*i;
	return 1;
}

/* Two files, one of both, and the frequencies of what is alive of it. */
static void
make_all(const char *folder, const struct blockfile_key *k)
{
	uint64_t dead[ROWS / 64 + 1] = { 5, 0, 9 };
	struct vector *v[2];
	char path[2][40];
	int i = 0;

	snprintf(path[0], sizeof path[0], "%s/0.vec", folder);
	snprintf(path[1], sizeof path[1], "%s/1.vec", folder);
	make_vectors(path[0], 0, k);
	make_vectors(path[1], 1, k);
	if (vector_open(&v[0], path[0], k, &e) < 0 ||
	    vector_open(&v[1], path[1], k, &e) < 0)
		exit(2);
	snprintf(path[0], sizeof path[0], "%s/2.vec", folder);
	snprintf(path[1], sizeof path[1], "%s/2.3.df", folder);
	if (vector_merge(v, 2, ROWS, next_row, &i, path[0], &e) < 0)
		exit(2);
	vector_close(v[0]);
	vector_close(v[1]);
	if (vector_open(&v[0], path[0], k, &e) < 0 ||
	    vector_df_write(v[0], dead, path[1], &e) < 0)
		exit(2);
	vector_close(v[0]);
}

static bool
scan(const char *path, const char *df, const struct blockfile_key *k,
    bool exact, struct buf *out)
{
	struct vector_want want = { .k = 20, .candidates = 100,
	    .exact = exact };
	struct vector_part part = { NULL, NULL, NULL };
	struct vector_query *q;
	struct vector_hit *h = NULL;
	float f[DIM];
	uint32_t count;
	size_t n = 0, i;
	int r;

	for (i = 0; i < DIM; i++)
		f[i] = (float)((i * 13) % 17) - 8;
	q = vector_query_new(&model, f);
	r = vector_open(&part.v, path, k, &e);
	if (r == 0)
		r = vector_scan(&part, 1, q, &want, &h, &n, &e);
	for (i = 0; i < n; i++)
		buf_addf(out, " %u %.17g", (unsigned)h[i].row, h[i].score);
	if (r == 0)
		r = vector_verify(part.v, &e);
	if (r == 0)
		r = vector_df_use(part.v, df, &e);
	for (i = 0; r == 0 && i < PIECES; i += 99) {
		r = vector_df(part.v, (uint32_t)i, &count, &e);
		buf_addf(out, " %u", (unsigned)count);
	}
	vector_close(part.v);
	vector_query_free(q);
	free(h);
	return r == 0;
}

static void
test_vectors(void)
{
	struct buf a = BUF_INIT, b = BUF_INIT;
	size_t at, wrong = 0;

	make_all("clear", NULL);
	make_all("sealed", &key);
	ok(same("clear/0.vec", "sealed/0.vec") &&
	    same("clear/2.vec", "sealed/2.vec") &&
	    same("clear/2.3.df", "sealed/2.3.df"),
	    "vectors, merged ones and frequencies are the same in plain");
	ok(scan("clear/2.vec", "clear/2.3.df", NULL, false, &a) &&
	    scan("sealed/2.vec", "sealed/2.3.df", &key, false, &b) &&
	    scan("clear/2.vec", "clear/2.3.df", NULL, true, &a) &&
	    scan("sealed/2.vec", "sealed/2.3.df", &key, true, &b),
	    "they are scanned");
	is_str(b.p, a.p, "with the same hits, and counts");
	buf_reset(&a);
	buf_read_file(&a, "sealed/2.vec", MOST, &e);
	for (at = 20; at < a.len; at += 3000) {
		a.p[at] ^= 1;
		file_replace("sealed/2.vec", a.p, a.len, &e);
		a.p[at] ^= 1;
		wrong += scan("sealed/2.vec", "sealed/2.3.df", &key, true,
		    &b) || e.code != ERR_INDEX;
	}
	is_int(wrong, 0, "a damaged block is told: %s", e.msg);
	buf_release(&a);
	buf_release(&b);
}

/* --- the manifest ------------------------------------------------------ */

static void
test_manifest(void)
{
	struct buf b = BUF_INIT;
	struct segment *s;
	struct manifest m;
	struct index x;

	if (segment_open(&s, "sealed/0.seg", &key, &e) < 0)
		exit(2);
	manifest_init(&m);
	manifest_kill(manifest_add(&m, 0, segment_docs(s)), 3);
	segment_close(s);
	ok(manifest_write(&m, "sealed", &key, &e) == 0 &&
	    index_open(&x, "sealed", &key, &e) == 1 && x.m.n == 1 &&
	    x.m.segment[0].ndead == 1, "a manifest, and what it names");
	index_close(&x);
	buf_read_file(&b, "sealed/manifest", MOST, &e);
	ok(strstr(b.p + 72, "segment") == NULL &&
	    memcmp(b.p, "MKBLOCK\n", 8) == 0, "it is sealed");
	ok(manifest_stamp("sealed") != 0, "and has a stamp without a key");
	ok(index_open(&x, "sealed", NULL, &e) < 0 && e.code == ERR_INDEX,
	    "without the key: %s", e.msg);
	b.p[80] ^= 1;
	file_replace("sealed/manifest", b.p, b.len, &e);
	ok(index_open(&x, "sealed", &key, &e) < 0 && e.code == ERR_INDEX,
	    "altered: %s", e.msg);
	manifest_write(&m, "sealed", NULL, &e);
	ok(index_open(&x, "sealed", &key, &e) < 0 && e.code == ERR_INDEX,
	    "one in clear in its place: %s", e.msg);
	manifest_release(&m);
	buf_release(&b);
}

int
main(void)
{
	temp_begin();
	if (mkdir("clear", 0700) < 0 || mkdir("sealed", 0700) < 0)
		return 2;
	test_segments();
	test_large();
	test_damage();
	test_vectors();
	test_manifest();
	return done() | temp_end();
}
