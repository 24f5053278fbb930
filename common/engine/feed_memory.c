/*
 * What a user has: events, contents, grips, artifacts; and facts, the tenant's
 * too.
 */
#include "engine/feed_work.h"

#include "artifact/artifact_entry.h"
#include "base/date.h"
#include "base/json.h"
#include "ingest/redacted.h"
#include "ltm/fact_entry.h"
#include "memory/event.h"
#include "store/db.h"
#include "store/newest.h"
#include "store/store.h"
#include "toc/toc_entry.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What is derived here has the time at which it is told: who says something
 * later knows better. */
static struct engine_more
more_now(const struct feed_run *w)
{
	return (struct engine_more){ .user = w->f->st->user, .place = -1,
	    .at = date_real() };
}

/* --- events ------------------------------------------------------------ */

/* Has he events that lost a secret? */
static int
has_redacted(struct store *st, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT 1 FROM tombstone WHERE "
	    "user = :user AND target = 6 LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	r = db_row(q, e);
	db_end(q);
	return r;
}

static int
tell_event(struct feed_run *w, const struct event *ev, bool redacted,
    struct err *e)
{
	struct engine_more more = { .user = w->f->st->user, .place = -1,
	    .at = ENGINE_AT_FIRST };
	json_t *record;
	int64_t at = 0;

	if (redacted && redacted_at(w->f->st, w->f->st->user_id, ev->id, &at,
	    e) < 0)
		return -1;
	if (at > more.at)
		more.at = at;
	doc_event(&w->doc, ev);
	if ((record = event_json(ev)) == NULL)
		return err_set(e, ERR_CORRUPT, "event %s is not UTF-8; run "
		    "mem-admin check", ev->id);
	return feed_tell(w, &more, record, e);
}

int
feed_events(struct feed_run *w, struct err *e)
{
	struct feed *f = w->f;
	int64_t *after = &f->mark.after[FEED_EVENTS];
	const struct event *ev;
	struct event_iter *it;
	struct newest newest;
	int r, redacted;

	if (newest_rows(f->st, &newest, e) < 0)
		return -1;
	if (newest.event <= *after)
		return 0;
	if ((redacted = has_redacted(f->st, e)) < 0 ||
	    event_open_rows(&it, f->st, f->st->user_id, *after, e) < 0)
		return -1;
	while ((r = event_next(it, &ev, e)) == 1) {
		if (tell_event(w, ev, redacted == 1, e) < 0) {
			r = -1;
			break;
		}
		*after = ev->seq;
		if (feed_full(w))
			break;
	}
	event_close(it);
	if (r == 0)
		*after = newest.event;
	return r < 0 ? -1 : w->r;
}

/* --- contents ---------------------------------------------------------- */

struct nodes {
	struct feed_run *w;
	struct toc_reader *toc;
	bool grips;
};

static int
tell_entry(void *arg, const struct toc_entry *x, bool there, struct err *e)
{
	struct nodes *n = arg;
	struct engine_more more = more_now(n->w);
	const struct feed_to *to = n->w->to;
	char node[sizeof x->id];

	/* between two nodes: grips are told with their segment */
	if (!x->is_grip && feed_full(n->w))
		return 1;
	if (!x->is_grip && n->grips)
		return n->w->f->first ? 0 : to->lost(to->arg, FEED_NODE, x->id,
		    more.at, e);
	if (!there)
		return n->w->f->first ? 0 : to->gone(to->arg, SOURCE_TOC,
		    x->id, &more, e);
	snprintf(node, sizeof node, "toc:%s", x->node.name);
	more.node = node;
	doc_toc(&n->w->doc, x);
	return feed_tell(n->w, &more, toc_reader_json(n->toc, x, e), e);
}

/* Nodes that were touched together have one number, and the mark is behind all
 * of them, or before. */
static int
contents(struct feed_run *w, bool grips, struct err *e)
{
	struct feed *f = w->f;
	int64_t *after = &f->mark.after[grips ? FEED_GRIPS : FEED_CONTENTS];
	struct toc_reach from = { *after + (f->contents != 0), f->contents };
	struct nodes n = { .w = w, .grips = grips };
	int64_t newest;
	int r;

	if (toc_touched(f->st, &newest, e) < 0)
		return -1;
	if (newest <= *after)
		return 0;
	/* node 0 is none: all of the number after the mark */
	if (f->contents == 0)
		from.id = INT64_MAX;
	if (toc_reader_open(&n.toc, f->st, TOC_NOW, e) < 0)
		return -1;
	r = toc_reader_after(n.toc, grips, &from, tell_entry, &n, e);
	toc_reader_close(n.toc);
	if (r < 0)
		return -1;
	if (w->r == 0) {
		*after = newest;
		f->contents = 0;
	} else if (from.id != INT64_MAX) {
		*after = from.touched - 1;
		f->contents = from.id;
	}
	return w->r;
}

