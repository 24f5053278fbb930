#include "search/doc_own.h"

#include "artifact/artifact.h"
#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "ltm/fact.h"
#include "memory/document.h"
#include "memory/event.h"
#include "memory/record.h"
#include "toc/toc_body.h"
#include "toc/toc_entry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define TITLE_TIMES 2

const char *const source_names[] = { "event", "kb", "toc", "grip", "fact",
    "fact", "artifact", "document", "session", NULL };

/* Members of a record that are no text: kinds, and what filters are for. */
static const char *const no_text[] = { "type", "kb", "record_type", "status",
    "timestamp", "version", "user", "title", "text", NULL };

bool
source_is_contents(enum source s)
{
	return s == SOURCE_TOC || s == SOURCE_GRIP;
}

bool
source_is_fact(enum source s)
{
	return s == SOURCE_FACT || s == SOURCE_OWN;
}

bool
source_is_shared(enum source s)
{
	return s == SOURCE_KB || s == SOURCE_FACT || s == SOURCE_DOCUMENT;
}

bool
source_is_rows(enum source s)
{
	return s == SOURCE_KB || s == SOURCE_DOCUMENT;
}

static void
reset(struct doc *d)
{
	struct doc_piece *piece = d->piece;
	size_t cap = d->cap;

	json_decref(d->rest);
	memset(d, 0, sizeof *d);
	d->piece = piece;
	d->cap = cap;
}

void
doc_release(struct doc *d)
{
	reset(d);
	free(d->piece);
	d->piece = NULL;
	d->cap = 0;
}

static void
add(struct doc *d, const char *text, size_t len, unsigned times)
{
	struct doc_piece *p;

	if (len == 0)
		return;
	d->piece = xgrow(d->piece, d->pieces, &d->cap, sizeof *d->piece);
	p = &d->piece[d->pieces++];
	p->text = text;
	p->len = len;
	p->times = times;
	p->aside = false;
}

static void
add_aside(struct doc *d, const char *text)
{
	size_t n = d->pieces;

	add(d, text, strlen(text), 1);
	if (d->pieces > n)
		d->piece[n].aside = true;
}

/* "8 May 2023": as people write it, and as a query has its words. */
static void
date_words(char *out, size_t size, int64_t ms)
{
	static const char *const month[] = { "January", "February", "March",
	    "April", "May", "June", "July", "August", "September", "October",
	    "November", "December" };
	struct date d;

	date_split_utc(ms, &d);
	snprintf(out, size, "%d %s %04d", d.day, month[d.month - 1], d.year);
}

/* Has the JSON this key, or string? */
static bool
has_string(const char *p, size_t len, const char *quoted)
{
	const char *end = p + len;
	size_t n = strlen(quoted);

	while ((p = memchr(p, '"', (size_t)(end - p))) != NULL) {
		if ((size_t)(end - p) >= n && memcmp(p, quoted, n) == 0)
			return true;
		p++;
	}
	return false;
}

/* Does the text begin with who says it, as transcripts do ("Ann: ...")? */
static bool
names_speaker(const struct event *ev, const char *speaker)
{
	size_t n = strlen(speaker);

	return ev->text_len >= n && strncasecmp(ev->text, speaker, n) == 0;
}

/* When it was said, and by whom: people ask for both. */
static void
add_asides(struct doc *d, const struct event *ev)
{
	date_words(d->date, sizeof d->date, ev->ts_ms);
	add_aside(d, d->date);
	if (ev->rest != NULL &&
	    has_string(ev->rest, ev->rest_len, "\"speaker\""))
		d->speaker = doc_meta(d, "speaker");
	if (d->speaker != NULL && !names_speaker(ev, d->speaker))
		add_aside(d, d->speaker);
}

void
doc_event(struct doc *d, const struct event *ev)
{
	reset(d);
	d->source = SOURCE_EVENT;
	d->seq = ev->seq;
	d->has_time = true;
	d->ts_ms = ev->ts_ms;
	d->id = ev->id;
	d->session = ev->session;
	d->user = ev->user;
	d->agent = ev->agent;
	d->role = event_roles[ev->role];
	d->type = event_types[ev->type];
	d->rest_text = ev->rest;
	d->rest_len = ev->rest_len;
	d->session_row = ev->session_seq;
	d->unsaid = ev->type != EVENT_USER_MESSAGE &&
	    ev->type != EVENT_ASSISTANT_MESSAGE;
	add(d, ev->text, ev->text_len, 1);
	add_asides(d, ev);
}

