/*
 * The disk that a path lies on: its room, whether it outlives the machine or
 * the container, and whether it is another machine's.
 */
#ifndef STORE_DISK_H
#define STORE_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct disk {
	int64_t total, free;	/* bytes; free is what is left for us */
	int used_percent;	/* as df(1) reckons it, rounded up */
	char kind[32];		/* "tmpfs", "nfs", ...; "" is not told */
	bool fleeting;		/* it goes when the machine or container goes */
	bool network;		/* other machines may write to it, too */
};

int	disk_look(const char *path, struct disk *, struct err *);
/* Only what kind it is, one call to the system (of a file system in user
 * space, a few more). */
void	disk_look_kind(const char *path, struct disk *);
/* As if it were of this kind, as mount(8) calls it. */
void	disk_set_kind(struct disk *, const char *kind);

#endif
