/*
 * Members of an object, or columns of a table, by their names.
 */
#include "from/bug_work.h"

#include "base/alloc.h"
#include "base/json.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const char *
from_name(const json_t *v)
{
	static const char *const keys[] = { "login", "username", "displayName",
	    "name", "value", "key", "real_name", "full_name", "email", NULL };
	const char *s;
	int i;

	if (json_is_string(v))
		return json_string_value(v);
	for (i = 0; keys[i] != NULL; i++)
		if ((s = get_str(v, keys[i], NULL)) != NULL && *s != '\0')
			return s;
	return NULL;
}

const char *
from_name_of(const json_t *o, const char *key)
{
	return from_name(json_object_get(o, key));
}

void
from_scalar(struct buf *b, const json_t *v)
{
	if (json_is_string(v))
		buf_adds(b, json_string_value(v));
	else if (json_is_integer(v))
		buf_add_int(b, json_integer_value(v));
	else if (json_is_real(v))
		json_write(b, v);
}

/* "Custom field (Root cause)" is Jira's way to say "Root cause". */
static void
column_name(struct buf *b, const char *key)
{
	static const char custom[] = "Custom field (";
	size_t n = strlen(key);

	buf_reset(b);
	if (str_starts(key, custom) && key[n - 1] == ')')
		buf_add(b, key + strlen(custom), n - strlen(custom) - 1);
	else
		buf_adds(b, key);
}

/* What --map says of a column; NULL: nothing. */
static const char *
mapped(const struct from *f, const char *key)
{
	const struct strv *v = f->o.columns;
	const char *eq;
	size_t i;

	for (i = 0; v != NULL && i < v->n; i++)
		if ((eq = strrchr(v->v[i], '=')) != NULL &&
		    strlen(key) == (size_t)(eq - v->v[i]) &&
		    strncasecmp(v->v[i], key, strlen(key)) == 0)
			return eq + 1;
	return NULL;
}

/* A name of the input in a reason: cleaned, and not much of it. */
static void
note_unknown(struct from *f, const char *key)
{
	char reason[96];
	size_t n;

	for (n = 0; n < 40 && (unsigned char)key[n] >= 0x20 &&
	    key[n] != 0x7f; n++)
		;
	if (key[n] != '\0' || n == 0)
		from_note(f, "no field for a name that is too long or odd");
	else {
		snprintf(reason, sizeof reason, "no field for '%s'", key);
		from_note(f, reason);
	}
}

struct mapping {
	struct from *f;
	struct bug *bug;
	const char *section;
	json_t **more;
	int rank[BUG_TEXTS];	/* of what is in each text */
	struct buf name, text;
};

static void
put_text(struct mapping *m, enum bug_field to, int rank, const json_t *v)
{
	const char *s;

	buf_reset(&m->text);
	if ((s = from_name(v)) != NULL)
		buf_adds(&m->text, s);
	else
		from_scalar(&m->text, v);
	if (strspn(m->text.p, " \t\r\n") == m->text.len)
		return;
	if (bug_has(m->bug, to) && rank >= m->rank[to])
		return;
	bug_put(m->bug, to, m->text.p);
	m->rank[to] = rank;
}

static void
put_value(struct mapping *m, enum bug_field to, int rank, const json_t *v)
{
	const char *s;
	size_t i;

	if (json_is_array(v) && to < BUG_TEXTS) {
		for (i = 0; i < json_array_size(v); i++)
			put_text(m, to, rank, json_array_get(v, i));
	} else if (json_is_array(v)) {
		for (i = 0; i < json_array_size(v); i++)
			if (json_is_string(json_array_get(v, i)) &&
			    m->f->format->bugs->table)
				bug_put_list(m->bug, to, json_string_value(
				    json_array_get(v, i)));
			else
				bug_put(m->bug, to, from_name(
				    json_array_get(v, i)));
	} else if (to < BUG_TEXTS)
		put_text(m, to, rank, v);
	else if ((s = from_name(v)) != NULL)
		bug_put_list(m->bug, to, s);
}

/* A name that is no field of bug records, but one that the format knows. */
static void
put_more(struct mapping *m, const char *to, const json_t *v)
{
	if (json_is_array(v))
		v = json_array_get(v, 0);
	buf_reset(&m->text);
	from_scalar(&m->text, v);
	if (*m->more == NULL)
		*m->more = json_object();
	if (m->text.len > 0)
		json_object_set_new(*m->more, to, json_string(m->text.p));
}

static void
put_member(struct mapping *m, const char *key, const json_t *v)
{
	const char *to;
	enum bug_field field;
	int rank = INT_MIN;

	/* JSON has the published names; in tables "labels" are tags. */
	if (!m->f->format->bugs->table &&
	    (field = bug_field(key)) != BUG_FIELDS) {
		put_value(m, field, rank, v);
		return;
	}
	column_name(&m->name, key);
	if ((to = mapped(m->f, key)) == NULL)
		to = bug_words_find(from_bug_words(m->f), m->section,
		    m->name.p, &rank);
	if (to == NULL) {
		note_unknown(m->f, key);
		return;
	}
	if ((field = bug_field(to)) != BUG_FIELDS)
		put_value(m, field, rank, v);
	else if (m->more != NULL)
		put_more(m, to, v);
}

void
from_bug_members(struct from *f, const json_t *o, const char *section,
    json_t **more)
{
	struct mapping m = { .f = f, .bug = &f->bugs->bug,
	    .section = section, .more = more, .name = BUF_INIT,
	    .text = BUF_INIT };
	const char *key;
	json_t *v;

	json_object_foreach((json_t *)o, key, v)
		if (!json_is_null(v))
			put_member(&m, key, v);
	buf_release(&m.name);
	buf_release(&m.text);
}
