/*
 * Which originals are wanted.  By itself, as who only stores documents has
 * nothing to do with keys.
 */
#include "artifact/original.h"

#include "artifact/artifact_conf_own.h"
#include "base/str.h"

#include <string.h>

/* What is set wrongly is told by who puts them. */
void
original_want_read(struct original_want *w, const struct store *st)
{
	struct setting mode = artifact_set(st, "RAW_STORAGE_MODE",
	    "artifact.mode");
	struct err ignored;

	memset(w, 0, sizeof *w);
	w->all = (mode.value != NULL && !str_eq(mode.value, "pointer_only")) ||
	    artifact_schemes_read(&w->conf, st, &ignored) < 0;
}

void
original_want_release(struct original_want *w)
{
	strv_release(&w->conf.schemes);
}

bool
original_wanted(const struct original_want *w, const char *source)
{
	struct err ignored;	/* that it is not allowed is the answer */

	/* bytes are read from files alone */
	if (w->all)
		return source != NULL && str_starts(source, "file:///");
	return (source != NULL &&
	    artifact_uri_check(&w->conf, source, &ignored) == 0);
}
