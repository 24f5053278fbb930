#include "sync/artifact_place.h"

#include "artifact/artifact_drop.h"
#include "artifact/artifact_merge.h"
#include "artifact/artifacts.h"
#include "base/alloc.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

void
artifact_coming_release(struct artifact_coming *c)
{
	artifact_release(&c->a);
	free(c->path);
	memset(c, 0, sizeof *c);
}

bool
artifact_is_away(const struct artifact *a)
{
	return a->provider == ARTIFACT_LOCAL && a->has_sum &&
	    ((a->state == ARTIFACT_STORED && !a->here) ||
	    a->state == ARTIFACT_UNAVAILABLE);
}

int
artifact_by_twin(struct artifacts *ar, const struct artifact *a,
    struct err *e)
{
	struct db *db = ar->st->db;
	int r;

	if (a->state == ARTIFACT_UNAVAILABLE ||
	    (r = artifact_has_here(ar->st, a->object, a->sum, e)) == 0)
		return 0;
	if (r < 0 || tx_begin(db, e) < 0)
		return -1;
	return tx_end(db, artifact_came(ar->st, a, e), e);
}

/* --- into place -------------------------------------------------------- */

static int
note_all(struct artifacts *ar, struct artifact_coming *v, size_t n,
    struct err *e)
{
	struct artifact_byte note = { .provider = ARTIFACT_LOCAL };
	size_t i;
	int r = 0;

	if (tx_begin(ar->st->db, e) < 0)
		return -1;
	for (i = 0; r == 0 && i < n; i++) {
		note.artifact = v[i].a.seq;
		note.object = v[i].a.object;
		if (v[i].came)
			r = artifact_byte_add(ar->st, &note, &v[i].noted, e);
	}
	return tx_end(ar->st->db, r, e);
}

/* Older bytes lie there that no row has any more: 1 they are away. */
static int
make_room(struct artifacts *ar, struct blob_provider *local,
    const struct artifact *a, struct err *e)
{
	struct blob b = { .key = a->object };
	int r = artifact_has_here(ar->st, a->object, NULL, e);

	/* what was not found, or is damaged, is none */
	if (r == 1 && a->state == ARTIFACT_UNAVAILABLE)
		r = 0;
	if (r != 0)
		return r < 0 ? -1 : 0;
	if (local->kind->drop(local->p, &b, 1, e) < 0)
		return -1;
	if (b.r < 0)
		*e = b.err;
	return b.r < 0 ? -1 : 1;
}

/* What became of one; where other bytes are in its way, once more. */
static int
place_one(struct artifacts *ar, struct blob_provider *local,
    struct artifact_coming *c, struct blob *b, struct err *e)
{
	int r;

	if (b->r < 0 && b->err.code == ERR_EXISTS) {
		if ((r = make_room(ar, local, &c->a, e)) != 1)
			return r;
		if (local->kind->put(local->p, b, 1, e) < 0)
			return -1;
	}
	c->placed = b->r == 0;
	if (b->r == 0 || b->err.code == ERR_EXISTS)
		return 0;
	*e = b->err;
	return -1;
}

/* All in one put: they are synced together. */
static int
place_all(struct artifacts *ar, struct artifact_coming *v, size_t n,
    struct err *e)
{
	struct artifact_coming **of = xcalloc(n + 1, sizeof *of);
	struct blob *b = xcalloc(n + 1, sizeof *b);
	struct blob_provider *local;
	size_t i, all = 0;
	int r;

	for (i = 0; i < n; i++) {
		if (!v[i].came)
			continue;
		b[all] = (struct blob){ .key = v[i].a.object,
		    .path = v[i].path, .moves = v[i].moves,
		    .size = (uint64_t)v[i].a.osize, .has_sum = true };
		memcpy(b[all].sha256, v[i].a.sum, HASH_LEN);
		of[all++] = &v[i];
	}
	if ((r = artifacts_provider(ar, ARTIFACT_LOCAL, &local, e)) == 0 &&
	    all > 0)
		r = local->kind->put(local->p, b, all, e);
	for (i = 0; r == 0 && i < all; i++)
		r = place_one(ar, local, of[i], &b[i], e);
	free(of);
	free(b);
	return r;
}

static int
say_here(struct artifacts *ar, struct artifact_coming *v, size_t n,
    struct err *e)
{
	size_t i;
	int r = 0;

	if (tx_begin(ar->st->db, e) < 0)
		return -1;
	for (i = 0; r >= 0 && i < n; i++) {
		if (!v[i].placed || (r = artifact_came(ar->st, &v[i].a, e)) !=
		    1)
			continue;
		r = artifact_byte_remove(ar->st, v[i].noted, e);
		v[i].noted = 0;
	}
	return tx_end(ar->st->db, r, e);
}

static int
drop_one(struct artifacts *ar, const struct artifact_coming *c,
    struct err *e)
{
	const struct artifact_byte n = { .seq = c->noted,
	    .artifact = c->a.seq, .provider = ARTIFACT_LOCAL,
	    .object = c->a.object };

	return artifact_drop_noted(ar, &n, e);
}

int
artifact_place(struct artifacts *ar, struct artifact_coming *v, size_t n,
    struct err *e)
{
	size_t i;

	for (i = 0; i < n; i++) {
		v[i].placed = false;
		v[i].noted = 0;
	}
	if (note_all(ar, v, n, e) < 0 || place_all(ar, v, n, e) < 0 ||
	    say_here(ar, v, n, e) < 0)
		return -1;
	for (i = 0; i < n; i++)
		if (v[i].noted != 0 && drop_one(ar, &v[i], e) < 0)
			return -1;
	return 0;
}
