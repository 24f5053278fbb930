/*
 * CARs: written and read in pieces of every length; cut, changed at every
 * byte, and headers of others.
 */
#include "tap.h"

#include "base/car.h"
#include "base/unixfs.h"

struct got {
	struct cid root;
	size_t roots, blocks;
	struct hash all;
};

static int
roots(void *arg, const struct cid *c, size_t n, struct err *e)
{
	struct got *g = arg;

	(void)e;
	g->roots = n;
	if (n > 0)
		g->root = c[0];
	return 0;
}

static int
block(void *arg, const struct cid *c, const void *p, size_t n, struct err *e)
{
	struct got *g = arg;

	(void)e;
	(void)c;
	g->blocks++;
	hash_add(&g->all, p, n);
	return 0;
}

static int
read_in(const void *from, size_t n, size_t step, struct got *g, struct err *e)
{
	const char *p = from;
	struct car_read r;
	size_t at, part;
	int rc = 0;

	memset(g, 0, sizeof *g);
	hash_init(&g->all);
	car_read_init(&r);
	r.roots = roots;
	r.block = block;
	r.arg = g;
	for (at = 0; rc == 0 && at < n; at += part) {
		part = n - at < step ? n - at : step;
		rc = car_read_add(&r, p + at, part, e);
	}
	if (rc == 0)
		rc = car_read_end(&r, e);
	car_read_release(&r);
	return rc;
}

static int
add_block(void *arg, const struct cid *c, const void *p, size_t n,
    struct err *e)
{
	struct buf *b = arg;
	size_t was = b->len;

	(void)e;
	car_block(b, c, n);
	if (b->len - was != car_block_len(n))
		printf("# car_block_len is wrong\n");
	buf_add(b, p, n);
	return 0;
}

/* 2000 bytes in 20 leaves, a root */
static void
make(struct buf *car, struct cid *root)
{
	struct buf blocks = BUF_INIT;
	struct unixfs u;
	struct err e = { 0 };
	char p[2000];
	size_t i;

	for (i = 0; i < sizeof p; i++)
		p[i] = (char)(i * 31 + i / 100);
	unixfs_init(&u);
	u.chunk = 100;
	u.block = add_block;
	u.arg = &blocks;
	unixfs_add(&u, p, sizeof p, &e);
	unixfs_end(&u, root, NULL, &e);
	unixfs_release(&u);
	car_header(car, root, 1);
	buf_add(car, blocks.p, blocks.len);
	buf_release(&blocks);
}

static int
hex_header(const char *hex, struct got *g, struct err *e)
{
	uint8_t p[256];
	size_t n = strlen(hex) / 2;

	return hex_decode(p, hex, n) ? read_in(p, n, n, g, e) : -2;
}

#define SUM "7521fe19c374a97759226dc5c0c8e674e73950e81b211f7dd3b6b30883a08a51"

static void
headers(void)
{
	struct err e = { 0 };
	struct got g;

	ok(hex_header("3a" "a265726f6f747381" "d82a582500" "01701220" SUM
	    "6776657273696f6e01", &g, &e) == 0 && g.roots == 1,
	    "a header with one root");
	ok(hex_header("38" "a265726f6f747381" "d82a582300" "1220" SUM
	    "6776657273696f6e01", &g, &e) == 0 && g.roots == 1,
	    "with one of version 0");
	ok(hex_header("11" "a265726f6f747380" "6776657273696f6e01", &g, &e) ==
	    0 && g.roots == 0, "with none");
	/* carv1-basic.car of the specification: roots of dag-cbor */
	ok(hex_header("63a265726f6f747382d82a58250001711220f88bc853804cf294fe4"
	    "17e4fa83028689fcdb1b1592c5102e1474dbc200fab8bd82a5825000171122"
	    "069ea0740f9807a28f4d932c62e7c1c83be055e55072c90266ab3e79df63a3"
	    "65b6776657273696f6e01", &g, &e) < 0 &&
	    strstr(e.msg, "neither raw nor dag-pb") != NULL,
	    "roots of carv1-basic are no file's: %s", e.msg);
#define REFUSED(hex, what) \
	ok(hex_header(hex, &g, &e) == -1 && e.code == ERR_INPUT, what)
	REFUSED("11" "a265726f6f747380" "6776657273696f6e02", "version 2");
	REFUSED("0a" "a16776657273696f6e02", "the first bytes of a CARv2");
	REFUSED("11" "a26776657273696f6e01" "65726f6f747380",
	    "keys in another order");
	REFUSED("12" "a265726f6f74739800" "6776657273696f6e01",
	    "a length longer than it must be");
	REFUSED("13" "bf65726f6f74739fff6776657273696f6e01ff",
	    "lengths that are not said");
	REFUSED("12" "a265726f6f747380" "6776657273696f6e01" "00",
	    "a byte too many");
	REFUSED("00", "no header at all");
	REFUSED("ffff7f", "one that is too long");
}

int
main(void)
{
	struct buf car = BUF_INIT, bad = BUF_INIT;
	struct got whole, g;
	struct err e = { 0 };
	struct cid root;
	uint8_t sum[HASH_LEN], again[HASH_LEN];
	size_t i, step;
	int good = 1, taken = 0;

	headers();
	make(&car, &root);
	ok(read_in(car.p, car.len, car.len, &whole, &e) == 0, "a CAR");
	ok(whole.roots == 1 && cid_same(&whole.root, &root), "its root");
	is_int((int64_t)whole.blocks, 21, "its blocks");
	hash_end(&whole.all, sum);
	for (step = 1; step < 300; step += 1 + step / 9) {
		good &= read_in(car.p, car.len, step, &g, &e) == 0 &&
		    g.blocks == 21;
		hash_end(&g.all, again);
		good &= memcmp(sum, again, sizeof sum) == 0;
	}
	ok(good, "in pieces of any length");
	/* what is cut between two blocks has fewer, all else is told */
	for (i = 0; i < car.len; i++)
		taken += read_in(car.p, i, 64, &g, &e) == 0;
	is_int(taken, 21, "cut anywhere but between two blocks: told");
	buf_add(&bad, car.p, car.len);
	for (i = 0, taken = 0; i < bad.len; i++) {
		bad.p[i] ^= 1;
		if (read_in(bad.p, bad.len, 512, &g, &e) == 0 &&
		    cid_same(&g.root, &root)) {
			taken++;
			printf("# byte %zu\n", i);
		}
		bad.p[i] ^= 1;
	}
	is_int(taken, 0, "a bit that changed is told");
	buf_release(&car);
	buf_release(&bad);
	return done();
}
