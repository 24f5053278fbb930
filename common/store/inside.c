#include "store/inside.h"

#include "store/payload.h"

#include <string.h>

void
inside_of(struct inside *in, struct store *st, int64_t user, const char *name)
{
	payload_begin(st);	/* or each would load dictionaries of its own */
	in->st = *st;
	in->st.user_id = user;
	in->st.user = (char *)name;
	in->st.session = NULL;
	in->st.access = &in->access;
	memset(&in->access, 0, sizeof in->access);
	in->access.owner = true;
	in->access.alone = true;
}

void
inside_own(struct inside *in, struct store *st)
{
	inside_of(in, st, st->user_id, st->user);
}
