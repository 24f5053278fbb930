#include "cmd/given.h"

#include "base/json.h"
#include "base/jsonl.h"
#include "base/str.h"
#include "cmd/cmd.h"

#include <inttypes.h>
#include <string.h>

struct given {
	int (*take)(void *, const json_t *, struct err *);
	int (*fn)(void *, const char *, struct err *);
	void *arg;
	struct jsonl lines;
	int64_t foreign, unread;
};

static void
note_unread(struct given *g, const char *why)
{
	cmd_note("standard input line %" PRId64 ": %s", g->lines.line_no, why);
	g->unread++;
}

static int
record(struct given *g, const char *p, size_t n, struct err *e)
{
	struct err why;
	json_t *rec;
	int r;

	if ((rec = json_read(p, n, &why)) == NULL) {
		note_unread(g, why.msg);
		return 0;
	}
	if ((r = g->take(g->arg, rec, e)) == 0)
		g->foreign++;
	json_decref(rec);
	return r < 0 ? -1 : 0;
}

static int
line(struct given *g, char *p, size_t n, struct err *e)
{
	if (memchr(p, '\0', n) != NULL) {
		note_unread(g, "a NUL in a name");
		return 0;
	}
	p = str_trim(p);
	if (*p == '{')
		return record(g, p, strlen(p), e);
	return *p == '\0' ? 0 : g->fn(g->arg, p, e);
}

int
given_each_record(const char *what, int (*take)(void *, const json_t *,
    struct err *), int (*fn)(void *, const char *, struct err *), void *arg,
    int64_t *unread, struct err *e)
{
	struct given g = { .take = take, .fn = fn, .arg = arg };
	enum jsonl_got got;
	size_t n;
	char *p;
	int r = 0;

	jsonl_init(&g.lines, 0, "standard input");
	while (r == 0 && (got = jsonl_next(&g.lines, -1, &p, &n, NULL, e)) !=
	    JSONL_EOF) {
		if (got == JSONL_FAIL)
			r = -1;
		else if (got == JSONL_LONG)
			note_unread(&g, "line is too long");
		else
			r = line(&g, p, n, e);
	}
	jsonl_release(&g.lines);
	if (g.foreign > 0)
		cmd_note(g.foreign == 1 ? "%" PRId64 " line names no %s, and "
		    "is left out" : "%" PRId64 " lines name no %s, and are "
		    "left out", g.foreign, what);
	*unread += g.unread;
	return r;
}

struct naming {
	const char *(*name_of)(const json_t *);
	int (*fn)(void *, const char *, struct err *);
	void *arg;
};

static int
take_name(void *arg, const json_t *rec, struct err *e)
{
	const struct naming *n = arg;
	const char *name = n->name_of(rec);

	return name == NULL ? 0 : n->fn(n->arg, name, e) < 0 ? -1 : 1;
}

static int
name(void *arg, const char *s, struct err *e)
{
	const struct naming *n = arg;

	return n->fn(n->arg, s, e);
}

int
given_each(const char *what, const char *(*name_of)(const json_t *),
    int (*fn)(void *, const char *, struct err *), void *arg,
    int64_t *unread, struct err *e)
{
	struct naming n = { name_of, fn, arg };

	return given_each_record(what, take_name, name, &n, unread, e);
}
