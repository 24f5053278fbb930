#include "base/car.h"

#include <assert.h>
#include <string.h>

#define SECTION (CID_BYTES + DAGPB_BLOCK)	/* longest */
#define HEADER ((size_t)1024)			/* longest */

/* {"roots": [...], "version": 1}: keys in their order, each value in the only
 * form that it may have; a CID is tag 42 with a byte of 0 before it. */
#define MAP2 "\242"
#define ROOTS "\145roots"
#define ARRAY 0x80
#define CID_TAG "\330\052\130\045\000"
#define VERSION1 "\147version\001"

#define ADD(b, s) buf_add(b, s, sizeof s - 1)

/* --- writing ----------------------------------------------------------- */

void
car_header(struct buf *b, const struct cid *roots, size_t n)
{
	struct buf h = BUF_INIT;
	uint8_t cid[CID_BYTES];
	size_t i;

	assert(n < CAR_ROOTS);
	ADD(&h, MAP2);
	ADD(&h, ROOTS);
	buf_addc(&h, ARRAY | (int)n);
	for (i = 0; i < n; i++) {
		ADD(&h, CID_TAG);
		cid_write(&roots[i], cid);
		buf_add(&h, cid, sizeof cid);
	}
	ADD(&h, VERSION1);
	varint_add(b, h.len);
	buf_add(b, h.p, h.len);
	buf_release(&h);
}

void
car_block(struct buf *b, const struct cid *c, size_t n)
{
	uint8_t cid[CID_BYTES];

	varint_add(b, CID_BYTES + n);
	cid_write(c, cid);
	buf_add(b, cid, sizeof cid);
}

size_t
car_block_len(size_t n)
{
	return varint_len(CID_BYTES + n) + CID_BYTES;
}

/* --- reading ----------------------------------------------------------- */

static int
wrong(const char *what, struct err *e)
{
	return err_set(e, ERR_INPUT, "it is no CAR of version 1: %s", what);
}

struct in {
	const uint8_t *p;
	size_t left;
};

static bool
passed(struct in *in, const char *s, size_t n)
{
	if (in->left < n || memcmp(in->p, s, n) != 0)
		return false;
	in->p += n;
	in->left -= n;
	return true;
}
#define PASSED(in, s) passed(in, s, sizeof s - 1)

static int
read_header(struct car_read *r, struct in in, struct err *e)
{
	struct cid roots[CAR_ROOTS];
	size_t i, n, used;

	if (!PASSED(&in, MAP2) || !PASSED(&in, ROOTS) || in.left == 0)
		return wrong("its header has no roots", e);
	if ((in.p[0] & 0xf0) != ARRAY)
		return wrong("its header has too many roots", e);
	n = in.p[0] & 15;
	in.p++;
	in.left--;
	for (i = 0; i < n; i++) {
		/* 37 bytes: a CID of version 0 has 35 */
		if (PASSED(&in, CID_TAG))
			used = CID_BYTES;
		else if (PASSED(&in, "\330\052\130\043\000"))
			used = CID_BYTES - 2;
		else
			return wrong("a root is no CID that we know", e);
		if (in.left < used)
			return wrong("its header breaks off", e);
		if (cid_read(&roots[i], in.p, used, &used, e) < 0)
			return err_add(e, "a root");
		in.p += used;
		in.left -= used;
	}
	if (!PASSED(&in, VERSION1) || in.left > 0)
		return wrong("its header does not say version 1, and no "
		    "more", e);
	return r->roots == NULL ? 0 : r->roots(r->arg, roots, n, e);
}

static int
read_block(struct car_read *r, struct in in, struct err *e)
{
	struct cid c;
	size_t used;

	if (cid_read(&c, in.p, in.left, &used, e) < 0)
		return err_add(e, "a block");
	in.p += used;
	in.left -= used;
	if (in.left > DAGPB_BLOCK)
		return wrong("a block is too long", e);
	if (cid_check(&c, in.p, in.left, e) < 0)
		return -1;
	return r->block == NULL ? 0 :
	    r->block(r->arg, &c, in.p, in.left, e);
}

/* A section is whole. */
static int
section(struct car_read *r, const void *p, struct err *e)
{
	struct in in = { p, (size_t)r->want };

	r->want = 0;
	if (r->headed)
		return read_block(r, in, e);
	r->headed = true;
	return read_header(r, in, e);
}

/* The length of the next one.  1; 0: it is not all there. */
static int
length(struct car_read *r, struct in *in, struct err *e)
{
	uint8_t one;
	int n = 0;

	while (n == 0 && in->left > 0) {
		one = *in->p++;
		in->left--;
		buf_add(&r->part, &one, 1);
		n = varint_read(r->part.p, r->part.len, &r->want);
	}
	if (n == 0)
		return 0;
	buf_reset(&r->part);
	if (n < 0 || r->want == 0 || r->want > (r->headed ? SECTION : HEADER))
		return wrong("a section has no length that it may have", e);
	return 1;
}

int
car_read_add(struct car_read *r, const void *p, size_t n, struct err *e)
{
	struct in in = { p, n };
	size_t part;
	int got;

	while (in.left > 0) {
		if (r->want == 0 && (got = length(r, &in, e)) < 1)
			return got;
		part = (size_t)r->want - r->part.len;
		if (r->part.len == 0 && in.left >= part) {
			in.left -= part;
			in.p += part;
			if (section(r, in.p - part, e) < 0)
				return -1;
			continue;
		}
		if (part > in.left)
			part = in.left;
		buf_add(&r->part, in.p, part);
		in.p += part;
		in.left -= part;
		if (r->part.len < r->want)
			return 0;
		if (section(r, r->part.p, e) < 0)
			return -1;
		buf_reset(&r->part);
	}
	return 0;
}

int
car_read_end(struct car_read *r, struct err *e)
{
	if (!r->headed || r->want > 0 || r->part.len > 0)
		return wrong("it breaks off", e);
	return 0;
}

void
car_read_init(struct car_read *r)
{
	memset(r, 0, sizeof *r);
	buf_init(&r->part);
}

void
car_read_release(struct car_read *r)
{
	buf_release(&r->part);
}
