/*
 * One pass from left to right finds the items; query_build makes groups of
 * them.
 */
#include "search/query.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/date.h"
#include "base/utf8.h"
#include "search/query_build.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define QUOTED 40		/* bytes of the query that a note repeats */
#define VALUES 256		/* of one field; more are ignored */
#define FIELDS_TOLD 5		/* notes of fields that are none */

struct parser {
	struct query *q;
	const char *p;
	size_t len, at;
	int64_t now;
	struct item *item;
	size_t items, cap;
	bool or;		/* an OR waits for what it joins */
	int told;		/* fields that are none */
};

/* --- notes ------------------------------------------------------------- */

void
query_note(struct query *q, const char *fmt, ...)
{
	char line[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (!strv_has(&q->notes, line))
		strv_add(&q->notes, line);
}

/* A stretch of the query for a "%.*s". */
static int
quoted(const char *p, size_t len)
{
	return (int)utf8_cut(p, len, QUOTED);
}

/* --- items ------------------------------------------------------------- */

static struct item *
item_add(struct parser *s, enum item_kind kind, const char *text, size_t len)
{
	struct item *it;

	s->item = xgrow(s->item, s->items, &s->cap, sizeof *s->item);
	it = &s->item[s->items++];
	memset(it, 0, sizeof *it);
	it->kind = kind;
	it->text = text;
	it->len = len;
	it->or = s->or;
	s->or = false;
	return it;
}

/* The bytes of a blank at i: ASCII, U+00A0, U+3000. */
static size_t
blank(const struct parser *s, size_t i)
{
	const char *p = s->p + i;
	size_t left = s->len - i;

	if (left == 0)
		return 0;
	if (strchr(" \t\n\v\f\r", *p) != NULL && *p != '\0')
		return 1;
	if (left >= 2 && memcmp(p, "\xc2\xa0", 2) == 0)
		return 2;
	return left >= 3 && memcmp(p, "\xe3\x80\x80", 3) == 0 ? 3 : 0;
}

/* The bytes of a quotation mark at i: ", and the typographic pair. */
static size_t
quote(const struct parser *s, size_t i)
{
	const char *p = s->p + i;

	if (i < s->len && *p == '"')
		return 1;
	if (s->len - i >= 3 && (memcmp(p, "\xe2\x80\x9c", 3) == 0 ||
	    memcmp(p, "\xe2\x80\x9d", 3) == 0))
		return 3;
	return 0;
}

static bool
wordy(const struct parser *s, size_t i)
{
	unsigned char c;

	if (i >= s->len)
		return false;
	c = (unsigned char)s->p[i];
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z') || (c >= 0x80 && quote(s, i) == 0);
}

/* What the quotation mark at s->at encloses. */
static void
take_quoted(struct parser *s, const char **text, size_t *len)
{
	size_t from = s->at + quote(s, s->at), i = from, n = 0;

	while (i < s->len && (n = quote(s, i)) == 0)
		i++;
	*text = s->p + from;
	*len = i - from;
	s->at = i + n;
	if (i == s->len)
		query_note(s->q, "a quote is not closed; it runs to the end of "
		    "the query");
}

/* A chunk ends at a blank, and before a quotation mark that no word
 * touches. */
static size_t
chunk_end(const struct parser *s)
{
	size_t i = s->at;

	while (i < s->len && blank(s, i) == 0 &&
	    (i == s->at || quote(s, i) == 0 || wordy(s, i - 1)))
		i++;
	return i;
}

static bool
is_chunk(const struct parser *s, size_t end, const char *word)
{
	return end - s->at == strlen(word) &&
	    memcmp(s->p + s->at, word, end - s->at) == 0;
}

/* The length of a field's name and colon at s->at, 0 for none.  A colon
 * that a path, a URL or C++ has is none. */
static size_t
field_name(const struct parser *s, size_t end)
{
	size_t i = s->at;
	char c;

	while (i < end && ((c = s->p[i]) == '_' || (c >= 'a' && c <= 'z') ||
	    (c >= 'A' && c <= 'Z')))
		i++;
	if (i - s->at < 2 || i == end || s->p[i] != ':' ||
	    (i + 1 < end && strchr(":/\\", s->p[i + 1]) != NULL))
		return 0;
	return i + 1 - s->at;
}

static int
field_kind(const char *name, size_t len)
{
	int k;

	for (k = 0; field_names[k] != NULL; k++)
		if (strlen(field_names[k]) == len &&
		    strncasecmp(field_names[k], name, len) == 0)
			return k;
	return -1;
}

static bool
is_time(enum field_kind kind)
{
	return kind == FIELD_SINCE || kind == FIELD_UNTIL ||
	    kind == FIELD_DATE;
}

/* Fill a field from its value: 0, or -1 with the reason. */
static int
field_fill(struct parser *s, struct field *f, const char *v, size_t len,
    bool split, struct err *e)
{
	char *text = xstrndup(v, len);
	size_t i, from;
	int r = 0;

	if (is_time(f->kind)) {
		r = date_parse(text, s->now, &f->start_ms, &f->end_ms, e);
		free(text);
		return r;
	}
	for (i = from = 0; i <= len; i++) {
		if (i < len && (!split || v[i] != ','))
			continue;
		if (i > from && f->values.n < VALUES)
			strv_add_n(&f->values, v + from, i - from);
		from = i + 1;
	}
	for (i = 0; i < f->values.n && r == 0; i++)
		r = query_value_check(f->kind, f->values.v[i], e);
	if (r == 0 && f->values.n == 0)
		r = err_set(e, ERR_USAGE, "it has no value");
	free(text);
	return r;
}

/* Of many the first few are told. */
static bool
tell_field(struct parser *s)
{
	if (s->told++ < FIELDS_TOLD)
		return true;
	query_note(s->q, "more like these are taken as words, too");
	return false;
}

/*
 * field:value at s->at, `name` bytes of which are the name and its colon.
 * 1 taken, 0 it is to be taken as words.
 */
static int
take_field(struct parser *s, size_t name, size_t end)
{
	const char *chunk = s->p + s->at, *v = chunk + name;
	size_t from = s->at, len = end - s->at - name;
	int kind = field_kind(chunk, name - 1), f;
	bool split = true;
	struct err e;

	if (kind < 0) {
		if (len > 0 && tell_field(s))
			query_note(s->q, "unknown field '%.*s'; '%.*s' is "
			    "taken as words", quoted(chunk, name - 1), chunk,
			    quoted(chunk, name + len), chunk);
		return 0;
	}
	s->at += name;
	if (quote(s, s->at) > 0) {
		take_quoted(s, &v, &len);
		split = false;
	} else
		s->at = end;
	f = query_add_field(s->q, (enum field_kind)kind);
	if (field_fill(s, &s->q->field[f], v, len, split, &e) == 0) {
		item_add(s, ITEM_FIELD, chunk, name + len)->field = f;
		return 1;
	}
	if (tell_field(s))
		query_note(s->q, "'%.*s' is taken as words: %s",
		    quoted(chunk, name + len), chunk, e.msg);
	strv_release(&s->q->field[f].values);
	s->q->fields--;
	s->at = from;
	return 0;
}

static void
take_chunk(struct parser *s, bool not, bool must)
{
	const char *chunk = s->p + s->at;
	size_t end = chunk_end(s), name = field_name(s, end), n;
	struct item *it;

	/* a quoted value may reach over blanks */
	if (name > 0 && quote(s, s->at + name) > 0)
		end = s->at + name;
	if (name > 0 && take_field(s, name, end)) {
		it = &s->item[s->items - 1];
	} else {
		n = end - s->at;
		while (n > 0 && chunk[n - 1] == '*')
			n--;
		if (n == 0)
			query_note(s->q, "'*' has no word before it, and is "
			    "ignored");
		it = item_add(s, n < end - s->at ? ITEM_PREFIX : ITEM_WORD,
		    chunk, n);
		s->at = end;
	}
	it->not = not;
	it->must = must;
}

static void
stray_or(struct parser *s)
{
	query_note(s->q, "'OR' has nothing to join, and is taken as a word");
	s->or = false;
	item_add(s, ITEM_WORD, "OR", 2);
}

/* OR, or a word that looks like an operator and is none: 1 taken. */
static int
take_operator(struct parser *s)
{
	size_t end = chunk_end(s);

	if (is_chunk(s, end, "AND"))
		query_note(s->q, "'AND' is taken as a word; a + before a word "
		    "says that it must be there");
	else if (is_chunk(s, end, "NOT"))
		query_note(s->q, "'NOT' is taken as a word; a - before a word "
		    "says that it must not be there");
	else if (is_chunk(s, end, "-") || is_chunk(s, end, "+"))
		query_note(s->q, "'%c' has no word behind it, and is ignored",
		    s->p[s->at]);
	if (!is_chunk(s, end, "OR"))
		return 0;
	if (s->items == 0 || s->or)
		stray_or(s);
	else
		s->or = true;
	s->at = end;
	return 1;
}

static void
take_item(struct parser *s)
{
	char c = s->p[s->at];
	bool sign, not = false, must = false;
	const char *text;
	struct item *it;
	size_t len;

	sign = (c == '-' || c == '+') && s->at + 1 < s->len &&
	    (wordy(s, s->at + 1) || quote(s, s->at + 1) > 0 ||
	    (s->p[s->at + 1] != '\0' &&
	    strchr("_.#@/$(", s->p[s->at + 1]) != NULL));
	if (sign) {
		not = c == '-';
		must = c == '+';
		s->at++;
	} else if (take_operator(s))
		return;
	if (quote(s, s->at) == 0) {
		take_chunk(s, not, must);
		return;
	}
	take_quoted(s, &text, &len);
	it = item_add(s, ITEM_PHRASE, text, len);
	it->not = not;
	it->must = must;
}

static void
parse(struct query *q, const struct language *language, const char *text,
    size_t len, int64_t now, bool all)
{
	struct parser s = { .q = q, .p = text, .len = len, .now = now };
	size_t n;
	bool asked;

	memset(q, 0, sizeof *q);
	match_init(&q->match);
	q->match.language = language;
	buf_init(&q->text);
	while (s.at < len && s.items < QUERY_ITEMS) {
		if ((n = blank(&s, s.at)) > 0)
			s.at += n;
		else
			take_item(&s);
	}
	if (s.at < len)
		query_note(q, "only the first %d words of the query are "
		    "used", QUERY_ITEMS);
	if (s.or)
		stray_or(&s);
	asked = s.items > 0;
	if (all)
		query_demand(q, s.item, s.items);
	query_build(q, s.item, s.items);
	free(s.item);
	if (asked && q->match.atoms == 0) {
		query_note(q, "the query has no words");
		q->nothing = true;
	}
}

void
query_parse(struct query *q, const struct language *language,
    const char *text, size_t len, int64_t now)
{
	parse(q, language, text, len, now, false);
}

void
query_parse_all(struct query *q, const struct language *language,
    const char *text, size_t len, int64_t now)
{
	parse(q, language, text, len, now, true);
}

void
query_ready(struct query *q)
{
	if (q->match.atoms == 0)
		q->nothing = true;
	match_ready(&q->match);
}

void
query_respell(struct query *q, size_t i, const char *word, const char *stem)
{
	const char *typed = q->word[i].typed, *p = q->text.p, *end;
	struct buf b = BUF_INIT;

	match_replace(&q->match, q->word[i].term, stem, strlen(stem));
	for (; p != NULL && *p != '\0'; p = end) {
		end = p + strcspn(p, " ");
		if ((size_t)(end - p) == strlen(typed) &&
		    memcmp(p, typed, strlen(typed)) == 0)
			buf_adds(&b, word);
		else
			buf_add(&b, p, (size_t)(end - p));
		if (*end == ' ')
			buf_addc(&b, *end++);
	}
	buf_release(&q->text);
	q->text = b;
}

int
query_relax(struct query *q, int64_t had)
{
	if (q->plain < 0 || !match_soften(&q->match, q->plain))
		return 0;
	if (had == 0)
		query_note(q, "nothing holds all that is quoted; what holds "
		    "some of the words is shown");
	else
		query_note(q, "%" PRId64 " hold%s all that is quoted; what "
		    "holds some of the words follows", had,
		    had == 1 ? "s" : "");
	return 1;
}

void
query_release(struct query *q)
{
	size_t i;

	for (i = 0; i < q->fields; i++)
		strv_release(&q->field[i].values);
	free(q->field);
	for (i = 0; i < q->words; i++) {
		free(q->word[i].text);
		free(q->word[i].typed);
	}
	free(q->word);
	match_release(&q->match);
	strv_release(&q->notes);
	strv_release(&q->asides);
	buf_release(&q->text);
	memset(q, 0, sizeof *q);
}
