/*
 * Fields are collected as texts; everything that the rules say of them is
 * done when the record is made, so that no format can forget a part.
 */
#include "memory/bug.h"

#include "base/date.h"
#include "base/json.h"
#include "memory/bug_words.h"
#include "store/name.h"

#include <string.h>

const char *const bug_fields[] = { "bug_id", "title", "severity", "status",
    "module", "language", "root_cause", "fix_description", "reporter",
    "assignee", "project", "environment", "url", "created_at", "resolved_at",
    "description", "priority", "resolution", "affected_files",
    "pattern_tags", "labels", NULL };
const char *const bug_reasons[] = { NULL, "missing_bug_id", "missing_title",
    "invalid_severity", "invalid_bug_id" };
const char *const bug_notes[] = { "cut to its greatest length",
    "created_at that is no time", "resolved_at that is no time",
    "status unknown, taken for open", "priority unknown, left out",
    "path left out: it is none below the project", "severity guessed" };

enum bug_field
bug_field(const char *name)
{
	char word[32];
	size_t i, n;

	for (n = 0; name[n] != '\0' && n < sizeof word - 1; n++)
		word[n] = name[n] == '-' ? '_' : name[n];
	word[n] = '\0';
	for (i = 0; i < BUG_FIELDS; i++)
		if (str_same(word, bug_fields[i]))
			break;
	return (enum bug_field)i;
}

void
bug_init(struct bug *b)
{
	size_t i;

	memset(b, 0, sizeof *b);
	for (i = 0; i < BUG_TEXTS; i++)
		buf_init(&b->text[i]);
}

void
bug_reset(struct bug *b)
{
	size_t i;

	for (i = 0; i < BUG_TEXTS; i++)
		buf_reset(&b->text[i]);
	for (i = 0; i < BUG_FIELDS - BUG_TEXTS; i++)
		strv_release(&b->list[i]);
	b->guessed = b->exact = false;
}

void
bug_release(struct bug *b)
{
	size_t i;

	bug_reset(b);
	for (i = 0; i < BUG_TEXTS; i++)
		buf_release(&b->text[i]);
}

static size_t
trim(const char **s, size_t n)
{
	while (n > 0 && strchr(" \t\r\n", **s) != NULL)
		++*s, n--;
	while (n > 0 && strchr(" \t\r\n", (*s)[n - 1]) != NULL)
		n--;
	return n;
}

static void
put(struct bug *b, enum bug_field f, const char *s, size_t n)
{
	if ((n = trim(&s, n)) == 0)
		return;
	if (f >= BUG_TEXTS) {
		strv_add_n(&b->list[f - BUG_TEXTS], s, n);
		return;
	}
	buf_reset(&b->text[f]);
	buf_add(&b->text[f], s, n);
}

void
bug_put(struct bug *b, enum bug_field f, const char *s)
{
	if (s != NULL)
		put(b, f, s, strlen(s));
}

void
bug_fill(struct bug *b, enum bug_field f, const char *s)
{
	if (f >= BUG_TEXTS || !bug_has(b, f))
		bug_put(b, f, s);
}

void
bug_put_list(struct bug *b, enum bug_field f, const char *s)
{
	char sep = strchr(s, ';') ? ';' : strchr(s, '|') ? '|' : ',';
	size_t n;

	for (;; s += n + 1) {
		for (n = 0; s[n] != '\0' && s[n] != sep; n++)
			;
		put(b, f, s, n);
		if (s[n] == '\0')
			break;
	}
}

bool
bug_has(const struct bug *b, enum bug_field f)
{
	return f < BUG_TEXTS ? b->text[f].len > 0 :
	    b->list[f - BUG_TEXTS].n > 0;
}

/* --- the record -------------------------------------------------------- */

struct making {
	const struct bug *b;
	const struct bug_words *words;
	json_t *o, *fields;
	unsigned notes;
};

static void
note(struct making *m, int what)
{
	m->notes |= 1u << what;
}

static const char *
find(const struct making *m, const char *section, enum bug_field f)
{
	return bug_words_find(m->words, section, m->b->text[f].p, NULL);
}

