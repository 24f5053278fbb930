/*
 * A scanner over brackets and strings.  It keeps one bit a level, so that
 * it can tell a bracket that no JSON has at its place: that is how it finds
 * the next value of a stream after one that was torn off, instead of taking
 * all the rest for its inside.
 */
#include "from/json_split.h"

#include "base/json.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CHUNK	((size_t)64 << 10)
#define KEEP	((size_t)1 << 20)	/* a larger buffer is given back */

void
json_split_init(struct json_split *s, int fd, const char *name)
{
	int i;

	memset(s, 0, sizeof *s);
	s->fd = fd;
	s->name = name;
	s->max = JSON_SPLIT_MAX;
	s->chunk = CHUNK;
	buf_init(&s->b);
	for (i = 0; i < JSON_SPLIT_LEVELS; i++)
		buf_init(&s->shell[i].text);
}

void
json_split_release(struct json_split *s)
{
	int i;

	buf_release(&s->b);
	for (i = 0; i < JSON_SPLIT_LEVELS; i++)
		buf_release(&s->shell[i].text);
	s->at = s->look = 0;
	s->eof = true;
}

/* Move what is left to the front and read one chunk behind it. */
static int
fill(struct json_split *s, struct err *e)
{
	size_t left = s->b.len - s->at;
	struct buf less = BUF_INIT;
	ssize_t n;
	char *p;

	if (s->b.cap > KEEP && left < CHUNK) {
		buf_add(&less, s->b.p + s->at, left);
		buf_release(&s->b);
		s->b = less;
	} else if (s->at > 0) {
		memmove(s->b.p, s->b.p + s->at, left);
		buf_cut(&s->b, left);
	}
	s->look -= s->at;
	s->at = 0;
	p = buf_reserve(&s->b, s->chunk);
	while ((n = read(s->fd, p, s->chunk)) < 0)
		if (errno != EINTR)
			return err_sys(e, "cannot read '%s'", s->name);
	s->eof = n == 0;
	s->b.len += (size_t)n;
	s->b.p[s->b.len] = '\0';
	return 0;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\0';
}

/* Everything up to look was dealt with. */
static void
advance(struct json_split *s)
{
	s->offset += (int64_t)(s->look - s->at);
	s->at = s->look;
}

/*
 * Go to the first character of the next element.  2 an array that is taken
 * apart ends there, 1 there is one, 0 no element follows, -1 failed.
 */
static int
find_start(struct json_split *s, struct err *e)
{
	char c;

	for (;;) {
		if (s->offset == 0 && s->look == 0 && s->b.len >= 3 &&
		    memcmp(s->b.p, "\xef\xbb\xbf", 3) == 0)
			s->look = 3;	/* byte order mark */
		/* three bytes at the start, or the mark might be cut */
		while (s->look < s->b.len &&
		    (s->offset > 0 || s->b.len >= 3 || s->eof)) {
			c = s->b.p[s->look];
			if (!s->array && c == '[')
				s->array = true;
			else if (s->array && c == ']' && s->level > 0) {
				advance(s);
				return 2;
			} else if (s->array && c == ']')
				s->array = false;
			else if (!is_blank(c) && !(s->array && c == ',')) {
				advance(s);
				return 1;
			}
			s->look++;
			advance(s);
		}
		if (s->eof)
			return 0;
		if (fill(s, e) < 0)
			return -1;
	}
}

/* May a value begin after this character?  (Depth is over 0.) */
static bool
value_fits(const struct json_split *s)
{
	bool object = s->depth <= 64 &&
	    (s->kinds >> (s->depth - 1) & 1) != 0;

	if (s->depth > 64)
		return true;
	return s->last == ':' || (!object && (s->last == '[' ||
	    s->last == ','));
}

static void
open_level(struct json_split *s, bool object)
{
	if (s->depth < 64) {
		s->kinds &= ~(UINT64_C(1) << s->depth);
		s->kinds |= (uint64_t)object << s->depth;
	}
	s->depth++;
}

/* A closing bracket: is it the one that was opened? */
static void
close_level(struct json_split *s, bool object)
{
	s->depth--;
	if (s->depth < 64 && (s->kinds >> s->depth & 1) != object)
		s->bad = true;
}

/* Is the array that opens here one to take apart? */
static bool
is_inner(const struct json_split *s)
{
	const char *const *name = s->level < JSON_SPLIT_LEVELS ?
	    s->inner[s->level] : NULL;
	const char *key;

	if (name == NULL || s->depth != 1 || s->last != ':' ||
	    s->key == 0 || (s->kinds & 1) == 0 || s->over || s->bad ||
	    (s->level == 0 && s->array))
		return false;
	key = s->b.p + s->at + s->key;
	for (; *name != NULL; name++)
		if (strlen(*name) == s->key_len &&
		    memcmp(*name, key, s->key_len) == 0)
			return true;
	return false;
}

/*
 * One character of a container.  2 an array that is taken apart begins
 * behind it, 1 the element ends there, 0 it goes on, -1 the element is torn:
 * what follows is another one.
 */
