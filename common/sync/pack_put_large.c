/*
 * A file that is larger than a pack: it is copied behind its index first, so
 * that what is named is what is put whoever writes to it meanwhile, then
 * sealed into another file, and put from there.  What somebody gives is asked
 * for twice instead, for its name and to be sealed, and is in no file before.
 */
#include "sync/pack_put_own.h"

#include "base/alloc.h"
#include "store/store.h"
#include "sync/sync.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)256 << 10)	/* of it, at once */

/* A file in the scratch folder, which has no name any more. */
static int
temp_file(struct pack_put *p, int *fd, struct err *e)
{
	struct buf path = BUF_INIT;
	int r = 0;

	if (p->scratch.path == NULL && scratch_open(&p->scratch,
	    p->s->st->dir, "pack", e) < 0)
		return -1;
	buf_addf(&path, "%s/%d", p->scratch.path, p->number++);
	*fd = open(path.p, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC |
	    O_NOFOLLOW, 0600);
	if (*fd < 0 || unlink(path.p) < 0)
		r = err_sys(e, "cannot make '%s'", path.p);
	buf_release(&path);
	return r;
}

struct sink {
	int fd;
	uint64_t at;
	struct hash h;
	char first[SEALING_HEAD];
};

static int
to_file(void *arg, const void *bytes, size_t n, struct err *e)
{
	struct sink *k = arg;

	if (k->at < sizeof k->first)
		memcpy(k->first + k->at, bytes, n < sizeof k->first - k->at ?
		    n : sizeof k->first - (size_t)k->at);
	if (remote_into_fd(&k->fd, bytes, n, k->at, e) < 0)
		return -1;
	hash_add(&k->h, bytes, n);
	k->at += n;
	return 0;
}

/* The index, and the file as it is now: 1, 0 it is other than it should be. */
static int
copy(struct sink *k, const struct buf *index, int fd,
    const struct pack_member *m, const char *name, struct err *e)
{
	char *room = xmalloc(PIECE);
	uint8_t sum[HASH_LEN];
	struct hash h;
	size_t n = 0;
	int r;

	hash_init(&h);
	r = to_file(k, index->p, index->len, e);
	while (r == 0 &&
	    (r = pack_put_read(fd, room, PIECE, &n, name, e)) == 0 &&
	    n > 0 && k->at - index->len + n <= m->size) {
		hash_add(&h, room, n);
		r = to_file(k, room, n, e);
	}
	hash_end(&h, sum);
	free(room);
	if (r < 0)
		return -1;
	return n == 0 && k->at - index->len == m->size &&
	    memcmp(sum, m->sha256, HASH_LEN) == 0;
}

/* Of what lies in k, sealed if it is to be: another file takes its place. */
static int
seal_file(struct pack_put *p, struct sink *k, uint8_t name[HASH_LEN],
    struct err *e)
{
	struct sink sealed = { .fd = -1 };
	const struct seal_sink to = { to_file, &sealed };
	int r;

	if (sealing_name_fd(p->s->sealing, k->fd, k->at, name, e) < 0)
		return -1;
	if (!sealing_on(p->s->sealing))
		return 0;
	hash_init(&sealed.h);
	if ((r = temp_file(p, &sealed.fd, e)) == 0)
		r = sealing_pack_fd(p->s->sealing, PACK_KIND, k->fd, k->at,
		    name, &to, e);
	if (r < 0) {
		if (sealed.fd >= 0)
			close(sealed.fd);
		return -1;
	}
	close(k->fd);
	*k = sealed;
	return 0;
}

static int
put_large(struct pack_put *p, struct pack_slot *slot, struct sink *k,
    size_t index, const uint8_t name[HASH_LEN], struct err *e)
{
	hash_end(&k->h, slot->sum);
	slot->put.body = (struct remote_body){ .fd = k->fd, .len = k->at,
	    .name = "a pack" };
	if (pack_put_describe(p, slot, name, index, k->first, (size_t)(k->at <
	    sizeof k->first ? k->at : sizeof k->first), e) < 0 ||
	    pack_put_go(p, slot, e) < 0)
		return -1;
	/* its file is closed behind it */
	return pack_put_wait(p, 0, e);
}

