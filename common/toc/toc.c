#include "toc/toc.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "memory/granted.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"
#include "toc/grip.h"
#include "toc/toc_body.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const toc_made[] = { "built-in", "model", "fallback", NULL };

void
toc_version_release(struct toc_version *v)
{
	buf_release(&v->text);
}

const char *
toc_zone_name(const struct store *st, const char *user)
{
	struct buf key = BUF_INIT;
	const char *z;

	buf_addf(&key, "toc.%s.zone", user);
	z = conf_get(st->conf, key.p, NULL);
	buf_release(&key);
	if (z == NULL)
		z = conf_get(st->conf, "toc.zone", NULL);
	return z != NULL ? z : conf_get(st->conf, "core.timezone", "");
}

int
toc_zone(struct store *st, const char *user, const char **zone, struct err *e)
{
	*zone = toc_zone_name(st, user);
	return date_zone(*zone, e) < 0 ? err_add(e, "the zone of the contents "
	    "of '%s'", user) : 0;
}

/* --- nodes ------------------------------------------------------------- */

void
toc_row(struct db_query *q, struct toc_node *n)
{
	const char *name = db_get_text(q, 3);

	memset(n, 0, sizeof *n);
	n->id = db_get_int(q, 0);
	n->user = db_get_int(q, 1);
	n->level = (enum toc_level)db_get_int(q, 2);
	snprintf(n->name, sizeof n->name, "%s", name != NULL ? name : "");
	n->parent = db_get_int(q, 4);
	n->start_ms = db_get_int(q, 5);
	n->end_ms = db_get_int(q, 6);
	n->session = db_get_int(q, 7);
	n->live = db_get_int(q, 8);
	n->gone = db_get_int(q, 9) != 0;
	n->held = db_get_int(q, 10) != 0;
	n->events = db_get_int(q, 11);
}

/* The first row of q, which is ended. */
static int
one_node(struct db_query *q, struct toc_node *n, struct err *e)
{
	int r = db_row(q, e);

	if (r == 1)
		toc_row(q, n);
	db_end(q);
	return r;
}

int
toc_find(struct store *st, const char *name, struct toc_node *n,
    struct err *e)
{
	return toc_find_of(st, st->user_id, name, n, e);
}

int
toc_find_of(struct store *st, int64_t user, const char *name,
    struct toc_node *n, struct err *e)
{
	struct db_query *q;

	if (str_starts(name, "toc:"))
		name += 4;
	if ((q = db_sql(st->db, e, "SELECT " TOC_COLUMNS "FROM toc_node n "
	    "WHERE n.user = :user AND n.name = :name")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_text(q, ":name", name);
	return one_node(q, n, e);
}

int
toc_get_any(struct store *st, int64_t id, struct toc_node *n, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "SELECT " TOC_COLUMNS "FROM toc_node n "
	    "WHERE n.id = :id")) == NULL)
		return -1;
	db_int(q, ":id", id);
	return one_node(q, n, e);
}

int
toc_get(struct store *st, int64_t id, struct toc_node *n, struct err *e)
{
	int r = toc_get_any(st, id, n, e);

	return r == 1 && n->user != st->user_id ? 0 : r;
}

