/*
 * On expat: it streams, has no network in it, and checks what it reads.  Its
 * defence against entities that multiply is not needed, because none can be
 * declared.
 */
#include "base/xml.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/json.h"
#include "base/str.h"

#include <errno.h>
#include <expat.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP 65536
#define NODE_BYTES 256		/* what an element or attribute costs, about */

struct level {
	json_t *o;		/* own; what it is made of */
	struct buf text;
};

struct reading {
	XML_Parser parser;
	const char *name;
	const char *const *names;
	xml_element *fn;
	void *arg;
	struct err *e;
	int r;			/* of fn, or -1 with *e */
	struct level at[XML_LEVELS];
	int depth;		/* open elements */
	int inside;		/* depth of the one asked for, 0: none */
	size_t bytes;		/* of it */
	size_t fed, heard;	/* bytes, at the last sign of progress */
	int fd;			/* -1: from memory */
	const char *p;
	size_t len;
};

static void
stop(struct reading *r, const char *why)
{
	if (r->r == 0)
		r->r = err_set(r->e, ERR_INPUT, "'%s' line %llu: %s", r->name,
		    (unsigned long long)XML_GetCurrentLineNumber(r->parser),
		    why);
	XML_StopParser(r->parser, XML_FALSE);
}

/* An element that is too large is followed, not kept. */
static bool
keeps(struct reading *r, size_t bytes)
{
	r->bytes += bytes;
	return r->bytes <= XML_ELEMENT_BYTES;
}

static bool
wanted(const struct reading *r, const char *name)
{
	size_t i;

	for (i = 0; r->names[i] != NULL; i++)
		if (strcmp(r->names[i], name) == 0)
			return true;
	return false;
}

static json_t *
parents(const struct reading *r)
{
	json_t *v = json_array();
	int i;

	for (i = 0; i < r->depth; i++)
		json_array_append(v, r->at[i].o);
	return v;
}

static void XMLCALL
on_start(void *arg, const char *name, const char **attr)
{
	struct buf key = BUF_INIT;
	struct reading *r = arg;
	struct level *l;
	size_t i;

	r->heard = r->fed;
	if (r->r != 0)
		return;
	if (r->depth == XML_LEVELS) {
		stop(r, "elements are nested too deeply");
		return;
	}
	l = &r->at[r->depth];
	l->o = json_object();
	if (r->inside == 0)
		r->bytes = 0;
	if (r->inside == 0 && !wanted(r, name))
		json_object_set_new(l->o, "#name", json_string(name));
	for (i = 0; attr[i] != NULL && keeps(r, NODE_BYTES +
	    strlen(attr[i + 1])); i += 2) {
		buf_reset(&key);
		buf_addc(&key, '@');
		buf_adds(&key, attr[i]);
		json_object_set_new(l->o, key.p, json_string(attr[i + 1]));
	}
	buf_release(&key);
	if (r->inside == 0 && wanted(r, name)) {
		json_object_set_new(l->o, "^", parents(r));
		r->inside = r->depth + 1;
	}
	keeps(r, NODE_BYTES);
	r->depth++;
}

/* Blanks around a text are those of the layout. */
static json_t *
text_of(struct level *l)
{
	return json_string(str_trim(l->text.p));
}

/* Put a child into its parent: a name that comes again makes an array. */
static void
adopt(json_t *parent, const char *name, json_t *child)
{
	json_t *old = json_object_get(parent, name), *list;

	if (old == NULL)
		json_object_set(parent, name, child);
	else if (json_is_array(old))
		json_array_append(old, child);
	else {
		list = json_array();
		json_array_append(list, old);
		json_array_append(list, child);
		json_object_set_new(parent, name, list);
	}
	json_decref(child);
}

static void
hand_out(struct reading *r, struct level *l)
{
	bool over = r->bytes > XML_ELEMENT_BYTES;

	r->inside = 0;
	if (!over && l->text.len > 0)
		json_object_set_new(l->o, "#text", text_of(l));
	r->r = r->fn(r->arg, over ? NULL : l->o,
	    (int64_t)XML_GetCurrentLineNumber(r->parser), r->e);
	if (r->r != 0)
		XML_StopParser(r->parser, XML_FALSE);
}

static void XMLCALL
on_end(void *arg, const char *name)
{
	struct reading *r = arg;
	struct level *l;

	r->heard = r->fed;
	if (r->r != 0)
		return;
	l = &r->at[--r->depth];
	if (r->inside == r->depth + 1)
		hand_out(r, l);
	else if (r->inside != 0 && keeps(r, 0)) {
		if (json_object_size(l->o) == 0)
			adopt(r->at[r->depth - 1].o, name, text_of(l));
		else {
			if (l->text.len > 0)
				json_object_set_new(l->o, "#text",
				    text_of(l));
			adopt(r->at[r->depth - 1].o, name,
			    json_incref(l->o));
		}
	}
	json_decref(l->o);
	l->o = NULL;
	buf_release(&l->text);
}

