/*
 * mem-session path, files, content, scan: where a session's files are, and
 * which.
 */
#include "cmd/session.h"

#include "base/alloc.h"
#include "base/date.h"
#include "base/file.h"
#include "base/str.h"
#include "cmd/cmd.h"
#include "file/file_area.h"
#include "file/file_path.h"
#include "file/file_record.h"
#include "file/file_scan.h"
#include "file/file_sealed.h"
#include "file/file_seen.h"
#include "memory/session.h"
#include "memory/session_seen.h"
#include "store/access.h"
#include "store/audit_note.h"
#include "store/store.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)128 << 10)

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
	file_found_json(&b, run->id, run->user != NULL ? run->user :
	    run->st->user, run->graft, f);
	r = out_json(&run->out, b.p, b.len, e);
	run->printed++;
	buf_release(&b);
	return r;
}

static void
be_owner(struct session_run *run, const struct file_owner *o)
{
	run->id = o->session;
	run->user = o->user;
	run->graft = o->graft[0] != '\0' ? o->graft : NULL;
}

static int
place(struct session_run *run, const char *session, int area,
    const char *path, struct buf *b, struct err *e)
{
	struct file_owner o;
	int r = file_seen(run->st, session, &o, e);

	if (r == 1 && o.graft[0] != '\0')
		r = file_seen_place(run->st, &o, area, path, b, e);
	else if (r >= 0)
		r = session_writable(run->st, session, e) < 0 ? -1 :
		    file_place(run->st, session, area, path, b, e);
	file_owner_release(&o);
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
	r = place(run, argv[0], area, argc > 2 ? argv[2] : NULL, &b, e);
	if (r == 0)
		r = out_line(&run->out, b.p, e);
	buf_release(&b);
	return r < 0 ? -1 : EXIT_YES;
}

/* What somebody typed: 1, and whose it is; 0 nothing that may be read. */
static int
find_owner(struct session_run *run, const char *given, struct file_owner *o,
    struct err *e)
{
	char *id = NULL;
	int r = session_resolve(run->st, given, &id, e);

	memset(o, 0, sizeof *o);
	if (r == 1)
		r = file_seen(run->st, id, o, e);
	if (r == 0)
		access_missed(run->st);
	free(id);
	return r;
}

int
session_verb_files(struct session_run *run, int argc, char **argv,
    struct err *e)
{
	struct file_scan how = { .all = true, .removed = session_o.all,
	    .fn = session_print_file, .arg = run };
	struct file_owner o;
	int r;

	if (argc > 1 || (argc == 0 && run->st->session == NULL))
		return cmd_misuse(e, "files takes a session");
	r = find_owner(run, argc > 0 ? argv[0] : run->st->session, &o, e);
	if (r == 1) {
		be_owner(run, &o);
		r = file_scan(run->st, o.user, o.session, &how, e);
	}
	file_owner_release(&o);
	return r < 0 ? -1 : run->printed > 0 ? EXIT_YES : EXIT_NO;
}

static int
copy_out(struct file_bytes *b, struct err *e)
{
	char *room = xmalloc(PIECE);
	size_t n = 0;
	int r;

	while ((r = file_bytes_read(b, room, PIECE, &n, e)) == 0 && n > 0)
		if ((r = file_write(STDOUT_FILENO, room, n, "standard output",
		    e)) < 0)
			break;
	free(room);
	return r;
}

int
session_verb_content(struct session_run *run, int argc, char **argv,
    struct err *e)
{
	struct file_bytes *bytes;
	struct file_owner o;
	int area, r;

	if (argc != 3)
		return cmd_misuse(e, "content takes a session, an area and a "
		    "path");
	if ((area = session_area(argv[1], e)) < 0)
		return -1;
	if ((r = find_owner(run, argv[0], &o, e)) == 0)
		cmd_note("no session '%s'", argv[0]);
	if (r == 1 && (r = file_seen_open(run->st, &o, area, argv[2], &bytes,
	    e)) == 0)
		cmd_note("no file '%s/%s'", argv[1], argv[2]);
	if (r == 1) {
		r = audit_flush(e) < 0 || copy_out(bytes, e) < 0 ? -1 : 1;
		file_bytes_free(bytes);
	}
	file_owner_release(&o);
	return r < 0 ? -1 : r == 1 ? EXIT_YES : EXIT_NO;
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
	if (s->graft == NULL)
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
	if (file_sealed_refuse(run->st, e) < 0)
		return -1;
	if (id != NULL && session_writable(run->st, id, e) < 0)
		return -1;
	r = id != NULL ? scan_one(run, id, &sums, e) : scan_all(run, &sums, e);
	if (r < 0)
		return -1;
	if (r == 0)
		cmd_note("no session '%s'", id);
	if (r == 1 && sums.left > 0)
		cmd_note("files that were not taken: %" PRId64, sums.left);
	return r == 0 ? EXIT_NO : sums.left > 0 ? EXIT_PART : EXIT_YES;
}
