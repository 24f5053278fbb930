#include "sync/artifact_bytes.h"

#include "base/alloc.h"
#include "base/str.h"
#include "sync/pack_get.h"
#include "sync/slot.h"
#include "sync/sync.h"

#include <stdlib.h>
#include <string.h>

#define STEP_MS 1000

struct one {
	struct slot s;
	struct artifact_bytes *of;
	char hex[HASH_HEX + 1];
	bool read;		/* all of it, not only what is said of it */
};

struct run {
	struct sync *s;
	struct artifact_bytes *v;
	size_t n, at;
	bool read;
	struct slots slots;
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
ask(struct run *run, struct one *x)
{
	if (x->read) {
		x->s.u.get = (struct remote_get){ .key = x->s.key.p,
		    .sha256 = x->of->sum };
		if (x->of->fd >= 0) {
			x->s.u.get.take = remote_into_fd;
			x->s.u.get.arg = &x->of->fd;
		}
		slot_get(run->s->remote, &x->s);
	} else {
		x->s.u.head = (struct remote_head){ .key = x->s.key.p };
		slot_head(run->s->remote, &x->s);
	}
}

static void
start(struct run *run, struct one *x)
{
	x->of = &run->v[run->at++];
	x->of->absent = false;
	hex_encode(x->hex, x->of->sum, HASH_LEN);
	sync_key(run->s, &x->s.key, ARTIFACT_BYTES, x->hex);
	x->read = run->read || x->of->fd >= 0 ||
	    !remote_can(run->s->remote)->sums;
	ask(run, x);
}

/* What a remote says of it: 1 it was judged, 0 it says nothing. */
static int
judge_head(struct one *x)
{
	const struct remote_head *h = &x->s.u.head;

	x->of->got = h->size == x->of->size &&
	    str_eq(h->sha256, x->hex);
	return h->size != x->of->size || h->sha256[0] != '\0';
}

static int
finish(void *arg, void *slot, struct err *e)
{
	struct run *run = arg;
	struct one *x = slot;
	const struct remote_op *op = &x->s.u.op;
	int r = 1;

	if (op->r == 0 && x->read) {
		x->of->got = x->s.u.get.size == x->of->size;
		run->s->received += (int64_t)x->s.u.get.size;
	} else if (op->r == 0) {
		r = judge_head(slot);
	} else if (op->err.code == ERR_ABSENT || op->err.code == ERR_INPUT) {
		x->of->absent = op->err.code == ERR_ABSENT;
	} else {
		*e = op->err;
		return err_add(e, "cannot get '%s'", x->s.key.p);
	}
	if (!x->read)
		strv_release(&x->s.u.head.meta);
	if (r == 1)
		return 0;
	x->read = true;
	ask(run, x);
	return 0;
}

static int
start_some(struct run *run, struct err *e)
{
	struct one *x;

	while ((x = slots_unused(&run->slots)) != NULL) {
		while (run->at < run->n && run->v[run->at].got)
			run->at++;
		if (run->at == run->n)
			break;
		if (sync_stopped(run->s, e))
			return -1;
		start(run, x);
	}
	return 0;
}

static int
objects(struct run *run, struct err *e)
{
	int busy;

	for (;;) {
		if (start_some(run, e) < 0 || (busy = slots_collect(
		    &run->slots, finish, run, e)) < 0)
			return -1;
		if (busy == 0 && run->at == run->n)
			return 0;
		if (busy > 0 && remote_step(run->s->remote, STEP_MS, e) < 0)
			return -1;
	}
}

int
artifact_bytes_get(struct sync *s, struct artifact_bytes *v, size_t n,
    bool read, struct pack_bad *bad, struct err *e)
{
	struct run run = { .s = s, .v = v, .n = n, .read = read };
	int r;

	slots_init(&run.slots, s->remote, remote_can(s->remote)->at_once,
	    sizeof(struct one));
	if ((r = unpack(&run, bad, e)) == 0)
		r = objects(&run, e);
	slots_drain(&run.slots);
	slots_release(&run.slots);
	return r;
}
