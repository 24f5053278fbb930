/*
 * Forgetting on demand: several things in one go, counted by kind, in short
 * transactions, each of which is whole.  forget.h does the work.
 */
#ifndef ADMIN_ERASE_H
#define ADMIN_ERASE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/str.h"

struct store;

enum erase_kind { ERASE_EVENT, ERASE_SESSION, ERASE_RECORD, ERASE_USER,
    ERASE_FACT, ERASE_ARTIFACT };
/* By number, as in tombstones; of a fact, and of an artifact of no session,
 * there is none: other copies go by settings of their own. */
extern const char *const erase_kinds[];

struct erase_target {
	enum erase_kind kind;
	char *id;		/* own */
	char *user;		/* own; NULL: the store's */
};

struct erase_targets {
	struct erase_target *v;	/* own */
	size_t n, cap;
};
void	erase_add(struct erase_targets *, enum erase_kind, const char *id);
void	erase_add_of(struct erase_targets *, enum erase_kind, const char *id,
	    const char *user);
void	erase_targets_release(struct erase_targets *);

/* What went, or would go: rows of this kind that were there before and are
 * not any more. */
struct erase_counts {
	int64_t sessions, events, records, values, files, artifacts, facts,
	    decisions, grips;
};
/* Name and place of each, ends with NULL. */
extern const struct erase_member {
	const char *name;
	size_t at;		/* offsetof */
} erase_members[];

struct erase_how {
	bool dry_run;		/* all is done, and undone */
	bool pass_held;		/* what is on hold is left out; else it is an
				   error (ERR_DENIED) before anything goes */
	/* Told of each that is held, and of each that is done (absent: there
	 * was nothing of it, and there will not be); may be NULL. */
	void (*held)(void *, const struct erase_target *);
	void (*done)(void *, const struct erase_target *, bool absent);
	void *arg;
};

struct erase_sums {
	struct erase_counts counts;
	int64_t held, done, absent, again;	/* targets; again: they were
						   forgotten before */
	int64_t after;		/* the last tombstone before: file_forget */
};

/* What was done before an error stays done. */
int	erase(struct store *, const struct erase_targets *,
	    const struct erase_how *, struct erase_sums *, struct err *);

/* Is it, or something of it, on hold, so that it stays?  1, 0. */
int	erase_held(struct store *, const struct erase_target *, struct err *);

/*
 * What follows, and may be done later by whoever comes: files of sessions and
 * bytes of artifacts, at most `most` events that are left (forgetting.h), and
 * the log of the database.  *left: events that there are still; *bytes: of
 * artifacts that could not be taken away, by *why.
 */
struct erase_rest {
	int64_t events;
	int64_t bytes;
	struct err why;
};
int	erase_after(struct store *, int64_t after, int64_t most,
	    void (*progress)(int64_t left), struct erase_rest *,
	    struct err *);

/* Events of the store's user that a query finds: each plain word must be
 * there.  What was not taken as it may have been meant is added to notes. */
int	erase_query(struct store *, const char *query,
	    struct erase_targets *, struct strv *notes, struct err *);
/* What an id that somebody gives names: ERR_USAGE, nothing that can be
 * forgotten. */
int	erase_id(struct erase_targets *, const char *id, struct err *);

/* Indexes that there are, of this user and of the tenant, without what was
 * forgotten: written anew where something of it is in them. */
int	erase_indexes(struct store *, const char *user, struct err *);

/* What is to be done elsewhere, by name: remotes that may have it. */
int	erase_remotes(struct store *, struct strv *names, struct err *);

/* A row of the audit log, and its hash. */
int	erase_audit(struct store *, const char *action, const char *object,
	    const char *detail, uint8_t hash[32], struct err *);

#endif
