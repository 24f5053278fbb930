#include "sync/pack_note.h"

#include "base/alloc.h"
#include "sync/journal_pack.h"
#include "sync/packfile.h"
#include "sync/sync.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT_ONCE 8		/* requests on their way */
/* What may have to come with the index of a sealed one: its line, and the
 * segment of which that has the first bytes only. */
#define MORE (SEALING_HEAD + SEAL_SEGMENT + 2 * SEAL_TAG)

struct fetch {
	struct journal_pack row;
	struct remote_get get;
	struct remote_room room;
	struct buf key, bytes;
};

/* --- one --------------------------------------------------------------- */

static void
ask(struct sync *s, struct fetch *f, uint64_t len)
{
	buf_reset(&f->bytes);
	sync_key(s, &f->key, PACK_KIND, f->row.m.name);
	f->room = (struct remote_room){ &f->bytes, (size_t)len };
	f->get = (struct remote_get){ .key = f->key.p, .len = len,
	    .take = remote_into_buf, .arg = &f->room };
	remote_get(s->remote, &f->get);
}

static void
start(struct sync *s, struct fetch *f)
{
	uint64_t len = (uint64_t)f->row.m.index;

	if (s->sealed || sealing_on(s->sealing))
		len += MORE + len / SEAL_SEGMENT * SEAL_TAG;
	ask(s, f, len < SEALING_HEAD ? SEALING_HEAD : len);
}

/* The index, plain, out of the bytes that came; those that are missing are
 * asked for. */
static int
open_index(struct sync *s, struct fetch *f, const struct sealing_part *part,
    struct buf *index, struct err *e)
{
	uint64_t n = (uint64_t)f->row.m.index, at, len;

	if (sealing_span(part, 0, n, &at, &len, e) < 0)
		return -1;
	if (at + len > f->bytes.len) {
		ask(s, f, at + len);
		if (remote_wait(s->remote, &f->get.op, e) < 0)
			return -1;
		if (at + len > f->bytes.len)
			return err_set(e, ERR_INPUT, "it is cut off");
	}
	return sealing_open_part(part, 0, n, f->bytes.p + at, (size_t)len,
	    index, e);
}

static int
same(const struct journal_pack *row, const struct packfile *file,
    const struct sealing_part *part, struct err *e)
{
	if ((int64_t)file->n == row->m.files && file->bytes ==
	    (uint64_t)row->m.bytes && part->size == (uint64_t)row->m.index +
	    file->bytes)
		return 0;
	return err_set(e, ERR_CORRUPT, "it is not what the manifest says");
}

/* What came, into the journal. */
static int
take_in(struct sync *s, struct fetch *f, struct err *e)
{
	struct packfile file = PACKFILE_INIT;
	struct buf index = BUF_INIT;
	struct sealing_part part;
	uint8_t name[HASH_LEN];
	int r;

	hex_decode(name, f->row.m.name, HASH_LEN);
	s->received += (int64_t)f->bytes.len;
	f->row.m.size = (int64_t)f->get.size;
	if ((r = sealing_part(s->sealing, PACK_KIND, f->bytes.p, f->bytes.len,
	    f->get.size, name, &part, e)) == 0 &&
	    (r = open_index(s, f, &part, &index, e)) == 0 &&
	    (r = packfile_read(&file, index.p, index.len, e)) == 0 &&
	    (r = same(&f->row, &file, &part, e)) == 0) {
		f->row.head_len = part.sealed ? (size_t)part.head : 0;
		memcpy(f->row.head, f->bytes.p, f->row.head_len);
		if (!part.sealed)	/* its name is its hash */
			memcpy(f->row.sum, f->row.m.name, sizeof f->row.sum);
		r = journal_pack_note(s->journal, &f->row, &file, e);
	}
	sealing_part_release(&part);
	packfile_release(&file);
	buf_release(&index);
	return r;
}

/* 1, 0, -1 as pack_note. */
static int
finish(struct sync *s, struct fetch *f, struct err *e)
{
	int r = remote_wait(s->remote, &f->get.op, e);

	if (r < 0)
		return e->code == ERR_ABSENT || e->code == ERR_INPUT ? 0 : -1;
	if (take_in(s, f, e) == 0)
		return 1;
	if (e->code == ERR_INPUT || e->code == ERR_CORRUPT)
		return 0;
	return err_add(e, "pack %s", f->row.m.name);
}

int
pack_note(struct sync *s, const struct journal_pack *row, struct err *e)
{
	struct fetch f = { .row = *row, .key = BUF_INIT, .bytes = BUF_INIT };
	int r;

	start(s, &f);
	r = finish(s, &f, e);
	buf_release(&f.key);
	buf_release(&f.bytes);
	return r;
}

/* --- all of them ------------------------------------------------------- */

void
pack_bad_add(struct pack_bad *b, const char *name, const struct err *why)
{
	if (b->n++ > 0)
		return;
	snprintf(b->name, sizeof b->name, "%s", name);
	b->why = why->code == ERR_ABSENT ? "is not there" :
	    "is not what it must be";
}

/* Some at once, behind this id. */
static int
some(struct sync *s, struct fetch *f, int most, int64_t *after,
    struct pack_bad *bad, struct err *e)
{
	struct err why;
	int i, n, r = 1, got;

	for (n = 0; n < most && (r = journal_pack_unread(s->journal, *after,
	    &f[n].row, e)) == 1; n++) {
		*after = f[n].row.id;
		start(s, &f[n]);
	}
	for (i = 0; i < n; i++) {
		got = finish(s, &f[i], &why);
		if (got == 0)
			pack_bad_add(bad, f[i].row.m.name, &why);
		if (got < 0 && r >= 0) {
			*e = why;
			r = -1;
		}
	}
	return r < 0 ? -1 : n;
}

int
pack_note_all(struct sync *s, struct pack_bad *bad, struct err *e)
{
	int most = remote_can(s->remote)->at_once, i, r;
	struct journal_pack row;
	int64_t after = 0, done = 0;
	struct fetch *f;

	if ((r = journal_pack_unread(s->journal, 0, &row, e)) != 1)
		return r;
	most = most > AT_ONCE ? AT_ONCE : most;
	f = xcalloc((size_t)most, sizeof *f);
	for (i = 0; i < most; i++) {
		buf_init(&f[i].key);
		buf_init(&f[i].bytes);
	}
	do {
		r = sync_stopped(s, e) ? -1 : some(s, f, most, &after, bad, e);
		sync_tell(s, "packs looked into", done += r > 0 ? r : 0, 0);
	} while (r > 0);
	for (i = 0; i < most; i++) {
		buf_release(&f[i].key);
		buf_release(&f[i].bytes);
	}
	free(f);
	return r;
}
