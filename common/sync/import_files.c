#include "sync/import_files.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"
#include "base/seal.h"
#include "base/str.h"
#include "file/file_folders.h"
#include "file/file_read.h"
#include "file/file_record.h"
#include "file/file_scan.h"
#include "file/file_sealed.h"
#include "memory/session.h"
#include "store/bundle.h"
#include "store/store.h"
#include "sync/export_files.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct import_member {
	const char *path;		/* the map's */
	uint8_t sha256[HASH_LEN];	/* of its bytes */
	struct stamp s;			/* of the last row that names it */
	bool named, same;		/* there is one; it says this hash */
	/* sealed, until it is placed */
	int64_t size;
	uint8_t salt[SEAL_KEY];
};

void
import_files_init(struct import_files *m, const char *user, bool dry_run)
{
	memset(m, 0, sizeof *m);
	m->user = user;
	m->dry_run = dry_run;
}

int
import_files_seal(struct import_files *m, struct err *e)
{
	m->key = xcalloc(1, sizeof *m->key);
	memcpy(m->key->id, "import", sizeof "import");
	return random_bytes(m->key->key, sizeof m->key->key, e);
}

void
import_files_release(struct import_files *m)
{
	if (m->key != NULL)
		mem_wipe(m->key, sizeof *m->key);
	free(m->key);
	m->key = NULL;
	map_release(&m->by_path);
	free(m->v);
	m->v = NULL;
	m->n = 0;
}

/* --- looking through --------------------------------------------------- */

static void
member_name(size_t i, char name[24])
{
	snprintf(name, 24, "file-%zu", i);
}

static struct seal_about
about_of(const struct import_member *v)
{
	struct seal_about a = { .size = (uint64_t)v->size };

	memcpy(a.salt, v->salt, SEAL_KEY);
	return a;
}

static int
read_sealed(struct import_files *m, struct import_member *v, int fd,
    const char *path, struct bundle_reader *in, struct err *e)
{
	struct seal_fd where = { fd, path };
	const struct seal_sink file = seal_to_fd(&where);
	struct seal_sink sink;
	struct seal_about about;
	struct seal *s = NULL;
	int r;

	if (seal_random_salt(v->salt, e) < 0)
		return -1;
	about = about_of(v);
	if ((r = seal_begin(&s, m->key, &about, &file, e)) == 0) {
		sink = seal_to_seal(s);
		r = bundle_read_to(in, &sink, e);
	}
	if (r == 0)
		r = seal_end(s, e);
	seal_free(s);
	return r;
}

/* It is made sure of on the disk: its row will say that it is here. */
static int
keep(struct import_files *m, const char *dir, size_t i,
    struct bundle_reader *in, struct err *e)
{
	struct buf path = BUF_INIT;
	char name[24];
	int fd, r;

	member_name(i, name);
	file_join(&path, dir, name);
	fd = open(path.p, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		r = err_sys(e, "cannot make '%s'", path.p);
	else {
		r = m->key != NULL ? read_sealed(m, &m->v[i], fd, path.p, in,
		    e) : bundle_read(in, fd, path.p, e);
		if (r == 0 && fsync(fd) < 0)
			r = err_sys(e, "cannot write '%s'", path.p);
		if (close(fd) < 0 && r == 0)
			r = err_sys(e, "cannot write '%s'", path.p);
	}
	buf_release(&path);
	return r;
}

int
import_files_take(struct import_files *m, const char *dir,
    struct bundle_reader *in, const struct bundle_file *f, struct err *e)
{
	struct import_member *v;
	int made;

