#include "sync/pack_put_own.h"

#include "base/alloc.h"
#include "store/audit_note.h"
#include "sync/pack_note.h"
#include "sync/sync.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STEP_MS 1000
#define STEP_BYTES ((uint64_t)512 << 10)
#define ROOM ((size_t)64 << 10)

bool
pack_put_takes(const struct sync *s, uint64_t size)
{
	return sealing_on(s->sealing) || (s->pack && size < PACK_SMALL);
}

struct pack_put *
pack_put_new(struct sync *s, struct packed *sums)
{
	struct pack_put *p = xcalloc(1, sizeof *p);
	int i;

	p->s = s;
	p->sums = sums;
	p->scratch = (struct scratch)SCRATCH_INIT;
	buf_init(&p->data);
	for (i = 0; i < PACK_AHEAD; i++) {
		buf_init(&p->slot[i].key);
		buf_init(&p->slot[i].body);
	}
	return p;
}

void
pack_put_again(struct pack_put *p)
{
	p->again = true;
}

void
pack_put_free(struct pack_put *p)
{
	struct err ignored;
	struct pack_slot *slot;

	if (p == NULL)
		return;
	for (slot = p->slot; slot < p->slot + PACK_AHEAD; slot++) {
		if (slot->state == BUSY)
			remote_wait(p->s->remote, &slot->put.op, &ignored);
		packfile_release(&slot->file);
		map_release(&slot->has);
		buf_release(&slot->key);
		buf_release(&slot->body);
	}
	packfile_release(&p->file);
	map_release(&p->has);
	buf_release(&p->data);
	scratch_close(&p->scratch);
	free(p);
}

/* --- what is in them --------------------------------------------------- */

int
pack_put_has(struct pack_put *p, const uint8_t sha256[HASH_LEN],
    struct err *e)
{
	const char *key = (const char *)sha256;
	struct journal_member m;
	int i;

	if (map_get_n(&p->has, key, HASH_LEN) != NULL)
		return 1;
	for (i = 0; i < PACK_AHEAD; i++)
		if (map_get_n(&p->slot[i].has, key, HASH_LEN) != NULL)
			return 1;
	return journal_pack_find(p->s->journal, sha256, 0, &m, e);
}

static void
clear_map(struct map *m)
{
	map_release(m);
	*m = (struct map)MAP_INIT;
}

void
pack_put_clear(struct pack_slot *slot)
{
	packfile_clear(&slot->file);
	clear_map(&slot->has);
	slot->state = FREE;
}

/* --- one on its way ---------------------------------------------------- */

static void
was_put(struct remote_op *op)
{
	struct pack_slot *slot = op->user;

	slot->state = DONE;
}

static void
start(struct pack_put *p, struct pack_slot *slot, bool once)
{
	const struct remote_body body = slot->put.body;

	slot->put = (struct remote_put){ .op = { .done = was_put,
	    .user = slot }, .key = slot->key.p, .body = body,
	    .sha256 = slot->sum, .once = once && body.len <= REMOTE_ONCE_MAX };
	slot->state = BUSY;
	remote_put(p->s->remote, &slot->put);
}

/* Under its name another one is known to be, of other nodes or an earlier
 * life: what it is, it says itself. */
static int
take_that(struct pack_put *p, struct pack_slot *slot, struct err *e)
{
	struct journal_pack row;
	int r;

	if (journal_pack_add(p->s->journal, &slot->row, NULL, e) < 0 ||
	    journal_pack_named(p->s->journal, slot->row.m.name, &row, e) < 0)
		return -1;
	if ((r = row.known ? 1 : pack_note(p->s, &row, e)) < 0)
		return -1;
	if (r == 0)
		return err_set(e, ERR_CORRUPT, "'%s' has a pack %s that is not "
		    "what its name says; move it away, and push again",
		    p->s->name, row.m.name);
	pack_put_clear(slot);
	return 0;
}

static int
finish(struct pack_put *p, struct pack_slot *slot, struct err *e)
{
	const struct remote_put *put = &slot->put;

	if (put->op.r < 0 && put->op.err.code == ERR_EXISTS && put->once) {
		/* sealed with another key; or, in clear, damaged */
		if (sealing_on(p->s->sealing))
			return take_that(p, slot, e);
		start(p, slot, false);
		return 0;
	}
	if (put->op.r < 0) {
		*e = put->op.err;
		return err_add(e, "cannot put a pack");
	}
	if (audit_flush(e) < 0 || journal_pack_add(p->s->journal, &slot->row,
	    &slot->file, e) < 0)
		return -1;
	p->s->sent += (int64_t)put->body.len;
	p->sums->packs++;
	p->sums->files += (int64_t)slot->file.n;
	p->sums->bytes += (int64_t)slot->file.bytes;
	pack_put_clear(slot);
	return 0;
}

