/*
 * Deleting.  A DELETE that names no version only hides the object where the
 * bucket keeps versions, and whether it does may have changed since the put.
 * So it is looked first, the version that is there is deleted, and looked
 * again until there is none: a put whose answer was lost may have made two.
 * MinIO names no version of an object that is older than the versions of its
 * bucket.  Then the answer tells of the mark, and that is deleted with the
 * version "null", which such an object is (S3 User Guide, "Working with objects
 * in a versioning-suspended bucket").
 */
#include "net/blob_s3_own.h"

#include "base/alloc.h"
#include "base/json.h"

#include <stdlib.h>

#define ROUNDS 16	/* versions of one object: more are not ours */

/* Those of v that are not done, in their order. */
static size_t
still(struct blob_s3_one *v, size_t n, const bool *done)
{
	struct blob_s3_one one;
	size_t i, k = 0;

	for (i = 0; i < n; i++) {
		if (done[i])
			continue;
		/* swapped: the keys of all are freed at the end */
		one = v[k];
		v[k] = v[i];
		v[i] = one;
		k++;
	}
	return k;
}

static void
gone(struct blob *b)
{
	b->r = 0;
	b->where = BLOB_ABSENT;
	b->has_sum = false;
}

/* Those that were hidden: the marks, and what is behind them. */
static int
delete_hidden(struct blob_s3 *x, struct blob_s3_one *v, size_t n,
    const struct s3_delete *was, struct err *e)
{
	struct s3_delete *d = xcalloc(2 * n + 1, sizeof *d);
	size_t i, k;
	int r;

	for (i = 0; i < 2 * n; i++) {
		k = i / 2;
		if (was[k].mark[0] == '\0' || was[k].req.r < 0)
			continue;
		d[i].key = v[k].key;
		d[i].version = i % 2 == 0 ? "null" : was[k].mark;
		s3_delete(x->s3, &d[i]);
	}
	r = blob_s3_wait(x, e);
	for (i = 0; i < 2 * n; i++) {
		k = i / 2;
		if (d[i].key == NULL)
			continue;
		if (r < 0)
			s3_req_drop(&d[i].req);
		else if (d[i].req.r < 0 && v[k].b->r == 0)
			blob_s3_failed(v[k].b, &d[i].req.err);
	}
	free(d);
	return r;
}

/* Delete what was found; done: there is nothing more to do with it. */
static int
delete_found(struct blob_s3 *x, struct blob_s3_one *v, size_t n,
    const struct blob_s3_found *f, bool *done, struct err *e)
{
	struct s3_delete *d = xcalloc(n + 1, sizeof *d);
	size_t i;
	int r;

	for (i = 0; i < n; i++) {
		done[i] = v[i].b->r < 0 || v[i].b->where == BLOB_ABSENT;
		if (done[i])
			continue;
		d[i].key = v[i].key;
		d[i].version = f[i].version[0] != '\0' ? f[i].version : NULL;
		s3_delete(x->s3, &d[i]);
	}
	if ((r = blob_s3_wait(x, e)) == 0)
		r = delete_hidden(x, v, n, d, e);
	for (i = 0; i < n; i++) {
		if (done[i])
			continue;
		if (r < 0)
			s3_req_drop(&d[i].req);
		else if (d[i].req.r < 0)
			blob_s3_failed(v[i].b, &d[i].req.err);
		done[i] = v[i].b->r < 0 || (f[i].version[0] == '\0' &&
		    d[i].mark[0] == '\0');
		if (done[i] && v[i].b->r == 0)
			gone(v[i].b);
	}
	free(d);
	return r;
}

/* One round: how many are left, or -1. */
static int
look_and_delete(struct blob_s3 *x, struct blob_s3_one *v, size_t *n,
    struct err *e)
{
	struct blob_s3_found *f = xcalloc(*n + 1, sizeof *f);
	bool *done = xcalloc(*n + 1, sizeof *done);
	size_t i;
	int r = blob_s3_look(x, v, *n, f, e);

	if (r == 0)
		r = delete_found(x, v, *n, f, done, e);
	if (r == 0) {
		*n = still(v, *n, done);
		/* what is there now, whichever it is */
		for (i = 0; i < *n; i++)
			v[i].version = NULL;
	}
	free(done);
	free(f);
	return r;
}

/* One that was put as a whole left nothing behind. */
static void
abort_uploads(struct blob_s3 *x, struct blob_s3_one *v, size_t n)
{
	struct err e;
	size_t i;

	for (i = 0; i < n; i++)
		if (v[i].b->r == 0 && get_str(v[i].b->said, "etag", NULL) ==
		    NULL && blob_s3_abort(x, v[i].key, &e) < 0)
			blob_s3_failed(v[i].b, &e);
}

int
blob_s3_drop(void *self, struct blob *b, size_t n, struct err *e)
{
	struct blob_s3 *x = self;
	size_t all, left, i;
	struct blob_s3_one *v = blob_s3_ones(x, b, n, &all);
	int round, r = 0;

	left = all;
	for (round = 0; r == 0 && left > 0 && round < ROUNDS; round++)
		r = look_and_delete(x, v, &left, e);
	for (i = 0; r == 0 && i < left; i++)
		v[i].b->r = err_set(&v[i].b->err, ERR_BUSY, "'%.150s' is "
		    "there again and again", v[i].key);
	if (r == 0)
		abort_uploads(x, v, all);
	blob_s3_ones_free(v, all);
	return r;
}
