#include "sync/push_files.h"

#include "base/alloc.h"
#include "base/str.h"
#include "file/file_dir.h"
#include "file/file_folders.h"
#include "file/file_path.h"
#include "file/file_row.h"
#include "file/file_scan.h"
#include "file/file_sealed.h"
#include "store/audit_note.h"
#include "store/store.h"
#include "sync/journal_file.h"
#include "sync/journal_pack.h"
#include "sync/pack_put.h"
#include "sync/remote_key.h"
#include "sync/slot.h"
#include "sync/sync.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP_MS 1000
#define TOGETHER 200		/* rows of the journal in one transaction */

struct one {
	struct slot s;		/* more: its key by its hash */
	struct journal_file row;
	uint8_t sum[HASH_LEN];
};

struct run {
	struct sync *s;
	struct pushed_files *sums;
	int64_t last;
	int64_t *seq;		/* own; rows to look at */
	size_t n, cap, at;
	struct slots slots;
	struct one *next;	/* for the row that is looked at, */
	struct buf key;		/* and its key */
	/* the session that is at work */
	struct file_dir dir;
	char *user, *session;	/* own; NULL: none is open */
	/* rows for the journal */
	int waiting;
	struct pack_put *pack;	/* own; NULL: there are none */
	struct packed packed;
};

/* --- scan -------------------------------------------------------------- */

static int
scan_one(void *arg, const char *user, const char *session, struct err *e)
{
	struct file_scan how = { .record = true };
	struct sync *s = arg;

	if (sync_stopped(s, e))
		return -1;
	return file_scan(s->st, user, session, &how, e) < 0 ? -1 : 0;
}

int
push_files_scan(struct sync *s, struct err *e)
{
	return file_folders(s->st, scan_one, s, e);
}

/* --- where ------------------------------------------------------------- */

void
push_files_key(const struct sync *s, const struct file_each *f, struct buf *b)
{
	buf_reset(b);
	remote_key_add(b, s->tenant);
	remote_key_add(b, f->user);
	remote_key_add(b, f->session);
	remote_key_add(b, file_areas[f->row.area]);
	remote_key_path(b, f->row.path);
}

void
push_files_note(const struct sync *s, const char *action,
    const struct file_each *f)
{
	struct buf key = BUF_INIT;

	if (f->row.key == 0)
		push_files_key(s, f, &key);
	else {
		remote_key_add(&key, s->tenant);
		remote_key_add(&key, f->user);
		remote_key_add(&key, f->session);
		buf_addf(&key, " row %" PRId64, f->row.seq);
	}
	sync_note_file(s, action, key.p, f->row.size, f->row.key == 0 ?
	    f->row.sha256 : NULL);
	buf_release(&key);
}

static void
close_session(struct run *run)
{
	if (run->session == NULL)
		return;
	file_dir_close(&run->dir);
	free(run->user);
	free(run->session);
	run->user = run->session = NULL;
}

/* 1, 0 it has no folder. */
static int
open_session(struct run *run, const struct file_each *f, struct err *e)
{
	int r;

	if (run->session != NULL && str_eq(run->session, f->session) &&
	    str_eq(run->user, f->user))
		return 1;
	close_session(run);
	if ((r = file_dir_open(&run->dir, run->s->st, f->user, f->session,
	    false, e)) != 1) {
		file_dir_close(&run->dir);
		return r;
	}
	run->user = xstrdup(f->user);
	run->session = xstrdup(f->session);
	return 1;
}

/* 1 *fd, 0 it is not there. */
static int
open_file(struct run *run, const struct file_each *f, int *fd, struct err *e)
{
	const char *name;
	int dir, r;

	/* a remote of a sealed tenant is sealed: all goes into packs */
	if (f->row.key != 0)
		return err_set(e, ERR_DENIED, "file '%s' of a sealed tenant "
		    "goes to a sealed remote only", f->row.path);
	if ((r = open_session(run, f, e)) != 1)
		return r;
	if ((dir = file_dir_parent(&run->dir, f->row.area, f->row.path, false,
	    &name, e)) < 0)
		return e->code == ERR_ABSENT || e->code == ERR_EXISTS ? 0 : -1;
	*fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK);
	if (*fd >= 0)
		return 1;
	if (errno == ENOENT || errno == ELOOP || errno == ENOTDIR)
		return 0;
	return err_sys(e, "cannot open '%s'", f->row.path);
}

