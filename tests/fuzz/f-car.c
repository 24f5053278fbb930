/*
 * CARs: in pieces as the input itself says, the same as at once; every block
 * has the CID that is told.
 */
#include "fuzz.h"

#include "base/car.h"

struct got {
	size_t roots, blocks, bytes;
};

static int
roots(void *arg, const struct cid *c, size_t n, struct err *e)
{
	struct got *g = arg;

	(void)c;
	(void)e;
	g->roots += n + 1;
	return 0;
}

static int
block(void *arg, const struct cid *c, const void *p, size_t n, struct err *e)
{
	struct got *g = arg;

	must(cid_check(c, p, n, e) == 0);
	g->blocks++;
	g->bytes += n;
	return 0;
}

static int
run(const uint8_t *p, size_t len, size_t step, struct got *g)
{
	struct car_read r;
	struct err e = { 0 };
	size_t part;
	int rc = 0;

	car_read_init(&r);
	r.roots = roots;
	r.block = block;
	r.arg = g;
	for (; rc == 0 && len > 0; p += part, len -= part) {
		part = len < step ? len : step;
		rc = car_read_add(&r, p, part, &e);
	}
	if (rc == 0)
		rc = car_read_end(&r, &e);
	must(rc == 0 || e.code == ERR_INPUT);
	car_read_release(&r);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct got once = { 0, 0, 0 }, pieces = { 0, 0, 0 };
	size_t step = len > 0 ? data[len - 1] % 97 + 1 : 1;

	must(run(data, len, len, &once) == run(data, len, step, &pieces));
	must(once.roots == pieces.roots && once.blocks == pieces.blocks &&
	    once.bytes == pieces.bytes);
	must(once.bytes <= len);
	return 0;
}
