/*
 * Verdicts: what people say of a record, or of a fact.
 *
 *	rejected	the record is no example of anything, whatever version
 *			of it is imported later: no processor counts it
 *	false_positive	what a review says of it is wrong
 *	missed_issue	a review should have said it
 *
 * The last two are of one file of a repository, or of all; they change what
 * reviews find (review.h) and nothing else.
 *
 * A verdict on something in a file is a fact of the tenant with the tag
 * "verdict", so it has versions and is in backups; metadata.said tells who
 * said so, when and why, once for each person, and the fact holds as long as
 * there is one.  Lists of facts leave them out unless that tag is asked for.
 */
#ifndef LTM_VERDICT_H
#define LTM_VERDICT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct store;

#define VERDICT_REJECTED "rejected"
#define VERDICT_FALSE "false_positive"
#define VERDICT_MISSED "missed_issue"
#define VERDICT_REASON_MAX 1000	/* bytes */

/* What one person says. */
struct verdict {
	const char *name;	/* VERDICT_... */
	const char *about;	/* KB/RECORD_ID, or the id of a fact */
	const char *file;	/* NULL: all */
	const char *by;
	const char *reason;	/* or NULL */
	int64_t at_ms;
};

/* Given to each; returns 0 to go on.  Strings are borrowed for the call. */
typedef int verdict_fn(void *, const struct verdict *, struct err *);

/* --- saying ------------------------------------------------------------ */

struct verdict_target {
	char *kb, *id;		/* own */
};
void	verdict_target_release(struct verdict_target *);

/*
 * A record by its id in kb (NULL: in the only one that has it), or by
 * KB/RECORD_ID.  1; 0 there is none; ERR_USAGE: there are several.
 */
int	verdict_find(struct store *, const char *kb, const char *name,
	    struct verdict_target *, struct err *);

/*
 * Say of a record that it is rejected, or take that back, whoever said it;
 * the record is stored again as its own next version.  A transaction.  As
 * verdict_find.
 */
int	verdict_reject(struct store *, const char *kb, const char *name,
	    bool on, struct verdict_target *, struct err *);

/*
 * What the store's user says to reviews, or takes back; a transaction.  Who
 * said the opposite of the same thing in the same file has changed his mind.
 * by and at_ms are those of the call, whatever v says.  ERR_USAGE: a file
 * that no repository has, or a text that is too long or no UTF-8.  ERR_DENIED:
 * the record was forgotten.
 */
int	verdict_mark(struct store *, const struct verdict *v, bool on,
	    struct err *);

/* For fact_settle.c.  What a verdict says after a decision of this value and
 * time, its body until then being this one or NULL; own, NULL: the same. */
json_t	*verdict_said(const json_t *before, const json_t *value,
	    int64_t at_ms);
/* It is found by what it is on, and by its file. */
int	verdict_index(struct store *, int64_t id, const json_t *body,
	    struct err *);
/* The id of its fact; that which follows from a decision's value. */
int64_t	verdict_id(const char *name, const char *about, const char *file);
int64_t	verdict_id_of(const json_t *value);

/* All versions of those on a record (KB/RECORD_ID) go, inside a
 * transaction. */
int	verdict_forget(struct store *, const char *about, struct err *);

/* --- reading ----------------------------------------------------------- */

/* 1: there may be some. */
int	verdict_any(struct store *, struct err *);
/* 1: a record (KB/RECORD_ID) is rejected, 0 not. */
int	verdict_rejected(struct store *, const char *about, struct err *);

/* Those on something: for all files and for these two (was may be NULL), or
 * with path NULL for each.  One index probe. */
int	verdict_each(struct store *, const char *about, const char *path,
	    const char *was, verdict_fn *, void *, struct err *);
/* Those for one file, whatever they are on.  One index probe. */
int	verdict_each_in(struct store *, const char *path, verdict_fn *, void *,
	    struct err *);
/* Those that a fact holds: its body, or a record of it. */
int	verdict_unpack(const json_t *fact, verdict_fn *, void *,
	    struct err *);

#endif
