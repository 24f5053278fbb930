/*
 * Verdicts: a person's word on a record, "rejected" for one that is no
 * example of anything.  They hold whatever version of it is imported later.
 * As facts they have the tag "verdict", and lists of facts leave them out
 * unless that is asked for.
 */
#ifndef MEMORY_VERDICT_H
#define MEMORY_VERDICT_H

#include <stdbool.h>

#include "base/err.h"

struct store;

struct verdict_target {
	char *kb, *id;		/* own */
};
void	verdict_target_release(struct verdict_target *);

/*
 * Say it of a record, or take it back; a transaction.  name is its id in kb
 * (NULL: in the only one that has it), or KB/RECORD_ID.  1 done, 0 there is
 * no such record; ERR_USAGE: there are several.
 */
int	verdict_record(struct store *, const char *kb, const char *name,
	    const char *verdict, bool on, struct verdict_target *,
	    struct err *);

/* what is KB/RECORD_ID: 1 it holds, 0 not. */
int	verdict_get(struct store *, const char *verdict, const char *what,
	    struct err *);
/* 1: there may be some. */
int	verdict_any(struct store *, struct err *);
/* All versions of those on it go, inside a transaction. */
int	verdict_forget(struct store *, const char *what, struct err *);

#endif
