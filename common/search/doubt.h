/*
 * A doubt about an index: a file "doubt" in its folder, which whoever met a
 * damaged page leaves there, as well as it can.  Pages are compared with
 * their checksums when they are read first, and mem-index has no reason to
 * read them all; where there is a doubt it does, and has what is damaged made
 * anew.  So a search deletes nothing: it may have read a file that has been
 * replaced, and vectors may have cost money.
 */
#ifndef SEARCH_DOUBT_H
#define SEARCH_DOUBT_H

#include <stdbool.h>

#include "search/doc.h"

struct store;

void	doubt_raise(const struct store *, enum source);
bool	doubt_there(const struct store *, enum source);
void	doubt_settle(const struct store *, enum source);

#endif
