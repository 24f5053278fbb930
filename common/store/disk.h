/*
 * The disk that a path lies on: its room, and whether it outlives the
 * machine or the container.
 */
#ifndef STORE_DISK_H
#define STORE_DISK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

struct disk {
	int64_t total, free;	/* bytes; free is what is left for us */
	int used_percent;	/* as df(1) reckons it, rounded up */
	char kind[32];		/* "tmpfs", "overlay", ...; "" is not told */
	bool fleeting;		/* it goes when the machine or container goes */
};

int	disk_look(const char *path, struct disk *, struct err *);

#endif
