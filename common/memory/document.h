/*
 * Documents, and the chunks that they are read in.  Both are rows of a
 * knowledge base (record.h), so that versions, copies, seals, tombstones and
 * artifacts are what they are of rows: a document under its document_id, a
 * chunk under document_id#chunk_id.
 *
 * A document names its chunks in order ("chunks").  When a version of it is
 * stored, those that it does not name are withdrawn: their next version says
 * so, and no search finds it; what was there before can be read by its time.
 * A document that is withdrawn itself names none.  Of copies that changed one
 * without knowing of each other the later document counts: a chunk of the other
 * that it does not name is not shown, nor is one whose document is not there
 * yet.
 */
#ifndef MEMORY_DOCUMENT_H
#define MEMORY_DOCUMENT_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "memory/record.h"

#define DOCUMENT_WITHDRAWN "withdrawn"	/* its status */
/* What became of its original ("raw_status", original.h). */
#define DOCUMENT_PENDING "pending"
#define DOCUMENT_AVAILABLE "available"
#define DOCUMENT_FAILED "failed"
#define CHUNK_ID_LEN 16			/* hexadecimal digits */

struct record_row;
struct store;

/* By the "type" of what came. */
enum record_kind document_kind(const json_t *);
extern const char *const record_kinds[];	/* "record" ... */
/* How much of a row's id is the document's. */
size_t	document_id_len(enum record_kind, const char *id);
/* As they are shown: type and ids first; own. */
json_t	*document_head(const struct record *);

/* Of a document or chunk on its way in: checked, its id, type and status
 * told; id is room for that of a chunk. */
int	document_names(struct record_row *, json_t *, struct buf *id,
	    struct err *);
/* Does it say what the version at this row does?  1, 0.  The time of its
 * document makes a chunk no other, what became of its original no document. */
int	document_same(struct store *, int64_t seq,
	    const struct record_row *, struct err *);
/* This version of a document is stored, and is the newest: withdraw. */
int	document_settle(struct store *, int64_t kb, const struct record_row *,
	    struct err *);

#endif
