/*
 * git-config(1) syntax: `[section]`, `[section "sub"]`, `name = value`,
 * comments, quotes, continuation lines; so that `git config -f` reads and
 * edits the same file.  Sections and names ignore case, sub-sections do
 * not.  A key is "section.name" or "section.sub.name".  A name without a
 * value is "true".  [include] and [includeIf] are sections like others:
 * no other file is ever read.
 */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/str.h"

struct conf;

/* A file that is absent is empty.  ERR_INPUT names the line. */
int	conf_read(struct conf **, const char *path, struct err *);
int	conf_parse(struct conf **, const char *text, size_t len,
	    const char *name, struct err *);
void	conf_free(struct conf *);

/* The last value of a key, or dflt; borrowed. */
const char *conf_get(const struct conf *, const char *key, const char *dflt);
/*
 * 1 there, 0 absent (out untouched), -1 ERR_INPUT with the key's name.
 * Numbers take k, m, g, t (1024); booleans are true, yes, on, 1, false, no,
 * off, 0 and the empty value (false).
 */
int	conf_get_int(const struct conf *, const char *key, int64_t min,
	    int64_t max, int64_t *out, struct err *);
int	conf_get_bool(const struct conf *, const char *key, bool *out,
	    struct err *);
/* Is this value a boolean? */
bool	conf_bool(const char *value, bool *out);
/* All values of a key, in order. */
void	conf_get_all(const struct conf *, const char *key, struct strv *);
/* fn for each pair in the order of the file, until it returns non-zero. */
int	conf_each(const struct conf *, int (*fn)(void *, const char *key,
	    const char *value), void *);

/* Is this a key?  ERR_USAGE says what one looks like. */
int	conf_key_check(const char *key, struct err *);

/*
 * Change one key of a file and leave every other byte of it alone
 * (comments too; a removed value takes the rest of its line with it).
 * value NULL removes all values of the key.  Returns 1 changed, 0 it was
 * so already, -1: ERR_EXISTS when several values would become one,
 * ERR_INPUT when the file cannot be parsed, ERR_BUSY when another holds the
 * lock, a file beside it.  The file is made if it was absent.
 */
int	conf_edit(const char *path, const char *key, const char *value,
	    struct err *);

#endif