/* --- putting ----------------------------------------------------------- */

static void
start_put(struct run *run, struct one *x, bool staged)
{
	struct remote_body body = x->s.u.put.body;
	char hex[HASH_HEX + 1];

	x->row.what = staged ? JOURNAL_MOVE : JOURNAL_PUT;
	if (staged) {
		hex_encode(hex, x->sum, HASH_LEN);
		sync_key(run->s, &x->s.more, "file", hex);
	}
	x->s.u.put = (struct remote_put){ .key = staged ? x->s.more.p :
	    x->s.key.p, .body = body, .sha256 = x->sum,
	    .once = !staged && body.len <= REMOTE_ONCE_MAX };
	slot_put(run->s->remote, &x->s);
}

/* --- the journal ------------------------------------------------------- */

/* Rows of the journal go in together. */
static int
flush(struct run *run, int r, struct err *e)
{
	if (run->waiting == 0)
		return r;
	run->waiting = 0;
	/* what the journal has as done, the audit log tells of */
	if (r >= 0 && audit_flush(e) < 0)
		r = -1;
	return journal_end(run->s->journal, r, e);
}

static int
note(struct run *run, const struct journal_file *row, struct err *e)
{
	if (run->waiting == 0 && journal_begin(run->s->journal, e) < 0)
		return -1;
	run->waiting++;
	if (journal_file_add(run->s->journal, row, e) < 0)
		return flush(run, -1, e);
	return run->waiting >= TOGETHER ? flush(run, 0, e) : 0;
}

/* --- packs ------------------------------------------------------------- */

struct lies {
	struct sync *s;
	bool found;
};

/* For file_each_other: was it put by its name, perhaps? */
static int
was_by_name(void *arg, const uint8_t sha256[HASH_LEN], struct err *e)
{
	struct lies *lies = arg;
	struct journal_member m;
	int r = journal_pack_find(lies->s->journal, sha256, 0, &m, e);

	if (r < 0)
		return -1;
	lies->found = r == 0;
	return lies->found;
}

/* What was under its name before it was packed goes after the manifest. */
static int
delete_named(struct run *run, const struct file_each *f, struct err *e)
{
	struct journal_file gone = { .what = JOURNAL_DELETE,
	    .key = run->key.p, .seq = f->row.seq, .last = run->last };
	struct lies lies = { run->s, false };

	if (f->row.key != 0)	/* it never was under a name */
		return 0;
	if (run->pack != NULL && file_each_other(run->s->st, f->row.seq,
	    was_by_name, &lies, e) < 0)
		return -1;
	return run->pack == NULL || lies.found ? note(run, &gone, e) : 0;
}

struct giving {
	struct file_give f;
	bool bad;		/* it is damaged, or was replaced meanwhile */
};

static int
give_it(void *arg, const struct seal_sink *to, struct err *e)
{
	struct giving *g = arg;
	int r = file_give(&g->f, to, e);

	g->bad = r < 0 && (e->code == ERR_CORRUPT || e->code == ERR_ABSENT);
	return r;
}

/* Into a pack: 1; 0 it is not what its row says; *missing: it is not there, or
 * does not open, which keeps nothing else from going. */
static int
pack_sealed(struct run *run, struct pack_put *to, const struct file_each *f,
    bool *missing, struct err *e)
{
	struct giving give = { { run->s->st, &run->dir, &f->row }, false };
	int64_t mtime;
	int r = open_session(run, f, e);

	if (r == 1)
		r = file_sealed_there(&run->dir, &f->row, &mtime, e);
	if (r != 1) {
		*missing = r == 0;
		return r;
	}
	r = pack_put_add_of(to, give_it, &give, f->row.sha256,
	    (uint64_t)f->row.size, f->row.path, e);
	if (r < 0 && give.bad) {
		*missing = true;
		return 0;
	}
	return r;
}

