#include "sync/snapshot_slot.h"

#include "base/alloc.h"

#include <stdlib.h>
#include <string.h>

#define WAIT_MS 1000

void
snapshot_slots_make(struct snapshot_slots *v, struct remote *remote,
    const struct snapshot_how *how, const struct snapshot *s, void *user)
{
	int i, most = (int)(SNAPSHOT_ROOM / s->piece);

	v->remote = remote;
	v->how = how;
	v->user = user;
	v->n = remote_can(remote)->at_once;
	if (v->n > most)
		v->n = most;
	v->slot = xcalloc((size_t)v->n, sizeof *v->slot);
	for (i = 0; i < v->n; i++) {
		v->slot[i].of = v;
		buf_init(&v->slot[i].key);
		buf_init(&v->slot[i].frame);
	}
}

void
snapshot_slots_release(struct snapshot_slots *v)
{
	struct err ignored;	/* who came to the end has drained them */
	int i;

	for (i = 0; i < v->n; i++) {
		remote_wait(v->remote, &v->slot[i].u.op, &ignored);
		buf_release(&v->slot[i].key);
		buf_release(&v->slot[i].frame);
	}
	free(v->slot);
	v->slot = NULL;
	v->n = 0;
}

static int
go_on(struct snapshot_slots *v, int wait_ms, struct err *e)
{
	if (v->how->stop != NULL && *v->how->stop)
		return err_set(e, ERR_BUSY, "interrupted");
	return remote_step(v->remote, wait_ms, e) < 0 ? -1 : 0;
}

struct snapshot_slot *
snapshot_slots_next(struct snapshot_slots *v, struct err *e)
{
	int i, wait_ms = 0;

	for (;; wait_ms = WAIT_MS) {
		if (go_on(v, wait_ms, e) < 0)
			return NULL;
		for (i = 0; i < v->n; i++)
			if (!v->slot[i].u.op.busy)
				return &v->slot[i];
	}
}

void
snapshot_slot_begin(struct snapshot_slot *x, size_t i, const char *prefix,
    const struct snapshot_piece *piece, void (*done)(struct remote_op *))
{
	x->i = i;
	buf_reset(&x->key);
	snapshot_piece_key(&x->key, prefix, piece->name);
	memset(&x->u, 0, sizeof x->u);
	x->u.op.done = done;
	x->u.op.user = x;
}

void
snapshot_slot_went(struct snapshot_slot *x)
{
	struct snapshot_sums *sums = x->of->how->sums;

	if (sums == NULL)
		return;
	sums->pieces++;
	sums->bytes += x->frame.len;
}

void
snapshot_slot_failed(struct snapshot_slot *x, const struct err *why)
{
	if (!x->of->failed)
		x->of->why = *why;
	x->of->failed = true;
}

int
snapshot_slots_drain(struct snapshot_slots *v, struct err *e)
{
	int i;

	for (i = 0; i < v->n; i++)
		while (v->slot[i].u.op.busy)
			if (go_on(v, WAIT_MS, e) < 0)
				return -1;
	if (v->failed)
		*e = v->why;
	return v->failed ? -1 : 0;
}
