/*
 * Segments merged in any steps are the file that one maker writes of the
 * documents alive, byte for byte.
 */
#include "base/buf.h"
#include "segment-docs.h"
#include "tap.h"

#define PARTS 7

static bool
same_files(const char *a, const char *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool same = buf_read_file(&x, a, 64 << 20, &e) == 0 &&
	    buf_read_file(&y, b, 64 << 20, &e) == 0 && x.len == y.len &&
	    memcmp(x.p, y.p, x.len) == 0;

	buf_release(&x);
	buf_release(&y);
	return same;
}

static void
path_of(char *out, int part)
{
	sprintf(out, "%d.seg", part);
}

/* Segments `list` (0-terminated numbers + 1) become one; the dead go. */
static int
merge_to(const char *out, const int *list, bool dead_too)
{
	struct segment *s[PARTS] = { NULL };
	const uint64_t *dead[PARTS] = { NULL };
	uint64_t bits[PARTS][DOCS / 64 + 2];
	char path[24];
	uint32_t at;
	size_t n;
	int i, r;

	memset(bits, 0, sizeof bits);
	for (n = 0; list[n] != 0; n++) {
		path_of(path, list[n] - 1);
		if (segment_open(&s[n], path, NULL, &e) < 0)
			return -1;
		dead[n] = dead_too ? bits[n] : NULL;
		for (i = 0; i < DOCS; i++)
			if ((docs[i].dead || (list[n] == 2 &&
			    &docs[i] == &docs[400])) && segment_find_key(s[n],
			    docs[i].key, docs[i].key_len, &at, &e) == 1)
				bits[n][at / 64] |= UINT64_C(1) << (at % 64);
	}
	r = segment_merge(s, dead, n, out, NULL, NULL, &e);
	while (n-- > 0)
		segment_close(s[n]);
	return r;
}

static void
test_merge(const char *what, bool interleaved)
{
	const int all[] = { 4, 1, 3, 2, 0 }, first[] = { 3, 1, 0 },
	    second[] = { 2, 4, 0 }, third[] = { 5, 6, 0 },
	    alone[] = { 7, 0 };
	char path[24];
	int i;

	for (i = 0; i < DOCS; i++) {
		docs[i].part = interleaved ? (int)below(4) : i * 4 / DOCS;
		docs[i].dead = below(5) == 0;
	}
	docs[400].dead = false;
	docs[400].part = 2;
	old = docs[400];
	strcpy(old.text, "an older version of the words onlyhere");
	for (i = 0; i < 4; i++) {
		path_of(path, i);
		if (make_of(path, i) < 0)
			break;
	}
	ok(i == 4 && make_of("live.seg", -1) == 0, "%s: made", what);
	ok(merge_to("merged.seg", all, true) == 0 &&
	    same_files("merged.seg", "live.seg"), "%s: merged at once", what);
	ok(merge_to("4.seg", first, true) == 0 &&
	    merge_to("5.seg", second, true) == 0 &&
	    merge_to("merged.seg", third, false) == 0 &&
	    same_files("merged.seg", "live.seg"), "%s: in steps", what);
	ok(merge_to("6.seg", third, false) == 0 &&
	    merge_to("merged.seg", alone, false) == 0 &&
	    same_files("merged.seg", "live.seg"), "%s: again, alone", what);
}

static int
stop(void *arg, struct err *err)
{
	++*(int *)arg;
	return err_set(err, ERR_BUSY, "enough");
}

static void
test_odd(void)
{
	struct segment_maker *m = segment_maker_new(COLUMNS);
	const int alone[] = { 1, 0 };
	struct segment *s = NULL;
	struct doc d = docs[0];
	struct tokens ts;
	uint8_t key[SEGMENT_KEY + 1] = { 0 };
	uint32_t at;
	int asked = 0, i;

	tokens_init(&ts, NULL);
	ok(segment_doc(m, key, sizeof key, d.column, &e) < 0 &&
	    e.code == ERR_INPUT, "a key that is too long");
	add_to(m, &ts, &d);
	ok(segment_doc(m, d.key, d.key_len, d.column, &e) < 0 &&
	    e.code == ERR_EXISTS && segment_maker_docs(m) == 1,
	    "a key that is there");
	segment_maker_free(m);
	m = segment_maker_new(COLUMNS);
	ok(segment_maker_write(m, "none.seg", NULL, &e) == 0 &&
	    segment_open(&s, "none.seg", NULL, &e) == 0 &&
	    segment_docs(s) == 0 &&
	    segment_verify(s, &e) == 0 &&
	    segment_find_key(s, "x", 1, &at, &e) == 0 && at == 0,
	    "no documents");
	segment_close(s);
	segment_maker_free(m);
	for (i = 0; i < DOCS; i++) {
		docs[i].dead = true;
		docs[i].part = 0;
	}
	ok(make_of("0.seg", 0) == 0 && merge_to("merged.seg", alone,
	    true) == 0 && same_files("merged.seg", "none.seg"),
	    "all of them dead");
	m = segment_maker_new(COLUMNS);
	for (i = 0; i < 5000; i++) {
		sprintf(d.text, "word%d", i);
		d.key_len = (size_t)sprintf((char *)d.key, "%d", i);
		add_to(m, &ts, &d);
	}
	ok(segment_maker_write(m, "many.seg", NULL, &e) == 0 &&
	    segment_open(&s, "many.seg", NULL, &e) == 0, "5000 terms");
	ok(segment_merge(&s, &(const uint64_t *){ NULL }, 1, "gone.seg", stop,
	    &asked, &e) < 0 && asked == 1 && e.code == ERR_BUSY &&
	    access("gone.seg", F_OK) < 0, "a merge that is ended");
	segment_close(s);
	segment_maker_free(m);
	tokens_release(&ts);
}

int
main(void)
{
	temp_begin();
	make_docs();
	test_merge("interleaved", true);
	test_merge("one after the other", false);
	test_odd();
	return temp_end() | done();
}
