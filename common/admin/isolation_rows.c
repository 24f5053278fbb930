/*
 * Rows that say of two what belongs to one, and documents of an index that
 * are not of whose index it is.
 */
#include "admin/isolation_own.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/ulid.h"
#include "index/manifest.h"
#include "index/segment.h"
#include "search/doc.h"
#include "search/indexed.h"
#include "store/db.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define ULID_LETTERS "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#define DOCS 200	/* of a segment for each of a sample */

/* --- rows -------------------------------------------------------------- */

/* Each gives whose (a user's name), of whom, an id, and a session's name. */
static int
tell_rows(struct isolation *i, struct store *st, struct db_query *q,
    const char *kind, bool warning, const char *detail, struct err *e)
{
	struct isolation_hole h = { .kind = kind, .how = "row",
	    .warning = warning, .tenant = st->tenant,
	    .of_tenant = st->tenant, .detail = detail };
	int r;

	if (q == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		h.user = db_get_text(q, 0);
		h.of_user = db_get_text(q, 1);
		h.of_session = db_get_text(q, 2);
		h.id = db_get_text(q, 3);
		if ((r = isolation_tell(i, &h, e)) < 0)
			break;
	}
	db_end(q);
	return r < 0 ? -1 : 0;
}

#define NAME(id) "(SELECT name FROM user WHERE id = " id ")"

static int
rows_of_sessions(struct isolation *i, struct store *st, struct err *e)
{
	if (tell_rows(i, st, db_sql(st->db, e, "SELECT " NAME("e.user") ", "
	    NAME("s.user") ", s.name, 'event ' || e.seq FROM event e "
	    "LEFT JOIN session s ON s.seq = e.session "
	    "WHERE s.user IS NOT e.user"), "row", false,
	    "an event is in a session that is not its user's", e) < 0)
		return -1;
	if (tell_rows(i, st, db_sql(st->db, e, "SELECT " NAME("a.user") ", "
	    NAME("s.user") ", s.name, 'artifact ' || a.seq FROM artifact a "
	    "LEFT JOIN session s ON s.seq = a.session "
	    "WHERE a.session > 0 AND s.user IS NOT a.user"), "row", false,
	    "an artifact is of a session that is not its user's", e) < 0)
		return -1;
	if (tell_rows(i, st, db_sql(st->db, e, "SELECT " NAME("n.user") ", "
	    NAME("s.user") ", s.name, 'toc:' || n.name FROM toc_node n "
	    "JOIN session s ON s.seq = n.session "
	    "WHERE s.user IS NOT n.user"), "row", false,
	    "a segment is of a session that is not its user's", e) < 0)
		return -1;
	if (tell_rows(i, st, db_sql(st->db, e, "SELECT " NAME("g.user") ", "
	    NAME("n.user") ", NULL, format('grip:%d:%s', g.ts, "
	    "lower(hex(g.suffix))) FROM toc_grip g LEFT JOIN toc_node n "
	    "ON n.id = g.node WHERE n.user IS NOT g.user"), "row", false,
	    "a grip is of a segment that is not its user's", e) < 0)
		return -1;
	/* its user has no session of that name, and somebody else has */
	return tell_rows(i, st, db_sql(st->db, e, "SELECT " NAME("f.user") ", "
	    NAME("s.user") ", s.name, format('fact:%016x', f.id) FROM fact f "
	    "JOIN session s ON s.name = f.session AND s.user <> f.user "
	    "WHERE f.scope = 0 AND f.gone = 0 AND NOT EXISTS (SELECT 1 FROM "
	    "session o WHERE o.user = f.user AND o.name = f.session) "
	    "GROUP BY f.id"), "row", false,
	    "a fact is of a session that only another user has", e);
}

static int
rows_beside(struct isolation *i, struct store *st, struct err *e)
{
	struct db_query *q;

	if (tell_rows(i, st, db_sql(st->db, e, "SELECT " NAME("e.user") ", "
	    NAME("p.user") ", NULL, 'event ' || e.seq FROM pack p "
	    "JOIN event e ON e.pack = p.id WHERE e.user <> p.user "
	    "GROUP BY e.pack"), "row", false,
	    "a pack holds events of two users", e) < 0)
		return -1;
	if (tell_rows(i, st, db_sql(st->db, e, "SELECT min(" NAME("a.user")
	    "), max(" NAME("a.user") "), NULL, a.object FROM artifact a "
	    "WHERE a.provider > 0 AND a.state < 6 GROUP BY a.provider, "
	    "a.object HAVING count(DISTINCT a.user) > 1"), "row", false,
	    "artifacts of two users have the same object", e) < 0)
		return -1;
	if ((q = db_sql(st->db, e, "SELECT NULL, NULL, NULL, value FROM meta "
	    "WHERE name = 'tenant' AND value <> :name")) == NULL)
		return -1;
	db_text(q, ":name", st->tenant);
	return tell_rows(i, st, q, "tenant", false,
	    "the database is another tenant's", e);
}

