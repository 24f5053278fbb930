/*
 * "MEMKEPT1", the model's hash, dimension, number of entries; entries by
 * their keys: 16 bytes of a SHA-256, scale, components; CRC-32C.
 */
#include "search/kept.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/crc.h"
#include "base/file.h"
#include "base/hash.h"
#include "index/blockfile.h"
#include "index/le.h"
#include "search/indexed.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAGIC "MEMKEPT1"
#define HEAD (8 + HASH_LEN + 4 + 4)
#define KEY 16
#define ENTRY(wide) (KEY + 4 + (wide))
#define ENTRIES 16384
#define BYTES ((size_t)80 << 20)	/* more than a search keeps */

struct kept {
	char *path;			/* own */
	struct blockfile_key key;
	bool no_key;			/* it could not be had */
	const struct vector_model *model;	/* borrowed */
	size_t entry;			/* bytes */
	struct buf file;		/* as it was read */
	const char *old;		/* its entries */
	size_t n;
	struct buf seen;		/* entries asked for, or made */
	bool made;
};

static char *
path_of(const struct store *st, enum source source)
{
	struct buf b = BUF_INIT;
	char *dir = indexed_dir(st, source);

	file_join(&b, dir, "kept");
	free(dir);
	return buf_steal(&b);
}

/* Is it whole, and of this model? */
static bool
is_good(const struct kept *k, const char *p, size_t len)
{
	uint32_t n;

	if (len < HEAD + 4 || memcmp(p, MAGIC, 8) != 0 ||
	    memcmp(p + 8, k->model->hash, HASH_LEN) != 0 ||
	    le32_get(p + 8 + HASH_LEN) != k->model->dim)
		return false;
	n = le32_get(p + HEAD - 4);
	return n <= ENTRIES && len == HEAD + n * k->entry + 4 &&
	    le32_get(p + len - 4) == crc32c(0, p, len - 4);
}

struct kept *
kept_open(struct store *st, enum source source,
    const struct vector_model *model)
{
	struct kept *k = xcalloc(1, sizeof *k);
	struct err ignored;

	k->path = path_of(st, source);
	k->model = model;
	k->entry = ENTRY(vector_wide(model));
	buf_init(&k->file);
	buf_init(&k->seen);
	k->no_key = indexed_seal(st, source, &k->key, &ignored) < 0;
	if (!k->no_key && blockfile_get(&k->file, k->path, BYTES, &k->key,
	    &ignored) == 0 &&
	    is_good(k, k->file.p, k->file.len)) {
		k->old = k->file.p + HEAD;
		k->n = le32_get(k->file.p + HEAD - 4);
	}
	return k;
}

static int
by_key(const void *a, const void *b)
{
	return memcmp(a, b, KEY);
}

/* Entries, sorted, each once, into a file's bytes. */
static void
put_entries(struct buf *out, const struct kept *k, struct buf *entries)
{
	size_t i, all = entries->len / k->entry;
	const char *p = entries->p, *last = NULL;
	uint8_t number[4];
	uint32_t n = 0;

	if (all > 0)
		qsort(entries->p, all, k->entry, by_key);
	buf_add(out, MAGIC, 8);
	buf_add(out, k->model->hash, HASH_LEN);
	le32_put(number, k->model->dim);
	buf_add(out, number, 4);
	buf_add(out, number, 4);	/* of entries, once it is known */
	for (i = 0; i < all && n < ENTRIES; i++, p += k->entry) {
		if (last != NULL && memcmp(last, p, KEY) == 0)
			continue;
		buf_add(out, p, k->entry);
		last = p;
		n++;
	}
	le32_put(out->p + HEAD - 4, n);
	le32_put(number, crc32c(0, out->p, out->len));
	buf_add(out, number, 4);
}

static void
save(struct kept *k)
{
	struct buf b = BUF_INIT, dir = BUF_INIT;
	struct err ignored;	/* then they are made again */

	put_entries(&b, k, &k->seen);
	/* there may be no index yet */
	buf_add(&dir, k->path, (size_t)(strrchr(k->path, '/') - k->path));
	if (b.len <= BYTES && file_mkdirs(dir.p, 0700, &ignored) == 0)
		blockfile_replace(k->path, b.p, b.len, &k->key, &ignored);
	buf_release(&dir);
	buf_release(&b);
}

void
kept_close(struct kept *k, bool all)
{
	if (k == NULL)
		return;
	if (!all)
		buf_add(&k->seen, k->old, k->n * k->entry);
	if (k->made && !k->no_key)
		save(k);
	buf_release(&k->file);
	buf_release(&k->seen);
	free(k->path);
	mem_wipe(k, sizeof *k);
	free(k);
}

int
kept_find(struct kept *k, const char *text, size_t len, int8_t *q,
    float *scale)
{
	uint8_t key[HASH_LEN];
	const char *p;

	if (k->n == 0)
		return 0;
	hash_mem(text, len, key);
	p = bsearch(key, k->old, k->n, k->entry, by_key);
	if (p == NULL)
		return 0;
	*scale = lef_get(p + KEY);
	memcpy(q, p + KEY + 4, k->entry - KEY - 4);
	buf_add(&k->seen, p, k->entry);
	return 1;
}

void
kept_add(struct kept *k, const char *text, size_t len, const int8_t *q,
    float scale)
{
	uint8_t key[HASH_LEN], number[4];

	hash_mem(text, len, key);
	lef_put(number, scale);
	buf_add(&k->seen, key, KEY);
	buf_add(&k->seen, number, 4);
	buf_add(&k->seen, q, k->entry - KEY - 4);
	k->made = true;
}

void
kept_remove(const struct store *st, enum source source)
{
	char *path = path_of(st, source);

	unlink(path);
	free(path);
}
