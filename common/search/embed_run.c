#include "search/embed_run.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "base/child.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BATCH 32		/* texts at once, unless it says otherwise */
#define BATCH_MAX 1024
#define COMPONENTS (1 << 18)	/* of one answer: bounds its memory */
#define BYTES ((size_t)256 << 10)	/* of the texts of one question */
#define FIRST ((size_t)64 << 10)	/* longest first answer */
#define NUMBER 32		/* longest number, with its comma */
#define AGAIN_MS 30000		/* before one that failed is tried again */
#define MODEL_LEN 1024		/* longest name of a model */

struct run {
	struct child *child;		/* own */
	char *name;			/* own */
	uint8_t key[HASH_LEN];		/* of its identity */
	int wait_ms;
	char *model;			/* own; as it calls it */
	uint32_t dim;
	size_t batch;
	json_int_t id;			/* of the question */
	/* The query that was asked last: each index that is searched asks
	 * for its vector. */
	char *query;			/* own; NULL: none */
	float *answer;			/* own */
	int has;
	bool bad;
};

/* One that was freed and may be asked again. */
static struct run *idle;

/*
 * The last one that failed, and why: it is not started again at once, so that
 * whoever asks for many things waits in vain once, not every time.
 */
static struct {
	uint8_t key[HASH_LEN];
	int64_t until;			/* date_monotonic */
	struct err why;
} failed;

/* It is of no more use, for the reason that e has. */
static int
give_up(struct run *x, const struct err *e)
{
	x->bad = true;
	memcpy(failed.key, x->key, HASH_LEN);
	failed.until = date_monotonic() + AGAIN_MS;
	failed.why = *e;
	return -1;
}

static void
run_free(struct run *x)
{
	if (x == NULL)
		return;
	child_free(x->child);
	free(x->name);
	free(x->model);
	free(x->query);
	free(x->answer);
	free(x);
}

static void
free_idle(void)
{
	run_free(idle);
	idle = NULL;
}

/* --- asking ------------------------------------------------------------ */

static int
wrong(struct run *x, const char *what, struct err *e)
{
	err_set(e, ERR_INPUT, "'%s' answered wrongly: %s", x->name, what);
	return give_up(x, e);
}

/* What it says that went wrong. */
static int
refused(struct run *x, const json_t *o, struct err *e)
{
	const char *what = get_str(o, "message", NULL);
	bool again = json_is_true(json_object_get(o, "again"));

	err_set(e, again ? ERR_NET : ERR_INPUT, "'%s': %.300s", x->name,
	    what == NULL ? "it failed, and does not say why" : what);
	return give_up(x, e);
}

static void
question(struct run *x, struct buf *b, const char *kind,
    const struct embedder_text *text, size_t n)
{
	size_t i;

	buf_addf(b, "{\"type\":\"embed\",\"id\":%lld,\"kind\":\"%s\","
	    "\"timeout_ms\":%d,\"texts\":[", (long long)++x->id, kind,
	    x->wait_ms);
	for (i = 0; i < n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		json_quote(b, text[i].text, text[i].len);
	}
	buf_adds(b, "]}");
}

/* It says again in each answer who it is. */
static int
check_model(struct run *x, const json_t *o, struct err *e)
{
	const char *model = get_str(o, "model", NULL);
	json_int_t dim = json_integer_value(json_object_get(o, "dimension"));

	if (model == NULL || *model == '\0' || strlen(model) > MODEL_LEN)
		return wrong(x, "it has no 'model'", e);
	if (dim < 1 || dim > VECTOR_DIM)
		return wrong(x, "its 'dimension' is not one from 1 to 4096",
		    e);
	if (x->model == NULL) {
		x->model = xstrdup(model);
		x->dim = (uint32_t)dim;
	}
	if (!str_eq(model, x->model) || (uint32_t)dim != x->dim)
		return wrong(x, "another model or dimension than at first",
		    e);
	return 0;
}

/* The answer as JSON, when it is one to this question; its vectors are as
 * many as there were texts. */
