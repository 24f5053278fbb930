/*
 * The push parser in SAX form: no tree is built, so memory is that of one
 * paragraph.
 */
#include "docs/html.h"

#include "base/alloc.h"
#include "docs/encoding.h"
#include "docs/flow.h"
#include "docs/markup.h"

#include <libxml/HTMLparser.h>

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <string.h>

#define STEP 16384

struct html {
	struct flow flow;
	htmlParserCtxtPtr ctx;
	int64_t open, deepest, part;
	int64_t looked;			/* bytes that waited, then */
	struct err *e;
	int r;
};

static const char *
attr(void *arg, const char *name)
{
	const xmlChar **a = arg;

	for (; a != NULL && a[0] != NULL; a += 2)
		if (strcmp((const char *)a[0], name) == 0)
			return a[1] != NULL ? (const char *)a[1] : "";
	return NULL;
}

static void
ended(struct html *h, int r)
{
	if (r < 0 && h->r == 0) {
		h->r = -1;
		xmlStopParser(h->ctx);
	}
}

static void
on_open(void *arg, const xmlChar *name, const xmlChar **attrs)
{
	struct html *h = arg;

	if (h->r < 0)
		return;
	if (++h->open > h->deepest)
		ended(h, err_set(h->e, ERR_INPUT, "line %d: elements are "
		    "nested deeper than %" PRId64 ", the most that is read; "
		    MARKUP_FLATTEN,
		    h->ctx->input != NULL ? h->ctx->input->line : 0,
		    h->deepest));
	else
		ended(h, flow_open(&h->flow, (const char *)name, attr, attrs,
		    h->e));
}

static void
on_close(void *arg, const xmlChar *name)
{
	struct html *h = arg;

	if (h->r < 0)
		return;
	h->open--;
	ended(h, flow_close(&h->flow, (const char *)name, h->e));
}

static void
on_text(void *arg, const xmlChar *p, int len)
{
	struct html *h = arg;

	if (h->r == 0 && len > 0)
		ended(h, flow_text(&h->flow, (const char *)p, (size_t)len,
		    h->e));
}

/* Ends of elements before any begins: libxml2 would take them for the end of
 * all. */
static size_t
stray(const char *p, size_t len)
{
	const char *end = p + len, *q = p;

	for (;;) {
		while (q < end && (*q == ' ' || *q == '\n' || *q == '\t'))
			q++;
		if (end - q >= 4 && memcmp(q, "<!--", 4) == 0) {
			for (q += 4; end - q >= 3 && memcmp(q, "-->", 3) != 0;
			    q++)
				;
			if (end - q < 3)
				break;
			q += 3;
		} else if (end - q < 2 || q[0] != '<' || q[1] != '/' ||
		    (q = memchr(q, '>', (size_t)(end - q))) == NULL)
			break;
		else
			p = ++q;
	}
	return len - (size_t)(end - p);
}

/*
 * A tag that a step cuts within an attribute is looked through from there on
 * with the next one, as if it were outside (2.9.14): its end may never be
 * found, and all that follows waits in memory.  So it is looked through from
 * its front, for a long one each time that it has doubled.
 */
static int
look_again(struct html *h)
{
	const xmlParserInput *in = h->ctx->input;
	int64_t left = in != NULL ? in->end - in->cur : 0;

	if (left > h->part)
		return err_set(h->e, ERR_INPUT, "line %d: a tag, comment or "
		    "script has more than %" PRId64 " bytes", in->line,
		    h->part);
	if (left < 2 * STEP)
		h->looked = 0;
	if (left >= 2 * h->looked) {
		h->looked = left < 2 * STEP ? 0 : left;
		h->ctx->checkIndex = 0;
	}
	return 0;
}

static int
parse(struct html *h, struct docs_in *in, struct err *e)
{
	char room[STEP];
	bool first = true;
	int64_t n;
	size_t at;

	while (h->r == 0 && (n = docs_in_read(in, room, sizeof room, e)) != 0) {
		if (n < 0)
			return -1;
		at = first ? stray(room, (size_t)n) : 0;
		first = false;
		htmlParseChunk(h->ctx, room + at, (int)(n - (int64_t)at), 0);
		if (h->r == 0)
			ended(h, look_again(h));
	}
	if (h->r == 0)
		htmlParseChunk(h->ctx, room, 0, 1);
	return h->r == 0 ? flow_end(&h->flow, e) : -1;
}

int
docs_read_html(struct docs_in *from, const struct docs_sink *sink,
    const struct docs_limits *limits, struct err *e)
{
	struct html h = { .deepest = limits->depth, .part = limits->part,
	    .e = e };
	struct docs_decode *d;
	htmlSAXHandler sax;
	struct docs_in in;
	int r;

	markup_setup();
	memset(&sax, 0, sizeof sax);
	sax.startElement = on_open;
	sax.endElement = on_close;
	sax.characters = sax.ignorableWhitespace = on_text;
	sax.cdataBlock = NULL;		/* of scripts and styles */
	sax.initialized = 1;
	if ((h.ctx = htmlCreatePushParserCtxt(&sax, &h, NULL, 0, NULL,
	    XML_CHAR_ENCODING_UTF8)) == NULL)
		alloc_fail();
	/* so many ends of html and body mean nothing: behind the one that
	 * counts, all is left out; it is counted up, too */
	h.ctx->depth = INT_MAX / 2;
	htmlCtxtUseOptions(h.ctx, HTML_PARSE_RECOVER | HTML_PARSE_NOERROR |
	    HTML_PARSE_NOWARNING | HTML_PARSE_NONET | HTML_PARSE_IGNORE_ENC);
	flow_init(&h.flow, sink, limits);
	d = docs_decode_new(from, false, &in);
	docs_decode_html(d);
	r = parse(&h, &in, e);
	docs_decode_free(d);
	flow_release(&h.flow);
	htmlFreeParserCtxt(h.ctx);
	return r;
}