static int
pack_clear(struct run *run, struct pack_put *to, const struct file_each *f,
    bool *missing, struct err *e)
{
	int fd, r;

	if ((r = open_file(run, f, &fd, e)) != 1) {
		*missing = r == 0;
		return r;
	}
	r = pack_put_add(to, fd, f->row.sha256, (uint64_t)f->row.size,
	    f->row.path, e);
	close(fd);
	return r;
}

static int
pack_one(struct run *run, struct pack_put *to, const struct file_each *f,
    bool *missing, struct err *e)
{
	*missing = false;
	return f->row.key != 0 ? pack_sealed(run, to, f, missing, e) :
	    pack_clear(run, to, f, missing, e);
}

static int
pack(struct run *run, const struct file_each *f, struct err *e)
{
	bool missing;
	int r;

	if ((f->row.s.base_ms != 0 && delete_named(run, f, e) < 0) ||
	    flush(run, 0, e) < 0 ||
	    (r = pack_put_has(run->pack, f->row.sha256, e)) < 0)
		return -1;
	if (r == 1)
		return 0;
	r = pack_one(run, run->pack, f, &missing, e);
	if (r == 1)
		push_files_note(run->s, "file_push", f);
	run->sums->missing += missing;
	run->sums->busy += r == 0 && !missing;
	return r < 0 ? -1 : 0;
}

/* For file_find: the row is put, if it is to be. */
static int
look(void *arg, const struct file_each *f, struct err *e)
{
	struct run *run = arg;
	struct one *x = run->next;
	int fd, r;

	push_files_key(run->s, f, &run->key);
	if (f->row.removed)
		return delete_named(run, f, e);
	if (pack_put_takes(run->s, (uint64_t)f->row.size))
		return pack(run, f, e);
	if ((r = journal_file_has(run->s->journal, run->key.p, f->row.sha256,
	    e)) != 0)
		return r < 0 ? -1 : 0;
	if ((r = open_file(run, f, &fd, e)) < 0)
		return -1;
	if (r == 0) {
		run->sums->missing++;
		return 0;
	}
	buf_reset(&x->s.key);
	buf_add(&x->s.key, run->key.p, run->key.len);
	memcpy(x->sum, f->row.sha256, HASH_LEN);
	memcpy(x->row.sha256, f->row.sha256, HASH_LEN);
	x->row.key = x->s.key.p;
	x->row.seq = f->row.seq;
	x->row.last = run->last;
	x->s.u.put.body = (struct remote_body){ .fd = fd,
	    .len = (uint64_t)f->row.size, .name = x->s.key.p };
	start_put(run, x, f->row.s.base_ms != 0);
	return 0;
}

/* What a slot came to. */
static int
finish(void *arg, void *slot, struct err *e)
{
	struct run *run = arg;
	struct one *x = slot;
	const struct remote_put *p = &x->s.u.put;

	if (p->op.r < 0 && p->op.err.code == ERR_EXISTS && p->once) {
		/* what somebody left there who did not come to a manifest */
		start_put(run, x, true);
		return 0;
	}
	close(p->body.fd);
	if (p->op.r == 0) {
		run->sums->n++;
		run->sums->bytes += (int64_t)p->body.len;
		run->s->sent += (int64_t)p->body.len;
		return note(run, &x->row, e);
	}
	if (p->op.err.code == ERR_INPUT) {
		run->sums->busy++;	/* others write it: no more than that */
		return 0;
	}
	*e = p->op.err;
	return err_add(e, "cannot put '%s'", x->s.key.p);
}

static int
put_all(struct run *run, struct err *e)
{
	int busy;

	for (;;) {
		if ((busy = slots_collect(&run->slots, finish, run,
		    e)) < 0)
			return -1;
		while (run->at < run->n &&
		    (run->next = slots_unused(&run->slots)) != NULL) {
			if (sync_stopped(run->s, e) || file_find(run->s->st,
			    run->seq[run->at++], look, run, e) < 0)
				return -1;
			if (run->at % 64 == 0)
				break;	/* let the others go on */
		}
		sync_tell(run->s, "files", (int64_t)run->at, (int64_t)run->n);
		if ((busy = slots_collect(&run->slots, finish, run,
		    e)) < 0)
			return -1;
		if (busy == 0 && run->at == run->n)
			return flush(run, 0, e) < 0 || (run->pack != NULL &&
			    pack_put_end(run->pack, e) < 0) ? -1 : 0;
		if (busy > 0 && remote_step(run->s->remote, busy <
		    run->slots.n && run->at < run->n ? 0 : STEP_MS, e) < 0)
			return -1;
	}
}

