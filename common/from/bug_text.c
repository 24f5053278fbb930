/*
 * The rules for single values: tags and paths.
 */
#include "from/bug.h"

#include "base/uri.h"
#include "base/utf8.h"

#include <string.h>

size_t
bug_chars(const char *p, size_t len, size_t n)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (((unsigned char)p[i] & 0xc0) != 0x80 && n-- == 0)
			break;
	return i;
}

/* --- tags -------------------------------------------------------------- */

static bool
is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool
is_lower(char c)
{
	return (c >= 'a' && c <= 'z') || (unsigned char)c >= 0x80;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

void
bug_tag(struct buf *b, const char *s)
{
	size_t start = b->len, i;
	bool gap = false;

	/* A word begins at "lU" and at the second "U" of "UUl"; so the case
	 * is looked at before it goes. */
	for (i = 0; s[i] != '\0'; i++) {
		if (!is_upper(s[i]) && !is_lower(s[i]) && !is_digit(s[i])) {
			gap = true;
			continue;
		}
		if (i > 0 && is_upper(s[i]) && (is_lower(s[i - 1]) ||
		    is_digit(s[i - 1]) || (is_upper(s[i - 1]) &&
		    is_lower(s[i + 1]))))
			gap = true;
		if (gap && b->len > start)
			buf_addc(b, '_');
		gap = false;
		buf_addc(b, is_upper(s[i]) ? s[i] + ('a' - 'A') : s[i]);
	}
}

/* --- paths ------------------------------------------------------------- */

/* Where projects lie on the machines of people and of builds; "*" is one
 * part.  The first that fits counts. */
static const char *const roots[] = { "home/runner/work/*/*", "home/*/*",
    "Users/*/*", "users/*/*", "root/*", "github/workspace", "builds/*/*",
    "var/lib/jenkins/workspace/*", "usr/src/*", "workspace", NULL };

/* Bytes of p that a root takes, with what separates it from the rest; 0. */
static size_t
root_len(const char *root, const char *p)
{
	const char *s = p;
	size_t n;

	for (; *root != '\0'; root += n, root += *root == '/') {
		n = strcspn(root, "/");
		if (*root == '*') {
			if (*s == '/' || *s == '\0')
				return 0;
			s += strcspn(s, "/");
		} else {
			if (strncmp(s, root, n) != 0)
				return 0;
			s += n;
		}
		if (*s != '/')
			return 0;
		s += strspn(s, "/");
	}
	return *s != '\0' ? (size_t)(s - p) : 0;
}

/* A file URI as a path: without its host, %XX resolved. */
static void
from_uri(struct buf *b, const char *s)
{
	uint8_t byte;

	s += strlen("file:");
	if (strncmp(s, "//", 2) == 0)
		s += 2 + strcspn(s + 2, "/");
	for (; *s != '\0'; s++)
		if (uri_byte(s, &byte)) {
			buf_addc(b, byte);
			s += 2;
		} else
			buf_addc(b, *s);
}

/* The path without what it was below; machine: it names a place on one. */
static const char *
below_root(const char *p)
{
	bool machine = *p == '/';
	size_t i, n;

	if (((p[0] >= 'a' && p[0] <= 'z') || is_upper(p[0])) &&
	    p[1] == ':' && (p[2] == '/' || p[2] == '\0')) {
		p += 2;
		machine = true;
	}
	p += strspn(p, "/");
	for (i = 0; machine && roots[i] != NULL; i++)
		if ((n = root_len(roots[i], p)) > 0)
			return p + n;
	return p;
}

/* ":123" and ":123:45" behind a path. */
static size_t
without_line(const char *p, size_t n)
{
	size_t i, end = n;
	int k;

	for (k = 0; k < 2; k++) {
		for (i = end; i > 0 && is_digit(p[i - 1]); i--)
			;
		if (i == end || i < 2 || p[i - 1] != ':')
			break;
		end = i - 1;
	}
	return end;
}

/* Append the parts, "." and ".." resolved; false: it leads out. */
static bool
add_parts(struct buf *b, size_t start, const char *p, size_t len)
{
	const char *end = p + len;
	size_t n;

	for (; p < end; p += n + 1) {
		n = strcspn(p, "/");
		if (n > (size_t)(end - p))
			n = (size_t)(end - p);
		if (n == 0 || (n == 1 && *p == '.'))
			continue;
		if (n == 2 && p[0] == '.' && p[1] == '.') {
			if (b->len == start)
				return false;
			while (b->len > start && b->p[b->len - 1] != '/')
				buf_cut(b, b->len - 1);
			if (b->len > start)
				buf_cut(b, b->len - 1);
			continue;
		}
		if (b->len > start)
			buf_addc(b, '/');
		buf_add(b, p, n);
	}
	return b->len > start;
}

static bool
has_controls(const struct buf *b)
{
	size_t i;

	for (i = 0; i < b->len; i++)
		if ((unsigned char)b->p[i] < 0x20 || b->p[i] == 0x7f)
			return true;
	return false;
}

bool
bug_path(struct buf *b, const char *s)
{
	struct buf path = BUF_INIT;
	size_t start = b->len, i;
	const char *p;
	bool good;

	if (strncmp(s, "file:", 5) == 0)
		from_uri(&path, s);
	else
		buf_adds(&path, s);
	/* Windows' separators: behind a drive, or where there are no others */
	if (strchr(path.p, '/') == NULL || (path.len > 2 && path.p[1] == ':'))
		for (i = 0; i < path.len; i++)
			if (path.p[i] == '\\')
				path.p[i] = '/';
	good = path.len <= BUG_PATH_MAX && !has_controls(&path) &&
	    utf8_check(path.p, path.len) == path.len;
	if (good) {
		/* "/C:/x" is what a URI makes of a drive */
		p = path.p[0] == '/' && path.len > 2 && path.p[2] == ':' ?
		    path.p + 1 : path.p;
		p = below_root(p);
		good = add_parts(b, start, p, without_line(p, strlen(p)));
	}
	if (!good)
		buf_cut(b, start);
	buf_release(&path);
	return good;
}
