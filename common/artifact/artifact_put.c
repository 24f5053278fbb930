#include "artifact/artifact_put.h"

#include "base/alloc.h"
#include "base/conf.h"
#include "base/json.h"
#include "base/str.h"
#include "blob/blob_local.h"
#include "file/file_area.h"
#include "memory/session.h"
#include "memory/session_seen.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/store.h"
#include "text/redact.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BATCH 256
#define BATCH_BYTES ((size_t)8 << 20)	/* in memory, of a batch */

struct one {
	struct artifact_staged s;
	char *given, *session;		/* own; session NULL: of none */
	struct blob blob;
	struct one *twin;		/* in this batch, with the same bytes */
	bool failed;			/* err */
	struct err err;
};

struct artifact_put {
	struct artifacts *ar;		/* borrowed */
	struct redact *redact;		/* own; NULL: nothing is taken out */
	artifact_told *told;
	void *arg;
	struct one v[BATCH];
	size_t n, bytes;
	int64_t first, last;		/* rows that are locked; 0: none */
};

int
artifact_put_new(struct artifact_put **out, struct artifacts *ar,
    bool redact, artifact_told *told, void *arg, struct err *e)
{
	const char *rules = conf_get(ar->st->conf, "redact.rules", NULL);
	struct artifact_put *p = xcalloc(1, sizeof *p);

	p->ar = ar;
	p->told = told;
	p->arg = arg;
	if (redact && redact_new(&p->redact, rules, e) < 0) {
		free(p);
		return -1;
	}
	*out = p;
	return 0;
}

static void
clear(struct artifact_put *p)
{
	struct one *o;

	if (p->first > 0)
		artifact_lock_drop(&p->ar->lock, p->first,
		    p->last - p->first + 1);
	p->first = p->last = 0;
	for (o = p->v; o < p->v + p->n; o++) {
		artifact_staged_release(&o->s);
		json_decref(o->blob.said);
		free(o->given);
		free(o->session);
	}
	p->n = p->bytes = 0;
}

void
artifact_put_free(struct artifact_put *p)
{
	if (p == NULL)
		return;
	clear(p);
	redact_free(p->redact);
	free(p);
}

/* --- rows -------------------------------------------------------------- */

static void
fail(struct one *o, const struct err *e)
{
	o->failed = true;
	o->err = *e;
}

/* Is it this one alone that cannot be? */
static bool
of_one(const struct err *e)
{
	return e->code == ERR_INPUT || e->code == ERR_ABSENT ||
	    e->code == ERR_DENIED;
}

/* Somebody of this batch who has the same bytes. */
static struct one *
twin_here(struct artifact_put *p, const struct one *o)
{
	struct one *t;

	for (t = p->v; t < o; t++)
		if (!t->failed && t->twin == NULL && t->s.a.provider ==
		    ARTIFACT_LOCAL && memcmp(t->s.a.sum, o->s.a.sum,
		    HASH_LEN) == 0)
			return t;
	return NULL;
}

/* One that is stored, and whose bytes are really there: what is acknowledged
 * rests on them.  1, 0. */
static int
twin_stored(struct artifact_put *p, struct one *o, struct err *e)
{
	struct blob_provider *b;
	struct err ignored;	/* then it is put by itself */
	struct artifact t;
	struct blob blob;
	int r = artifact_twin(p->ar->st, o->s.a.user, o->s.a.sum, &t, e);

	if (r != 1)
		return r;
	blob = artifacts_blob(&t);
	if ((r = artifacts_provider(p->ar, ARTIFACT_LOCAL, &b, e)) == 0)
		r = b->kind->head(b->p, &blob, 1, e);
	if (r == 0)
		r = blob.r == 0 && blob.where == BLOB_THERE &&
		    blob.size == (uint64_t)o->s.a.osize &&
		    artifacts_compare(b, &blob, o->s.a.sum, &ignored) == 1;
	if (r == 1)
		o->s.a.object = xstrdup(t.object);
	json_decref(blob.said);
	artifact_release(&t);
	return r;
}

/* What is not sealed lies on our disk once for each owner. */
static int
find_object(struct artifact_put *p, struct one *o, struct err *e)
{
	struct artifact *a = &o->s.a;
	struct buf key = BUF_INIT;
	int r;

	if (a->provider == ARTIFACT_LOCAL && a->codec == NULL) {
		if ((o->twin = twin_here(p, o)) != NULL) {
			/* which may have found its bytes there itself */
			a->object = xstrdup(o->twin->s.a.object);
			a->state = o->twin->s.a.state;
			a->here = o->twin->s.a.here;
			return 0;
		}
		if ((r = twin_stored(p, o, e)) != 0) {
			a->state = ARTIFACT_STORED;
			a->here = true;
			return r < 0 ? -1 : 0;
		}
	}
	if (p->ar->owner[0] == '\0' &&
	    artifact_owner(p->ar->st, p->ar->owner, e) < 0)
		return -1;
	artifact_key(&key, p->ar->conf.prefix, p->ar->owner, a->id, 1);
	a->object = buf_steal(&key);
	return 0;
}

