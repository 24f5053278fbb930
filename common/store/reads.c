/*
 * The file is a head and slots of one size, of which those that are in use are
 * there.  It is not mapped: a disk that is full, or a file that somebody cuts,
 * would be a signal.  Who adds one holds a lock for the two calls that it
 * takes, and does without the count where another one does not let go.
 */
#include "store/reads.h"

#include "base/conf.h"
#include "base/date.h"
#include "base/str.h"
#include "base/utf8.h"
#include "store/audit.h"
#include "store/audit_note.h"
#include "store/store.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NAME "reads.count"
#define MAGIC "memkit reads 1\n"	/* 16 bytes with its NUL */
#define SLOTS 255
#define TRIES 100		/* for the lock, */
#define NAP_NS 50000L		/* so long between two */

struct slot {
	char who[READS_WHO];
	char tool[READS_TOOL];
	uint64_t state;			/* 2: it is in use */
	uint64_t count;
	int64_t first_ms, last_ms;
};
#define TAKEN 2

struct table {
	int fd;
	size_t n;			/* slots there are */
	char magic[sizeof(struct slot)];
	struct slot slot[SLOTS];
};

_Static_assert(sizeof(struct slot) == 136, "a slot has no holes");

static off_t
place(size_t i)
{
	return (off_t)((i + 1) * sizeof(struct slot));
}

static bool
lock(int fd)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct timespec nap = { 0, NAP_NS };
	int i;

	for (i = 0; i < TRIES; i++) {
		if (fcntl(fd, F_SETLK, &l) == 0)
			return true;
		nanosleep(&nap, NULL);
	}
	return false;
}

/* false: there is none, or it is not ours. */
static bool
table_read(struct table *t)
{
	ssize_t n;

	t->n = 0;
	if (pread(t->fd, t->magic, sizeof t->magic, 0) !=
	    (ssize_t)sizeof t->magic ||
	    memcmp(t->magic, MAGIC, sizeof MAGIC) != 0 ||
	    (n = pread(t->fd, t->slot, sizeof t->slot, place(0))) < 0)
		return false;
	t->n = (size_t)n / sizeof *t->slot;
	return true;
}

/* Opened, and locked where it is to be written; fd is -1 where not. */
static bool
table_open(struct table *t, const struct store *st, bool make)
{
	char *path = store_path(st, NAME);
	struct stat sb;

	t->fd = open(path, O_RDWR | O_NOFOLLOW | O_CLOEXEC |
	    (make ? O_CREAT : 0), 0600);
	free(path);
	if (t->fd < 0)
		return false;
	if (fstat(t->fd, &sb) < 0 || !S_ISREG(sb.st_mode) || !lock(t->fd))
		return false;
	if (sb.st_size == 0 && make) {
		memset(t->magic, 0, sizeof t->magic);
		memcpy(t->magic, MAGIC, sizeof MAGIC);
		if (pwrite(t->fd, t->magic, sizeof t->magic, 0) !=
		    (ssize_t)sizeof t->magic)
			return false;
	}
	return table_read(t);
}

static void
table_close(struct table *t)
{
	if (t->fd >= 0)
		close(t->fd);
}

static bool
write_slot(struct table *t, size_t i)
{
	return pwrite(t->fd, &t->slot[i], sizeof t->slot[i], place(i)) ==
	    (ssize_t)sizeof t->slot[i];
}

static void
cut(char *to, size_t size, const char *s)
{
	size_t n = strlen(s);

	n = n < size ? n : utf8_cut(s, n, size - 1);
	memcpy(to, s, n);
	memset(to + n, 0, size - n);
}

/* Its slot, a new one if there is none; SLOTS: there is no room. */
static size_t
find(struct table *t, const char who[READS_WHO], const char tool[READS_TOOL])
{
	struct slot *s;
	size_t i;

	for (i = 0; i < t->n; i++) {
		s = &t->slot[i];
		if (s->state == TAKEN && memcmp(s->who, who, READS_WHO) == 0 &&
		    memcmp(s->tool, tool, READS_TOOL) == 0)
			return i;
	}
	if (i == SLOTS)
		return i;
	s = &t->slot[i];
	memset(s, 0, sizeof *s);
	memcpy(s->who, who, READS_WHO);
	memcpy(s->tool, tool, READS_TOOL);
	s->state = TAKEN;
	s->first_ms = date_real();
	return i;
}

static void
count(const struct store *st)
{
	char who[READS_WHO], tool[READS_TOOL];
	struct table t;
	size_t i;

	if (table_open(&t, st, true)) {
		cut(who, sizeof who, st->who);
		cut(tool, sizeof tool, audit_tool);
		if ((i = find(&t, who, tool)) < SLOTS) {
			t.slot[i].count++;
			t.slot[i].last_ms = date_real();
			write_slot(&t, i);	/* or it is not counted */
		}
	}
	table_close(&t);
}

void
reads_add(const struct store *st)
{
	const char *how = conf_get(st->conf, "audit.reads",
	    st->format == STORE_FORMAT_ACCESS ? "count" : "");

	if (audit_tool == NULL || *how == '\0')
		return;
	count(st);
	if (str_eq(how, "all"))
		audit_note_once(st, "read", NULL, "own");
}

static void
copy(struct reads *r, const struct slot *s)
{
	memcpy(r->who, s->who, sizeof r->who);
	r->who[sizeof r->who - 1] = '\0';
	memcpy(r->tool, s->tool, sizeof r->tool);
	r->tool[sizeof r->tool - 1] = '\0';
	r->count = (int64_t)(s->count & INT64_MAX);
	r->first_ms = s->first_ms;
	r->last_ms = s->last_ms;
}

int
reads_each(const struct store *st, int (*fn)(void *, const struct reads *,
    struct err *), void *arg, struct err *e)
{
	struct table t;
	struct reads r;
	size_t i;
	int ret = 0;

	if (table_open(&t, st, false))
		for (i = 0; ret == 0 && i < t.n; i++)
			if (t.slot[i].state == TAKEN) {
				copy(&r, &t.slot[i]);
				ret = fn(arg, &r, e);
			}
	table_close(&t);
	return ret;
}

/* The counts stay, under a name that is nobody's. */
int
reads_forget(const struct store *st, const char *who, struct err *e)
{
	char name[READS_WHO];
	struct table t;
	size_t i;
	int r = 0;

	cut(name, sizeof name, who);
	if (table_open(&t, st, false)) {
		for (i = 0; r == 0 && i < t.n; i++) {
			if (memcmp(t.slot[i].who, name, sizeof name) != 0)
				continue;
			memset(t.slot[i].who, 0, sizeof t.slot[i].who);
			if (!write_slot(&t, i))
				r = err_sys(e, "cannot write the counts of "
				    "reads");
		}
		if (r == 0 && fsync(t.fd) < 0)
			r = err_sys(e, "cannot write the counts of reads");
	}
	table_close(&t);
	return r;
}
