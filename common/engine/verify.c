#include "engine/verify.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/json.h"
#include "engine/feed.h"
#include "engine/index.h"
#include "store/node.h"
#include "store/store.h"
#include "text/language_conf.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SAMPLES 8		/* of a source */
#define VIEW 20000		/* texts that are read at once */

struct sample {
	char *id;		/* own; NULL: none */
	struct buf json;
};

struct verify {
	struct store *st;		/* borrowed */
	struct engine *engine;		/* own */
	struct engine_index index;
	struct engine_doc doc;
	char node[ULID_LEN + 1];
	uint64_t random;
	/* of the scope at work */
	int64_t n[SOURCE_SESSION], read;
	struct sample sample[SOURCE_SESSION][SAMPLES];
	struct map told;		/* of what may be told twice */
	struct buf id;
};

int
verified_right(const struct verified *v)
{
	return v->wrong == NULL && v->held >= v->stored &&
	    v->held - v->others <= v->stored;
}

int
verify_open(struct verify **out, struct store *st, const char *engine,
    struct err *e)
{
	struct verify *v = xcalloc(1, sizeof *v);
	const struct language *l;
	int r = -1;

	v->st = st;
	buf_init(&v->id);
	if (language_configured(st, &l, e) == 0 &&
	    node_name(st, v->node, e) == 0 &&
	    random_bytes(&v->random, sizeof v->random, e) == 0 &&
	    engine_open(&v->engine, st, engine, e) == 0)
		r = engine_index_find(&v->index, v->engine, st->tenant,
		    false, e);
	if (r == 0)
		err_set(e, ERR_ABSENT, "engine '%s' has no index '%s'; run "
		    "mem-index --to %s", engine, v->index.alias, engine);
	if (r != 1 || engine_index_refresh(&v->index, v->index.alias, e) < 0) {
		verify_close(v);
		return -1;
	}
	engine_doc_init(&v->doc, l, v->node);
	*out = v;
	return 0;
}

static void
forget_scope(struct verify *v)
{
	struct sample *s;
	int i, k;

	for (i = 0; i < SOURCE_SESSION; i++)
		for (k = 0; k < SAMPLES; k++) {
			s = &v->sample[i][k];
			if (s->id != NULL)
				buf_release(&s->json);
			free(s->id);
			s->id = NULL;
		}
	memset(v->n, 0, sizeof v->n);
	map_release(&v->told);
	memset(&v->told, 0, sizeof v->told);
}

void
verify_close(struct verify *v)
{
	if (v == NULL)
		return;
	forget_scope(v);
	engine_doc_release(&v->doc);
	engine_index_release(&v->index);
	engine_close(v->engine);
	buf_release(&v->id);
	free(v);
}

/* --- what is here ------------------------------------------------------ */

/* Of n so far, which of the samples does the last one replace?  -1: none. */
static int
chosen(struct verify *v, int64_t n)
{
	if (n <= SAMPLES)
		return (int)n - 1;
	v->random = v->random * UINT64_C(6364136223846793005) + 1;
	n = (int64_t)((v->random >> 20) % (uint64_t)n);
	return n < SAMPLES ? (int)n : -1;
}

static int
take(void *arg, struct doc *d, const struct engine_more *more,
    struct err *e)
{
	struct verify *v = arg;
	enum source source = d->source == SOURCE_OWN ? SOURCE_FACT : d->source;
	struct sample *s;
	int made, at;

	(void)e;
	v->read++;
	engine_doc_id(&v->id, d->source, more->user, more->within, d->id);
	if (source == SOURCE_FACT || source == SOURCE_ARTIFACT) {
		map_put(&v->told, v->id.p, &made);
		if (!made)
			return 0;
	}
	if ((at = chosen(v, ++v->n[source])) < 0)
		return 0;
	s = &v->sample[source][at];
	if (s->id == NULL)
		buf_init(&s->json);
	free(s->id);
	s->id = xstrdup(v->id.p);
	buf_reset(&s->json);
	engine_doc_add(&v->doc, &s->json, d, more);
	buf_addc(&s->json, '}');
	return 0;
}

static int
pass_gone(void *arg, enum source source, const char *id,
    const struct engine_more *more, struct err *e)
{
	(void)arg;
	(void)source;
	(void)id;
	(void)more;
	(void)e;
	return 0;
}

static int
pass_lost(void *arg, enum feed_lost what, const char *value, int64_t at,
    struct err *e)
{
	(void)arg;
	(void)what;
	(void)value;
	(void)at;
	(void)e;
	return 0;
}

static bool
is_full(void *arg)
{
	const struct verify *v = arg;

	return v->read % VIEW == VIEW - 1;
}

