#include "sync/pack_get.h"

#include "base/alloc.h"
#include "base/str.h"
#include "sync/journal_pack.h"
#include "sync/packfile.h"
#include "sync/sync.h"

#include <stdlib.h>
#include <string.h>

#define AHEAD 3			/* ranges on their way */
#define SPAN PACK_TARGET	/* bytes of one */
#define GAP ((uint64_t)128 << 10)	/* rather read than asked around */

/* Bytes of a pack with some of those that are wanted, or a part of one. */
struct span {
	struct remote_get get;
	struct remote_room room;
	struct buf key, raw;
	struct journal_pack row;
	struct sealing_part part;
	uint64_t from, len;		/* plain, behind the index */
	size_t first, n;		/* in the order */
	bool busy;
};

struct run {
	struct sync *s;
	const struct pack_get *how;
	struct pack_want **order;	/* own; by pack and place */
	size_t n, at;
	uint64_t done;			/* of a large one, asked for */
	struct span span[AHEAD];
	struct buf plain;		/* of one that was sealed */
	const char *bytes;		/* of the one that is looked at */
	struct hash h;			/* of a large one, so far */
	int64_t doubted;		/* pack, the last */
};

int
pack_want(struct sync *s, struct pack_want *w, const uint8_t sha256[HASH_LEN],
    uint64_t size, struct err *e)
{
	struct journal_member m;

	*w = (struct pack_want){ .size = size };
	memcpy(w->sha256, sha256, HASH_LEN);
	return journal_pack_find(s->journal, sha256, 0, &m, e);
}

/* --- where they are ---------------------------------------------------- */

