/*
 * Records wait as JSON, one behind the other, each with its length before
 * it: in memory while they are few, then in a file without a name.  Where
 * one comes again, the place of the one before is noted down as gone.
 */
#include "from/bug_import.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/json.h"
#include "from/bug_work.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HELD_MAX ((size_t)1 << 20)	/* bytes in memory, before a file */
#define STEP ((size_t)256 << 10)	/* bytes read of it at once */

struct bug *
from_bug(struct from *f)
{
	bug_reset(&f->bugs->bug);
	return &f->bugs->bug;
}

const struct bug_words *
from_bug_words(const struct from *f)
{
	return f->o.words;
}

void
from_bugs_ready(struct from *f)
{
	struct bug_import *b;

	if (f->bugs != NULL)
		return;
	f->bugs = b = xcalloc(1, sizeof *b);
	bug_init(&b->bug);
	buf_init(&b->held);
}

void
from_bugs_free(struct from *f)
{
	struct bug_import *b = f->bugs;

	if (b == NULL)
		return;
	bug_release(&b->bug);
	buf_release(&b->held);
	if (b->spool != NULL)
		fclose(b->spool);
	free(b->slot);
	free(b->gone);
	free(b);
	f->bugs = NULL;
}

/* --- which ids there are ----------------------------------------------- */

static struct bug_slot *
probe(struct bug_slot *slot, size_t nslot, uint64_t hash)
{
	size_t i = (size_t)hash & (nslot - 1);

	while (slot[i].hash != 0 && slot[i].hash != hash)
		i = (i + 1) & (nslot - 1);
	return &slot[i];
}

/* Room for one more, at most three quarters full. */
static void
grow(struct bug_import *b)
{
	struct bug_slot *old = b->slot;
	size_t nold = b->nslot, i;

	if (b->nids < nold - nold / 4)
		return;
	b->nslot = nold > 0 ? nold * 2 : 1024;
	b->slot = xcalloc(b->nslot, sizeof *b->slot);
	for (i = 0; i < nold; i++)
		if (old[i].hash != 0)
			*probe(b->slot, b->nslot, old[i].hash) = old[i];
	free(old);
}

static bool
is_gone(const struct bug_import *b, uint64_t n)
{
	return n / 8 < b->ngone && (b->gone[n / 8] >> n % 8 & 1) != 0;
}

static void
set_gone(struct bug_import *b, uint64_t n)
{
	size_t need = (size_t)(n / 8) + 1;

	if (need > b->ngone) {
		need += need / 2;
		b->gone = xrealloc(b->gone, need);
		memset(b->gone + b->ngone, 0, need - b->ngone);
		b->ngone = need;
	}
	b->gone[n / 8] |= (unsigned char)(1u << n % 8);
}

/* The record that comes next has this id; one before it gives way. */
static void
note_id(struct from *f, const char *id)
{
	struct bug_import *b = f->bugs;
	uint64_t hash = from_hash("bug", id, (char *)NULL);
	struct bug_slot *s;

	grow(b);
	s = probe(b->slot, b->nslot, hash);
	if (s->hash != 0) {
		set_gone(b, s->n);
		f->counts.valid--;
		from_skip(f, "duplicate");
		f->counts.total--;	/* it was counted when it came */
	} else
		b->nids++;
	s->hash = hash;
	s->n = b->n;
}

/* --- where they wait --------------------------------------------------- */

static int
spool(struct bug_import *b, struct err *e)
{
	if (b->spool == NULL && (b->spool = tmpfile()) == NULL)
		return err_sys(e, "cannot make a temporary file");
	if (file_write(fileno(b->spool), b->held.p, b->held.len,
	    "a temporary file", e) < 0)
		return -1;
	buf_reset(&b->held);
	return 0;
}

/* What was written behind its length, which begins there. */
static int
keep(struct from *f, size_t start, struct err *e)
{
	struct bug_import *b = f->bugs;
	uint32_t len = (uint32_t)(b->held.len - start - sizeof len);

	memcpy(b->held.p + start, &len, sizeof len);
	b->n++;
	f->counts.total++;
	f->counts.valid++;
	return b->held.len > HELD_MAX ? spool(b, e) : 0;
}

int
from_bug_add(struct from *f, struct err *e)
{
	struct buf *held = &f->bugs->held;
	size_t start = held->len;
	enum bug_reason why;
	uint32_t len = 0;
	unsigned notes;
	int i;

	buf_add(held, &len, sizeof len);
	if (!bug_record(&f->bugs->bug, f->o.words, held, &why, &notes)) {
		buf_cut(held, start);
		from_skip(f, bug_reasons[why]);
		return 0;
	}
	for (i = 0; i < BUG_NOTES; i++)
		if (notes >> i & 1)
			from_note(f, bug_notes[i]);
	f->bugs->truncated += notes >> BUG_CUT & 1;
	note_id(f, f->bugs->bug.text[BUG_ID].p);
	return keep(f, start, e);
}

/* --- out they go ------------------------------------------------------- */

/* All whole records of b, which keeps the rest; n counts them. */
static int
tell_whole(struct from *f, struct buf *b, uint64_t *n, struct err *e)
{
	size_t at = 0;
	uint32_t len;

	while (b->len - at >= sizeof len) {
		memcpy(&len, b->p + at, sizeof len);
		if (b->len - at - sizeof len < len)
			break;
		at += sizeof len;
		if (!is_gone(f->bugs, (*n)++) &&
		    from_emit_text(f, b->p + at, len, e) < 0)
			return -1;
		at += len;
	}
	memmove(b->p, b->p + at, b->len - at);
	buf_cut(b, b->len - at);
	return 0;
}

static int
tell_spooled(struct from *f, uint64_t *n, struct err *e)
{
	int fd = fileno(f->bugs->spool), r = 0;
	struct buf b = BUF_INIT;
	ssize_t got = 1;

	if (lseek(fd, 0, SEEK_SET) < 0)
		return err_sys(e, "cannot read a temporary file");
	while (r == 0 && got > 0) {
		got = read(fd, buf_reserve(&b, STEP), STEP);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got < 0)
			r = err_sys(e, "cannot read a temporary file");
		else {
			b.len += (size_t)got;
			b.p[b.len] = '\0';
			r = tell_whole(f, &b, n, e);
		}
	}
	if (r == 0 && b.len > 0)
		r = err_set(e, ERR_CORRUPT, "a temporary file ends too early");
	buf_release(&b);
	return r;
}

int
from_bugs_tell(struct from *f, struct err *e)
{
	uint64_t n = 0;

	if (f->bugs == NULL)
		return 0;
	if (f->bugs->spool != NULL && (spool(f->bugs, e) < 0 ||
	    tell_spooled(f, &n, e) < 0))
		return -1;
	return tell_whole(f, &f->bugs->held, &n, e);
}

void
from_bugs_counts(const struct from *f, json_t *end)
{
	json_object_set_new(end, "total_input",
	    json_integer(f->counts.total));
	json_object_set_new(end, "truncated",
	    json_integer(f->bugs != NULL ? f->bugs->truncated : 0));
}