/* It has no place: its session went meanwhile. */
static const struct err *
err_gone(const struct one *o, struct err *e)
{
	err_set(e, ERR_DENIED, "session '%.100s' was forgotten", o->session);
	return e;
}

static int
row_of(struct artifact_put *p, struct one *o, struct err *e)
{
	struct artifact *a = &o->s.a;
	struct store *st = p->ar->st;

	if (store_user(st, st->user, true, &st->user_id, e) < 0)
		return -1;
	a->user = st->user_id;
	if (o->session != NULL && session_row(st, o->session, false,
	    &a->session, e) < 0)
		return -1;
	if (o->session != NULL && a->session == 0) {
		fail(o, err_gone(o, e));
		return 0;
	}
	a->state = a->provider == ARTIFACT_POINTER ? ARTIFACT_STORED :
	    ARTIFACT_PENDING;
	if (a->provider != ARTIFACT_POINTER && find_object(p, o, e) < 0)
		return -1;
	if (artifact_insert(st, a, e) < 0)
		return -1;
	if (p->first == 0)
		p->first = a->seq;
	p->last = a->seq;
	return a->state == ARTIFACT_STORED ? artifact_tell(st, a->seq, e) : 0;
}

static int
note_batch(struct artifact_put *p, struct err *e)
{
	char detail[40];
	size_t i, n = 0;

	for (i = 0; i < p->n; i++)
		n += !p->v[i].failed;
	snprintf(detail, sizeof detail, "%zu artifact%s", n, n == 1 ? "" :
	    "s");
	return n == 0 ? 0 : audit_add(p->ar->st, "write", "artifact", detail,
	    e);
}

/* Sessions that are not there yet are made. */
static int
make_sessions(struct artifact_put *p, struct err *e)
{
	int64_t seq;
	struct one *o;

	for (o = p->v; o < p->v + p->n; o++) {
		if (o->failed || o->session == NULL || (o > p->v &&
		    str_eq(o->session, o[-1].session) && !o[-1].failed) ||
		    file_session(p->ar->st, o->session, &seq, e) == 0)
			continue;
		if (!of_one(e) && e->code != ERR_USAGE)
			return -1;
		fail(o, e);
	}
	return 0;
}

/* A number that nobody got, as its transaction came to nothing, may be locked
 * for a moment still. */
static int
lock_rows(struct artifact_put *p, struct err *e)
{
	int r = artifact_lock_try(&p->ar->lock, p->ar->st, p->first,
	    p->last - p->first + 1, e);

	return r == 1 ? 0 : r < 0 ? -1 : err_set(e, ERR_BUSY, "another "
	    "process is at these rows; try again");
}

/* The first transaction: rows, pending, and ours before anybody sees them. */
static int
begin_rows(struct artifact_put *p, struct err *e)
{
	struct store *st = p->ar->st;
	size_t i;
	int r = 0;

	/* its secret has a transaction of its own */
	if (p->ar->conf.managed && p->ar->owner[0] == '\0' &&
	    artifact_owner(st, p->ar->owner, e) < 0)
		return -1;
	if (make_sessions(p, e) < 0 || tx_begin(st->db, e) < 0)
		return -1;
	for (i = 0; r == 0 && i < p->n; i++)
		if (!p->v[i].failed)
			r = row_of(p, &p->v[i], e);
	if (r == 0 && p->first > 0)
		r = lock_rows(p, e);
	if (r == 0)
		r = note_batch(p, e);
	return tx_end(st->db, r, e);
}

/* --- bytes ------------------------------------------------------------- */

static int
put_bytes(struct artifact_put *p, struct err *e)
{
	struct blob *blob = xcalloc(p->n, sizeof *blob);
	struct one **of = xcalloc(p->n, sizeof *of), *o;
	struct blob_provider *b;
	size_t n = 0, i;
	int r = 0;

	for (o = p->v; o < p->v + p->n; o++) {
		if (o->failed || o->s.a.state != ARTIFACT_PENDING ||
		    o->twin != NULL)
			continue;
		blob[n] = artifacts_blob(&o->s.a);
		blob[n].mem = o->s.has_mem ? o->s.mem.p : NULL;
		blob[n].path = o->s.path;
		blob[n].moves = o->s.temporary;
		blob[n].cid = o->s.cid;
		of[n++] = o;
	}
	if (n > 0 && (r = artifacts_provider(p->ar, p->ar->conf.active, &b,
	    e)) == 0)
		r = b->kind->put(b->p, blob, n, e);
	for (i = 0; i < n; i++) {
		of[i]->blob = blob[i];
		if (r < 0)
			fail(of[i], e);
		else if (blob[i].r < 0)
			fail(of[i], &blob[i].err);
	}
	free(blob);
	free(of);
	return 0;		/* each has its own answer */
}

/* --- settled ----------------------------------------------------------- */

