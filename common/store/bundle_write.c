/*
 * The tar is made by libarchive, which hands us its bytes unbuffered: so
 * the digest can stop at a known place.  Whatever of a header could tell of
 * this machine (owner, times, modes) is the same everywhere.
 */
#include "store/bundle.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/json.h"

#include <archive.h>
#include <archive_entry.h>

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE ((size_t)64 << 10)	/* bytes read at a time */

struct given {
	seal_source *give;	/* NULL: it is a file, or bytes */
	void (*drop)(void *);
	void *arg;		/* own */
};

struct bundle {
	struct bundle_list list;
	char **from;		/* own; beside list.v: a path, or NULL */
	struct buf *bytes;	/* own; beside list.v: the content itself */
	struct given *given;	/* own; beside list.v */
	size_t from_cap, bytes_cap, given_cap;
	int64_t created_ms;
	/* while it is written */
	struct archive *a;
	int fd;
	const char *name;
	struct hash hash;
	int64_t written;
	struct err *e;		/* the first failure of a write */
	bool failed;
};

struct bundle *
bundle_new(const char *kind, int64_t created_ms)
{
	struct bundle *b = xcalloc(1, sizeof *b);

	b->created_ms = created_ms;
	b->list.about = json_pack("{s:s, s:s, s:I}", "format", BUNDLE_FORMAT,
	    "kind", kind, "created", (json_int_t)created_ms);
	return b;
}

void
bundle_free(struct bundle *b)
{
	size_t i;

	if (b == NULL)
		return;
	for (i = 0; i < b->list.n; i++) {
		free(b->from[i]);
		buf_release(&b->bytes[i]);
		if (b->given[i].give != NULL)
			b->given[i].drop(b->given[i].arg);
	}
	free(b->given);
	free(b->from);
	free(b->bytes);
	bundle_list_release(&b->list);
	free(b);
}

void
bundle_about(struct bundle *b, const char *key, json_t *value)
{
	json_object_set_new(b->list.about, key, value);
}

static struct bundle_file *
add(struct bundle *b, const char *path)
{
	struct bundle_list *l = &b->list;
	size_t i = l->n;

	assert(bundle_path_ok(path));
	l->v = xgrow(l->v, i, &l->cap, sizeof *l->v);
	b->from = xgrow(b->from, i, &b->from_cap, sizeof *b->from);
	b->bytes = xgrow(b->bytes, i, &b->bytes_cap, sizeof *b->bytes);
	b->given = xgrow(b->given, i, &b->given_cap, sizeof *b->given);
	l->n++;
	b->given[i] = (struct given){ .give = NULL };
	l->v[i].path = xstrdup(path);
	b->from[i] = NULL;
	buf_init(&b->bytes[i]);
	return &l->v[i];
}

void
bundle_add_bytes(struct bundle *b, const char *path, const void *p, size_t n)
{
	struct bundle_file *f = add(b, path);

	buf_add(&b->bytes[b->list.n - 1], p, n);
	f->size = (int64_t)n;
	hash_mem(p, n, f->hash);
	b->list.bytes += f->size;
}

static int
open_regular(const char *path, struct stat *sb, struct err *e)
{
	int fd;

	/* nobody is waited for who would write into a pipe */
	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, sb) < 0) {
		err_sys(e, "cannot open '%s'", path);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	if (!S_ISREG(sb->st_mode)) {
		close(fd);
		return err_set(e, ERR_INPUT, "'%s' is not a file", path);
	}
	return fd;
}

void
bundle_add_known(struct bundle *b, const char *path, const char *from,
    int64_t size, const uint8_t hash[HASH_LEN])
{
	struct bundle_file *f = add(b, path);

	b->from[b->list.n - 1] = xstrdup(from);
	f->size = size;
	memcpy(f->hash, hash, HASH_LEN);
	b->list.bytes += size;
}

void
bundle_add_given(struct bundle *b, const char *path, seal_source *give,
    void (*drop)(void *), void *arg, int64_t size,
    const uint8_t hash[HASH_LEN])
{
	struct bundle_file *f = add(b, path);

	b->given[b->list.n - 1] = (struct given){ give, drop, arg };
	f->size = size;
	memcpy(f->hash, hash, HASH_LEN);
	b->list.bytes += size;
}

