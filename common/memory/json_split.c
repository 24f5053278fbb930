/*
 * A scanner over brackets and strings.  It keeps one bit a level, so that
 * it can tell a bracket that no JSON has at its place: that is how it finds
 * the next value of a stream after one that was torn off, instead of taking
 * all the rest for its inside.
 */
#include "memory/json_split.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CHUNK	((size_t)64 << 10)
#define KEEP	((size_t)1 << 20)	/* a larger buffer is given back */

void
json_split_init(struct json_split *s, int fd, const char *name)
{
	memset(s, 0, sizeof *s);
	s->fd = fd;
	s->name = name;
	s->max = JSON_SPLIT_MAX;
	s->chunk = CHUNK;
	buf_init(&s->b);
}

void
json_split_release(struct json_split *s)
{
	buf_release(&s->b);
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
 * Go to the first character of the next element.  1 there, 0 no element
 * follows, -1 failed.
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
			else if (s->array && c == ']')
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

/*
 * One character of a container.  1 the element ends behind it, 0 it goes
 * on, -1 the element is torn: what follows is another one.
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
		else if (c == '"')
			s->quoted = false;
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
		break;
	case '{':
	case '[':
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

/* Look on until the element ends.  1 it did (look is behind it), 0 the
 * input ended first, -1 failed. */
static int
find_end(struct json_split *s, struct err *e)
{
	bool scalar = s->b.p[s->at] != '{' && s->b.p[s->at] != '[';
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
				return 1;
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

enum split_got
json_split_next(struct json_split *s, const char **p, size_t *n,
    struct err *e)
{
	size_t start;
	int r;

	if ((r = find_start(s, e)) < 0)
		return SPLIT_FAIL;
	if (r == 0) {
		s->torn |= s->array;
		return SPLIT_END;
	}
	s->depth = 0;
	s->kinds = 0;
	s->last = '\0';
	s->quoted = s->escaped = s->fresh = s->over = false;
	s->bad = strchr("}],:", s->b.p[s->at]) != NULL;
	if ((r = find_end(s, e)) < 0)
		return SPLIT_FAIL;
	s->n++;
	start = s->at;
	*n = s->look - start;
	advance(s);
	*p = s->b.p + start;
	if (r == 0 && (s->depth > 0 || s->quoted)) {
		s->torn = true;
		return SPLIT_BAD;
	}
	if (s->over || *n > s->max)
		return SPLIT_LONG;
	return s->bad ? SPLIT_BAD : SPLIT_VALUE;
}
