#include "engine/bulk.h"

#include "base/alloc.h"
#include "base/child.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TRIES 3			/* of a request, by engine-http */
#define AGAIN 12		/* times that nothing of it was taken */
#define FIRST_MS 100
#define LONGEST_MS 10000
#define PATIENCE_MS 300000	/* in all, of a batch */
#define SHARED 8		/* refused alike: it is not the documents */
#define NOTES 20		/* that are told one by one */
#define FIELDS "filter_path=errors,items.*.status,items.*.error.type," \
	"items.*.error.reason"

void
bulk_counts_release(struct bulk_counts *c)
{
	map_release(&c->why);
}

void
bulk_init(struct bulk *b, struct engine *engine, const char *name, bool aside,
    struct bulk_counts *counts, void (*note)(void *, const char *), void *arg)
{
	struct buf path = BUF_INIT;

	memset(b, 0, sizeof *b);
	b->engine = engine;
	b->counts = counts;
	b->note = note;
	b->arg = arg;
	b->aside = aside;
	buf_init(&b->body);
	engine_path(&path, name);
	/* or an engine makes an index of its own of what is written to none */
	buf_addf(&path, "/_bulk?" FIELDS "%s", aside ? "" :
	    "&require_alias=true");
	b->path = buf_steal(&path);
}

void
bulk_release(struct bulk *b)
{
	buf_release(&b->body);
	free(b->item);
	free(b->path);
}

void
bulk_begin(struct bulk *b, const char *id, int64_t version)
{
	buf_adds(&b->body, "{\"index\":{\"_id\":");
	json_quote(&b->body, id, strlen(id));
	buf_adds(&b->body, ",\"version_type\":\"external_gte\",\"version\":");
	buf_add_int(&b->body, version);
	buf_adds(&b->body, "}}\n");
}

void
bulk_end(struct bulk *b, bool gone)
{
	buf_addc(&b->body, '\n');
	b->item = xgrow(b->item, b->n, &b->cap, sizeof *b->item);
	b->item[b->n].end = b->body.len;
	b->item[b->n++].gone = gone;
}

/* --- what became of each ----------------------------------------------- */

enum fate { DONE, NEWER, LATER, NEVER, NO_INDEX, REFUSED };

/* Is it the document that is wrong, and will be so another time? */
static bool
is_document(int64_t status, const char *type, const char *reason)
{
	static const char *const types[] = { "mapper_parsing_exception",
	    "document_parsing_exception", "parsing_exception",
	    "strict_dynamic_mapping_exception", "illegal_argument_exception",
	    "max_bytes_length_exceeded_exception", NULL };
	int i;

	if (status == 413)
		return true;
	if (status != 400 || (reason != NULL && strstr(reason, "write index") !=
	    NULL))
		return false;
	for (i = 0; types[i] != NULL && !str_eq(types[i], type); i++)
		;
	return types[i] != NULL;
}

static enum fate
fate(int64_t status, const char *type, const char *reason)
{
	if (status >= 200 && status < 300)
		return DONE;
	if (status == 409)
		return NEWER;
	if (status == 429 || status >= 500)
		return LATER;
	if (str_eq(type, "index_not_found_exception"))
		return NO_INDEX;
	return is_document(status, type, reason) ? NEVER : REFUSED;
}

/* p: where it begins */
static void
count_failed(struct bulk *b, const char *p, const char *type,
    const char *reason)
{
	struct buf text = BUF_INIT;
	size_t n = strcspn(p, "\n");
	struct err ignored;
	json_t *o = json_read(p, n, &ignored);
	const char *id = get_str(get_path(o, "index"), "_id", NULL);
	int made;

	b->counts->failed++;
	if (type == NULL || strlen(type) > 100)
		type = "unknown";
	map_put(&b->counts->why, type, &made)->i++;
	if (b->note != NULL && b->noted++ < NOTES) {
		buf_addf(&text, "%s was not taken: %s: %.300s",
		    id != NULL ? id : "a text", type,
		    reason != NULL ? reason : "no reason is given");
		b->note(b->arg, text.p);
	}
	buf_release(&text);
	json_decref(o);
}

