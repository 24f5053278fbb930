/*
 * Files as blocks: CIDs that the tests of Kubo and js-ipfs-unixfs publish, a
 * tree made otherwise, any pieces that the bytes come in, any range of them,
 * and nodes that lie.
 */
#include "tap.h"
#include "blocks.h"
#include "chacha.h"

#include "base/car.h"
#include "base/unixfs.h"

#include <unistd.h>

static void
is_cid(const struct cid *c, const char *want, const char *what)
{
	char text[CID_TEXT];

	cid_text(c, text);
	is_str(text, want, "%s", what);
}

static struct cid
root_of(const uint8_t *p, size_t n)
{
	struct unixfs u;
	struct cid c = { .codec = CID_RAW };
	struct err e = { 0 };

	unixfs_init(&u);
	if (unixfs_add(&u, p, n, &e) < 0 || unixfs_end(&u, &c, NULL, &e) < 0)
		printf("# %s\n", e.msg);
	unixfs_release(&u);
	return c;
}

/* Kubo, test/cli/cid_profiles_test.go; js-ipfs-unixfs,
 * ipfs-unixfs-importer/test/ipip-499-profiles.spec.ts */
static void
published(void)
{
	size_t n = UNIXFS_CHUNK + 64;
	uint8_t *p = xmalloc(n);
	struct cid c;

	c = root_of((const uint8_t *)"hello world", 11);
	is_cid(&c, "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5"
	    "e", "hello world");
	c = root_of(p, 0);
	is_cid(&c, "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyk"
	    "u", "an empty file");
	chacha_bytes("chunk-v1-seed", 0, p, n);
	c = root_of(p, UNIXFS_CHUNK);
	is_cid(&c, "bafkreiacndfy443ter6qr2tmbbdhadvxxheowwf75s6zehscklu6ezxmt"
	    "a", "a chunk");
	c = root_of(p, UNIXFS_CHUNK + 1);
	is_cid(&c, "bafybeigmix7t42i6jacydtquhet7srwvgpizfg7gjbq7627d35mjomtu6"
	    "4", "a chunk and a byte");
	free(p);
}

/* --- the same tree by recursion, as boxo makes it: slow and obvious ------ */

struct slow {
	const uint8_t *p;
	size_t n, chunk, width, at;
};

static struct dagpb_link
slow_node(struct slow *s, const struct dagpb_link *first, uint64_t first_size,
    int depth, uint64_t *size)
{
	struct dagpb_link l = { .name = "" }, child;
	struct buf b = BUF_INIT, data = BUF_INIT, sizes = BUF_INIT;
	uint64_t below;
	size_t k = 0, part;

	*size = 0;
	if (depth == 0) {
		part = s->n - s->at < s->chunk ? s->n - s->at : s->chunk;
		cid_of(&l.cid, CID_RAW, s->p + s->at, part);
		s->at += part;
		*size = l.tsize = part;
		return l;
	}
	while (k < s->width && (s->at < s->n || (k == 0 && first != NULL))) {
		if (k == 0 && first != NULL) {
			child = *first;
			below = first_size;
		} else {
			child = slow_node(s, NULL, 0, depth - 1, &below);
		}
		k++;
		dagpb_add_link(&b, &child);
		l.tsize += child.tsize;
		*size += below;
		buf_addc(&sizes, 0x20);
		varint_add(&sizes, below);
	}
	buf_addc(&data, 8);
	buf_addc(&data, 2);
	buf_addc(&data, 0x18);
	varint_add(&data, *size);
	buf_add(&data, sizes.p, sizes.len);
	dagpb_add_data(&b, data.p, data.len);
	cid_of(&l.cid, CID_DAG_PB, b.p, b.len);
	l.tsize += b.len;
	buf_release(&b);
	buf_release(&data);
	buf_release(&sizes);
	return l;
}

static struct dagpb_link
slow_root(const uint8_t *p, size_t n, size_t chunk, size_t width)
{
	struct slow s = { p, n, chunk, width, 0 };
	uint64_t size;
	struct dagpb_link root = slow_node(&s, NULL, 0, 0, &size);
	int depth;

	for (depth = 1; s.at < s.n; depth++)
		root = slow_node(&s, &root, size, depth, &size);
	return root;
}

/* --- properties --------------------------------------------------------- */

static uint32_t seed = 12345;

static uint32_t
chance(uint32_t below)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % below;
}

struct want {
	const uint8_t *p;
	uint64_t at, end;
	bool bad;
};

static int
take(void *arg, const void *p, size_t n, struct err *e)
{
	struct want *w = ((struct want **)arg)[1];

	(void)e;
	if (n > w->end - w->at || memcmp(w->p + w->at, p, n) != 0)
		w->bad = true;
	w->at += n;
	return 0;
}