static int
compare(const void *a, const void *b)
{
	const struct pack_want *x = *(struct pack_want *const *)a;
	const struct pack_want *y = *(struct pack_want *const *)b;

	if (x->pack != y->pack)
		return x->pack < y->pack ? -1 : 1;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

/* The next pack that has it: 1, 0 none. */
static int
locate(struct sync *s, struct pack_want *w, struct err *e)
{
	struct journal_member m = { .pack = w->pack };
	int r;

	while ((r = journal_pack_find(s->journal, w->sha256, m.pack, &m,
	    e)) == 1 && m.size != w->size)
		;
	if (r == 1) {
		w->pack = m.pack;
		w->offset = m.offset;
	}
	return r;
}

static bool
is_nothing(const struct pack_want *w)
{
	uint8_t sum[HASH_LEN];

	hash_mem("", 0, sum);
	return w->size == 0 && memcmp(sum, w->sha256, HASH_LEN) == 0;
}

/* Those that are not got and may be in a pack yet. */
static int
sort_out(struct run *run, struct err *e)
{
	const struct pack_get *how = run->how;
	struct pack_want *w;
	int r;

	run->n = run->at = 0;
	for (w = how->want; w < how->want + how->n; w++) {
		if (w->got)
			continue;
		if (w->again)
			w->pack--;
		w->again = false;
		if ((r = locate(run->s, w, e)) < 0)
			return -1;
		if (r == 1 && w->size == 0)
			w->got = is_nothing(w);
		else if (r == 1)
			run->order[run->n++] = w;
	}
	if (run->n > 0)
		qsort(run->order, run->n, sizeof *run->order, compare);
	return 0;
}

/* --- a range ----------------------------------------------------------- */

/* Which bytes come next: of a large one a part, else all that lie together. */
static void
plan(struct run *run, struct span *sp)
{
	const struct pack_want *w = run->order[run->at], *x;
	uint64_t end = w->offset + w->size;

	sp->first = run->at;
	sp->n = 1;
	sp->from = w->offset;
	if (w->size > SPAN) {
		sp->from += run->done;
		sp->len = w->size - run->done < SPAN ? w->size - run->done :
		    SPAN;
		run->done += sp->len;
		if (run->done == w->size) {
			run->done = 0;
			run->at++;
		}
		return;
	}
	while (++run->at < run->n) {
		x = run->order[run->at];
		if (x->pack != w->pack || x->offset > end + GAP ||
		    x->offset + x->size - sp->from > SPAN)
			break;
		if (x->offset + x->size > end)
			end = x->offset + x->size;
		sp->n++;
	}
	sp->len = end - sp->from;
}

static int
open_part(struct run *run, struct span *sp, struct err *e)
{
	uint8_t name[HASH_LEN];

	sealing_part_release(&sp->part);
	sp->part = (struct sealing_part){ .ad = BUF_INIT,
	    .size = (uint64_t)sp->row.m.size };
	if (sp->row.head_len == 0)
		return 0;
	hex_decode(name, sp->row.m.name, HASH_LEN);
	return sealing_part(run->s->sealing, PACK_KIND, sp->row.head,
	    sp->row.head_len, (uint64_t)sp->row.m.size, name, &sp->part, e);
}

static int
start(struct run *run, struct span *sp, struct err *e)
{
	uint64_t at, len;

	plan(run, sp);
	if (journal_pack_get(run->s->journal, run->order[sp->first]->pack,
	    &sp->row, e) < 0 || open_part(run, sp, e) < 0 ||
	    sealing_span(&sp->part, (uint64_t)sp->row.m.index + sp->from,
	    sp->len, &at, &len, e) < 0)
		return err_add(e, "pack %s", sp->row.m.name);
	sync_key(run->s, &sp->key, PACK_KIND, sp->row.m.name);
	buf_reset(&sp->raw);
	sp->room = (struct remote_room){ &sp->raw, (size_t)len };
	sp->get = (struct remote_get){ .key = sp->key.p, .from = at,
	    .len = len, .take = remote_into_buf, .arg = &sp->room };
	buf_reserve(&sp->raw, (size_t)len);
	sp->busy = true;
	remote_get(run->s->remote, &sp->get);
	return 0;
}

/* --- what came --------------------------------------------------------- */

/* What it was is not what it is now: sealed with another key, perhaps. */
static bool
is_other(const struct journal_pack *a, const struct journal_pack *b)
{
	return a->m.size != b->m.size || a->head_len != b->head_len ||
	    memcmp(a->head, b->head, a->head_len) != 0;
}

/* A pack is not as it must be: what is in it is read anew, once. */
static int
is_bad(struct run *run, const struct span *sp, const struct err *why,
    struct err *e)
{
	struct journal_pack now;
	struct err ignored;	/* why is what counts */
	size_t i;
	int r;

	if (run->doubted == sp->row.id)
		return 0;
	run->doubted = sp->row.id;
	if (journal_pack_doubt(run->s->journal, sp->row.id, e) < 0)
		return -1;
	if ((r = pack_note(run->s, &sp->row, &ignored)) < 0) {
		*e = ignored;
		return -1;
	}
	if (journal_pack_get(run->s->journal, sp->row.id, &now, e) < 0)
		return -1;
	if (r == 1 && is_other(&now, &sp->row)) {
		for (i = 0; i < run->n; i++)
			run->order[i]->again = run->order[i]->pack == now.id;
		return 0;
	}
	if (run->how->bad != NULL)
		pack_bad_add(run->how->bad, sp->row.m.name, why);
	return 0;
}

static int
hand_out(struct run *run, const struct pack_want *w, const void *p, size_t n,
    uint64_t at, struct err *e)
{
	const struct pack_get *how = run->how;

	return how->take == NULL ? 0 : how->take(how->arg,
	    (size_t)(w - how->want), p, n, at, e);
}

static int
judge(struct run *run, const struct span *sp, struct pack_want *w,
    const uint8_t sum[HASH_LEN], struct err *e)
{
	struct err why = { .code = ERR_INPUT };

	if (memcmp(sum, w->sha256, HASH_LEN) != 0)
		return is_bad(run, sp, &why, e);
	w->got = true;
	return 0;
}

/* A part of a large one; they come in their order. */
static int
take_part(struct run *run, const struct span *sp, struct pack_want *w,
    struct err *e)
{
	uint64_t at = sp->from - w->offset;
	uint8_t sum[HASH_LEN];

	if (at == 0)
		hash_init(&run->h);
	hash_add(&run->h, run->bytes, (size_t)sp->len);
	if (hand_out(run, w, run->bytes, (size_t)sp->len, at, e) < 0)
		return -1;
	if (at + sp->len < w->size)
		return 0;
	hash_end(&run->h, sum);
	return judge(run, sp, w, sum, e);
}

static int
take_all(struct run *run, const struct span *sp, struct err *e)
{
	struct pack_want *w;
	uint8_t sum[HASH_LEN];
	const char *p;
	size_t i;

	for (i = sp->first; i < sp->first + sp->n; i++) {
		w = run->order[i];
		if (w->size > SPAN) {
			if (take_part(run, sp, w, e) < 0)
				return -1;
			continue;
		}
		p = run->bytes + (w->offset - sp->from);
		hash_mem(p, (size_t)w->size, sum);
		if (hand_out(run, w, p, (size_t)w->size, 0, e) < 0 ||
		    judge(run, sp, w, sum, e) < 0)
			return -1;
	}
	return 0;
}

static int
open_bytes(struct run *run, const struct span *sp, struct err *e)
{
	if (!sp->part.sealed) {
		run->bytes = sp->raw.p;
		return sp->raw.len == sp->len ? 0 : err_set(e, ERR_INPUT,
		    "it is cut off");
	}
	buf_reset(&run->plain);
	if (sealing_open_part(&sp->part, (uint64_t)sp->row.m.index + sp->from,
	    sp->len, sp->raw.p, sp->raw.len, &run->plain, e) < 0)
		return -1;
	run->bytes = run->plain.p;
	return 0;
}

/* One of several that were sealed, out of what came. */
static int
open_one(struct run *run, const struct span *sp, const struct pack_want *w,
    struct err *e)
{
	uint64_t from = (uint64_t)sp->row.m.index + w->offset, at, len;

	if (sealing_span(&sp->part, from, w->size, &at, &len, e) < 0)
		return -1;
	at -= sp->get.from;
	if (at > sp->raw.len || len > sp->raw.len - at)
		return err_set(e, ERR_INPUT, "it is cut off");
	buf_reset(&run->plain);
	return sealing_open_part(&sp->part, from, w->size, sp->raw.p + at,
	    (size_t)len, &run->plain, e);
}

/* What is damaged of a range is not all that is in it. */
static int
take_singly(struct run *run, const struct span *sp, struct err *e)
{
	struct pack_want *w;
	uint8_t sum[HASH_LEN];
	struct err why;
	size_t i;

	for (i = sp->first; i < sp->first + sp->n; i++) {
		w = run->order[i];
		if (open_one(run, sp, w, &why) < 0) {
			if (is_bad(run, sp, &why, e) < 0)
				return -1;
			continue;
		}
		hash_mem(run->plain.p, run->plain.len, sum);
		if (hand_out(run, w, run->plain.p, run->plain.len, 0, e) < 0 ||
		    judge(run, sp, w, sum, e) < 0)
			return -1;
	}
	return 0;
}

/* A range that did not come as it must be leaves those in it for another
 * pack.  A part of a large one that is missing makes its hash another. */
static int
finish(struct run *run, struct span *sp, struct err *e)
{
	struct err why;

	sp->busy = false;
	if (remote_wait(run->s->remote, &sp->get.op, e) < 0) {
		if (e->code != ERR_ABSENT && e->code != ERR_INPUT)
			return err_add(e, "pack %s", sp->row.m.name);
		why = *e;
		return is_bad(run, sp, &why, e);
	}
	run->s->received += (int64_t)sp->raw.len;
	if (open_bytes(run, sp, &why) == 0)
		return take_all(run, sp, e);
	return sp->part.sealed && sp->n > 1 ? take_singly(run, sp, e) :
	    is_bad(run, sp, &why, e);
}

static int
get_all(struct run *run, struct err *e)
{
	size_t asked = 0, taken = 0;

	while (run->at < run->n || taken < asked) {
		if (sync_stopped(run->s, e))
			return -1;
		if (run->at < run->n && asked - taken < AHEAD) {
			if (start(run, &run->span[asked % AHEAD], e) < 0)
				return -1;
			asked++;
		} else if (finish(run, &run->span[taken++ % AHEAD], e) < 0)
			return -1;
	}
	return 0;
}

int
pack_get(struct sync *s, const struct pack_get *how, struct err *e)
{
	struct run run = { .s = s, .how = how, .plain = BUF_INIT };
	struct err ignored;
	int i, r;

	hash_init(&run.h);
	run.order = xcalloc(how->n + 1, sizeof(struct pack_want *));
	for (i = 0; i < AHEAD; i++) {
		buf_init(&run.span[i].key);
		buf_init(&run.span[i].raw);
		buf_init(&run.span[i].part.ad);
	}
	while ((r = sort_out(&run, e)) == 0 && run.n > 0 &&
	    (r = get_all(&run, e)) == 0)
		;
	for (i = 0; i < AHEAD; i++) {
		if (run.span[i].busy)
			remote_wait(s->remote, &run.span[i].get.op, &ignored);
		buf_release(&run.span[i].key);
		buf_release(&run.span[i].raw);
		sealing_part_release(&run.span[i].part);
	}
	buf_release(&run.plain);
	free(run.order);
	return r;
}

/* --- by what is said of them ------------------------------------------- */

/* Is this pack as it was put?  1, 0, -1. */
static int
ask(struct run *run, int64_t id, struct span *sp, struct err *e)
{
	struct remote_head h = { .op = { .r = 0 } };
	int r;

	if (journal_pack_get(run->s->journal, id, &sp->row, e) < 0)
		return -1;
	sync_key(run->s, &sp->key, PACK_KIND, sp->row.m.name);
	h.key = sp->key.p;
	remote_head(run->s->remote, &h);
	if (remote_wait(run->s->remote, &h.op, e) < 0)
		r = e->code == ERR_ABSENT || e->code == ERR_INPUT ? 0 : -1;
	else {
		r = h.size == (uint64_t)sp->row.m.size && (h.sha256[0] ==
		    '\0' || sp->row.sum[0] == '\0' ||
		    str_eq(h.sha256, sp->row.sum));
		e->code = ERR_INPUT;
	}
	strv_release(&h.meta);
	return r;
}

static int
prove_all(struct run *run, struct span *sp, struct err *e)
{
	struct err why;
	size_t i;
	int r = 0;

	for (i = 0; i < run->n; i++) {
		if (sync_stopped(run->s, e))
			return -1;
		if (i == 0 || run->order[i]->pack != run->order[i - 1]->pack) {
			if ((r = ask(run, run->order[i]->pack, sp, &why)) <
			    0) {
				*e = why;
				return err_add(e, "cannot look at pack %s",
				    sp->row.m.name);
			}
			if (r == 0 && is_bad(run, sp, &why, e) < 0)
				return -1;
		}
		run->order[i]->got = r == 1;
	}
	return 0;
}

/* Where they are read, so is what says where they are: who does not know it
 * yet has to find them, too. */
static int
prove_indexes(struct run *run, struct err *e)
{
	struct journal_pack row;
	struct err why;
	size_t i;
	int r;

	if (sort_out(run, e) < 0)
		return -1;
	for (i = 0; i < run->n; i++) {
		if (i > 0 && run->order[i]->pack == run->order[i - 1]->pack)
			continue;
		if (sync_stopped(run->s, e) || journal_pack_get(run->s->journal,
		    run->order[i]->pack, &row, e) < 0)
			return -1;
		if ((r = pack_note(run->s, &row, &why)) < 0) {
			*e = why;
			return -1;
		}
		if (r == 1)
			continue;
		if (run->how->bad != NULL)
			pack_bad_add(run->how->bad, row.m.name, &why);
		if (journal_pack_doubt(run->s->journal, row.id, e) < 0)
			return -1;
	}
	for (i = 0; i < run->n; i++)
		run->order[i]->pack = 0;
	return 0;
}

static int
prove_by_reading(struct sync *s, const struct pack_get *how, struct err *e)
{
	struct run run = { .s = s, .how = how };
	int r;

	run.order = xcalloc(how->n + 1, sizeof(struct pack_want *));
	r = prove_indexes(&run, e);
	free(run.order);
	return r < 0 ? -1 : pack_get(s, how, e);
}

int
pack_prove(struct sync *s, const struct pack_get *how, bool get,
    struct err *e)
{
	struct run run = { .s = s, .how = how };
	struct span sp = { .key = BUF_INIT };
	int r;

	if (get || !remote_can(s->remote)->sums)
		return prove_by_reading(s, how, e);
	run.order = xcalloc(how->n + 1, sizeof(struct pack_want *));
	while ((r = sort_out(&run, e)) == 0 && run.n > 0 &&
	    (r = prove_all(&run, &sp, e)) == 0)
		;
	buf_release(&sp.key);
	free(run.order);
	return r;
}
