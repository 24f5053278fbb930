#include "artifact/artifact_reconcile.h"

#include "artifact/artifact_drop.h"
#include "artifact/artifact_read.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "memory/hold.h"
#include "store/db.h"
#include "store/node.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK 64		/* rows at once */

const char *const reconciled_names[] = { "settled", "waits", "in_flight",
    "foreign", "lost", "dropped", "unknown", "trouble", NULL };

struct run {
	struct artifacts *ar;
	const struct reconcile_how *how;
	struct reconcile_sums *sums;
	int64_t node;
	int64_t left;		/* of the limit */
	int64_t after;		/* the last row, or number of the journal */
	int64_t seen;		/* of this chunk */
	enum artifact_provider provider;	/* that is listed */
};

static int
tell(struct run *run, struct reconciled *x, struct err *e)
{
	int64_t *const sum[] = { &run->sums->settled, &run->sums->waits,
	    &run->sums->busy, &run->sums->foreign, &run->sums->lost,
	    &run->sums->dropped, &run->sums->unknown, &run->sums->trouble };

	++*sum[x->what];
	if (x->a != NULL) {
		x->provider = x->a->provider;
		x->object = x->a->object;
	}
	return run->how->told(run->how->arg, x, e);
}

/* What only this one is in the way of; others go on. */
static int
trouble(struct run *run, const struct artifact *a, const struct err *why,
    struct err *e)
{
	struct reconciled x = { .a = a, .to = a->state,
	    .what = RECONCILED_TROUBLE, .why = why->msg };

	return tell(run, &x, e);
}

/* The row becomes that, unless it is only asked for. */
static int
settle(struct run *run, struct artifact *a, enum artifact_state to,
    const char *why, struct err *e)
{
	struct reconciled x = { .a = a, .to = to,
	    .what = RECONCILED_SETTLED, .why = why };
	struct store *st = run->ar->st;
	enum artifact_state from = a->state;
	int r = 1;

	if (!run->how->dry_run) {
		if (tx_begin(st->db, e) < 0)
			return -1;
		a->state = to;
		a->here = to == ARTIFACT_STORED && a->provider ==
		    ARTIFACT_LOCAL;
		r = artifact_settle(st, a, from, e);
		if (r == 1 && artifact_tell(st, a->seq, e) < 0)
			r = -1;
		if ((r = tx_end(st->db, r, e)) < 0)
			return -1;
		a->state = from;
	}
	return r == 1 ? tell(run, &x, e) : 0;
}

/* --- what a provider says ---------------------------------------------- */

static int
ask(struct run *run, struct artifact *a, struct blob *blob, struct err *e)
{
	struct blob_provider *b;

	*blob = artifacts_blob(a);
	if (artifacts_provider(run->ar, a->provider, &b, e) < 0 ||
	    b->kind->head(b->p, blob, 1, e) < 0)
		return -1;
	if (blob->r < 0) {
		*e = blob->err;
		return -1;
	}
	json_decref(a->said);
	a->said = json_incref(blob->said);
	return 0;
}

/* Are these the bytes that were to be put?  1, 0, -1 nobody knows. */
static int
same_bytes(struct run *run, const struct artifact *a, const struct blob *blob,
    struct err *e)
{
	struct blob_provider *b;

	if (blob->size != (uint64_t)a->osize)
		return 0;
	if (blob->has_sum)
		return memcmp(blob->sha256, a->sum, HASH_LEN) == 0;
	return artifacts_provider(run->ar, a->provider, &b, e) < 0 ? -1 :
	    artifacts_compare(b, blob, a->sum, e);
}

/* What was left of a put that came to nothing goes; if it does not, the
 * journal has it. */
static int
fail_put(struct run *run, struct artifact *a, const char *why, struct err *e)
{
	struct artifact_byte left = { .artifact = a->seq,
	    .provider = a->provider, .object = a->object, .said = a->said };
	struct store *st = run->ar->st;

	if (!run->how->dry_run) {
		if (tx_begin(st->db, e) < 0 || tx_end(st->db,
		    artifact_byte_add(st, &left, &left.seq, e), e) < 0)
			return -1;
	}
	if (settle(run, a, ARTIFACT_FAILED, why, e) < 0)
		return -1;
	if (run->how->dry_run)
		return 0;
	return artifact_drop_noted(run->ar, &left, e);
}

