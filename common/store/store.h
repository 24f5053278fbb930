/*
 * A store: one directory that holds everything; in it a folder and a
 * database for each tenant.  share/man/man5/memkit-store.5 is the format.
 */
#ifndef STORE_STORE_H
#define STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/conf.h"
#include "base/err.h"
#include "store/db.h"

#define STORE_FORMAT 1		/* of the directory */
#define STORE_FORMAT_ACCESS 2	/* the same, with credentials */

/* What a call names; NULL where it names nothing. */
struct store_where {
	const char *dir, *tenant, *user, *session;
	unsigned need;		/* RIGHT_... it takes (credential.h); 0: read
				   for STORE_READ, admin for STORE_FOLDER, else
				   write */
	bool of_session;	/* though it takes a right that is of the whole
				   tenant, it stays within the session that
				   the call is bound to, if it is to one */
	bool inside;		/* no call, but a part of one: nothing is asked,
				   and no session is it bound to */
};

enum store_mode {
	STORE_READ,	/* must exist */
	STORE_WRITE,	/* must exist or is made */
	STORE_MAKE,	/* made; an existing one is opened */
	STORE_MAKE_HERE,/* the same on a network file system, too: whoever
			   calls sets core.host (netfs.h) */
	STORE_FOLDER	/* made, or opened: the folder and its settings
			   alone.  The tenant is not touched, and may be
			   absent; db is NULL */
};

struct access;
struct sealed;
struct zip_set;

struct store {
	char *dir;		/* own */
	char *tenant;		/* own; "default" */
	char *tenant_dir;	/* own */
	char *user;		/* own; whose memory this call sees */
	char *session;		/* own; the session it is bound to, or NULL */
	char *who;		/* own; who calls, for the audit log: the name
				   of a credential, else the user */
	struct access *access;	/* own; what the call may do (access.h) */
	int format;		/* of the directory */
	char *model;		/* own; that vectors are to be made with, or
				   "none": MEM_MODEL, else search.model, else
				   NULL */
	char id[27];		/* of the store: a ULID */
	int64_t user_id;	/* in memory.db; 0: has no rows yet */
	int64_t node;		/* number of this copy (node.h); 0: not asked */
	enum store_mode mode;
	struct db *db;		/* own; memory.db of the tenant */
	struct conf *conf;	/* own; STORE/config */
	struct zip_set *zips;	/* own; dictionaries in use */
	struct sealed *sealed;	/* own; store/sealed.h */
	const struct store *ring_of;	/* borrowed; whose ring opens what is
				   sealed, NULL: its own */
};

/*
 * Where the store is, from the call, else the environment: MEM_STORE,
 * XDG_DATA_HOME, HOME; MEM_TENANT; MEM_USER or the login name;
 * MEM_SESSION.  Strings are owned by the caller of store_where_free.
 */
int	store_locate(const struct store_where *asked, struct store_where *out,
	    struct err *);
void	store_where_free(struct store_where *);

/*
 * ERR_ABSENT: there is no store (STORE_READ); ERR_VERSION: a newer one;
 * ERR_EXISTS: a folder with other things in it; ERR_DENIED: it lies on a
 * network file system, or the call may not do this (access.h).
 */
int	store_open(struct store **, const struct store_where *asked,
	    enum store_mode, struct err *);
/* For a program that the tools run: folder and settings of a store that is
 * there, else ERR_ABSENT; nobody is asked who calls (STORE_FOLDER, inside). */
int	store_open_settings(struct store **, const char *dir,
	    const char *tenant, struct err *);
void	store_close(struct store *);	/* takes NULL */

/* The zone of a store that may be there (core.timezone), put in force. */
int	store_zone(const struct store_where *asked, struct err *);

/*
 * Who can write the configuration can have a program run, and texts sent
 * away: that must be nobody but us or root.  ERR_DENIED names the setting.
 */
int	store_obeys(const struct store *, const char *setting, struct err *);

/* The number of a user (agent, kb) in this tenant, made if absent and make;
 * 0 when there is none. */
int	store_user(struct store *, const char *name, bool make, int64_t *id,
	    struct err *);
int	store_agent(struct store *, const char *name, bool make, int64_t *id,
	    struct err *);
int	store_kb(struct store *, const char *name, bool make, int64_t *id,
	    struct err *);
/* And back: the name of a user by his number, appended.  1, 0 there is none. */
int	store_user_name(struct store *, int64_t id, struct buf *, struct err *);

/* "dir/name" below the tenant's folder; own. */
char	*store_path(const struct store *, const char *name);

/* The id of the store at dir; ERR_ABSENT: there is none. */
int	store_id(const char *dir, char id[27], struct err *);
/* 1: every call needs a credential there; 0; ERR_ABSENT as store_id. */
int	store_guarded(const char *dir, struct err *);
/* 1: a store may be made there, nothing of anybody is in it. */
int	store_free_folder(const char *dir);

/*
 * From now on every call needs a credential: format 2; make is called once
 * nobody else can make the store or change this, and makes them.  0, -1.
 */
int	store_guard(struct store *, int (*make)(void *, struct err *), void *,
	    struct err *);
/* Names of all tenants on disk that have a database, sorted. */
int	store_tenants(const char *dir, struct strv *, struct err *);

#endif
