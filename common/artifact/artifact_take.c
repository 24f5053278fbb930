#include "artifact/artifact_take.h"

#include "artifact/artifact_read.h"
#include "base/alloc.h"
#include "base/file.h"
#include "base/str.h"
#include "blob/artifact_codec.h"
#include "blob/blob_local.h"
#include "store/audit_note.h"
#include "store/sealed.h"
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SMALL ((size_t)64 << 10)	/* bytes that are kept in memory */
/* Of a stream that is to be sealed: what is beyond lies on the disk as it is
 * until its size is known. */
#define STREAM_SEALED ((size_t)32 << 20)
#define PIECE ((size_t)256 << 10)

struct stage {
	struct artifacts *ar;
	struct artifact_staged *s;
	const char *name;		/* for messages */
	bool local;
	char *room;			/* own; PIECE */
	int in;
	const struct artifact *of;	/* whose bytes are sealed again */
	const struct buf *plain;	/* to be sealed; NULL: from in */
	bool plain_hash;		/* of the plain bytes, in hash */
	struct hash hash;
};

static int
too_large(const struct stage *x, uint64_t size, struct err *e)
{
	return artifact_fail(e, ARTIFACT_TOO_LARGE, "'%.200s' has %s%" PRIu64
	    " bytes, and artifact.maxBytes is %" PRId64, x->name,
	    size > (uint64_t)x->ar->conf.max + 1 ? "" : "more than ",
	    size > (uint64_t)x->ar->conf.max + 1 ? size : size - 1,
	    x->ar->conf.max);
}

static int
changed(const struct stage *x, struct err *e)
{
	return err_set(e, ERR_INPUT, "'%.200s' changed while it was read; "
	    "try again", x->name);
}

/* Up to n bytes; fewer at the end only. */
static int
read_some(struct stage *x, char *p, size_t n, size_t *got, struct err *e)
{
	ssize_t r;

	for (*got = 0; *got < n; *got += (size_t)r) {
		r = read(x->in, p + *got, n - *got);
		if (r < 0 && errno == EINTR) {
			r = 0;
			continue;
		}
		if (r < 0 && errno == EISDIR)
			return err_set(e, ERR_INPUT, "'%.200s' is a folder: "
			    "find %.200s -type f | mem-artifact put --batch",
			    x->name, x->name);
		if (r < 0) {
			err_sys(e, "cannot read '%.200s'", x->name);
			e->code = ERR_INPUT;
			return -1;
		}
		if (r == 0)
			break;
	}
	return 0;
}

/* A file of ours, where the provider wants it: its descriptor. */
static int
new_file(struct stage *x, struct err *e)
{
	struct artifacts *ar = x->ar;
	struct blob_provider *b;
	struct buf path = BUF_INIT;
	const char *dir = ar->tmp.path;
	int fd;

	if (x->local) {
		if (artifacts_provider(ar, ARTIFACT_LOCAL, &b, e) < 0 ||
		    blob_local_scratch(b, &dir, e) < 0)
			return -1;
	} else if (dir == NULL) {
		if (scratch_open(&ar->tmp, ar->st->dir, "artifact", e) < 0)
			return -1;
		dir = ar->tmp.path;
	}
	buf_addf(&path, "%s/new%" PRId64, dir, ar->count++);
	fd = open(path.p, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd < 0) {
		err_sys(e, "cannot make '%s'", path.p);
		buf_release(&path);
		return -1;
	}
	free(x->s->path);
	x->s->path = buf_steal(&path);
	x->s->temporary = true;
	return fd;
}

/* All that comes, behind what is in mem, into a file. */
static int
spool(struct stage *x, int out, struct err *e)
{
	struct artifact_staged *s = x->s;
	size_t n = s->mem.len;

	if (file_write(out, s->mem.p, n, x->name, e) < 0)
		return -1;
	s->a.size = (int64_t)n;
	buf_release(&s->mem);
	do {
		if (read_some(x, x->room, PIECE, &n, e) < 0)
			return -1;
		s->a.size += (int64_t)n;
		if (s->a.size > x->ar->conf.max)
			return too_large(x, (uint64_t)x->ar->conf.max + 1, e);
		if (x->plain_hash)
			hash_add(&x->hash, x->room, n);
		if (file_write(out, x->room, n, x->name, e) < 0)
			return -1;
	} while (n > 0);
	return 0;
}

/* Into memory, as far as it goes: 1 all of it, 0 there is more. */
static int
take_memory(struct stage *x, uint64_t size, size_t most, struct err *e)
{
	struct buf *b = &x->s->mem;
	size_t n, want = size > 0 ? (size_t)size + 1 : SMALL;

	do {
		buf_reserve(b, want);
		if (read_some(x, b->p + b->len, want, &n, e) < 0)
			return -1;
		if (x->plain_hash)
			hash_add(&x->hash, b->p + b->len, n);
		b->len += n;
		b->p[b->len] = '\0';
		if ((int64_t)b->len > x->ar->conf.max)
			return too_large(x, (uint64_t)x->ar->conf.max + 1, e);
		if (size > 0 && n != size)
			return changed(x, e);
	} while (n == want && b->len <= most);
	x->s->a.size = (int64_t)b->len;
	return n < want;
}

