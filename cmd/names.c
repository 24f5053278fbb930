/*
 * What completion asks the store for.  A store that is not there has no
 * names; a shell that completes wants no messages.  Nobody learns here of what
 * he may not see.
 */
#include "base/buf.h"
#include "base/date.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "memory/event.h"
#include "memory/session.h"
#include "store/access.h"
#include "store/known.h"
#include "store/store.h"

#define NAMES_MAX 500	/* more do not help a person who types */

static int
add_session(void *arg, const struct session *s, struct err *e)
{
	struct buf *b = arg;

	(void)e;
	buf_addf(b, "%s\n", s->id);
	return 0;
}

static void
add_sessions(const struct store_where *where, struct buf *b)
{
	struct session_query q = { .since_ms = DATE_MIN,
	    .until_ms = DATE_MAX + 1, .reverse = true, .limit = NAMES_MAX };
	struct store *st = NULL;
	struct err ignored;

	if (store_open(&st, where, STORE_READ, &ignored) == 0)
		session_each(st, &q, add_session, b, &ignored);
	store_close(st);
}

/* Who administers it may know who else there is; so may the owner of a store
 * without credentials. */
static bool
sees_all(const struct store *st)
{
	return access_has(st, RIGHT_ADMIN) && !access_bound(st);
}

static void
add_known(const struct store_where *where, enum known what, struct buf *b)
{
	struct strv names = STRV_INIT;
	struct store *st = NULL;
	struct err ignored;
	size_t i;

	if (store_open(&st, where, STORE_READ, &ignored) < 0)
		return;
	if (what == KNOWN_KBS || sees_all(st))
		known_names(st, what, NAMES_MAX, &names, &ignored);
	else if (what == KNOWN_AGENTS)
		event_agents(st, &names, &ignored);
	else
		strv_add(&names, st->user);
	store_close(st);
	for (i = 0; i < names.n; i++)
		buf_addf(b, "%s\n", names.v[i]);
	strv_release(&names);
}

/* The one of the call; -1 all of them may be named: there are no credentials,
 * or it is the administrator's of the store. */
static int
only_tenant(const struct store_where *where, const char *dir,
    struct strv *names)
{
	struct buf path = BUF_INIT;
	struct store *st = NULL;
	struct err why;
	bool all;

	if (store_open(&st, where, STORE_READ, &why) == 0) {
		all = sees_all(st) && (st->access->owner ||
		    st->access->by.tenant == NULL);
		if (!all)
			strv_add(names, st->tenant);
	} else {	/* of one that is not there yet */
		file_join(&path, dir, CREDENTIAL_DB);
		all = !file_exists(path.p);
		buf_release(&path);
	}
	store_close(st);
	return all ? -1 : 0;
}

static void
add_tenants(const struct store_where *where, struct buf *b)
{
	struct strv names = STRV_INIT;
	struct store_where found = { 0 };
	struct err ignored;
	size_t i;

	if (store_locate(where, &found, &ignored) == 0) {
		if (only_tenant(where, found.dir, &names) < 0)
			store_tenants(found.dir, &names, &ignored);
		for (i = 0; i < names.n; i++)
			buf_addf(b, "%s\n", names.v[i]);
		store_where_free(&found);
	}
	strv_release(&names);
}

void
cmd_names(enum opt_comp comp, struct buf *b)
{
	struct store_where where;

	cmd_asked(&where);
	switch (comp) {
	case OPT_C_SESSION:
		add_sessions(&where, b);
		break;
	case OPT_C_TENANT:
		add_tenants(&where, b);
		break;
	case OPT_C_USER:
		add_known(&where, KNOWN_USERS, b);
		break;
	case OPT_C_AGENT:
		add_known(&where, KNOWN_AGENTS, b);
		break;
	case OPT_C_KB:
		add_known(&where, KNOWN_KBS, b);
		break;
	default:
		break;
	}
}
