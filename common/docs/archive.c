#include "docs/archive.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/map.h"
#include "base/str.h"
#include "docs/document_id.h"
#include "docs/media.h"
#include "docs/spool.h"

#include <archive.h>
#include <archive_entry.h>

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#define PIECE ((size_t)64 << 10)
#define KEPT ((size_t)1 << 20)	/* bytes in memory of what is kept */
#define RATIO_FROM (INT64_C(1) << 20)	/* bytes */

struct reading {
	struct archive *a;	/* own */
	struct docs_in *in;	/* borrowed; what it is read from, or */
	int fd;			/* this, from place at on, unless it is -1 */
	const struct spool *kept;	/* borrowed; this, the same, or NULL */
	int64_t at, size;
	char *room;		/* own; PIECE bytes */
	int64_t taken, given;	/* bytes that went in, that came out */
	const struct docs_limits *limits;
	struct docs_spent *spent;
	const struct archive_sink *sink;
	const char *name;
	struct map seen;	/* names */
	struct buf path;	/* of the member at hand */
	struct err in_err;	/* of in */
	struct err over;	/* a limit is reached: it is over */
};

/* --- what it is read from ---------------------------------------------- */

static la_ssize_t
take(struct archive *a, void *arg, const void **p)
{
	struct reading *g = arg;
	int64_t n;

	*p = g->room;
	if (g->fd >= 0) {
		while ((n = pread(g->fd, g->room, PIECE, (off_t)g->at)) < 0 &&
		    errno == EINTR)
			;
		if (n < 0)
			err_sys(&g->in_err, "cannot read");
	} else if (g->kept != NULL)
		n = spool_read(g->kept, g->at, g->room, PIECE, &g->in_err);
	else
		n = docs_in_read(g->in, g->room, PIECE, &g->in_err);
	if (n < 0) {
		archive_set_error(a, EIO, "%s", g->in_err.msg);
		return ARCHIVE_FATAL;
	}
	g->at += n;
	g->taken += n;
	return (la_ssize_t)n;
}

static la_int64_t
seek(struct archive *a, void *arg, la_int64_t to, int whence)
{
	struct reading *g = arg;

	(void)a;
	if (whence == SEEK_CUR)
		to += g->at;
	else if (whence == SEEK_END)
		to += g->size;
	if (to < 0 || to > g->size)
		return ARCHIVE_FATAL;
	return g->at = to;
}

static la_int64_t
skip(struct archive *a, void *arg, la_int64_t n)
{
	struct reading *g = arg;

	(void)a;
	if (n > g->size - g->at)
		n = g->size - g->at;
	g->at += n;
	return n;
}

/* Formats that libarchive reads by itself: none that names other files
 * (mtree), and no filter that runs a program. */
static void
allow(struct archive *a, bool packed)
{
	archive_read_support_filter_gzip(a);
	archive_read_support_filter_bzip2(a);
	archive_read_support_filter_xz(a);
	archive_read_support_filter_lzma(a);
	archive_read_support_filter_lzip(a);
	archive_read_support_filter_zstd(a);
	archive_read_support_filter_lz4(a);
	archive_read_support_filter_compress(a);
	archive_read_support_format_tar(a);
	archive_read_support_format_zip(a);
	archive_read_support_format_7zip(a);
	archive_read_support_format_cpio(a);
	archive_read_support_format_iso9660(a);
	archive_read_support_format_xar(a);
	archive_read_support_format_ar(a);
	archive_read_support_format_cab(a);
	archive_read_support_format_lha(a);
	archive_read_support_format_rar(a);
	archive_read_support_format_rar5(a);
	if (packed)
		archive_read_support_format_raw(a);
}

static int
broken(struct reading *g, struct err *e)
{
	const char *why = archive_error_string(g->a);

	if (why == NULL)
		why = "unknown error";
	if (g->in_err.code != ERR_NONE)
		*e = g->in_err;
	else
		err_set(e, ERR_INPUT, "the archive is broken: %.*s",
		    (int)strcspn(why, "\n"), why);
	return -1;
}

/* --- limits ------------------------------------------------------------ */

