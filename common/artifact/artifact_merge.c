/*
 * Rows form a lattice: deleted is above all others, and of two the greater
 * (time, node) is.  A deletion that is under way here, and its failure, lie
 * between: they never travel, and only "deleted" ends them.
 */
#include "artifact/artifact_merge.h"

#include "memory/hold.h"
#include "store/db.h"
#include "store/change.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

/* --- which counts ------------------------------------------------------ */

static int
rank(const struct artifact *a)
{
	switch (a->state) {
	case ARTIFACT_DELETED:
		return 2;
	case ARTIFACT_DELETING:
	case ARTIFACT_DELETE_FAILED:
		return 1;
	default:
		return 0;
	}
}

static bool
is_later(const struct artifact *a, const struct artifact *b)
{
	return a->at_ms != b->at_ms ? a->at_ms > b->at_ms : a->node > b->node;
}

static bool
takes_over(const struct artifact *in, const struct artifact *here)
{
	int a = rank(in), b = rank(here);

	return a != b ? a > b : is_later(in, here);
}

static bool
same_sum(const struct artifact *a, const struct artifact *b)
{
	return a->has_sum && b->has_sum &&
	    memcmp(a->sum, b->sum, HASH_LEN) == 0;
}

static bool
same_object(const struct artifact *a, const struct artifact *b)
{
	return a->provider == b->provider && a->object != NULL &&
	    b->object != NULL && strcmp(a->object, b->object) == 0;
}

/* Without knowing each other, as far as rows tell: nobody changes what he
 * knows to be deleted, or seals other bytes under a name that he knows. */
static bool
is_clash(const struct artifact *in, const struct artifact *here)
{
	if (in->state == ARTIFACT_DELETED)
		return rank(here) == 0 && here->state != ARTIFACT_FAILED &&
		    is_later(here, in);
	return same_object(in, here) && in->has_sum && here->has_sum &&
	    !same_sum(in, here);
}

static bool
has_bytes(const struct artifact *a)
{
	return a->state != ARTIFACT_DELETED && a->state != ARTIFACT_FAILED;
}

/* --- bytes ------------------------------------------------------------- */

/* Those of a row go once its transaction is over, if no other one has them. */
static int
let_go(struct store *st, const struct artifact *a, struct err *e)
{
	const struct artifact_byte gone = { .artifact = a->seq,
	    .provider = a->provider, .object = a->object, .said = a->said };
	int r = artifact_shared(st, a, e);

	return r != 0 ? (r < 0 ? -1 : 0) : artifact_byte_add(st, &gone, NULL,
	    e);
}

/* What this disk has of it. */
static int
settle_here(struct store *st, struct artifact *in,
    const struct artifact *here, struct err *e)
{
	bool same = same_object(in, here) && same_sum(in, here);

	in->here = here->here && has_bytes(in) && same;
	if (same && here->state == ARTIFACT_UNAVAILABLE &&
	    (in->state == ARTIFACT_STORED || in->state == ARTIFACT_AVAILABLE))
		in->state = ARTIFACT_UNAVAILABLE;
	/* of another sum: whoever fetches them replaces these */
	if (here->provider != ARTIFACT_LOCAL || !here->here ||
	    (has_bytes(in) && same_object(in, here)))
		return 0;
	return let_go(st, here, e);
}

/* --- merging ----------------------------------------------------------- */

static int
write_and_tell(struct store *st, struct artifact *a, struct err *e)
{
	return artifact_write(st, a, e) < 0 ||
	    artifact_tell(st, a->seq, e) < 0 ? -1 : 1;
}

/* On hold: it waits for the end of that, with all that is known of it. */
static int
hold_back(struct store *st, struct artifact *here, struct err *e)
{
	enum artifact_state was = here->state;

	if (rank(here) > 0)
		return 0;
	here->state = ARTIFACT_DELETING;
	return artifact_settle(st, here, was, e) < 0 ||
	    artifact_tell(st, here->seq, e) < 0 ? -1 : 1;
}

static int
merge_known(struct store *st, struct artifact *in, struct artifact *here,
    bool *clash, struct err *e)
{
	int held = 0;

	in->seq = here->seq;
	in->session = here->session;
	in->created_ms = here->created_ms;
	if (!takes_over(in, here))
		return 0;
	if (in->state == ARTIFACT_DELETED) {
		if (here->session > 0 && (held = hold_has(st, here->session,
		    e)) < 0)
			return -1;
		if (held == 1)
			return hold_back(st, here, e);
		if (db_scrub(st->db, e) < 0)
			return -1;
	}
	*clash = is_clash(in, here);
	if (settle_here(st, in, here, e) < 0)
		return -1;
	return write_and_tell(st, in, e);
}

