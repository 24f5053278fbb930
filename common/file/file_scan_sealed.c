/*
 * Of a sealed tenant the rows lead: what is on the disk says nothing without
 * them, and nobody writes there but by them.  While a list of rows is read no
 * later one is seen; so what seems to be missing is looked at again after it:
 * it may have been replaced.
 */
#include "file/file_scan.h"

#include "base/alloc.h"
#include "file/file_dir.h"
#include "file/file_row.h"
#include "file/file_scan_sealed.h"
#include "file/file_sealed.h"

#include <stdlib.h>
#include <string.h>

struct scan {
	struct store *st;
	struct file_scan *how;
	int64_t session;
	struct file_dir *dir;
	struct missed {
		int area;
		char *path;		/* own */
	} *missed;			/* own */
	size_t n, cap;
	bool again;
};

static int
tell(struct scan *s, const struct file_found *f, struct err *e)
{
	bool wanted = f->state == FILE_IS_REMOVED ? s->how->removed :
	    s->how->all || f->state != FILE_IS_HERE;

	s->how->n[f->state]++;
	return wanted && s->how->fn != NULL ? s->how->fn(s->how->arg, f, e) :
	    0;
}

/* What is known of the content is of the disk, else of the row that counts. */
static int
look(void *arg, const struct file_row *f, struct err *e)
{
	struct scan *s = arg;
	struct file_found found = { .area = f->area, .path = f->path,
	    .at_ms = f->s.at_ms };
	struct file_row was, now = *f;
	int r = file_row_here(s->st, s->session, f->area, f->path, &was, e);

	if (r == 1)
		r = file_sealed_there(s->dir, &was, &found.mtime_ms, e);
	if (r < 0)
		return -1;
	if (r == 0 && !s->again && f->local == FILE_HERE && !f->removed) {
		s->missed = xgrow(s->missed, s->n, &s->cap,
		    sizeof *s->missed);
		s->missed[s->n].area = f->area;
		s->missed[s->n++].path = xstrdup(f->path);
		return 0;
	}
	if (r == 1) {
		found.state = was.seq == f->seq ? FILE_IS_HERE :
		    FILE_IS_BEHIND;
		now = was;
	} else
		found.state = f->removed ? FILE_IS_REMOVED :
		    f->local == FILE_HERE ? FILE_IS_MISSING : FILE_IS_ARCHIVED;
	found.known = !now.removed;
	if (found.known) {
		found.size = now.size;
		found.exec = now.exec;
		memcpy(found.sha256, now.sha256, HASH_LEN);
	}
	return tell(s, &found, e);
}

int
file_scan_sealed(struct store *st, int64_t session, struct file_dir *d,
    struct file_scan *how, struct err *e)
{
	struct scan s = { .st = st, .how = how, .session = session,
	    .dir = d };
	int r = file_row_each(st, session, look, &s, e);
	struct file_row f;
	size_t i;

	s.again = true;
	for (i = 0; r == 0 && i < s.n; i++)
		if ((r = file_row_last(st, session, s.missed[i].area,
		    s.missed[i].path, &f, e)) == 1)
			r = look(&s, &f, e);
	for (i = 0; i < s.n; i++)
		free(s.missed[i].path);
	free(s.missed);
	return r < 0 ? -1 : 0;
}
