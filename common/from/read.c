/*
 * One source, value by value.  Lines are read as they come; files of whole
 * values go through the splitter.  Where the format needs to know the end
 * before the beginning (which branch was given up), a regular file is read
 * twice.
 */
#include "from/bug_import.h"
#include "from/format.h"

#include "base/alloc.h"
#include "base/json.h"
#include "base/jsonl.h"
#include "base/utf8.h"
#include "from/json_split.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CURSOR_EVERY ((int64_t)4 << 20)	/* bytes between two cursors */

/* What must be as it was, to read a line again in the same way. */
struct moment {
	int64_t line_no, src_ms;
	int parts;
	bool src_invented;
};

struct reading {
	int fd;
	const struct stat *st;
	struct from_place place;
	struct moment now, held;	/* before the value at hand; at hold */
	uint64_t root;			/* of this source; 0 none yet */
};

static bool
all_blank(const char *p, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++)
		if (p[i] != '\0' && strchr(" \t\r\n", p[i]) == NULL)
			return false;
	return true;
}

json_t *
from_parse(struct from *f, const char *p, size_t len)
{
	struct err e;
	json_t *v;

	if ((v = json_read(p, len, &e)) != NULL || utf8_is_utf16(p, len))
		return v;
	buf_reset(&f->mend);
	if (from_mend(&f->mend, p, len) > 0 &&
	    (v = json_read(f->mend.p, f->mend.len, &e)) != NULL)
		from_note(f, "damaged text mended");
	return v;
}

const char *
from_strange(const char *p, size_t len)
{
	/* zip, gzip, zstd, xz, bzip2 */
	static const char *const packed[] = { "PK\003\004", "\037\213",
	    "\x28\xb5\x2f\xfd", "\xfd" "7zXZ", "BZh", NULL };
	size_t i, n;

	if (utf8_is_utf16(p, len))
		return "UTF-16; convert it with iconv -t UTF-8";
	for (i = 0; packed[i] != NULL; i++) {
		n = strlen(packed[i]);
		if (len >= n && memcmp(p, packed[i], n) == 0)
			return "compressed; unpack it first, with unzip -p, "
			    "zcat or zstdcat";
	}
	return NULL;
}

/* The state of a cursor: ours, and the format's in "x". */
static json_t *
save(struct from *f, const struct reading *r, const struct moment *m)
{
	json_t *state = json_object(), *x = json_object();
	json_object_set_new(state, "l", json_integer(m->line_no));
	json_object_set_new(state, "t", json_integer(m->src_ms));
	json_object_set_new(state, "p", json_integer(m->parts));
	if (m->src_invented)
		json_object_set_new(state, "i", json_true());
	if (f->announced != NULL)
		json_object_set_new(state, "s", json_string(f->announced));
	from_save_hashes(state, "root", &r->root, 1);
	if (f->format->save != NULL)
		f->format->save(f, x);
	if (json_object_size(x) > 0)
		json_object_set(state, "x", x);
	json_decref(x);
	return state;
}

static void
restore(struct from *f, struct reading *r, const json_t *state)
{
	const char *s;
	int64_t n;

	if (get_int(state, "l", &n) == 1)
		f->src.line_no = n;
	if (get_int(state, "t", &n) == 1)
		f->src_ms = n;
	if (get_int(state, "p", &n) == 1 && n >= 0 && n < INT32_MAX)
		f->parts = (int)n;
	f->src_invented = json_is_true(json_object_get(state, "i"));
	if ((s = get_str(state, "s", NULL)) != NULL)
		f->announced = xstrdup(s);
	from_restore_hashes(state, "root", &r->root, 1);
	if (f->format->restore != NULL && json_object_get(state, "x"))
		f->format->restore(f, json_object_get(state, "x"));
}

static void
take_moment(const struct from *f, struct moment *m)
{
	m->line_no = f->src.line_no;
	m->src_ms = f->src_ms;
	m->parts = f->parts;
	m->src_invented = f->src_invented;
}

/* A cursor behind the last whole value, or before what is held back. */
static int
tell_place(struct from *f, struct reading *r, bool must, struct err *e)
{
	bool holding = f->hold >= 0;
	int64_t at = holding ? f->hold : r->place.offset;
	struct from_place p = r->place;
	json_t *state;
	int n;

	if (!f->following || (!must && at - r->place.told < CURSOR_EVERY))
		return 0;
	if (from_titles_tell(f, e) < 0)
		return -1;
	take_moment(f, &r->now);
	state = save(f, r, holding ? &r->held : &r->now);
	p.offset = at;
	n = from_cursor(f, r->fd, r->st, &p, state, e);
	json_decref(state);
	p.offset = r->place.offset;
	r->place = p;
	return n;
}

