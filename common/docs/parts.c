/*
 * libarchive's reader of zips that seeks, so that what counts is the central
 * directory.  It has no access by name: a reader of its own goes to a large
 * part, and the one that was used last goes on where that is ahead, as it is
 * when sheets come one after the other.  Small texts (relations, slides) would
 * cost too much so, and are kept from the first pass.
 */
#include "docs/parts.h"

#include "base/alloc.h"
#include "base/map.h"
#include "base/str.h"
#include "docs/spool.h"

#include <archive.h>
#include <archive_entry.h>

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

#define KEPT ((int64_t)256 << 10)	/* bytes; a larger part is not kept */
#define MEMORY ((size_t)8 << 20)	/* of the document, and of the kept */
#define PIECE 16384
#define TIMES 8			/* that one part is asked for, at most */
#define FREE_RATIO ((int64_t)1 << 20)	/* bytes that any may unpack to */

struct part {
	int64_t size;		/* as the directory says */
	int64_t at;		/* in kept; -1: is not */
	int64_t unpacked;	/* bytes that were seen of it */
	size_t index;		/* of its entry */
	int times;		/* that it was asked for */
};

struct reader {
	struct parts *of;
	struct archive *a;	/* own */
	int64_t at;		/* of the document, bytes */
	size_t next;		/* entry that comes next */
	struct err why;		/* of the bytes */
	char room[PIECE];
};

struct parts {
	struct spool packed, kept;
	const struct docs_limits *limits;	/* borrowed */
	struct map names, folded;	/* of index + 1 into part */
	struct part *part;		/* own */
	size_t n, cap;
	int64_t unpacked;	/* bytes, of all parts */
	struct reader *idle;	/* own; NULL: there is none */
};

struct part_in {
	struct docs_in in;
	struct parts *of;
	struct part *part;
	struct reader *r;	/* own; NULL: it is kept */
	int64_t at;
};

/* --- libarchive -------------------------------------------------------- */

/* Names are converted by the locale, which is nobody's here. */
static locale_t
locale_utf8(void)
{
	static const char *const names[] = { "C.UTF-8", "en_US.UTF-8" };
	static locale_t l;
	size_t i;

	for (i = 0; l == (locale_t)0 && i < 2; i++)
		l = newlocale(LC_CTYPE_MASK, names[i], (locale_t)0);
	return l != (locale_t)0 ? l : LC_GLOBAL_LOCALE;
}

static la_ssize_t
get(struct archive *a, void *arg, const void **p)
{
	struct reader *r = arg;
	const struct spool *s = &r->of->packed;
	int64_t n = spool_len(s) - r->at;

	if (s->fd < 0) {
		*p = s->end.p + r->at;
	} else {
		*p = r->room;
		n = spool_read(s, r->at, r->room, sizeof r->room, &r->why);
		if (n < 0)
			archive_set_error(a, EIO, "read failed");
	}
	if (n > 0)
		r->at += n;
	return (la_ssize_t)n;
}

static la_int64_t
go_to(struct archive *a, void *arg, la_int64_t by, int whence)
{
	struct reader *r = arg;
	int64_t len = spool_len(&r->of->packed), from;

	(void)a;
	from = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? r->at : len;
	if (by < -from || by > len - from)
		return ARCHIVE_FATAL;
	return r->at = from + by;
}

static la_int64_t
skip(struct archive *a, void *arg, la_int64_t n)
{
	struct reader *r = arg;
	int64_t left = spool_len(&r->of->packed) - r->at;

	(void)a;
	if (n > left)
		n = left;
	r->at += n;
	return n;
}

static int
fail(const struct reader *r, const char *what, struct err *e)
{
	const char *why = archive_error_string(r->a);

	if (r->why.code != ERR_NONE) {
		*e = r->why;
		return -1;
	}
	if (why == NULL)
		why = "unknown";
	/* some of them have a second line */
	return err_set(e, ERR_INPUT, "%s: %.*s; it is cut off or damaged, use "
	    "another copy", what, (int)strcspn(why, "\n"), why);
}

static void
reader_free(struct reader *r)
{
	if (r == NULL)
		return;
	archive_read_free(r->a);
	free(r);
}

