/*
 * Exports: the same bytes of the same content, whichever way it came, whose
 * each value is, and what is left in a store that refuses one.
 */
#include "tap.h"
#include "segments.h"

#include "base/json.h"
#include "file/file_area.h"
#include "file/file_scan.h"
#include "memory/session.h"
#include "store/change.h"
#include "store/db.h"
#include "store/node.h"
#include "sync/export.h"
#include "sync/import.h"
#include "sync/segment_apply.h"

#include <fcntl.h>
#include <unistd.h>

/* Into a file; r as export_write. */
static int
export_to(struct store *st, const char *path, const char *user,
    const struct strv *sessions, json_t **told)
{
	const struct export_config c = { .user = user, .sessions = sessions,
	    .scan = true };
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	json_t *o = NULL;
	int r = export_write(st, &c, fd, path, &o, &e);

	close(fd);
	if (told != NULL)
		*told = o;
	else
		json_decref(o);
	return r;
}

static int
import_from(struct store *st, const char *path, bool dry,
    struct imported *sums)
{
	const struct import_config c = { .dry_run = dry };
	struct imported mine;
	int fd = open(path, O_RDONLY);
	int r = import_read(st, &c, fd, path, sums != NULL ? sums : &mine,
	    &e);

	close(fd);
	return r;
}

static bool
same(const char *a, const char *b)
{
	struct buf x = BUF_INIT, y = BUF_INIT;
	bool r = buf_read_file(&x, a, 1 << 24, &e) == 0 &&
	    buf_read_file(&y, b, 1 << 24, &e) == 0 && x.len == y.len &&
	    memcmp(x.p, y.p, x.len) == 0;

	buf_release(&x);
	buf_release(&y);
	return r;
}

static int64_t
count(struct store *st, const char *table)
{
	struct db_query *q = strcmp(table, "change") == 0 ? db_sql(st->db, &e,
	    "SELECT count(*) FROM change") : db_sql(st->db, &e,
	    "SELECT count(*) FROM audit");
	int64_t n = -1;

	db_first(q, &n, &e);
	return n;
}

/* What somebody may have: each type, and a history. */
static void
fill(struct store *st)
{
	put_events(st, 0, 100);
	session_set(st, "s1", "branch", "main", &e);
	session_set(st, "s1", "branch", "fix", &e);
	session_set(st, "s1", "branch", NULL, &e);
	put(st, "{\"type\":\"session\",\"session_id\":\"t\",\"title\":\"T\"}");
	put(st, "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"r\","
	    "\"record_type\":\"bug\",\"title\":\"one\"}");
	put(st, "{\"type\":\"record\",\"kb\":\"k\",\"record_id\":\"r\","
	    "\"record_type\":\"bug\",\"title\":\"two\"}");
	put(st, "{\"type\":\"tombstone\",\"target\":\"session\","
	    "\"id\":\"s0\"}");
	put(st, "{\"type\":\"tombstone\",\"target\":\"record\","
	    "\"id\":\"k/gone\"}");
}

static void
there_and_back(void)
{
	struct store *a = fresh("a"), *b = fresh("b");
	struct imported sums;
	json_t *told;
	int64_t n = 0;

	is_int(export_to(a, "empty.tar", NULL, NULL, NULL), 0,
	    "of an empty store");
	is_int(import_from(b, "empty.tar", false, &sums), 0, "into another");
	is_int(sums.sums.records, 0, "nothing");

	fill(a);
	is_int(export_to(a, "a.tar", NULL, NULL, &told), 0, "out");
	get_int(told, "events", &n);
	is_int(n, 60, "it tells how many events");
	get_int(told, "versions", &n);
	is_int(n, 2, "and versions");
	json_decref(told);
	is_int(export_to(a, "again.tar", NULL, NULL, NULL), 0, "again");
	ok(same("a.tar", "again.tar"), "the same bytes");

	n = count(b, "change");
	is_int(import_from(b, "a.tar", true, &sums), 0, "dry");
	is_int(sums.sums.stored, 71, "tells what it would be");
	is_int(count(b, "change"), n, "and changes nothing");
	is_int(import_from(b, "a.tar", false, &sums), 0, "in");
	is_int(sums.sums.stored, 71, "as it was told");
	is_int(export_to(b, "b.tar", NULL, NULL, NULL), 0, "and out of there");
	ok(same("a.tar", "b.tar"), "the same bytes");
	n = count(b, "change");
	is_int(import_from(b, "a.tar", false, &sums), 0, "in again");
	is_int(sums.sums.duplicate, 71, "is known");
	is_int(count(b, "change"), n, "and no change");
	store_close(a);
	store_close(b);
}

