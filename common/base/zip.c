/*
 * Contexts are made at their first use: a tool that only reads does not
 * pay for the tables of the compressor (about 1 ms).
 */
#include "base/zip.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include <zdict.h>
#include <zstd.h>

#include "base/alloc.h"

#define SAMPLES_MIN	8	/* fewer teach nothing, and zdict divides */

struct zip {
	const void *dict;	/* borrowed */
	size_t dict_len;
	ZSTD_CCtx *cc;		/* own; these four are NULL until needed */
	ZSTD_CDict *cd;
	ZSTD_DCtx *dc;
	ZSTD_DDict *dd;
	int level;		/* of cd or, without a dictionary, of cc */
};

/* zstd allocates for itself; its NULL is treated as ours. */
static void *
need(void *p)
{
	if (p == NULL)
		alloc_fail();
	return p;
}

struct zip *
zip_new(const void *dict, size_t len)
{
	struct zip *z = xcalloc(1, sizeof *z);

	z->dict = dict;
	z->dict_len = len;
	return z;
}

void
zip_free(struct zip *z)
{
	if (z == NULL)
		return;
	ZSTD_freeCCtx(z->cc);
	ZSTD_freeCDict(z->cd);
	ZSTD_freeDCtx(z->dc);
	ZSTD_freeDDict(z->dd);
	free(z);
}

static void
set_param(struct zip *z, ZSTD_cParameter which, int value)
{
	size_t r = ZSTD_CCtx_setParameter(z->cc, which, value);

	assert(!ZSTD_isError(r));
	(void)r;
}

static void
set_level(struct zip *z, int level)
{
	if (z->cc != NULL && z->level == level)
		return;
	if (z->cc == NULL) {
		z->cc = need(ZSTD_createCCtx());
		set_param(z, ZSTD_c_contentSizeFlag, 1);
		set_param(z, ZSTD_c_checksumFlag, 1);
		/* Which dictionary it was, our rows say: 4 bytes less. */
		set_param(z, ZSTD_c_dictIDFlag, 0);
	}
	z->level = level;
	set_param(z, ZSTD_c_compressionLevel, level);
	if (z->dict_len == 0)
		return;
	ZSTD_freeCDict(z->cd);
	z->cd = need(ZSTD_createCDict(z->dict, z->dict_len, level));
	if (ZSTD_isError(ZSTD_CCtx_refCDict(z->cc, z->cd)))
		alloc_fail();
}

void
zip_pack(struct zip *z, struct buf *out, const void *p, size_t len, int level)
{
	size_t bound = ZSTD_compressBound(len), n;
	char *to;

	set_level(z, level);
	to = buf_reserve(out, bound);
	n = ZSTD_compress2(z->cc, to, bound, p, len);
	if (ZSTD_isError(n))
		alloc_fail();	/* there is room for the worst case */
	out->len += n;
	out->p[out->len] = '\0';
}

static void
make_reader(struct zip *z)
{
	if (z->dc != NULL)
		return;
	z->dc = need(ZSTD_createDCtx());
	if (z->dict_len > 0)
		z->dd = need(ZSTD_createDDict(z->dict, z->dict_len));
}

/* Exactly one frame of known size, and not a skippable one. */
static int
check_frame(const void *p, size_t len, size_t max, size_t *size,
    struct err *e)
{
	static const unsigned char magic[4] = { 0x28, 0xb5, 0x2f, 0xfd };
	unsigned long long n;

	if (len < sizeof magic || memcmp(p, magic, sizeof magic) != 0)
		return err_set(e, ERR_CORRUPT, "not a zstd frame");
	n = ZSTD_getFrameContentSize(p, len);
	if (n == ZSTD_CONTENTSIZE_UNKNOWN || n == ZSTD_CONTENTSIZE_ERROR)
		return err_set(e, ERR_CORRUPT,
		    "a zstd frame does not tell its size");
	if (n > max)
		return err_set(e, ERR_CORRUPT,
		    "a zstd frame of %llu bytes is over the limit of %zu",
		    n, max);
	if (ZSTD_findFrameCompressedSize(p, len) != len)
		return err_set(e, ERR_CORRUPT,
		    "a zstd frame is cut off or something follows it");
	*size = (size_t)n;
	return 0;
}

int
zip_unpack(struct zip *z, struct buf *out, const void *p, size_t len,
    size_t max, struct err *e)
{
	size_t size = 0, n;
	char *to;

	if (check_frame(p, len, max, &size, e) < 0)
		return -1;
	make_reader(z);
	to = buf_reserve(out, size);
	n = z->dd == NULL ? ZSTD_decompressDCtx(z->dc, to, size, p, len) :
	    ZSTD_decompress_usingDDict(z->dc, to, size, p, len, z->dd);
	if (n != size) {
		out->p[out->len] = '\0';
		return err_set(e, ERR_CORRUPT,
		    "a zstd frame is damaged, or of another dictionary: %s",
		    ZSTD_isError(n) ? ZSTD_getErrorName(n) : "wrong size");
	}
	out->len += n;
	out->p[out->len] = '\0';
	return 0;
}

int
zip_train(struct buf *out, size_t cap, const void *p, const size_t *len,
    size_t n, struct err *e)
{
	char *to;
	size_t r;

	if (n < SAMPLES_MIN || n > UINT_MAX)
		return err_set(e, ERR_INPUT,
		    "%zu samples are too few or too many for a dictionary", n);
	to = buf_reserve(out, cap);
	r = ZDICT_trainFromBuffer(to, cap, p, len, (unsigned)n);
	if (ZDICT_isError(r)) {
		out->p[out->len] = '\0';
		return err_set(e, ERR_INPUT,
		    "cannot make a dictionary of %zu samples: %s", n,
		    ZDICT_getErrorName(r));
	}
	out->len += r;
	out->p[out->len] = '\0';
	return 0;
}
