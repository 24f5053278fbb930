#include "base/unixfs.h"

#include "base/alloc.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP ((size_t)256 << 10)	/* stays in the cache until hashed */

void
unixfs_init(struct unixfs *u)
{
	memset(u, 0, sizeof *u);
	u->chunk = UNIXFS_CHUNK;
	u->width = UNIXFS_WIDTH;
	buf_init(&u->part);
	buf_init(&u->node);
	hash_init(&u->hash);
}

void
unixfs_release(struct unixfs *u)
{
	size_t i;

	for (i = 0; i < UNIXFS_LEVELS; i++) {
		free(u->level[i].links);
		free(u->level[i].sizes);
	}
	memset(u->level, 0, sizeof u->level);
	buf_release(&u->part);
	buf_release(&u->node);
}

static int
give(struct unixfs *u, const struct cid *c, const void *p, size_t n,
    struct err *e)
{
	return u->block == NULL ? 0 : u->block(u->arg, c, p, n, e);
}

/* --- nodes ------------------------------------------------------------- */

/* All links of a level become a node; that is the link to it. */
static int
close_level(struct unixfs *u, struct unixfs_level *l, struct dagpb_link *out,
    uint64_t *size, struct err *e)
{
	struct unixfs_data d = { .type = UNIXFS_FILE, .sizes = l->sizes,
	    .n = l->n };
	struct dagpb_link up = { .name = "" };
	struct buf data = BUF_INIT;
	size_t i;

	buf_reset(&u->node);
	for (i = 0; i < l->n; i++) {
		dagpb_add_link(&u->node, &l->links[i]);
		d.size += l->sizes[i];
		up.tsize += l->links[i].tsize;
	}
	unixfs_data_add(&data, &d);
	dagpb_add_data(&u->node, data.p, data.len);
	buf_release(&data);
	cid_of(&up.cid, CID_DAG_PB, u->node.p, u->node.len);
	up.tsize += u->node.len;
	*out = up;
	*size = d.size;
	l->n = 0;
	return give(u, &up.cid, u->node.p, u->node.len, e);
}

/* A node is closed when there is one more for it, not when it is full: so the
 * topmost has two links at least (balanced/builder.go of boxo). */
static int
add_link(struct unixfs *u, size_t at, const struct dagpb_link *link,
    uint64_t size, struct err *e)
{
	struct unixfs_level *l = &u->level[at];
	struct dagpb_link up;
	uint64_t up_size;

	if (at == UNIXFS_LEVELS)
		return err_set(e, ERR_INPUT, "the file is too long");
	if (l->links == NULL) {
		l->links = xcalloc(u->width, sizeof *l->links);
		l->sizes = xcalloc(u->width, sizeof *l->sizes);
	}
	if (l->n == u->width &&
	    (close_level(u, l, &up, &up_size, e) < 0 ||
	    add_link(u, at + 1, &up, up_size, e) < 0))
		return -1;
	l->links[l->n] = *link;
	l->sizes[l->n++] = size;
	return 0;
}

/* --- leaves ------------------------------------------------------------ */

static int
close_leaf(struct unixfs *u, struct cid *c, const void *p, size_t n,
    struct err *e)
{
	struct dagpb_link link = { .cid = *c, .name = "", .tsize = n };

	u->have = 0;
	u->leaves++;
	if (give(u, c, p, n, e) < 0)
		return -1;
	return add_link(u, 0, &link, n, e);
}

/* Where nobody wants the bytes they are hashed where they are. */
static int
add_hashed(struct unixfs *u, const uint8_t *p, size_t n, struct err *e)
{
	struct cid c = { .codec = CID_RAW };

	if (p != NULL)
		hash_add(&u->hash, p, n);
	if ((u->have += n) < u->chunk)
		return 0;
	hash_end(&u->hash, c.sum);
	hash_init(&u->hash);
	return close_leaf(u, &c, NULL, u->chunk, e);
}

static int
add_copied(struct unixfs *u, const uint8_t *p, size_t n, struct err *e)
{
	struct cid c;
	int r;

	if (u->have == 0 && n == u->chunk) {	/* a whole one */
		cid_of(&c, CID_RAW, p, n);
		return close_leaf(u, &c, p, n, e);
	}
	buf_add(&u->part, p, n);
	if ((u->have += n) < u->chunk)
		return 0;
	cid_of(&c, CID_RAW, u->part.p, u->part.len);
	r = close_leaf(u, &c, u->part.p, u->part.len, e);
	buf_reset(&u->part);
	return r;
}

int
unixfs_add(struct unixfs *u, const void *from, size_t n, struct err *e)
{
	const uint8_t *p = from;
	size_t part;
	int r;

	assert(u->width >= 2 && u->chunk > 0 && u->chunk <= DAGPB_BLOCK);
	for (; n > 0; n -= part) {
		part = u->chunk - u->have;
		if (part > n)
			part = n;
		if (u->block == NULL || p == NULL)
			r = add_hashed(u, p, part, e);
		else
			r = add_copied(u, p, part, e);
		if (r < 0)
			return -1;
		if (p != NULL)
			p += part;
	}
	return 0;
}

/* The rest of the bytes, or an empty leaf, which an empty file is. */
static int
last_leaf(struct unixfs *u, struct err *e)
{
	struct cid c = { .codec = CID_RAW };

	if (u->have == 0 && u->leaves > 0)
		return 0;
	if (u->part.len > 0)
		cid_of(&c, CID_RAW, u->part.p, u->part.len);
	else
		hash_end(&u->hash, c.sum);
	return close_leaf(u, &c, u->part.len > 0 || u->have == 0 ? u->part.p :
	    NULL, u->have, e);
}

int
unixfs_end(struct unixfs *u, struct cid *root, uint64_t *tsize, struct err *e)
{
	struct unixfs_level *l;
	struct dagpb_link link;
	uint64_t size;
	size_t i;

	if (last_leaf(u, e) < 0)
		return -1;
	link = u->level[0].links[0];	/* a leaf alone is the root */
	for (i = 0; i < UNIXFS_LEVELS && u->leaves > 1; i++) {
		l = &u->level[i];
		if (close_level(u, l, &link, &size, e) < 0)
			return -1;
		if (i + 1 == UNIXFS_LEVELS || u->level[i + 1].n == 0)
			break;
		if (add_link(u, i + 1, &link, size, e) < 0)
			return -1;
	}
	*root = link.cid;
	if (tsize != NULL)
		*tsize = link.tsize;
	return 0;
}

/* --- beside ------------------------------------------------------------ */

int
unixfs_cid(int fd, const char *name, struct cid *c, uint64_t *size,
    struct err *e)
{
	uint8_t *step = xmalloc(STEP);
	struct unixfs u;
	uint64_t all = 0;
	ssize_t n;
	int r = 0;

	unixfs_init(&u);
	while (r == 0 && (n = pread(fd, step, STEP, (off_t)all)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			r = err_sys(e, "cannot read '%s'", name);
		else
			r = unixfs_add(&u, step, (size_t)n, e);
		all += n > 0 ? (uint64_t)n : 0;
	}
	if (r == 0)
		r = unixfs_end(&u, c, NULL, e);
	if (r == 0 && size != NULL)
		*size = all;
	unixfs_release(&u);
	free(step);
	return r;
}

void
unixfs_wrap(struct buf *b, const struct dagpb_link *file)
{
	struct unixfs_data d = { .type = UNIXFS_DIRECTORY };
	struct buf data = BUF_INIT;

	dagpb_add_link(b, file);
	unixfs_data_add(&data, &d);
	dagpb_add_data(b, data.p, data.len);
	buf_release(&data);
}