/* One that is to be sent again moves to the front, behind the others. */
static void
keep(struct bulk *b, size_t from, const struct bulk_item *was)
{
	size_t to = b->n == 0 ? 0 : b->item[b->n - 1].end;

	memmove(b->body.p + to, b->body.p + from, was->end - from);
	b->item[b->n].gone = was->gone;
	b->item[b->n++].end = to + was->end - from;
}

/* Whatever the document is: nothing of it counts as told. */
static int
refused(struct bulk *b, int64_t status, const char *type, const char *reason,
    struct err *e)
{
	bool denied = status == 401 || status == 403;

	return err_set(e, denied ? ERR_DENIED : ERR_INPUT, "engine '%s' "
	    "refuses to write (status %" PRId64 "): %.100s: %.200s; see %s, "
	    "and run it again", engine_conf(b->engine)->name, status,
	    type != NULL ? type : "unknown", reason != NULL ? reason :
	    "no reason is given", denied ? "its credentials and whether the "
	    "index is blocked (index.blocks)" : "the index and its alias");
}

/* Not one was taken, and all for one reason: the index is wrong, and not so
 * many documents. */
static int
all_alike(struct bulk *b, const json_t *items, struct err *e)
{
	size_t i, n = json_array_size(items);
	const char *type = NULL, *is;
	const json_t *one, *error = NULL;
	int64_t status = 0;

	if (n < SHARED)
		return 0;
	for (i = 0; i < n; i++) {
		one = json_object_iter_value(json_object_iter(json_array_get(
		    items, i)));
		error = json_object_get(one, "error");
		is = get_str(error, "type", NULL);
		if (get_int(one, "status", &status) != 1 || is == NULL ||
		    fate(status, is, get_str(error, "reason", NULL)) != NEVER ||
		    (type != NULL && !str_eq(type, is)))
			return 0;
		type = is;
	}
	return refused(b, status, type, get_str(error, "reason", NULL), e);
}

static int
settle_one(struct bulk *b, size_t from, const struct bulk_item *was,
    const json_t *one, struct buf *why, struct err *e)
{
	const json_t *error = json_object_get(one, "error");
	const char *type = get_str(error, "type", NULL);
	const char *reason = get_str(error, "reason", NULL);
	int64_t status;

	if (get_int(one, "status", &status) != 1)
		return engine_wrong(b->engine, "documents", e);
	switch (fate(status, type, reason)) {
	case DONE:
		*(was->gone ? &b->counts->gone : &b->counts->pushed) += 1;
		break;
	case NEWER:
		b->counts->newer++;
		break;
	case LATER:
		buf_reset(why);
		buf_addf(why, "%" PRId64 " %.100s", status,
		    type != NULL ? type : "");
		keep(b, from, was);
		break;
	case NEVER:
		count_failed(b, b->body.p + from, type, reason);
		break;
	case NO_INDEX:
		return err_set(e, ERR_ABSENT, "engine '%s' has the index no "
		    "more", engine_conf(b->engine)->name);
	case REFUSED:
		return refused(b, status, type, reason, e);
	}
	return 0;
}

/* Those of an answer that are to be sent again stay; why: what the last of
 * them was told. */
static int
settle(struct bulk *b, const json_t *items, struct buf *why, struct err *e)
{
	size_t i, all = b->n, from = 0;
	struct bulk_item was;
	int r = 0;

	if (json_array_size(items) != all)
		return engine_wrong(b->engine, "documents", e);
	if (all_alike(b, items, e) < 0)
		return -1;
	b->n = 0;
	for (i = 0; i < all && r == 0; i++) {
		was = b->item[i];
		r = settle_one(b, from, &was, json_object_iter_value(
		    json_object_iter(json_array_get(items, i))), why, e);
		from = was.end;
	}
	buf_cut(&b->body, b->n == 0 ? 0 : b->item[b->n - 1].end);
	return r;
}

/* --- sending ----------------------------------------------------------- */