static int
step(struct json_split *s, char c)
{
	bool fresh = s->fresh;

	if (s->quoted) {
		if (c == '\n') {
			/* no string holds one: the end of it is lost */
			s->bad = true;
			s->quoted = s->escaped = false;
			s->fresh = true;
			return s->array ? 0 : -1;
		}
		if (s->escaped)
			s->escaped = false;
		else if (c == '\\')
			s->escaped = true;
		else if (c == '"') {
			s->quoted = false;
			if (s->depth == 1 && s->key != 0 && s->key_len == 0)
				s->key_len = s->look - s->at - s->key;
		}
		return 0;
	}
	if (is_blank(c)) {
		s->fresh |= c == '\n';
		return 0;
	}
	s->fresh = false;
	switch (c) {
	case '"':
		s->quoted = true;
		if (s->depth == 1 && s->last != ':') {
			s->key = s->look - s->at + 1;
			s->key_len = 0;
		}
		break;
	case '{':
	case '[':
		if (c == '[' && is_inner(s))
			return 2;
		if (s->depth > 0 && !value_fits(s)) {
			s->bad = true;
			if (fresh && !s->array)
				return -1;
		}
		open_level(s, c == '{');
		break;
	case '}':
	case ']':
		close_level(s, c == '}');
		if (s->depth == 0)
			return 1;
		break;
	}
	s->last = c;
	return 0;
}

/* The same for a string or a word at the top: it ends at a delimiter. */
static int
step_scalar(struct json_split *s, char c)
{
	if (s->quoted || c == '"')
		return step(s, c);
	if (is_blank(c) || c == ',' || c == ']' || c == '}' || c == '{' ||
	    c == '[')
		return -1;
	return 0;
}

/* Look on until the element ends.  2 an array to take apart begins, 1 it
 * ended (look is behind it), 0 the input ended first, -1 failed. */
static int
find_end(struct json_split *s, struct err *e)
{
	bool scalar = s->depth == 0 && s->b.p[s->at] != '{' &&
	    s->b.p[s->at] != '[';
	bool first = true;
	int r;
	char c;

	for (;;) {
		while (s->look < s->b.len) {
			c = s->b.p[s->look];
			r = scalar ? step_scalar(s, c) : step(s, c);
			/* what ends it is not of it, but for the newline
			 * that cut it, and a delimiter alone */
			if (r >= 0 || first || (c == '\n' && s->bad))
				s->look++;
			first = false;
			if (r != 0)
				return r == 2 ? 2 : 1;
			if (s->quoted && !s->escaped)
				s->look += json_plain(s->b.p + s->look,
				    s->b.len - s->look);
			if (s->over || s->look - s->at > s->max) {
				s->over = true;
				advance(s);
			}
		}
		if (s->eof)
			return 0;
		if (fill(s, e) < 0)
			return -1;
	}
}

/* Keep a piece of an object whose arrays are taken apart. */
static void
keep(const struct json_split *s, struct split_shell *sh)
{
	size_t n = s->look - s->at;

	sh->over |= s->over || n > s->max || sh->text.len > s->max - n;
	if (sh->over)
		buf_reset(&sh->text);
	else
		buf_add(&sh->text, s->b.p + s->at, n);
}

/* Go into such an array. */
static void
enter(struct json_split *s)
{
	struct split_shell *sh = &s->shell[s->level];

	keep(s, sh);
	sh->array = s->array;
	advance(s);
	s->array = true;
	s->level++;
}

/* Behind such an array: the object goes on with its ']'. */
static void
leave(struct json_split *s)
{
	s->level--;
	s->array = s->shell[s->level].array;
	s->depth = 1;
	s->kinds = 1;
	s->last = ']';
	s->quoted = s->escaped = s->fresh = s->over = s->bad = false;
	s->key = s->key_len = 0;
	s->look = s->at + 1;
}

static void
begin(struct json_split *s)
{
	s->depth = 0;
	s->kinds = 0;
	s->last = '\0';
	s->quoted = s->escaped = s->fresh = s->over = false;
	s->key = s->key_len = 0;
	s->bad = strchr("}],:", s->b.p[s->at]) != NULL;
	if (s->level < JSON_SPLIT_LEVELS) {
		s->shell[s->level].over = false;
		buf_reset(&s->shell[s->level].text);
	}
}

/* The end of an element; rest: of one whose array was taken apart. */
static enum split_got
finish(struct json_split *s, bool ended, bool rest, const char **p,
    size_t *n)
{
	struct split_shell *sh = &s->shell[rest ? s->level : 0];

	s->n++;
	*p = s->b.p + s->at;
	*n = s->look - s->at;
	if (rest) {
		keep(s, sh);
		s->over |= sh->over;
		*p = sh->text.p;
		*n = sh->text.len;
	}
	advance(s);
	if (!ended && (s->depth > 0 || s->quoted)) {
		s->torn = true;
		return SPLIT_BAD;
	}
	if (s->over || *n > s->max)
		return SPLIT_LONG;
	return s->bad ? SPLIT_BAD : rest ? SPLIT_SHELL : SPLIT_VALUE;
}

enum split_got
json_split_next(struct json_split *s, const char **p, size_t *n,
    struct err *e)
{
	bool rest;
	int r;

	for (;;) {
		if ((r = find_start(s, e)) < 0)
			return SPLIT_FAIL;
		if (r == 0) {
			s->torn |= s->array;
			return SPLIT_END;
		}
		if ((rest = r == 2))
			leave(s);
		else
			begin(s);
		if ((r = find_end(s, e)) < 0)
			return SPLIT_FAIL;
		if (r != 2)
			return finish(s, r != 0, rest, p, n);
		enter(s);
	}
}