static int
ask(struct run *x, const char *kind, const struct embedder_text *text,
    size_t n, json_t **out, json_t **vectors, struct err *e)
{
	struct buf b = BUF_INIT;
	size_t len, most = FIRST + n * (size_t)x->dim * NUMBER;
	const char *type;
	struct err bad;
	json_t *o;
	char *p;
	int r;

	question(x, &b, kind, text, n);
	r = child_ask(x->child, b.p, b.len, x->wait_ms, most, &p, &len, e);
	buf_release(&b);
	if (r < 0)
		return give_up(x, e);
	if ((o = json_read(p, len, &bad)) == NULL)
		return wrong(x, bad.msg, e);
	type = get_str(o, "type", NULL);
	*vectors = json_object_get(o, "vectors");
	r = -1;
	if (str_eq(type, "error"))
		refused(x, o, e);
	else if (!str_eq(type, "vectors"))
		wrong(x, "its 'type' is neither 'vectors' nor 'error'", e);
	else if (json_integer_value(json_object_get(o, "id")) != x->id)
		wrong(x, "its 'id' is that of another question", e);
	else if (!json_is_array(*vectors) || json_array_size(*vectors) != n)
		wrong(x, "not as many 'vectors' as texts", e);
	else
		r = check_model(x, o, e);
	if (r < 0)
		json_decref(o);
	else
		*out = o;
	return r;
}

/* 1, or 0: it has none, or one of zeros. */
static int
take(struct run *x, const json_t *v, float *out, struct err *e)
{
	double c, sum = 0;
	const json_t *item;
	size_t i;

	if (json_is_null(v))
		return 0;
	if (!json_is_array(v) || json_array_size(v) != x->dim)
		return wrong(x, "a vector of another dimension", e);
	for (i = 0; i < x->dim; i++) {
		item = json_array_get(v, i);
		c = json_number_value(item);
		if (!json_is_number(item) || !(fabs(c) <= (double)FLT_MAX))
			return wrong(x, "a component that is no number", e);
		out[i] = (float)c;
		sum += c * c;
	}
	if (!(sum > 0) || !isfinite(sum))
		return 0;
	for (i = 0; i < x->dim; i++)
		out[i] = (float)((double)out[i] / sqrt(sum));
	return 1;
}

/* --- as an embedder ---------------------------------------------------- */

static bool
is_blank(const struct embedder_text *t)
{
	size_t i;

	for (i = 0; i < t->len; i++)
		if (strchr(" \t\r\n", t->text[i]) == NULL ||
		    t->text[i] == '\0')
			return false;
	return true;
}

static int
give(struct run *x, const json_t *vectors, const size_t *number, size_t n,
    embedder_fn *fn, void *arg, struct err *e)
{
	float *v = xcalloc(x->dim, sizeof *v);
	size_t i;
	int r = 0;

	for (i = 0; i < n && r == 0; i++) {
		r = take(x, json_array_get(vectors, i), v, e);
		if (r >= 0)
			r = fn(arg, number[i], r == 1 ? v : NULL, NULL, 0,
			    e) != 0 ? -1 : 0;
	}
	free(v);
	return r;
}

struct batch {
	struct embedder_text *text;	/* own */
	size_t *number;			/* own; of each in what was given */
	size_t n, bytes;
};

/* Those behind text[*i - 1] that are asked for at once; *i moves on.  A blank
 * one has no vector. */
static int
gather(struct run *x, struct batch *b, const struct embedder_text *text,
    size_t n, size_t *i, embedder_fn *fn, void *arg, struct err *e)
{
	struct embedder_text t;

	b->n = b->bytes = 0;
	for (; *i < n && b->n < x->batch; ++*i) {
		t = text[*i];
		t.len = utf8_cut(t.text, t.len, EMBED_RUN_TEXT);
		if (is_blank(&t)) {
			/* in the order given: what is gathered goes first */
			if (b->n > 0)
				break;
			if (fn(arg, *i, NULL, NULL, 0, e) != 0)
				return -1;
			continue;
		}
		if (b->n > 0 && b->bytes + t.len > BYTES)
			break;
		b->number[b->n] = *i;
		b->text[b->n++] = t;
		b->bytes += t.len;
	}
	return 0;
}

static int
run_texts(void *self, const struct embedder_text *text, size_t n,
    embedder_fn *fn, void *arg, struct err *e)
{
	struct run *x = self;
	struct batch b = { NULL, NULL, 0, 0 };
	json_t *o, *vectors;
	size_t i = 0;
	int r = 0;

	b.text = xcalloc(x->batch, sizeof *b.text);
	b.number = xcalloc(x->batch, sizeof *b.number);
	while (i < n && r == 0) {
		r = gather(x, &b, text, n, &i, fn, arg, e);
		if (r < 0 || b.n == 0)
			continue;
		r = ask(x, "document", b.text, b.n, &o, &vectors, e);
		if (r < 0)
			break;
		r = give(x, vectors, b.number, b.n, fn, arg, e);
		json_decref(o);
	}
	free(b.text);
	free(b.number);
	return r;
}