/* --- the whole of it --------------------------------------------------- */

/* For file_each: what is ours, and here. */
static int
gather(void *arg, const struct file_each *f, struct err *e)
{
	struct run *run = arg;

	(void)e;
	if (f->row.local != FILE_HERE)
		return 0;
	run->seq = xgrow(run->seq, run->n, &run->cap, sizeof *run->seq);
	run->seq[run->n++] = f->row.seq;
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
	close_session(run);
	buf_release(&run->key);
	free(run->seq);
}

int
push_files_put_as(struct sync *s, const struct file_each *f, const char *key,
    bool once, struct err *e)
{
	struct run run = { .s = s };
	struct remote_put p = { .sha256 = f->row.sha256, .key = key,
	    .once = once && (uint64_t)f->row.size <= REMOTE_ONCE_MAX };
	int r;

	if ((r = open_file(&run, f, &p.body.fd, e)) == 1) {
		p.body.len = (uint64_t)f->row.size;
		p.body.name = f->row.path;
		remote_put(s->remote, &p);
		if (remote_wait(s->remote, &p.op, e) < 0)
			r = e->code == ERR_INPUT ? 0 : -1;
		else
			s->sent += f->row.size;
		close(p.body.fd);
	}
	close_session(&run);
	return r;
}

int
push_files_pack(struct sync *s, const struct file_each *f,
    struct pack_put *pack, struct err *e)
{
	struct run run = { .s = s };
	bool missing;
	int r = pack_one(&run, pack, f, &missing, e);

	close_session(&run);
	return r;
}

static int
put_sealed(struct sync *s, const struct file_each *f, struct err *e)
{
	struct packed sums = { 0, 0, 0 };
	struct pack_put *pack = pack_put_new(s, &sums);
	int r;

	pack_put_again(pack);
	if ((r = push_files_pack(s, f, pack, e)) == 1 &&
	    pack_put_end(pack, e) < 0)
		r = -1;
	pack_put_free(pack);
	return r;
}

int
push_files_put(struct sync *s, const struct file_each *f, struct err *e)
{
	struct buf key = BUF_INIT;
	int r;

	if (sealing_on(s->sealing))
		return put_sealed(s, f, e);
	push_files_key(s, f, &key);
	r = push_files_put_as(s, f, key.p, false, e);
	buf_release(&key);
	return r;
}

int
push_files_is_here(struct sync *s, const struct file_each *f, struct err *e)
{
	struct run run = { .s = s };
	struct stat sb;
	int64_t mtime;
	int fd, r = 0;

	if (f->row.key != 0) {
		if ((r = open_session(&run, f, e)) == 1)
			r = file_sealed_there(&run.dir, &f->row, &mtime, e);
	} else if (f->row.local == FILE_HERE &&
	    (r = open_file(&run, f, &fd, e)) == 1) {
		r = fstat(fd, &sb) == 0 && sb.st_size == f->row.size;
		close(fd);
	}
	close_session(&run);
	return r;
}

int
push_files_wait(struct sync *s, struct err *e)
{
	return journal_file_waits(s->journal, e);
}

int
push_files(struct sync *s, int64_t after, int64_t last,
    struct pushed_files *sums, struct err *e)
{
	struct run run = { .s = s, .sums = sums, .last = last,
	    .key = BUF_INIT };
	int r;

	memset(sums, 0, sizeof *sums);
	if (file_each(s->st, after, gather, &run, e) < 0) {
		free(run.seq);
		return -1;
	}
	slots_init(&run.slots, s->remote, remote_can(s->remote)->at_once,
	    sizeof *run.next);
	if (s->pack || sealing_on(s->sealing))
		run.pack = pack_put_new(s, &run.packed);
	r = run.pack != NULL ? journal_pack_drop_old(s->journal, e) : 0;
	if (r == 0)
		r = flush(&run, put_all(&run, e), e);
	sums->n += run.packed.files;
	sums->bytes += run.packed.bytes;
	sums->packs = run.packed.packs;
	release(&run);
	return r;
}