	m->v = xgrow(m->v, m->n, &m->cap, sizeof *m->v);
	v = &m->v[m->n];
	memset(v, 0, sizeof *v);
	memcpy(v->sha256, f->hash, HASH_LEN);
	v->size = f->size;
	/* no path is in a bundle twice */
	map_put(&m->by_path, f->path, &made)->i = (int64_t)m->n;
	v->path = m->by_path.e[m->n].key;
	m->n++;
	return m->dry_run ? bundle_read(in, -1, f->path, e) :
	    keep(m, dir, m->n - 1, in, e);
}

static struct import_member *
find(struct import_files *m, const struct file_each *f)
{
	union map_value *at;
	struct buf b = BUF_INIT;

	export_file_path(&b, f);
	at = map_get(&m->by_path, b.p);
	buf_release(&b);
	return at != NULL ? &m->v[at->i] : NULL;
}

/* The last by its stamp counts, as in file_row.h. */
static void
name_one(struct import_files *m, const struct file_each *f)
{
	struct import_member *v = find(m, f);
	const struct stamp *s = &f->row.s;

	if (v == NULL || (v->named && (s->at_ms < v->s.at_ms ||
	    (s->at_ms == v->s.at_ms && s->node < v->s.node))))
		return;
	v->named = true;
	v->s = *s;
	v->same = !f->row.removed && memcmp(v->sha256, f->row.sha256,
	    HASH_LEN) == 0;
}

int
import_files_rows(struct import_files *m, const char *p, size_t n,
    struct err *e)
{
	static const char begin[] = "{\"type\":\"file\"";
	const char *end = p + n, *nl;
	struct file_each f;
	json_t *o;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', (size_t)(end - p));
		if ((size_t)(nl - p) < sizeof begin ||
		    memcmp(p, begin, sizeof begin - 1) != 0)
			continue;
		m->rows++;
		if (m->n == 0)
			continue;
		memset(&f, 0, sizeof f);
		/* one that is wrong is refused when it is taken in */
		if ((o = json_read(p, (size_t)(nl - p), e)) != NULL &&
		    file_record_read(&f, o, e) == 0) {
			if (f.user == NULL)
				f.user = m->user;
			name_one(m, &f);
		}
		json_decref(o);
	}
	return 0;
}

int
import_files_check(const struct import_files *m, const char *name,
    struct err *e)
{
	size_t i;

	for (i = 0; i < m->n; i++) {
		if (!m->v[i].named)
			return err_set(e, ERR_CORRUPT, "'%s' holds '%s', of "
			    "which none of its records tells", name,
			    m->v[i].path);
		if (!m->v[i].same)
			return err_set(e, ERR_CORRUPT, "'%s' in '%s' is not "
			    "what its record says", m->v[i].path, name);
	}
	return 0;
}

/* --- taking in --------------------------------------------------------- */

static int
scan_one(void *arg, const char *user, const char *session, struct err *e)
{
	struct file_scan how = { .record = true };

	return file_scan(arg, user, session, &how, e) < 0 ? -1 : 0;
}

int
import_files_scan(const struct import_files *m, struct store *st,
    struct err *e)
{
	return m->rows == 0 ? 0 : file_folders(st, scan_one, st, e);
}

struct rows {
	struct import_files *m;
	int64_t *seq;			/* own */
	size_t n, cap;
	int64_t files;
};

/* For file_each: what counts, was never here, and is in the export. */
static int
gather(void *arg, const struct file_each *f, struct err *e)
{
	struct rows *rows = arg;
	const struct import_member *v;

	(void)e;
	if (f->row.local != FILE_ELSEWHERE || (!f->row.removed &&
	    ((v = find(rows->m, f)) == NULL || memcmp(v->sha256,
	    f->row.sha256, HASH_LEN) != 0)))
		return 0;
	rows->files += !f->row.removed;
	rows->seq = xgrow(rows->seq, rows->n, &rows->cap, sizeof *rows->seq);
	rows->seq[rows->n++] = f->row.seq;
	return 0;
}

int
import_files_count(struct import_files *m, struct store *st,
    struct file_batch_sums *sums, struct err *e)
{
	struct rows rows = { .m = m };
	int r = m->rows == 0 ? 0 : file_each(st, -1, gather, &rows, e);

	sums->placed = rows.files;
	free(rows.seq);
	return r;
}

struct joining {
	struct import_files *m;
	struct file_batch *b;
	int dir;
	bool full;
};

