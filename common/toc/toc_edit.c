#include "toc/toc_edit.h"

#include "base/date.h"
#include "base/hash.h"
#include "base/json.h"
#include "base/str.h"
#include "memory/decision.h"
#include "store/audit.h"
#include "store/db.h"
#include "store/store.h"
#include "toc/grip.h"
#include "toc/toc_body.h"
#include "toc/toc_decide.h"
#include "toc/toc_work.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- which version counts ---------------------------------------------- */

/* What an older version of a segment names is its own again. */
static int
take_grips(struct store *st, const struct toc_node *n,
    const struct toc_version *v, struct err *e)
{
	const char *ids, *id;
	char name[GRIP_ID_LEN];
	struct toc_line l;
	size_t at = 0, len, k;
	struct grip g;
	int64_t from;
	int r;

	while (n->level == TOC_SEGMENT && toc_body_next(&v->text, &at, &l)) {
		if (l.kind != 'B')
			continue;
		ids = l.b.grips;
		len = l.b.grips_len;
		while (toc_grip_next(&ids, &len, &id, &k)) {
			snprintf(name, sizeof name, "%.*s", (int)k, id);
			if ((r = grip_find(st, name, &g, e)) == 1)
				r = grip_take(st, &g, n->id, &from, e);
			if (r < 0 || (r == 1 && toc_touch(st, from, e) < 0))
				return -1;
		}
	}
	return 0;
}

int
toc_move(struct store *st, const struct toc_node *n,
    const struct toc_version *v, struct err *e)
{
	struct db_query *q;
	int64_t at;

	if (toc_clock(st, n->id, &at, e) < 0 ||
	    (q = db_sql(st->db, e, "INSERT INTO toc_move (node, at, version) "
	    "VALUES (:node, :at, :version)")) == NULL)
		return -1;
	db_int(q, ":node", n->id);
	db_int(q, ":at", at);
	db_int(q, ":version", v->version);
	if (db_run(q, e) < 0 || (q = db_sql(st->db, e, "UPDATE toc_node SET "
	    "live = :live, gone = :gone, held = 1 WHERE id = :id")) == NULL)
		return -1;
	db_int(q, ":live", v->version);
	db_int(q, ":gone", v->gone);
	db_int(q, ":id", n->id);
	return db_run(q, e) < 0 || take_grips(st, n, v, e) < 0 ||
	    toc_touch(st, n->id, e) < 0 || toc_edited(st, n->id, e) < 0 ||
	    toc_bump(st, e) < 0 ? -1 : 1;
}

/* What a version says, the same on all copies. */
void
toc_says(const struct toc_version *v, char out[TOC_SAYS + 1])
{
	uint8_t sum[HASH_LEN];
	struct hash h;

	hash_init(&h);
	hash_add_field(&h, v->gone ? "gone" : "holds");
	hash_add(&h, v->text.p, v->text.len);
	hash_end(&h, sum);
	hex_encode(out, sum, TOC_SAYS / 2);
}