int
toc_of_event(struct store *st, int64_t session, int64_t ts_ms,
    const uint8_t id[ULID_BYTES], struct toc_node *n, struct err *e)
{
	struct db_query *q;

	/* Events of one time are in the order of their ids, and a segment
	 * may end between them. */
	if ((q = db_sql(st->db, e, "SELECT " TOC_COLUMNS "FROM toc_node n "
	    "WHERE n.session = :session AND n.gone = 0 AND n.live > 0 "
	    "AND (n.start_ms < :ts OR (n.start_ms = :ts AND n.first <= :id)) "
	    "AND n.end_ms > :ts ORDER BY n.start_ms DESC, n.first DESC "
	    "LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":session", session);
	db_int(q, ":ts", ts_ms);
	db_blob(q, ":id", id, ULID_BYTES);
	return one_node(q, n, e);
}

int
toc_ends(struct store *st, const struct toc_node *n,
    uint8_t first[ULID_BYTES], uint8_t last[ULID_BYTES], struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t len;
	int r;

	if ((q = db_sql(st->db, e, "SELECT first, last FROM toc_node "
	    "WHERE id = :id AND level = 0")) == NULL)
		return -1;
	db_int(q, ":id", n->id);
	if ((r = db_row(q, e)) == 1) {
		p = db_get_blob(q, 0, &len);
		if ((r = len == ULID_BYTES) == 1)
			memcpy(first, p, len);
		p = db_get_blob(q, 1, &len);
		if (r == 1 && (r = len == ULID_BYTES) == 1)
			memcpy(last, p, len);
	}
	db_end(q);
	return r;
}

static struct db_query *
each_prepare(struct store *st, const struct toc_node *parent, struct err *e)
{
	struct db_query *q;

	if (parent != NULL) {
		if ((q = db_sql(st->db, e, "SELECT " TOC_COLUMNS "FROM "
		    "toc_node n WHERE n.parent = :parent "
		    "ORDER BY n.start_ms, n.name")) != NULL)
			db_int(q, ":parent", parent->id);
		return q;
	}
	if ((q = db_sql(st->db, e, "SELECT " TOC_COLUMNS "FROM toc_node n "
	    "WHERE n.user = :user AND n.name >= 'year:' AND "
	    "n.name < 'year;' ORDER BY n.name")) != NULL)
		db_int(q, ":user", st->user_id);
	return q;
}

/* The number of the version that counted then; 0 none. */
static int
number_as_of(struct store *st, const struct toc_node *n, int64_t as_of_ms,
    int64_t *number, struct err *e)
{
	struct db_query *q;
	int r;

	*number = n->live;
	if (as_of_ms == TOC_NOW)
		return 0;
	/* of one time a move is the later one (toc_clock) */
	if ((q = db_sql(st->db, e, "SELECT version FROM (SELECT version, at, "
	    "0 AS moved FROM toc_version WHERE node = :node AND at <= :at "
	    "UNION ALL SELECT version, at, 1 FROM toc_move WHERE node = :node "
	    "AND at <= :at) ORDER BY at DESC, moved DESC, version DESC "
	    "LIMIT 1")) == NULL)
		return -1;
	db_int(q, ":node", n->id);
	db_int(q, ":at", as_of_ms);
	if ((r = db_row(q, e)) >= 0)
		*number = r == 1 ? db_get_int(q, 0) : 0;
	db_end(q);
	return r < 0 ? -1 : 0;
}

int
toc_there(struct store *st, const struct toc_node *n, int64_t as_of_ms,
    struct err *e)
{
	struct db_query *q;
	int64_t number;
	int r;

	if (as_of_ms == TOC_NOW)
		return n->live > 0 && !n->gone;
	if (number_as_of(st, n, as_of_ms, &number, e) < 0 ||
	    (q = db_sql(st->db, e, "SELECT gone FROM toc_version "
	    "WHERE node = :node AND version = :version")) == NULL)
		return -1;
	db_int(q, ":node", n->id);
	db_int(q, ":version", number);
	if ((r = db_row(q, e)) == 1)
		r = db_get_int(q, 0) == 0;
	db_end(q);
	return r;
}

int
toc_each(struct store *st, const struct toc_node *parent, int64_t as_of_ms,
    int (*fn)(void *, const struct toc_node *, struct err *), void *arg,
    struct err *e)
{
	struct db_query *q;
	struct toc_node n;
	int r;

	if ((q = each_prepare(st, parent, e)) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		toc_row(q, &n);
		if ((r = toc_there(st, &n, as_of_ms, e)) == 1)
			r = fn(arg, &n, e);
		if (r != 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

/* --- versions ---------------------------------------------------------- */

#define VERSION "SELECT version, at, end_ms, gone, made, forgot, dict, " \
	OPEN_CONTENTS("") " FROM toc_version "

static int
version_row(struct store *st, struct db_query *q, bool body,
    struct toc_version *v, struct err *e)
{
	const void *p;
	size_t n;

	memset(v, 0, sizeof *v);
	buf_init(&v->text);
	v->version = db_get_int(q, 0);
	v->at_ms = db_get_int(q, 1);
	v->end_ms = db_get_int(q, 2);
	v->gone = db_get_int(q, 3) != 0;
	v->made = (enum toc_made)db_get_int(q, 4);
	v->forgot = db_get_int(q, 5);
	if (!body || v->gone)
		return 0;
	p = db_get_blob(q, 7, &n);
	return toc_body_read(st, p, n, db_get_int(q, 6), &v->text, e);
}

int
toc_version(struct store *st, const struct toc_node *n, int64_t number,
    struct toc_version *v, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, VERSION "WHERE node = :node AND "
	    "version = :version")) == NULL)
		return -1;
	db_int(q, ":node", n->id);
	db_int(q, ":version", number != 0 ? number : n->live);
	if ((r = db_row(q, e)) == 1 && version_row(st, q, true, v, e) < 0) {
		buf_release(&v->text);
		r = err_add(e, "version %" PRId64 " of %s: ", number, n->name);
	}
	db_end(q);
	return r;
}

int
toc_live(struct store *st, const struct toc_node *n, int64_t as_of_ms,
    struct toc_version *v, struct err *e)
{
	int64_t number;
	int r;

	if (number_as_of(st, n, as_of_ms, &number, e) < 0)
		return -1;
	if (number == 0 || (r = toc_version(st, n, number, v, e)) == 0)
		return 0;
	if (r == 1 && v->gone) {
		toc_version_release(v);
		return 0;
	}
	return r;
}

int
toc_history(struct store *st, const struct toc_node *n, int (*fn)(void *,
    const struct toc_version *, struct err *), void *arg, struct err *e)
{
	struct toc_version v;
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, VERSION "WHERE node = :node "
	    "ORDER BY version")) == NULL)
		return -1;
	db_int(q, ":node", n->id);
	while ((r = db_row(q, e)) == 1)
		if ((r = version_row(st, q, false, &v, e)) < 0 ||
		    (r = fn(arg, &v, e)) != 0)
			break;
	db_end(q);
	return r < 0 ? -1 : 0;
}

