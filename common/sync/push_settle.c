/*
 * Files after the manifest: what is under its hash gets its name, what was
 * removed goes.  It is done only while the session is ours, so that what
 * another node published under that name meanwhile is never touched.
 */
#include "sync/push_files.h"

#include "base/str.h"
#include "file/file_row.h"
#include "memory/session.h"
#include "store/node.h"
#include "store/store.h"
#include "sync/journal_file.h"
#include "sync/lease.h"
#include "sync/sync.h"

#include <stdbool.h>
#include <string.h>

#define LEFT_MS 4000		/* of a lease, at least, for one file */

struct run {
	struct sync *s;
	char own[ULID_LEN + 1];
	int64_t n;
	struct strv keys;	/* objects to delete */
	struct strv done;	/* rows of the journal that are */
	const struct journal_file *f;
	bool ours, counts;	/* of the row that is looked at */
	struct buf key;
};

/* --- is it ours? ------------------------------------------------------- */

/* 1, 0 somebody else has written the session since, or holds it. */
static int
has_lease(struct run *run, const struct file_each *f, struct err *e)
{
	struct journal_lease l;
	bool own;
	int r;

	if ((r = journal_lease(run->s->journal, f->user, f->session, &l, e)) <
	    0)
		return -1;
	own = r == 1 && strcmp(l.node, run->own) == 0;
	r = own && l.left_ms >= LEFT_MS;
	journal_lease_release(&l);
	if (!own || r == 1)
		return r;
	if (lease_take(run->s, f->user, f->session, PUSH_SETTLE_MS, false,
	    e) < 0)
		return e->code == ERR_BUSY ? 0 : -1;
	return 1;
}

/* For file_find. */
static int
look(void *arg, const struct file_each *f, struct err *e)
{
	struct run *run = arg;
	struct file_row last;
	int64_t session, user;
	int r;

	if (store_user(run->s->st, f->user, false, &user, e) < 0 ||
	    session_row_of(run->s->st, user, f->session, false, &session, e) <
	    0 || (r = file_row_last(run->s->st, session, f->row.area,
	    f->row.path, &last, e)) < 0)
		return -1;
	run->counts = r == 1 && last.seq == f->row.seq;
	if (!run->counts)
		return 0;
	/* what is under the name may be all that there is of another's */
	if ((r = file_row_contested(run->s->st, session, f->row.area,
	    f->row.path, e)) != 0) {
		run->counts = false;
		return r < 0 ? -1 : 0;
	}
	if ((r = has_lease(run, f, e)) < 0)
		return -1;
	run->ours = r == 1;
	if (!run->ours || run->f->what != JOURNAL_MOVE)
		return 0;
	/* from before it was sealed: it can be read where it is */
	if (sealing_on(run->s->sealing)) {
		run->counts = false;
		return 0;
	}
	if ((r = push_files_put(run->s, f, e)) < 0)
		return -1;
	run->counts = r == 1;
	return 0;
}

/* --- one of them ------------------------------------------------------- */

static int
settle_one(void *arg, const struct journal_file *f, struct err *e)
{
	struct run *run = arg;
	char hex[HASH_HEX + 1];
	int r;

	if (sync_stopped(run->s, e))
		return -1;
	run->f = f;
	run->ours = run->counts = false;
	if ((r = file_find(run->s->st, f->seq, look, run, e)) < 0)
		return -1;
	/* what was superseded stays as it is: under its hash it can be read */
	strv_add(&run->done, f->key);
	if (!run->ours || !run->counts)
		return 0;
	run->n++;
	if (f->what == JOURNAL_DELETE) {
		strv_add(&run->keys, f->key);
		return 0;
	}
	hex_encode(hex, f->sha256, HASH_LEN);
	sync_key(run->s, &run->key, "file", hex);
	strv_add(&run->keys, run->key.p);
	return 0;
}

static int
delete_all(struct run *run, struct err *e)
{
	struct remote_delete op = { .keys = &run->keys };

	if (run->keys.n == 0)
		return 0;
	remote_delete(run->s->remote, &op);
	return remote_wait(run->s->remote, &op.op, e);
}

static int
drop_rows(struct run *run, int64_t upto, struct err *e)
{
	size_t i;
	int r = 0;

	if (journal_begin(run->s->journal, e) < 0)
		return -1;
	for (i = 0; r == 0 && i < run->done.n; i++)
		r = journal_file_drop(run->s->journal, run->done.v[i], e);
	if (r == 0)
		r = journal_file_trim(run->s->journal, upto, e);
	return journal_end(run->s->journal, r, e);
}

int
push_files_settle(struct sync *s, int64_t *n, struct err *e)
{
	struct run run = { .s = s, .keys = STRV_INIT, .done = STRV_INIT,
	    .key = BUF_INIT };
	int64_t upto;
	int r;

	if ((r = node_name(s->st, run.own, e)) == 0 &&
	    (r = journal_upto(s->journal, run.own, &upto, e)) == 0 &&
	    (r = journal_file_due(s->journal, upto, settle_one, &run, e)) == 0
	    && (r = delete_all(&run, e)) == 0)
		r = drop_rows(&run, upto, e);
	*n = run.n;
	strv_release(&run.keys);
	strv_release(&run.done);
	buf_release(&run.key);
	return r;
}
