#include "ltm/ltm_hold.h"

#include "base/alloc.h"
#include "base/json.h"
#include "ltm/fact_settle.h"
#include "ltm/group.h"
#include "memory/decision.h"
#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void
ltm_rest(const struct fact *f, char out[17])
{
	snprintf(out, 17, "%016" PRIx64, (uint64_t)f->digest);
}

/* --- versions ---------------------------------------------------------- */

/* The newest that says this, or (NULL) at all, with a body of its own; 1, 0
 * there is none. */
static int
find_version(struct store *st, int64_t id, const char *wanted, struct fact *f,
    struct err *e)
{
	char says[FACT_SAYS_LEN + 1];
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, FACT_COLUMNS "WHERE f.id = :id AND "
	    "f.user = 0 AND f.job > 0 ORDER BY f.version DESC")) == NULL)
		return -1;
	db_int(q, ":id", id);
	while ((r = db_row(q, e)) == 1) {
		if ((r = fact_row(q, FACT_NOW, f, e)) < 0)
			break;
		f->session = NULL;
		r = 1;
		if (wanted == NULL)
			break;
		fact_says(f, says);
		if (strcmp(says, wanted) == 0)
			break;
		json_decref(f->body);
	}
	db_end(q);
	return r;
}

/* The group of a fact knows that there is one: when it has too few rows, it
 * is looked at for that alone. */
static int
tell_group(struct store *st, const struct fact *f, struct err *e)
{
	struct buf id = BUF_INIT;
	struct db_query *q;
	int64_t group = f->id;
	int r = -1;

	get_int(f->body, "group", &group);
	group_id_put(&id, f->id);
	if ((q = db_sql(st->db, e, "UPDATE ltm_group SET facts = CAST(facts || "
	    ":fact AS BLOB) WHERE id = :id AND instr(facts, :fact) = 0"))
	    != NULL) {
		db_blob(q, ":fact", id.p, id.len);
		db_int(q, ":id", group);
		r = db_run(q, e);
	}
	buf_release(&id);
	return r;
}

/* --- what is decided --------------------------------------------------- */

static int
set_pin(struct store *st, struct fact *now, const struct decided *d,
    struct err *e)
{
	bool on = json_is_true(json_object_get(d->value, "on"));
	struct db_query *q;

	if (now->pin == on)
		return 0;
	now->pin = on;
	if ((q = db_sql(st->db, e, "UPDATE fact SET pin = :pin "
	    "WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":pin", on);
	db_int(q, ":seq", now->seq);
	return db_run(q, e);
}

static int
put(struct store *st, struct fact *f, const struct fact *now,
    const struct decided *d, struct err *e)
{
	f->held = true;
	/* until the rows of now change, not those of then */
	f->digest = now->digest;
	f->pin = now->pin;
	f->valid_until_ms = INT64_MAX;
	f->decision = d->seq;
	return fact_put(st, f, e) < 0 ? -1 : tell_group(st, f, e);
}

static int
end(struct store *st, const struct fact *now, const struct decided *d,
    struct err *e)
{
	const json_t *reason = json_object_get(d->value, "reason");
	struct fact f = *now;
	int r;

	if (now->gone && (!now->held || json_equal(json_object_get(now->body,
	    "reason"), reason)))
		return 0;
	f.gone = true;
	f.body = json_deep_copy(now->body);
	json_object_set(f.body, "reason", (json_t *)reason);
	r = put(st, &f, now, d, e);
	json_decref(f.body);
	return r;
}

static int
back(struct store *st, const struct fact *now, const struct decided *d,
    struct err *e)
{
	const char *wanted = get_str(d->value, "says", NULL);
	char says[FACT_SAYS_LEN + 1];
	struct fact f;
	int r;

	fact_says(now, says);
	if (wanted == NULL || (now->held && strcmp(says, wanted) == 0))
		return 0;
	if ((r = find_version(st, now->id, wanted, &f, e)) != 1)
		return r;
	r = put(st, &f, now, d, e);
	json_decref(f.body);
	return r;
}

static int
hold(struct store *st, struct fact *now, const struct decisions *all,
    struct err *e)
{
	const struct decided *held = NULL, *pinned = NULL;
	char rest[17];
	size_t i;

	ltm_rest(now, rest);
	for (i = 0; i < all->n; i++)
		if (all->v[i].what == DECISION_PIN)
			pinned = &all->v[i];
		else if (str_eq(all->v[i].rest, rest))
			held = &all->v[i];
	if (pinned != NULL && set_pin(st, now, pinned, e) < 0)
		return -1;
	if (held == NULL)
		return 0;
	return held->what == DECISION_END ? end(st, now, held, e) :
	    held->what == DECISION_BACK ? back(st, now, held, e) : 0;
}

int
ltm_hold(struct store *st, int64_t id, struct err *e)
{
	char about[FACT_ID_LEN + 1];
	struct decisions all;
	struct fact now;
	int r;

	if ((r = find_version(st, id, NULL, &now, e)) != 1)
		return r;
	fact_id_format(about, id);
	if ((r = decisions_read(st, 0, about, &all, e)) == 1)
		r = hold(st, &now, &all, e);
	decisions_release(&all);
	json_decref(now.body);
	return r;
}

int
ltm_hold_all(struct store *st, struct err *e)
{
	struct buf ids = BUF_INIT;
	struct db_query *q;
	int64_t id;
	size_t i;
	int r;

	if ((q = db_sql(st->db, e, "SELECT DISTINCT about FROM decision "
	    "WHERE user = 0 AND about >= 'fact:' AND about < 'fact;' AND "
	    "rest IS NOT NULL")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1)
		if (fact_id_read(db_get_text(q, 0), &id))
			group_id_put(&ids, id);
	db_end(q);
	for (i = 0; r == 0 && i < ids.len; i += 8)
		r = ltm_hold(st, group_id_read(ids.p + i), e);
	buf_release(&ids);
	return r;
}
