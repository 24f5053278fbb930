/*
 * What all tools share: the common options, where the store is, the exit.
 */
#ifndef CMD_CMD_H
#define CMD_CMD_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/opt.h"

struct store;
struct store_where;

#define EXIT_YES 0		/* done; found */
#define EXIT_NO 1		/* the answer is no */
#define EXIT_FAILED 2
#define EXIT_PART 3		/* done in part */
#define EXIT_MISUSE 64
#define EXIT_AGAIN 75

/* Where and for whom; NULL: not given (the store module then asks the
 * environment). */
struct cmd_common {
	const char *store, *tenant, *user, *session;
	bool json, text;	/* force the form of the output */
	const char *format;	/* --format jsonl|text, or what a tool adds */
	bool zero;		/* -0 */
	bool quiet;
	int verbose;
};

extern struct cmd_common cmd;		/* filled by cmd_start */
extern const struct opt cmd_where[];	/* --store --tenant --user */
/* --format --json --text -0.  A verb that prints another format too has a
 * row of its own for --format: OPT_WORD on cmd.format; so has a tool, which
 * then takes OPT_FORMS for the rest. */
extern const struct opt cmd_output[];
extern const struct opt cmd_forms[];	/* --json --text -0 */
extern const struct opt cmd_common[];	/* -q -v -h --version */

/* OPT_WHERE, OPT_OUTPUT, OPT_COMMON: rows of a tool's table. */
#define OPT_WHERE	OPT_INCLUDE(cmd_where)
#define OPT_OUTPUT	OPT_INCLUDE(cmd_output)
#define OPT_FORMS	OPT_INCLUDE(cmd_forms)
#define OPT_COMMON	OPT_INCLUDE(cmd_common)

/*
 * First thing in main: sets up jansson, the clock and the streams, parses
 * the options; prints and exits for -h, --version, --complete and misuse.
 * Returns the verb, or NULL.  *argc and argv become the operands.
 * more may be NULL; it completes what only a store knows (opt_comp) by
 * appending one candidate a line.
 */
const struct opt_verb *cmd_start(const struct opt_tool *, int *argc,
	    char ***argv, void (*more)(enum opt_comp, struct buf *));

/* What the options ask for, once they are parsed: for store_open. */
void	cmd_asked(struct store_where *);
/* Open a store that must be there, even to write: one that is not is a mistake,
 * and none to be made. */
int	cmd_open(struct store **, const struct store_where *, bool write,
	    struct err *);

/* For cmd_start: names of all kinds from the store. */
void	cmd_names(enum opt_comp, struct buf *);

/* A message on standard error: "mem-x: ...".  cmd_note is silent with -q. */
void	cmd_warn(const char *, ...) ERR_FMT(1, 2);
void	cmd_note(const char *, ...) ERR_FMT(1, 2);

/*
 * Progress of long work, on a terminal only and not with -q: at most ten
 * times a second one line that replaces itself; cmd_progress_end wipes it.
 */
void	cmd_progress(const char *, ...) ERR_FMT(1, 2);
void	cmd_progress_end(void);

/* Wrong use found after parsing: fills the error, exit 64. */
int	cmd_misuse(struct err *, const char *, ...) ERR_FMT(2, 3);

/*
 * The exit status: prints e once if r is -1 and maps its code; else r is
 * the status.  Standard output is flushed and closed first: an answer that
 * could not be written is a failure.
 */
int	cmd_exit(int r, const struct err *e);

#endif
