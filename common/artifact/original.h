/*
 * Originals of documents: what they were read from, kept as artifacts, by the
 * mode that is set (artifact_conf.h): a pointer to it, or its bytes.
 *
 * A document that came is pending ("raw_status"); then its original is put,
 * and its next version has the artifact's id and "available", or "failed":
 * also if its file holds by now what was not read ("hash").
 * Whoever is killed meanwhile leaves it pending, and the next call goes on.
 */
#ifndef ARTIFACT_ORIGINAL_H
#define ARTIFACT_ORIGINAL_H

#include <stdbool.h>
#include <stdint.h>

#include "artifact/artifact_conf.h"
#include "base/err.h"
#include "base/str.h"

struct artifacts;
struct store;

/* Of which documents the originals are wanted: by the settings of artifacts,
 * as far as they are good. */
struct original_want {
	bool all;			/* their bytes, wherever they lie */
	struct artifact_conf conf;	/* else pointers of these schemes */
};
void	original_want_read(struct original_want *, const struct store *);
void	original_want_release(struct original_want *);
/* source: a URI, or NULL. */
bool	original_wanted(const struct original_want *, const char *source);

struct originals_sums {
	int64_t kept, failed;
	struct strv why;	/* own; of the first few that failed */
};

/* Of documents whose rows came after this one. */
int	originals_keep(struct artifacts *, int64_t after,
	    struct originals_sums *, struct err *);
void	originals_sums_release(struct originals_sums *);

#endif