/* --- whose a value is -------------------------------------------------- */

static int
apply(struct store *st, const struct buf *b)
{
	struct segmentfile s;
	struct applied sums;
	int r;

	if ((r = segmentfile_read(&s, b->p, b->len, &e)) == 0)
		r = segment_apply(st, &s, &sums, NULL, NULL, &e);
	segmentfile_release(&s);
	return r;
}

/* a -> a file -> b -> a segment -> c: the stamps are a's. */
static void
by_segments(void)
{
	struct store *a = fresh("a"), *b = fresh("b"), *c = fresh("c");
	struct buf seg = BUF_INIT;

	fill(a);
	export_to(a, "a.tar", NULL, NULL, NULL);
	import_from(b, "a.tar", false, NULL);
	is_int(make(b, 0, 0, &seg, NULL), 1, "a segment of what was imported");
	is_int(apply(c, &seg), 1, "taken in elsewhere");
	export_to(c, "c.tar", NULL, NULL, NULL);
	ok(same("a.tar", "c.tar"), "has the stamps that it had");
	buf_reset(&seg);
	make(a, 0, 0, &seg, NULL);
	is_int(apply(c, &seg), 1, "and from where it came first");
	export_to(c, "c.tar", NULL, NULL, NULL);
	ok(same("a.tar", "c.tar"), "nothing is new");
	buf_release(&seg);
	store_close(a);
	store_close(b);
	store_close(c);
}

/* Rows that are older than nodes are of the first name a copy had. */
static void
older(void)
{
	struct store *a = fresh("a"), *b = fresh("b");
	struct buf seg = BUF_INIT;

	fill(a);
	export_to(a, "a.tar", NULL, NULL, NULL);
	db_script(a->db, "UPDATE variable SET node = 0; "
	    "UPDATE record SET node = 0", &e);
	export_to(a, "old.tar", NULL, NULL, NULL);
	ok(same("a.tar", "old.tar"), "rows without a node");
	make(a, 0, 0, &seg, NULL);
	apply(b, &seg);
	export_to(b, "b.tar", NULL, NULL, NULL);
	ok(same("a.tar", "b.tar"), "as a segment has them");
	is_int(node_renew(a, INT64_MAX, &e), 0, "with another name");
	export_to(a, "new.tar", NULL, NULL, NULL);
	ok(same("a.tar", "new.tar"), "they are who they were");
	buf_release(&seg);
	store_close(a);
	store_close(b);
}

/* --- files, and what was decided --------------------------------------- */

static void
write_to(struct store *st, const char *session, int area, const char *path,
    const char *text)
{
	struct buf b = BUF_INIT;

	if (file_place(st, session, area, path, &b, &e) < 0 ||
	    file_replace(b.p, text, strlen(text), &e) < 0)
		printf("Bail out! %s\n", e.msg);
	buf_release(&b);
}

static bool
reads(struct store *st, const char *path, const char *text)
{
	struct buf at = BUF_INIT, b = BUF_INIT;
	bool r = file_place(st, "s1", FILE_INPUTS, path, &at, &e) == 0 &&
	    buf_read_file(&b, at.p, 1 << 20, &e) == 0 &&
	    b.len == strlen(text) && memcmp(b.p, text, b.len) == 0;

	buf_release(&at);
	buf_release(&b);
	return r;
}

static int
scan(struct store *st, int64_t n[FILE_STATES])
{
	struct file_scan how = { .record = true };
	int r = file_scan(st, "ann", "s1", &how, &e);

	memcpy(n, how.n, sizeof how.n);
	return r;
}

