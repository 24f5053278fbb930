/*
 * Bytes of sessions' files in an export.
 *
 * Only export.c and import.c include this.
 */
#ifndef SYNC_EXPORT_FILES_H
#define SYNC_EXPORT_FILES_H

#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "file/file_row.h"
#include "sync/export.h"

struct bundle;
struct store;

struct exported_files {
	int64_t n;		/* whose bytes are in it */
	int64_t missing;	/* that count, and whose bytes are not */
};

/* "files/USER/SESSION/AREA/PATH", appended; each part as name_encode makes
 * it, and a path that makes it too long as its hash. */
void	export_file_path(struct buf *, const struct file_each *);

/* What somebody wrote into the folders of those sessions is recorded. */
int	export_files_scan(struct store *, const struct export_config *,
	    struct err *);
/* Those of a session that count, and are on the disk as recorded. */
int	export_files_add(struct store *, const struct export_config *,
	    const char *user, const char *session, struct bundle *,
	    struct exported_files *, struct err *);

#endif
