/*
 * A remote: a place elsewhere that keeps objects by their keys; a folder
 * (remote_dir.c), or a bucket of a store that speaks S3 (remote_s3.c).  This
 * is all that push, pull and verify know of it, and the same holds of both.
 *
 * Operations are structs of the caller's: filled, started, and done when
 * remote_step calls `done`, or waited for with remote_wait.  Many may be on
 * their way (remote_can tells how many are worth it); each holds what it
 * borrows, an open file too, until it is done, so who has many to do starts
 * the next one when one is done.  An operation stays where it is until then.
 * `done` may start others; it must not step or wait.
 *
 * What holds:
 * - An object is there as a whole or not at all, whenever who wrote it died.
 *   One that was put is on the disk, or acknowledged by the store, before it
 *   is done.  Two that put one key: the later one stays, whole.
 * - What is read is compared with its SHA-256: the caller's, or the one that
 *   was stored with it (can.sums).  Bytes are handed out before that; they
 *   count when the operation is done.
 * - All but put with `once` may be repeated whenever it is not known how it
 *   ended.  What may be better the next time has been tried again, as far as
 *   the settings allow; nothing decides by two clocks that they agree.
 * - A listing has every key that was there from its beginning to its end,
 *   once, in the order of bytes; others may be in it or not.  An object that
 *   was put before is in it, and can be read, at once.
 *
 * Costs: an operation is a request, for a folder a few calls of the system
 * (a put: 2 fsync); a list is a request for each 1,000 keys, a delete one for
 * each 1,000.  A put with `once` that meets another object asks once or twice
 * more.  Memory is bounded whatever the size of an object, but for a folder
 * that is listed: its names.
 *
 * Errors: ERR_ABSENT there is no such object; ERR_EXISTS another one is there
 * (once); ERR_INPUT bytes or an answer are not what they must be; ERR_NET the
 * remote is unreachable, or damages what it sends, and ERR_BUSY somebody
 * changes it just now, or we are interrupted: the same call may work later;
 * ERR_DENIED it refuses us, or we refuse it; ERR_SYS the system does (disk
 * full, I/O error); ERR_USAGE a key is none, a setting is wrong.
 *
 * How a remote is set up: memkit.conf(5), remote.NAME.*
 */
#ifndef SYNC_REMOTE_H
#define SYNC_REMOTE_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/str.h"

struct remote;
struct store;

/* What it can; what it cannot is left out of a put without a word. */
struct remote_can {
	const char *kind;	/* "folder", "s3" */
	bool sums;		/* keeps the SHA-256 of each object */
	bool meta, class;	/* keeps metadata; knows storage classes */
	bool resume;		/* a large put can be gone on with */
	int at_once;		/* operations that are worth starting */
};

/*
 * The remote of that name in the store's configuration, which must be one
 * that nobody else can write to (ERR_DENIED).  Nothing is asked yet, but a
 * folder has to be there: where nothing is mounted nothing is filled
 * (ERR_ABSENT).  The store lives longer.  stop: nonzero interrupts every
 * operation; NULL: nothing does.
 */
int	remote_open(struct remote **, const struct store *, const char *name,
	    const volatile sig_atomic_t *stop, struct err *);
/* From now on only keys of this tenant are taken ("TENANT/..."): ERR_DENIED of
 * all others, whatever they come from.  The store's is, to begin with; NULL:
 * any. */
void	remote_only(struct remote *, const char *tenant);
/* Takes NULL.  Operations on their way are dropped; done is not called. */
void	remote_close(struct remote *);
const struct remote_can *remote_can(const struct remote *);

enum remote_what { REMOTE_PUT, REMOTE_GET, REMOTE_HEAD, REMOTE_LIST,
    REMOTE_DELETE };

struct remote_op {
	/* the caller's */
	void (*done)(struct remote_op *);	/* NULL: somebody waits */
	void *user;
	/* how it ended */
	int r;				/* 0; -1: err */
	struct err err;
	/* ours */
	struct remote *remote;
	enum remote_what what;
	struct remote_op *next;
	void *work;			/* of the kind of remote */
	bool busy;
};

/* Go on, waiting up to wait_ms for something to happen.  How many operations
 * are not done yet, or -1. */
int	remote_step(struct remote *, int wait_ms, struct err *);
/* Until this one is done: its result, 0 or -1 with its error.  Others go on,
 * too. */
int	remote_wait(struct remote *, struct remote_op *, struct err *);

/* --- putting ----------------------------------------------------------- */

/* Bytes in memory, or so many of a file from `from` on; borrowed. */
struct remote_body {
	const void *mem;	/* NULL: of the file */
	int fd;
	uint64_t from, len;
	const char *name;	/* of the file, for messages */
};

