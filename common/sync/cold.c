#include "sync/cold.h"

#include "base/conf.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/str.h"
#include "file/file_row.h"
#include "memory/stage.h"
#include "store/scratch.h"
#include "store/store.h"
#include "sync/chosen.h"
#include "sync/lease.h"
#include "sync/pack_get.h"
#include "sync/push_files.h"
#include "sync/sync.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LEFT_MS 20000		/* of a lease, at least, for one file, */
#define SLOW 1000		/* and a millisecond for so many bytes */
#define HOLD_MS 60000		/* beyond that, for the next ones */

struct run {
	struct sync *s;
	const struct stage *g;
	const char *class;		/* or NULL: */
	struct remote *second;		/* own */
	struct scratch scratch;
	int fd;				/* a file in it */
	struct buf key;
	const struct file_each *f;	/* that is looked at */
	bool packed;			/* it is in a pack */
	int64_t size;
};

/* --- where ------------------------------------------------------------- */

static const char *
setting(const struct sync *s, const char *name)
{
	struct buf key = BUF_INIT;
	const char *v;

	buf_addf(&key, "remote.%s.%s", s->name, name);
	v = conf_get(s->st->conf, key.p, NULL);
	buf_release(&key);
	return v != NULL && *v != '\0' ? v : NULL;
}

/* A copy is in clear, and so has to be what it is copied from, and where it
 * goes to be meant for that. */
static int
not_sealed(const struct sync *s, const char *second, struct err *e)
{
	struct buf key = BUF_INIT;
	bool sealed = false;
	int r = 0;

	if (sealing_on(s->sealing))
		return err_set(e, ERR_USAGE, "remote '%s' is sealed: files lie "
		    "there in packs with those of other sessions, and cannot "
		    "be cold by themselves; set remote.%s.class for all of it",
		    s->name, s->name);
	buf_addf(&key, "remote.%s.seal", second != NULL ? second : "");
	if (second != NULL && conf_get_bool(s->st->conf, key.p, &sealed, e) <
	    0)
		r = -1;
	else if (sealed)
		r = err_set(e, ERR_USAGE, "cold files are copied in clear, and "
		    "%s is set; let remote.%s.cold name another remote",
		    key.p, s->name);
	buf_release(&key);
	return r;
}

bool
cold_has_second(const struct sync *s)
{
	return setting(s, "cold") != NULL;
}

int
cold_where(const struct sync *s, struct buf *json, struct err *e)
{
	const char *class = setting(s, "coldClass");
	const char *second = setting(s, "cold");
	const char *what = class != NULL ? class : second;

	if (what == NULL)
		return err_set(e, ERR_USAGE, "nothing is set up for cold "
		    "files; mem-admin config set remote.%s.coldClass CLASS, or "
		    "remote.%s.cold NAME", s->name, s->name);
	if (class != NULL && second != NULL)
		return err_set(e, ERR_USAGE, "remote.%s.coldClass and "
		    "remote.%s.cold are set; cold files go to one of them",
		    s->name, s->name);
	if (class != NULL && !remote_can(s->remote)->class)
		return err_set(e, ERR_USAGE, "remote '%s' is a folder, and "
		    "knows no storage class; set remote.%s.cold", s->name,
		    s->name);
	if (second != NULL && str_eq(second, s->name))
		return err_set(e, ERR_USAGE, "remote.%s.cold is the same "
		    "remote", s->name);
	if (not_sealed(s, second, e) < 0)
		return -1;
	buf_addf(json, "{\"%s\":", class != NULL ? "class" : "remote");
	json_quote(json, what, strlen(what));
	buf_addc(json, '}');
	return 0;
}

/* --- one file ---------------------------------------------------------- */

/* Is it there as it must be, and where it is to be?  1, 0. */
static int
is_done(struct run *run, struct remote *to, struct err *e)
{
	struct remote_head h = { .key = run->key.p };
	const struct file_row *row = &run->f->row;
	char hex[HASH_HEX + 1];
	int r;

	remote_head(to, &h);
	if (remote_wait(to, &h.op, e) < 0)
		r = e->code == ERR_ABSENT ? 0 : -1;
	else {
		hex_encode(hex, row->sha256, HASH_LEN);
		r = h.size == (uint64_t)row->size && str_eq(h.sha256, hex) &&
		    (run->class == NULL || str_eq(h.class, run->class));
	}
	strv_release(&h.meta);
	return r;
}

/* For pack_get. */
static int
take(void *arg, size_t i, const void *p, size_t n, uint64_t at,
    struct err *e)
{
	struct run *run = arg;

	(void)i;
	return remote_into_fd(&run->fd, p, n, at, e);
}

/* Out of a pack: 1, 0 it is in none. */
static int
unpack(struct run *run, struct err *e)
{
	const struct file_row *row = &run->f->row;
	struct pack_want w;
	const struct pack_get get = { .want = &w, .n = 1, .take = take,
	    .arg = run };

	if (pack_want(run->s, &w, row->sha256, (uint64_t)row->size, e) < 0 ||
	    pack_get(run->s, &get, e) < 0)
		return -1;
	if (!w.got)
		return 0;
	return ftruncate(run->fd, (off_t)row->size) < 0 ? err_sys(e,
	    "cannot write in '%s'", run->scratch.path) : 1;
}

