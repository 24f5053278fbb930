/*
 * What an engine lets us in with, as its settings say where it is kept: a
 * private file, or what a command prints.  It is read when it is asked for and
 * is nowhere else.
 */
#ifndef NET_ENGINE_CRED_H
#define NET_ENGINE_CRED_H

#include "base/buf.h"
#include "base/err.h"
#include "engine/conf.h"

/*
 * Appended to secret, which the caller wipes; *scheme is that of struct
 * ask_how, NULL for a password.  1; 0: there is none.  -1: ERR_ABSENT, there
 * is no such file; ERR_DENIED: it is open to others; ERR_NET: the command
 * failed; ERR_INPUT: it is too long, or has more than one line.
 */
int	engine_cred(const struct engine_conf *, struct buf *secret,
	    const char **scheme, struct err *);

#endif
