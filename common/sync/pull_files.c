#include "sync/pull_files.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "file/file_dir.h"
#include "file/file_row.h"
#include "file/file_sealed.h"
#include "memory/session.h"
#include "memory/stage.h"
#include "store/audit_note.h"
#include "store/scratch.h"
#include "store/store.h"
#include "sync/file_batch.h"
#include "sync/pack_get.h"
#include "sync/push_files.h"
#include "sync/slot.h"
#include "sync/sync.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP_MS 1000

/* A file on its way, in the scratch folder under its number. */
struct one {
	struct slot s;
	struct file_coming *c;		/* of the batch, at the same place */
	int fd;				/* -1: it is done */
	bool packed;			/* it is in a pack */
	bool staged;			/* it is asked for by its hash */
	bool kept;			/* all there, and not synced yet */
	struct file_seal *seal;		/* own; what comes is sealed */
	uint64_t sealed;		/* plain bytes so far */
};

struct run {
	struct sync *s;
	struct pulled_files *sums;
	file_batch_fn *told;
	void *arg;
	const struct pull_which *which;
	struct file_dir folder;		/* of the one session, */
	bool looked;			/* once it is open */
	char *of_user, *of_session;	/* own; that was looked up last, */
	bool away;			/* and is left where it is */
	struct scratch scratch;
	int dir;
	int64_t *seq;			/* own; rows to look at */
	size_t n, cap, at;
	struct slots slots;		/* FILE_BATCH_MAX, of its struct one */
	struct one *slot;		/* the first of them */
	struct file_batch batch;
	bool full;			/* the next row goes after these */
	struct pack_want *want;		/* own; of the slots: those in packs */
	int packed;			/* that were not asked for yet */
	struct pack_bad bad;
};

/* --- which ------------------------------------------------------------- */

/* Of the one session: 1 it is wanted, 0 it is here. */
static int
not_here(struct run *run, const struct file_each *f, struct err *e)
{
	struct stat sb;
	int64_t mtime;
	int r;

	if (!str_eq(f->session, run->which->session) ||
	    !str_eq(f->user, run->which->user))
		return 0;
	if (f->row.removed || f->row.local != FILE_HERE)
		return f->row.local == FILE_ELSEWHERE || !f->row.removed;
	if (!run->looked) {
		run->looked = true;
		if (file_dir_open(&run->folder, run->s->st, f->user,
		    f->session, false, e) < 0)
			return -1;
	}
	if (run->folder.top < 0)
		return 1;
	if (f->row.key != 0) {
		r = file_sealed_there(&run->folder, &f->row, &mtime, e);
		return r < 0 ? -1 : r == 0;
	}
	r = file_dir_stat(&run->folder, f->row.area, f->row.path, &sb, e);
	return r < 0 ? -1 : r == 0;
}

/* Of all: 1 it is wanted, 0 it is here, or stays where it is. */
static int
elsewhere(struct run *run, const struct file_each *f, struct err *e)
{
	struct stage g;
	int r;

	if (f->row.local != FILE_ELSEWHERE)
		return 0;
	if (f->row.removed)
		return 1;
	if (!str_eq(f->session, run->of_session) ||
	    !str_eq(f->user, run->of_user)) {
		if ((r = stage_find(run->s->st, f->user, f->session, &g, e)) <
		    0)
			return -1;
		run->away = r == 1 && ((g.archived && !run->which->archived) ||
		    g.cold != NULL);
		free(run->of_user);
		free(run->of_session);
		run->of_user = xstrdup(f->user);
		run->of_session = xstrdup(f->session);
		stage_release(&g);
	}
	return !run->away;
}

static int
gather(void *arg, const struct file_each *f, struct err *e)
{
	struct run *run = arg;
	int r = run->which->session != NULL ? not_here(run, f, e) :
	    elsewhere(run, f, e);

	if (r <= 0)
		return r;
	if (run->which->count) {
		run->sums->n += !f->row.removed;
		run->sums->bytes += f->row.size;
		return 0;
	}
	run->seq = xgrow(run->seq, run->n, &run->cap, sizeof *run->seq);
	run->seq[run->n++] = f->row.seq;
	return 0;
}

