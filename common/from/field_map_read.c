/*
 * Reading a mapping.  Everything that can be wrong with the file is found
 * here, so that looking up cannot fail.
 */
#include "from/field_map.h"

#include "base/alloc.h"
#include "base/conf.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

static const char *const kinds[] = { "event", "session", "record", "drop" };

/* Fields that a rule of each kind may have. */
static const char *const event_keys[] = { "session_id", "timestamp", "text",
    "role", "event_type", "agent", "source_id", "author", "model", "cwd",
    "git_branch", "tool_name", "tool_use_id", "is_error", "parent_session",
    NULL };
static const char *const session_keys[] = { "session_id", "title", "agent",
    "cwd", NULL };
static const char *const record_keys[] = { "kb", "record_id", "record_type",
    "title", "text", "author", "status", "timestamp", "tags", NULL };
static const char *const no_keys[] = { NULL };
static const char *const *const keys_of[] = { event_keys, session_keys,
    record_keys, no_keys };

struct parse {
	struct from_map *map;
	const char *name;	/* of the file */
	struct err *e;
};

static bool
is_key(enum map_kind kind, const char *key)
{
	const char *const *k;

	for (k = keys_of[kind]; *k != NULL; k++)
		if (strcmp(*k, key) == 0)
			return true;
	return false;
}

static int
bad(struct parse *p, const char *key, const char *why)
{
	err_set(p->e, ERR_INPUT, "map '%s': %s: %s", p->name, key, why);
	return -1;
}

static int
add_term(struct map_expr *x, const char *s, size_t len)
{
	struct map_term *t;

	while (len > 0 && strchr(" \t", *s) != NULL)
		s++, len--;
	while (len > 0 && strchr(" \t", s[len - 1]) != NULL)
		len--;
	if (len == 0)
		return 0;
	x->term = xreallocarray(x->term, x->n + 1, sizeof *x->term);
	t = &x->term[x->n++];
	t->constant = *s == '\'';
	if (!t->constant) {
		t->s = xstrndup(s, len);
		return 1;
	}
	t->s = xstrndup(s + 1, len > 1 ? len - 2 : 0);
	return len > 1 && s[len - 1] == '\'';
}

static int
parse_expr(struct map_expr *x, const char *s)
{
	bool quoted = false;
	const char *start = s;

	for (;; s++) {
		if (*s == '\'')
			quoted = !quoted;
		if (*s == '\0' || (*s == '|' && !quoted)) {
			if (!add_term(x, start, (size_t)(s - start)))
				return 0;
			if (*s == '\0')
				return 1;
			start = s + 1;
		}
	}
}

/* "left=right", blanks around both taken off; right NULL: there is no "=". */
static void
split(const char *s, char **left, char **right)
{
	const char *eq = strchr(s, '=');
	char *copy = xstrndup(s, eq != NULL ? (size_t)(eq - s) : strlen(s));

	*left = xstrdup(str_trim(copy));
	free(copy);
	*right = NULL;
	if (eq != NULL) {
		copy = xstrdup(eq + 1);
		*right = xstrdup(str_trim(copy));
		free(copy);
	}
}

static struct map_rule *
rule_of(struct from_map *map, enum map_kind kind, const char *name)
{
	struct map_rule *r;
	size_t i;

	for (i = 0; i < map->n; i++)
		if (strcmp(map->rule[i].name, name) == 0)
			return &map->rule[i];
	map->rule = xreallocarray(map->rule, map->n + 1, sizeof *map->rule);
	r = &map->rule[map->n++];
	memset(r, 0, sizeof *r);
	r->kind = kind;
	r->name = xstrdup(name);
	return r;
}

static int
add_match(struct parse *p, struct map_rule *r, const char *key,
    const char *value)
{
	struct map_match *m;

	r->match = xreallocarray(r->match, r->nmatch + 1, sizeof *r->match);
	m = &r->match[r->nmatch++];
	memset(m, 0, sizeof *m);
	m->negated = *value == '!';
	split(value + m->negated, &m->path, &m->value);
	if (*m->path == '\0')
		return bad(p, key, "what is to match: path=value, path or "
		    "!path");
	return 0;
}

static struct map_entry_of *
add_entry(struct map_rule *r, enum map_what what)
{
	struct map_entry_of *x;

	r->entry = xreallocarray(r->entry, r->nentry + 1, sizeof *r->entry);
	x = &r->entry[r->nentry++];
	memset(x, 0, sizeof *x);
	x->what = what;
	return x;
}