int
pack_put_large(struct pack_put *p, int fd, const uint8_t sha256[HASH_LEN],
    uint64_t size, const char *file, struct err *e)
{
	struct sink k = { .fd = -1 };
	struct buf index = BUF_INIT;
	uint8_t name[HASH_LEN];
	struct pack_slot *slot;
	int r = -1;

	hash_init(&k.h);
	if (pack_put_slot(p, &slot, e) < 0)
		return -1;
	packfile_add(&slot->file, sha256, size);
	packfile_write(&slot->file, &index);
	if (temp_file(p, &k.fd, e) == 0 && (r = copy(&k, &index, fd,
	    &slot->file.v[0], file, e)) == 1) {
		if (seal_file(p, &k, name, e) < 0 || put_large(p, slot, &k,
		    index.len, name, e) < 0)
			r = -1;
		/* what is on its way has it open */
		if (r < 0 && slot->state == BUSY)
			pack_put_wait(p, 0, &(struct err){ 0 });
	}
	if (slot->state == FREE)
		pack_put_clear(slot);
	if (k.fd >= 0)
		close(k.fd);
	buf_release(&index);
	return r;
}

/* --- of what somebody gives -------------------------------------------- */

struct given {
	seal_source *from;
	void *arg;
	const struct buf *index;
	const struct seal_sink *to;
	struct hash h;
	uint64_t n;
};

static int
pass_on(void *arg, const void *p, size_t n, struct err *e)
{
	struct given *g = arg;

	hash_add(&g->h, p, n);
	g->n += n;
	return g->to->put(g->to->arg, p, n, e);
}

/* The index, and behind it the bytes. */
static int
give(void *arg, const struct seal_sink *to, struct err *e)
{
	struct given *g = arg;
	const struct seal_sink sink = { pass_on, g };

	hash_init(&g->h);
	g->n = 0;
	g->to = to;
	return to->put(to->arg, g->index->p, g->index->len, e) < 0 ? -1 :
	    g->from(g->arg, &sink, e);
}

/* 1 k is the object, 0 it is other than it should be. */
static int
seal_given(struct pack_put *p, struct given *g, const struct pack_member *m,
    struct sink *k, uint8_t name[HASH_LEN], struct err *e)
{
	const struct seal_sink to = { to_file, k };
	uint8_t sum[HASH_LEN];

	if (sealing_name_of(p->s->sealing, give, g, name, e) < 0)
		return -1;
	hash_end(&g->h, sum);
	if (g->n != m->size || memcmp(sum, m->sha256, HASH_LEN) != 0)
		return 0;
	return temp_file(p, &k->fd, e) < 0 || sealing_pack_of(p->s->sealing,
	    PACK_KIND, give, g, g->index->len + m->size, name, &to, e) < 0 ?
	    -1 : 1;
}

int
pack_put_large_of(struct pack_put *p, seal_source *from, void *arg,
    const uint8_t sha256[HASH_LEN], uint64_t size, struct err *e)
{
	struct buf index = BUF_INIT;
	struct given g = { .from = from, .arg = arg, .index = &index };
	struct sink k = { .fd = -1 };
	uint8_t name[HASH_LEN];
	struct pack_slot *slot;
	int r;

	hash_init(&k.h);
	if (pack_put_slot(p, &slot, e) < 0)
		return -1;
	packfile_add(&slot->file, sha256, size);
	packfile_write(&slot->file, &index);
	if ((r = seal_given(p, &g, &slot->file.v[0], &k, name, e)) == 1 &&
	    put_large(p, slot, &k, index.len, name, e) < 0) {
		r = -1;
		/* what is on its way has it open */
		if (slot->state == BUSY)
			pack_put_wait(p, 0, &(struct err){ 0 });
	}
	if (slot->state == FREE)
		pack_put_clear(slot);
	if (k.fd >= 0)
		close(k.fd);
	buf_release(&index);
	return r;
}
