/*
 * The walk hashes each row once.  What kind of fault the first one is that
 * does not fit is looked for afterwards, with what the rows themselves hold:
 * which row does follow, and which hash does this row follow?
 */
#include "store/audit_chain.h"

#include "store/audit.h"
#include "store/audit_own.h"
#include "store/db.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SHIFT_MAX 1000000	/* rows taken out at once that are counted */

const char *const audit_faults[] = { "none", "changed", "dropped", "inserted",
    "reordered", "untied" };

void
audit_chain_say(const struct audit_chain *c, char *s, size_t n)
{
	int64_t to = c->at + c->n - 1;

	if (c->fault == AUDIT_CHANGED)
		snprintf(s, n, "row %" PRId64 " was changed, or the hash of "
		    "the one before it", c->at);
	else if (c->fault == AUDIT_DROPPED)
		snprintf(s, n, "%" PRId64 " rows were taken out, from row %"
		    PRId64 " on", c->n, c->at);
	else if (c->fault == AUDIT_INSERTED)
		snprintf(s, n, "rows %" PRId64 " to %" PRId64 " were put in",
		    c->at, to);
	else if (c->fault == AUDIT_REORDERED)
		snprintf(s, n, "row %" PRId64 " belongs somewhere else",
		    c->at);
	else if (c->fault == AUDIT_UNTIED)
		snprintf(s, n, "row %" PRId64 " does not follow what was "
		    "rotated away", c->at);
	else
		snprintf(s, n, "every row follows the one before it");
}

void
audit_chain_init(struct audit_chain *c)
{
	memset(c, 0, sizeof *c);
	buf_init(&c->room);
}

void
audit_chain_release(struct audit_chain *c)
{
	buf_release(&c->room);
}

/* --- one row ----------------------------------------------------------- */

static bool
fits(struct audit_chain *c, const struct audit_row *row, int64_t seq,
    const uint8_t prev[HASH_LEN])
{
	uint8_t want[HASH_LEN];

	audit_row_hash(row, seq, prev, &c->room, want);
	return memcmp(want, row->hash, HASH_LEN) == 0;
}

/* Marks up to where it goes now. */
static void
look(struct audit_chain *c)
{
	struct audit_mark *m;

	for (; c->mark < c->nmarks && c->marks[c->mark].seq <= c->seq;
	    c->mark++) {
		m = &c->marks[c->mark];
		if (m->seq == c->seq)
			m->found = memcmp(m->hash, c->hash, HASH_LEN) == 0 ?
			    AUDIT_THERE : AUDIT_OTHER;
	}
}

int
audit_chain_add(struct audit_chain *c, const struct audit_row *row)
{
	if (row->seq != c->seq + 1 || !fits(c, row, row->seq, c->hash))
		return 0;
	if (c->rows++ == 0)
		c->first = row->seq;
	c->seq = row->seq;
	memcpy(c->hash, row->hash, HASH_LEN);
	if (c->mark < c->nmarks)
		look(c);
	return 1;
}

/* --- what is wrong ----------------------------------------------------- */

#define ALL "SELECT " AUDIT_COLUMNS " FROM audit ORDER BY seq"

static void
fault(struct audit_chain *c, enum audit_fault what, int64_t at, int64_t n)
{
	c->fault = what;
	c->at = at;
	c->n = n;
}

/* The row that does follow, behind the one that does not: 1, with how many are
 * in front of it. */
static int
find_next(struct audit_chain *c, struct db *db, int64_t from, int64_t *before,
    struct err *e)
{
	struct audit_row row;
	struct db_query *q;
	int r;

	if ((q = db_sql(db, e, ALL)) == NULL)
		return -1;
	*before = 0;
	while ((r = db_row(q, e)) == 1) {
		audit_row_read(q, &row);
		if (row.seq < from)
			continue;
		if (fits(c, &row, c->seq + 1, c->hash))
			break;
		++*before;
	}
	db_end(q);
	return r;
}

/* Does it follow another row than the one in front of it?  One that is there
 * twice is a copy, and does not. */
static int
belongs(struct audit_chain *c, struct db *db, const struct audit_row *row,
    struct err *e)
{
	struct audit_row other;
	struct db_query *q;
	int64_t copies;
	int r;

	if ((q = db_sql(db, e, "SELECT count(*) FROM audit "
	    "WHERE hash = :hash")) == NULL)
		return -1;
	db_blob(q, ":hash", row->hash, HASH_LEN);
	if (db_first(q, &copies, e) < 0)
		return -1;
	if (copies > 1)
		return 0;
	if ((q = db_sql(db, e, ALL)) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		audit_row_read(q, &other);
		if (fits(c, row, other.seq + 1, other.hash) ||
		    fits(c, row, c->seq + 2, other.hash) ||
		    fits(c, row, row->seq, other.hash) ||
		    fits(c, row, other.seq, other.hash))
			break;
	}
	db_end(q);
	return r;
}

/* Was it something before this row that was taken out, and the rest numbered
 * anew?  Then the next follows it under a higher number. */
