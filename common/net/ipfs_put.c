/*
 * A file goes to a node: as a CAR, or, where the node knows nothing of CARs, a
 * block at a time.
 */
#include "net/ipfs_node.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/unixfs.h"
#include "base/unixfs_read.h"

#include <stdio.h>
#include <string.h>

#define HEAD "Content-Disposition: form-data; name=\"file\"; " \
    "filename=\"file\"\r\nContent-Type: application/octet-stream\r\n\r\n"

/* --- one file of multipart/form-data ------------------------------------ */

int
ipfs_form_init(struct ipfs_form *f, struct err *e)
{
	uint8_t chance[16];

	if (random_bytes(chance, sizeof chance, e) < 0)
		return -1;
	hex_encode(f->edge, chance, sizeof chance);
	snprintf(f->type, sizeof f->type, "multipart/form-data; boundary=%s",
	    f->edge);
	return 0;
}

void
ipfs_form_begin(const struct ipfs_form *f, struct buf *b)
{
	buf_addf(b, "--%s\r\n" HEAD, f->edge);
}

void
ipfs_form_end(const struct ipfs_form *f, struct buf *b)
{
	buf_addf(b, "\r\n--%s--\r\n", f->edge);
}

/* --- the folder of a file ----------------------------------------------- */

static void
wrap_make(struct ipfs_wrap *w, const struct cid *root, uint64_t tsize,
    const char *name)
{
	struct dagpb_link l = { .cid = *root, .name = name,
	    .nname = strlen(name), .tsize = tsize };

	buf_init(&w->block);
	unixfs_wrap(&w->block, &l);
	cid_of(&w->cid, CID_DAG_PB, w->block.p, w->block.len);
}

int
ipfs_folder(const struct cid *root, uint64_t size, const char *name,
    struct cid *folder, struct err *e)
{
	struct ipfs_wrap w;
	uint64_t car, tsize;

	if (ipfs_car_sizes(size, &car, &tsize, e) < 0)
		return -1;
	wrap_make(&w, root, tsize, name);
	*folder = w.cid;
	buf_release(&w.block);
	return 0;
}

/* --- chunks --------------------------------------------------------------- */

int
ipfs_chunk(const struct ipfs_file *f, uint64_t at, struct buf *chunk,
    struct err *e)
{
	uint64_t left = f->bytes.len - at;
	size_t want = left < UNIXFS_CHUNK ? (size_t)left : UNIXFS_CHUNK;
	ssize_t n;

	buf_reset(chunk);
	while (chunk->len < want) {
		n = f->bytes.read(f->bytes.arg, buf_reserve(chunk,
		    want - chunk->len),
		    want - chunk->len, at + chunk->len, e);
		if (n == 0)
			return err_set(e, ERR_INPUT, "the file became shorter "
			    "while it was read");
		if (n < 0)
			return -1;
		chunk->len += (size_t)n;
	}
	return 0;
}

/* --- block by block ------------------------------------------------------ */

static void
block_path(const struct ipfs *n, const struct cid *c, struct buf *path)
{
	const char *codec = c->codec == CID_RAW ? "raw" : "dag-pb";

	ipfs_path(path, "block/put", NULL);
	ask_add(path, "mhtype", "sha2-256");
	ask_add(path, "pin", "false");
	if (n->format) {
		ask_add(path, "format", codec);
		ask_add(path, "version", "1");
	} else {
		ask_add(path, "cid-codec", codec);
		ask_add(path, "mhlen", "-1");
	}
}

/* 1 it is there, 0 under the CID of another codec. */
static int
block_answer(struct ipfs *n, const struct cid *c, struct err *e)
{
	json_t *x = ipfs_json(n, e);
	const char *key = get_str(x, "Key", NULL);
	struct cid got;
	int r;

	if (x == NULL)
		return -1;
	if (key == NULL || cid_parse(&got, key, strlen(key), e) < 0)
		r = ask_wrong(n->ask, "it names no CID", e);
	else if (memcmp(got.sum, c->sum, HASH_LEN) != 0)
		r = ask_wrong(n->ask, "it names another CID", e);
	else
		r = got.codec == c->codec;
	json_decref(x);
	return r;
}

static int
put_block_once(struct ipfs *n, const struct cid *c, const void *p, size_t len,
    struct err *e)
{
	struct ipfs_form form;
	struct buf b = BUF_INIT, path = BUF_INIT;
	struct ask_req req = { .method = "POST", .type = form.type,
	    .wait_ms = n->wait_ms, .most = IPFS_ANSWER, .command = true };
	int status;

	if (ipfs_form_init(&form, e) < 0)
		return -1;
	ipfs_form_begin(&form, &b);
	buf_add(&b, p, len);
	ipfs_form_end(&form, &b);
	block_path(n, c, &path);
	req.path = path.p;
	req.body = ask_body(&b);
	status = ask(n->ask, &req, &n->body, e);
	buf_release(&path);
	buf_release(&b);
	if (status < 0)
		return -1;
	return status == 200 ? block_answer(n, c, e) :
	    ipfs_refused(n, status, "block", e);
}

/* Kubo takes "cid-codec", js-ipfs "format" alone: which it is shows in what it
 * calls the block. */
static int
put_block(void *arg, const struct cid *c, const void *p, size_t len,
    struct err *e)
{
	struct ipfs *n = arg;
	int r = put_block_once(n, c, p, len, e);

	if (r == 0 && !n->format) {
		n->format = true;
		r = put_block_once(n, c, p, len, e);
	}
	return r == 0 ? ask_wrong(n->ask, "it names another CID", e) :
	    r < 0 ? -1 : 0;
}

static int
put_blocks(struct ipfs *n, const struct ipfs_file *f, const struct ipfs_wrap *w,
    struct err *e)
{
	struct buf chunk = BUF_INIT;
	struct unixfs u;
	struct cid root;
	uint64_t at;
	int r = 0;

	unixfs_init(&u);
	u.block = put_block;
	u.arg = n;
	for (at = 0; r == 0 && at < f->bytes.len; at += chunk.len)
		if ((r = ipfs_chunk(f, at, &chunk, e)) == 0)
			r = unixfs_add(&u, chunk.p, chunk.len, e);
	if (r == 0)
		r = unixfs_end(&u, &root, NULL, e);
	if (r == 0 && !cid_same(&root, &f->cid))
		r = err_set(e, ERR_INPUT, "the bytes are not those of the CID "
		    "that they were said to have");
	if (r == 0)
		r = put_block(n, &w->cid, w->block.p, w->block.len, e);
	unixfs_release(&u);
	buf_release(&chunk);
	return r;
}

int
ipfs_put(struct ipfs *n, const struct ipfs_file *f, struct cid *folder,
    struct err *e)
{
	uint64_t car, tsize;
	struct ipfs_wrap w;
	int r = 0;

	if (ipfs_car_sizes(f->bytes.len, &car, &tsize, e) < 0)
		return -1;
	wrap_make(&w, &f->cid, tsize, f->name);
	if (!n->no_import)
		r = ipfs_put_car(n, f, &w, car, e);
	if (r == 0) {
		n->no_import = true;
		r = put_blocks(n, f, &w, e);
	}
	if (r >= 0)
		r = ipfs_pin(n, &w.cid, f->pin, e);
	if (r >= 0)
		*folder = w.cid;
	buf_release(&w.block);
	return r < 0 ? -1 : 0;
}
