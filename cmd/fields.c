/*
 * Some members of a record, as JSON or as a row of CSV.
 */
#include "cmd/out.h"

#include <string.h>

#include "base/json.h"

/* Put a value where its name says, making the objects on the way. */
static void
place(json_t *to, const char *name, const json_t *v)
{
	struct buf part = BUF_INIT;
	json_t *in;
	size_t n;

	for (;;) {
		n = strcspn(name, ".");
		buf_reset(&part);
		buf_add(&part, name, n);
		if (name[n] == '\0') {
			/* a cast: it only gets one more owner */
			json_object_set(to, part.p, (json_t *)v);
			break;
		}
		if (!json_is_object(in = json_object_get(to, part.p))) {
			in = json_object();
			json_object_set_new(to, part.p, in);
		}
		to = in;
		name += n + 1;
	}
	buf_release(&part);
}

/* Is it, or something around it, asked for before? */
static bool
has_outer(const struct strv *names, size_t i)
{
	size_t k, n;

	for (k = 0; k < i; k++) {
		n = strlen(names->v[k]);
		if (strncmp(names->v[k], names->v[i], n) == 0 &&
		    (names->v[i][n] == '.' || names->v[i][n] == '\0'))
			return true;
	}
	return false;
}

json_t *
fields_pick(const json_t *rec, const struct strv *names)
{
	json_t *o = json_object();
	const json_t *v;
	size_t i;

	for (i = 0; i < names->n; i++)
		if (!has_outer(names, i) &&
		    (v = get_path(rec, names->v[i])) != NULL)
			place(o, names->v[i], v);
	return o;
}

static void
add_cell(struct buf *b, const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len && strchr("\",\r\n", p[i]) == NULL; i++)
		;
	if (i == len) {
		buf_add(b, p, len);
		return;
	}
	buf_addc(b, '"');
	for (i = 0; i < len; i++) {
		if (p[i] == '"')
			buf_addc(b, '"');
		buf_addc(b, (unsigned char)p[i]);
	}
	buf_addc(b, '"');
}

static void
add_value(struct buf *b, const json_t *v)
{
	struct buf text = BUF_INIT;

	if (v == NULL || json_is_null(v))
		return;
	if (json_is_string(v)) {
		add_cell(b, json_string_value(v), json_string_length(v));
		return;
	}
	json_write(&text, v);
	add_cell(b, text.p, text.len);
	buf_release(&text);
}

void
fields_row(struct buf *b, const json_t *rec, const struct strv *names)
{
	size_t i;

	for (i = 0; i < names->n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		if (rec == NULL)
			add_cell(b, names->v[i], strlen(names->v[i]));
		else
			add_value(b, get_path(rec, names->v[i]));
	}
}