static void XMLCALL
on_text(void *arg, const char *s, int len)
{
	struct reading *r = arg;

	r->heard = r->fed;
	if (r->r == 0 && r->inside != 0 && keeps(r, (size_t)len))
		buf_add(&r->at[r->depth - 1].text, s, (size_t)len);
}

static void XMLCALL
on_doctype(void *arg, const char *name, const char *sysid, const char *pubid,
    int has_subset)
{
	(void)name;
	(void)sysid;
	(void)pubid;
	if (has_subset)
		stop(arg, "a DTD inside the file is not accepted: entities "
		    "could be declared there; take it out");
}

static void XMLCALL
on_entity(void *arg, const char *name, int is_parameter)
{
	struct buf b = BUF_INIT;

	if (is_parameter)
		return;
	buf_addf(&b, "&%s;", name);
	on_text(arg, b.p, (int)b.len);
	buf_release(&b);
}

/* Comments and the like. */
static void XMLCALL
on_other(void *arg, const char *s, int len)
{
	struct reading *r = arg;

	(void)s;
	(void)len;
	r->heard = r->fed;
}

static void
prepare(struct reading *r)
{
	XML_Parser p = r->parser;

	XML_SetUserData(p, r);
	XML_SetElementHandler(p, on_start, on_end);
	XML_SetCharacterDataHandler(p, on_text);
	XML_SetStartDoctypeDeclHandler(p, on_doctype);
	XML_SetSkippedEntityHandler(p, on_entity);
	XML_SetParamEntityParsing(p, XML_PARAM_ENTITY_PARSING_NEVER);
	XML_SetDefaultHandler(p, on_other);
}

static ssize_t
take(struct reading *r, void *room)
{
	size_t n = r->len < STEP ? r->len : STEP;

	if (r->fd >= 0)
		return read(r->fd, room, STEP);
	memcpy(room, r->p, n);
	r->p += n;
	r->len -= n;
	return (ssize_t)n;
}

static void
feed(struct reading *r)
{
	enum XML_Error why;
	ssize_t n = 1;
	void *room;

	while (n > 0 && r->r == 0) {
		if ((room = XML_GetBuffer(r->parser, STEP)) == NULL)
			alloc_fail();
		while ((n = take(r, room)) < 0)
			if (errno != EINTR) {
				r->r = err_sys(r->e, "cannot read '%s'",
				    r->name);
				return;
			}
		r->fed += (size_t)n;
		if (XML_ParseBuffer(r->parser, (int)n, n == 0) !=
		    XML_STATUS_OK && r->r == 0) {
			why = XML_GetErrorCode(r->parser);
			if (why == XML_ERROR_NO_MEMORY)
				alloc_fail();
			stop(r, XML_ErrorString(why));
		} else if (r->r == 0 && r->fed - r->heard > XML_TAG_BYTES)
			stop(r, "a tag or a comment is too long");
	}
}

static int
each(struct reading *r)
{
	static const XML_Memory_Handling_Suite memory = { xmalloc, xrealloc,
	    free };
	int i;

	for (i = 0; i < XML_LEVELS; i++)
		buf_init(&r->at[i].text);
	if ((r->parser = XML_ParserCreate_MM(NULL, &memory, NULL)) == NULL)
		alloc_fail();
	prepare(r);
	feed(r);
	XML_ParserFree(r->parser);
	for (i = 0; i < XML_LEVELS; i++) {
		json_decref(r->at[i].o);
		buf_release(&r->at[i].text);
	}
	return r->r;
}

int
xml_each(int fd, const char *name, const char *const *names, xml_element *fn,
    void *arg, struct err *e)
{
	struct reading r = { .name = name, .names = names, .fn = fn,
	    .arg = arg, .e = e, .fd = fd };

	return each(&r);
}

int
xml_each_mem(const char *p, size_t len, const char *name,
    const char *const *names, xml_element *fn, void *arg, struct err *e)
{
	struct reading r = { .name = name, .names = names, .fn = fn,
	    .arg = arg, .e = e, .fd = -1, .p = p, .len = len };

	return each(&r);
}

const char *
xml_text(const json_t *v)
{
	const char *s;

	if (json_is_object(v))
		v = json_object_get(v, "#text");
	s = json_string_value(v);
	return s != NULL ? s : "";
}
