/*
 * What the files of mem-admin share.
 */
#ifndef CMD_ADMIN_H
#define CMD_ADMIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cmd/out.h"
#include "cmd/passphrase.h"
#include "store/store.h"

struct admin_opts {
	bool all_tenants;
	bool check;		/* stats: exit 1 past a limit */
	bool repair;
	bool all, no_vacuum, dry_run;
	int64_t keep_versions;		/* 0: all */
	bool config, keys, no_artifacts;	/* backup, restore */
	int64_t since, until, limit;
	const char *who, *action, *hash;
	struct passphrase_how pass;	/* key export, import */
	bool plain;
};
extern struct admin_opts admin;

struct admin_run {
	struct store_where asked;	/* borrowed */
	struct store_where where;	/* own; what it comes to */
	struct out out;
	int verb_argc;
	char **verb_argv;
};

/* Each returns an exit status, or -1. */
int	admin_config(struct admin_run *, const char *what, struct err *);
int	admin_key(struct admin_run *, const char *what, struct err *);
int	admin_stats(struct admin_run *, struct err *);
int	admin_check(struct admin_run *, struct err *);
int	admin_compact(struct admin_run *, struct err *);
int	admin_backup(struct admin_run *, struct err *);
int	admin_restore(struct admin_run *, struct err *);
int	admin_audit(struct admin_run *, struct err *);

/*
 * fn for the tenant of the call, or for all.  Its result is an exit status,
 * of which the greatest is returned, or -1, which ends it.
 */
int	admin_each_tenant(struct admin_run *, int (*fn)(struct admin_run *,
	    const struct store_where *, struct err *), struct err *);
/* The same tenant, opened; it must be there, also to write. */
int	admin_open(struct store **, const struct store_where *, bool write,
	    struct err *);

/* Print a record and let go of it. */
int	admin_print(struct admin_run *, json_t *, struct err *);

/* The configuration's keys that this memkit knows; ends with NULL. */
extern const char *const admin_keys[];

#endif
