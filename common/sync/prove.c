#include "sync/prove.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "file/file_row.h"
#include "sync/chosen.h"
#include "sync/pack_get.h"
#include "sync/push_files.h"
#include "sync/slot.h"
#include "sync/sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STEP_MS 1000

enum answer { IS_THERE, IS_NOT, IS_OTHER, NOT_SAID };

struct one {
	struct slot s;		/* more: its key by its hash, once it is not
				   there by its name */
	uint8_t sum[HASH_LEN];
	char hex[HASH_HEX + 1];
	uint64_t size;
	bool read;		/* all of it, not only what is said of it */
	enum answer first;	/* of its name */
};

struct run {
	struct sync *s;
	struct proof *sums;
	const struct chosen *files;
	size_t at;
	bool get;
	struct pack_want *want;	/* own; of files: what packs have of them */
	struct pack_bad bad;
	struct slots slots;
	struct one *next;	/* for the row that is looked at */
};

/* --- asking ------------------------------------------------------------ */

static void
ask(struct run *run, struct one *x)
{
	const char *key = x->s.more.len > 0 ? x->s.more.p : x->s.key.p;

	if (x->read) {
		x->s.u.get = (struct remote_get){ .key = key,
		    .sha256 = x->sum };
		slot_get(run->s->remote, &x->s);
	} else {
		x->s.u.head = (struct remote_head){ .key = key };
		slot_head(run->s->remote, &x->s);
	}
}

/* For file_find. */
static int
start(void *arg, const struct file_each *f, struct err *e)
{
	struct run *run = arg;
	struct one *x = run->next;

	(void)e;
	push_files_key(run->s, f, &x->s.key);
	memcpy(x->sum, f->row.sha256, HASH_LEN);
	hex_encode(x->hex, x->sum, HASH_LEN);
	x->size = (uint64_t)f->row.size;
	x->read = run->get || !remote_can(run->s->remote)->sums;
	buf_reset(&x->s.more);
	ask(run, x);
	return 0;
}

/* --- the answer -------------------------------------------------------- */

static int
judge(struct one *x, struct err *e)
{
	const struct remote_op *op = &x->s.u.op;
	const struct remote_head *h = &x->s.u.head;

	if (op->r < 0) {
		if (op->err.code == ERR_ABSENT)
			return IS_NOT;
		if (op->err.code == ERR_INPUT)
			return IS_OTHER;
		*e = op->err;
		return err_add(e, "cannot look at '%s'", x->s.key.p);
	}
	if (x->read)
		return x->s.u.get.size == x->size ? IS_THERE : IS_OTHER;
	if (h->size != x->size)
		return IS_OTHER;
	if (h->sha256[0] == '\0')
		return NOT_SAID;
	return strcmp(h->sha256, x->hex) == 0 ? IS_THERE : IS_OTHER;
}

static void
is_missing(struct run *run, struct one *x)
{
	if (run->sums->missing++ > 0)
		return;
	run->sums->absent = x->first == IS_NOT;
	snprintf(run->sums->first, sizeof run->sums->first,
	    "'%.150s' is %s%s%s%s%s", x->s.key.p, x->first == IS_NOT ?
	    "not there" : "not what it must be", run->bad.n > 0 ? "; pack " :
	    "", run->bad.name, run->bad.n > 0 ? " " : "", run->bad.n > 0 ?
	    run->bad.why : "");
}

static int
finish(void *arg, void *slot, struct err *e)
{
	struct run *run = arg;
	struct one *x = slot;
	int r = judge(x, e);

	if (!x->read)
		strv_release(&x->s.u.head.meta);
	if (r < 0)
		return -1;
	if (r == NOT_SAID) {
		x->read = true;
		ask(run, x);
	} else if (r == IS_THERE) {
		run->sums->n++;
		run->sums->bytes += (int64_t)x->size;
	} else if (x->s.more.len == 0) {
		/* where it is until its push is settled (push_files.h) */
		x->first = (enum answer)r;
		sync_key(run->s, &x->s.more, "file", x->hex);
		x->read = run->get || !remote_can(run->s->remote)->sums;
		ask(run, x);
	} else
		is_missing(run, x);
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
start_some(struct run *run, struct err *e)
{
	while ((run->next = slots_unused(&run->slots)) != NULL) {
		while (run->at < run->files->n && run->want[run->at].got)
			run->at++;
		if (run->at == run->files->n)
			break;
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
		if (start_some(run, e) < 0 || (busy = slots_collect(
		    &run->slots, finish, run, e)) < 0)
			return -1;
		sync_tell(run->s, "files looked at", (int64_t)run->at,
		    (int64_t)run->files->n);
		if (busy == 0 && run->at == run->files->n)
			return 0;
		if (busy > 0 && remote_step(run->s->remote, STEP_MS, e) < 0)
			return -1;
	}
}

int
prove_files(struct sync *s, const struct chosen *files, bool get,
    struct proof *sums, struct err *e)
{
	struct run run = { .s = s, .sums = sums, .files = files, .get = get };
	int r;

	memset(sums, 0, sizeof *sums);
	slots_init(&run.slots, s->remote, remote_can(s->remote)->at_once,
	    sizeof *run.next);
	if ((r = prove_packed(&run, e)) == 0)
		r = prove_all(&run, e);
	slots_drain(&run.slots);
	slots_release(&run.slots);
	free(run.want);
	return r;
}
