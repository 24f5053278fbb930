/*
 * A decision of another copy, or of a file: checked, put at its place, and
 * what it is about follows from all of them.
 */
#include "memory/decision.h"

#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "ingest/decision_check.h"
#include "ltm/fact.h"
#include "ltm/fact_settle.h"
#include "memory/tombstone.h"
#include "ltm/ltm_hold.h"
#include "toc/toc_edit.h"
#include "store/store.h"

#include <string.h>

/* --- what was forgotten ------------------------------------------------ */

/* What users told, put down with what they told it in. */
static int
told_forgotten(struct store *st, const struct decided *d, struct err *e)
{
	const json_t *grips = get_path(d->value, "body.metadata.grips");
	const char *id, *session;
	size_t i;
	json_t *g;
	int r = 0;

	json_array_foreach(grips, i, g) {
		id = get_str(g, "event_id", NULL);
		session = get_str(g, "session_id", NULL);
		if (id != NULL && (r = tombstone_has_event(st, d->user, id,
		    e)) != 0)
			break;
		if (session != NULL && (r = tombstone_has_session(st, d->user,
		    session, e)) != 0)
			break;
	}
	return r;
}

/* 1, 0. */
static int
is_forgotten(struct store *st, const struct decided *d, struct err *e)
{
	const char *about = get_str(d->value, "about", NULL);
	int r = 0;

	if (d->session != NULL && (r = tombstone_has_session(st, d->user,
	    d->session, e)) != 0)
		return r;
	if (d->what == DECISION_SAY)
		return tombstone_has_record(st, about, e);
	return d->what == DECISION_PUT ? told_forgotten(st, d, e) : 0;
}

/* --- among the others -------------------------------------------------- */

static bool
same_thing(const struct decided *a, const struct decided *b)
{
	return a->what == b->what && str_eq(a->rest, b->rest) &&
	    json_equal(a->value, b->value);
}

/* Can both count?  A pin stands beside a version, what one person says beside
 * what another does. */
static bool
is_beside(const struct decided *a, const struct decided *b)
{
	enum decision_what x = a->what <= DECISION_BACK ? DECISION_PUT :
	    a->what, y = b->what <= DECISION_BACK ? DECISION_PUT : b->what;

	return x != y || (x == DECISION_SAY && json_equal(json_object_get(
	    a->value, "on"), json_object_get(b->value, "on")));
}

/* One of them was written without knowing the other. */
static bool
is_clash(const struct decided *d, const struct decided *old)
{
	bool later = old->s.at_ms > d->s.at_ms || (old->s.at_ms ==
	    d->s.at_ms && old->s.node > d->s.node);

	return (later ? old->s.base_ms < d->s.at_ms :
	    old->s.at_ms > d->s.base_ms) && !same_thing(d, old) &&
	    !is_beside(d, old);
}

/* 1 new, 0 it is there. */
static int
find_place(struct store *st, const struct decided *d, bool *clash,
    struct err *e)
{
	struct decisions all;
	size_t i;
	int r;

	if (decisions_read(st, d->user, d->about, &all, e) < 0)
		return -1;
	for (r = 1, i = 0; r == 1 && i < all.n; i++)
		if (all.v[i].s.at_ms == d->s.at_ms &&
		    all.v[i].s.node == d->s.node)
			r = !same_thing(&all.v[i], d);
		else
			*clash = *clash || is_clash(d, &all.v[i]);
	*clash = *clash && r == 1;
	decisions_release(&all);
	return r;
}

/* --- what follows ------------------------------------------------------ */

static int
follow(struct store *st, const struct decided *d, struct err *e)
{
	int64_t id;

	if (str_starts(d->about, "graph:"))
		return 0;		/* whoever shows a graph reads it */
	if (d->what == DECISION_MARK || d->what == DECISION_MOVE)
		return toc_decided(st, d, e);
	if (!fact_id_read(d->about, &id))
		return 0;
	return d->rest != NULL ? ltm_hold(st, id, e) :
	    fact_settle(st, d->user, id, e);
}

static int
add(struct store *st, struct decided *d, bool *clash, struct err *e)
{
	int r;

	if ((r = is_forgotten(st, d, e)) < 0)
		return -1;
	if (r == 1)
		return err_set(e, ERR_DENIED, "what it is about was "
		    "forgotten");
	if ((r = find_place(st, d, clash, e)) != 1)
		return r;
	return decision_insert(st, d, e) < 0 || follow(st, d, e) < 0 ? -1 : 1;
}

int
decision_add(struct store *st, const json_t *o, int64_t node, bool *clash,
    struct err *e)
{
	struct decided d = { .s.node = node };
	const char *user;

	*clash = false;
	if (decision_read(o, &d, &user, e) < 0)
		return -1;
	if (user != NULL && store_user(st, user, true, &d.user, e) < 0)
		return -1;
	if (d.s.node == 0 && node_number(st, &d.s.node, e) < 0)
		return -1;
	return add(st, &d, clash, e);
}