/* A large file that is not sealed: read once; what is on our disk is a copy
 * of it that becomes the object. */
static int
take_file(struct stage *x, uint64_t size, struct err *e)
{
	uint64_t left = size;
	size_t n;
	int out = -1, r = 0;

	if (x->local && (out = new_file(x, e)) < 0)
		return -1;
	while (r == 0 && left > 0) {
		r = read_some(x, x->room, left < PIECE ? (size_t)left : PIECE,
		    &n, e);
		if (r == 0 && n == 0)
			r = changed(x, e);
		if (r == 0 && x->plain_hash)
			hash_add(&x->hash, x->room, n);
		if (r == 0 && out >= 0)
			r = file_write(out, x->room, n, x->name, e);
		left -= n;
	}
	if (r == 0 && (r = read_some(x, x->room, 1, &n, e)) == 0 && n > 0)
		r = changed(x, e);
	if (out >= 0)
		close(out);
	x->s->a.size = (int64_t)size;
	return r;
}

/* --- sealing ----------------------------------------------------------- */

struct sealed {
	struct hash hash;
	struct buf *mem;		/* or into fd */
	int fd;
	const char *name;
};

static int
take_sealed(void *arg, const void *p, size_t n, struct err *e)
{
	struct sealed *o = arg;

	hash_add(&o->hash, p, n);
	if (o->mem == NULL)
		return file_write(o->fd, p, n, o->name, e);
	buf_add(o->mem, p, n);
	return 0;
}

static int
feed(void *arg, struct seal *seal, struct err *e)
{
	struct stage *x = arg;
	uint64_t size = (uint64_t)x->s->a.size;
	size_t n;

	if (x->plain != NULL)
		return seal_add(seal, x->plain->p, x->plain->len, e);
	while (size > 0) {
		if (read_some(x, x->room, size < PIECE ? (size_t)size : PIECE,
		    &n, e) < 0)
			return -1;
		if (n == 0)
			return changed(x, e);
		if (x->plain_hash)
			hash_add(&x->hash, x->room, n);
		if (seal_add(seal, x->room, n, e) < 0)
			return -1;
		size -= n;
	}
	if (read_some(x, x->room, 1, &n, e) < 0)
		return -1;
	return n == 0 ? 0 : changed(x, e);
}

/* size plain bytes, as they are fed. */
static int
seal_it(struct stage *x, int (*from)(void *, struct seal *, struct err *),
    struct sealed *out, struct err *e)
{
	struct artifact *a = &x->s->a;
	struct seal_sink sink = { take_sealed, out };
	struct artifact_codec codec;
	const struct seal_key *key;
	struct seal_about about;
	struct seal *seal = NULL;
	uint8_t ad[ARTIFACT_AD];
	struct buf text = BUF_INIT;
	int r;

	if (artifact_active_key(&x->ar->conf, x->ar->st, &key, e) < 0 ||
	    artifact_codec_new(&codec, key, (uint64_t)a->size, e) < 0)
		return -1;
	audit_key_use(x->ar->st, key->id);
	artifact_codec_about(&codec, a->id, (uint64_t)a->size, ad, &about);
	hash_init(&out->hash);
	if ((r = seal_begin(&seal, key, &about, &sink, e)) == 0 &&
	    (r = from(x, seal, e)) == 0)
		r = seal_end(seal, e);
	seal_free(seal);
	if (r < 0)
		return -1;
	artifact_codec_write(&codec, &text);
	a->codec = buf_steal(&text);
	a->osize = (int64_t)codec.size;
	a->has_sum = true;
	hash_end(&out->hash, a->sum);
	return 0;
}

static int
seal_all(struct stage *x, bool in_memory, struct err *e)
{
	struct artifact_staged *s = x->s;
	struct buf plain = s->mem;
	struct sealed out = { .fd = -1, .name = x->name };
	char *was = s->temporary ? s->path : NULL;
	int r = 0;

	buf_init(&s->mem);
	if (s->temporary)
		s->path = NULL;
	if (s->a.size <= (int64_t)SMALL)
		out.mem = &s->mem;
	else if ((out.fd = new_file(x, e)) < 0)
		r = -1;
	x->plain = in_memory ? &plain : NULL;
	if (r == 0)
		r = seal_it(x, feed, &out, e);
	s->has_mem = out.mem != NULL;
	if (out.fd >= 0)
		close(out.fd);
	if (was != NULL)
		unlink(was);
	free(was);
	buf_wipe(&plain);
	return r;
}

/* --- all of it --------------------------------------------------------- */

/* A program reads it by itself, wherever that was started. */
static int
whole_path(struct stage *x, const char *path, struct err *e)
{
	x->s->path = realpath(path, NULL);
	return x->s->path == NULL ? err_sys(e, "cannot find '%.200s'", path) :
	    0;
}

