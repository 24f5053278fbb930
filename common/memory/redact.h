/*
 * Secrets out of text before it is stored.  The rules are data:
 * share/redact.rules, embedded at build; a store's configuration may name
 * a file of more (redact.rules).
 */
#ifndef MEMORY_REDACT_H
#define MEMORY_REDACT_H

#include <jansson.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

struct redact;

/* extra: path of a file of more rules, or NULL.  ERR_INPUT names the line
 * of a bad rule. */
int	redact_new(struct redact **, const char *extra, struct err *);
void	redact_free(struct redact *);

/*
 * Append text with each secret replaced by "[redacted:KIND]" and each
 * <private>...</private> dropped (an open one drops the rest).  Returns
 * the number of replacements; 0: nothing was appended, the text is clean.
 */
int	redact_text(struct redact *, struct buf *, const char *, size_t);

/*
 * The same for every string below a value (object keys stay), in place;
 * returns the number of replacements.  An object's member whose key itself
 * tells of a secret ("password": "...") is judged with its key.
 */
int	redact_json(struct redact *, json_t *);

#endif
