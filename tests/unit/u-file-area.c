/*
 * Files of sessions: paths, rows, the index, and files that go and come back.
 */
#include "tap.h"
#include "temp-store.h"

#include "base/hash.h"
#include "file/file_area.h"
#include "file/file_dir.h"
#include "file/file_index.h"
#include "file/file_path.h"
#include "file/file_put.h"
#include "file/file_row.h"
#include "file/file_scan.h"
#include "memory/hold.h"
#include "memory/session.h"
#include "store/change.h"

#include <fcntl.h>
#include <sys/stat.h>

static struct err e;

static void
paths(void)
{
	static const char *const good[] = { "a", "a/b", ".a", "..a", "a..",
	    "a/.../b", " ", "\xc3\xbc", "A b/C:d", "-", "CON", NULL };
	static const char *const bad[] = { "", "/", "/a", "a/", "a//b", ".",
	    "..", "a/.", "./a", "a/../b", "..", "\n", "a\x7f", "\xff",
	    "\xc2\x80", "\xed\xa0\x80", NULL };
	char room[FILE_PATH_MAX + 2];
	int i;

	for (i = 0; good[i] != NULL; i++)
		ok(file_path_check(good[i], &e) == 0, "a path: %s", good[i]);
	for (i = 0; bad[i] != NULL; i++)
		ok(file_path_check(bad[i], &e) == -1 && e.code == ERR_INPUT,
		    "none: number %d", i);
	memset(room, 'a', sizeof room);
	room[FILE_PART_MAX] = '\0';
	is_int(file_path_check(room, &e), 0, "255 bytes");
	room[FILE_PART_MAX] = 'a';
	room[FILE_PART_MAX + 1] = '\0';
	is_int(file_path_check(room, &e), -1, "256");
	for (i = 0; i < FILE_PATH_MAX + 1; i++)
		room[i] = i % 20 == 19 ? '/' : 'a';
	room[FILE_PATH_MAX] = '\0';
	is_int(file_path_check(room, &e), 0, "1,024 bytes");
	room[FILE_PATH_MAX] = 'a';
	room[FILE_PATH_MAX + 1] = '\0';
	is_int(file_path_check(room, &e), -1, "1,025");
	for (i = 0; i < FILE_DEPTH_MAX; i++)
		memcpy(room + 2 * i, "a/", 2);
	room[2 * i - 1] = '\0';
	is_int(file_path_check(room, &e), 0, "64 parts");
	memcpy(room + 2 * i - 1, "/a", 3);
	is_int(file_path_check(room, &e), -1, "65");
	is_int(file_area_of("cache"), FILE_CACHE, "an area");
	is_int(file_area_of("caches"), -1, "none");
}

/* --- rows -------------------------------------------------------------- */

static int64_t
session_of(struct store *st, const char *id)
{
	int64_t s;

	if (file_session(st, id, &s, &e) < 0)
		printf("# %s\n", e.msg);
	return s;
}

/* 1 new, 0 known, 2 a clash, too. */
static int
merge(struct store *st, int64_t s, int byte, int64_t at, int64_t node,
    int64_t base)
{
	struct file_row f = { .path = "p", .size = 1, .removed = byte == 0,
	    .s = { at, node, base } };
	bool clash;
	int r;

	memset(f.sha256, byte, HASH_LEN);
	tx_begin(st->db, &e);
	r = file_row_merge(st, s, &f, &clash, &e);
	return tx_end(st->db, r == 1 && clash ? 2 : r, &e);
}

static int
counts(struct store *st, int64_t s)
{
	struct file_row f;

	if (file_row_last(st, s, 0, "p", &f, &e) != 1)
		return -1;
	return f.removed ? 0 : f.sha256[0];
}

