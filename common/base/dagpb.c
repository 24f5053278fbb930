#include "base/dagpb.h"

#include "base/alloc.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A field's key in Protocol Buffers: its number, and whether a number or
 * bytes follow. */
#define NUMBER(f) ((f) << 3 | 0)
#define BYTES(f) ((f) << 3 | 2)

/* --- writing ----------------------------------------------------------- */

void
dagpb_add_link(struct buf *b, const struct dagpb_link *l)
{
	uint8_t cid[CID_BYTES];
	size_t n = 1 + 1 + CID_BYTES + 1 + varint_len(l->nname) + l->nname +
	    1 + varint_len(l->tsize);

	cid_write(&l->cid, cid);
	buf_addc(b, BYTES(2));
	varint_add(b, n);
	buf_addc(b, BYTES(1));
	buf_addc(b, CID_BYTES);
	buf_add(b, cid, sizeof cid);
	buf_addc(b, BYTES(2));		/* an empty name is written, too */
	varint_add(b, l->nname);
	buf_add(b, l->name, l->nname);
	buf_addc(b, NUMBER(3));
	varint_add(b, l->tsize);
}

void
dagpb_add_data(struct buf *b, const void *p, size_t n)
{
	buf_addc(b, BYTES(1));
	varint_add(b, n);
	buf_add(b, p, n);
}

void
unixfs_data_add(struct buf *b, const struct unixfs_data *d)
{
	size_t i;

	buf_addc(b, NUMBER(1));
	buf_addc(b, d->type);
	if (d->type != UNIXFS_FILE)
		return;
	buf_addc(b, NUMBER(3));
	varint_add(b, d->size);
	for (i = 0; i < d->n; i++) {
		buf_addc(b, NUMBER(4));
		varint_add(b, d->sizes[i]);
	}
}

/* --- reading ----------------------------------------------------------- */

struct in {
	const uint8_t *p;	/* where it is */
	size_t left;
};

static int
wrong(const char *what, struct err *e)
{
	return err_set(e, ERR_INPUT, "the block is no node of a file: %s",
	    what);
}

/* Is this the next field?  Then it is behind its key. */
static bool
field(struct in *in, uint8_t key)
{
	if (in->left == 0 || in->p[0] != key)
		return false;
	in->p++;
	in->left--;
	return true;
}

static int
number(struct in *in, uint64_t *v, struct err *e)
{
	int n = varint_read(in->p, in->left, v);

	if (n <= 0)
		return wrong("a number is wrong", e);
	in->p += n;
	in->left -= (size_t)n;
	return 0;
}

static int
bytes(struct in *in, struct in *out, struct err *e)
{
	uint64_t n;

	if (number(in, &n, e) < 0)
		return -1;
	if (n > in->left)
		return wrong("it ends too early", e);
	out->p = in->p;
	out->left = (size_t)n;
	in->p += n;
	in->left -= (size_t)n;
	return 0;
}

static int
read_link(struct in in, struct dagpb_link *l, struct err *e)
{
	struct in part;
	size_t used;

	if (!field(&in, BYTES(1)))
		return wrong("a link has no CID", e);
	if (bytes(&in, &part, e) < 0)
		return -1;
	if (cid_read(&l->cid, part.p, part.left, &used, e) < 0)
		return err_add(e, "a link of a node");
	if (used != part.left)
		return wrong("a link's CID is too long", e);
	if (!field(&in, BYTES(2)))
		return wrong("a link has no name", e);
	if (bytes(&in, &part, e) < 0)
		return -1;
	l->name = (const char *)part.p;
	l->nname = part.left;
	if (!field(&in, NUMBER(3)))
		return wrong("a link has no size", e);
	if (number(&in, &l->tsize, e) < 0)
		return -1;
	return in.left == 0 ? 0 : wrong("a link has more than it should", e);
}

static int
read_links(struct in *in, struct dagpb *d, struct err *e)
{
	struct in part;
	size_t cap = 0;

	while (field(in, BYTES(2))) {
		if (d->n == DAGPB_LINKS)
			return wrong("it has too many links", e);
		if (bytes(in, &part, e) < 0)
			return -1;
		d->links = xgrow(d->links, d->n, &cap, sizeof *d->links);
		if (read_link(part, &d->links[d->n], e) < 0)
			return -1;
		d->n++;
	}
	return 0;
}

int
dagpb_read(struct dagpb *out, const void *p, size_t n, struct err *e)
{
	struct dagpb d = { .links = NULL };
	struct in in = { p, n }, part = { NULL, 0 };
	int r;

	if (n > DAGPB_BLOCK)
		return wrong("it is larger than a block may be", e);
	r = read_links(&in, &d, e);
	if (r == 0 && field(&in, BYTES(1)))
		r = bytes(&in, &part, e);
	if (r == 0 && in.left > 0)
		r = wrong("it has more than links and data", e);
	if (r < 0) {
		dagpb_release(&d);
		return -1;
	}
	d.data = part.p;
	d.ndata = part.left;
	*out = d;
	return 0;
}

void
dagpb_release(struct dagpb *d)
{
	free(d->links);
	d->links = NULL;
	d->n = 0;
}

static int
read_sizes(struct in *in, struct unixfs_data *d, struct err *e)
{
	uint64_t sum = 0, v;
	size_t cap = 0;

	if (!field(in, NUMBER(3)))
		return wrong("a file without a size", e);
	if (number(in, &d->size, e) < 0)
		return -1;
	while (field(in, NUMBER(4))) {
		if (d->n == DAGPB_LINKS)
			return wrong("it has too many sizes", e);
		if (number(in, &v, e) < 0)
			return -1;
		if (v == 0 || v > d->size - sum)
			return wrong("its sizes are not those of its parts",
			    e);
		sum += v;
		d->sizes = xgrow(d->sizes, d->n, &cap, sizeof *d->sizes);
		d->sizes[d->n++] = v;
	}
	if (sum != d->size)
		return wrong("its sizes are not those of its parts", e);
	return 0;
}

int
unixfs_data_read(struct unixfs_data *out, const void *p, size_t n,
    struct err *e)
{
	struct unixfs_data d = { .sizes = NULL };
	struct in in = { p, n };
	uint64_t type;
	int r = 0;

	if (!field(&in, NUMBER(1)))
		return wrong("it does not say of what type it is", e);
	if (number(&in, &type, e) < 0)
		return -1;
	if (type != UNIXFS_FILE && type != UNIXFS_DIRECTORY)
		return wrong("it is neither a file nor a folder", e);
	d.type = (enum unixfs_type)type;
	if (d.type == UNIXFS_FILE)
		r = read_sizes(&in, &d, e);
	if (r == 0 && in.left > 0)
		r = wrong("it says more than sizes", e);
	if (r < 0) {
		unixfs_data_release(&d);
		return -1;
	}
	*out = d;
	return 0;
}

void
unixfs_data_release(struct unixfs_data *d)
{
	free(d->sizes);
	d->sizes = NULL;
	d->n = 0;
}
