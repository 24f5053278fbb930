#include "sync/export_files.h"

#include "base/alloc.h"
#include "base/hash.h"
#include "base/str.h"
#include "file/file_dir.h"
#include "file/file_folders.h"
#include "file/file_scan.h"
#include "file/file_sealed.h"
#include "memory/session.h"
#include "store/bundle.h"
#include "store/store.h"
#include "sync/remote_key.h"

#include <stdlib.h>
#include <string.h>

void
export_file_path(struct buf *b, const struct file_each *f)
{
	size_t start = b->len, at;
	uint8_t sum[HASH_LEN];
	char hex[HASH_HEX + 1];

	buf_adds(b, "files/");
	remote_key_add(b, f->user);
	remote_key_add(b, f->session);
	remote_key_add(b, file_areas[f->row.area]);
	at = b->len;
	remote_key_path(b, f->row.path);
	if (b->len - start <= BUNDLE_PATH_MAX)
		return;
	buf_cut(b, at);
	hash_mem(f->row.path, strlen(f->row.path), sum);
	hex_encode(hex, sum, HASH_LEN);
	buf_addf(b, "/%%-%s", hex);	/* no name begins so */
}

/* --- what is on the disk ----------------------------------------------- */

struct scanning {
	struct store *st;
	const struct export_config *c;
};

static int
scan_one(void *arg, const char *user, const char *session, struct err *e)
{
	const struct scanning *s = arg;
	struct file_scan how = { .record = true };

	if ((s->c->user != NULL && !str_eq(user, s->c->user)) ||
	    (s->c->sessions != NULL && !strv_has(s->c->sessions, session)))
		return 0;
	return file_scan(s->st, user, session, &how, e) < 0 ? -1 : 0;
}

int
export_files_scan(struct store *st, const struct export_config *c,
    struct err *e)
{
	struct scanning s = { st, c };

	return file_folders(st, scan_one, &s, e);
}

/* --- into the bundle --------------------------------------------------- */

struct adding {
	struct store *st;
	const struct export_config *c;
	const char *user, *session;
	int64_t number;			/* of the session */
	struct bundle *b;
	struct exported_files *sums;
	struct file_dir dir;
	struct buf name, from;
};

/* Of a sealed tenant: opened when the bundle is written. */
struct given {
	struct store *st;		/* borrowed */
	char *user, *session;		/* own */
	struct file_row row;		/* its path is own */
};

static int
give(void *arg, const struct seal_sink *to, struct err *e)
{
	struct given *g = arg;
	struct file_dir d;
	struct file_give file = { g->st, &d, &g->row };
	int r = file_dir_open(&d, g->st, g->user, g->session, false, e);

	if (r == 0)
		r = err_set(e, ERR_ABSENT, "the session has no files any "
		    "more; try again");
	if (r == 1)
		r = file_give(&file, to, e);
	file_dir_close(&d);
	return r;
}

static void
drop(void *arg)
{
	struct given *g = arg;

	free((char *)g->row.path);
	free(g->user);
	free(g->session);
	free(g);
}

static void
add_given(struct adding *a, const struct file_each *f)
{
	struct given *g = xcalloc(1, sizeof *g);

	g->st = a->st;
	g->user = xstrdup(f->user);
	g->session = xstrdup(f->session);
	g->row = f->row;
	g->row.path = xstrdup(f->row.path);
	bundle_add_given(a->b, a->name.p, give, drop, g, f->row.size,
	    f->row.sha256);
	a->sums->n++;
}

static void
add_here(struct adding *a, const struct file_each *f)
{
	buf_reset(&a->name);
	buf_reset(&a->from);
	export_file_path(&a->name, f);
	if (f->row.key != 0) {
		add_given(a, f);
		return;
	}
	buf_addf(&a->from, "%s/%s/%s", a->dir.path.p, file_areas[f->row.area],
	    f->row.path);
	bundle_add_known(a->b, a->name.p, a->from.p, f->row.size,
	    f->row.sha256);
	a->sums->n++;
}

/* For file_scan: what counts, and where it is. */
static int
found(void *arg, const struct file_found *d, struct err *e)
{
	struct adding *a = arg;
	struct file_each f = { .user = a->user, .session = a->session };
	int r;

	if (d->state == FILE_IS_NEW || d->state == FILE_IS_REMOVED ||
	    (r = file_row_last(a->st, a->number, d->area, d->path, &f.row,
	    e)) == 0)
		return 0;
	if (r < 0)
		return -1;
	if (f.row.removed)
		return 0;
	if (d->state == FILE_IS_HERE) {
		f.row.size = d->size;
		add_here(a, &f);
		return 0;
	}
	a->sums->missing++;
	return a->c->no_file != NULL ? a->c->no_file(a->c->arg, &f,
	    file_states[d->state], e) : 0;
}

int
export_files_add(struct store *st, const struct export_config *c,
    const char *user, const char *session, struct bundle *b,
    struct exported_files *sums, struct err *e)
{
	struct adding a = { .st = st, .c = c, .user = user, .session = session,
	    .b = b, .sums = sums, .name = BUF_INIT, .from = BUF_INIT };
	struct file_scan how = { .all = true, .fn = found, .arg = &a };
	int64_t owner;
	int r;

	file_dir_init(&a.dir);
	if ((r = store_user(st, user, false, &owner, e)) == 0 &&
	    (r = session_row_of(st, owner, session, false, &a.number, e)) ==
	    0 && (r = file_dir_open(&a.dir, st, user, session, false, e)) >= 0)
		r = file_scan(st, user, session, &how, e);
	file_dir_close(&a.dir);
	buf_release(&a.name);
	buf_release(&a.from);
	return r < 0 ? -1 : 0;
}
