#include "sync/packfile.h"

#include "base/alloc.h"
#include "base/str.h"
#include "base/zip.h"

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What can be packed is hexadecimal digits, to their half; more effort gains
 * nothing. */
#define LEVEL 1
#define HEAD "{\"type\":\"pack\",\"format\":"
#define LINE "{\"sha256\":\""
#define SIZE "\",\"size\":"

void
packfile_release(struct packfile *p)
{
	free(p->v);
	*p = (struct packfile)PACKFILE_INIT;
}

void
packfile_clear(struct packfile *p)
{
	p->n = 0;
	p->bytes = 0;
}

void
packfile_add(struct packfile *p, const uint8_t sha256[HASH_LEN],
    uint64_t size)
{
	struct pack_member *m;

	p->v = xgrow(p->v, p->n, &p->cap, sizeof *p->v);
	m = &p->v[p->n++];
	memcpy(m->sha256, sha256, HASH_LEN);
	m->size = size;
	m->offset = p->bytes;
	p->bytes += size;
}

static void
write_text(const struct packfile *p, struct buf *b)
{
	char hex[HASH_HEX + 1];
	size_t i;

	buf_addf(b, HEAD "%d,\"files\":%zu,\"bytes\":%" PRIu64 "}\n",
	    PACK_FORMAT, p->n, p->bytes);
	for (i = 0; i < p->n; i++) {
		hex_encode(hex, p->v[i].sha256, HASH_LEN);
		buf_addf(b, LINE "%s" SIZE "%" PRIu64 "}\n", hex,
		    p->v[i].size);
	}
}

void
packfile_write(const struct packfile *p, struct buf *out)
{
	struct zip *zip = zip_new(NULL, 0);
	struct buf b = BUF_INIT;

	write_text(p, &b);
	zip_pack(zip, out, b.p, b.len, LEVEL);
	zip_free(zip);
	buf_release(&b);
}

/* --- reading ----------------------------------------------------------- */

static int
bad(const char *why, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "no index of a pack: %s", why);
}

/* Is it there next?  Then *p is behind it. */
static bool
take(const char **p, const char *what)
{
	size_t n = strlen(what);

	if (strncmp(*p, what, n) != 0)
		return false;
	*p += n;
	return true;
}

static bool
take_number(const char **p, uint64_t most, uint64_t *out)
{
	const char *s = *p;

	for (*out = 0; *s >= '0' && *s <= '9'; s++) {
		if (*out > most / 10)
			return false;
		*out = *out * 10 + (uint64_t)(*s - '0');
	}
	if (s == *p || *out > most)
		return false;
	*p = s;
	return true;
}

static int
read_lines(struct packfile *p, const char *s, struct err *e)
{
	uint64_t format, files, bytes, size;
	uint8_t sum[HASH_LEN];

	if (!take(&s, HEAD) || !take_number(&s, INT_MAX, &format))
		return bad("it does not say that it is one", e);
	if (format > PACK_FORMAT)
		return err_set(e, ERR_VERSION, "the pack was made by a newer "
		    "memkit (format %" PRIu64 ", this is %d); upgrade memkit",
		    format, PACK_FORMAT);
	if (!take(&s, ",\"files\":") ||
	    !take_number(&s, PACK_FILES, &files) ||
	    !take(&s, ",\"bytes\":") ||
	    !take_number(&s, INT64_MAX - PACK_INDEX_MAX, &bytes) ||
	    !take(&s, "}\n"))
		return bad("its first line", e);
	while (*s != '\0') {
		if (p->n == files || !take(&s, LINE) ||
		    strnlen(s, HASH_HEX) < HASH_HEX ||
		    !hex_decode(sum, s, HASH_LEN))
			return bad("a line of it", e);
		s += HASH_HEX;
		if (!take(&s, SIZE) ||
		    !take_number(&s, bytes - p->bytes, &size) ||
		    !take(&s, "}\n"))
			return bad("a line of it", e);
		packfile_add(p, sum, size);
	}
	if (p->n == 0 || p->n != files || p->bytes != bytes)
		return bad("its first line says something else", e);
	return 0;
}

int
packfile_read(struct packfile *p, const void *index, size_t n, struct err *e)
{
	struct zip *zip = zip_new(NULL, 0);
	struct buf b = BUF_INIT, again = BUF_INIT;
	struct err why;
	int r;

	if (n > PACK_INDEX_MAX || zip_unpack(zip, &b, index, n,
	    PACK_INDEX_MAX, &why) < 0)
		r = bad("it cannot be unpacked", e);
	else
		r = read_lines(p, b.p, e);
	if (r == 0) {
		/* one way to write it: leading zeros, and what is behind a
		 * NUL, are none */
		write_text(p, &again);
		if (again.len != b.len || memcmp(again.p, b.p, b.len) != 0)
			r = bad("it is not as it is written", e);
	}
	zip_free(zip);
	buf_release(&b);
	buf_release(&again);
	return r;
}
