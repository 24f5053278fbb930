#include "file/file_sealed.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/map.h"
#include "base/seal.h"
#include "file/file_dir.h"
#include "file/file_row.h"
#include "file/file_stat.h"
#include "memory/session.h"
#include "store/db.h"
#include "store/sealed.h"
#include "store/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)SEAL_SEGMENT + SEAL_TAG)

static const char purpose[] = "memkit file";

int
file_sealed(struct store *st, struct err *e)
{
	return store_is_sealed(st, e);
}

int
file_sealed_refuse(struct store *st, struct err *e)
{
	int r = store_is_sealed(st, e);

	return r <= 0 ? r : err_set(e, ERR_DENIED, "tenant '%s' is sealed, and "
	    "its files lie in no folder in clear; mem-session content reads "
	    "them, mem-session put writes them", st->tenant);
}

void
file_sealed_name(const uint8_t disk[HASH_LEN], char name[HASH_HEX + 1])
{
	hex_encode(name, disk, HASH_LEN);
}

static struct seal_about
about_of(const uint8_t disk[HASH_LEN], int64_t size)
{
	struct seal_about a = { .stream = true, .size = (uint64_t)size,
	    .ad = purpose, .ad_len = sizeof purpose };

	memcpy(a.salt, disk, HASH_LEN);
	return a;
}

/* --- sealing ----------------------------------------------------------- */

struct file_seal {
	struct seal *seal;	/* own */
	struct seal_fd to;
};

/* Made in a transaction; the next one has it, too. */
static int
key_of(struct store *st, int64_t session, struct sealed_beside *k,
    struct err *e)
{
	bool own = !tx_active(st->db);
	int64_t key;
	int r;

	if (session_key(st, session, false, &key, e) < 0)
		return -1;
	if (key == 0) {
		if (own && tx_begin(st->db, e) < 0)
			return -1;
		r = session_key(st, session, true, &key, e);
		if (own)
			r = tx_end(st->db, r, e);
		if (r < 0)
			return -1;
	}
	if ((r = store_seal_beside(st, key, k, e)) == 0)
		r = err_set(e, ERR_BUSY, "the session is being forgotten; try "
		    "again");
	return r < 0 ? -1 : 0;
}

int
file_seal_new(struct file_seal **out, struct store *st, int64_t session,
    int fd, const char *name, uint8_t disk[HASH_LEN], struct err *e)
{
	struct seal_sink sink;
	struct seal_about about;
	struct sealed_beside k;
	struct file_seal *s;
	int r;

	if (key_of(st, session, &k, e) < 0)
		return -1;
	s = xcalloc(1, sizeof *s);
	s->to = (struct seal_fd){ fd, name };
	sink = seal_to_fd(&s->to);
	if ((r = seal_random_salt(disk, e)) == 0) {
		about = about_of(disk, 0);
		r = seal_begin(&s->seal, &k.bytes, &about, &sink, e);
	}
	mem_wipe(&k, sizeof k);
	if (r < 0)
		file_seal_free(s);
	else
		*out = s;
	return r;
}

int
file_seal_add(struct file_seal *s, const void *p, size_t n, struct err *e)
{
	return seal_add(s->seal, p, n, e);
}

struct seal_sink
file_seal_sink(struct file_seal *s)
{
	return seal_to_seal(s->seal);
}

int
file_seal_end(struct file_seal *s, struct err *e)
{
	return seal_end(s->seal, e);
}

void
file_seal_free(struct file_seal *s)
{
	if (s == NULL)
		return;
	seal_free(s->seal);
	free(s);
}

/* --- reading ----------------------------------------------------------- */

struct file_bytes {
	int fd;
	struct seal *seal;	/* own; NULL: it is in clear */
	struct buf plain;	/* own; opened, and not shown yet, from at on */
	size_t at;
	char *room;		/* own */
	char *name;		/* own; for messages */
	bool ended;
};

