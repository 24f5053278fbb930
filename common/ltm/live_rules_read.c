/*
 * The files of rules, read.
 */
#include "ltm/live_rules.h"

#include "base/alloc.h"
#include "ltm/live_match.h"
#include "ltm/processor_read.h"

#include <stdlib.h>
#include <string.h>

#define WORDS 14		/* of a value */

/* --- sections ---------------------------------------------------------- */

/* The rule of this name; the one of an earlier file goes. */
static struct live_rule *
rule_of(struct live_rules *l, const char *name, size_t old)
{
	struct live_rule *r;
	size_t i;

	for (i = 0; i < l->nrules; i++)
		if (str_eq(l->rule[i].name, name))
			break;
	if (i == l->nrules) {
		l->rule = xgrow(l->rule, i, &l->cap_rules, sizeof *r);
		memset(&l->rule[i], 0, sizeof *r);
		l->nrules++;
	} else if (i < old && l->rule[i].at == 0)
		live_rule_release(&l->rule[i]);
	r = &l->rule[i];
	if (r->name == NULL) {
		r->name = xstrdup(name);
		r->sure = PROCESSOR_ONE * 7 / 10;
		r->words = WORDS;
	}
	return r;
}

static struct live_phrases *
phrases_of(struct live_rules *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->nphrases; i++)
		if (str_eq(l->phrases[i].name, name))
			return &l->phrases[i];
	l->phrases = xgrow(l->phrases, i, &l->cap_phrases,
	    sizeof *l->phrases);
	memset(&l->phrases[i], 0, sizeof *l->phrases);
	l->phrases[i].name = xstrdup(name);
	return &l->phrases[l->nphrases++];
}

static struct live_veto *
veto_of(struct live_rules *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->nvetoes; i++)
		if (str_eq(l->veto[i].name, name))
			return &l->veto[i];
	l->veto = xgrow(l->veto, i, &l->cap_vetoes, sizeof *l->veto);
	memset(&l->veto[i], 0, sizeof *l->veto);
	l->veto[i].name = xstrdup(name);
	return &l->veto[l->nvetoes++];
}

/* --- items ------------------------------------------------------------- */

static int
bad_value(struct reading *rd, const char *why)
{
	return processor_bad(rd, rd->item->value_at, "%s", why);
}

static int
add_pattern(struct reading *rd, struct strv *v, bool holes)
{
	const char *why = live_pattern_bad(rd->item->value, holes);

	if (why != NULL)
		return bad_value(rd, why);
	strv_add(v, rd->item->value);
	return 0;
}

static int
set_text(struct reading *rd, char **s)
{
	if (rd->item->value[0] == '\0')
		return bad_value(rd, "it is empty");
	free(*s);
	*s = xstrdup(rd->item->value);
	return 0;
}

/* The place of the value in a list of names. */
static int
set_name(struct reading *rd, const char *const *names, int *out)
{
	int i;

	for (i = 0; names[i] != NULL; i++)
		if (strcmp(names[i], rd->item->value) == 0) {
			*out = i;
			return 0;
		}
	return processor_bad(rd, rd->item->value_at, "'%.40s' is none of the "
	    "words that may stand here", rd->item->value);
}

static int
no_such(struct reading *rd, const char *name)
{
	return processor_bad(rd, rd->item->name_at, "there is no '%.40s' "
	    "in this section", name);
}

static int
set_bool(struct reading *rd, bool *out)
{
	return conf_bool(rd->item->value, out) ? 0 :
	    bad_value(rd, "it is true or false");
}

static int
rule_item(struct reading *rd, struct live_rule *r, const char *name)
{
	static const char *const does[] = { "tell", "end", "correct", NULL };
	int n;

	if (r->at == 0)
		r->at = rd->item->name_at + 1;
	if (str_same(name, "pattern"))
		return add_pattern(rd, &r->patterns, true);
	if (str_same(name, "unless"))
		return add_pattern(rd, &r->unless, false);
	if (str_same(name, "needs") || str_same(name, "only")) {
		processor_words(rd, str_same(name, "only") ? &r->only :
		    &r->needs);
		return 0;
	}
	if (str_same(name, "words"))
		return str_int(rd->item->value, 1, WORDS, &r->words) ? 0 :
		    bad_value(rd, "it is a small number");
	if (str_same(name, "named"))
		return set_bool(rd, &r->named);
	if (str_same(name, "kind"))
		return set_text(rd, &r->kind);
	if (str_same(name, "key"))
		return set_text(rd, &r->key);
	if (str_same(name, "content"))
		return set_text(rd, &r->content);
	if (str_same(name, "off"))
		return set_bool(rd, &r->off);
	if (str_same(name, "sure"))
		return processor_decimal(rd, rd->item->value, 0,
		    PROCESSOR_ONE, &r->sure);
	if (!str_same(name, "does"))
		return no_such(rd, name);
	if (set_name(rd, does, &n) < 0)
		return -1;
	r->does = (enum live_does)n;
	return 0;
}

