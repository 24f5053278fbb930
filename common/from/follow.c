/*
 * Going on where the last run stopped.  A cursor says how many bytes of a
 * file were read and what they hash to; a file that shrank, or whose first
 * bytes are others now, is another file and is read from its start (the
 * store knows what it has).  The hash covers all of the prefix: a sample
 * would miss a file rewritten in its middle, and reading what changed
 * anyway is cheap beside parsing it.
 */
#include "from/format.h"

#include "base/alloc.h"
#include "base/json.h"
#include "store/cursor.h"
#include "store/store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP ((size_t)64 << 10)

/* Hash on to a byte.  1 done, 0 the file ends before it, -1 failed. */
static int
hash_to(int fd, struct from_place *p, int64_t to)
{
	unsigned char *step;
	ssize_t n = 1;
	size_t want;

	if (p->hashed >= to)
		return p->hashed == to;
	step = xmalloc(STEP);
	while (p->hashed < to) {
		want = to - p->hashed < (int64_t)STEP ?
		    (size_t)(to - p->hashed) : STEP;
		n = pread(fd, step, want, (off_t)p->hashed);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		hash_add(&p->prefix, step, (size_t)n);
		p->hashed += n;
	}
	free(step);
	return p->hashed == to ? 1 : n < 0 ? -1 : 0;
}

static void
place_init(struct from_place *p)
{
	memset(p, 0, sizeof *p);
	hash_init(&p->prefix);
	p->told = -1;
}

static void
hash_now(const struct from_place *p, char out[HASH_HEX + 1])
{
	struct hash copy = p->prefix;
	uint8_t sum[HASH_LEN];

	hash_end(&copy, sum);
	hex_encode(out, sum, sizeof sum);
}

static int64_t
mtime_ms(const struct stat *s)
{
	return (int64_t)s->st_mtim.tv_sec * 1000 +
	    s->st_mtim.tv_nsec / 1000000;
}

static bool
untouched(const struct cursor *c, const json_t *state, const struct stat *s)
{
	int64_t m;

	return c->size == (int64_t)s->st_size &&
	    c->inode == (int64_t)s->st_ino &&
	    get_int(state, "m", &m) == 1 && m == mtime_ms(s);
}

/* Is what the cursor covers still there?  1, 0 no, -1 failed. */
static int
prefix_holds(struct from *f, int fd, const struct cursor *c,
    const struct stat *s, struct from_place *p, struct err *e)
{
	char hex[HASH_HEX + 1];
	int r;

	if ((int64_t)s->st_size < c->offset) {
		from_note(f, "file shrank, read again");
		return 0;
	}
	if ((r = hash_to(fd, p, c->offset)) < 0)
		return err_sys(e, "cannot read '%s'", f->src.path);
	hash_now(p, hex);
	if (r == 1 && strcmp(hex, c->prefix_hash) == 0)
		return 1;
	if (c->offset > 0)
		from_note(f, "file was replaced, read again");
	return 0;
}

int
from_follow(struct from *f, int fd, const struct stat *s,
    enum from_shape shape, struct from_place *p, json_t **state,
    struct err *e)
{
	struct cursor c = { 0 };
	struct err ignored;	/* a state that is no JSON is none */
	json_t *old = NULL;
	int r;

	place_init(p);
	*state = NULL;
	if (f->o.store == NULL)
		return 1;
	if ((r = cursor_get(f->o.store, f->src.path, &c, e)) < 0)
		return -1;
	if (r == 0)
		return 1;
	if (c.state != NULL)
		old = json_read(c.state, strlen(c.state), &ignored);
	if (!str_eq(get_str(old, "f", NULL), f->format->name))
		r = 1;			/* read as another format */
	else if (untouched(&c, old, s) && (shape == FROM_VALUES ||
	    c.offset == c.size))
		r = 0;
	else if ((r = prefix_holds(f, fd, &c, s, p, e)) < 0)
		goto out;
	else if (r == 1 && shape == FROM_VALUES)
		r = c.offset != (int64_t)s->st_size;
	else if (r == 1) {
		p->offset = p->told = c.offset;
		*state = old;
		old = NULL;
	} else
		r = 1;
	if (p->offset == 0)
		place_init(p);
out:
	json_decref(old);
	cursor_release(&c);
	return r;
}

int
from_cursor(struct from *f, int fd, const struct stat *s,
    struct from_place *p, json_t *state, struct err *e)
{
	struct buf text = BUF_INIT;
	char hex[HASH_HEX + 1];
	json_t *o;
	int r;

	if (p->offset == p->told)
		return 0;
	/* It shrank meanwhile: the next run sees that by itself. */
	if (hash_to(fd, p, p->offset) != 1)
		return 0;
	hash_now(p, hex);
	json_object_set_new(state, "f", json_string(f->format->name));
	json_object_set_new(state, "m", json_integer(mtime_ms(s)));
	json_write(&text, state);
	o = json_pack("{s:s, s:s, s:I, s:s, s:I, s:I, s:s}", "type", "cursor",
	    "source", f->src.path, "offset", (json_int_t)p->offset,
	    "prefix_hash", hex, "inode", (json_int_t)s->st_ino,
	    "size", (json_int_t)s->st_size, "state", text.p);
	r = f->sink.emit(f->sink.arg, o, e);
	json_decref(o);
	buf_release(&text);
	p->told = p->offset;
	return r;
}

static int
load_one(void *arg, const char *source, const struct cursor *c)
{
	struct from *f = arg;
	struct from_known *k;
	struct err ignored;
	json_t *state = NULL;

	if (c->state != NULL)
		state = json_read(c->state, strlen(c->state), &ignored);
	if (str_eq(get_str(state, "f", NULL), f->format->name)) {
		f->known = xreallocarray(f->known, f->nknown + 1,
		    sizeof *f->known);
		k = &f->known[f->nknown++];
		k->source = xstrdup(source);
		k->offset = c->offset;
		k->root = 0;
		from_restore_hashes(state, "root", &k->root, 1);
	}
	json_decref(state);
	return 0;
}

int
from_known_load(struct from *f, struct err *e)
{
	return cursor_each(f->o.store, load_one, f, e);
}

void
from_known_gone(struct from *f, const char *below)
{
	size_t i, n = strlen(below);
	struct stat s;

	for (i = 0; i < f->nknown; i++) {
		if (strncmp(f->known[i].source, below, n) != 0 ||
		    (f->known[i].source[n] != '/' &&
		    f->known[i].source[n] != '\0' && strcmp(below, "/") != 0))
			continue;
		if (lstat(f->known[i].source, &s) == 0 ||
		    (errno != ENOENT && errno != ENOTDIR))
			continue;
		from_note(f, "source gone, kept");
		from_say(f, true, "%s: source gone, kept",
		    f->known[i].source);
	}
}

void
from_known_free(struct from *f)
{
	size_t i;

	for (i = 0; i < f->nknown; i++)
		free(f->known[i].source);
	free(f->known);
	f->known = NULL;
	f->nknown = 0;
}
