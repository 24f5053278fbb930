/*
 * Raw bytes in a window; those of another encoding go through iconv into a
 * second one; then both are cleaned by the same loop.
 */
#include "docs/encoding.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#define WINDOW ((size_t)64 << 10)
#define PRESCAN ((size_t)4 << 10)
#define NONE ((iconv_t)-1)

enum how { UNKNOWN, ASCII, UTF8, OTHER };

struct window {
	char p[WINDOW];
	size_t at, end;
};

struct docs_decode {
	struct docs_in *from;		/* borrowed */
	bool feeds, html;
	enum how how;
	iconv_t cd;
	size_t unit;			/* bytes that one bad one takes along */
	bool ended;			/* nothing after raw */
	bool cr;			/* the last one was \r */
	struct window raw, mid, out;
	char charset[DOCS_CHARSET_MAX];
};

/* Where a label says less than what is found under it (WHATWG Encoding, 4.2) */
static const char *const widened[][2] = {
	{ "iso-8859-1", "windows-1252" }, { "iso8859-1", "windows-1252" },
	{ "latin1", "windows-1252" }, { "us-ascii", "windows-1252" },
	{ "ascii", "windows-1252" }, { "iso-8859-9", "windows-1254" },
	{ "gb2312", "gb18030" }, { "gbk", "gb18030" },
	{ "x-gbk", "gb18030" }, { "shift_jis", "cp932" },
	{ "shift-jis", "cp932" }, { "x-sjis", "cp932" },
	{ "ks_c_5601-1987", "cp949" }, { "euc-kr", "cp949" },
	{ "tis-620", "cp874" }, { "x-mac-roman", "macintosh" },
	{ "unicode", "utf-16le" }, { "utf-16", "utf-16le" },
	{ "utf-32", "utf-32le" }
};

static bool
use(struct docs_decode *d, const char *name)
{
	size_t i;

	if (str_same(name, "utf-8") || str_same(name, "utf8")) {
		d->how = UTF8;
		return true;
	}
	for (i = 0; i < sizeof widened / sizeof widened[0]; i++)
		if (str_same(name, widened[i][0]))
			name = widened[i][1];
	if ((d->cd = iconv_open("UTF-8", name)) == NONE)
		return false;
	d->how = OTHER;
	d->unit = strncmp(name, "utf-16", 6) == 0 ? 2 :
	    strncmp(name, "utf-32", 6) == 0 ? 4 : 1;
	return true;
}

void
docs_decode_html(struct docs_decode *d)
{
	d->html = true;
}

void
docs_decode_free(struct docs_decode *d)
{
	if (d != NULL && d->cd != NONE)
		iconv_close(d->cd);
	free(d);
}

static int
fill(struct docs_decode *d, struct err *e)
{
	struct window *w = &d->raw;
	int64_t n;

	if (w->at > 0)
		memmove(w->p, w->p + w->at, w->end - w->at);
	w->end -= w->at;
	w->at = 0;
	if (d->ended || w->end == WINDOW)
		return 0;
	if ((n = docs_in_read(d->from, w->p + w->end, WINDOW - w->end, e)) < 0)
		return -1;
	d->ended = (size_t)n < WINDOW - w->end;
	w->end += (size_t)n;
	return 0;
}

static bool
by_mark(struct docs_decode *d)
{
	static const struct {
		const char *mark;
		size_t len;
		const char *name;
	} marks[] = {
		{ "\xef\xbb\xbf", 3, "utf-8" },
		{ "\xff\xfe\0\0", 4, "utf-32le" },
		{ "\0\0\xfe\xff", 4, "utf-32be" },
		{ "\xff\xfe", 2, "utf-16le" },
		{ "\xfe\xff", 2, "utf-16be" }
	};
	struct window *w = &d->raw;
	size_t i;

	for (i = 0; i < sizeof marks / sizeof marks[0]; i++)
		if (w->end >= marks[i].len &&
		    memcmp(w->p, marks[i].mark, marks[i].len) == 0 &&
		    use(d, marks[i].name)) {
			w->at = marks[i].len;
			return true;
		}
	/* no mark, but every second byte is NUL */
	return w->end >= 4 && utf8_is_utf16(w->p, w->end) &&
	    use(d, w->p[0] == '\0' ? "utf-16be" : "utf-16le");
}