static void
state_after(struct one *o)
{
	struct artifact *a = &o->s.a;
	const struct one *by = o->twin != NULL ? o->twin : o;

	if (o->twin != NULL && o->twin->failed)
		fail(o, &o->twin->err);
	if (!o->failed && by->blob.where == BLOB_FAILED) {
		o->failed = true;
		artifact_fail(&o->err, ARTIFACT_NOT_THERE, "the provider "
		    "accepted it, and failed");
	}
	if (!o->failed && by->blob.where == BLOB_ABSENT) {
		o->failed = true;
		err_set(&o->err, ERR_INPUT, "the provider says that it is "
		    "done, and has nothing");
	}
	if (o->failed)
		a->state = ARTIFACT_FAILED;
	else if (by->blob.where == BLOB_PENDING)
		a->state = ARTIFACT_ACCEPTED;
	else
		a->state = a->provider == ARTIFACT_FILECOIN ?
		    ARTIFACT_AVAILABLE : ARTIFACT_STORED;
	a->here = a->state == ARTIFACT_STORED && a->provider ==
	    ARTIFACT_LOCAL;
	json_decref(a->said);
	a->said = json_incref(by->blob.said);
}

static int
settle_one(struct artifact_put *p, struct one *o, struct err *e)
{
	struct artifact *a = &o->s.a;
	struct store *st = p->ar->st;
	struct artifact_byte left = { .artifact = a->seq,
	    .provider = a->provider, .object = a->object };
	int r;

	if (a->seq == 0 || a->state != ARTIFACT_PENDING)
		return 0;
	state_after(o);
	left.said = a->said;
	r = artifact_settle(st, a, ARTIFACT_PENDING, e);
	if (r == 0)
		return err_set(e, ERR_CORRUPT, "an artifact was settled by "
		    "somebody else while it was put");
	/* what may have come of it is taken away by the reconciler */
	if (r == 1 && o->failed)
		return o->twin != NULL ? 0 : artifact_byte_add(st, &left,
		    NULL, e);
	return r < 0 ? -1 : artifact_tell(st, a->seq, e);
}

static int
settle_rows(struct artifact_put *p, struct err *e)
{
	struct store *st = p->ar->st;
	const char *code, *rest;
	bool any = false;
	size_t i;
	int r = 0;

	for (i = 0; i < p->n; i++)
		any |= p->v[i].s.a.seq > 0 && p->v[i].s.a.state ==
		    ARTIFACT_PENDING;
	if (!any)
		return 0;
	if (tx_begin(st->db, e) < 0)
		r = -1;
	for (i = 0; r == 0 && i < p->n; i++)
		r = settle_one(p, &p->v[i], e);
	if (tx_active(st->db))
		r = tx_end(st->db, r, e);
	if (r < 0 && (code = artifact_code(e, &rest)) == NULL)
		return err_add(e, ARTIFACT_POST_PERSIST ": the bytes are put, "
		    "and what is known of them is not settled; mem-artifact "
		    "reconcile does it: ");
	return r;
}

static int
flush(struct artifact_put *p, struct err *e)
{
	struct one *o;
	int r = p->n == 0 ? 0 : begin_rows(p, e);

	if (r == 0 && p->n > 0 && (r = put_bytes(p, e)) == 0)
		r = settle_rows(p, e);
	for (o = p->v; r == 0 && o < p->v + p->n; o++)
		r = p->told(p->arg, o->given, o->s.a.seq > 0 ? &o->s.a : NULL,
		    o->failed ? &o->err : NULL, e);
	clear(p);
	return r;
}

/* --- one more ---------------------------------------------------------- */

/* Out of all that is said of it; a URI with a secret in it is refused, as
 * without it it leads nowhere. */
static int
redact_body(struct artifact_put *p, struct artifact *a, struct err *e)
{
	const char *uri = get_str(a->body, "uri", NULL);
	struct buf b = BUF_INIT;
	int r = 0;

	if (p->redact == NULL)
		return 0;
	if (uri != NULL && redact_text(p->redact, &b, uri, strlen(uri)) > 0)
		r = artifact_fail(e, ARTIFACT_METADATA, "the URI has a secret "
		    "in it (%.100s); --no-redact stores it", b.p);
	buf_release(&b);
	if (r == 0)
		redact_json(p->redact, a->body);
	return r;
}

int
artifact_put_add(struct artifact_put *p, const struct artifact_input *in,
    const char *given, struct err *e)
{
	struct one *o = &p->v[p->n];
	int r;

	memset(o, 0, sizeof *o);
	buf_init(&o->s.mem);
	r = in->session == NULL ? 0 : session_writable(p->ar->st,
	    in->session, &o->err);
	if (r == 0)
		r = artifact_stage(p->ar, in, &o->s, &o->err);
	if (r == 0 && (r = redact_body(p, &o->s.a, &o->err)) < 0)
		artifact_staged_release(&o->s);
	if (r < 0 && !of_one(&o->err)) {
		*e = o->err;
		return -1;
	}
	o->failed = r < 0;
	o->given = xstrdup(given);
	if (in->session != NULL)
		o->session = xstrdup(in->session);
	p->n++;
	p->bytes += o->s.mem.len;
	if (p->n == BATCH || p->bytes >= BATCH_BYTES)
		return flush(p, e);
	return 0;
}

int
artifact_put_end(struct artifact_put *p, struct err *e)
{
	return flush(p, e);
}
