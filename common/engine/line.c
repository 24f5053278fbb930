#include "engine/line.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/str.h"
#include "base/utf8.h"
#include "blob/blob_line.h"
#include "engine/conf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS 3600000
#define REASON 470		/* bytes of an error's text */
#define SAID 200		/* bytes of what an engine says */

/* --- the question ------------------------------------------------------ */

/* Nothing that would end a line of HTTP, or not be sent as it is. */
static bool
is_plain(const char *s)
{
	for (; *s != '\0'; s++)
		if ((unsigned char)*s <= ' ' || (unsigned char)*s >= 0x7f)
			return false;
	return true;
}

const char *
engine_line_wrong(const struct engine_question *q)
{
	static const char *const methods[] = { "GET", "POST", "PUT", "DELETE",
	    "HEAD" };
	size_t i;

	for (i = 0; i < 5 && !str_eq(methods[i], q->method); i++)
		;
	if (i == 5)
		return "its 'method' is none of GET, POST, PUT, DELETE and "
		    "HEAD";
	if (*q->path != '/' || !is_plain(q->path) ||
	    strlen(q->path) > ENGINE_PATH)
		return "its 'path' does not begin with '/', or is none";
	if (!is_plain(q->type))
		return "its 'type' is none";
	if (q->size > ENGINE_WHOLE)
		return "its 'size' is too large";
	if (q->size > 0 && *q->type == '\0')
		return "it has bytes, and no 'type'";
	if (q->wait_ms < 0 || q->wait_ms > WAIT_MS || q->tries < 0 ||
	    q->tries > ENGINE_TRIES)
		return "its 'wait_ms' or 'tries' is out of range";
	return NULL;
}

void
engine_line_ask(struct buf *b, const struct engine_question *q)
{
	buf_adds(b, "{\"method\":");
	json_quote(b, q->method, strlen(q->method));
	json_add_text(b, "path", q->path);
	if (*q->type != '\0')
		json_add_text(b, "type", q->type);
	json_add_int(b, "size", (int64_t)q->size);
	if (q->wait_ms > 0)
		json_add_int(b, "wait_ms", q->wait_ms);
	if (q->tries > 0)
		json_add_int(b, "tries", q->tries);
	buf_addc(b, '}');
}

/* A number that may be absent: 0. */
static int
number(const json_t *o, const char *key, int64_t most, int64_t *out)
{
	*out = 0;
	return get_int(o, key, out) < 0 || *out < 0 || *out > most ? -1 : 0;
}

/* A short string; false: it is too long, or none. */
static bool
word(const json_t *o, const char *key, char *out, size_t size)
{
	const char *bad = NULL, *s = get_str(o, key, &bad);

	if (bad != NULL || (s != NULL && (strlen(s) >= size ||
	    strlen(s) != json_string_length(json_object_get(o, key)))))
		return false;
	memcpy(out, s == NULL ? "" : s, s == NULL ? 1 : strlen(s) + 1);
	return true;
}

static const char *
read_question(struct engine_question *q, const json_t *o)
{
	const char *path = get_str(o, "path", NULL);
	int64_t size, wait_ms, tries;

	if (!json_is_object(o))
		return "it is no object";
	if (path == NULL || strlen(path) !=
	    json_string_length(json_object_get(o, "path")))
		return "it has no 'path'";
	q->path = xstrdup(path);
	if (!word(o, "method", q->method, sizeof q->method))
		return "its 'method' is none";
	if (!word(o, "type", q->type, sizeof q->type))
		return "its 'type' is none";
	if (number(o, "size", (int64_t)ENGINE_WHOLE, &size) < 0 ||
	    number(o, "wait_ms", WAIT_MS, &wait_ms) < 0 ||
	    number(o, "tries", ENGINE_TRIES, &tries) < 0)
		return "its 'size', 'wait_ms' or 'tries' is out of range";
	q->size = (size_t)size;
	q->wait_ms = (int)wait_ms;
	q->tries = (int)tries;
	return engine_line_wrong(q);
}

int
engine_line_question(struct engine_question *q, const char *p, size_t len,
    struct err *e)
{
	json_t *o = json_read(p, len, e);
	const char *why;

	memset(q, 0, sizeof *q);
	if (o == NULL)
		return err_add(e, "the question is no JSON");
	why = read_question(q, o);
	json_decref(o);
	if (why == NULL)
		return 0;
	engine_question_release(q);
	return err_set(e, ERR_INPUT, "the question is wrong: %s", why);
}

void
engine_question_release(struct engine_question *q)
{
	free(q->path);
	q->path = NULL;
}

/* --- the answer -------------------------------------------------------- */

void
engine_line_tell(struct buf *b, const struct engine_answer *a)
{
	buf_addf(b, "{\"status\":%d", a->status);
	json_add_int(b, "size", (int64_t)a->size);
	if (a->retry_ms > 0)
		json_add_int(b, "retry_ms", a->retry_ms);
	buf_adds(b, "}\n");
}

void
engine_line_fail(struct buf *b, const struct err *bad)
{
	buf_adds(b, "{\"error\":");
	json_quote(b, bad->msg, strlen(bad->msg));
	json_add_text(b, "code", blob_code_name(bad->code));
	buf_adds(b, "}\n");
}

static int
told(const json_t *o, const char *why, struct err *e)
{
	const char *name = get_str(o, "code", NULL);

	err_set(e, name == NULL ? ERR_INPUT : blob_code(name, strlen(name)),
	    "%.*s", REASON, why);
	return 1;
}

static int
read_answer(struct engine_answer *a, const json_t *o, struct err *e)
{
	const char *why = get_str(o, "error", NULL);
	int64_t status, size, retry_ms;

	if (why != NULL)
		return told(o, why, e);
	if (!json_is_object(o) || number(o, "status", 599, &status) < 0 ||
	    status < 100)
		return err_set(e, ERR_INPUT, "it has no 'status'");
	if (number(o, "size", (int64_t)ENGINE_WHOLE, &size) < 0 ||
	    number(o, "retry_ms", INT32_MAX, &retry_ms) < 0)
		return err_set(e, ERR_INPUT, "its 'size' or 'retry_ms' is out "
		    "of range");
	a->status = (int)status;
	a->size = (size_t)size;
	a->retry_ms = (int)retry_ms;
	return 0;
}

int
engine_line_answer(struct engine_answer *a, const char *p, size_t len,
    struct err *e)
{
	json_t *o = json_read(p, len, e);
	int r;

	if (o == NULL)
		return -1;
	r = read_answer(a, o, e);
	json_decref(o);
	return r;
}

/* --- what it means ------------------------------------------------------ */

void
engine_line_reason(struct buf *out, const char *body, size_t len)
{
	static const char *const paths[] = { "error.root_cause.0.reason",
	    "error.reason", "errors.0.message", "message", "error",
	    NULL };
	struct buf b = BUF_INIT;

	json_reason(&b, body, len, paths);
	buf_add(out, b.p, utf8_cut(b.p, b.len, SAID));
	buf_release(&b);
}
