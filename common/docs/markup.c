/*
 * libxml2's reader over callbacks.  Its own bounds (no XML_PARSE_HUGE) hold for
 * names, texts, attributes and what an entity may grow to; where it says which
 * option raises one, we say what is known here.
 */
#include "docs/markup.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/str.h"
#include "base/utf8.h"

#include <libxml/HTMLparser.h>
#include <libxml/xmlreader.h>

#include <inttypes.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* libxml2 compares each attribute of a tag with each other: a million of them
 * in 10 MB take minutes.  What is counted is '=' since the last piece. */
#define ATTR_MOST 100000

struct markup {
	xmlTextReaderPtr reader;
	struct docs_in *in;		/* borrowed */
	int64_t deepest;
	int equals;
	struct err why;			/* code: what stopped it, else 0 */
	struct err in_why;		/* of the bytes */
	bool close_next;		/* of an element without content */
	bool ended;
	int depth;
	const char *name, *space;	/* libxml2's, until the next piece */
	const char *text;
	size_t len;
	struct buf clean;		/* what text is when it was changed */
	struct buf attr;
};

static xmlParserInputPtr
load_nothing(const char *url, const char *id, xmlParserCtxtPtr ctx)
{
	(void)url;
	(void)id;
	(void)ctx;
	return NULL;
}

/* Errors that nobody has asked for, at what is done without a reader. */
static void
hush(void *arg, const char *fmt, ...)
{
	(void)arg;
	(void)fmt;
}

void
markup_setup(void)
{
	static bool done;

	if (done)
		return;
	done = true;
	xmlMemSetup(free, xmalloc, xrealloc, xstrdup);
	xmlInitParser();
	xmlSetExternalEntityLoader(load_nothing);
	xmlSetGenericErrorFunc(NULL, hush);
}

static int
on_read(void *arg, char *p, int max)
{
	struct markup *m = arg;
	int64_t i, n;

	if (m->in_why.code != ERR_NONE || max <= 0)
		return -1;
	n = docs_in_read(m->in, p, (size_t)max, &m->in_why);
	for (i = 0; i < n; i++)
		m->equals += p[i] == '=';
	if (n > 0 && m->equals > ATTR_MOST)
		return err_set(&m->in_why, ERR_INPUT, "a tag has more than %d "
		    "attributes", ATTR_MOST);
	return (int)n;
}

static int
on_close(void *arg)
{
	(void)arg;
	return 0;
}

static int
too_deep(const struct markup *m, int64_t line, struct err *e)
{
	return err_set(e, ERR_INPUT, "line %" PRId64 ": elements are nested "
	    "deeper than %" PRId64 ", the most that is read; " MARKUP_FLATTEN,
	    line, m->deepest);
}

/* Messages of libxml2 end in a newline.  What is only an error goes on. */
static void
on_error(void *arg, xmlErrorPtr x)
{
	struct markup *m = arg;
	const char *text = x->message != NULL ? x->message : "unknown";

	if (x->level != XML_ERR_FATAL || m->why.code != ERR_NONE)
		return;
	if (strncmp(text, "Excessive depth", 15) == 0)
		too_deep(m, x->line, &m->why);
	else
		err_set(&m->why, ERR_INPUT, "line %d: not well-formed: %.*s",
		    x->line, (int)strcspn(text, "\n"), text);
}

int
markup_open(struct markup **out, struct docs_in *in,
    const struct docs_limits *limits, struct err *e)
{
	struct markup *m;

	markup_setup();
	m = xcalloc(1, sizeof *m);
	m->in = in;
	m->deepest = limits->depth;
	buf_init(&m->clean);
	buf_init(&m->attr);
	m->reader = xmlReaderForIO(on_read, on_close, m, NULL, NULL,
	    XML_PARSE_NONET | XML_PARSE_NOCDATA | XML_PARSE_NOWARNING);
	if (m->reader == NULL) {
		*e = m->in_why;
		markup_close(m);
		return e->code != ERR_NONE ? -1 :
		    err_set(e, ERR_INPUT, "cannot be read as XML");
	}
	xmlTextReaderSetStructuredErrorHandler(m->reader, on_error, m);
	*out = m;
	return 0;
}

