/*
 * Rows of the audit log that are gathered while something else is done, and
 * written together, by one transaction, by another connection where a view is
 * open: what a reader, who holds no write lock, reads of others; keys that are
 * used; objects that sync moves.
 *
 * They are written before what they tell of leaves: standard output asks
 * (cmd/out.h), and so does whoever writes something down that says it is done.
 * What cannot be written to the log is not shown.
 *
 * Where all of them tell of reads, the disk is not waited for: whoever is
 * killed loses none, and a power cut takes the newest at most, not one from
 * within.  With audit.sync = all it is, as it is for all others.
 *
 * Rows are kept for each tenant, also when its store was closed; of one that
 * is not there yet they wait until it is.
 */
#ifndef STORE_AUDIT_NOTE_H
#define STORE_AUDIT_NOTE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

struct store;

/* Something was done by the user of the call. */
void	audit_note(const struct store *, const char *action,
	    const char *object, const char *detail);
/* The same, once a process for an action and its object. */
void	audit_note_once(const struct store *, const char *action,
	    const char *object, const char *detail);

/*
 * Somebody else's is about to be shown.  object: whose and what, as "session
 * s1 of bob", for all of it one row; detail: by what it may be, as "graft
 * ID", or NULL.  Never contents.
 */
void	audit_read_others(const struct store *, const char *object,
	    const char *detail);
/* A key of the ring seals or opens something. */
void	audit_key_use(const struct store *, const char *id);

/* How many rows wait. */
size_t	audit_waiting(void);
/*
 * They are in the log when it returns 0; -1: they still wait, and nothing of
 * what they tell of may leave.
 */
int	audit_flush(struct err *);
/* For store_close. */
void	audit_note_closed(const struct store *);

#endif