static int
phrases_item(struct reading *rd, struct live_phrases *p, const char *name)
{
	static const char *const places[] = { "begin", "end", "either",
	    "named", NULL };
	int n;

	if (str_same(name, "say"))
		return add_pattern(rd, &p->say, false);
	if (str_same(name, "add"))
		return processor_decimal(rd, rd->item->value, -PROCESSOR_ONE,
		    PROCESSOR_ONE, &p->add);
	if (str_same(name, "why"))
		return set_text(rd, &p->why);
	if (str_same(name, "session"))
		return set_bool(rd, &p->session);
	if (!str_same(name, "at"))
		return no_such(rd, name);
	if (set_name(rd, places, &n) < 0)
		return -1;
	p->place = (enum live_place)n;
	return 0;
}

static int
veto_item(struct reading *rd, struct live_veto *v, const char *name)
{
	static const char *const wheres[] = { "sentence", "turn", "value",
	    "begin", "whole", "start", NULL };
	int n;

	if (str_same(name, "say"))
		return add_pattern(rd, &v->say, false);
	if (!str_same(name, "in"))
		return no_such(rd, name);
	if (set_name(rd, wheres, &n) < 0)
		return -1;
	v->where = (enum live_where)n;
	return 0;
}

/* "section.sub.name", where the second may have dots. */
static int
item(struct live_rules *l, struct reading *rd, size_t old)
{
	const char *key = rd->item->key, *dot = strchr(key, '.');
	const char *last = strrchr(key, '.');
	size_t n = dot != NULL ? (size_t)(dot - key) : 0;
	char *section = xstrndup(key, n), *sub = NULL;
	int r;

	if (dot != NULL && last > dot)
		sub = xstrndup(dot + 1, (size_t)(last - dot - 1));
	if (str_eq(section, "rule") && sub != NULL)
		r = rule_item(rd, rule_of(l, sub, old), last + 1);
	else if (str_eq(section, "phrases") && sub != NULL) {
		r = phrases_item(rd, phrases_of(l, sub), last + 1);
		if (r == 0 && l->nphrases > LIVE_PHRASES)
			r = processor_bad(rd, rd->item->name_at, "more than "
			    "%d sections of phrases", LIVE_PHRASES);
	} else if (str_eq(section, "veto") && sub != NULL)
		r = veto_item(rd, veto_of(l, sub), last + 1);
	else if (str_eq(key, "clause.cut"))
		r = add_pattern(rd, &l->cut, false);
	else if (str_eq(key, "clause.join"))
		r = add_pattern(rd, &l->join, false);
	else
		r = processor_bad(rd, rd->item->name_at, "there are sections "
		    "rule, phrases and veto with a name, and clause with "
		    "'cut' and 'join'");
	free(section);
	free(sub);
	return r;
}

/* --- templates --------------------------------------------------------- */

/* Are the holes of a template filled by every pattern of the rule? */
static int
check_template(struct reading *rd, const struct live_rule *r, const char *s)
{
	unsigned have = ~0u;
	size_t i;

	for (i = 0; i < r->patterns.n; i++)
		have &= live_pattern_holes(r->patterns.v[i]);
	if ((live_pattern_holes(s) & ~have) != 0)
		return processor_bad(rd, r->at - 1, "a pattern of '%s' does "
		    "not fill '%.60s'", r->name, s);
	return 0;
}

/* Phrases of the names that it needs. */
static int
check_names(struct reading *rd, const struct live_rules *l,
    const struct live_rule *r, const struct strv *names)
{
	size_t i, k;

	for (i = 0; i < names->n; i++) {
		for (k = 0; k < l->nphrases; k++)
			if (str_eq(l->phrases[k].name, names->v[i]))
				break;
		if (k == l->nphrases)
			return processor_bad(rd, r->at - 1, "rule '%s' needs "
			    "phrases '%s', which there are not", r->name,
			    names->v[i]);
	}
	return 0;
}

static int
check_rule(struct reading *rd, const struct live_rules *l,
    const struct live_rule *r)
{
	bool value = true;
	size_t i;

	if (r->off || r->at == 0)
		return 0;
	if (check_names(rd, l, r, &r->needs) < 0 ||
	    check_names(rd, l, r, &r->only) < 0)
		return -1;
	for (i = 0; i < r->patterns.n; i++)
		value = value && (live_pattern_holes(r->patterns.v[i]) &
		    (1u << LIVE_VALUE)) != 0;
	if (r->patterns.n == 0 || !value || r->kind == NULL ||
	    (r->does != LIVE_ENDS && (r->content == NULL || r->key == NULL)))
		return processor_bad(rd, r->at - 1, "rule '%s' needs a kind, "
		    "patterns with {value}, a key and a content", r->name);
	if (r->does == LIVE_ENDS)
		return 0;
	return check_template(rd, r, r->content) < 0 ||
	    check_template(rd, r, r->key) < 0 ? -1 : 0;
}

int
live_rules_parse(struct live_rules *l, const char *text, size_t len,
    const char *file, struct err *e)
{
	struct reading rd = { .text = text, .file = file, .len = len, .e = e };
	size_t i, old = l->nrules;
	struct conf *c = NULL;
	int r;

	/* places are those of this file */
	for (i = 0; i < l->nrules; i++)
		l->rule[i].at = 0;
	r = conf_parse(&c, text, len, file, e);
	for (i = 0; r == 0 && i < c->nitems; i++) {
		rd.item = &c->items[i];
		r = item(l, &rd, old);
	}
	for (i = 0; r == 0 && i < l->nrules; i++)
		r = check_rule(&rd, l, &l->rule[i]);
	conf_free(c);
	return r;
}
