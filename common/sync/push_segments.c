#include "sync/push_segments.h"

#include "base/alloc.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/segmentfile.h"
#include "sync/slot.h"
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
	struct slots slots;
};

struct one {
	struct slot s;		/* more: its bytes */
	uint8_t sum[HASH_LEN];
	struct manifest_segment seg;
};

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
start(struct run *run, struct one *x, struct err *e)
{
	struct segment_head head;
	int r;

	if ((r = journal_ready(run->s->journal, run->node, run->from,
	    &x->seg, e)) < 0)
		return -1;
	if (r == 1 && (r = journal_fresh(run->s->journal, x->seg.name,
	    e)) != 0) {
		run->from = x->seg.to;
		return r < 0 ? -1 : 2;
	}
	buf_reset(&run->text);
	buf_reset(&x->s.more);
	if ((r = segmentfile_make(run->s->st, run->former, run->from, run->to,
	    &run->text, &head, e)) != 1)
		return r;
	x->seg = (struct manifest_segment){ .from = head.from,
	    .to = head.to };
	memcpy(x->seg.node, head.node, sizeof x->seg.node);
	run->from = head.to;
	segment_head_release(&head);
	if (push_segment_pack(run->s, &run->text, &x->seg, &x->s.more,
	    x->sum, e) < 0)
		return -1;
	sync_key(run->s, &x->s.key, "segment", x->seg.name);
	x->s.u.put = (struct remote_put){ .key = x->s.key.p,
	    .sha256 = x->sum, .body = { .mem = x->s.more.p,
	    .len = x->s.more.len } };
	slot_put(run->s->remote, &x->s);
	return 1;
}

static int
fill(struct run *run, struct err *e)
{
	struct one *x;
	int r;

	while (!run->made && (x = slots_unused(&run->slots)) != NULL) {
		if (sync_stopped(run->s, e))
			return -1;
		while ((r = start(run, x, e)) == 2)
			;
		if (r < 0)
			return -1;
		run->made = r == 0 || (run->to > 0 && run->from >= run->to);
	}
	return 0;
}

static int
finish(void *arg, void *slot, struct err *e)
{
	struct run *run = arg;
	struct one *x = slot;

	if (x->s.u.op.r < 0) {
		*e = x->s.u.op.err;
		return err_add(e, "cannot put a segment");
	}
	run->s->sent += x->seg.size;
	return journal_ready_add(run->s->journal, &x->seg, e);
}

static int
put_all(struct run *run, struct err *e)
{
	int busy;

	for (;;) {
		if (fill(run, e) < 0 || (busy = slots_collect(&run->slots,
		    finish, run, e)) < 0)
			return -1;
		sync_tell(run->s, "changes", run->from, run->to);
		if (busy == 0 && run->made)
			return 0;
		if (busy > 0 && remote_step(run->s->remote, STEP_MS, e) < 0)
			return -1;
	}
}

int
push_segments(struct sync *s, const char *node, const char *former,
    int64_t to, struct err *e)
{
	struct run run = { .s = s, .node = node, .former = former, .to = to,
	    .text = BUF_INIT };
	int64_t own;
	int r;

	if (journal_upto(s->journal, node, &run.from, e) < 0 ||
	    node_own_after(s->st, run.from, &own, e) < 0)
		return -1;
	if (to > 0 && own > to)
		return 0;	/* others' alone, perhaps many */
	slots_init(&run.slots, s->remote, AHEAD, sizeof(struct one));
	r = put_all(&run, e);
	slots_drain(&run.slots);
	slots_release(&run.slots);
	buf_release(&run.text);
	return r;
}