/* --- marks ------------------------------------------------------------- */

int
toc_marks(struct store *st, struct map *marks, struct err *e)
{
	return toc_marks_of(st, st->user_id, marks, e);
}

int
toc_marks_of(struct store *st, int64_t user, struct map *marks,
    struct err *e)
{
	struct db_query *q;
	const char *name;
	int r, made;

	if ((q = db_sql(st->db, e, "SELECT name, kind FROM toc_mark "
	    "WHERE user = :user ORDER BY name")) == NULL)
		return -1;
	db_int(q, ":user", user);
	while ((r = db_row(q, e)) == 1)
		if ((name = db_get_text(q, 0)) != NULL)
			map_put(marks, name, &made)->i = db_get_int(q, 1);
	db_end(q);
	return r;
}

enum toc_kind
toc_mark_of(const struct map *marks, const char *name)
{
	const union map_value *v = marks != NULL && marks->n > 0 ?
	    map_get(marks, name) : NULL;

	return v != NULL ? (enum toc_kind)v->i : 0;
}

enum toc_kind
toc_bullet_mark(const struct map *marks, const struct toc_bullet *b)
{
	const char *ids = b->grips, *id;
	size_t len = b->grips_len, n;
	enum toc_kind kind, all = 0;
	char name[GRIP_ID_LEN];

	if (marks == NULL || marks->n == 0)
		return 0;
	while (toc_grip_next(&ids, &len, &id, &n)) {
		if (n >= sizeof name)
			continue;
		memcpy(name, id, n);
		name[n] = '\0';
		if ((kind = toc_mark_of(marks, name)) > all)
			all = kind;
	}
	return all;
}

/* --- the record -------------------------------------------------------- */

struct ids {
	json_t *list;
	const struct map *marks;
};

