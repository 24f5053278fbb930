/*
 * What completion asks the store for.  A store that is not there has no
 * names; a shell that completes wants no messages.
 */
#include "base/buf.h"
#include "base/date.h"
#include "cmd/cmd.h"
#include "memory/session.h"
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

static void
add_known(const struct store_where *where, enum known what, struct buf *b)
{
	struct strv names = STRV_INIT;
	struct store *st = NULL;
	struct err ignored;
	size_t i;

	if (store_open(&st, where, STORE_READ, &ignored) == 0)
		known_names(st, what, NAMES_MAX, &names, &ignored);
	store_close(st);
	for (i = 0; i < names.n; i++)
		buf_addf(b, "%s\n", names.v[i]);
	strv_release(&names);
}

static void
add_tenants(const struct store_where *where, struct buf *b)
{
	struct strv names = STRV_INIT;
	struct store_where found = { 0 };
	struct err ignored;
	size_t i;

	if (store_locate(where, &found, &ignored) == 0) {
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