static void
rows(struct store *st)
{
	struct file_row f = { .path = "p", .size = 3, .local = FILE_HERE };
	int64_t s = session_of(st, "rows");

	is_int(merge(st, s, 1, 10, 7, 0), 1, "the first");
	is_int(merge(st, s, 1, 10, 7, 0), 0, "is there");
	is_int(merge(st, s, 2, 20, 7, 10), 1, "one upon it");
	is_int(merge(st, s, 3, 15, 8, 10), 2, "beside it, and older");
	is_int(counts(st, s), 2, "does not count");
	is_int(merge(st, s, 4, 20, 8, 0), 2, "of one time");
	is_int(counts(st, s), 4, "the greater node counts");
	is_int(merge(st, s, 0, 30, 9, 20), 1, "removed");
	is_int(counts(st, s), 0, "counts");
	is_int(merge(st, s, 5, INT64_C(99999999999999), 9, 30), 1,
	    "a clock that is ahead");
	memset(f.sha256, 6, HASH_LEN);
	f.s.base_ms = INT64_C(99999999999999);
	tx_begin(st->db, &e);
	is_int(tx_end(st->db, file_row_put(st, s, &f, &e), &e), 0,
	    "written here");
	is_int(counts(st, s), 6, "counts then");
	is_int(file_row_here(st, s, 0, "p", &f, &e), 1, "one is here");
	is_int(f.sha256[0], 6, "that one");
	is_int(file_row_since(st, s, f.seq, &e), 0, "none is newer");
	is_int(file_row_since(st, s, f.seq - 1, &e), 1, "but than another");
	is_int(file_row_since(st, session_of(st, "other"), 0, &e), 0,
	    "nor of another session");
}

/* --- the index --------------------------------------------------------- */

static void
add(struct file_index *x, int area, const char *path, int64_t ctime)
{
	struct file_entry t = { .area = area, .path = path, .stat = {
	    .size = 5, .mtime_ns = 6, .ctime_ns = ctime, .inode = 8 } };

	memset(t.sha256, (int)ctime, HASH_LEN);
	file_index_add(x, &t);
}

static void
all_of(const struct file_index *x, char *out, size_t n)
{
	size_t i, len = 0;

	out[0] = '\0';
	for (i = 0; i < x->n; i++)
		len += (size_t)snprintf(out + len, n - len, "%d%s%d ",
		    x->v[i].area, x->v[i].path, (int)x->v[i].stat.ctime_ns);
}

static void
merges(void)
{
	struct file_index x = FILE_INDEX_INIT, put = FILE_INDEX_INIT;
	char got[256];

	add(&x, 0, "b", 1);
	add(&x, 0, "d", 1);
	add(&x, 1, "a", 1);
	add(&put, 1, "a", 3);
	add(&put, 0, "a", 3);
	add(&put, 0, "d", 2);
	add(&put, 0, "c", 9);
	add(&put, 0, "d", 3);
	add(&put, 2, "z", 3);
	file_index_merge(&x, &put, 5);
	all_of(&x, got, sizeof got);
	is_str(got, "0a3 0b1 0d3 1a3 2z3 ", "what was put takes its place");
	is_int(x.odd, 1, "but what may be written in the same tick");
	file_index_release(&x);
	file_index_release(&put);
}

