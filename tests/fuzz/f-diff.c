/*
 * Patches of anybody: whole and in pieces they tell the same, no path leads
 * out of the repository, and lines are where they can be.
 */
#include "fuzz.h"

#include "base/buf.h"
#include "base/utf8.h"
#include "history/patch.h"

#include <string.h>

static void
check_path(const char *s)
{
	must(*s != '\0' && *s != '/' && strlen(s) <= PATCH_PATH_MAX);
	must(utf8_check(s, strlen(s)) == strlen(s));
	must(strncmp(s, "../", 3) != 0 && strstr(s, "/../") == NULL);
}

static int
on_file(void *arg, const struct patch_file *f, struct err *e)
{
	(void)e;
	check_path(f->path);
	if (f->was != NULL)
		check_path(f->was);
	buf_addf(arg, "%d %d %s %s\n", f->did, f->binary, f->path,
	    f->was != NULL ? f->was : "");
	return 0;
}

static int
on_text(void *arg, int64_t line, const char *s, size_t n, struct err *e)
{
	(void)e;
	must(line >= 0 && n < PATCH_LINE_MAX);
	buf_addf(arg, "%lld ", (long long)line);
	buf_add(arg, s, n);
	return 0;
}

static int
on_range(void *arg, const struct patch_range *p, struct err *e)
{
	(void)e;
	must(p->first >= 1 && p->last >= p->first - 1 && p->removed >= 0);
	must(p->last >= p->first || p->removed > 0);
	buf_addf(arg, "%lld %lld %lld\n", (long long)p->first,
	    (long long)p->last, (long long)p->removed);
	return 0;
}

static void
read_in(struct buf *told, const char *s, size_t n, size_t step)
{
	struct patch_sink sink = { on_file, on_text, on_range, told };
	struct patch *p = patch_new(&sink);
	struct err e;
	size_t k;
	int r = 0;

	while (n > 0 && r == 0) {
		k = n < step ? n : step;
		r = patch_feed(p, s, k, &e);
		s += k;
		n -= k;
	}
	if (r == 0)
		r = patch_end(p, &e);
	if (r < 0) {
		must(e.code == ERR_INPUT);
		buf_adds(told, e.msg);
	}
	patch_free(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf whole = BUF_INIT, pieces = BUF_INIT;

	read_in(&whole, (const char *)data, len, len + 1);
	read_in(&pieces, (const char *)data, len, 7);
	must(whole.len == pieces.len &&
	    memcmp(whole.p, pieces.p, whole.len) == 0);
	buf_release(&whole);
	buf_release(&pieces);
	return 0;
}
