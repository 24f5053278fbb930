/*
 * Artifacts: files that the memory speaks of.  One in mode pointer_only is a
 * URI and what is said of it; nothing is ever fetched from there.  One in mode
 * managed_blob has its bytes at a provider (blob.h).
 *
 * The row is written before the bytes, and settled after them; deleting is the
 * same backwards.  Who dies in between leaves a row that artifact_reconcile.h
 * settles.  While a process works on an artifact it holds a lock with its
 * number (artifact_lock.h), so that one that works is told from one that
 * died.  What a row says of its state travels (mem-sync) when it is settled.
 *
 *	pending -> stored | accepted | failed
 *	accepted -> available | failed		(the provider decides)
 *	stored, available <-> unavailable	(somebody looked)
 *	any of these -> deleting -> deleted | delete_failed -> deleting
 */
#ifndef ARTIFACT_ARTIFACT_H
#define ARTIFACT_ARTIFACT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "base/hash.h"
#include "base/ulid.h"

struct db_query;
struct store;

enum artifact_state { ARTIFACT_STORED, ARTIFACT_PENDING, ARTIFACT_ACCEPTED,
    ARTIFACT_AVAILABLE, ARTIFACT_UNAVAILABLE, ARTIFACT_DELETING,
    ARTIFACT_DELETED, ARTIFACT_DELETE_FAILED, ARTIFACT_FAILED,
    ARTIFACT_STATES };
/* As they are told: "stored" ...; one that is accepted is "pending", too. */
extern const char *const artifact_states[];

enum artifact_provider { ARTIFACT_POINTER, ARTIFACT_LOCAL, ARTIFACT_S3,
    ARTIFACT_FILECOIN, ARTIFACT_PROVIDERS };
extern const char *const artifact_providers[];	/* "", "local_fs" ...; NULL */
/* Those up to this one are found by mem-search (and artifact_turn, of the
 * schema, tells when a row passes it). */
#define ARTIFACT_FOUND ARTIFACT_UNAVAILABLE
/* The number of a name, but for ARTIFACT_POINTER; -1. */
int	artifact_provider(const char *);

/* A row.  Strings and json are own, NULL where there is nothing. */
struct artifact {
	int64_t seq;
	uint8_t id[ULID_BYTES];
	int64_t user, session;		/* rows; session 0: of none */
	char graft[ULID_LEN + 1];	/* that it is seen by (artifact_find,
					   artifact_each), or "" */
	enum artifact_state state;
	enum artifact_provider provider;
	int64_t created_ms, at_ms, node;
	int64_t size;			/* plain; -1: not known */
	int64_t osize;			/* as the provider has it */
	char *object;			/* storage key */
	bool has_sum, has_hash;
	uint8_t sum[HASH_LEN], hash[HASH_LEN];
	char *codec;			/* JSON (artifact_codec.h) */
	json_t *said;			/* blob.said */
	bool here;
	json_t *body;			/* content_type, uri, filename,
					   metadata */
};
void	artifact_release(struct artifact *);
/* How its state is told: "unavailable", too, where the bytes are on the disk
 * of another copy of the store. */
const char *artifact_status(const struct artifact *);

/* --- errors ------------------------------------------------------------ */

/*
 * Those of the contract: the message begins with the code, ERR_* is such that
 * the exit status is 2.  artifact_code: the code that a message begins with,
 * or NULL; *rest is what is behind it.
 */
#define ARTIFACT_NOT_FOUND "artifact_not_found"
#define ARTIFACT_NOT_MANAGED "pointer_content_not_managed"
#define ARTIFACT_SCHEME "invalid_pointer_uri_scheme"
#define ARTIFACT_METADATA "invalid_metadata"
#define ARTIFACT_IN_USE "artifact_in_use"
#define ARTIFACT_DELETE_IN_FLIGHT "delete_in_flight"
#define ARTIFACT_NOT_READY "artifact_not_ready"
#define ARTIFACT_NOT_THERE "artifact_unavailable"
#define ARTIFACT_DISABLED "managed_storage_disabled"
#define ARTIFACT_NO_BACKEND "storage_backend_unavailable"
#define ARTIFACT_POST_PERSIST "put_post_persist_failed"
#define ARTIFACT_TOO_LARGE "artifact_too_large"
int	artifact_fail(struct err *, const char *code, const char *, ...)
	    ERR_FMT(3, 4);
const char *artifact_code(const struct err *, const char **rest);

/* --- reading ----------------------------------------------------------- */

/* An id as somebody typed it: 1, 0 it is none. */
int	artifact_id_read(const char *, uint8_t id[ULID_BYTES]);

