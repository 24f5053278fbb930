/*
 * A co-process: a program that reads a line and answers with a line, for as
 * long as we ask; or one that only tells.  Its standard input and output are
 * pipes to us.  What it writes to standard error is handed on line by line.
 *
 * Nothing that it does keeps us waiting beyond the time that was given, and
 * no reply takes more memory than was allowed.  It is in a process group of
 * its own; what is left of that is killed when it is freed, or when a call
 * fails: a failed one is of no more use, and every later call fails.
 */
#ifndef BASE_CHILD_H
#define BASE_CHILD_H

#include <signal.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct child;

/* Who is told what it writes to standard error; NULL: nobody.  The last line
 * is in the error of a call that fails, too. */
extern void (*child_said)(const char *name, const char *line);
/* Nonzero ends a wait with ERR_BUSY: what a handler of signals sets. */
extern const volatile sig_atomic_t *child_stop;

/*
 * argv ends with NULL; argv[0] is a path, or is looked for in PATH.  name is
 * for messages.  ERR_SYS: it cannot be started.
 */
int	child_start(struct child **, const char *name, char *const *argv,
	    struct err *);
/*
 * The same; it has our descriptor `keep`, too, as CHILD_KEPT or the number
 * after that, for as long as it lives: what is locked by it (an open-file
 * lock) stays so until both of us are gone.  -1: none.
 */
#define CHILD_KEPT 3
int	child_start_with(struct child **, const char *name, char *const *argv,
	    int keep, struct err *);
/* Takes NULL.  The end of its input is told first, and it has a moment to
 * leave by itself. */
void	child_free(struct child *);

/*
 * One line to it (without its end), one from it within wait_ms: at most
 * `most` bytes, borrowed until the next call; reply[n] is 0.  ERR_NET: it
 * ended, or it took too long; ERR_INPUT: it answered too much.
 */
int	child_ask(struct child *, const char *line, size_t len, int wait_ms,
	    size_t most, char **reply, size_t *n, struct err *);

/*
 * Of one that answers with several lines: a line to it, and the next one that
 * it writes (without its end, borrowed until the next call; p[n] is 0).  The
 * errors are those of child_ask.  Not to be mixed with it, nor with
 * child_read.
 */
int	child_send(struct child *, const char *line, size_t len, int wait_ms,
	    struct err *);
int	child_line(struct child *, int wait_ms, size_t most, char **p,
	    size_t *n, struct err *);

/*
 * Bytes as they are, after a line to it; and so many of what follows the line
 * that it wrote last, borrowed until the next call.  Of those it wrote in one
 * go with them none is left over when child_no_more is 0: ERR_INPUT.  The
 * errors are those of child_ask.
 */
int	child_put(struct child *, const void *, size_t, int wait_ms,
	    struct err *);
int	child_get(struct child *, size_t n, int wait_ms, const char **p,
	    struct err *);
int	child_no_more(struct child *, struct err *);

/*
 * Of one that is not asked, but tells until it ends: some of what it writes,
 * borrowed until the next call.  Waits for it as long as it takes.  1; 0: it
 * ended with status 0; -1: otherwise, and what it said last is the error's
 * text (ERR_INPUT), or how it ended (ERR_NET).  With child_quiet before the
 * first call nobody is told what it says, but by that error.
 */
void	child_quiet(struct child *);
int	child_read(struct child *, const char **p, size_t *n, struct err *);

/*
 * A program that only prints a secret: all of that, appended to out, once it
 * has ended by itself with status 0.  Nothing is written to it.  Errors as
 * above, but that nobody is told what it writes to standard error, which may
 * hold the secret, too (a shell with -x): only that it did.
 */
int	child_print(const char *name, char *const *argv, int wait_ms,
	    size_t most, struct buf *out, struct err *);
/* The same of a command that sh runs. */
int	child_print_sh(const char *name, const char *command, int wait_ms,
	    size_t most, struct buf *out, struct err *);

#endif