static int
to_room(void *arg, const void *p, size_t n, struct err *e)
{
	struct file_bytes *b = arg;

	(void)e;
	buf_add(&b->plain, p, n);
	return 0;
}

/* One that is swapped for a FIFO or a link meanwhile is none that is read.  1,
 * 0 it is not there. */
static int
open_at(struct file_dir *d, int area, const char *path, const char *name,
    int *out, struct err *e)
{
	const char *last;
	struct stat sb;
	int at, fd;

	if ((at = file_dir_parent(d, area, path, false, &last, e)) < 0)
		return e->code == ERR_ABSENT ? 0 : -1;
	while ((fd = openat(at, last, O_RDONLY | O_NOFOLLOW | O_NONBLOCK |
	    O_CLOEXEC)) < 0 && errno == EINTR)
		;
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0 && errno != ELOOP && errno != EMLINK)
		return err_sys(e, "cannot open '%s'", name);
	if (fd >= 0 && fstat(fd, &sb) == 0 && S_ISREG(sb.st_mode)) {
		*out = fd;
		return 1;
	}
	if (fd >= 0)
		close(fd);
	return err_set(e, ERR_DENIED, "'%s' is no file", name);
}

static int
open_sealed(struct file_bytes *b, struct store *st, struct file_dir *d,
    const struct file_row *f, struct err *e)
{
	struct seal_sink sink = { to_room, b };
	char name[HASH_HEX + 1];
	struct seal_about about = about_of(f->disk, f->size);
	struct sealed_beside k;
	int r;

	file_sealed_name(f->disk, name);
	if ((r = open_at(d, FILE_SEALED, name, b->name, &b->fd, e)) != 1 ||
	    (r = store_seal_beside(st, f->key, &k, e)) != 1)
		return r;
	r = unseal_begin(&b->seal, &k.bytes, &about, 0, (uint64_t)f->size,
	    &sink, e);
	mem_wipe(&k, sizeof k);
	/* no more than a segment is in it, and it does not grow with it */
	buf_reserve(&b->plain, SEAL_SEGMENT);
	b->room = xmalloc(PIECE);
	return r < 0 ? -1 : 1;
}

int
file_bytes_open(struct file_bytes **out, struct store *st,
    struct file_dir *d, const struct file_row *f, struct err *e)
{
	struct file_bytes *b = xcalloc(1, sizeof *b);
	struct buf name = BUF_INIT;
	int r;

	b->fd = -1;
	buf_init(&b->plain);
	buf_addf(&name, "%s/%s", file_areas[f->area], f->path);
	b->name = buf_steal(&name);
	r = f->key != 0 ? open_sealed(b, st, d, f, e) :
	    open_at(d, f->area, f->path, b->name, &b->fd, e);
	if (r != 1)
		file_bytes_free(b);
	else
		*out = b;
	return r;
}

static int
read_some(struct file_bytes *b, void *p, size_t n, size_t *got,
    struct err *e)
{
	ssize_t r;

	while ((r = read(b->fd, p, n)) < 0 && errno == EINTR)
		;
	if (r < 0)
		return err_sys(e, "cannot read '%s'", b->name);
	*got = (size_t)r;
	return 0;
}

/* The next plain bytes. */
static int
more(struct file_bytes *b, struct err *e)
{
	struct err why;
	size_t n = 0;
	int r;

	buf_reset(&b->plain);
	b->at = 0;
	while (!b->ended && b->plain.len == 0) {
		if (read_some(b, b->room, PIECE, &n, e) < 0)
			return -1;
		b->ended = n == 0;
		r = n == 0 ? seal_end(b->seal, &why) : seal_add(b->seal,
		    b->room, n, &why);
		if (r < 0 && why.code == ERR_CORRUPT)
			return err_set(e, ERR_CORRUPT, "file '%s': %s; put it "
			    "again, or bring it from another copy of the "
			    "store", b->name, why.msg);
		if (r < 0) {
			*e = why;
			return -1;
		}
	}
	return 0;
}