/* How many are on their way, or -1. */
static int
collect(struct pack_put *p, struct err *e)
{
	struct pack_slot *slot;
	int busy = 0;

	for (slot = p->slot; slot < p->slot + PACK_AHEAD; slot++) {
		if (slot->state == DONE && finish(p, slot, e) < 0)
			return -1;
		busy += slot->state == BUSY;
	}
	return busy;
}

/* Until so many at most are on their way. */
int
pack_put_wait(struct pack_put *p, int most, struct err *e)
{
	int busy;

	while ((busy = collect(p, e)) > most)
		if (sync_stopped(p->s, e) || remote_step(p->s->remote,
		    STEP_MS, e) < 0)
			return -1;
	return busy < 0 ? -1 : 0;
}

int
pack_put_slot(struct pack_put *p, struct pack_slot **slot, struct err *e)
{
	int i = 0;

	if (pack_put_wait(p, PACK_AHEAD - 1, e) < 0)
		return -1;
	while (p->slot[i].state != FREE)
		i++;
	*slot = &p->slot[i];
	return 0;
}

/* What the journal is to know of it: by its name and its first bytes. */
int
pack_put_describe(struct pack_put *p, struct pack_slot *slot,
    const uint8_t name[HASH_LEN], size_t index, const void *first, size_t n,
    struct err *e)
{
	struct journal_pack *row = &slot->row;

	memset(row, 0, sizeof *row);
	hex_encode(row->m.name, name, HASH_LEN);
	hex_encode(row->sum, slot->sum, HASH_LEN);
	row->m.size = (int64_t)slot->put.body.len;
	row->m.index = (int64_t)index;
	row->m.files = (int64_t)slot->file.n;
	row->m.bytes = (int64_t)slot->file.bytes;
	if (index > PACK_INDEX_MAX)
		return err_set(e, ERR_INPUT, "the index of a pack has %zu "
		    "bytes; at most %d are read", index, PACK_INDEX_MAX);
	if (sealing_on(p->s->sealing)) {
		row->head_len = n < SEALING_HEAD ? n : SEALING_HEAD;
		memcpy(row->head, first, row->head_len);
	}
	sync_key(p->s, &slot->key, PACK_KIND, row->m.name);
	return 0;
}

/* One of this name may be known: then nothing is put over it. */
int
pack_put_go(struct pack_put *p, struct pack_slot *slot, struct err *e)
{
	struct journal_pack row;
	int r = journal_pack_named(p->s->journal, slot->row.m.name, &row, e);

	if (r < 0)
		return -1;
	if (r == 1 && !p->again)
		return take_that(p, slot, e);
	start(p, slot, !p->again);
	return 0;
}

/* --- the one that is made ---------------------------------------------- */

/* The index comes in front of what is there: its length. */
static size_t
add_index(struct pack_put *p, const struct packfile *file)
{
	struct buf index = BUF_INIT;
	size_t n;

	packfile_write(file, &index);
	n = index.len;
	buf_reserve(&p->data, n);
	memmove(p->data.p + n, p->data.p, p->data.len);
	memcpy(p->data.p, index.p, n);
	p->data.len += n;
	buf_release(&index);
	return n;
}

/* The object of what was made; in clear it is that. */
static int
make(struct pack_put *p, struct pack_slot *slot, struct err *e)
{
	const struct sealing *sl = p->s->sealing;
	size_t index = add_index(p, &slot->file);
	uint8_t name[HASH_LEN];
	struct buf body;

	sealing_name(sl, p->data.p, p->data.len, name);
	buf_reset(&slot->body);
	if (sealing_on(sl)) {
		buf_reserve(&slot->body, (size_t)sealing_size(sl,
		    p->data.len));
		if (sealing_pack(sl, PACK_KIND, p->data.p, p->data.len, name,
		    &slot->body, e) < 0)
			return -1;
		hash_mem(slot->body.p, slot->body.len, slot->sum);
	} else {
		body = slot->body;
		slot->body = p->data;
		p->data = body;
		memcpy(slot->sum, name, HASH_LEN);
	}
	buf_reset(&p->data);
	slot->put.body = (struct remote_body){ .mem = slot->body.p,
	    .len = slot->body.len };
	return pack_put_describe(p, slot, name, index, slot->body.p,
	    slot->body.len, e);
}

/* What was made goes; the next is empty. */
static int
ship(struct pack_put *p, struct err *e)
{
	struct packfile file;
	struct pack_slot *slot;

	if (p->file.n == 0)
		return 0;
	if (pack_put_slot(p, &slot, e) < 0)
		return -1;
	file = slot->file;
	slot->file = p->file;
	p->file = file;
	packfile_clear(&p->file);
	slot->has = p->has;
	p->has = (struct map)MAP_INIT;
	return make(p, slot, e) < 0 ? -1 : pack_put_go(p, slot, e);
}

