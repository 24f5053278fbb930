#include "sync/push_artifacts.h"

#include "artifact/artifact_merge.h"
#include "artifact/artifacts.h"
#include "base/alloc.h"
#include "blob/blob_local.h"
#include "store/store.h"
#include "sync/artifact_bytes.h"
#include "sync/journal.h"
#include "sync/journal_file.h"
#include "sync/pack_put.h"
#include "sync/slot.h"
#include "sync/sync.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP_MS 1000

struct one {
	struct slot s;
	uint8_t sum[HASH_LEN];
};

struct run {
	struct sync *s;
	struct pushed_artifacts *sums;
	struct artifacts ar;
	int64_t *seq;		/* own; rows to look at */
	size_t n, cap, at;
	struct slots slots;
	struct pack_put *pack;	/* own; NULL: there are none */
	struct packed packed;
};

/* --- the file ---------------------------------------------------------- */

/* 1 *fd, 0 it is not there, or is not as long as it was. */
static int
open_bytes(struct artifacts *ar, const struct artifact *a, int *fd,
    struct err *e)
{
	struct blob_provider *b;
	uint64_t size;

	if (artifacts_provider(ar, ARTIFACT_LOCAL, &b, e) < 0)
		return -1;
	if ((*fd = blob_local_file(b, a->object, &size, e)) < 0)
		return e->code == ERR_ABSENT || e->code == ERR_DENIED ? 0 : -1;
	if (size == (uint64_t)a->osize)
		return 1;
	close(*fd);
	return 0;
}

int
push_artifacts_is_here(struct artifacts *ar, const struct artifact *a,
    struct err *e)
{
	int fd, r = a->here ? open_bytes(ar, a, &fd, e) : 0;

	if (r == 1)
		close(fd);
	return r;
}

static void
key_of(struct sync *s, const uint8_t sum[HASH_LEN], struct buf *key)
{
	char hex[HASH_HEX + 1];

	hex_encode(hex, sum, HASH_LEN);
	sync_key(s, key, ARTIFACT_BYTES, hex);
}

/* --- one of them ------------------------------------------------------- */

static int
pack(struct run *run, const struct artifact *a, struct err *e)
{
	char id[ULID_LEN + 1];
	int fd, r = pack_put_has(run->pack, a->sum, e);

	if (r != 0)
		return r < 0 ? -1 : 0;
	if ((r = open_bytes(&run->ar, a, &fd, e)) == 1) {
		ulid_from_bytes(id, a->id);
		r = pack_put_add(run->pack, fd, a->sum, (uint64_t)a->osize, id,
		    e);
		close(fd);
	}
	run->sums->missing += r == 0;
	return r < 0 ? -1 : 0;
}

/* Two that are the same are on their way once. */
static bool
is_on_its_way(const struct run *run, const uint8_t sum[HASH_LEN])
{
	const struct one *x;
	int i;

	for (i = 0; i < run->slots.n; i++) {
		x = slots_at(&run->slots, i);
		if (x->s.state != SLOT_FREE && memcmp(x->sum, sum,
		    HASH_LEN) == 0)
			return true;
	}
	return false;
}

static int
put(struct run *run, const struct artifact *a, struct one *x,
    struct err *e)
{
	int fd, r;

	if (is_on_its_way(run, a->sum))
		return 0;
	key_of(run->s, a->sum, &x->s.key);
	if ((r = journal_fresh(run->s->journal, x->s.key.p, e)) != 0)
		return r < 0 ? -1 : 0;
	if ((r = open_bytes(&run->ar, a, &fd, e)) <= 0) {
		run->sums->missing += r == 0;
		return r;
	}
	memcpy(x->sum, a->sum, HASH_LEN);
	x->s.u.put = (struct remote_put){ .key = x->s.key.p,
	    .sha256 = x->sum, .body = { .fd = fd,
	    .len = (uint64_t)a->osize, .name = x->s.key.p } };
	slot_put(run->s->remote, &x->s);
	return 0;
}

static int
look(struct run *run, int64_t seq, struct one *x, struct err *e)
{
	struct artifact a;
	int r = artifact_row(run->s->st, seq, &a, e);

	if (r != 1)
		return r;
	/* it may be on its way out since */
	if (a.provider != ARTIFACT_LOCAL || a.state != ARTIFACT_STORED ||
	    !a.here || !a.has_sum)
		r = 0;
	else
		r = pack_put_takes(run->s, (uint64_t)a.osize) ? pack(run, &a,
		    e) : put(run, &a, x, e);
	artifact_release(&a);
	return r;
}