static int
get(void *arg, const struct cid *c, struct buf *b, struct err *e)
{
	return blocks_get(((void **)arg)[0], c, b, e);
}

static int
range(struct blocks *b, const struct cid *root, const uint8_t *p, size_t n,
    uint64_t from, uint64_t len)
{
	struct want w = { p, from, len > n - from ? n : from + len, false };
	void *both[2] = { b, &w };
	struct unixfs_read r = { get, take, both };
	struct err e = { 0 };
	uint64_t size = 0;

	if (unixfs_read(&r, root, from, len, &size, &e) < 0) {
		printf("# %s\n", e.msg);
		return 0;
	}
	return size == n && !w.bad && w.at == w.end;
}

static void
ranges(size_t chunk, size_t width, size_t n)
{
	uint8_t *p = xmalloc(n + 64);
	struct blocks b = { .v = NULL };
	struct unixfs u, sham;
	struct dagpb_link slow;
	struct err e = { 0 };
	struct cid c, c2, none;
	uint64_t tsize, tsize2;
	size_t at, part, i;
	int good = 1;

	for (i = 0; i < n; i++)
		p[i] = (uint8_t)chance(256);
	unixfs_init(&u);
	u.chunk = chunk;
	u.width = width;
	u.block = blocks_put;
	u.arg = &b;
	for (at = 0; at < n; at += part) {
		part = 1 + chance((uint32_t)(3 * chunk));
		if (part > n - at)
			part = n - at;
		unixfs_add(&u, p + at, part, &e);
	}
	unixfs_end(&u, &c, &tsize, &e);
	unixfs_release(&u);
	slow = slow_root(p, n, chunk, width);
	ok(cid_same(&c, &slow.cid) && tsize == slow.tsize && tsize == b.bytes,
	    "%zu bytes in chunks of %zu, %zu links: as made slowly", n, chunk,
	    width);
	unixfs_init(&u);
	unixfs_init(&sham);
	u.chunk = sham.chunk = chunk;
	u.width = sham.width = width;
	unixfs_add(&u, p, n, &e);
	unixfs_end(&u, &c2, NULL, &e);
	unixfs_add(&sham, NULL, n, &e);
	unixfs_end(&sham, &none, &tsize2, &e);
	ok(cid_same(&c, &c2) && tsize2 == tsize,
	    "the same without blocks, and sizes without bytes");
	unixfs_release(&u);
	unixfs_release(&sham);
	good &= range(&b, &c, p, n, 0, UNIXFS_ALL);
	good &= range(&b, &c, p, n, n, 10) && range(&b, &c, p, n, 0, 0);
	for (i = 0; i < 200 && n > 0; i++) {
		at = chance((uint32_t)n);
		good &= range(&b, &c, p, n, at,
		    i % 2 ? chance((uint32_t)(2 * chunk)) : chance((uint32_t)n));
	}
	ok(good, "ranges of it");
	blocks_release(&b);
	free(p);
}

/* A byte of a file with 3 levels takes 3 blocks. */
static void
only_what_is_needed(void)
{
	uint8_t p[1000] = { 0 };
	struct blocks b = { .v = NULL };
	struct want w = { p, 555, 556, false };
	void *both[2] = { &b, &w };
	struct unixfs_read r = { get, take, both };
	struct unixfs u;
	struct err e = { 0 };
	struct cid c;
	size_t i;

	for (i = 0; i < sizeof p; i++)
		p[i] = (uint8_t)(i * 7);
	unixfs_init(&u);
	u.chunk = 10;
	u.width = 10;
	u.block = blocks_put;
	u.arg = &b;
	unixfs_add(&u, p, sizeof p, &e);
	unixfs_end(&u, &c, NULL, &e);
	unixfs_release(&u);
	ok(unixfs_read(&r, &c, 555, 1, NULL, &e) == 0 && w.at == 556 && !w.bad,
	    "one byte");
	is_int((int64_t)b.asked, 3, "is read by three blocks");
	w = (struct want){ p, 0, 0, false };
	ok(unixfs_read(&r, &c, 1001, 1, NULL, &e) < 0 && e.code == ERR_INPUT,
	    "behind the end there is nothing");
	blocks_release(&b);
}

/* --- nodes that lie ----------------------------------------------------- */

static struct cid
node(struct blocks *b, const struct cid *links, const uint64_t *sizes,
    size_t n, size_t nsizes, uint64_t all)
{
	struct unixfs_data d = { .type = UNIXFS_FILE, .size = all, .n = nsizes };
	struct buf out = BUF_INIT, data = BUF_INIT;
	struct dagpb_link l = { .name = "", .tsize = 1 };
	struct err e;
	struct cid c;
	uint64_t copy[8];
	size_t i;

	for (i = 0; i < nsizes; i++)
		copy[i] = sizes[i];
	d.sizes = copy;
	for (i = 0; i < n; i++) {
		l.cid = links[i];
		dagpb_add_link(&out, &l);
	}
	unixfs_data_add(&data, &d);
	dagpb_add_data(&out, data.p, data.len);
	cid_of(&c, CID_DAG_PB, out.p, out.len);
	blocks_put(b, &c, out.p, out.len, &e);
	buf_release(&out);
	buf_release(&data);
	return c;
}