static void
written(struct store *st)
{
	struct file_index x = FILE_INDEX_INIT, y = FILE_INDEX_INIT;
	struct file_dir d;
	struct buf b = BUF_INIT, c = BUF_INIT, path = BUF_INIT;
	size_t i, good = 0;

	is_int(file_dir_open(&d, st, "ann", "index", true, &e), 1, "a folder");
	is_int(file_dir_lock(&d, &e), 0, "is locked");
	x.upto = 77;
	x.odd = 3;
	add(&x, 0, "a", 1);
	add(&x, 0, "a/b", 2);
	add(&x, 2, "\xc3\xbc", 3);
	is_int(file_index_write(&x, &d, &e), 0, "written");
	is_int(file_index_read(&y, &d, &e), 0, "read");
	ok(y.n == 3 && y.upto == 77 && y.odd == 3, "whole");
	ok(strcmp(y.v[1].path, "a/b") == 0 && y.v[1].area == 0 &&
	    file_stat_same(&y.v[1].stat, &x.v[1].stat) &&
	    memcmp(y.v[1].sha256, x.v[1].sha256, HASH_LEN) == 0, "as it was");
	file_join(&path, d.path.p, ".index");
	buf_read_file(&b, path.p, 4096, &e);
	for (i = 0; i < b.len * 8; i++) {
		buf_reset(&c);
		buf_add(&c, b.p, b.len);
		c.p[i / 8] ^= (char)(1 << i % 8);
		good += file_index_parse(&y, &c) != 0;
	}
	for (i = 0; i < b.len; i++) {
		buf_reset(&c);
		buf_add(&c, b.p, i);
		good += file_index_parse(&y, &c) != 0;
	}
	is_int(good, 0, "no damage is believed");
	file_index_release(&x);
	file_index_release(&y);
	buf_release(&b);
	buf_release(&c);
	buf_release(&path);
	file_dir_close(&d);
}

/* --- away and back ----------------------------------------------------- */

static void
write_file(const char *path, const char *text)
{
	FILE *f = fopen(path, "w");

	if (f == NULL || fputs(text, f) < 0 || fclose(f) != 0)
		exit(2);
}

static void
put(struct store *st, const char *path, const char *text)
{
	struct file_put *p = NULL;
	int fd;

	write_file("put", text);
	fd = open("put", O_RDONLY);
	if (file_put_new(&p, st, "work", NULL, NULL, &e) < 0 ||
	    file_put_fd(p, 0, path, fd, false, "put", &e) < 0 ||
	    file_put_end(p, &e) < 0)
		printf("# %s\n", e.msg);
	file_put_free(p);
	close(fd);
}

static int
find_state(void *arg, const struct file_found *f, struct err *err)
{
	(void)err;
	if (strcmp(f->path, "a/b") == 0)
		*(int *)arg = (int)f->state;
	return 0;
}

static int
state(struct store *st, bool record)
{
	int s = -1;
	struct file_scan how = { .all = true, .removed = true,
	    .record = record, .fn = find_state, .arg = &s };

	return file_scan(st, st->user, "work", &how, &e) < 0 ? -1 : s;
}

static int
do_it(struct store *st, int what, const char *text)
{
	struct file_work *w = NULL;
	uint8_t sum[HASH_LEN];
	int r;

	if (file_work_new(&w, st, st->user, "work", &e) != 1)
		return -2;
	if (what == 'a') {
		write_file("fetched", text);
		hash_mem(text, strlen(text), sum);
		r = file_adopt(w, 0, "a/b", AT_FDCWD, "fetched", sum,
		    NULL, &e);
	} else
		r = what == 't' ? file_trim(w, 0, "a/b", &e) :
		    file_remove(w, 0, "a/b", &e);
	if (r == 1 && file_work_end(w, &e) < 0)
		r = -1;
	file_work_free(w);
	return r;
}

/* Another copy of the store writes it; NULL: removes it. */
static void
elsewhere(struct store *st, const char *text)
{
	struct file_row last, f = { .path = "a/b", .size = 1,
	    .removed = text == NULL, .s.node = 99 };
	int64_t s = session_of(st, "work");
	bool clash;

	if (text != NULL)
		hash_mem(text, strlen(text), f.sha256);
	file_row_last(st, s, 0, "a/b", &last, &e);
	f.s.at_ms = last.s.at_ms + 1;
	f.s.base_ms = last.s.at_ms;
	tx_begin(st->db, &e);
	tx_end(st->db, file_row_merge(st, s, &f, &clash, &e), &e);
}

