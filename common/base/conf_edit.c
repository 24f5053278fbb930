/*
 * One key of a configuration changed in its text.  What was made is parsed
 * again before it is written: it must differ in that key and nowhere else.
 */
#include "base/conf.h"

#include <stdlib.h>
#include <string.h>

#include "base/conf_parse.h"
#include "base/file.h"
#include "base/lock.h"

#define LOCK_WAIT_MS 5000

/* A value as the file has it: quoted only where it must be. */
static void
add_value(struct buf *b, const char *v)
{
	size_t n = strlen(v);
	bool quote = n == 0 || strpbrk(v, ";#\r") != NULL ||
	    strchr(" \t", v[0]) != NULL || strchr(" \t", v[n - 1]) != NULL;

	if (quote)
		buf_addc(b, '"');
	for (; *v != '\0'; v++)
		switch (*v) {
		case '\n':
			buf_adds(b, "\\n");
			break;
		case '\t':
			buf_adds(b, "\\t");
			break;
		case '"':
		case '\\':
			buf_addc(b, '\\');
			buf_addc(b, *v);
			break;
		default:
			buf_addc(b, *v);
		}
	if (quote)
		buf_addc(b, '"');
}

/* Length of the section part of a key, with its dot. */
static size_t
prefix_len(const char *key)
{
	return (size_t)(strrchr(key, '.') - key) + 1;
}

static void
add_header(struct buf *b, const char *key)
{
	const char *first = strchr(key, '.'), *last = strrchr(key, '.');
	const char *p;

	buf_addc(b, '[');
	buf_add(b, key, (size_t)(first - key));
	if (first != last) {
		buf_adds(b, " \"");
		for (p = first + 1; p < last; p++) {
			if (*p == '"' || *p == '\\')
				buf_addc(b, '\\');
			buf_addc(b, *p);
		}
		buf_addc(b, '"');
	}
	buf_adds(b, "]\n");
}

/* Where the line goes on after at if only space or a comment follows:
 * behind its newline.  Else at itself. */
static size_t
line_end(const struct buf *t, size_t at)
{
	size_t i = at;
	const char *nl;

	while (i < t->len && strchr(" \t\r", t->p[i]) != NULL)
		i++;
	if (i < t->len && t->p[i] != '\n' && t->p[i] != '#' && t->p[i] != ';')
		return at;
	nl = memchr(t->p + i, '\n', t->len - i);
	return nl != NULL ? (size_t)(nl - t->p) + 1 : t->len;
}

static void
replace(struct buf *out, const struct buf *t, const struct conf_item *it,
    const char *value)
{
	buf_add(out, t->p, it->value_at);
	if (!it->has_value)
		buf_adds(out, " = ");
	else if (it->value_at == it->value_end)
		buf_addc(out, ' ');
	add_value(out, value);
	buf_add(out, t->p + it->value_end, t->len - it->value_end);
}

/* Would a line added to the end go on with the value before it? */
static bool
goes_on(const struct buf *t)
{
	size_t n = t->len, bars = 0;

	n -= n > 0 && t->p[n - 1] == '\n';
	n -= n > 0 && t->p[n - 1] == '\r';
	while (n > bars && t->p[n - bars - 1] == '\\')
		bars++;
	return bars % 2 == 1;
}

/* A new line in the last section of that name, or in a new one.  given is
 * the key with the letters that its user chose. */
static void
insert(struct buf *out, const struct buf *t, const struct conf *c,
    const char *key, const char *given, const char *value)
{
	size_t n = prefix_len(key), i, at = t->len;

	for (i = c->nsections; i > 0; i--)
		if (strlen(c->sections[i - 1].prefix) == n &&
		    memcmp(c->sections[i - 1].prefix, key, n) == 0)
			break;
	if (i > 0)
		at = line_end(t, c->sections[i - 1].end);
	buf_add(out, t->p, at);
	if (at > 0 && t->p[at - 1] != '\n')
		buf_addc(out, '\n');
	if (at == t->len && goes_on(t))
		buf_addc(out, '\n');
	if (i == 0)
		add_header(out, given);
	buf_addc(out, '\t');
	buf_adds(out, given + n);
	buf_adds(out, " = ");
	add_value(out, value);
	buf_addc(out, '\n');
	buf_add(out, t->p + at, t->len - at);
}