static int
read_all(struct verify *v, struct store *st, bool shared, struct err *e)
{
	const struct feed_to to = { take, pass_gone, pass_lost, is_full, v };
	static const struct feed_mark begin;
	struct feed f;
	int r;

	feed_init(&f, st, shared, &begin, v->node, true);
	do {
		v->read++;
		r = feed_read(&f, &to, e);
	} while (r == 1);
	feed_release(&f);
	return r;
}

/* --- what is there ----------------------------------------------------- */

static int
count(struct verify *v, const struct verified *of, bool others, int64_t *n,
    struct err *e)
{
	struct buf b = BUF_INIT;
	int r;

	buf_adds(&b, "{\"bool\":{\"must_not\":[{\"term\":{\"gone\":true}}");
	if (others)
		buf_addf(&b, ",{\"term\":{\"by\":\"%s\"}}", v->node);
	if (of->user == NULL)
		buf_adds(&b, ",{\"exists\":{\"field\":\"user\"}}");
	buf_addf(&b, "],\"filter\":[{\"term\":{\"source\":\"%s\"}}",
	    source_names[of->source]);
	if (of->user != NULL) {
		buf_adds(&b, ",{\"term\":{\"user\":");
		json_quote(&b, of->user, strlen(of->user));
		buf_adds(&b, "}}");
	}
	buf_adds(&b, "]}}");
	r = engine_index_count(&v->index, v->index.alias, b.p, n, e);
	buf_release(&b);
	return r;
}

/* What follows from the store alone, whenever and by whom it was told. */
static void
strip(json_t *o, enum source source)
{
	static const char *const not[] = { "by", "at", "v", "row", NULL };
	int i;

	for (i = 0; not[i] != NULL; i++)
		json_object_del(o, not[i]);
	if (source != SOURCE_EVENT && !source_is_rows(source))
		json_object_del(o, "record");
}

struct compared {
	struct verify *v;
	enum source source;
	bool same[SAMPLES];
};

static int
compare(void *arg, const char *id, const json_t *source, struct err *e)
{
	struct compared *c = arg;
	json_t *is, *should;
	const struct sample *s;
	struct err ignored;
	int i;

	(void)e;
	for (i = 0; i < SAMPLES; i++) {
		s = &c->v->sample[c->source][i];
		if (s->id == NULL || strcmp(s->id, id) != 0)
			continue;
		is = json_copy((json_t *)source);	/* it is only read */
		should = json_read(s->json.p, s->json.len, &ignored);
		strip(is, c->source);
		strip(should, c->source);
		c->same[i] = should != NULL && json_equal(is, should);
		json_decref(is);
		json_decref(should);
	}
	return 0;
}

static int
compare_samples(struct verify *v, struct verified *of, struct err *e)
{
	struct compared c = { .v = v, .source = of->source };
	struct buf b = BUF_INIT;
	const char *id;
	int i, r;

	buf_adds(&b, "{\"ids\":{\"values\":[");
	for (i = 0; i < SAMPLES; i++) {
		if ((id = v->sample[of->source][i].id) == NULL)
			continue;
		if (of->compared++ > 0)
			buf_addc(&b, ',');
		json_quote(&b, id, strlen(id));
	}
	buf_adds(&b, "]}}");
	r = of->compared == 0 ? 0 : engine_index_scan(&v->index,
	    v->index.alias, b.p, NULL, compare, &c, e);
	buf_release(&b);
	for (i = 0; i < SAMPLES && r == 0; i++)
		if (v->sample[of->source][i].id != NULL && !c.same[i])
			of->wrong = v->sample[of->source][i].id;
	return r;
}

int
verify_scope(struct verify *v, struct store *st, bool shared,
    int (*fn)(void *, const struct verified *, struct err *), void *arg,
    struct err *e)
{
	struct verified of = { .user = shared ? NULL : st->user };
	int source, r = read_all(v, st, shared, e);

	for (source = 0; source < SOURCE_SESSION && r == 0; source++) {
		if (source == SOURCE_OWN || (source != SOURCE_FACT && shared !=
		    source_is_shared((enum source)source)))
			continue;
		of.source = (enum source)source;
		of.stored = v->n[source];
		of.compared = 0;
		of.wrong = NULL;
		if ((r = count(v, &of, false, &of.held, e)) == 0 &&
		    (of.held > 0 || of.stored > 0) &&
		    (r = count(v, &of, true, &of.others, e)) == 0 &&
		    (r = compare_samples(v, &of, e)) == 0)
			r = fn(arg, &of, e);
	}
	forget_scope(v);
	return r;
}