/* What the window after the first byte that is not ASCII tells. */
static int
by_bytes(struct docs_decode *d, struct err *e)
{
	const char *name = d->from->fallback;
	struct window *w = &d->raw;
	size_t good = utf8_check(w->p + w->at, w->end - w->at);
	size_t left = w->end - w->at - good;

	/* the end of the window may cut a character */
	if (left == 0 || (!d->ended && left < 4)) {
		d->how = UTF8;
		return 0;
	}
	if (use(d, name != NULL ? name : "windows-1252"))
		return 0;
	return err_set(e, ERR_USAGE, "iconv knows no encoding '%s'; name "
	    "another one", name != NULL ? name : "windows-1252");
}

static int
decide(struct docs_decode *d, struct err *e)
{
	struct window *w = &d->raw;

	if (fill(d, e) < 0)
		return -1;
	if (by_mark(d) ||
	    (d->from->charset != NULL && use(d, d->from->charset)))
		return 0;
	if (d->html && docs_charset_find(w->p, w->end < PRESCAN ? w->end :
	    PRESCAN, d->charset)) {
		/* it could be read up to here, so it is not UTF-16 */
		if (strncmp(d->charset, "utf-16", 6) == 0 ||
		    strncmp(d->charset, "utf-32", 6) == 0)
			strcpy(d->charset, "utf-8");
		if (use(d, d->charset))
			return 0;
	}
	d->how = ASCII;
	return 0;
}

/* Convert some of raw into mid. */
static void
convert(struct docs_decode *d)
{
	static const char bad[] = "\xef\xbf\xbd";
	struct window *r = &d->raw, *m = &d->mid;
	char *in = r->p + r->at, *out = m->p;
	size_t left = r->end - r->at, room = WINDOW, skip;

	m->at = 0;
	while (left > 0 && room >= 16) {
		errno = 0;
		if (iconv(d->cd, &in, &left, &out, &room) != (size_t)-1 ||
		    errno == E2BIG)
			break;
		if (errno == EINVAL && !d->ended && left < 16)
			break;		/* cut by the window */
		skip = left < d->unit ? left : d->unit;
		in += skip;
		left -= skip;
		memcpy(out, bad, 3);
		out += 3;
		room -= 3;
		d->from->replaced++;
		iconv(d->cd, NULL, NULL, NULL, NULL);
	}
	r->at = r->end - left;
	m->end = WINDOW - room;
}

#define ONES UINT64_C(0x0101010101010101)
#define HIGH UINT64_C(0x8080808080808080)

/* Eight bytes, none a control character, none over 0x7e? */
static bool
plain(const char *p)
{
	uint64_t x;

	memcpy(&x, p, sizeof x);
	return (((x - ONES * ' ') | (x + ONES) | x) & HIGH) == 0;
}

/* A character that is not plain ASCII; bytes taken, 0: more are needed. */
static size_t
odd(struct docs_decode *d, const char *p, size_t len, bool last, char **to)
{
	uint32_t c;
	size_t n;

	c = utf8_decode(p, len, &n);
	if (c == 0xfffd && n == 1) {
		if (!last && len < 4 && (unsigned char)p[0] >= 0xc2)
			return 0;
		d->from->replaced++;
		memcpy(*to, "\xef\xbf\xbd", 3);
		*to += 3;
		return 1;
	}
	if (c == 0x85)
		*(*to)++ = '\n';
	else if (c >= 0xa0 && c != 0xfeff) {
		memcpy(*to, p, n);
		*to += n;
	}
	return n;
}

/* As much of the window as fits: bytes written.  One takes at most three. */
static size_t
clean(struct docs_decode *d, struct window *w, bool last, char *out, size_t max)
{
	char *to = out, *most = out + max - 8;
	unsigned char c;
	size_t n;

	while (w->at < w->end && to <= most) {
		if (w->end - w->at >= 8 && plain(w->p + w->at)) {
			memcpy(to, w->p + w->at, 8);
			to += 8;
			w->at += 8;
			d->cr = false;
			continue;
		}
		c = (unsigned char)w->p[w->at];
		n = 1;
		if (c >= 0x80) {
			n = odd(d, w->p + w->at, w->end - w->at, last, &to);
			if (n == 0)
				break;
		} else if (c == '\r' || (c == '\n' && !d->cr))
			*to++ = '\n';
		else if ((c >= ' ' && c != 0x7f) || c == '\t' ||
		    (c == '\f' && d->feeds))
			*to++ = (char)c;
		d->cr = c == '\r';
		w->at += n;
	}
	return (size_t)(to - out);
}