enum remote_made {
	REMOTE_NOT_MADE,	/* nothing of it is there */
	REMOTE_MADE,		/* there, by us */
	REMOTE_THERE,		/* there is another one (once) */
	/*
	 * Whether it is there, or, with `once`, whether what is there with the
	 * same bytes is ours, is not known: an answer was lost.  Who has to
	 * know puts something of his own into it, and reads.
	 */
	REMOTE_UNSURE
};

/* Bytes of what is put once: one request of S3 takes no more (S3 User
 * Guide, "Uploading objects"). */
#define REMOTE_ONCE_MAX ((uint64_t)5 << 30)

struct remote_put {
	struct remote_op op;
	const char *key;
	struct remote_body body;
	const uint8_t *sha256;	/* of body, which must be that; NULL: it is
				   read for it */
	/*
	 * Only where there is none.  Of all who put one key with `once`, and
	 * nobody deletes it, one at most is told that it made it.  Equal
	 * bytes that were there are done (r 0) and REMOTE_UNSURE, or
	 * REMOTE_THERE where it is known.  Up to REMOTE_ONCE_MAX.
	 */
	bool once;
	const char *class;	/* NULL: that of the settings */
	/* name, value ...; NULL: none.  Names are of small letters, digits
	 * and '-', values plain ASCII */
	const struct strv *meta;
	/*
	 * A large one that broke off: its id, as begun told it, of the same
	 * key and bytes; one that is not known any more begins anew.  begun
	 * NULL: nothing is kept of one that fails.
	 */
	const char *resume;
	void (*begun)(struct remote_put *, const char *id);
	enum remote_made made;	/* the answer, whatever r is */
};
void	remote_put(struct remote *, struct remote_put *);

/* --- getting ----------------------------------------------------------- */

struct remote_get {
	struct remote_op op;
	const char *key;
	uint64_t from, len;	/* a part, not compared; len 0: to the end */
	const uint8_t *sha256;	/* what all of it must be; NULL: what the
				   remote keeps, if it does */
	/*
	 * The bytes, from `at` (0 the first that was asked for) on.  When they
	 * have to be read anew it begins at 0 again; -1 gives up.  NULL: they
	 * are only compared.
	 */
	int (*take)(void *, const void *, size_t, uint64_t at, struct err *);
	void *arg;
	uint64_t size;		/* the answer: of all of it */
};
void	remote_get(struct remote *, struct remote_get *);

/* For take: into a file, from where it begins on; arg is a pointer to its
 * descriptor.  Cut it to its size when it is done. */
int	remote_into_fd(void *fd, const void *, size_t, uint64_t, struct err *);
/* Into a buffer that is empty; more than most is ERR_INPUT. */
struct remote_room {
	struct buf *buf;
	size_t most;
};
int	remote_into_buf(void *room, const void *, size_t, uint64_t,
	    struct err *);

struct remote_head {
	struct remote_op op;
	const char *key;
	/* the answer */
	uint64_t size;
	int64_t modified_ms;	/* by the remote's clock */
	char sha256[HASH_HEX + 1];	/* "": it does not say */
	char class[32];		/* "": the usual one */
	struct strv meta;	/* the caller's then */
};
void	remote_head(struct remote *, struct remote_head *);

/* --- listing and deleting ---------------------------------------------- */

struct remote_entry {
	const char *key;	/* borrowed */
	const char *why;	/* it is no key of ours; NULL: it is */
	uint64_t size;
	int64_t modified_ms;
};

struct remote_list {
	struct remote_op op;
	const char *prefix;	/* "", or ends in '/' */
	const char *after;	/* only keys behind this one; NULL: all */
	/* -1 ends it with that error. */
	int (*found)(void *, const struct remote_entry *, struct err *);
	void *arg;
	uint64_t n;		/* so far */
};
void	remote_list(struct remote *, struct remote_list *);

/* Any number of keys; one that is not there is deleted, too. */
struct remote_delete {
	struct remote_op op;
	const struct strv *keys;
	/* told of each that could not be; NULL: the first is the error */
	void (*failed)(void *, const char *key, const char *why);
	void *arg;
};
void	remote_delete(struct remote *, struct remote_delete *);

/*
 * What was begun below prefix by who died, and was not touched for age_ms:
 * temporary files, parts of large puts.  Whoever may still work on one for so
 * long is interrupted.  *n: how many there were.  Waits for it.
 */
int	remote_sweep(struct remote *, const char *prefix, int64_t age_ms,
	    uint64_t *n, struct err *);

#endif
