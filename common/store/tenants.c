/*
 * Which tenants there are.  A folder's name tells that of its tenant, but
 * for a long one, whose end was cut: there the database has it.
 */
#include "store/store.h"

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "store/db.h"
#include "store/name.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>

/* The tenant of a database, as it says itself. */
static int
tenant_says(struct buf *out, const char *db_path)
{
	struct db_query *q;
	struct db *db = NULL;
	struct err ignored;	/* what cannot be read names nobody */
	int r = 0;

	if (db_open(&db, db_path, DB_READ, 0, &ignored) == 0 &&
	    (q = db_sql(db, &ignored, "SELECT value FROM meta "
	    "WHERE name = 'tenant'")) != NULL) {
		if ((r = db_row(q, &ignored)) == 1)
			buf_adds(out, db_get_text(q, 0));
		db_end(q);
	}
	db_close(db);
	return r == 1;
}

/* The name that a folder of tenants/ stands for; 0: none of our making, or
 * without a database. */
static int
tenant_name(struct buf *out, const char *tenants, const char *folder)
{
	struct buf path = BUF_INIT, again = BUF_INIT;
	int r = 0;

	buf_addf(&path, "%s/%s/memory.db", tenants, folder);
	if (folder[0] == '.' || !file_exists(path.p))
		;
	else if (name_decode(out, folder))
		r = 1;
	else if (tenant_says(out, path.p)) {
		/* The name must lead back to where it was found. */
		name_encode(&again, out->p);
		r = strcmp(again.p, folder) == 0;
	}
	buf_release(&path);
	buf_release(&again);
	return r;
}

int
store_tenants(const char *dir, struct strv *out, struct err *e)
{
	struct buf path = BUF_INIT, name = BUF_INIT;
	struct dirent *d;
	DIR *folder;
	int r = 0;

	file_join(&path, dir, "tenants");
	if ((folder = opendir(path.p)) == NULL && errno != ENOENT)
		r = err_sys(e, "cannot read '%s'", path.p);
	while (folder != NULL && (d = readdir(folder)) != NULL) {
		buf_reset(&name);
		if (tenant_name(&name, path.p, d->d_name))
			strv_add(out, name.p);
	}
	if (folder != NULL)
		closedir(folder);
	strv_sort(out);
	buf_release(&path);
	buf_release(&name);
	return r;
}
