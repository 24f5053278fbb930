#include "engine/mapping.h"

#include "base/json.h"
#include "base/str.h"
#include "engine/conf.h"
#include "engine/doc.h"
#include "index/language.h"
#include "index/score.h"
#include "search/cands.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* --- _meta ------------------------------------------------------------- */

int
engine_meta_make(struct engine_meta *m, const char *node,
    const struct language *l, const struct vector_model *model,
    struct err *e)
{
	uint32_t generation;
	size_t i;

	memset(m, 0, sizeof *m);
	m->form = ENGINE_FORM;
	m->words = MANIFEST_WORDS;
	if (random_bytes(&generation, sizeof generation, e) < 0)
		return -1;
	snprintf(m->generation, sizeof m->generation, "%08" PRIx32,
	    generation);
	snprintf(m->node, sizeof m->node, "%s", node);
	snprintf(m->language, sizeof m->language, "%s", l->name);
	if (model == NULL)
		return 0;
	snprintf(m->model, sizeof m->model, "%s", model->name);
	for (i = 0; i < HASH_LEN; i++)
		snprintf(m->hash + 2 * i, 3, "%02x", model->hash[i]);
	m->dim = model->dim;
	return 0;
}

static void
take(char *to, size_t size, const json_t *o, const char *key)
{
	const char *s = get_str(o, key, NULL);

	if (s != NULL && strlen(s) < size)
		memcpy(to, s, strlen(s) + 1);
}

int
engine_meta_read(struct engine_meta *m, const json_t *mapping)
{
	const json_t *o = get_path(mapping, "mappings._meta.memkit");
	const json_t *model = json_object_get(o, "model");

	memset(m, 0, sizeof *m);
	take(m->generation, sizeof m->generation, o, "generation");
	take(m->node, sizeof m->node, o, "node");
	take(m->language, sizeof m->language, o, "language");
	take(m->model, sizeof m->model, model, "name");
	take(m->hash, sizeof m->hash, model, "hash");
	return get_int(o, "form", &m->form) == 1 &&
	    get_int(o, "words", &m->words) == 1 &&
	    get_int(model, "dim", &m->dim) >= 0 &&
	    strlen(m->generation) == ENGINE_GENERATION &&
	    strspn(m->generation, "0123456789abcdef") == ENGINE_GENERATION;
}

bool
engine_meta_words(const struct engine_meta *a, const struct engine_meta *b)
{
	return a->form == b->form && a->words == b->words &&
	    strcmp(a->language, b->language) == 0;
}

bool
engine_meta_model(const struct engine_meta *a, const struct engine_meta *b)
{
	return a->dim == b->dim && strcmp(a->model, b->model) == 0 &&
	    strcmp(a->hash, b->hash) == 0;
}

static void
add_meta(struct buf *b, const struct engine_meta *m)
{
	buf_addf(b, "\"_meta\":{\"memkit\":{\"form\":%" PRId64
	    ",\"generation\":\"%s\",\"words\":%" PRId64, m->form,
	    m->generation, m->words);
	json_add_text(b, "node", m->node);
	json_add_text(b, "language", m->language);
	if (m->model[0] != '\0') {
		buf_adds(b, ",\"model\":{\"dim\":");
		buf_add_int(b, m->dim);
		json_add_text(b, "name", m->model);
		json_add_text(b, "hash", m->hash);
		buf_addc(b, '}');
	}
	buf_adds(b, "}}");
}

/* --- the mapping ------------------------------------------------------- */

static void
add_type(struct buf *b, const char *name, const char *type)
{
	buf_addf(b, ",\"%s\":{\"type\":\"%s\"}", name, type);
}

/* Statistics of each source are its own, and so is the formula. */
static void
add_words(struct buf *b, enum source s)
{
	buf_addf(b, ",\"%s\":{\"type\":\"text\",\"analyzer\":\"whitespace\","
	    "\"similarity\":\"%s\",\"index_options\":\"freqs\"},"
	    "\"%s\":{\"type\":\"text\",\"analyzer\":\"whitespace\","
	    "\"norms\":false}", engine_stems_field(s),
	    cands_params(s) == &score_event ? "said" : "rows",
	    engine_words_field(s));
}

static void
add_vector(struct buf *b, const struct engine_conf *c, int64_t dim)
{
	if (c->kind == ENGINE_ELASTICSEARCH)
		buf_addf(b, ",\"v\":{\"type\":\"dense_vector\",\"dims\":%"
		    PRId64 ",\"element_type\":\"byte\",\"index\":true,"
		    "\"similarity\":\"cosine\"}", dim);
	else
		buf_addf(b, ",\"v\":{\"type\":\"knn_vector\",\"dimension\":%"
		    PRId64 ",\"data_type\":\"byte\",\"method\":{\"name\":"
		    "\"hnsw\",\"engine\":\"lucene\",\"space_type\":"
		    "\"cosinesimil\"}}", dim);
}

static void
add_fields(struct buf *b, const struct engine_conf *c, int64_t dim)
{
	static const char *const keywords[] = { "user", "session", "id",
	    "within", "node", "document", "by", "row", NULL };
	static const char *const longs[] = { "ts", "end", "until", "at",
	    "place", NULL };
	int i;

	buf_adds(b, "\"source\":{\"type\":\"keyword\"}");
	for (i = 0; keywords[i] != NULL; i++)
		add_type(b, keywords[i], "keyword");
	for (i = 0; longs[i] != NULL; i++)
		add_type(b, longs[i], "long");
	add_type(b, "unsaid", "boolean");
	add_type(b, "gone", "boolean");
	buf_adds(b, ",\"record\":{\"type\":\"object\",\"enabled\":false}");
	for (i = 0; i < SOURCE_SESSION; i++)
		if (i != SOURCE_OWN)		/* as SOURCE_FACT */
			add_words(b, (enum source)i);
	buf_adds(b, ",\"f\":{\"properties\":{");
	for (i = FIELD_SESSION; i < FIELD_N; i++)
		if (engine_has_field((enum field_kind)i))
			buf_addf(b, "%s\"%s\":{\"type\":\"keyword\"}",
			    i == FIELD_SESSION ? "" : ",", field_names[i]);
	buf_adds(b, "}}");
	if (dim > 0)
		add_vector(b, c, dim);
}

static void
add_similarity(struct buf *b, const char *name, const struct score_params *p)
{
	buf_addf(b, "\"%s\":{\"type\":\"BM25\",\"k1\":%.2f,\"b\":%.2f}", name,
	    p->k1, p->b);
}

void
engine_mapping_add(struct buf *b, const struct engine_conf *c,
    const struct engine_meta *m)
{
	buf_adds(b, "{\"settings\":{\"index\":{");
	if (c->kind == ENGINE_OPENSEARCH && m->dim > 0)
		buf_adds(b, "\"knn\":true,");
	if (c->shards > 0)
		buf_addf(b, "\"number_of_shards\":%" PRId64 ",", c->shards);
	if (c->replicas >= 0)
		buf_addf(b, "\"number_of_replicas\":%" PRId64 ",",
		    c->replicas);
	buf_adds(b, "\"similarity\":{");
	add_similarity(b, "said", &score_event);
	buf_addc(b, ',');
	add_similarity(b, "rows", &score_record);
	buf_adds(b, "}}},\"mappings\":{\"dynamic\":false,");
	add_meta(b, m);
	buf_adds(b, ",\"properties\":{");
	add_fields(b, c, m->dim);
	buf_adds(b, "}}}");
}
