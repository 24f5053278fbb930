#include "toc/toc_forget.h"

#include "base/map.h"
#include "base/str.h"
#include "base/ulid.h"
#include "memory/event.h"
#include "store/db.h"
#include "store/forgetting.h"
#include "store/payload.h"
#include "store/sealed.h"
#include "store/store.h"
#include "toc/cut.h"
#include "toc/grip.h"
#include "toc/summary_work.h"
#include "toc/toc_body.h"
#include "toc/toc_work.h"

#include <stdlib.h>
#include <string.h>

#define WORD_MAX 64		/* bytes of one that are compared */

/* What is forgotten. */

struct forget {
	struct store *st;
	int64_t session;
	struct event_iter *it, *other;	/* own; other: what stays */
	struct map words;		/* of it */
	bool all_words;			/* or: these are not known */
	struct map grips;		/* ids of its excerpts */
	int64_t lo_ms, hi_ms;		/* where it lies */
};

/* --- words ------------------------------------------------------------- */

/*
 * Runs of letters and digits, and of all that is not ASCII.  It is not how
 * the index sees words: that needs tables which every tool that can forget
 * would have to load.
 */
struct word_scan {
	const char *p, *end;
	char word[WORD_MAX + 1];	/* ASCII in lower case */
	bool foreign;			/* it has more than ASCII */
};

static bool
in_word(unsigned char c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z');
}

static int
next_word(struct word_scan *w)
{
	unsigned char c;
	size_t n = 0;

	while (w->p < w->end && !in_word((unsigned char)*w->p))
		w->p++;
	w->foreign = false;
	for (; w->p < w->end && in_word((unsigned char)*w->p); w->p++) {
		c = (unsigned char)*w->p;
		w->foreign = w->foreign || c >= 0x80;
		if (n < WORD_MAX)
			w->word[n++] = (char)(c >= 'A' && c <= 'Z' ? c + 32 :
			    c);
	}
	w->word[n] = '\0';
	return n > 0;
}

static void
add_words(struct map *words, const char *text, size_t len)
{
	struct word_scan w = { .p = text, .end = text + len };
	int made;

	while (next_word(&w))
		map_put(words, w.word, &made);
}

/* A title may end within a word. */
static bool
begins_one(const struct map *words, const char *beginning)
{
	size_t i;

	for (i = 0; i < words->n; i++)
		if (str_starts(words->e[i].key, beginning))
			return true;
	return false;
}

/* Does it have a word that was forgotten, and that is not kept elsewhere?
 * Case beyond ASCII is not known here, so such a word counts as forgotten. */
static bool
tells(const struct forget *f, const struct map *kept, const char *text,
    size_t len)
{
	struct word_scan w = { .p = text, .end = text + len };

	while (next_word(&w))
		if (map_get(kept, w.word) == NULL && (w.foreign ||
		    f->all_words ||
		    map_get(&f->words, w.word) != NULL ||
		    (w.p == w.end && begins_one(&f->words, w.word))))
			return true;
	return false;
}

/* --- a version --------------------------------------------------------- */

/* Is it an excerpt of the session?  Of a whole one they are too many to be
 * noted first. */
static int
is_of_session(const struct forget *f, const char *grip, struct err *e)
{
	struct db_query *q;
	struct grip g;
	int r;

	if ((r = grip_find(f->st, grip, &g, e)) != 1)
		return r;
	if ((q = db_sql(f->st->db, e, "SELECT 1 FROM toc_node WHERE "
	    "id = :node AND session = :session")) == NULL)
		return -1;
	db_int(q, ":node", g.node);
	db_int(q, ":session", f->session);
	r = db_row(q, e);
	db_end(q);
	return r;
}

static int
rests_on(const struct forget *f, const struct toc_bullet *b, struct err *e)
{
	const char *ids = b->grips, *id;
	size_t len = b->grips_len, n;
	char name[GRIP_ID_LEN];
	int r = 0;

	while (r == 0 && toc_grip_next(&ids, &len, &id, &n)) {
		if (n >= sizeof name)
			continue;
		memcpy(name, id, n);
		name[n] = '\0';
		r = f->all_words ? is_of_session(f, name, e) :
		    map_get(&f->grips, name) != NULL;
	}
	return r;
}

