#include "sync/push_segments.h"

#include "base/alloc.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/segmentfile.h"
#include "sync/sync.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define AHEAD 4			/* on their way: each is in memory */
#define STEP_MS 1000

struct run {
	struct sync *s;
	const char *node;
	const char *former;	/* NULL: our own */
	int64_t from, to;	/* to 0: all there is */
	bool made;		/* there are no more */
	struct buf text;	/* of the one that is made */
};

struct slot {
	struct run *run;
	struct remote_put put;
	struct buf key, body;
	uint8_t sum[HASH_LEN];
	struct manifest_segment seg;
	enum { FREE, BUSY, DONE } state;
};

static void
was_put(struct remote_op *op)
{
	struct slot *slot = op->user;

	slot->state = DONE;
}

int
push_segment_pack(struct sync *s, const struct buf *text,
    struct manifest_segment *seg, struct buf *body, uint8_t sum[HASH_LEN],
    struct err *e)
{
	uint8_t name[HASH_LEN];

	sealing_name(s->sealing, text->p, text->len, name);
	hex_encode(seg->name, name, HASH_LEN);
	if (sealing_pack(s->sealing, "segment", text->p, text->len, name, body,
	    e) < 0)
		return -1;
	seg->size = (int64_t)body->len;
	sealing_sum(s->sealing, name, body->p, body->len, sum);
	return 0;
}

/* The next one that is not there: 1 it is on its way, 0 no more, 2 it was
 * put before. */
static int
start(struct run *run, struct slot *slot, struct err *e)
{
	struct segment_head head;
	int r;

	if ((r = journal_ready(run->s->journal, run->node, run->from,
	    &slot->seg, e)) < 0)
		return -1;
	if (r == 1 && (r = journal_fresh(run->s->journal, slot->seg.name,
	    e)) != 0) {
		run->from = slot->seg.to;
		return r < 0 ? -1 : 2;
	}
	buf_reset(&run->text);
	buf_reset(&slot->body);
	if ((r = segmentfile_make(run->s->st, run->former, run->from, run->to,
	    &run->text, &head, e)) != 1)
		return r;
	slot->seg = (struct manifest_segment){ .from = head.from,
	    .to = head.to };
	memcpy(slot->seg.node, head.node, sizeof slot->seg.node);
	run->from = head.to;
	segment_head_release(&head);
	if (push_segment_pack(run->s, &run->text, &slot->seg, &slot->body,
	    slot->sum, e) < 0)
		return -1;
	sync_key(run->s, &slot->key, "segment", slot->seg.name);
	slot->put = (struct remote_put){ .op = { .done = was_put,
	    .user = slot }, .key = slot->key.p, .sha256 = slot->sum,
	    .body = { .mem = slot->body.p, .len = slot->body.len } };
	slot->state = BUSY;
	remote_put(run->s->remote, &slot->put);
	return 1;
}

static int
fill(struct run *run, struct slot *slots, struct err *e)
{
	int i, r;

	for (i = 0; i < AHEAD && !run->made; i++) {
		if (slots[i].state != FREE)
			continue;
		if (sync_stopped(run->s, e))
			return -1;
		while ((r = start(run, &slots[i], e)) == 2)
			;
		if (r < 0)
			return -1;
		run->made = r == 0 || (run->to > 0 && run->from >= run->to);
	}
	return 0;
}

/* How many are still on their way, or -1. */
static int
collect(struct run *run, struct slot *slots, struct err *e)
{
	int i, busy = 0;

	for (i = 0; i < AHEAD; i++) {
		busy += slots[i].state == BUSY;
		if (slots[i].state != DONE)
			continue;
		slots[i].state = FREE;
		if (slots[i].put.op.r < 0) {
			*e = slots[i].put.op.err;
			return err_add(e, "cannot put a segment");
		}
		run->s->sent += slots[i].seg.size;
		if (journal_ready_add(run->s->journal, &slots[i].seg, e) < 0)
			return -1;
	}
	return busy;
}

static int
put_all(struct run *run, struct slot *slots, struct err *e)
{
	int busy;

	for (;;) {
		if (fill(run, slots, e) < 0 ||
		    (busy = collect(run, slots, e)) < 0)
			return -1;
		sync_tell(run->s, "changes", run->from, run->to);
		if (busy == 0 && run->made)
			return 0;
		if (busy > 0 && remote_step(run->s->remote, STEP_MS, e) < 0)
			return -1;
	}
}

/* What goes wrong meanwhile is not what we are asked for. */
static void
drain(struct run *run, struct slot *slots)
{
	struct err ignored;
	int i;

	for (i = 0; i < AHEAD; i++)
		if (slots[i].state == BUSY)
			remote_wait(run->s->remote, &slots[i].put.op,
			    &ignored);
}

int
push_segments(struct sync *s, const char *node, const char *former,
    int64_t to, struct err *e)
{
	struct run run = { .s = s, .node = node, .former = former, .to = to,
	    .text = BUF_INIT };
	struct slot *slots;
	int64_t own;
	int i, r;

	if (journal_upto(s->journal, node, &run.from, e) < 0 ||
	    node_own_after(s->st, run.from, &own, e) < 0)
		return -1;
	if (to > 0 && own > to)
		return 0;	/* others' alone, perhaps many */
	slots = xcalloc(AHEAD, sizeof *slots);
	for (i = 0; i < AHEAD; i++) {
		buf_init(&slots[i].key);
		buf_init(&slots[i].body);
	}
	if ((r = put_all(&run, slots, e)) < 0)
		drain(&run, slots);
	for (i = 0; i < AHEAD; i++) {
		buf_release(&slots[i].key);
		buf_release(&slots[i].body);
	}
	free(slots);
	buf_release(&run.text);
	return r;
}