int
bundle_add_file(struct bundle *b, const char *path, const char *from,
    struct err *e)
{
	uint8_t hash[HASH_LEN];
	struct stat sb;
	int fd;

	if ((fd = open_regular(from, &sb, e)) < 0)
		return -1;
	close(fd);
	if (hash_file(from, hash, e) < 0)
		return -1;
	bundle_add_known(b, path, from, sb.st_size, hash);
	return 0;
}

static void
manifest(const struct bundle *b, struct buf *out)
{
	const struct bundle_list *l = &b->list;
	json_t *o = json_deep_copy(l->about), *files = json_array();
	char hex[HASH_HEX + 1];
	size_t i;

	for (i = 0; i < l->n; i++) {
		hex_encode(hex, l->v[i].hash, HASH_LEN);
		json_array_append_new(files, json_pack("{s:s, s:I, s:s}",
		    "path", l->v[i].path, "size_bytes",
		    (json_int_t)l->v[i].size, "sha256", hex));
	}
	json_object_set_new(o, "files", files);
	json_write(out, o);
	buf_addc(out, '\n');
	json_decref(o);
}

/* --- the stream -------------------------------------------------------- */

static la_ssize_t
put(struct archive *a, void *arg, const void *p, size_t n)
{
	struct bundle *b = arg;

	if (file_write(b->fd, p, n, b->name, b->e) < 0) {
		b->failed = true;
		archive_set_error(a, EIO, "write failed");
		return -1;
	}
	hash_add(&b->hash, p, n);
	b->written += (int64_t)n;
	return (la_ssize_t)n;
}

/* libarchive's own words, unless ours are there. */
static int
fail(struct bundle *b)
{
	const char *why = archive_error_string(b->a);

	if (b->failed)
		return -1;
	return err_set(b->e, ERR_SYS, "cannot write '%s': %s", b->name,
	    why != NULL ? why : "no reason given");
}

static int
put_header(struct bundle *b, const char *path, int64_t size)
{
	struct archive_entry *en = archive_entry_new();
	int r;

	if (en == NULL)
		alloc_fail();
	archive_entry_set_pathname(en, path);
	archive_entry_set_filetype(en, AE_IFREG);
	archive_entry_set_perm(en, 0600);
	archive_entry_set_size(en, size);
	archive_entry_set_mtime(en, b->created_ms / 1000, 0);
	r = archive_write_header(b->a, en);
	archive_entry_free(en);
	return r == ARCHIVE_OK ? 0 : fail(b);
}

static int
put_data(struct bundle *b, const void *p, size_t n)
{
	return archive_write_data(b->a, p, n) == (la_ssize_t)n ? 0 : fail(b);
}

static int
put_bytes(struct bundle *b, const char *path, const void *p, size_t n)
{
	if (put_header(b, path, (int64_t)n) < 0 || put_data(b, p, n) < 0)
		return -1;
	return archive_write_finish_entry(b->a) == ARCHIVE_OK ? 0 : fail(b);
}

static int
copy_file(struct bundle *b, int fd, const struct bundle_file *f,
    const char *from)
{
	uint8_t hash[HASH_LEN];
	char *room = xmalloc(PIECE);
	int64_t left = f->size;
	struct hash h;
	ssize_t n = 1;
	int r = 0;

	hash_init(&h);
	while (r == 0 && left > 0 && n > 0) {
		n = read(fd, room, left < (int64_t)PIECE ? (size_t)left :
		    PIECE);
		if (n < 0 && errno == EINTR) {
			n = 1;
			continue;
		}
		if (n < 0)
			r = err_sys(b->e, "cannot read '%s'", from);
		if (n <= 0)
			break;
		hash_add(&h, room, (size_t)n);
		left -= n;
		r = put_data(b, room, (size_t)n);
	}
	free(room);
	hash_end(&h, hash);
	if (r == 0 && (left > 0 || memcmp(hash, f->hash, HASH_LEN) != 0))
		r = err_set(b->e, ERR_INPUT, "'%s' changed while it was "
		    "written", from);
	return r;
}

