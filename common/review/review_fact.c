/*
 * Facts are records, and say by their tags what they are about: "file:F",
 * "module:M" or "component:M", "pattern:T", "cause:K".  One with two files is
 * about their going together.
 *
 * A fact that counts in n_eff (metadata.decay) is one side of the risk of a
 * file, beside what its history tells: both count the same bugs, so the
 * greater one holds.  Whatever they come to, the finding is as sure as the
 * surest fact about the file.
 */
#include "review/review_work.h"

#include "base/alloc.h"
#include "base/json.h"

#include <string.h>

#define PATTERNS_MAX 1000

/* What the facts about a file come to. */
struct about {
	struct review *r;
	const struct review_file *f;
	struct risk risk;
	double confidence;	/* the greatest of a fact */
	struct buf message;
	struct review_ids ids;
	const char *module;	/* that is asked for */
};

static const json_t *
tags_of(const json_t *fact)
{
	return json_object_get(fact, "tags");
}

/* The n-th tag that begins so, behind that; NULL. */
static const char *
tag_of(const json_t *fact, const char *prefix, size_t n)
{
	const json_t *tags = tags_of(fact);
	const char *s;
	size_t i;

	for (i = 0; i < json_array_size(tags); i++)
		if ((s = json_string_value(json_array_get(tags, i))) != NULL &&
		    str_starts(s, prefix) && n-- == 0)
			return s + strlen(prefix);
	return NULL;
}

static double
confidence_of(const json_t *fact)
{
	const json_t *v = json_object_get(fact, "confidence");

	return json_is_number(v) ? json_number_value(v) : 0;
}

/* As it is now; 0: it does not count so. */
static double
n_eff_of(const json_t *fact, int64_t now_ms)
{
	const json_t *decay = get_path(fact, "metadata.decay");
	const json_t *n = json_object_get(decay, "n_eff");
	int64_t as_of;

	return json_is_number(n) && json_number_value(n) > 0 &&
	    get_time(decay, "as_of", &as_of) == 1 ?
	    risk_decay(json_number_value(n), now_ms - as_of) : 0;
}

/* --- of two files ------------------------------------------------------ */

/* Its other file, if that is not in the change. */
static int
partner(struct about *a, const json_t *fact, const char *one, const char *two,
    struct err *e)
{
	const char *other = str_eq(one, a->f->path) ||
	    str_eq(one, a->f->was) ? two : one;
	const char *content = get_str(fact, "content", NULL);
	struct buf b = BUF_INIT;
	int n;

	if (map_get(&a->r->paths, other) != NULL)
		return 0;
	buf_addf(&b, "usually fixed together with %s, which is not in this "
	    "change%s%s", other, content != NULL ? ": " : "",
	    content != NULL ? content : "");
	n = review_add_fact(a->r, REVIEW_PARTNER, a->f, confidence_of(fact),
	    other, b.p, fact, e);
	buf_release(&b);
	return n;
}

/* --- of one ------------------------------------------------------------ */

static int
on_file(void *arg, const json_t *fact, struct err *e)
{
	struct about *a = arg;
	const char *content = get_str(fact, "content", NULL);
	const char *one = tag_of(fact, "file:", 0);
	const char *two = tag_of(fact, "file:", 1);
	double n_eff = n_eff_of(fact, a->r->how.now_ms);

	if (one != NULL && two != NULL)
		return partner(a, fact, one, two, e);
	if (n_eff > a->risk.file)
		a->risk.file = n_eff;
	if (confidence_of(fact) >= a->confidence) {
		a->confidence = confidence_of(fact);
		buf_reset(&a->message);
		buf_adds(&a->message, content != NULL ? content :
		    "this file needed fixes before");
	}
	review_ids_take(&a->ids, fact);
	return 0;
}

static int
on_module(void *arg, const json_t *fact, struct err *e)
{
	struct about *a = arg;
	const char *content = get_str(fact, "content", NULL);
	double n_eff = n_eff_of(fact, a->r->how.now_ms);
	const char *id = get_str(fact, "fact_id", NULL);

	/* one of a kind of bugs is a part of the component's */
	if (n_eff > a->risk.component && tag_of(fact, "defect:", 0) == NULL)
		a->risk.component = n_eff;
	return review_add_fact(a->r, REVIEW_MODULE, a->f, confidence_of(fact),
	    id != NULL ? id : a->module, content != NULL ? content :
	    "this module needed fixes before", fact, e);
}

static int
ask(struct about *a, const char *kind, const char *what, size_t len,
    int (*fn)(void *, const json_t *, struct err *), struct err *e)
{
	const struct review_source *s = a->r->source;
	struct buf tag = BUF_INIT;
	int r;

	buf_adds(&tag, kind);
	buf_add(&tag, what, len);
	a->module = tag.p + strlen(kind);
	r = s->facts(s->arg, tag.p, fn, a, e);
	buf_release(&tag);
	return r;
}

