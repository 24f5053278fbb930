/*
 * Records to standard output: JSON Lines into a pipe or a file, the same
 * records rendered as text on a terminal; --json and --text force either.
 */
#ifndef CMD_OUT_H
#define CMD_OUT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct out {
	struct buf b;		/* own; not written yet */
	bool tty;		/* to a terminal: nothing may steer it */
	bool text;		/* rendered, for people */
	bool colour;
	bool zero;		/* NUL instead of newline */
	bool flush;		/* after every record: --follow */
	bool full;		/* -v: texts whole, over many lines */
	int width;		/* columns to cut lines at; 0: they stay */
	int64_t last_day;	/* renderer's memory: heading of the day */
};

void	out_init(struct out *);		/* from the common options */
void	out_release(struct out *);	/* writes what is left */

/* One record; -1 ERR_SYS when it could not be written. */
int	out_record(struct out *, const json_t *, struct err *);
/* A line as it is (an id, a path); its end is added. */
int	out_line(struct out *, const char *, struct err *);
int	out_flush(struct out *, struct err *);

/* The first failure of a write that nobody was told of (out_release), and
 * that of closing standard output: 0 or -1 ERR_SYS.  For cmd_exit. */
int	out_close(struct err *);

/* render.c: a record as text, appended to out->b; unknown types too. */
void	render(struct out *, const json_t *);

#endif
