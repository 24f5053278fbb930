#include "net/ipfs_node.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/unixfs_read.h"

#include <stdlib.h>
#include <string.h>

#define WAIT_MS 60000
#define CONNECT_MS 5000
#define PIN_LINE 4096		/* of a listing: a CID, a name */

int
ipfs_open(struct ipfs **out, const struct ipfs_how *how, struct err *e)
{
	struct ipfs *n = xcalloc(1, sizeof *n);

	buf_init(&n->body);
	n->wait_ms = how->wait_ms > 0 ? how->wait_ms : WAIT_MS;
	if (ask_open(&n->ask, &how->ask, e) < 0) {
		ipfs_free(n);
		return -1;
	}
	*out = n;
	return 0;
}

void
ipfs_free(struct ipfs *n)
{
	if (n == NULL)
		return;
	ask_free(n->ask);
	buf_release(&n->body);
	free(n);
}

void
ipfs_hide(const struct ipfs *n, char *text)
{
	ask_hide(n->ask, text);
}

/* --- a command --------------------------------------------------------- */

void
ipfs_path(struct buf *b, const char *name, const struct cid *arg)
{
	char text[CID_TEXT];

	buf_addf(b, "/api/v0/%s", name);
	if (arg == NULL)
		return;
	cid_text(arg, text);
	ask_add(b, "arg", text);
}

int
ipfs_command(struct ipfs *n, const char *path, struct err *e)
{
	struct ask_req req = { .method = "POST", .path = path,
	    .wait_ms = n->wait_ms, .most = IPFS_ANSWER, .command = true };

	return ask(n->ask, &req, &n->body, e);
}

json_t *
ipfs_json(struct ipfs *n, struct err *e)
{
	json_t *x = json_read(n->body.p, n->body.len, e);

	if (!json_is_object(x)) {
		json_decref(x);
		ask_wrong(n->ask, "no object of JSON", e);
		return NULL;
	}
	return x;
}

bool
ipfs_says(struct ipfs *n, int status, const char *what)
{
	struct err ignored;	/* then it says something else */
	json_t *x;
	const char *s;
	bool r;

	if (status != 500)
		return false;
	x = json_read(n->body.p, n->body.len, &ignored);
	s = get_str(x, "Message", NULL);
	r = s != NULL && strstr(s, what) != NULL;
	json_decref(x);
	return r;
}

int
ipfs_refused(struct ipfs *n, int status, const char *what, struct err *e)
{
	return ask_refused(n->ask, status, &n->body, what, e);
}

int
ipfs_is_cid(struct ipfs *n, const json_t *x, const struct cid *want,
    struct err *e)
{
	struct cid got;

	if (!json_is_string(x) || cid_parse(&got, json_string_value(x),
	    json_string_length(x), e) < 0)
		return ask_wrong(n->ask, "it names no CID", e);
	return cid_same(&got, want) ? 0 :
	    ask_wrong(n->ask, "it names another CID", e);
}

/* --- blocks ------------------------------------------------------------ */

int
ipfs_block(struct ipfs *n, const struct cid *c, struct buf *out,
    struct err *e)
{
	struct ask_req req = { .method = "POST", .wait_ms = n->wait_ms,
	    .most = DAGPB_BLOCK, .command = true };
	struct buf path = BUF_INIT, until = BUF_INIT;
	char text[CID_TEXT];
	int status;

	ipfs_path(&path, "block/get", c);
	/* a little earlier than we, so that it says why */
	buf_addf(&until, "%dms", n->wait_ms - n->wait_ms / 10);
	ask_add(&path, "timeout", until.p);
	req.path = path.p;
	status = ask(n->ask, &req, &n->body, e);
	buf_release(&path);
	buf_release(&until);
	cid_text(c, text);
	if (status < 0)
		return err_add(e, "block '%s'", text);
	if (ipfs_says(n, status, "not found") ||
	    ipfs_says(n, status, "not find"))
		return err_set(e, ERR_ABSENT, "block '%s' is not at the node",
		    text);
	if (ipfs_says(n, status, "timed out") ||
	    ipfs_says(n, status, "deadline"))
		return err_set(e, ERR_NET, "block '%s' was not found in %d "
		    "seconds", text, n->wait_ms / 1000);
	if (status != 200)
		return ipfs_refused(n, status, "block", e);
	if (cid_check(c, n->body.p, n->body.len, e) < 0)
		return -1;
	buf_add(out, n->body.p, n->body.len);
	return 0;
}

