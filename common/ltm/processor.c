/*
 * Reading a processor's file: an item after the other, by the section it
 * stands in.
 */
#include "ltm/processor.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "ltm/processor_read.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTENT_MAX 1000	/* characters */
#define SOURCES_MAX 50
#define FACTS_MAX 100

int
processor_bad(struct reading *rd, size_t at, const char *fmt, ...)
{
	size_t i, line = 1, start = 0;
	char why[240];
	va_list ap;

	for (i = 0; i < at && i < rd->len; i++)
		if (rd->text[i] == '\n') {
			line++;
			start = i + 1;
		}
	va_start(ap, fmt);
	vsnprintf(why, sizeof why, fmt, ap);
	va_end(ap);
	return err_set(rd->e, ERR_INPUT, "%s:%zu:%zu: %s", rd->file, line,
	    at - start + 1, why);
}

int
strv_place(const struct strv *v, const char *s)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		if (strcmp(v->v[i], s) == 0)
			return (int)i;
	return -1;
}

void
processor_words(const struct reading *rd, struct strv *v)
{
	const char *s = rd->item->value;
	size_t n;

	for (; *s != '\0'; s += n) {
		s += strspn(s, " \t\n");
		if ((n = strcspn(s, " \t\n")) > 0)
			strv_add_n(v, s, n);
	}
}

int
processor_decimal(struct reading *rd, const char *s, int min, int max,
    int *out)
{
	const char *p = s + (*s == '-');
	int64_t whole, n = 0;
	size_t i, digits = strcspn(p, ".");
	char room[24];

	if (digits == 0 || digits > 4)
		goto bad;
	memcpy(room, p, digits);
	room[digits] = '\0';
	if (!str_int(room, 0, 9999, &whole))
		goto bad;
	n = whole * PROCESSOR_ONE;
	p += digits;
	p += *p == '.';
	for (i = PROCESSOR_ONE / 10; *p >= '0' && *p <= '9' && i > 0; i /= 10)
		n += (*p++ - '0') * (int64_t)i;
	if (*p != '\0')
		goto bad;
	n = *s == '-' ? -n : n;
	if (n < min || n > max)
		goto bad;
	*out = (int)n;
	return 0;
bad:
	return processor_bad(rd, rd->item->value_at, "'%.40s' is no number "
	    "from %.4g to %.4g with at most four decimals", s,
	    (double)min / PROCESSOR_ONE, (double)max / PROCESSOR_ONE);
}

int
processor_key_of(struct reading *rd, const char *name)
{
	struct processor *p = rd->p;
	struct processor_key *k;
	size_t i;

	for (i = 0; i < p->nkeys; i++)
		if (strcmp(p->key[i].name, name) == 0)
			return (int)i;
	if (p->nkeys == PROCESSOR_KEYS)
		return processor_bad(rd, rd->item->value_at, "more than %d "
		    "keys", PROCESSOR_KEYS);
	k = &p->key[p->nkeys];
	k->name = xstrdup(name);
	k->prefix_of = -1;
	return (int)p->nkeys++;
}

/* --- [processor] ------------------------------------------------------- */

static int
one_key(struct reading *rd, int *key)
{
	return (*key = processor_key_of(rd, rd->item->value)) < 0 ? -1 : 0;
}

static int
set_text(struct reading *rd, char **s)
{
	if (rd->item->value[0] == '\0')
		return processor_bad(rd, rd->item->value_at, "it is empty");
	free(*s);
	*s = xstrdup(rd->item->value);
	return 0;
}

static int
set_number(struct reading *rd, int64_t max, int64_t *n)
{
	if (!str_int(rd->item->value, 1, max, n))
		return processor_bad(rd, rd->item->value_at, "not a number "
		    "from 1 to %d", (int)max);
	return 0;
}

/* "KEY word ...": a key, and what it is compared with. */
static int
key_and_words(struct reading *rd, int *key, struct strv *v)
{
	struct strv all = STRV_INIT;
	size_t i;
	int r = 0;

	processor_words(rd, &all);
	if (all.n < 2)
		r = processor_bad(rd, rd->item->value_at, "a key, and words "
		    "after it");
	else if ((*key = processor_key_of(rd, all.v[0])) < 0)
		r = -1;
	for (i = 1; r == 0 && i < all.n; i++)
		strv_add(v, all.v[i]);
	strv_release(&all);
	return r;
}

static int
own_item(struct reading *rd, const char *name)
{
	struct processor *p = rd->p;

	if (strcmp(name, "about") == 0)
		return set_text(rd, &p->about);
	if (strcmp(name, "rows") == 0)
		return set_text(rd, &p->rows);
	if (strcmp(name, "within") == 0)
		return one_key(rd, &p->within);
	if (strcmp(name, "skip") == 0)
		return key_and_words(rd, &p->skip, &p->skip_values);
	if (strcmp(name, "severity") == 0)
		return key_and_words(rd, &p->severity, &p->severities);
	if (strcmp(name, "sources") == 0)
		return set_text(rd, &p->sources);
	if (strcmp(name, "counted") == 0)
		return set_text(rd, &p->counted);
	if (strcmp(name, "tag") == 0) {
		strv_add(&p->tags, rd->item->value);
		return 0;
	}
	if (strcmp(name, "maxfacts") == 0)
		return set_number(rd, 100000, &p->max_facts);
	if (strcmp(name, "maxcontent") == 0)
		return set_number(rd, CONTENT_MAX, &p->max_content);
	if (strcmp(name, "maxsources") == 0)
		return set_number(rd, SOURCES_MAX, &p->max_sources);
	return processor_bad(rd, rd->item->name_at, "unknown name '%.40s' in "
	    "[processor]", name);
}