/* --- rows -------------------------------------------------------------- */

static int
on_its_way(struct run *run, struct artifact *a, struct err *e)
{
	bool accepted = a->state == ARTIFACT_ACCEPTED;
	struct reconciled waits = { .a = a, .to = a->state,
	    .what = RECONCILED_WAITS };
	struct reconciled foreign = { .a = a, .to = a->state,
	    .what = RECONCILED_FOREIGN };
	struct blob blob = { .key = a->object };
	int r = ask(run, a, &blob, e), same = 1;

	if (r == 0 && blob.where == BLOB_THERE && !accepted)
		r = same = same_bytes(run, a, &blob, e);
	if (r < 0)
		;
	else if (blob.where == BLOB_PENDING && accepted)
		r = tell(run, &waits, e);
	/* who put it may see a provider that we do not */
	else if (blob.where == BLOB_ABSENT && accepted &&
	    a->node != run->node && !run->how->adopt)
		r = tell(run, &foreign, e);
	else if (blob.where == BLOB_PENDING)
		r = settle(run, a, ARTIFACT_ACCEPTED, "it is accepted", e);
	else if (blob.where == BLOB_THERE && same)
		r = settle(run, a, a->provider == ARTIFACT_FILECOIN ?
		    ARTIFACT_AVAILABLE : ARTIFACT_STORED,
		    "its bytes are there", e);
	else
		r = fail_put(run, a, blob.where == BLOB_ABSENT ?
		    "its bytes are not there" : blob.where == BLOB_FAILED ?
		    "its provider failed" :
		    "what is there are other bytes", e);
	json_decref(blob.said);
	return r;
}

static int
deleting(struct run *run, struct artifact *a, struct err *e)
{
	struct reconciled x = { .a = a, .to = ARTIFACT_DELETED,
	    .what = RECONCILED_SETTLED, .why = "its bytes are away" };
	enum artifact_state was = a->state;
	int held = a->session == 0 ? 0 : hold_has(run->ar->st, a->session, e);

	if (held != 0) {
		x.to = a->state;
		x.what = RECONCILED_WAITS;
		x.why = "its session is on hold";
		return held < 0 ? -1 : tell(run, &x, e);
	}
	if (!run->how->dry_run && artifact_drop_bytes(run->ar, a, e) < 0)
		return -1;
	a->state = was;
	return tell(run, &x, e);
}

/* One whose bytes were not found, or that is scanned. */
static int
look(struct run *run, struct artifact *a, const struct blob *blob,
    struct err *e)
{
	bool there = blob->where == BLOB_THERE && blob->size ==
	    (uint64_t)a->osize;
	struct reconciled x = { .a = a, .to = ARTIFACT_UNAVAILABLE,
	    .what = RECONCILED_LOST, .why = blob->where != BLOB_THERE ?
	    "its bytes are not there" : there ? "its bytes are there again" :
	    "its bytes are not as long as they were" };
	enum artifact_state was = a->state;
	int r;

	if (there && was != ARTIFACT_UNAVAILABLE)
		return 0;
	if (there) {
		x.what = RECONCILED_SETTLED;
		x.to = a->provider == ARTIFACT_FILECOIN ? ARTIFACT_AVAILABLE :
		    ARTIFACT_STORED;
	}
	/* somebody may have been at it since it was read */
	if ((r = artifact_moved(run->ar, a, e)) != 0)
		return r < 0 ? -1 : 0;
	if (!run->how->dry_run && artifact_found(run->ar, a, there, e) < 0)
		return -1;
	a->state = was;
	return tell(run, &x, e);
}

static int
lost_again(struct run *run, struct artifact *a, struct err *e)
{
	struct blob blob = { .key = a->object };
	int r = ask(run, a, &blob, e);

	if (r == 0)
		r = look(run, a, &blob, e);
	json_decref(blob.said);
	return r;
}