/* All values of the key, each with its line if it has one for itself. */
static void
drop(struct buf *out, const struct buf *t, const struct conf *c,
    const char *key)
{
	size_t i, from, to, done = 0;

	for (i = 0; i < c->nitems; i++) {
		if (strcmp(c->items[i].key, key) != 0)
			continue;
		from = c->items[i].name_at;
		while (from > done && strchr(" \t", t->p[from - 1]) != NULL)
			from--;
		to = c->items[i].value_end;
		if (from == 0 || t->p[from - 1] == '\n')
			to = line_end(t, to);
		buf_add(out, t->p + done, from - done);
		done = to;
	}
	buf_add(out, t->p + done, t->len - done);
}

/* The last item of the key; *n says how many there are. */
static const struct conf_item *
find(const struct conf *c, const char *key, int *n)
{
	const struct conf_item *it = NULL;
	size_t i;

	*n = 0;
	for (i = 0; i < c->nitems; i++)
		if (strcmp(c->items[i].key, key) == 0) {
			it = &c->items[i];
			++*n;
		}
	return it;
}

/* The first item from *i on that is not of this key; NULL at the end. */
static const struct conf_item *
next_other(const struct conf *c, size_t *i, const char *key)
{
	while (*i < c->nitems && strcmp(c->items[*i].key, key) == 0)
		++*i;
	return *i < c->nitems ? &c->items[(*i)++] : NULL;
}

/* Are the values the same, but for that of key, which is value? */
static bool
is_right(const struct conf *old, const struct conf *new, const char *key,
    const char *value)
{
	const struct conf_item *a, *b;
	size_t i = 0, j = 0;
	int n;

	do {
		a = next_other(old, &i, key);
		b = next_other(new, &j, key);
		if (a == NULL || b == NULL)
			break;
	} while (strcmp(a->key, b->key) == 0 &&
	    strcmp(a->value, b->value) == 0);
	if (a != NULL || b != NULL)
		return false;
	b = find(new, key, &n);
	return n == (value != NULL) &&
	    (value == NULL || strcmp(b->value, value) == 0);
}

static int
change(struct buf *out, const struct buf *t, const struct conf *c,
    const char *name, const char *key, const char *given, const char *value,
    struct err *e)
{
	const struct conf_item *it;
	int n;

	it = find(c, key, &n);
	if (value == NULL && n > 0)
		drop(out, t, c, key);
	else if (value != NULL && n > 1)
		return err_set(e, ERR_EXISTS, "%s has %d values in '%s'; "
		    "unset it first, or edit the file", given, n, name);
	else if (value != NULL && n == 0)
		insert(out, t, c, key, given, value);
	else if (value != NULL && strcmp(it->value, value) != 0)
		replace(out, t, it, value);
	else
		return 0;
	return 1;
}

int
conf_edit_text(struct buf *out, const struct buf *text, const char *name,
    const char *key, const char *value, struct err *e)
{
	struct conf *old = NULL, *new = NULL;
	struct buf k = BUF_INIT;
	struct err why;
	int r = -1;

	if (conf_key_check(key, e) < 0 ||
	    conf_parse(&old, text->p, text->len, name, e) < 0)
		return -1;
	conf_key(&k, key);
	r = change(out, text, old, name, k.p, key, value, e);
	if (r == 1 && (conf_parse(&new, out->p, out->len, name, &why) < 0 ||
	    !is_right(old, new, k.p, value)))
		r = err_set(e, ERR_INPUT, "cannot change %s in '%s' without "
		    "changing more; edit the file", key, name);
	conf_free(old);
	conf_free(new);
	buf_release(&k);
	return r;
}

int
conf_edit(const char *path, const char *key, const char *value,
    struct err *e)
{
	struct buf text = BUF_INIT, out = BUF_INIT, lock_path = BUF_INIT;
	struct lock lock = LOCK_INIT;
	int r = -1;

	/* Not path.lock: git makes that one, and fails while it is there. */
	buf_addf(&lock_path, "%s.editing", path);
	if (conf_key_check(key, e) == 0 &&
	    lock_take(&lock, lock_path.p, LOCK_WAIT_MS, e) == 0 &&
	    (r = conf_read_text(&text, path, e)) == 0 &&
	    (r = conf_edit_text(&out, &text, path, key, value, e)) == 1 &&
	    file_replace(path, out.p, out.len, e) < 0)
		r = -1;
	lock_drop(&lock);
	buf_release(&text);
	buf_release(&out);
	buf_release(&lock_path);
	return r;
}