/* All strings below a value; its depth was bounded when it was read. */
static void
add_strings(struct doc *d, const json_t *v)
{
	const char *key;
	json_t *member;
	size_t i;

	if (json_is_string(v)) {
		add(d, json_string_value(v), json_string_length(v), 1);
	} else if (json_is_array(v)) {
		json_array_foreach(v, i, member)
			add_strings(d, member);
	} else if (json_is_object(v)) {
		/* a cast: the macro is not made for const */
		json_object_foreach((json_t *)v, key, member)
			add_strings(d, member);
	}
}

static bool
is_text(const char *key)
{
	int i;

	for (i = 0; no_text[i] != NULL; i++)
		if (strcmp(no_text[i], key) == 0)
			return false;
	return true;
}

int64_t
doc_document(const char *kb, const char *id, size_t len)
{
	uint64_t h = UINT64_C(14695981039346656037);	/* FNV-1a */
	size_t i;

	for (i = 0; kb[i] != '\0'; i++)
		h = (h ^ (unsigned char)kb[i]) * UINT64_C(1099511628211);
	h *= UINT64_C(1099511628211);		/* the NUL */
	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)id[i]) * UINT64_C(1099511628211);
	return (int64_t)(h >> 1) | 1;
}

/* The name of a file without its end, if it is a word and not only a number. */
static void
add_stem(struct doc *d)
{
	const char *name = d->path == NULL ? NULL : strrchr(d->path, '/'), *end;
	size_t n, i;

	if ((name = name != NULL ? name + 1 : d->path) == NULL)
		return;
	end = strrchr(name, '.');
	n = end != NULL && end > name ? (size_t)(end - name) : strlen(name);
	for (i = 0; i < n && name[i] >= '!' && name[i] <= '@'; i++)
		;
	if (i < n) {
		add(d, name, n, 1);
		d->piece[d->pieces - 1].aside = true;
	}
}

/* What it says; the document's name and the headings above it are found,
 * too, and are no part of what is shown. */
static void
add_chunk(struct doc *d, const struct record *rec)
{
	const json_t *v;
	json_t *head;
	size_t i;

	d->source = SOURCE_DOCUMENT;
	d->type = get_str(rec->json, "media_type", NULL);
	d->path = get_str(rec->json, "path", NULL);
	d->session_row = doc_document(rec->kb, rec->record_id,
	    document_id_len(RECORD_CHUNK, rec->record_id));
	if (json_is_string(v = json_object_get(rec->json, "text")))
		add(d, json_string_value(v), json_string_length(v), 1);
	if (json_is_string(v = json_object_get(rec->json, "title")))
		add(d, json_string_value(v), json_string_length(v),
		    TITLE_TIMES);
	else
		add_stem(d);
	json_array_foreach(json_object_get(rec->json, "heading"), i, head)
		if (!json_equal(head, v))
			add_aside(d, json_string_value(head));
	if ((v = json_object_get(rec->json, "section")) != NULL)
		add_aside(d, json_string_value(v));
}

void
doc_record(struct doc *d, const struct record *rec)
{
	const json_t *v;
	const char *key;
	json_t *member;

	reset(d);
	d->source = SOURCE_KB;
	d->seq = rec->seq;
	d->has_time = rec->ts_ms != 0;
	d->ts_ms = rec->ts_ms;
	d->id = rec->record_id;
	d->type = rec->record_type;
	d->kb = d->within = rec->kb;
	d->status = rec->status;
	d->author = get_str(rec->json, "author", NULL);
	d->json = rec->json;
	if (rec->kind == RECORD_CHUNK) {
		add_chunk(d, rec);
		return;
	}
	if (json_is_string(v = json_object_get(rec->json, "text")))
		add(d, json_string_value(v), json_string_length(v), 1);
	if (json_is_string(v = json_object_get(rec->json, "title")))
		add(d, json_string_value(v), json_string_length(v),
		    TITLE_TIMES);
	json_object_foreach(rec->json, key, member)
		if (is_text(key))
			add_strings(d, member);
}

/* Bullets are what a node says; the rest follows from them. */
static void
add_body(struct doc *d, const struct buf *body)
{
	struct toc_line l;
	size_t at, n;

	for (at = 0; toc_body_next(body, &at, &l); )
		if (l.kind == 'B')
			add(d, l.b.text, l.b.len, 1);
	for (at = 0; toc_body_next(body, &at, &l); ) {
		n = d->pieces;
		if (l.kind != 'B')
			add(d, l.b.text, l.b.len, l.kind == 'T' ?
			    TITLE_TIMES : 1);
		if (d->pieces > n)
			d->piece[n].aside = true;
	}
}