/* A module is a folder with all above it ("src/net"), or its name alone. */
static int
ask_modules(struct about *a, struct err *e)
{
	static const char *const kinds[] = { "module:", "component:" };
	const char *path = a->f->path, *slash, *name = path;
	int i, r = 0;

	for (slash = strchr(path, '/'); slash != NULL && r == 0;
	    slash = strchr(slash + 1, '/')) {
		for (i = 0; i < 2 && r == 0; i++) {
			r = ask(a, kinds[i], path, (size_t)(slash - path),
			    on_module, e);
			if (r == 0 && name != path)
				r = ask(a, kinds[i], name,
				    (size_t)(slash - name), on_module, e);
		}
		name = slash + 1;
	}
	return r;
}

/* --- of words ---------------------------------------------------------- */

/* "ignor+time+zone"; one of two letters is in no line that is known. */
static void
stems_of(struct strv *v, const char *s)
{
	size_t n;

	for (;; s += n + 1) {
		n = strcspn(s, "+");
		if (n >= REVIEW_WORD_LEAST)
			strv_add_n(v, s, n);
		if (s[n] == '\0')
			break;
	}
}

bool
review_has_words(const struct map *have, const struct strv *want)
{
	size_t i;

	for (i = 0; i < want->n; i++)
		if (map_get(have, want->v[i]) == NULL)
			return false;
	return want->n >= 2;
}

static int
on_pattern(void *arg, const json_t *fact, struct err *e)
{
	struct review *r = arg;
	const char *name = tag_of(fact, "pattern:", 0);
	struct review_pattern p = { .stems = name == NULL };

	(void)e;
	if (name == NULL)
		name = tag_of(fact, "cause:", 0);
	/* of a module or a file: told there */
	if (name == NULL || tag_of(fact, "module:", 0) != NULL ||
	    tag_of(fact, "file:", 0) != NULL || r->npatterns >= PATTERNS_MAX)
		return 0;
	if (p.stems)
		stems_of(&p.words, name);
	else
		review_words_of(&p.words, name);
	if (!review_has_words(p.stems ? &r->stems : &r->words, &p.words)) {
		strv_release(&p.words);
		return 0;
	}
	p.fact = json_deep_copy(fact);
	r->pattern = xgrow(r->pattern, r->npatterns, &r->patterns_cap,
	    sizeof *r->pattern);
	r->pattern[r->npatterns++] = p;
	return 0;
}

static int
ask_patterns(struct review *r, const struct review_file *f, struct err *e)
{
	const struct review_pattern *p;
	const char *content, *id;
	size_t i;
	int n = 0;

	for (i = 0; n == 0 && i < r->npatterns; i++) {
		p = &r->pattern[i];
		if (!review_has_words(p->stems ? &f->stems : &f->words,
		    &p->words))
			continue;
		content = get_str(p->fact, "content", NULL);
		id = get_str(p->fact, "fact_id", NULL);
		n = review_add_fact(r, REVIEW_PATTERN, f,
		    confidence_of(p->fact), id != NULL ? id : p->words.v[0],
		    content != NULL ? content :
		    "bugs of this kind were made before", p->fact, e);
	}
	return n;
}

int
review_patterns(struct review *r, struct err *e)
{
	size_t i;

	if (r->source->patterns(r->source->arg, on_pattern, r, e) < 0)
		return -1;
	for (i = 0; i < r->nfiles; i++)
		if (!r->file[i].deleted &&
		    ask_patterns(r, &r->file[i], e) < 0)
			return -1;
	return 0;
}

/* --- all of it --------------------------------------------------------- */

/* One finding for a file, of all that is known. */
static int
tell_file(struct about *a, struct err *e)
{
	struct buf past = BUF_INIT;
	struct risk risk = { .severity = 0.5 };
	double c;
	int n = 0;

	if (review_risk(a->r, a->f, &risk, &past) && a->message.len > 0)
		buf_adds(&a->message, "; ");
	buf_add(&a->message, past.p, past.len);
	if (a->risk.file > risk.file)
		risk.file = a->risk.file;
	if (a->risk.component > risk.component)
		risk.component = a->risk.component;
	/* what is only known of its folder is told of that */
	c = risk.file + risk.churn > 0 ? risk_confidence(risk_evidence(&risk),
	    risk.severity) : 0;
	if (a->confidence > c)
		c = a->confidence;
	if (c > 0 && a->message.len > 0)
		n = review_add(a->r, REVIEW_FILE, a->f, c, "", a->message.p,
		    &a->ids, e);
	buf_release(&past);
	return n;
}

int
review_file_facts(struct review *r, const struct review_file *f,
    struct err *e)
{
	struct about a = { .r = r, .f = f, .message = BUF_INIT };
	int n = 0;

	if (r->source != NULL) {
		n = ask(&a, "file:", f->path, strlen(f->path), on_file, e);
		if (n == 0 && f->was != NULL)
			n = ask(&a, "file:", f->was, strlen(f->was), on_file,
			    e);
		if (n == 0)
			n = ask_modules(&a, e);
	}
	if (n == 0)
		n = tell_file(&a, e);
	buf_release(&a.message);
	review_ids_release(&a.ids);
	return n;
}
