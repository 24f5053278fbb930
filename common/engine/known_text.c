/*
 * Is a text that an engine has the one that the store has now?  An event is
 * compared with its row; a fact with the version that counts; of what has no
 * row here, and of contents, times tell: what was put there before something
 * of it was redacted, or its user forgotten, is not shown.
 */
#include "engine/known_own.h"

#include "base/buf.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "ingest/redacted.h"
#include "ltm/fact.h"
#include "memory/event.h"
#include "memory/tombstone.h"
#include "store/db.h"
#include "store/node.h"
#include "store/store.h"
#include "toc/toc.h"
#include "toc/toc_body.h"

#include <stdlib.h>
#include <string.h>

/* json_equal takes no NULL. */
static bool
same(const json_t *a, const json_t *b, const char *key)
{
	const json_t *x = json_object_get(a, key), *y = json_object_get(b, key);

	return x == NULL || y == NULL ? x == y : json_equal(x, y);
}

/* --- what was redacted, or forgotten ----------------------------------- */

/* Was it put there before this lost something?  user 0: of a record. */
static int
before_redaction(struct seen *s, int64_t user, const char *id, int64_t at,
    struct err *e)
{
	int64_t lost;

	if (redacted_at(s->st, user, id, &lost, e) < 0)
		return -1;
	return lost > at;
}

/* Was all of its user forgotten since?  Events go by when they were said,
 * others by when they were told. */
static int
before_user(struct seen *s, const struct engine_found *d, int64_t user,
    struct err *e)
{
	struct db_query *q;
	int64_t at = 0;
	int r;

