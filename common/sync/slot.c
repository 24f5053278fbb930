#include "sync/slot.h"

#include "base/alloc.h"
#include "base/str.h"

#include <stdlib.h>

static void
done(struct remote_op *op)
{
	struct slot *s = op->user;

	s->state = SLOT_DONE;
}

static void
begin(struct slot *s, bool head)
{
	s->u.op = (struct remote_op){ .done = done, .user = s };
	s->state = SLOT_BUSY;
	s->head = head;
}

void
slot_head(struct remote *r, struct slot *s)
{
	begin(s, true);
	remote_head(r, &s->u.head);
}

void
slot_get(struct remote *r, struct slot *s)
{
	begin(s, false);
	remote_get(r, &s->u.get);
}

void
slot_put(struct remote *r, struct slot *s)
{
	begin(s, false);
	remote_put(r, &s->u.put);
}

void *
slots_at(const struct slots *x, int i)
{
	return x->v + (size_t)i * x->size;
}

void
slots_init(struct slots *x, struct remote *r, int n, size_t size)
{
	struct slot *s;
	int i;

	*x = (struct slots){ .remote = r, .v = xcalloc((size_t)n, size),
	    .size = size, .n = n };
	for (i = 0; i < n; i++) {
		s = slots_at(x, i);
		buf_init(&s->key);
		buf_init(&s->more);
	}
}

void
slots_release(struct slots *x)
{
	struct slot *s;
	int i;

	for (i = 0; i < x->n; i++) {
		s = slots_at(x, i);
		if (s->state != SLOT_FREE && s->head)
			strv_release(&s->u.head.meta);
		buf_release(&s->key);
		buf_release(&s->more);
	}
	free(x->v);
	x->v = NULL;
	x->n = 0;
}

void *
slots_unused(const struct slots *x)
{
	struct slot *s;
	int i;

	for (i = 0; i < x->n; i++)
		if ((s = slots_at(x, i))->state == SLOT_FREE)
			return s;
	return NULL;
}

int
slots_collect(struct slots *x, int (*fn)(void *, void *, struct err *),
    void *arg, struct err *e)
{
	struct slot *s;
	int i, busy = 0;

	for (i = 0; i < x->n; i++) {
		s = slots_at(x, i);
		if (s->state == SLOT_DONE) {
			s->state = SLOT_FREE;
			if (fn(arg, s, e) < 0)
				return -1;
		}
		busy += s->state == SLOT_BUSY;
	}
	return busy;
}

bool
slots_any_done(const struct slots *x)
{
	const struct slot *s;
	int i;

	for (i = 0; i < x->n; i++)
		if ((s = slots_at(x, i))->state == SLOT_DONE)
			return true;
	return false;
}

void
slots_drain(struct slots *x)
{
	struct err ignored;
	struct slot *s;
	int i;

	for (i = 0; i < x->n; i++)
		if ((s = slots_at(x, i))->state == SLOT_BUSY)
			remote_wait(x->remote, &s->u.op, &ignored);
}
