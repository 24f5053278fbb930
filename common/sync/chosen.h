/*
 * The files of one session that a stage of its life (memory/stage.h) is about.
 */
#ifndef SYNC_CHOSEN_H
#define SYNC_CHOSEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct stage;
struct store;
struct sync;

struct chosen {
	struct chosen_file {
		int64_t seq;	/* its row */
		int area;
		char *path;	/* own */
	} *v;			/* own */
	size_t n, cap;
	int64_t bytes;		/* of all */
};
#define CHOSEN_INIT { NULL, 0, 0, 0 }
void	chosen_release(struct chosen *);

struct choice {
	bool here;		/* only those whose bytes are here */
	unsigned areas;		/* 1 << area: of these; 0: of all, but */
	unsigned but;		/* of these */
};

/* What somebody wrote into its folder: how much of it is new; it is recorded
 * if that is asked.  ERR_BUSY: something is being written. */
int	chosen_scan(struct store *, const struct stage *, bool record,
	    int64_t *fresh, struct err *);
/* Those that count, and are not removed. */
int	chosen_gather(struct store *, const struct stage *,
	    const struct choice *, struct chosen *, struct err *);
/* ERR_BUSY: some were written here and are not on the remote yet; by what the
 * manifests say that were read last (sync_look). */
int	chosen_pushed(struct sync *, const struct stage *, struct err *);
int	chosen_not_pushed(const struct sync *, const struct stage *,
	    int64_t files, struct err *);

#endif
