/*
 * Exports: what came in of a tenant, a user, or some sessions, as one bundle
 * (store/bundle.h), for any store to take in (import.h).
 *
 * It is made of the rows, not of the change log: so all that counts is in it,
 * whatever was trimmed of the log, and whichever node it came from.  Each line
 * is one of memkit-json(5), values and versions with their stamps.  They stand
 * in an order of what they are, not of how they are stored: two stores that
 * hold the same export the same bytes.  Behind them are the bytes of sessions'
 * files, and of artifacts of local_fs, as far as they are here.
 * memkit-store(5) has the form.
 */
#ifndef SYNC_EXPORT_H
#define SYNC_EXPORT_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct artifact;
struct file_each;
struct store;

#define EXPORT_KIND "export"
#define EXPORT_FORMAT 1			/* of its records */
#define EXPORT_MAX ((size_t)256 << 20)	/* of JSON in a part, believed */

struct export_config {
	const char *user;		/* NULL: the whole tenant */
	const struct strv *sessions;	/* of that user; NULL: all */
	bool scan;			/* first record what somebody wrote
					   among the files; it writes */
	/* Told of files whose bytes are not here, and why; may be NULL. */
	int (*no_file)(void *, const struct file_each *, const char *why,
	    struct err *);
	/* The same of artifacts of local_fs. */
	int (*no_artifact)(void *, const char *user, const struct artifact *,
	    const char *why, struct err *);
	void *arg;
	/* events so far, for a terminal; may be NULL */
	void (*progress)(int64_t);
};

/*
 * Writers of the store go on meanwhile.  The packed records lie in a scratch
 * folder of the store until they are written.  *told is the record that says
 * what is in it; own.  ERR_ABSENT: there is no such user or session;
 * ERR_INPUT: a file was changed while it was written.
 */
int	export_write(struct store *, const struct export_config *, int fd,
	    const char *name, json_t **told, struct err *);

/* The path of its part, from 1: "records/000001.jsonl.zst", appended. */
void	export_part(struct buf *, int64_t number);

#endif