int
file_bytes_read(struct file_bytes *b, void *p, size_t n, size_t *got,
    struct err *e)
{
	size_t left;

	if (b->seal == NULL)
		return read_some(b, p, n, got, e);
	if (b->at == b->plain.len && more(b, e) < 0)
		return -1;
	left = b->plain.len - b->at;
	*got = left < n ? left : n;
	memcpy(p, b->plain.p + b->at, *got);
	b->at += *got;
	return 0;
}

void
file_bytes_free(struct file_bytes *b)
{
	if (b == NULL)
		return;
	if (b->fd >= 0)
		close(b->fd);
	seal_free(b->seal);
	buf_wipe(&b->plain);
	free(b->room);
	free(b->name);
	free(b);
}

int
file_give(void *arg, const struct seal_sink *to, struct err *e)
{
	struct file_give *g = arg;
	struct file_bytes *b = NULL;
	char *room;
	size_t n = 0;
	int r = file_bytes_open(&b, g->st, g->dir, g->row, e);

	if (r != 1)
		return r < 0 ? -1 : err_set(e, ERR_ABSENT, "'%s/%s' is not "
		    "there any more; try again", file_areas[g->row->area],
		    g->row->path);
	room = xmalloc(PIECE);
	while ((r = file_bytes_read(b, room, PIECE, &n, e)) == 0 && n > 0)
		if ((r = to->put(to->arg, room, n, e)) < 0)
			break;
	mem_wipe(room, PIECE);
	free(room);
	file_bytes_free(b);
	return r;
}

/* --- what is there ----------------------------------------------------- */

int
file_sealed_there(struct file_dir *d, const struct file_row *f,
    int64_t *mtime_ms, struct err *e)
{
	char name[HASH_HEX + 1];
	struct stat sb;
	int r;

	if (f->removed || f->local != FILE_HERE || d->top < 0)
		return 0;
	file_sealed_name(f->disk, name);
	if ((r = file_dir_stat(d, FILE_SEALED, name, &sb, e)) != 1)
		return r;
	*mtime_ms = file_stat_of(&sb).mtime_ns / 1000000;
	return S_ISREG(sb.st_mode) && (uint64_t)sb.st_size ==
	    seal_size((uint64_t)f->size, 0);
}

static int
note_name(void *arg, const struct file_row *f, struct err *e)
{
	char name[HASH_HEX + 1];
	int made;

	(void)e;
	file_sealed_name(f->disk, name);
	map_put(arg, name, &made);
	return 0;
}

int
file_sealed_sweep(struct store *st, struct file_dir *d, int64_t session,
    int64_t *n, struct err *e)
{
	struct map named = MAP_INIT;
	struct dirent *de;
	struct stat sb;
	DIR *dir = NULL;
	int fd, at, r;

	*n = 0;
	if ((at = file_dir_area(d, FILE_SEALED, false, e)) < 0)
		return e->code == ERR_ABSENT ? 0 : -1;
	if ((r = file_row_each_here(st, session, note_name, &named, e)) == 0 &&
	    ((fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0 ||
	    (dir = fdopendir(fd)) == NULL))
		r = err_sys(e, "cannot read '%s'", d->path.p);
	while (r == 0 && (de = readdir(dir)) != NULL) {
		if (de->d_name[0] == '.' || map_get(&named, de->d_name) !=
		    NULL)
			continue;
		/* a folder is nothing of ours */
		if (fstatat(at, de->d_name, &sb, AT_SYMLINK_NOFOLLOW) == 0 &&
		    S_ISDIR(sb.st_mode))
			continue;
		r = file_dir_remove(d, FILE_SEALED, de->d_name, e);
		++*n;
	}
	if (dir != NULL)
		closedir(dir);
	map_release(&named);
	return r;
}