static int
spend(struct reading *g, int64_t n, struct err *e)
{
	const struct docs_limits *l = g->limits;

	g->given += n;
	g->spent->bytes += n;
	if (g->spent->bytes > l->total)
		err_set(&g->over, ERR_INPUT, "it unpacks to more than %" PRId64
		    " bytes; docs.maxTotal in memkit.conf(5) allows more",
		    l->total);
	else if (g->given > RATIO_FROM && g->given / l->ratio > g->taken)
		err_set(&g->over, ERR_INPUT, "it unpacks to more than %" PRId64
		    " times its size; docs.maxRatio in memkit.conf(5) allows "
		    "more", l->ratio);
	else
		return 0;
	*e = g->over;
	return -1;
}

static int64_t
read_member(void *arg, void *p, size_t max, struct err *e)
{
	struct reading *g = arg;
	la_ssize_t n;

	if (g->over.code != ERR_NONE) {
		*e = g->over;
		return -1;
	}
	if ((n = archive_read_data(g->a, p, max)) < 0)
		return broken(g, e);
	return spend(g, (int64_t)n, e) < 0 ? -1 : (int64_t)n;
}

static int
one_more(struct reading *g, struct err *e)
{
	if (++g->spent->entries <= g->limits->entries)
		return 0;
	return err_set(e, ERR_INPUT, "there are more than %" PRId64 " entries; "
	    "docs.maxEntries in memkit.conf(5) allows more",
	    g->limits->entries);
}

/* --- names ------------------------------------------------------------- */

static const char *
name_of(struct archive_entry *entry)
{
	const char *s = archive_entry_pathname_utf8(entry);

	return s != NULL ? s : archive_entry_pathname(entry);
}

/* Made plain; or why it is none of ours. */
static const char *
clean(struct buf *b, const char *s)
{
	const char *why = NULL;
	size_t n;

	if (*s == '/' || *s == '\\' || (*s != '\0' && s[1] == ':' &&
	    (s[2] == '\\' || s[2] == '/')))
		why = "its name begins at the root";
	for (; *s != '\0'; s += n + (s[n] != '\0')) {
		n = strcspn(s, "/\\");
		if (n == 2 && s[0] == '.' && s[1] == '.')
			why = "its name climbs out of the archive";
		if (n == 0 || (n == 1 && *s == '.'))
			continue;
		if (b->len > 0)
			buf_addc(b, '/');
		docs_put_plain(b, s, n);
	}
	return why != NULL ? why : b->len == 0 ? "it has no name" : NULL;
}

/* x.md.gz holds x.md, which bears no name of its own. */
static void
unpacked_name(struct buf *b, const char *name)
{
	const char *slash = strrchr(name, '/'), *base, *dot;

	base = slash != NULL ? slash + 1 : name;
	dot = strrchr(base, '.');
	docs_put_plain(b, base, dot != NULL && dot != base ?
	    (size_t)(dot - base) : strlen(base));
	if (b->len == 0)
		buf_adds(b, "data");
}

static const char *
why_not(struct reading *g, struct archive_entry *entry)
{
	const char *why = NULL;
	const char *s = name_of(entry);
	int made;

	buf_reset(&g->path);
	if (archive_format(g->a) == ARCHIVE_FORMAT_RAW)
		unpacked_name(&g->path, g->name);
	else
		why = clean(&g->path, s != NULL ? s : "");
	if (why != NULL)
		return why;
	if (archive_entry_hardlink(entry) != NULL ||
	    archive_entry_filetype(entry) == AE_IFLNK)
		return "it is a link";
	if (archive_entry_filetype(entry) != AE_IFREG)
		return "it is no regular file";
	if (archive_entry_is_encrypted(entry))
		return "it is encrypted";
	map_put(&g->seen, g->path.p, &made);
	return made ? NULL : "its name is there twice";
}

/* --- members ----------------------------------------------------------- */

/* Is what nobody reads passed over as it is, or unpacked for that? */
static bool
passes(const struct reading *g)
{
	int base = archive_format(g->a) & ARCHIVE_FORMAT_BASE_MASK;

	return (g->fd >= 0 || g->kept != NULL) &&
	    archive_filter_count(g->a) <= 1 &&
	    (base == ARCHIVE_FORMAT_ZIP || base == ARCHIVE_FORMAT_TAR ||
	    base == ARCHIVE_FORMAT_CPIO || base == ARCHIVE_FORMAT_ISO9660 ||
	    base == ARCHIVE_FORMAT_AR);
}

/* The rest of a member counts if it is unpacked.  What is broken in it the
 * next header tells, if it matters. */
