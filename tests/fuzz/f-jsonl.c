/*
 * Lines, against the obvious way to cut a text that is in memory.  The
 * first byte is the cap.
 */
#include "fuzz.h"

#include "base/jsonl.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Compare one line; the text behind it. */
static const char *
check(struct jsonl *r, const char *p, const char *end, const char *begin)
{
	const char *nl = memchr(p, '\n', (size_t)(end - p));
	size_t n = (size_t)((nl != NULL ? nl : end) - p), got_n;
	enum jsonl_got got;
	bool ended;
	struct err e;
	char *line;

	got = jsonl_next(r, r->line_no % 3 - 1, &line, &got_n, &ended, &e);
	if (p == end) {
		must(got == JSONL_EOF);
		return NULL;
	}
	must(ended == (nl != NULL));
	if (nl != NULL && n > 0 && p[n - 1] == '\r')
		n--;
	must(got == (n > r->max ? JSONL_LONG : JSONL_LINE));
	if (got == JSONL_LINE) {
		if (p == begin && n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0) {
			p += 3;
			n -= 3;
		}
		must(got_n == n && memcmp(line, p, n) == 0 && line[n] == '\0');
	}
	p = nl != NULL ? nl + 1 : end;
	must(r->offset == p - begin);
	return p;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static int fd = -1;
	const char *p, *begin = (const char *)data + 1;
	struct jsonl r;
	FILE *f;

	if (len == 0)
		return 0;
	if (fd < 0) {
		must((f = tmpfile()) != NULL);
		fd = fileno(f);
	}
	must(ftruncate(fd, 0) == 0 && pwrite(fd, begin, len - 1, 0) ==
	    (ssize_t)len - 1 && lseek(fd, 0, SEEK_SET) == 0);
	jsonl_init(&r, fd, "fuzz");
	r.max = data[0];
	for (p = begin; p != NULL; )
		p = check(&r, p, (const char *)data + len, begin);
	jsonl_release(&r);
	return 0;
}
