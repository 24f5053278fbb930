#include "ltm/row.h"

#include "base/alloc.h"
#include "base/str.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

void
row_init(struct row *r, const struct processor *p)
{
	size_t i, j;

	memset(r, 0, sizeof *r);
	r->p = p;
	buf_init(&r->scan.room);
	buf_init(&r->room);
	for (i = 0; i < p->nkeys; i++)
		for (j = 0; j < p->key[i].from.n; j++)
			if (!strv_has(&r->names, p->key[i].from.v[j]))
				strv_add(&r->names, p->key[i].from.v[j]);
	for (i = 0; i < 2; i++)
		r->place[i] = xcalloc(r->names.n + 1, sizeof *r->place[i]);
}

void
row_release(struct row *r)
{
	strv_release(&r->names);
	free(r->place[0]);
	free(r->place[1]);
	buf_release(&r->scan.room);
	buf_release(&r->room);
}

static void
add(struct row_list *l, const char *s)
{
	size_t i;

	for (i = 0; i < l->n; i++)
		if (strcmp(l->v[i], s) == 0)
			return;
	if (l->n < ROW_LIST && s[0] != '\0')
		l->v[l->n++] = s;
}

/* --- values that are made ---------------------------------------------- */

/* A path's first parts, never its last: "a/b" of "a/b/c.h"; a file without a
 * folder has none. */
static void
add_prefix(struct row *r, struct row_list *l, const char *path, int parts)
{
	const char *p = path, *slash = NULL;
	char *s;

	while (parts-- > 0 && (p = strchr(p, '/')) != NULL)
		slash = p++;
	if (slash == NULL || slash == path)
		return;
	/* order matters: room for all was made before */
	s = r->room.p + r->room.len;
	buf_add(&r->room, path, (size_t)(slash - path));
	buf_addc(&r->room, '\0');
	add(l, s);
}

static void
prefixes(struct row *r, struct row_list *l, const struct row_list *of,
    int parts)
{
	size_t i, need = 0;

	for (i = 0; i < of->n; i++)
		need += strlen(of->v[i]) + 1;
	buf_reserve(&r->room, need);
	for (i = 0; i < of->n; i++)
		add_prefix(r, l, of->v[i], parts);
}

static bool
is_word(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

/* Does a text have this word?  Case is ignored; a '-' in it stands for any
 * one character that is not of a word; in front of a '*' it may go on. */
static bool
has_word(const char *text, const char *word)
{
	const char *t, *w, *p;

	for (t = text; *t != '\0'; t++) {
		if (t > text && is_word(t[-1]) && is_word(*t))
			continue;
		for (p = t, w = word; *w != '\0' && *w != '*'; w++, p++)
			if (*p == '\0' || (*w == '-' ? is_word(*p) :
			    tolower((unsigned char)*w) !=
			    tolower((unsigned char)*p)))
				break;
		if (*w == '*' || (*w == '\0' && !is_word(*p)))
			return true;
	}
	return false;
}

static bool
rule_matches(const struct row *r, const struct key_rule *rule)
{
	const struct row_list *l = &r->key[rule->key];
	size_t i, j;

	for (i = 0; i < l->n; i++)
		for (j = 0; j < rule->words.n; j++)
			if (has_word(l->v[i], rule->words.v[j]))
				return true;
	return false;
}

static void
make_key(struct row *r, const struct processor_key *k, struct row_list *l)
{
	size_t i;

	if (k->prefix_of >= 0)
		prefixes(r, l, &r->key[k->prefix_of], k->prefix_parts);
	for (i = 0; l->n == 0 && i < k->nrules; i++)
		if (rule_matches(r, &k->rules[i]))
			add(l, k->rules[i].result);
}

/* --- all keys ---------------------------------------------------------- */

/* The first name that is there; in "fields" before the record's own. */
static void
find_key(struct row *r, const struct processor_key *k, struct row_list *l)
{
	size_t i, j;
	int name, inside;

	l->n = 0;
	for (i = 0; l->n == 0 && i < k->from.n; i++) {
		name = strv_place(&r->names, k->from.v[i]);
		for (inside = 1; l->n == 0 && inside >= 0; inside--)
			for (j = 0; j < r->place[inside][name].n; j++)
				add(l, r->scan.v[r->place[inside][name].at +
				    j].p);
	}
}

/* Values of one member stand side by side. */
static void
find_places(struct row *r)
{
	const struct row_value *v;
	size_t i;

	for (i = 0; i < 2; i++)
		memset(r->place[i], 0, r->names.n * sizeof *r->place[i]);
	for (i = 0; i < r->scan.n; i++) {
		v = &r->scan.v[i];
		if (r->place[v->in_fields][v->name].n++ == 0)
			r->place[v->in_fields][v->name].at = i;
	}
}

static void
find_head(struct row *r)
{
	const struct processor *p = r->p;
	struct entry_head *h = &r->head;
	int place = -1;

	if (p->severity >= 0 && r->key[p->severity].n > 0)
		place = strv_place(&p->severities, r->key[p->severity].v[0]);
	h->severity = place < 0 ? ENTRY_NO_SEVERITY : (unsigned)place;
	h->weight = 1;
}

int
row_take(struct row *r, const char *json, size_t len, struct err *e)
{
	const struct processor *p = r->p;
	const struct row_list *l;
	size_t i;

	if (row_scan(&r->scan, &r->names, json, len, e) < 0)
		return -1;
	buf_reset(&r->room);
	buf_reserve(&r->room, PROCESSOR_KEYS * (len + 8));
	find_places(r);
	for (i = 0; i < p->nkeys; i++)
		find_key(r, &p->key[i], &r->key[i]);
	for (i = 0; i < p->nkeys; i++)
		if (r->key[i].n == 0)
			make_key(r, &p->key[i], &r->key[i]);
	find_head(r);
	if (p->skip < 0)
		return 1;
	l = &r->key[p->skip];
	for (i = 0; i < l->n; i++)
		if (strv_has(&p->skip_values, l->v[i]))
			return 0;
	return 1;
}

const char *
row_project(const struct row *r)
{
	return r->p->within >= 0 && r->key[r->p->within].n > 0 ?
	    r->key[r->p->within].v[0] : "";
}
