/*
 * A program that asks an endpoint for others (base/coprocess.h): a question
 * a line on standard input, an answer a line on standard output, both JSON.
 * What embed-http and chat-http have in common.
 */
#ifndef CMD_ENDPOINT_H
#define CMD_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/opt.h"
#include "net/post.h"

/* Of the command line. */
struct endpoint_options {
	const char *url, *model, *key_env, *key_file, *ca_file;
};
extern struct endpoint_options endpoint_options;
extern const struct opt endpoint_opts[];	/* OPT_INCLUDE them */

struct endpoint {
	struct post *post;
	struct buf key;			/* own; a secret */
	struct buf body;		/* of the answer */
	int wait_ms;			/* for the question at hand */
	int tries;			/* 0: as the time allows */
};

/*
 * What such a program is.  reply answers a question: it adds the keys behind
 * "id" to out, each with a comma before it.
 */
struct endpoint_kind {
	const struct opt_tool *tool;
	const char *path;		/* is added to the URL */
	const char *asks, *answers;	/* "type" of both */
	int (*check)(struct err *);	/* of its options; ERR_USAGE */
	int (*reply)(struct endpoint *, const json_t *question,
	    struct buf *out, struct err *);
};

/* The whole program; its exit status. */
int	endpoint_main(const struct endpoint_kind *, int argc, char **argv);

/*
 * POST it; body has the answer.  1; 0: the endpoint answered 400, 413 or 422,
 * which may be about what was asked: *status, and in why what it says.  -1.
 */
#define ENDPOINT_WHY 256
int	endpoint_post(struct endpoint *, const char *json, size_t len,
	    int *status, char why[ENDPOINT_WHY], struct err *);
/* The answer is not what it must be.  -1. */
int	endpoint_wrong(const char *what, struct err *);

#endif