/* --- fetching ---------------------------------------------------------- */

static void
ask(struct run *run, struct one *slot)
{
	char hex[HASH_HEX + 1];

	if (slot->staged) {
		hex_encode(hex, slot->c->f.row.sha256, HASH_LEN);
		sync_key(run->s, &slot->s.key, "file", hex);
	} else
		push_files_key(run->s, &slot->c->f, &slot->s.key);
	slot->s.u.get = (struct remote_get){ .key = slot->s.key.p,
	    .sha256 = slot->c->f.row.sha256, .take = remote_into_fd,
	    .arg = &slot->fd };
	slot_get(run->s->remote, &slot->s);
}

/* It is nowhere; a pack may be why. */
static int
is_missing(struct run *run, const struct one *slot, enum err_code code,
    struct err *e)
{
	struct buf why = BUF_INIT;
	int r = 0;

	run->sums->missing++;
	buf_adds(&why, code == ERR_ABSENT ? "missing" : "different");
	if (run->bad.n > 0)
		buf_addf(&why, "; pack %s %s", run->bad.name, run->bad.why);
	if (run->told != NULL)
		r = run->told(run->arg, &slot->c->f, why.p, e);
	buf_release(&why);
	return r;
}

/* By its name: one of a sealed tenant was never put so, and its path is told
 * to no server. */
static int
ask_or_miss(struct run *run, struct one *slot, struct err *e)
{
	if (slot->c->f.row.key != 0)
		return is_missing(run, slot, ERR_ABSENT, e);
	ask(run, slot);
	return 0;
}

/* --- what is sealed as it comes ---------------------------------------- */

static int
seal_begin_again(struct run *run, struct one *slot, struct err *e)
{
	const struct file_batch *b = &run->batch;
	int64_t user, session;

	file_seal_free(slot->seal);
	slot->seal = NULL;
	slot->sealed = 0;
	if (ftruncate(slot->fd, 0) < 0 || lseek(slot->fd, 0, SEEK_SET) < 0)
		return err_sys(e, "cannot write '%s'", run->scratch.path);
	if (store_user(b->st, b->user, false, &user, e) < 0 ||
	    session_row_of(b->st, user, b->session, false, &session, e) < 0)
		return -1;
	return file_seal_new(&slot->seal, b->st, session, slot->fd,
	    run->scratch.path, slot->c->disk, e);
}

static int
take_sealed(struct run *run, struct one *slot, const void *p, size_t n,
    uint64_t at, struct err *e)
{
	if (at == 0 && seal_begin_again(run, slot, e) < 0)
		return -1;
	/* a part that is missing makes its hash another */
	if (slot->seal == NULL || at != slot->sealed)
		return 0;
	slot->sealed += n;
	return file_seal_add(slot->seal, p, n, e);
}

static int
end_sealed(struct run *run, struct one *slot, struct err *e)
{
	int r;

	if (slot->seal == NULL && seal_begin_again(run, slot, e) < 0)
		return -1;	/* one of no bytes */
	r = file_seal_end(slot->seal, e);
	file_seal_free(slot->seal);
	slot->seal = NULL;
	return r;
}