static int
settle_by_state(struct run *run, struct artifact *a, struct err *e)
{
	switch (a->state) {
	case ARTIFACT_PENDING:
	case ARTIFACT_ACCEPTED:
		return on_its_way(run, a, e);
	case ARTIFACT_DELETING:
	case ARTIFACT_DELETE_FAILED:
		return deleting(run, a, e);
	case ARTIFACT_UNAVAILABLE:
		return lost_again(run, a, e);
	default:
		return 0;
	}
}

/* A row that we have locked, as it is now. */
static int
locked_row(struct run *run, int64_t seq, struct err *e)
{
	struct artifact a;
	struct err why;
	int r = artifact_row(run->ar->st, seq, &a, e);

	if (r != 1)
		return r;
	r = settle_by_state(run, &a, &why);
	if (r < 0 && tx_active(run->ar->st->db)) {
		*e = why;	/* ours, not the provider's */
	} else if (r < 0) {
		r = trouble(run, &a, &why, e);
	}
	artifact_release(&a);
	return r;
}

/* Rows of other copies that only those settle: what they began. */
static bool
is_foreign(const struct run *run, const struct artifact *a)
{
	return !run->how->adopt && a->node != run->node &&
	    a->state != ARTIFACT_ACCEPTED &&
	    a->state != ARTIFACT_UNAVAILABLE;
}

static int
open_row(void *arg, struct artifact *a, struct err *e)
{
	struct run *run = arg;
	struct reconciled x = { .a = a, .to = a->state };
	int r;

	run->after = a->seq;
	run->seen++;
	run->left--;
	x.what = RECONCILED_FOREIGN;
	if (is_foreign(run, a))
		return tell(run, &x, e);
	r = artifact_lock_try(&run->ar->lock, run->ar->st, a->seq, 1, e);
	x.what = RECONCILED_BUSY;
	if (r != 1)
		return r < 0 ? -1 : tell(run, &x, e);
	r = locked_row(run, a->seq, e);
	artifact_lock_drop(&run->ar->lock, a->seq, 1);
	return r;
}

/* --- the journal ------------------------------------------------------- */

static int
noted_bytes(void *arg, const struct artifact_byte *n, struct err *e)
{
	struct run *run = arg;
	struct reconciled x = { .provider = n->provider, .object = n->object,
	    .what = RECONCILED_DROPPED };
	struct err why;
	int r = 1;

	run->after = n->seq;
	run->seen++;
	run->left--;
	if (n->artifact > 0 && (r = artifact_lock_try(&run->ar->lock,
	    run->ar->st, n->artifact, 1, e)) < 0)
		return -1;
	if (r == 0) {
		x.what = RECONCILED_BUSY;
		return tell(run, &x, e);
	}
	if (!run->how->dry_run && artifact_drop_noted(run->ar, n, &why) < 0) {
		x.what = RECONCILED_TROUBLE;
		x.why = why.msg;
	}
	r = tell(run, &x, e);
	if (n->artifact > 0)
		artifact_lock_drop(&run->ar->lock, n->artifact, 1);
	return r;
}

/* --- a scan ------------------------------------------------------------ */

struct chunk {
	struct run *run;
	struct artifact v[CHUNK];
	size_t n;
};

static int
keep_row(void *arg, struct artifact *a, struct err *e)
{
	struct chunk *c = arg;

	(void)e;
	c->run->after = a->seq;
	c->run->seen++;
	if (a->provider == c->run->provider && (a->state == ARTIFACT_STORED ||
	    a->state == ARTIFACT_AVAILABLE) && (a->provider !=
	    ARTIFACT_LOCAL || a->here)) {
		c->v[c->n++] = *a;
		memset(a, 0, sizeof *a);
	}
	return 0;
}

