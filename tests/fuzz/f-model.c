/*
 * A small model with bytes of it changed (two bytes of offset, one of value,
 * again and again) and every checksum made right: whatever it says, nothing
 * is read beyond it, and every call ends.
 */
#include "index/embed.h"
#include "index/model.h"
#include "tests/unit/model-file.h"

#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

int	LLVMFuzzerTestOneInput(const uint8_t *, size_t);

/* So that the change is believed. */
static void
make_right(struct buf *b)
{
	uint8_t *p = (uint8_t *)b->p;
	uint64_t sums = le64_get(p + 188), n = le64_get(p + 196), i;

	if (sums <= b->len && n <= b->len - sums && sums % 4096 == 0) {
		for (i = 0; 4 * i + 4 <= n && 4096 * (i + 2) <= sums; i++)
			le32_put(p + sums + 4 * i,
			    crc32c(0, p + 4096 * (i + 1), 4096));
		le32_put(p + 24, crc32c(0, p + sums, (size_t)n));
	}
	le32_put(p + 4092, crc32c(0, p, 4092));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const pieces[] = { "[UNK]", "a", "ab", "b", "##a",
	    "##bb", "." };
	static const char text[] = "a abbb bab. xyz ab";
	static char path[] = "/tmp/memkit-fuzz.XXXXXX";
	static struct embed_bag bag;
	static bool made;
	struct buf b = BUF_INIT;
	struct model *m;
	struct embed *em;
	struct err e;
	float *v;
	int fd;
	size_t i;

	if (!made) {
		if ((fd = mkstemp(path)) < 0)
			abort();
		close(fd);
		made = true;
	}
	small_model(&b, pieces, sizeof pieces / sizeof *pieces, 0);
	for (i = 0; i + 3 <= len; i += 3)
		b.p[((size_t)data[i] << 8 | data[i + 1]) % b.len] =
		    (char)data[i + 2];
	make_right(&b);
	put_file(path, b.p, b.len);
	if (model_open(&m, path, &e) == 0) {
		em = embed_new(m);
		v = malloc(model_dim(m) * sizeof *v);
		if (embed_pieces(em, text, sizeof text - 1, &bag, &e) == 0)
			(void)embed_document(em, &bag, v, &e);
		(void)model_verify(m, &e);
		free(v);
		embed_free(em);
		model_close(m);
	}
	unlink(path);
	buf_release(&b);
	return 0;
}
