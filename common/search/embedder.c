#include "search/embedder.h"

#include "base/alloc.h"
#include "base/buf.h"
#include "index/model.h"
#include "search/embed_run.h"
#include "search/embedder_kind.h"
#include "store/store.h"

#include <stdlib.h>
#include <string.h>

#define NONE "none"	/* asked for: no vectors */

/* --- the built-in model ------------------------------------------------ */

struct built_in {
	struct model *model;		/* own */
	struct embed *embed;		/* own */
	struct embed_bag bag;
	float *v;			/* own */
};

static void
built_in_free(void *self)
{
	struct built_in *b = self;

	embed_free(b->embed);
	model_close(b->model);
	free(b->v);
	free(b);
}

static int
built_in_texts(void *self, const struct embedder_text *text, size_t n,
    embedder_fn *fn, void *arg, struct err *e)
{
	struct built_in *b = self;
	size_t i;
	int r;

	for (i = 0; i < n; i++) {
		if (embed_pieces(b->embed, text[i].text, text[i].len, &b->bag,
		    e) < 0 ||
		    (r = embed_document(b->embed, &b->bag, b->v, e)) < 0)
			return -1;
		if (fn(arg, i, r == 1 ? b->v : NULL, b->bag.id, b->bag.n,
		    e) != 0)
			return -1;
	}
	return 0;
}

static int
built_in_query(void *self, const char *p, size_t len, uint64_t n,
    embed_df *df, void *arg, float *out, struct err *e)
{
	struct built_in *b = self;

	if (embed_pieces(b->embed, p, len, &b->bag, e) < 0)
		return -1;
	return embed_query(b->embed, &b->bag, n, df, arg, out, e);
}

static int
built_in_open(struct embedder *em, const char *path, struct err *e)
{
	static const struct embedder_kind kind = { built_in_texts,
	    built_in_query, NULL, built_in_free };
	struct built_in *b;
	struct model *m;

	if (model_open(&m, path, e) < 0)
		return e->code == ERR_ABSENT ? 0 : -1;
	if (model_pieces(m) > VECTOR_PIECES) {
		model_close(m);
		return err_set(e, ERR_INPUT, "model '%s' has more than %d "
		    "pieces", path, VECTOR_PIECES);
	}
	b = xcalloc(1, sizeof *b);
	b->model = m;
	b->embed = embed_new(m);
	b->v = xcalloc(model_dim(m), sizeof *b->v);
	em->kind = &kind;
	em->self = b;
	em->batch = 1;
	strncpy(em->model.name, model_name(m), VECTOR_NAME - 1);
	em->model.dim = model_dim(m);
	em->model.pieces = model_pieces(m);
	memcpy(em->model.hash, model_hash(m), HASH_LEN);
	return 1;
}

/* --- whichever it is --------------------------------------------------- */

int
embedder_open(struct embedder **out, const struct store *st, struct err *e)
{
	struct embedder *em;
	struct buf path = BUF_INIT;
	int r;

	if (st->model != NULL && strcmp(st->model, NONE) == 0)
		return 0;
	em = xcalloc(1, sizeof *em);
	r = embed_run_configured(em, st, e);
	if (r == 0) {
		model_find(st->model, &path);
		r = built_in_open(em, path.p, e);
		buf_release(&path);
	}
	if (r == 1)
		*out = em;
	else
		free(em);
	return r;
}

void
embedder_free(struct embedder *em)
{
	if (em == NULL)
		return;
	em->kind->free(em->self);
	free(em);
}

bool
embedder_failed(const struct embedder *em)
{
	return em->kind->failed != NULL && em->kind->failed(em->self);
}

const struct vector_model *
embedder_model(const struct embedder *em)
{
	return &em->model;
}

size_t
embedder_batch(const struct embedder *em)
{
	return em->batch;
}

int
embedder_texts(struct embedder *em, const struct embedder_text *text,
    size_t n, embedder_fn *fn, void *arg, struct err *e)
{
	return em->kind->texts(em->self, text, n, fn, arg, e);
}

int
embedder_query(struct embedder *em, const char *p, size_t len, uint64_t n,
    embed_df *df, void *arg, float *out, struct err *e)
{
	return em->kind->query(em->self, p, len, n, df, arg, out, e);
}
