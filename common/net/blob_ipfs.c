#include "net/blob_ipfs.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"
#include "base/str.h"
#include "base/unixfs_read.h"
#include "net/blob_ipfs_own.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN ((size_t)16 << 10)	/* of a file with a token */
#define WAIT_S 3600
#define REQUESTS 100		/* of one name, that are deleted at once */

/* --- settings ---------------------------------------------------------- */

static int
open_node(struct blob_ipfs *s, const struct conf *c, struct err *e)
{
	struct ipfs_how how = { .ask = { .setting = "artifact.ipfs.api",
	    .again = s->again, .stop = s->stop } };
	int64_t wait_s = 0;

	how.ask.url = conf_get(c, "artifact.ipfs.api", NULL);
	how.ask.ca_file = conf_get(c, "artifact.ipfs.caFile", NULL);
	if (how.ask.url == NULL)
		return err_set(e, ERR_USAGE, "artifact.ipfs.api is not set: "
		    "the URL of a node of IPFS, as http://127.0.0.1:5001");
	if (conf_get_bool(c, "artifact.ipfs.insecure", &how.ask.insecure, e) <
	    0 || conf_get_int(c, "artifact.ipfs.timeout", 1, WAIT_S, &wait_s,
	    e) < 0)
		return -1;
	how.wait_ms = (int)wait_s * 1000;
	return ipfs_open(&s->node, &how, e);
}

static int
open_pins(struct blob_ipfs *s, const struct conf *c, struct err *e)
{
	struct ask_how how = { .setting = "artifact.pin.url",
	    .again = s->again, .stop = s->stop };
	const char *file = conf_get(c, "artifact.pin.tokenFile", NULL);
	struct buf token = BUF_INIT;
	int r;

	how.url = conf_get(c, "artifact.pin.url", NULL);
	how.ca_file = conf_get(c, "artifact.pin.caFile", NULL);
	if (how.url == NULL)
		return 0;
	if (file == NULL || *file != '/')
		return err_set(e, ERR_USAGE, "artifact.pin.tokenFile %s",
		    file == NULL ? "is not set: the file that holds the token "
		    "of the pinning service" : "should begin with '/'");
	r = file_read_private(&token, file, TOKEN, e);
	if (r < 0)
		err_add(e, "artifact.pin.tokenFile");
	while (token.len > 0 &&
	    strchr(" \t\r\n", token.p[token.len - 1]) != NULL)
		buf_cut(&token, token.len - 1);
	how.token = token.p;
	if (r == 0)
		r = pinning_open(&s->pins, &how, e);
	buf_wipe(&token);
	return r;
}

static void
close_all(void *self)
{
	struct blob_ipfs *s = self;

	if (s == NULL)
		return;
	ipfs_free(s->node);
	pinning_free(s->pins);
	free(s);
}

int
blob_ipfs_open(void **out, const struct conf *c,
    const volatile sig_atomic_t *stop,
    void (*again)(void *, const char *why, int wait_ms), struct err *e)
{
	struct blob_ipfs *s = xcalloc(1, sizeof *s);

	s->stop = stop;
	s->again = again;
	if (open_node(s, c, e) < 0 || open_pins(s, c, e) < 0) {
		close_all(s);
		return -1;
	}
	*out = s;
	return 0;
}

void
blob_ipfs_hide(const void *self, char *text)
{
	const struct blob_ipfs *s = self;

	ipfs_hide(s->node, text);
	if (s->pins != NULL)
		pinning_hide(s->pins, text);
}

/* --- head ---------------------------------------------------------------- */

int
ipfs_no_bytes(void *arg, const void *p, size_t n, struct err *e)
{
	(void)arg;
	(void)p;
	(void)n;
	(void)e;
	return 0;
}

/* As the root says it: no other block is got. */
static int
find_size(struct blob_ipfs *s, struct ipfs_object *o, struct err *e)
{
	if (o->has_size)
		return 0;
	if (ipfs_read(s->node, &o->cid, 0, 0, &o->size, ipfs_no_bytes, NULL,
	    e) < 0)
		return -1;
	o->has_size = true;
	return 0;
}

static int
head_node(struct blob_ipfs *s, struct ipfs_object *o, struct blob *b,
    struct err *e)
{
	int r = ipfs_object_folder(s, o, e);

	if (r == 1)
		r = ipfs_pinned(s->node, &o->folder, e);
	b->where = r == 1 ? BLOB_THERE : BLOB_ABSENT;
	if (r == 1)
		return ipfs_object_open(s, o, e);
	return r;
}

static int
head_one(struct blob_ipfs *s, struct ipfs_object *o, struct blob *b,
    struct err *e)
{
	int r;

	if (s->pins == NULL) {
		if (head_node(s, o, b, e) < 0)
			return -1;
	} else {
		if ((r = ipfs_object_request(s, o, e)) < 0)
			return -1;
		b->where = r == 1 ? ipfs_object_where(o) : BLOB_ABSENT;
	}
	if (b->where == BLOB_ABSENT)
		return 0;
	/* what is not pinned yet the node may have lost */
	if (find_size(s, o, e) < 0 && b->where == BLOB_THERE)
		return -1;
	b->size = o->size;
	ipfs_object_say(o, b);
	return 0;
}