static int
reader_new(struct reader **out, struct parts *p, struct err *e)
{
	struct reader *r = xcalloc(1, sizeof *r);

	r->of = p;
	if ((r->a = archive_read_new()) == NULL)
		alloc_fail();
	archive_read_support_format_zip_seekable(r->a);
	archive_read_set_read_callback(r->a, get);
	archive_read_set_seek_callback(r->a, go_to);
	archive_read_set_skip_callback(r->a, skip);
	archive_read_set_callback_data(r->a, r);
	if (archive_read_open1(r->a) != ARCHIVE_OK) {
		fail(r, "is no zipped document", e);
		reader_free(r);
		return -1;
	}
	*out = r;
	return 0;
}

/* 1, 0 the end. */
static int
reader_next(struct reader *r, struct archive_entry **en, struct err *e)
{
	locale_t old = uselocale(locale_utf8());
	int rc = archive_read_next_header(r->a, en);

	uselocale(old);
	if (rc == ARCHIVE_EOF)
		return 0;
	if (rc < ARCHIVE_WARN)
		return fail(r, "its directory cannot be read", e);
	r->next++;
	return 1;
}

/* --- limits ------------------------------------------------------------ */

/* So many bytes of a part have been unpacked.  What is read again does not
 * count again. */
static int
count(struct parts *p, struct part *part, int64_t bytes, struct err *e)
{
	int64_t packed = spool_len(&p->packed), most = p->limits->bytes;

	if (bytes > part->unpacked) {
		p->unpacked += bytes - part->unpacked;
		part->unpacked = bytes;
	}
	if (p->unpacked > most)
		return err_set(e, ERR_INPUT, "unpacks to more than %" PRId64
		    " bytes (docs.maxBytes)", most);
	if (p->unpacked > FREE_RATIO &&
	    p->unpacked / p->limits->ratio > packed)
		return err_set(e, ERR_INPUT, "unpacks to more than %" PRId64
		    " times its size, as a bomb does (docs.maxRatio)",
		    p->limits->ratio);
	return 0;
}

/* Relative, without "..", and without what no name has. */
static bool
is_safe(const char *name)
{
	const char *s = name;

	if (*s == '\0' || *s == '/' || strchr(s, '\\') != NULL ||
	    (s[1] == ':' && s[2] == '/'))
		return false;
	for (; s != NULL; s = (s = strchr(s, '/')) != NULL ? s + 1 : NULL)
		if (s[0] == '.' && s[1] == '.' && (s[2] == '/' || !s[2]))
			return false;
	return true;
}

static bool
is_text(const char *name)
{
	static const char *const ends[] = { ".xml", ".rels", ".opf", ".ncx",
	    ".xhtml", ".html", ".htm", "mimetype" };
	size_t i;

	for (i = 0; i < sizeof ends / sizeof *ends; i++)
		if (str_ends(name, ends[i]))
			return true;
	return false;
}

/* --- what there is ----------------------------------------------------- */

static struct part *
find(const struct parts *p, const char *name)
{
	union map_value *v = map_get(&p->names, name);
	char *low;

	if (v == NULL) {
		low = xstrdup(name);
		str_lower(low);
		v = map_get(&p->folded, low);
		free(low);
	}
	return v != NULL ? &p->part[v->i - 1] : NULL;
}

static int
keep(struct parts *p, struct reader *r, const char *name, struct part *part,
    struct err *e)
{
	char room[PIECE];
	int64_t n, all = 0;

	part->at = spool_len(&p->kept);
	while ((n = archive_read_data(r->a, room, sizeof room)) > 0) {
		all += n;
		if (all > part->size)
			return err_set(e, ERR_INPUT, "part '%s' has more "
			    "bytes than the directory says; use another "
			    "copy", name);
		if (count(p, part, all, e) < 0 ||
		    spool_add(&p->kept, room, (size_t)n, e) < 0)
			return -1;
	}
	part->size = all;
	if (n == 0)
		return 0;
	fail(r, "cannot be unpacked", e);
	return err_add(e, "part '%s'", name);
}

static int
add(struct parts *p, struct reader *r, struct archive_entry *en,
    struct err *e)
{
	const char *raw = archive_entry_pathname_utf8(en);
	char *name, *s;
	int rc = -1, made;
	struct part *part;