/* ASCII so far: up to the byte that decides. */
static size_t
ascii(struct docs_decode *d, char *out, size_t max)
{
	struct window *w = &d->raw;
	size_t end = w->end, n;
	uint64_t x;

	for (w->end = w->at; w->end + 8 <= end; w->end += 8) {
		memcpy(&x, w->p + w->end, sizeof x);
		if ((x & HIGH) != 0)
			break;
	}
	while (w->end < end && (unsigned char)w->p[w->end] < 0x80)
		w->end++;
	n = clean(d, w, true, out, max);
	w->end = end;
	return n;
}

/* 1 there is something to clean, 0 the end, -1. */
static int
prepare(struct docs_decode *d, struct err *e)
{
	struct window *r = &d->raw;

	if (d->how == UNKNOWN && decide(d, e) < 0)
		return -1;
	if (d->how == OTHER && d->mid.at < d->mid.end)
		return 1;
	if (r->end - r->at < 16 && fill(d, e) < 0)
		return -1;
	if (r->at == r->end)
		return 0;
	if (d->how == ASCII && (unsigned char)r->p[r->at] >= 0x80 &&
	    (fill(d, e) < 0 || by_bytes(d, e) < 0))
		return -1;
	if (d->how == OTHER)
		convert(d);
	return 1;
}

static int64_t
decode_read(void *arg, void *p, size_t max, struct err *e)
{
	struct docs_decode *d = arg;
	struct window *o = &d->out;
	size_t n;
	int r;

	while (o->at == o->end) {
		if ((r = prepare(d, e)) <= 0)
			return r;
		o->at = 0;
		o->end = d->how == ASCII ? ascii(d, o->p, WINDOW) :
		    d->how == UTF8 ? clean(d, &d->raw, d->ended, o->p,
		    WINDOW) : clean(d, &d->mid, true, o->p, WINDOW);
	}
	n = o->end - o->at < max ? o->end - o->at : max;
	memcpy(p, o->p + o->at, n);
	o->at += n;
	return (int64_t)n;
}

struct docs_decode *
docs_decode_new(struct docs_in *from, bool feeds, struct docs_in *out)
{
	struct docs_decode *d = xmalloc(sizeof *d);

	d->from = from;
	d->feeds = feeds;
	d->html = d->ended = d->cr = false;
	d->how = UNKNOWN;
	d->cd = NONE;
	d->raw.at = d->raw.end = d->mid.at = d->mid.end = 0;
	d->out.at = d->out.end = 0;
	*out = (struct docs_in){ .read = decode_read, .arg = d,
	    .name = from->name, .size = -1, .most = INT64_MAX };
	return d;
}

static bool
name_byte(int c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '-' || c == '_' || c == ':' ||
	    c == '.' || c == '+';
}

/* The value after "charset" or "encoding": = and perhaps quotes. */
static bool
value(const char *p, const char *end, char out[DOCS_CHARSET_MAX])
{
	size_t n = 0;

	while (p < end && (*p == ' ' || *p == '\t' || *p == '\n'))
		p++;
	if (p == end || *p++ != '=')
		return false;
	while (p < end && (*p == ' ' || *p == '"' || *p == '\''))
		p++;
	while (p < end && n + 1 < DOCS_CHARSET_MAX && name_byte(*p))
		out[n++] = *p++;
	out[n] = '\0';
	str_lower(out);
	return n > 0;
}

static bool
starts(const char *p, const char *end, const char *word)
{
	for (; *word != '\0'; p++, word++)
		if (p == end || (*p | 0x20) != (*word | 0x20))
			return false;
	return true;
}

bool
docs_charset_find(const char *p, size_t len, char out[DOCS_CHARSET_MAX])
{
	const char *end = p + len, *close, *q;

	for (; (p = memchr(p, '<', (size_t)(end - p))) != NULL; p++) {
		if (!starts(p, end, "<meta") && !starts(p, end, "<?xml "))
			continue;
		close = memchr(p, '>', (size_t)(end - p));
		if (close == NULL)
			close = end;
		for (q = p; q < close; q++)
			if ((starts(q, close, "charset") &&
			    value(q + 7, close, out)) ||
			    (p[1] == '?' && starts(q, close, "encoding") &&
			    value(q + 8, close, out)))
				return true;
	}
	return false;
}
