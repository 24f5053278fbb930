/*
 * Looking values up by a mapping.
 */
#include "from/field_map.h"

#include "base/json.h"
#include "from/format.h"

#include <stdlib.h>
#include <string.h>

#define STEP_MAX 256		/* bytes of one step of a path */

/* One step off a path: its name, "\." undone.  What is left, or NULL when
 * the step is too long. */
static const char *
step_of(const char *path, char name[STEP_MAX])
{
	size_t n = 0;

	for (; *path != '\0' && *path != '.'; path++) {
		if (*path == '\\' && path[1] == '.')
			path++;
		if (n == STEP_MAX - 1)
			return NULL;
		name[n++] = *path;
	}
	name[n] = '\0';
	return path;
}

/* Follow a path; behind "*" values are gathered in an array, made for it
 * in *own. */
static const json_t *
follow(const json_t *v, const char *path, json_t **own)
{
	char name[STEP_MAX];
	const json_t *x;
	json_t *inner;
	int64_t i;
	size_t k;

	while (v != NULL) {
		if ((path = step_of(path, name)) == NULL)
			return NULL;
		if (json_is_object(v))
			v = json_object_get(v, name);
		else if (!json_is_array(v))
			return NULL;
		else if (strcmp(name, "*") != 0)
			v = str_int(name, 0, INT32_MAX, &i) ?
			    json_array_get(v, (size_t)i) : NULL;
		else
			break;
		if (*path == '\0')
			return v;
		path++;
	}
	if (v == NULL || *path == '\0')
		return v;
	if (*own == NULL)
		*own = json_array();
	for (k = 0; k < json_array_size(v); k++) {
		inner = NULL;
		x = follow(json_array_get(v, k), path + 1, &inner);
		if (x != NULL)
			json_array_append(*own, (json_t *)x);
		json_decref(inner);
	}
	return json_array_size(*own) > 0 ? *own : NULL;
}

static bool
is_absent(const json_t *v)
{
	return v == NULL || json_is_null(v);
}

static const json_t *
eval(const struct map_expr *x, const json_t *v, json_t **own)
{
	const json_t *r;
	size_t i;

	for (i = 0; i < x->n; i++) {
		json_decref(*own);
		*own = NULL;
		if (x->term[i].constant)
			return *own = json_string(x->term[i].s);
		r = follow(v, x->term[i].s, own);
		if (!is_absent(r))
			return r;
	}
	return NULL;
}

static void
add_text(struct buf *b, const json_t *v)
{
	if (json_is_string(v))
		buf_add(b, json_string_value(v), json_string_length(v));
	else
		from_flatten(b, v);
}

static bool
matches(const struct map_match *m, const json_t *v)
{
	struct buf b = BUF_INIT;
	json_t *own = NULL;
	const json_t *x = follow(v, m->path, &own);
	bool is;

	if (m->value == NULL)
		is = !is_absent(x) && !json_is_false(x);
	else {
		if (!is_absent(x))
			add_text(&b, x);
		is = !is_absent(x) && strcmp(b.p, m->value) == 0;
	}
	json_decref(own);
	buf_release(&b);
	return is != m->negated;
}

const struct map_rule *
from_map_find(const struct from_map *map, const json_t *v)
{
	size_t i, k;

	for (i = 0; i < map->n; i++) {
		for (k = 0; k < map->rule[i].nmatch; k++)
			if (!matches(&map->rule[i].match[k], v))
				break;
		if (k == map->rule[i].nmatch)
			return &map->rule[i];
	}
	return NULL;
}

const json_t *
from_map_get(const struct map_rule *r, const char *key, const json_t *v,
    json_t **own)
{
	size_t i;

	for (i = 0; i < r->nentry; i++)
		if (r->entry[i].what == MAP_FIELD &&
		    strcmp(r->entry[i].key, key) == 0)
			return eval(&r->entry[i].expr, v, own);
	return NULL;
}

int
from_map_text(const struct map_rule *r, const char *key, const json_t *v,
    struct buf *b)
{
	size_t i, start = b->len;
	json_t *own = NULL;
	const json_t *x = from_map_get(r, key, v, &own);

	if (x != NULL)
		add_text(b, x);
	json_decref(own);
	if (x == NULL)
		return 0;
	for (i = 0; i < r->nentry; i++)
		if (r->entry[i].what == MAP_WORD &&
		    strcmp(r->entry[i].key, key) == 0 &&
		    strcmp(r->entry[i].word, b->p + start) == 0) {
			buf_cut(b, start);
			buf_adds(b, r->entry[i].to);
			break;
		}
	return 1;
}

json_t *
from_map_members(const struct map_rule *r, const json_t *v, bool strings)
{
	json_t *o = json_object(), *own;
	struct buf b = BUF_INIT;
	const json_t *x;
	size_t i;

	for (i = 0; i < r->nentry; i++) {
		if (r->entry[i].what != MAP_MEMBER)
			continue;
		own = NULL;
		x = eval(&r->entry[i].expr, v, &own);
		if (x != NULL && strings) {
			buf_reset(&b);
			add_text(&b, x);
			json_object_set_new(o, r->entry[i].key,
			    json_string(b.p));
		} else if (x != NULL)
			json_object_set(o, r->entry[i].key, (json_t *)x);
		json_decref(own);
	}
	buf_release(&b);
	return o;
}
