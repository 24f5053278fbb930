/*
 * A rate that is not exceeded, for all who share it: a bucket of bytes that
 * time fills (a token bucket; Turner, "New Directions in Communications",
 * 1986).  Who moves bytes asks first whether anything may move, and says
 * afterwards how much did; that may be more than there was, and the next one
 * waits the longer for it.  So the rate holds over any second or two,
 * whatever the pieces are.
 */
#ifndef NET_PACE_H
#define NET_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct pace {
	int64_t rate;		/* bytes a second; 0: any */
	int64_t room;		/* bytes that may move; less than 0: owed */
	int64_t at;		/* date_monotonic, when room was right */
};

void	pace_init(struct pace *, int64_t rate);
bool	pace_open(struct pace *);		/* may something move? */
void	pace_spend(struct pace *, size_t);
/* A piece that lets others have their turn, in bytes; at least 1 kB. */
size_t	pace_piece(const struct pace *);
/* Until something may move; 0: now. */
int	pace_wait_ms(struct pace *);

#endif
