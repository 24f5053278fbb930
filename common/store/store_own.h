/*
 * The parts of opening a store; for the files store*.c alone.
 */
#ifndef STORE_STORE_OWN_H
#define STORE_STORE_OWN_H

#include "store/store.h"

#define STORE_BUSY_MS 10000	/* how long a writer waits for another */

/* store_where.c */

/* What the call says, else the environment; NULL: neither. */
const char *store_first_of(const char *asked, const char *variable);
int	store_locate_dir(const char *asked, char **out, struct err *);
/* As store_locate, but the user stays NULL where nothing names one: to ask who
 * is logged in costs a call 0.1 ms, and who has a credential need not be. */
int	store_locate_some(const struct store_where *asked, struct store_where *,
	    struct err *);
int	store_login_name(char **, struct err *);	/* own */
/* What of it the call itself names, or the environment; borrowed. */
struct store_where store_named_by(const struct store_where *asked);

/* store_folder.c */

/* The file STORE/memkit: "memkit FORMAT ID".  ERR_ABSENT, ERR_CORRUPT,
 * ERR_VERSION. */
int	store_marker_read(struct store *, const char *path, struct err *);
/* Make what is missing of the folder; the lock is held. */
int	store_folder_make(struct store *, const char *marker, struct err *);
/* Says why it is none of ours: -1. */
int	store_folder_foreign(const struct store *, struct err *);

#endif