/* --- drop ----------------------------------------------------------------- */

/* There is more than one of the name if an answer was lost. */
static int
drop_requests(struct blob_ipfs *s, struct ipfs_object *o, struct err *e)
{
	char last[PIN_NAME + 1] = "";
	int i, r = 0;

	for (i = 0; i < REQUESTS; i++) {
		if ((r = ipfs_object_request(s, o, e)) < 1)
			return r;
		if (str_eq(o->pin.id, last))
			return 0;	/* it is taken, and still in the list */
		memcpy(last, o->pin.id, sizeof last);
		if (pinning_delete(s->pins, o->pin.id, e) < 0)
			return -1;
		o->request = NULL;
	}
	return err_set(e, ERR_BUSY, "the pinning service has more than %d "
	    "requests of one name", REQUESTS);
}

/* The requests first: the node is asked for its blocks because of them. */
static int
drop_one(struct blob_ipfs *s, struct ipfs_object *o, struct blob *b,
    struct err *e)
{
	int r = 0;

	b->where = BLOB_ABSENT;
	if (s->pins != NULL && drop_requests(s, o, e) < 0)
		return -1;
	if ((r = ipfs_object_folder(s, o, e)) == 1)
		r = ipfs_unpin(s->node, &o->folder, e);
	return r < 0 ? -1 : 0;
}

/* --- the kind ------------------------------------------------------------- */

static int
each(struct blob_ipfs *s, struct blob *b, size_t n,
    int (*fn)(struct blob_ipfs *, struct ipfs_object *, struct blob *,
    struct err *))
{
	struct ipfs_object o;
	size_t i;

	for (i = 0; i < n; i++) {
		if (*s->stop) {
			b[i].r = err_set(&b[i].err, ERR_BUSY, "left off");
			continue;
		}
		b[i].r = ipfs_object_read(&o, &b[i], &b[i].err);
		if (b[i].r == 0)
			b[i].r = fn(s, &o, &b[i], &b[i].err);
		pin_release(&o.pin);
	}
	return 0;
}

static int
kind_put(void *self, struct blob *b, size_t n, struct err *e)
{
	(void)e;
	return each(self, b, n, ipfs_object_put);
}

static int
kind_head(void *self, struct blob *b, size_t n, struct err *e)
{
	(void)e;
	return each(self, b, n, head_one);
}

static int
kind_drop(void *self, struct blob *b, size_t n, struct err *e)
{
	(void)e;
	return each(self, b, n, drop_one);
}

static int
kind_get(void *self, const struct blob *b, uint64_t from, uint64_t len,
    blob_sink *sink, void *arg, struct err *e)
{
	struct blob_ipfs *s = self;
	struct ipfs_object o;
	uint64_t size;
	int r = ipfs_object_read(&o, b, e);

	if (r == 0 && !o.has_cid && s->pins != NULL)
		r = ipfs_object_request(s, &o, e);
	else if (r == 0 && !o.has_cid &&
	    (r = ipfs_object_folder(s, &o, e)) == 1)
		r = ipfs_object_open(s, &o, e);
	if (r >= 0 && !o.has_cid)
		r = err_set(e, ERR_ABSENT, "there is no such object");
	if (r >= 0)
		r = ipfs_read(s->node, &o.cid, from, len > 0 ? len :
		    UNIXFS_ALL, &size, sink, arg, e);
	if (r >= 0 && b->has_sum && size != b->size)
		r = err_set(e, ERR_INPUT, "it has %llu bytes, not %llu",
		    (unsigned long long)size, (unsigned long long)b->size);
	pin_release(&o.pin);
	return r < 0 ? -1 : 0;
}

struct listing {
	const char *prefix;
	blob_found *fn;
	void *arg;
};

static int
list_request(void *arg, const struct pin *p, struct err *e)
{
	const struct listing *l = arg;

	return l->fn(l->arg, p->name, 0, p->created_ms, e);
}

static int
list_pin(void *arg, const struct cid *c, const char *name, struct err *e)
{
	const struct listing *l = arg;

	(void)c;
	return str_starts(name, l->prefix) ? l->fn(l->arg, name, 0, 0, e) : 0;
}

/* Sizes are not known without getting a block of each. */
static int
kind_list(void *self, const char *prefix, blob_found *fn, void *arg,
    struct err *e)
{
	struct blob_ipfs *s = self;
	struct listing l = { prefix, fn, arg };

	return s->pins != NULL ?
	    pinning_list(s->pins, prefix, list_request, &l, e) :
	    ipfs_pins(s->node, list_pin, &l, e);
}

const struct blob_kind blob_ipfs = { .put = kind_put, .head = kind_head,
    .drop = kind_drop, .get = kind_get, .list = kind_list,
    .close = close_all };
