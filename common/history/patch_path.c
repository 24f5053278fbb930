/*
 * Prefixes: "a/" and "b/" by default, "i/", "w/", "c/" and "o/" with
 * diff.mnemonicPrefix, none with --no-prefix.  They are taken off when both
 * sides have one and these differ; so "a/x" in a patch without prefixes stays
 * as it is.
 */
#include "history/patch_path.h"

#include "base/str.h"
#include "history/commit.h"
#include "history/patch.h"

#include <string.h>

void
patch_paths_init(struct patch_paths *p)
{
	memset(p, 0, sizeof *p);
	buf_init(&p->path[PATCH_OLD]);
	buf_init(&p->path[PATCH_NEW]);
	buf_init(&p->line);
	buf_init(&p->room);
}

void
patch_paths_release(struct patch_paths *p)
{
	buf_release(&p->path[PATCH_OLD]);
	buf_release(&p->path[PATCH_NEW]);
	buf_release(&p->line);
	buf_release(&p->room);
}

void
patch_paths_begin(struct patch_paths *p, const char *line)
{
	int i;

	for (i = 0; i < 2; i++) {
		buf_reset(&p->path[i]);
		p->set[i] = p->none[i] = p->prefixed[i] = false;
	}
	buf_reset(&p->line);
	if (line != NULL)
		buf_adds(&p->line, line);
}

/* --- one path ---------------------------------------------------------- */

static int
octal(const char *s)
{
	int i, n = 0;

	for (i = 0; i < 3; i++) {
		if (s[i] < '0' || s[i] > '7')
			return -1;
		n = n * 8 + (s[i] - '0');
	}
	return n;
}

/* A path in quotes, as git writes it (quote.c); returns what is behind it,
 * NULL if it has no end. */
static const char *
unquote(struct buf *out, const char *s)
{
	static const char from[] = "abtnvfr\"\\", to[] = "\a\b\t\n\v\f\r\"\\";
	const char *at;
	int n;

	for (s++; *s != '"'; s++) {
		if (*s == '\0')
			return NULL;
		if (*s != '\\') {
			buf_addc(out, *s);
			continue;
		}
		s++;
		if (*s != '\0' && (at = strchr(from, *s)) != NULL)
			buf_addc(out, to[at - from]);
		else if ((n = octal(s)) > 0 && n < 256) {
			buf_addc(out, n);
			s += 2;
		} else
			return NULL;
	}
	return s + 1;
}

void
patch_paths_set(struct patch_paths *p, enum patch_side side, const char *s,
    bool header)
{
	const char *tab;

	buf_reset(&p->room);
	if (*s == '"') {
		if (unquote(&p->room, s) == NULL)
			buf_reset(&p->room);
	} else {
		tab = header ? strchr(s, '\t') : NULL;
		buf_add(&p->room, s, tab != NULL ? (size_t)(tab - s) :
		    strlen(s));
	}
	if (header && strcmp(p->room.p, "/dev/null") == 0) {
		p->none[side] = true;
		return;
	}
	/* "rename to" is surer than "+++" */
	if (header && p->set[side] && !p->prefixed[side])
		return;
	buf_reset(&p->path[side]);
	path_text(&p->path[side], p->room.p, p->room.len);
	p->set[side] = p->room.len > 0;
	p->prefixed[side] = header;
}

/* --- both -------------------------------------------------------------- */

static bool
is_prefix(const char *s)
{
	return s[0] != '\0' && strchr("abiwco", s[0]) != NULL && s[1] == '/';
}

/*
 * "a/x b/x": what has no other line with its paths (a change of mode, an
 * empty file) has the same one twice, so that blanks in it do no harm.
 */
static void
from_line(struct patch_paths *p)
{
	const char *s = p->line.p, *b;
	size_t half, i;

	if (*s == '"') {
		buf_reset(&p->room);
		if ((b = unquote(&p->room, s)) == NULL || *b != ' ')
			return;
		patch_paths_set(p, PATCH_NEW, b + 1, false);
		p->prefixed[PATCH_NEW] = p->set[PATCH_NEW];
		patch_paths_set(p, PATCH_OLD, s, false);
		p->prefixed[PATCH_OLD] = p->set[PATCH_OLD];
		return;
	}
	half = p->line.len / 2;
	if (p->line.len % 2 == 0 || s[half] != ' ')
		return;
	b = s + half + 1;
	i = is_prefix(s) && is_prefix(b) ? 2 : 0;
	if (memcmp(s + i, b + i, half - i) != 0)
		return;
	buf_reset(&p->room);
	path_text(&p->path[PATCH_NEW], b, half);
	path_text(&p->path[PATCH_OLD], s, half);
	for (i = 0; i < 2; i++)
		p->set[i] = p->prefixed[i] = true;
}

/* It must lie in the repository, and be of a length that one can have. */
bool
patch_path_inside(const char *s)
{
	size_t n;

	if (*s == '\0' || *s == '/' || strlen(s) > PATCH_PATH_MAX)
		return false;
	for (; *s != '\0'; s += n + (s[n] == '/')) {
		n = strcspn(s, "/");
		if (n == 2 && s[0] == '.' && s[1] == '.')
			return false;
	}
	return true;
}

/* Is a prefix to be taken off?  Where one side is /dev/null there is nothing
 * to compare it with. */
static size_t
prefix_of(const struct patch_paths *p, enum patch_side side)
{
	const struct buf *x = &p->path[side], *y = &p->path[!side];

	if (!p->prefixed[side] || !is_prefix(x->p))
		return 0;
	if (!p->set[!side] || p->none[!side])
		return 2;
	return is_prefix(y->p) && p->prefixed[!side] &&
	    x->p[0] != y->p[0] ? 2 : 0;
}

bool
patch_paths_settle(struct patch_paths *p, bool deleted, const char **path,
    const char **was)
{
	enum patch_side side;

	if (!p->set[PATCH_OLD] && !p->set[PATCH_NEW])
		from_line(p);
	side = (deleted && p->set[PATCH_OLD]) || !p->set[PATCH_NEW] ?
	    PATCH_OLD : PATCH_NEW;
	if (!p->set[side])
		return false;
	*path = p->path[side].p + prefix_of(p, side);
	*was = p->set[PATCH_OLD] ?
	    p->path[PATCH_OLD].p + prefix_of(p, PATCH_OLD) : NULL;
	return patch_path_inside(*path) &&
	    (*was == NULL || patch_path_inside(*was));
}
