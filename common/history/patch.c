/*
 * Line by line.  Inside a hunk the counts of its head say which lines are
 * its own, so that a removed line "-- x" is not taken for the head of a file.
 */
#include "history/patch.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "history/patch_path.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP ((size_t)64 << 10)

enum place { OUTSIDE, HEAD, HUNK };

struct patch {
	struct patch_sink sink;
	struct buf line;	/* of it, up to PATCH_LINE_MAX */
	int64_t line_no;
	int64_t odd;
	enum place place;
	/* the file at hand */
	struct patch_paths paths;
	enum patch_did did;
	bool binary, named, skip;	/* the head is told; it is left out */
	bool merge;
	/* the hunk at hand: lines that are left of it */
	int64_t old_left, new_left, at;
	struct patch_range run;
	bool running;
};

struct patch *
patch_new(const struct patch_sink *sink)
{
	struct patch *p = xcalloc(1, sizeof *p);

	p->sink = *sink;
	buf_init(&p->line);
	patch_paths_init(&p->paths);
	return p;
}

void
patch_free(struct patch *p)
{
	if (p == NULL)
		return;
	buf_release(&p->line);
	patch_paths_release(&p->paths);
	free(p);
}

int64_t
patch_odd(const struct patch *p)
{
	return p->odd;
}

static int
wrong(const struct patch *p, const char *what, struct err *e)
{
	return err_set(e, ERR_INPUT, "line %lld of the patch: %s",
	    (long long)p->line_no, what);
}

/* --- files ------------------------------------------------------------- */

/* The head of a file is whole. */
static int
tell_file(struct patch *p, struct err *e)
{
	struct patch_file f = { .did = p->did, .binary = p->binary };
	int r = 0;

	if (p->place == OUTSIDE || p->named)
		return 0;
	p->named = true;
	p->skip = !patch_paths_settle(&p->paths, p->did == PATCH_DELETED,
	    &f.path, &f.was);
	if (p->skip)
		p->odd++;
	else if (p->did != PATCH_RENAMED && p->did != PATCH_COPIED)
		f.was = NULL;
	if (!p->skip && p->sink.file != NULL)
		r = p->sink.file(p->sink.arg, &f, e);
	return r;
}

static int
begin_file(struct patch *p, const char *s, struct err *e)
{
	if (tell_file(p, e) < 0)
		return -1;
	p->place = HEAD;
	p->did = PATCH_CHANGED;
	p->binary = p->named = p->skip = p->merge = false;
	patch_paths_begin(&p->paths, s);
	return 0;
}

static int
begin_merge(struct patch *p, const char *s, struct err *e)
{
	if (begin_file(p, NULL, e) < 0)
		return -1;
	p->merge = true;
	patch_paths_set(&p->paths, PATCH_NEW, s, false);
	return 0;
}

/* --- hunks ------------------------------------------------------------- */

static int
end_run(struct patch *p, struct err *e)
{
	if (!p->running)
		return 0;
	p->running = false;
	p->run.last = p->at - 1;
	return p->skip || p->sink.range == NULL ? 0 :
	    p->sink.range(p->sink.arg, &p->run, e);
}

/* "12,3" or "12" at s; returns what is behind it, or NULL. */
static const char *
read_range(const char *s, int64_t *first, int64_t *n)
{
	int64_t *to = first;
	int digits = 0;

	*first = 0;
	*n = 1;
	for (;; s++) {
		if (*s >= '0' && *s <= '9' && digits < 10) {
			*to = *to * 10 + (*s - '0');
			digits++;
		} else if (*s == ',' && to == first && digits > 0) {
			to = n;
			*n = digits = 0;
		} else
			break;
	}
	return digits > 0 && *s != ',' && (*s < '0' || *s > '9') ? s : NULL;
}

/* "@@ -1,2 +3,4 @@", or of a merge "@@@ -1 -1 +3,4 @@@". */
static int
begin_hunk(struct patch *p, const char *s, struct err *e)
{
	int64_t first, n;
	size_t ats = strspn(s, "@");

	if (tell_file(p, e) < 0)
		return -1;
	s += ats;
	p->old_left = p->new_left = p->at = 0;
	while (s != NULL && s[0] == ' ' && (s[1] == '-' || s[1] == '+')) {
		bool is_new = s[1] == '+';

		s = read_range(s + 2, &first, &n);
		if (s != NULL && is_new) {
			p->at = n == 0 ? first + 1 : first;
			p->new_left = n;
		} else if (s != NULL)
			p->old_left = n;
		if (is_new)
			break;
	}
	if (s == NULL || !str_starts(s, " @@") || p->at == 0)
		return wrong(p, "this is no head of a hunk", e);
	p->running = false;
	if (p->merge) {		/* as a whole */
		p->run = (struct patch_range){ p->at, 0,
		    p->new_left == 0 };
		p->running = true;
		p->at += p->new_left;
		return end_run(p, e);
	}
	p->place = p->old_left > 0 || p->new_left > 0 ? HUNK : HEAD;
	return 0;
}

static int
changed_line(struct patch *p, struct err *e)
{
	bool added = p->line.p[0] == '+';

	if (!p->running) {
		p->running = true;
		p->run = (struct patch_range){ p->at, 0, 0 };
	}
	if (!p->skip && p->sink.text != NULL &&
	    p->sink.text(p->sink.arg, added ? p->at : 0, p->line.p + 1,
	    p->line.len - 1, e) < 0)
		return -1;
	if (added) {
		p->new_left--;
		p->at++;
	} else {
		p->old_left--;
		p->run.removed++;
	}
	return 0;
}

