/*
 * docs-blocks FORMAT FILE: what the reader of a format tells of a document, a
 * line for each (tests/unit/office.h); 2 with the reason when it is refused.
 */
#include "tests/unit/office.h"

#include "docs/docx.h"
#include "docs/epub.h"
#include "docs/odt.h"
#include "docs/pptx.h"
#include "docs/xlsx.h"

#include <fcntl.h>
#include <stdio.h>

static const struct {
	const char *name;
	office_reader *read;
} formats[] = { { "docx", docs_read_docx }, { "odt", docs_read_odt },
	{ "epub", docs_read_epub }, { "xlsx", docs_read_xlsx },
	{ "pptx", docs_read_pptx } };

static int
print_block(void *arg, const struct docs_block *b, struct err *e)
{
	struct buf line = BUF_INIT;

	(void)arg;
	office_block(&line, b, e);
	fwrite(line.p, 1, line.len, stdout);
	buf_release(&line);
	return 0;
}

static int
print_meta(void *arg, enum docs_meta what, const char *p, size_t n,
    struct err *e)
{
	struct buf line = BUF_INIT;

	(void)arg;
	office_meta(&line, what, p, n, e);
	fwrite(line.p, 1, line.len, stdout);
	buf_release(&line);
	return 0;
}

int
main(int argc, char **argv)
{
	static const struct docs_limits limits = DOCS_LIMITS;
	struct docs_sink to = { print_block, print_meta, NULL };
	struct err e = { 0 };
	struct docs_in in;
	size_t i;
	int fd;

	if (argc != 3 || (fd = open(argv[2], O_RDONLY)) < 0)
		return 64;
	docs_in_fd(&in, fd, argv[2], limits.bytes);
	for (i = 0; i < sizeof formats / sizeof *formats; i++)
		if (strcmp(formats[i].name, argv[1]) == 0 &&
		    formats[i].read(&in, &to, &limits, &e) == 0)
			return fflush(stdout) != 0;
	fflush(stdout);
	fprintf(stderr, "docs-blocks: %s\n", e.msg);
	return 2;
}