	if (raw == NULL && (raw = archive_entry_pathname(en)) == NULL)
		return 0;		/* nobody can ask for it */
	if (archive_entry_filetype(en) == AE_IFDIR)
		return 0;
	name = xstrdup(raw);
	for (s = name; (s = strchr(s, '\\')) != NULL; )
		*s = '/';		/* so some writers of OPC have it */
	if (!is_safe(name))
		err_set(e, ERR_INPUT, "holds '%s', a name that leads out",
		    name);
	else if (archive_entry_filetype(en) != AE_IFREG)
		err_set(e, ERR_INPUT, "holds '%s', which is no file", name);
	else if (archive_entry_is_encrypted(en))
		err_set(e, ERR_INPUT, "is encrypted; save it without a "
		    "password");
	else if (map_put(&p->names, name, &made)->i = (int64_t)p->n + 1, !made)
		err_set(e, ERR_INPUT, "holds '%s' twice", name);
	else {
		p->part = xgrow(p->part, p->n, &p->cap, sizeof *p->part);
		part = &p->part[p->n++];
		*part = (struct part){ .size = archive_entry_size(en),
		    .at = -1, .index = r->next - 1 };
		rc = part->size <= KEPT && is_text(name) ?
		    keep(p, r, name, part, e) : 0;
		str_lower(name);
		map_put(&p->folded, name, &made)->i = (int64_t)p->n;
	}
	free(name);
	return rc;
}

static int
add_all(struct parts *p, struct err *e)
{
	struct archive_entry *en;
	struct reader *r;
	int rc;

	if (reader_new(&r, p, e) < 0)
		return -1;
	while ((rc = reader_next(r, &en, e)) == 1) {
		if ((int64_t)r->next > p->limits->entries)
			rc = err_set(e, ERR_INPUT, "has more than %" PRId64
			    " entries (docs.maxEntries)", p->limits->entries);
		else
			rc = add(p, r, en, e);
		if (rc < 0)
			break;
	}
	reader_free(r);
	return rc;
}

static int
take_input(struct parts *p, struct docs_in *in, struct err *e)
{
	static const char cfb[] = "\xd0\xcf\x11\xe0";
	char room[PIECE], first[4] = "";
	int64_t n;

	while ((n = docs_in_read(in, room, sizeof room, e)) > 0) {
		if (spool_len(&p->packed) == 0 && n >= 4)
			memcpy(first, room, 4);
		if (spool_add(&p->packed, room, (size_t)n, e) < 0)
			return -1;
	}
	if (n < 0)
		return -1;
	if (memcmp(first, cfb, 4) == 0)
		return err_set(e, ERR_INPUT, "is encrypted, or in the format "
		    "of Office before 2007; save it without a password, in "
		    "the one of today");
	return 0;
}

int
parts_open(struct parts **out, struct docs_in *in,
    const struct docs_limits *limits, struct err *e)
{
	struct parts *p = xcalloc(1, sizeof *p);

	p->limits = limits;
	spool_init(&p->packed, MEMORY);
	spool_init(&p->kept, MEMORY);
	if (take_input(p, in, e) < 0 || add_all(p, e) < 0) {
		parts_close(p);
		return -1;
	}
	*out = p;
	return 0;
}

void
parts_close(struct parts *p)
{
	if (p == NULL)
		return;
	reader_free(p->idle);
	spool_release(&p->packed);
	spool_release(&p->kept);
	map_release(&p->names);
	map_release(&p->folded);
	free(p->part);
	free(p);
}

bool
parts_has(const struct parts *p, const char *name)
{
	return find(p, name) != NULL;
}

/* --- the bytes of one -------------------------------------------------- */

static int64_t
read_kept(void *arg, void *to, size_t max, struct err *e)
{
	struct part_in *in = arg;
	int64_t n = in->part->size - in->at;

	if (n > (int64_t)max)
		n = (int64_t)max;
	n = spool_read(&in->of->kept, in->part->at + in->at, to, (size_t)n, e);
	if (n > 0)
		in->at += n;
	return n;
}

static int64_t
read_packed(void *arg, void *to, size_t max, struct err *e)
{
	struct part_in *in = arg;
	int64_t n = archive_read_data(in->r->a, to, max);

	if (n < 0)
		return fail(in->r, "cannot be unpacked", e);
	in->at += n;
	return count(in->of, in->part, in->at, e) < 0 ? -1 : n;
}

/* A reader that stands on the entry of a part. */
static int
reader_at(struct reader **out, struct parts *p, const struct part *part,
    struct err *e)
{
	struct archive_entry *en;
	struct reader *r = p->idle;
	int rc = 1;

