/*
 * What a reader is linked with that does not ask: whoever calls may see it.
 * (Makefile: obj/helper/leak-MODULE is mem-admin with such a module.)
 */
#include "store/access.h"

int	leak_may(struct store *, enum access_action,
	    const struct access_object *, const struct graft **by);
int	leak_session(struct store *, unsigned kind, int64_t user,
	    int64_t session, const struct graft **by);

int
leak_may(struct store *st, enum access_action action,
    const struct access_object *o, const struct graft **by)
{
	(void)st;
	(void)action;
	(void)o;
	if (by != NULL)
		*by = NULL;
	return 1;
}

int
leak_session(struct store *st, unsigned kind, int64_t user, int64_t session,
    const struct graft **by)
{
	(void)st;
	(void)kind;
	(void)user;
	(void)session;
	if (by != NULL)
		*by = NULL;
	return 1;
}
