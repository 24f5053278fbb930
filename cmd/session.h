/*
 * What the commands of mem-session share.
 */
#ifndef CMD_SESSION_H
#define CMD_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cmd/out.h"

struct file_found;
struct store;

/* Options, where more than one file looks at them. */
struct session_options {
	const char *as;
	bool all, dry_run;
	const char *to, *only;
	int64_t from, before, until;
	bool in, out;
	/* of what mem-sync does: only looked at by it */
	const char *remote;
	bool verify;
};
extern struct session_options session_o;

struct session_run {
	struct store *st;
	struct out out;
	int64_t printed;
	int64_t absent;		/* ids not there, lines not read */
	const char *id;		/* the session that is spoken of */
	const char *user;	/* whose it is; NULL: of the call */
	const char *graft;	/* by which it is seen, or NULL */
};

/* A file of run->id; struct file_scan's fn. */
int	session_print_file(void *run, const struct file_found *,
	    struct err *);
/* The area that an operand names; -1 with the error. */
int	session_area(const char *, struct err *);

/* session_put.c */
int	session_verb_put(struct session_run *, int argc, char **argv,
	    struct err *);

/* session_files.c */
int	session_verb_path(struct session_run *, int argc, char **argv,
	    struct err *);
int	session_verb_files(struct session_run *, int argc, char **argv,
	    struct err *);
int	session_verb_scan(struct session_run *, int argc, char **argv,
	    struct err *);

int	session_verb_content(struct session_run *, int argc, char **argv,
	    struct err *);

/* session_graft.c */
int	session_verb_graft(struct session_run *, int argc, char **argv,
	    struct err *);
int	session_verb_grafts(struct session_run *, int argc, char **argv,
	    struct err *);
int	session_verb_ungraft(struct session_run *, int argc, char **argv,
	    struct err *);

/* session_remove.c */
int	session_verb_rm(struct session_run *, int argc, char **argv,
	    struct err *);
int	session_verb_hold(struct session_run *, int argc, char **argv,
	    struct err *);
int	session_verb_release(struct session_run *, int argc, char **argv,
	    struct err *);

#endif