void
markup_close(struct markup *m)
{
	if (m == NULL)
		return;
	if (m->reader != NULL)
		xmlFreeTextReader(m->reader);
	buf_release(&m->clean);
	buf_release(&m->attr);
	free(m);
}

static const char *
local_name(const char *name)
{
	const char *colon = strrchr(name, ':');

	/* a prefix stays where no name space is declared for it */
	return colon != NULL && colon[1] != '\0' ? colon + 1 : name;
}

static bool
is_control(const char *p, size_t left)
{
	unsigned char c = (unsigned char)*p;

	return (c < ' ' && c != '\t' && c != '\n') || c == 0x7f ||
	    (c == 0xc2 && left > 1 && (unsigned char)p[1] < 0xa0);
}

static void
take_text(struct markup *m, const char *p, size_t len)
{
	size_t i, n;

	for (i = 0; i < len && !is_control(p + i, len - i); i++)
		;
	if (i < len) {
		buf_reset(&m->clean);
		buf_add(&m->clean, p, i);
		for (; i < len; i += n) {
			n = 1;
			if (!is_control(p + i, len - i))
				buf_addc(&m->clean, p[i]);
			else if (p[i] == '\r')
				buf_addc(&m->clean, '\n');
			else if ((unsigned char)p[i] == 0xc2)
				n = 2;
		}
		p = m->clean.p;
		len = m->clean.len;
	}
	m->text = p;
	m->len = len;
}

/* By the names of HTML; another one stays as it stands there. */
static void
take_entity(struct markup *m, const xmlChar *name)
{
	const char *s = (const char *)name;
	uint32_t c = markup_entity(s, strlen(s));
	char room[4];

	buf_reset(&m->clean);
	if (c != 0)
		buf_add(&m->clean, room, utf8_put(room, c));
	else
		buf_addf(&m->clean, "&%s;", s);
	m->text = m->clean.p;
	m->len = m->clean.len;
}

uint32_t
markup_entity(const char *name, size_t len)
{
	const htmlEntityDesc *known;
	char room[16];
	int64_t n = 0;
	size_t i;
	int d;

	if (len == 0 || len >= sizeof room)
		return 0;
	memcpy(room, name, len);
	room[len] = '\0';
	if (room[0] != '#') {
		known = htmlEntityLookup((const xmlChar *)room);
		return known != NULL ? known->value : 0;
	}
	if (room[1] == 'x' || room[1] == 'X') {
		for (i = 2; i < len && n <= 0x10ffff; i++) {
			d = room[i] | 0x20;
			if (d >= 'a' && d <= 'f')
				n = n * 16 + d - 'a' + 10;
			else if (room[i] >= '0' && room[i] <= '9')
				n = n * 16 + room[i] - '0';
			else
				return 0;
		}
	} else if (!str_int(room + 1, 1, 0x10ffff, &n))
		return 0;
	/* no control characters, no surrogates */
	return n < ' ' || (n >= 0x7f && n < 0xa0) || (n >= 0xd800 &&
	    n < 0xe000) || n > 0x10ffff ? 0 : (uint32_t)n;
}

static int
check_doctype(struct markup *m, struct err *e)
{
	/* not by xmlTextReaderCurrentDoc, which makes the document ours */
	const xmlNode *at = xmlTextReaderCurrentNode(m->reader);
	const xmlDtd *dtd = (const void *)at;

	if (dtd == NULL || at->type != XML_DTD_NODE || (dtd->entities == NULL &&
	    dtd->pentities == NULL))
		return 0;
	return err_set(e, ERR_INPUT, "line %d: its DTD declares entities, "
	    "which is not accepted; take them out",
	    xmlTextReaderGetParserLineNumber(m->reader));
}

static int
failed(struct markup *m, struct err *e)
{
	m->ended = true;
	if (m->in_why.code != ERR_NONE)
		m->why = m->in_why;
	if (m->why.code == ERR_NONE)
		err_set(&m->why, ERR_INPUT, "line %d: not well-formed",
		    xmlTextReaderGetParserLineNumber(m->reader));
	*e = m->why;
	return -1;
}

