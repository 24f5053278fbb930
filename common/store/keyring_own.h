/*
 * What the files of the key ring share.
 */
#ifndef STORE_KEYRING_OWN_H
#define STORE_KEYRING_OWN_H

#include "store/keyring.h"

/* The key with this id, or NULL. */
struct keyring_key *keyring_get(const struct keyring *, const char *id);
/* Of those in the store's file the active one, or NULL. */
struct keyring_key *keyring_own_active(const struct keyring *);
/* ERR_EXISTS: the id means another key; 0 it is there, 1 a copy was added. */
int	keyring_put(struct keyring *, const struct keyring_key *,
	    struct err *);

/* The store's file alone, into an empty ring; that it is absent is no
 * failure. */
int	keyring_read_own(struct keyring *, const struct store *, struct err *);
/* What the configuration names, added, and which key is active then, if
 * core.activeKey names none. */
int	keyring_add_elsewhere(struct keyring *, const struct store *,
	    struct err *);
/* The setting that says where, or NULL. */
const char *keyring_elsewhere(const struct store *);

/* The lines of a ring's file and no others: an empty one was cut off. */
int	keyring_parse_ring(struct keyring *, const char *text, size_t len,
	    const char *name, struct err *);
/* "ID:KEY" lines, added. */
int	keyring_add_lines(struct keyring *, enum keyring_source,
	    const char *text, size_t len, const char *name, struct err *);

#endif
