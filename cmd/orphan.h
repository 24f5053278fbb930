/*
 * A program that is of no more use once who started it is gone: one that dies
 * cannot tell us, and a pipe that it had stays open to read.
 */
#ifndef CMD_ORPHAN_H
#define CMD_ORPHAN_H

#include <signal.h>

/* Nonzero: it is gone.  Looked at once a second, from orphan_watch on. */
extern volatile sig_atomic_t orphan;
void	orphan_watch(void);
/* The same, for who has nothing to put in order: it ends there and then,
 * whatever it is at. */
void	orphan_end(void);

#endif