static int
add_field(struct parse *p, struct map_rule *r, const char *key,
    const char *name, const char *value)
{
	bool member = strcmp(name, r->kind == MAP_RECORD ? "field" :
	    "metadata") == 0 && r->kind != MAP_SESSION && r->kind != MAP_DROP;
	bool word = str_starts(name, "map-");
	struct map_entry_of *x;
	char *right = NULL, *c;
	int r2;

	x = add_entry(r, member ? MAP_MEMBER : word ? MAP_WORD : MAP_FIELD);
	if (member) {
		split(value, &x->key, &right);
		r2 = right != NULL && *x->key != '\0' &&
		    parse_expr(&x->expr, right);
		free(right);
		return r2 ? 0 : bad(p, key, "write it as key=path");
	}
	x->key = xstrdup(word ? name + 4 : name);
	for (c = x->key; *c != '\0'; c++)
		if (*c == '-')
			*c = '_';
	if (!is_key(r->kind, x->key))
		return bad(p, key, "there is no such field");
	if (word) {
		split(value, &x->word, &x->to);
		return x->to != NULL ? 0 :
		    bad(p, key, "write it as word=word");
	}
	return parse_expr(&x->expr, value) ? 0 : bad(p, key,
	    "write it as path | path | 'constant'");
}

static int
add_pair(void *arg, const char *key, const char *value)
{
	struct parse *p = arg;
	const char *dot = strchr(key, '.'), *last = strrchr(key, '.');
	struct map_rule *r;
	char *section;
	int kind;

	if (dot == NULL)
		return bad(p, key, "stands in no section");
	for (kind = 0; kind < MAP_KINDS; kind++)
		if (strncmp(key, kinds[kind], (size_t)(dot - key)) == 0 &&
		    kinds[kind][dot - key] == '\0')
			break;
	if (kind == MAP_KINDS)
		return bad(p, key, "sections are event, session, record and "
		    "drop");
	section = xstrndup(key, (size_t)(last - key));
	r = rule_of(p->map, (enum map_kind)kind, section);
	free(section);
	if (value == NULL)
		value = "";
	if (strcmp(last + 1, "match") == 0)
		return add_match(p, r, key, value);
	return add_field(p, r, key, last + 1, value);
}

static bool
has_field(const struct map_rule *r, const char *key)
{
	size_t i;

	for (i = 0; i < r->nentry; i++)
		if (r->entry[i].what == MAP_FIELD &&
		    strcmp(r->entry[i].key, key) == 0)
			return true;
	return false;
}

static int
check(struct parse *p)
{
	static const char *const needs[MAP_KINDS][4] = {
	    { "text", NULL }, { "session_id", NULL },
	    { "kb", "record_id", "record_type", NULL }, { NULL } };
	const struct map_rule *r;
	char *dashed, *c;
	size_t i;
	int k;

	if (p->map->n == 0)
		return err_set(p->e, ERR_INPUT, "map '%s' has no rules; see "
		    "mem-from(1)", p->name);
	for (i = 0; i < p->map->n; i++) {
		r = &p->map->rule[i];
		for (k = 0; needs[r->kind][k] != NULL; k++) {
			if (has_field(r, needs[r->kind][k]))
				continue;
			dashed = xstrdup(needs[r->kind][k]);
			for (c = dashed; *c != '\0'; c++)
				if (*c == '_')
					*c = '-';
			err_set(p->e, ERR_INPUT, "map '%s': %s: %s is "
			    "missing", p->name, r->name, dashed);
			free(dashed);
			return -1;
		}
	}
	return 0;
}

static int
from_conf(struct from_map **out, struct conf *c, const char *name,
    struct err *e)
{
	struct parse p = { xcalloc(1, sizeof *p.map), name, e };

	if (conf_each(c, add_pair, &p) != 0 || check(&p) < 0) {
		from_map_free(p.map);
		return -1;
	}
	*out = p.map;
	return 0;
}

int
from_map_parse(struct from_map **out, const char *text, size_t len,
    const char *name, struct err *e)
{
	struct conf *c = NULL;
	int r;

	if (conf_parse(&c, text, len, name, e) < 0)
		return -1;
	r = from_conf(out, c, name, e);
	conf_free(c);
	return r;
}

int
from_map_read(struct from_map **out, const char *path, struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	/* conf_read takes an absent file for an empty one */
	if (buf_read_file(&b, path, (size_t)1 << 20, e) < 0)
		return -1;
	r = from_map_parse(out, b.p, b.len, path, e);
	buf_release(&b);
	return r;
}

static void
rule_release(struct map_rule *r)
{
	struct map_entry_of *x;
	size_t i, k;

	free(r->name);
	for (i = 0; i < r->nmatch; i++) {
		free(r->match[i].path);
		free(r->match[i].value);
	}
	free(r->match);
	for (i = 0; i < r->nentry; i++) {
		x = &r->entry[i];
		free(x->key);
		free(x->word);
		free(x->to);
		for (k = 0; k < x->expr.n; k++)
			free(x->expr.term[k].s);
		free(x->expr.term);
	}
	free(r->entry);
}

void
from_map_free(struct from_map *map)
{
	size_t i;

	if (map == NULL)
		return;
	for (i = 0; i < map->n; i++)
		rule_release(&map->rule[i]);
	free(map->rule);
	free(map);
}