/* Hand a value to the format. */
static int
give(struct from *f, struct reading *r, const json_t *v, struct err *e)
{
	bool held = f->hold >= 0;
	int n;

	n = f->format->value(f, v, e);
	if (f->hold >= 0 && !held)
		r->held = r->now;
	if (f->recall != 0) {
		r->root = f->recall;
		f->recall = 0;
	}
	return n;
}

/* A line that no newline ends is whole if it is an object, else torn. */
static int
line(struct from *f, struct reading *r, const char *p, size_t len, bool ended,
    struct err *e)
{
	const char *why;
	json_t *v;
	int n = 0;

	f->src.begin = r->place.offset;
	take_moment(f, &r->now);
	f->src.line_no++;
	if (all_blank(p, len))
		return 0;
	v = from_parse(f, p, len);
	if (json_is_object(v))
		n = give(f, r, v, e);
	else {
		if ((why = from_strange(p, len)) != NULL)
			from_skip(f, why);
		else if (!ended)
			from_drop(f, "unfinished last line");
		else
			from_skip(f, v == NULL ? "line that is not JSON" :
			    "line that is no object");
		n = !ended;	/* it is read again when it has grown */
	}
	json_decref(v);
	return n;
}

static int
read_lines(struct from *f, struct reading *r, struct err *e)
{
	enum jsonl_got got;
	struct jsonl j;
	struct err bad;
	bool ended;
	size_t len;
	char *p;
	int n = 0;

	jsonl_init(&j, r->fd, f->src.path);
	j.max = FROM_VALUE_MAX;
	j.offset = r->place.offset;
	j.line_no = f->src.line_no;
	while (n == 0 && !f->stop &&
	    (f->until == 0 || r->place.offset < f->until) &&
	    (got = jsonl_next(&j, -1, &p, &len, &ended, &bad)) != JSONL_EOF) {
		if (got == JSONL_FAIL) {
			from_skip(f, "file that cannot be read");
			from_say(f, false, "%s", bad.msg);
			break;
		}
		f->src.end = j.offset;
		if (got == JSONL_LONG) {
			f->src.line_no++;
			from_skip(f, "line over 64 MiB");
			if (!ended)
				break;
		} else if ((n = line(f, r, p, len, ended, e)) != 0)
			break;
		r->place.offset = j.offset;
		n = tell_place(f, r, false, e);
	}
	jsonl_release(&j);
	return n < 0 ? -1 : 0;
}

static int
read_values(struct from *f, struct reading *r, struct err *e)
{
	enum split_got got;
	struct json_split s;
	const char *p, *why;
	struct err bad;
	size_t len;
	json_t *v;
	int n = 0;

	json_split_init(&s, r->fd, f->src.path);
	s.max = FROM_VALUE_MAX;
	while (n == 0 && !f->stop &&
	    (got = json_split_next(&s, &p, &len, &bad)) != SPLIT_END) {
		f->src.line_no++;
		if (got == SPLIT_FAIL) {
			from_skip(f, "file that cannot be read");
			from_say(f, false, "%s", bad.msg);
			break;
		}
		v = got == SPLIT_VALUE ? from_parse(f, p, len) : NULL;
		if (v != NULL)
			n = give(f, r, v, e);
		else if (got == SPLIT_LONG)
			from_skip(f, "element over 64 MiB");
		else
			from_skip(f, (why = from_strange(p, len)) != NULL ?
			    why : "element that is not JSON");
		json_decref(v);
	}
	if (n == 0 && s.torn)
		from_note(f, "file that ends too early");
	/* the whole of it is one place */
	r->place.offset = (int64_t)r->st->st_size;
	f->hold = -1;
	json_split_release(&s);
	return n;
}

/* The first pass: complete lines from start on. */
static void
scan(struct from *f, int fd, int64_t start, int64_t until)
{
	struct err ignored;	/* the second pass meets it too */
	struct jsonl j;
	int64_t begin = start;
	enum jsonl_got got;
	bool ended;
	size_t len;
	char *p;

	if (lseek(fd, (off_t)start, SEEK_SET) < 0)
		return;
	jsonl_init(&j, fd, f->src.path);
	j.max = FROM_VALUE_MAX;
	j.offset = start;
	while ((got = jsonl_next(&j, -1, &p, &len, &ended, &ignored)) ==
	    JSONL_LINE || got == JSONL_LONG) {
		if (got == JSONL_LINE && !all_blank(p, len))
			f->format->scan(f, p, len, begin);
		begin = j.offset;
		if (begin >= until)
			break;
	}
	jsonl_release(&j);
}