/* A text, at most so many characters of it. */
static void
set_text(struct making *m, json_t *o, const char *key, enum bug_field f,
    size_t max)
{
	const struct buf *t = &m->b->text[f];
	size_t n = t->len > max ? bug_chars(t->p, t->len, max) : t->len;

	if (t->len == 0)
		return;
	if (n < t->len)
		note(m, BUG_CUT);
	json_object_set_new(o, key, json_stringn(t->p, n));
}

static void
set_fields(struct making *m)
{
	static const enum bug_field plain[] = { BUG_MODULE, BUG_LANGUAGE,
	    BUG_ROOT_CAUSE, BUG_FIX, BUG_ASSIGNEE, BUG_PROJECT,
	    BUG_ENVIRONMENT, BUG_URL, BUG_RESOLUTION };
	size_t i;

	for (i = 0; i < sizeof plain / sizeof *plain; i++)
		/* Columns called "resolution" are of both kinds. */
		if (plain[i] == BUG_FIX && find(m, "resolution", BUG_FIX) &&
		    !bug_has(m->b, BUG_RESOLUTION))
			set_text(m, m->fields, "resolution", BUG_FIX,
			    BUG_TEXT_MAX);
		else if (plain[i] != BUG_FIX ||
		    find(m, "resolution", BUG_FIX) == NULL)
			set_text(m, m->fields, bug_fields[plain[i]], plain[i],
			    BUG_TEXT_MAX);
}

static void
set_status(struct making *m)
{
	const char *is = find(m, "status", BUG_STATUS);
	const char *end = find(m, "resolution", BUG_RESOLUTION);

	if (is == NULL) {
		if (bug_has(m->b, BUG_STATUS))
			note(m, BUG_BAD_STATUS);
		is = "open";
	}
	if (end == NULL)
		end = find(m, "resolution", BUG_FIX);
	if (str_eq(end, "rejected") || (str_eq(end, "resolved") &&
	    strcmp(is, "open") == 0))
		is = end;
	json_object_set_new(m->o, "status", json_string(is));
}

static void
set_priority(struct making *m)
{
	const char *is = find(m, "priority", BUG_PRIORITY);
	char p[] = "P0";

	if (is == NULL) {
		if (bug_has(m->b, BUG_PRIORITY))
			note(m, BUG_BAD_PRIORITY);
		return;
	}
	p[1] = is[1];		/* the file's keys are in lower case */
	json_object_set_new(m->fields, "priority", json_string(p));
}

/* Add to an array what it does not have yet; -1: it is full. */
static int
append(json_t *list, const struct buf *s, size_t max)
{
	size_t i, n = json_array_size(list);
	const json_t *v;

	for (i = 0; i < n; i++) {
		v = json_array_get(list, i);
		if (json_string_length(v) == s->len &&
		    memcmp(json_string_value(v), s->p, s->len) == 0)
			return 0;
	}
	return n >= max ? -1 :
	    json_array_append_new(list, json_stringn(s->p, s->len));
}

static json_t *
list_of(struct making *m, enum bug_field f, size_t max)
{
	const struct strv *v = &m->b->list[f - BUG_TEXTS];
	struct buf s = BUF_INIT;
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < v->n; i++) {
		buf_reset(&s);
		if (f == BUG_TAGS)
			bug_tag(&s, v->v[i]);
		else if (f == BUG_LABELS || m->b->exact)
			buf_adds(&s, v->v[i]);
		else if (!bug_path(&s, v->v[i]))
			note(m, BUG_BAD_PATH);
		if (s.len > 0 && append(list, &s, max) < 0)
			note(m, BUG_CUT);
	}
	buf_release(&s);
	return list;
}

static void
set_list(json_t *o, const char *key, json_t *list)
{
	if (json_array_size(list) > 0)
		json_object_set(o, key, list);
}

