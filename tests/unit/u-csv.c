/*
 * Tables, however their bytes come.
 */
#include "tap.h"

#include "base/csv.h"

#include <stdlib.h>
#include <unistd.h>

/* Cells in brackets, "|" behind each row, its line before it; "#" a row that
 * is too long, "?" one that is torn. */
static const char *
rows(const char *text, size_t len, size_t chunk, size_t max, char sep)
{
	static struct buf out = BUF_INIT;
	FILE *f = tmpfile();
	enum csv_got got;
	struct csv c;
	struct err e;
	size_t i;

	if (f == NULL || write(fileno(f), text, len) != (ssize_t)len ||
	    lseek(fileno(f), 0, SEEK_SET) != 0)
		exit(2);
	buf_reset(&out);
	csv_init(&c, fileno(f), "test");
	c.chunk = chunk;
	c.max = max;
	c.sep = sep;
	while ((got = csv_next(&c, &e)) != CSV_END) {
		buf_addf(&out, "%d%s", (int)c.line_no, got == CSV_LONG ? "#" :
		    got == CSV_TORN ? "?" : "");
		for (i = 0; i < c.n && got != CSV_LONG; i++)
			buf_addf(&out, "[%s]", csv_cell(&c, i));
		buf_addc(&out, '|');
	}
	csv_release(&c);
	fclose(f);
	return out.p;
}

static const char *
read_as(const char *text, char sep)
{
	size_t len = strlen(text), chunk;
	char first[512];
	const char *got;

	snprintf(first, sizeof first, "%s", rows(text, len, 4096, 99, sep));
	for (chunk = 1; chunk < 9; chunk++) {
		got = rows(text, len, chunk, 99, sep);
		if (strcmp(got, first) != 0) {
			printf("# pieces of %zu\n", chunk);
			break;
		}
	}
	return rows(text, len, chunk % 9 + 1, 99, sep);
}

static const char *
csv(const char *text)
{
	return read_as(text, ',');
}

/* The examples of RFC 4180, section 2. */
static void
rfc(void)
{
	is_str(csv("aaa,bbb,ccc\r\nzzz,yyy,xxx\r\n"),
	    "1[aaa][bbb][ccc]|2[zzz][yyy][xxx]|", "rule 1: lines with CRLF");
	is_str(csv("aaa,bbb,ccc\r\nzzz,yyy,xxx"),
	    "1[aaa][bbb][ccc]|2[zzz][yyy][xxx]|", "rule 2: the last without");
	is_str(csv("a, b ,c\n"), "1[a][ b ][c]|", "rule 4: blanks belong");
	is_str(csv("\"aaa\",\"bbb\",ccc\n"), "1[aaa][bbb][ccc]|",
	    "rule 5: quotes go");
	is_str(csv("\"aaa\",\"b\r\nbb\",\"c,c\"\r\nzzz,yyy,xxx"),
	    "1[aaa][b\r\nbb][c,c]|3[zzz][yyy][xxx]|",
	    "rule 6: ends of lines and commas in quotes; lines are counted");
	is_str(csv("\"aaa\",\"b\"\"bb\",\"\"\"\"\n"), "1[aaa][b\"bb][\"]|",
	    "rule 7: a doubled quote is one");
}

static void
wider(void)
{
	is_str(csv("\xef\xbb\xbf" "a,b\n"), "1[a][b]|",
	    "a byte order mark goes");
	is_str(csv("\xef\xbb" "a,b\n"), "1[\xef\xbb" "a][b]|",
	    "half of one stays");
	is_str(csv("\xef\xbb\xbf"), "", "a mark alone is no row");
	is_str(csv("a\rb\rc"), "1[a]|2[b]|3[c]|", "CR ends lines");
	is_str(csv("\n\na\n\n\nb\n"), "3[a]|6[b]|",
	    "lines with nothing are passed over");
	is_str(csv("\"\"\n,\n"), "1[]|2[][]|", "empty cells are none the less");
	is_str(csv("a\"b,c\"\n"), "1[a\"b][c\"]|", "a quote in a bare cell");
	is_str(csv("\"a\"b\"c\",d\n"), "1[ab\"c\"][d]|",
	    "what follows a closing quote");
	is_str(csv("a,\"b\nc"), "1?[a][b\nc]|", "a quote that is never closed");
	is_str(read_as("a;\"b;c\";d,e\n", ';'), "1[a][b;c][d,e]|",
	    "another separator");
}

static void
bounds(void)
{
	char many[3 * CSV_CELLS_MAX];
	struct csv c;

	is_str(rows("a,b\n0123456789,x\nc\n", 19, 7, 8, ','),
	    "1[a][b]|2#|3[c]|", "a row over the bound is passed over");
	is_str(rows("\"0123456\n789\",x\nc\n", 18, 3, 8, ','),
	    "1#|3[c]|", "to its end, whatever is in it");
	memset(many, ',', sizeof many);
	many[sizeof many - 2] = '\n';
	many[sizeof many - 1] = 'c';
	is_str(rows(many, sizeof many, 4096, CSV_ROW_MAX, ','), "1#|2[c]|",
	    "and one of too many cells");
	csv_init(&c, -1, "test");
	is_str(csv_cell(&c, 7), "", "a cell that is not there");
	csv_release(&c);
}

static void
guesses(void)
{
	ok(csv_guess("a,b;c,d\n;;;;", 12) == ',', "the commonest one");
	ok(csv_guess("a;b;c,d\n", 8) == ';', "a semicolon");
	ok(csv_guess("a\tb", 3) == '\t', "a tab");
	ok(csv_guess("\"a;;;\",b", 8) == ',', "what is quoted does not count");
	ok(csv_guess("a", 1) == ',' && csv_guess("", 0) == ',',
	    "without any it is the comma");
}

int
main(void)
{
	rfc();
	wider();
	bounds();
	guesses();
	return done();
}
