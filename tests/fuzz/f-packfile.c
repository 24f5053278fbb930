/*
 * Indexes of packs of anybody's bytes: refused, or what was read is written
 * the same, and every file in it lies within its bytes.  They come as they
 * lie there, or, so that the fuzzer need not find zstd, as what is in them.
 */
#include "fuzz.h"

#include "base/zip.h"
#include "sync/packfile.h"

#include <string.h>

static void
look(const struct packfile *p)
{
	uint64_t at = 0;
	size_t i;

	must(p->n > 0 && p->n <= PACK_FILES);
	for (i = 0; i < p->n; i++) {
		must(p->v[i].offset == at && p->v[i].size <= INT64_MAX);
		at += p->v[i].size;
	}
	must(p->bytes == at && at <= INT64_MAX - PACK_INDEX_MAX);
}

static void
try(const void *data, size_t len)
{
	struct packfile p = PACKFILE_INIT, again = PACKFILE_INIT;
	struct buf b = BUF_INIT;
	struct err e = { 0 };

	if (packfile_read(&p, data, len, &e) == 0) {
		look(&p);
		packfile_write(&p, &b);
		must(packfile_read(&again, b.p, b.len, &e) == 0);
		must(again.n == p.n && memcmp(again.v, p.v, p.n *
		    sizeof *p.v) == 0);
	} else
		must((e.code == ERR_CORRUPT || e.code == ERR_VERSION) &&
		    e.msg[0] != '\0');
	packfile_release(&p);
	packfile_release(&again);
	buf_release(&b);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct zip *zip = zip_new(NULL, 0);
	struct buf b = BUF_INIT;

	try(data, len);
	zip_pack(zip, &b, data, len, 1);
	try(b.p, b.len);
	zip_free(zip);
	buf_release(&b);
	return 0;
}