/* The words of all texts that a bullet rests on. */
static int
add_sources(struct forget *f, const struct toc_bullet *b, struct map *words,
    struct err *e)
{
	const char *ids = b->grips, *one;
	char id[GRIP_ID_LEN], event[ULID_LEN + 1];
	const struct event *ev;
	size_t len = b->grips_len, n;
	struct grip g;
	int r = 0;

	while (r >= 0 && toc_grip_next(&ids, &len, &one, &n)) {
		if (n >= sizeof id)
			continue;
		memcpy(id, one, n);
		id[n] = '\0';
		if ((r = grip_find(f->st, id, &g, e)) != 1)
			continue;
		ulid_from_bytes(event, g.event);
		if ((r = event_find_of(&f->other, f->st, f->st->user_id,
		    event, &ev, e)) == 1)
			add_words(words, ev->text, ev->text_len);
		event_rest(f->other);
	}
	return r < 0 ? -1 : 0;
}

/*
 * Does a bullet go?  What a model said in words of its own may have some that
 * are in no text which it rests on: it goes when these were forgotten, for it
 * may have them from there.
 */
static int
goes(struct forget *f, const struct toc_bullet *b, enum toc_made made,
    struct err *e)
{
	struct map words = MAP_INIT;
	int r;

	if ((r = rests_on(f, b, e)) != 0)
		return r;
	if (made != TOC_PROGRAM)
		return 0;
	if ((r = add_sources(f, b, &words, e)) == 0)
		r = tells(f, &words, b->text, b->len);
	map_release(&words);
	return r;
}

/* What is left of a body, and how many bullets went. */
static int
strip(struct forget *f, const struct buf *text, enum toc_made made,
    struct buf *out, int64_t *gone, struct err *e)
{
	struct map kept = MAP_INIT;
	struct buf bullets = BUF_INIT;
	struct toc_line l;
	size_t at, n;
	int r = 0;

	for (at = 0; r >= 0 && toc_body_next(text, &at, &l); ) {
		if (l.kind != 'B')
			continue;
		if ((r = goes(f, &l.b, made, e)) == 0)
			add_words(&kept, l.b.text, l.b.len);
		*gone += r == 1;
		buf_addc(&bullets, r == 1);
	}
	for (n = 0, at = 0; r >= 0 && toc_body_next(text, &at, &l); )
		if (l.kind == 'B' ? bullets.p[n++] == 0 :
		    !tells(f, &kept, l.b.text, l.b.len))
			buf_add(out, l.all, l.all_len);
	map_release(&kept);
	buf_release(&bullets);
	return r < 0 ? -1 : 0;
}

static int
write_body(struct forget *f, int64_t seq, const struct buf *text, int64_t n,
    struct err *e)
{
	struct buf packed = BUF_INIT;
	struct db_query *q;
	int64_t dict;
	int r = -1;

	if (store_pack(f->st, &packed, text->p, text->len, &dict, e) == 0 &&
	    (q = db_sql(f->st->db, e, "UPDATE toc_version SET "
	    "body = seal(key, :body, 'toc_version', node, version), "
	    "dict = :dict, forgot = forgot + :n WHERE seq = :seq")) != NULL) {
		db_blob(q, ":body", packed.p, packed.len);
		db_int(q, ":dict", dict);
		db_int(q, ":n", n);
		db_int(q, ":seq", seq);
		r = db_run(q, e);
	}
	buf_release(&packed);
	return r;
}

static int
strip_version(struct forget *f, struct db_query *q, struct err *e)
{
	struct buf text = BUF_INIT, left = BUF_INIT;
	enum toc_made made = (enum toc_made)db_get_int(q, 3);
	int64_t n = 0;
	const void *p;
	size_t len;
	int r;

	p = db_get_blob(q, 1, &len);
	if ((r = toc_body_read(f->st, p, len, db_get_int(q, 2), &text,
	    e)) == 0 && (r = strip(f, &text, made, &left, &n, e)) == 0 &&
	    left.len != text.len)
		r = write_body(f, db_get_int(q, 0), &left, n, e);
	buf_wipe(&text);
	buf_release(&left);
	return r;
}

