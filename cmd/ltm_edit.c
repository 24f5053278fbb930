/*
 * mem-ltm add, pin, expire, merge, rollback.
 */
#include "base/alloc.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/ltm.h"
#include "cmd/ltm_number.h"

#include <stdlib.h>
#include <string.h>

#define PATTERN_SURE 0.7

int
ltm_number(const char *option, const char *s, double *out, struct err *e)
{
	char *end;
	double v;

	if (s == NULL)
		return 0;
	v = strtod(s, &end);
	if (*s == '\0' || *end != '\0' || !(v >= 0 && v <= 1))
		return cmd_misuse(e, "%s takes a number from 0 to 1, not '%s'",
		    option, s);
	*out = v;
	return 0;
}

static int
print_now(struct ltm_tool *t, int64_t id, struct err *e)
{
	return fact_find(t->st, id, 0, ltm_print_fact, t, e) < 0 ? -1 : 0;
}

/* --- add --------------------------------------------------------------- */

static void
add_tag(struct strv *tags, const char *name, const char *s, size_t len)
{
	struct buf b = BUF_INIT;

	buf_adds(&b, name);
	buf_add(&b, s, len);
	strv_add(tags, b.p);
	buf_release(&b);
}

/* MODULE:PATTERN; what the options leave open, it settles. */
static int
as_pattern(struct fact_new *w, struct strv *tags, struct buf *key,
    struct err *e)
{
	const char *s = ltm_o.pattern, *colon = strrchr(s, ':');

	if (colon == NULL || colon == s || colon[1] == '\0')
		return cmd_misuse(e, "--pattern takes MODULE:PATTERN, not "
		    "'%s'", s);
	if (ltm_o.key != NULL)
		return cmd_misuse(e, "--pattern makes the key; leave --key "
		    "out");
	buf_addf(key, "bug_pattern:%s", s);
	strv_add(tags, "bug_pattern");
	strv_add(tags, "source:review");
	add_tag(tags, "module:", s, (size_t)(colon - s));
	add_tag(tags, "pattern:", colon + 1, strlen(colon + 1));
	w->key = key->p;
	w->confidence = PATTERN_SURE;
	if (ltm_o.scope < 0)
		w->scope = FACT_TENANT;
	return 0;
}

int
ltm_verb_add(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	struct fact_new w = { .scope = ltm_o.scope < 0 ? FACT_USER :
	    (enum fact_scope)ltm_o.scope, .key = ltm_o.key,
	    .confidence = 1, .until_ms = ltm_o.until };
	struct strv tags = STRV_INIT;
	struct buf key = BUF_INIT;
	int64_t id;
	size_t i;
	int r = 0;

	if (argc != 1)
		return cmd_misuse(e, "add takes one text; put it in quotes");
	w.content = argv[0];
	if (ltm_o.pattern != NULL)
		r = as_pattern(&w, &tags, &key, e);
	for (i = 0; i < ltm_o.tags.n; i++)
		if (!strv_has(&tags, ltm_o.tags.v[i]))
			strv_add(&tags, ltm_o.tags.v[i]);
	w.tags = &tags;
	if (r == 0)
		r = ltm_number("--confidence", ltm_o.confidence,
		    &w.confidence, e);
	if (r == 0 && (r = fact_add(t->st, &w, &id, e)) >= 0)
		r = print_now(t, id, e);
	strv_release(&tags);
	buf_release(&key);
	return r < 0 ? -1 : EXIT_YES;
}

/* --- decisions --------------------------------------------------------- */

static int
pin(struct ltm_tool *t, int64_t id, struct err *e)
{
	return fact_pin(t->st, id, true, e) < 0 ? -1 : print_now(t, id, e);
}

static int
unpin(struct ltm_tool *t, int64_t id, struct err *e)
{
	return fact_pin(t->st, id, false, e) < 0 ? -1 : print_now(t, id, e);
}

static int
expire(struct ltm_tool *t, int64_t id, struct err *e)
{
	const char *why = ltm_o.reason != NULL ? ltm_o.reason :
	    "expired by hand";

	return fact_expire(t->st, id, why, e) < 0 ? -1 : print_now(t, id, e);
}

int
ltm_verb_pin(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	return ltm_each_named(t, argc, argv, pin, e);
}

int
ltm_verb_unpin(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	return ltm_each_named(t, argc, argv, unpin, e);
}

int
ltm_verb_expire(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	return ltm_each_named(t, argc, argv, expire, e);
}

int
ltm_verb_merge(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	int64_t *ids;
	int i, r = 1;

	if (argc < 2)
		return cmd_misuse(e, "merge takes two facts or more");
	ids = xcalloc((size_t)argc, sizeof *ids);
	for (i = 0; r == 1 && i < argc; i++)
		r = ltm_named(t, argv[i], &ids[i], e);
	if (r == 1 && (r = fact_merge(t->st, ids, (size_t)argc, e)) == 0)
		r = print_now(t, ids[0], e) < 0 ? -1 : 1;
	free(ids);
	return r < 0 ? -1 : r == 0 ? EXIT_NO : EXIT_YES;
}

int
ltm_verb_rollback(struct ltm_tool *t, int argc, char **argv, struct err *e)
{
	int64_t id, version;
	int r;

	if (argc != 2)
		return cmd_misuse(e, "rollback takes a fact and a version");
	if (!str_int(argv[1] + (argv[1][0] == 'v'), 1, INT64_MAX, &version))
		return cmd_misuse(e, "'%s' is no version; give it as in v2",
		    argv[1]);
	if ((r = ltm_named(t, argv[0], &id, e)) == 1)
		r = fact_rollback(t->st, id, version, e) < 0 ||
		    print_now(t, id, e) < 0 ? -1 : 1;
	return r < 0 ? -1 : r == 0 ? EXIT_NO : EXIT_YES;
}
