/*
 * The hashes say that it is what somebody put there; this says that it is a
 * database of ours.  SQLite's quick_check reads every page and row: CPU of
 * 0.1 s for 100,000 events, so it is always made.
 */
#include "sync/snapshot_own.h"

#include "store/db.h"
#include "store/verify.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define BUSY_MS 10000

/* By itself, not in the mode of a log, which would be a second file (SQLite,
 * "Database File Format", 1.3.3). */
static int
check_header(const char *path, struct err *e)
{
	static const char magic[16] = "SQLite format 3";
	int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), r;
	char head[20];

	if (fd < 0)
		return err_sys(e, "cannot open '%s'", path);
	r = snapshot_read_at(fd, head, sizeof head, 0, path, e);
	close(fd);
	if (r == 0 && (memcmp(head, magic, sizeof magic) != 0 ||
	    head[18] != 1 || head[19] != 1))
		r = err_set(e, ERR_CORRUPT, "'%s' is no copy of a database",
		    path);
	return r;
}

static bool
same_nodes(const struct snapshot *a, const struct snapshot *b)
{
	size_t i;

	if (a->n_nodes != b->n_nodes || strcmp(a->node, b->node) != 0)
		return false;
	for (i = 0; i < a->n_nodes; i++)
		if (strcmp(a->nodes[i].name, b->nodes[i].name) != 0 ||
		    a->nodes[i].upto != b->nodes[i].upto)
			return false;
	return true;
}

/* Before anything is brought up to a newer schema, which makes changes. */
static int
check_said(struct db *db, const char *path, const struct snapshot *s,
    struct err *e)
{
	struct snapshot is = SNAPSHOT_INIT;
	int r = snapshot_look(db, &is, e);

	if (r == 0 && (is.schema != s->schema || !same_nodes(&is, s)))
		r = err_set(e, ERR_CORRUPT, "'%s' has other nodes, or another "
		    "schema, than its snapshot says", path);
	snapshot_release(&is);
	return r;
}

int
snapshot_check(const char *path, const struct snapshot *s, struct err *e)
{
	struct db *db = NULL;
	int r = -1;

	if (check_header(path, e) == 0 &&
	    db_open(&db, path, DB_WRITE, BUSY_MS, e) == 0 &&
	    check_said(db, path, s, e) == 0)
		r = verify_copy(db, path, e);
	db_close(db);
	return r;
}