int
artifact_merge(struct store *st, struct artifact *in, bool *clash,
    struct err *e)
{
	struct artifact here;
	int r = artifact_row_id(st, in->id, &here, e);

	*clash = false;
	if (r < 0)
		return -1;
	if (r == 0) {
		in->seq = 0;
		in->here = false;
		return write_and_tell(st, in, e);
	}
	if (here.user != in->user)
		r = err_set(e, ERR_EXISTS, "the artifact is another user's");
	else
		r = merge_known(st, in, &here, clash, e);
	artifact_release(&here);
	return r;
}

/* --- what was forgotten ------------------------------------------------- */

static bool
bytes_are_ours(const struct artifact *a, bool elsewhere)
{
	if (a->provider == ARTIFACT_POINTER || a->state == ARTIFACT_DELETED)
		return false;
	if (a->provider != ARTIFACT_LOCAL)
		return !elsewhere;
	/* or on their way here, or from here */
	return a->here || a->state == ARTIFACT_PENDING || rank(a) == 1;
}

int
artifact_forget_row(struct store *st, int64_t seq, bool elsewhere,
    struct err *e)
{
	struct artifact a, none = { .state = ARTIFACT_DELETED, .size = -1 };
	int r = artifact_row(st, seq, &a, e);

	if (r != 1)
		return r;
	none.seq = a.seq;
	none.at_ms = a.at_ms;
	none.body = json_object();
	r = bytes_are_ours(&a, elsewhere) ? let_go(st, &a, e) : 0;
	if (r == 0 && (r = artifact_stamp(st, &none, e)) == 0)
		r = write_and_tell(st, &none, e);
	artifact_release(&none);
	artifact_release(&a);
	return r < 0 ? -1 : 0;
}

int
artifact_forget(struct store *st, int64_t session, bool elsewhere,
    struct err *e)
{
	struct db_query *q;
	int64_t seq;
	int r;

	/* each that is done is of no session any more */
	for (;;) {
		if ((q = db_sql(st->db, e, "SELECT seq FROM artifact "
		    "WHERE session = :session AND session > 0 LIMIT 1")) ==
		    NULL)
			return -1;
		db_int(q, ":session", session);
		if ((r = db_first(q, &seq, e)) != 1)
			return r;
		if (artifact_forget_row(st, seq, elsewhere, e) < 0)
			return -1;
	}
}

int
artifact_forget_id(struct store *st, const char *id, struct err *e)
{
	uint8_t raw[ULID_BYTES];
	struct db_query *q;
	int64_t seq;
	int r;

	if (!ulid_parse(id, raw))
		return 0;
	if ((q = db_sql(st->db, e, "SELECT seq FROM artifact WHERE id = :id "
	    "AND user = :user AND state <> 6")) == NULL)
		return -1;
	db_blob(q, ":id", raw, sizeof raw);
	db_int(q, ":user", st->user_id);
	if ((r = db_first(q, &seq, e)) != 1)
		return r;
	return artifact_forget_row(st, seq, false, e) < 0 ? -1 : 1;
}

int
artifact_forget_user(struct store *st, bool elsewhere, struct err *e)
{
	struct db_query *q;
	int64_t seq, after = 0;
	int r;

	for (;; after = seq) {
		if ((q = db_sql(st->db, e, "SELECT seq FROM artifact "
		    "WHERE user = :user AND state <> 6 AND seq > :after "
		    "ORDER BY seq LIMIT 1")) == NULL)
			return -1;
		db_int(q, ":user", st->user_id);
		db_int(q, ":after", after);
		if ((r = db_first(q, &seq, e)) != 1)
			return r;
		if (artifact_forget_row(st, seq, elsewhere, e) < 0)
			return -1;
	}
}

int
artifact_elsewhere(struct store *st, struct err *e)
{
	return db_script(st->db, "UPDATE artifact SET here = 0, "
	    "state = iif(state <> 4, state, iif(provider = 3, 3, 0)) "
	    "WHERE here = 1 OR state = 4; DELETE FROM artifact_byte", e);
}
