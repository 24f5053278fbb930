#include "from/docs.h"

#include "base/alloc.h"
#include "base/conf.h"
#include "store/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILTER "filter."
#define WORDS_LEAST 20
#define WORDS_MOST 2000

struct number {
	const char *key;
	int64_t min, max;
	int64_t *to;
};

static int
numbers(struct from_docs_opts *o, const struct conf *c, struct err *e)
{
	struct docs_limits *l = &o->limits;
	int64_t time_s = o->filters.time_ms / 1000;
	const struct number all[] = {
		{ "docs.maxBytes", 1, INT64_MAX / 2, &l->bytes },
		{ "docs.maxTotal", 1, INT64_MAX / 2, &l->total },
		{ "docs.maxRatio", 1, INT64_C(1) << 30, &l->ratio },
		{ "docs.maxEntries", 1, INT64_C(1) << 30, &l->entries },
		{ "docs.maxDepth", 0, 64, &l->nest },
		{ "docs.maxPart", 1, INT64_MAX / 2, &l->part },
		{ "docs.maxMemory", INT64_C(64) << 20, INT64_MAX / 2,
		    &o->memory },
		{ "docs.maxTime", 1, 86400, &o->cpu_s },
		{ "docs.filterTime", 1, 86400, &time_s },
		{ "docs.filterMemory", INT64_C(16) << 20, INT64_MAX / 2,
		    &o->filters.memory },
		{ "docs.filterBytes", 1, INT64_MAX / 2, &o->filters.output },
	};
	size_t i;

	for (i = 0; i < sizeof all / sizeof *all; i++)
		if (conf_get_int(c, all[i].key, all[i].min, all[i].max,
		    all[i].to, e) < 0)
			return -1;
	o->filters.time_ms = time_s * 1000;
	return 0;
}

/* filter.SUFFIX, and filter.KEY.command with a media type or what else is no
 * name; a suffix is the first part, or the one in the middle. */
static char *
filter_key(const char *key, bool *as)
{
	const char *rest = key + strlen(FILTER), *dot = strrchr(rest, '.');

	*as = dot != NULL && strcmp(dot, ".as") == 0;
	if (dot == NULL)
		return xstrdup(rest);
	return *as || strcmp(dot, ".command") == 0 ?
	    xstrndup(rest, (size_t)(dot - rest)) : NULL;
}

static int
one_filter(void *arg, const char *key, const char *value)
{
	struct docs_filters *f = arg;
	struct docs_filter *found = NULL;
	char *name;
	size_t i;
	bool as;

	if (strncmp(key, FILTER, strlen(FILTER)) != 0 ||
	    (name = filter_key(key, &as)) == NULL)
		return 0;
	for (i = 0; i < f->n && found == NULL; i++)
		if (strcmp(f->v[i].key, name) == 0)
			found = &f->v[i];
	if (found == NULL) {
		docs_filters_add(f, name, as ? "" : value, as ? value : NULL);
	} else if (as) {
		free(found->as);
		found->as = xstrdup(value);
	} else {
		free(found->command);
		found->command = xstrdup(value);
	}
	free(name);
	return 0;
}

/* The media type of what a filter prints; NULL: none of those. */
static const char *
printed(const char *as)
{
	static const char *const known[][2] = { { "text", "text/plain" },
	    { "html", "text/html" }, { "markdown", "text/markdown" } };
	size_t i;

	for (i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(as, known[i][0]) == 0)
			return known[i][1];
	return NULL;
}

static int
no_command(const char *key, struct err *e)
{
	return err_set(e, ERR_INPUT, "setting '%s' is empty; name a command "
	    "that reads a document and prints text", key);
}

static int
not_printed(const char *key, const char *as, struct err *e)
{
	return err_set(e, ERR_INPUT, "setting '%s' is text, markdown or html, "
	    "not '%s'", key, as);
}

int
from_docs_filter_check(const char *key, const char *value, struct err *e)
{
	bool as;
	char *name;

	if (!str_starts(key, FILTER) || (name = filter_key(key, &as)) == NULL)
		return 0;
	free(name);
	if (as)
		return printed(value) != NULL ? 1 :
		    not_printed(key, value, e);
	return *value != '\0' ? 1 : no_command(key, e);
}

static int
check_filters(struct docs_filters *f, const struct store *st, struct err *e)
{
	struct docs_filter *one;
	struct buf setting = BUF_INIT;
	const char *as;
	size_t i;
	int r = 0;

	for (i = 0; i < f->n && r == 0; i++) {
		one = &f->v[i];
		buf_reset(&setting);
		buf_addf(&setting, FILTER "%s", one->key);
		if ((r = store_obeys(st, setting.p, e)) < 0)
			break;
		if (*one->command == '\0')
			r = no_command(setting.p, e);
		if (one->as == NULL)
			continue;
		if ((as = printed(one->as)) == NULL) {
			buf_adds(&setting, ".as");
			r = not_printed(setting.p, one->as, e);
			break;
		}
		free(one->as);
		one->as = xstrdup(as);
	}
	buf_release(&setting);
	return r;
}

int
from_docs_conf(struct from_docs_opts *o, const struct store *st,
    struct err *e)
{
	if (o->encoding == NULL)
		o->encoding = conf_get(st->conf, "docs.encoding", NULL);
	if (numbers(o, st->conf, e) < 0)
		return -1;
	conf_each(st->conf, one_filter, &o->filters);
	return check_filters(&o->filters, st, e);
}

void
from_docs_opts_release(struct from_docs_opts *o)
{
	strv_release(&o->include);
	strv_release(&o->exclude);
	docs_filters_release(&o->filters);
}

int
from_docs_words(struct from_docs_opts *o, const char *s)
{
	const char *dash = strchr(s, '-');
	int64_t min, max;
	char *first;
	int r;

	if (dash == NULL)
		return 0;
	first = xstrndup(s, (size_t)(dash - s));
	r = str_int(first, WORDS_LEAST, WORDS_MOST, &min) &&
	    str_int(dash + 1, WORDS_LEAST, WORDS_MOST, &max) && min <= max;
	free(first);
	if (r) {
		o->words_min = min;
		o->words_max = max;
	}
	return r;
}