/* Ids of the grafts that the audit log tells of. */
static int
grafts_told(struct store *st, struct map *told, struct err *e)
{
	struct db_query *q;
	const char *s;
	int made, r, k;

	if ((q = db_sql(st->db, e, "SELECT object, detail FROM audit "
	    "WHERE action = 'graft'")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1)
		for (k = 0; k < 2; k++)
			for (s = db_get_text(q, k); s != NULL &&
			    strlen(s) >= ULID_LEN; s++)
				if (strspn(s, ULID_LETTERS) == ULID_LEN)
					map_put_n(told, s, ULID_LEN, &made);
	db_end(q);
	return r;
}

static int
rows_of_grafts(struct isolation *i, struct store *st, struct err *e)
{
	struct isolation_hole h = { .kind = "graft", .how = "row",
	    .tenant = st->tenant, .of_tenant = st->tenant };
	struct map told = MAP_INIT;
	char id[ULID_LEN + 1];
	struct db_query *q;
	const void *raw;
	size_t n;
	int r;

	if (grafts_told(st, &told, e) < 0) {
		map_release(&told);
		return -1;
	}
	if ((q = db_sql(st->db, e, "SELECT g.id, g.created, s.name, "
	    NAME("s.user") " FROM graft g LEFT JOIN session s "
	    "ON s.seq = g.session WHERE g.revoked = 0")) == NULL) {
		map_release(&told);
		return -1;
	}
	while ((r = db_row(q, e)) == 1) {
		raw = db_get_blob(q, 0, &n);
		if (n == ULID_BYTES)
			ulid_from_bytes(id, raw);
		h.id = n == ULID_BYTES ? id : NULL;
		h.of_session = db_get_text(q, 2);
		h.of_user = db_get_text(q, 3);
		h.warning = true;
		h.detail = h.of_session == NULL ? "it is of a session that "
		    "there is not" : "no row of the audit log tells who made "
		    "it";
		if (h.of_session != NULL && h.id != NULL &&
		    map_get(&told, id) != NULL)
			continue;
		if ((r = isolation_tell(i, &h, e)) < 0)
			break;
	}
	db_end(q);
	map_release(&told);
	return r < 0 ? -1 : 0;
}

int
isolation_rows(struct isolation *i, struct store *st, struct err *e)
{
	if (rows_of_sessions(i, st, e) < 0 || rows_beside(i, st, e) < 0 ||
	    rows_of_grafts(i, st, e) < 0)
		return -1;
	return 0;
}

/* --- documents --------------------------------------------------------- */

/* The user of a row that a document is of; 0: it is the tenant's; -1: there
 * is no such row, it may have been forgotten. */
static int
owner_of(struct store *st, enum source source, int64_t row, int64_t *user,
    struct err *e)
{
	struct db_query *q;

	*user = -1;
	if (source == SOURCE_EVENT)
		q = db_sql(st->db, e, "SELECT user FROM event "
		    "WHERE seq = :row");
	else if (source_is_contents(source))
		q = db_sql(st->db, e, "SELECT user FROM toc_node "
		    "WHERE id = :row");
	else if (source_is_fact(source))
		q = db_sql(st->db, e, "SELECT user FROM fact "
		    "WHERE seq = :row");
	else
		q = db_sql(st->db, e, "SELECT user FROM artifact "
		    "WHERE seq = :row");
	if (q == NULL)
		return -1;
	db_int(q, ":row", row);
	return db_first(q, user, e) < 0 ? -1 : 0;
}

/* One for each user whose documents are in it. */
static int
foreign(struct isolation *i, struct store *st, const char *file,
    int64_t user, struct err *e)
{
	struct isolation_hole h = { .kind = "index", .how = "index",
	    .tenant = st->tenant, .user = st->user, .of_tenant = st->tenant,
	    .id = file, .detail = "it has documents of another user" };
	struct buf name = BUF_INIT;
	int r;

	if (user == 0)
		h.detail = "it has documents of the tenant";
	if ((r = store_user_name(st, user, &name, e)) == 1)
		h.of_user = name.p;
	if (r >= 0)
		r = isolation_tell(i, &h, e);
	buf_release(&name);
	return r;
}

static int
segment_look(struct isolation *i, struct store *st, enum source source,
    struct segment *s, const char *file, struct err *e)
{
	uint32_t doc, n = segment_docs(s), step = 1;
	int64_t row, user, own = source_is_shared(source) ? 0 : st->user_id;

	if (i->sample > 0 && n / DOCS > (uint64_t)i->sample) {
		step = n / DOCS / (uint32_t)i->sample + 1;
		i->sums.sampled = true;
	}
	for (doc = 0; doc < n; doc += step) {
		if (segment_value(s, INDEXED_ROW, doc, &row, e) < 0 ||
		    owner_of(st, source, row, &user, e) < 0)
			return -1;
		i->sums.rows++;
		if (user >= 0 && user != own)
			return foreign(i, st, file, user, e);
	}
	return 0;
}

/* What cannot be read is told by mem-index --verify, and made anew. */
static int
index_look(struct isolation *i, struct store *st, enum source source,
    const char *dir, struct err *e)
{
	struct blockfile_key key;
	struct manifest m;
	struct segment *s;
	struct err ignored;
	char *path;
	size_t k;
	int r = 0;

	if (indexed_seal(st, source, &key, e) < 0)
		return -1;
	manifest_init(&m);
	if (manifest_read(&m, dir, &key, &ignored) == 1)
		for (k = 0; r == 0 && k < m.n; k++) {
			path = manifest_path(dir, m.segment[k].number);
			if (segment_open(&s, path, &key, &ignored) == 0) {
				r = segment_look(i, st, source, s,
				    path + strlen(st->dir) + 1, e);
				if (r < 0 && e->code == ERR_INDEX)
					r = 0;
				segment_close(s);
			}
			free(path);
		}
	manifest_release(&m);
	mem_wipe(&key, sizeof key);
	return r;
}

int
isolation_indexes(struct isolation *i, struct store *st, struct err *e)
{
	static const enum source sources[] = { SOURCE_EVENT, SOURCE_TOC,
	    SOURCE_GRIP, SOURCE_OWN, SOURCE_ARTIFACT, SOURCE_FACT };
	char *dir;
	size_t k;
	int r = 0;

	for (k = 0; r == 0 && k < sizeof sources / sizeof *sources; k++) {
		dir = indexed_dir(st, sources[k]);
		r = index_look(i, st, sources[k], dir, e);
		free(dir);
	}
	return r;
}
