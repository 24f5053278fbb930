#include "blob/blob_net.h"

#include "base/alloc.h"
#include "base/child.h"
#include "base/coprocess.h"
#include "base/json.h"
#include "base/str.h"
#include "blob/artifact_lock.h"
#include "blob/blob_line.h"
#include "store/store.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAIT_MS 86400000	/* it has its own deadlines, for each request */
#define ITEM ((size_t)16 << 10)	/* longest line of a list */
#define ARGS 24

struct net {
	const struct store *st;		/* borrowed */
	const struct artifact_lock *lock;	/* borrowed, or NULL */
	char *name, *path;		/* own */
	struct child *child;		/* own; NULL: not started */
	int64_t id;			/* of the last question */
};

/* --- the program ------------------------------------------------------- */

/* more ends with NULL */
static int
start(const struct net *x, struct child **out, const char *const *more,
    struct err *e)
{
	const char *argv[ARGS] = { x->path, "--store", x->st->dir, "--tenant",
	    x->st->tenant };
	size_t n = 5;

	while (*more != NULL) {
		assert(n + 1 < ARGS);
		argv[n++] = *more++;
	}
	argv[n] = NULL;
	return child_start_with(out, x->name, (char *const *)(uintptr_t)argv,
	    x->lock != NULL ? x->lock->fd : -1, e);
}

static void
give_up(struct net *x)
{
	child_free(x->child);
	x->child = NULL;
}

/* --- questions --------------------------------------------------------- */

/* -1: it is the error of all objects. */
static int
ask(struct net *x, struct blob_question *q, struct err *e)
{
	static const char *const none[] = { NULL };
	struct buf line = BUF_INIT;
	char *reply;
	size_t len;
	int r = 0;

	if (x->child == NULL && start(x, &x->child, none, e) < 0)
		return -1;
	q->id = ++x->id;
	blob_line_ask(&line, q);
	if (line.len > BLOB_LINE)
		r = err_set(e, ERR_USAGE, "'%s' cannot be asked more than %zu "
		    "bytes", x->name, BLOB_LINE);
	else if ((r = child_ask(x->child, line.p, line.len, WAIT_MS,
	    BLOB_LINE, &reply, &len, e)) < 0)
		give_up(x);
	buf_release(&line);
	if (r < 0)
		return -1;
	if ((r = blob_line_answer(q, reply, len, e)) < 0) {
		err_add(e, "'%s' answered wrongly", x->name);
		give_up(x);
	}
	return r == 0 ? 0 : -1;
}

/* How many of them go into one question. */
static size_t
batch(enum blob_ask what, const struct blob *o, size_t n)
{
	size_t i, bytes = 0;

	for (i = 0; i < n && i < BLOB_MANY; i++) {
		if (what != BLOB_PUT || o[i].mem == NULL)
			continue;
		if (o[i].size > BLOB_BYTES - bytes)
			break;
		bytes += (size_t)o[i].size;
	}
	return i;
}

/* What went wrong from here on. */
static void
fail(struct blob *o, size_t n, const struct err *e)
{
	size_t i;

	for (i = 0; i < n; i++) {
		o[i].r = -1;
		o[i].err = *e;
	}
}

/* Of some that were done the others' error is their own. */
static int
ask_all(struct net *x, enum blob_ask what, struct blob *o, size_t n,
    struct err *e)
{
	struct blob_question q = { .ask = what };
	size_t i = 0;
	int r = 0;

	for (; i < n && r == 0; i += q.n) {
		q.objects = o + i;
		if ((q.n = batch(what, o + i, n - i)) == 0)
			r = err_set(e, ERR_USAGE, "more bytes in memory than "
			    "are handed over at once");
		else
			r = ask(x, &q, e);
		if (r < 0 && i == 0)
			return -1;
		if (r < 0)
			fail(o + i, n - i, e);
	}
	return 0;
}

static int
net_put(void *self, struct blob *o, size_t n, struct err *e)
{
	return ask_all(self, BLOB_PUT, o, n, e);
}

static int
net_head(void *self, struct blob *o, size_t n, struct err *e)
{
	return ask_all(self, BLOB_HEAD, o, n, e);
}

static int
net_drop(void *self, struct blob *o, size_t n, struct err *e)
{
	return ask_all(self, BLOB_DROP, o, n, e);
}

static int
net_check(void *self, struct err *e)
{
	struct blob_question q = { .ask = BLOB_CHECK };

	return ask(self, &q, e);
}

/* --- bytes ------------------------------------------------------------- */

/* It ended, and said "CODE: why" last. */
static int
told(struct err *e)
{
	size_t n = strcspn(e->msg, ":");
	enum err_code code = blob_code(e->msg, n);

	if (strncmp(e->msg, blob_code_name(code), n) != 0 ||
	    strncmp(e->msg + n, ": ", 2) != 0)
		return -1;
	e->code = code;
	memmove(e->msg, e->msg + n + 2, strlen(e->msg + n + 2) + 1);
	return -1;
}

/* All that a program prints. */
static int
read_all(const struct net *x, const char *const *args, blob_sink *sink,
    void *arg, struct err *e)
{
	struct child *c = NULL;
	const char *p;
	size_t n;
	int r;

	if (start(x, &c, args, e) < 0)
		return -1;
	child_quiet(c);
	while ((r = child_read(c, &p, &n, e)) == 1)
		if (sink(arg, p, n, e) < 0) {
			child_free(c);
			return -1;
		}
	child_free(c);
	return r < 0 ? told(e) : 0;
}

