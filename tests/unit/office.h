/*
 * Zipped documents that are written down as text: a line "=== NAME" begins a
 * member, the lines behind it are its bytes.  And what a reader told of one,
 * as lines.
 */
#ifndef TESTS_OFFICE_H
#define TESTS_OFFICE_H

#include "base/buf.h"
#include "docs/block.h"
#include "docs/in.h"
#include "docs/limits.h"

#include <archive.h>
#include <archive_entry.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static la_ssize_t
office_write(struct archive *a, void *arg, const void *p, size_t n)
{
	(void)a;
	buf_add(arg, p, n);
	return (la_ssize_t)n;
}

static inline void
office_member(struct archive *a, const char *name, size_t len, const char *p,
    size_t n)
{
	struct archive_entry *en;
	char room[256];

	if (len >= sizeof room)
		len = sizeof room - 1;
	memcpy(room, name, len);
	room[len] = '\0';
	if (room[0] == '\0')	/* it would not be written */
		return;
	en = archive_entry_new();
	archive_entry_set_pathname(en, room);
	archive_entry_set_filetype(en, AE_IFREG);
	archive_entry_set_perm(en, 0644);
	archive_entry_set_size(en, (la_int64_t)n);
	if (archive_write_header(a, en) == ARCHIVE_OK && n > 0)
		archive_write_data(a, p, n);
	archive_entry_free(en);
}

/* The zip of such a text, appended. */
static inline void
office_zip(struct buf *out, const char *p, size_t n, bool deflate)
{
	struct archive *a = archive_write_new();
	const char *end = p + n, *name, *eol, *next;

	archive_write_set_format_zip(a);
	archive_write_set_options(a, deflate ? "zip:compression=deflate" :
	    "zip:compression=store");
	archive_write_set_bytes_in_last_block(a, 1);
	archive_write_open(a, out, NULL, office_write, NULL);
	while (p < end && (size_t)(end - p) > 4 &&
	    memcmp(p, "=== ", 4) == 0) {
		name = p + 4;
		if ((eol = memchr(name, '\n', (size_t)(end - name))) == NULL)
			break;
		for (next = eol; next != NULL && next < end; next = memchr(
		    next + 1, '\n', (size_t)(end - next - 1)))
			if (end - next > 4 && memcmp(next + 1, "===", 3) == 0)
				break;
		if (next == NULL || next >= end)
			next = end - 1;
		if (eol > name)
			office_member(a, name, (size_t)(eol - name), eol + 1,
			    next > eol ? (size_t)(next - eol) : 0);
		p = next + 1;
	}
	archive_write_free(a);
}

static inline void
office_show(struct buf *out, const char *p, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		buf_addc(out, p[i] == '\t' ? '|' : p[i] == '\n' ? '/' :
		    p[i]);
	buf_addc(out, '\n');
}

/* "H1 ", "P ", "I2 ", "R ", "R! " a header, "C ", "G3 " a page, "S ". */
static int
office_block(void *arg, const struct docs_block *b, struct err *e)
{
	static const char letters[] = "HPIRCGS";
	struct buf *out = arg;

	(void)e;
	buf_addc(out, letters[b->kind]);
	if (b->kind == DOCS_ROW)
		buf_adds(out, b->number ? "!" : "");
	else if (b->kind == DOCS_HEADING || b->kind == DOCS_ITEM ||
	    b->kind == DOCS_PAGE)
		buf_add_int(out, b->number);
	buf_addc(out, ' ');
	office_show(out, b->text, b->len);
	return 0;
}

static int
office_meta(void *arg, enum docs_meta what, const char *p, size_t n,
    struct err *e)
{
	static const char *const names[] = { "title", "author", "language",
	    "created", "modified", "tag" };

	(void)e;
	buf_addf(arg, "%s=", names[what]);
	office_show(arg, p, n);
	return 0;
}

typedef int office_reader(struct docs_in *, const struct docs_sink *,
    const struct docs_limits *, struct err *);

/* What is told of these bytes, and "! why" at the end of what failed. */
static inline char *
office_told(office_reader *read, const char *p, size_t n,
    const struct docs_limits *limits)
{
	struct buf out = BUF_INIT;
	struct docs_sink to = { office_block, office_meta, &out };
	struct docs_in in;
	struct docs_mem mem;
	struct err e = { 0 };

	docs_in_mem(&in, &mem, p, n, "test");
	if (read(&in, &to, limits, &e) < 0)
		buf_addf(&out, "! %s\n", e.msg);
	return buf_steal(&out);
}

/* The same of a text as above. */
static inline char *
office_text(office_reader *read, const char *text)
{
	static const struct docs_limits limits = DOCS_LIMITS;
	struct buf zip = BUF_INIT;
	char *told;

	office_zip(&zip, text, strlen(text), true);
	told = office_told(read, zip.p, zip.len, &limits);
	buf_release(&zip);
	return told;
}

#endif