static int
drain(struct reading *g, struct err *e)
{
	struct err ignored;
	char room[8192];

	if (!passes(g))
		while (g->over.code == ERR_NONE && read_member(g, room,
		    sizeof room, &ignored) > 0)
			;
	if (g->over.code == ERR_NONE)
		return 0;
	*e = g->over;
	return -1;
}

static int
member(struct reading *g, struct archive_entry *entry, struct err *e)
{
	struct docs_member m = { .mtime_ms = INT64_MIN };
	const char *why;

	if (one_more(g, e) < 0)
		return -1;
	if (archive_entry_filetype(entry) == AE_IFDIR)
		return 0;
	if ((why = why_not(g, entry)) != NULL)
		return g->sink->refused(g->sink->arg, g->path.p, why, e) < 0 ?
		    -1 : drain(g, e);
	m.path = g->path.p;
	if (archive_entry_mtime_is_set(entry) &&
	    archive_entry_mtime(entry) > 0 &&
	    archive_entry_mtime(entry) < INT64_MAX / 1000)
		m.mtime_ms = (int64_t)archive_entry_mtime(entry) * 1000;
	m.in = (struct docs_in){ .read = read_member, .arg = g,
	    .name = m.path, .size = archive_entry_size_is_set(entry) ?
	    (int64_t)archive_entry_size(entry) : -1,
	    .most = g->limits->bytes };
	return g->sink->member(g->sink->arg, &m, e) < 0 ? -1 : drain(g, e);
}

static int
members(struct reading *g, struct err *e)
{
	struct archive_entry *entry;
	int r;

	while ((r = archive_read_next_header(g->a, &entry)) != ARCHIVE_EOF) {
		if (r == ARCHIVE_RETRY)
			continue;
		if (r < ARCHIVE_WARN)
			return broken(g, e);
		if (member(g, entry, e) < 0)
			return -1;
	}
	return 0;
}

static int
read_it(struct reading *g, bool packed, struct err *e)
{
	g->a = archive_read_new();
	if (g->a == NULL)
		alloc_fail();
	allow(g->a, packed);
	archive_read_set_callback_data(g->a, g);
	archive_read_set_read_callback(g->a, take);
	if (g->fd >= 0 || g->kept != NULL) {
		archive_read_set_seek_callback(g->a, seek);
		archive_read_set_skip_callback(g->a, skip);
	}
	if (archive_read_open1(g->a) != ARCHIVE_OK)
		return broken(g, e);
	return members(g, e);
}

/* --- what may not be sought in ----------------------------------------- */

static int
keep(struct docs_in *in, struct spool *s, struct err *e)
{
	char *room = xmalloc(PIECE);
	int64_t n;

	while ((n = docs_in_read(in, room, PIECE, e)) > 0)
		if (spool_add(s, room, (size_t)n, e) < 0) {
			e->code = ERR_INPUT;	/* no room for this one */
			n = -1;
			break;
		}
	free(room);
	return n < 0 ? -1 : 0;
}

int
docs_archive_read(struct docs_in *in, int fd, const char *type,
    const char *name, const struct docs_limits *limits,
    struct docs_spent *spent, const struct archive_sink *sink, struct err *e)
{
	struct reading g = { .in = in, .fd = fd, .limits = limits,
	    .spent = spent, .sink = sink, .name = name, .path = BUF_INIT };
	struct spool kept;
	struct stat st;
	int r = 0;

	if (spent->nest >= limits->nest)
		return err_set(e, ERR_INPUT, "archives lie in each other more "
		    "than %" PRId64 " deep; docs.maxDepth in memkit.conf(5) "
		    "allows more", limits->nest);
	spool_init(&kept, KEPT);
	if (fd >= 0 && fstat(fd, &st) == 0)
		g.size = (int64_t)st.st_size;
	else if (media_seeks(type)) {
		r = keep(in, &kept, e);
		g.kept = &kept;
		g.size = spool_len(&kept);
	}
	spent->nest++;
	if (r == 0) {
		g.room = xmalloc(PIECE);
		r = read_it(&g, media_is_packed(type), e);
	}
	spent->nest--;
	archive_read_free(g.a);
	free(g.room);
	map_release(&g.seen);
	buf_release(&g.path);
	spool_release(&kept);
	return r;
}