/* --- nodes ------------------------------------------------------------- */

/*
 * Segments of the session that held it, or had it as context (at most
 * back_ms before them), in any version.  What is above them: of every
 * segment that began before, because the version by which one held it may
 * have been pruned, and not that of its day.
 */
#define HOLDERS "WITH RECURSIVE before (id, parent, end_ms) AS MATERIALIZED " \
	"(SELECT id, parent, end_ms FROM toc_node WHERE session = :session " \
	"AND start_ms <= :to), up (id) AS (SELECT parent FROM before UNION " \
	"SELECT n.parent FROM toc_node n JOIN up u ON n.id = u.id " \
	"WHERE n.parent IS NOT NULL), holder (id) AS (SELECT id FROM up " \
	"UNION ALL SELECT id FROM before b WHERE b.end_ms > :from OR EXISTS " \
	"(SELECT 1 FROM toc_version v WHERE v.node = b.id AND " \
	"v.end_ms > :from)) "

static void
bind_holders(const struct forget *f, struct db_query *q)
{
	static const struct cut cut = CUT_INIT;

	db_int(q, ":session", f->session);
	db_int(q, ":from", f->lo_ms);
	db_int(q, ":to", f->hi_ms <= INT64_MAX - cut.back_ms ?
	    f->hi_ms + cut.back_ms : f->hi_ms);
}

static int
strip_nodes(struct forget *f, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(f->st->db, e, HOLDERS "SELECT v.seq, "
	    OPEN_CONTENTS("v.") ", v.dict, "
	    "v.made FROM holder h CROSS JOIN toc_version v ON v.node = h.id "
	    "WHERE v.gone = 0")) == NULL)
		return -1;
	bind_holders(f, q);
	while ((r = db_row(q, e)) == 1)
		if ((r = strip_version(f, q, e)) < 0)
			break;
	db_end(q);
	return r;
}

/* Whether words were taken out of them or not: grips went. */
static int
touch_nodes(struct forget *f, struct err *e)
{
	struct db_query *q;

	if (toc_touch_next(f->st, e) < 0 || (q = db_sql(f->st->db, e, HOLDERS
	    "UPDATE toc_node SET " TOC_TOUCH "WHERE touched > 0 AND "
	    "id IN (SELECT id FROM holder)")) == NULL)
		return -1;
	bind_holders(f, q);
	return db_run(q, e);
}

/* --- what it was ------------------------------------------------------- */

static int
note_grip(void *arg, const struct grip *g, struct err *e)
{
	struct forget *f = arg;
	char id[GRIP_ID_LEN];
	int made;

	(void)e;
	grip_id(g, id);
	map_put(&f->grips, id, &made);
	return 0;
}

/* --- all of it --------------------------------------------------------- */

/* Its words as they were written, and as they are shown. */
static int
note_event(struct forget *f, const struct event *ev, struct err *e)
{
	char *clean = summary_clean(ev->text, ev->text_len);
	uint8_t id[ULID_BYTES];

	add_words(&f->words, ev->text, ev->text_len);
	add_words(&f->words, clean, strlen(clean));
	free(clean);
	ulid_parse(ev->id, id);
	return grip_of_event(f->st, ev->ts_ms, id, note_grip, f, e);
}

static int
read_event(struct forget *f, int64_t seq, struct err *e)
{
	const struct event *ev;
	int r;

	if ((r = event_get_any(&f->it, f->st, seq, &ev, e)) == 1) {
		f->lo_ms = f->hi_ms = ev->ts_ms;
		if (note_event(f, ev, e) < 0)
			r = -1;
	}
	event_rest(f->it);
	return r;
}

