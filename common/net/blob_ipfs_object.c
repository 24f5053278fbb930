#include "net/blob_ipfs_own.h"

#include "base/dagpb.h"
#include "base/json.h"
#include "base/str.h"

#include <string.h>

static int
said_cid(const char *text, const char *what, struct cid *c, bool *has,
    struct err *e)
{
	*has = text != NULL;
	if (text == NULL || cid_parse(c, text, strlen(text), e) == 0)
		return 0;
	return err_add(e, "%s", what);
}

int
ipfs_object_read(struct ipfs_object *o, const struct blob *b, struct err *e)
{
	const char *slash = strrchr(b->key, '/');
	const char *cid = get_str(b->said, "cid", NULL);
	int64_t size;

	memset(o, 0, sizeof *o);
	o->blob = b;
	o->name = slash == NULL ? b->key : slash + 1;
	o->request = get_str(b->said, "request_id", NULL);
	if (strlen(b->key) > PIN_NAME)
		return err_set(e, ERR_INPUT, "the key is longer than the name "
		    "of a pin may be (%d bytes); set a shorter "
		    "artifact.prefix", PIN_NAME);
	if (get_int(b->said, "size_bytes", &size) == 1 && size >= 0) {
		o->size = (uint64_t)size;
		o->has_size = true;
	}
	if (said_cid(b->cid != NULL ? b->cid : cid, "cid", &o->cid,
	    &o->has_cid, e) < 0)
		return -1;
	return said_cid(get_str(b->said, "root_cid", NULL), "root_cid",
	    &o->folder, &o->has_folder, e);
}

static void
set_cid(json_t *said, const char *key, const struct cid *c)
{
	char text[CID_TEXT];

	cid_text(c, text);
	json_object_set_new(said, key, json_string(text));
}

void
ipfs_object_say(const struct ipfs_object *o, struct blob *b)
{
	json_t *said = json_object();

	if (o->has_cid)
		set_cid(said, "cid", &o->cid);
	if (o->has_folder)
		set_cid(said, "root_cid", &o->folder);
	if (o->has_size)
		json_object_set_new(said, "size_bytes",
		    json_integer((json_int_t)o->size));
	if (o->has_pin) {
		json_object_set_new(said, "request_id",
		    json_string(o->pin.id));
		json_object_set_new(said, "pin_name",
		    json_string(o->pin.name));
		json_object_set_new(said, "status",
		    json_string(pin_status_names[o->pin.status]));
	}
	json_decref(b->said);
	b->said = said;
}

enum blob_where
ipfs_object_where(const struct ipfs_object *o)
{
	switch (o->pin.status) {
	case PIN_PINNED:
		return BLOB_THERE;
	case PIN_FAILED:
		return BLOB_FAILED;
	default:
		return BLOB_PENDING;
	}
}

int
ipfs_object_request(struct blob_ipfs *s, struct ipfs_object *o, struct err *e)
{
	int r = 0;

	if (o->request != NULL)
		r = pinning_get(s->pins, o->request, &o->pin, e);
	if (r == 1 && !str_eq(o->pin.name, o->blob->key))
		r = 0;		/* not ours, whoever said so */
	if (r == 0)
		r = pinning_find(s->pins, o->blob->key, &o->pin, e);
	o->has_pin = r == 1;
	if (r == 1 && o->has_cid && !cid_same(&o->pin.cid, &o->cid))
		return err_set(e, ERR_EXISTS, "the pinning service has "
		    "something else under that name");
	if (r == 1) {
		o->cid = o->pin.cid;
		o->has_cid = true;
	}
	return r;
}

/* --- a pin of the node, by its name --------------------------------------- */

struct finding {
	const char *name;
	struct cid cid;
	bool found;
};

static int
take_named(void *arg, const struct cid *c, const char *name, struct err *e)
{
	struct finding *f = arg;

	(void)e;
	if (!str_eq(name, f->name))
		return 0;
	f->cid = *c;
	f->found = true;
	return 0;
}

int
ipfs_object_folder(struct blob_ipfs *s, struct ipfs_object *o, struct err *e)
{
	struct finding f = { .name = o->blob->key };

	if (o->has_folder)
		return 1;
	if (o->has_cid && o->has_size) {
		if (ipfs_folder(&o->cid, o->size, o->name, &o->folder, e) < 0)
			return -1;
	} else {
		if (ipfs_pins(s->node, take_named, &f, e) < 0)
			return -1;
		if (!f.found)
			return 0;
		o->folder = f.cid;
	}
	o->has_folder = true;
	return 1;
}

/* --- its folder ---------------------------------------------------------- */

int
ipfs_object_open(struct blob_ipfs *s, struct ipfs_object *o, struct err *e)
{
	struct buf b = BUF_INIT;
	struct dagpb d = { .links = NULL };
	int r = ipfs_block(s->node, &o->folder, &b, e);

	if (r == 0)
		r = dagpb_read(&d, b.p, b.len, e);
	if (r == 0 && (d.n != 1 || d.links[0].nname != strlen(o->name) ||
	    memcmp(d.links[0].name, o->name, d.links[0].nname) != 0 ||
	    (o->has_cid && !cid_same(&o->cid, &d.links[0].cid))))
		r = err_set(e, ERR_EXISTS, "the node has something else "
		    "under that name");
	if (r == 0) {
		o->cid = d.links[0].cid;
		o->has_cid = true;
	}
	dagpb_release(&d);
	buf_release(&b);
	return r;
}
