/*
 * What a tool and engine-http say to each other: a line of JSON, and then as
 * many bytes as it says.
 *
 *	{"method":"POST","path":"/x/_bulk","type":"application/x-ndjson",
 *	    "size":N,"wait_ms":60000,"tries":3}
 *	{"status":200,"size":M,"retry_ms":1000}
 *	{"error":"why","code":"net"}
 *
 * "type", "wait_ms", "tries" and "retry_ms" may be absent.  Both sides are read
 * strictly: keys that are not known are passed over, all else that is not so is
 * ERR_INPUT.
 */
#ifndef ENGINE_LINE_H
#define ENGINE_LINE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

#define ENGINE_LINE ((size_t)16 << 10)	/* bytes of a line, each way */
#define ENGINE_PATH 8000		/* bytes of a path */
#define ENGINE_TRIES 20

struct engine_question {
	char method[8], type[80];	/* type "": no body */
	char *path;			/* own; with the query */
	size_t size;			/* of the body */
	int wait_ms;			/* of each try; 0: as it is set */
	int tries;			/* 0: as the method has it */
};

/* Is it one that can be asked?  NULL, or what is wrong. */
const char *engine_line_wrong(const struct engine_question *);

/* Appended, without a newline. */
void	engine_line_ask(struct buf *, const struct engine_question *);
int	engine_line_question(struct engine_question *, const char *, size_t,
	    struct err *);		/* engine_question_release if it is 0 */
void	engine_question_release(struct engine_question *);

struct engine_answer {
	int status;			/* 100 to 599 */
	size_t size;			/* of the body */
	int retry_ms;			/* 0: it does not say */
};

/* Appended, with a newline. */
void	engine_line_tell(struct buf *, const struct engine_answer *);
void	engine_line_fail(struct buf *, const struct err *);
/* 0; 1: it is an error, e; -1: it is no answer, e. */
int	engine_line_answer(struct engine_answer *, const char *, size_t,
	    struct err *);

/* What the body of an answer says that is wrong, appended: ": why", short and
 * without controls, in the forms of OpenSearch, Elasticsearch and Neo4j; or
 * nothing. */
void	engine_line_reason(struct buf *, const char *body, size_t len);

#endif
