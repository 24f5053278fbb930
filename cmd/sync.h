/*
 * What the commands of mem-sync share.
 */
#ifndef CMD_SYNC_H
#define CMD_SYNC_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "cmd/out.h"
#include "store/store.h"

struct sync;

struct sync_options {
	const char *remote;
	bool clear;				/* export */
	bool dry_run;				/* push, import */
	bool steal, follow, anew, snapshot;	/* push */
	int64_t nice, every, wait;
	bool merge, rows_only;			/* pull */
	const char *as;
	int64_t check;				/* status; DATE_MIN: no */
	bool dirty;
	int64_t hold;				/* lease */
	bool verify;				/* archive, retain */
	const char *policy;			/* retain */
	int64_t older;				/* prune; DATE_MIN: the usual */
	const char *receipt;			/* forget */
	bool now;
};
extern struct sync_options sync_o;

struct sync_tool {
	struct store *st;
	struct out out;
};

/* The remote that is asked for, with progress, and signals that stop it. */
int	sync_tool_open(struct sync_tool *, struct sync **, struct err *);
int	sync_print(struct sync_tool *, json_t *own, struct err *);
/* A file that is not there as it should be; struct pull_how's no_file. */
struct file_each;
int	sync_no_file(void *tool, const struct file_each *, const char *why,
	    struct err *);

/* sync_push.c */
int	sync_verb_push(struct sync_tool *, int argc, char **argv,
	    struct err *);
/* sync_pull.c */
/* An applied_fn on a sync_tool: what two wrote without knowing each other, or
 * was refused.  Nothing is lost, and people decide. */
struct ingest_result;
int	sync_told(void *tool, const struct ingest_result *, struct err *);
/* A file_batch_fn on one: bytes that are not where they belong. */
struct file_each;
int	sync_no_file(void *tool, const struct file_each *, const char *why,
	    struct err *);
/* The same of an artifact. */
struct artifact;
int	sync_no_artifact(void *tool, const char *user,
	    const struct artifact *, const char *why, struct err *);
int	sync_verb_pull(struct sync_tool *, int argc, char **argv,
	    struct err *);
int	sync_verb_renew(struct sync_tool *, int argc, char **argv,
	    struct err *);
/* sync_verify.c */
int	sync_verb_verify(struct sync_tool *, int argc, char **argv,
	    struct err *);
/* sync_repair.c, sync_prune.c */
int	sync_verb_repair(struct sync_tool *, int argc, char **argv,
	    struct err *);
int	sync_verb_prune(struct sync_tool *, int argc, char **argv,
	    struct err *);
/* sync_forget.c */
int	sync_verb_forget(struct sync_tool *, int argc, char **argv,
	    struct err *);
/* sync_status.c */
int	sync_verb_status(struct sync_tool *, int argc, char **argv,
	    struct err *);
/* sync_archive.c */
int	sync_verb_archive(struct sync_tool *, int argc, char **argv,
	    struct err *);
int	sync_verb_restore(struct sync_tool *, int argc, char **argv,
	    struct err *);
/* sync_retain.c */
int	sync_verb_retain(struct sync_tool *, int argc, char **argv,
	    struct err *);
/* sync_lease.c */
int	sync_verb_lease_show(struct sync_tool *, int argc, char **argv,
	    struct err *);
int	sync_verb_lease_take(struct sync_tool *, int argc, char **argv,
	    struct err *);
int	sync_verb_lease_drop(struct sync_tool *, int argc, char **argv,
	    struct err *);
/* sync_export.c */
int	sync_verb_export(struct sync_tool *, int argc, char **argv,
	    struct err *);
int	sync_verb_import(struct sync_tool *, int argc, char **argv,
	    struct err *);

#endif
