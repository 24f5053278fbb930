/*
 * For live*.c alone: what stands around what is said ("please remember
 * that", "from now on"), and whose words it is.
 */
#ifndef LTM_LIVE_AROUND_H
#define LTM_LIVE_AROUND_H

#include <stdbool.h>
#include <stddef.h>

#include "ltm/live_match.h"
#include "ltm/live_read.h"
#include "ltm/live_rules.h"

/* Phrases that begin at from, and what is between them: where they end.  They
 * are noted in the find, which may be NULL. */
size_t	live_lead(const struct live_rules *, const struct live_text *,
	    size_t from, size_t to, struct live_find *);
/* Phrases that end at to: where they begin. */
size_t	live_tail(const struct live_rules *, const struct live_text *,
	    size_t from, size_t to, struct live_find *);
/* Is there something in [from, to) that speaks against it, of those vetoes
 * that look there?  Values have vetoes of their own. */
bool	live_veto(const struct live_rules *, const struct live_text *,
	    enum live_where, size_t from, size_t to);
/* Against a sentence. */
bool	live_sentence_vetoed(const struct live_rules *,
	    const struct live_text *, size_t from, size_t to);
/* Fills kind, len bytes, with enum live_byte. */
void	live_kinds(const struct live_rules *, const char *, size_t len,
	    unsigned char *kind);

#endif
