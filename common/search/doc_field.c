/*
 * What filters ask of it.
 */
#include "search/doc_own.h"

#include "base/buf.h"
#include "base/json.h"

#include <string.h>
#include <strings.h>

const char *const field_names[] = { "since", "until", "date", "session",
    "role", "type", "agent", "user", "tag", "author", "kb", "status",
    "source", "id", "source_id", "level", "scope", "media", "path", NULL };

const char *const doc_scopes[] = { "session", "user", "tenant", "kb", NULL };

typedef int value_fn(void *, const char *, size_t);

static int
give(const char *s, value_fn *fn, void *arg)
{
	return s == NULL ? 0 : fn(arg, s, strlen(s));
}

/* A list of words in one string, as metadata can only have it. */
static int
give_words(const char *s, value_fn *fn, void *arg)
{
	size_t n;
	int r = 0;

	while (s != NULL && *s != '\0' && r == 0) {
		n = strcspn(s, ", ;");
		if (n > 0)
			r = fn(arg, s, n);
		s += n + (s[n] != '\0');
	}
	return r;
}

static int
give_tags(struct doc *d, value_fn *fn, void *arg)
{
	const json_t *meta = json_object_get(doc_json(d), "metadata"), *tag;
	size_t i;
	int r = 0;

	json_array_foreach(json_object_get(doc_json(d), "tags"), i, tag)
		if ((r = give(json_string_value(tag), fn, arg)) != 0)
			return r;
	if ((r = give_words(get_str(meta, "tags", NULL), fn, arg)) == 0)
		r = give_words(get_str(meta, "tag", NULL), fn, arg);
	return r;
}

enum doc_scope
doc_scope(const struct doc *d)
{
	switch (d->source) {
	case SOURCE_KB:
	case SOURCE_DOCUMENT:
		return DOC_OF_KB;
	case SOURCE_FACT:
		return DOC_OF_TENANT;
	case SOURCE_TOC: case SOURCE_OWN: case SOURCE_ARTIFACT:
		return d->session_row != 0 ? DOC_OF_SESSION : DOC_OF_USER;
	default:
		return DOC_OF_SESSION;
	}
}

int
doc_values(struct doc *d, enum field_kind kind, value_fn *fn, void *arg)
{
	int r;

	switch (kind) {
	case FIELD_SESSION:
		return give(d->session, fn, arg);
	case FIELD_ROLE:
		return give(d->role, fn, arg);
	case FIELD_TYPE:
		return give(d->type, fn, arg);
	case FIELD_AGENT:
		return give(d->agent, fn, arg);
	case FIELD_USER:
		return give(d->user, fn, arg);
	case FIELD_TAG:
		return give_tags(d, fn, arg);
	case FIELD_AUTHOR:
		if ((r = give(d->author, fn, arg)) == 0 &&
		    (r = give(doc_meta(d, "author"), fn, arg)) == 0)
			r = give(doc_meta(d, "speaker"), fn, arg);
		return r;
	case FIELD_KB:
		return give(d->kb, fn, arg);
	case FIELD_STATUS:
		return give(d->status, fn, arg);
	case FIELD_SOURCE:
		return give(source_names[d->source], fn, arg);
	case FIELD_LEVEL:
		return give(d->level, fn, arg);
	case FIELD_SCOPE:
		return give(doc_scopes[doc_scope(d)], fn, arg);
	case FIELD_MEDIA:
		return d->source == SOURCE_DOCUMENT ||
		    d->source == SOURCE_ARTIFACT ? give(d->type, fn, arg) : 0;
	case FIELD_PATH:
		return give(d->path, fn, arg);
	case FIELD_SOURCE_ID:
		return give(doc_meta(d, "source_id"), fn, arg);
	default:
		return 0;
	}
}

/* Is it one of the field's values? */
static int
is_one(void *arg, const char *s, size_t len)
{
	const struct field *f = arg;
	const char *v;
	size_t i, n;

	for (i = 0; i < f->values.n; i++) {
		v = f->values.v[i];
		n = strlen(v);
		if (n > 0 && v[n - 1] == '*' ?
		    len >= n - 1 && strncasecmp(v, s, n - 1) == 0 :
		    len == n && strncasecmp(v, s, n) == 0)
			return 1;
	}
	return 0;
}

/* What is of a knowledge base is also called KB/ID, and a piece as its
 * document is. */
static bool
is_called(struct field *f, const struct doc *d)
{
	struct buf b = BUF_INIT;
	const char *mark;
	bool r;

	if (d->id == NULL || is_one(f, d->id, strlen(d->id)))
		return d->id != NULL;
	if (d->kb == NULL || (d->source != SOURCE_KB && d->source !=
	    SOURCE_DOCUMENT))
		return false;
	buf_addf(&b, "%s/%s", d->kb, d->id);
	r = is_one(f, b.p, b.len);
	if (!r && d->source == SOURCE_DOCUMENT && (mark = strrchr(b.p, '#')) !=
	    NULL)
		r = is_one(f, b.p, (size_t)(mark - b.p));
	buf_release(&b);
	return r;
}

bool
field_holds(const struct field *f, struct doc *d)
{
	struct field *arg = (struct field *)f;	/* is_one only reads it */

	switch (f->kind) {
	case FIELD_SINCE:
		return d->has_time && d->ts_ms >= f->start_ms;
	case FIELD_UNTIL:
		return d->has_time && d->ts_ms < f->start_ms;
	case FIELD_DATE:
		return d->has_time && d->ts_ms >= f->start_ms &&
		    d->ts_ms < f->end_ms;
	case FIELD_ID:
		return is_called(arg, d);
	default:
		return doc_values(d, f->kind, is_one, arg) == 1;
	}
}
