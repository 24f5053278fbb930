#include "history/history.h"

#include "base/alloc.h"
#include "base/child.h"
#include "base/coprocess.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

#define PROGRAM "git-read"
#define ARGS 16

struct history {
	struct child *child;	/* own */
	struct buf line;	/* a line that did not come at once */
	const char *p;		/* of the child's, not used yet */
	size_t left;
	json_t *o;		/* own; the commit at hand borrows from it */
	char *name, *head;	/* own */
	bool shallow;
};

static int
run(struct child **c, const char *const *args, struct err *e)
{
	struct buf path = BUF_INIT;
	char *argv[ARGS];
	int i, r;

	coprocess_path(PROGRAM, &path);
	argv[0] = path.p;
	/* posix_spawn changes none of them */
	for (i = 0; args[i] != NULL && i < ARGS - 2; i++)
		argv[i + 1] = (char *)(uintptr_t)args[i];
	argv[i + 1] = NULL;
	r = child_start(c, PROGRAM, argv, e);
	if (r == 0)
		child_quiet(*c);
	buf_release(&path);
	return r;
}

/* The next line: 1 in h->line, 0 at the end, -1. */
static int
next_line(struct history *h, struct err *e)
{
	const char *nl;
	size_t n;
	int r;

	buf_reset(&h->line);
	for (;;) {
		nl = h->left > 0 ? memchr(h->p, '\n', h->left) : NULL;
		n = nl != NULL ? (size_t)(nl - h->p) : h->left;
		buf_add(&h->line, h->p, n);
		h->p += n + (nl != NULL);
		h->left -= n + (nl != NULL);
		if (nl != NULL)
			return 1;
		if ((r = child_read(h->child, &h->p, &h->left, e)) <= 0) {
			h->left = 0;
			return r;
		}
	}
}

static int
next_object(struct history *h, struct err *e)
{
	int r = next_line(h, e);

	json_decref(h->o);
	h->o = NULL;
	if (r != 1)
		return r;
	h->o = json_read(h->line.p, h->line.len, e);
	return h->o != NULL ? 1 : err_add(e, "'%s'", PROGRAM);
}

static int
begin(struct history *h, struct err *e)
{
	int r = next_object(h, e);

	if (r < 0)
		return -1;
	if (r == 0 || !str_eq(get_str(h->o, "type", NULL), "repository") ||
	    get_str(h->o, "name", NULL) == NULL ||
	    get_str(h->o, "head", NULL) == NULL)
		return err_set(e, ERR_INPUT, "'%s' is of another version of "
		    "memkit; install both anew", PROGRAM);
	h->name = xstrdup(get_str(h->o, "name", NULL));
	h->head = xstrdup(get_str(h->o, "head", NULL));
	h->shallow = json_is_true(json_object_get(h->o, "shallow"));
	return 0;
}

int
history_open(struct history **out, const char *dir,
    const struct history_how *how, struct err *e)
{
	const char *args[ARGS];
	char since[DATE_LEN + 1];
	struct history *h;
	int n = 0;

	args[n++] = "log";
	if (how->oldest)
		args[n++] = "--oldest";
	if (how->rev != NULL) {
		args[n++] = "--rev";
		args[n++] = how->rev;
	}
	if (how->not != NULL) {
		args[n++] = "--not";
		args[n++] = how->not;
	}
	if (how->since_ms != 0) {
		date_format(since, how->since_ms);
		args[n++] = "--since";
		args[n++] = since;
	}
	args[n++] = "--";
	args[n++] = dir;
	args[n] = NULL;
	h = xcalloc(1, sizeof *h);
	buf_init(&h->line);
	h->p = "";
	if (run(&h->child, args, e) < 0 || begin(h, e) < 0) {
		history_close(h);
		return -1;
	}
	*out = h;
	return 0;
}

void
history_close(struct history *h)
{
	if (h == NULL)
		return;
	child_free(h->child);
	json_decref(h->o);
	buf_release(&h->line);
	free(h->name);
	free(h->head);
	free(h);
}

const char *
history_name(const struct history *h)
{
	return h->name;
}

const char *
history_head(const struct history *h)
{
	return h->head;
}

bool
history_shallow(const struct history *h)
{
	return h->shallow;
}

int
history_next(struct history *h, struct commit *c, struct err *e)
{
	int r = next_object(h, e);

	if (r == 1 && commit_from_json(c, h->o, e) < 0)
		return err_add(e, "'%s'", PROGRAM);
	return r;
}

int
history_diff(const char *dir, const char *range,
    int (*put)(void *, const char *, size_t, struct err *), void *arg,
    struct err *e)
{
	const char *args[] = { "diff", "--", dir, range, NULL };
	struct child *c = NULL;
	const char *p;
	size_t n;
	int r;

	if (run(&c, args, e) < 0)
		return -1;
	while ((r = child_read(c, &p, &n, e)) == 1)
		if (put(arg, p, n, e) < 0) {
			r = -1;
			break;
		}
	child_free(c);
	return r;
}