static void
set_lists(struct making *m)
{
	json_t *files = list_of(m, BUG_FILES, BUG_FILES_MAX);
	json_t *tags = list_of(m, BUG_TAGS, BUG_TAGS_MAX);
	json_t *labels = list_of(m, BUG_LABELS, BUG_FILES_MAX);
	struct buf s = BUF_INIT;
	json_t *v;
	size_t i;

	set_list(m->fields, "affected_files", files);
	set_list(m->fields, "labels", labels);
	json_array_foreach(labels, i, v) {
		buf_reset(&s);
		buf_adds(&s, json_string_value(v));
		append(tags, &s, SIZE_MAX);
	}
	set_list(m->o, "tags", tags);
	buf_release(&s);
	json_decref(files);
	json_decref(tags);
	json_decref(labels);
}

static void
set_times(struct making *m)
{
	char text[DATE_LEN + 1];
	int64_t ms;
	bool day;

	if (bug_has(m->b, BUG_CREATED)) {
		if (bug_time(m->b->text[BUG_CREATED].p, &ms, &day))
			json_object_set_new(m->o, "timestamp",
			    json_integer(ms));
		else
			note(m, BUG_BAD_CREATED);
	}
	if (!bug_has(m->b, BUG_RESOLVED))
		return;
	if (bug_time(m->b->text[BUG_RESOLVED].p, &ms, &day)) {
		date_format(text, ms);
		if (day)
			text[10] = '\0';	/* 2026-11-20 */
		json_object_set_new(m->fields, "resolved_at",
		    json_string(text));
	} else
		note(m, BUG_BAD_RESOLVED);
}

/* A title is one line. */
static void
set_title(struct making *m)
{
	const struct buf *t = &m->b->text[BUG_TITLE];
	struct buf line = BUF_INIT;
	const char *p = t->p;
	size_t n;

	while (*p != '\0') {
		n = strcspn(p, "\t\r\n");
		buf_add(&line, p, n);
		p += n;
		if ((n = strspn(p, " \t\r\n")) > 0)
			buf_addc(&line, ' ');
		p += n;
	}
	n = line.len > BUG_TITLE_MAX ?
	    bug_chars(line.p, line.len, BUG_TITLE_MAX) : line.len;
	if (n < line.len)
		note(m, BUG_CUT);
	json_object_set_new(m->o, "title", json_stringn(line.p, n));
	buf_release(&line);
}

static enum bug_reason
judge(const struct making *m)
{
	const struct buf *id = &m->b->text[BUG_ID];
	struct err why;

	if (id->len == 0)
		return BUG_NO_ID;
	if (m->b->text[BUG_TITLE].len == 0)
		return BUG_NO_TITLE;
	if (find(m, "severity", BUG_SEVERITY) == NULL)
		return BUG_BAD_SEVERITY;
	if (bug_chars(id->p, id->len, BUG_ID_MAX) < id->len ||
	    name_check("bug_id", id->p, &why) < 0)
		return BUG_BAD_ID;
	return BUG_GOOD;
}

json_t *
bug_record(const struct bug *b, const struct bug_words *words,
    enum bug_reason *why, unsigned *notes)
{
	struct making m = { .b = b, .words = words };

	*notes = 0;
	if ((*why = judge(&m)) != BUG_GOOD)
		return NULL;
	m.o = json_object();
	m.fields = json_object();
	json_object_set_new(m.o, "type", json_string("record"));
	json_object_set_new(m.o, "record_id", json_string(b->text[BUG_ID].p));
	json_object_set_new(m.o, "record_type", json_string("bug_record"));
	set_title(&m);
	set_text(&m, m.o, "text", BUG_DESCRIPTION, BUG_DESCRIPTION_MAX);
	set_text(&m, m.o, "author", BUG_REPORTER, BUG_TEXT_MAX);
	set_status(&m);
	json_object_set_new(m.fields, "severity",
	    json_string(find(&m, "severity", BUG_SEVERITY)));
	set_priority(&m);
	set_fields(&m);
	set_lists(&m);
	set_times(&m);
	json_object_set(m.o, "fields", m.fields);
	json_decref(m.fields);
	if (b->guessed)
		note(&m, BUG_GUESSED);
	*notes = m.notes;
	return m.o;
}