static int
open_in(int dir, const char *name, int flags, struct err *e)
{
	int fd = openat(dir, name, flags | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd >= 0 ? fd : err_sys(e, "cannot open '%s'", name);
}

/* What from gives, to to: opened, and sealed as its session's. */
static int
reseal(struct joining *j, const struct import_member *v,
    struct file_coming *c, int64_t session, int from, int to, struct err *e)
{
	struct seal_sink plain, sealed;
	struct seal_about about = about_of(v);
	struct file_reader rd = FILE_READER_INIT;
	struct file_seal *into = NULL;
	struct seal *open = NULL;
	uint8_t sum[HASH_LEN];
	int64_t size;
	int r;

	if ((r = file_seal_new(&into, j->b->st, session, to, c->name, c->disk,
	    e)) == 0) {
		plain = file_seal_sink(into);
		r = unseal_begin(&open, j->m->key, &about, 0, about.size,
		    &plain, e);
		sealed = seal_to_seal(open);
	}
	if (r == 0 && file_read_into(&rd, from, &sealed, c->name, &size, sum,
	    e) == 0 && seal_end(open, e) == 0 && file_seal_end(into, e) == 0)
		r = file_sync(to, c->name, e);
	else
		r = -1;
	file_reader_release(&rd);
	seal_free(open);
	file_seal_free(into);
	return r;
}

/* Into another file, whose name the batch gets. */
static int
seal_again(struct joining *j, const struct import_member *v,
    struct file_coming *c, struct err *e)
{
	struct store *st = j->b->st;
	int64_t user, session;
	char from[24];
	int in, out = -1, r = -1;

	if (store_user(st, c->f.user, false, &user, e) < 0 ||
	    session_row_of(st, user, c->f.session, false, &session, e) < 0)
		return -1;
	member_name((size_t)(v - j->m->v), from);
	snprintf(c->name, sizeof c->name, "own-%zu", (size_t)(v - j->m->v));
	if ((in = open_in(j->dir, from, O_RDONLY, e)) >= 0 &&
	    (out = open_in(j->dir, c->name, O_RDWR | O_CREAT | O_TRUNC, e)) >=
	    0)
		r = reseal(j, v, c, session, in, out, e);
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	return r;
}

/* For file_find. */
static int
join(void *arg, const struct file_each *f, struct err *e)
{
	struct joining *j = arg;
	struct file_coming *c = file_batch_add(j->b, f);
	struct import_member *v;

	j->full = c == NULL;
	if (c != NULL && !f->row.removed && (v = find(j->m, f)) != NULL) {
		if (j->m->key != NULL && seal_again(j, v, c, e) < 0)
			return -1;
		if (j->m->key == NULL)
			member_name((size_t)(v - j->m->v), c->name);
		c->came = true;
	}
	return 0;
}

static int
place_all(struct import_files *m, const struct rows *rows,
    struct file_batch *b, int dir, struct file_batch_sums *sums,
    file_batch_fn *fn, void *arg, struct err *e)
{
	struct joining j = { m, b, dir, false };
	size_t at = 0;

	while (at < rows->n) {
		if (file_find(b->st, rows->seq[at], join, &j, e) < 0)
			return -1;
		at += !j.full;
		if (!j.full && at < rows->n)
			continue;
		if (file_batch_place(b, dir, sums, fn, arg, e) < 0)
			return -1;
		file_batch_clear(b);
		j.full = false;
	}
	return 0;
}

int
import_files_place(struct import_files *m, struct store *st, const char *dir,
    struct file_batch_sums *sums, file_batch_fn *fn, void *arg,
    struct err *e)
{
	struct rows rows = { .m = m };
	struct file_batch b;
	int fd, r;

	if (m->rows == 0)
		return 0;
	r = file_each(st, -1, gather, &rows, e);
	if (r == 0 && rows.n > 0) {
		if ((fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
			r = err_sys(e, "cannot open '%s'", dir);
		else {
			file_batch_init(&b, st);
			r = place_all(m, &rows, &b, fd, sums, fn, arg, e);
			file_batch_release(&b);
			close(fd);
		}
	}
	free(rows.seq);
	return r;
}