static void
away_and_back(struct store *st)
{
	struct buf path = BUF_INIT;

	put(st, "a/b", "one");
	file_place(st, "work", 0, "a/b", &path, &e);
	is_int(state(st, true), FILE_IS_HERE, "put");
	is_int(do_it(st, 't', NULL), 1, "trimmed");
	ok(!file_exists(path.p), "it is gone");
	is_int(state(st, true), FILE_IS_ARCHIVED, "and archived");
	is_int(do_it(st, 't', NULL), 0, "there is no more");
	is_int(do_it(st, 'a', "two"), 0, "other bytes do not come back");
	is_int(do_it(st, 'a', "one"), 1, "the right ones do");
	is_int(state(st, false), FILE_IS_HERE, "here");
	is_int(state(st, true), FILE_IS_HERE, "still here");

	write_file(path.p, "mine");
	is_int(do_it(st, 't', NULL), -1, "what was not recorded stays");
	is_int(e.code, ERR_EXISTS, "and it is said");
	is_int(do_it(st, 'a', "one"), 0, "and is not replaced");
	is_int(state(st, true), FILE_IS_CHANGED, "recorded");
	is_int(do_it(st, 't', NULL), 1, "it may go");
	is_int(do_it(st, 'a', "mine"), 1, "and come");

	elsewhere(st, "theirs");
	is_int(state(st, true), FILE_IS_BEHIND, "another wrote it");
	is_int(do_it(st, 'a', "theirs"), 1, "it takes the place of the old");
	is_int(state(st, true), FILE_IS_HERE, "here");
	elsewhere(st, NULL);
	is_int(state(st, true), FILE_IS_BEHIND, "another removed it");
	is_int(do_it(st, 't', NULL), 1, "the old one goes");
	is_int(state(st, true), FILE_IS_REMOVED, "removed");
	is_int(do_it(st, 'r', NULL), 0, "once");

	put(st, "a/b", "again");
	is_int(hold_set(st, "work", NULL, &e), 1, "on hold");
	is_int(do_it(st, 't', NULL), -1, "is not trimmed");
	is_int(e.code, ERR_DENIED, "denied");
	is_int(do_it(st, 'r', NULL), -1, "nor removed");
	is_int(hold_set(st, "work", NULL, &e), 0, "is on hold");
	is_int(hold_release(st, "work", &e), 1, "released");
	is_int(do_it(st, 'r', NULL), 1, "removed");
	is_int(state(st, true), FILE_IS_REMOVED, "here, too");
	is_int(temp_count(st, "SELECT count(*) FROM file WHERE base = 0 "
	    "AND path = 'a/b'"), 1, "each knew of the one before it");
	buf_release(&path);
}

/* --- for a push -------------------------------------------------------- */

static int
name_one(void *arg, const struct file_each *f, struct err *err)
{
	(void)err;
	buf_addf(arg, "%s/%s/%s/%s%s ", f->user, f->session,
	    file_areas[f->row.area], f->row.path, f->row.removed ? "-" : "");
	return 0;
}

static void
each(struct store *st)
{
	struct buf b = BUF_INIT;
	int64_t before;

	change_last(st, &before, &e);
	is_int(file_each(st, before, name_one, &b, &e), 0, "of nothing");
	is_str(b.p, "", "is nothing");
	put(st, "z", "1");
	put(st, "c", "1");
	put(st, "z", "2");
	do_it(st, 'r', NULL);
	file_each(st, before, name_one, &b, &e);
	is_str(b.p, "ann/work/inputs/c ann/work/inputs/z ",
	    "what changed, as it is now");
	buf_reset(&b);
	file_each(st, -1, name_one, &b, &e);
	is_str(b.p, "ann/rows/inputs/p ann/work/inputs/a/b- "
	    "ann/work/inputs/c ann/work/inputs/z ", "all of them");
	buf_release(&b);
}

int
main(void)
{
	struct store *st;

	temp_begin();
	paths();
	merges();
	st = temp_open("store", "ann", STORE_WRITE);
	rows(st);
	written(st);
	away_and_back(st);
	each(st);
	store_close(st);
	return temp_end() != 0 ? 2 : done();
}
