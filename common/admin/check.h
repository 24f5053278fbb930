/*
 * Is everything in a tenant as it was written, and does it fit together?
 */
#ifndef ADMIN_CHECK_H
#define ADMIN_CHECK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct store;

/*
 * What was found; borrowed, for the time of the call.  what is one of:
 *
 *	database	SQLite finds its own file damaged
 *	schema		tables or indexes are not those of the schema
 *	journal		the database does not keep its log (WAL)
 *	reference	a row names one that is not there
 *	value		a column holds what its CHECK forbids
 *	name		a name that is not UTF-8, has control characters,
 *			or is not the tenant's
 *	id		an id and its time or its mark do not agree
 *	body		a body cannot be unpacked, or is not text and JSON
 *	pack		a pack is damaged, or its places do not fit
 *	gap		bytes of a pack belong to no event
 *	record		a row of a knowledge base is not what it was
 *	tombstone	what it says was forgotten is there
 *	session		counts or times do not follow from the events
 *	change		the change log does not match what is stored
 *	consumer	a consumer is ahead of the change log
 *	contents	a node, a version or a bullet is not as it must be
 *	fact		a version of a fact is not as it must be
 *	group		rows that facts are made from do not fit together
 *	grip		an excerpt is in no event
 *	artifact	its row is not as it must be, or the bytes that it has
 *			on this disk are not
 *	sealed		a row of a sealed tenant is in clear, does not open,
 *			or its key is gone; a file of one is in clear, is not
 *			there, or does not open
 *	audit		the chain of the audit log is broken
 *	tenant		a folder that is no tenant's
 *	store		the store itself cannot be opened
 */
struct check_problem {
	const char *what;
	const char *where;
	const char *detail;
	const char *remedy;
	bool repairable;	/* check with repair would set it right */
};

struct check_config {
	bool repair;		/* what is derived; the store is writable */
	int (*found)(void *, const struct check_problem *, struct err *);
	void *arg;
	void (*progress)(const char *part);	/* may be NULL */
};

struct check_sums {
	int64_t events, packs, records, sessions, changes, audit_rows;
	int64_t nodes, grips, artifacts;
	int64_t problems, repaired;
};

/*
 * Look through one tenant, in one view of it, writers going on; every body
 * is unpacked, and after the view artifacts on this disk are looked for, and
 * files of a sealed tenant read.
 * Returns 0 also when there are problems (sums tell), -1 when it could not go
 * on.
 */
int	check_tenant(struct store *, const struct check_config *,
	    struct check_sums *, struct err *);

/* The folders of a store's tenants; adds to *problems. */
int	check_folders(const char *dir, const struct check_config *,
	    int64_t *problems, struct err *);

/* For the files of this module. */
#define CHECK_RESTORE "restore a backup, or recover what can be read as " \
	"memkit-store(5) tells"
#define CHECK_REPAIR "run mem-admin check --repair"

struct check {
	struct store *st;
	const struct check_config *c;
	struct check_sums *sums;
};
/* detail is a format; the failure, if any, is of c->found. */
int	check_report(struct check *, struct err *, const char *what,
	    const char *remedy, const char *where, const char *detail, ...)
	    ERR_FMT(6, 7);
int	check_values(struct check *, struct err *);	/* check_rows.c */
int	check_names(struct check *, struct err *);
int	check_files(struct check *, struct err *);
int	check_tombstones(struct check *, struct err *);
int	check_sealed(struct check *, struct err *);	/* check_sealed.c */
/* check_file.c */
int	check_sealed_files(struct check *, struct err *);
int	check_events(struct check *, struct err *);	/* check_body.c */
int	check_packs(struct check *, struct err *);
int	check_records(struct check *, struct err *);
int	check_contents(struct check *, struct err *);	/* check_toc.c */
int	check_facts(struct check *, struct err *);	/* check_ltm.c */
int	check_artifacts(struct check *, struct err *);	/* check_artifact.c */
int	check_bytes(struct check *, struct err *);	/* with no view open */

#endif
