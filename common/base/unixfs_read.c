#include "base/unixfs_read.h"

#include <stdbool.h>

/* What of the file is still wanted. */
struct part {
	const struct unixfs_read *r;
	uint64_t from, end;
};

static int	walk(const struct part *, const struct cid *, uint64_t at,
		    uint64_t *size, bool root, int depth, struct err *);

static int
wrong(const char *what, struct err *e)
{
	return err_set(e, ERR_INPUT, "the file is not as it should be: %s",
	    what);
}

/* Bytes that begin at `at`. */
static int
hand_out(const struct part *w, const struct buf *b, uint64_t at,
    struct err *e)
{
	uint64_t from = w->from > at ? w->from - at : 0;
	uint64_t end = w->end - at < b->len ? w->end - at : b->len;

	if (w->end <= at || from >= end)
		return 0;
	return w->r->take(w->r->arg, b->p + from, (size_t)(end - from), e);
}

static int
walk_links(const struct part *w, const struct dagpb *d,
    const struct unixfs_data *u, uint64_t at, int depth, struct err *e)
{
	uint64_t size;
	size_t i;

	for (i = 0; i < d->n && at < w->end; i++) {
		size = u->sizes[i];
		if (at + size > w->from &&
		    walk(w, &d->links[i].cid, at, &size, false, depth + 1, e) <
		    0)
			return -1;
		at += size;
	}
	return 0;
}

static int
walk_node(struct part w, const struct buf *b, uint64_t at, uint64_t *size,
    bool root, int depth, struct err *e)
{
	struct dagpb d = { .links = NULL };
	struct unixfs_data u = { .sizes = NULL };
	int r = dagpb_read(&d, b->p, b->len, e);

	if (r == 0)
		r = unixfs_data_read(&u, d.data, d.ndata, e);
	if (r == 0 && (u.type != UNIXFS_FILE || d.n != u.n))
		r = wrong("a node is no file's", e);
	if (r == 0 && u.size > (uint64_t)INT64_MAX)
		r = wrong("it is too long", e);
	if (r == 0 && root)
		*size = u.size;
	if (r == 0 && *size != u.size)
		r = wrong("a node is of another size", e);
	if (r == 0 && root && w.from > u.size)
		r = err_set(e, ERR_INPUT, "there are only %llu bytes",
		    (unsigned long long)u.size);
	if (r == 0)
		r = walk_links(&w, &d, &u, at, depth, e);
	unixfs_data_release(&u);
	dagpb_release(&d);
	return r;
}

/* What is below a link, which begins at `at`; *size is what it must be, of
 * the root what it is. */
static int
walk(const struct part *w, const struct cid *c, uint64_t at, uint64_t *size,
    bool root, int depth, struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	if (depth > UNIXFS_READ_DEPTH)
		return wrong("it has too many levels", e);
	if ((r = w->r->get(w->r->arg, c, &b, e)) < 0)
		goto out;
	if (c->codec == CID_DAG_PB) {
		r = walk_node(*w, &b, at, size, root, depth, e);
		goto out;
	}
	if (root)
		*size = b.len;
	if (*size != b.len)
		r = wrong("a part is of another size", e);
	else if (root && w->from > b.len)
		r = err_set(e, ERR_INPUT, "there are only %zu bytes", b.len);
	else
		r = hand_out(w, &b, at, e);
out:
	buf_release(&b);
	return r;
}

int
unixfs_read(const struct unixfs_read *r, const struct cid *root,
    uint64_t from, uint64_t len, uint64_t *size, struct err *e)
{
	struct part w = { r, from, len > UINT64_MAX - from ? UINT64_MAX :
	    from + len };
	uint64_t all = 0;

	if (walk(&w, root, 0, &all, true, 0, e) < 0)
		return -1;
	if (size != NULL)
		*size = all;
	return 0;
}