static int
hunk_line(struct patch *p, struct err *e)
{
	char c = p->line.len > 0 ? p->line.p[0] : ' ';
	int r = 0;

	if (c == '\\')			/* no newline at the end of the file */
		return 0;
	if ((c == '+' && p->new_left > 0) || (c == '-' && p->old_left > 0))
		r = changed_line(p, e);
	else if ((c == ' ' || c == '\r') && p->old_left > 0 &&
	    p->new_left > 0) {
		r = end_run(p, e);
		p->old_left--;
		p->new_left--;
		p->at++;
	} else
		return wrong(p, "this is no line of a hunk", e);
	if (r == 0 && p->old_left == 0 && p->new_left == 0) {
		r = end_run(p, e);
		p->place = HEAD;
	}
	return r;
}

/* --- heads ------------------------------------------------------------- */

/* What stands behind a word, or NULL. */
static const char *
behind(const struct patch *p, const char *word)
{
	return str_starts(p->line.p, word) ? p->line.p + strlen(word) : NULL;
}

static void
set_move(struct patch *p, enum patch_did did, enum patch_side side,
    const char *s)
{
	p->did = did;
	patch_paths_set(&p->paths, side, s, false);
}

static int
head_line(struct patch *p, struct err *e)
{
	const char *s;

	if ((s = behind(p, "--- ")) != NULL)
		patch_paths_set(&p->paths, PATCH_OLD, s, true);
	else if ((s = behind(p, "+++ ")) != NULL) {
		patch_paths_set(&p->paths, PATCH_NEW, s, true);
		if (p->paths.none[PATCH_NEW])
			p->did = PATCH_DELETED;
		else if (p->paths.none[PATCH_OLD])
			p->did = PATCH_ADDED;
	} else if (behind(p, "new file mode") != NULL)
		p->did = PATCH_ADDED;
	else if (behind(p, "deleted file mode") != NULL)
		p->did = PATCH_DELETED;
	else if ((s = behind(p, "rename from ")) != NULL)
		set_move(p, PATCH_RENAMED, PATCH_OLD, s);
	else if ((s = behind(p, "rename to ")) != NULL)
		set_move(p, PATCH_RENAMED, PATCH_NEW, s);
	else if ((s = behind(p, "copy from ")) != NULL)
		set_move(p, PATCH_COPIED, PATCH_OLD, s);
	else if ((s = behind(p, "copy to ")) != NULL)
		set_move(p, PATCH_COPIED, PATCH_NEW, s);
	else if (behind(p, "Binary files ") != NULL ||
	    behind(p, "GIT binary patch") != NULL) {
		p->binary = true;
		return tell_file(p, e);
	}
	return 0;
}

/* A file of diff -u begins with its "---", those of git with "diff". */
static bool
begins_plain(const struct patch *p)
{
	return behind(p, "--- ") != NULL && (p->place == OUTSIDE || p->named);
}

static int
line(struct patch *p, struct err *e)
{
	const char *s;

	p->line_no++;
	if (p->place == HUNK)
		return hunk_line(p, e);
	if (p->line.len > 0 && p->line.p[p->line.len - 1] == '\r')
		buf_cut(&p->line, p->line.len - 1);
	if ((s = behind(p, "diff --git ")) != NULL)
		return begin_file(p, s, e);
	if ((s = behind(p, "diff --cc ")) != NULL ||
	    (s = behind(p, "diff --combined ")) != NULL)
		return begin_merge(p, s, e);
	if (begins_plain(p)) {
		if (begin_file(p, NULL, e) < 0)
			return -1;
	} else if (p->place == OUTSIDE)
		return 0;
	else if (behind(p, "@@ -") != NULL ||
	    (p->merge && behind(p, "@@@") != NULL))
		return begin_hunk(p, p->line.p, e);
	return p->named ? 0 : head_line(p, e);
}

/* --- bytes ------------------------------------------------------------- */

/* NULs would end the strings that lines are compared as. */
static void
keep(struct buf *b, const char *s, size_t n)
{
	size_t i = b->len, left = PATCH_LINE_MAX - b->len;

	buf_add(b, s, n < left ? n : left);
	for (; i < b->len; i++)
		if (b->p[i] == '\0')
			b->p[i] = ' ';
}

int
patch_feed(struct patch *p, const char *s, size_t n, struct err *e)
{
	const char *nl;
	size_t len;

	while (n > 0) {
		nl = memchr(s, '\n', n);
		len = nl != NULL ? (size_t)(nl - s) : n;
		keep(&p->line, s, len);
		if (nl == NULL)
			return 0;
		if (line(p, e) < 0)
			return -1;
		buf_reset(&p->line);
		s += len + 1;
		n -= len + 1;
	}
	return 0;
}

int
patch_end(struct patch *p, struct err *e)
{
	if (p->line.len > 0 && line(p, e) < 0)
		return -1;
	buf_reset(&p->line);
	if (p->place == HUNK)
		return wrong(p, "the patch ends in the middle of a hunk", e);
	return tell_file(p, e);
}

int
patch_read_fd(struct patch *p, int fd, const char *name, struct err *e)
{
	char *step = xmalloc(STEP);
	ssize_t n;
	int r = 0;

	do {
		if ((n = read(fd, step, STEP)) > 0)
			r = patch_feed(p, step, (size_t)n, e);
		else if (n < 0 && errno != EINTR)
			r = err_sys(e, "cannot read '%s'", name);
	} while (r == 0 && n != 0);
	free(step);
	return r < 0 ? -1 : patch_end(p, e);
}
