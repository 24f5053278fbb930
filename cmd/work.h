/*
 * Long work in the background of others: polite, and stopped between two of
 * its steps, so that what was done stays done.
 */
#ifndef CMD_WORK_H
#define CMD_WORK_H

#include <signal.h>
#include <stdint.h>

#include "base/err.h"

extern volatile sig_atomic_t work_stopped;	/* by SIGINT or SIGTERM */

/* From here on so much nicer; a signal stops work, and programs that are
 * waited for (child_stop). */
void	work_begin(int64_t nicer);
/* For who tells progress: 0 go on, -1 it was stopped (ERR_BUSY). */
int	work_goes_on(struct err *);

#endif
