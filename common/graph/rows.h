/*
 * What events and rows of knowledge bases add to a sum.
 *
 * An event: its text; its agent; who speaks (metadata.speaker), who is linked
 * by "mentions" to the names in it.
 * A row: it is an entity itself, or the document that it is a chunk of, linked
 * by "mentions" to the names in its texts, and to what its fields name (author,
 * module, files, tags ...) by relations of their own.  Rows of the memory
 * server (mem-from memory.json) are the entities and relations that they say.
 * What is withdrawn adds nothing.
 */
#ifndef GRAPH_ROWS_H
#define GRAPH_ROWS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/str.h"
#include "graph/sum.h"
#include "graph/text.h"
#include "memory/event.h"
#include "memory/record.h"

/* again: it was added before (sum_text_again). */
void	rows_event(struct sum *, struct text *, const struct event *,
	    bool again);
void	rows_record(struct sum *, struct text *, const struct record *,
	    bool again);

/* What is read of a row, in one: its texts, a line or more each; appended. */
void	rows_text(struct buf *, const struct record *);
/* Kinds of relations that its fields say; added, each once. */
void	rows_kinds(struct strv *);

#endif