	p->idle = NULL;
	if (r != NULL && r->next > part->index) {
		reader_free(r);
		r = NULL;
	}
	if (r == NULL && reader_new(&r, p, e) < 0)
		return -1;
	while (rc == 1 && r->next <= part->index)
		rc = reader_next(r, &en, e);
	if (rc != 1) {
		if (rc == 0)
			err_set(e, ERR_INPUT, "changes as it is read");
		reader_free(r);
		return -1;
	}
	*out = r;
	return 0;
}

int
parts_begin(struct parts *p, const char *name, struct docs_in **out,
    struct err *e)
{
	struct part *part = find(p, name);
	struct reader *r = NULL;
	struct part_in *in;

	if (part == NULL)
		return 0;
	if (++part->times > TIMES)
		return err_set(e, ERR_INPUT, "names part '%s' again and "
		    "again", name);
	if (part->at < 0 && reader_at(&r, p, part, e) < 0)
		return -1;
	in = xcalloc(1, sizeof *in);
	in->of = p;
	in->part = part;
	in->r = r;
	in->in = (struct docs_in){ .arg = in, .name = name,
	    .read = r != NULL ? read_packed : read_kept, .size = part->size,
	    .most = p->limits->bytes };
	*out = &in->in;
	return 1;
}

void
parts_end(struct docs_in *docs_in)
{
	struct part_in *in;

	if (docs_in == NULL)
		return;
	in = docs_in->arg;
	if (in->r != NULL) {
		reader_free(in->of->idle);
		in->of->idle = in->r;
	}
	free(in);
}

int
parts_read(struct parts *p, const char *name, struct buf *out, struct err *e)
{
	struct docs_in *in = NULL;
	size_t len = out->len;
	int64_t n = 0;
	int r;

	if ((r = parts_begin(p, name, &in, e)) != 1)
		return r;
	do {
		out->len += (size_t)n;
		if ((int64_t)(out->len - len) > p->limits->part)
			n = err_set(e, ERR_INPUT, "part '%s' has more than %"
			    PRId64 " bytes (docs.maxPart)", name,
			    p->limits->part);
		else
			n = docs_in_read(in, buf_reserve(out, PIECE), PIECE, e);
	} while (n > 0);
	buf_cut(out, n < 0 ? len : out->len);
	parts_end(in);
	return n < 0 ? -1 : 1;
}

/* --- references -------------------------------------------------------- */

static int
hex(int c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ?
	    c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* One more step, of n bytes; 0: it leads out. */
static int
step(struct buf *out, size_t top, const char *p, size_t n)
{
	if (n == 0 || (n == 1 && *p == '.'))
		return 1;
	if (n == 2 && p[0] == '.' && p[1] == '.') {
		if (out->len == top)
			return 0;
		while (out->len > top && out->p[out->len - 1] != '/')
			buf_cut(out, out->len - 1);
		if (out->len > top)
			buf_cut(out, out->len - 1);
		return 1;
	}
	if (out->len > top)
		buf_addc(out, '/');
	buf_add(out, p, n);
	return 1;
}

int
parts_path(struct buf *out, const char *from, const char *ref, bool percent)
{
	size_t i, n = strcspn(ref, "#?"), top = out->len, k;
	const char *slash = strrchr(from, '/');
	struct buf plain = BUF_INIT;
	int good = 1;

	for (i = 0; i < n; i++)
		if (percent && ref[i] == '%' && i + 2 < n &&
		    hex(ref[i + 1]) >= 0 && hex(ref[i + 2]) >= 0) {
			buf_addc(&plain, hex(ref[i + 1]) << 4 |
			    hex(ref[i + 2]));
			i += 2;
		} else
			buf_addc(&plain, ref[i]);
	if (n > 0 && memchr(ref, ':', n) != NULL)
		good = 0;		/* http:, file:, C: */
	if (slash != NULL && ref[0] != '/')
		buf_add(out, from, (size_t)(slash - from));
	if (plain.len == 0) {		/* only a place in itself */
		buf_cut(out, top);
		buf_adds(out, from);
	}
	for (i = 0; good && i < plain.len; i += k + 1) {
		k = strcspn(plain.p + i, "/");
		good = step(out, top, plain.p + i, k);
	}
	buf_release(&plain);
	if (!good)
		buf_cut(out, top);
	return good;
}
