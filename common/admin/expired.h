/*
 * What is older than it may become, by the settings (days; unset: kept):
 *
 *	retain.session	sessions, by their last event, value or file
 *	retain.user	facts and artifacts of a user that are of no session
 *	retain.tenant	facts of the tenant that somebody put down
 *	retain.kb	records, by their newest version
 *
 * Facts that follow from rows go with these.
 */
#ifndef ADMIN_EXPIRED_H
#define ADMIN_EXPIRED_H

#include <stdint.h>

#include "admin/erase.h"
#include "base/err.h"

#define EXPIRED_DAYS_MAX 36500

extern const char *const expired_keys[];	/* ends with NULL */

/* Of all users.  ERR_INPUT: a setting is no number of days; ERR_DENIED: who can
 * write the configuration is not us (store_obeys). */
int	expired_find(struct store *, int64_t now_ms, struct erase_targets *,
	    struct err *);

#endif
