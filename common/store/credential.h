/*
 * Credentials: who may call.  STORE/access.db has them, hashes only; while it
 * is there STORE/memkit says format 2, and every call needs one.
 *
 * What a caller holds is a token, "mkc_NUMBER_SECRET": the number of its row,
 * and 32 random bytes in base64url (RFC 4648, section 5).  256 random bits
 * need no slow hash: nobody can try them all.  It is read from the file that
 * MEM_CREDENTIAL_FILE names, or from what MEM_CREDENTIAL_COMMAND prints (by
 * sh -c), never from an argument, and is in no message.
 */
#ifndef STORE_CREDENTIAL_H
#define STORE_CREDENTIAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

#define CREDENTIAL_DB "access.db"	/* below the store's folder */
#define CREDENTIAL_NEVER INT64_MAX	/* does not expire, was not revoked */

/* Rights; bits of a set. */
#define RIGHT_READ		1U
#define RIGHT_WRITE		2U
#define RIGHT_TENANT_WRITE	4U	/* records, facts of the tenant */
#define RIGHT_LTM		8U	/* run processors */
#define RIGHT_SYNC		16U	/* push, pull, export, import */
#define RIGHT_AUDIT		32U	/* read and verify the audit log */
#define RIGHT_ADMIN		64U	/* all of them, for every user */
#define RIGHT_ALL		127U

struct db;

/* Strings are own where one was read, borrowed where one is added. */
struct credential {
	int64_t id;
	char *name;
	char *tenant;		/* NULL: of all of them */
	char *user;		/* NULL as tenant is */
	char *session;		/* the one it is bound to, or NULL */
	unsigned rights;
	int64_t created_ms;
	int64_t expires_ms, revoked_ms;	/* or CREDENTIAL_NEVER */
	char *by;
};
void	credential_release(struct credential *);

/* "read,write" to a set; ERR_USAGE names the word and those there are. */
int	rights_parse(const char *, unsigned *, struct err *);
void	rights_print(struct buf *, unsigned);
extern const char *const rights_names[];	/* by bit; ends with NULL */

/* --- the database ------------------------------------------------------ */

/* ERR_ABSENT: the store says that it has one, and it is not there. */
enum credential_mode { CREDENTIAL_READ, CREDENTIAL_WRITE,
    CREDENTIAL_MAKE	/* made if absent */
};
int	credential_open(struct db **, const char *store_dir,
	    enum credential_mode, struct err *);

/* One that came from elsewhere: is it as this memkit makes it, and whole?
 * ERR_CORRUPT. */
int	credential_verify(struct db *, const char *name, struct err *);

/* A new one; the token is appended, buf_wipe it.  ERR_EXISTS: one of this
 * name counts.  Inside a transaction. */
int	credential_add(struct db *, struct credential *, struct buf *token,
	    struct err *);
/* Of this tenant, NULL of the store: 1 revoked from now on, 0 it was;
 * ERR_ABSENT. */
int	credential_revoke(struct db *, const char *tenant, const char *name,
	    struct err *);
/* In order of their numbers; fn as in session_each.  tenant NULL: all. */
int	credential_each(struct db *, const char *tenant,
	    int (*fn)(void *, const struct credential *, struct err *), void *,
	    struct err *);
/* Is there an administrator of the store that counts?  1, 0. */
int	credential_has_admin(struct db *, struct err *);

/* --- the caller -------------------------------------------------------- */

/* The token of the environment, appended; buf_wipe it.  ERR_DENIED: there is
 * none, or what is there cannot be believed, with the remedy. */
int	credential_token(struct buf *, struct err *);
/*
 * Whose token is it?  ERR_DENIED with one text for all that is wrong with a
 * token, but that it expired or was revoked, which only who has it is told.
 */
int	credential_check(struct db *, const struct buf *token,
	    struct credential *, struct err *);
/* The same credential later, by its number: does it still count?  1, 0. */
int	credential_counts(struct db *, int64_t id, struct err *);

#endif
