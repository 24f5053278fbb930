/*
 * What an engine holds of a text: names that are no other's, words that the
 * index has, vectors, and what is gone; and the mapping of it.
 */
#include "engine/doc.h"
#include "tests/unit/tap.h"

#include "base/json.h"
#include "engine/conf.h"
#include "engine/mapping.h"
#include "index/language.h"
#include "memory/event.h"

#include <stdlib.h>
#include <string.h>

static struct err e;

static const char *
alias(const char *prefix, const char *tenant)
{
	static struct buf b;

	buf_release(&b);
	engine_alias(&b, prefix, tenant);
	return b.p;
}

static const char *
id(enum source s, const char *user, const char *within, const char *name)
{
	static struct buf b;

	if (b.p == NULL)
		buf_init(&b);
	engine_doc_id(&b, s, user, within, name);
	return b.p;
}

static void
names(void)
{
	char was[8][ENGINE_ID_MAX + 1], longer[2000];

	is_str(alias("memkit", "default"), "memkit-default", "a plain tenant");
	is_str(alias("memkit", "A-b_c.d"), "memkit-_41_2db_5fc_2ed",
	    "one that is not");
	memset(longer, 'x', sizeof longer);
	longer[900] = '\0';
	ok(strlen(alias("memkit", longer)) < 240, "a long one fits a name");
	snprintf(was[0], sizeof was[0], "%s", alias("memkit", longer));
	longer[899] = 'y';
	ok(strcmp(was[0], alias("memkit", longer)) != 0, "and is no other's");

	is_str(id(SOURCE_EVENT, "ann", NULL, "01H"), "event/ann//01H",
	    "of an event");
	is_str(id(SOURCE_KB, "ann", "k", "r/1"), "kb//k/r%2f1",
	    "of a row: it is the tenant's");
	snprintf(was[1], sizeof was[1], "%s", id(SOURCE_OWN, "a/", "b", "c"));
	ok(strcmp(was[1], id(SOURCE_OWN, "a", "/b", "c")) != 0,
	    "a slash is none between two names");
	snprintf(was[2], sizeof was[2], "%s", id(SOURCE_FACT, NULL, "1", "f"));
	ok(strcmp(was[2], id(SOURCE_OWN, "u", "1", "f")) != 0,
	    "a fact of the tenant is no user's");
	is_int(strlen(id(SOURCE_EVENT, longer, NULL, "x")), 64,
	    "what is long is hashed");
	ok(strchr(id(SOURCE_KB, NULL, "\"\\\n", "\x01"), '"') == NULL,
	    "nothing needs quotes");
}

static json_t *
of_event(struct engine_doc *w, const char *text, const struct engine_more *m)
{
	struct event ev = { .seq = 7, .id = "01HNAVQZC00000000000000001",
	    .ts_ms = 1700000000000, .type = EVENT_USER_MESSAGE,
	    .role = ROLE_USER, .session = "S \"1\"", .user = "ann",
	    .text = text, .text_len = strlen(text) };
	struct buf b = BUF_INIT;
	struct doc d = { 0 };
	json_t *o;

	doc_event(&d, &ev);
	engine_doc_add(w, &b, &d, m);
	engine_doc_vector(&b, (const int8_t[]){ -127, 0, 9, 10, 127 }, 5);
	buf_addc(&b, '}');
	o = json_read(b.p, b.len, &e);
	doc_release(&d);
	buf_release(&b);
	return o;
}

static void
documents(void)
{
	struct engine_more m = { .user = "ann", .place = -1, .at = 1 };
	struct engine_doc w;
	struct buf b = BUF_INIT;
	json_t *o;

	engine_doc_init(&w, &language_english, "NODE");
	o = of_event(&w, "The tokens of get_user were reading \"it\"", &m);
	ok(o != NULL, "it is JSON");
	is_str(get_str(o, "s_event", NULL), "token get_user get user read "
	    "14 novemb 2023", "stems, and what an identifier is as a whole");
	is_str(json_string_value(get_path(o, "w_event.0")), "the tokens of get "
	    "user were reading it", "leaves in their order, with all words");
	is_str(json_string_value(get_path(o, "w_event.2")), "get_user",
	    "what is whole comes last, by itself");
	is_str(get_str(o, "session", NULL), "S \"1\"", "a session as it is");
	is_str(json_string_value(get_path(o, "f.session.0")), "s \"1\"",
	    "and as filters compare it");
	is_str(json_string_value(get_path(o, "f.id.0")),
	    "01hnavqzc00000000000000001", "the id, too");
	ok(json_object_get(o, "unsaid") == NULL, "somebody said it");
	is_int(json_array_size(json_object_get(o, "v")), 5, "a vector");
	is_int(json_integer_value(get_path(o, "v.0")), -127, "its least");
	is_int(json_integer_value(get_path(o, "v.3")), 10, "its tens");
	is_int(json_integer_value(get_path(o, "v.4")), 127, "its greatest");
	json_decref(o);

	o = of_event(&w, "", &m);
	ok(o != NULL, "one without a text");
	json_decref(o);
	engine_doc_gone(&w, &b, SOURCE_EVENT, "x\"y", &m);
	o = json_read(b.p, b.len, &e);
	ok(json_is_true(json_object_get(o, "gone")), "one that is gone");
	is_int(json_object_size(o), 6, "says no more than that");
	json_decref(o);
	buf_release(&b);
	engine_doc_release(&w);
}

static void
mapping(void)
{
	struct engine_conf c = { .kind = ENGINE_OPENSEARCH, .shards = 2,
	    .replicas = 0 };
	struct vector_model model = { .name = "m", .dim = 256 };
	struct engine_meta m, is, other;
	struct buf b = BUF_INIT;
	json_t *o;

	engine_meta_make(&m, "NODE", &language_english, &model, &e);
	engine_meta_make(&other, "NODE", &language_english, NULL, &e);
	ok(strcmp(m.generation, other.generation) != 0,
	    "each index has a generation of its own");
	engine_mapping_add(&b, &c, &m);
	o = json_read(b.p, b.len, &e);
	ok(o != NULL, "the mapping is JSON");
	is_int(engine_meta_read(&is, o), 1, "what is told of it is read");
	ok(engine_meta_words(&m, &is) && engine_meta_model(&m, &is) &&
	    strcmp(m.generation, is.generation) == 0, "as it was");
	ok(!engine_meta_model(&m, &other), "vectors and none are two things");
	is_int(json_integer_value(get_path(o,
	    "mappings.properties.v.dimension")), 256, "the vectors");
	is_int(json_integer_value(get_path(o,
	    "settings.index.number_of_shards")), 2, "the shards");
	json_decref(o);
	buf_reset(&b);
	c.kind = ENGINE_ELASTICSEARCH;
	engine_mapping_add(&b, &c, &m);
	o = json_read(b.p, b.len, &e);
	is_str(json_string_value(get_path(o, "mappings.properties.v.type")),
	    "dense_vector", "Elasticsearch calls them otherwise");
	json_decref(o);
	o = json_pack("{s:{s:{s:{s:i, s:i, s:s}}}}", "mappings", "_meta",
	    "memkit", "form", 1, "words", 4, "generation", "0123456/");
	is_int(engine_meta_read(&is, o), 0, "a generation is eight digits");
	json_decref(o);
	buf_release(&b);
}

int
main(void)
{
	json_setup();
	names();
	documents();
	mapping();
	return done();
}
