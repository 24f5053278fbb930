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
#include "base/str.h"

struct out {
	struct buf b;		/* own; not written yet */
	bool tty;		/* to a terminal: nothing may steer it */
	bool text;		/* rendered, for people */
	bool colour;
	bool zero;		/* NUL instead of newline */
	bool flush;		/* after every record: --follow */
	bool full;		/* -v: texts whole, over many lines */
	bool csv;		/* rows of fields, the names first */
	bool ids;		/* only the member "id" of each record */
	bool begun;		/* something was printed */
	struct strv *fields;	/* borrowed; members to print: "id",
				   "record.text".  NULL: all, as JSON */
	int width;		/* columns to cut lines at; 0: they stay */
	int lines;		/* of an event's text, where there is a width;
				   0: it is cut */
	bool dense;		/* no empty lines between nodes */
	int64_t last_day;	/* renderer's memory: heading of the day, */
	int top;		/* level of the first node, from 1; 0: none */
};

void	out_init(struct out *);		/* from the common options */
void	out_release(struct out *);	/* writes what is left */

/* One record; -1 ERR_SYS when it could not be written. */
int	out_record(struct out *, const json_t *, struct err *);
/* The same of one that is JSON text already. */
int	out_json(struct out *, const char *, size_t len, struct err *);
/* A line as it is (an id, a path); its end is added. */
int	out_line(struct out *, const char *, struct err *);
/* What comes next is about this: as text only. */
int	out_heading(struct out *, const char *, struct err *);
int	out_flush(struct out *, struct err *);
/* Bytes as they are; what is in the buffer of an out is not in front. */
int	out_raw(const void *, size_t, struct err *);

/* Asked before anything is written to standard output: 0, or -1 and nothing
 * is.  NULL: nobody is asked. */
extern int (*out_may)(struct err *);

/* A string for a record, such as a path; what is not UTF-8 becomes U+FFFD. */
json_t	*out_text(const char *);

/* Bytes that out_record would print, and out_line. */
size_t	out_record_size(struct out *, const json_t *);
size_t	out_line_size(struct out *, const char *);

/*
 * Print what there is, and wait so long.  Should the reader leave meanwhile,
 * what a write to him would have done happens: SIGPIPE; where that is
 * ignored, 1.
 */
int	out_wait(struct out *, int ms, struct err *);

/* The first failure of a write that nobody was told of (out_release), and
 * that of closing standard output: 0 or -1 ERR_SYS.  For cmd_exit. */
int	out_close(struct err *);

/* render.c: a record as text, appended to out->b; unknown types too. */
void	render(struct out *, const json_t *);

/*
 * fields.c: members of a record by name, where points lead inside
 * ("record.text", "why.terms.0.term").  As an object that has only them, in
 * this order; what is not there is left out.  Own.
 */
json_t	*fields_pick(const json_t *, const struct strv *);
/* As a row of CSV (RFC 4180) without its end: strings as they are, other
 * values as JSON, what is not there empty; NULL: the names. */
void	fields_row(struct buf *, const json_t *, const struct strv *);

#endif
