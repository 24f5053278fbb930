/*
 * A manifest, into the journal.
 */
#include "sync/journal.h"

#include "base/date.h"
#include "store/db.h"
#include "sync/journal_db.h"

#include <inttypes.h>
#include <string.h>

static int
damaged(const struct sync_manifest *m, const char *why, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "manifest %" PRId64 " of the remote %s",
	    m->number, why);
}

static int
follows(struct journal *j, const struct sync_manifest *m, struct err *e)
{
	struct journal_head h;

	if (journal_head(j, &h, e) < 0)
		return -1;
	if (m->number != h.number + 1)
		return damaged(m, "is not the one that should be there", e);
	if (strcmp(m->previous, h.hash) != 0)
		return damaged(m, "does not follow the one that was there: "
		    "somebody put another memory in its place", e);
	if (h.number > 0 && strcmp(m->store_id, h.store_id) != 0)
		return damaged(m, "is of another store", e);
	if (h.sealed && !m->sealed)
		return damaged(m, "is in clear, and those before it are "
		    "sealed: somebody without their key put it there", e);
	return 0;
}

/* What came later is there, too, and takes the place of the other: of what was
 * lost, and cannot be made as it was. */
static int
replace(struct journal *j, const struct manifest_segment *s, struct err *e)
{
	struct db_query *q;

	if (s->name[0] == '\0')
		return 0;
	if ((q = db_sql(j->db, e, "UPDATE segment SET size = :size, "
	    "name = :name WHERE node = :node AND last = :last AND "
	    "first = :first AND number > 0")) == NULL)
		return -1;
	db_text(q, ":node", s->node);
	db_int(q, ":first", s->from);
	db_int(q, ":last", s->to);
	db_int(q, ":size", s->size);
	db_text(q, ":name", s->name);
	return db_run(q, e);
}

int
journal_put_segment(struct journal *j, const struct sync_manifest *m,
    const struct manifest_segment *s, struct err *e)
{
	struct db_query *q;
	int64_t upto;

	if (journal_upto(j, s->node, &upto, e) < 0)
		return -1;
	if (s->to <= upto)	/* two who brought the same, or one again */
		return m->number > 0 ? replace(j, s, e) : 0;
	if ((q = db_sql(j->db, e, "INSERT OR REPLACE INTO segment (node, "
	    "first, last, number, size, name) VALUES (:node, :first, :last, "
	    ":number, :size, :name)")) == NULL)
		return -1;
	db_text(q, ":node", s->node);
	db_int(q, ":first", s->from);
	db_int(q, ":last", s->to);
	db_int(q, ":number", m->number);
	db_int(q, ":size", s->size);
	db_text(q, ":name", s->name);
	return db_run(q, e);
}

/* Segments that were named, and whose objects are lost. */
static int
add_hole(struct journal *j, const struct manifest_cover *c, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(j->db, e, "UPDATE segment SET size = 0, name = '' "
	    "WHERE node = :node AND first >= :from AND last <= :upto AND "
	    "number > 0")) == NULL)
		return -1;
	db_text(q, ":node", c->node);
	db_int(q, ":from", c->from);
	db_int(q, ":upto", c->upto);
	return db_run(q, e);
}

/* As a segment without an object: what is before it is known to be there, and
 * who would need it as a segment hears that there is none. */
static int
add_cover(struct journal *j, const struct sync_manifest *m,
    const struct manifest_cover *c, struct err *e)
{
	struct manifest_segment s = { .to = c->upto };

	if (c->from >= 0)
		return add_hole(j, c, e);
	memcpy(s.node, c->node, sizeof s.node);
	return journal_upto(j, s.node, &s.from, e) < 0 ? -1 :
	    journal_put_segment(j, m, &s, e);
}

