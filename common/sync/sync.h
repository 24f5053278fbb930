/*
 * A store and one of its remotes: what push.h, pull.h and the others work
 * on.  memkit-remote(5) has what lies where.
 */
#ifndef SYNC_SYNC_H
#define SYNC_SYNC_H

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/lock.h"
#include "sync/journal.h"
#include "sync/remote.h"
#include "sync/sealing.h"

struct store;

/* How the caller watches; all may be NULL. */
struct sync_watch {
	const volatile sig_atomic_t *stop;	/* nonzero interrupts */
	/* what is done, how far: for a terminal */
	void (*progress)(void *, const char *what, int64_t done, int64_t all);
	void *arg;
};

struct sync {
	struct store *st;		/* borrowed */
	char *name;			/* own; of the remote */
	char *tenant;			/* own; whose objects there are meant:
					   that of the store, but for
					   sync_open_as */
	char *mark;			/* own; what the journal is called */
	struct remote *remote;		/* own, but of one attached */
	bool attached;
	struct sealing *sealing;	/* own, but of one attached */
	bool pack;			/* small files go into packs */
	struct journal *journal;	/* own */
	struct buf prefix;		/* "TENANT/.memkit/" */
	struct lock lock;		/* one at a time for each remote */
	struct sync_watch watch;
	bool sure;			/* the last manifest is the one that
					   we know: read, or made, just now */
	bool sealed;			/* so may be what is there; by
					   sync_look */
	bool no_state;			/* read each manifest (sync_state.h) */
	int64_t look_upto;		/* and none behind this one; 0: all */
	int64_t sent, received;		/* bytes of objects */
};

/*
 * The remote of that name; NULL: the only one that is configured, or "main".
 * Nothing is asked yet.  ERR_USAGE: there is none, with the remedy; ERR_BUSY:
 * another process works with it.
 */
int	sync_open(struct sync **, struct store *, const char *name,
	    const struct sync_watch *, struct err *);
/* The memory of another tenant there, to be taken into this one: for pull
 * alone.  tenant NULL: as sync_open. */
int	sync_open_as(struct sync **, struct store *, const char *name,
	    const char *tenant, const struct sync_watch *, struct err *);
void	sync_close(struct sync *);	/* takes NULL */
/* The same remote for another store, which nobody else uses; s lives
 * longer. */
int	sync_attach(struct sync **, struct sync *s, struct store *,
	    struct err *);

/* All that are configured, and may be used for this store's tenant. */
void	sync_remotes(const struct store *, struct strv *);
/* The name that sync_open would take; own. */
int	sync_remote_name(const struct store *, const char *given, char **name,
	    struct err *);

/*
 * Read the manifests that are new: one request where none is.  ERR_CORRUPT:
 * those that we know are no more there (somebody emptied it, or it is another
 * place now).
 */
int	sync_look(struct sync *, struct err *);

/* The last one that we know, is it that which is there?  A request, once.
 * ERR_CORRUPT: it is another one. */
int	sync_sure(struct sync *, struct err *);

/* Is what is there our memory?  ERR_EXISTS: of another store. */
int	sync_ours(struct sync *, struct err *);

/* Is what is there in clear, or sealed, and so what we put?  ERR_USAGE: it is
 * sealed, and remote.NAME.seal is not set. */
int	sync_may_put(struct sync *, struct err *);

/* Under which name the store keeps how far this remote has it (change.h). */
void	sync_consumer(const struct sync *, struct buf *);

/* --- objects ----------------------------------------------------------- */

/* ".../segment/ab/ab12..." for a kind of object that its hash names. */
void	sync_key(const struct sync *, struct buf *, const char *kind,
	    const char *name);
/* Waits; sha256 NULL: none to compare with.  Appended, at most so much. */
int	sync_get(struct sync *, const char *key, const uint8_t *sha256,
	    size_t most, struct buf *, struct err *);
/* What a get of an object of this name may compare its bytes with: NULL where
 * they are sealed, and its opening tells. */
const uint8_t *sync_sum(const struct sync *, const uint8_t name[HASH_LEN]);
/* All below "TENANT/.memkit/WHAT" ("piece/"; "": all), found told of each; its
 * key has *front bytes before what is behind WHAT. */
int	sync_list(struct sync *, const char *what, int (*found)(void *,
	    const struct remote_entry *, struct err *), void *, size_t *front,
	    struct err *);
/* What opens what is there; NULL: all of it is in clear. */
struct sealing *sync_opening(const struct sync *);
/* A row of the audit log, with those of objects (remote.h): of a file within
 * a pack, key: where it would be without. */
void	sync_note_file(const struct sync *, const char *action,
	    const char *key, int64_t size, const uint8_t sha256[HASH_LEN]);
/* 1 where we were asked to stop: ERR_BUSY. */
int	sync_stopped(const struct sync *, struct err *);
void	sync_tell(const struct sync *, const char *what, int64_t done,
	    int64_t all);

#endif
