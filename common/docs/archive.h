/*
 * Archives, by libarchive: each regular file in one is told of, in the order
 * of the archive, and its bytes are read from where they are.  What could
 * deceive is refused and told of, too: names that climb or begin at the root,
 * names that are there twice, links, devices, what is encrypted.
 *
 * A bomb ends by the limits: the bytes that come out, for one file and for
 * all, their ratio to those that went in (from 1 MiB on), the number of
 * entries, and how deep archives lie in each other.
 */
#ifndef DOCS_ARCHIVE_H
#define DOCS_ARCHIVE_H

#include <stdint.h>

#include "docs/in.h"
#include "docs/limits.h"

/* What archives in one another have taken together; all 0 at first. */
struct docs_spent {
	int64_t entries, bytes, nest;
};

struct docs_member {
	const char *path;	/* UTF-8, relative, without "." and "..";
				   what is not UTF-8 as %XX */
	int64_t mtime_ms;	/* INT64_MIN: not told */
	struct docs_in in;	/* good for the call only */
};

struct archive_sink {
	/* 0 to go on, whether it could be read or not; -1 ends it all. */
	int (*member)(void *, struct docs_member *, struct err *);
	/* Not to be read, and why; the path as it is made fit to print. */
	int (*refused)(void *, const char *path, const char *why,
	    struct err *);
	void *arg;
};

/*
 * in is read in order; fd, if it is not -1, is the same and may be sought in
 * (borrowed).  What has to be sought in and may not be goes to a file without
 * a name first.  name is for the file that a mere compression holds: its last
 * part without its suffix.  Returns 0; -1 with ERR_INPUT: it is broken, or
 * over a limit, and what was told of before holds; or what the sink said.
 */
int	docs_archive_read(struct docs_in *in, int fd, const char *type,
	    const char *name, const struct docs_limits *, struct docs_spent *,
	    const struct archive_sink *, struct err *);

#endif