static void
source_init(struct from *f, const char *path, const struct stat *st)
{
	const char *base, *dot, *dir;

	memset(&f->src, 0, sizeof f->src);
	f->src.path = xstrdup(path);
	base = strrchr(path, '/');
	base = base != NULL ? base + 1 : path;
	dot = strrchr(base, '.');
	f->src.stem = dot != NULL && dot != base ?
	    xstrndup(base, (size_t)(dot - base)) : xstrdup(base);
	for (dir = base; dir > path + 1 && dir[-2] != '/'; dir--)
		;
	f->src.folder = base > path + 1 ?
	    xstrndup(dir - 1, (size_t)(base - dir)) : xstrdup("");
	f->src.regular = S_ISREG(st->st_mode);
	f->src.mtime_ms = f->src.regular ?
	    (int64_t)st->st_mtim.tv_sec * 1000 + st->st_mtim.tv_nsec / 1000000 :
	    f->now_ms;
	f->src_ms = f->start_ms = 0;
	f->src_invented = false;
	f->parts = 0;
	f->hold = -1;
	f->recall = 0;
	memset(f->tools, 0, sizeof f->tools);
	f->priv = f->format->size > 0 ? xcalloc(1, f->format->size) : NULL;
}

static void
source_release(struct from *f)
{
	if (f->format->release != NULL && f->priv != NULL)
		f->format->release(f);
	from_titles_release(f);
	free(f->priv);
	f->priv = NULL;
	free(f->announced);
	f->announced = NULL;
	free(f->src.path);
	free(f->src.stem);
	free(f->src.folder);
	memset(&f->src, 0, sizeof f->src);
}

/* From a byte of the file on; what is new there. */
static int
read_on(struct from *f, struct reading *r, int64_t base,
    enum from_shape shape, const json_t *state, struct err *e)
{
	int n;

	if (f->src.regular && shape == FROM_LINES && f->format->scan != NULL)
		scan(f, r->fd, base, (int64_t)r->st->st_size);
	if (f->src.regular &&
	    lseek(r->fd, (off_t)r->place.offset, SEEK_SET) < 0) {
		from_skip(f, "file that cannot be read");
		return 0;
	}
	if (state != NULL)
		restore(f, r, state);
	if (f->format->begin != NULL && f->format->begin(f, e) < 0)
		return -1;
	n = shape == FROM_LINES ? read_lines(f, r, e) : read_values(f, r, e);
	if (n == 0 && f->format->flush != NULL)
		n = f->format->flush(f, e);
	if (n == 0)
		n = from_titles_tell(f, e);
	return n < 0 ? -1 : tell_place(f, r, true, e);
}

int
from_read_fd(struct from *f, int fd, const char *path, const struct stat *st,
    enum from_shape shape, struct err *e)
{
	struct reading r = { .fd = fd, .st = st };
	json_t *state = NULL;
	struct err bad;
	int64_t base = 0;
	off_t at;
	int n = 1;

	source_init(f, path, st);
	if (f->format->bugs != NULL) {
		n = from_bugs_read(f, fd, st, e);
		source_release(f);
		return n;
	}
	f->following = f->o.follow && f->src.regular && !f->mute &&
	    strcmp(path, "-") != 0;
	f->src.quiet = !f->following ||
	    date_real() - f->src.mtime_ms > FROM_QUIET_MS;
	r.place.told = -1;
	if (f->following)
		n = from_follow(f, fd, st, shape, &r.place, &state, &bad);
	else if (f->src.regular && (at = lseek(fd, 0, SEEK_CUR)) > 0)
		base = r.place.offset = (int64_t)at;
	if (n < 0) {
		from_skip(f, "file that cannot be read");
		from_say(f, false, "%s", bad.msg);
		n = 0;
	} else if (n == 1)
		n = read_on(f, &r, base, shape, state, e);
	json_decref(state);
	source_release(f);
	return n;
}

/* Read one known source again, only to know what it holds. */
static void
recall_one(struct from *f, const struct from_known *k)
{
	struct from *g = xcalloc(1, sizeof *g);
	struct err ignored;	/* then its copies look new */
	struct stat st;
	int fd;

	fd = open(k->source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		g->format = f->format;
		g->o = f->o;
		g->o.limit = 0;
		g->now_ms = f->now_ms;
		g->seen = f->seen;
		g->mute = true;
		g->until = k->offset;
		buf_init(&g->text);
		buf_init(&g->mend);
		from_read_fd(g, fd, k->source, &st, FROM_LINES, &ignored);
		f->seen = g->seen;
		memset(&g->seen, 0, sizeof g->seen);
		from_free(g);
	} else
		free(g);
	if (fd >= 0)
		close(fd);
}

void
from_recall(struct from *f, uint64_t root)
{
	size_t i;

	f->recall = root;
	if (f->mute)
		return;
	for (i = 0; i < f->nknown; i++)
		if (f->known[i].root == root &&
		    strcmp(f->known[i].source, f->src.path) != 0)
			recall_one(f, &f->known[i]);
}