static int
get_block(void *arg, const struct cid *c, struct buf *out, struct err *e)
{
	return ipfs_block(((void **)arg)[0], c, out, e);
}

struct taking {
	struct ipfs *node;	/* first: get_block looks here */
	int (*take)(void *, const void *, size_t, struct err *);
	void *arg;
};

static int
take_part(void *arg, const void *p, size_t n, struct err *e)
{
	struct taking *t = arg;

	return t->take(t->arg, p, n, e);
}

int
ipfs_read(struct ipfs *n, const struct cid *root, uint64_t from, uint64_t len,
    uint64_t *size, int (*take)(void *, const void *, size_t, struct err *),
    void *arg, struct err *e)
{
	struct taking t = { n, take, arg };
	struct unixfs_read r = { get_block, take_part, &t };

	return unixfs_read(&r, root, from, len, size, e);
}

/* --- pins -------------------------------------------------------------- */

int
ipfs_pin(struct ipfs *n, const struct cid *c, const char *name, struct err *e)
{
	struct buf path = BUF_INIT;
	json_t *x, *pins;
	int status, r;

	ipfs_path(&path, "pin/add", c);
	ask_add(&path, "recursive", "true");
	if (name != NULL)
		ask_add(&path, "name", name);
	status = ipfs_command(n, path.p, e);
	buf_release(&path);
	if (status < 0)
		return err_add(e, "pin");
	if (status != 200)
		return ipfs_refused(n, status, "pin", e);
	if ((x = ipfs_json(n, e)) == NULL)
		return -1;
	pins = json_object_get(x, "Pins");
	r = json_array_size(pins) == 1 ?
	    ipfs_is_cid(n, json_array_get(pins, 0), c, e) :
	    ask_wrong(n->ask, "not one pin was made", e);
	json_decref(x);
	return r;
}

int
ipfs_pinned(struct ipfs *n, const struct cid *c, struct err *e)
{
	struct buf path = BUF_INIT;
	struct cid got;
	struct err other;	/* a CID that is not ours to know */
	const char *key;
	json_t *x, *v;
	int status, r = 0;

	ipfs_path(&path, "pin/ls", c);
	ask_add(&path, "type", "recursive");
	status = ipfs_command(n, path.p, e);
	buf_release(&path);
	if (status < 0)
		return -1;
	if (ipfs_says(n, status, "not pinned"))
		return 0;
	if (status != 200)
		return ipfs_refused(n, status, "question for a pin", e);
	if ((x = ipfs_json(n, e)) == NULL)
		return -1;
	json_object_foreach(json_object_get(x, "Keys"), key, v) {
		if (cid_parse(&got, key, strlen(key), &other) == 0 &&
		    cid_same(&got, c) &&
		    str_eq(get_str(v, "Type", NULL), "recursive"))
			r = 1;
	}
	json_decref(x);
	return r == 1 ? 1 : ask_wrong(n->ask, "the pin is another one", e);
}

int
ipfs_unpin(struct ipfs *n, const struct cid *c, struct err *e)
{
	struct buf path = BUF_INIT;
	int status;

	ipfs_path(&path, "pin/rm", c);
	ask_add(&path, "recursive", "true");
	status = ipfs_command(n, path.p, e);
	buf_release(&path);
	if (status < 0)
		return -1;
	if (ipfs_says(n, status, "not pinned"))
		return 0;
	if (status != 200)
		return ipfs_refused(n, status, "end of a pin", e);
	return 1;
}

/* --- all pins: a line each --------------------------------------------- */

struct listing {
	struct ipfs *node;
	ipfs_found *fn;
	void *arg;
	struct buf line;
};

