/*
 * docs/media.h: what a file is; docs/filter.h: which filter is its.
 */
#include "tap.h"

#include "docs/filter.h"
#include "docs/media.h"
#include "docs/readers.h"

#include <string.h>

static const struct {
	const char *name, *head;
	size_t len;		/* 0: as long as the text */
	const char *type;
} cases[] = {
	{ "a.md", "# x\n", 0, "text/markdown" },
	{ "A.MD", "", 0, "text/markdown" },
	{ "a.md", "\x89PNG\r\n\x1a\n\0\0\0\15", 12, "image/png" },
	{ "a", "words\n", 0, "text/plain" },
	{ "dir.md/a", "words\n", 0, "text/plain" },
	{ "a", "<!DOCTYPE HTML><p>", 0, "text/html" },
	{ "a", "\xef\xbb\xbf <HTML>", 0, "text/html" },
	{ "a", "<?xml version='1.0'?>", 0, "application/xml" },
	{ "a", "#!/usr/bin/env python3\n", 0, "text/x-python" },
	{ "a", "#!/bin/sh\n", 0, "text/x-shellscript" },
	{ "a.c", "int x;\n", 0, "text/x-c" },
	{ "a.c", "int\0x;\n", 7, "application/octet-stream" },
	{ "a.txt", "\xff\xfe" "a\0b\0", 6, "text/plain" },
	{ "a", "%PDF-1.7\n", 0, "application/pdf" },
	{ "a.txt", "GIF8 and ID3 are formats\n", 0, "text/plain" },
	{ "a.txt", "ID3 is a format\n", 0, "text/plain" },
	{ "a", "GIF89a\1\0\1\0\0", 11, "image/gif" },
	{ "a.zip", "PK\3\4\24\0\0\0\0\0", 10, "application/zip" },
	{ "a.docx", "PK\3\4\24\0\0\0\0\0", 10, "application/"
	    "vnd.openxmlformats-officedocument.wordprocessingml.document" },
	{ "a", "PK\3\4\24\0\0\0\0\0\0\0\0\0\0\0\0\0\24\0\0\0\24\0\0\0\10\0\0\0"
	    "mimetypeapplication/epub+zip", 58, "application/epub+zip" },
	{ "a.doc", "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0", 9,
	    "application/msword" },
	{ "a.tgz", "\x1f\x8b\10\0\0\0\0\0\0\3", 10, "application/gzip" },
	{ "a", "", 0, "text/plain" },
};

static void
media(void)
{
	size_t i, n;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		n = cases[i].len != 0 ? cases[i].len : strlen(cases[i].head);
		is_str(media_type(cases[i].name, cases[i].head, n),
		    cases[i].type, cases[i].name);
	}
	ok(media_is_archive("application/gzip") &&
	    media_is_packed("application/gzip") &&
	    !media_is_packed("application/zip"), "what is packed");
	ok(docs_reader_of("text/x-python") != NULL &&
	    docs_reader_of("text/html") != NULL &&
	    docs_reader_of("text/csv") != NULL, "readers of text");
	ok(docs_reader_of("image/png") == NULL &&
	    docs_reader_of("image/svg+xml") == NULL, "and of no pictures");
}

static const char *
found(const struct docs_filters *f, const char *type, const char *name)
{
	const struct docs_filter *one = docs_filters_find(f, type, name);

	return one != NULL ? one->command : "none";
}

static void
filters(void)
{
	struct docs_filters f = DOCS_FILTERS;

	docs_filters_add(&f, "pdf", "one", NULL);
	docs_filters_add(&f, "image/png", "two", "text/html");
	docs_filters_add(&f, "tar.z", "three", NULL);
	is_str(found(&f, "x", "a.PDF"), "one", "by its suffix");
	is_str(found(&f, "image/png", "a"), "two", "by its type");
	is_str(found(&f, "x", "d/a.tar.z"), "three", "by a longer suffix");
	is_str(found(&f, "x", "a.tar"), "none", "not by a part of it");
	is_str(found(&f, "x", "pdf"), "none", "nor by a name without one");
	docs_filters_release(&f);
}

int
main(void)
{
	media();
	filters();
	return done();
}
