#include "base/zone.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/str.h"
#include "base/zone_rule.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)1 << 20)	/* the largest have 4 kB */
#define HEAD 44
#define OFFSET_MAX (26 * 3600)		/* RFC 8536, 3.2 */

struct zone {
	int64_t *time;		/* own; when clocks change, ascending */
	int32_t *offset;	/* own; from then on */
	size_t times;
	int32_t first;		/* before all of these */
	bool ruled;		/* is there a rule for what is after? */
	struct zone_rule rule;
};

/* --- a compiled zone --------------------------------------------------- */

/* What a header counts. */
struct head {
	int version;
	uint32_t isut, isstd, leap, time, type, chars;
};

static uint32_t
be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | p[3];
}

static int64_t
number(const unsigned char *p, size_t size)
{
	if (size == 4)
		return (int32_t)be32(p);
	return (int64_t)((uint64_t)be32(p) << 32 | be32(p + 4));
}

/* 1, or 0: it is none.  Counts are small then. */
static int
read_head(struct head *h, const unsigned char *p, size_t len)
{
	if (len < HEAD || memcmp(p, "TZif", 4) != 0)
		return 0;
	h->version = p[4] == 0 ? 1 : p[4] - '0';
	h->isut = be32(p + 20);
	h->isstd = be32(p + 24);
	h->leap = be32(p + 28);
	h->time = be32(p + 32);
	h->type = be32(p + 36);
	h->chars = be32(p + 40);
	return h->version >= 1 && h->isut < FILE_MAX && h->isstd < FILE_MAX &&
	    h->leap < FILE_MAX && h->time < FILE_MAX && h->type >= 1 &&
	    h->type <= 256 && h->chars < FILE_MAX;
}

static size_t
body_size(const struct head *h, size_t size)
{
	return h->time * (size + 1) + h->type * (size_t)6 + h->chars +
	    h->leap * (size + 4) + h->isstd + h->isut;
}

/* 1, or 0: something in it is wrong. */
static int
read_body(struct zone *z, const struct head *h, const unsigned char *p,
    size_t size)
{
	const unsigned char *kind = p + h->time * size;
	const unsigned char *type = kind + h->time;
	size_t i;

	for (i = 0; i < h->type; i++)
		if (number(type + i * 6, 4) < -OFFSET_MAX ||
		    number(type + i * 6, 4) > OFFSET_MAX)
			return 0;
	z->time = xcalloc(h->time + (size_t)1, sizeof *z->time);
	z->offset = xcalloc(h->time + (size_t)1, sizeof *z->offset);
	z->times = h->time;
	z->first = (int32_t)number(type, 4);
	for (i = 0; i < h->time; i++) {
		z->time[i] = number(p + i * size, size);
		if (kind[i] >= h->type ||
		    (i > 0 && z->time[i] <= z->time[i - 1]))
			return 0;
		z->offset[i] = (int32_t)number(type + kind[i] * 6, 4);
	}
	return 1;
}

/* "\nRULE\n" at the end; an empty one is none. */
static int
read_foot(struct zone *z, const unsigned char *p, size_t len)
{
	const unsigned char *end;

	if (len < 2 || *p != '\n' || (end = memchr(p + 1, '\n', len - 1)) ==
	    NULL)
		return 0;
	if (end == p + 1)
		return 1;
	z->ruled = true;
	return zone_rule_read(&z->rule, (const char *)p + 1,
	    (size_t)(end - p - 1));
}

static int
read_all(struct zone *z, const unsigned char *p, size_t len)
{
	struct head h;
	size_t n;

	if (!read_head(&h, p, len) || len - HEAD < (n = body_size(&h, 4)))
		return 0;
	if (h.version == 1)
		return read_body(z, &h, p + HEAD, 4);
	p += HEAD + n;		/* the same again, with longer numbers */
	len -= HEAD + n;
	if (!read_head(&h, p, len) || len - HEAD < (n = body_size(&h, 8)))
		return 0;
	return read_body(z, &h, p + HEAD, 8) &&
	    read_foot(z, p + HEAD + n, len - HEAD - n);
}

int
zone_read(struct zone **out, const void *p, size_t len, struct err *e)
{
	struct zone *z = xcalloc(1, sizeof *z);

	if (!read_all(z, p, len)) {
		zone_free(z);
		return err_set(e, ERR_CORRUPT, "not a compiled time zone, or "
		    "damaged");
	}
	*out = z;
	return 0;
}

