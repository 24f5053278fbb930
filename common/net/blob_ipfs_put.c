#include "net/blob_ipfs_own.h"

#include "base/str.h"
#include "base/unixfs_read.h"
#include "blob/blob_file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PEERS 4

struct bytes {
	const struct blob *blob;
	int fd;				/* -1: they are in memory */
};

static ssize_t
read_bytes(void *arg, void *p, size_t n, uint64_t at, struct err *e)
{
	const struct bytes *b = arg;
	ssize_t got;

	if (n > b->blob->size - at)
		n = (size_t)(b->blob->size - at);
	if (b->fd < 0) {
		memcpy(p, (const char *)b->blob->mem + at, n);
		return (ssize_t)n;
	}
	while ((got = pread(b->fd, p, n, (off_t)at)) < 0 && errno == EINTR)
		;
	return got >= 0 ? got : err_sys(e, "cannot read '%s'", b->blob->path);
}

static int
send_bytes(struct blob_ipfs *s, struct ipfs_object *o, struct err *e)
{
	struct bytes bytes = { o->blob, -1 };
	struct ipfs_file file = { .bytes = { read_bytes, &bytes,
	    o->blob->size }, .cid = o->cid, .name = o->name,
	    .pin = o->blob->key };
	int r;

	if (o->blob->mem == NULL &&
	    (bytes.fd = blob_file_open(o->blob, e)) < 0)
		return -1;
	r = ipfs_put(s->node, &file, &o->folder, e);
	o->has_folder = r == 0;
	if (bytes.fd >= 0)
		close(bytes.fd);
	return r;
}

/* All of it, from the first block to the last; each has its CID. */
static int
read_back(struct blob_ipfs *s, const struct ipfs_object *o, struct err *e)
{
	uint64_t size;

	if (ipfs_read(s->node, &o->cid, 0, UNIXFS_ALL, &size, ipfs_no_bytes,
	    NULL, e) < 0)
		return err_add(e, "it cannot be read back");
	if (size != o->blob->size)
		return err_set(e, ERR_INPUT, "the node has %llu bytes, not "
		    "%llu", (unsigned long long)size,
		    (unsigned long long)o->blob->size);
	return 0;
}

/* Who fetches it for the service is to find the node; where none of the first
 * can be reached it takes longer, and that is all. */
static void
meet(struct blob_ipfs *s, const struct pin *pin)
{
	struct err ignored;
	size_t i;

	for (i = 0; i < pin->delegates.n && i < PEERS && *s->stop == 0; i++)
		if (ipfs_connect(s->node, pin->delegates.v[i], &ignored) == 0)
			return;
}

static int
ask_to_pin(struct blob_ipfs *s, struct ipfs_object *o, struct err *e)
{
	struct strv origins = STRV_INIT;
	struct err ignored;	/* then it looks for the bytes itself */
	char instead[PIN_NAME + 1];
	int r;

	if (o->has_pin && o->pin.status != PIN_FAILED)
		return 0;
	ipfs_addresses(s->node, &origins, &ignored);
	memcpy(instead, o->pin.id, sizeof instead);
	r = pinning_add(s->pins, &o->cid, o->blob->key, &origins,
	    o->has_pin ? instead : NULL, &o->pin, e);
	strv_release(&origins);
	if (r < 0)
		return err_add(e, "the node has it");
	o->has_pin = true;
	if (o->pin.status != PIN_PINNED)
		meet(s, &o->pin);
	return 0;
}

/* 1: the node has it, or need not; 0: it is to be sent.  -1, ERR_EXISTS: under
 * that name there is something else. */
static int
look_first(struct blob_ipfs *s, struct ipfs_object *o, struct err *e)
{
	struct err ignored;	/* a node that is asked again at once */

	if (s->pins != NULL) {
		if (ipfs_object_request(s, o, e) < 0)
			return -1;
		if (o->has_pin && o->pin.status == PIN_PINNED)
			return 1;
	}
	if (ipfs_object_folder(s, o, e) < 0)
		return -1;
	if (ipfs_pinned(s->node, &o->folder, &ignored) != 1)
		return 0;
	return ipfs_object_open(s, o, e) < 0 ? -1 : 1;
}

int
ipfs_object_put(struct blob_ipfs *s, struct ipfs_object *o, struct blob *b,
    struct err *e)
{
	int r;

	if (!o->has_cid)
		return err_set(e, ERR_INPUT, "an object for IPFS needs its "
		    "'cid'");
	o->size = b->size;
	o->has_size = true;
	if ((r = look_first(s, o, e)) < 0)
		return -1;
	if (r == 0 && send_bytes(s, o, e) < 0)
		return -1;
	b->where = BLOB_THERE;
	if (s->pins == NULL) {
		if (read_back(s, o, e) < 0)
			return -1;
	} else {
		if (ask_to_pin(s, o, e) < 0)
			return -1;
		b->where = ipfs_object_where(o);
	}
	ipfs_object_say(o, b);
	return 0;
}
