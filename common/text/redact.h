/*
 * Secrets out of text before it is stored.  The rules are data:
 * share/redact.rules, embedded at build, in the form of memkit-redact(5);
 * a store's configuration may name a file of more (redact.rules).
 *
 * Clean text costs one pass: about 1 ns a byte, and for each of its words
 * that a secret could begin with some 10 ns.  The time is linear in the
 * length of any text.
 */
#ifndef TEXT_REDACT_H
#define TEXT_REDACT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"

struct redact;

/* extra: path of a file of more rules, or NULL.  ERR_INPUT names the line
 * of a bad rule, ERR_ABSENT: there is no such file. */
int	redact_new(struct redact **, const char *extra, struct err *);
void	redact_free(struct redact *);		/* takes NULL */

/*
 * Append text with each secret replaced by "[redacted:KIND]" and each
 * <private>...</private> dropped (an open one drops the rest).  Returns
 * the number of replacements; 0: nothing was appended, the text is clean.
 * What was appended is clean.  UTF-8 stays UTF-8.
 */
int	redact_text(struct redact *, struct buf *, const char *, size_t);

/*
 * The same for every string below a value (object keys stay), in place;
 * returns the number of replacements.  An object's member whose key itself
 * tells of a secret ("password": "...") is judged with its key, and so is
 * the value of {"name": "DB_PASSWORD", "value": "..."}.
 */
int	redact_json(struct redact *, json_t *);

/* Steps that patterns have taken so far: for tests of what it costs. */
uint64_t redact_steps(const struct redact *);

#endif
