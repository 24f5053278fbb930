#include "engine/feed.h"

#include "artifact/artifact_entry.h"
#include "base/date.h"
#include "base/str.h"
#include "base/ulid.h"
#include "engine/feed_work.h"
#include "ltm/fact_entry.h"
#include "search/tail.h"
#include "store/db.h"
#include "store/newest.h"
#include "store/store.h"
#include "toc/toc_entry.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* tombstone.target */
enum { EVENT = 1, SESSION, RECORD, FACT };

const char *const feed_parts[] = { "gone", "events", "records", "contents",
    "grips", "facts", "artifacts", "turns", NULL };

void
feed_init(struct feed *f, struct store *st, bool shared,
    const struct feed_mark *mark, const char *node, bool first)
{
	memset(f, 0, sizeof *f);
	f->st = st;
	f->shared = shared;
	f->mark = *mark;
	f->node = node;
	f->first = first;
	f->began = -1;
	buf_init(&f->of);
}

void
feed_release(struct feed *f)
{
	buf_release(&f->of);
	map_release(&f->places);
}

int
feed_tell(struct feed_run *w, struct engine_more *more, json_t *record,
    struct err *e)
{
	int r;

	if (record == NULL)
		return -1;
	more->record = record;
	r = w->to->doc(w->to->arg, &w->doc, more, e);
	json_decref(record);
	return r == 0 ? 0 : -1;
}

bool
feed_full(struct feed_run *w)
{
	if (w->to->full(w->to->arg))
		w->r = 1;
	return w->r == 1;
}

/* --- what was forgotten ------------------------------------------------ */

/* "KB/ID": a row, a chunk, or a document with its chunks. */
static int
gone_record(struct feed_run *w, const char *id, struct err *e)
{
	const char *slash = strchr(id, '/');
	struct buf kb = BUF_INIT;
	struct engine_more more = { .place = -1, .at = ENGINE_AT_LAST };
	int r = 0;

	if (slash == NULL)
		return 0;
	buf_add(&kb, id, (size_t)(slash - id));
	more.within = kb.p;
	if (w->to->gone(w->to->arg, SOURCE_KB, slash + 1, &more, e) != 0 ||
	    w->to->gone(w->to->arg, SOURCE_DOCUMENT, slash + 1, &more, e) !=
	    0 || (!w->f->first && w->to->lost(w->to->arg, FEED_DOCUMENT, id,
	    ENGINE_AT_LAST, e) != 0))
		r = -1;
	buf_release(&kb);
	return r;
}

/* A version that others may have told, too, unless it holds again. */
static int
gone_version(struct feed_run *w, const char *name, int64_t at, struct err *e)
{
	struct engine_more more = { .user = w->f->shared ? NULL :
	    w->f->st->user, .place = -1, .at = at };
	const char *version, *p = strchr(name, '/');
	char id[FACT_ID_LEN + 1], number[24];
	int64_t fact, n, there;
	struct db_query *q;

	/* those of before have the row alone */
	if (p == NULL || (version = strchr(++p, '/')) == NULL ||
	    (size_t)(version - p) >= sizeof number)
		return 0;
	memcpy(number, p, (size_t)(version - p));
	number[version - p] = '\0';
	if (str_int(number, INT64_MIN, INT64_MAX, &fact) != 1 ||
	    str_int(++version, 0, INT64_MAX, &n) != 1)
		return 0;
	if ((q = db_sql(w->f->st->db, e, "SELECT count(*) FROM fact WHERE "
	    "id = :id AND version = :version")) == NULL)
		return -1;
	db_int(q, ":id", fact);
	db_int(q, ":version", n);
	if (db_first(q, &there, e) < 0)
		return -1;
	if (there > 0)
		return 0;
	fact_id_format(id, fact);
	more.within = version;
	return w->to->gone(w->to->arg, w->f->shared ? SOURCE_FACT : SOURCE_OWN,
	    id, &more, e);
}

static int
gone_fact(struct feed_run *w, const char *name, int64_t ref, struct err *e)
{
	int64_t at = date_real();
	char row[64];

	if (w->f->first)
		return 0;
	snprintf(row, sizeof row, "%s/%" PRId64, w->f->node, ref);
	return w->to->lost(w->to->arg, FEED_ROW, row, at, e) != 0 ? -1 :
	    gone_version(w, name, at, e);
}

static int
gone_row(struct feed_run *w, int64_t target, const char *id, int64_t ref,
    struct err *e)
{
	struct engine_more more = { .user = w->f->st->user, .place = -1,
	    .at = ENGINE_AT_LAST };

	switch (target) {
	case EVENT:
		return w->to->gone(w->to->arg, SOURCE_EVENT, id, &more, e);
	case SESSION:
		return w->f->first ? 0 : w->to->lost(w->to->arg, FEED_SESSION,
		    id, ENGINE_AT_LAST, e);
	case RECORD:
		return gone_record(w, id, e);
	case FACT:
		return gone_fact(w, id, ref, e);
	default:	/* of a user below; what lost a secret comes anew */
		return 0;
	}
}

