/*
 * What a tool and a provider's program (blob_net.h, cmd/blob_serve.h) say to
 * each other: a question is a line of JSON, and so is its answer.
 *
 *	{"type":"blob_put","id":1,"objects":[{"key":K,"file":"/PATH",
 *	    "size_bytes":N,"sha256":HEX,"cid":C},...]}
 *	{"type":"blob_head","id":2,"objects":[{"key":K,"said":{...}},...]}
 *	{"type":"blob_delete","id":3,"objects":[...]}
 *	{"type":"blob_check","id":4}
 *
 *	{"type":"blob","id":1,"objects":[{"key":K,"where":"there",
 *	    "size_bytes":N,"sha256":HEX,"said":{...}},
 *	    {"key":K,"error":"why","code":"denied"}]}
 *	{"type":"error","id":4,"error":"why","code":"usage"}
 *
 * "bytes" (base64url) stands for "file" where they are few.  "where" is there,
 * pending, failed or absent; "sha256" and "said" may be absent.  Answers are
 * of each object once, in any order.
 *
 * A list is no question, as it has no bound: the program prints lines
 * {"key":K,"size_bytes":N,"timestamp":MS}.
 *
 * Both sides are read strictly: keys that are not known are passed over, all
 * else that is not so is ERR_INPUT.
 */
#ifndef BLOB_BLOB_LINE_H
#define BLOB_BLOB_LINE_H

#include "base/buf.h"
#include "blob/blob.h"

#define BLOB_LINE ((size_t)4 << 20)	/* bytes, each way */
#define BLOB_MANY 64			/* objects of a question */
#define BLOB_KEY 1024			/* bytes of a key */
#define BLOB_SAID 4096			/* bytes of what a provider says */
#define BLOB_BYTES ((size_t)2 << 20)	/* bytes of all objects of a question
					   that are in it; before base64 */

enum blob_ask { BLOB_PUT, BLOB_HEAD, BLOB_DROP, BLOB_CHECK };

struct blob_question {
	enum blob_ask ask;
	int64_t id;
	struct blob *objects;
	size_t n;
	/* of one that was read, own: what the objects point to */
	json_t *root;
	void *room;
};

/* Parts between '/', none of them empty, "." or "..", without controls. */
bool	blob_key_right(const char *);

/* --- the side that asks ------------------------------------------------ */

/* Appended, without a newline. */
void	blob_line_ask(struct buf *, const struct blob_question *);
/*
 * The answer to it: 0, and where, size, has_sum, sha256, said (if there is
 * one), r and err of each object are set.  1: it is the error of all of them,
 * e.  -1: it is no answer to it, and no object was changed.
 */
int	blob_line_answer(const struct blob_question *, const char *, size_t,
	    struct err *);
/* A line of a list; key is the caller's.  ERR_INPUT: it is none, or does not
 * begin with prefix. */
struct blob_item {
	char key[BLOB_KEY + 1];
	uint64_t size;
	int64_t time_ms;
};
int	blob_line_item(struct blob_item *, const char *prefix, const char *,
	    size_t, struct err *);

/* --- the side that answers --------------------------------------------- */

/* What is asked; blob_question_release, whether or not it could be read: its
 * id is that of the line if it has one. */
int	blob_line_question(struct blob_question *, const char *, size_t,
	    struct err *);
void	blob_question_release(struct blob_question *);
/* What a provider said, as it came: NULL with ERR_INPUT when it is none. */
json_t	*blob_said_read(const char *, size_t, struct err *);
/* Appended, with a newline. */
void	blob_line_tell(struct buf *, const struct blob_question *);
void	blob_line_fail(struct buf *, int64_t id, const struct err *);
void	blob_line_list(struct buf *, const char *key, uint64_t size,
	    int64_t time_ms);

/* "denied" for ERR_DENIED and so on, and back; what is none is ERR_INPUT. */
const char *blob_code_name(enum err_code);
enum err_code blob_code(const char *name, size_t len);

#endif
