#include "sync/whole.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "sync/slot.h"
#include "sync/sync.h"

#include <stdlib.h>
#include <string.h>

#define STEP_MS 1000
#define MOST 8			/* at once: each may be in memory */

struct one {
	struct slot s;		/* more: its bytes */
	struct whole *of;
	struct remote_room room;
	bool read;		/* all of it, not only what is said of it */
};

struct run {
	struct sync *s;
	struct whole *v;
	size_t n, at;
	bool get;
	struct slots slots;
};

const char *
whole_why(enum whole_is is)
{
	return is == WHOLE_ABSENT ? "it is not there" : is == WHOLE_OTHER ?
	    "it is not what it must be" : "it is whole";
}

static void
ask(struct run *run, struct one *x)
{
	buf_reset(&x->s.more);
	if (x->read) {
		x->room = (struct remote_room){ &x->s.more,
		    (size_t)x->of->size };
		x->s.u.get = (struct remote_get){ .key = x->s.key.p,
		    .take = remote_into_buf, .arg = &x->room };
		slot_get(run->s->remote, &x->s);
	} else {
		x->s.u.head = (struct remote_head){ .key = x->s.key.p };
		slot_head(run->s->remote, &x->s);
	}
}

static void
start(struct run *run, struct one *x)
{
	char hex[HASH_HEX + 1];

	x->of = &run->v[run->at++];
	x->read = run->get || !remote_can(run->s->remote)->sums;
	hex_encode(hex, x->of->name, HASH_LEN);
	sync_key(run->s, &x->s.key, x->of->kind, hex);
	ask(run, x);
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
finish(void *arg, void *slot, struct err *e)
{
	struct run *run = arg;
	struct one *x = slot;
	const struct remote_op *op = &x->s.u.op;
	int r = 1;

	if (op->r == 0 && x->read) {
		run->s->received += (int64_t)x->s.more.len;
		x->of->is = judge_bytes(run, x->of, &x->s.more);
	} else if (op->r == 0) {
		r = judge_head(run, x->of, &x->s.u.head);
	} else if (op->err.code == ERR_ABSENT) {
		x->of->is = WHOLE_ABSENT;
	} else if (op->err.code == ERR_INPUT) {
		x->of->is = WHOLE_OTHER;
	} else {
		*e = op->err;
		r = err_add(e, "cannot look at '%s'", x->s.key.p);
	}
	if (!x->read)
		strv_release(&x->s.u.head.meta);
	if (r == 0) {
		x->read = true;
		ask(run, x);
	}
	return r < 0 ? -1 : 0;
}

static int
check_all(struct run *run, struct err *e)
{
	struct one *x;
	int busy;

	for (;;) {
		while (run->at < run->n &&
		    (x = slots_unused(&run->slots)) != NULL)
			start(run, x);
		if (sync_stopped(run->s, e) || (busy = slots_collect(
		    &run->slots, finish, run, e)) < 0)
			return -1;
		sync_tell(run->s, "objects looked at", (int64_t)run->at,
		    (int64_t)run->n);
		if (busy == 0 && run->at == run->n)
			return 0;
		if (busy > 0 && remote_step(run->s->remote, STEP_MS, e) < 0)
			return -1;
	}
}

int
whole_check(struct sync *s, struct whole *v, size_t n, bool get,
    struct err *e)
{
	struct run run = { .s = s, .v = v, .n = n, .get = get };
	int r, most = remote_can(s->remote)->at_once;

	slots_init(&run.slots, s->remote, most < MOST ? most : MOST,
	    sizeof(struct one));
	r = check_all(&run, e);
	slots_drain(&run.slots);
	slots_release(&run.slots);
	return r;
}