static int64_t
shifted(struct audit_chain *c, const struct audit_row *next, int64_t seq,
    const uint8_t prev[HASH_LEN])
{
	int64_t d;

	for (d = 0; d <= SHIFT_MAX; d++)
		if (fits(c, next, seq + d, prev))
			return d;
	return 0;
}

/* row is the statement's; the statement is where it is. */
static int
diagnose(struct audit_chain *c, struct db *db, struct db_query *q,
    const struct audit_row *row, struct err *e)
{
	int64_t want = c->seq + 1, before, d;
	uint8_t hash[HASH_LEN];
	struct audit_row next;
	int r;

	if (row->seq < want) {
		fault(c, AUDIT_INSERTED, row->seq, 1);
		return 0;
	}
	if ((r = find_next(c, db, row->seq, &before, e)) < 0)
		return -1;
	if (r == 1 && before == 0) {
		fault(c, AUDIT_CHANGED, row->seq, 1);	/* its number */
		return 0;
	}
	if (r == 1) {
		if ((r = belongs(c, db, row, e)) >= 0)
			fault(c, r == 1 ? AUDIT_REORDERED : AUDIT_INSERTED,
			    row->seq, r == 1 ? 1 : before);
		return r < 0 ? -1 : 0;
	}
	if (row->seq > want) {
		fault(c, AUDIT_DROPPED, want, row->seq - want);
		return 0;
	}
	memcpy(hash, row->hash, HASH_LEN);
	fault(c, AUDIT_CHANGED, want, 1);
	if ((r = db_row(q, e)) != 1)
		return r;
	audit_row_read(q, &next);
	if ((d = shifted(c, &next, want + 1, hash)) > 0)
		fault(c, AUDIT_DROPPED, want, d);
	return 0;
}

/* --- the walk ---------------------------------------------------------- */

int
audit_start(struct db *db, int64_t *seq, uint8_t hash[HASH_LEN],
    struct err *e)
{
	struct db_query *q;
	int64_t there;
	char *end;
	const char *s;
	int r;

	*seq = 0;
	memset(hash, 0, HASH_LEN);
	/* access.db has none, and is never rotated */
	if (db_number(db, e, "SELECT count(*) FROM sqlite_schema "
	    "WHERE type = 'table' AND name = 'meta'", 0, &there) < 0)
		return -1;
	if (there == 0)
		return 0;
	if ((q = db_sql(db, e, "SELECT value FROM meta "
	    "WHERE name = 'audit_start'")) == NULL)
		return -1;
	if ((r = db_row(q, e)) == 1) {
		s = db_get_text(q, 0);
		*seq = s == NULL ? 0 : strtoll(s, &end, 10);
		if (*seq <= 0 || *end != ' ' || strlen(end + 1) != HASH_HEX ||
		    !hex_decode(hash, end + 1, HASH_LEN))
			r = err_set(e, ERR_CORRUPT, "'audit_start' in the "
			    "table meta is no row and its hash");
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
audit_has(struct db *db, const uint8_t hash[HASH_LEN], struct err *e)
{
	struct db_query *q;
	int64_t n;

	if ((q = db_sql(db, e, "SELECT 1 FROM audit WHERE hash = :hash")) ==
	    NULL)
		return -1;
	db_blob(q, ":hash", hash, HASH_LEN);
	return db_first(q, &n, e);
}

/* Who rotated rows away said so in a row; and that is still there. */
static int
told(struct db *db, int64_t seq, const uint8_t hash[HASH_LEN], struct err *e)
{
	char detail[AUDIT_ROTATED];
	struct db_query *q;
	int64_t n;

	audit_rotated(detail, seq, hash);
	if ((q = db_sql(db, e, "SELECT 1 FROM audit WHERE action = 'rotate' "
	    "AND detail = :detail")) == NULL)
		return -1;
	db_text(q, ":detail", detail);
	return db_first(q, &n, e);
}

static int
begin(struct audit_chain *c, struct db *db, struct err *e)
{
	uint8_t hash[HASH_LEN];
	int64_t seq;
	int r = 1;

	if (audit_start(db, &seq, hash, e) < 0)
		return -1;
	if (seq > 0 && (r = told(db, seq, hash, e)) < 0)
		return -1;
	if (r == 0 || (c->rows > 0 && (c->seq != seq ||
	    memcmp(c->hash, hash, HASH_LEN) != 0))) {
		fault(c, AUDIT_UNTIED, seq + 1, 0);
		return 0;
	}
	c->seq = seq;
	memcpy(c->hash, hash, HASH_LEN);
	if (c->mark < c->nmarks)
		look(c);
	return 1;
}

int
audit_chain_walk(struct audit_chain *c, struct db *db, struct err *e)
{
	struct audit_row row;
	struct db_query *q;
	int r;

	if ((r = begin(c, db, e)) != 1)
		return r;
	if ((q = db_sql(db, e, ALL)) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		audit_row_read(q, &row);
		if (!audit_chain_add(c, &row)) {
			r = diagnose(c, db, q, &row, e);
			break;
		}
	}
	db_end(q);
	if (r < 0)
		return -1;
	if (c->fault != AUDIT_WHOLE)
		return 0;
	for (; c->mark < c->nmarks; c->mark++)
		c->marks[c->mark].found = AUDIT_CUT;
	return 1;
}
