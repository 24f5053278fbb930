/*
 * The side that asks: questions are written, answers read.
 */
#include "blob/blob_line_own.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- asking ------------------------------------------------------------ */

static void
add_bytes(struct buf *b, const struct blob *o)
{
	size_t n = ((size_t)o->size * 4 + 2) / 3;

	buf_adds(b, ",\"bytes\":\"");
	base64url_encode(buf_reserve(b, n + 1), o->mem, (size_t)o->size);
	b->len += n;
	buf_addc(b, '"');
}

static void
ask_put(struct buf *b, const struct blob *o)
{
	if (o->mem != NULL)
		add_bytes(b, o);
	else
		json_add_text(b, "file", o->path);
	json_add_int(b, "size_bytes", (int64_t)o->size);
	blob_add_sum(b, o->sha256);
	json_add_text(b, "cid", o->cid);
}

void
blob_line_ask(struct buf *b, const struct blob_question *q)
{
	size_t i;

	buf_addf(b, "{\"type\":\"%s\",\"id\":%" PRId64, blob_asks[q->ask],
	    q->id);
	if (q->ask != BLOB_CHECK) {
		buf_adds(b, ",\"objects\":[");
		for (i = 0; i < q->n; i++) {
			if (i > 0)
				buf_addc(b, ',');
			blob_add_key(b, q->objects[i].key);
			if (q->ask == BLOB_PUT)
				ask_put(b, &q->objects[i]);
			blob_add_said(b, q->objects[i].said);
			buf_addc(b, '}');
		}
		buf_addc(b, ']');
	}
	buf_addc(b, '}');
}

/* --- an answer --------------------------------------------------------- */

/* The error that is told: 1, 0 there is none, -1 it is none. */
static int
read_error(const json_t *o, struct err *out, struct err *e)
{
	const char *bad = NULL, *text = get_str(o, "error", &bad);
	const char *code = get_str(o, "code", &bad);

	if (bad != NULL)
		return blob_line_wrong(bad, e);
	if (text == NULL)
		return 0;
	if (*text == '\0' || code == NULL)
		return blob_line_wrong("error", e);
	out->code = blob_code(code, strlen(code));
	snprintf(out->msg, sizeof out->msg, "%.*s", (int)utf8_cut(text,
	    strlen(text), sizeof out->msg - 1), text);
	return 1;
}

static int
read_where(const json_t *v, enum blob_where *out, struct err *e)
{
	const char *where = get_str(v, "where", NULL);
	size_t i;

	for (i = 0; i < BLOB_WHERES; i++)
		if (str_eq(where, blob_wheres[i])) {
			*out = (enum blob_where)i;
			return 0;
		}
	return blob_line_wrong("where", e);
}

/* What is said of one object, into `to`; its key is known.  What was put must
 * be what was to be put. */
static int
answer_one(enum blob_ask ask, const struct blob *o, struct blob *to,
    const json_t *v, struct err *e)
{
	int sum, size;

	to->r = read_error(v, &to->err, e);
	if (to->r < 0)
		return -1;
	if (blob_read_said(v, &to->said, e) < 0)
		return -1;
	if (to->r == 1) {
		to->r = -1;
		return 0;
	}
	if (read_where(v, &to->where, e) < 0)
		return -1;
	if (ask == BLOB_DROP || to->where == BLOB_ABSENT)
		return ask == BLOB_PUT || (ask == BLOB_DROP &&
		    to->where != BLOB_ABSENT) ? blob_line_wrong("where", e) : 0;
	size = blob_read_size(v, "size_bytes", &to->size, e);
	sum = size < 0 ? -1 : blob_read_sum(v, to->sha256, e);
	if (sum < 0)
		return -1;
	to->has_sum = sum == 1;
	if (size == 0 && to->where == BLOB_THERE)
		return blob_line_wrong("size_bytes", e);
	if (size == 1 && ask == BLOB_PUT && to->size != o->size)
		return blob_line_wrong("size_bytes", e);
	if (ask == BLOB_PUT && to->has_sum &&
	    !hash_same(to->sha256, o->sha256, HASH_LEN))
		return blob_line_wrong("sha256", e);
	return 0;
}

