#include "sync/remote_kind.h"

#include "base/alloc.h"
#include "store/audit_note.h"
#include "store/store.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP_MS 1000
#define SUM_SHOWN 8	/* bytes of a hash in the audit log */
#define NOTED_MAX 1000	/* rows of it that wait */

static const char not_ours[] = "it is of another tenant";

/* --- opening ----------------------------------------------------------- */

int
remote_open(struct remote **out, const struct store *st, const char *name,
    const volatile sig_atomic_t *stop, struct err *e)
{
	struct buf key = BUF_INIT;
	struct remote *r;
	int ret;

	r = xcalloc(1, sizeof *r);
	r->st = st;
	r->stop = stop;
	buf_init(&r->only);
	remote_only(r, st->tenant);
	buf_addf(&key, "remote.%.200s.url", name);
	if ((ret = remote_conf_read(&r->conf, st->conf, name,
	    st->tenant, e)) == 0 &&
	    (ret = store_obeys(st, key.p, e)) == 0) {
		r->kind = r->conf.path != NULL ? &remote_dir : &remote_s3;
		r->can = r->kind->can;
		r->can.at_once = r->conf.s3.how.at_once;
		ret = r->kind->open(r, e);
	}
	buf_release(&key);
	if (ret < 0) {
		err_add(e, "the remote '%.60s'", name);
		remote_close(r);
		return -1;
	}
	*out = r;
	return 0;
}

void
remote_close(struct remote *r)
{
	if (r == NULL)
		return;
	if (r->kind != NULL)
		r->kind->close(r);
	remote_conf_release(&r->conf);
	buf_release(&r->only);
	free(r);
}

void
remote_only(struct remote *r, const char *tenant)
{
	buf_reset(&r->only);
	if (tenant == NULL)
		return;
	remote_key_add(&r->only, tenant);
	buf_addc(&r->only, '/');
}

const struct remote_can *
remote_can(const struct remote *r)
{
	return &r->can;
}

/* --- operations -------------------------------------------------------- */

/* --- the audit log ----------------------------------------------------- */

static void
note(const struct remote *r, const char *action, const char *key,
    uint64_t size, const uint8_t *sha256)
{
	char hex[2 * SUM_SHOWN + 1] = "", detail[400];

	if (sha256 != NULL)
		hex_encode(hex, sha256, SUM_SHOWN);
	snprintf(detail, sizeof detail, "%.200s, %" PRIu64 " bytes%s%s",
	    r->conf.name, size, sha256 != NULL ? ", sha256 " : "", hex);
	audit_note(r->st, action, key, detail);
}

/* What moved, or is gone. */
static void
note_moved(const struct remote_op *op)
{
	const struct remote_delete *d;
	const struct remote_put *p;
	const struct remote_get *g;
	size_t i;

	if (op->what == REMOTE_PUT) {
		/* one that was there may be ours, of a call that was killed */
		p = (const struct remote_put *)(const void *)op;
		note(op->remote, p->made == REMOTE_THERE ? "object_there" :
		    "object_put", p->key, p->body.len, p->sha256);
	} else if (op->what == REMOTE_GET) {
		g = (const struct remote_get *)(const void *)op;
		note(op->remote, "object_get", g->key, g->len > 0 ? g->len :
		    g->size - g->from, g->sha256);
	} else if (op->what == REMOTE_DELETE) {
		d = (const struct remote_delete *)(const void *)op;
		for (i = 0; i < d->keys->n; i++)
			audit_note(op->remote->st, "object_delete",
			    d->keys->v[i], op->remote->conf.name);
	}
}

void
remote_done(struct remote_op *op)
{
	if (op->r == 0)
		note_moved(op);
	op->busy = false;
	op->work = NULL;
	op->remote->n--;
	if (op->done != NULL)
		op->done(op);
}

/* It ends with the next step. */
static void
end_at_once(struct remote *r, struct remote_op *op)
{
	op->next = r->ended;
	r->ended = op;
}

static void
begin(struct remote *r, struct remote_op *op, enum remote_what what)
{
	op->remote = r;
	op->what = what;
	op->r = 0;
	op->next = NULL;
	op->work = NULL;
	op->busy = true;
	r->n++;
}

/* why: of the key; NULL: it is right. */
static void
start(struct remote *r, struct remote_op *op, enum remote_what what,
    const char *key, const char *why)
{
	begin(r, op, what);
	if (why == NULL) {
		r->kind->start(r, op);
		return;
	}
	op->r = err_set(&op->err, why == not_ours ? ERR_DENIED : ERR_USAGE,
	    "'%.200s' is no key: %s", key, why);
	end_at_once(r, op);
}

static const char *
key_wrong(const struct remote *r, const char *key)
{
	if (!str_starts(key, r->only.p))
		return not_ours;
	return remote_key_wrong(key, strlen(key));
}