void
doc_toc(struct doc *d, const struct toc_entry *t)
{
	reset(d);
	d->source = t->is_grip ? SOURCE_GRIP : SOURCE_TOC;
	d->seq = t->node.id;
	d->has_time = true;
	d->ts_ms = t->is_grip ? t->grip.ts_ms : t->node.start_ms;
	d->id = t->id;
	d->session = t->session;
	d->session_row = t->node.session;
	d->user = t->user;
	if (t->is_grip) {
		add(d, t->text.p, t->text.len, 1);
		return;
	}
	d->end_ms = t->node.end_ms;
	d->level = toc_levels[t->node.level];
	add_body(d, &t->text);
}

int64_t
doc_session(const char *name)
{
	return fact_id_of((const char *const[]){ "session", name, NULL }) | 1;
}

void
doc_fact(struct doc *d, const struct fact *f, const char *user)
{
	const json_t *meta = json_object_get(f->body, "metadata"), *v, *tag;
	size_t i;

	reset(d);
	d->source = f->scope == FACT_TENANT ? SOURCE_FACT : SOURCE_OWN;
	d->seq = f->seq;
	d->has_time = true;
	d->ts_ms = f->valid_from_ms;
	d->until_ms = f->valid_until_ms == INT64_MAX ? 0 : f->valid_until_ms;
	fact_id_format(d->fact, f->id);
	snprintf(d->row, sizeof d->row, "%" PRId64, f->seq);
	d->id = d->fact;
	d->within = d->row;
	d->session = f->session;
	d->session_row = f->session != NULL ? doc_session(f->session) : 0;
	d->user = user;
	d->kb = get_str(meta, "kb", NULL);
	d->type = get_str(meta, "extraction_type", NULL);
	d->json = f->body;
	v = json_object_get(f->body, "content");
	add(d, json_string_value(v), json_string_length(v), 1);
	json_array_foreach(json_object_get(f->body, "tags"), i, tag)
		if (json_is_string(tag))
			add_aside(d, json_string_value(tag));
}

/*
 * What somebody looks for comes first: its name, where it is, what was said of
 * it.  Of bytes that a provider has, the URI is made of our own keys, and is
 * nothing that anybody would look for.
 */
void
doc_artifact(struct doc *d, const struct artifact *a, const char *session,
    const char *user)
{
	const json_t *meta = json_object_get(a->body, "metadata");
	const char *key, *s;
	json_t *member;

	reset(d);
	d->source = SOURCE_ARTIFACT;
	d->seq = a->seq;
	d->has_time = true;
	d->ts_ms = a->created_ms;
	ulid_from_bytes(d->artifact, a->id);
	d->id = d->artifact;
	d->session = session;
	d->session_row = a->session;
	d->user = user;
	d->type = get_str(a->body, "content_type", NULL);
	d->status = artifact_status(a);
	d->json = a->body;
	if ((s = get_str(a->body, "filename", NULL)) != NULL)
		add(d, s, strlen(s), TITLE_TIMES);
	if ((s = get_str(a->body, "uri", NULL)) != NULL)
		add(d, s, strlen(s), 1);
	add_strings(d, meta);
	if (d->type != NULL)
		add_aside(d, d->type);
	/* a cast: the macro is not made for const */
	json_object_foreach((json_t *)meta, key, member)
		add_aside(d, key);
}

const json_t *
doc_json(struct doc *d)
{
	struct err ignored;	/* what was stored was checked; if it cannot
				   be read now, it has no such property */

	if (d->json == NULL && d->rest_text != NULL) {
		d->json = d->rest = json_read(d->rest_text, d->rest_len,
		    &ignored);
		d->rest_text = NULL;
	}
	return d->json;
}

const char *
doc_meta(struct doc *d, const char *key)
{
	return get_str(json_object_get(doc_json(d), "metadata"), key, NULL);
}

void
doc_vector_text(const struct doc *d, struct buf *b)
{
	const json_t *title, *text;
	json_t *head;
	size_t i;

	buf_reset(b);
	if (d->source == SOURCE_EVENT) {
		if (d->pieces > 0 && !d->piece[0].aside)
			buf_add(b, d->piece[0].text, d->piece[0].len);
		return;
	}
	if (!source_is_rows(d->source)) {
		for (i = 0; i < d->pieces && !d->piece[i].aside; i++) {
			if (i > 0)
				buf_addc(b, '\n');
			buf_add(b, d->piece[i].text, d->piece[i].len);
		}
		return;
	}
	title = json_object_get(d->json, "title");
	text = json_object_get(d->json, "text");
	buf_add(b, json_string_value(title), json_string_length(title));
	if (d->source == SOURCE_DOCUMENT)
		json_array_foreach(json_object_get(d->json, "heading"), i,
		    head)
			if (!json_equal(head, title))
				buf_addf(b, "%s%s", b->len > 0 ? "\n" : "",
				    json_string_value(head));
	if (b->len > 0 && json_string_length(text) > 0)
		buf_addc(b, '\n');
	buf_add(b, json_string_value(text), json_string_length(text));
}
