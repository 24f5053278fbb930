/*
 * mem-sync export, import: a memory as a file.
 */
#include "base/json.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "cmd/part.h"
#include "cmd/sync.h"
#include "artifact/artifact.h"
#include "file/file_row.h"
#include "memory/session.h"
#include "memory/session_seen.h"
#include "sync/export.h"
#include "sync/import.h"
#include "store/credential.h"
#include "store/sealed.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

static void
exported(int64_t n)
{
	cmd_progress("export: %" PRId64 " events", n);
}

static void
imported(int64_t n, int64_t all)
{
	cmd_progress("import: %" PRId64 " of %" PRId64, n, all);
}

/* The sessions that are named, each once; their ids whole. */
static int
find_sessions(struct sync_tool *t, int argc, char **argv, struct strv *ids,
    struct err *e)
{
	char *id;
	int i, r;

	for (i = 0; i < argc; i++) {
		if ((r = session_resolve(t->st, argv[i], &id, e)) < 0)
			return -1;
		if (r == 0)
			return err_set(e, ERR_ABSENT, "no session '%s'",
			    argv[i]);
		if (!strv_has(ids, id))
			strv_add(ids, id);
		free(id);
	}
	strv_sort(ids);
	return 0;
}

/* Where the store can be written, what is among the files is recorded first;
 * it was opened to be read. */
static int
open_whole(struct sync_tool *t, bool *scan, struct err *e)
{
	char *files = store_path(t->st, "files");
	struct store_where where;

	*scan = access(files, W_OK) == 0;
	free(files);
	if (!*scan)
		return 0;
	store_close(t->st);
	t->st = NULL;
	cmd_asked(&where);
	where.need = RIGHT_SYNC;
	return store_open(&t->st, &where, STORE_WRITE, e);
}

static int
missing(const json_t *o)
{
	int64_t n = 0;

	int64_t artifacts = 0;

	get_int(o, "files_missing", &n);
	get_int(o, "artifacts_missing", &artifacts);
	return n + artifacts > 0 ? EXIT_PART : EXIT_YES;
}

static int
to_file(struct sync_tool *t, struct export_config *c, const char *path,
    struct err *e)
{
	json_t *o = NULL;
	struct part part;
	int r;

	c->no_file = sync_no_file;
	c->no_artifact = sync_no_artifact;
	c->arg = t;
	if (part_begin(&part, path, e) < 0)
		return -1;
	r = export_write(t->st, c, part.lock.fd, path, &o, e);
	if ((r = part_end(&part, r, e)) < 0) {
		json_decref(o);
		return -1;
	}
	r = missing(o);
	json_object_set_new(o, "file", out_text(path));
	return sync_print(t, o, e) < 0 ? -1 : r;
}

static int
note_missing(void *arg, const struct file_each *f, const char *why,
    struct err *e)
{
	(void)arg;
	(void)e;
	cmd_progress_end();
	cmd_note("not in it, as it is %s: %s/%s/%s", why, f->session,
	    file_areas[f->row.area], f->row.path);
	return 0;
}

static int
note_artifact(void *arg, const char *user, const struct artifact *a,
    const char *why, struct err *e)
{
	char id[ULID_LEN + 1];

	(void)arg;
	(void)user;
	(void)e;
	ulid_from_bytes(id, a->id);
	cmd_progress_end();
	cmd_note("not in it, as they are %s: the bytes of artifact %s", why,
	    id);
	return 0;
}

/* Where the tar itself goes to standard output, a note says it. */
static int
to_output(struct sync_tool *t, struct export_config *c, struct err *e)
{
	int64_t events = 0, bytes = 0;
	json_t *o;
	int r;

	if (isatty(1))
		return cmd_misuse(e, "an export is not for a terminal: name a "
		    "file, or a pipe behind '-'");
	c->no_file = note_missing;
	c->no_artifact = note_artifact;
	if (export_write(t->st, c, 1, "standard output", &o, e) < 0)
		return -1;
	get_int(o, "events", &events);
	get_int(o, "size_bytes", &bytes);
	r = missing(o);
	json_decref(o);
	cmd_progress_end();
	cmd_note("%" PRId64 " events, %" PRId64 " bytes written", events,
	    bytes);
	return r;
}

int
sync_verb_export(struct sync_tool *t, int argc, char **argv, struct err *e)
{
	struct export_config c = { .user = cmd.user, .progress = exported };
	struct strv ids = STRV_INIT;
	int r;

	if (argc == 0)
		return cmd_misuse(e, "export takes a file, or '-'");
	if (sealed_known(t->st) && !sync_o.clear)
		return err_set(e, ERR_DENIED, "tenant '%s' is sealed, and an "
		    "export is in clear; say --clear, or make a mem-admin "
		    "backup", t->st->tenant);
	if ((r = open_whole(t, &c.scan, e)) == 0 && argc > 1) {
		c.user = t->st->user;
		c.sessions = &ids;
		r = find_sessions(t, argc - 1, argv + 1, &ids, e);
	}
	if (r == 0)
		r = str_eq(argv[0], "-") ? to_output(t, &c, e) :
		    to_file(t, &c, argv[0], e);
	strv_release(&ids);
	return r;
}

/* --- import ------------------------------------------------------------ */

static int
print(struct sync_tool *t, const char *name, const struct imported *i,
    struct err *e)
{
	json_t *o = json_pack("{s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
	    "s:I, s:I, s:I, s:I, s:I, s:I}", "type", "import", "file",
	    out_text(name), "records", (json_int_t)i->sums.records, "stored",
	    (json_int_t)i->sums.stored, "duplicate",
	    (json_int_t)i->sums.duplicate, "conflicts",
	    (json_int_t)i->sums.conflicts, "clashes",
	    (json_int_t)i->sums.clashes, "forgotten",
	    (json_int_t)i->sums.forgotten, "rejected",
	    (json_int_t)i->rejected, "files", (json_int_t)i->files.placed,
	    "files_removed", (json_int_t)i->files.removed, "files_kept",
	    (json_int_t)i->files.kept, "artifacts",
	    (json_int_t)i->artifacts.placed, "artifacts_left",
	    (json_int_t)i->artifacts.left, "size_bytes",
	    (json_int_t)i->size_bytes);

	if (sync_o.dry_run)
		json_object_set_new(o, "dry_run", json_true());
	return sync_print(t, o, e);
}

int
sync_verb_import(struct sync_tool *t, int argc, char **argv, struct err *e)
{
	const struct import_config c = { .dry_run = sync_o.dry_run,
	    .told = sync_told, .file = sync_no_file, .arg = t,
	    .progress = imported };
	const char *name = argc == 1 ? argv[0] : NULL;
	struct imported sums;
	int fd = 0, r;

	if (name == NULL)
		return cmd_misuse(e, "import takes a file, or '-'");
	if (str_eq(name, "-"))
		name = "standard input";
	else if ((fd = open(name, O_RDONLY | O_CLOEXEC)) < 0)
		return err_sys(e, "cannot open '%s'", name);
	r = import_read(t->st, &c, fd, name, &sums, e);
	if (fd != 0)
		close(fd);
	if (r < 0 || print(t, name, &sums, e) < 0)
		return -1;
	if (sums.sums.stored > 0 && !sync_o.dry_run)
		cmd_note("mem-index brings the index up to date");
	return sums.rejected + sums.sums.conflicts + sums.files.kept > 0 ?
	    EXIT_PART : EXIT_YES;
}