static const char *
prefix_wrong(const struct remote *r, const char *prefix)
{
	if (!str_starts(prefix, r->only.p))
		return not_ours;
	return remote_prefix_wrong(prefix, strlen(prefix));
}

void
remote_put(struct remote *r, struct remote_put *p)
{
	p->made = REMOTE_NOT_MADE;
	if (!p->once || p->body.len <= REMOTE_ONCE_MAX) {
		start(r, &p->op, REMOTE_PUT, p->key, key_wrong(r, p->key));
		return;
	}
	begin(r, &p->op, REMOTE_PUT);
	p->op.r = err_set(&p->op.err, ERR_USAGE, "'%.200s' is larger than "
	    "what can be put once", p->key);
	end_at_once(r, &p->op);
}

void
remote_get(struct remote *r, struct remote_get *g)
{
	const char *why = key_wrong(r, g->key);

	if (why == NULL && g->sha256 != NULL && (g->from > 0 || g->len > 0))
		why = "a part of it has another SHA-256";
	g->size = 0;
	start(r, &g->op, REMOTE_GET, g->key, why);
}

void
remote_head(struct remote *r, struct remote_head *h)
{
	h->size = 0;
	h->modified_ms = 0;
	h->sha256[0] = h->class[0] = '\0';
	memset(&h->meta, 0, sizeof h->meta);
	start(r, &h->op, REMOTE_HEAD, h->key, key_wrong(r, h->key));
}

void
remote_list(struct remote *r, struct remote_list *l)
{
	const char *why = prefix_wrong(r, l->prefix);

	l->n = 0;
	start(r, &l->op, REMOTE_LIST, l->prefix, why);
}

void
remote_delete(struct remote *r, struct remote_delete *d)
{
	const char *why = NULL, *key = "";
	size_t i;

	for (i = 0; i < d->keys->n && why == NULL; i++) {
		key = d->keys->v[i];
		why = key_wrong(r, key);
	}
	if (d->keys->n > 0) {
		start(r, &d->op, REMOTE_DELETE, key, why);
		return;
	}
	begin(r, &d->op, REMOTE_DELETE);
	end_at_once(r, &d->op);
}

/* --- going on ---------------------------------------------------------- */

int
remote_step(struct remote *r, int wait_ms, struct err *e)
{
	struct remote_op *op;
	int ret = 0;

	if (r->inside)
		return err_set(e, ERR_USAGE, "a remote is stepped from within "
		    "its own step");
	r->inside = true;
	if (r->ended != NULL)
		wait_ms = 0;
	while ((op = r->ended) != NULL) {
		r->ended = op->next;
		remote_done(op);
	}
	if (r->n > 0)
		ret = r->kind->step(r, wait_ms, e);
	r->inside = false;
	if (ret >= 0 && audit_waiting() >= NOTED_MAX)
		ret = audit_flush(e);
	return ret < 0 ? -1 : r->n;
}

static void
drop(struct remote *r, struct remote_op *op)
{
	r->kind->drop(r, op);
	op->busy = false;
	op->work = NULL;
	r->n--;
}

int
remote_wait(struct remote *r, struct remote_op *op, struct err *e)
{
	while (op->busy)
		if (remote_step(r, STEP_MS, e) < 0) {
			if (op->busy)
				drop(r, op);
			return -1;
		}
	if (op->r < 0)
		*e = op->err;
	return op->r;
}

int
remote_sweep(struct remote *r, const char *prefix, int64_t age_ms,
    uint64_t *n, struct err *e)
{
	const char *why = prefix_wrong(r, prefix);

	*n = 0;
	if (why != NULL)
		return err_set(e, ERR_USAGE, "'%.200s' is no beginning of "
		    "keys: %s", prefix, why);
	return r->kind->sweep(r, prefix, age_ms, n, e);
}

/* --- where bytes go ---------------------------------------------------- */

int
remote_into_fd(void *arg, const void *p, size_t n, uint64_t at, struct err *e)
{
	int fd = *(const int *)arg;
	const char *from = p;
	ssize_t done;

	for (; n > 0; n -= (size_t)done, at += (uint64_t)done, from += done) {
		done = pwrite(fd, from, n, (off_t)at);
		if (done < 0 && errno == EINTR)
			done = 0;
		else if (done <= 0)
			return err_sys(e, "cannot write what came");
	}
	return 0;
}

int
remote_into_buf(void *arg, const void *p, size_t n, uint64_t at,
    struct err *e)
{
	struct remote_room *room = arg;

	if (at == 0)
		buf_reset(room->buf);
	if (n > room->most - room->buf->len)
		return err_set(e, ERR_INPUT, "it has more than %zu bytes",
		    room->most);
	buf_add(room->buf, p, n);
	return 0;
}
