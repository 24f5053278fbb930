/*
 * Encodings of tables.
 */
#include "tap.h"

#include "base/buf.h"
#include "base/charset.h"

#include <stdlib.h>
#include <unistd.h>

static FILE *
file_of(const char *text, size_t len)
{
	FILE *f = tmpfile();

	if (f == NULL || write(fileno(f), text, len) != (ssize_t)len ||
	    lseek(fileno(f), 0, SEEK_SET) != 0)
		exit(2);
	return f;
}

/* Which one it is, and the text as UTF-8. */
static void
is_like(const char *text, size_t len, enum charset want, const char *utf8,
    const char *what)
{
	FILE *f = file_of(text, len), *out = tmpfile();
	struct buf got = BUF_INIT;
	enum charset is = 99;
	struct err e;

	if (out == NULL)
		exit(2);
	is_int(charset_guess(fileno(f), "test", &is, &e), 0, "%s: guessed",
	    what);
	is_int(is, want, "%s: as what it is", what);
	is_int(lseek(fileno(f), 0, SEEK_CUR), 0, "%s: its place stays", what);
	is_int(charset_copy(fileno(f), "test", is, fileno(out), &e), 0,
	    "%s: copied", what);
	if (lseek(fileno(out), 0, SEEK_SET) != 0 || buf_read_fd(&got,
	    fileno(out), "test", (size_t)1 << 24, &e) < 0)
		exit(2);
	if (utf8 != NULL)
		is_str(got.p, utf8, "%s: as UTF-8", what);
	buf_release(&got);
	fclose(f);
	fclose(out);
}

/* Characters over the borders of what is read at once. */
static void
borders(void)
{
	struct buf b = BUF_INIT;
	int i;

	for (i = 0; i < 50000; i++)
		buf_adds(&b, i % 2 ? "a\xd6\xd0" : "\xce\xc4\xb1\xb1");
	is_like(b.p, b.len, CHARSET_GB18030, NULL, "a long text");
	buf_reset(&b);
	for (i = 0; i < 50000; i++)
		buf_adds(&b, "a\xe2\x82\xac");
	is_like(b.p, b.len, CHARSET_UTF8, b.p, "a long UTF-8 text");
	buf_release(&b);
}

int
main(void)
{
	FILE *f = file_of("\xff\xff", 2), *out = tmpfile();
	struct err e = { 0 };

	is_like("", 0, CHARSET_UTF8, "", "nothing");
	is_like("a,b\n", 4, CHARSET_UTF8, "a,b\n", "ASCII");
	is_like("\xe4\xb8\xad", 3, CHARSET_UTF8, "\xe4\xb8\xad", "UTF-8");
	is_like("\xd6\xd0\xce\xc4,x\n", 7, CHARSET_GB18030,
	    "\xe4\xb8\xad\xe6\x96\x87,x\n", "GBK");
	/* U+3400 has four bytes in GB18030, and none in GBK */
	is_like("\x81\x39\xee\x39\n", 5, CHARSET_GB18030,
	    "\xe3\x90\x80\n", "GB18030");
	is_like("caf\xe9 x\n", 7, CHARSET_LATIN1, "caf\xc3\xa9 x\n",
	    "Latin-1");
	is_like("\xe4\xb8", 2, CHARSET_GB18030, NULL, "torn UTF-8");
	borders();
	ok(out != NULL && charset_copy(fileno(f), "x", CHARSET_GB18030,
	    fileno(out), &e) < 0 && e.code == ERR_INPUT,
	    "what it is not is an error");
	fclose(f);
	fclose(out);
	return done();
}