/* What a slot came to. */
static int
finish(void *arg, void *slot, struct err *e)
{
	struct run *run = arg;
	struct one *x = slot;
	const struct remote_put *p = &x->s.u.put;

	close(p->body.fd);
	if (p->op.r == 0) {
		run->sums->n++;
		run->sums->bytes += (int64_t)p->body.len;
		run->s->sent += (int64_t)p->body.len;
		return journal_fresh_add(run->s->journal, x->s.key.p, e);
	}
	if (p->op.err.code == ERR_INPUT) {
		run->sums->missing++;	/* damaged, here */
		return 0;
	}
	*e = p->op.err;
	return err_add(e, "cannot put '%s'", x->s.key.p);
}

/* --- all of them ------------------------------------------------------- */

/* Those that are done; what they come to is noted at once. */
static int
collect(struct run *run, struct err *e)
{
	bool begun = slots_any_done(&run->slots);
	int busy;

	if (begun && journal_begin(run->s->journal, e) < 0)
		return -1;
	busy = slots_collect(&run->slots, finish, run, e);
	return begun ? journal_end(run->s->journal, busy, e) : busy;
}

static int
put_all(struct run *run, struct err *e)
{
	struct one *x;
	int busy;

	for (;;) {
		while (run->at < run->n &&
		    (x = slots_unused(&run->slots)) != NULL) {
			if (sync_stopped(run->s, e) || look(run,
			    run->seq[run->at++], x, e) < 0)
				return -1;
			if (run->at % 64 == 0)
				break;	/* let the others go on */
		}
		sync_tell(run->s, "artifacts", (int64_t)run->at,
		    (int64_t)run->n);
		if ((busy = collect(run, e)) < 0)
			return -1;
		if (busy == 0 && run->at == run->n)
			return run->pack != NULL ? pack_put_end(run->pack, e) :
			    0;
		if (busy > 0 && remote_step(run->s->remote, busy <
		    run->slots.n && run->at < run->n ? 0 : STEP_MS, e) < 0)
			return -1;
	}
}

static int
gather(void *arg, int64_t seq, struct err *e)
{
	struct run *run = arg;

	(void)e;
	run->seq = xgrow(run->seq, run->n, &run->cap, sizeof *run->seq);
	run->seq[run->n++] = seq;
	return 0;
}

static void
release(struct run *run)
{
	const struct slot *s;
	int i;

	slots_drain(&run->slots);
	for (i = 0; i < run->slots.n; i++)
		if ((s = slots_at(&run->slots, i))->state != SLOT_FREE)
			close(s->u.put.body.fd);
	slots_release(&run->slots);
	pack_put_free(run->pack);
}

static int
push_them(struct run *run, struct err *e)
{
	int r;

	if (artifacts_open_local(&run->ar, run->s->st, e) < 0)
		return -1;
	slots_init(&run->slots, run->s->remote,
	    remote_can(run->s->remote)->at_once, sizeof(struct one));
	if (run->s->pack || sealing_on(run->s->sealing))
		run->pack = pack_put_new(run->s, &run->packed);
	r = put_all(run, e);
	run->sums->n += run->packed.files;
	run->sums->bytes += run->packed.bytes;
	release(run);
	artifacts_close(&run->ar);
	return r;
}

int
push_artifacts(struct sync *s, int64_t after, struct pushed_artifacts *sums,
    struct err *e)
{
	struct run run = { .s = s, .sums = sums };
	int r = artifact_each_own(s->st, after, gather, &run, e);

	memset(sums, 0, sizeof *sums);
	if (r == 0 && run.n > 0)
		r = push_them(&run, e);
	free(run.seq);
	return r;
}

int
push_artifacts_again(struct sync *s, struct artifacts *ar,
    const struct artifact *a, struct pack_put *pack, struct err *e)
{
	struct remote_put p = { .sha256 = a->sum };
	struct buf key = BUF_INIT;
	int fd, r = a->here ? open_bytes(ar, a, &fd, e) : 0;

	if (r != 1)
		return r;
	key_of(s, a->sum, &key);
	if (pack != NULL && pack_put_takes(s, (uint64_t)a->osize)) {
		r = pack_put_add(pack, fd, a->sum, (uint64_t)a->osize, key.p,
		    e);
	} else {
		p.key = key.p;
		p.body = (struct remote_body){ .fd = fd,
		    .len = (uint64_t)a->osize, .name = key.p };
		remote_put(s->remote, &p);
		if (remote_wait(s->remote, &p.op, e) < 0)
			r = e->code == ERR_INPUT ? 0 : -1;
		else
			s->sent += a->osize;
	}
	close(fd);
	buf_release(&key);
	return r;
}
