/*
 * Fields are collected as texts; everything that the rules say of them is
 * done when the record is made, so that no format can forget a part.
 */
#include "from/bug.h"

#include "base/date.h"
#include "base/json.h"
#include "from/bug_words.h"
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

/* The text of the record is written as it becomes known: a tree of it would
 * cost as much as the rules. */
struct making {
	const struct bug *b;
	const struct bug_words *words;
	struct buf *o;		/* of the record, without its last brace */
	struct buf fields;	/* the same */
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

/* A key of ours, which needs no escape. */
static void
put_key(struct buf *o, const char *key)
{
	if (o->p[o->len - 1] != '{')
		buf_addc(o, ',');
	buf_addc(o, '"');
	buf_adds(o, key);
	buf_adds(o, "\":");
}

static void
set_n(struct buf *o, const char *key, const char *s, size_t n)
{
	put_key(o, key);
	json_quote(o, s, n);
}

static void
set(struct buf *o, const char *key, const char *s)
{
	set_n(o, key, s, strlen(s));
}

/* A text, at most so many characters of it. */
static void
set_text(struct making *m, struct buf *o, const char *key, enum bug_field f,
    size_t max)
{
	const struct buf *t = &m->b->text[f];
	size_t n = t->len > max ? bug_chars(t->p, t->len, max) : t->len;

	if (t->len == 0)
		return;
	if (n < t->len)
		note(m, BUG_CUT);
	set_n(o, key, t->p, n);
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
			set_text(m, &m->fields, "resolution", BUG_FIX,
			    BUG_TEXT_MAX);
		else if (plain[i] != BUG_FIX ||
		    find(m, "resolution", BUG_FIX) == NULL)
			set_text(m, &m->fields, bug_fields[plain[i]], plain[i],
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
	set(m->o, "status", is);
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
	set(&m->fields, "priority", p);
}

/* Add what is not there yet; -1: it is full. */
static int
append(struct strv *list, const char *s, size_t max)
{
	if (strv_has(list, s))
		return 0;
	if (list->n >= max)
		return -1;
	strv_add(list, s);
	return 0;
}

static void
list_of(struct making *m, enum bug_field f, size_t max, struct strv *list)
{
	const struct strv *v = &m->b->list[f - BUG_TEXTS];
	struct buf s = BUF_INIT;
	size_t i;

	for (i = 0; i < v->n; i++) {
		buf_reset(&s);
		if (f == BUG_TAGS)
			bug_tag(&s, v->v[i]);
		else if (f == BUG_LABELS || m->b->exact)
			buf_adds(&s, v->v[i]);
		else if (!bug_path(&s, v->v[i]))
			note(m, BUG_BAD_PATH);
		if (s.len > 0 && append(list, s.p, max) < 0)
			note(m, BUG_CUT);
	}
	buf_release(&s);
}

static void
set_list(struct buf *o, const char *key, const struct strv *list)
{
	size_t i;

	if (list->n == 0)
		return;
	put_key(o, key);
	for (i = 0; i < list->n; i++) {
		buf_addc(o, i == 0 ? '[' : ',');
		json_quote(o, list->v[i], strlen(list->v[i]));
	}
	buf_addc(o, ']');
}

static void
set_lists(struct making *m)
{
	struct strv files = STRV_INIT, tags = STRV_INIT, labels = STRV_INIT;
	size_t i;

	list_of(m, BUG_FILES, BUG_FILES_MAX, &files);
	list_of(m, BUG_TAGS, BUG_TAGS_MAX, &tags);
	list_of(m, BUG_LABELS, BUG_FILES_MAX, &labels);
	set_list(&m->fields, "affected_files", &files);
	set_list(&m->fields, "labels", &labels);
	for (i = 0; i < labels.n; i++)
		append(&tags, labels.v[i], SIZE_MAX);
	set_list(m->o, "tags", &tags);
	strv_release(&files);
	strv_release(&tags);
	strv_release(&labels);
}

static void
set_times(struct making *m)
{
	char text[DATE_LEN + 1];
	int64_t ms;
	bool day;

	if (bug_has(m->b, BUG_CREATED)) {
		if (bug_time(m->b->text[BUG_CREATED].p, &ms, &day)) {
			put_key(m->o, "timestamp");
			buf_add_int(m->o, ms);
		} else
			note(m, BUG_BAD_CREATED);
	}
	if (!bug_has(m->b, BUG_RESOLVED))
		return;
	if (bug_time(m->b->text[BUG_RESOLVED].p, &ms, &day)) {
		date_format(text, ms);
		if (day)
			text[10] = '\0';	/* 2026-11-20 */
		set(&m->fields, "resolved_at", text);
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
	set_n(m->o, "title", line.p, n);
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

bool
bug_record(const struct bug *b, const struct bug_words *words,
    struct buf *out, enum bug_reason *why, unsigned *notes)
{
	struct making m = { .b = b, .words = words, .o = out,
	    .fields = BUF_INIT };

	*notes = 0;
	if ((*why = judge(&m)) != BUG_GOOD)
		return false;
	buf_adds(out, "{\"type\":\"record\"");
	set(out, "record_id", b->text[BUG_ID].p);
	set(out, "record_type", "bug_record");
	set_title(&m);
	set_text(&m, out, "text", BUG_DESCRIPTION, BUG_DESCRIPTION_MAX);
	set_text(&m, out, "author", BUG_REPORTER, BUG_TEXT_MAX);
	set_status(&m);
	buf_addc(&m.fields, '{');
	set(&m.fields, "severity", find(&m, "severity", BUG_SEVERITY));
	set_priority(&m);
	set_fields(&m);
	set_lists(&m);
	set_times(&m);
	put_key(out, "fields");
	buf_add(out, m.fields.p, m.fields.len);
	buf_adds(out, "}}");
	buf_release(&m.fields);
	if (b->guessed)
		note(&m, BUG_GUESSED);
	*notes = m.notes;
	return true;
}