static void
lies(void)
{
	uint8_t p[64] = { 0 };
	struct blocks b = { .v = NULL };
	struct want w = { p, 0, 64, false };
	void *both[2] = { &b, &w };
	struct unixfs_read r = { get, take, both };
	struct buf folder = BUF_INIT;
	struct dagpb_link link = { .name = "f", .nname = 1, .tsize = 3 };
	struct err e = { 0 };
	struct cid leaf, c, two[2];
	uint64_t s3[] = { 3 }, s2[] = { 2 }, s33[] = { 3, 3 }, s30[] = { 3, 0 };
	int i;

	cid_of(&leaf, CID_RAW, "abc", 3);
	blocks_put(&b, &leaf, "abc", 3, &e);
	two[0] = two[1] = leaf;
#define REFUSED(what) do {						\
	w.at = 0;							\
	ok(unixfs_read(&r, &c, 0, UNIXFS_ALL, NULL, &e) < 0 &&		\
	    e.code == ERR_INPUT, what);					\
} while (0)
	c = node(&b, two, s2, 1, 1, 2);
	REFUSED("a leaf is longer than its node says");
	c = node(&b, two, s33, 2, 2, 7);
	REFUSED("parts are less than all");
	c = node(&b, two, s30, 2, 2, 3);
	REFUSED("a part is empty");
	c = node(&b, two, s3, 2, 1, 3);
	REFUSED("a link without a size");
	c = node(&b, two, s33, 1, 2, 6);
	REFUSED("a size without a link");
	c = node(&b, two, s3, 1, 1, 3);
	two[0] = c;
	c = node(&b, two, s33 + 0, 1, 1, 3);
	w.p = (const uint8_t *)"abc";
	w.at = 0;
	ok(unixfs_read(&r, &c, 0, UNIXFS_ALL, NULL, &e) == 0 && w.at == 3,
	    "a node of one link is as good as another");
	two[0] = c;
	s2[0] = 2;
	c = node(&b, two, s2, 1, 1, 2);
	REFUSED("a node is larger than the one above it says");
	for (i = 0, c = leaf; i < 20; i++) {
		two[0] = c;
		c = node(&b, two, s3, 1, 1, 3);
	}
	REFUSED("too many levels");
	link.cid = leaf;
	unixfs_wrap(&folder, &link);
	cid_of(&c, CID_DAG_PB, folder.p, folder.len);
	blocks_put(&b, &c, folder.p, folder.len, &e);
	REFUSED("a folder");
	buf_release(&folder);
	cid_of(&c, CID_RAW, "gone", 4);
	ok(unixfs_read(&r, &c, 0, UNIXFS_ALL, NULL, &e) < 0 &&
	    e.code == ERR_ABSENT, "a block that is not there");
	blocks_release(&b);
}

/* Reading a descriptor, and the bounds of a tree in bytes that nobody has. */
static void
sizes(void)
{
	struct unixfs u;
	struct err e = { 0 };
	struct cid c, d;
	uint64_t tsize = 0, size = 0;
	FILE *f = tmpfile();
	int fd = fileno(f);

	if (write(fd, "hello world", 11) != 11)
		printf("# it cannot be written\n");
	c = root_of((const uint8_t *)"hello world", 11);
	ok(unixfs_cid(fd, "f", &d, &size, &e) == 0 && cid_same(&c, &d) &&
	    size == 11, "of a descriptor, from its beginning");
	fclose(f);
	unixfs_init(&u);
	ok(unixfs_add(&u, NULL, (size_t)5 << 30, &e) == 0 &&
	    unixfs_end(&u, &c, &tsize, &e) == 0 && u.leaves == 5120,
	    "5 GiB: 5120 leaves");
	ok(tsize > UINT64_C(5) << 30 && tsize < (UINT64_C(5) << 30) + 400000,
	    "and nodes of less than 400 kB");
	unixfs_release(&u);
}

int
main(void)
{
	static const size_t n[] = { 0, 1, 9, 10, 11, 29, 30, 31, 89, 90, 91, 99,
	    100, 101, 271, 810, 811, 1000 };
	size_t i;

	published();
	for (i = 0; i < sizeof n / sizeof *n; i++) {
		ranges(10, 3, n[i]);
		ranges(10, 2, n[i]);
	}
	ranges(1000, 10, 123456);
	only_what_is_needed();
	lies();
	sizes();
	return done();
}
