/*
 * Plain text: what is a heading and what is none.
 */
#include "told.h"

#include "docs/text.h"

static const struct told_case cases[] = {
	{ "nothing", "", "" },
	{ "blank lines", "\n \n\t\n", "" },
	{ "paragraphs keep their lines", "a\n  b\n\n\n c\n", "P a|  b\nP c\n" },
	{ "underlined", "One\n===\ntext\n\nTwo\n---\n\nThree\n~~~~~\nx\n",
	    "H1 One\nP text\nH2 Two\nH3 Three\nP x\n" },
	{ "over and under", "=====\nTitle\n=====\n\n-----\n Sub\n-----\n",
	    "H1 Title\nH1 Sub\n" },
	{ "a rule is no text", "a\n\n-----\n\nb\n", "P a\nP b\n" },
	{ "a line much longer than what is below it is not underlined",
	    "a long line that says things\n---\n", "P a long line that says "
	    "things|---\n" },
	{ "numbered", "1. Scope\n\n1.2 More of it\n\nA.1 Annex\n\n"
	    "2.1.3. Deep\n\ntext\n", "H1 1. Scope\nH2 1.2 More of it\n"
	    "H2 A.1 Annex\nH3 2.1.3. Deep\nP text\n" },
	{ "named", "Chapter 1\n\nAppendix B Tables\n\nPart of it\n",
	    "H1 Chapter 1\nH1 Appendix B Tables\nP Part of it\n" },
	{ "sentences, lists and contents are none", "1. We went home.\n\n"
	    "2 apples\n\n1. One\n2. Two\n\n1. Scope ....... 3\n\n"
	    "2024 Was good\n", "P 1. We went home.\nP 2 apples\n"
	    "P 1. One|2. Two\nP 1. Scope ....... 3\nP 2024 Was good\n" },
	{ "pages", "a\n\fb\n\nc\n\f\fd\n\f", "page 1 \nP a\npage 2 \nP b\n"
	    "P c\npage 4 \nP d\n" },
	{ "a page that begins in a line", "a\fb", "page 1 \nP a\npage 2 \n"
	    "P b\n" },
	{ "other ends of lines, a mark", "\xef\xbb\xbf" "a\r\nb\rc\r\n\r\nd",
	    "P a|b|c\nP d\n" }
};

static void
long_lines(void)
{
	struct buf b = BUF_INIT;
	size_t i, lines = 0, bytes = 0;
	const char *p;

	told_limits.line = 1000;
	for (i = 0; i < 1000; i++)
		buf_adds(&b, "word ");
	p = read_as(docs_read_text, "t.txt", b.p, b.len);
	for (; *p != '\0'; p++) {
		lines += *p == '\n';
		bytes += *p == 'w' || *p == 'o' || *p == 'r' || *p == 'd';
	}
	is_int((int64_t)lines, 5, "a long line is several paragraphs");
	is_int((int64_t)bytes, 4000, "and loses nothing");
	told_limits.line = 1001;
	buf_reset(&b);
	for (i = 0; i < 1000; i++)
		buf_adds(&b, "\xe4\xb8\xad");
	read_as(docs_read_text, "t.txt", b.p, b.len);
	ok(told.len >= 3000 && utf8_check(told.p, told.len) == told.len,
	    "not even where it has no blank");
	told_limits.line = 1 << 20;
	buf_release(&b);
}

int
main(void)
{
	TOLD_CASES(docs_read_text, "t.txt", cases);
	long_lines();
	buf_release(&told);
	return done();
}
