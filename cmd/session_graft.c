/*
 * mem-session graft, grafts, ungraft: what others may read of a session.
 */
#include "cmd/session.h"

#include "base/json.h"
#include "cmd/cmd.h"
#include "memory/grafting.h"
#include "memory/session_seen.h"
#include "store/access.h"
#include "store/store.h"

#include <stdlib.h>

static int
print(void *arg, const struct graft_row *g, struct err *e)
{
	struct session_run *run = arg;
	json_t *rec = graft_json(g);
	int r = out_record(&run->out, rec, e);

	json_decref(rec);
	run->printed++;
	return r;
}

int
session_verb_graft(struct session_run *run, int argc, char **argv,
    struct err *e)
{
	struct graft_row g = { .kinds = GRAFT_ALL,
	    .since_ms = session_o.from, .until_ms = session_o.before,
	    .expires_ms = session_o.until };
	bool ranged = g.since_ms != GRAFT_SINCE || g.until_ms != GRAFT_UNTIL;

	if (argc != 1)
		return cmd_misuse(e, "graft takes a session");
	if (session_o.to == NULL)
		return cmd_misuse(e, "graft needs --to: user:NAME, session:ID "
		    "or tenant");
	if (graft_to_parse(session_o.to, &g, e) < 0)
		return -1;
	if (ranged)
		g.kinds = GRAFT_TIMED;
	if (session_o.only != NULL && graft_kinds_parse(session_o.only,
	    &g.kinds, e) < 0)
		return -1;
	g.session = argv[0];
	if (graft_make(run->st, &g, e) < 0) {
		if (e->code != ERR_ABSENT)
			return -1;
		cmd_note("%s", e->msg);
		return EXIT_NO;
	}
	return print(run, &g, e) < 0 ? -1 : EXIT_YES;
}

int
session_verb_grafts(struct session_run *run, int argc, char **argv,
    struct err *e)
{
	bool both = session_o.in == session_o.out;
	struct graft_query gq = { .in = session_o.in || both,
	    .out = session_o.out || both };
	char *id = NULL;
	int r = 1;

	if (argc > 1)
		return cmd_misuse(e, "grafts takes one session, or none for "
		    "all");
	if (argc == 1 && (r = session_resolve(run->st, argv[0], &id, e)) < 0)
		return -1;
	if (r == 0)
		access_missed(run->st);
	gq.session = id;
	if (r == 1)
		r = graft_each(run->st, &gq, print, run, e);
	free(id);
	return r < 0 ? -1 : run->printed > 0 ? EXIT_YES : EXIT_NO;
}

int
session_verb_ungraft(struct session_run *run, int argc, char **argv,
    struct err *e)
{
	int i, r, done = 0;

	if (argc < 1)
		return cmd_misuse(e, "ungraft takes ids of grafts");
	for (i = 0; i < argc; i++) {
		r = graft_revoke(run->st, argv[i], e);
		if (r < 0 && e->code != ERR_ABSENT)
			return -1;
		if (r >= 0) {
			done++;
			continue;
		}
		cmd_note("%s", e->msg);
		access_missed(run->st);
	}
	return done == argc ? EXIT_YES : done > 0 ? EXIT_PART : EXIT_NO;
}
