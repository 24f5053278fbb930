#include "artifact/artifact_drop.h"

#include "base/buf.h"
#include "memory/hold.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

static int
check_hold(struct artifacts *ar, const struct artifact *a, const char *id,
    struct err *e)
{
	int r = a->session == 0 ? 0 : hold_has(ar->st, a->session, e);

	return r != 1 ? r : artifact_fail(e, ARTIFACT_IN_USE, "'%s' belongs "
	    "to a session that is on hold; mem-session release ends it", id);
}

int
artifact_may_drop(struct artifacts *ar, const struct artifact *a,
    struct err *e)
{
	struct blob_provider *b;
	char id[ULID_LEN + 1], *by;
	int r;

	if (a->state == ARTIFACT_DELETED)
		return 0;
	ulid_from_bytes(id, a->id);
	if (check_hold(ar, a, id, e) < 0)
		return -1;
	if ((r = artifact_used(ar->st, a->id, &by, e)) < 0)
		return -1;
	if (r == 1) {
		artifact_fail(e, ARTIFACT_IN_USE, "%.200s refers to '%s'", by,
		    id);
		free(by);
		return -1;
	}
	return a->provider == ARTIFACT_POINTER ? 0 :
	    artifacts_provider(ar, a->provider, &b, e);
}

/* --- the row that says so ---------------------------------------------- */

static int
note(struct artifacts *ar, const struct artifact *a, struct err *e)
{
	char object[ULID_LEN + 16] = "artifact ";

	ulid_from_bytes(object + strlen(object), a->id);
	return audit_add(ar->st, "delete", object, NULL, e);
}

static int
deleted(struct artifacts *ar, struct artifact *a, enum artifact_state from,
    struct err *e)
{
	int r;

	a->state = ARTIFACT_DELETED;
	if ((r = artifact_settle(ar->st, a, from, e)) != 1)
		return r < 0 ? -1 : err_set(e, ERR_BUSY, "somebody else "
		    "settled it just now; try again");
	return artifact_tell(ar->st, a->seq, e) < 0 || note(ar, a, e) < 0 ?
	    -1 : 0;
}

/* Inside of the transaction: what it is now, and may it go?  1 its bytes are
 * to go, too; 0 it is deleted. */
static int
begin_in(struct artifacts *ar, struct artifact *a, struct err *e)
{
	struct artifact now;
	enum artifact_state was;
	int r = artifact_row(ar->st, a->seq, &now, e);

	if (r != 1)
		return r < 0 ? -1 : err_set(e, ERR_CORRUPT, "an artifact's "
		    "row went");
	artifact_release(a);
	*a = now;
	if (a->state == ARTIFACT_DELETED)
		return 0;
	if (artifact_may_drop(ar, a, e) < 0)
		return -1;
	if (db_scrub(ar->st->db, e) < 0)
		return -1;
	was = a->state;
	if (a->provider == ARTIFACT_POINTER)
		return deleted(ar, a, was, e);
	/* another one has the same bytes, or they are not on this disk */
	if ((r = artifact_shared(ar->st, a, e)) < 0)
		return -1;
	if (r == 1 || (a->provider == ARTIFACT_LOCAL && !a->here &&
	    was == ARTIFACT_STORED))
		return deleted(ar, a, was, e);
	a->state = ARTIFACT_DELETING;
	return artifact_settle(ar->st, a, was, e) < 0 ? -1 : 1;
}

static int
begin(struct artifacts *ar, struct artifact *a, struct err *e)
{
	int r;

	if (tx_begin(ar->st->db, e) < 0)
		return -1;
	r = begin_in(ar, a, e);
	return tx_end(ar->st->db, r, e);
}

/* --- the bytes --------------------------------------------------------- */

/* 0, or -1: they are, or may be, still there. */
static int
drop_object(struct artifacts *ar, enum artifact_provider provider,
    const char *object, json_t *said, struct err *e)
{
	struct blob blob = { .key = object, .said = json_incref(said) };
	struct blob_provider *b;
	int r = provider == ARTIFACT_POINTER ? 1 : artifacts_provider(ar,
	    provider, &b, e);

	if (r == 1)
		return 0;	/* a pointer has none */
	if (r == 0)
		r = b->kind->drop(b->p, &blob, 1, e);
	if (r == 0 && blob.r < 0) {
		*e = blob.err;
		r = -1;
	}
	json_decref(blob.said);
	return r;
}

int
artifact_drop_bytes(struct artifacts *ar, struct artifact *a, struct err *e)
{
	enum artifact_state was = a->state;
	struct err why;
	int r, d = drop_object(ar, a->provider, a->object, a->said, &why);

	if (tx_begin(ar->st->db, e) < 0)
		return -1;
	if (d == 0) {
		r = db_scrub(ar->st->db, e) < 0 ? -1 :
		    deleted(ar, a, was, e);
	} else {
		a->state = ARTIFACT_DELETE_FAILED;
		r = artifact_settle(ar->st, a, was, e) < 0 ? -1 : 0;
	}
	if (tx_end(ar->st->db, r, e) < 0)
		return -1;
	if (d == 0) {
		db_settle(ar->st->db);
		return 0;
	}
	*e = why;
	return err_add(e, "its bytes are still there (mem-artifact reconcile "
	    "tries again): ");
}

int
artifact_drop(struct artifacts *ar, struct artifact *a, struct err *e)
{
	char id[ULID_LEN + 1];
	int r;

	if (a->state == ARTIFACT_DELETED)
		return 0;
	ulid_from_bytes(id, a->id);
	if ((r = artifact_lock_try(&ar->lock, ar->st, a->seq, 1, e)) < 0)
		return -1;
	if (r == 0 && a->state == ARTIFACT_PENDING)
		return artifact_fail(e, ARTIFACT_NOT_READY, "another process "
		    "puts the bytes of '%s' just now", id);
	if (r == 0)
		return artifact_fail(e, ARTIFACT_DELETE_IN_FLIGHT, "another "
		    "process is at work on '%s'", id);
	r = begin(ar, a, e);
	if (r == 1)
		r = artifact_drop_bytes(ar, a, e);
	else if (r == 0)
		db_settle(ar->st->db);
	artifact_lock_drop(&ar->lock, a->seq, 1);
	return r;
}

/* --- the journal ------------------------------------------------------- */

int
artifact_drop_noted(struct artifacts *ar, const struct artifact_byte *n,
    struct err *e)
{
	struct artifact of = { .seq = 0, .provider = n->provider,
	    .object = (char *)n->object };
	int r = artifact_shared(ar->st, &of, e);

	/* needed: another row has it, too, or it became the form that counts
	 * before the journal said so */
	if (r < 0 || (r == 0 && drop_object(ar, n->provider, n->object,
	    n->said, e) < 0))
		return -1;
	if (tx_begin(ar->st->db, e) < 0)
		return -1;
	r = artifact_byte_remove(ar->st, n->seq, e);
	return tx_end(ar->st->db, r, e);
}
