#include "sync/remote_kind.h"

#include "base/alloc.h"
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP_MS 1000

/* --- opening ----------------------------------------------------------- */

int
remote_open(struct remote **out, const struct store *st, const char *name,
    const volatile sig_atomic_t *stop, struct err *e)
{
	struct buf key = BUF_INIT;
	struct remote *r;
	int ret;

	r = xcalloc(1, sizeof *r);
	r->stop = stop;
	buf_addf(&key, "remote.%.200s.url", name);
	if ((ret = remote_conf_read(&r->conf, st->conf, name, e)) == 0 &&
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
	free(r);
}

const struct remote_can *
remote_can(const struct remote *r)
{
	return &r->can;
}

/* --- operations -------------------------------------------------------- */

void
remote_done(struct remote_op *op)
{
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
	op->r = err_set(&op->err, ERR_USAGE, "'%.200s' is no key: %s", key,
	    why);
	end_at_once(r, op);
}

static const char *
key_wrong(const char *key)
{
	return remote_key_wrong(key, strlen(key));
}

void
remote_put(struct remote *r, struct remote_put *p)
{
	p->made = REMOTE_NOT_MADE;
	if (!p->once || p->body.len <= REMOTE_ONCE_MAX) {
		start(r, &p->op, REMOTE_PUT, p->key, key_wrong(p->key));
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
	const char *why = key_wrong(g->key);

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
	start(r, &h->op, REMOTE_HEAD, h->key, key_wrong(h->key));
}

void
remote_list(struct remote *r, struct remote_list *l)
{
	const char *why = remote_prefix_wrong(l->prefix, strlen(l->prefix));

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
		why = key_wrong(key);
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
	const char *why = remote_prefix_wrong(prefix, strlen(prefix));

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