/* For file_find: the row joins the slots, if it is of their session. */
static int
start(void *arg, const struct file_each *f, struct err *e)
{
	struct run *run = arg;
	struct one *slot = &run->slot[run->batch.n];
	int r;

	if ((slot->c = file_batch_add(&run->batch, f)) == NULL) {
		run->full = true;
		return 0;
	}
	snprintf(slot->c->name, sizeof slot->c->name, "%zu",
	    run->batch.n - 1);
	slot->packed = slot->staged = slot->kept = false;
	slot->seal = NULL;
	slot->sealed = 0;
	slot->fd = -1;
	slot->s.state = SLOT_FREE;
	run->want[run->batch.n - 1].got = true;
	if (f->row.removed)
		return 0;
	slot->fd = openat(run->dir, slot->c->name, O_RDWR | O_CREAT | O_TRUNC |
	    O_CLOEXEC | O_NOFOLLOW, 0600);
	if (slot->fd < 0)
		return err_sys(e, "cannot make a file in '%s'",
		    run->scratch.path);
	if (!run->which->by_name && (r = pack_want(run->s,
	    &run->want[run->batch.n - 1], f->row.sha256,
	    (uint64_t)f->row.size, e)) != 0) {
		slot->packed = true;
		run->packed++;
		return r < 0 ? -1 : 0;
	}
	run->want[run->batch.n - 1].got = true;
	return ask_or_miss(run, slot, e);
}

/* All of its bytes are there, and are what they must be.  They go to the disk
 * while others come, and are waited for together (sync_all). */
static int
keep(struct run *run, struct one *slot, struct err *e)
{
	if (slot->c->f.row.key != 0) {
		if (end_sealed(run, slot, e) < 0)
			return -1;
	} else if (ftruncate(slot->fd, (off_t)slot->c->f.row.size) < 0 ||
	    fchmod(slot->fd, slot->c->f.row.exec ? 0700 : 0600) < 0)
		return err_sys(e, "cannot write '%s'", slot->c->f.row.path);
	file_sync_soon(slot->fd);
	run->sums->n++;
	run->sums->bytes += slot->c->f.row.size;
	slot->kept = true;
	return 0;
}

/* What a slot came to: -1 is no more than this file's, if that is missing. */
static int
finish(void *arg, void *of, struct err *e)
{
	struct run *run = arg;
	struct one *slot = of;
	const struct remote_get *g = &slot->s.u.get;

	if (g->op.r == 0) {
		run->s->received += slot->c->f.row.size;
		return keep(run, slot, e);
	}
	if (g->op.err.code != ERR_ABSENT && g->op.err.code != ERR_INPUT) {
		*e = g->op.err;
		return err_add(e, "cannot get '%s'", slot->s.key.p);
	}
	if (!slot->staged) {
		slot->staged = true;
		ask(run, slot);
		return 0;
	}
	return is_missing(run, slot, g->op.err.code, e);
}

/* --- out of packs ------------------------------------------------------ */

/* For pack_get. */
static int
take(void *arg, size_t i, const void *p, size_t n, uint64_t at,
    struct err *e)
{
	struct run *run = arg;
	struct one *slot = &run->slot[i];

	if (slot->c->f.row.key != 0)
		return take_sealed(run, slot, p, n, at, e);
	return remote_into_fd(&run->slot[i].fd, p, n, at, e);
}

/* Those of these slots; what is not there is asked for by its name. */
static int
unpack(struct run *run, struct err *e)
{
	const struct pack_get get = { .want = run->want, .n = run->batch.n,
	    .take = take, .arg = run, .bad = &run->bad };
	struct one *slot;
	size_t i;

	run->packed = 0;
	if (pack_get(run->s, &get, e) < 0)
		return -1;
	for (i = 0; i < run->batch.n; i++) {
		slot = &run->slot[i];
		if (!slot->packed)
			continue;
		if (!run->want[i].got) {
			if (ask_or_miss(run, slot, e) < 0)
				return -1;
			continue;
		}
		push_files_note(run->s, "file_pull", &slot->c->f);
		if (keep(run, slot, e) < 0)
			return -1;
	}
	return 0;
}