/* {"Cid": ..., "Type": "recursive", "Name": ...} */
static int
pin_line(struct listing *l, struct err *e)
{
	json_t *x = json_read(l->line.p, l->line.len, e);
	const char *name, *text;
	struct err other;	/* a pin of what is not ours to know */
	struct cid c;
	int r = 0;

	if (x == NULL)
		return ask_wrong(l->node->ask, "a line is no JSON", e);
	name = get_str(x, "Name", NULL);
	text = get_str(x, "Cid", NULL);
	if (get_str(x, "Message", NULL) != NULL)
		r = ask_wrong(l->node->ask, "the list breaks off", e);
	else if (name != NULL && *name != '\0' && text != NULL &&
	    cid_parse(&c, text, strlen(text), &other) == 0)
		r = l->fn(l->arg, &c, name, e);
	json_decref(x);
	return r;
}

static int
take_lines(void *arg, const void *from, size_t n, struct err *e)
{
	struct listing *l = arg;
	const char *p = from, *end;

	for (; n > 0; n -= (size_t)(end - p) + 1, p = end + 1) {
		if ((end = memchr(p, '\n', n)) == NULL) {
			end = p + n - 1;
			buf_add(&l->line, p, n);
		} else {
			buf_add(&l->line, p, (size_t)(end - p));
		}
		if (l->line.len > PIN_LINE)
			return ask_wrong(l->node->ask, "a line of a list is "
			    "too long", e);
		if (*end != '\n')
			return 0;
		if (l->line.len > 0 && pin_line(l, e) < 0)
			return -1;
		buf_reset(&l->line);
	}
	return 0;
}

static void
begin_lines(void *arg)
{
	struct listing *l = arg;

	buf_reset(&l->line);
}

int
ipfs_pins(struct ipfs *n, ipfs_found *fn, void *arg, struct err *e)
{
	struct listing l = { n, fn, arg, BUF_INIT };
	struct ask_req req = { .method = "POST", .path = "/api/v0/pin/ls?"
	    "type=recursive&names=true&stream=true", .most = IPFS_ANSWER,
	    .tries = 1, .command = true, .take = take_lines,
	    .begin = begin_lines, .arg = &l };
	int status = ask(n->ask, &req, &n->body, e);

	if (status == 200 && l.line.len > 0)
		status = pin_line(&l, e) < 0 ? -1 : status;
	buf_release(&l.line);
	if (status < 0)
		return -1;
	return status == 200 ? 0 : ipfs_refused(n, status, "list of pins", e);
}

/* --- peers ------------------------------------------------------------- */

int
ipfs_addresses(struct ipfs *n, struct strv *out, struct err *e)
{
	int status = ipfs_command(n, "/api/v0/id", e);
	json_t *x, *list;
	const char *s;
	size_t i;

	if (status < 0)
		return -1;
	if (status != 200)
		return ipfs_refused(n, status, "question for its addresses",
		    e);
	if ((x = ipfs_json(n, e)) == NULL)
		return -1;
	list = json_object_get(x, "Addresses");
	for (i = 0; i < json_array_size(list) && out->n < IPFS_PEERS; i++) {
		s = json_string_value(json_array_get(list, i));
		/* nobody else reaches it there */
		if (s != NULL && *s == '/' && strlen(s) <= 500 &&
		    !str_starts(s, "/ip4/127.") && !str_starts(s, "/ip6/::1/"))
			strv_add(out, s);
	}
	json_decref(x);
	return 0;
}

int
ipfs_connect(struct ipfs *n, const char *address, struct err *e)
{
	struct buf path = BUF_INIT;
	struct ask_req req = { .method = "POST", .wait_ms = CONNECT_MS,
	    .tries = 1, .most = IPFS_ANSWER, .command = true };
	int status;

	ipfs_path(&path, "swarm/connect", NULL);
	ask_add(&path, "arg", address);
	req.path = path.p;
	status = ask(n->ask, &req, &n->body, e);
	buf_release(&path);
	if (status < 0)
		return -1;
	return status == 200 ? 0 : ipfs_refused(n, status, "connection", e);
}
