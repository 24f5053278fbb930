#include "artifact/artifact_take.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/json.h"
#include "base/str.h"
#include "base/unixfs.h"
#include "base/utf8.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME_BYTES 255

/* --- what is said of it ------------------------------------------------ */

/* The last part of a path, as text. */
static json_t *
name_of(const char *path)
{
	const char *slash = strrchr(path, '/'), *p;
	struct buf b = BUF_INIT;
	size_t n, left, put;
	char out[4];
	uint32_t c;
	json_t *name;

	p = slash == NULL ? path : slash + 1;
	for (left = strlen(p); left > 0; p += n, left -= n) {
		c = utf8_decode(p, left, &n);
		if (c < ' ' || c == 127)
			c = 0xfffd;
		put = utf8_put(out, c);
		if (b.len + put > NAME_BYTES)
			break;
		buf_add(&b, out, put);
	}
	name = b.len > 0 ? json_string(b.p) : NULL;
	buf_release(&b);
	return name;
}

static json_t *
body_of(const struct artifact_input *in)
{
	const char *type = in->content_type;
	json_t *o = json_object(), *name = NULL;

	if (type == NULL && in->uri == NULL)
		type = "application/octet-stream";
	if (type != NULL)
		json_object_set_new(o, "content_type", json_string(type));
	if (in->uri != NULL)
		json_object_set_new(o, "uri", json_string(in->uri));
	if (in->name != NULL)
		name = name_of(in->name);
	else if (in->path != NULL && !str_eq(in->path, "-"))
		name = name_of(in->path);
	if (name != NULL)
		json_object_set_new(o, "filename", name);
	if (json_object_size(in->metadata) > 0)
		json_object_set_new(o, "metadata",
		    json_deep_copy(in->metadata));
	return o;
}

static int
new_id(struct artifact *a, struct err *e)
{
	char id[ULID_LEN + 1];
	uint8_t rest[10];

	if (date_clock(&a->created_ms, e) < 0 ||
	    random_bytes(rest, sizeof rest, e) < 0)
		return -1;
	ulid_format(id, a->created_ms, rest);
	ulid_parse(id, a->id);
	return 0;
}

static int
stage_bytes(struct artifacts *ar, const struct artifact_input *in,
    struct artifact_staged *s, struct err *e)
{
	if (!ar->conf.managed)
		return artifact_fail(e, ARTIFACT_DISABLED, "bytes are kept "
		    "where artifact.mode is managed_blob; put --uri points to "
		    "what lies elsewhere");
	s->a.provider = ar->conf.active;
	if (s->a.provider == ARTIFACT_FILECOIN && !ar->conf.codec &&
	    !in->is_public)
		return artifact_fail(e, ARTIFACT_METADATA, "anybody can read "
		    "what is at filecoin: say --public, or set artifact.codec "
		    "to aes_gcm");
	return artifact_take(ar, s, in, e);
}

/* What content addressing calls the bytes that the provider is to have. */
static int
address(struct artifact_staged *s, struct err *e)
{
	char text[CID_TEXT];
	struct unixfs u;
	struct cid cid;
	uint64_t size = s->mem.len;
	int fd, r;

	if (s->has_mem) {
		unixfs_init(&u);
		if ((r = unixfs_add(&u, s->mem.p, s->mem.len, e)) == 0)
			r = unixfs_end(&u, &cid, NULL, e);
		unixfs_release(&u);
	} else if ((fd = open(s->path, O_RDONLY | O_CLOEXEC)) < 0) {
		r = err_sys(e, "cannot open '%.200s'", s->path);
	} else {
		r = unixfs_cid(fd, s->path, &cid, &size, e);
		close(fd);
	}
	if (r < 0)
		return -1;
	cid_text(&cid, text);
	s->cid = xstrdup(text);
	/* in the row before the bytes go: by this they are found again */
	s->a.said = json_pack("{s:s, s:I}", "cid", text, "size_bytes",
	    (json_int_t)size);
	return 0;
}

int
artifact_stage(struct artifacts *ar, const struct artifact_input *in,
    struct artifact_staged *s, struct err *e)
{
	int r;

	memset(s, 0, sizeof *s);
	buf_init(&s->mem);
	s->a.size = -1;
	if (artifact_meta_check(in->metadata, e) < 0 ||
	    (in->content_type != NULL &&
	    artifact_type_check(in->content_type, e) < 0) ||
	    (in->uri != NULL && artifact_uri_check(&ar->conf, in->uri, e) < 0)
	    || new_id(&s->a, e) < 0)
		return -1;
	s->a.body = body_of(in);
	r = in->uri != NULL ? 0 : stage_bytes(ar, in, s, e);
	if (r == 0 && s->a.provider == ARTIFACT_FILECOIN)
		r = address(s, e);
	if (r < 0)
		artifact_staged_release(s);
	return r;
}

int
artifact_stage_again(struct artifacts *ar, const struct artifact *a,
    struct artifact_staged *s, struct err *e)
{
	int r;

	memset(s, 0, sizeof *s);
	buf_init(&s->mem);
	memcpy(s->a.id, a->id, sizeof s->a.id);
	s->a.size = a->size;
	r = artifact_take_again(ar, s, a, e);
	if (r == 0 && a->provider == ARTIFACT_FILECOIN)
		r = address(s, e);
	if (r < 0)
		artifact_staged_release(s);
	return r;
}

void
artifact_staged_release(struct artifact_staged *s)
{
	if (s->temporary && s->path != NULL)
		unlink(s->path);
	free(s->path);
	free(s->cid);
	buf_release(&s->mem);
	artifact_release(&s->a);
	s->path = s->cid = NULL;
	s->temporary = false;
}
