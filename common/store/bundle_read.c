/*
 * The tar is taken apart by libarchive; this file only believes what agrees
 * with the manifest.  Beside that the bytes are hashed as they are read,
 * BUNDLE_TAIL of them held back: at the end they must be the seal.
 */
#include "store/bundle.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"

#include <archive.h>
#include <archive_entry.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)64 << 10)	/* bytes read at a time */
#define BLOCK 512			/* of a tar */

struct bundle_reader {
	struct archive *a;
	int fd;			/* borrowed */
	char *name;		/* own */
	char *room;		/* own; PIECE bytes that were read */
	char tail[BUNDLE_TAIL];	/* read, not hashed yet */
	size_t tail_len;
	char first[8];		/* bytes of the input */
	struct hash hash;
	int64_t bytes;		/* read so far */
	struct bundle_list list;
	size_t at;		/* files given out */
	bool pending;		/* the content of file at - 1 is to come */
	struct err read_err;	/* of read(2) */
};

/* Hash all but the last BUNDLE_TAIL bytes of what came so far. */
static void
take(struct bundle_reader *r, const char *p, size_t n)
{
	size_t k = r->tail_len + n > BUNDLE_TAIL ?
	    r->tail_len + n - BUNDLE_TAIL : 0;
	size_t old = k < r->tail_len ? k : r->tail_len, i;

	for (i = 0; i < n && (size_t)r->bytes + i < sizeof r->first; i++)
		r->first[(size_t)r->bytes + i] = p[i];
	hash_add(&r->hash, r->tail, old);
	memmove(r->tail, r->tail + old, r->tail_len - old);
	r->tail_len -= old;
	hash_add(&r->hash, p, k - old);
	memcpy(r->tail + r->tail_len, p + (k - old), n - (k - old));
	r->tail_len += n - (k - old);
	r->bytes += (int64_t)n;
}

/* The next bytes of the input: 0 at its end, -1 failed. */
static ssize_t
get_piece(struct bundle_reader *r)
{
	ssize_t n;

	while ((n = read(r->fd, r->room, PIECE)) < 0 && errno == EINTR)
		;
	if (n < 0)
		err_sys(&r->read_err, "cannot read '%s'", r->name);
	else
		take(r, r->room, (size_t)n);
	return n;
}

static la_ssize_t
get(struct archive *a, void *arg, const void **p)
{
	struct bundle_reader *r = arg;
	ssize_t n = get_piece(r);

	*p = r->room;
	if (n < 0)
		archive_set_error(a, EIO, "read failed");
	return n;
}

static int
damaged(const struct bundle_reader *r, const char *why, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "'%s' is cut off or was altered: %s; "
	    "use another copy of it", r->name, why);
}

/* What libarchive, or the input below it, complains of. */
static int
fail(const struct bundle_reader *r, struct err *e)
{
	const char *why = archive_error_string(r->a);

	if (r->read_err.code != ERR_NONE) {
		*e = r->read_err;
		return -1;
	}
	return damaged(r, why != NULL ? why : "not a tar", e);
}

/* --- entries ----------------------------------------------------------- */

/* The next entry must be this file. */
static int
expect(struct bundle_reader *r, const char *path, int64_t size,
    struct err *e)
{
	struct archive_entry *en;
	const char *name;
	int rc;

	if ((rc = archive_read_next_header(r->a, &en)) == ARCHIVE_EOF)
		return damaged(r, "files are missing at its end", e);
	/* a warning, too, tells of something that we did not write */
	if (rc != ARCHIVE_OK)
		return fail(r, e);
	name = archive_entry_pathname(en);
	if (name == NULL || strcmp(name, path) != 0)
		return err_set(e, ERR_CORRUPT, "'%s' is cut off or was "
		    "altered: where '%s' belongs is something else; use "
		    "another copy of it", r->name, path);
	if (archive_entry_filetype(en) != AE_IFREG ||
	    archive_entry_hardlink(en) != NULL ||
	    archive_entry_symlink(en) != NULL ||
	    archive_entry_sparse_count(en) != 0)
		return err_set(e, ERR_CORRUPT, "'%s' in '%s' is not a plain "
		    "file", path, r->name);
	if (!archive_entry_size_is_set(en) ||
	    (size >= 0 && archive_entry_size(en) != size))
		return err_set(e, ERR_CORRUPT, "'%s' in '%s' is not as long "
		    "as its manifest says", path, r->name);
	return 0;
}

