#include "engine/neo4j.h"

#include "base/child.h"
#include "base/str.h"
#include "base/utf8.h"
#include "engine/ask.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#define TRIES 6			/* of what fails for a while */
#define FIRST_MS 100		/* before the second; then twice as much */
#define REASON 200		/* bytes of what the server says */
#define TRANSIENT "Neo.TransientError."

int
neo4j_check(struct engine *x, struct err *e)
{
	const struct engine_conf *c = engine_conf(x);

	if (c->kind == ENGINE_NEO4J)
		return 0;
	return err_set(e, ERR_USAGE, "engine '%s' is no graph database; a "
	    "graph goes to one with engine.%s.kind = neo4j", c->name, c->name);
}

static void
question(struct buf *b, const char *statement, const struct buf *params)
{
	buf_adds(b, "{\"statements\":[{\"statement\":");
	json_quote(b, statement, strlen(statement));
	buf_adds(b, ",\"parameters\":{");
	if (params != NULL)
		buf_add(b, params->p, params->len);
	buf_adds(b, "},\"resultDataContents\":[\"row\"]}]}");
}

/* What it says, on one line that steers no terminal. */
static void
add_plain(struct buf *b, const char *s)
{
	size_t i, n = utf8_cut(s, strlen(s), REASON);

	for (i = 0; i < n; i++)
		buf_addc(b, (unsigned char)s[i] < ' ' || s[i] == 0x7f ? ' ' :
		    s[i]);
}

/* Errors come with status 200, too.  1: it may pass. */
static int
failed(struct engine *x, int status, const json_t *o, const struct buf *body,
    struct err *e)
{
	const json_t *first = json_array_get(json_object_get(o, "errors"), 0);
	const char *code = get_str(first, "code", NULL);
	const char *what = get_str(first, "message", NULL);
	bool passes = code != NULL && str_starts(code, TRANSIENT);
	struct buf why = BUF_INIT;

	if (status / 100 != 2 || code == NULL) {
		engine_refused(x, status, body, "graph", e);
		return passes ? 1 : -1;
	}
	add_plain(&why, what != NULL ? what : "");
	buf_adds(&why, " (");
	add_plain(&why, code);
	err_set(e, passes ? ERR_NET : strstr(code, "DatabaseNotFound") != NULL
	    ? ERR_ABSENT : strstr(code, ".Security.") != NULL ? ERR_DENIED :
	    ERR_INPUT, "engine '%s' refuses the graph: %s)",
	    engine_conf(x)->name, why.p);
	buf_release(&why);
	return passes ? 1 : -1;
}

/* [{"row":[...]}, ...] as an array of the rows. */
static int
take_rows(struct engine *x, const json_t *o, json_t **out, struct err *e)
{
	const json_t *data = get_path(o, "results.0.data");
	json_t *rows = json_array(), *row;
	size_t i;

	for (i = 0; i < json_array_size(data); i++) {
		row = json_object_get(json_array_get(data, i), "row");
		if (!json_is_array(row)) {
			json_decref(rows);
			return engine_wrong(x, "a result has no row", e);
		}
		json_array_append(rows, row);
	}
	*out = rows;
	return 0;
}

static int
ask(struct engine *x, const struct engine_req *req, json_t **rows,
    struct err *e)
{
	struct buf body = BUF_INIT;
	json_t *o = NULL;
	int r, status;

	status = engine_ask_json(x, req, &body, &o, NULL, e);
	if (status < 0)
		r = -1;
	else if (status / 100 != 2 || json_array_size(json_object_get(o,
	    "errors")) > 0)
		r = failed(x, status, o, &body, e);
	else if (!json_is_array(json_object_get(o, "results")))
		r = engine_wrong(x, "it has no results", e);
	else
		r = rows != NULL ? take_rows(x, o, rows, e) : 0;
	json_decref(o);
	buf_release(&body);
	return r;
}

static bool
rest(int ms)
{
	struct timespec t = { ms / 1000, ms % 1000 * 1000000L };

	nanosleep(&t, NULL);
	return child_stop == NULL || !*child_stop;
}

int
neo4j_do(struct engine *x, const char *statement, const struct buf *params,
    json_t **rows, struct err *e)
{
	struct engine_req req = { .method = "POST", .tries = 4 };
	struct buf path = BUF_INIT, body = BUF_INIT;
	int r, tries = 0, wait_ms = FIRST_MS;

	engine_path(&path, "db");
	engine_path(&path, engine_conf(x)->database);
	buf_adds(&path, "/tx/commit");
	question(&body, statement, params);
	req.path = path.p;
	req.body = body.p;
	req.len = body.len;
	while ((r = ask(x, &req, rows, e)) == 1 && ++tries < TRIES &&
	    rest(wait_ms))
		wait_ms *= 2;
	buf_release(&path);
	buf_release(&body);
	return r == 0 ? 0 : -1;
}