static int
fetch(struct run *run, struct err *e)
{
	const struct file_row *row = &run->f->row;
	struct remote_get get = { .key = run->key.p, .sha256 = row->sha256,
	    .take = remote_into_fd, .arg = &run->fd };
	int r;

	if (ftruncate(run->fd, 0) < 0)
		return err_sys(e, "cannot write in '%s'", run->scratch.path);
	if ((r = unpack(run, e)) != 0)
		return r < 0 ? -1 : 0;
	remote_get(run->s->remote, &get);
	if (remote_wait(run->s->remote, &get.op, e) < 0) {
		if (e->code == ERR_ABSENT || e->code == ERR_INPUT)
			return err_set(e, ERR_CORRUPT, "'%s' does not have "
			    "'%.200s' as it must be", run->s->name,
			    run->key.p);
		return -1;
	}
	run->s->received += row->size;
	return ftruncate(run->fd, (off_t)row->size) < 0 ? err_sys(e,
	    "cannot write in '%s'", run->scratch.path) : 0;
}

static int
put(struct run *run, struct remote *to, struct err *e)
{
	const struct file_row *row = &run->f->row;
	struct remote_put p = { .key = run->key.p, .sha256 = row->sha256,
	    .body = { .fd = run->fd, .len = (uint64_t)row->size,
	    .name = run->key.p }, .class = run->class };

	remote_put(to, &p);
	if (remote_wait(to, &p.op, e) < 0)
		return err_add(e, "cannot put '%s'", run->key.p);
	run->s->sent += row->size;
	return 0;
}

/* Ours for a while yet. */
static int
keep(struct run *run, struct err *e)
{
	int64_t need = LEFT_MS + run->f->row.size / SLOW;
	struct journal_lease l;
	bool enough;
	int r;

	if ((r = journal_lease(run->s->journal, run->g->user,
	    run->g->session, &l, e)) < 0)
		return -1;
	enough = r == 1 && l.left_ms >= need;
	journal_lease_release(&l);
	return enough ? 0 : lease_take(run->s, run->g->user, run->g->session,
	    need + HOLD_MS, false, e) < 0 ? -1 : 0;
}

/* For file_find. */
static int
move(void *arg, const struct file_each *f, struct err *e)
{
	struct run *run = arg;
	struct remote *to = run->second != NULL ? run->second :
	    run->s->remote;
	int r;

	run->f = f;
	push_files_key(run->s, f, &run->key);
	if ((r = is_done(run, to, e)) != 0)
		return r < 0 ? -1 : 0;
	if (fetch(run, e) < 0 || (run->second == NULL && keep(run, e) < 0))
		return -1;
	return put(run, to, e);
}

/* --- a session --------------------------------------------------------- */

static int
move_all(struct run *run, const struct chosen *c, struct err *e)
{
	size_t i;

	/* first of all: a lease that is refused is, before anything is read */
	if (c->n > 0 && run->second == NULL && lease_take(run->s,
	    run->g->user, run->g->session, HOLD_MS, false, e) < 0)
		return -1;
	for (i = 0; i < c->n; i++) {
		if (sync_stopped(run->s, e) || file_find(run->s->st,
		    c->v[i].seq, move, run, e) < 0)
			return -1;
		sync_tell(run->s, "cold files", (int64_t)i + 1,
		    (int64_t)c->n);
	}
	return 0;
}