static int
look_at_chunk(struct chunk *c, struct err *e)
{
	struct blob blob[CHUNK];
	struct blob_provider *b;
	size_t i;
	int r;

	for (i = 0; i < c->n; i++)
		blob[i] = artifacts_blob(&c->v[i]);
	r = artifacts_provider(c->run->ar, c->run->provider, &b, e);
	if (r == 0 && c->n > 0)
		r = b->kind->head(b->p, blob, c->n, e);
	for (i = 0; i < c->n; i++) {
		if (r == 0)
			r = blob[i].r < 0 ? trouble(c->run, &c->v[i],
			    &blob[i].err, e) : look(c->run, &c->v[i],
			    &blob[i], e);
		json_decref(blob[i].said);
		artifact_release(&c->v[i]);
	}
	c->n = 0;
	return r;
}

static int
scan_rows(struct run *run, struct err *e)
{
	struct chunk *c = xcalloc(1, sizeof *c);
	int r = 0;

	c->run = run;
	run->after = 0;
	do {
		run->seen = 0;
		if ((r = artifact_each_open(run->ar->st, true, run->after,
		    CHUNK, keep_row, c, e)) == 0)
			r = look_at_chunk(c, e);
	} while (r == 0 && run->seen == CHUNK);
	free(c);
	return r;
}

/* Does a row, or the journal, name it?  1, 0. */
static int
is_named(struct run *run, const char *key, struct err *e)
{
	struct artifact of = { .object = (char *)key,
	    .provider = run->provider };

	return artifact_named(run->ar->st, &of, e);
}

static int
object_found(void *arg, const char *key, uint64_t size, int64_t time_ms,
    struct err *e)
{
	struct run *run = arg;
	struct reconciled x = { .provider = run->provider, .object = key,
	    .size = size, .what = RECONCILED_UNKNOWN };
	int r = is_named(run, key, e);

	(void)time_ms;
	return r != 0 ? (r < 0 ? -1 : 0) : tell(run, &x, e);
}

static int
scan(struct run *run, struct err *e)
{
	struct blob_provider *b;
	struct buf prefix = BUF_INIT;
	int p, r = 0;

	if (*run->ar->conf.prefix != '\0')
		buf_addf(&prefix, "%s/", run->ar->conf.prefix);
	buf_adds(&prefix, "s/");
	for (p = ARTIFACT_LOCAL; r == 0 && p < ARTIFACT_PROVIDERS; p++) {
		if (!run->ar->conf.known[p])
			continue;
		run->provider = (enum artifact_provider)p;
		if ((r = scan_rows(run, e)) == 0 && (r = artifacts_provider(
		    run->ar, run->provider, &b, e)) == 0 &&
		    b->kind->list != NULL)
			r = b->kind->list(b->p, prefix.p, object_found, run,
			    e);
	}
	buf_release(&prefix);
	return r;
}

/* --- all of it --------------------------------------------------------- */

static int
min_left(const struct run *run)
{
	return run->left < CHUNK ? (int)run->left : CHUNK;
}

static int
open_rows(struct run *run, struct err *e)
{
	int r = 0;

	run->after = 0;
	do {
		run->seen = 0;
		if (run->left > 0)
			r = artifact_each_open(run->ar->st, false, run->after,
			    min_left(run), open_row, run, e);
	} while (r == 0 && run->seen == CHUNK);
	return r;
}

static int
journal(struct run *run, struct err *e)
{
	int r = 0;

	run->after = 0;
	do {
		run->seen = 0;
		if (run->left > 0)
			r = artifact_byte_each(run->ar->st, run->after,
			    min_left(run), noted_bytes, run, e);
	} while (r == 0 && run->seen == CHUNK);
	return r;
}

int
artifact_reconcile(struct artifacts *ar, const struct reconcile_how *how,
    struct reconcile_sums *sums, struct err *e)
{
	struct run run = { .ar = ar, .how = how, .sums = sums,
	    .left = how->limit > 0 ? how->limit : INT64_MAX };

	memset(sums, 0, sizeof *sums);
	if (node_number(ar->st, &run.node, e) < 0 || open_rows(&run, e) < 0 ||
	    journal(&run, e) < 0 || (how->scan && scan(&run, e) < 0))
		return -1;
	sums->more = run.left <= 0;
	return 0;
}
