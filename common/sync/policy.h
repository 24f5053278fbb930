/*
 * What becomes of sessions' files with time, in words:
 *
 *	archive after 90 days, cold after 180, delete cache after 30
 *
 *	policy	"none" | rule { "," rule }
 *	rule	verb "after" N [ day | week | month | year ], with s or without
 *	verb	"archive" | "cold" | "delete" ( AREA | "all" )
 *
 * A number alone is days; a month is 30 of them, a year 365.  A verb, and an
 * area, is named once.  Without a policy, and with "none", all is kept.
 */
#ifndef SYNC_POLICY_H
#define SYNC_POLICY_H

#include <stdint.h>

#include "base/err.h"
#include "file/file_path.h"

#define POLICY_KEEP (-1)
#define POLICY_DAYS_MAX 36500

struct policy {
	/* days, or POLICY_KEEP */
	int64_t archive, cold;
	int64_t remove[FILE_AREAS];	/* delete */
};

/* ERR_USAGE says where what is wrong.  Untouched then. */
int	policy_parse(struct policy *, const char *, struct err *);

#endif