/* Slots of one session, until all of them came. */
static int
fetch(struct run *run, struct err *e)
{
	int busy = 0, most = remote_can(run->s->remote)->at_once;

	for (;;) {
		while (!run->full && run->at < run->n && busy < most &&
		    run->batch.n < FILE_BATCH_MAX) {
			if (sync_stopped(run->s, e) || file_find(run->s->st,
			    run->seq[run->at], start, run, e) < 0)
				return -1;
			run->at += !run->full;
			busy += !run->full &&
			    run->slot[run->batch.n - 1].s.state == SLOT_BUSY;
		}
		if (busy > 0 && remote_step(run->s->remote, STEP_MS, e) < 0)
			return -1;
		if ((busy = slots_collect(&run->slots, finish, run, e)) < 0)
			return -1;
		if (busy > 0 || (!run->full && run->at < run->n &&
		    run->batch.n < FILE_BATCH_MAX))
			continue;
		if (run->packed == 0)
			return 0;
		if (unpack(run, e) < 0)
			return -1;
	}
}

/* --- into place -------------------------------------------------------- */

static int
sync_all(struct run *run, struct err *e)
{
	struct one *slot;

	for (slot = run->slot; slot < run->slot + run->batch.n; slot++) {
		if (!slot->kept)
			continue;
		if (file_sync(slot->fd, slot->c->f.row.path, e) < 0)
			return -1;
		close(slot->fd);
		slot->fd = -1;
		slot->c->came = true;
	}
	return 0;
}

static int
place(struct run *run, struct err *e)
{
	struct file_batch_sums sums = { .placed = 0 };
	int r;

	if (sync_all(run, e) < 0 || audit_flush(e) < 0)
		return -1;
	r = file_batch_place(&run->batch, run->dir, &sums, run->told, run->arg,
	    e);
	run->sums->removed += sums.removed;
	run->sums->kept += sums.kept;
	return r;
}

static void
clear(struct run *run)
{
	struct one *slot;

	slots_drain(&run->slots);
	for (slot = run->slot; slot < run->slot + run->batch.n; slot++) {
		if (slot->fd >= 0)
			close(slot->fd);
		file_seal_free(slot->seal);
		slot->seal = NULL;
		unlinkat(run->dir, slot->c->name, 0);
	}
	file_batch_clear(&run->batch);
	run->full = false;
}

/* --- the whole of it --------------------------------------------------- */

static int
run_all(struct run *run, struct err *e)
{
	int r = 0;

	if ((!run->which->by_name && pack_note_all(run->s, &run->bad, e) < 0)
	    || scratch_open(&run->scratch, run->s->st->dir, "pull", e) < 0)
		return -1;
	run->dir = open(run->scratch.path, O_RDONLY | O_DIRECTORY |
	    O_CLOEXEC);
	if (run->dir < 0)
		return err_sys(e, "cannot open '%s'", run->scratch.path);
	while (r == 0 && run->at < run->n) {
		if ((r = fetch(run, e)) == 0)
			r = place(run, e);
		clear(run);
		sync_tell(run->s, "files", (int64_t)run->at, (int64_t)run->n);
	}
	return r;
}

int
pull_files(struct sync *s, const struct pull_which *which,
    struct pulled_files *sums, file_batch_fn *told, void *arg, struct err *e)
{
	static const struct pull_which of_all = { .user = NULL };
	struct run run = { .s = s, .sums = sums, .told = told, .arg = arg,
	    .which = which != NULL ? which : &of_all,
	    .scratch = SCRATCH_INIT, .dir = -1 };
	int r;

	file_dir_init(&run.folder);
	memset(sums, 0, sizeof *sums);
	if ((r = file_each(s->st, -1, gather, &run, e)) == 0 && run.n > 0) {
		file_batch_init(&run.batch, s->st);
		slots_init(&run.slots, s->remote, FILE_BATCH_MAX,
		    sizeof *run.slot);
		run.slot = slots_at(&run.slots, 0);
		run.want = xcalloc(FILE_BATCH_MAX, sizeof *run.want);
		r = run_all(&run, e);
		slots_release(&run.slots);
		file_batch_release(&run.batch);
		if (run.dir >= 0)
			close(run.dir);
		scratch_close(&run.scratch);
	}
	free(run.want);
	free(run.seq);
	free(run.of_user);
	free(run.of_session);
	file_dir_close(&run.folder);
	return r;
}