/* The content of the entry, at most max bytes, appended to b. */
static int
read_small(struct bundle_reader *r, struct buf *b, size_t max, struct err *e)
{
	la_ssize_t n;
	char *to;

	for (;;) {
		to = buf_reserve(b, PIECE);
		if ((n = archive_read_data(r->a, to, PIECE)) < 0)
			return fail(r, e);
		if (n == 0)
			return 0;
		b->len += (size_t)n;
		b->p[b->len] = '\0';
		if (b->len > max)
			return damaged(r, "its manifest is too long", e);
	}
}

/* Compression is the caller's: say so, rather than that it is damaged. */
static const char *
unpacker(const struct bundle_reader *r)
{
	static const struct {
		const char *magic;
		size_t len;
		const char *command;
	} known[] = {
		{ "\x28\xb5\x2f\xfd", 4, "zstd -dc" },
		{ "\x1f\x8b", 2, "gzip -dc" },
		{ "\xfd" "7zXZ", 5, "xz -dc" },
		{ "BZh", 3, "bzip2 -dc" },
	};
	size_t i;

	for (i = 0; i < sizeof known / sizeof *known; i++)
		if (r->bytes >= (int64_t)known[i].len &&
		    memcmp(r->first, known[i].magic, known[i].len) == 0)
			return known[i].command;
	return NULL;
}

/* The first entry of anything, before it is believed to be ours. */
static int
open_first(struct bundle_reader *r, struct err *e)
{
	struct archive_entry *en;
	const char *name, *command;
	int rc = archive_read_next_header(r->a, &en);

	if (r->read_err.code != ERR_NONE)
		return fail(r, e);
	if (r->bytes == 0)
		return err_set(e, ERR_CORRUPT, "'%s' is empty", r->name);
	if (rc != ARCHIVE_OK && (command = unpacker(r)) != NULL)
		return err_set(e, ERR_CORRUPT, "'%s' is compressed; give it "
		    "through '%s' and read '-'", r->name, command);
	name = rc == ARCHIVE_OK ? archive_entry_pathname(en) : NULL;
	if (name == NULL || strcmp(name, BUNDLE_MANIFEST) != 0 ||
	    archive_entry_filetype(en) != AE_IFREG)
		return err_set(e, ERR_CORRUPT, "'%s' is not a bundle of "
		    "memkit, or cut off in its first bytes", r->name);
	return 0;
}

static int
read_manifest(struct bundle_reader *r, struct err *e)
{
	struct buf b = BUF_INIT;
	int rc = -1;

	if (open_first(r, e) == 0 &&
	    read_small(r, &b, BUNDLE_MANIFEST_MAX, e) == 0 &&
	    (rc = bundle_list_read(&r->list, b.p, b.len, e)) < 0)
		err_add(e, e->code == ERR_CORRUPT ? "'%s' was altered, use "
		    "another copy of it: its manifest: " : "'%s': ", r->name);
	buf_release(&b);
	return rc;
}

int
bundle_open(struct bundle_reader **out, int fd, const char *name,
    struct err *e)
{
	struct bundle_reader *r = xcalloc(1, sizeof *r);
	int rc = -1;

	r->fd = fd;
	r->name = xstrdup(name);
	r->room = xmalloc(PIECE);
	hash_init(&r->hash);
	if ((r->a = archive_read_new()) == NULL)
		alloc_fail();
	if (archive_read_support_format_tar(r->a) != ARCHIVE_OK ||
	    archive_read_open(r->a, r, NULL, get, NULL) != ARCHIVE_OK) {
		/* here, too, the first bytes are read */
		if (r->read_err.code != ERR_NONE)
			fail(r, e);
		else
			open_first(r, e);
	} else
		rc = read_manifest(r, e);
	if (rc < 0)
		bundle_close(r);
	else
		*out = r;
	return rc;
}