struct copying {
	struct bundle *b;
	struct hash h;
	int64_t left;
};

static int
copy_given(void *arg, const void *p, size_t n, struct err *e)
{
	struct copying *c = arg;

	(void)e;		/* b->e is the same */
	if ((int64_t)n > c->left)
		n = (size_t)c->left + 1;	/* told below */
	c->left -= (int64_t)n;
	if (c->left < 0)
		return 0;
	hash_add(&c->h, p, n);
	return put_data(c->b, p, n);
}

static int
put_given(struct bundle *b, const struct given *g,
    const struct bundle_file *f)
{
	struct copying c = { .b = b, .left = f->size };
	const struct seal_sink sink = { copy_given, &c };
	uint8_t hash[HASH_LEN];

	hash_init(&c.h);
	if (put_header(b, f->path, f->size) < 0 ||
	    g->give(g->arg, &sink, b->e) < 0)
		return -1;
	hash_end(&c.h, hash);
	if (c.left != 0 || memcmp(hash, f->hash, HASH_LEN) != 0)
		return err_set(b->e, ERR_INPUT, "'%s' changed while it was "
		    "written", f->path);
	return archive_write_finish_entry(b->a) == ARCHIVE_OK ? 0 : fail(b);
}

static int
put_file(struct bundle *b, size_t i)
{
	const struct bundle_file *f = &b->list.v[i];
	struct stat sb;
	int fd, r;

	if (b->given[i].give != NULL)
		return put_given(b, &b->given[i], f);
	if (b->from[i] == NULL)
		return put_bytes(b, f->path, b->bytes[i].p, b->bytes[i].len);
	if ((fd = open_regular(b->from[i], &sb, b->e)) < 0)
		return -1;
	r = put_header(b, f->path, f->size);
	if (r == 0)
		r = copy_file(b, fd, f, b->from[i]);
	close(fd);
	if (r == 0 && archive_write_finish_entry(b->a) != ARCHIVE_OK)
		r = fail(b);
	return r;
}

static int
put_seal(struct bundle *b)
{
	struct hash sofar = b->hash;
	uint8_t hash[HASH_LEN];
	char line[HASH_HEX + 2];

	hash_end(&sofar, hash);
	hex_encode(line, hash, HASH_LEN);
	line[HASH_HEX] = '\n';
	line[HASH_HEX + 1] = '\0';
	return put_bytes(b, BUNDLE_SEAL, line, HASH_HEX + 1);
}

static int
put_all(struct bundle *b)
{
	struct buf json = BUF_INIT;
	int64_t sealed;
	size_t i;
	int r;

	/* 0: not gathered into blocks, so that put sees entries end */
	if (archive_write_set_format_pax_restricted(b->a) != ARCHIVE_OK ||
	    archive_write_set_bytes_per_block(b->a, 0) != ARCHIVE_OK ||
	    archive_write_open(b->a, b, NULL, put, NULL) != ARCHIVE_OK)
		return fail(b);
	manifest(b, &json);
	r = put_bytes(b, BUNDLE_MANIFEST, json.p, json.len);
	buf_release(&json);
	for (i = 0; r == 0 && i < b->list.n; i++)
		r = put_file(b, i);
	sealed = b->written;
	if (r == 0)
		r = put_seal(b);
	if (r == 0 && archive_write_close(b->a) != ARCHIVE_OK)
		r = fail(b);
	assert(r < 0 || b->written - sealed == BUNDLE_TAIL);
	return r;
}

int
bundle_write(struct bundle *b, int fd, const char *name, int64_t *bytes,
    struct err *e)
{
	int r;

	if ((b->a = archive_write_new()) == NULL)
		alloc_fail();
	b->fd = fd;
	b->name = name;
	b->e = e;
	b->failed = false;
	b->written = 0;
	hash_init(&b->hash);
	if ((r = put_all(b)) == 0)
		*bytes = b->written;
	else
		/* what it would still write to end the tar is of no use */
		archive_write_fail(b->a);
	archive_write_free(b->a);
	b->a = NULL;
	return r;
}