static void
put_id(json_t *list, const char *name)
{
	struct buf id = BUF_INIT;

	buf_addf(&id, "toc:%s", name);
	json_array_append_new(list, json_string(id.p));
	buf_release(&id);
}

static int
add_child(void *arg, const struct toc_node *n, struct err *e)
{
	struct ids *ids = arg;

	(void)e;
	if (toc_mark_of(ids->marks, n->name) != TOC_HIDE)
		put_id(ids->list, n->name);
	return 0;
}

/* Those of one kind of mark, in their order. */
static void
put_bullets(json_t *list, const struct buf *text, const struct map *marks,
    enum toc_kind kind)
{
	struct toc_line l;
	size_t at = 0;
	json_t *o;

	while (toc_body_next(text, &at, &l)) {
		if (l.kind != 'B' || toc_bullet_mark(marks, &l.b) != kind)
			continue;
		o = toc_bullet_json(&l.b);
		if (kind == TOC_PIN)
			json_object_set_new(o, "pinned", json_true());
		json_array_append_new(list, o);
	}
}

/* Whose it is, where it is seen by a graft. */
static int
put_graft(struct store *st, const struct toc_node *n, json_t *o,
    struct err *e)
{
	struct buf user = BUF_INIT;
	int r;

	if (n->graft[0] == '\0')
		return 0;
	if ((r = store_user_name(st, n->user, &user, e)) >= 0) {
		json_object_set_new(o, "user", json_string(user.p));
		json_object_set_new(o, "graft", json_string(n->graft));
	}
	buf_release(&user);
	return r < 0 ? -1 : 0;
}

static int
put_session(struct store *st, const struct toc_node *n, json_t *o,
    struct err *e)
{
	struct db_query *q;
	int r;

	if (n->session == 0)
		return 0;
	if ((q = db_sql(st->db, e, "SELECT name FROM session "
	    "WHERE seq = :seq")) == NULL)
		return -1;
	db_int(q, ":seq", n->session);
	if ((r = db_row(q, e)) == 1)
		json_object_set_new(o, "session_id",
		    json_string(db_get_text(q, 0)));
	db_end(q);
	return r < 0 ? -1 : 0;
}

json_t *
toc_json(struct store *st, const struct toc_node *n,
    const struct toc_version *v, const struct map *marks, int64_t as_of_ms,
    struct err *e)
{
	json_t *o, *bullets = json_array(), *body = toc_body_json(&v->text);
	int64_t end = v->version == n->live ? n->end_ms : v->end_ms;
	struct ids ids = { json_array(), marks };
	struct buf id = BUF_INIT;

	buf_addf(&id, "toc:%s", n->name);
	put_bullets(bullets, &v->text, marks, TOC_PIN);
	put_bullets(bullets, &v->text, marks, 0);
	o = json_pack("{s:s, s:s, s:s, s:I, s:O?, s:I, s:I, s:o, s:O?, s:o, "
	    "s:s}", "type", "toc_node", "node_id", id.p,
	    "level", toc_levels[n->level], "version", (json_int_t)v->version,
	    "title", json_object_get(body, "title"),
	    "start", (json_int_t)n->start_ms, "end", (json_int_t)end,
	    "bullets", bullets,
	    "keywords", json_object_get(body, "keywords"),
	    "child_node_ids", ids.list, "made", toc_made[v->made]);
	buf_release(&id);
	json_decref(body);
	if (end > (as_of_ms == TOC_NOW ? date_now() : as_of_ms))
		json_object_set_new(o, "open", json_true());
	if (n->held && v->version == n->live)
		json_object_set_new(o, "held", json_true());
	if (v->forgot > 0)
		json_object_set_new(o, "forgotten", json_integer(v->forgot));
	if (toc_mark_of(marks, n->name) == TOC_PIN)
		json_object_set_new(o, "pinned", json_true());
	if (put_session(st, n, o, e) < 0 || put_graft(st, n, o, e) < 0 ||
	    (n->level != TOC_SEGMENT &&
	    toc_each(st, n, as_of_ms, add_child, &ids, e) < 0)) {
		json_decref(o);
		return NULL;
	}
	return o;
}