struct getting {
	const struct net *x;
	blob_sink *sink;
	void *arg;
	uint64_t got, most;	/* bytes; most UINT64_MAX: not known */
};

static int
take(void *arg, const void *p, size_t n, struct err *e)
{
	struct getting *g = arg;

	if (n > g->most - g->got)
		return err_set(e, ERR_CORRUPT, "'%s' hands out more bytes than "
		    "there are", g->x->name);
	g->got += n;
	return g->sink(g->arg, p, n, e);
}

/* How many there must be: of one that is known all that it has. */
static uint64_t
wanted(const struct blob *b, uint64_t from, uint64_t len)
{
	uint64_t left;

	if (!b->has_sum)
		return len > 0 ? len : UINT64_MAX;
	left = from < b->size ? b->size - from : 0;
	return len > 0 && len < left ? len : left;
}

static int
net_get(void *self, const struct blob *b, uint64_t from, uint64_t len,
    blob_sink *sink, void *arg, struct err *e)
{
	const struct net *x = self;
	struct getting g = { x, sink, arg, 0, wanted(b, from, len) };
	char at[24], most[24], size[24], hex[HASH_HEX + 1];
	struct buf said = BUF_INIT;
	const char *args[ARGS] = { "--get", b->key, "--from", at, "--length",
	    most };
	size_t n = 6;
	int r;

	snprintf(at, sizeof at, "%" PRIu64, from);
	snprintf(most, sizeof most, "%" PRIu64, len);
	if (b->said != NULL) {
		json_write(&said, b->said);
		args[n++] = "--said";
		args[n++] = said.p;
	}
	if (b->has_sum) {
		snprintf(size, sizeof size, "%" PRIu64, b->size);
		hex_encode(hex, b->sha256, HASH_LEN);
		args[n++] = "--sha256";
		args[n++] = hex;
		args[n++] = "--size";
		args[n] = size;
	}
	r = read_all(x, args, take, &g, e);
	if (r == 0 && b->has_sum && g.got != g.most)
		r = err_set(e, ERR_CORRUPT, "'%s' hands out %" PRIu64 " bytes "
		    "where there must be %" PRIu64, x->name, g.got, g.most);
	buf_release(&said);
	return r;
}

/* --- keys -------------------------------------------------------------- */

struct listing {
	const struct net *x;
	const char *prefix;
	blob_found *found;
	void *arg;
	struct buf line;	/* of which the end is to come */
};

static int
item(struct listing *l, const char *p, size_t n, struct err *e)
{
	struct blob_item i;

	if (blob_line_item(&i, l->prefix, p, n, e) < 0)
		return err_add(e, "'%s' answered wrongly", l->x->name);
	return l->found(l->arg, i.key, i.size, i.time_ms, e);
}

static int
take_lines(void *arg, const void *from, size_t n, struct err *e)
{
	struct listing *l = arg;
	const char *p = from, *nl;
	size_t k;
	int r = 0;

	for (; r >= 0 && n > 0; p += k, n -= k) {
		nl = memchr(p, '\n', n);
		k = nl != NULL ? (size_t)(nl - p) : n;
		if (k > ITEM - l->line.len)
			return err_set(e, ERR_INPUT, "'%s' answered wrongly: a "
			    "line is longer than %zu bytes", l->x->name, ITEM);
		buf_add(&l->line, p, k);
		if (nl == NULL)
			continue;
		k++;
		r = item(l, l->line.p, l->line.len, e);
		buf_reset(&l->line);
	}
	return r < 0 ? -1 : 0;
}

static int
net_list(void *self, const char *prefix, blob_found *found, void *arg,
    struct err *e)
{
	struct listing l = { self, prefix, found, arg, BUF_INIT };
	const char *args[] = { "--list", prefix, NULL };
	int r;

	r = read_all(l.x, args, take_lines, &l, e);
	if (r == 0 && l.line.len > 0)
		r = err_set(e, ERR_INPUT, "'%s' answered wrongly: its last "
		    "line has no end", l.x->name);
	buf_release(&l.line);
	return r;
}

/* --- beginning and end ------------------------------------------------- */

static void
net_close(void *self)
{
	struct net *x = self;

	if (x == NULL)
		return;
	give_up(x);
	free(x->name);
	free(x->path);
	free(x);
}

int
blob_net_open(struct blob_provider *out, const char *program,
    const struct store *st, const struct artifact_lock *lock, struct err *e)
{
	static const struct blob_kind kind = { net_check, net_put, net_head,
	    net_drop, net_get, net_list, net_close };
	struct net *x = xcalloc(1, sizeof *x);
	const char *slash = strrchr(program, '/');
	struct buf path = BUF_INIT;

	(void)e;
	x->st = st;
	x->lock = lock;
	x->name = xstrdup(slash != NULL ? slash + 1 : program);
	if (slash != NULL)
		buf_adds(&path, program);
	else
		coprocess_path(program, &path);
	x->path = buf_steal(&path);
	out->kind = &kind;
	out->p = x;
	return 0;
}