static int
add_lease(struct journal *j, const struct sync_manifest *m,
    const struct manifest_lease *l, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(j->db, e, "INSERT INTO lease (user, session, node, "
	    "address, epoch, hold, since, number, seen) VALUES (:user, "
	    ":session, :node, :address, :epoch, :hold, :at, :number, :seen) "
	    "ON CONFLICT DO UPDATE SET node = :node, address = :address, "
	    "epoch = :epoch, hold = :hold, since = CASE node WHEN :node THEN "
	    "since ELSE :at END, number = :number, seen = :seen")) == NULL)
		return -1;
	db_text(q, ":user", l->user);
	db_text(q, ":session", l->session);
	db_text(q, ":node", m->node);
	db_text(q, ":address", m->address);
	db_int(q, ":epoch", l->epoch);
	db_int(q, ":hold", l->hold_ms);
	db_int(q, ":at", m->at_ms);
	db_int(q, ":number", m->number);
	db_int(q, ":seen", date_monotonic());
	return db_run(q, e);
}

static int
set_head(struct journal *j, const struct sync_manifest *m, const char *hash,
    struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(j->db, e, "UPDATE head SET number = :number, "
	    "hash = :hash, at = :at, store = :store, sealed = :sealed")) ==
	    NULL)
		return -1;
	db_int(q, ":number", m->number);
	db_int(q, ":sealed", m->sealed);
	db_text(q, ":hash", hash);
	db_int(q, ":at", m->at_ms);
	db_text(q, ":store", m->store_id);
	if (db_run(q, e) < 0)
		return -1;
	if ((q = db_sql(j->db, e, "UPDATE push SET number = :number WHERE "
	    "id = :push")) == NULL)
		return -1;
	db_int(q, ":number", m->number);
	db_text(q, ":push", m->push);
	if (db_run(q, e) < 0)
		return -1;
	if (m->snapshot[0] == '\0')
		return 0;
	if ((q = db_sql(j->db, e, "UPDATE head SET snapshot = :name, "
	    "snapshot_size = :size, snapshot_number = :number")) == NULL)
		return -1;
	db_int(q, ":number", m->number);
	db_text(q, ":name", m->snapshot);
	db_int(q, ":size", m->snapshot_size);
	return db_run(q, e);
}

static int
set_node(struct journal *j, const struct sync_manifest *m, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(j->db, e, "INSERT OR REPLACE INTO node (name, "
	    "address, number, at) VALUES (:name, :address, :number, :at)")) ==
	    NULL)
		return -1;
	db_text(q, ":name", m->node);
	db_text(q, ":address", m->address);
	db_int(q, ":number", m->number);
	db_int(q, ":at", m->at_ms);
	return db_run(q, e);
}

/* What was put and is behind now. */
static int
drop_ready(struct journal *j, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(j->db, e, "DELETE FROM fresh WHERE at < :old")) ==
	    NULL)
		return -1;
	db_int(q, ":old", date_real() - JOURNAL_NAMED_MS);
	if (db_run(q, e) < 0)
		return -1;
	if ((q = db_sql(j->db, e, "DELETE FROM segment WHERE number = 0 AND "
	    "first < (SELECT max(last) FROM segment s WHERE "
	    "s.node = segment.node AND s.number > 0)")) == NULL)
		return -1;
	return db_run(q, e);
}

static int
add(struct journal *j, const struct sync_manifest *m, const char *hash,
    struct err *e)
{
	size_t i;

	if (follows(j, m, e) < 0)
		return -1;
	for (i = 0; i < m->nsegments; i++)
		if (journal_put_segment(j, m, &m->segment[i], e) < 0)
			return -1;
	for (i = 0; i < m->npacks; i++)
		if (journal_put_pack(j, m, &m->pack[i], e) < 0)
			return -1;
	for (i = 0; i < m->ncovers; i++)
		if (add_cover(j, m, &m->cover[i], e) < 0)
			return -1;
	for (i = 0; i < m->nleases; i++)
		if (add_lease(j, m, &m->lease[i], e) < 0)
			return -1;
	if (set_node(j, m, e) < 0 || drop_ready(j, e) < 0)
		return -1;
	return set_head(j, m, hash, e);
}

int
journal_add(struct journal *j, const struct sync_manifest *m,
    const char hash[HASH_HEX + 1], struct err *e)
{
	if (tx_begin(j->db, e) < 0)
		return -1;
	return tx_end(j->db, add(j, m, hash, e), e);
}
