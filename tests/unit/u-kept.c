/*
 * Vectors kept from search to search: found as they were put in, thrown out
 * when they are of no use, and none where the file is not whole.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/buf.h"
#include "index/vector.h"
#include "search/indexed.h"
#include "search/kept.h"

#include <string.h>

#define DIM 5

static struct err e;
static struct store *st;
static struct vector_model model = { "m", DIM, 0, { 1, 2, 3 } };
static char path[512];

static void
vector_of(int i, int8_t *q)
{
	memset(q, 0, vector_wide(&model));
	memset(q, i % 127, DIM);
}

static void
add(struct kept *k, int i)
{
	int8_t q[64];
	char text[32];
	int n = snprintf(text, sizeof text, "text %d", i);

	vector_of(i, q);
	kept_add(k, text, (size_t)n, q, i % 10 == 9 ? 0 : (float)i / 8);
}

static bool
has(struct kept *k, int i)
{
	int8_t q[64], want[64];
	float scale = -1;
	char text[32];
	int n = snprintf(text, sizeof text, "text %d", i);

	vector_of(i, want);
	if (!kept_find(k, text, (size_t)n, q, &scale))
		return false;
	if (memcmp(q, want, vector_wide(&model)) != 0 ||
	    scale != (i % 10 == 9 ? 0 : (float)i / 8))
		printf("# text %d has another vector\n", i);
	return true;
}

/* How many of the first n are there. */
static int
count(int n)
{
	struct kept *k = kept_open(st, SOURCE_EVENT, &model);
	int i, had = 0;

	for (i = 0; i < n; i++)
		had += has(k, i);
	kept_close(k, true);		/* nothing new: it is not written */
	return had;
}

static void
fill(int n)
{
	struct kept *k;
	int i;

	kept_remove(st, SOURCE_EVENT);
	k = kept_open(st, SOURCE_EVENT, &model);
	for (i = 0; i < n; i++)
		add(k, i);
	add(k, 0);			/* twice is once */
	kept_close(k, true);
}

static void
use(void)
{
	struct kept *k;

	is_int(count(10), 0, "none at first");
	ok(!file_exists(path), "and no file for that");
	fill(200);
	is_int(count(300), 200, "what was put in");
	k = kept_open(st, SOURCE_EVENT, &model);
	ok(has(k, 7) && has(k, 8), "two are asked for");
	add(k, 500);
	kept_close(k, true);
	is_int(count(501), 3, "what nobody asked for goes with the next");
	fill(200);
	k = kept_open(st, SOURCE_EVENT, &model);
	ok(has(k, 7), "one is asked for");
	add(k, 500);
	kept_close(k, false);
	is_int(count(501), 201, "unless not all were asked for");
	model.hash[0] ^= 1;
	is_int(count(501), 0, "of another model");
	model.hash[0] ^= 1;
	model.dim--;
	is_int(count(501), 0, "of another dimension");
	model.dim++;
	k = kept_open(st, SOURCE_KB, &model);
	ok(!has(k, 7), "of another index");
	kept_close(k, true);
	kept_remove(st, SOURCE_EVENT);
	is_int(count(501), 0, "removed");
	kept_remove(st, SOURCE_EVENT);
}

static void
rewrite(const char *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	if (f == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0)
		exit(2);
}

static void
damage(void)
{
	struct buf b = BUF_INIT;
	size_t i, bad = 0;

	fill(4);
	if (buf_read_file(&b, path, 1 << 20, &e) < 0)
		exit(2);
	for (i = 0; i < b.len; i++) {
		b.p[i] ^= 1 << i % 8;
		rewrite(b.p, b.len);
		bad += count(4) != 0;
		b.p[i] ^= 1 << i % 8;
		rewrite(b.p, i);
		bad += count(4) != 0;
	}
	rewrite(b.p, b.len);
	is_int((int64_t)bad, 0, "a bit is wrong, or it is cut off: none");
	is_int(count(4), 4, "whole again");
	buf_addc(&b, 'x');
	rewrite(b.p, b.len);
	is_int(count(4), 0, "too long");
	buf_release(&b);
}

int
main(void)
{
	char *dir;

	temp_begin();
	st = temp_open("store", "u", STORE_MAKE);
	dir = indexed_dir(st, SOURCE_EVENT);
	snprintf(path, sizeof path, "%s/kept", dir);
	free(dir);
	use();
	damage();
	store_close(st);
	done();
	return temp_end();
}