static int
ask_query(struct run *x, const char *p, size_t len, struct err *e)
{
	struct embedder_text t = { p, len };
	json_t *o, *vectors;
	int r;

	free(x->query);
	x->query = NULL;
	if (x->answer == NULL)
		x->answer = xcalloc(x->dim, sizeof *x->answer);
	if (ask(x, "query", &t, 1, &o, &vectors, e) < 0)
		return -1;
	r = take(x, json_array_get(vectors, 0), x->answer, e);
	json_decref(o);
	if (r < 0)
		return -1;
	x->query = xstrndup(p, len);
	x->has = r;
	return 0;
}

static int
run_query(void *self, const char *p, size_t len, uint64_t n, embed_df *df,
    void *arg, float *out, struct err *e)
{
	struct run *x = self;
	struct embedder_text t = { p, utf8_cut(p, len, EMBED_RUN_TEXT) };

	(void)n;
	(void)df;
	(void)arg;
	if (is_blank(&t))
		return 0;
	if ((x->query == NULL || strlen(x->query) != t.len ||
	    memcmp(x->query, p, t.len) != 0) && ask_query(x, p, t.len, e) < 0)
		return -1;
	if (x->has == 1)
		memcpy(out, x->answer, x->dim * sizeof *out);
	return x->has;
}

static bool
run_failed(const void *self)
{
	const struct run *x = self;

	return x->bad;
}

static void
run_put_back(void *self)
{
	struct run *x = self;

	if (x->bad) {
		run_free(x);
		return;
	}
	run_free(idle);
	idle = x;
}

/* --- opening ----------------------------------------------------------- */

static int
start(struct run **out, const struct embed_run_how *how,
    const uint8_t key[HASH_LEN], struct err *e)
{
	struct run *x = xcalloc(1, sizeof *x);
	json_t *o, *vectors;
	json_int_t batch;

	x->name = xstrdup(how->name);
	x->wait_ms = how->wait_ms;
	memcpy(x->key, key, HASH_LEN);
	if (child_start(&x->child, how->name, how->argv, e) < 0 ||
	    ask(x, "query", NULL, 0, &o, &vectors, e) < 0) {
		run_free(x);
		return -1;
	}
	batch = json_integer_value(json_object_get(o, "batch"));
	json_decref(o);
	x->batch = batch < 1 ? BATCH : batch > BATCH_MAX ? BATCH_MAX :
	    (size_t)batch;
	if (x->batch > COMPONENTS / x->dim)
		x->batch = COMPONENTS / x->dim;
	*out = x;
	return 0;
}

static void
key_of(const struct embed_run_how *how, uint8_t key[HASH_LEN])
{
	struct hash h;
	size_t i;

	hash_init(&h);
	hash_add_field(&h, "memkit embed 1");
	for (i = 0; how->identity[i] != NULL; i++)
		hash_add_field(&h, how->identity[i]);
	hash_end(&h, key);
}

/* Its name is shown, and goes into files: no controls, and not too long. */
static void
set_name(struct vector_model *m, const char *name)
{
	size_t i, n = utf8_cut(name, strlen(name), VECTOR_NAME - 1);

	for (i = 0; i < n; i++)
		m->name[i] = (unsigned char)name[i] < ' ' ? ' ' : name[i];
}

int
embed_run_open(struct embedder *em, const struct embed_run_how *how,
    struct err *e)
{
	static const struct embedder_kind kind = { run_texts, run_query,
	    run_failed, run_put_back };
	static bool at_exit;
	uint8_t key[HASH_LEN];
	char dim[16];
	struct run *x;
	struct hash h;

	key_of(how, key);
	if (idle != NULL && memcmp(idle->key, key, HASH_LEN) == 0) {
		x = idle;
		idle = NULL;
	} else if (date_monotonic() < failed.until &&
	    memcmp(failed.key, key, HASH_LEN) == 0) {
		*e = failed.why;
		return -1;
	} else if (start(&x, how, key, e) < 0) {
		return -1;
	}
	if (!at_exit)
		at_exit = atexit(free_idle) == 0;
	em->kind = &kind;
	em->self = x;
	/* more than one even so: its vectors are not made in passing */
	em->batch = x->batch > 1 ? x->batch : 2;
	set_name(&em->model, x->model);
	em->model.dim = x->dim;
	em->model.pieces = 0;
	snprintf(dim, sizeof dim, "%u", x->dim);
	hash_init(&h);
	hash_add(&h, key, HASH_LEN);
	hash_add_field(&h, x->model);
	hash_add_field(&h, dim);
	hash_end(&h, em->model.hash);
	return 0;
}
