/*
 * One setting of artifacts: of the environment, or else of the configuration.
 *
 * Only artifact_conf.c, artifact_uri.c and original_want.c include this.
 */
#ifndef ARTIFACT_ARTIFACT_CONF_OWN_H
#define ARTIFACT_ARTIFACT_CONF_OWN_H

#include "base/err.h"
#include "base/str.h"

struct artifact_conf;
struct store;

#define ARTIFACT_SCHEMES_VARIABLE "RAW_STORAGE_POINTER_URI_SCHEMES"

/* And by what name it was given. */
struct setting {
	const char *name, *value;	/* value NULL: it is not set */
};

/* variable NULL: it has none. */
struct setting artifact_set(const struct store *,
	    const char *variable, const char *key);
int	artifact_wrong(struct err *, const struct setting *,
	    const char *may);

int	artifact_schemes_set(struct artifact_conf *,
	    const struct setting *, struct err *);

/* The words of a list, by commas or blanks, appended. */
void	artifact_words(const char *list, struct strv *);

#endif
