/*
 * A file as a CAR that is made while it is sent.  How long it will be is known
 * before any byte is read, because sizes do not depend on bytes; so each byte
 * is read, and hashed, once.
 */
#include "net/ipfs_node.h"

#include "base/car.h"
#include "base/json.h"
#include "base/unixfs.h"

#include <string.h>

/* --- sizes --------------------------------------------------------------- */

static int
count_block(void *arg, const struct cid *c, const void *p, size_t n,
    struct err *e)
{
	uint64_t *len = arg;

	(void)c;
	(void)p;
	(void)e;
	*len += car_block_len(n) + n;
	return 0;
}

int
ipfs_car_sizes(uint64_t size, uint64_t *car, uint64_t *tsize, struct err *e)
{
	struct unixfs u;
	struct cid c;
	uint64_t part;
	int r = 0;

	*car = 0;
	unixfs_init(&u);
	u.block = count_block;
	u.arg = car;
	for (; r == 0 && size > 0; size -= part) {
		part = size < INT32_MAX ? size : INT32_MAX;
		r = unixfs_add(&u, NULL, (size_t)part, e);
	}
	if (r == 0)
		r = unixfs_end(&u, &c, tsize, e);
	unixfs_release(&u);
	return r;
}

/* --- as a CAR ------------------------------------------------------------ */

struct car {
	const struct ipfs_file *file;
	const struct ipfs_wrap *wrap;
	const struct ipfs_form *form;
	struct unixfs u;
	bool begun, ended;
	uint64_t at;		/* of the whole body */
	uint64_t read;		/* of the file */
	struct buf chunk, out;
	size_t given;		/* of out */
};

static int
car_add(void *arg, const struct cid *c, const void *p, size_t n,
    struct err *e)
{
	struct car *k = arg;

	(void)e;
	car_block(&k->out, c, n);
	buf_add(&k->out, p, n);
	return 0;
}

/* From the beginning: a part may be asked for twice. */
static void
car_begin(struct car *k)
{
	unixfs_release(&k->u);
	unixfs_init(&k->u);
	k->u.block = car_add;
	k->u.arg = k;
	k->begun = true;
	k->ended = false;
	k->at = k->read = 0;
	k->given = 0;
	buf_reset(&k->out);
	ipfs_form_begin(k->form, &k->out);
	car_header(&k->out, &k->wrap->cid, 1);
}

/* Before the last block is sent: the node gets no root of other bytes. */
static int
car_end(struct car *k, struct err *e)
{
	struct cid root;

	if (unixfs_end(&k->u, &root, NULL, e) < 0)
		return -1;
	if (!cid_same(&root, &k->file->cid))
		return err_set(e, ERR_INPUT, "the bytes are not those of the "
		    "CID that they were said to have");
	car_add(k, &k->wrap->cid, k->wrap->block.p, k->wrap->block.len, e);
	ipfs_form_end(k->form, &k->out);
	k->ended = true;
	return 0;
}

static int
car_more(struct car *k, struct err *e)
{
	k->given = 0;
	buf_reset(&k->out);
	if (k->read == k->file->bytes.len)
		return car_end(k, e);
	if (ipfs_chunk(k->file, k->read, &k->chunk, e) < 0)
		return -1;
	k->read += k->chunk.len;
	return unixfs_add(&k->u, k->chunk.p, k->chunk.len, e);
}

static ssize_t
car_read(void *arg, void *p, size_t n, uint64_t at, struct err *e)
{
	struct car *k = arg;

	if (at == 0 || !k->begun)
		car_begin(k);
	if (at != k->at)
		return err_set(e, ERR_NET, "the connection was lost while the "
		    "file was sent");
	while (k->given == k->out.len) {
		if (k->ended)
			return 0;
		if (car_more(k, e) < 0)
			return -1;
	}
	if (n > k->out.len - k->given)
		n = k->out.len - k->given;
	memcpy(p, k->out.p + k->given, n);
	k->given += n;
	k->at += n;
	return (ssize_t)n;
}

static void
car_release(struct car *k)
{
	unixfs_release(&k->u);
	buf_release(&k->chunk);
	buf_release(&k->out);
}

/* Lines of JSON; what it says of roots must be ours, though nothing is pinned
 * yet. */
static int
import_answer(struct ipfs *n, const struct cid *root, struct err *e)
{
	char *p = n->body.p, *end;
	int roots = 0, r = 0;
	const json_t *x;
	json_t *line;

	for (; *p != '\0' && r == 0; p = end) {
		end = p + strcspn(p, "\n");
		if (end > p && (line = json_read(p, (size_t)(end - p), e)) !=
		    NULL) {
			if ((x = get_path(line, "Root.Cid./")) == NULL)
				x = json_object_get(line, "Root") == NULL ?
				    NULL : json_null();
			if (json_object_get(line, "Message") != NULL)
				r = ask_refused(n->ask, 500, &n->body, "CAR",
				    e);
			else if (x != NULL && ++roots == 1)
				r = ipfs_is_cid(n, x, root, e);
			json_decref(line);
		} else if (end > p) {
			r = ask_wrong(n->ask, "no JSON", e);
		}
		end += *end == '\n';
	}
	/* with no pins asked for there may be no word of roots */
	return r == 0 && roots > 1 ? ask_wrong(n->ask, "more than one root",
	    e) : r;
}

int
ipfs_put_car(struct ipfs *n, const struct ipfs_file *f,
    const struct ipfs_wrap *w, uint64_t len, struct err *e)
{
	struct ipfs_form form;
	struct car k = { .file = f, .wrap = w, .form = &form,
	    .chunk = BUF_INIT, .out = BUF_INIT };
	struct ask_req req = { .method = "POST", .path =
	    "/api/v0/dag/import?pin-roots=false", .type = form.type,
	    .most = IPFS_ANSWER, .command = true };
	struct buf edges = BUF_INIT;
	int status;

	if (ipfs_form_init(&form, e) < 0)
		return -1;
	unixfs_init(&k.u);
	ipfs_form_begin(&form, &edges);
	car_header(&edges, &w->cid, 1);
	ipfs_form_end(&form, &edges);
	req.body = (struct http_body){ car_read, &k, edges.len + len +
	    car_block_len(w->block.len) + w->block.len };
	buf_release(&edges);
	status = ask(n->ask, &req, &n->body, e);
	car_release(&k);
	if (status < 0)
		return -1;
	if (status == 404 || status == 405 || status == 501)
		return 0;
	if (status != 200)
		return ipfs_refused(n, status, "CAR", e);
	return import_answer(n, &w->cid, e) < 0 ? -1 : 1;
}
