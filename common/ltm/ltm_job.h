/*
 * A job: a processor over a knowledge base, and how far it is; for ltm*.c
 * alone.
 */
#ifndef LTM_LTM_JOB_H
#define LTM_LTM_JOB_H

#include "ltm/group.h"
#include "ltm/intake.h"
#include "ltm/ltm.h"

struct job {
	struct store *st;		/* borrowed */
	const struct processor *p;	/* borrowed */
	const struct ltm_how *how;	/* borrowed */
	int64_t kb_id;
	char *kb;			/* own */
	int64_t number;
	int64_t seq;			/* rows up to this one were read */
	char rules[33];			/* of what made its groups */
	bool stored;			/* it has its row in meta */
	struct groups gs;
	struct ltm_sums sums;
};

/* Reads where it is, inside a transaction; where its rules are others by
 * now, or on demand, what was derived is thrown away. */
int	job_begin(struct job *, bool anew, struct err *);
int	job_save(struct job *, struct err *);
/* Is there anything to do?  Without a transaction; 1, 0. */
int	job_due(struct job *, struct err *);

/* Look at the groups that are dirty, and write what follows. */
int	job_settle(struct job *, struct err *);

/* All numbers of its groups, rows and their members. */
int	job_forget(struct store *, int64_t number, struct err *);

#endif
