/*
 * Tables: however the bytes come in pieces, the rows are the same; and what
 * is read, written by the RFC's rules, is read as the same again.  The first
 * byte is the size of a piece, the second the longest row, the third chooses
 * the separator.
 */
#include "fuzz.h"

#include "base/csv.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
set_file(FILE *file, const void *p, size_t len)
{
	int fd = fileno(file);

	must(ftruncate(fd, 0) == 0 && pwrite(fd, p, len, 0) == (ssize_t)len);
	must(lseek(fd, 0, SEEK_SET) == 0);
}

static void
quote(struct buf *b, const char *p, size_t n)
{
	buf_addc(b, '"');
	for (; n > 0; p++, n--) {
		if (*p == '"')
			buf_addc(b, '"');
		buf_addc(b, *p);
	}
	buf_addc(b, '"');
}

/* All rows as the RFC writes them; *whole: none was too long or torn. */
static void
rows(FILE *file, size_t chunk, size_t max, char sep, struct buf *out,
    bool *whole)
{
	enum csv_got got;
	struct csv c;
	struct err e;
	size_t i;

	must(lseek(fileno(file), 0, SEEK_SET) == 0);
	csv_init(&c, fileno(file), "fuzz");
	c.chunk = chunk;
	c.max = max;
	c.sep = sep;
	*whole = true;
	while ((got = csv_next(&c, &e)) != CSV_END) {
		must(got != CSV_FAIL);
		if (got != CSV_ROW)
			*whole = false;
		if (got == CSV_LONG) {
			buf_addc(out, '#');
			continue;
		}
		must(c.n > 0);
		for (i = 0; i < c.n; i++) {
			must(c.cell[i].at + c.cell[i].len < c.row.len);
			must(csv_cell(&c, i)[c.cell[i].len] == '\0');
			if (i > 0)
				buf_addc(out, sep);
			quote(out, csv_cell(&c, i), c.cell[i].len);
		}
		buf_adds(out, "\r\n");
	}
	csv_release(&c);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct buf one = BUF_INIT, two = BUF_INIT, three = BUF_INIT;
	static const char seps[] = ",;\t|";
	static FILE *file;
	bool whole;
	char sep;

	if (file == NULL)
		must((file = tmpfile()) != NULL);
	if (len < 3)
		return 0;
	sep = seps[data[2] % 4];
	set_file(file, data + 3, len - 3);
	csv_guess((const char *)data + 3, len - 3);
	rows(file, 1 + data[0] % 64, 1 + data[1], sep, &one, &whole);
	rows(file, 4096, 1 + data[1], sep, &two, &whole);
	must(one.len == two.len && memcmp(one.p, two.p, one.len) == 0);
	if (whole) {
		set_file(file, two.p, two.len);
		rows(file, 4096, CSV_ROW_MAX, sep, &three, &whole);
		must(whole && three.len == two.len &&
		    memcmp(three.p, two.p, two.len) == 0);
	}
	buf_release(&one);
	buf_release(&two);
	buf_release(&three);
	return 0;
}
