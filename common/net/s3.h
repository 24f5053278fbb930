/*
 * S3: the objects of one bucket, at a store that speaks Amazon's S3.
 *
 * Every request is a struct of the caller's: filled, started, and done when
 * s3_step says so by its function `done`, or waited for with s3_wait.  Many
 * may be on their way at once, over connections that are kept; those beyond
 * at_once wait for their turn.  A request has to stay where it is until it is
 * done; what it points to is borrowed until then.  Memory is bounded whatever
 * the size of an object: bodies come from a file, from memory or from a
 * function, and go to one.
 *
 * What is sure:
 * - Bytes are signed (sigv4.h), so what arrives is what was sent; every
 *   object that is put bears its SHA-256 as metadata (x-amz-meta-sha256), and
 *   a get of all of it compares.
 * - What may be better the next time is tried again (retry.h): broken
 *   connections, 429, 500, 502, 503, 504, a body that was damaged on its way.
 *   Retry-After is obeyed up to S3_AFTER_S.  A clock that is wrong is put
 *   right once, from the store's; a bucket in another region is followed once,
 *   if data may go there; credentials that have expired are got anew once.
 * - A put that may have been done although its answer was lost is done again,
 *   which is harmless.  With `once` what is there then is told from somebody
 *   else's by its SHA-256; of equal bytes nobody can say whose they are, and
 *   `made` says so.
 * - Where encryption was asked for, the answer has to say that it was done.
 *   What a store kept in the clear all the same is deleted, and refused.
 * - Nothing goes by http:// but to this machine, unless it is `insecure`.
 *
 * Errors: ERR_ABSENT no such object (or bucket, or upload); ERR_EXISTS it is
 * there already (once); ERR_DENIED the store refuses us, or we refuse it;
 * ERR_NET it is unreachable, overloaded, or damages what it sends, and the
 * same call may work later; ERR_BUSY somebody else changes it; ERR_INPUT an
 * answer or a name that is not what it must be; ERR_USAGE it is called wrongly.
 *
 * What is different from store to store: s3_preset.h.  Sources: Amazon S3 API
 * Reference, one page for each action.
 */
#ifndef NET_S3_H
#define NET_S3_H

#include <signal.h>

#include "net/s3_cred.h"
#include "net/s3_preset.h"
#include "net/s3_req.h"

#define S3_AFTER_S 20		/* longest Retry-After that is waited for */

enum s3_sse { S3_SSE_NONE, S3_SSE_S3, S3_SSE_KMS };

struct s3_how {
	const char *preset;	/* s3_preset.h; NULL: "s3" */
	const char *endpoint;	/* https://HOST[:PORT][/PATH]; NULL: that of
				   the preset */
	const char *bucket;
	const char *region;	/* NULL: the profile's, or us-east-1 */
	const struct strv *regions;	/* where data may go; NULL: anywhere */
	enum s3_style style;
	bool insecure;		/* http:// to other machines, too */
	struct s3_cred_how cred;
	enum s3_sse sse;
	const char *kms_key;	/* its id, no alias; NULL: the store's own */
	struct http_how http;	/* certificates, proxy, deadlines */
	int wait_ms;		/* for a request with all its tries, unless it
				   says; 0: an hour */
	int tries;		/* of a request; 0: 6 */
	int at_once;		/* 0: 16 */
	/* nonzero: s3_step returns ERR_BUSY; NULL: nobody interrupts */
	const volatile sig_atomic_t *stop;
	/* told before each new try; NULL: nobody.  The reason is borrowed */
	void (*again)(void *, const char *why, int wait_ms);
	void *arg;
};

/*
 * The strings of how are copied, those of how.cred live as long as the s3.
 * Nothing is asked yet, but for credentials (s3_cred.h).  ERR_USAGE: it cannot
 * be used like that; ERR_DENIED: by http, or in a region that is not allowed.
 */
int	s3_open(struct s3 **, const struct s3_how *, struct err *);
/* Takes NULL.  Requests on their way are dropped; done is not called. */
void	s3_free(struct s3 *);
const struct s3_preset *s3_preset_of(const struct s3 *);
const char *s3_region_of(const struct s3 *);
/* Stars for what a text has of the credentials. */
void	s3_hide(const struct s3 *, char *text);

/* Go on, waiting up to wait_ms for something to happen.  How many requests
 * are not done yet, or -1. */
int	s3_step(struct s3 *, int wait_ms, struct err *);
/* Until this one is done: its result, 0 or -1 with its error.  Others go on,
 * too.  When s3_step fails it is dropped. */
int	s3_wait(struct s3 *, struct s3_req *, struct err *);

/* --- bodies ------------------------------------------------------------ */

/* Memory that stays as it is. */
struct http_body s3_from_mem(const void *, size_t);

/* len bytes of a file from `from` on.  The s3_file is borrowed, too.  One
 * that changes while it is sent is not stored. */
struct s3_file {
	int fd;
	uint64_t from;
	const char *name;	/* for messages */
};
struct http_body s3_from_file(struct s3_file *, uint64_t len);

/* --- objects ----------------------------------------------------------- */

