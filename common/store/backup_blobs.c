#define _XOPEN_SOURCE 700	/* linkat */

#include "store/backup_blobs.h"

#include "base/alloc.h"
#include "base/file.h"
#include "base/str.h"
#include "store/bundle.h"
#include "store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Stores of a schema before 5 have none. */
static int
has_artifacts(struct db *db, struct err *e)
{
	int64_t n;

	return db_number(db, e, "SELECT count(*) FROM sqlite_master "
	    "WHERE type = 'table' AND name = 'artifact'", 0, &n) < 0 ? -1 :
	    n > 0;
}

static bool
is_file(const char *path)
{
	struct stat sb;

	return lstat(path, &sb) == 0 && S_ISREG(sb.st_mode);
}

/* --- into a bundle ----------------------------------------------------- */

/* An object never changes, so its name in the scratch folder is a copy.  Where
 * there are no links it is read where it is, as long as it is there. */
static int
add_one(struct backup_blobs *x, const char *object, struct err *e)
{
	struct buf path = BUF_INIT, from = BUF_INIT, link = BUF_INIT;
	int r = 0;

	buf_addf(&path, "tenants/%s/blobs/%s", x->folder, object);
	file_join(&from, x->dir, path.p);
	file_join(&link, x->scratch, "blob-");
	buf_addf(&link, "%" PRId64, x->linked++);
	if (!bundle_path_ok(path.p)) {
		x->missing++;
	} else if (linkat(AT_FDCWD, from.p, AT_FDCWD, link.p, 0) == 0 &&
	    is_file(link.p)) {
		x->n++;
		r = bundle_add_file(x->b, path.p, link.p, e);
	} else if (is_file(from.p)) {
		x->n++;
		r = bundle_add_file(x->b, path.p, from.p, e);
	} else {
		x->missing++;
	}
	buf_release(&path);
	buf_release(&from);
	buf_release(&link);
	return r;
}

int
backup_blobs_add(struct backup_blobs *x, struct db *copy, struct err *e)
{
	struct db_query *q;
	int r = has_artifacts(copy, e);

	x->n = x->missing = 0;
	if (r != 1)
		return r;
	if ((q = db_sql(copy, e, "SELECT DISTINCT object FROM artifact "
	    "WHERE provider = 1 AND here = 1 AND state IN (0, 4) "
	    "ORDER BY object")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1 &&
	    (r = add_one(x, db_get_text(q, 0), e)) == 0)
		;
	db_end(q);
	return r < 0 ? -1 : 0;
}

/* --- out of one -------------------------------------------------------- */

bool
backup_blobs_path(const char *path, struct buf *folder)
{
	static const char lead[] = "tenants/", in[] = "/blobs/";
	const char *end;

	buf_reset(folder);
	if (!str_starts(path, lead))
		return false;
	path += sizeof lead - 1;
	if ((end = strchr(path, '/')) == NULL || !str_starts(end, in) ||
	    end[sizeof in - 1] == '.')
		return false;
	buf_add(folder, path, (size_t)(end - path));
	return true;
}

struct gone {
	int64_t *seq;		/* own */
	size_t n, cap;
};

static int
find_gone(struct db *db, const char *blobs, struct gone *g, struct err *e)
{
	struct buf path = BUF_INIT;
	struct db_query *q;
	int r;

	if ((q = db_sql(db, e, "SELECT seq, object FROM artifact "
	    "WHERE provider = 1 AND here = 1")) == NULL)
		return -1;
	while ((r = db_row(q, e)) == 1) {
		buf_reset(&path);
		file_join(&path, blobs, db_get_text(q, 1));
		if (is_file(path.p))
			continue;
		g->seq = xgrow(g->seq, g->n, &g->cap, sizeof *g->seq);
		g->seq[g->n++] = db_get_int(q, 0);
	}
	db_end(q);
	buf_release(&path);
	return r;
}

static int
settle(struct db *db, const struct gone *g, struct err *e)
{
	struct db_query *q;
	size_t i;

	for (i = 0; i < g->n; i++) {
		if ((q = db_sql(db, e, "UPDATE artifact SET here = 0 "
		    "WHERE seq = :seq")) == NULL)
			return -1;
		db_int(q, ":seq", g->seq[i]);
		if (db_run(q, e) < 0)
			return -1;
	}
	return db_script(db, "DELETE FROM artifact_byte", e);
}

int
backup_blobs_settle(struct db *db, const char *blobs, struct err *e)
{
	struct gone g = { NULL, 0, 0 };
	int r = has_artifacts(db, e);

	if (r == 1 && (r = find_gone(db, blobs, &g, e)) == 0 &&
	    (r = tx_begin(db, e)) == 0)
		r = tx_end(db, settle(db, &g, e), e);
	free(g.seq);
	return r < 0 ? -1 : 0;
}