/* What the reader stands on; -2: of no interest. */
static int
piece(struct markup *m, struct err *e)
{
	const xmlNode *at = xmlTextReaderCurrentNode(m->reader);
	int type = xmlTextReaderNodeType(m->reader);

	m->depth = xmlTextReaderDepth(m->reader);
	switch (type) {
	case XML_READER_TYPE_ELEMENT:
	case XML_READER_TYPE_END_ELEMENT:
		if (m->depth >= m->deepest)
			return too_deep(m,
			    xmlTextReaderGetParserLineNumber(m->reader), e);
		m->name = local_name((const char *)at->name);
		m->space = at->ns != NULL && at->ns->href != NULL ?
		    (const char *)at->ns->href : "";
		m->close_next = type == XML_READER_TYPE_ELEMENT &&
		    xmlTextReaderIsEmptyElement(m->reader) == 1;
		return type == XML_READER_TYPE_ELEMENT ? MARKUP_OPEN :
		    MARKUP_CLOSE;
	case XML_READER_TYPE_TEXT:
	case XML_READER_TYPE_CDATA:
	case XML_READER_TYPE_WHITESPACE:
	case XML_READER_TYPE_SIGNIFICANT_WHITESPACE:
		if (at->content == NULL || at->content[0] == '\0')
			return -2;
		take_text(m, (const char *)at->content,
		    strlen((const char *)at->content));
		return m->len > 0 ? MARKUP_TEXT : -2;
	case XML_READER_TYPE_ENTITY_REFERENCE:
		take_entity(m, at->name);
		return MARKUP_TEXT;
	case XML_READER_TYPE_DOCUMENT_TYPE:
		return check_doctype(m, e) < 0 ? -1 : -2;
	default:
		return -2;
	}
}

int
markup_next(struct markup *m, struct err *e)
{
	int r;

	if (m->ended) {
		*e = m->why;
		return m->why.code != ERR_NONE ? -1 : MARKUP_END;
	}
	if (m->close_next) {
		m->close_next = false;
		return MARKUP_CLOSE;
	}
	m->name = m->space = m->text = "";
	m->len = 0;
	do {
		m->equals = 0;
		if ((r = xmlTextReaderRead(m->reader)) < 0 ||
		    m->in_why.code != ERR_NONE)
			return failed(m, e);
		if (r == 0) {
			m->ended = true;
			return m->why.code != ERR_NONE ? failed(m, e) :
			    MARKUP_END;
		}
		if ((r = piece(m, &m->why)) == -1)
			return failed(m, e);
	} while (r == -2);
	return r;
}

const char *
markup_name(const struct markup *m)
{
	return m->name;
}

const char *
markup_space(const struct markup *m)
{
	return m->space;
}

int
markup_depth(const struct markup *m)
{
	return m->depth;
}

static const char *
find_attr(struct markup *m, const char *space, const char *name)
{
	const xmlNode *at = xmlTextReaderCurrentNode(m->reader);
	const xmlAttr *a;
	const xmlNode *t;

	if (at == NULL || at->type != XML_ELEMENT_NODE)
		return NULL;
	for (a = at->properties; a != NULL; a = a->next)
		if (strcmp(local_name((const char *)a->name), name) == 0 &&
		    (space == NULL || (a->ns != NULL && a->ns->href != NULL &&
		    strstr((const char *)a->ns->href, space) != NULL)))
			break;
	if (a == NULL)
		return NULL;
	if ((t = a->children) == NULL)
		return "";
	if (t->next == NULL && t->content != NULL)
		return (const char *)t->content;
	buf_reset(&m->attr);
	for (; t != NULL; t = t->next)
		if (t->content != NULL)
			buf_adds(&m->attr, (const char *)t->content);
	return m->attr.p;
}

const char *
markup_attr(struct markup *m, const char *name)
{
	return find_attr(m, NULL, name);
}

const char *
markup_attr_in(struct markup *m, const char *space, const char *name)
{
	return find_attr(m, space, name);
}

const char *
markup_text(const struct markup *m, size_t *len)
{
	*len = m->len;
	return m->text;
}