void
bundle_close(struct bundle_reader *r)
{
	if (r == NULL)
		return;
	archive_read_free(r->a);
	bundle_list_release(&r->list);
	free(r->name);
	free(r->room);
	free(r);
}

const struct bundle_list *
bundle_contents(const struct bundle_reader *r)
{
	return &r->list;
}

/* --- the end ----------------------------------------------------------- */

/* header, "HEX\n" in a block, two blocks of zeros. */
static int
check_tail(struct bundle_reader *r, struct err *e)
{
	uint8_t is[HASH_LEN], said[HASH_LEN];
	const char *p = r->tail + BLOCK;
	size_t i;

	if (r->tail_len != BUNDLE_TAIL)
		return damaged(r, "its end is missing", e);
	hash_end(&r->hash, is);
	for (i = HASH_HEX + 1; i < BUNDLE_TAIL - BLOCK; i++)
		if (p[i] != '\0')
			return damaged(r, "its end is not where it should be",
			    e);
	if (!hex_decode(said, p, HASH_LEN) || p[HASH_HEX] != '\n' ||
	    memcmp(is, said, HASH_LEN) != 0)
		return damaged(r, "its bytes are not those that were written",
		    e);
	return 0;
}

static int
read_end(struct bundle_reader *r, struct err *e)
{
	struct archive_entry *en;
	struct buf b = BUF_INIT;
	ssize_t n;
	int rc;

	if (expect(r, BUNDLE_SEAL, HASH_HEX + 1, e) < 0)
		return -1;
	rc = read_small(r, &b, HASH_HEX + 1, e);
	buf_release(&b);
	if (rc < 0)
		return -1;
	if ((rc = archive_read_next_header(r->a, &en)) != ARCHIVE_EOF)
		return rc == ARCHIVE_OK ? damaged(r, "something follows its "
		    "end", e) : fail(r, e);
	/* libarchive stops at the zeros; what follows is looked at too */
	while ((n = get_piece(r)) > 0)
		;
	return n < 0 ? fail(r, e) : check_tail(r, e);
}

int
bundle_next(struct bundle_reader *r, const struct bundle_file **out,
    struct err *e)
{
	const struct bundle_file *f;

	if (r->pending && bundle_read(r, -1, "", e) < 0)
		return -1;
	if (r->at == r->list.n)
		return read_end(r, e);
	f = &r->list.v[r->at++];
	if (expect(r, f->path, f->size, e) < 0)
		return -1;
	r->pending = true;
	*out = f;
	return 1;
}

int
bundle_read_to(struct bundle_reader *r, const struct seal_sink *to,
    struct err *e)
{
	const struct bundle_file *f = &r->list.v[r->at - 1];
	char *room = xmalloc(PIECE);
	uint8_t hash[HASH_LEN];
	int64_t left = f->size;
	struct hash h;
	la_ssize_t n;
	int rc = 0;

	r->pending = false;
	hash_init(&h);
	while (rc == 0 && (n = archive_read_data(r->a, room, PIECE)) != 0) {
		if (n < 0)
			rc = fail(r, e);
		else if (n > left)
			rc = damaged(r, "a file is too long", e);
		else {
			hash_add(&h, room, (size_t)n);
			left -= n;
			if (to != NULL)
				rc = to->put(to->arg, room, (size_t)n, e);
		}
	}
	free(room);
	if (rc < 0)
		return -1;
	hash_end(&h, hash);
	if (left != 0 || memcmp(hash, f->hash, HASH_LEN) != 0)
		return err_set(e, ERR_CORRUPT, "'%s' in '%s' is not what its "
		    "manifest says; use another copy of it", f->path, r->name);
	return 0;
}

int
bundle_read(struct bundle_reader *r, int fd, const char *name, struct err *e)
{
	struct seal_fd where = { fd, name };
	const struct seal_sink sink = seal_to_fd(&where);

	return bundle_read_to(r, fd >= 0 ? &sink : NULL, e);
}

int
bundle_read_new(struct bundle_reader *r, const char *path, struct err *e)
{
	int rc, fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_sys(e, "cannot make '%s'", path);
	rc = bundle_read(r, fd, path, e);
	if (close(fd) < 0 && rc == 0)
		rc = err_sys(e, "cannot write '%s'", path);
	return rc;
}