int
feed_contents(struct feed_run *w, struct err *e)
{
	return contents(w, false, e);
}

int
feed_grips(struct feed_run *w, struct err *e)
{
	return contents(w, true, e);
}

/* --- facts ------------------------------------------------------------- */

static int
tell_fact(void *arg, const struct fact *fact, bool counts, int64_t row,
    struct err *e)
{
	struct feed_run *w = arg;
	struct feed *f = w->f;
	struct engine_more more = more_now(w);
	char version[24], id[FACT_ID_LEN + 1];
	json_t *record;
	int r = 0;

	if (f->shared)
		more.user = NULL;
	snprintf(version, sizeof version, "%" PRId64, fact->version);
	more.within = version;
	if (counts) {
		more.row = fact->seq;
		doc_fact(&w->doc, fact, more.user);
		if ((record = fact_json(fact)) == NULL)
			return err_set(e, ERR_CORRUPT, "a fact of the store "
			    "is damaged; run mem-admin check");
		r = feed_tell(w, &more, record, e);
	} else if (!f->first) {
		fact_id_format(id, fact->id);
		r = w->to->gone(w->to->arg, f->shared ? SOURCE_FACT :
		    SOURCE_OWN, id, &more, e);
	}
	if (r != 0 || row == 0)
		return r == 0 ? 0 : -1;
	f->mark.after[FEED_FACTS] = row;
	return feed_full(w) ? 1 : 0;
}

int
feed_facts(struct feed_run *w, struct err *e)
{
	struct feed *f = w->f;
	int64_t *after = &f->mark.after[FEED_FACTS], newest;

	if (fact_newest(f->st, &newest, e) < 0)
		return -1;
	if (newest <= *after)
		return 0;
	if (fact_each_row(f->st, !f->shared, *after, tell_fact, w, e) < 0)
		return -1;
	if (w->r == 0)
		*after = newest;
	return w->r;
}

/* --- artifacts --------------------------------------------------------- */

struct one {
	struct feed_run *w;
	const char *id;
};

static int
tell_artifact(void *arg, const struct artifact *a, const char *session,
    struct err *e)
{
	struct one *one = arg;
	struct feed_run *w = one->w;
	struct engine_more more = more_now(w);
	struct artifact all;
	int r;

	if (artifact_find(w->f->st, one->id, &all, e) < 0)
		return -1;
	doc_artifact(&w->doc, a, session, w->f->st->user);
	r = feed_tell(w, &more, artifact_json(w->f->st, &all, e), e);
	artifact_release(&all);
	return r;
}

static int
tell_turn(struct feed_run *w, const char *id, bool turned, struct err *e)
{
	struct one one = { w, id };
	struct engine_more more = more_now(w);
	int r = artifact_entry(w->f->st, id, tell_artifact, &one, e);

	if (r == 0 && turned)
		r = w->to->gone(w->to->arg, SOURCE_ARTIFACT, id, &more, e);
	return r < 0 ? -1 : 0;
}

static int
take_row(void *arg, int64_t seq, const char *id, struct err *e)
{
	struct feed_run *w = arg;

	if (tell_turn(w, id, false, e) < 0)
		return -1;
	w->f->mark.after[FEED_ARTIFACTS] = seq;
	return feed_full(w) ? 1 : 0;
}

static int
take_turn(void *arg, int64_t seq, const char *id, struct err *e)
{
	struct feed_run *w = arg;

	if (tell_turn(w, id, !w->f->first, e) < 0)
		return -1;
	w->f->mark.after[FEED_TURNS] = seq;
	return feed_full(w) ? 1 : 0;
}

int
feed_artifacts(struct feed_run *w, struct err *e)
{
	int64_t *after = &w->f->mark.after[FEED_ARTIFACTS];
	struct artifact_reach newest;

	if (artifact_newest(w->f->st, &newest, e) < 0)
		return -1;
	if (newest.row <= *after)
		return 0;
	if (artifact_each_row(w->f->st, *after, take_row, w, e) < 0)
		return -1;
	if (w->r == 0)
		*after = newest.row;
	return w->r;
}

int
feed_turns(struct feed_run *w, struct err *e)
{
	int64_t *after = &w->f->mark.after[FEED_TURNS];
	struct artifact_reach newest;

	if (artifact_newest(w->f->st, &newest, e) < 0)
		return -1;
	if (newest.turn <= *after)
		return 0;
	if (artifact_each_turn(w->f->st, *after, take_turn, w, e) < 0)
		return -1;
	if (w->r == 0)
		*after = newest.turn;
	return w->r;
}