static int
prepare(struct run *run, struct err *e)
{
	const char *second = setting(run->s, "cold");
	struct buf path = BUF_INIT;

	run->class = setting(run->s, "coldClass");
	if (second != NULL && remote_open(&run->second, run->s->st, second,
	    run->s->watch.stop, e) < 0)
		return -1;
	if (scratch_open(&run->scratch, run->s->st->dir, "cold", e) < 0)
		return -1;
	buf_addf(&path, "%s/file", run->scratch.path);
	run->fd = open(path.p, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	if (run->fd < 0)
		err_sys(e, "cannot make '%s'", path.p);
	buf_release(&path);
	return run->fd < 0 ? -1 : 0;
}

/* For file_find: is it in a pack? */
static int
look(void *arg, const struct file_each *f, struct err *e)
{
	struct run *run = arg;
	struct pack_want w;
	int r = pack_want(run->s, &w, f->row.sha256, (uint64_t)f->row.size,
	    e);

	run->packed = r == 1;
	run->size = f->row.size;
	return r < 0 ? -1 : 0;
}

/* Under a class those in packs are none of ours. */
static int
leave_packed(struct run *run, struct chosen *c, struct err *e)
{
	struct pack_bad bad = { .n = 0 };
	size_t i, n = 0;

	if (pack_note_all(run->s, &bad, e) < 0)
		return -1;
	for (i = 0; setting(run->s, "coldClass") != NULL && i < c->n; i++) {
		if (file_find(run->s->st, c->v[i].seq, look, run, e) < 0)
			return -1;
		if (run->packed) {
			c->bytes -= run->size;
			free(c->v[i].path);
			c->v[i].path = NULL;
		}
	}
	for (i = 0; i < c->n; i++)
		if (c->v[i].path != NULL)
			c->v[n++] = c->v[i];
	c->n = n;
	return 0;
}

static int
do_session(struct run *run, const struct chosen *c, const char *where,
    struct err *e)
{
	struct err ignored;	/* it is free when its time is over */
	char detail[200];
	int r;

	if ((r = prepare(run, e)) == 0)
		r = move_all(run, c, e);
	if (run->second == NULL)
		lease_drop(run->s, run->g->user, run->g->session, &ignored);
	if (run->fd >= 0)
		close(run->fd);
	if (run->scratch.path != NULL)
		scratch_close(&run->scratch);
	remote_close(run->second);
	snprintf(detail, sizeof detail, "remote %.100s, files %zu, bytes %"
	    PRId64, run->s->name, c->n, c->bytes);
	return r < 0 ? -1 : stage_cool(run->s->st, run->g, where, detail, e) <
	    0 ? -1 : 0;
}

int
cold_session(struct sync *s, const struct stage *g, bool dry_run,
    unsigned but, struct cooled *sums, struct err *e)
{
	const struct choice which = { .but = but };
	struct run run = { .s = s, .g = g, .scratch = SCRATCH_INIT,
	    .fd = -1, .key = BUF_INIT };
	struct chosen c = CHOSEN_INIT;
	struct buf where = BUF_INIT;
	int r;

	memset(sums, 0, sizeof *sums);
	if ((r = cold_where(s, &where, e)) == 0 &&
	    (r = chosen_pushed(s, g, e)) == 0 &&
	    (r = chosen_gather(s->st, g, &which, &c, e)) == 0 &&
	    (r = leave_packed(&run, &c, e)) == 0 && !dry_run)
		r = do_session(&run, &c, where.p, e);
	sums->files = (int64_t)c.n;
	sums->bytes = c.bytes;
	chosen_release(&c);
	buf_release(&where);
	buf_release(&run.key);
	return r;
}

/* --- back again -------------------------------------------------------- */

/* Is it in a pack, as it must be?  1, 0. */
static int
is_packed(struct run *run, struct err *e)
{
	const struct file_row *row = &run->f->row;
	struct pack_want w;
	const struct pack_get get = { .want = &w, .n = 1 };

	if (pack_want(run->s, &w, row->sha256, (uint64_t)row->size, e) < 0 ||
	    pack_prove(run->s, &get, true, e) < 0)
		return -1;
	return w.got;
}

/* For file_find: it is put where it was lost. */
static int
put_back(void *arg, const struct file_each *f, struct err *e)
{
	struct run *run = arg;
	int r;

	run->f = f;
	push_files_key(run->s, f, &run->key);
	if (f->row.local != FILE_HERE)
		return 0;
	if ((r = is_done(run, run->s->remote, e)) != 0 ||
	    (r = is_packed(run, e)) != 0)
		return r < 0 ? -1 : 0;
	return keep(run, e) < 0 || push_files_put(run->s, f, e) < 0 ? -1 : 0;
}

static int
put_all_back(struct sync *s, const struct stage *g, struct err *e)
{
	const struct choice which = { .here = true };
	struct run run = { .s = s, .g = g, .key = BUF_INIT };
	struct chosen c = CHOSEN_INIT;
	size_t i;
	int r;

	if ((r = chosen_gather(s->st, g, &which, &c, e)) == 0 && c.n > 0)
		r = lease_take(s, g->user, g->session, HOLD_MS, false, e);
	for (i = 0; r >= 0 && i < c.n; i++)
		r = file_find(s->st, c.v[i].seq, put_back, &run, e);
	if (r >= 0 && c.n > 0)
		r = lease_drop(s, g->user, g->session, e);
	chosen_release(&c);
	buf_release(&run.key);
	return r < 0 ? -1 : 0;
}

int
cold_restore(struct sync *s, const struct stage *g,
    struct pulled_files *sums, int (*told)(void *, const struct file_each *,
    const char *, struct err *), void *arg, struct err *e)
{
	const struct pull_which which = { .user = g->user,
	    .session = g->session, .by_name = true };
	struct pulled_files first = *sums;
	struct sync second = *s;	/* the same, but for where bytes are */
	int r;

	if (remote_open(&second.remote, s->st, setting(s, "cold"),
	    s->watch.stop, e) < 0)
		return -1;
	r = pull_files(&second, &which, sums, told, arg, e);
	remote_close(second.remote);
	s->received = second.received;
	sums->n += first.n;
	sums->bytes += first.bytes;
	sums->removed += first.removed;
	/* what lies by its name is in clear */
	return r < 0 ? -1 : sealing_on(s->sealing) ? 0 :
	    put_all_back(s, g, e);
}
