/*
 * What only the engine can name: all texts of a session, a document, a user.
 * They are looked for, and each is marked as gone.
 */
#include "engine/push_work.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/str.h"
#include "engine/doc.h"
#include "search/doc.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define FIELDS "[\"source\",\"user\",\"id\",\"within\"]"

int
push_lost(void *arg, enum feed_lost what, const char *value, int64_t at,
    struct err *e)
{
	struct push *p = arg;

	(void)e;
	strv_add(&p->lost[what], value);
	if (at > p->lost_at[what])
		p->lost_at[what] = at;
	p->losses++;
	return 0;
}

/* --- looking for them -------------------------------------------------- */

static void
add_terms(struct buf *b, const char *field, const struct strv *v)
{
	size_t i;

	buf_addf(b, ",{\"terms\":{\"%s\":[", field);
	for (i = 0; i < v->n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		json_quote(b, v->v[i], strlen(v->v[i]));
	}
	buf_adds(b, "]}}");
}

/* Of a user all from before a time: events by when they were said, others by
 * when they were told. */
static void
add_before(struct buf *b, int64_t at)
{
	buf_addf(b, ",{\"bool\":{\"should\":[{\"bool\":{\"filter\":["
	    "{\"term\":{\"source\":\"event\"}},{\"range\":{\"ts\":{\"lte\":%"
	    PRId64 "}}}]}},{\"bool\":{\"must_not\":{\"term\":{\"source\":"
	    "\"event\"}},\"filter\":{\"range\":{\"at\":{\"lte\":%" PRId64
	    "}}}}}]}}", at, at);
}

static void
add_query(struct push *p, struct buf *b, enum feed_lost what)
{
	static const char *const fields[FEED_LOST] = { "session", "user",
	    "document", "row", "node" };

	buf_adds(b, "{\"bool\":{\"must_not\":[{\"term\":{\"gone\":true}}");
	if (p->user == NULL)
		buf_adds(b, ",{\"exists\":{\"field\":\"user\"}}");
	buf_adds(b, "],\"filter\":[{\"match_all\":{}}");
	if (p->user != NULL) {
		buf_adds(b, ",{\"term\":{\"user\":");
		json_quote(b, p->user, strlen(p->user));
		buf_adds(b, "}}");
	}
	add_terms(b, fields[what], &p->lost[what]);
	if (what == FEED_USER)
		add_before(b, p->lost_at[what]);
	if (what == FEED_NODE)
		buf_adds(b, ",{\"term\":{\"source\":\"grip\"}}");
	buf_adds(b, "]}}");
}

struct found {
	struct push *p;
	enum feed_lost what;
};

static enum source
source_of(const char *name, const char *user)
{
	int i;

	for (i = 0; name != NULL && i < SOURCE_SESSION; i++)
		if (strcmp(source_names[i], name) == 0)
			return i == SOURCE_FACT && user != NULL ? SOURCE_OWN :
			    (enum source)i;
	return SOURCE_N;
}

static int
send_when_full(struct push *p, struct err *e)
{
	return p->bulk.body.len < (size_t)engine_conf(p->engine)->batch ? 0 :
	    bulk_send(&p->bulk, e);
}

static int
mark_gone(void *arg, const char *id, const json_t *o, struct err *e)
{
	struct found *f = arg;
	struct push *p = f->p;
	const char *name = get_str(o, "id", NULL);
	struct engine_more more = { .user = get_str(o, "user", NULL),
	    .within = get_str(o, "within", NULL), .place = -1,
	    .at = p->lost_at[f->what] };
	enum source source = source_of(get_str(o, "source", NULL), more.user);

	if (name == NULL || source == SOURCE_N || (f->what == FEED_NODE &&
	    map_get(&p->told, id) != NULL))
		return 0;
	bulk_begin(&p->bulk, id, more.at);
	engine_doc_gone(&p->doc, &p->bulk.body, source, name, &more);
	bulk_end(&p->bulk, true);
	return send_when_full(p, e);
}

int
push_find_lost(struct push *p, struct err *e)
{
	struct buf query = BUF_INIT;
	struct found f = { .p = p };
	int what, r = 0;

	if (p->losses > 0)
		r = engine_index_refresh(&p->index, p->target, e);
	for (what = 0; what < FEED_LOST && p->losses > 0 && r == 0; what++) {
		if (p->lost[what].n == 0)
			continue;
		f.what = (enum feed_lost)what;
		buf_reset(&query);
		add_query(p, &query, f.what);
		r = engine_index_scan(&p->index, p->target, query.p, FIELDS,
		    mark_gone, &f, e);
		if (r == 0)
			r = bulk_send(&p->bulk, e);
	}
	for (what = 0; what < FEED_LOST; what++) {
		strv_release(&p->lost[what]);
		p->lost_at[what] = 0;
	}
	p->losses = 0;
	map_release(&p->told);
	memset(&p->told, 0, sizeof p->told);
	buf_release(&query);
	return r;
}

/* --- copying ----------------------------------------------------------- */

static int
copy_one(void *arg, const char *id, const json_t *o, struct err *e)
{
	struct push *p = arg;
	json_t *copy;
	int64_t at;

	/* what is none of ours is left behind */
	if (!json_is_object(o) || get_int(o, "at", &at) != 1 || at < 0) {
		p->strange++;
		return 0;
	}
	copy = json_copy((json_t *)o);	/* it is only read */
	if (!engine_meta_model(&p->meta, &p->index.meta))
		json_object_del(copy, "v");
	bulk_begin(&p->bulk, id, at);
	json_write(&p->bulk.body, copy);
	bulk_end(&p->bulk, json_is_true(json_object_get(o, "gone")));
	json_decref(copy);
	return send_when_full(p, e);
}

int
push_copy(struct push *p, const char *from, struct err *e)
{
	const struct bulk_counts *c = &p->counts;
	struct buf query = BUF_INIT;
	int64_t n, copied, before = c->pushed + c->gone + c->newer;
	int r;

	buf_addf(&query, "{\"bool\":{\"should\":[{\"term\":{\"gone\":true}},"
	    "{\"bool\":{\"must_not\":{\"term\":{\"by\":\"%s\"}}}}]}}",
	    p->node);
	r = engine_index_refresh(&p->index, from, e);
	if (r == 0)
		r = engine_index_count(&p->index, from, query.p, &n, e);
	if (r == 0)
		r = engine_index_scan(&p->index, from, query.p, NULL, copy_one,
		    p, e);
	if (r == 0)
		r = bulk_send(&p->bulk, e);
	/* others push meanwhile: there may be more */
	copied = c->pushed + c->gone + c->newer + p->strange - before;
	if (r == 0 && copied < n)
		r = err_set(e, ERR_NET, "of %" PRId64 " texts of others in "
		    "engine '%s' only %" PRId64 " can be copied; the index "
		    "stays as it is", n, engine_conf(p->engine)->name, copied);
	buf_release(&query);
	return r;
}
