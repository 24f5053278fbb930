/*
 * What the files of mem-admin share.
 */
#ifndef CMD_ADMIN_H
#define CMD_ADMIN_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"
#include "cmd/out.h"
#include "cmd/passphrase.h"
#include "store/store.h"

struct admin_opts {
	bool all_tenants;
	bool sealed;		/* init */
	bool check;		/* stats: exit 1 past a limit */
	bool repair;
	bool all, no_vacuum, dry_run;
	int64_t keep_versions;		/* 0: all */
	bool config, keys, no_artifacts;	/* backup, restore */
	int64_t since, until, limit;
	const char *who, *action, *by, *outcome, *hash;	/* audit */
	const char *against, *public_key, *with;	/* audit verify */
	const char *to;					/* audit rotate */
	int64_t before;
	bool access;
	struct passphrase_how pass;	/* key export, import */
	bool plain;
	const char *rights, *session, *out;	/* credential add; session:
					   forget and redact, too */
	/* forget, redact */
	const char *query, *receipt, *remote;
	struct strv ids;
	bool verify, again, finish, expired, yes;
	int64_t sample;			/* audit isolation; 0: all */
};
extern struct admin_opts admin;

struct admin_run {
	struct store_where asked;	/* borrowed */
	struct store_where where;	/* own; what it comes to */
	char *who;			/* own; for the audit log (admin_of) */
	struct out out;
	int verb_argc;
	char **verb_argv;
};

/* The audit log of a tenant, or, with --access, of the store as a whole. */
struct admin_log {
	struct store *st;	/* own */
	struct db *db;		/* of st; or own, where it is another one */
	const char *tenant;	/* borrowed; "": of the store */
};
int	admin_log_open(struct admin_log *, const struct store_where *,
	    bool write, struct err *);
void	admin_log_close(struct admin_log *);

/* Each returns an exit status, or -1. */
int	admin_config(struct admin_run *, const char *what, struct err *);
int	admin_tenant(struct admin_run *, const char *what, struct err *);
int	admin_credential(struct admin_run *, const char *what, struct err *);
int	admin_key(struct admin_run *, const char *what, struct err *);
int	admin_stats(struct admin_run *, struct err *);
int	admin_check(struct admin_run *, struct err *);
int	admin_compact(struct admin_run *, struct err *);
int	admin_backup(struct admin_run *, struct err *);
int	admin_restore(struct admin_run *, struct err *);
int	admin_audit_isolation(struct admin_run *, struct err *);
int	admin_audit(struct admin_run *, const char *what, struct err *);
int	admin_audit_verify(struct admin_run *, struct err *);
int	admin_forget(struct admin_run *, struct err *);
/* mem-sync forget in our place, for --remote; comes back only if it cannot. */
int	admin_forget_there(const char *program, struct err *);
int	admin_redact(struct admin_run *, struct err *);

/*
 * fn for the tenant of the call, or for all.  Its result is an exit status,
 * of which the greatest is returned, or -1, which ends it.
 */
int	admin_each_tenant(struct admin_run *, int (*fn)(struct admin_run *,
	    const struct store_where *, struct err *), struct err *);
/* The same tenant, opened; it must be there, also to write. */
/*
 * Who calls (run->who).  Where there are credentials: the tenant whose
 * administrator that is, "" for that of the store, who may do everything; own.
 * 0, also where there is no store yet; ERR_DENIED: he is none.
 */
int	admin_of(struct admin_run *, char **tenant, struct err *);
/* What is of the whole store, its settings and keys: only that of the store. */
int	admin_whole(struct admin_run *, struct err *);

/* Make the tenant a sealed one; what is open is opened again, to be written. */
int	admin_seal(struct store **, const struct store_where *, struct err *);

/* Print a record and let go of it. */
int	admin_print(struct admin_run *, json_t *, struct err *);

/* The configuration's keys that this memkit knows; ends with NULL. */
extern const char *const admin_keys[];

#endif