/* Up to when his memory was; a time that may be another by now. */
static int
forgotten(struct feed *f, int64_t *at, struct err *e)
{
	struct db_query *q;

	*at = 0;
	if ((q = db_sql(f->st->db, e, "SELECT max(at) FROM tombstone WHERE "
	    "user = :user AND target = 5")) == NULL)
		return -1;
	db_int(q, ":user", f->st->user_id);
	return db_first(q, at, e) < 0 ? -1 : 0;
}

static int
gone_user(struct feed_run *w, struct err *e)
{
	struct feed *f = w->f;
	int64_t at;

	if (forgotten(f, &at, e) < 0)
		return -1;
	if (at <= f->mark.forgot)
		return 0;
	if (!f->first && w->to->lost(w->to->arg, FEED_USER, f->st->user, at,
	    e) != 0)
		return -1;
	f->mark.forgot = at;
	return 0;
}

int
feed_gone(struct feed_run *w, struct err *e)
{
	struct feed *f = w->f;
	int64_t *after = &f->mark.after[FEED_GONE];
	struct newest newest;
	struct db_query *q;
	int r;

	if (newest_rows(f->st, &newest, e) < 0 ||
	    (!f->shared && gone_user(w, e) < 0))
		return -1;
	if (newest.tombstone <= *after)
		return 0;
	if ((q = db_sql(f->st->db, e, "SELECT target, id, ref, seq FROM "
	    "tombstone WHERE seq > :after AND user = :user ORDER BY seq")) ==
	    NULL)
		return -1;
	db_int(q, ":after", *after);
	db_int(q, ":user", f->shared ? 0 : f->st->user_id);
	while ((r = db_row(q, e)) == 1) {
		if (gone_row(w, db_get_int(q, 0), db_get_text(q, 1),
		    db_get_int(q, 2), e) != 0) {
			r = -1;
			break;
		}
		*after = db_get_int(q, 3);
		if (feed_full(w))
			break;
	}
	db_end(q);
	if (r == 0)
		*after = newest.tombstone;
	return r < 0 ? -1 : w->r;
}

/* --- all of it --------------------------------------------------------- */

/* What was forgotten comes first, and last, too: of what was told meanwhile
 * something may have been. */
static const enum feed_part his[] = { FEED_GONE, FEED_EVENTS, FEED_CONTENTS,
    FEED_GRIPS, FEED_FACTS, FEED_ARTIFACTS, FEED_TURNS, FEED_GONE,
    FEED_PARTS };
static const enum feed_part ours[] = { FEED_GONE, FEED_RECORDS, FEED_FACTS,
    FEED_GONE, FEED_PARTS };

static feed_part_fn *const parts[FEED_PARTS] = { feed_gone, feed_events,
    feed_records, feed_contents, feed_grips, feed_facts, feed_artifacts,
    feed_turns };

int
feed_read(struct feed *f, const struct feed_to *to, struct err *e)
{
	const enum feed_part *part = f->shared ? ours : his;
	struct feed_run w = { .f = f, .to = to };
	struct db *db = f->st->db;
	int r = 0;

	if (!f->shared && f->st->user_id == 0)
		return 0;
	if (tx_read(db, e) < 0)
		return -1;
	buf_reset(&f->of);
	for (; part[f->part] != FEED_PARTS; f->part++) {
		if (part[f->part] == FEED_GONE && f->part > 0)
			f->first = false;
		if ((r = parts[part[f->part]](&w, e)) != 0)
			break;
	}
	doc_release(&w.doc);
	if (tx_end(db, r, e) < 0)
		return -1;
	if (r == 0)
		f->part = 0;
	return r;
}

int
feed_waits(struct feed *f, struct err *e)
{
	const int64_t *after = f->mark.after;
	struct artifact_reach file;
	struct newest newest;
	int64_t touched, fact, forgot;

	if (newest_rows(f->st, &newest, e) < 0 || fact_newest(f->st, &fact,
	    e) < 0 || toc_touched(f->st, &touched, e) < 0 ||
	    artifact_newest(f->st, &file, e) < 0)
		return -1;
	if (newest.tombstone > after[FEED_GONE] || fact > after[FEED_FACTS])
		return 1;
	if (f->shared)
		return newest.record > after[FEED_RECORDS];
	if (f->st->user_id == 0 || forgotten(f, &forgot, e) < 0)
		return f->st->user_id == 0 ? 0 : -1;
	return forgot > f->mark.forgot || newest.event > after[FEED_EVENTS] ||
	    touched > after[FEED_CONTENTS] || touched > after[FEED_GRIPS] ||
	    file.row > after[FEED_ARTIFACTS] || file.turn > after[FEED_TURNS];
}
