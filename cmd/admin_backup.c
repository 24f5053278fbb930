/*
 * mem-admin backup and restore: where the bundle goes to and comes from.
 */
#include "cmd/admin.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/file.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/part.h"
#include "store/backup.h"

static void
progress(const char *what, const char *which)
{
	cmd_progress("%s %s", what, which);
}

static void
configure(const struct admin_run *run, struct backup_config *c)
{
	*c = (struct backup_config){ .dir = run->where.dir,
	    .who = run->who, .tenant = cmd.tenant, .config = admin.config,
	    .keys = admin.keys,
	    .artifacts = !admin.no_artifacts,
	    .dry_run = admin.dry_run, .progress = progress };
}

/* --- backup ------------------------------------------------------------ */

static int
to_file(const struct backup_config *c, const char *path, json_t **told,
    struct err *e)
{
	struct part part;
	int r;

	if (part_begin(&part, path, e) < 0)
		return -1;
	r = backup_write(c, part.lock.fd, path, told, e);
	if ((r = part_end(&part, r, e)) < 0) {
		json_decref(*told);
		*told = NULL;
	}
	return r;
}

static json_int_t
sum(const json_t *told, const char *key)
{
	const json_t *tenants = json_object_get(told, "tenants");
	json_int_t n = 0;
	size_t i;

	for (i = 0; i < json_array_size(tenants); i++)
		n += json_integer_value(json_object_get(json_array_get(tenants,
		    i), key));
	return n;
}

/* Where the tar itself goes to standard output, a note says it. */
static int
tell(struct admin_run *run, json_t *told, const char *name, bool noted,
    struct err *e)
{
	size_t n;

	cmd_progress_end();
	if (noted) {
		n = json_array_size(json_object_get(told, "tenants"));
		cmd_note("%zu tenant%s, %" JSON_INTEGER_FORMAT " events, %"
		    JSON_INTEGER_FORMAT " bytes written", n, n == 1 ? "" : "s",
		    sum(told, "event_count"),
		    json_integer_value(json_object_get(told, "size_bytes")));
		json_decref(told);
		return 0;
	}
	json_object_set_new(told, "file", out_text(name));
	return admin_print(run, told, e);
}

/* To the administrator of a tenant, that is all; but settings and keys are
 * the store's. */
static int
may(struct admin_run *run, char **tenant, struct err *e)
{
	if ((admin.config || admin.keys) && admin_whole(run, e) < 0)
		return -1;
	return admin_of(run, tenant, e);
}

int
admin_backup(struct admin_run *run, struct err *e)
{
	struct backup_config c;
	json_t *told = NULL;
	char *tenant = NULL;
	const char *path;
	bool out;
	int r;

	if (run->verb_argc != 1)
		return cmd_misuse(e, "backup takes a file, or '-'");
	path = run->verb_argv[0];
	out = strcmp(path, "-") == 0;
	if (out && isatty(1))
		return cmd_misuse(e, "a backup is not for a terminal: name a "
		    "file, or a pipe behind '-'");
	if (may(run, &tenant, e) < 0) {
		free(tenant);
		return -1;
	}
	configure(run, &c);
	if (*tenant != '\0')
		c.tenant = tenant;
	if (out)
		r = backup_write(&c, 1, "standard output", &told, e);
	else
		r = to_file(&c, path, &told, e);
	free(tenant);
	return r < 0 ? -1 : tell(run, told, path, out, e);
}

/* --- restore ----------------------------------------------------------- */

int
admin_restore(struct admin_run *run, struct err *e)
{
	struct backup_config c;
	json_t *told = NULL;
	const char *path;
	int fd = 0, r;

	if (run->verb_argc != 1)
		return cmd_misuse(e, "restore takes a file, or '-'");
	path = run->verb_argv[0];
	if (admin_whole(run, e) < 0)
		return -1;
	configure(run, &c);
	if (strcmp(path, "-") == 0)
		path = "standard input";
	else if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
		return err_sys(e, "cannot open '%s'", path);
	r = backup_read(&c, &run->where, fd, path, &told, e);
	if (fd != 0)
		close(fd);
	if (r < 0)
		return -1;
	json_object_set_new(told, "dir", out_text(run->where.dir));
	if (admin.dry_run)
		json_object_set_new(told, "dry_run", json_true());
	return tell(run, told, path, false, e);
}