int
zone_rule(struct zone **out, const char *rule, struct err *e)
{
	struct zone *z = xcalloc(1, sizeof *z);

	z->ruled = true;
	if (!zone_rule_read(&z->rule, rule, strlen(rule))) {
		free(z);
		return err_set(e, ERR_USAGE, "'%.64s' is no rule of a time "
		    "zone", rule);
	}
	*out = z;
	return 0;
}

void
zone_free(struct zone *z)
{
	if (z == NULL)
		return;
	free(z->time);
	free(z->offset);
	free(z);
}

/* --- by name ----------------------------------------------------------- */

/* Letters, digits and / _ + - only, no empty part: no dots at all. */
static bool
name_ok(const char *name)
{
	static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789/_+-";

	return *name != '\0' && *name != '/' && strlen(name) < 64 &&
	    strstr(name, "//") == NULL && name[strspn(name, set)] == '\0';
}

/* 1 read, 0 there is no such file, or it is no compiled zone at all. */
static int
read_file(struct zone **out, const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	struct err ignored;	/* then it is not there for us */
	int r = 0;

	if (buf_read_file(&b, path, FILE_MAX, &ignored) == 0 && b.len >= 4 &&
	    memcmp(b.p, "TZif", 4) == 0) {
		r = zone_read(out, b.p, b.len, e) < 0 ? -1 : 1;
		if (r < 0)
			err_add(e, "'%s'", path);
	}
	buf_release(&b);
	return r;
}

static int
find(struct zone **out, const char *name, struct err *e)
{
	/* Linux, the BSDs and macOS; Solaris; old BSDs; macOS */
	const char *const dirs[] = { getenv("TZDIR"), "/usr/share/zoneinfo",
	    "/usr/share/lib/zoneinfo", "/etc/zoneinfo", "/usr/lib/zoneinfo",
	    "/var/db/timezone/zoneinfo" };
	struct buf path = BUF_INIT;
	size_t i;
	int r = 0;

	if (!name_ok(name))
		return 0;
	for (i = 0; i < sizeof dirs / sizeof *dirs && r == 0; i++) {
		if (dirs[i] == NULL || *dirs[i] != '/')
			continue;
		buf_reset(&path);
		buf_addf(&path, "%s/%s", dirs[i], name);
		r = read_file(out, path.p, e);
	}
	buf_release(&path);
	return r;
}

/* As tzset(3) does it: what it does not understand is UTC. */
static int
open_local(struct zone **out, struct err *e)
{
	const char *tz = getenv("TZ");
	struct err ignored;
	int r;

	if (tz == NULL) {
		r = read_file(out, "/etc/localtime", e);
	} else {
		tz += *tz == ':';
		r = *tz == '/' ? read_file(out, tz, e) : find(out, tz, e);
		if (r == 0 && zone_rule(out, tz, &ignored) == 0)
			r = 1;
	}
	if (r == 0)
		*out = xcalloc(1, sizeof **out);
	return r < 0 ? -1 : 0;
}

int
zone_open(struct zone **out, const char *name, struct err *e)
{
	int r;

	if (*name == '\0' || str_same(name, "UTC")) {
		*out = xcalloc(1, sizeof **out);
		return 0;
	}
	if (str_same(name, "local"))
		return open_local(out, e);
	if ((r = find(out, name, e)) == 0)
		return err_set(e, ERR_USAGE, "the system knows no time zone "
		    "'%.64s'; give a name like Europe/Berlin, local or UTC "
		    "(zones come with the package tzdata)", name);
	return r < 0 ? -1 : 0;
}

/* --- asking ------------------------------------------------------------ */

int32_t
zone_offset(const struct zone *z, int64_t s)
{
	size_t low = 0, high, mid;

	if (z == NULL)
		return 0;
	for (high = z->times; low < high; ) {
		mid = low + (high - low) / 2;
		if (z->time[mid] <= s)
			low = mid + 1;
		else
			high = mid;
	}
	if (z->ruled && low == z->times)
		return zone_rule_offset(&z->rule, s);
	return low == 0 ? z->first : z->offset[low - 1];
}