/*
 * One that this call may see (store/access.h).  Else ARTIFACT_NOT_FOUND, as
 * for an id that is none.
 */
int	artifact_find(struct store *, const char *id, struct artifact *,
	    struct err *);
/* Before it is changed: ERR_DENIED where it is seen by a graft. */
int	artifact_may_change(struct store *, const struct artifact *,
	    struct err *);
/* By its row, whoever's: 1, 0. */
int	artifact_row(struct store *, int64_t seq, struct artifact *,
	    struct err *);
/* By its id, whoever's: 1, 0. */
int	artifact_row_id(struct store *, const uint8_t id[ULID_BYTES],
	    struct artifact *, struct err *);

struct artifact_query {
	int64_t since_ms, until_ms;	/* created in [since, until) */
	const char *session;		/* NULL: any */
	const char *provider, *status;	/* NULL: any */
	bool all;			/* deleted and failed ones, too */
	bool reverse;			/* the newest first */
	int64_t limit;			/* 0: none */
};
/* Those that this call may see, by their creation.  fn returns 0 to go on;
 * what it sees is borrowed. */
int	artifact_each(struct store *, const struct artifact_query *,
	    int (*fn)(void *, const struct artifact *, struct err *), void *,
	    struct err *);
/* Rows that are to be settled, or, with all, all that are managed and not
 * deleted, whoever's, after a row; at most n.  fn is called with no statement
 * open. */
int	artifact_each_open(struct store *, bool all, int64_t after, int64_t n,
	    int (*fn)(void *, struct artifact *, struct err *), void *,
	    struct err *);

/* The record (memkit-json(5)); own.  names: the store, for user and
 * session. */
json_t	*artifact_json(struct store *, const struct artifact *,
	    struct err *);

/* How many there are in each state, as it is told (artifact_status), of all
 * users: an object, state by state that has any; own. */
json_t	*artifact_counts(struct store *, struct err *);

/* --- writing: inside a transaction ------------------------------------- */

/* A new row, of this node and of now; seq is set.  No change yet. */
int	artifact_insert(struct store *, struct artifact *, struct err *);
/*
 * What a has of state, said and here goes into its row, if the row has still
 * the state `from`, and nobody settled it since it was read (at): 1; 0 somebody
 * did.  It is of now and of this node.  One that is deleted loses its body, and
 * the hash of its content.
 */
int	artifact_settle(struct store *, struct artifact *,
	    enum artifact_state from, struct err *);
/* Its bytes have another form: object, osize, sum, codec.  Besides settling. */
int	artifact_reform(struct store *, const struct artifact *,
	    struct err *);
/*
 * Only the state, of a row that is still as a says; 1, 0 as above.  For what
 * was seen, and is no doing of ours: neither at nor node change, so that what
 * another copy did to it meanwhile counts when it comes.
 */
int	artifact_mark(struct store *, const struct artifact *,
	    enum artifact_state to, struct err *);
/* All of it as it is given, that may change: seq 0 inserts it.  Another
 * copy's, which is as it is there. */
int	artifact_write(struct store *, struct artifact *, struct err *);
/* Of now and of this node, later than it was. */
int	artifact_stamp(struct store *, struct artifact *, struct err *);
/* Others hear of it (a change). */
int	artifact_tell(struct store *, int64_t seq, struct err *);

/* Another row that is stored on this disk with these bytes, of this user, not
 * sealed: 1, 0. */
int	artifact_twin(struct store *, int64_t user,
	    const uint8_t sum[HASH_LEN], struct artifact *, struct err *);
/* Does another row need this object?  1, 0. */
int	artifact_shared(struct store *, const struct artifact *,
	    struct err *);
/* Does any row that is not deleted, or the journal, name it?  1, 0. */
int	artifact_named(struct store *, const struct artifact *, struct err *);
/* What refers to it, as "record KB/ID"; own.  1, 0 nothing. */
int	artifact_used(struct store *, const uint8_t id[ULID_BYTES],
	    char **by, struct err *);

/* --- the journal of bytes to be taken away ----------------------------- */

struct artifact_byte {
	int64_t seq, artifact;
	enum artifact_provider provider;
	const char *object;		/* borrowed */
	json_t *said;			/* borrowed */
};
int	artifact_byte_add(struct store *, const struct artifact_byte *,
	    int64_t *seq, struct err *);
int	artifact_byte_remove(struct store *, int64_t seq, struct err *);
/* Those after a number, at most n, with no statement open. */
int	artifact_byte_each(struct store *, int64_t after, int64_t n,
	    int (*fn)(void *, const struct artifact_byte *, struct err *),
	    void *, struct err *);

#endif