static int
read_session(struct forget *f, struct err *e)
{
	struct event_query eq = EVENT_QUERY_INIT;
	const struct event *ev;
	struct db_query *q;
	char *name = NULL;
	int r;

	f->lo_ms = INT64_MIN + 1;
	f->hi_ms = INT64_MAX;
	if ((q = db_sql(f->st->db, e, "SELECT name FROM session "
	    "WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", f->session);
	if ((r = db_row(q, e)) == 1)
		name = db_dup(q, 0);
	db_end(q);
	eq.of = f->st->user_id;
	eq.session = name;
	if (r == 1 && (r = event_open(&f->it, f->st, &eq, e)) == 0)
		while ((r = event_next(f->it, &ev, e)) == 1)
			if ((r = note_event(f, ev, e)) < 0)
				break;
	free(name);
	return r < 0 ? -1 : 1;
}

/* Was anything made of this session? */
static int
has_contents(struct store *st, int64_t session, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT 1 FROM toc_node "
	    "WHERE session = :session LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":session", session);
	r = db_row(q, e);
	db_end(q);
	return r;
}

int
toc_forget(struct store *st, int64_t session, int64_t event, struct err *e)
{
	struct forget f = { .st = st, .session = session,
	    .words = MAP_INIT, .grips = MAP_INIT };
	int r;

	/* a build on its way may have read it, and not yet written */
	if (toc_bump(st, e) < 0 || (r = has_contents(st, session, e)) < 0)
		return -1;
	if (r == 1)
		r = event != 0 ? read_event(&f, event, e) :
		    read_session(&f, e);
	if (r == 1)
		r = strip_nodes(&f, e) < 0 || touch_nodes(&f, e) < 0 ||
		    (event == 0 && forgetting_ids(st, session, e) < 0) ||
		    toc_note_session(st, session, f.lo_ms, f.hi_ms, e) < 0 ?
		    -1 : 0;
	event_close(f.it);
	event_close(f.other);
	map_release(&f.words);
	map_release(&f.grips);
	return r;
}

/* --- a whole session --------------------------------------------------- */

/* Its segments, in all versions. */
static int
empty_segments(struct forget *f, struct err *e)
{
	struct buf packed = BUF_INIT;
	struct db_query *q;
	int64_t dict;
	int r = -1;

	if (store_pack(f->st, &packed, "", 0, &dict, e) == 0 &&
	    (q = db_sql(f->st->db, e, "UPDATE toc_version SET key = 0, "
	    "body = :body, dict = :dict, forgot = forgot + 1 WHERE gone = 0 "
	    "AND node IN "
	    "(SELECT id FROM toc_node WHERE session = :session)")) != NULL) {
		db_blob(q, ":body", packed.p, packed.len);
		db_int(q, ":dict", dict);
		db_int(q, ":session", f->session);
		r = db_run(q, e);
	}
	buf_release(&packed);
	return r;
}

#define ABOVE "WITH RECURSIVE up (id) AS (SELECT parent FROM toc_node " \
	"WHERE session = :session UNION SELECT n.parent FROM toc_node n " \
	"JOIN up u ON n.id = u.id WHERE n.parent IS NOT NULL) "

static int
strip_above(struct forget *f, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(f->st->db, e, ABOVE "SELECT v.seq, v.body, v.dict, "
	    "v.made FROM up u CROSS JOIN toc_version v ON v.node = u.id "
	    "WHERE v.gone = 0")) == NULL)
		return -1;
	db_int(q, ":session", f->session);
	while ((r = db_row(q, e)) == 1)
		if ((r = strip_version(f, q, e)) < 0)
			break;
	db_end(q);
	if (r < 0 || toc_touch_next(f->st, e) < 0 || (q = db_sql(f->st->db, e,
	    ABOVE "UPDATE toc_node SET " TOC_TOUCH "WHERE touched > 0 AND "
	    "(id IN (SELECT id FROM up) OR session = :session)")) == NULL)
		return -1;
	db_int(q, ":session", f->session);
	return db_run(q, e);
}

int
toc_forget_whole(struct store *st, int64_t session, struct err *e)
{
	struct forget f = { .st = st, .session = session, .all_words = true,
	    .words = MAP_INIT, .grips = MAP_INIT };
	int r;

	if (toc_bump(st, e) < 0 || (r = has_contents(st, session, e)) < 0)
		return -1;
	if (r == 1)
		r = empty_segments(&f, e) < 0 || strip_above(&f, e) < 0 ||
		    toc_note_session(st, session,
		    INT64_MIN + 1, INT64_MAX, e) < 0 ? -1 : 0;
	event_close(f.other);
	map_release(&f.words);
	map_release(&f.grips);
	return r;
}
