/*
 * What the commands of mem-artifact share.
 */
#ifndef CMD_ARTIFACT_H
#define CMD_ARTIFACT_H

#include <stdbool.h>
#include <stdint.h>

#include "artifact/artifacts.h"
#include "base/str.h"
#include "cmd/out.h"

struct artifact_options {
	/* put */
	const char *uri, *type, *name, *metadata;
	struct strv meta;
	bool disclose, is_public, batch, nul, redact;
	/* content */
	const char *range;
	/* list */
	int64_t since, until, limit, wait;
	const char *provider, *status;
	bool all, reverse;
	/* delete, reconcile, rekey */
	bool dry_run, scan, adopt, seal;
};
extern struct artifact_options artifact_o;

struct artifact_run {
	struct store *st;
	struct artifacts ar;
	struct out out;
	int64_t done, failed, wrong;
	bool many;		/* one that fails does not end it */
	json_t *uri;		/* own; of the last that failed, or NULL */
	/* what is done with each of them, and does it change something? */
	bool changes;
	int (*each)(struct artifact_run *, struct artifact *, struct err *);
};

int	artifact_print(struct artifact_run *, const struct artifact *,
	    struct err *);
/* Tell of one that failed: a line on standard error, and with --json a record.
 * given: how it was called, or NULL. */
int	artifact_tell_error(struct artifact_run *, const char *given,
	    const struct err *why, struct err *);

/* artifact_put.c */
int	artifact_verb_put(struct artifact_run *, int argc, char **argv,
	    struct err *);

/* artifact_show.c */
int	artifact_verb_get(struct artifact_run *, int argc, char **argv,
	    struct err *);
int	artifact_verb_head(struct artifact_run *, int argc, char **argv,
	    struct err *);
int	artifact_verb_content(struct artifact_run *, int argc, char **argv,
	    struct err *);
int	artifact_verb_verify(struct artifact_run *, int argc, char **argv,
	    struct err *);
int	artifact_verb_delete(struct artifact_run *, int argc, char **argv,
	    struct err *);
int	artifact_verb_list(struct artifact_run *, int argc, char **argv,
	    struct err *);

/* artifact_tend.c */
int	artifact_verb_capabilities(struct artifact_run *, int argc,
	    char **argv, struct err *);
int	artifact_verb_reconcile(struct artifact_run *, int argc, char **argv,
	    struct err *);
int	artifact_verb_rekey(struct artifact_run *, int argc, char **argv,
	    struct err *);

#endif
