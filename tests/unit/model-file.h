/*
 * Models for tests: the real one of this source tree, and small ones made
 * from a list of pieces by the description in index/model.h alone.
 */
#ifndef TESTS_MODEL_FILE_H
#define TESTS_MODEL_FILE_H

#include "base/buf.h"
#include "base/crc.h"
#include "base/hash.h"
#include "index/le.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* MEM_MODEL, or share/model beside tests/unit of this file. */
static inline const char *
real_model(void)
{
	static char path[4096];
	const char *s = getenv("MEM_MODEL"), *here = __FILE__;
	const char *end = strstr(here, "tests/unit/");

	if (s != NULL)
		return s;
	snprintf(path, sizeof path, "%.*sshare/model/minilm-256.model",
	    end == NULL ? 0 : (int)(end - here), here);
	return path;
}

struct model_entry {
	const char *text;
	uint32_t id;
};

static inline int
model_entry_order(const void *a, const void *b)
{
	return strcmp(((const struct model_entry *)a)->text,
	    ((const struct model_entry *)b)->text);
}

static inline void
model_add32(struct buf *b, uint32_t x)
{
	uint8_t p[4];

	le32_put(p, x);
	buf_add(b, p, 4);
}

static inline void
model_pad(struct buf *b)
{
	while (b->len % 4096 != 0)
		buf_addc(b, 0);
}

/* The entries of one list, behind their table of first bytes. */
static inline void
model_index(struct buf *b, struct buf *text, const char *const *piece,
    size_t n, int tails)
{
	struct model_entry *x = calloc(n + 1, sizeof *x);
	uint32_t first[257] = { 0 };
	size_t i, m = 0;

	for (i = 0; i < n; i++)
		if ((strncmp(piece[i], "##", 2) == 0) == tails)
			x[m++] = (struct model_entry){
			    piece[i] + (tails ? 2 : 0), (uint32_t)i };
	qsort(x, m, sizeof *x, model_entry_order);
	for (i = 0; i < m; i++)
		first[(unsigned char)x[i].text[0] + 1]++;
	for (i = 0; i < 257; i++) {
		first[i] += i > 0 ? first[i - 1] : 0;
		model_add32(b, first[i]);
	}
	for (i = 0; i < m; i++) {
		model_add32(b, (uint32_t)(text->len << 8 |
		    strlen(x[i].text)));
		model_add32(b, x[i].id);
		buf_adds(text, x[i].text);
	}
	free(x);
}

/*
 * A model of these pieces ("##" goes on a word), in the buffer; dimension
 * 64, scale .5, weight 1, component k of piece i is (7 i + 3 k) % 23 - 11.
 */
static inline void
small_model(struct buf *out, const char *const *piece, size_t n,
    uint32_t unknown)
{
	struct buf part[4] = { BUF_INIT, BUF_INIT, BUF_INIT, BUF_INIT };
	struct buf body = BUF_INIT, sums = BUF_INIT;
	uint8_t head[4096] = { 0 }, row[8];
	size_t i, k;

	lef_put(row, .5f);
	lef_put(row + 4, 1);
	for (i = 0; i < n; i++) {
		buf_add(&part[0], row, 8);
		for (k = 0; k < 64; k++)
			buf_addc(&part[0],
			    (int)((7 * i + 3 * k) % 23) - 11);
	}
	model_index(&part[1], &part[3], piece, n, 0);
	model_index(&part[2], &part[3], piece, n, 1);
	for (i = 0; i < 4; i++) {
		le64_put(head + 124 + 16 * i, 4096 + body.len);
		le64_put(head + 132 + 16 * i, part[i].len);
		buf_add(&body, part[i].p, part[i].len);
		model_pad(&body);
		buf_release(&part[i]);
	}
	for (i = 0; i < body.len; i += 4096)
		model_add32(&sums, crc32c(0, body.p + i, 4096));
	memcpy(head, "MKMODEL\n", 8);
	le32_put(head + 8, 1);
	le32_put(head + 12, (uint32_t)n);
	le32_put(head + 16, 64);
	le32_put(head + 20, unknown);
	le32_put(head + 24, crc32c(0, sums.p, sums.len));
	memcpy(head + 28, "small", 5);
	hash_mem(body.p, body.len, head + 92);
	le64_put(head + 188, 4096 + body.len);
	le64_put(head + 196, sums.len);
	le32_put(head + 4092, crc32c(0, head, 4092));
	buf_reset(out);
	buf_add(out, head, sizeof head);
	buf_add(out, body.p, body.len);
	buf_add(out, sums.p, sums.len);
	buf_release(&body);
	buf_release(&sums);
}

static inline void
put_file(const char *path, const void *p, size_t n)
{
	FILE *f = fopen(path, "wb");

	if (f == NULL || fwrite(p, 1, n, f) != n || fclose(f) != 0) {
		perror(path);
		exit(2);
	}
}

#endif
