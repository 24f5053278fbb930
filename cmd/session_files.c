/*
 * mem-session path, files, scan: where a session's files are, and which.
 */
#include "cmd/session.h"

#include "base/date.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "memory/file_area.h"
#include "memory/file_path.h"
#include "memory/file_record.h"
#include "memory/file_scan.h"
#include "memory/session.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>

int
session_area(const char *name, struct err *e)
{
	int area = file_area_of(name);

	return area >= 0 ? area : cmd_misuse(e, "'%s' is no area; it is one of "
	    "inputs, artifacts, cache", name);
}

int
session_print_file(void *arg, const struct file_found *f, struct err *e)
{
	struct session_run *run = arg;
	struct buf b = BUF_INIT;
	int r;

	if (f->clash)
		cmd_note("%s/%s was written here and on another copy of the "
		    "store; the latest counts, both are kept",
		    file_areas[f->area], f->path);
	file_found_json(&b, run->id, run->st->user, f);
	r = out_json(&run->out, b.p, b.len, e);
	run->printed++;
	buf_release(&b);
	return r;
}

int
session_verb_path(struct session_run *run, int argc, char **argv,
    struct err *e)
{
	struct buf b = BUF_INIT;
	int area = -1, r;

	if (argc < 1 || argc > 3)
		return cmd_misuse(e, "path takes a session, an area and a "
		    "path in it");
	if (argc > 1 && (area = session_area(argv[1], e)) < 0)
		return -1;
	r = file_place(run->st, argv[0], area, argc > 2 ? argv[2] : NULL, &b,
	    e);
	if (r == 0)
		r = out_line(&run->out, b.p, e);
	buf_release(&b);
	return r < 0 ? -1 : EXIT_YES;
}

int
session_verb_files(struct session_run *run, int argc, char **argv,
    struct err *e)
{
	struct file_scan how = { .all = true, .removed = session_o.all,
	    .fn = session_print_file, .arg = run };
	char *id = NULL;
	int r;

	if (argc > 1 || (argc == 0 && run->st->session == NULL))
		return cmd_misuse(e, "files takes a session");
	r = session_resolve(run->st, argc > 0 ? argv[0] : run->st->session,
	    &id, e);
	if (r == 1) {
		run->id = id;
		r = file_scan(run->st, run->st->user, id, &how, e);
	}
	free(id);
	return r < 0 ? -1 : run->printed > 0 ? EXIT_YES : EXIT_NO;
}

/* --- scan -------------------------------------------------------------- */

struct sums {
	int64_t taken, left, clashes;
};

/* 1, 0 there is no such session. */
static int
scan_one(struct session_run *run, const char *id, struct sums *sums,
    struct err *e)
{
	struct file_scan how = { .record = true, .fn = session_print_file,
	    .arg = run };
	int r;

	run->id = id;
	r = file_scan(run->st, run->st->user, id, &how, e);
	sums->taken += how.n[FILE_IS_NEW] + how.n[FILE_IS_CHANGED];
	sums->left += how.n[FILE_IS_BUSY] + how.n[FILE_IS_REFUSED];
	return r;
}

static int
add_id(void *arg, const struct session *s, struct err *e)
{
	(void)e;
	strv_add(arg, s->id);
	return 0;
}

static int
scan_all(struct session_run *run, struct sums *sums, struct err *e)
{
	struct session_query all = { .since_ms = DATE_MIN,
	    .until_ms = DATE_MAX + 1 };
	struct strv ids = STRV_INIT;
	size_t i;
	int r = session_each(run->st, &all, add_id, &ids, e);

	for (i = 0; r >= 0 && i < ids.n; i++)
		r = scan_one(run, ids.v[i], sums, e);
	strv_release(&ids);
	return r < 0 ? -1 : 1;
}

int
session_verb_scan(struct session_run *run, int argc, char **argv,
    struct err *e)
{
	const char *id = argc > 0 ? argv[0] : run->st->session;
	struct sums sums = { 0 };
	int r;

	if (argc > 1)
		return cmd_misuse(e, "scan takes one session, or none for all");
	r = id != NULL ? scan_one(run, id, &sums, e) : scan_all(run, &sums, e);
	if (r < 0)
		return -1;
	if (r == 0)
		cmd_note("no session '%s'", id);
	if (r == 1 && sums.left > 0)
		cmd_note("files that were not taken: %" PRId64, sums.left);
	return r == 0 ? EXIT_NO : sums.left > 0 ? EXIT_PART : EXIT_YES;
}
