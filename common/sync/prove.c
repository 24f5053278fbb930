#include "sync/prove.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "memory/file_row.h"
#include "sync/chosen.h"
#include "sync/pack_get.h"
#include "sync/push_files.h"
#include "sync/sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_MS 1000

enum answer { IS_THERE, IS_NOT, IS_OTHER, NOT_SAID };

struct slot {
	union {
		struct remote_head head;
		struct remote_get get;
	} op;
	struct buf key, staged;	/* by its hash, once it is not there */
	uint8_t sum[HASH_LEN];
	char hex[HASH_HEX + 1];
	uint64_t size;
	bool read;		/* all of it, not only what is said of it */
	enum answer first;	/* of its name */
	enum { FREE, BUSY, DONE } state;
};

struct run {
	struct sync *s;
	struct proof *sums;
	const struct chosen *files;
	size_t at;
	bool get;
	struct pack_want *want;	/* own; of files: what packs have of them */
	struct pack_bad bad;
	struct slot *slot;	/* own */
	int nslots;
	struct slot *next;	/* for the row that is looked at */
};

/* --- asking ------------------------------------------------------------ */

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
	const char *key = slot->staged.len > 0 ? slot->staged.p : slot->key.p;

	slot->state = BUSY;
	if (slot->read) {
		slot->op.get = (struct remote_get){ .op = op, .key = key,
		    .sha256 = slot->sum };
		remote_get(run->s->remote, &slot->op.get);
	} else {
		slot->op.head = (struct remote_head){ .op = op, .key =
		    key };
		remote_head(run->s->remote, &slot->op.head);
	}
}

/* For file_find. */
static int
start(void *arg, const struct file_each *f, struct err *e)
{
	struct run *run = arg;
	struct slot *slot = run->next;

	(void)e;
	push_files_key(run->s, f, &slot->key);
	memcpy(slot->sum, f->row.sha256, HASH_LEN);
	hex_encode(slot->hex, slot->sum, HASH_LEN);
	slot->size = (uint64_t)f->row.size;
	slot->read = run->get || !remote_can(run->s->remote)->sums;
	buf_reset(&slot->staged);
	ask(run, slot);
	return 0;
}

/* --- the answer -------------------------------------------------------- */

static int
judge(struct slot *slot, struct err *e)
{
	const struct remote_op *op = slot->read ? &slot->op.get.op :
	    &slot->op.head.op;
	const struct remote_head *h = &slot->op.head;

	if (op->r < 0) {
		if (op->err.code == ERR_ABSENT)
			return IS_NOT;
		if (op->err.code == ERR_INPUT)
			return IS_OTHER;
		*e = op->err;
		return err_add(e, "cannot look at '%s'", slot->key.p);
	}
	if (slot->read)
		return slot->op.get.size == slot->size ? IS_THERE : IS_OTHER;
	if (h->size != slot->size)
		return IS_OTHER;
	if (h->sha256[0] == '\0')
		return NOT_SAID;
	return strcmp(h->sha256, slot->hex) == 0 ? IS_THERE : IS_OTHER;
}

static void
is_missing(struct run *run, struct slot *slot)
{
	if (run->sums->missing++ > 0)
		return;
	run->sums->absent = slot->first == IS_NOT;
	snprintf(run->sums->first, sizeof run->sums->first,
	    "'%.150s' is %s%s%s%s%s", slot->key.p, slot->first == IS_NOT ?
	    "not there" : "not what it must be", run->bad.n > 0 ? "; pack " :
	    "", run->bad.name, run->bad.n > 0 ? " " : "", run->bad.n > 0 ?
	    run->bad.why : "");
}

static int
finish(struct run *run, struct slot *slot, struct err *e)
{
	int r = judge(slot, e);

	if (!slot->read)
		strv_release(&slot->op.head.meta);
	slot->state = FREE;
	if (r < 0)
		return -1;
	if (r == NOT_SAID) {
		slot->read = true;
		ask(run, slot);
	} else if (r == IS_THERE) {
		run->sums->n++;
		run->sums->bytes += (int64_t)slot->size;
	} else if (slot->staged.len == 0) {
		/* where it is until its push is settled (push_files.h) */
		slot->first = (enum answer)r;
		sync_key(run->s, &slot->staged, "file", slot->hex);
		slot->read = run->get || !remote_can(run->s->remote)->sums;
		ask(run, slot);
	} else
		is_missing(run, slot);
	return 0;
}

/* --- in packs ---------------------------------------------------------- */

/* For file_find. */
static int
note_want(void *arg, const struct file_each *f, struct err *e)
{
	struct run *run = arg;

	return pack_want(run->s, &run->want[run->at], f->row.sha256,
	    (uint64_t)f->row.size, e) < 0 ? -1 : 0;
}

static int
prove_packed(struct run *run, struct err *e)
{
	struct pack_get how = { .n = run->files->n, .bad = &run->bad };
	size_t i;

	how.want = run->want = xcalloc(how.n + 1, sizeof *run->want);
	if (pack_note_all(run->s, &run->bad, e) < 0)
		return -1;
	for (run->at = 0; run->at < run->files->n; run->at++)
		if (file_find(run->s->st, run->files->v[run->at].seq,
		    note_want, run, e) < 0)
			return -1;
	run->at = 0;
	if (pack_prove(run->s, &how, run->get, e) < 0)
		return -1;
	for (i = 0; i < run->files->n; i++)
		if (run->want[i].got) {
			run->sums->n++;
			run->sums->bytes += (int64_t)run->want[i].size;
		}
	return 0;
}

/* --- all of them ------------------------------------------------------- */

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

	for (i = 0; i < run->nslots && run->at < run->files->n; i++) {
		if (run->slot[i].state != FREE)
			continue;
		while (run->at < run->files->n && run->want[run->at].got)
			run->at++;
		if (run->at == run->files->n)
			break;
		run->next = &run->slot[i];
		if (sync_stopped(run->s, e) || file_find(run->s->st,
		    run->files->v[run->at++].seq, start, run, e) < 0)
			return -1;
	}
	return 0;
}

static int
prove_all(struct run *run, struct err *e)
{
	int busy;

	for (;;) {
		if (start_some(run, e) < 0 || (busy = collect(run, e)) < 0)
			return -1;
		sync_tell(run->s, "files looked at", (int64_t)run->at,
		    (int64_t)run->files->n);
		if (busy == 0 && run->at == run->files->n)
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
		buf_release(&slot->staged);
	}
	free(run->slot);
	free(run->want);
}

int
prove_files(struct sync *s, const struct chosen *files, bool get,
    struct proof *sums, struct err *e)
{
	struct run run = { .s = s, .sums = sums, .files = files, .get = get };
	int i, r;

	memset(sums, 0, sizeof *sums);
	run.nslots = remote_can(s->remote)->at_once;
	run.slot = xcalloc((size_t)run.nslots, sizeof *run.slot);
	for (i = 0; i < run.nslots; i++) {
		buf_init(&run.slot[i].key);
		buf_init(&run.slot[i].staged);
	}
	if ((r = prove_packed(&run, e)) == 0)
		r = prove_all(&run, e);
	release(&run);
	return r;
}
