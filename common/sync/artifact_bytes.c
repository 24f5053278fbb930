#include "sync/artifact_bytes.h"

#include "base/alloc.h"
#include "base/str.h"
#include "sync/pack_get.h"
#include "sync/sync.h"

#include <stdlib.h>
#include <string.h>

#define STEP_MS 1000

struct slot {
	union {
		struct remote_head head;
		struct remote_get get;
	} op;
	struct artifact_bytes *of;
	struct buf key;
	char hex[HASH_HEX + 1];
	bool read;		/* all of it, not only what is said of it */
	enum { FREE, BUSY, DONE } state;
};

struct run {
	struct sync *s;
	struct artifact_bytes *v;
	size_t n, at;
	bool read;
	struct slot *slot;	/* own */
	int nslots;
};

/* --- in packs ---------------------------------------------------------- */

/* For pack_get. */
static int
take(void *arg, size_t i, const void *p, size_t n, uint64_t at,
    struct err *e)
{
	struct artifact_bytes *v = arg;

	return v[i].fd < 0 ? 0 : remote_into_fd(&v[i].fd, p, n, at, e);
}

static int
unpack(struct run *run, struct pack_bad *bad, struct err *e)
{
	struct pack_want *want = xcalloc(run->n + 1, sizeof *want);
	const struct pack_get get = { .want = want, .n = run->n,
	    .take = take, .arg = run->v, .bad = bad };
	size_t i, fetched = 0;
	int r = pack_note_all(run->s, bad, e);

	for (i = 0; r >= 0 && i < run->n; i++) {
		r = pack_want(run->s, &want[i], run->v[i].sum,
		    run->v[i].size, e);
		fetched += run->v[i].fd >= 0;
	}
	if (r >= 0)
		r = fetched > 0 ? pack_get(run->s, &get, e) :
		    pack_prove(run->s, &get, run->read, e);
	for (i = 0; r >= 0 && i < run->n; i++)
		run->v[i].got = want[i].got;
	free(want);
	return r < 0 ? -1 : 0;
}

/* --- objects ----------------------------------------------------------- */

static void
answered(struct remote_op *op)
{
	struct slot *slot = op->user;

	slot->state = DONE;
}

static void
ask(struct run *run, struct slot *slot)
{
	const struct remote_op op = { .done = answered, .user = slot };

	slot->state = BUSY;
	if (slot->read) {
		slot->op.get = (struct remote_get){ .op = op,
		    .key = slot->key.p, .sha256 = slot->of->sum };
		if (slot->of->fd >= 0) {
			slot->op.get.take = remote_into_fd;
			slot->op.get.arg = &slot->of->fd;
		}
		remote_get(run->s->remote, &slot->op.get);
	} else {
		slot->op.head = (struct remote_head){ .op = op,
		    .key = slot->key.p };
		remote_head(run->s->remote, &slot->op.head);
	}
}

static void
start(struct run *run, struct slot *slot)
{
	slot->of = &run->v[run->at++];
	slot->of->absent = false;
	hex_encode(slot->hex, slot->of->sum, HASH_LEN);
	sync_key(run->s, &slot->key, ARTIFACT_BYTES, slot->hex);
	slot->read = run->read || slot->of->fd >= 0 ||
	    !remote_can(run->s->remote)->sums;
	ask(run, slot);
}

/* What a remote says of it: 1 it was judged, 0 it says nothing. */
static int
judge_head(struct slot *slot)
{
	const struct remote_head *h = &slot->op.head;

	slot->of->got = h->size == slot->of->size &&
	    str_eq(h->sha256, slot->hex);
	return h->size != slot->of->size || h->sha256[0] != '\0';
}

static int
finish(struct run *run, struct slot *slot, struct err *e)
{
	const struct remote_op *op = slot->read ? &slot->op.get.op :
	    &slot->op.head.op;
	int r = 1;

	slot->state = FREE;
	if (op->r == 0 && slot->read) {
		slot->of->got = slot->op.get.size == slot->of->size;
		run->s->received += (int64_t)slot->op.get.size;
	} else if (op->r == 0) {
		r = judge_head(slot);
	} else if (op->err.code == ERR_ABSENT || op->err.code == ERR_INPUT) {
		slot->of->absent = op->err.code == ERR_ABSENT;
	} else {
		*e = op->err;
		return err_add(e, "cannot get '%s'", slot->key.p);
	}
	if (!slot->read)
		strv_release(&slot->op.head.meta);
	if (r == 1)
		return 0;
	slot->read = true;
	ask(run, slot);
	return 0;
}

static int
collect(struct run *run, struct err *e)
{
	int i, busy = 0;

	for (i = 0; i < run->nslots; i++) {
		if (run->slot[i].state == DONE &&
		    finish(run, &run->slot[i], e) < 0)
			return -1;
		busy += run->slot[i].state == BUSY;
	}
	return busy;
}

static int
start_some(struct run *run, struct err *e)
{
	int i;

	for (i = 0; i < run->nslots; i++) {
		while (run->at < run->n && run->v[run->at].got)
			run->at++;
		if (run->at == run->n)
			break;
		if (run->slot[i].state != FREE)
			continue;
		if (sync_stopped(run->s, e))
			return -1;
		start(run, &run->slot[i]);
	}
	return 0;
}

static int
objects(struct run *run, struct err *e)
{
	int busy;

	for (;;) {
		if (start_some(run, e) < 0 || (busy = collect(run, e)) < 0)
			return -1;
		if (busy == 0 && run->at == run->n)
			return 0;
		if (busy > 0 && remote_step(run->s->remote, STEP_MS, e) < 0)
			return -1;
	}
}

static void
release(struct run *run)
{
	struct err ignored;
	struct slot *slot;

	for (slot = run->slot; slot < run->slot + run->nslots; slot++) {
		if (slot->state == BUSY)
			remote_wait(run->s->remote, slot->read ?
			    &slot->op.get.op : &slot->op.head.op, &ignored);
		if (slot->state != FREE && !slot->read)
			strv_release(&slot->op.head.meta);
		buf_release(&slot->key);
	}
	free(run->slot);
}

int
artifact_bytes_get(struct sync *s, struct artifact_bytes *v, size_t n,
    bool read, struct pack_bad *bad, struct err *e)
{
	struct run run = { .s = s, .v = v, .n = n, .read = read };
	int i, r;

	run.nslots = remote_can(s->remote)->at_once;
	run.slot = xcalloc((size_t)run.nslots, sizeof *run.slot);
	for (i = 0; i < run.nslots; i++)
		buf_init(&run.slot[i].key);
	if ((r = unpack(&run, bad, e)) == 0)
		r = objects(&run, e);
	release(&run);
	return r;
}
