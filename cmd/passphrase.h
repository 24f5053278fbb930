/*
 * A passphrase: from a file that only its owner can read, from a command, or
 * typed at the terminal without being shown.  Never from an argument.
 */
#ifndef CMD_PASSPHRASE_H
#define CMD_PASSPHRASE_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"

#define PASSPHRASE_LEAST 8	/* bytes of a new one */
#define PASSPHRASE_MOST 1024

/*
 * Options of a verb.  NULL: not given; the terminal is asked if neither is.
 */
struct passphrase_how {
	const char *file, *command;
};

/*
 * All but the newline at its end; buf_wipe it.  One that is made now is asked
 * for twice at the terminal, and must not be too short.  ERR_USAGE: nobody to
 * ask; ERR_INPUT: it is empty, short or long, or the two differ; ERR_BUSY:
 * the user gave up.
 */
int	passphrase_get(const struct passphrase_how *, bool made_now,
	    struct buf *, struct err *);

#endif