	if ((q = db_sql(s->st->db, e, "SELECT max(at) FROM tombstone WHERE "
	    "user = :user AND target = :target")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_int(q, ":target", TOMBSTONE_USER);
	r = db_first(q, &at, e);
	if (r < 0 || at == 0)
		return r < 0 ? -1 : 0;
	return (d->source == SOURCE_EVENT ? d->ts_ms : d->at_ms) <= at;
}

/* Was any event of the user forgotten, or redacted, since then? */
static int
lost_since(struct seen *s, int64_t user, int64_t at, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(s->st->db, e, "SELECT 1 FROM tombstone WHERE "
	    "user = :user AND target IN (1, 2, 6) AND at >= :at "
	    "LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_int(q, ":at", at);
	r = db_row(q, e);
	db_end(q);
	return r;
}

/* --- events ------------------------------------------------------------ */

/* Its text and what was said of it are what the store has. */
static int
event_as_here(struct seen *s, const struct engine_found *d, int64_t user,
    const json_t *record, struct err *e)
{
	struct event_iter *it = NULL;
	const struct event *ev;
	json_t *ours;
	int r = event_find_of(&it, s->st, user, d->id, &ev, e);

	if (r == 1) {
		ours = event_json(ev);
		r = ours != NULL && same(ours, record, "text") &&
		    same(ours, record, "metadata");
		json_decref(ours);
	}
	event_close(it);
	return r;
}

/* --- facts ------------------------------------------------------------- */

/* The version that a document is of, if it is one here, and not that which
 * counts, has ended; what its own node knows of its row is known, too. */
static int
is_version(struct seen *s, const struct engine_found *d,
    const struct fact *f, struct err *e)
{
	char node[ULID_LEN + 1];
	struct db_query *q;
	size_t n;
	int r;

	if (f->valid_until_ms <= date_now())
		return 0;
	if (d->row != NULL && node_name(s->st, node, e) < 0)
		return -1;
	n = d->row == NULL ? 0 : strlen(node);
	if (n > 0 && strncmp(d->row, node, n) == 0 && d->row[n] == '/' &&
	    strtoll(d->row + n + 1, NULL, 10) != f->seq)
		return 0;
	if (d->within == NULL || strtoll(d->within, NULL, 10) == f->version)
		return 1;
	if ((q = db_sql(s->st->db, e, "SELECT 1 FROM fact WHERE id = :id AND "
	    "version = :version")) == NULL)
		return -1;
	db_int(q, ":id", f->id);
	db_int(q, ":version", strtoll(d->within, NULL, 10));
	r = db_row(q, e);
	db_end(q);
	return r < 0 ? -1 : r == 0;
}

static int
fact_as_here(struct seen *s, const struct engine_found *d,
    const json_t *record, struct err *e)
{
	struct fact f = { .seq = 0 };
	struct db_query *q;
	int64_t id;
	int r;

	if (!fact_id_read(d->id, &id))
		return 0;
	if ((q = db_sql(s->st->db, e, FACT_COLUMNS "WHERE f.id = :id "
	    "ORDER BY f.version DESC LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":id", id);
	if ((r = db_row(q, e)) == 1 && (r = fact_row(q, FACT_NOW, &f, e)) == 0)
		r = 1;
	if (r == 1) {
		r = same(f.body, record, "content");
		json_decref(f.body);
		f.body = NULL;
		f.session = NULL;
	}
	db_end(q);
	return r == 1 ? is_version(s, d, &f, e) : r;
}

/* Its row was of this node, which has it no more. */
static int
fact_went(struct seen *s, const struct engine_found *d, struct err *e)
{
	char node[ULID_LEN + 1];
	size_t n;

	if (d->row == NULL)
		return 0;
	if (node_name(s->st, node, e) < 0)
		return -1;
	n = strlen(node);
	return strncmp(d->row, node, n) == 0 && d->row[n] == '/';
}

/* --- contents ---------------------------------------------------------- */

/* Each line that it has is one that the store has. */
static bool
says_no_more(const struct buf *text, const json_t *record)
{
	const json_t *list = json_object_get(record, "bullets"), *v, *w;
	json_t *ours = toc_body_json(text);
	const char *line;
	size_t i, k;
	bool all = same(ours, record, "title"), found;

	json_array_foreach(list, i, v) {
		line = get_str(v, "text", NULL);
		found = false;
		json_array_foreach(json_object_get(ours, "bullets"), k, w)
			found |= str_eq(line, get_str(w, "text", NULL));
		all &= found;
	}
	json_decref(ours);
	return all;
}

/* One that lags is as good as another, unless something was taken out of what
 * the store has since. */
static int
node_as_here(struct seen *s, const struct engine_found *d, int64_t user,
    bool row, const json_t *record, struct err *e)
{
	struct toc_version v = { .text = BUF_INIT };
	struct toc_node n;
	int r = 0;

	if (row && (r = toc_find_of(s->st, user, d->id, &n, e)) == 1 &&
	    (r = toc_live(s->st, &n, TOC_NOW, &v, e)) == 1)
		r = says_no_more(&v.text, record);
	toc_version_release(&v);
	if (r == 0)
		r = (r = lost_since(s, user, d->at_ms, e)) < 0 ? -1 : r == 0;
	return r;
}

/* An excerpt is of events. */
static int
grip_as_here(struct seen *s, const struct engine_found *d, int64_t user,
    const json_t *record, struct err *e)
{
	static const char *const ends[] = { "event_id_start", "event_id_end" };
	const char *id;
	int i, r;

	for (i = 0; i < 2; i++) {
		if ((id = get_str(record, ends[i], NULL)) == NULL)
			continue;
		r = tombstone_has_event(s->st, user, id, e);
		if (r == 0)
			r = before_redaction(s, user, id, d->at_ms, e);
		if (r != 0)
			return r < 0 ? -1 : 0;
	}
	return 1;
}

/* --- all --------------------------------------------------------------- */

/* Of a record each version that is written later is later there, too. */
static int
record_as_here(struct seen *s, const struct engine_found *d, struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	buf_addf(&b, "%s/%s", d->within != NULL ? d->within : "", d->id);
	r = before_redaction(s, 0, b.p, d->at_ms, e);
	buf_release(&b);
	return r < 0 ? -1 : r == 0;
}

int
engine_known_text(struct seen *s, const struct engine_found *d, size_t who,
    bool row, const json_t *record, struct err *e)
{
	int64_t user = s->user[who]->user;
	int r = 0;

	if (source_is_rows(d->source))
		return record_as_here(s, d, e);
	if (source_is_fact(d->source) && (r = row ? fact_as_here(s, d, record,
	    e) : (r = fact_went(s, d, e)) < 0 ? -1 : r == 0) != 1)
		return r;
	if (d->source == SOURCE_FACT || user == 0)
		return 1;
	if (d->source == SOURCE_EVENT && row)
		return event_as_here(s, d, user, record, e);
	if ((r = before_user(s, d, user, e)) != 0)
		return r < 0 ? -1 : 0;
	switch (d->source) {
	case SOURCE_EVENT:
		r = before_redaction(s, user, d->id, d->at_ms, e);
		return r < 0 ? -1 : r == 0;
	case SOURCE_TOC:
		return node_as_here(s, d, user, row, record, e);
	case SOURCE_GRIP:
		return grip_as_here(s, d, user, record, e);
	default:
		return 1;
	}
}