static int
stopped(struct err *e)
{
	return child_stop != NULL && *child_stop ?
	    err_set(e, ERR_BUSY, "stopped") : 0;
}

static int
rest(struct bulk *b, int times, int retry_ms, struct err *e)
{
	int64_t ms = (int64_t)FIRST_MS << (times < 8 ? times : 8);
	struct timespec t;

	if (ms < retry_ms)
		ms = retry_ms;
	if (ms > LONGEST_MS)
		ms = LONGEST_MS;
	b->counts->again += (int64_t)b->n;
	t.tv_sec = ms / 1000;
	t.tv_nsec = ms % 1000 * 1000000L;
	nanosleep(&t, NULL);
	return stopped(e);
}

static int send_all(struct bulk *, struct err *);

/* It is too much at once: one half and the other. */
static int
halves(struct bulk *b, struct err *e)
{
	struct bulk half;
	size_t i, first = b->n / 2, at = b->item[first - 1].end;
	int r;

	half = *b;
	half.item = xcalloc(b->n - first, sizeof *half.item);
	half.cap = half.n = b->n - first;
	for (i = 0; i < half.n; i++) {
		half.item[i] = b->item[first + i];
		half.item[i].end -= at;
	}
	buf_init(&half.body);
	buf_add(&half.body, b->body.p + at, b->body.len - at);
	buf_cut(&b->body, at);
	b->n = first;
	if ((r = send_all(b, e)) == 0) {
		half.noted = b->noted;
		r = send_all(&half, e);
		b->noted = half.noted;
	}
	buf_release(&half.body);
	free(half.item);
	return r;
}

/* One request.  1: it was too large. */
static int
send_once(struct bulk *b, struct buf *why, int *retry_ms, struct err *e)
{
	struct engine_req q = { .method = "POST", .path = b->path,
	    .type = "application/x-ndjson", .body = b->body.p,
	    .len = b->body.len, .tries = TRIES };
	struct buf answer = BUF_INIT;
	json_t *o = NULL;
	int status, r = -1;

	*retry_ms = 0;
	if (b->body.len > ENGINE_WHOLE)
		return 1;
	status = engine_ask_json(b->engine, &q, &answer, &o, retry_ms, e);
	b->counts->requests++;
	b->counts->bytes += (int64_t)q.len;
	if (status == 200)
		r = settle(b, json_object_get(o, "items"), why, e);
	else if (status == 413)
		r = 1;
	else if (status == 429 || status == 503) {
		buf_reset(why);
		buf_addf(why, "%d", status);
		r = 0;
	} else if (status >= 0)
		engine_refused(b->engine, status, &answer, "documents", e);
	json_decref(o);
	buf_release(&answer);
	return r;
}

static int
send_all(struct bulk *b, struct err *e)
{
	struct buf why = BUF_INIT;
	int times = 0, retry_ms, r = 0;
	size_t was;

	while (b->n > 0 && r == 0) {
		was = b->n;
		if ((r = stopped(e)) < 0 ||
		    (r = send_once(b, &why, &retry_ms, e)) < 0)
			break;
		if (r == 1 && b->n > 1) {
			r = halves(b, e);
			break;
		}
		if (r == 1) {
			count_failed(b, b->body.p, "too_large",
			    "the engine takes no text of this size");
			b->n = 0;
			buf_reset(&b->body);
			r = 0;
			break;
		}
		times = b->n < was ? 0 : times + 1;
		if (b->n > 0 && (times > AGAIN || date_monotonic() >= b->until))
			r = err_set(e, ERR_NET, "engine '%s' takes no more "
			    "documents now (%s); run it again later",
			    engine_conf(b->engine)->name, why.p);
		else if (b->n > 0)
			r = rest(b, times, retry_ms, e);
	}
	buf_release(&why);
	return r;
}

int
bulk_send(struct bulk *b, struct err *e)
{
	int r;

	b->until = date_monotonic() + PATIENCE_MS;
	r = send_all(b, e);

	if (r == 0) {
		buf_reset(&b->body);
		b->n = 0;
	}
	return r;
}