/* The events that it is made of; empty: it is to be made again. */
int
toc_rest(struct store *st, int64_t node, char out[2 * TOC_HASH + 1],
    struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	out[0] = '\0';
	if ((q = db_sql(st->db, e, "SELECT made_of FROM toc_node "
	    "WHERE id = :id AND made_of IS NOT NULL")) == NULL)
		return -1;
	db_int(q, ":id", node);
	if ((r = db_row(q, e)) == 1) {
		p = db_get_blob(q, 0, &n);
		if (n == TOC_HASH)
			hex_encode(out, p, n);
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

static int
decide_move(struct store *st, const struct toc_node *n,
    const struct toc_version *v, struct err *e)
{
	char about[TOC_NAME_MAX + 4], rest[2 * TOC_HASH + 1];
	char says[TOC_SAYS + 1], detail[32];
	struct decided d = { .what = DECISION_MOVE, .user = st->user_id,
	    .about = about, .rest = rest };

	snprintf(about, sizeof about, "toc:%s", n->name);
	toc_says(v, says);
	if (toc_rest(st, n->id, rest, e) < 0 || decision_put(st, &d,
	    json_pack("{s:s}", "says", says), e) < 0 ||
	    toc_move(st, n, v, e) < 0)
		return -1;
	snprintf(detail, sizeof detail, "v%" PRId64, v->version);
	return audit_add(st, "rollback", n->name, detail, e) < 0 ? -1 : 1;
}

static int
rollback(struct store *st, const char *name, int64_t version, struct err *e)
{
	struct toc_version v;
	struct toc_node n;
	int r;

	if ((r = toc_find(st, name, &n, e)) < 0 ||
	    (r == 1 && (r = toc_version(st, &n, version, &v, e)) < 0))
		return -1;
	if (r == 0)
		return err_set(e, ERR_ABSENT, "'%s' has no version %" PRId64
		    "; mem-toc history shows which there are", name, version);
	r = n.live == version ? 0 : decide_move(st, &n, &v, e);
	toc_version_release(&v);
	return r;
}

int
toc_rollback(struct store *st, const struct toc_node *n, int64_t version,
    struct err *e)
{
	if (tx_begin(st->db, e) < 0)
		return -1;
	return tx_end(st->db, rollback(st, n->name, version, e), e);
}

/* --- marks ------------------------------------------------------------- */

int
toc_set_mark(struct store *st, const char *name, enum toc_kind kind,
    struct err *e)
{
	struct db_query *q;

	q = kind != 0 ? db_sql(st->db, e, "INSERT INTO toc_mark (user, name, "
	    "kind, at) VALUES (:user, :name, :kind, :at) ON CONFLICT DO "
	    "UPDATE SET kind = :kind, at = :at WHERE kind <> :kind") :
	    db_sql(st->db, e, "DELETE FROM toc_mark WHERE user = :user AND "
	    "name = :name");
	if (q == NULL)
		return -1;
	db_int(q, ":user", st->user_id);
	db_text(q, ":name", name);
	if (kind != 0) {
		db_int(q, ":kind", kind);
		db_int(q, ":at", date_real());
	}
	if (db_run(q, e) < 0)
		return -1;
	return db_changes(st->db) > 0;
}

/* The node whose parents show it: itself, or the segment of a grip. */
int
toc_marked_node(struct store *st, const char *name, struct toc_node *n,
    struct err *e)
{
	struct toc_node now;
	struct grip g;
	int r;

	if (!str_starts(name, "grip:"))
		return toc_find(st, name, n, e);
	if ((r = grip_find(st, name, &g, e)) != 1 ||
	    (r = toc_get(st, g.node, n, e)) != 1)
		return r;
	/* the segment may have been cut otherwise since */
	if ((r = toc_of_event(st, n->session, g.ts_ms, g.event, &now, e)) == 1)
		*n = now;
	return r < 0 ? -1 : 1;
}

/* A segment has the bullets that are pinned, chosen or not: it is summed up
 * again, unless it is one that somebody moved back to. */
static int
again(struct store *st, const struct toc_node *n, struct err *e)
{
	struct db_query *q;

	if ((q = db_sql(st->db, e, "UPDATE toc_node SET made_of = NULL "
	    "WHERE id = :id AND held = 0")) == NULL)
		return -1;
	db_int(q, ":id", n->id);
	if (db_run(q, e) < 0)
		return -1;
	return toc_note_session(st, n->session, n->start_ms, n->start_ms, e);
}

/* What the mark of a node, or of a grip, is now becomes visible. */
int
toc_show_mark(struct store *st, const char *name, const struct toc_node *n,
    struct err *e)
{
	if (str_starts(name, "grip:") && again(st, n, e) < 0)
		return -1;
	/* bullets of all above may rest on a grip, and what lies in a node is
	 * hidden with it */
	return toc_touch_around(st, n->id, e) < 0 ||
	    toc_edited(st, n->id, e) < 0 || toc_bump(st, e) < 0 ? -1 : 1;
}

static int
mark(struct store *st, const char *name, enum toc_kind kind, struct err *e)
{
	static const char *const actions[] = { "unmark", "pin", "hide" };
	char about[TOC_NAME_MAX + GRIP_ID_LEN];
	struct decided d = { .what = DECISION_MARK, .user = st->user_id,
	    .about = about };
	bool bullet = str_starts(name, "grip:");
	struct toc_node n;
	int r;

	if ((r = toc_marked_node(st, name, &n, e)) < 0)
		return -1;
	if (r == 0)
		return err_set(e, ERR_ABSENT, "there is no '%s'", name);
	if (!bullet)
		name = n.name;
	snprintf(about, sizeof about, "%s%s", bullet ? "" : "toc:", name);
	if ((r = toc_set_mark(st, name, kind, e)) != 1)
		return r;
	if (decision_put(st, &d, json_pack("{s:s?}", "mark", kind != 0 ?
	    actions[kind] : NULL), e) < 0 ||
	    toc_show_mark(st, name, &n, e) < 0 ||
	    audit_add(st, actions[kind], name, NULL, e) < 0)
		return -1;
	return 1;
}

int
toc_mark(struct store *st, const char *name, enum toc_kind kind,
    struct err *e)
{
	if (tx_begin(st->db, e) < 0)
		return -1;
	return tx_end(st->db, mark(st, name, kind, e), e);
}
