#include "admin/gone.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/ulid.h"
#include "index/manifest.h"
#include "memory/event.h"
#include "memory/record_row.h"
#include "search/indexed.h"
#include "store/db.h"
#include "store/pack.h"
#include "store/payload.h"
#include "store/sealed.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BODY_MAX ((size_t)64 << 20)
#define READ_BYTES ((size_t)1 << 20)

/* --- before ------------------------------------------------------------ */

static void
note_event(struct prints *p, const struct event *ev, bool named)
{
	uint8_t raw[ULID_BYTES];

	ulid_parse(ev->id, raw);
	prints_add_ulid(p, raw, named);
	prints_add_text(p, ev->text, ev->text_len);
	prints_add_text(p, ev->rest, ev->rest_len);
}

static int
note_one(struct store *st, const char *id, struct prints *p, struct err *e)
{
	struct event_iter *it = NULL;
	const struct event *ev;
	int r;

	if ((r = event_find(&it, st, id, &ev, e)) == 1)
		note_event(p, ev, true);
	event_close(it);
	return r < 0 ? -1 : 0;
}

/* Every so many of them by their rows: those that are left out need not be
 * unpacked. */
static int
note_events(struct store *st, int64_t user, const char *session,
    int64_t most, struct prints *p, struct err *e)
{
	struct event_iter *it = NULL;
	const struct event *ev;
	struct db_query *q;
	int64_t n = 0;
	int r;

	if ((q = db_sql(st->db, e, "SELECT e.seq, s.events FROM session s "
	    "CROSS JOIN event e INDEXED BY event_session ON "
	    "e.session = s.seq WHERE s.user = :user AND (:name IS NULL OR "
	    "s.name = :name) ORDER BY s.seq, e.ts")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_text(q, ":name", session);
	while ((r = db_row(q, e)) == 1) {
		if (most > 0 && db_get_int(q, 1) > most &&
		    n++ % (db_get_int(q, 1) / most + 1) != 0)
			continue;
		if ((r = event_get_any(&it, st, db_get_int(q, 0), &ev, e)) < 0)
			break;
		if (r == 1)
			note_event(p, ev, false);
	}
	db_end(q);
	event_close(it);
	return r;
}

/* Plain text in columns: of a session (its name), or of all of a user's. */
static int
note_values(struct store *st, int64_t user, const char *session,
    struct prints *p, struct err *e)
{
	struct db_query *q;
	const char *s;
	int r, i;

	if ((q = db_sql(st->db, e, "WITH these AS MATERIALIZED (SELECT seq "
	    "FROM session WHERE user = :user AND (:name IS NULL OR "
	    "name = :name)) SELECT " OPEN_VARIABLE("") ", NULL FROM variable "
	    "WHERE session IN these UNION ALL "
	    "SELECT " OPEN_FILE_PATH("") ", NULL FROM file WHERE "
	    "session IN these UNION ALL "
	    "SELECT " OPEN_ARTIFACT("") ", object FROM artifact WHERE "
	    "session IN these OR (:name IS NULL AND user = :user) UNION ALL "
	    "SELECT " OPEN_FACT("") ", NULL FROM fact WHERE user = :user AND "
	    "(:name IS NULL OR session = :name)")) == NULL)
		return -1;
	db_int(q, ":user", user);
	db_text(q, ":name", session);
	while ((r = db_row(q, e)) == 1)
		for (i = 0; i < 2; i++)
			if ((s = db_get_text(q, i)) != NULL)
				prints_add_text(p, s, strlen(s));
	db_end(q);
	return r;
}

/* A body of a row, unpacked: 1; 0: its key is gone, and so is it. */
static int
unpacked(struct store *st, struct db_query *q, int dict, int body,
    struct buf *out, struct err *e)
{
	const void *p;
	size_t n;

	if (db_is_null(q, body))
		return 0;
	buf_reset(out);
	p = db_get_blob(q, body, &n);
	return store_unpack(st, out, p, n, db_get_int(q, dict), BODY_MAX, e) <
	    0 ? -1 : 1;
}

static int
note_record(struct store *st, const char *id, struct prints *p,
    struct err *e)
{
	struct buf b = BUF_INIT;
	struct db_query *q;
	int r;

	if ((q = db_sql(st->db, e, "SELECT r.dict, " OPEN_RECORD("r.")
	    " FROM " RECORD_VERSIONS)) == NULL)
		return -1;
	db_text(q, ":id", id);
	while ((r = db_row(q, e)) == 1) {
		if ((r = unpacked(st, q, 0, 1, &b, e)) < 0)
			break;
		if (r == 1)
			prints_add_text(p, b.p, b.len);
	}
	db_end(q);
	buf_release(&b);
	return r;
}

int
gone_note(struct store *st, const struct erase_target *t, int64_t most,
    struct prints *p, struct err *e)
{
	const char *session = t->kind == ERASE_SESSION ? t->id : NULL;
	int64_t user;

	if (t->kind == ERASE_EVENT)
		return note_one(st, t->id, p, e);
	if (t->kind == ERASE_RECORD)
		return note_record(st, t->id, p, e);
	if (t->kind == ERASE_FACT || t->kind == ERASE_ARTIFACT)
		return 0;
	if (store_user(st, session == NULL ? t->id : t->user != NULL ?
	    t->user : st->user, false, &user, e) < 0)
		return -1;
	return note_events(st, user, session, most, p, e) < 0 ? -1 :
	    note_values(st, user, session, p, e);
}

/* --- afterwards: rows -------------------------------------------------- */

struct look {
	struct store *st;
	struct prints *drop;		/* or NULL: nothing is taken off */
	const struct prints *p;
	struct gone_sums *sums;
	gone_fn *fn;
	void *arg;
	struct buf room;
};

static int
found(struct look *l, const char *what, const char *where, size_t n,
    struct err *e)
{
	l->sums->found++;
	return l->fn == NULL ? 0 : l->fn(l->arg, what, where, (int64_t)n, e);
}

static int
look_at(struct look *l, const char *what, int64_t row, const void *p,
    size_t len, struct err *e)
{
	char where[64];
	size_t n;

	l->sums->bytes += (int64_t)len;
	if ((n = prints_count(l->p, p, len, PRINTS_ALL)) == 0)
		return 0;
	snprintf(where, sizeof where, "row %" PRId64, row);
	return found(l, what, where, n, e);
}

/* What rows say that nobody forgot. */
static int
drop_events(struct look *l, struct err *e)
{
	struct event_iter *it = NULL;
	const struct event *ev;
	struct db_query *q;
	int r;

	if ((q = db_sql(l->st->db, e, "SELECT e.seq FROM event e INDEXED BY "
	    "event_key JOIN session s ON s.seq = e.session "
	    "ORDER BY e.user, e.ts, e.id")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		if ((r = event_get_any(&it, l->st, db_get_int(q, 0), &ev, e)) <
		    0)
			break;
		if (r == 0)
			continue;
		l->sums->rows++;
		prints_drop(l->drop, ev->text, ev->text_len);
		prints_drop(l->drop, ev->rest, ev->rest_len);
	}
	db_end(q);
	event_close(it);
	return r;
}

static int
drop_records(struct look *l, struct err *e)
{
	struct db_query *q;
	int r;

	if ((q = db_sql(l->st->db, e, "SELECT dict, " OPEN_RECORD("")
	    " FROM record")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		if ((r = unpacked(l->st, q, 0, 1, &l->room, e)) < 0)
			break;
		if (r == 0)
			continue;
		l->sums->rows++;
		prints_drop(l->drop, l->room.p, l->room.len);
	}
	db_end(q);
	return r;
}

/* Facts only where somebody put them down himself; of a file that was read its
 * place, its hash and the ids of what was in it, by which it is not read again;
 * and the ids of what was forgotten, by which it does not come back. */
static int
drop_values(struct look *l, struct err *e)
{
	struct db_query *q;
	const char *s;
	int r;

	if ((q = db_sql(l->st->db, e, "SELECT " OPEN_VARIABLE("") " FROM "
	    "variable UNION ALL SELECT " OPEN_FILE_PATH("") " FROM file "
	    "UNION ALL "
	    "SELECT " OPEN_ARTIFACT("") " FROM artifact UNION ALL "
	    "SELECT object FROM artifact UNION ALL "
	    "SELECT source FROM cursor UNION ALL "
	    "SELECT prefix_hash FROM cursor UNION ALL "
	    "SELECT state FROM cursor UNION ALL "
	    "SELECT id FROM tombstone UNION ALL "
	    "SELECT " OPEN_DECISION("") " FROM decision UNION ALL "
	    "SELECT " OPEN_FACT("") " FROM fact WHERE decision IS NOT NULL"))
	    == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1)
		if ((s = db_get_text(q, 0)) != NULL) {
			l->sums->rows++;
			prints_drop(l->drop, s, strlen(s));
		}
	db_end(q);
	return r;
}

/* Places that events show: prints of what is there were taken off. */
static int
blank_shown(struct look *l, struct db_query *q, int64_t pack, int *more,
    struct err *e)
{
	int64_t off, len;

	while (*more == 1 && db_get_int(q, 0) <= pack) {
		off = db_get_int(q, 1);
		len = db_get_int(q, 2);
		if (db_get_int(q, 0) == pack) {
			if (pack_place(&l->room, pack, off, len, e) < 0)
				return -1;
			memset(l->room.p + off, 0, (size_t)len);
		}
		*more = db_row(q, e);
	}
	return *more < 0 ? -1 : 0;
}

/* What is in no event's place; across two of them stand words that nobody
 * said. */
static int
look_packs(struct look *l, struct err *e)
{
	struct db_query *q = NULL, *of;
	int r, more;

	of = db_sql(l->st->db, e, "SELECT e.pack, e.off, e.len FROM event e "
	    "JOIN session s ON s.seq = e.session WHERE e.pack IS NOT NULL "
	    "ORDER BY e.pack");
	if (of == NULL || (more = db_row(of, e)) < 0 || (q = db_sql(l->st->db,
	    e, "SELECT id FROM pack ORDER BY id")) == NULL) {
		db_end(of);
		return -1;
	}
	while ((r = db_row(q, e)) == 1) {
		buf_reset(&l->room);
		if ((r = pack_read(l->st, db_get_int(q, 0), &l->room, e)) < 0 ||
		    (r = blank_shown(l, of, db_get_int(q, 0), &more, e)) < 0 ||
		    (r = look_at(l, "pack", db_get_int(q, 0), l->room.p,
		    l->room.len, e)) < 0)
			break;
		l->sums->packs++;
	}
	db_end(q);
	db_end(of);
	return r;
}

/* Single bodies of all rows, whoever shows them. */
static int
look_bodies(struct look *l, const char *what, struct db_query *q,
    int64_t *count, struct err *e)
{
	int r;

	if (q == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		if ((r = unpacked(l->st, q, 1, 2, &l->room, e)) == 0)
			continue;
		if (r < 0 || (r = look_at(l, what, db_get_int(q, 0),
		    l->room.p, l->room.len, e)) < 0)
			break;
		(*count)++;
	}
	db_end(q);
	return r;
}

/* Events of a sealed tenant, as they are read. */
static int
look_sealed(struct look *l, struct err *e)
{
	struct event_iter *it = NULL;
	const struct event *ev;
	struct db_query *q;
	int r;

	if ((q = db_sql(l->st->db, e, "SELECT seq FROM event WHERE key <> 0"))
	    == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		if ((r = event_get_any(&it, l->st, db_get_int(q, 0), &ev, e)) <
		    0)
			break;
		if (r == 0)
			continue;
		l->sums->rows++;
		if ((r = look_at(l, "event", ev->seq, ev->text, ev->text_len,
		    e)) < 0 || (ev->rest_len > 0 && (r = look_at(l, "event",
		    ev->seq, ev->rest, ev->rest_len, e)) < 0))
			break;
	}
	db_end(q);
	event_close(it);
	return r;
}

static int
look_dicts(struct look *l, struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n;
	int r;

	if ((q = db_sql(l->st->db, e, "SELECT id, data FROM dict WHERE "
	    "rows > 0")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		p = db_get_blob(q, 1, &n);
		l->sums->dictionaries++;
		if ((r = look_at(l, "dictionary", db_get_int(q, 0), p, n, e)) <
		    0)
			break;
	}
	db_end(q);
	return r;
}

/* Ids of rows, named ones, too. */
static int
look_ids(struct look *l, struct err *e)
{
	struct db_query *q;
	const void *p;
	size_t n, found_n;
	char where[64];
	int r;

	if ((q = db_sql(l->st->db, e, "SELECT seq, id FROM event")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		p = db_get_blob(q, 1, &n);
		if ((found_n = prints_count(l->p, p, n, PRINTS_KEYS)) == 0)
			continue;
		snprintf(where, sizeof where, "row %" PRId64, db_get_int(q,
		    0));
		if ((r = found(l, "event", where, found_n, e)) < 0)
			break;
	}
	db_end(q);
	return r;
}

static int
look_rows(struct look *l, struct err *e)
{
	struct db *db = l->st->db;

	if (look_ids(l, e) < 0 || look_packs(l, e) < 0 ||
	    look_bodies(l, "event", db_sql(db, e, "SELECT seq, dict, body "
	    "FROM event WHERE pack IS NULL AND key = 0"), &l->sums->rows, e) <
	    0 || look_sealed(l, e) < 0 ||
	    look_bodies(l, "record", db_sql(db, e, "SELECT seq, dict, "
	    OPEN_RECORD("") " FROM record"), &l->sums->rows, e) < 0 ||
	    look_bodies(l, "contents", db_sql(db, e, "SELECT seq, dict, "
	    OPEN_CONTENTS("") " FROM toc_version"), &l->sums->versions, e) < 0)
		return -1;
	return look_dicts(l, e);
}

/* --- files ------------------------------------------------------------- */

/* A window over the file, of which the end stays for the next part. */
static int
look_bytes(struct look *l, int fd, const char *path, struct err *e)
{
	const size_t keep = PRINT_BYTES - 1;
	char *room = malloc(READ_BYTES + keep);
	size_t have = 0, n = 0;
	ssize_t got;
	int r = 0;

	if (room == NULL)
		return err_set(e, ERR_SYS, "no memory");
	while ((got = read(fd, room + have, READ_BYTES)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0) {
			r = err_sys(e, "cannot read '%s'", path);
			break;
		}
		l->sums->bytes += got;
		have += (size_t)got;
		n += prints_count(l->p, room, have, PRINTS_ALL);
		if (have > keep) {
			memmove(room, room + have - keep, keep);
			have = keep;
		}
	}
	free(room);
	return r < 0 ? -1 : n > 0 ? found(l, "file", path, n, e) : 0;
}

static int
look_file(struct look *l, int dir, const char *name, const char *path,
    struct err *e)
{
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC |
	    O_NONBLOCK), r;

	/* it went meanwhile */
	if (fd < 0 && (errno == ENOENT || errno == ELOOP))
		return 0;
	if (fd < 0)
		return err_sys(e, "cannot open '%s'", path);
	l->sums->files++;
	r = look_bytes(l, fd, path, e);
	close(fd);
	return r;
}

static int
look_folder(struct look *l, int parent, const char *name, const char *path,
    struct err *e)
{
	int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW |
	    O_CLOEXEC), r = 0;
	struct buf sub = BUF_INIT;
	struct dirent *d;
	struct stat sb;
	DIR *dir;

	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0 || (dir = fdopendir(fd)) == NULL) {
		r = err_sys(e, "cannot open '%s'", path);
		if (fd >= 0)
			close(fd);
		return r;
	}
	while (r == 0 && (d = readdir(dir)) != NULL) {
		if (strcmp(d->d_name, ".") == 0 || strcmp(d->d_name, "..") ==
		    0 || fstatat(dirfd(dir), d->d_name, &sb,
		    AT_SYMLINK_NOFOLLOW) < 0)
			continue;
		buf_reset(&sub);
		buf_addf(&sub, "%s/%s", path, d->d_name);
		if (S_ISDIR(sb.st_mode))
			r = look_folder(l, dirfd(dir), d->d_name, sub.p, e);
		else if (S_ISREG(sb.st_mode))
			r = look_file(l, dirfd(dir), d->d_name, sub.p, e);
	}
	closedir(dir);
	buf_release(&sub);
	return r;
}

/* --- indexes ----------------------------------------------------------- */

/* Keys of documents are front coded; so the bytes of a file do not tell. */
static int
look_index(struct look *l, const char *dir, struct err *e)
{
	struct buf key = BUF_INIT, where = BUF_INIT;
	struct blockfile_key seal;
	struct index x;
	uint32_t doc;
	size_t i, n;
	int r;

	if (indexed_seal_of(l->st, dir + strlen(l->st->tenant_dir) + 1, &seal,
	    e) < 0)
		return -1;
	if ((r = index_open(&x, dir, &seal, e)) != 1)
		return r;
	for (i = 0; r >= 0 && i < x.m.n; i++) {
		l->sums->segments++;
		for (n = 0, doc = 0; r >= 0 && doc < x.m.segment[i].docs;
		    doc++) {
			if ((r = segment_key(x.s[i], doc, &key, e)) == 0)
				n += prints_count(l->p, key.p, key.len,
				    PRINTS_KEYS);
		}
		buf_reset(&where);
		buf_addf(&where, "%s/%" PRIu64 ".seg", dir,
		    x.m.segment[i].number);
		if (r >= 0 && n > 0)
			r = found(l, "index", where.p, n, e);
	}
	index_close(&x);
	mem_wipe(&seal, sizeof seal);
	buf_release(&key);
	buf_release(&where);
	return r < 0 ? -1 : 0;
}

/* index/KIND and index/KIND/USER */
static int
look_indexes(struct look *l, const char *path, int depth, struct err *e)
{
	struct buf sub = BUF_INIT;
	struct dirent *d;
	DIR *dir;
	int r = 0;

	if ((dir = opendir(path)) == NULL)
		return errno == ENOENT || errno == ENOTDIR ? 0 :
		    err_sys(e, "cannot open '%s'", path);
	if (depth > 0)
		r = look_index(l, path, e);
	while (r == 0 && depth < 2 && (d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		buf_reset(&sub);
		buf_addf(&sub, "%s/%s", path, d->d_name);
		r = look_indexes(l, sub.p, depth + 1, e);
	}
	closedir(dir);
	buf_release(&sub);
	return r;
}

/* --- all of it --------------------------------------------------------- */

static int
look_files(struct look *l, struct err *e)
{
	char *indexes = store_path(l->st, "index");
	int r = look_indexes(l, indexes, 0, e);

	free(indexes);
	return r < 0 ? -1 : look_folder(l, AT_FDCWD, l->st->tenant_dir,
	    l->st->tenant_dir, e);
}

int
gone_look(struct store *st, struct prints *p, struct gone_sums *sums,
    gone_fn *fn, void *arg, struct err *e)
{
	struct look l = { .st = st, .drop = p, .p = p, .sums = sums,
	    .fn = fn, .arg = arg, .room = BUF_INIT };
	int64_t left;
	int r;

	memset(sums, 0, sizeof *sums);
	if (tx_read(st->db, e) < 0)
		return -1;
	r = drop_events(&l, e) < 0 || drop_records(&l, e) < 0 ||
	    drop_values(&l, e) < 0 ? -1 : look_rows(&l, e);
	if (r == 0 && db_number(st->db, e, "SELECT count(*) FROM forgetting",
	    0, &left) == 0 && left > 0)
		r = found(&l, "pending", "forgetting", (size_t)left, e);
	r = tx_end(st->db, r, e);
	sums->shared = (int64_t)p->dropped;
	if (r == 0)
		r = look_files(&l, e);
	buf_wipe(&l.room);
	return r;
}

int
gone_look_copy(struct store *st, const struct prints *p,
    struct gone_sums *sums, gone_fn *fn, void *arg, struct err *e)
{
	struct look l = { .st = st, .p = p, .sums = sums, .fn = fn,
	    .arg = arg, .room = BUF_INIT };
	int r;

	if (tx_read(st->db, e) < 0)
		return -1;
	r = tx_end(st->db, look_rows(&l, e), e);
	if (r == 0)
		r = look_folder(&l, AT_FDCWD, st->tenant_dir, st->tenant_dir,
		    e);
	buf_wipe(&l.room);
	return r;
}