/* Up to n bytes, of which fewer are there at the end of the file. */
int
pack_put_read(int fd, void *to, size_t n, size_t *got, const char *name,
    struct err *e)
{
	ssize_t r;

	for (*got = 0; *got < n; *got += (size_t)r) {
		r = read(fd, (char *)to + *got, n - *got);
		if (r < 0 && errno == EINTR)
			r = 0;
		else if (r < 0)
			return err_sys(e, "cannot read '%.200s'", name);
		else if (r == 0)
			break;
	}
	return 0;
}

/* Room for one more, and a byte, to see its end. */
static int
small_room(struct pack_put *p, size_t size, char **to, struct err *e)
{
	if ((p->file.n == PACK_FILES || p->data.len + size > PACK_TARGET) &&
	    ship(p, e) < 0)
		return -1;
	if (p->data.cap == 0)	/* once, with room for most indexes */
		buf_reserve(&p->data, (size_t)PACK_TARGET + ROOM);
	*to = buf_reserve(&p->data, size + 1);
	return 0;
}

/* These n bytes are in it, if they are the right ones: 1, 0. */
static int
keep_small(struct pack_put *p, const uint8_t sha256[HASH_LEN], size_t size,
    const char *to, size_t n)
{
	uint8_t sum[HASH_LEN];
	int made;

	if (n != size)
		return 0;
	hash_mem(to, size, sum);
	if (memcmp(sum, sha256, HASH_LEN) != 0)
		return 0;
	p->data.len += size;
	packfile_add(&p->file, sha256, size);
	map_put_n(&p->has, (const char *)sha256, HASH_LEN, &made);
	return 1;
}

static int
add_small(struct pack_put *p, int fd, const uint8_t sha256[HASH_LEN],
    size_t size, const char *name, struct err *e)
{
	char *to;
	size_t n;

	if (small_room(p, size, &to, e) < 0 ||
	    pack_put_read(fd, to, size + 1, &n, name, e) < 0)
		return -1;
	return keep_small(p, sha256, size, to, n);
}

struct into {
	char *to;
	size_t n, room;
};

static int
into_room(void *arg, const void *b, size_t n, struct err *e)
{
	struct into *i = arg;

	(void)e;
	if (n > i->room - i->n)
		n = i->room - i->n;
	memcpy(i->to + i->n, b, n);
	i->n += n;
	return 0;
}

static int
add_small_of(struct pack_put *p, seal_source *from, void *arg,
    const uint8_t sha256[HASH_LEN], size_t size, struct err *e)
{
	struct into i = { NULL, 0, size + 1 };
	const struct seal_sink sink = { into_room, &i };

	if (small_room(p, size, &i.to, e) < 0 || from(arg, &sink, e) < 0)
		return -1;
	return keep_small(p, sha256, size, i.to, i.n);
}

/* Others go on while this is read. */
static int
go_on(struct pack_put *p, uint64_t size, struct err *e)
{
	int busy = collect(p, e);

	p->since += size;
	if (busy > 0 && p->since >= STEP_BYTES) {
		p->since = 0;
		busy = remote_step(p->s->remote, 0, e);
	}
	return busy < 0 ? -1 : 0;
}

int
pack_put_add(struct pack_put *p, int fd, const uint8_t sha256[HASH_LEN],
    uint64_t size, const char *name, struct err *e)
{
	if (go_on(p, size, e) < 0)
		return -1;
	if (size > PACK_TARGET)
		return pack_put_large(p, fd, sha256, size, name, e);
	return add_small(p, fd, sha256, (size_t)size, name, e);
}

int
pack_put_add_of(struct pack_put *p, seal_source *from, void *arg,
    const uint8_t sha256[HASH_LEN], uint64_t size, const char *name,
    struct err *e)
{
	int r = go_on(p, size, e);

	if (r == 0)
		r = size > PACK_TARGET ? pack_put_large_of(p, from, arg,
		    sha256, size, e) : add_small_of(p, from, arg, sha256,
		    (size_t)size, e);
	return r < 0 ? err_add(e, "cannot push '%.200s': ", name) : r;
}

int
pack_put_end(struct pack_put *p, struct err *e)
{
	return ship(p, e) < 0 ? -1 : pack_put_wait(p, 0, e);
}

/* --- in a manifest ----------------------------------------------------- */

int
pack_put_name(struct sync *s, struct sync_manifest *m, struct err *e)
{
	struct journal_pack p = { .id = 0 };
	int r;

	while ((r = journal_pack_ready(s->journal, p.id, &p, e)) == 1)
		sync_manifest_add_pack(m, &p.m);
	return r;
}
