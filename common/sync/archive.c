#include "sync/archive.h"

#include "file/file_area.h"
#include "memory/hold.h"
#include "memory/stage.h"
#include "store/audit.h"
#include "store/store.h"
#include "sync/chosen.h"
#include "sync/cold.h"
#include "sync/prove.h"
#include "sync/sync.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static int
note(struct sync *s, const struct stage *g, const char *action, int64_t files,
    int64_t bytes, char *detail, size_t room, struct err *e)
{
	snprintf(detail, room, "remote %.100s, files %" PRId64 ", bytes %"
	    PRId64, s->name, files, bytes);
	return action == NULL ? 0 : audit_add(s->st, action, g->session,
	    detail, e);
}

/* --- away -------------------------------------------------------------- */

static int
prove(struct sync *s, const struct stage *g, const struct archive_how *how,
    const struct chosen *c, struct err *e)
{
	struct proof p;

	if (chosen_pushed(s, g, e) < 0 ||
	    prove_files(s, c, how->get, &p, e) < 0)
		return -1;
	if (p.missing == 0)
		return 0;
	return err_set(e, ERR_CORRUPT, "'%s' does not have %" PRId64 " files "
	    "of session '%s' as they must be (%s); what is here stays",
	    s->name, p.missing, g->session, p.first);
}

static int
trim(struct sync *s, const struct stage *g, const struct chosen *c,
    struct err *e)
{
	struct file_work *w;
	size_t i;
	int r;

	if ((r = file_work_new(&w, s->st, g->user, g->session, e)) != 1)
		return r;
	for (i = 0, r = 0; r >= 0 && i < c->n; i++)
		r = file_trim(w, c->v[i].area, c->v[i].path, e);
	if (r >= 0)
		r = file_work_end(w, e);
	file_work_free(w);
	return r;
}

static int
take_away(struct sync *s, const struct stage *g, const struct chosen *c,
    struct err *e)
{
	char detail[200];

	if (note(s, g, "file_prove", (int64_t)c->n, c->bytes, detail,
	    sizeof detail, e) < 0)
		return -1;
	/* what is recorded was proven: a copy that is written to meanwhile is
	 * other than its row, and stays */
	if (trim(s, g, c, e) < 0)
		return -1;
	return stage_archive(s->st, g, detail, e) < 0 ? -1 : 0;
}

int
archive(struct sync *s, const struct stage *g, const struct archive_how *how,
    struct archived *sums, struct err *e)
{
	const struct choice which = { .here = true, .but = how->but };
	struct chosen c = CHOSEN_INIT;
	int r;

	memset(sums, 0, sizeof *sums);
	if (hold_refuses(s->st, g->seq, g->session, e) < 0)
		return -1;
	if ((r = chosen_gather(s->st, g, &which, &c, e)) == 0)
		r = prove(s, g, how, &c, e);
	if (r == 0 && !how->dry_run)
		r = take_away(s, g, &c, e);
	sums->files = (int64_t)c.n;
	sums->bytes = c.bytes;
	chosen_release(&c);
	return r;
}

/* --- back -------------------------------------------------------------- */

int
archive_restore(struct sync *s, const struct stage *g, bool dry_run,
    struct pulled_files *sums, int (*told)(void *, const struct file_each *,
    const char *, struct err *), void *arg, struct err *e)
{
	struct pull_which which = { .user = g->user, .session = g->session,
	    .count = dry_run };
	char detail[200];
	bool more = cold_has_second(s);
	int r = pull_files(s, &which, sums, more ? NULL : told, arg, e);

	if (r == 0 && sums->missing > 0 && more)
		r = cold_restore(s, g, sums, told, arg, e);
	if (r < 0 || dry_run || sums->missing > 0 || (!g->archived &&
	    g->cold == NULL))
		return r;
	note(s, g, NULL, sums->n, sums->bytes, detail, sizeof detail, e);
	return stage_active(s->st, g, detail, e) < 0 ? -1 : 0;
}