/* --- sections ---------------------------------------------------------- */

static int
dim_begin(struct reading *rd, const char *name)
{
	struct processor *p = rd->p;
	struct dimension *d;

	for (d = p->dim; d < p->dim + p->ndims; d++)
		if (strcmp(d->name, name) == 0) {
			rd->dim = d;
			return 0;
		}
	if (p->ndims == PROCESSOR_DIMS)
		return processor_bad(rd, rd->item->name_at, "more than %d "
		    "dimensions", PROCESSOR_DIMS);
	d->name = xstrdup(name);
	d->key[0] = d->key[1] = d->least_facet = d->weight = -1;
	d->cap = PROCESSOR_ONE;
	d->at = rd->item->name_at;
	rd->dim = d;
	p->ndims++;
	return 0;
}

/* "dimension.NAME.by": NAME, which may hold points. */
static int
item(struct reading *rd)
{
	const char *key = rd->item->key, *name = strrchr(key, '.') + 1;
	const char *sub = strchr(key, '.') + 1;
	char *section;
	int r = -1, k;

	if (sub == name)
		return str_starts(key, "processor.") ? own_item(rd, name) :
		    processor_bad(rd, rd->item->name_at, "no such section; "
		    "there are [processor], [key \"NAME\"] and [dimension "
		    "\"NAME\"]");
	section = xstrndup(sub, (size_t)(name - sub) - 1);
	if (section[0] == '\0' || strlen(section) > 64)
		processor_bad(rd, rd->item->name_at, "a section's name has 1 "
		    "to 64 bytes");
	else if (str_starts(key, "dimension."))
		r = dim_begin(rd, section) < 0 ? -1 :
		    processor_dim_item(rd, name);
	else if (str_starts(key, "key.")) {
		if ((k = processor_key_of(rd, section)) >= 0) {
			rd->key = &rd->p->key[k];
			r = processor_key_item(rd, name);
		}
	} else
		processor_bad(rd, rd->item->name_at, "no such section");
	free(section);
	return r;
}

static void
defaults(struct processor *p)
{
	p->within = p->skip = p->severity = -1;
	p->max_facts = FACTS_MAX;
	p->max_content = CONTENT_MAX;
	p->max_sources = SOURCES_MAX;
	p->sources = xstrdup("source_ids");
	p->counted = xstrdup("count");
}

static int
whole(struct reading *rd)
{
	struct processor *p = rd->p;
	size_t i;

	if (p->rows == NULL)
		return processor_bad(rd, rd->len, "[processor] has no rows: "
		    "the record_type that it reads");
	if (p->ndims == 0)
		return processor_bad(rd, rd->len, "there is no dimension");
	for (i = 0; i < p->ndims; i++)
		if (processor_dim_end(rd, &p->dim[i]) < 0)
			return -1;
	for (i = 0; i < p->nkeys; i++)
		if (p->key[i].from.n == 0)
			strv_add(&p->key[i].from, p->key[i].name);
	return 0;
}

int
processor_parse(struct processor **out, const char *name, const char *text,
    size_t len, const char *file, struct err *e)
{
	struct processor *p = xcalloc(1, sizeof *p);
	struct reading rd = { .p = p, .text = text, .file = file, .len = len,
	    .e = e };
	struct conf *c = NULL;
	size_t i;
	int r;

	p->name = xstrdup(name);
	defaults(p);
	hash_mem(text, len, p->hash);
	r = conf_parse(&c, text, len, file, e);
	for (i = 0; r == 0 && i < c->nitems; i++) {
		rd.item = &c->items[i];
		r = item(&rd);
	}
	if (r == 0)
		r = whole(&rd);
	conf_free(c);
	if (r < 0)
		processor_free(p);
	else
		*out = p;
	return r;
}

static void
key_release(struct processor_key *k)
{
	size_t i;

	for (i = 0; i < k->nrules; i++) {
		free(k->rules[i].result);
		strv_release(&k->rules[i].words);
	}
	free(k->rules);
	free(k->name);
	strv_release(&k->from);
}

void
processor_free(struct processor *p)
{
	size_t i;

	if (p == NULL)
		return;
	for (i = 0; i < p->nkeys; i++)
		key_release(&p->key[i]);
	for (i = 0; i < p->ndims; i++) {
		free(p->dim[i].name);
		free(p->dim[i].content);
		strv_release(&p->dim[i].tags);
	}
	strv_release(&p->skip_values);
	strv_release(&p->severities);
	strv_release(&p->tags);
	free(p->name);
	free(p->about);
	free(p->rows);
	free(p->sources);
	free(p->counted);
	free(p);
}
