/*
 * The members of a zip: whatever it is, opening it ends, and a part is the
 * same each time that it is read.
 */
#include "fuzz-office.h"

#include "docs/parts.h"

static void
read_part(struct parts *p, const char *name)
{
	struct buf one = BUF_INIT, two = BUF_INIT;
	struct err e = { 0 };
	int r = parts_read(p, name, &one, &e);

	must(r == -1 || (r == 1) == parts_has(p, name));
	if (r == 1) {
		must(one.len <= 1 << 16);
		must(parts_read(p, name, &two, &e) == 1);
		must(one.len == two.len &&
		    memcmp(one.p, two.p, one.len) == 0);
	}
	buf_release(&one);
	buf_release(&two);
}

static int
read_all(struct docs_in *in, const struct docs_sink *to,
    const struct docs_limits *limits, struct err *e)
{
	static const char *const names[] = { "a.xml", "b.bin", "mimetype",
	    "A.XML", "[Content_Types].xml", "word/document.xml" };
	struct parts *p;
	size_t i;

	(void)to;
	if (parts_open(&p, in, limits, e) < 0)
		return -1;
	for (i = 0; i < sizeof names / sizeof *names; i++)
		read_part(p, names[i]);
	parts_close(p);
	return 0;
}

/* What is made of a reference never leads out. */
static void
read_path(const uint8_t *p, size_t n)
{
	char *ref = strndup((const char *)p, n < 200 ? n : 200);
	struct buf b = BUF_INIT;

	must(ref != NULL);
	if (parts_path(&b, "a/b/c.xml", ref, true) == 1)
		must(b.p[0] != '/' && strcmp(b.p, "..") != 0 &&
		    strncmp(b.p, "../", 3) != 0 &&
		    strstr(b.p, "/../") == NULL);
	else
		must(b.len == 0);
	buf_release(&b);
	free(ref);
}

int
LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	read_path(p, n);
	fuzz_reader(read_all, p, n);
	return 0;
}