/* What a store says of an object. */
struct s3_object {
	uint64_t size;
	int64_t modified_ms;	/* 0: it does not say */
	char etag[S3_ETAG + 1];	/* without quotes */
	char version[S3_VERSION + 1];	/* "": the bucket keeps none */
	char sha256[HASH_HEX + 1];	/* "": it does not say */
	char class[32];		/* "": the usual one */
	char sse[32];		/* how it is encrypted; "": it does not say */
	char sse_key[256];	/* with which key of a KMS */
	struct strv meta;	/* own; name, value, name, value ... */
	uint64_t first;		/* of a part: where it begins */
	bool part;		/* size is known from a part's */
};
void	s3_object_release(struct s3_object *);

/* What became of a put, whatever its result. */
enum s3_made {
	S3_NOT_MADE,		/* nothing of it is there */
	S3_MADE,		/* by us: the store said so */
	S3_THERE,		/* there is another one (once) */
	S3_UNSURE		/* the answer was lost, or (once) the same bytes
				   are there, which may be ours or not */
};

struct s3_put {
	struct s3_req req;
	const char *key;
	struct http_body body;
	const uint8_t *sha256;	/* of the body; NULL: it is read for that */
	const char *type;	/* NULL: application/octet-stream */
	/* name, value ...; NULL: none.  Names are of small letters, digits
	 * and '-', values plain ASCII */
	const struct strv *meta;
	const struct strv *tags;	/* the same, any text; NULL: none */
	const char *class;	/* STANDARD_IA, GLACIER ...; NULL: the usual */
	/* only where there is none; ERR_EXISTS: there are other bytes */
	bool once;
	enum s3_made made;	/* the answer */
	char etag[S3_ETAG + 1];	/* of what was stored */
	char version[S3_VERSION + 1];	/* "": the bucket keeps none */
	char sum[HASH_HEX + 1];	/* its SHA-256 */
	/* ours */
	char said_sse[32], said_key[256];
	char found[HASH_HEX + 1];
	int step;
	bool doubt;		/* an answer may have been lost */
};
void	s3_put(struct s3 *, struct s3_put *);

struct s3_get {
	struct s3_req req;
	const char *key;
	const char *version;	/* NULL: the latest */
	uint64_t from, len;	/* a part; len 0: to the end */
	/*
	 * The bytes, from `at` (0 the first that was asked for) on.  When they
	 * have to be read anew it begins at 0 again; -1 gives up.  NULL: they
	 * are dropped, after they were compared.
	 */
	int (*take)(void *, const void *, size_t, uint64_t at, struct err *);
	void *arg;
	const uint8_t *sha256;	/* what all of it must be; NULL: what the store
				   says that it is */
	const char *etag;	/* what it must bear; NULL: whatever */
	bool sure;		/* all of it, and nothing says what it must be:
				   ERR_INPUT */
	struct s3_object object;	/* the answer; s3_object_release */
	/* ours */
	struct hash hash;
	uint64_t got, mark;	/* bytes that were taken */
	char first[S3_ETAG + 1];
	int anew;		/* times that it was read anew */
	bool checked;		/* what the headers of this try said */
};
void	s3_get(struct s3 *, struct s3_get *);

struct s3_head {
	struct s3_req req;
	const char *key;
	const char *version;	/* NULL: the latest */
	struct s3_object object;	/* s3_object_release */
};
void	s3_head(struct s3 *, struct s3_head *);

/* One that is not there is deleted, too.  In a bucket that keeps versions the
 * bytes go with their version only: without it they are hidden. */
struct s3_delete {
	struct s3_req req;
	const char *key;
	const char *version;	/* NULL: the latest */
	/* the answer: the version of the mark that hides it now; "": it is
	 * gone */
	char mark[S3_VERSION + 1];
	bool marked;		/* ours */
};
void	s3_delete(struct s3 *, struct s3_delete *);

/* Up to 1,000 at once.  failed is told of each that could not be; NULL: the
 * first is the error. */
#define S3_DELETE_MAX 1000
struct s3_delete_all {
	struct s3_req req;
	const struct strv *keys;
	void (*failed)(void *, const char *key, const char *code);
	void *arg;
	struct buf xml;		/* ours */
};
void	s3_delete_all(struct s3 *, struct s3_delete_all *);

/* Those that begin with prefix, sorted as the store does; page after page. */
struct s3_list {
	struct s3_req req;
	const char *prefix;	/* NULL: all */
	const char *after;	/* only keys behind this one; NULL: all */
	const char *delimiter;	/* NULL, or keys are folded at the first one
				   behind prefix */
	int page;		/* keys an answer; 0: 1000 */
	s3_found *found;
	void *arg;
	uint64_t n;		/* of them, so far */
	/* ours */
	struct s3_page next;
	struct buf last;
};
void	s3_list(struct s3 *, struct s3_list *);

/* Tags of an object; name, value ... */
int	s3_tags_get(struct s3 *, const char *key, struct strv *, struct err *);
int	s3_tags_put(struct s3 *, const char *key, const struct strv *,
	    struct err *);

/* Is the bucket there, and ours to use?  1, 0 it is not there, -1. */
int	s3_bucket_there(struct s3 *, struct err *);
/* Make it; one that we have already is right. */
int	s3_bucket_make(struct s3 *, struct err *);

/* A URL that whoever has it may GET the object by, for so many seconds. */
int	s3_presign(struct s3 *, const char *key, int seconds, struct buf *,
	    struct err *);

#endif
