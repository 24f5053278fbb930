/*
 * The artifacts of a store, open for work: settings, providers, locks.
 */
#ifndef ARTIFACT_ARTIFACTS_H
#define ARTIFACT_ARTIFACTS_H

#include "artifact/artifact.h"
#include "artifact/artifact_conf.h"
#include "base/err.h"
#include "blob/artifact_key.h"
#include "blob/artifact_lock.h"
#include "blob/blob.h"
#include "store/scratch.h"

struct store;

struct artifacts {
	struct store *st;		/* borrowed */
	struct artifact_conf conf;
	struct blob_provider of[ARTIFACT_PROVIDERS];	/* those in use */
	struct artifact_lock lock;
	struct scratch tmp;		/* for what programs are to read */
	int64_t count;			/* names given in a scratch */
	char owner[ARTIFACT_OWNER + 1];	/* "": not asked for yet */
};

/* Settings that cannot work are refused here (ERR_INPUT). */
int	artifacts_open(struct artifacts *, struct store *, struct err *);
/*
 * The same to move bytes of local_fs as they are (mem-sync): no key is looked
 * for, no other provider.  1; 0 local_fs is not registered in this store, and
 * only what is here already may be read, or taken away.
 */
int	artifacts_open_local(struct artifacts *, struct store *, struct err *);
void	artifacts_close(struct artifacts *);

/* The provider that a row names.  ARTIFACT_NO_BACKEND: it is not registered,
 * and no other one takes its place. */
int	artifacts_provider(struct artifacts *, enum artifact_provider,
	    struct blob_provider **, struct err *);

/* What a provider is asked about the bytes of a row; borrows of it.  Takes a
 * reference of `said`, which is to be given back. */
struct blob artifacts_blob(const struct artifact *);

/* Are the bytes that a provider has of it, blob->size of them, those of this
 * SHA-256?  They are read.  1, 0; -1: nobody can tell. */
int	artifacts_compare(const struct blob_provider *, const struct blob *,
	    const uint8_t sum[HASH_LEN], struct err *);

/* What an artifact lacks to be read: 0, or -1 with ARTIFACT_NOT_MANAGED (and
 * its URI), _NOT_READY, _NOT_THERE, _NOT_FOUND. */
int	artifacts_readable(const struct artifact *, struct err *);

#endif
