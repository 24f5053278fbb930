/*
 * Archives: whatever the bytes are, reading them ends within the limits, no
 * member's name leads out, and none is told of twice; of a stream, and where it
 * may be sought in.
 */
#include "fuzz.h"

#include "base/map.h"
#include "base/utf8.h"
#include "docs/archive.h"
#include "docs/media.h"

#include <stdio.h>
#include <string.h>

#define TOTAL (INT64_C(1) << 20)
#define ENTRIES 200

struct told {
	struct map names;
	int64_t bytes, members, refused;
	struct docs_limits limits;
	struct docs_spent spent;
	int depth;
};

static void
check_name(const char *s)
{
	must(*s != '\0' && *s != '/');
	must(utf8_check(s, strlen(s)) == strlen(s));
	must(strcmp(s, "..") != 0 && strncmp(s, "../", 3) != 0 &&
	    strstr(s, "/../") == NULL && strstr(s, "//") == NULL);
	for (; *s != '\0'; s++)
		must((unsigned char)*s >= 0x20 && *s != 0x7f);
}

static int	read_in(struct told *, struct docs_in *, int fd,
		    const char *type, const char *name, struct err *);

/* Its bytes, or, if it is an archive, those in it. */
static int
member(void *arg, struct docs_member *m, struct err *e)
{
	struct told *t = arg;
	char room[3000];
	struct err bad = { 0 };
	const char *type;
	int64_t n;
	int made;

	check_name(m->path);
	t->members++;
	if (t->depth == 1) {
		map_put(&t->names, m->path, &made);
		must(made);
	}
	type = media_type(m->path, "", 0);
	if (media_is_archive(type))
		return read_in(t, &m->in, -1, type, m->path, &bad) < 0 &&
		    bad.code != ERR_INPUT ? (*e = bad, -1) : 0;
	while ((n = docs_in_read(&m->in, room, sizeof room, &bad)) > 0) {
		must(n <= (int64_t)sizeof room);
		t->bytes += n;
	}
	must(n == 0 || bad.code == ERR_INPUT);
	must(m->in.taken <= t->limits.bytes + (int64_t)sizeof room);
	return 0;
}

static int
refused(void *arg, const char *path, const char *why, struct err *e)
{
	struct told *t = arg;

	(void)path;
	(void)e;
	must(why != NULL && *why != '\0');
	t->refused++;
	return 0;
}

static int
read_in(struct told *t, struct docs_in *in, int fd, const char *type,
    const char *name, struct err *e)
{
	struct archive_sink sink = { member, refused, t };
	int r;

	t->depth++;
	r = docs_archive_read(in, fd, type, name, &t->limits, &t->spent, &sink,
	    e);
	t->depth--;
	return r;
}

static void
read_bytes(const uint8_t *p, size_t n, int fd, struct told *t)
{
	struct docs_mem mem;
	struct docs_in in;
	struct err e = { 0 };
	const char *type = media_type("x", (const char *)p, n);
	int r;

	memset(t, 0, sizeof *t);
	t->limits = (struct docs_limits)DOCS_LIMITS;
	t->limits.bytes = TOTAL / 4;
	t->limits.total = TOTAL;
	t->limits.entries = ENTRIES;
	t->limits.nest = 3;
	docs_in_mem(&in, &mem, (const char *)p, n, "x");
	in.most = INT64_MAX;
	r = read_in(t, &in, fd, media_is_archive(type) ? type :
	    "application/x-tar", "x.gz", &e);
	must(r == 0 || (e.code == ERR_INPUT && *e.msg != '\0'));
	must(t->spent.nest == 0);
	must(t->spent.entries <= ENTRIES + 1);
	must(t->members + t->refused <= ENTRIES);
	/* what is read in one go may go beyond it by as much */
	must(t->spent.bytes <= TOTAL + (1 << 20));
	must(t->bytes <= t->spent.bytes);
	map_release(&t->names);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	struct told stream, file;
	FILE *f;

	if (n == 0)
		return 0;
	read_bytes(p, n, -1, &stream);
	if ((f = tmpfile()) == NULL)
		return 0;
	if (fwrite(p, 1, n, f) == n && fflush(f) == 0)
		read_bytes(p, n, fileno(f), &file);
	fclose(f);
	return 0;
}