static size_t
number_of(const struct blob_question *q, const char *key)
{
	size_t i;

	for (i = 0; i < q->n; i++)
		if (strcmp(q->objects[i].key, key) == 0)
			break;
	return i;
}

static int
answer_all(const struct blob_question *q, const json_t *list,
    struct blob *found, struct err *e)
{
	const json_t *v;
	const char *key;
	size_t i, k;

	if (!json_is_array(list) || json_array_size(list) != q->n)
		return err_set(e, ERR_INPUT, "not as many objects as were "
		    "asked for");
	for (i = 0; i < q->n; i++) {
		v = json_array_get(list, i);
		if ((key = blob_read_key(v, e)) == NULL)
			return -1;
		if ((k = number_of(q, key)) == q->n || found[k].key != NULL)
			return err_set(e, ERR_INPUT, "an object that was not "
			    "asked for, or twice");
		found[k].key = q->objects[k].key;
		if (answer_one(q->ask, &q->objects[k], &found[k], v, e) < 0)
			return -1;
	}
	return 0;
}

/* What was answered, where the caller looks for it. */
static void
hand_over(enum blob_ask ask, struct blob *to, struct blob *from)
{
	if (from->said != NULL) {
		json_decref(to->said);
		to->said = from->said;
		from->said = NULL;
	}
	to->r = from->r;
	if (from->r < 0) {
		to->err = from->err;
		return;
	}
	to->where = from->where;
	if (ask != BLOB_HEAD)
		return;
	to->size = from->size;
	to->has_sum = from->has_sum;
	memcpy(to->sha256, from->sha256, HASH_LEN);
}

static int
answer(const struct blob_question *q, const json_t *root, struct err *e)
{
	struct blob *found;
	size_t i;
	int r;

	if (q->ask == BLOB_CHECK)
		return 0;
	found = xcalloc(q->n + 1, sizeof *found);
	r = answer_all(q, json_object_get(root, "objects"), found, e);
	for (i = 0; i < q->n; i++) {
		if (r == 0)
			hand_over(q->ask, &q->objects[i], &found[i]);
		json_decref(found[i].said);
	}
	free(found);
	return r;
}

int
blob_line_answer(const struct blob_question *q, const char *p, size_t len,
    struct err *e)
{
	json_t *root = json_read(p, len, e);
	const char *type;
	int64_t id;
	int r = -1;

	if (root == NULL)
		return -1;
	type = get_str(root, "type", NULL);
	if (get_int(root, "id", &id) != 1 || id != q->id)
		err_set(e, ERR_INPUT, "it is the answer to another question");
	else if (str_eq(type, "blob"))
		r = answer(q, root, e);
	else if (!str_eq(type, "error"))
		blob_line_wrong("type", e);
	else if ((r = read_error(root, e, e)) == 0)
		r = blob_line_wrong("error", e);
	json_decref(root);
	return r;
}

int
blob_line_item(struct blob_item *to, const char *prefix, const char *p,
    size_t len, struct err *e)
{
	json_t *o = json_read(p, len, e);
	const char *key;
	int r = -1;

	if (o == NULL)
		return -1;
	if ((key = blob_read_key(o, e)) == NULL)
		;
	else if (!str_starts(key, prefix))
		blob_line_wrong("key", e);
	else if (blob_read_size(o, "size_bytes", &to->size, e) != 1)
		blob_line_wrong("size_bytes", e);
	else if (get_int(o, "timestamp", &to->time_ms) != 1)
		blob_line_wrong("timestamp", e);
	else
		r = 0;
	if (r == 0)
		memcpy(to->key, key, strlen(key) + 1);
	json_decref(o);
	return r;
}
