/*
 * The settings of artifacts: memkit.conf(5), artifact.*, over which the
 * variables RAW_STORAGE_* and RAW_CONTENT_* of the environment win.  They are
 * read before anything is done: what is set wrongly, or not set, is told by
 * its name, and there is no default in place of it.
 */
#ifndef ARTIFACT_ARTIFACT_CONF_H
#define ARTIFACT_ARTIFACT_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "artifact/artifact.h"
#include "base/err.h"
#include "base/str.h"

struct keyring;
struct seal_key;
struct store;

#define ARTIFACT_MAX_BYTES ((int64_t)25 << 20)	/* of one, by default */
#define ARTIFACT_PREFIX "memkit"

struct artifact_conf {
	bool managed;			/* managed_blob */
	enum artifact_provider active;	/* or ARTIFACT_POINTER */
	bool known[ARTIFACT_PROVIDERS];	/* the active one, and legacy ones */
	char *prefix;			/* own */
	char *dir;			/* own; of local_fs */
	struct strv schemes;		/* own; of pointers, in small letters */
	int64_t max;			/* bytes of one artifact */
	bool codec;			/* aes_gcm */
	struct keyring *ring;		/* own; NULL until it is asked for */
	char *active_key;		/* own; its id, or NULL: the ring's */
};

/* ERR_INPUT names the key and what it may be. */
int	artifact_conf_read(struct artifact_conf *, const struct store *,
	    struct err *);
void	artifact_conf_release(struct artifact_conf *);
/* What one setting says, before it is written down: 1 it is good, 0 it is none
 * of these (artifact.maxBytes is a number as others are). */
int	artifact_conf_check(const char *key, const char *value,
	    struct err *);

/* Does the environment have keys (RAW_CONTENT_CODEC_KEYS)? */
bool	artifact_keys_given(void);
/* The ring, with these, which are in the environment no more then; opened
 * once. */
int	artifact_ring(struct artifact_conf *, const struct store *,
	    struct err *);
/* The key to seal with, or NULL: nothing is sealed.  Borrowed. */
int	artifact_active_key(struct artifact_conf *, const struct store *,
	    const struct seal_key **, struct err *);
/* One to open with, by its id. */
int	artifact_key_of(struct artifact_conf *, const struct store *,
	    const char *id, const struct seal_key **, struct err *);

/* The schemes alone. */
int	artifact_schemes_read(struct artifact_conf *, const struct store *,
	    struct err *);
/* A URI that may be pointed to: its scheme is allowed, it holds no password,
 * and is 1 to 8192 bytes of text without blanks or controls. */
#define ARTIFACT_URI_MAX 8192
int	artifact_uri_check(const struct artifact_conf *, const char *,
	    struct err *);

#endif
