/*
 * An index of files, with its checksum made right if the first byte is odd; and
 * the same bytes as a path.
 */
#include "base/buf.h"
#include "base/crc.h"
#include "file/file_index.h"
#include "file/file_path.h"
#include "fuzz.h"
#include "index/le.h"

#include <string.h>

static void
look(const struct file_index *x)
{
	const struct file_entry *a, *b;
	struct err e;
	size_t i;

	for (i = 0; i < x->n; i++) {
		a = &x->v[i];
		must(a->area >= 0 && a->area < FILE_AREAS &&
		    file_path_check(a->path, &e) == 0 && a->stat.size >= 0);
		if (i == 0)
			continue;
		b = &x->v[i - 1];
		must(file_order(b->area, b->path, a->area, a->path) < 0);
	}
}

static void
path(const uint8_t *data, size_t len)
{
	struct buf b = BUF_INIT;
	struct err e;
	char *part;

	buf_add(&b, data, len);
	if (strlen(b.p) == len && file_path_check(b.p, &e) == 0) {
		must(len <= FILE_PATH_MAX);
		for (part = strtok(b.p, "/"); part != NULL;
		    part = strtok(NULL, "/"))
			must(strcmp(part, ".") != 0 &&
			    strcmp(part, "..") != 0 &&
			    strlen(part) <= FILE_PART_MAX);
	}
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct file_index x = FILE_INDEX_INIT;
	struct buf b = BUF_INIT;
	uint8_t sum[4];

	if (len == 0)
		return 0;
	path(data + 1, len - 1);
	buf_add(&b, data + 1, len - 1);
	if (data[0] & 1) {
		le32_put(sum, crc32c(0, b.p, b.len));
		buf_add(&b, sum, sizeof sum);
	}
	if (file_index_parse(&x, &b))
		look(&x);
	file_index_release(&x);
	buf_release(&b);
	return 0;
}
