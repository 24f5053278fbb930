/*
 * mem-session rm, hold, release: what is taken away, and what must not be.
 */
#include "cmd/session.h"

#include "cmd/cmd.h"
#include "file/file_area.h"
#include "file/file_path.h"
#include "file/file_scan.h"
#include "memory/hold.h"
#include "memory/session_seen.h"
#include "store/store.h"

#include <stdlib.h>

static int
print_removed(struct session_run *run, int area, const char *path,
    struct err *e)
{
	struct file_found f = { .state = FILE_IS_REMOVED, .area = area,
	    .path = path };

	return cmd.quiet ? 0 : session_print_file(run, &f, e);
}

static int
remove_all(struct session_run *run, struct file_work *w, int area, int n,
    char **paths, struct err *e)
{
	bool *there = calloc((size_t)n, sizeof *there);
	int i, r = there == NULL ? err_sys(e, "no memory") : 0;

	for (i = 0; r >= 0 && i < n; i++) {
		if ((r = file_remove(w, area, paths[i], e)) == 0) {
			cmd_note("no file '%s/%s'", file_areas[area],
			    paths[i]);
			run->absent++;
		} else if (r == 1)
			there[i] = true;
	}
	if (r >= 0 && !session_o.dry_run)
		r = file_work_end(w, e);
	for (i = 0; r >= 0 && i < n; i++)
		if (there[i])
			r = print_removed(run, area, paths[i], e);
	free(there);
	return r;
}

int
session_verb_rm(struct session_run *run, int argc, char **argv,
    struct err *e)
{
	struct file_work *w = NULL;
	int area, r;

	if (argc < 3)
		return cmd_misuse(e, "rm takes a session, an area and paths");
	if ((area = session_area(argv[1], e)) < 0)
		return -1;
	run->id = argv[0];
	if (session_writable(run->st, argv[0], e) < 0)
		return -1;
	r = file_work_new(&w, run->st, run->st->user, argv[0], e);
	if (r == 0) {
		cmd_note("no session '%s'", argv[0]);
		return EXIT_NO;
	}
	if (r == 1)
		r = remove_all(run, w, area, argc - 2, argv + 2, e);
	file_work_free(w);
	if (r < 0)
		return -1;
	return run->absent == argc - 2 ? EXIT_NO : run->absent > 0 ?
	    EXIT_PART : EXIT_YES;
}

int
session_verb_hold(struct session_run *run, int argc, char **argv,
    struct err *e)
{
	if (argc < 1 || argc > 2)
		return cmd_misuse(e, "hold takes a session and a reason");
	return session_writable(run->st, argv[0], e) < 0 ||
	    hold_set(run->st, argv[0], argc > 1 ? argv[1] : NULL, e) < 0 ?
	    -1 : EXIT_YES;
}

int
session_verb_release(struct session_run *run, int argc, char **argv,
    struct err *e)
{
	int r;

	if (argc != 1)
		return cmd_misuse(e, "release takes a session");
	r = session_writable(run->st, argv[0], e) < 0 ? -1 :
	    hold_release(run->st, argv[0], e);
	return r < 0 ? -1 : r == 1 ? EXIT_YES : EXIT_NO;
}
