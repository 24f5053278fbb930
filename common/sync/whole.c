#include "sync/whole.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "sync/sync.h"

#include <stdlib.h>
#include <string.h>

#define STEP_MS 1000
#define MOST 8			/* at once: each may be in memory */

struct slot {
	union {
		struct remote_head head;
		struct remote_get get;
	} op;
	struct whole *of;
	struct remote_room room;
	struct buf key, bytes;
	bool read;		/* all of it, not only what is said of it */
	enum { FREE, BUSY, DONE } state;
};

struct run {
	struct sync *s;
	struct whole *v;
	size_t n, at;
	bool get;
	struct slot slot[MOST];
	int nslots;
};

const char *
whole_why(enum whole_is is)
{
	return is == WHOLE_ABSENT ? "it is not there" : is == WHOLE_OTHER ?
	    "it is not what it must be" : "it is whole";
}

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
	buf_reset(&slot->bytes);
	if (slot->read) {
		slot->room = (struct remote_room){ &slot->bytes,
		    (size_t)slot->of->size };
		slot->op.get = (struct remote_get){ .op = op,
		    .key = slot->key.p, .take = remote_into_buf,
		    .arg = &slot->room };
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
	char hex[HASH_HEX + 1];

	slot->of = &run->v[run->at++];
	slot->read = run->get || !remote_can(run->s->remote)->sums;
	hex_encode(hex, slot->of->name, HASH_LEN);
	sync_key(run->s, &slot->key, slot->of->kind, hex);
	ask(run, slot);
}

/* --- the answer -------------------------------------------------------- */

/* Are these bytes the object of that name?  One that does not open here is
 * none. */
static enum whole_is
judge_bytes(struct run *run, const struct whole *w, const struct buf *b)
{
	struct buf plain = BUF_INIT;
	struct err why;
	int r = sealing_unpack(run->s->sealing, w->kind, b->p, b->len, w->name,
	    &plain, &why);

	buf_release(&plain);
	return r >= 0 && b->len == w->size ? WHOLE_YES : WHOLE_OTHER;
}

/* 1 it was judged, 0 nothing was said: it has to be read.  The hash of one that
 * is sealed is known to the remote alone. */
static int
judge_head(struct run *run, struct whole *w, const struct remote_head *h)
{
	char hex[HASH_HEX + 1];

	hex_encode(hex, w->name, HASH_LEN);
	w->is = h->size == w->size && (run->s->sealed ||
	    str_eq(h->sha256, hex)) ? WHOLE_YES : WHOLE_OTHER;
	return h->size != w->size || h->sha256[0] != '\0';
}

static int
finish(struct run *run, struct slot *slot, struct err *e)
{
	const struct remote_op *op = slot->read ? &slot->op.get.op :
	    &slot->op.head.op;
	int r = 1;

	slot->state = FREE;
	if (op->r == 0 && slot->read) {
		run->s->received += (int64_t)slot->bytes.len;
		slot->of->is = judge_bytes(run, slot->of, &slot->bytes);
	} else if (op->r == 0) {
		r = judge_head(run, slot->of, &slot->op.head);
	} else if (op->err.code == ERR_ABSENT) {
		slot->of->is = WHOLE_ABSENT;
	} else if (op->err.code == ERR_INPUT) {
		slot->of->is = WHOLE_OTHER;
	} else {
		*e = op->err;
		r = err_add(e, "cannot look at '%s'", slot->key.p);
	}
	if (!slot->read)
		strv_release(&slot->op.head.meta);
	if (r == 0) {
		slot->read = true;
		ask(run, slot);
	}
	return r < 0 ? -1 : 0;
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
check_all(struct run *run, struct err *e)
{
	int busy, i;

	for (;;) {
		for (i = 0; i < run->nslots && run->at < run->n; i++)
			if (run->slot[i].state == FREE)
				start(run, &run->slot[i]);
		if (sync_stopped(run->s, e) || (busy = collect(run, e)) < 0)
			return -1;
		sync_tell(run->s, "objects looked at", (int64_t)run->at,
		    (int64_t)run->n);
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
		buf_release(&slot->bytes);
	}
}

int
whole_check(struct sync *s, struct whole *v, size_t n, bool get,
    struct err *e)
{
	struct run run = { .s = s, .v = v, .n = n, .get = get };
	int i, r;

	run.nslots = remote_can(s->remote)->at_once;
	if (run.nslots > MOST)
		run.nslots = MOST;
	for (i = 0; i < run.nslots; i++) {
		buf_init(&run.slot[i].key);
		buf_init(&run.slot[i].bytes);
	}
	r = check_all(&run, e);
	release(&run);
	return r;
}