/* size 0: it is not known, or there is none. */
static int
take_plain(struct stage *x, const char *path, uint64_t size, struct err *e)
{
	struct artifact_staged *s = x->s;
	int fd, r;

	if (size > SMALL) {
		if ((r = take_file(x, size, e)) == 0 && !x->local)
			r = whole_path(x, path, e);
	} else if ((r = take_memory(x, size, SMALL, e)) == 1) {
		s->has_mem = true;
		r = 0;
	} else if (r == 0 && (fd = new_file(x, e)) >= 0) {
		r = spool(x, fd, e);
		close(fd);
	} else {
		r = -1;
	}
	s->a.osize = s->a.size;
	s->a.has_sum = true;
	return r;
}

static int
take_to_seal(struct stage *x, uint64_t size, struct err *e)
{
	struct artifact_staged *s = x->s;
	int fd, r;

	if (size > SMALL) {
		s->a.size = (int64_t)size;
		return seal_all(x, false, e);
	}
	if ((r = take_memory(x, size, STREAM_SEALED, e)) != 0)
		return r < 0 ? -1 : seal_all(x, true, e);
	if (sealed_known(x->ar->st))
		return err_set(e, ERR_DENIED, "tenant '%s' is sealed, and "
		    "more than is held in memory would lie on the disk in "
		    "clear for a while; name a file", x->ar->st->tenant);
	if ((fd = new_file(x, e)) < 0)
		return -1;
	if ((r = spool(x, fd, e)) == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = err_sys(e, "cannot read '%s'", s->path);
	if (r == 0) {
		x->in = fd;
		x->plain_hash = false;	/* it has it */
		r = seal_all(x, false, e);
	}
	close(fd);
	return r;
}

static int
take_all(struct stage *x, const struct artifact_input *in, struct err *e)
{
	struct artifact *a = &x->s->a;
	bool codec = x->ar->conf.codec, known, hashed;
	uint8_t plain[HASH_LEN];
	struct stat sb;
	uint64_t size;
	int r;

	if (fstat(x->in, &sb) < 0)
		return err_sys(e, "cannot look at '%.200s'", x->name);
	size = S_ISREG(sb.st_mode) ? (uint64_t)sb.st_size : 0;
	/* files of /proc say that they are empty */
	known = size > 0 && (x->in > 0 || lseek(x->in, 0, SEEK_CUR) == 0);
	if (!known)
		size = 0;
	if (size > (uint64_t)x->ar->conf.max)
		return too_large(x, size, e);
	hashed = x->plain_hash = !codec || in->disclose_hash || in->is != NULL;
	hash_init(&x->hash);
	r = codec ? take_to_seal(x, size, e) : take_plain(x, in->path, size, e);
	if (r < 0)
		return -1;
	if (!hashed)
		return 0;
	hash_end(&x->hash, plain);
	if (in->is != NULL && !hash_same(plain, in->is, HASH_LEN))
		return err_set(e, ERR_INPUT, "'%.200s' changed since it was "
		    "read; read it again", x->name);
	if (!codec)
		memcpy(a->sum, plain, HASH_LEN);
	if ((a->has_hash = in->disclose_hash))
		memcpy(a->hash, plain, HASH_LEN);
	return 0;
}

int
artifact_take(struct artifacts *ar, struct artifact_staged *s,
    const struct artifact_input *in, struct err *e)
{
	const char *path = in->path;
	bool from_stdin = str_eq(path, "-"), full;
	struct stage x = { .ar = ar, .s = s, .in = 0,
	    .name = from_stdin ? "standard input" : path,
	    .local = s->a.provider == ARTIFACT_LOCAL };
	int r;

	if (!from_stdin && (x.in = open(path, O_RDONLY | O_CLOEXEC |
	    O_NOCTTY)) < 0) {
		full = errno == EMFILE || errno == ENFILE;
		err_sys(e, "cannot open '%.200s'", path);
		if (!full)	/* this one alone is guilty */
			e->code = ERR_INPUT;
		return -1;
	}
	x.room = xmalloc(PIECE);
	r = take_all(&x, in, e);
	free(x.room);
	if (!from_stdin)
		close(x.in);
	return r;
}

/* --- again ------------------------------------------------------------- */

static int
open_piece(void *seal, const void *p, size_t n, struct err *e)
{
	return seal_add(seal, p, n, e);
}

static int
feed_again(void *arg, struct seal *seal, struct err *e)
{
	struct stage *x = arg;

	return artifact_read(x->ar, x->of, 0, 0, open_piece, seal, e);
}

int
artifact_take_again(struct artifacts *ar, struct artifact_staged *s,
    const struct artifact *a, struct err *e)
{
	struct stage x = { .ar = ar, .s = s, .in = -1, .of = a,
	    .name = "an artifact", .local = a->provider == ARTIFACT_LOCAL };
	struct sealed out = { .name = x.name };
	int r;

	if ((out.fd = new_file(&x, e)) < 0)
		return -1;
	r = seal_it(&x, feed_again, &out, e);
	close(out.fd);
	return r;
}
