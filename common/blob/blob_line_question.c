/*
 * The side that answers: questions are read, answers written.
 */
#include "blob/blob_line_own.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/str.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define PATH_LEN 4096
#define CID_LEN 128

/* --- a question -------------------------------------------------------- */

static int
question_bytes(struct blob_question *q, struct blob *o, const json_t *v,
    size_t *used, struct err *e)
{
	const char *p = json_string_value(v);
	size_t len = json_string_length(v);

	if (p == NULL || o->size > BLOB_BYTES - *used)
		return blob_line_wrong("bytes", e);
	if (q->room == NULL)
		q->room = xmalloc(BLOB_BYTES + 1);
	o->mem = (char *)q->room + *used;
	if (len != (o->size * 4 + 2) / 3 || !base64url_decode(
	    (uint8_t *)q->room + *used, (size_t)o->size, p, len))
		return blob_line_wrong("bytes", e);
	*used += (size_t)o->size;
	return 0;
}

static int
question_put(struct blob_question *q, struct blob *o, const json_t *v,
    size_t *used, struct err *e)
{
	const json_t *bytes = json_object_get(v, "bytes");
	const char *bad = NULL;

	o->path = get_str(v, "file", &bad);
	o->cid = get_str(v, "cid", &bad);
	if (bad != NULL)
		return blob_line_wrong(bad, e);
	if (blob_read_size(v, "size_bytes", &o->size, e) != 1)
		return blob_line_wrong("size_bytes", e);
	if (blob_read_sum(v, o->sha256, e) != 1)
		return blob_line_wrong("sha256", e);
	o->has_sum = true;
	if (o->cid != NULL && strlen(o->cid) > CID_LEN)
		return blob_line_wrong("cid", e);
	if ((o->path == NULL) == (bytes == NULL))
		return err_set(e, ERR_INPUT, "one of 'file' and 'bytes' is "
		    "needed");
	if (bytes != NULL)
		return question_bytes(q, o, bytes, used, e);
	if (o->path[0] != '/' || strlen(o->path) >= PATH_LEN)
		return blob_line_wrong("file", e);
	return 0;
}

static bool
is_twice(const struct blob *o, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(o[i].key, o[n].key) == 0)
			return true;
	return false;
}

static int
question_objects(struct blob_question *q, struct err *e)
{
	const json_t *list = json_object_get(q->root, "objects"), *v;
	size_t n = json_array_size(list), used = 0, i;
	struct blob *o;

	if (!json_is_array(list) || n > BLOB_MANY)
		return blob_line_wrong("objects", e);
	q->objects = xcalloc(n + 1, sizeof *q->objects);
	for (i = 0; i < n; i++) {
		v = json_array_get(list, i);
		o = &q->objects[i];
		if ((o->key = blob_read_key(v, e)) == NULL)
			return -1;
		q->n = i + 1;
		if (is_twice(q->objects, i))
			return err_set(e, ERR_INPUT, "a key is there twice");
		if (blob_read_said(v, &o->said, e) < 0 || (q->ask == BLOB_PUT &&
		    question_put(q, o, v, &used, e) < 0))
			return -1;
	}
	return 0;
}

int
blob_line_question(struct blob_question *q, const char *p, size_t len,
    struct err *e)
{
	const char *type;
	size_t i;

	memset(q, 0, sizeof *q);
	if (len > BLOB_LINE)
		return err_set(e, ERR_INPUT, "a question is longer than %zu "
		    "bytes", BLOB_LINE);
	if ((q->root = json_read(p, len, e)) == NULL)
		return -1;
	if (get_int(q->root, "id", &q->id) != 1)
		return blob_line_wrong("id", e);
	type = get_str(q->root, "type", NULL);
	for (i = 0; i < BLOB_ASKS; i++)
		if (str_eq(type, blob_asks[i]))
			break;
	if (i == BLOB_ASKS)
		return err_set(e, ERR_INPUT, "the question is of no type that "
		    "is known");
	q->ask = (enum blob_ask)i;
	return q->ask == BLOB_CHECK ? 0 : question_objects(q, e);
}

void
blob_question_release(struct blob_question *q)
{
	size_t i;

	for (i = 0; i < q->n; i++)
		json_decref(q->objects[i].said);
	free(q->objects);
	free(q->room);
	json_decref(q->root);
	memset(q, 0, sizeof *q);
}

/* --- answering --------------------------------------------------------- */

static void
add_error(struct buf *b, const struct err *e)
{
	json_add_text(b, "error", e->msg);
	json_add_text(b, "code", blob_code_name(e->code));
}

static void
tell(struct buf *b, enum blob_ask ask, const struct blob *o)
{
	blob_add_key(b, o->key);
	if (o->r < 0) {
		add_error(b, &o->err);
	} else {
		json_add_text(b, "where", blob_wheres[o->where]);
		if (ask != BLOB_DROP && o->where != BLOB_ABSENT)
			json_add_int(b, "size_bytes", (int64_t)o->size);
		if (o->has_sum && ask != BLOB_DROP && o->where != BLOB_ABSENT)
			blob_add_sum(b, o->sha256);
	}
	if (o->said != NULL && blob_said_right(o->said))
		blob_add_said(b, o->said);
	buf_addc(b, '}');
}

void
blob_line_tell(struct buf *b, const struct blob_question *q)
{
	size_t i;

	buf_addf(b, "{\"type\":\"blob\",\"id\":%" PRId64 ",\"objects\":[",
	    q->id);
	for (i = 0; i < q->n; i++) {
		if (i > 0)
			buf_addc(b, ',');
		tell(b, q->ask, &q->objects[i]);
	}
	buf_adds(b, "]}\n");
}

void
blob_line_fail(struct buf *b, int64_t id, const struct err *e)
{
	buf_addf(b, "{\"type\":\"error\",\"id\":%" PRId64, id);
	add_error(b, e);
	buf_adds(b, "}\n");
}

void
blob_line_list(struct buf *b, const char *key, uint64_t size, int64_t time_ms)
{
	blob_add_key(b, key);
	json_add_int(b, "size_bytes", (int64_t)size);
	json_add_int(b, "timestamp", time_ms);
	buf_adds(b, "}\n");
}