static void
files(void)
{
	struct store *a = fresh("a"), *b = fresh("b"), *c = fresh("c");
	int64_t n[FILE_STATES], with = 0;
	struct buf seg = BUF_INIT;
	struct imported sums;
	json_t *told;

	fill(a);
	write_to(a, "s1", FILE_INPUTS, "x", "one");
	scan(a, n);
	write_to(a, "s1", FILE_INPUTS, "x", "two");
	write_to(a, "s1", FILE_INPUTS, "d/y", "y");
	put(a, "{\"type\":\"decision\",\"what\":\"mark\","
	    "\"about\":\"toc:year:2026\",\"at\":1790000000000,"
	    "\"user\":\"ann\",\"value\":{\"mark\":\"pin\"}}");
	is_int(export_to(a, "a.tar", NULL, NULL, &told), 0, "with files");
	get_int(told, "files", &with);
	is_int(with, 3, "a line for each time");
	get_int(told, "decisions", &with);
	is_int(with, 1, "what was decided");
	get_int(told, "with_bytes", &with);
	is_int(with, 2, "the bytes of what counts");
	json_decref(told);

	is_int(import_from(b, "a.tar", true, &sums), 0, "dry");
	is_int(sums.files.placed, 2, "tells what would come");
	ok(!reads(b, "x", "two"), "and brings nothing");
	is_int(import_from(b, "a.tar", false, &sums), 0, "in");
	is_int(sums.files.placed, 2, "came");
	ok(reads(b, "x", "two") && reads(b, "d/y", "y"), "as they were");
	scan(b, n);
	is_int(n[FILE_IS_CHANGED] + n[FILE_IS_NEW] + n[FILE_IS_MISSING], 0,
	    "and the rows know it");
	export_to(b, "b.tar", NULL, NULL, NULL);
	ok(same("a.tar", "b.tar"), "out of there, the same bytes");
	is_int(import_from(b, "a.tar", false, &sums), 0, "again");
	is_int(sums.files.placed + sums.sums.stored, 0, "nothing is new");

	make(b, 0, 0, &seg, NULL);
	is_int(apply(c, &seg), 1, "a segment of what was imported");
	is_int(import_from(c, "a.tar", false, &sums), 0, "and the file");
	is_int(sums.sums.stored, 0, "have one stamp");
	is_int(sums.files.placed, 2, "and the bytes come behind");
	export_to(c, "c.tar", NULL, NULL, NULL);
	ok(same("a.tar", "c.tar"), "the same bytes");

	write_to(a, "s1", FILE_INPUTS, "x", "three");
	export_to(a, "a.tar", NULL, NULL, NULL);
	write_to(b, "s1", FILE_INPUTS, "x", "other");
	is_int(import_from(b, "a.tar", false, &sums), 0, "over what is new");
	ok(reads(b, "x", "other"), "that stays, being later");
	buf_release(&seg);
	store_close(a);
	store_close(b);
	store_close(c);
}

/* --- parts of it, and refusals ----------------------------------------- */

static void
parts(void)
{
	struct store *a = fresh("a"), *b = fresh("b");
	struct strv ids = STRV_INIT;
	struct imported sums;

	fill(a);
	strv_add(&ids, "s1");
	strv_add(&ids, "t");
	is_int(export_to(a, "s.tar", "ann", &ids, NULL), 0, "two sessions");
	is_int(import_from(b, "s.tar", false, &sums), 0, "are taken in");
	is_int(sums.sums.stored, 2 + 40 + 4, "with what they have");
	is_int(export_to(a, "u.tar", "ann", NULL, NULL), 0, "a user");
	import_from(b, "u.tar", false, &sums);
	is_int(sums.sums.records, 68, "without knowledge bases");
	is_int(export_to(a, "x.tar", "bob", NULL, NULL), -1, "nobody");
	is_int(e.code, ERR_ABSENT, "is not there");
	strv_add(&ids, "z");
	is_int(export_to(a, "x.tar", "ann", &ids, NULL), -1, "a session");
	is_int(e.code, ERR_ABSENT, "that is not there");
	strv_release(&ids);
	store_close(a);
	store_close(b);
}

/* One byte of each, at many places. */
static void
damage(void)
{
	struct store *a = fresh("a"), *b = fresh("b");
	struct buf file = BUF_INIT;
	int64_t changes, audits;
	int bad = 0, n = 0;
	size_t i;

	fill(a);
	export_to(a, "a.tar", NULL, NULL, NULL);
	buf_read_file(&file, "a.tar", 1 << 24, &e);
	changes = count(b, "change");
	audits = count(b, "audit");
	for (i = 0; i < file.len; i += 97, n++) {
		file.p[i] ^= 0x11;
		file_replace("bad.tar", file.p, file.len, &e);
		file.p[i] ^= 0x11;
		bad += import_from(b, "bad.tar", false, NULL) < 0 &&
		    (e.code == ERR_CORRUPT || e.code == ERR_VERSION ||
		    e.code == ERR_INPUT);
		file_replace("bad.tar", file.p, i, &e);
		bad += import_from(b, "bad.tar", false, NULL) < 0 &&
		    e.code == ERR_CORRUPT;
	}
	is_int(bad, 2 * n, "altered or cut off anywhere, it is refused");
	is_int(count(b, "change"), changes, "and nothing was taken in");
	is_int(count(b, "audit"), audits, "nor noted");
	buf_release(&file);
	store_close(a);
	store_close(b);
}

int
main(void)
{
	temp_begin();
	there_and_back();
	by_segments();
	older();
	files();
	parts();
	damage();
	ok(temp_end() == 0, "the folder is gone");
	return done();
}
