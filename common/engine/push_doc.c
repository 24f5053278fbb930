/*
 * Texts on their way into a request: many wait for their vectors together, for
 * the tables of words and those of the model would push each other out of the
 * caches.
 */
#include "engine/push_work.h"

#include "base/alloc.h"
#include "base/json.h"

#include <string.h>

#define WAIT 256			/* texts */
#define WAIT_BYTES ((size_t)1 << 20)	/* of them */

static struct push_item *
next_item(struct push *p, enum source source, const char *id,
    const struct engine_more *more)
{
	struct push_item *it;

	engine_doc_id(&p->id, source, more->user, more->within, id);
	buf_add(&p->ids, p->id.p, p->id.len + 1);
	p->item = xgrow(p->item, p->items, &p->cap, sizeof *p->item);
	it = &p->item[p->items++];
	memset(it, 0, sizeof *it);
	it->id = p->ids.len;
	it->at = more->at;
	return it;
}

int
push_doc(void *arg, struct doc *d, const struct engine_more *more,
    struct err *e)
{
	struct push *p = arg;
	struct push_item *it = next_item(p, d->source, d->id, more);
	int made;

	engine_doc_add(&p->doc, &p->docs, d, more);
	it->end = p->docs.len;
	if (p->embedder != NULL) {
		doc_vector_text(d, &p->text);
		buf_add(&p->texts, p->text.p, p->text.len);
	}
	it->text = p->texts.len;
	if (d->source == SOURCE_GRIP && !p->first)
		map_put(&p->told, p->id.p, &made);
	return p->items < WAIT && p->texts.len < WAIT_BYTES ? 0 :
	    push_embed(p, e);
}

int
push_gone(void *arg, enum source source, const char *id,
    const struct engine_more *more, struct err *e)
{
	struct push *p = arg;
	struct push_item *it = next_item(p, source, id, more);

	engine_doc_gone(&p->doc, &p->docs, source, id, more);
	it->end = p->docs.len;
	it->text = p->texts.len;
	it->gone = true;
	return p->items < WAIT ? 0 : push_embed(p, e);
}

static int
take_vector(void *arg, size_t i, const float *v, const uint32_t *piece,
    size_t pieces, struct err *e)
{
	struct push *p = arg;
	size_t dim = embedder_model(p->embedder)->dim;

	(void)piece;
	(void)pieces;
	(void)e;
	p->scale[i] = 0;
	if (v != NULL)
		embed_quantise(v, dim, p->vector + i * dim, &p->scale[i]);
	return 0;
}

/* Vectors of those that are texts, one after the other. */
static int
make_vectors(struct push *p, struct err *e)
{
	size_t dim = embedder_model(p->embedder)->dim, i, n = 0, at = 0;
	struct embedder_text *text = xcalloc(p->items + 1, sizeof *text);
	int r;

	for (i = 0; i < p->items; at = p->item[i++].text) {
		if (p->item[i].gone)
			continue;
		text[n].text = p->texts.p + at;
		text[n++].len = p->item[i].text - at;
	}
	if (p->vector == NULL) {
		p->vector = xcalloc(WAIT * dim, sizeof *p->vector);
		p->scale = xcalloc(WAIT, sizeof *p->scale);
	}
	r = n == 0 ? 0 : embedder_texts(p->embedder, text, n, take_vector, p,
	    e);
	free(text);
	return r;
}

int
push_embed(struct push *p, struct err *e)
{
	size_t dim = 0, i, n = 0, id = 0, at = 0;
	const struct push_item *it;

	if (p->items == 0)
		return 0;
	if (p->embedder != NULL) {
		dim = embedder_model(p->embedder)->dim;
		if (make_vectors(p, e) < 0)
			return -1;
	}
	for (i = 0; i < p->items; i++) {
		it = &p->item[i];
		bulk_begin(&p->bulk, p->ids.p + id, it->at);
		buf_add(&p->bulk.body, p->docs.p + at, it->end - at);
		if (!it->gone) {
			if (dim > 0 && p->scale[n] > 0)
				engine_doc_vector(&p->bulk.body,
				    p->vector + n * dim, dim);
			n++;
			buf_addc(&p->bulk.body, '}');
		}
		bulk_end(&p->bulk, it->gone);
		id = it->id;
		at = it->end;
	}
	p->items = 0;
	buf_reset(&p->ids);
	buf_reset(&p->docs);
	buf_reset(&p->texts);
	return 0;
}
