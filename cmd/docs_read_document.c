#include "cmd/docs_read.h"

#include "base/alloc.h"
#include "docs/media.h"
#include "docs/readers.h"
#include "index/fold.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A document whose first bytes were looked at: they are read once more. */
struct looked {
	struct docs_in *under;	/* borrowed */
	char *head;		/* own */
	size_t len, at;
};

static int64_t
read_looked(void *arg, void *p, size_t max, struct err *e)
{
	struct looked *l = arg;
	size_t n = l->len - l->at;

	if (n == 0)
		return docs_in_read(l->under, p, max, e);
	if (n > max)
		n = max;
	memcpy(p, l->head + l->at, n);
	l->at += n;
	return (int64_t)n;
}

/* What could not be read is said, and the others go on. */
static int
unread(struct docs_read *d, const char *path, const char *kind,
    const struct err *why, struct err *e)
{
	if (d->lost) {
		*e = *why;
		return -1;
	}
	return docs_read_unread(d, path, kind, why->msg, false, e);
}

static bool
is_hidden(const char *path)
{
	const char *s;

	for (s = path; s != NULL; s = strchr(s, '/')) {
		s += *s == '/';
		if (*s == '.' || strncmp(s, "__MACOSX/", 9) == 0)
			return true;
	}
	return false;
}

/* --- archives ---------------------------------------------------------- */

struct inside {
	struct docs_read *d;
	const char *path;	/* of the archive */
	int64_t mtime_ms;
	struct buf name;	/* of a member, below that */
};

static const char *
below(struct inside *n, const char *member)
{
	char *composed = fold_composed(member, strlen(member));

	buf_reset(&n->name);
	buf_addf(&n->name, "%s/%s", n->path, composed);
	free(composed);
	return n->name.p;
}

/* The next member; false: it is none of those to be told of.  An archive that
 * has the last one of those before is looked into again. */
static bool
next(struct docs_read *d)
{
	const struct docs_at *a = &d->after;
	struct docs_at *m = &d->at;
	size_t i;

	m->at[m->n - 1]++;
	for (i = 0; i < m->n && i < a->n; i++)
		if (m->at[i] != a->at[i])
			return m->at[i] > a->at[i];
	return m->n != a->n;
}

static int
member(void *arg, struct docs_member *m, struct err *e)
{
	struct inside *n = arg;
	struct inside own = *n;
	int r;

	if (!next(n->d))
		return 0;
	if (!n->d->hidden && is_hidden(m->path))
		return docs_read_unread(n->d, below(n, m->path),
		    "hidden member of an archive", "its name begins with a "
		    "dot", true, e);
	buf_init(&own.name);
	/* what ends us at this one does not take those before it along */
	if ((r = docs_read_member(n->d, below(&own, m->path), e)) == 0)
		r = docs_read_in(n->d, &m->in, -1, own.name.p,
		    m->mtime_ms != INT64_MIN ? m->mtime_ms : n->mtime_ms, e);
	if (r == 0)
		r = docs_read_member(n->d, NULL, e);
	buf_release(&own.name);
	return r;
}

static int
refused(void *arg, const char *path, const char *why, struct err *e)
{
	struct inside *n = arg;

	if (!next(n->d))
		return 0;
	return docs_read_unread(n->d, below(n, *path != '\0' ? path : "-"),
	    "member of an archive that is refused", why, false, e);
}

static int
archive(struct docs_read *d, struct docs_in *in, int fd, const char *type,
    const char *path, int64_t mtime_ms, struct err *e)
{
	struct inside n = { d, path, mtime_ms, BUF_INIT };
	struct archive_sink sink = { member, refused, &n };
	struct err bad = { 0 };
	int r;

	if (d->at.n == DOCS_DEEP)
		return docs_read_unread(d, path, "archive nested too deeply",
		    "archives lie in each other too deeply", false, e);
	d->at.at[d->at.n++] = 0;
	r = docs_archive_read(in, fd, type, path, &d->limits, &d->spent,
	    &sink, &bad);
	d->at.n--;
	if (r < 0)
		r = unread(d, path, "archive that cannot be read to its end",
		    &bad, e);
	buf_release(&n.name);
	return r;
}

/* --- documents --------------------------------------------------------- */

static int
filtered(struct docs_read *d, const struct docs_about *a,
    const struct docs_filter *f, struct docs_in *in, struct docs_in *original,
    struct err *e)
{
	const char *as = f->as != NULL ? f->as : "text/plain";
	struct docs_filtering *g = NULL;
	struct docs_in text;
	int r;

	if (docs_filter_open(&g, f, &d->filters, in, &text, e) < 0)
		return -1;
	text.charset = "UTF-8";
	r = docs_read_tell(d, a, &text, as, original, e);
	docs_filter_close(g);
	return r;
}

static int
read_as(struct docs_read *d, const struct docs_about *a, struct docs_in *in,
    int fd, struct docs_in *original, struct err *e)
{
	const struct docs_filter *f;
	struct err bad = { 0 };
	char kind[160];
	int r;

	f = docs_filters_find(&d->filters, a->media_type, a->path);
	if (f == NULL && media_is_archive(a->media_type))
		return archive(d, in, fd, a->media_type, a->path, a->mtime_ms,
		    e);
	if (f == NULL && docs_reader_of(a->media_type) == NULL) {
		snprintf(kind, sizeof kind, "no reader of %s", a->media_type);
		return docs_read_unread(d, a->path, kind, kind, true, e);
	}
	r = docs_in_limit(original, d->limits.bytes, &bad);
	if (r == 0)
		r = f != NULL ? filtered(d, a, f, in, original, &bad) :
		    docs_read_tell(d, a, in, a->media_type, original, &bad);
	if (r < 0)
		r = unread(d, a->path, f != NULL ?
		    "document that its filter cannot read" :
		    "document that cannot be read", &bad, e);
	return r;
}

int
docs_read_in(struct docs_read *d, struct docs_in *in, int fd,
    const char *path, int64_t mtime_ms, struct err *e)
{
	struct docs_about about = { path, NULL, mtime_ms };
	struct looked l = { .under = in };
	struct err bad = { 0 };
	struct docs_in all;
	struct hash hash;
	int64_t n;
	int r;

	if (in->hash == NULL) {
		hash_init(&hash);
		in->hash = &hash;
	}
	l.head = xmalloc(MEDIA_HEAD);
	if ((n = docs_in_read(in, l.head, MEDIA_HEAD, &bad)) < 0)
		r = unread(d, path, "file that cannot be read", &bad, e);
	else {
		l.len = (size_t)n;
		about.media_type = media_type(path, l.head, l.len);
		all = (struct docs_in){ .read = read_looked, .arg = &l,
		    .name = path, .size = in->size, .most = INT64_MAX,
		    .fallback = d->encoding };
		r = read_as(d, &about, &all, fd, in, e);
	}
	free(l.head);
	return r;
}
