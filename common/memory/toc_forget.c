#include "memory/toc_forget.h"

#include "base/map.h"
#include "base/ulid.h"
#include "memory/cut.h"
#include "memory/event.h"
#include "memory/grip.h"
#include "memory/toc_body.h"
#include "memory/toc_work.h"
#include "store/db.h"
#include "store/payload.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define WORD_MAX 64		/* bytes of one that are compared */

struct forget {
	struct store *st;
	int64_t session;
	struct event_iter *it;		/* own */
	struct map words;		/* of what is forgotten */
	struct map grips;		/* ids that rest on it */
	struct place from, to;		/* where it lies */
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

/* Does it have a word that was forgotten, and that is not kept elsewhere?
 * Case beyond ASCII is not known here, so such a word counts as forgotten. */
static bool
tells(struct forget *f, const struct map *kept, const struct toc_line *l)
{
	struct word_scan w = { .p = l->b.text, .end = l->b.text + l->b.len };

	while (next_word(&w))
		if ((w.foreign || map_get(&f->words, w.word) != NULL) &&
		    map_get(kept, w.word) == NULL)
			return true;
	return false;
}

/* --- a version --------------------------------------------------------- */

static bool
rests_on(const struct forget *f, const struct toc_bullet *b)
{
	const char *ids = b->grips, *id;
	size_t len = b->grips_len, n;
	char name[GRIP_ID_LEN];

	while (toc_grip_next(&ids, &len, &id, &n)) {
		if (n >= sizeof name)
			continue;
		memcpy(name, id, n);
		name[n] = '\0';
		if (map_get(&f->grips, name) != NULL)
			return true;
	}
	return false;
}

/* What is left of a body; returns how many bullets went. */
static int64_t
strip(struct forget *f, const struct buf *text, struct buf *out)
{
	struct map kept = MAP_INIT;
	struct toc_line l;
	int64_t n = 0;
	size_t at;

	for (at = 0; toc_body_next(text, &at, &l); )
		if (l.kind == 'B' && !rests_on(f, &l.b))
			add_words(&kept, l.b.text, l.b.len);
	for (at = 0; toc_body_next(text, &at, &l); )
		if (l.kind == 'B' && rests_on(f, &l.b))
			n++;
		else if (l.kind == 'B' || !tells(f, &kept, &l))
			buf_add(out, l.all, l.all_len);
	map_release(&kept);
	return n;
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
	    (q = db_sql(f->st->db, e, "UPDATE toc_version SET body = :body, "
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
strip_version(struct forget *f, int64_t seq, const void *p, size_t len,
    int64_t dict, struct err *e)
{
	struct buf text = BUF_INIT, left = BUF_INIT;
	int64_t n;
	int r;

	if ((r = toc_body_read(f->st, p, len, dict, &text, e)) == 0) {
		n = strip(f, &text, &left);
		if (left.len != text.len)
			r = write_body(f, seq, &left, n, e);
	}
	buf_wipe(&text);
	buf_release(&left);
	return r;
}

/* --- nodes ------------------------------------------------------------- */

/*
 * Segments of the session that held it, or had it as context (at most
 * back_ms before them), in any version; and all that is above them.
 */
#define TOUCHED "WITH RECURSIVE seg (id) AS (SELECT n.id FROM toc_node n " \
	"WHERE n.session = :session AND n.start_ms <= :to AND (n.end_ms > " \
	":from OR EXISTS (SELECT 1 FROM toc_version v WHERE v.node = n.id " \
	"AND v.end_ms > :from))), up (id) AS (SELECT id FROM seg UNION " \
	"SELECT n.parent FROM toc_node n JOIN up u ON n.id = u.id " \
	"WHERE n.parent IS NOT NULL) "

static void
bind_touched(const struct forget *f, struct db_query *q)
{
	static const struct cut cut = CUT_INIT;
	int64_t to = f->to.ts_ms;

	db_int(q, ":session", f->session);
	db_int(q, ":from", f->from.ts_ms);
	db_int(q, ":to", to <= INT64_MAX - cut.back_ms ? to + cut.back_ms :
	    to);
}

static int
strip_nodes(struct forget *f, struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t len;
	int r;

	if ((q = db_sql(f->st->db, e, TOUCHED "SELECT v.seq, v.body, v.dict "
	    "FROM up u CROSS JOIN toc_version v ON v.node = u.id "
	    "WHERE v.gone = 0")) == NULL)
		return -1;
	bind_touched(f, q);
	while ((r = db_row(q, e)) == 1) {
		p = db_get_blob(q, 1, &len);
		if ((r = strip_version(f, db_get_int(q, 0), p, len,
		    db_get_int(q, 2), e)) < 0)
			break;
	}
	db_end(q);
	return r;
}

/* Whether words were taken out of them or not: grips went. */
static int
touch_nodes(struct forget *f, struct err *e)
{
	struct db_query *q;

	if (toc_touch_next(f->st, e) < 0 || (q = db_sql(f->st->db, e, TOUCHED
	    "UPDATE toc_node SET " TOC_TOUCH "WHERE touched > 0 AND "
	    "id IN (SELECT id FROM up)")) == NULL)
		return -1;
	bind_touched(f, q);
	return db_run(q, e);
}

/* --- grips ------------------------------------------------------------- */

static bool
within(const struct forget *f, const struct grip *g)
{
	/* ids sort by time, as far as they were made; a range is rarely more
	 * than one event */
	return memcmp(g->last, f->from.id, ULID_BYTES) >= 0 &&
	    memcmp(g->first, f->to.id, ULID_BYTES) <= 0;
}

static int
add_grip(void *arg, const struct grip *g, struct err *e)
{
	struct forget *f = arg;
	char id[GRIP_ID_LEN];
	int made;

	(void)e;
	if (within(f, g)) {
		grip_id(g, id);
		map_put(&f->grips, id, &made);
	}
	return 0;
}

static int
find_grips(struct forget *f, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(f->st->db, e, TOUCHED "SELECT n.id, n.start_ms, "
	    "max(n.end_ms, (SELECT max(end_ms) FROM toc_version WHERE "
	    "node = n.id)) FROM seg CROSS JOIN toc_node n ON n.id = seg.id"))
	    == NULL)
		return -1;
	bind_touched(f, q);
	while ((r = db_row(q, e)) == 1)
		if ((r = grip_each(f->st, db_get_int(q, 1), db_get_int(q, 2),
		    db_get_int(q, 0), add_grip, f, e)) < 0)
			break;
	db_end(q);
	return r;
}

/* --- all of it --------------------------------------------------------- */

static void
add_event(struct forget *f, const struct event *ev)
{
	add_words(&f->words, ev->text, ev->text_len);
}

static int
read_event(struct forget *f, int64_t seq, struct err *e)
{
	const struct event *ev;
	int r;

	if ((r = event_get(&f->it, f->st, seq, &ev, e)) == 1) {
		f->from.ts_ms = f->to.ts_ms = ev->ts_ms;
		ulid_parse(ev->id, f->from.id);
		f->to = f->from;
		add_event(f, ev);
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

	f->from.ts_ms = INT64_MIN + 1;
	f->to.ts_ms = INT64_MAX;
	memset(f->from.id, 0, ULID_BYTES);
	memset(f->to.id, 0xff, ULID_BYTES);
	if ((q = db_sql(f->st->db, e, "SELECT name FROM session "
	    "WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", f->session);
	if ((r = db_row(q, e)) == 1)
		name = db_dup(q, 0);
	db_end(q);
	eq.session = name;
	if (r != 1 || (r = event_open(&f->it, f->st, &eq, e)) < 0)
		return r;
	while ((r = event_next(f->it, &ev, e)) == 1)
		add_event(f, ev);
	free(name);
	return r < 0 ? -1 : 1;
}

static int
note_dirty(struct forget *f, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(f->st->db, e, "INSERT INTO toc_dirty (user, session, "
	    "lo, hi) VALUES (:user, :session, :lo, :hi) ON CONFLICT DO UPDATE "
	    "SET lo = min(lo, :lo), hi = max(hi, :hi)")) == NULL)
		return -1;
	db_int(q, ":user", f->st->user_id);
	db_int(q, ":session", f->session);
	db_int(q, ":lo", f->from.ts_ms);
	db_int(q, ":hi", f->to.ts_ms);
	return db_run(q, e) < 0 ? -1 : toc_bump(f->st, e);
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

	if ((r = has_contents(st, session, e)) != 1)
		return r;
	r = event != 0 ? read_event(&f, event, e) : read_session(&f, e);
	if (r == 1)
		r = find_grips(&f, e) < 0 || strip_nodes(&f, e) < 0 ||
		    touch_nodes(&f, e) < 0 || note_dirty(&f, e) < 0 ? -1 : 0;
	event_close(f.it);
	map_release(&f.words);
	map_release(&f.grips);
	return r;
}
